# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: firewall reloads take our table away under traffic: it is back at once, it is said, nothing leaves in the clear, the session goes on
# topology: nat 1
# needs: ours charon-systemd swanctl pppd freeradius python3 tcpdump nft

# restored COUNT: so many times, and it is there
restored() {
	on gw nft list chain inet l2tpd out || return
	equals "$1" "$(grep -c 'table-restored' "$LAB_OUT/gw/l2tpd.log")" "restored:"
}

gateway_open c1
lac_up c1 --interval 0.05
capture switch outer-gw wire
count=0
for loss in "flush ruleset" "delete table inet l2tpd" "flush chain inet l2tpd in"; do
	count=$((count + 1))
	check "nft $loss" on gw nft "$loss"
	wait_for 10 "the table is back" restored $count
	check "traffic goes on" lac_goes_on c1
done
on c1 kill -STOP "$(pid_of c1 lac)"
check "nft flush ruleset, while nobody sends anything" on gw nft flush ruleset
wait_for 10 "the table is back" restored $((count + 1))
check "with the session that it had" gateway_has 1 session
release switch wire
check "nothing left the gateway in the clear" sent_only_ipsec wire
