# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: what the charon plugin tells: up, rekey, reauthentication, NAT port change, down, snapshot; and terminate-sa
# topology: nat 2
# needs: charon-plugin charon-systemd swanctl python3

SOCKET=/run/charon.l2tp

# value FILE-OR-LINE KEY
value() {
	sed -n "s/.*\"$2\": \"\([^\"]*\)\".*/\1/p" <<<"$1"
}

# told EVENT COUNT: so many events of this kind so far; the last one stays in $event.
told() {
	local lines
	lines=$(grep "^$1 " "$LAB_OUT/gw/watch.log")
	event=${lines##*$'\n'}
	seen "$(value "$event" mark | sed 's/^/mark /') $(value "$event" reqid | sed 's/^/reqid /') $(value "$event" spi-in | sed 's/^/spi /')"
	[ -n "$lines" ] && [ "$(wc -l <<<"$lines")" = "$2" ]
}

changed_port() {
	event=$(grep '^sa-update ' "$LAB_OUT/gw/watch.log" | grep "\"mark\": \"$(value "$up" mark)\"" | tail -1)
	seen "mark $(value "$event" mark) from $(value "$event" remote) instead of $(value "$up" remote)"
	[ -n "$event" ]
}

same_mark_new_spi() {
	seen "mark $(value "$event" mark), spi $(value "$event" spi-in) after $(value "$up" spi-in)"
	[ "$(value "$event" mark)" = "$(value "$up" mark)" ] && [ "$(value "$event" reqid)" = "$(value "$up" reqid)" ] &&
		[ "$(value "$event" spi-in)" != "$(value "$up" spi-in)" ]
}

snapshot_has() {
	local list
	list=$(on gw python3 /lab/tree/tests/lab/lib/vici.py $SOCKET list-sas list-sa | grep '"mark"')
	echo "$list"
	equals "$1" "$(printf '%s' "${list:+$list$'\n'}" | wc -l)" "SAs:"
}

gateway_ike
client_ike c1
client_ike c2
gateway_absent
charon_start gw
check "the plugin is loaded" on gw test -S $SOCKET
start gw watch python3 /lab/tree/tests/lab/lib/vici.py $SOCKET watch sa-up sa-rekey sa-migrate sa-update sa-down
soon 10 grep -q watching "$LAB_OUT/gw/watch.log"
charon_start c1
charon_start c2

check "client 1: IPsec" ike_up c1
wait_for 5 "sa-up" told sa-up 1
up=$event
check "client 2: IPsec" ike_up c2
wait_for 5 "sa-up" told sa-up 2
other=$event
check "with another mark" not equals "$(value "$up" mark)" "$(value "$other" mark)" mark
check "the snapshot has both" snapshot_has 2

check "client 1 rekeys" on c1 swanctl --rekey --child vpn
wait_for 10 "sa-rekey" told sa-rekey 1
check "same mark and reqid, new SPI" same_mark_new_spi
check "client 1 authenticates again" on c1 swanctl --rekey --ike vpn --reauth
wait_for 20 "sa-migrate" told sa-migrate 1
check "same mark" equals "$(value "$up" mark)" "$(value "$event" mark)" mark

check "terminate-sa for client 2's mark" on gw python3 /lab/tree/tests/lab/lib/vici.py $SOCKET terminate-sa "mark=$(value "$other" mark)" reason=test
wait_for 10 "sa-down" told sa-down 1
check "of client 2" equals "$(value "$other" mark)" "$(value "$event" mark)" mark
wait_for 10 "client 2 was told" sas_are c2 0
check "client 1 still has its SA" sas_are c1 1
# Mappings that time out at once, and a random port for each new one: the next DPD comes from another port.
on nat sysctl -qw net.netfilter.nf_conntrack_udp_timeout=1 net.netfilter.nf_conntrack_udp_timeout_stream=1
on nat nft "flush chain ip home leave; add rule ip home leave oifname outer udp sport 4500 masquerade to :20000-29999 random"
wait_for 30 "the NAT changes its ports: sa-update" changed_port

check "client 1 goes" ike_down c1
wait_for 30 "sa-down" told sa-down 2
check "the snapshot is empty" snapshot_has 0
