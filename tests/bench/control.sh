#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# what: CPU for each control message and memory for each idle tunnel, l2tpd and xl2tpd side by side
# where: network
set -u

usage() {
	cat <<-END
		usage: tests/bench/run control [--tunnels "N..."] [--seconds S] [--servers "NAME..."]
		  --tunnels "N..."     measured with so many tunnels (10 1000 5000 20000)
		  --seconds S          ... each time for so long (5)
		  --servers "NAME..."  l2tpd xl2tpd
	END
}

# HELLOs come ten at a time: a daemon that is woken for each of them mostly shows what the machine's caches have forgotten.
HELLO_RATE=2000 HELLO_BURST=10
# Nothing is to be refused that was only set up too quickly.
LIMITS='half-open = 60000 tunnel-rate = 0 tunnel-rate-per-address = 0'
sizes="10 1000 5000 20000" seconds=5 servers="l2tpd xl2tpd"
while [ $# -gt 0 ]; do
	case $1 in
	--tunnels) sizes=$2 ;;
	--seconds) seconds=$2 ;;
	--servers) servers=$2 ;;
	--help) usage; exit ;;
	*) usage >&2; exit 2 ;;
	esac
	shift 2
done
. "$BENCH_TREE/tests/bench/lib.sh"
repeat=${BENCH_REPEAT:-3}
declare -A cpu_us memory lost why

# measure SERVER TUNNELS TURN: adds to the CPU for each message that it got, and to the private memory for each tunnel
measure() {
	local server=$1 n=$2 key=$1-$2 name=$1-$2-$3 rate=2000 hellos=$((HELLO_RATE * seconds)) most=9000 ports=20000-29999
	# the default range, where it is enough: some tables are as long as it is
	[ "$n" -le 5000 ] || most=60000 ports=2000-62999
	if [ "$server" = xl2tpd ]; then
		# Each datagram costs it a walk through all tunnels: at a higher pace only its losses would be measured.
		rate=200 hellos=$((hellos / 10))
		[ "$n" -le 5000 ] || rate=50 hellos=$((hellos / 10))
	fi
	"bench_$server" "$name" "tunnels = $most $LIMITS" "$ports" || { why[$key]="did not start"; return 1; }
	# What a server needs once, it takes with its first tunnel; and where clients share sockets, what the kernel does for
	# them within the server's time (this is loopback) does not depend on their number.  Ten addresses, as there are limits
	# for one.
	bench_load "$name-first" --sessions 0
	bench_load "$name" --tunnels "$n" --sessions 0 --shared --bind 127.1.0.1-127.1.0.10 --rate "$rate" --retry 0.5 --hold "$seconds" \
		--hellos "$hellos" --burst "$HELLO_BURST" --end vanish
	if ! kill -0 "$bench_pid" 2>/dev/null || [ "$(figure "$name" tunnels_up)" -lt $((n * 3 / 4)) ]; then
		why[$key]=$(failure "$name")
		bench_stop
		return 1
	fi
	bench_stop
	cpu_us[$key]+=" $(calc "($(figure "$name" watch_held_cpu_ns) - $(figure "$name" watch_up_cpu_ns)) / 1000 / $(figure "$name" held_messages)")"
	memory[$key]+=" $(calc "($(figure "$name" watch_up_private_bytes) - $(figure "$name" watch_start_private_bytes)) / $n" %.0f)"
	lost[$key]+=" $((n - $(figure "$name" tunnels_up) + $(figure "$name" tunnels_lost)))"
}

# medians: of what all turns have given
medians() {
	local key
	for key in "${!cpu_us[@]}"; do
		# shellcheck disable=SC2086 # numbers
		cpu_us[$key]=$(median ${cpu_us[$key]}) memory[$key]=$(median ${memory[$key]}) lost[$key]=$(median ${lost[$key]})
	done
}

# failure NAME: in a few words
failure() {
	local up all
	up=$(figure "$1" tunnels_up) all=$(figure "$1" tunnels)
	if ! kill -0 "$bench_pid" 2>/dev/null; then
		wait "$bench_pid" 2>/dev/null
		echo "it died (exit status $?)"
	else
		echo "$up of $all tunnels came up;$(reasons "$1" | sort -rn | head -n 1 | tr -s ' ')"
	fi
}

# Sizes and servers take turns, so that a machine whose speed changes meets both alike.
bench_begin
case " $servers " in *" xl2tpd "*)
	command -v xl2tpd >/dev/null || { echo "xl2tpd is not here (apt install xl2tpd): l2tpd alone"; servers=l2tpd; } ;;
esac
declare -A over
for ((turn = 1; turn <= repeat; turn++)); do
	for n in $sizes; do
		for server in $servers; do
			# What fails with so many fails with more; and the longest measurement is made once.
			[ -z "${over[$server]:-}" ] || continue
			[ "$server" = l2tpd ] || [ "$n" -le 5000 ] || [ "$turn" = 1 ] || continue
			echo "turn $turn: $server with $n tunnels" >&2
			measure "$server" "$n" "$turn" || over[$server]=yes
		done
	done
done
medians

echo
printf '%-8s %10s %16s %18s %14s\n' server tunnels 'us CPU/message' 'bytes/idle tunnel' 'tunnels lost'
for server in $servers; do
	for n in $sizes; do
		key=$server-$n
		if [ -n "${cpu_us[$key]:-}" ]; then
			printf '%-8s %10s %16s %18s %14s\n' "$server" "$n" "${cpu_us[$key]}" "${memory[$key]}" "${lost[$key]}"
		else
			printf '%-8s %10s  %s\n' "$server" "$n" "${why[$key]:-not tried: it failed with fewer}"
		fi
	done
done | tee "$BENCH_RESULTS/table.txt"

# Verdicts, from what there is
flat() {
	local n worst=0 first='' ratio
	for n in $sizes; do
		[ -n "${cpu_us[l2tpd-$n]:-}" ] || continue
		first=${first:-${cpu_us[l2tpd-$n]}}
		ratio=$(calc "${cpu_us[l2tpd-$n]} / $first")
		[ "$(calc "$ratio > $worst" %d)" = 0 ] || worst=$ratio
	done
	verdict "l2tpd, CPU for a message at the worst number of tunnels, against ${sizes%% *} tunnels" "$worst" '<=' 1.2 times
}

small() {
	local n
	for n in $sizes; do
		# with fewer it is the first page of each table that is measured
		[ "$n" -lt 1000 ] || [ -z "${memory[l2tpd-$n]:-}" ] ||
			verdict "l2tpd, memory for an idle tunnel at $n" "${memory[l2tpd-$n]}" '<=' 2048 bytes
	done
}

# Where xl2tpd did not get as far as 5,000, the most that it was seen with stands for it.
cheaper() {
	local n most=''
	for n in $sizes; do
		[ "$n" -gt 5000 ] || [ -z "${cpu_us[xl2tpd-$n]:-}" ] || [ -z "${cpu_us[l2tpd-$n]:-}" ] || most=$n
	done
	[ -n "$most" ] || return 0
	verdict "CPU for a message, xl2tpd against l2tpd at $most tunnels" \
		"$(calc "${cpu_us[xl2tpd-$most]} / ${cpu_us[l2tpd-$most]}" %.1f)" '>=' 50 times
}

echo
case " $servers " in *" l2tpd "*)
	for n in $sizes; do
		verdict "l2tpd, tunnels lost of $n${why[l2tpd-$n]:+ (${why[l2tpd-$n]})}" "${lost[l2tpd-$n]:-$n}" == 0
	done
	flat
	small
	cheaper
	;;
esac
bench_end
