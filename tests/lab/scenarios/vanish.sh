# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: a client loses power without a word: everything of it is freed, once, and the same user gets in from elsewhere
# topology: nat 2
# needs: ours charon-systemd swanctl xl2tpd pppd freeradius

radius_user alice "wonder land"
radius_start
gateway_ike
gateway_conf_radius
charon_start gw
gateway_start
client_ike c1
client_ike c2
client_conf c1 alice "wonder land"
client_conf c2 alice "wonder land"
check "client 1 calls" client_connect c1
wait_for 30 "client 1 is up" client_up c1
check "it reaches the LAN" reaches c1 $LAN
host_off c1
wait_for 60 "everything of it is freed" gateway_empty
check "for a reason" log_has gw l2tpd 'session: down.*reason=".*(does not answer|not answered)'
check "once" equals 1 "$(grep -c 'session: down' "$LAB_OUT/gw/l2tpd.log")" "ends logged:"
check "client 2 calls, same user" client_connect c2
wait_for 30 "client 2 is up" client_up c2
check "it reaches the LAN" reaches c2 $LAN
