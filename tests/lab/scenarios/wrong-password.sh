# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: a wrong password, unknown user, and method that is not allowed: who and why is listed, nothing is left
# topology: outer 3
# needs: ours pppd freeradius python3

radius_user alice "wonder land"
radius_start
gateway_conf_auth mschapv2
gateway_start
lac_start c1 --user alice --password "looking glass" --auth mschapv2
wait_for 20 "a wrong password is refused, the client is told" lac_said c1 "ppp failed.*CHAP refused"
wait_for 10 "the administrator sees it" gateway_failed 'password|rejected|refused'
check "with the user's name" eval "gateway_list failure | grep '\"user\": \"alice\"'"
check "and so does the RADIUS server" log_has radius radiusd 'Login incorrect.*alice'

lac_start c2 --user nobody --password "looking glass" --auth mschapv2
wait_for 20 "an unknown user hears the same" lac_said c2 "ppp failed.*CHAP refused"

lac_start c3 --user alice --password "wonder land" --auth pap --give-up 15
wait_for 30 "a client that only speaks PAP does not get in" lac_said c3 "ppp (closed|failed)"
wait_for 10 "the reason names the method" gateway_failed 'refuses to authenticate by MS-CHAPv2'
wait_for 45 "nothing is left of them" gateway_empty
check "l2tpctl show failures" on gw l2tpctl show failures
say_block <"$LAB_OUT/last"
