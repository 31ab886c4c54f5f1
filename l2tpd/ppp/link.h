/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine's side of the bus to each session's pppd: hands over what the session needs to know,
 * grants leases, and keeps the last report.  Found by session id in O(1).  A pppd of the time of
 * another engine calls, says which session it is, and is believed if its process id says the same.
 */
#ifndef L2TPD_PPP_LINK_H
#define L2TPD_PPP_LINK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

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
	/*
	 * pppd has reported to be up; called once for each session.  `report->again`: it was up
	 * before, and another engine has told of it.
	 */
	void (*up)(void *ctx, uint16_t sid, const struct bus_report *report);
	/* The process id of the session's pppd; 0: it is being started; -ESRCH: it has none. */
	pid_t (*pid)(void *ctx, uint16_t sid);
	/*
	 * The pppd of session `setup->session` is here again, with the lease that `setup` tells of.
	 * 0; or a negative code, and why in `ret_why`: the session is none of ours any more.
	 */
	int (*resumed)(void *ctx, const struct bus_setup *setup, char ret_why[BUS_TEXT_LEN]);
	uid_t user; /* of pppds; another one's word counts for nothing */
};

struct links *links_new(struct event_base *base, const struct links_conf *conf);
void links_free(struct links *l);

/*
 * Let pppds resume their sessions at the listening socket `fd`, which is taken over, also on
 * failure.  -ENOMEM.
 */
int links_listen(struct links *l, int fd);

/*
 * Let in all who wait there, and hear what they have said.  `resumed`, `up` and `lease` may be
 * called.
 */
void links_answer(struct links *l);

/*
 * Session `sid` begins: `fd`, our end of its socket, is taken over, also on failure, and `setup` is
 * the first packet through it, sent before this returns.  -ENOMEM, or what send() said.
 */
int links_open(struct links *l, uint16_t sid, int fd, const struct bus_setup *setup);

/* What conf.pid says of the session is not 0 any more.  `resumed`, `up`, `lease` may be called. */
void links_started(struct links *l, uint16_t sid);

/* Ask the pppd to end the session for this reason; nothing when its end is closed. */
void links_end(struct links *l, uint16_t sid, const char *reason);

/*
 * What the session was told, and what its pppd has last reported (all zero before its first word);
 * NULL: no such session.
 */
const struct bus_setup *links_setup(const struct links *l, uint16_t sid);
const struct bus_report *links_report(const struct links *l, uint16_t sid);

/* When it came up; USEC_NEVER: it has not said so, or there is no such session. */
usec_t links_up_since(const struct links *l, uint16_t sid);

/*
 * The pppd has exited: take in what it has said last, which may still be on its way when its exit
 * is known.  `lease` and `up` may be called.
 */
void links_drain(struct links *l, uint16_t sid);

/* The session is over. */
void links_close(struct links *l, uint16_t sid);

#endif
