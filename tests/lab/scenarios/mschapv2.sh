# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: MS-CHAPv2 with a second attempt after a wrong password
# topology: outer 2
# needs: ours pppd freeradius python3

radius_user alice "wonder land"
radius_start
gateway_conf_auth mschapv2
gateway_start

lac_start c1 --auth mschapv2 --user alice --password "looking glass" --second-password "wonder land" --ping "$LAN"
wait_for 20 "a wrong password, then the right one" lac_said c1 "authenticated"
wait_for 20 "the user is in" lac_answered c1 5
check "RADIUS saw the first" log_has radius radiusd 'Login incorrect.*alice'
check "nobody else has to know" equals 0 "$(gateway_list failure | wc -l)" failures

lac_start c2 --auth mschapv2 --user alice --password "looking glass" --second-password "through it"
wait_for 20 "two wrong ones: the client gives up" lac_said c2 "ppp failed.*E=691 R=1"
wait_for 10 "and the administrator sees why" gateway_failed 'rejected the user'
