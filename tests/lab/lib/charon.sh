# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The distribution's charon on a host, configured through swanctl.

# charon_start HOST: with the /etc/swanctl/conf.d/*.conf that the scenario wrote, without plugins that only add noise here.
charon_start() {
	local host=$1
	file "$host" /etc/strongswan.d/lab.conf <<-END
		charon {
		        filelog { lab {
		                path = /var/log/lab/charon.log
		                time_format = %H:%M:%S
		                default = 1
		                ike = 1
		                flush_line = yes
		        } }
		        syslog { daemon { default = -1 } auth { default = -1 } }
		        retransmit_timeout = $((2 * ${JOB_SLOWER:-1}))
		        retransmit_tries = 3
		        plugins {
		                connmark { load = no }
		                forecast { load = no }
		                farp { load = no }
		                dhcp { load = no }
		                bypass-lan { load = no }
		        }
		}
		charon-systemd { journal { default = -1 } }
		swanctl { load = random openssl pem pkcs1 pubkey x509 }
	END
	[ "$host" != gw ] || file gw /etc/strongswan.d/l2tpd.conf </lab/tree/conf/strongswan-l2tp.conf
	start "$host" charon-systemd ${CHARON_ENV:+env $CHARON_ENV} charon-systemd
	soon 30 host_has "$host" /run/charon.vici || fail "charon on $host" "$(tail "$LAB_OUT/$host/charon.log" "$LAB_OUT/$host/charon-systemd.log")"
	soon 10 charon_load "$host" || fail "swanctl --load-all on $host" "$(cat "$LAB_OUT/$host/swanctl.log")"
}

charon_load() {
	on "$1" swanctl --load-all --noprompt >"$LAB_OUT/$1/swanctl.log" 2>&1
}

charon_stop() {
	stop "$1" charon-systemd
}

# gateway_ike [SAMPLE]: the gateway's connections, as our sample (compatible, modern) shows them; only the address, the
# secret and the times are the lab's.
gateway_ike() {
	sed -e "s/# local_addrs = .*/local_addrs = ${GATEWAY_ADDRESSES:-$GW}/" -e "s/# secret = .*/secret = \"the lab's shared secret\"/" \
		-e "s/dpd_delay = .*/dpd_delay = $((5 * ${JOB_SLOWER:-1}))s/" -e "s/dpd_timeout = .*/dpd_timeout = $((15 * ${JOB_SLOWER:-1}))s/" \
		"/lab/tree/conf/swanctl-l2tp-${1:-compatible}.conf" | file gw /etc/swanctl/conf.d/l2tp.conf 0600
}

# gateway_esp PROPOSALS: after gateway_ike: only these.
gateway_esp() {
	on gw sed -i "/esp_proposals = /,/\"\$/c esp_proposals = $1" /etc/swanctl/conf.d/l2tp.conf
}

# client_ike HOST [SETTING]...: what a built-in client asks for: IKEv1 main mode, transport mode for UDP 1701 to 1701.  It calls
# SERVER, and from L2TP_PORT (empty: any), where the scenario says so; settings are more of the connection, as "version = 2".
client_ike() {
	local host=$1 server=${SERVER:-$GW} port=${L2TP_PORT-1701}
	shift
	file "$host" /etc/swanctl/conf.d/l2tp.conf 0600 <<-END
		connections {
		  vpn {
		    version = 1
		    remote_addrs = $server
		    proposals = aes128-sha256-modp2048
		    dpd_delay = $((5 * ${JOB_SLOWER:-1}))s
		    $(printf '%s\n' "$@")
		    local { auth = psk }
		    remote {
		      auth = psk
		      id = $server
		    }
		    children { vpn {
		      mode = transport
		      local_ts = dynamic[17${port:+/$port}]
		      remote_ts = dynamic[17/1701]
		      esp_proposals = ${ESP:-aes128-sha1}
		      start_action = none
		    } }
		  }
		}
		secrets { ike-any { secret = "the lab's shared secret" } }
	END
}

# ike_up HOST, ike_down HOST
ike_up() {
	local said status
	said=$(on "$1" swanctl --initiate --child vpn --timeout $((20 * ${JOB_SLOWER:-1})))
	status=$?
	tail -n 5 <<<"$said"
	seen "$(sed -n 's/.*CHILD_SA .* established with //p' <<<"$said")"
	return $status
}

ike_down() {
	on "$1" swanctl --terminate --ike vpn --timeout 20 | tail -n 3
}

# sas HOST: one line for each installed CHILD_SA: peer, reqid, marks, SPIs.
sas() {
	on "$1" python3 /lab/tree/tests/lab/lib/vici.py sas
}

# sas_are HOST COUNT: so many CHILD_SAs are installed.
sas_are() {
	local list
	list=$(sas "$1")
	seen "$(echo "$list" | paste -sd';' | sed 's/;/; /g')"
	[ "$(printf '%s' "${list:+$list$'\n'}" | grep -c .)" = "$2" ] || { echo "${list:-none}"; return 1; }
	[ -n "$list" ] || seen none
}

# states_are HOST COUNT: the kernel holds so many SAs (two for each CHILD_SA).
states_are() {
	local count
	count=$(on "$1" ip -o xfrm state | wc -l)
	equals "$2" "$count" "kernel SAs:"
}
