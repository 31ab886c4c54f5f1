# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: the NAT gives live sessions another port, then another address, and a client without NAT changes its own (MOBIKE): they go on
# topology: nat 3
# needs: ours charon-systemd swanctl pppd nft python3
# limit: 300

INSIDE=(c1 c2 c3)

# forget OLD NEW: the NAT loses its mappings, as masquerading does with the address that they are of.
forget() {
	on nat ip addr del "$1/24" dev outer
	on nat ip addr add "$2/24" dev outer
}

# remapped ADDRESS PORT-REGEX COUNT: so many tunnels have this address and L2TP's own port, and their SAs such an IKE port.
remapped() {
	local tunnels sas
	tunnels=$(on gw l2tpctl show tunnels)
	sas=$(on gw l2tpctl show sas)
	echo "$tunnels"
	echo "$sas"
	seen "$(grep -oE "$1:[0-9]+" <<<"$sas" | paste -sd' ')"
	[ "$(grep -c "$1:1701" <<<"$tunnels")" = "$3" ] && [ "$(grep -cE "$1:$2 " <<<"$sas")" = "$3" ]
}

gateway_ike
gateway_conf_patient
charon_start gw
gateway_start
client_outside c4 14
# Else it would go on by IPv6 while it has no other address, where its tunnel cannot follow.
on c4 sysctl -qw net.ipv6.conf.outer.disable_ipv6=1
client_ike c1
client_ike c2 "version = 2"
client_ike c3 "version = 2" "mobike = no"
client_ike c4 "version = 2"
for client in "${INSIDE[@]}" c4; do
	charon_start "$client"
	check "$client: IPsec" ike_up "$client"
	lac_start "$client" --user alice --password "wonder land" --ping "$LAN" --interval 0.1 --text "of $client" --roam
done
for client in "${INSIDE[@]}" c4; do
	wait_for 30 "$client is up" lac_answered "$client" 5
done
check "three have the NAT's address" remapped $NAT '[0-9]+' 3

on nat nft "flush chain ip home leave; add rule ip home leave oifname outer udp sport 4500 masquerade to :20000-29999 random"
forget $NAT $NAT
wait_for 60 "the NAT gives them other ports" remapped $NAT '2[0-9]{4}' 3
check "all go on: IKEv1, IKEv2, IKEv2 without MOBIKE" all_go_on 4 "${INSIDE[@]}"

forget $NAT 192.0.2.3
wait_for 60 "the NAT has another address, and l2tpctl shows it" remapped 192.0.2.3 '2[0-9]{4}' 3
check "all go on" all_go_on 4 "${INSIDE[@]}"
check "client 1 rekeys, which is another CHILD_SA for charon, as the address is" on c1 swanctl --rekey --child vpn
check "client 2 rekeys" on c2 swanctl --rekey --child vpn
check "all go on" all_go_on 4 "${INSIDE[@]}"

on c4 ip addr del 192.0.2.14/24 dev outer
on c4 ip addr add 192.0.2.44/24 dev outer
wait_for 60 "a client without NAT has another address" remapped 192.0.2.44 '[0-9]+' 1
check "it goes on" all_go_on 4 c4

for client in "${INSIDE[@]}" c4; do
	check "$client hangs up in order" lac_lost "$client"
done
wait_for 30 "nothing but their SAs is left" gateway_has 0 tunnel
