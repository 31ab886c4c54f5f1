/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How often something may happen: token buckets.  A bucket is one number, the time at which all
 * that was taken from it is paid for; so an idle bucket is the same as none, and a table of them
 * needs no expiry.  Pure: `now` comes in.
 */
#ifndef LIB_BASE_RATE_H
#define LIB_BASE_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/clock.h"

struct rate {
	usec_t every;       /* one may happen each so often on average; 0: no limit */
	unsigned int burst; /* so many at once, when there was none for long enough; 1 or more */
};

/* So many a second (0: no limit), and `burst` of them at once. */
struct rate rate_per_s(unsigned int per_s, unsigned int burst);

/* May it happen now?  `paid`: the bucket, 0 at the start; unchanged when not. */
bool rate_take(const struct rate *r, usec_t *paid, usec_t now);

/*
 * Buckets by key, in a fixed amount of memory: when there are more keys at a time than it has room
 * for, the one that has used up least of its rate is forgotten, so those who ask most are not.
 */
struct rates;

/* Room for at least `n` keys, 16 bytes each.  NULL: no memory. */
struct rates *rates_new(size_t n);
void rates_free(struct rates *t);

/* As rate_take(), of the bucket of `key`: a keyed hash, such as map_hash() gives.  O(1). */
bool rates_take(struct rates *t, const struct rate *r, uint64_t key, usec_t now);

#endif
