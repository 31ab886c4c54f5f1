#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# what: all clients dial at once, then vanish and dial again; none may fail
# where: network
set -u

usage() {
	cat <<-END
		usage: tests/bench/run storm [--clients N] [--rounds N] [--seed N]
		  --clients N   that dial at once (2000)
		  --rounds N    how often they vanish and dial again, same ids and ports (5)
		  --seed N      of what is random (1)
	END
}

clients=2000 rounds=5 seed=1
while [ $# -gt 0 ]; do
	case $1 in
	--clients) clients=$2 ;;
	--rounds) rounds=$2 ;;
	--seed) seed=$2 ;;
	--help) usage; exit ;;
	*) usage >&2; exit 2 ;;
	esac
	shift 2
done
. "$BENCH_TREE/tests/bench/lib.sh"

# storm NAME WHAT OPTION...
storm() {
	local name=$1 what=$2
	shift 2
	bench_l2tpd "$name" || exit 2
	bench_load "$name" --tunnels "$clients" --seed "$seed" "$@"
	echo
	echo "$what"
	echo "  tunnels up $(figure "$name" tunnels_up) of $(figure "$name" tunnels_dialled), sessions up $(figure "$name" sessions_up) of $(figure "$name" sessions_dialled)," \
		"in $(figure "$name" setting_up_s) s: $(figure "$name" setups_per_s) a second"
	echo "  SCCRQ to session up: p50 $(calc "$(figure "$name" time_setup_p50_us) / 1000" %.1f) ms," \
		"p99 $(calc "$(figure "$name" time_setup_p99_us) / 1000" %.1f) ms, max $(calc "$(figure "$name" time_setup_max_us) / 1000" %.1f) ms"
	echo "  sent again: $(figure "$name" retransmissions) by the clients, $(figure "$name" duplicates) by the server"
	echo "  server: $(calc "($(figure "$name" watch_end_cpu_ns) - $(figure "$name" watch_start_cpu_ns)) / 1e6 / $clients" %.3f) ms of CPU for each client of the last round"
	reasons "$name"
	cat "$BENCH_RESULTS/$name.err"
	verdict "failed or lost" "$(($(figure "$name" tunnels_dialled) - $(figure "$name" tunnels_up) + $(figure "$name" sessions_dialled) - \
		$(figure "$name" sessions_up) + $(figure "$name" tunnels_lost) + $(figure "$name" sessions_lost)))" == 0
	verdict "all were tried" "$(figure "$name" sessions_up)" '>=' "$clients"
	bench_stop
}

bench_begin
# 127.0.0.0/8 is an address for everybody
everywhere=127.1.0.1-127.1.$((clients / 256)).$((clients % 256))
storm once "$clients clients dial at once, each from its own address, and hang up" --bind "$everywhere"
storm shared "$clients clients dial at once from one port" --shared
# A quicker redial than after 3 s counts as a late copy of the first SCCRQ; no device starts anew in less.
storm again "$clients clients dial, vanish, and dial again with the same ids from the same ports, $rounds times" \
	--bind "$everywhere" --rounds $((rounds + 1)) --hold 3.5 --end vanish
bench_end
