# SPDX-License-Identifier: GPL-2.0-or-later
# Rows of the scenario bench-setup -> a table, and what the targets say about ours.  Exit status 1: a target was missed.
# -v TARGETS="MILLION-INSTRUCTIONS PSS-KB ENGINE-MILLION"

BEGIN {
	FS = "\t"
	split(TARGETS, target, " ")
	printf "%-12s %8s %-7s %5s %6s %6s %9s %9s %9s | %7s %7s %7s %7s %6s | %7s %8s\n", "server", "sessions", "way", "up", "failed", \
		"waited", "set-ups/s", "p50 ms", "p99 ms", "M instr", "engine", "monitor", "pppd", "ratio", "PSS KB", "private"
}

# The first server is what the others are compared with.
NR == 1 { ours = $1 }

{
	server = $1; n = $2; way = $3; up = $4; failed = $5; waited = $6
	if (!up) {
		printf "%-12s %8d %-7s %5d %6d    nothing came up\n", server, n, way, up, n
		if (server == ours) miss(server, n, way, "nothing came up")
		next
	}
	# While the machine's disk is waited for, the clock jumps: instructions and memory are right then, times are not.
	if ($19 > 0) disk = disk sprintf("        %s, %d sessions, %s: %d answers of the disk\n", server, n, way, $19)
	all = $12 / up / 1000
	# One process does it all where no pppd is.
	daemon = server == "accel-ppp" ? all : $13 / up / 1000
	monitor = $14 / up / 1000
	pppd = all - daemon - monitor
	pss = $17 / up; own = $18 / up
	if (server == ours) cost[n, way] = all
	ratio = (n, way) in cost ? sprintf("%.2f", all / cost[n, way]) : "-"
	rate = way ~ /^burst/ ? sprintf("%.1f", $8) : "-"
	printf "%-12s %8d %-7s %5d %6d %6d %9s %9.1f %9.1f | %7.2f %7.2f %7.2f %7.2f %6s | %7.0f %8.0f\n", server, n, way, up, failed, waited, \
		rate, $9 / 1000, $10 / 1000, all, daemon, monitor, pppd, ratio, pss, own
	if (server != ours) next
	judge(server, n, way, "failed", failed, 0, "")
	judge(server, n, way, "restart timers waited for", waited, 0, "")
	judge(server, n, way, "million instructions a set-up", all, target[1], "%.2f")
	# of a few sessions it is mostly what a server has once
	if (n >= 100) judge(server, n, way, "KB PSS a session", pss, target[2], "%.0f")
	judge(server, n, way, "million instructions of the engine", daemon, target[3], "%.2f")
}

function miss(server, n, way, text) {
	missed[++misses] = sprintf("%s, %d sessions, %s: %s", server, n, way, text)
}

function judge(server, n, way, what, value, limit, format) {
	if (!(what in worst) || value > worst[what]) worst[what] = value
	limits[what] = limit
	formats[what] = format == "" ? "%d" : format
	if (!(what in seen)) order[++kinds] = what
	seen[what] = 1
	if (value > limit) miss(server, n, way, sprintf(formats[what] " %s", value, what))
}

END {
	print ""
	if (disk != "") printf "times of these rows are wrong, as programs waited for the machine's disk:\n%s", disk
	for (i = 1; i <= kinds; i++) {
		what = order[i]
		printf("%s %s, at most: " formats[what] " (target " formats[what] ")\n", (worst[what] > limits[what]) ? "MISSED:" : "met:   ", \
			ours ": " what, worst[what], limits[what])
	}
	for (i = 1; i <= misses; i++) print "        " missed[i]
	exit misses > 0
}
