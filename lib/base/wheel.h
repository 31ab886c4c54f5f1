/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any number of timers behind one: setting, moving and ending each is O(1), and none is looked at
 * before it is due, but for once or twice on its way down a hierarchy of three wheels.  Knows no
 * clock: `now` comes in, and never goes back.
 */
#ifndef LIB_BASE_WHEEL_H
#define LIB_BASE_WHEEL_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/clock.h"
#include "lib/base/list.h"

#define WHEEL_LEVELS 3
#define WHEEL_SLOTS  256

/* Part of what it wakes; all zero before its first use. */
struct wheel_timer {
	struct list node;
	usec_t at;
};

struct wheel_slot {
	struct list timers;
	usec_t first; /* none is due before */
};

struct wheel {
	uint64_t tick;                                 /* everything before it is out */
	struct list due;                               /* and these are just leaving */
	uint64_t used[WHEEL_LEVELS][WHEEL_SLOTS / 64]; /* slots that may have timers: bits */
	struct wheel_slot slots[WHEEL_LEVELS][WHEEL_SLOTS];
};

/* No timer is set. */
void wheel_init(struct wheel *w, usec_t now);

/* Set `t` to `at`, also if it is set already; USEC_NEVER: as wheel_del(). */
void wheel_set(struct wheel *w, struct wheel_timer *t, usec_t at);

/* `t` is not set any more, if it was; it may be freed. */
void wheel_del(struct wheel_timer *t);

/* Is it? */
static inline bool wheel_is_set(const struct wheel_timer *t)
{
	return t->node.next && !list_empty(&t->node);
}

/* A timer that is due, and not set any more; NULL: none (left).  What is due earlier may come
 * later. */
struct wheel_timer *wheel_take(struct wheel *w, usec_t now);

/* When to look again: not after the next timer is due, and seldom before.  USEC_NEVER: never. */
usec_t wheel_next(struct wheel *w);

#endif
