/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All clients with their sockets and timers, led through the rounds: dial, hold, end. */
#ifndef TESTS_BENCH_LOAD_LOAD_H
#define TESTS_BENCH_LOAD_LOAD_H

#include <stdbool.h>

#include "tests/bench/load/options.h"
#include "tests/bench/load/stat.h"
#include "tests/bench/load/watch.h"

/* When the watched processes and ourselves are looked at, of the last round: X(name, words) */
#define LOAD_MOMENTS(X)                                                                            \
	X(start, "before")                                                                         \
	X(up, "all up")                                                                            \
	X(held, "after the hold time")                                                             \
	X(end, "at the end")

enum load_moment {
#define X(name, words) LOAD_AT_##name,
	LOAD_MOMENTS(X)
#undef X
		LOAD_MOMENT_COUNT
};

struct load_result {
	struct stats stats;
	struct watch watch[LOAD_MOMENT_COUNT];
	uint64_t own_cpu_ns[LOAD_MOMENT_COUNT]; /* of this process, the kernel's work included */
	usec_t setting_up;      /* from the first dial to the last answer, over all rounds */
	uint64_t held_messages; /* control messages sent in the hold time of the last round */
	unsigned int rounds;    /* that were begun */
	bool interrupted;       /* by the user */
};

/*
 * Do what the options say.  -1 when it could not be begun, and then it has said why on stderr.
 * stats_done() the result.
 */
int load_run(const struct options *o, struct load_result *ret);

#endif
