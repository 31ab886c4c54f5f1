/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine's side of the bus to each session's pppd: hands over what the session needs to know,
 * grants leases, and keeps the last report.  Found by session id in O(1).
 */
#ifndef L2TPD_PPP_LINK_H
#define L2TPD_PPP_LINK_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/clock.h"
#include "lib/bus/record.h"

struct event_base;
struct links;

struct links_conf {
	void *ctx;
	/*
	 * The user of session `sid` is authenticated and wants the address `grant->peer_ip` (or
	 * any). Fill in the address; or return a negative code and fill in `errmsg`.
	 */
	int (*lease)(void *ctx, uint16_t sid, struct bus_grant *grant);
	/* pppd has said its first word: it has started; called once for each session. */
	void (*begun)(void *ctx, uint16_t sid);
	/* pppd has reported to be up; called once for each session. */
	void (*up)(void *ctx, uint16_t sid, const struct bus_report *report);
};

struct links *links_new(struct event_base *base, const struct links_conf *conf);
void links_free(struct links *l);

/*
 * Session `sid` begins: `fd`, our end of its socket, is taken over, also on failure, and `setup` is
 * the first packet through it, sent before this returns.  -ENOMEM, or what send() said.
 */
int links_open(struct links *l, uint16_t sid, int fd, const struct bus_setup *setup);

/* Ask the pppd to end the session for this reason; nothing when its end is closed. */
void links_end(struct links *l, uint16_t sid, const char *reason);

/*
 * What the session was told, and what its pppd has last reported (all zero before its first word);
 * NULL: no such session.
 */
const struct bus_setup *links_setup(const struct links *l, uint16_t sid);
const struct bus_report *links_report(const struct links *l, uint16_t sid);

/* When it reported to be up; USEC_NEVER: not yet, or no such session. */
usec_t links_up_since(const struct links *l, uint16_t sid);

/*
 * The pppd has exited: take in what it has said last, which may still be on its way when its exit
 * is known.  `lease` and `up` may be called.
 */
void links_drain(struct links *l, uint16_t sid);

/* The session is over. */
void links_close(struct links *l, uint16_t sid);

#endif
