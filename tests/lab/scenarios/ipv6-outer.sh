# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: IPv6 outside, bare and in UDP; several addresses on two interfaces: answers come from the one that was called; no plaintext
# topology: gateway
# needs: ours charon-plugin charon-systemd swanctl pppd freeradius python3 tcpdump
# limit: 300

SECOND4=192.0.2.4 SECOND6=2001:db8::4       # of the same interface
FAR4=198.51.100.1 FAR6=2001:db8:1::1        # of another interface
EVERY="$GW, $GW6, $SECOND4, $SECOND6, $FAR4, $FAR6"

# host, its number, what it calls, how; c4 and c6 reach another interface's address through the gateway itself, c5 directly
CLIENTS="
	c1 11 $GW6     IKEv1
	c2 12 $SECOND6 IKEv2 encap
	c3 13 $SECOND4 IKEv1
	c4 14 $FAR6    IKEv2
	c5 15 $FAR6    IKEv1 encap
	c6 16 $FAR4    IKEv2 encap"

# Sets number, server, ike and encap of a client.
known() {
	read -r _ number server ike encap < <(grep "$1 " <<<"$CLIENTS")
}

prepare() {
	known "$1"
	if [ "$1" = c5 ]; then
		host_add c5
		plug c5 far "198.51.100.$number/24" "2001:db8:1::$number/64"
	else
		client_outside "$1" "$number"
		on "$1" "$LAB/busybox" ip route add default via $GW
		on "$1" "$LAB/busybox" ip -6 route add default via $GW6
	fi
	SERVER=$server client_ike "$1" "version = ${ike#IKEv}" ${encap:+"encap = yes"}
	charon_start "$1"
}

connect() {
	known "$1"
	ike_up "$1" && call "$1"
}

call() {
	known "$1"
	SERVER=$server lac_start "$1" --user "$1" --password "password of $1" --give-up 600 --ping $LAN --text "only $1 sends this" --interval 0.5
}

hang_up() {
	stop "$1" lac && ike_down "$1"
}

all_reach() {
	local host
	for host; do
		lac_answered "$host" 10 || { echo "$host: $SEEN"; tail -n 3 "$LAB_OUT/$host/lac.log"; return 1; }
	done
	seen "10 echoes of each and more"
}

# Bare only where nobody asked for UDP, and the addresses are those that were called.
as_asked() {
	local host list
	list=$(gateway_list sa)
	for host; do
		known "$host"
		[ "${server/:/}" = "$server" ] || server="[$server]"
		having local "$server:" <<<"$list" | having ike-version "${ike#IKEv}" | having encap "$([ "$encap" ] && echo yes || echo no)" |
			grep -q . || { echo "$host:"; echo "$list"; return 1; }
	done
	list=$(gateway_list tunnel | sed -n 's/.*"local": "\([^"]*\)".*/\1/p' | sort -u)
	seen "$(echo "$list" | paste -sd' ')"
}

