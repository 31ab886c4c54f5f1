#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# what: CPU for each control message and memory for each idle tunnel, l2tpd and xl2tpd side by side
# where: network
set -u

usage() {
	cat <<-END
		usage: tests/bench/run control [--tunnels "N..."] [--seconds S] [--servers "NAME..."]
		       tests/bench/run control --lab [--tunnels "N..."] [--servers "NAME..."]
		  --tunnels "N..."     measured with so many tunnels (10 1000 5000 20000; in the lab 10 1000 4000)
		  --seconds S          ... each time for so long (5)
		  --servers "NAME..."  l2tpd xl2tpd
		  --lab                real servers in instructions, in the lab on kernel 6.12; takes root, and a build with the prefix /usr
	END
}

# HELLOs come ten at a time: a daemon that is woken for each of them mostly shows what the machine's caches have forgotten.
HELLO_RATE=2000 HELLO_BURST=10
# Nothing is to be refused that was only set up too quickly.
LIMITS='half-open = 60000 tunnel-rate = 0 tunnel-rate-per-address = 0'
sizes='' seconds=5 servers="l2tpd xl2tpd" lab=''
while [ $# -gt 0 ]; do
	case $1 in
	--lab) lab=yes; shift; continue ;;
	--tunnels) sizes=$2 ;;
	--seconds) seconds=$2 ;;
	--servers) servers=$2 ;;
	--help) usage; exit ;;
	*) usage >&2; exit 2 ;;
	esac
	shift 2
done
if [ -n "$lab" ]; then
	sizes=${sizes:-10 1000 4000} UNIT=instructions NS=1 FORMAT=%.0f
else
	sizes=${sizes:-10 1000 5000 20000} UNIT='us CPU' NS=1000 FORMAT=%.3f
fi
. "$BENCH_TREE/tests/bench/lib.sh"
repeat=${BENCH_REPEAT:-3}
declare -A cost sender memory lost why

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
	if ! kill -0 "$bench_pid" 2>/dev/null; then
		wait "$bench_pid" 2>/dev/null
		why[$key]="it died (exit status $?)"
		bench_pid=''
		return 1
	fi
	bench_stop
	take "$key" "$name" "$n"
}

# take KEY NAME TUNNELS: adds what l2tpload has seen, unless too little came up to speak of.
take() {
	local key=$1 name=$2 n=$3
	if [ "$(figure "$name" tunnels_up)" -lt $((n * 3 / 4)) ]; then
		why[$key]="$(figure "$name" tunnels_up) of $n tunnels came up;$(reasons "$name" | sort -rn | head -n 1 | tr -s ' ')"
		return 1
	fi
	cost[$key]+=" $(per_message "$name" watch)"
	sender[$key]+=" $(per_message "$name" own)"
	memory[$key]+=" $(calc "($(figure "$name" watch_up_private_bytes) - $(figure "$name" watch_start_private_bytes)) / $n" %.0f)"
	lost[$key]+=" $((n - $(figure "$name" tunnels_up) + $(figure "$name" tunnels_lost)))"
}

# per_message NAME watch|own: CPU of the server or of l2tpload
per_message() {
	calc "($(figure "$1" "$2_held_cpu_ns") - $(figure "$1" "$2_up_cpu_ns")) / $NS / $(figure "$1" held_messages)" "$FORMAT"
}

# in_lab: all servers and sizes in one virtual machine, where a nanosecond is an instruction
in_lab() {
	local server n
	echo "figures and logs: $BENCH_RESULTS"
	"$BENCH_TREE/tests/lab/run" --count --kernel 6.12 --build "$BENCH_BUILD" --results "$BENCH_RESULTS" \
		--set BENCH_SERVERS="$servers" --set BENCH_TUNNELS="$sizes" bench-control
	[ $? != 77 ] || exit 77
	BENCH_RESULTS+=/6.12
	for server in $servers; do
		for n in $sizes; do
			if [ "$(figure "$server-$n" held_messages)" = 0 ]; then
				why[$server-$n]="it died: $(head -n 1 "$BENCH_RESULTS/$server-$n.err" 2>/dev/null)"
			else
				take "$server-$n" "$server-$n" "$n"
			fi
		done
	done
}

# medians: of what all turns have given
medians() {
	local key
	for key in "${!cost[@]}"; do
		# shellcheck disable=SC2086 # numbers
		cost[$key]=$(median ${cost[$key]}) sender[$key]=$(median ${sender[$key]}) memory[$key]=$(median ${memory[$key]}) lost[$key]=$(median ${lost[$key]})
	done
}

# in_turns: sizes and servers, so that a machine whose speed changes meets both alike
in_turns() {
	local turn n server
	local -A over
	bench_begin
	case " $servers " in *" xl2tpd "*)
		command -v xl2tpd >/dev/null || { echo "xl2tpd is not here (apt install xl2tpd): l2tpd alone"; servers=l2tpd; } ;;
	esac
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
}

if [ -n "$lab" ]; then in_lab; else in_turns; fi
medians

echo
printf '%-8s %10s %22s %16s %18s %14s\n' server tunnels "$UNIT/message" "its sender's" 'bytes/idle tunnel' 'tunnels lost'
for server in $servers; do
	for n in $sizes; do
		key=$server-$n
		if [ -n "${cost[$key]:-}" ]; then
			printf '%-8s %10s %22s %16s %18s %14s\n' "$server" "$n" "${cost[$key]}" "${sender[$key]}" "${memory[$key]}" "${lost[$key]}"
		else
			printf '%-8s %10s  %s\n' "$server" "$n" "${why[$key]:-not tried: it failed with fewer}"
		fi
	done
done | tee "$BENCH_RESULTS/table.txt"

# Verdicts, from what there is
flat() {
	local n worst=0 first='' ratio
	for n in $sizes; do
		[ -n "${cost[l2tpd-$n]:-}" ] || continue
		first=${first:-${cost[l2tpd-$n]}}
		ratio=$(calc "${cost[l2tpd-$n]} / $first")
		[ "$(calc "$ratio > $worst" %d)" = 0 ] || worst=$ratio
	done
	verdict "l2tpd, $UNIT for a message at the worst number of tunnels, against ${sizes%% *} tunnels" "$worst" '<=' 1.2 times
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
	local n most='' ratio
	for n in $sizes; do
		[ "$n" -gt 5000 ] || [ -z "${cost[xl2tpd-$n]:-}" ] || [ -z "${cost[l2tpd-$n]:-}" ] || most=$n
	done
	[ -n "$most" ] || return 0
	ratio=$(calc "${cost[xl2tpd-$most]} / ${cost[l2tpd-$most]}" %.1f)
	verdict "$UNIT for a message, xl2tpd against l2tpd at $most tunnels" "$ratio" '>=' 50 times
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
