# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: the RADIUS server goes away: who is connected stays, who comes is refused with a reason that says which server
# topology: outer 2
# needs: ours pppd freeradius python3

radius_user alice "wonder land"
radius_user bob "builder"
radius_start
gateway_conf_auth mschapv2 "timeout = 1s
tries = 2"
gateway_start
lac_start c1 --user alice --password "wonder land" --auth mschapv2 --ping $LAN --text alice
wait_for 30 "client 1 is up while the server answers" lac_answered c1 10
radius_stop
lac_start c2 --user bob --password "builder" --auth mschapv2 --give-up 40
wait_for 40 "client 2 is refused" lac_said c2 "(ppp failed|ppp closed|ended)"
wait_for 10 "the reason names the server that does not answer" gateway_failed "$RADIUS"
check "the log says so too" log_has gw l2tpd "$RADIUS"
wait_for 10 "client 1 goes on" lac_answered c1 30
start radius radiusd freeradius -f -l stdout -d /etc/raddb
wait_for 20 "the server is back" eval '[ $(grep -c "Ready to process" "$LAB_OUT/radius/radiusd.log") = 2 ]'
lac_start c2 --user bob --password "builder" --auth mschapv2 --ping $LAN --text bob
wait_for 30 "client 2 gets in" lac_answered c2 5
