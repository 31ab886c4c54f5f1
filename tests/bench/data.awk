# SPDX-License-Identifier: GPL-2.0-or-later
# Rows of the scenario bench-data -> tables, and what the targets say about ours.  Exit status 1: a target was missed.

BEGIN {
	FS = "\t"
	FLAT = 1.10      # against the fewest tunnels
	THROUGHPUT = 0.9 # of bare ESP
}

function head() {
	printf "%-10s %8s %8s | %12s %9s %9s | %10s %9s %9s | %7s\n", "server", "tunnels", "kernel's", "echo", "up", "down",
		"x fewest", "up", "down", "x ours"
}

function verdict(what, seen, is_met, target) {
	verdicts = verdicts sprintf("%s %s: %.2f (target %s)\n", is_met ? "met:   " : "MISSED:", what, seen, target)
	missed = missed || !is_met
}

# The first server is ours; what the fewest tunnels cost is what more are compared with.
$1 == "tunnels" {
	server = $2; n = $3
	if (!(ours)) {
		ours = server
		head()
	}
	if (!(server in echo)) {
		echo[server] = $5; up[server] = $6; down[server] = $7
	}
	if (server == ours) our[n] = $5
	printf "%-10s %8d %8d | %12d %9d %9d | %10.2f %9.2f %9.2f | %7.2f\n", server, n, $4, $5, $6, $7,
		$5 / echo[server], $6 / up[server], $7 / down[server], n in our ? $5 / our[n] : 0
	if (server != ours) next
	worst = $5 / echo[server] > worst ? $5 / echo[server] : worst
	worst = $6 / up[server] > worst ? $6 / up[server] : worst
	worst = $7 / down[server] > worst ? $7 / down[server] : worst
}

# In instructions, or by the clock, in nanoseconds: only the clock knows what a cipher takes.
$1 == "instructions" || $1 == "time" {
	if (!n_esp[$1]++)
		printf "\n%-14s | %7s %12s %9s | %7s %12s %9s | %10s %14s\n", "ESP, " ($1 == "time" ? "ns" : "instr."), "bytes", "L2TP", "small",
			"bytes", "bare", "small", "throughput", "L2TP's own"
	throughput = ($3 / $4) / ($6 / $7)
	printf "%-14s | %7d %12d %9d | %7d %12d %9d | %10.2f %14d\n", $2, $3, $4, $5, $6, $7, $8, throughput, $5 - $8
	if ($1 == "time" && $2 !~ /^null/)
		verdict("in ESP " $2 ", throughput against bare ESP by the clock", throughput, throughput >= THROUGHPUT, ">= " THROUGHPUT)
}

END {
	if (ours) verdict(ours ", a packet at the worst number of tunnels against the fewest", worst, worst <= FLAT, "<= " FLAT)
	printf "\n%s", verdicts
	exit missed
}
