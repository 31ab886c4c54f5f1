# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# FreeRADIUS with the few lines it needs, instead of the distribution's forty files.

RADIUS_SECRET="radius secret of the lab"

# radius_start: users come from the scenario by radius_user; accounting goes to detail in radius' logs.
radius_start() {
	file radius /etc/raddb/dictionary <<-'END'
		$INCLUDE /usr/share/freeradius/dictionary
	END
	on radius touch /etc/raddb/users
	file radius /etc/raddb/radiusd.conf <<-END
		raddbdir = /etc/raddb
		logdir = /var/log/lab
		run_dir = /run/freeradius
		libdir = /usr/lib/freeradius
		pidfile = /run/freeradius.pid
		log {
		        destination = stdout
		        auth = yes
		}
		security {
		        reject_delay = 0
		        status_server = yes
		}
		modules {
		        pap {
		        }
		        chap {
		        }
		        mschap {
		                use_mppe = no
		        }
		        files {
		                filename = /etc/raddb/users
		        }
		        detail {
		                filename = /var/log/lab/accounting
		        }
		}
		client gw {
		        ipaddr = 10.0.1.1
		        secret = "$RADIUS_SECRET"
		        require_message_authenticator = yes
		}
		server lab {
		        listen {
		                type = auth
		                ipaddr = *
		                port = 1812
		        }
		        listen {
		                type = acct
		                ipaddr = *
		                port = 1813
		        }
		        authorize {
		                chap
		                mschap
		                files
		                pap
		        }
		        authenticate {
		                Auth-Type PAP {
		                        pap
		                }
		                Auth-Type CHAP {
		                        chap
		                }
		                Auth-Type MS-CHAP {
		                        mschap
		                }
		        }
		        post-auth {
		                update reply {
		                        Message-Authenticator := 0x00
		                }
		                Post-Auth-Type REJECT {
		                        update reply {
		                                Message-Authenticator := 0x00
		                        }
		                }
		        }
		        preacct {
		        }
		        accounting {
		                detail
		        }
		}
	END
	start radius radiusd freeradius -f -l stdout -d /etc/raddb
	wait_for 30 "a RADIUS server" radius_ready
}

radius_ready() {
	log_has radius radiusd 'Ready to process requests' && seen "$(on radius freeradius -v | sed -n 's/.*\(FreeRADIUS Version [0-9.]*\).*/\1/p')"
}

radius_stop() {
	stop radius radiusd
}

# radius_user NAME PASSWORD [ATTRIBUTE = VALUE]...: before radius_start.
radius_user() {
	local name=$1 password=$2 attribute
	shift 2
	{
		printf '%s Cleartext-Password := "%s"\n' "$name" "$password"
		for attribute in "$@"; do
			printf '\t%s,\n' "$attribute"
		done | sed '$s/,$//'
	} | on radius sh -c 'mkdir -p /etc/raddb && cat >>/etc/raddb/users'
}
