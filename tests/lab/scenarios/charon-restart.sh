# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: charon restarts: l2tpd says so, resynchronises, ends what lost its SA, and clients get in again
# topology: nat 1
# needs: ours charon-systemd swanctl pppd freeradius python3

radius_user alice "wonder land"
radius_start
gateway_ike
gateway_conf_radius
client_ike c1
charon_start gw
gateway_start
charon_start c1
check "IPsec" ike_up c1
lac_start c1 --user alice --password "wonder land" --ping $LAN
wait_for 30 "the client is up" lac_answered c1 5

check "charon stops" charon_stop gw
wait_for 10 "the status says that charon is away" status_has '"problem": "[^"]*charon'
check "and so does the log" log_has gw l2tpd 'charon-(gone|away)'
rm -f "$LAB_OUT/gw/charon.log"
charon_start gw
wait_for 20 "l2tpd is connected again" status_has '"charon": "yes"'
wait_for 60 "the session without an SA is ended" gateway_empty
stop c1 lac
check "IPsec again" ike_up c1
lac_start c1 --user alice --password "wonder land" --ping $LAN
wait_for 30 "the client is up again" lac_answered c1 5
