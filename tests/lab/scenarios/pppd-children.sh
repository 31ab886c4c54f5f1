# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: a thousand children of one waiting pppd: no magic number and no challenge occurs twice, and all are the monitor's own
# topology: gateway
# needs: ours pppd python3
# limit: 900

different() {
	local status log=$LAB_OUT/gw/children.log
	on gw python3 -B /lab/tree/tests/lab/pppd/children.py --plugin "$plugin" --count "$1" >"$log" 2>&1
	status=$?
	seen "$(tail -n 1 "$log")"
	[ $status = 0 ] || tail -n 8 "$log"
	return $status
}

modprobe -a ppp_generic l2tp_ppp
echo 'nobody * "x" *' | file gw /etc/ppp/chap-secrets 0600
plugin=$(on gw find /usr/lib /usr/local/lib -path '*pppd*' -name l2tpd.so)
check "their numbers are their own" different 1000
