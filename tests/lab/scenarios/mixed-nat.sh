# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: clients of all sorts at once: behind two NATs and behind none, IPv4 and IPv6, IKEv1 and IKEv2, ports 1701 and others
# topology: gateway
# needs: ours charon-plugin charon-systemd swanctl pppd freeradius python3 tcpdump
# limit: 240

# Two homes use the same addresses inside, and c1 and c4 even the same address.  The port is that of L2TP, 0 is any; encap
# asks for ESP in UDP where no NAT does.
CLIENTS='
	c1 nat    11 IKEv1 1701
	c2 nat    12 IKEv1 0
	c3 nat    13 IKEv2 1701
	c4 nat2   11 IKEv1 1701
	c5 nat2   12 IKEv2 50000
	c6 switch 14 IKEv1 1701
	c7 switch 15 IKEv2 0     encap
	c8 ipv6   16 IKEv1 1701
	c9 ipv6   17 IKEv2 0     encap'

# Sets place, number, ike, port, encap and server of a client.
known() {
	read -r _ place number ike port encap < <(grep "$1 " <<<"$CLIENTS")
	server=$GW
	[ "$place" != ipv6 ] || server=$GW6
}

prepare() {
	known "$1"
	case $place in
	nat*) client_inside "$place" "$1" "$number" ;;
	*) client_outside "$1" "$number" ;;
	esac
	L2TP_PORT=${port#0} SERVER=$server client_ike "$1" "version = ${ike#IKEv}" ${encap:+"encap = yes"}
	charon_start "$1"
}

connect() {
	known "$1"
	ike_up "$1" || return
	SERVER=$server lac_start "$1" --user "$1" --password "password of $1" --port "$port" --give-up 600 \
		--ping $LAN --text "only $1 sends this" --interval 0.5
}

hang_up() {
	stop "$1" lac && ike_down "$1"
}

# sas_like COUNT IKE ENCAP ADDRESS: so many SAs of this version and kind with peers there
sas_like() {
	local count
	count=$(gateway_list sa | having ike-version "${2#IKEv}" | having encap "$3" | having remote "$4" | wc -l)
	[ "$count" = "$1" ] || { echo "$2, in UDP: $3, at $4: $count SAs instead of $1"; gateway_list sa; return 1; }
}

# What each of them asked for is what it has.
kinds() {
	sas_like 2 IKEv1 yes $NAT: && sas_like 1 IKEv2 yes $NAT: && sas_like 1 IKEv1 yes $NAT2: && sas_like 1 IKEv2 yes $NAT2: &&
		sas_like 1 IKEv1 no 192.0.2.14: && sas_like 1 IKEv2 yes 192.0.2.15: &&
		sas_like 1 IKEv1 no '[2001:db8::16]:' && sas_like 1 IKEv2 yes '[2001:db8::17]:' || return
	seen "3 behind one NAT, 2 behind another, 2 with IPv4 and 2 with IPv6 behind none"
}

ports() {
	local peers
	peers=$(gateway_list tunnel | sed -n 's/.*"peer": "\([^"]*\)".*/\1/p' | sort)
	echo "$peers"
	seen "$(echo "$peers" | paste -sd' ')"
	[ "$(grep -cE ':1701$' <<<"$peers")" = 5 ] && [ "$(grep -cE "^$NAT2:50000$" <<<"$peers")" = 1 ] && [ "$(grep -c . <<<"$peers")" = 9 ]
}

all_reach() {
	local host
	for host in c1 c2 c3 c4 c5 c6 c7 c8 c9; do
		lac_answered "$host" 10 || { echo "$host: $SEEN"; tail -n 3 "$LAB_OUT/$host/lac.log"; return 1; }
	done
	seen "10 echoes of each and more"
}

# A client that has hung up may object, in the clear, to what still comes.
only_ipsec() {
	local other
	other=$(captured switch wire "$OUTSIDERS and not proto 50 and not (icmp[icmptype] = icmp-unreach and dst host $GW)")
	echo "$other"
	seen "ESP: $(captured switch wire 'ip proto 50' | wc -l) packets bare, $(captured switch wire 'ip6 proto 50' | wc -l) over IPv6," \
		"$(captured switch wire 'ip and udp port 4500' | grep -c 'ESP(') in UDP, $(captured switch wire 'ip6 and udp port 4500' |
			grep -c 'ESP(') in UDP over IPv6"
	[ -z "$other" ]
}

NAT2=192.0.2.3
nat_add nat 2
nat_add nat2 3
for client in c1 c2 c3 c4 c5 c6 c7 c8 c9; do
	radius_user $client "password of $client"
done
radius_start
GATEWAY_ADDRESSES="$GW, $GW6" gateway_ike
GATEWAY_LISTEN="addresses = { $GW, $GW6 }" gateway_conf_radius
charon_start gw
gateway_start
capture switch outer-gw wire

check "nine clients, each with a charon" together 4 prepare c1 c2 c3 c4 c5 c6 c7 c8 c9
check "all connect" together 4 connect c1 c2 c3 c4 c5 c6 c7 c8 c9
wait_for 60 "each gets answers, to its own text only" all_reach
check "their SAs are what they asked for" kinds
check "their ports as well" ports
check "no packet met the wrong SA" equals 0 "$(xfrm_dropped XfrmInTmplMismatch)" "mismatches counted by the kernel:"
check "all hang up in order" together 4 hang_up c1 c2 c3 c4 c5 c6 c7 c8 c9
wait_for 60 "nothing is left of them" gateway_empty
release switch wire
check "on the wire there was nothing but IKE and ESP" only_ipsec
