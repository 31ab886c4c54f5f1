# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: an SA is deleted by its client, or by the administrator, with the tunnel still up: all of it ends at once, for the true reason
# topology: nat 1
# needs: ours charon-systemd swanctl pppd freeradius python3 tcpdump

# ended REASON: session and tunnel have ended for it
ended() {
	log_has gw l2tpd "session: down.*reason=\"its security association is gone: $1\"" &&
		log_has gw l2tpd "tunnel: down.*reason=\"its security association is gone: $1\""
}

gateway_open c1
capture switch outer-gw wire
lac_up c1
check "the client deletes its CHILD_SA" on c1 swanctl --terminate --child vpn --timeout 20
wait_for 10 "session and tunnel end" ended "closed by the peer"
wait_for 45 "nothing is left" gateway_empty
stop c1 lac KILL
ike_down c1

lac_up c1
check "the administrator ends the IKE_SA" on gw swanctl --terminate --ike l2tp-psk --timeout 20
wait_for 10 "session and tunnel end" ended "closed by charon: terminated by an administrator.*"
wait_for 45 "nothing is left" gateway_empty
stop c1 lac KILL
release switch wire
check "nothing left the gateway in the clear" sent_only_ipsec wire
lac_up c1
