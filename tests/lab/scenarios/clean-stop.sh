# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: l2tpd stops: clients hear it by StopCCN and the end of their SAs; who hears nothing gets no plaintext from the gateway
# topology: nat 1
# needs: ours charon-systemd swanctl pppd freeradius python3 tcpdump nft

gateway_open c1
lac_up c1
capture switch outer-gw wire
check "l2tpd stops" gateway_stop
wait_for 10 "the client was told" lac_said c1 'ended'
wait_for 10 "its SA is closed" sas_are c1 0
check "no rule is left" equals 0 "$(on gw nft list tables | grep -c l2tpd)" "tables:"

gateway_start
wait_for 10 "the next one serves" gateway_serves
lac_up c1
tunnel=$(lac_word c1 "tunnel up" 3)
session=$(lac_word c1 "session up" 3)
# A client that hears nothing, and a charon that closes nothing.
on c1 kill -KILL "$(pid_of c1 lac)"
on gw kill -STOP "$(pid_of gw charon-systemd)"
check "l2tpd stops" gateway_stop
check "the SA stays, and some rules" on gw nft list chain inet l2tpd out
on c1 env PYTHONPATH=/lab/tree/tests/lab PYTHONDONTWRITEBYTECODE=1 python3 -m lac.forge "$GW" 1701 "$tunnel" "$session" 10.20.0.10 "$LAN" late
wait_for 10 "what the client sends is decrypted, and not quoted" on gw sh -c 'nft list chain inet l2tpd out | grep -E "packets [1-9]"'
on gw kill -CONT "$(pid_of gw charon-systemd)"
release switch wire
check "nothing left the gateway in the clear" sent_only_ipsec wire
gateway_start
wait_for 10 "the next one serves" gateway_serves
ike_down c1
lac_up c1
