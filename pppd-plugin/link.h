/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our side of the session's bus connection to l2tpd: an inherited stream socket.  The first packet
 * is the event session-setup; after that we are the client, with one command on its way at a time
 * and the others in a queue.  When it breaks, as l2tpd's engine may die or be replaced, another one
 * is made and begins with all that l2tpd has to know again; nobody else notices.
 */
#ifndef PPPD_PLUGIN_LINK_H
#define PPPD_PLUGIN_LINK_H

#include "lib/bus/record.h"

struct link_calls {
	/* The answer to link_ask_lease(): an address, or `errmsg`. */
	void (*leased)(const struct bus_grant *grant);
	/* l2tpd wants the session ended, or is gone for good; called once. */
	void (*closed)(const char *reason);
	/*
	 * l2tpd has forgotten us.  Add to `setup`, which is what it said, the lease that we have;
	 * `report` is the state as it is now.
	 */
	void (*recall)(struct bus_setup *setup, struct bus_report *report);
};

/*
 * Take over `fd` and wait for the setup, which was sent before pppd started; nothing else runs yet,
 * so this is the one place that may wait.  -ETIMEDOUT, -EBADMSG, -ERR_CLOSED, or what recv() said.
 * `calls` must stay.
 */
int link_open(int fd, const struct link_calls *calls, struct bus_setup *ret);

/* Ask for the address of an authenticated user; `leased` follows, unless `closed` does. */
void link_ask_lease(const struct bus_grant *ask);

/* Tell the session's state.  Never blocks; what l2tpd does not get is told when it is back. */
void link_report(const struct bus_report *report);

/* Take in what l2tpd has said. */
void link_look(void);

/* Send all that is queued, in one attempt, without waiting for answers: pppd is about to end. */
void link_finish(void);

#endif
