/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CPU time and memory of other processes on this machine, from /proc. */
#ifndef TESTS_BENCH_LOAD_WATCH_H
#define TESTS_BENCH_LOAD_WATCH_H

#include <stdint.h>

struct watch {
	uint64_t cpu_ns;        /* user and system, of the main thread */
	uint64_t private_bytes; /* memory that nobody shares */
	uint64_t pss_bytes;     /* ... with a fair share of what is shared */
};

/*
 * The sum over `pids`, of which there are `max` at most, ended by 0.  Errno values; then
 * `*ret_pid` is the process that could not be read.
 */
int watch_read(struct watch *ret, const int *pids, unsigned int max, int *ret_pid);

#endif
