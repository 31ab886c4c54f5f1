/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Readable file descriptors and timers inside pppd's loop, which calls back for descriptors only
 * since 2.5.3.  Before that: while an answer is awaited they are looked at every few milliseconds;
 * else a signal that pppd answers in its network phase by opening CCP rings at our door; before
 * that phase they are looked at now and then.
 */
#ifndef PPPD_PLUGIN_WAKE_H
#define PPPD_PLUGIN_WAKE_H

#include <stdbool.h>

#include "lib/base/clock.h"
#include "lib/base/list.h"

/* Called when the descriptor may be readable, also when it is not: read without blocking. */
typedef void wake_fn(void *ctx);

struct wake {
	struct list node;
	int fd;
	wake_fn *fn;
	void *ctx;
	bool awaited;       /* an answer is due */
	unsigned int round; /* of looking, when it was looked at last */
};

/* Take over CCP's door.  Once, when pppd's signal handlers are in place. */
void wake_init(void);

/* Call `fn` when `fd` is readable.  `w` belongs to the caller and must stay until wake_del(). */
void wake_add(struct wake *w, int fd, wake_fn *fn, void *ctx);
void wake_del(struct wake *w);

/* An answer is due on this descriptor, or no longer. */
void wake_await(struct wake *w, bool awaited);

/* pppd has entered a phase. */
void wake_phase(int phase_now);

/* Call fn(ctx) at `at`; replaces the one set before.  USEC_NEVER: do not. */
void wake_at(wake_fn *fn, void *ctx, usec_t at);

#endif
