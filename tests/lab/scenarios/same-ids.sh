# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: two clients behind one NAT that also choose equal tunnel and session ids: each gets its own traffic
# topology: nat 2
# needs: ours charon-systemd swanctl pppd freeradius python3
# group: core

both_listed() {
	local list
	list=$(gateway_list tunnel)
	echo "$list"
	seen "$(echo "$list" | sed -n 's/.*"tunnel-id": "\([0-9]*\)".*"peer-tunnel-id": "\([0-9]*\)".*/ours \1, the client'"'"'s \2/p' | paste -sd';' | sed 's/;/; /')"
	[ "$(echo "$list" | grep -c '"peer-tunnel-id": "1"')" = 2 ] && [ "$(echo "$list" | grep -c "\"peer\": \"$NAT:1701\"")" = 2 ]
}

radius_user alice "wonder land"
radius_user bob "builder"
radius_start
gateway_ike
gateway_conf_radius
charon_start gw
gateway_start
for client in c1 c2; do
	client_ike $client
	charon_start $client
	check "$client: IPsec" ike_up $client
done
# 20 answers in 4 s; both run while the other does.
lac_start c1 --user alice --password "wonder land" --auth mschapv2 --ping $LAN --text "for client one only"
lac_start c2 --user bob --password "builder" --auth chap --ping $LAN --text "for client two only"
wait_for 30 "client 1 is up" lac_said c1 "ppp up"
wait_for 30 "client 2 is up" lac_said c2 "ppp up"
check "equal for both: outer address, port 1701, tunnel id 1" both_listed
wait_for 20 "client 1 gets answers to its own packets only" lac_answered c1 20
wait_for 20 "client 2 too" lac_answered c2 20
check "no packet met the wrong SA" equals 0 "$(xfrm_dropped XfrmInTmplMismatch)" "mismatches counted by the kernel:"
check "client 1 hangs up in order" stop c1 lac
check "client 2 goes on" lac_answered c2 20
check "client 2 hangs up in order" stop c2 lac
wait_for 45 "nothing is left of them" gateway_empty
