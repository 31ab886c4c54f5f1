/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors and timers in pppd's loop; see wake.h. */
#include "pppd-plugin/compat.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "pppd-plugin/wake.h"

#define POLL_FIRST (2 * USEC_PER_MS) /* an answer on the same host or LAN is that quick */
#define POLL_CAP   (20 * USEC_PER_MS)
#define POLL_IDLE  (200 * USEC_PER_MS) /* where the doorbell is not heard */
#define POLL_END   (20 * USEC_PER_MS)  /* neither is it then, and l2tpd may want it over at once */

static struct list watched = {&watched, &watched};
static usec_t poll_wait;
static bool polling;
static bool ending;           /* pppd waits for the client to agree to the end */
static bool hears_doorbell;   /* pppd's phase is one in which it answers SIGUSR2 */
static bool ccp_to_be_opened; /* the next call is the network phase's own, not the doorbell */
static void (*ccp_open)(int unit);

/* One that has not been looked at in this round, or NULL. */
static struct wake *next_unseen(unsigned int round)
{
	list_each (pos, &watched) {
		struct wake *w = container_of(pos, struct wake, node);

		if (w->round != round)
			return w;
	}
	return NULL;
}

static void look(void)
{
	static unsigned int round;
	struct wake *w;

	/* Any handler may add and delete any watch: start over after each. */
	round++;
	while ((w = next_unseen(round))) {
		w->round = round;
		w->fn(w->ctx);
	}
}

static void poll_again(void);

static void on_poll(void *ctx)
{
	(void)ctx;
	polling = false;
	look();
	poll_again();
}

/* Set the timer for the next look, if one is needed. */
static void poll_again(void)
{
	bool awaited = false;

	if (HOST_WATCHES_FDS)
		return;
	if (polling)
		host_untimeout(on_poll, NULL);
	polling = false;
	list_each (pos, &watched)
		awaited |= container_of(pos, struct wake, node)->awaited;
	if (list_empty(&watched) || (!awaited && hears_doorbell))
		return;
	polling = true;
	host_timeout(on_poll, NULL, awaited ? poll_wait : ending ? POLL_END : POLL_IDLE);
	poll_wait = poll_wait * 2 < POLL_CAP ? poll_wait * 2 : POLL_CAP;
}

static void on_ccp_open(int unit)
{
	look();
	if (ccp_to_be_opened && ccp_protent.enabled_flag)
		ccp_open(unit);
	ccp_to_be_opened = false;
}

void wake_init(void)
{
	if (HOST_WATCHES_FDS)
		return;
	ccp_open = ccp_protent.open;
	ccp_protent.open = on_ccp_open;
}

static void on_readable(int fd, void *ctx)
{
	struct wake *w = ctx;

	(void)fd;
	w->fn(w->ctx);
}

void wake_add(struct wake *w, int fd, wake_fn *fn, void *ctx)
{
	*w = (struct wake){.fd = fd, .fn = fn, .ctx = ctx};
	list_add(&watched, &w->node);
	if (HOST_WATCHES_FDS) {
		host_watch(fd, on_readable, w);
		return;
	}
	/* The doorbell; where the kernel refuses it, polling still works before the network phase.
	 */
	(void)fcntl(fd, F_SETOWN, getpid());
	(void)fcntl(fd, F_SETSIG, SIGUSR2);
	(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_ASYNC);
	poll_again();
}

void wake_del(struct wake *w)
{
	list_del(&w->node);
	if (HOST_WATCHES_FDS)
		host_unwatch(w->fd);
	else
		(void)fcntl(w->fd, F_SETFL, fcntl(w->fd, F_GETFL) & ~O_ASYNC);
	poll_again();
}

void wake_await(struct wake *w, bool awaited)
{
	if (w->awaited == awaited)
		return;
	w->awaited = awaited;
	poll_wait = POLL_FIRST;
	poll_again();
}

void wake_phase(int phase_now)
{
	bool heard = hears_doorbell;

	hears_doorbell = phase_now == PHASE_NETWORK || phase_now == PHASE_RUNNING;
	if (hears_doorbell && !heard)
		ccp_to_be_opened = true;
	ending = phase_now == PHASE_TERMINATE;
	poll_again();
}

void wake_at(wake_fn *fn, void *ctx, usec_t at)
{
	usec_t now = clock_now();

	host_untimeout(fn, ctx);
	if (at != USEC_NEVER)
		host_timeout(fn, ctx, at > now ? at - now : 0);
}
