# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: CHILD_SAs and IKE_SAs are rekeyed by either side, IKEv1 and IKEv2, and clients authenticate again: no session is lost
# topology: nat 4
# needs: ours charon-systemd swanctl pppd python3
# option: turns 1 how often each of them
# limit: 200 + 50 * TURNS

CLIENTS=(c1 c2 c3 c4)
# Seconds that an SA lives.  Between the installation of a new one at one end and at the other its packets are lost, which takes longer where
# the machine is slow.
LIFE=$((8 * ${JOB_SLOWER:-1}))

# renews HOST child|ike|reauth NAME COUNT: TURNS times, in the background.
renews() {
	rm -f "$LAB_OUT/$1/renews.log"
	start "$1" renews python3 /lab/tree/tests/lab/lib/rekey.py "$2" "$3" "$4" "$TURNS" "$LIFE" $((30 * ${JOB_SLOWER:-1}))
}

# renewed HOST...: all of them are done, and it went well.
renewed() {
	local host last=()
	for host in "$@"; do
		last+=("$host: $(tail -n 1 "$LAB_OUT/$host/renews.log")")
		[ -e "$LAB/hosts/$host/renews.exit" ] || return 1
		[ "$(cat "$LAB/hosts/$host/renews.exit")" = 0 ] || fail "rekeying on $host" "$(cat "$LAB_OUT/$host/renews.log")"
	done
	seen "$(printf '%s\n' "${last[@]}" | paste -sd';' | sed 's/;/; /g')"
}

gateway_ike
# Where charon begins a Quick Mode it offers only what has the first Diffie-Hellman group of the list; client 1 wants none.
gateway_esp aes128-sha1
gateway_conf_patient
charon_start gw
gateway_start
client_ike c1
client_ike c2 "version = 2"
client_ike c3 "version = 2"
client_ike c4 "version = 2"
echo 'charon { make_before_break = yes }' | file c3 /etc/strongswan.d/reauth.conf
echo 'charon { make_before_break = no }' | file c4 /etc/strongswan.d/reauth.conf
for client in "${CLIENTS[@]}"; do
	charon_start "$client"
	check "$client: IPsec" ike_up "$client"
	lac_start "$client" --user alice --password "wonder land" --ping "$LAN" --interval 0.1 --text "of $client" --roam
done
for client in "${CLIENTS[@]}"; do
	wait_for 30 "$client is up" lac_answered "$client" 5
done

renews c1 child vpn 1
renews c2 child vpn 1
renews c3 reauth vpn 1
renews c4 reauth vpn 1
wait_for $((60 + 16 * TURNS)) "clients 1 (IKEv1) and 2 (IKEv2) rekey their CHILD_SA, 3 and 4 authenticate again (IKEv2)" renewed c1 c2 c3 c4
check "all go on" all_go_on 4 "${CLIENTS[@]}"
check "swanctl --load-all" on gw swanctl --load-all --noprompt
renews gw child l2tp 4
wait_for $((60 + 16 * TURNS)) "the gateway rekeys all CHILD_SAs" renewed gw
check "all go on" all_go_on 4 "${CLIENTS[@]}"
renews c1 ike vpn 1
renews c2 ike vpn 1
wait_for $((60 + 16 * TURNS)) "clients 1 and 2 rekey their IKE_SA; of IKEv1, that is a reauthentication" renewed c1 c2
check "all go on" all_go_on 4 "${CLIENTS[@]}"
renews gw ike l2tp-psk 4
wait_for $((60 + 16 * TURNS)) "the gateway rekeys all IKE_SAs" renewed gw
check "all go on" all_go_on 4 "${CLIENTS[@]}"
check "client 1 (IKEv1) has lost less than 1 %" lac_lost c1 1
check "client 2 (IKEv2)" lac_lost c2 1
check "client 3 (IKEv2, new SA before the end of the old one)" lac_lost c3 1
check "client 4 (new SA after the end of the old one): no limit" lac_lost c4
wait_for 30 "nothing but their SAs is left" gateway_has 0 tunnel
