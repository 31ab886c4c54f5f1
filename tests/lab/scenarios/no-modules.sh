# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: the kernel has no l2tp_ppp: the message names the module and the cure; nothing crashes, and it heals
# topology: outer 1
# needs: ours pppd python3

[ -z "${JOB_NATIVE:-}" ] || skip "would unload modules of this machine"

without_module() {
	echo "install l2tp_ppp /bin/false" | tee /etc/modprobe.d/lab.conf | file gw /etc/modprobe.d/lab.conf
	modprobe -r l2tp_ppp || return 1
	! grep '^l2tp_ppp' /proc/modules
}

with_module() {
	rm -f /etc/modprobe.d/lab.conf
	on gw rm -f /etc/modprobe.d/lab.conf
}
trap with_module EXIT

modprobe -q l2tp_ppp
wait_for 20 "l2tp_ppp is taken out" without_module
gateway_conf <<-END
	listen { addresses = $GW
	         ipsec = none }
	pool office { addresses = 10.20.0.10-10.20.0.99 }
	lns default { pool = office
	              local-address = 10.20.0.1
	              auth = local }
END
echo 'alice * "wonder land" *' | file gw /etc/ppp/chap-secrets 0600
gateway_start
check "the log names the module and what to do" log_has gw l2tpd 'l2tp_ppp'
check "so does the status" status_has l2tp_ppp
lac_start c1 --user alice --password "wonder land" --give-up 20
wait_for 30 "a client is turned away" lac_said c1 "ended"
wait_for 10 "the reason is listed" gateway_failed 'l2tp_ppp'
with_module
stop c1 lac
lac_start c1 --user alice --password "wonder land" --ping $LAN
wait_for 30 "with the module back, the next call works" lac_answered c1 5
