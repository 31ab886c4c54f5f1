# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: what a set-up up to IPCP costs each server; for tests/bench/run setup, which explains the figures
# topology: outer 1
# needs: ours xl2tpd pppd tc
# group: bench
# limit: 100000

# Servers of lib/servers.sh; sessions that come up; and how: "calm" one after another, as many milliseconds away as the number
# behind it says, or "burst", all at once.
: "${BENCH_SERVERS:=l2tpd xl2tpd}" "${BENCH_SESSIONS:=10}" "${BENCH_WAYS:=calm0 calm20 burst}" "${BENCH_LIMIT_S:=600}"
# Dials a second of the calm way.  Every server has finished with one before the next, or waits for a timer.
CALM_RATE=4
ROWS=$LAB/out/setup.tsv # on the machine at once: whatever happens later, what was measured is there

load_ready c1
in_memory c1 /usr/bin/l2tpload
modprobe -a sch_netem

l2tpload() {
	on c1 l2tpload --ppp mschapv2 --timeout "$BENCH_LIMIT_S" --output kv "$@" "$GW"
}

# round_trip MS: half of it on the way out of each side; without MS it takes no time.
round_trip() {
	on c1 tc qdisc del dev outer root 2>/dev/null
	on gw tc qdisc del dev outer root 2>/dev/null
	[ "${1:-0}" = 0 ] && return
	on c1 tc qdisc add dev outer root netem delay "$(($1 / 2))ms" limit 100000
	on gw tc qdisc add dev outer root netem delay "$(($1 / 2))ms" limit 100000
}

# Sets the array `at` to microseconds: all of the server, its daemon, the daemon's other process, client, kernel threads.
look() {
	local pid uid cpu_us daemon=0 monitor=0
	counted_cpu server
	at=("$cpu_us")
	counted_pids server "$daemon_name"
	for pid in "${pids[@]}"; do
		process_cpu "$pid"
		uid=$(stat -c %u "/proc/$pid")
		if [ "$daemon_name" = l2tpd ] && [ "$uid" = 0 ]; then
			monitor=$cpu_us
		else
			daemon=$cpu_us
		fi
	done
	at+=("$daemon" "$monitor")
	counted_cpu client
	at+=("$cpu_us" "$(kernel_threads_us)")
}

# Nothing is left of an earlier session.
no_session() {
	local pids
	counted_pids server pppd
	[ ${#pids[@]} = 0 ] && no_interface
}

no_interface() {
	[ -z "$(on gw ip -o link show type ppp)" ]
}

# value FIELD: of the last report.
value() {
	sed -n "s/^$1=//p" "$LAB_OUT/load.kv"
}

# measure SERVER SESSIONS WAY: one row, and a line for people.
measure() {
	local server=$1 n=$2 way=$3 at before after pids memory_before memory_after disk i up options=()
	local daemon_name=${server%-exec}
	[ "$server" = accel-ppp ] && daemon_name=accel-pppd
	[[ $way = calm* ]] && options=(--rate "$CALM_RATE")
	say_step "$server, $n sessions, $way"
	server_conf "$server"
	server_start "$server" server
	round_trip 0
	# Every program and page that a session needs has been read once.
	counted client l2tpload --tunnels 2 --rate "$CALM_RATE" >"$LAB_OUT/$server-$n-$way.warm" 2>&1
	soon 60 no_session
	round_trip "${way//[!0-9]/}"
	read -ra memory_before < <(counted_memory server)
	look
	before=("${at[@]}")
	disk=$(disk_answers)
	counted client l2tpload --tunnels "$n" "${options[@]}" --end vanish >"$LAB_OUT/load.kv" 2>"$LAB_OUT/load.err"
	disk=$(($(disk_answers) - disk))
	look
	after=("${at[@]}")
	read -ra memory_after < <(counted_memory server)
	for i in "${!at[@]}"; do
		at[i]=$((after[i] - before[i]))
	done
	up=$(value sessions_up)
	printf '%s\t' "$server" "$n" "$way" "${up:-0}" "$(value sessions_failed)" "$(value restart_waits)" "$(value retransmissions)" \
		"$(value setups_per_s)" "$(value time_setup_p50_us)" "$(value time_setup_p99_us)" "$(value time_setup_max_us)" "${at[@]}" \
		$((memory_after[0] - memory_before[0])) >>"$ROWS"
	printf '%s\t%s\n' $((memory_after[1] - memory_before[1])) "$disk" >>"$ROWS"
	cp "$LAB_OUT/load.kv" "$LAB_OUT/$server-$n-$way.kv"
	cat "$LAB_OUT/load.err" >>"$LAB_OUT/$server-$n-$way.kv"
	say_passed "$server, $n sessions, $way" "${up:-0} up, $((up ? at[0] / up : 0)) thousand instructions each, $disk answers of the disk"
	counted_end server
	counted_end client
	soon 60 no_interface
}

for n in $BENCH_SESSIONS; do
	for server in $BENCH_SERVERS; do
		for way in $BENCH_WAYS; do
			measure "$server" "$n" "$way"
		done
	done
done
