# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What benchmarks share: servers that start and end, l2tpload's figures, medians, tables and verdicts.
# A benchmark says in its head:  # what: a line for --list   # where: network (in a network of its own, if root) or lab

BENCH_PORT=1701
BENCH_LOAD=$BENCH_BUILD/tests/bench/load/l2tpload
bench_pid='' bench_missed=0

bench_begin() {
	trap bench_stop EXIT
	trap 'exit 1' INT TERM
	if [ "${BENCH_NETWORK:-}" = own ]; then
		ip link set lo up
	else
		BENCH_PORT=$((20000 + $$ % 10000)) # 1701 may be taken on this machine's own loopback
	fi
	echo "machine: $(uname -r), $(nproc) x $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
	echo "figures and logs: $BENCH_RESULTS"
}

bench_stop() {
	[ -n "$bench_pid" ] || return 0
	kill "$bench_pid" 2>/dev/null
	wait "$bench_pid" 2>/dev/null
	bench_pid=''
}

# bench_start LOG COMMAND...: a server in the background; it is there when it has said WORD (see below) in LOG.
bench_start() {
	local log=$1 word=$2 tries
	shift 2
	(ulimit -Sn "$(ulimit -Hn)"; exec "$@") >"$log" 2>&1 &
	bench_pid=$!
	for ((tries = 0; tries < 100; tries++)); do
		grep -qs "$word" "$log" && return
		kill -0 "$bench_pid" 2>/dev/null || break
		sleep 0.1
	done
	echo "$1 did not start:" >&2
	tail -n 5 "$log" >&2
	bench_stop
	return 1
}

# bench_l2tpd NAME [LIMITS [PORTS]]: our daemon as it is installed, but for what needs privileges: the kernel's tunnels, pppd and IPsec.
bench_l2tpd() {
	cat >"$BENCH_RESULTS/l2tpd.conf" <<-END
		listen { addresses = { 127.0.0.1 }
		         ipsec = none
		         ports = ${3:-2000-62999} }
		l2tp { host-name = bench
		       hello = 1h }
		limits { ${2:-} }
		pool bench { addresses = { 10.64.0.1-10.64.255.254 } }
		lns default { pool = bench }
		daemon { admin-socket = $BENCH_RESULTS/l2tpd.vici }
	END
	bench_start "$BENCH_RESULTS/$1.log" ' ready' "$BENCH_BUILD/l2tpd/l2tpd" --dry-run="$BENCH_PORT" --config "$BENCH_RESULTS/l2tpd.conf"
}

# bench_xl2tpd NAME: Debian's xl2tpd without the kernel's L2TP, which would not change what control messages cost.
bench_xl2tpd() {
	cat >"$BENCH_RESULTS/xl2tpd.conf" <<-END
		[global]
		listen-addr = 127.0.0.1
		port = $BENCH_PORT
		access control = no
		force userspace = yes
		[lns default]
		ip range = 10.64.0.1-10.64.255.254
		local ip = 10.63.0.1
		require authentication = no
		pppoptfile = /dev/null
	END
	bench_start "$BENCH_RESULTS/$1.log" 'Listening on IP address' xl2tpd -D -c "$BENCH_RESULTS/xl2tpd.conf" \
		-p "$BENCH_RESULTS/xl2tpd.pid" -C "$BENCH_RESULTS/xl2tpd.ctl" -s /dev/null
}

# bench_load NAME OPTION...: l2tpload against the server that runs, its figures in NAME.kv; its exit status.
bench_load() {
	local name=$1
	shift
	"$BENCH_LOAD" --output kv --watch "$bench_pid" "$@" "127.0.0.1:$BENCH_PORT" >"$BENCH_RESULTS/$name.kv" 2>"$BENCH_RESULTS/$name.err"
}

# figure NAME KEY: from what bench_load wrote; 0 when it is not there
figure() {
	local value
	value=$(sed -n "s/^$2=//p" "$BENCH_RESULTS/$1.kv" | head -n 1)
	echo "${value:-0}"
}

reasons() {
	sed -n 's/^reason=/    /p' "$BENCH_RESULTS/$1.kv"
}

# calc EXPRESSION [FORMAT]: arithmetic with fractions
calc() {
	awk "BEGIN { printf \"${2:-%.3f}\", ($1) }"
}

# median NUMBER...
median() {
	printf '%s\n' "$@" | sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# verdict WHAT SEEN OPERATOR LIMIT [UNIT]: one line for a target, and the exit status in the end
verdict() {
	local unit=${5:+ $5}
	if [ "$(calc "($2 $3 $4)" %d)" = 1 ]; then
		echo "met:    $1: $2$unit (target $3 $4$unit)"
	else
		echo "MISSED: $1: $2$unit (target $3 $4$unit)"
		bench_missed=1
	fi
}

bench_end() {
	bench_stop
	exit "$bench_missed"
}
