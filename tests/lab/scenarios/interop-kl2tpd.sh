# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: kl2tpd, a client that shares no code with xl2tpd: two sessions in one tunnel, hung up from either side
# topology: nat 1
# needs: ours kl2tpd charon-systemd swanctl pppd

# dialler NAME USER PASSWORD: the options of one session's pppd, a word a line.
dialler() {
	printf '%s\n' noauth noccp nodefaultroute debug logfile "/var/log/lab/$1.log" mtu 1400 mru 1400 ipparam "$1" user "$2" password "$3" |
		file c1 "/etc/kl2tpd/$1.args" 0600
}

# sessions_up COUNT: so many users have an address, in one tunnel.
sessions_up() {
	local list
	list=$(gateway_list session)
	echo "$list"
	gateway_has 1 tunnel && equals "$1" "$(grep -c '"state": "up"' <<<"$list")" "sessions:"
}

# reaches_by NAME: through the interface of that session, whatever routes the other has
reaches_by() {
	local interface answer
	interface=$(on c1 cat "/run/lab/$1") || return 1
	answer=$(on c1 ping -n -q -c 5 -i 0.2 -W 2 -I "$interface" "$LAN")
	echo "$answer"
	seen "by $interface: $(sed -n 's/.*transmitted, \([0-9]*\) rec.*/\1/p' <<<"$answer") of 5 answered"
	grep -q ' 5 received' <<<"$answer"
}

kl2tpd_start() {
	start c1 kl2tpd kl2tpd -config /etc/kl2tpd/kl2tpd.toml -verbose
}

gateway_ike
gateway_conf <<-END
	listen { addresses = $GW }
	l2tp { hello = 5s }
	pool office { addresses = 10.20.0.10-10.20.0.19 }
	lns default { pool = office
	              local-address = 10.20.0.1
	              auth = { local, mschapv2, chap } }
END
printf '%s\n' 'alice * wonderland *' 'bob * builder *' | file gw /etc/ppp/chap-secrets 0600
# Without its option hello_timeout, with which 0.1.8 gives up any peer: it forgets to look for the acknowledgement of its HELLO.
file c1 /etc/kl2tpd/kl2tpd.toml <<-END
	[tunnel.t1]
	local = "0.0.0.0:1701"
	peer = "$GW:1701"
	version = "l2tpv2"
	encap = "udp"
	[tunnel.t1.session.one]
	pseudowire = "ppp"
	pppd_args = "/etc/kl2tpd/one.args"
	[tunnel.t1.session.two]
	pseudowire = "ppp"
	pppd_args = "/etc/kl2tpd/two.args"
END
dialler one alice wonderland
dialler two bob builder
client_ip_up c1
client_ike c1
charon_start gw
gateway_start
charon_start c1
check "IPsec" ike_up c1
kl2tpd_start
wait_for 30 "both sessions are up" sessions_up 2
wait_for 10 "the first reaches the LAN" reaches_by one
wait_for 10 "the second too" reaches_by two
check "the server ends the first" on gw l2tpctl disconnect user alice
wait_for 20 "the second is left" sessions_up 1
check "and reaches the LAN" reaches_by two

wait_for 20 "the server has asked for a sign of life" log_has c1 kl2tpd "message=recv message_type=avpMsgTypeHello"
check "kl2tpd hangs up in order" stop c1 kl2tpd INT
wait_for 10 "no session is left" gateway_has 0 session
wait_for 45 "nothing is left" gateway_empty
ike_up c1 >"$LAB_OUT/c1/ike_up.log"
kl2tpd_start
wait_for 30 "it calls again and both are up" sessions_up 2
check "l2tpd stops in order" gateway_stop
wait_for 20 "kl2tpd was told" log_has c1 kl2tpd 'session down'
check "no pppd stays behind" none_of gw pppd
