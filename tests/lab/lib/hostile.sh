# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For scenarios with hostile clients: the attacks, and what the server must be like during and after each.

HOSTILE_NET=198.18.0.0/16 # addresses that the stranger calls from, when it has many

# hostile_start HOST OPTION... WHAT...: begins; see tests/lab/lac/hostile.py.
hostile_start() {
	local host=$1
	shift
	rm -f "$LAB_OUT/$host/hostile.log"
	start "$host" hostile env PYTHONPATH=/lab/tree/tests/lab PYTHONDONTWRITEBYTECODE=1 python3 -u -m lac.hostile --server "$GW" "$@"
}

# hostile_done HOST: it came to its end; what it sent is what was seen.
hostile_done() {
	log_has "$1" hostile '^done ' || { tail "$LAB_OUT/$1/hostile.log"; return 1; }
	seen "$(sed -n 's/^done [^:]*: //p' "$LAB_OUT/$1/hostile.log")"
}

# hostile HOST OPTION... WHAT...: both.
hostile() {
	hostile_start "$@"
	soon 150 not running "$1" hostile
	hostile_done "$1"
}

# many_addresses HOST: it has all of HOSTILE_NET, and the gateway knows the way.
many_addresses() {
	on "$1" ip route add local $HOSTILE_NET dev lo
	on gw ip route add $HOSTILE_NET via "$2"
}

# engine_kib: memory that the engine has for itself: what of its heap is in memory, and the whole size of what else it has asked for, as
# the tables by tunnel and session id.  How many pages of these have been touched is the luck of the ids, and will be all of them in the end.
engine_kib() {
	on gw cat "/proc/$(engine_pid)/smaps" | awk '
		/^[0-9a-f]+-[0-9a-f]+ / { heap = $6 == "[heap]"; table = $2 == "rw-p" && $6 == "" }
		/^Size:/ && table || /^Anonymous:/ && heap { kib += $2 }
		END { print kib }'
}

# honest WHEN: a client of good will gets in and is served, though this client has to share the machine with the attack.
honest() {
	local when=$1
	lac_start c2 --user bob --password builder --auth chap --ping "$LAN" --count 10
	wait_for 5 "$when: an honest client is up" lac_said c2 "ppp up"
	wait_for 10 "$when: it reaches the LAN" lac_answered c2 10
	check "$when: it was heard" honest_heard
	soon 10 not running c2 lac
}

# honest_heard: hardly anything of the set-up had to be said again.
honest_heard() {
	seen "$(lac_said c2 took && echo "$SEEN")"
	[ "$(sed -n 's/^took .* \([0-9]*\) messages sent again.*/\1/p' "$LAB_OUT/c2/lac.log")" -le $((2 * ${JOB_SLOWER:-1})) ]
}

# log_lines: how many are l2tpd's own; pppds write there too, as many as are started.
log_lines() {
	grep -acE '^[0-9-]+ [0-9:]+ (error|warn|info) ' "$LAB_OUT/gw/l2tpd.log"
}

lines_below() {
	local lines
	lines=$(log_lines)
	seen "$lines lines"
	[ "$lines" -le "$1" ]
}

# unharmed WHEN DATAGRAMS: the same engine runs, and of so many that were sent so far not one in fifty has made a line in the log.  What
# limits the lines counts them by time, of which a slow machine has more.
unharmed() {
	check "$1: the same engine runs" equals "$engine" "$(engine_pid)" "process"
	check "$1: the log has not grown by much" lines_below $((lines_before + $2 / 50 * ${JOB_SLOWER:-1}))
}

# memory_back WHEN BEFORE_KIB MORE_KIB: hardly any memory is left of what is gone.  Some is, but not for every attack anew: the list of
# failures, and gaps between what stays.
memory_back() {
	check "$1: memory is back" memory_within "$2" "$3"
}

memory_within() {
	local now
	now=$(engine_kib)
	seen "$1 KiB before, $now KiB now"
	[ "$now" -le $(($1 + $2)) ]
}

# hostile_conf: no IPsec, so anybody may come; a tunnel that is not confirmed is given up after 5 s, so that a scenario sees it.
hostile_conf() {
	gateway_conf <<-END
		listen { addresses = $GW
		         ipsec = none }
		l2tp { hello = 5s
		       setup-limit = 5s
		       retry-max = 3 }
		pool office { addresses = 10.20.0.10-10.20.0.99 }
		lns default { pool = office
		              local-address = 10.20.0.1
		              auth = { local, chap } }
	END
}
