# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: a client's IKE dies, its L2TP and PPP go on answering: DPD ends all of it, for the true reason
# topology: outer 1
# kills: charon
# needs: ours charon-systemd swanctl pppd freeradius python3

gateway_open c1
lac_up c1
on c1 kill -KILL "$(pid_of c1 charon-systemd)"
check "traffic goes on" lac_goes_on c1
wait_for 60 "DPD ends the session" gateway_has 0 session
check "for a reason" log_has gw l2tpd 'session: down.*reason=".*the peer does not answer"'
wait_for 45 "nothing is left" gateway_empty
stop c1 lac KILL
on c1 ip xfrm state flush
on c1 ip xfrm policy flush
charon_start c1
lac_up c1
