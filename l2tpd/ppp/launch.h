/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may start next, when only so many may be starting at a time: a queue in which everything is
 * O(1), leaving from the middle included.  Pure: `now` comes in.
 */
#ifndef L2TPD_PPP_LAUNCH_H
#define L2TPD_PPP_LAUNCH_H

#include <stdbool.h>

#include "lib/base/clock.h"
#include "lib/base/list.h"

struct launch_conf {
	unsigned int places; /* 1 or more may be starting at a time */
	usec_t wait;         /* the longest time to wait for a place */
	usec_t start;        /* who takes longer to start does not keep others waiting */
};

struct launch {
	struct launch_conf conf;
	struct list waiting, starting; /* oldest first */
	unsigned int n_starting;
};

/* A member of what is queued. */
struct launch_entry {
	struct list node;
	usec_t since; /* waiting, or starting */
	bool starting;
};

void launch_init(struct launch *l, const struct launch_conf *conf);

/* At the end of the queue; `e` must not be in it. */
void launch_add(struct launch *l, struct launch_entry *e, usec_t now);

/* It has started, failed or given up: it leaves, wherever it is.  No harm when it has left. */
void launch_del(struct launch *l, struct launch_entry *e);

/* Who starts now, or NULL: call it until then, after each change and at launch_deadline(). */
struct launch_entry *launch_next(struct launch *l, usec_t now);

/* Who has waited for too long; it has left.  Or NULL: call it until then. */
struct launch_entry *launch_late(struct launch *l, usec_t now);

/* When there will be something to do although nothing happens; USEC_NEVER: not at all. */
usec_t launch_deadline(const struct launch *l);

#endif
