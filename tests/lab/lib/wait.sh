# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Checks and deadlines.  Nothing here sleeps for a fixed time in the hope that something has happened by then.

SEEN=

# A check's command says by this what it saw; it stands behind the tick.
seen() {
	SEEN=$*
}

# check WHAT COMMAND...: COMMAND has to succeed now.  A failed check ends the scenario.
check() {
	local what=$1
	shift
	say_step "$what"
	SEEN=
	if "$@" >"$LAB_OUT/last" 2>&1; then
		say_passed "$what" "$SEEN"
	else
		say_failed "$what" "$(check_detail "$@")"
		exit 1
	fi
}

# wait_for SECONDS WHAT COMMAND...: COMMAND has to succeed before the deadline; it is asked again and again.
wait_for() {
	local limit_s=$(($1 * ${JOB_SLOWER:-1})) what=$2 began=$EPOCHREALTIME
	shift 2
	say_step "$what"
	SECONDS=0
	while :; do
		SEEN=
		if "$@" >"$LAB_OUT/last" 2>&1; then
			break
		fi
		if [ "$SECONDS" -ge "$limit_s" ]; then
			say_failed "$what" "$(check_detail "$@")
not so within $limit_s s"
			exit 1
		fi
		nap 0.2
	done
	say_passed "$what" "${SEEN:+$SEEN, }$(awk "BEGIN { printf \"%.1f s\", $EPOCHREALTIME - $began }")"
}

# soon SECONDS COMMAND...: as wait_for, but silent, for use inside library functions.
soon() {
	local limit_s=$(($1 * ${JOB_SLOWER:-1})) end
	shift
	end=$((${EPOCHREALTIME%.*} + limit_s))
	until "$@" >/dev/null 2>&1; do
		[ "${EPOCHREALTIME%.*}" -ge "$end" ] && return 1
		nap 0.05
	done
}

# A pause between two looks, without a process.
exec {LAB_NOTHING}<> <(:)
nap() {
	read -r -t "$1" -u "$LAB_NOTHING" || true
}

check_detail() {
	cat "$LAB_OUT/last"
	[ -n "$SEEN" ] && echo "seen: $SEEN"
	echo "command: $*"
}

# skip REASON: the scenario cannot run here, which is neither success nor failure.
skip() {
	say_skip "$1"
	echo "$1" >"$LAB_OUT/reason"
	exit 77
}

# fail WHAT DETAIL
fail() {
	say_failed "$1" "${2:-}"
	exit 1
}

# The opposite of a command, for check and wait_for.
not() {
	! "$@"
}

# equals EXPECTED ACTUAL WHAT
equals() {
	seen "$3 $2"
	[ "$1" = "$2" ] || { echo "expected $3 $1, got $2"; return 1; }
}

# together N FUNCTION HOST...: FUNCTION HOST for each of them, N at a time; what one says is in FUNCTION.log of its host's logs.
together() {
	local limit=$1 work=$2 failures=$LAB_OUT/together-failed host ended
	declare -A running=()
	shift 2
	rm -f "$failures"
	for host; do
		if [ ${#running[@]} -ge "$limit" ]; then
			wait -n -p ended "${!running[@]}"
			unset "running[$ended]"
		fi
		mkdir -p "$LAB_OUT/$host"
		("$work" "$host") >"$LAB_OUT/$host/$work.log" 2>&1 || echo "$host" >>"$failures" &
		running[$!]=$host
	done
	wait "${!running[@]}"
	[ ! -e "$failures" ] && return
	while read -r host; do
		echo "$host: $(tail -n 3 "$LAB_OUT/$host/$work.log")"
	done <"$failures"
	return 1
}
