/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our side of the session's bus connection to l2tpd: an inherited stream socket.  The first packet
 * is the event session-setup; after that we are the client, with one command on its way at a time
 * and the others in a queue.
 */
#ifndef PPPD_PLUGIN_LINK_H
#define PPPD_PLUGIN_LINK_H

#include "lib/bus/record.h"

struct link_calls {
	/* The answer to link_ask_lease(): an address, or `errmsg`. */
	void (*leased)(const struct bus_grant *grant);
	/* l2tpd wants the session ended, or is gone; called once. */
	void (*closed)(const char *reason);
};

/*
 * Take over `fd` and wait for the setup, which was sent before pppd started; nothing else runs yet,
 * so this is the one place that may wait.  -ETIMEDOUT, -EBADMSG, -ERR_CLOSED, or what recv() said.
 * `calls` must stay.
 */
int link_open(int fd, const struct link_calls *calls, struct bus_setup *ret);

/* Ask for the address of an authenticated user; `leased` follows, unless `closed` does. */
void link_ask_lease(const struct bus_grant *ask);

/* Tell the session's state.  Never blocks; lost when l2tpd is gone. */
void link_report(const struct bus_report *report);

/* Take in what l2tpd has said. */
void link_look(void);

/* Send all that is queued, in one attempt, without waiting for answers: pppd is about to end. */
void link_finish(void);

#endif
