# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: the main job: two identical clients behind one NAT get encrypted, authenticated sessions at once
# topology: nat 2
# needs: ours charon-systemd swanctl xl2tpd pppd freeradius tcpdump python3
# group: core
# limit: 180

both_ask_at_once() {
	local first second
	on c1 ping -n -q -c 10 -i 0.2 -W 2 $LAN >"$LAB_OUT/c1/ping.log" &
	first=$!
	on c2 ping -n -q -c 10 -i 0.2 -W 2 $LAN >"$LAB_OUT/c2/ping.log" &
	second=$!
	wait $first
	wait $second
	seen "client 1: $(sed -n 's/.*transmitted, \([0-9]*\) rec.*/\1/p' "$LAB_OUT/c1/ping.log") of 10 answered," \
		"client 2: $(sed -n 's/.*transmitted, \([0-9]*\) rec.*/\1/p' "$LAB_OUT/c2/ping.log") of 10"
	cat "$LAB_OUT"/c[12]/ping.log
	grep -q ' 10 received' "$LAB_OUT/c1/ping.log" && grep -q ' 10 received' "$LAB_OUT/c2/ping.log"
}

same_ports() {
	seen "$(gateway_list tunnel | sed -n 's/.*"peer": "\([^"]*\)".*/\1/p' | paste -sd' ')"
	[ "$SEEN" = "$NAT:1701 $NAT:1701" ]
}

own_marks() {
	local marks
	marks=$(sas gw | sed -n 's/.*\(mark [1-9][0-9]*\) .*/\1/p' | sort -u)
	seen "$(echo "$marks" | paste -sd' ')"
	[ "$(echo "$marks" | wc -l)" = 2 ]
}

# authenticated_by USER METHOD: so l2tpd says, and the RADIUS server knows of it.
authenticated_by() {
	gateway_list session | grep "\"user\": \"$1\"" | grep "\"auth\": \"$2\"" || { gateway_list session; return 1; }
	log_has radius radiusd "Login OK: \[$1"
}

only_ipsec() {
	local other
	other=$(captured switch wire "host $NAT and $OUTSIDERS")
	echo "$other"
	seen "$(captured switch wire "host $NAT and udp port 4500" | grep -c 'ESP(') of ESP in UDP," \
		"$(captured switch wire "host $NAT" | grep -c 'isakmp') of IKE, 0 others"
	[ -z "$other" ] && captured switch wire "host $NAT" | grep -q 'ESP('
}

# Somebody on the outer network calls without IPsec: the kernel drops it before anything of ours sees it.
plaintext_call() {
	local before lines dropped
	before=$(xfrm_dropped XfrmInTmplMismatch)
	lines=$(wc -l <"$LAB_OUT/gw/l2tpd.log")
	lac_start stranger --give-up 3
	soon 20 not running stranger lac
	dropped=$(($(xfrm_dropped XfrmInTmplMismatch) - before))
	tail -n "+$((lines + 1))" "$LAB_OUT/gw/l2tpd.log"
	gateway_has 2 tunnel && gateway_has 0 failure || return 1
	seen "$dropped packets dropped by the kernel, none seen by l2tpd"
	[ "$dropped" -gt 0 ] && ! grep -q 'tunnel up' "$LAB_OUT/stranger/lac.log" && [ "$(wc -l <"$LAB_OUT/gw/l2tpd.log")" = "$lines" ]
}

# one_left USER: of the two clients this one has everything, and of the other there is nothing.
one_left() {
	local what
	for what in session lease tunnel sa; do
		gateway_has 1 $what || return 1
	done
	gateway_list session | grep "\"user\": \"$1\"" || return 1
	equals 1 "$(count_of gw pppd)" "pppd processes:" || return 1
	equals 1 "$(on gw ip l2tp show tunnel | grep -c '^Tunnel')" "kernel tunnels:" || return 1
	equals 2 "$(on gw ip -o xfrm state | wc -l)" "kernel SAs:" || return 1
	seen "one session, lease, tunnel, SA, pppd and kernel tunnel, all of them $1's"
}

gateway_runs() {
	status_has '"charon": "yes"' || return 1
	seen "$(on gw l2tpd --version), $(on gw swanctl --version 2>&1 | sed -n 's/^strongSwan.* \([0-9][0-9.a-z]*\).*/strongSwan \1/p'), $(on gw pppd --version 2>&1)"
}

radius_user alice "wonder land"
radius_user bob "builder"
radius_start
gateway_ike
gateway_conf_radius
charon_start gw
gateway_start
wait_for 10 "the gateway runs: charon with our plugin, l2tpd" gateway_runs

client_ike c1
client_ike c2
client_conf c1 alice "wonder land" refuse-pap refuse-chap refuse-mschap
client_conf c2 bob "builder" refuse-pap refuse-mschap refuse-mschap-v2
host_add stranger
plug stranger outer 192.0.2.66/24
capture switch outer-gw wire

check "client 1 calls: IKEv1 main mode with a shared key" client_connect c1
wait_for 30 "client 1 is up" client_up c1
check "client 2 calls, the same way and from the same address" client_connect c2
wait_for 30 "client 2 is up" client_up c2
check "both use UDP port 1701 on both sides, behind one address" same_ports
check "their SAs have marks of their own" own_marks
check "alice was authenticated with MS-CHAPv2 by RADIUS" authenticated_by alice mschapv2
check "bob with CHAP" authenticated_by bob chap
check "both reach a host on the LAN at the same time" both_ask_at_once
check "a plaintext SCCRQ from outside is dropped" plaintext_call
check "l2tpctl show sessions" on gw l2tpctl show sessions
say_block <"$LAB_OUT/last"

client_hang_up c1
wait_for 45 "client 1 hangs up and is gone from every table" one_left bob
check "client 2 is not disturbed" reaches c2 $LAN 5
release switch wire
check "on the wire there was nothing but IKE and ESP in UDP" only_ipsec
ip link set outer-nat down
wait_for 60 "client 2's line is cut: nothing is left of anybody" gateway_empty
