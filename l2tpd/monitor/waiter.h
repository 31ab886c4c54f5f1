/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One waiting pppd: its life, and what is said with it.  It is started again when it ends, slower
 * and slower; while there is none, and for what it leaves undone, the caller has other means.
 */
#ifndef L2TPD_MONITOR_WAITER_H
#define L2TPD_MONITOR_WAITER_H

#include <stdbool.h>
#include <sys/types.h>

#include "l2tpd/ppp/args.h"
#include "lib/base/birth.h"
#include "lib/base/list.h"

struct waiter {
	const char *program; /* pppd */
	const struct ppp_profile *profile;
	int fd;          /* to it; -1: it hears nothing any more */
	pid_t pid;       /* 0: there is none, or it has been reaped */
	bool complained; /* that there is none; once until it has a child */
	bool renewing;   /* its end is our own wish */
	usec_t deadline; /* of the oldest order; USEC_NEVER: none is open */
	usec_t retry_at; /* when to start the next one, if `fd` is -1; USEC_NEVER: there is one */
	usec_t backoff;  /* how long to wait then */
	struct list orders; /* the caller's: what has not been answered */
};

/* Nothing is started; `program` and `profile` must stay. */
void waiter_init(struct waiter *w, const char *program, const struct ppp_profile *profile);

/* End it, at once; its children stay.  `orders` are the caller's to see to. */
void waiter_done(struct waiter *w);

/* Say and hear no more: then it ends by itself. */
void waiter_hang_up(struct waiter *w);

/* Do what is due at `now`: start it, or kill it when it does not answer.  True: `fd` is new. */
bool waiter_run(struct waiter *w, usec_t now);

/* When to call waiter_run() again; USEC_NEVER: not by itself. */
usec_t waiter_due(const struct waiter *w);

/* Give an order; the descriptors stay the caller's.  -EAGAIN: it cannot take one now. */
int waiter_order(struct waiter *w, const struct birth_order *order, const int fds[BIRTH_FDS]);

/*
 * The next report about an order.  1, or 0: none now.  -ERR_CLOSED: it will send no more, and no
 * child of its is unannounced.
 */
int waiter_report(struct waiter *w, struct birth_report *ret, pid_t *ret_pid);

/*
 * One order has been answered, or given up; the oldest one left was given at `oldest` (USEC_NEVER:
 * none is left).  A child that dies unannounced must not wait behind all that come after it.
 */
void waiter_answered(struct waiter *w, usec_t oldest);

/*
 * A child of it has crashed, perhaps by a client's doing, and all its children lie in memory as it
 * does: end it, so that the next ones, and the next try, meet another layout.
 */
void waiter_renew(struct waiter *w);

/* It has been reaped. */
void waiter_reaped(struct waiter *w, int status);

#endif
