# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: the kernel has no l2tp_ppp: l2tpd does not start, the message names the module and the cure, and with it all works
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
gateway_conf_local
gateway_user

# Ends by itself, with a status that a service manager takes for a failure.
refuses() {
	local answer
	if answer=$(on gw l2tpd 2>&1); then
		echo "it ended as if all were well: $answer"
		return 1
	fi
	echo "$answer"
	seen "$(grep -E -m 1 -- 'l2tp_ppp.*(modprobe|apt|blacklist)' <<<"$answer")"
	[ -n "$SEEN" ]
}

check "l2tpd refuses to start, names the module and what to do" refuses
with_module
gateway_start
lac_start c1 --user alice --password "wonder land" --ping $LAN
wait_for 30 "with the module back, it starts and a client is served" lac_answered c1 5
