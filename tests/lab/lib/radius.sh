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
		                allow_retry = yes
		                passchange {
		                        local_cpw = "%{exec:/etc/raddb/change-password %{User-Name} %{MS-CHAP-New-Cleartext-Password}}"
		                }
		        }
		        exec {
		                wait = yes
		                input_pairs = request
		                shell_escape = yes
		                timeout = 10
		        }
		        files {
		                filename = /etc/raddb/users
		        }
		        \$-INCLUDE /etc/raddb/eap
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
		                \$-INCLUDE /etc/raddb/eap-authorize
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
		                \$-INCLUDE /etc/raddb/eap-authenticate
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
	# What a real site does here is its own; users may be changed by it only as long as this server runs.
	file radius /etc/raddb/change-password 0755 <<-'END'
		#!/bin/sh
		echo "$1 $2" >>/var/log/lab/new-passwords && echo OK
	END
	start radius radiusd freeradius -f -l stdout -d /etc/raddb
	wait_for 30 "a RADIUS server" radius_ready
}

# radius_eap: before radius_start: it speaks EAP, as a server with a certificate.  The method is MS-CHAPv2 unless the user has another
# EAP-Type, or the client asks for another one.  What clients need is in /etc/eap of each host that is named.
radius_eap() {
	local host name
	# shellcheck disable=SC2016
	on radius sh -ec '
		mkdir -p /etc/raddb/certs && cd /etc/raddb/certs
		for name in ca server client; do
			openssl ecparam -name prime256v1 -genkey -noout -out $name.key
		done
		openssl req -x509 -new -key ca.key -days 30 -subj "/O=Lab/CN=Lab CA" -out ca.crt
		for name in server client; do
			openssl req -new -key $name.key -subj "/O=Lab/CN=$name" | openssl x509 -req -days 30 -CA ca.crt -CAkey ca.key -CAcreateserial -out $name.crt
		done
		cat ca.crt >>server.crt' >"$LAB_OUT/radius/openssl.log" 2>&1 || fail "certificates" "$(cat "$LAB_OUT/radius/openssl.log")"
	file radius /etc/raddb/eap <<-'END'
		eap {
		        default_eap_type = mschapv2
		        md5 {
		        }
		        mschapv2 {
		        }
		        tls-config tls-common {
		                private_key_file = /etc/raddb/certs/server.key
		                certificate_file = /etc/raddb/certs/server.crt
		                ca_file = /etc/raddb/certs/ca.crt
		                fragment_size = 400
		        }
		        tls {
		                tls = tls-common
		        }
		        peap {
		                tls = tls-common
		                default_eap_type = mschapv2
		                virtual_server = lab
		        }
		}
	END
	echo eap | file radius /etc/raddb/eap-authorize
	echo eap | file radius /etc/raddb/eap-authenticate
	for host in "$@"; do
		on "$host" mkdir -p /etc/eap
		for name in ca.crt client.crt client.key; do
			on radius cat "/etc/raddb/certs/$name" | file "$host" "/etc/eap/$name" 0600
		done
	done
}

radius_ready() {
	log_has radius radiusd 'Ready to process requests' && seen "$(on radius freeradius -v | sed -n 's/.*\(FreeRADIUS Version [0-9.]*\).*/\1/p')"
}

# gateway_conf_auth AUTH [LINES]: without IPsec; users by AUTH ("": what is the default) at the lab's RADIUS server, and more lines for
# the section radius.
gateway_conf_auth() {
	gateway_conf <<-END
		listen { addresses = $GW
		         ipsec = none }
		pool office { addresses = 10.20.0.10-10.20.0.99 }
		lns default { pool = office
		              local-address = 10.20.0.1
		              ${1:+auth = $1}
		              radius = corp }
		radius corp { ${2:-}
		              server a { address = $RADIUS
		                         secret-file = /etc/l2tpd/radius.secret } }
	END
}

radius_stop() {
	stop radius radiusd
}

# radius_user NAME PASSWORD [ATTRIBUTE = VALUE]... [ATTRIBUTE := VALUE]...: before radius_start.  With "=" it is for the answer, with ":=" for
# the server itself.
radius_user() {
	local name=$1 own="Cleartext-Password := \"$2\"" reply='' attribute
	shift 2
	for attribute in "$@"; do
		case $attribute in
		*:=*) own+=", $attribute" ;;
		*) reply+=${reply:+,$'\n'}$'\t'$attribute ;;
		esac
	done
	printf '%s %s\n%s\n' "$name" "$own" "$reply" | on radius sh -c 'mkdir -p /etc/raddb && cat >>/etc/raddb/users'
}
