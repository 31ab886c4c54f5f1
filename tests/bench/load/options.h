/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of l2tpload, by one table. */
#ifndef TESTS_BENCH_LOAD_OPTIONS_H
#define TESTS_BENCH_LOAD_OPTIONS_H

#include <stdbool.h>

#include "lib/base/addr.h"
#include "lib/base/clock.h"

enum end { END_HANG_UP, END_VANISH };
enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_KV };

#define WATCH_MAX 8 /* processes */

struct options {
	struct addr server;
	unsigned int tunnels, sessions, rounds;
	double rate; /* dials a second; 0: all at once */
	double hold_s, gap_s, keepalive_s, echo_s, timeout_s, retry_s;
	unsigned int hellos, burst, window;
	unsigned int seed;
	bool shared, same_id, ppp;
	unsigned int methods; /* bit 1 << PPP_x */
	struct ipv4_range bind;
	bool has_bind;
	unsigned int source_port;
	const char *host_name, *secret, *user, *password;
	enum end end;
	enum format format;
	int watch[WATCH_MAX]; /* pids, ended by 0 unless there are WATCH_MAX */
};

/* Defaults, then the command line.  Exits with 0 for --help, with 2 and a message for mistakes. */
void options_parse(struct options *ret, int argc, char **argv);

#endif
