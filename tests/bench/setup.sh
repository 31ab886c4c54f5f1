#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# what: instructions, time and memory of a set-up up to IPCP, ours and other servers side by side, in the lab
# where: lab
set -u
TARGETS='8 350 0.3' # million instructions a set-up, KB PSS a session, million instructions of the engine

usage() {
	cat <<-END
		usage: tests/bench/run setup [OPTION]...
		  --sessions N[,N]      how many (10,100,400)
		  --ways WAY[,WAY]      calmN: one after another, N ms of round trip; burst: all at once (calm0,calm20,burst)
		  --servers NAME[,NAME] the first is judged, and what the others are compared with
		                        (l2tpd,l2tpd-exec,xl2tpd and, if given, accel-ppp)
		  --accel-ppp DIR       an accel-ppp built with the prefix /usr and installed with DESTDIR=DIR
		  --kernel SERIES       (6.12)
		  --limit SECONDS       of the virtual machine's clock for one row (600)
		Takes root, and a build with the prefix /usr.
	END
}

sessions=10,100,400 ways=calm0,calm20,burst servers='' accel='' kernel=6.12 limit=600
while [ $# -gt 0 ]; do
	case $1 in
	--sessions) sessions=$2 ;;
	--ways) ways=$2 ;;
	--servers) servers=$2 ;;
	--accel-ppp) accel=$2 ;;
	--kernel) kernel=$2 ;;
	--limit) limit=$2 ;;
	--help) usage; exit ;;
	*) usage >&2; exit 2 ;;
	esac
	shift 2
done
[[ $sessions =~ ^[0-9]+(,[0-9]+)*$ && $ways =~ ^(calm[0-9]+|burst)(,(calm[0-9]+|burst))*$ ]] || { usage >&2; exit 2; }
servers=${servers:-l2tpd,l2tpd-exec,xl2tpd${accel:+,accel-ppp}}

"$BENCH_TREE/tests/lab/run" --count --kernel "$kernel" --build "$BENCH_BUILD" ${accel:+--layer "$accel"} --results "$BENCH_RESULTS" \
	--set BENCH_SERVERS="${servers//,/ }" --set BENCH_SESSIONS="${sessions//,/ }" --set BENCH_WAYS="${ways//,/ }" \
	--set BENCH_LIMIT_S="$limit" bench-setup
status=$?
[ $status = 77 ] && exit 77
rows=$BENCH_RESULTS/$kernel/setup.tsv
[ -e "$rows" ] || exit 1
echo
awk -v TARGETS="$TARGETS" -f "$BENCH_TREE/tests/bench/setup.awk" "$rows" | tee "$BENCH_RESULTS/setup.txt"
[ "${PIPESTATUS[0]}" = 0 ] && [ $status = 0 ]
