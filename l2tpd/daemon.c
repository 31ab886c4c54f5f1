/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine's start in order, its loop, and its stop in reverse.  Root is given up before anything
 * that a stranger could reach is open.
 */
#include "l2tpd/daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config.h"
#include "l2tpd/daemon_priv.h"
#include "l2tpd/monitor/privs.h"
#include "lib/base/err.h"
#include "lib/base/secret.h"

#define FAILURE_SOURCES 1024 /* whose failures are counted at the same time */

static int drop_root(struct daemon *d)
{
	char why[PRIVS_WHY_LEN];
	int err = privs_raise_nofile();

	if (err)
		log_warn(DAEMON, "few-files", "%s; going on with fewer descriptors", err_text(err));
	if (d->dry_run)
		return 0;
	err = privs_drop(d->config->daemon.user, d->config->daemon.group, why);
	if (err)
		log_error(DAEMON, "no-user", "%s", why);
	return err;
}

static void on_hup(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	(void)ctx;
	log_warn(DAEMON, "no-reload",
		 "SIGHUP is ignored: restart l2tpd to use a new configuration");
}

static int open_loop(struct daemon *d)
{
	d->base = event_base_new();
	if (!d->base)
		return -ENOMEM;
	d->on_term = evsignal_new(d->base, SIGTERM, daemon_on_term, d);
	d->on_hup = evsignal_new(d->base, SIGHUP, on_hup, d);
	d->leave = evtimer_new(d->base, daemon_on_leave, d);
	d->stop_limit = evtimer_new(d->base, daemon_on_stop_limit, d);
	d->clock = evtimer_new(d->base, daemon_on_clock, d);
	d->clock_at = USEC_NEVER;
	wheel_init(&d->wheel, clock_now());
	d->hold_limit = evtimer_new(d->base, daemon_on_hold_limit, d);
	d->hold = hold_new();
	d->failures = failures_new();
	d->failures_of = rates_new(FAILURE_SOURCES);
	if (!d->on_term || !d->on_hup || !d->stop_limit || !d->leave || !d->clock ||
	    !d->hold_limit || !d->hold || !d->failures || !d->failures_of ||
	    evsignal_add(d->on_term, NULL) || evsignal_add(d->on_hup, NULL))
		return -ENOMEM;
	signal(SIGPIPE, SIG_IGN);
	if (d->dry_run) {
		d->on_int = evsignal_new(d->base, SIGINT, daemon_on_term, d);
		return d->on_int && !evsignal_add(d->on_int, NULL) ? 0 : -ENOMEM;
	}
	/* ^C on a terminal reaches us too; the monitor is who decides. */
	signal(SIGINT, SIG_IGN);
	return 0;
}

static void free_event(struct event *e)
{
	if (e)
		event_free(e);
}

/* The tunnels that are left are dropped without a word: all that could be said has been. */
static void close_all(struct daemon *d)
{
	api_free(d->api);
	lns_free(d->lns);
	udp_free(d->udp);
	links_free(d->links);
	nft_watch_free(d->table_watch);
	free_event(d->table_pause);
	/* As long as a pppd lives, the table keeps what it says from leaving in the clear. */
	if (d->plane && !d->dry_run && !ppp_count(d->ppp))
		daemon_remove_table(d);
	sas_free(d->sas);
	plane_free(d->plane);
	ppp_free(d->ppp);
	standin_free(d->standin);
	admit_free(d->admit);
	shares_free(d->shares);
	pools_free(d->pools);
	peers_free(d->peers);
	handover_done(&d->handover);
	book_close(d->book);
	if (d->book_memory)
		munmap(d->book_memory, book_size());
	failures_free(d->failures);
	rates_free(d->failures_of);
	hold_free(d->hold);
	free_event(d->clock);
	free_event(d->hold_limit);
	free_event(d->stop_limit);
	free_event(d->leave);
	free_event(d->on_hup);
	free_event(d->on_int);
	free_event(d->on_term);
	if (d->base) {
		/* libevent frees connections on its next turn */
		event_base_loop(d->base, EVLOOP_NONBLOCK);
		event_base_free(d->base);
	}
	free(d);
}

static int run(const struct config *config, int monitor_fd, uint16_t dry_run)
{
	struct daemon *d = calloc(1, sizeof(*d));
	int status = EXIT_FAILURE;

	if (!d) {
		log_error(DAEMON, "no-memory", "cannot start");
		return EXIT_FAILURE;
	}
	d->config = config;
	d->dry_run = dry_run;
	d->handover.state_fd = -1;
	d->stranger_limit.burst = 10;
	d->failed_limit.burst = 120;
	secret_random(&d->run, sizeof(d->run));
	if (!daemon_open_peers(d) && !drop_root(d) && !open_loop(d) &&
	    !daemon_open(d, monitor_fd) && !ppp_ready(d->ppp)) {
		log_info(DAEMON, "ready", "version=%s", PACKAGE_VERSION);
		event_base_dispatch(d->base);
		status = EXIT_SUCCESS;
	}
	close_all(d);
	return status;
}

int daemon_run(const struct config *config, int monitor_fd)
{
	return run(config, monitor_fd, 0);
}

int daemon_dry_run(const struct config *config, uint16_t port)
{
	return run(config, -1, port);
}
