# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: the scripted client works: it gets a session from xl2tpd, with each authentication method
# topology: outer 1
# needs: xl2tpd pppd python3

echo 'alice * "wonder land" *' | file gw /etc/ppp/chap-secrets 0600
echo 'alice * "wonder land" *' | file gw /etc/ppp/pap-secrets 0600
file gw /etc/xl2tpd/xl2tpd.conf <<-END
	[global]
	port = 1701
	[lns default]
	ip range = 10.20.0.10-10.20.0.20
	local ip = 10.20.0.1
	pppoptfile = /etc/ppp/options.lns
END

for method in mschapv2 chap pap; do
	case $method in
	mschapv2) option=require-mschap-v2 ;;
	*) option=require-$method ;;
	esac
	printf '%s\n' auth $option noccp ms-dns "10.0.0.53" debug "logfile /var/log/lab/pppd.log" | file gw /etc/ppp/options.lns
	on gw mkdir -p /run/xl2tpd
	start gw xl2tpd xl2tpd -D -C /run/xl2tpd/l2tp-control
	soon 10 on gw test -p /run/xl2tpd/l2tp-control
	lac_start c1 --user alice --password "wonder land" --auth $method --ping $LAN --text "with $method"
	wait_for 20 "$method: PPP is up" lac_said c1 "ppp up"
	wait_for 10 "$method: echo requests come back" lac_answered c1 10
	check "$method: hangs up in order" stop c1 lac
	stop gw xl2tpd
	soon 10 not on gw pgrep -x pppd
done
