/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one time unit: microseconds of the monotonic clock.  Pure code gets `now` as an argument. */
#ifndef LIB_BASE_CLOCK_H
#define LIB_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

typedef uint64_t usec_t;

#define USEC_PER_MS ((usec_t)1000)
#define USEC_PER_S  ((usec_t)1000000)
#define USEC_NEVER  UINT64_MAX

/* Now, on CLOCK_MONOTONIC: for durations and timers. */
static inline usec_t clock_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (usec_t)ts.tv_sec * USEC_PER_S + (usec_t)ts.tv_nsec / 1000;
}

/* Now, on CLOCK_REALTIME: for people and records only. */
static inline usec_t clock_wall(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (usec_t)ts.tv_sec * USEC_PER_S + (usec_t)ts.tv_nsec / 1000;
}

#endif
