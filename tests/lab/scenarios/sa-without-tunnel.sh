# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: SAs without a tunnel are closed after unused-sa: nobody dials, or dials again; who redials in time is served over the same SA
# topology: nat 1
# needs: ours charon-systemd swanctl pppd freeradius python3

gateway_open c1 "limits { unused-sa = $((8 * ${JOB_SLOWER:-1}))s }"
check "IPsec, and nobody dials" ike_up c1
wait_for 30 "the SA is closed" sas_are c1 0
check "charon's log has the reason" log_has gw charon 'l2tp: closing .* for l2tpd: it has no L2TP tunnel'
wait_for 10 "nothing is left" gateway_empty

lac_up c1
check "it hangs up" stop c1 lac
check "the SA is there yet" sas_are c1 1
lac_start c1 --user alice --password "wonder land" --ping $LAN
wait_for 60 "it redials over the SA that it has" lac_answered c1 80
check "which is the only one" equals 2 "$(grep -c 'sa-up' "$LAB_OUT/gw/l2tpd.log")" "SAs in all:"
check "an administrator ends the tunnel" on gw l2tpctl disconnect user alice reason "time is up"
wait_for 10 "the client was told" lac_said c1 'ppp closed'
wait_for 30 "its SA is closed, too" sas_are c1 0
wait_for 10 "nothing is left" gateway_empty
