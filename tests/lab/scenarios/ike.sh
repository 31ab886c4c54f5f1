# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: two clients behind one NAT get SAs of their own from packaged charon, and the mark tells them apart
# topology: nat 2
# needs: charon-systemd swanctl python3 tcpdump
# group: core

# Sends one datagram from UDP 1701 to 1701, as a client's L2TP would.
send() {
	on "$1" python3 -c 'import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 1701))
s.sendto(sys.argv[1].encode(), (sys.argv[2], 1701))' "$2" "$GW"
}

two_marks() {
	local list
	list=$(sas gw)
	echo "$list"
	seen "$(echo "$list" | sed 's/ transport.*//' | paste -sd,)"
	[ "$(echo "$list" | sed -n 's/.*mark \([1-9][0-9]*\) .*/\1/p' | sort -u | wc -l)" = 2 ]
}

# arrived CLIENT: its packet came through its own SA, which the SPI it sends with identifies.
arrived() {
	local spi mark
	spi=$(sas "$1" | sed 's#.*spi ##;s#/.*##')
	mark=$(sas gw | sed -n "s#.*mark \([0-9]*\) .*/$spi\$#\1#p")
	log_has gw listener "^$NAT:1701 mark $mark from-$1\$"
}

only_ipsec() {
	local other
	other=$(captured switch outer "$OUTSIDERS")
	echo "$other"
	seen "$(captured switch outer udp port 4500 | grep -c 'ESP(') ESP packets, $(captured switch outer | wc -l) in all"
	[ -z "$other" ] && captured switch outer udp port 4500 | grep -q 'ESP('
}

gateway_ike
client_ike c1
client_ike c2
capture switch outer-gw outer
gateway_absent
charon_start gw
charon_start c1
charon_start c2

check "client 1: IKEv1 main mode, transport mode" ike_up c1
check "client 2 as well, from the same address" ike_up c2
check "the gateway has a CHILD_SA for each, with a mark of its own" two_marks
check "no policy in the gateway's kernel" equals 0 "$(on gw ip -o xfrm policy | grep -c 'tmpl')" "policies with a template:"

start gw listener python3 -u /lab/tree/tests/lab/lib/listener.py
check "the listener stands" soon 10 grep -q listening "$LAB_OUT/gw/listener.log"
send c1 from-c1
send c2 from-c2
wait_for 10 "a packet of client 1 carries the mark of its SA" arrived c1
wait_for 10 "and one of client 2 that of its own" arrived c2
release switch outer
check "on the wire there is nothing but IKE and ESP in UDP" only_ipsec