# A client that has hung up may object, in the clear, to what still comes.
only_ipsec() {
	local other
	other=$(captured switch "$1" "$OUTSIDERS and not proto 50 and
		not (icmp[icmptype] = icmp-unreach and (dst host $GW or dst host $SECOND4 or dst host $FAR4))")
	echo "$other"
	seen "ESP over IPv6: $(captured switch "$1" 'ip6 proto 50' | wc -l) packets bare," \
		"$(captured switch "$1" 'ip6 and udp port 4500' | grep -c 'ESP(') in UDP"
	[ -z "$other" ]
}

# stranger_calls ADDRESS: without IPsec; the kernel drops it before anything of ours sees it.
stranger_calls() {
	local before lines dropped
	before=$(xfrm_dropped XfrmInTmplMismatch)
	lines=$(wc -l <"$LAB_OUT/gw/l2tpd.log")
	SERVER=$1 lac_start stranger --give-up 3
	soon 20 not running stranger lac
	dropped=$(($(xfrm_dropped XfrmInTmplMismatch) - before))
	tail -n "+$((lines + 1))" "$LAB_OUT/gw/l2tpd.log"
	cat "$LAB_OUT/stranger/lac.log"
	gateway_has 0 failure || return 1
	seen "$dropped packets dropped by the kernel, none seen by l2tpd"
	[ "$dropped" -gt 0 ] && ! grep -q 'tunnel up' "$LAB_OUT/stranger/lac.log" && [ "$(wc -l <"$LAB_OUT/gw/l2tpd.log")" = "$lines" ]
}

link_local() {
	on gw ip -6 -o addr show dev "$1" scope link | sed 's/.*inet6 \([^/]*\).*/\1/'
}

# IKE may take neighbours; the plugin says that L2TP does not, and l2tpd is not told of the SA.
link_local_sa() {
	local up=no
	SERVER="$neighbour%outer" client_ike stranger
	charon_start stranger
	ike_up stranger && up=yes
	gateway_has 0 sa || return 1
	seen "charon got no SA"
	[ $up = no ] || log_has gw charon 'link-local addresses are not served'
}

refused_in_words() {
	SERVER="$neighbour%outer" lac_start stranger --give-up 10
	soon 20 not running stranger lac
	log_has stranger lac 'link-local addresses are not served' && gateway_failed 'link-local'
}

# special_checksums: in the session that the stranger has
special_checksums() {
	on stranger env PYTHONPATH=/lab/tree/tests/lab PYTHONDONTWRITEBYTECODE=1 python3 -m lac.checksum 2001:db8::66 $GW6 \
		"$(lac_word stranger "tunnel up" 3)" "$(lac_word stranger "session up" 3)" "$(lac_word stranger "ppp up" 1)" $LAN
}

passed() {
	captured lan inside -A | grep -q "$1"
}

for client in c1 c2 c3 c4 c5 c6 stranger; do
	radius_user $client "password of $client"
done
radius_start
interface_up gw outer $SECOND4/24 $SECOND6/64
plug gw far $FAR4/24 $FAR6/64
on gw "$LAB/busybox" sysctl -q -w net.ipv6.conf.all.forwarding=1
GATEWAY_ADDRESSES=$EVERY gateway_ike
GATEWAY_LISTEN="addresses = { $EVERY }" gateway_conf_radius
charon_start gw
gateway_start
capture switch outer-gw wire
check "six clients" together 4 prepare c1 c2 c3 c4 c5 c6
check "each calls another address" together 4 connect c1 c2 c3 c4 c5 c6
wait_for 60 "each gets answers from there" all_reach c1 c2 c3 c4 c5 c6
check "the SAs and tunnels are those that were asked for" as_asked c1 c2 c3 c4 c5 c6
check "nobody was told to use another address" log_has_not gw charon 'using MOBIKE|remote endpoint changed'
check "no packet met the wrong SA" equals 0 "$(xfrm_dropped XfrmInTmplMismatch)" "mismatches counted by the kernel:"
check "all hang up in order" together 4 hang_up c1 c2 c3 c4 c5 c6
wait_for 60 "nothing is left of them" gateway_empty

gateway_stop
GATEWAY_LISTEN=" " gateway_conf_radius
gateway_start
check "the wildcards of both families instead, as by default" log_has gw l2tpd 'listening.*\[::\]:1701'
check "calls of other addresses than the first" together 4 connect c2 c3 c4
wait_for 60 "each gets answers from there again" all_reach c2 c3 c4
check "hang up in order" together 4 hang_up c2 c3 c4
wait_for 60 "nothing is left of them" gateway_empty
release switch wire
check "on the wire there was nothing but IKE and ESP" only_ipsec wire

host_add stranger
plug stranger outer 192.0.2.66/24 2001:db8::66/64
neighbour=$(link_local outer)
check "a plaintext SCCRQ over IPv6 is dropped" stranger_calls $GW6
check "one to the link-local address as well" stranger_calls "$neighbour%outer"
check "an SA with link-local addresses is refused in words" link_local_sa
charon_stop stranger

gateway_stop
GATEWAY_LISTEN="ipsec = none" gateway_conf_radius
gateway_start
check "without IPsec, the link-local address refuses in words" refused_in_words
capture lan eth inside udp port 9999
SERVER=$GW6 lac_start stranger --user stranger --password "password of stranger" --ping $LAN
wait_for 30 "L2TP over IPv6 without IPsec: every checksum is right on its way back" lac_answered stranger 10
check "packets with special checksums" special_checksums
wait_for 10 "one that becomes 0 with the tunnel's port passes" passed turns
wait_for 10 "the one sent behind it as well" passed right
release lan inside
check "0 is no checksum in IPv6: dropped" not passed none
check "hangs up in order" stop stranger lac
wait_for 30 "nothing is left" gateway_empty
