#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The storm at a tenth of its size, as a test of `make check`: the real daemon without privileges, 200 clients at once, who
# vanish and dial again.  None may fail; nothing here looks at the time it takes.
set -eu
l2tpd=./l2tpd/l2tpd load=./tests/bench/load/l2tpload
work=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null || true; rm -rf "$work"' EXIT
mkfifo "$work/said"

config() {
	cat <<-END
		listen { addresses = { 127.0.0.1 }
		         ipsec = none
		         ports = 2000-62999 }
		pool test { addresses = { 10.64.0.1-10.64.255.254 } }
		lns default { pool = test }
		daemon { admin-socket = $work/l2tpd.vici }
		peer careful { host-name = careful
		               secret-file = $work/secret }
	END
}

# start PORT: false when it does not come up there
start() {
	$l2tpd --dry-run="$1" --config "$work/conf" >"$work/said" 2>&1 &
	pid=$!
	exec 3<"$work/said"
	while read -r line <&3; do
		echo "$line" >>"$work/log"
		case $line in
		*" ready "*)
			cat <&3 >>"$work/log" &
			return 0
			;;
		esac
	done
	wait "$pid" || true
	pid=
	return 1
}

config >"$work/conf"
(umask 077 && echo sesame >"$work/secret")
for try in 1 2 3 4 5 6 7 8; do
	port=$((20000 + ($$ * 8 + try) % 10000)) # others may use one
	! start $port || break
done
[ -n "$pid" ] || { cat "$work/log"; echo "l2tpd did not start"; exit 1; }

# with_load OPTION...: 200 clients
with_load() {
	echo "l2tpload $*"
	$load --tunnels 200 "$@" 127.0.0.1:$port || { tail -n 20 "$work/log"; exit 1; }
}

with_load --sessions 2
with_load --shared
with_load --same-id --end vanish --rounds 2 --retry 0.5
with_load --hold 0.2 --hellos 400
with_load --host-name careful --secret sesame
! $load --host-name careful --secret other 127.0.0.1:$port >"$work/out" || exit 1
grep -q 'STOPCCN from the server: not authorized' "$work/out"

# Wrong usage is told, and with nobody there it says so.
! $load --tunnels none 127.0.0.1 2>"$work/err" || exit 1
grep -q 'a number from 1 to 1e+06 was expected' "$work/err"
kill "$pid"
wait "$pid" || true
pid=
! $load --retry 0.01 --timeout 1 127.0.0.1:$port >"$work/out" || exit 1
grep -q "nobody listens at the server's port" "$work/out"
