#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# what: instructions for a data packet with many tunnels, ours and other servers side by side, and beside bare ESP, in the lab
# where: lab
set -u

usage() {
	cat <<-END
		usage: tests/bench/run data [OPTION]...
		  --tunnels N[,N]       how many there are while one of them is used (1,100,1000,4000)
		  --servers NAME[,NAME] the first is judged (l2tpd,xl2tpd and, if given, accel-ppp)
		  --accel-ppp DIR       an accel-ppp built with the prefix /usr and installed with DESTDIR=DIR
		  --ciphers NAME[,NAME] ESP proposals that L2TP is compared with bare ESP in (aes128gcm16,aes128-sha1,null-sha1)
		  --count N             packets for each figure (1000)
		  --kernel SERIES       may be given twice (6.1 and 6.12)
		Takes root, and a build with the prefix /usr.
	END
}

tunnels=1,100,1000,4000 servers='' accel='' ciphers=aes128gcm16,aes128-sha1,null-sha1 count=1000 kernels=()
while [ $# -gt 0 ]; do
	case $1 in
	--tunnels) tunnels=$2 ;;
	--servers) servers=$2 ;;
	--accel-ppp) accel=$2 ;;
	--ciphers) ciphers=$2 ;;
	--count) count=$2 ;;
	--kernel) kernels+=("$2") ;;
	--help) usage; exit ;;
	*) usage >&2; exit 2 ;;
	esac
	shift 2
done
[[ $tunnels =~ ^[0-9]+(,[0-9]+)*$ && $count =~ ^[1-9][0-9]*$ ]] || { usage >&2; exit 2; }
servers=${servers:-l2tpd,xl2tpd${accel:+,accel-ppp}}
[ ${#kernels[@]} -gt 0 ] || kernels=(6.1 6.12)

# in_lab NAME [OPTION]...: the scenario, with its results in the folder NAME.
in_lab() {
	local results=$BENCH_RESULTS/$1
	shift
	# What the machine has in its folders of temporary files, the virtual one does not see.
	mkdir -p "$results/$kernel"
	cp "$BENCH_BUILD/tests/bench/data/flood" "$results/$kernel/"
	"$BENCH_TREE/tests/lab/run" --kernel "$kernel" --build "$BENCH_BUILD" --results "$results" \
		--set BENCH_CIPHERS="${ciphers//,/ }" --set BENCH_COUNT="$count" "$@" bench-data
}

status=0
for kernel in "${kernels[@]}"; do
	in_lab "$kernel" --count ${accel:+--layer "$accel"} --set BENCH_SERVERS="${servers//,/ }" --set BENCH_TUNNELS="${tunnels//,/ }"
	case $? in
	0) ;;
	77) exit 77 ;;
	*) status=1 ;;
	esac
	rows=$BENCH_RESULTS/$kernel/$kernel/data.tsv
	[ -e "$rows" ] || exit 1
	if [ -n "$ciphers" ]; then
		# The same once more by the clock, in turns, as an instruction of AES takes longer than others.
		in_lab "$kernel-time" --set BENCH_ROUNDS=9 || status=1
		cat "$BENCH_RESULTS/$kernel-time/$kernel/data.tsv" >>"$rows"
	fi
	echo
	echo "kernel $kernel"
	awk -f "$BENCH_TREE/tests/bench/data.awk" "$rows" | tee "$BENCH_RESULTS/data-$kernel.txt"
	[ "${PIPESTATUS[0]}" = 0 ] || status=1
	echo
done
exit $status
