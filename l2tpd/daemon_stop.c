/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine's end in order: sessions and tunnels take their leave, then the SAs are closed, by
 * which also those clients notice that have not heard the rest.  Each step has its limit.
 */
#include "l2tpd/daemon_priv.h"

/* The longest that each step takes, in seconds; together less than the monitor's patience. */
static const time_t limits[] = {
	[STOP_GOODBYE] = 3, /* pppds say goodbye */
	[STOP_TUNNELS] = 2, /* StopCCN is heard */
	[STOP_SAS] = 2,     /* charon closes the SAs */
};

static void end_tunnels(struct daemon *d)
{
	struct cause why;

	/* StopCCN: the requester is being shut down (RFC 2661 4.4.2) */
	cause_set(&why, STAGE_UP, 6, 0, "the server is being shut down");
	lns_shutdown(d->lns, &why, clock_now());
}

static void enter(struct daemon *d, enum stop_step step)
{
	struct timeval limit = {.tv_sec = limits[step]};

	d->stopping = step;
	evtimer_add(d->stop_limit, &limit);
	if (step != STOP_SAS)
		end_tunnels(d);
	else if (d->sas)
		sas_close_all(d->sas, "l2tpd is being stopped");
	daemon_try_end(d);
}

void daemon_try_end(struct daemon *d)
{
	if (!d->stopping || (d->stopping != STOP_SAS && !lns_idle(d->lns)))
		return;
	if (!d->sas || !sas_connected(d->sas) || !sas_count(d->sas))
		event_base_loopbreak(d->base);
	else if (d->stopping != STOP_SAS)
		enter(d, STOP_SAS);
}

void daemon_on_stop_limit(evutil_socket_t fd, short what, void *ctx)
{
	struct daemon *d = ctx;

	(void)fd;
	(void)what;
	if (d->stopping == STOP_SAS)
		event_base_loopbreak(d->base);
	else
		enter(d, d->stopping + 1);
}

void daemon_on_term(evutil_socket_t fd, short what, void *ctx)
{
	struct daemon *d = ctx;

	(void)fd;
	(void)what;
	if (d->stopping)
		return;
	log_info(DAEMON, "stopping", "tunnels=%u", lns_tunnel_count(d->lns));
	enter(d, STOP_GOODBYE);
}
