# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# what: what control messages and idle tunnels cost a real server; for tests/bench/run control --lab, which explains the figures
# topology: outer 1
# needs: ours xl2tpd
# group: bench
# limit: 100000

: "${BENCH_SERVERS:=l2tpd xl2tpd}" "${BENCH_TUNNELS:=10 1000}"

LOAD=$LAB/hosts/l2tpload # in memory
cp "$(find "$LAB/stage/plain/usr" -name l2tpload -type f)" "$LOAD"
modprobe -a l2tp_ppp
# As there are limits for one address.
for i in {1..10}; do
	on c1 "$LAB/busybox" ip addr add "192.0.2.$((100 + i))/24" dev outer
done

# Nothing is to be refused that was only set up too quickly; enough ports, but no more, as some tables are as long as the range.
conf_l2tpd() {
	local most=9000 ports=20000-29999
	[ "$1" -le 5000 ] || most=60000 ports=2000-62999
	gateway_conf <<-END
		listen { addresses = $GW
		         ipsec = none
		         ports = $ports }
		l2tp { hello = 1h }
		limits { tunnels = $most
		         half-open = 60000
		         tunnel-rate = 0
		         tunnel-rate-per-address = 0 }
		pool office { addresses = 10.20.0.10-10.20.7.254 }
		lns default { pool = office
		              local-address = 10.20.0.1
		              auth = local }
	END
}

# Sets daemon to the process that speaks L2TP: of l2tpd the engine, which is not root.
find_daemon() {
	local pid pids
	counted_pids server "$1"
	for pid in "${pids[@]}"; do
		[ "$1" = l2tpd ] && [ "$(stat -c %u "/proc/$pid")" = 0 ] || daemon=$pid
	done
}

# load NAME OPTION...: in c1's network only, as it has to see the server's processes.  Its report is there whatever happens later.
load() {
	local name=$1 pid
	host_pid c1
	shift
	"$LAB/busybox" nsenter -t "$pid" -n -- "$LOAD" --sessions 0 --output kv --watch "$daemon" "$@" "$GW" \
		>"$LAB/out/$name.kv" 2>"$LAB/out/$name.err"
}

# measure SERVER TUNNELS: one report
measure() {
	local server=$1 n=$2 name=$1-$2 daemon rate=500 hellos=4000
	# Each datagram costs it a walk through all tunnels.
	[ "$server" = l2tpd ] || hellos=400 rate=100
	say_step "$server, $n tunnels"
	server_conf "$server"
	[ "$server" != l2tpd ] || conf_l2tpd "$n"
	server_start "$server" server
	find_daemon "$server"
	# What a server needs once, it takes with its first tunnel.
	load "$name-first"
	load "$name" --tunnels "$n" --shared --bind 192.0.2.101-192.0.2.110 --rate "$rate" --hold 2 --hellos "$hellos" --burst 10 --end vanish
	say_passed "$server, $n tunnels" "$(sed -n 's/^tunnels_up=//p' "$LAB/out/$name.kv") up $(head -n 1 "$LAB/out/$name.err")"
	counted_end server
}

for server in $BENCH_SERVERS; do
	for n in $BENCH_TUNNELS; do
		measure "$server" "$n"
	done
done
