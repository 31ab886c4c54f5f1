# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: a client puts another client's tunnel and session ids into its packets: none of them gets into that session
# topology: nat 2
# needs: ours charon-plugin charon-systemd swanctl pppd freeradius python3 tcpdump

# said HOST WHAT: the last word of what its lac said
said() {
	sed -n "s/^$2  *\(.*\)/\1/p" "$LAB_OUT/$1/lac.log" | tail -1
}

# forge PORT IDS-OF ADDRESS-OF TEXT: client 1 sends it to this port of the gateway, through its own SA.
forge() {
	on c1 env PYTHONPATH=/lab/tree/tests/lab PYTHONDONTWRITEBYTECODE=1 python3 -m lac.forge "$GW" "$1" \
		"${tunnel[$2]}" "${session[$2]}" "${address[$3]}" "$LAN" "$4"
}

# passed TEXT: both forms of the packet have come out of the tunnel
passed() {
	local count
	count=$(captured lan inside -A | grep -c "$1\$")
	seen "$count packets with \"$1\""
	[ "$count" = 2 ]
}

# Client 1 may send to any port of the gateway through its SA: what it sends is its own decision.
free_ports() {
	local reqid
	reqid=$(on c1 ip -o xfrm state | sed -n 's/.*reqid \([0-9]*\) .*/\1/p' | head -1)
	on c1 ip xfrm policy add src 192.168.1.11 dst "$GW" proto udp dir out priority 1 \
		tmpl proto esp reqid "$reqid" mode transport
}

radius_user alice "wonder land"
radius_user bob "builder"
radius_start
gateway_ike
gateway_conf_radius
gateway_user
charon_start gw
gateway_start
for client in c1 c2; do
	client_ike $client
	charon_start $client
	check "$client: IPsec" ike_up $client
done
lac_start c1 --user alice --password "wonder land" --ping $LAN
lac_start c2 --user bob --password "builder" --ping $LAN
wait_for 30 "client 1 is up" lac_answered c1 5
wait_for 30 "client 2 is up" lac_answered c2 5

declare -A tunnel session address
for client in c1 c2; do
	tunnel[$client]=$(said $client "tunnel up" | sed 's/peer tunnel \([0-9]*\).*/\1/')
	session[$client]=$(said $client "session up" | sed 's/peer session \([0-9]*\).*/\1/')
	address[$client]=$(said $client "ppp up" | cut -d' ' -f1)
done
capture lan eth inside udp port 9999
check "client 1 chooses the ports of its packets itself" free_ports
dropped=$(xfrm_dropped XfrmInTmplMismatch)

forge 1701 c1 c1 own-packet
wait_for 10 "with its own ids it is let through" passed own-packet
forge 1701 c2 c2 ids-of-another
forge "${tunnel[c1]}" c2 c2 own-port-ids-of-another
forge "${tunnel[c2]}" c2 c2 port-of-another
forge 1701 c1 c1 last-packet
wait_for 10 "a last packet, so that all others have been seen" passed last-packet
release lan inside
check "nothing that named client 2's session has passed" equals 0 "$(captured lan inside -A | grep -c another)" "packets:"
check "those to port 1701 met the policy of client 2's socket" equals $((dropped + 2)) "$(xfrm_dropped XfrmInTmplMismatch)" \
	"mismatches counted by the kernel:"
check "client 2 noticed nothing" lac_answered c2 5
