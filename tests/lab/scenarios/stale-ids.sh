# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: all of l2tpd is killed; the next run tells clients of the time before at once, by the end of their SAs, and they redial
# topology: nat 2
# kills: l2tpd
# needs: ours charon-systemd swanctl pppd freeradius python3

gateway_open c1 c2
lac_up c1
lac_up c2
on gw pkill -KILL -x l2tpd
wait_for 20 "all of it is gone" not on gw pgrep -x 'l2tpd|pppd'
gateway_start
wait_for 20 "its clients hear of it by the end of their SAs" sas_are c1 0
wait_for 5 "all of them" sas_are c2 0
wait_for 45 "nothing is left" gateway_empty
stop c1 lac KILL
stop c2 lac KILL
lac_up c1
lac_up c2
