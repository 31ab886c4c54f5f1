# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: charon is killed under traffic: traffic goes on; the next charon does not know the SA: the client is told at once, nothing is left
# topology: outer 1
# kills: charon
# needs: ours charon-systemd swanctl pppd freeradius python3 tcpdump

gateway_open c1
lac_up c1
capture switch outer-gw wire
on gw kill -KILL "$(pid_of gw charon-systemd)"
wait_for 10 "l2tpd says that charon is gone" log_has gw l2tpd 'charon-gone'
check "the kernel has the SA as before" states_are gw 2
check "traffic goes on" lac_goes_on c1
check "with the session that it had" gateway_has 1 session
charon_start gw
wait_for 20 "l2tpd is connected to the next charon" gateway_serves
wait_for 10 "the client has heard that its tunnel is no more" lac_said c1 'ended *server: tunnel result 1 .*charon was restarted'
wait_for 45 "nothing is left, of the SA either" gateway_empty
release switch wire
check "nothing left the gateway in the clear" sent_only_ipsec wire
ike_down c1
lac_up c1
