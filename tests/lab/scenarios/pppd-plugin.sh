# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: our pppd plugin alone: local users, RADIUS right and wrong in every way, what the client and l2tpd are told
# topology: gateway
# needs: ours pppd freeradius python3
# limit: 600

sessions() {
	local status log=$LAB_OUT/gw/sessions-$1.log
	on gw python3 /lab/tree/tests/lab/pppd/sessions.py --plugin "$plugin" --results "/var/log/lab/$1" "$1" >"$log" 2>&1
	status=$?
	seen "$(grep -c '^ok' "$log") checks"
	grep -v '^ok' "$log"
	return $status
}

modprobe -a ppp_generic ppp_async
plugin=$(on gw find /usr/lib /usr/local/lib -path '*pppd*' -name l2tpd.so)
check "users in pppd's secrets files" sessions local
check "users of FreeRADIUS" sessions radius
check "RADIUS servers that are wrong" sessions wrong
