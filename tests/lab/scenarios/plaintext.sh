# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: L2TP without ESP, from the client's address, with marks, to 1701 and to the tunnel's port, IPv4 and IPv6: dropped by the kernel, and counted
# topology: outer 2
# needs: ours charon-systemd swanctl pppd freeradius python3 tcpdump

GATEWAY_LISTEN="addresses = { $GW, $GW6 }"

# plain HOST FROM TO PORT: SCCRQ, a control message and two data messages of client 1's tunnel, with its mark
plain() {
	on "$1" env PYTHONPATH=/lab/tree/tests/lab PYTHONDONTWRITEBYTECODE=1 python3 -m lac.plain "$2" "$3" "$4" "$tunnel" "$session" "$mark"
}

# dropped COUNTER COUNT WHAT COMMAND...: the kernel drops so many datagrams, and this counter has them
dropped() {
	local before counter=$1 count=$2 what=$3
	shift 3
	before=$(counter "$counter")
	check "$what" "$@"
	wait_for 5 "dropped and counted" counts "$counter" $((before + count))
}

counts() {
	equals "$2" "$(counter "$1")" "$1"
}

gateway_open c1
lac_up c1
tunnel=$(lac_word c1 "tunnel up" 3)
session=$(lac_word c1 "session up" 3)
mark=$(gateway_list sa | sed -n 's/.*"mark": "\([0-9]*\)".*/\1/p')
# Somebody else on the wire has the client's address.
on c2 sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
on c2 ip addr add 192.0.2.11/32 dev lo
capture switch outer-gw wire
dropped xfrm_in_tmpl_mismatch 4 "from the client's address to 1701" plain c2 192.0.2.11 $GW 1701
dropped nft_port 4 "to the tunnel's own port" plain c2 192.0.2.11 $GW "$tunnel"
dropped xfrm_in_tmpl_mismatch 1 "IPv6, to 1701" plain c2 2001:db8::12 $GW6 1701
dropped nft_port 4 "IPv6, to the tunnel's own port" plain c2 2001:db8::12 $GW6 "$tunnel"
dropped xfrm_in_tmpl_mismatch 1 "from a program of the gateway itself, where the mark stays" plain gw $GW $GW 1701
release switch wire
check "l2tpd has heard of none of it" equals 1 "$(counter tunnels_tried)" "tunnels tried:"
check "no stranger was answered" sent_only_ipsec wire
check "traffic goes on" lac_goes_on c1
