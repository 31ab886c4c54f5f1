# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# L2TP servers side by side under the same conditions: no IPsec, MS-CHAPv2 from /etc/ppp/chap-secrets, no compression, no scripts,
# addresses 10.20.0.10 to 10.20.7.254, quiet logs.  Each has server_NAME_conf, server_NAME_start, server_NAME_ready.

# server_conf NAME: its files on the gateway, and the one user of all clients.
server_conf() {
	echo 'user * password *' | file gw /etc/ppp/chap-secrets 0600
	on gw rm -f /etc/ppp/ip-up /etc/ppp/ip-down
	printf '%s\n' lcp-echo-failure\ 4 lcp-echo-interval\ 30 | file gw /etc/ppp/options
	"server_${1//-/_}_conf"
	[ -e "$LAB/hosts/gw/in-memory-$1" ] && return
	# shellcheck disable=SC2046 # several files
	in_memory gw $(on gw find /etc/ppp /etc/xl2tpd /etc/l2tpd /etc/accel-ppp.conf /usr/sbin/{pppd,l2tpd,xl2tpd,accel-pppd} \
		/usr/lib/pppd /usr/lib/l2tpd /usr/lib/accel-ppp /usr/share/accel-ppp -type f 2>/dev/null |
		grep -vE 'pppd/.*/(minconn|openl2tp|pass|pppoa|pppoe|rad|rp-|winbind)')
	touch "$LAB/hosts/gw/in-memory-$1"
}

# server_start NAME GROUP: its processes are that group of count.sh.
server_start() {
	counted "$2" "server_${1//-/_}_start"
	soon 60 "server_${1//-/_}_ready" || fail "$1 starts" "$(tail "$LAB_OUT"/gw/*.log)"
}

server_l2tpd_conf() {
	gateway_conf <<-END
		${1:-}
		listen { addresses = $GW
		         ipsec = none }
		pool office { addresses = 10.20.0.10-10.20.7.254 }
		lns default { pool = office
		              local-address = 10.20.0.1
		              auth = local }
	END
}

server_l2tpd_exec_conf() {
	server_l2tpd_conf "daemon { pppd-start = exec }"
}

server_l2tpd_exec_start() {
	server_l2tpd_start
}

server_l2tpd_exec_ready() {
	server_l2tpd_ready
}

server_l2tpd_start() {
	start gw l2tpd l2tpd
}

server_l2tpd_ready() {
	on gw test -S /run/l2tpd/l2tpd.vici
}

server_xl2tpd_conf() {
	file gw /etc/xl2tpd/xl2tpd.conf <<-END
		[global]
		port = 1701
		[lns default]
		ip range = 10.20.0.10-10.20.7.254
		local ip = 10.20.0.1
		pppoptfile = /etc/ppp/options.lns
	END
	printf '%s\n' auth require-mschap-v2 noccp novj novjccomp noipv6 nolog "mtu 1400" "mru 1400" | file gw /etc/ppp/options.lns
}

server_xl2tpd_start() {
	on gw mkdir -p /run/xl2tpd
	start gw xl2tpd xl2tpd -D -C /run/xl2tpd/l2tp-control
}

server_xl2tpd_ready() {
	on gw test -p /run/xl2tpd/l2tp-control
}

# From --layer: an accel-ppp built with the prefix /usr.
server_accel_ppp_conf() {
	file gw /etc/accel-ppp.conf <<-END
		[modules]
		log_file
		l2tp
		auth_mschap_v2
		chap-secrets
		ippool
		[core]
		log-error=/var/log/lab/accel-core.log
		thread-count=1
		[log]
		log-file=/var/log/lab/accel-ppp.log
		level=2
		[ppp]
		mtu=1400
		mru=1400
		ccp=0
		mppe=deny
		ipv4=require
		ipv6=deny
		lcp-echo-interval=30
		lcp-echo-failure=4
		[l2tp]
		bind=$GW
		[client-ip-range]
		disable
		[ip-pool]
		gw-ip-address=10.20.0.1
		10.20.0.10-254
		10.20.1.0/24
		10.20.2.0/24
		10.20.3.0/24
		10.20.4.0/22
		[chap-secrets]
		chap-secrets=/etc/ppp/chap-secrets
		gw-ip-address=10.20.0.1
		[cli]
	END
}

server_accel_ppp_start() {
	start gw accel-ppp accel-pppd -c /etc/accel-ppp.conf
}

server_accel_ppp_ready() {
	on gw "$LAB/busybox" netstat -lun | grep -q ':1701 '
}
