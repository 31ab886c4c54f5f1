/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happened: counts, times with their distribution, and reasons of failures.  Two tables. */
#ifndef TESTS_BENCH_LOAD_STAT_H
#define TESTS_BENCH_LOAD_STAT_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/clock.h"

/* X(name, words) */
#define STAT_COUNTS(X)                                                                             \
	X(tunnels_dialled, "tunnels dialled")                                                      \
	X(tunnels_up, "tunnels up")                                                                \
	X(tunnels_failed, "tunnels failed")                                                        \
	X(tunnels_lost, "tunnels lost after they were up")                                         \
	X(sessions_dialled, "sessions dialled")                                                    \
	X(sessions_up, "sessions up")                                                              \
	X(sessions_failed, "sessions failed")                                                      \
	X(sessions_lost, "sessions lost after they were up")                                       \
	X(hung_up, "tunnels hung up")                                                              \
	X(hang_ups_unheard, "... without an acknowledgement")                                      \
	X(messages_sent, "control messages sent")                                                  \
	X(messages_received, "control messages received")                                          \
	X(retransmissions, "control messages sent again")                                          \
	X(duplicates, "control messages received again")                                           \
	X(refused_datagrams, "datagrams that nobody listened for")                                 \
	X(unsent_datagrams, "datagrams that our own system did not take")                          \
	X(stray_datagrams, "datagrams that were nobody's or not L2TP")                             \
	X(restart_waits, "PPP restart timers waited for")                                          \
	X(hellos_sent, "HELLOs sent in the hold time")                                             \
	X(echoes_sent, "LCP echoes sent")                                                          \
	X(echoes_answered, "LCP echoes answered")

/* X(name, words) */
#define STAT_TIMES(X)                                                                              \
	X(sccrp, "SCCRQ to SCCRP")                                                                 \
	X(icrp, "ICRQ to ICRP")                                                                    \
	X(lcp, "ICCN to the first LCP frame")                                                      \
	X(ipcp, "ICCN to IPCP up")                                                                 \
	X(setup, "SCCRQ to a session up")

enum stat_count {
#define X(name, words) STAT_##name,
	STAT_COUNTS(X)
#undef X
		STAT_COUNT
};

enum stat_time {
#define X(name, words) STAT_TIME_##name,
	STAT_TIMES(X)
#undef X
		STAT_TIME_COUNT
};

struct stat_samples {
	uint32_t *us;
	size_t n, cap;
	size_t n_left_out; /* for lack of memory */
};

#define STAT_REASONS_MAX 32
#define STAT_REASON_LEN  160

struct stat_reason {
	char text[STAT_REASON_LEN];
	uint64_t n;
};

struct stats {
	uint64_t counts[STAT_COUNT];
	struct stat_samples times[STAT_TIME_COUNT];
	struct stat_reason reasons[STAT_REASONS_MAX];
	size_t n_reasons;
};

/* All zero. */
void stats_init(struct stats *s);
void stats_done(struct stats *s);

/* One more. */
static inline void stat_add(struct stats *s, enum stat_count what)
{
	s->counts[what]++;
}

/* A time that something took. */
void stat_time(struct stats *s, enum stat_time what, usec_t took);

/* Something failed with this text.  Beyond STAT_REASONS_MAX different ones they share a line. */
void stat_reason(struct stats *s, const char *text);

/* Sort the times; to be called once before stat_at(). */
void stat_sort(struct stats *s);

/* The time that `percent` of all were not above, in microseconds; 0 without any. */
uint32_t stat_at(const struct stats *s, enum stat_time what, double percent);

#endif
