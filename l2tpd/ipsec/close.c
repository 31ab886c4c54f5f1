/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SAs that charon is asked to close: each that has no tunnel for too long, and all at our end. */
#include <event2/event.h>
#include <stdio.h>

#include "l2tpd/ipsec/sa_impl.h"
#include "lib/bus/msg.h"
#include "lib/bus/names.h"

/* Ask charon to close an SA.  0, or a negative code: not now. */
static int terminate(struct sas *s, const struct entry *e, const char *reason, ev_answer_fn *answer)
{
	struct bus_terminate rec = {.mark = e->sa.mark};
	uint8_t bytes[512];
	struct msg_out m;
	struct view msg = {0};

	snprintf(rec.reason, sizeof(rec.reason), "%s", reason);
	msg_init(&m, bytes, sizeof(bytes));
	bus_write(&m, &bus_terminate_record, &rec);
	(void)msg_done(&m, &msg); /* it fits */
	return ev_client_request(s->client, BUS_CMD_TERMINATE_SA, msg, answer, s);
}

static void on_terminated(void *ctx, int err, struct view msg);

/* As many as may wait for an answer at the same time. */
static void close_open(struct sas *s)
{
	while (!list_empty(&s->open)) {
		struct entry *e = container_of(s->open.next, struct entry, in_open);

		if (terminate(s, e, s->closing, on_terminated))
			break;
		list_del(&e->in_open);
	}
}

static void on_terminated(void *ctx, int err, struct view msg)
{
	(void)msg;
	if (!err)
		close_open(ctx);
}

void sas_close_all(struct sas *s, const char *reason)
{
	s->closing = reason;
	close_open(s);
}

static void set_closer(struct sas *s)
{
	usec_t at = wheel_next(&s->wheel);

	if (at != USEC_NEVER)
		sas_wake(s->closer, at);
}

/* Ask charon to close it if it has no tunnel after this time. */
static void close_after(struct sas *s, struct entry *e, usec_t wait)
{
	wheel_set(&s->wheel, &e->unused, clock_now() + wait);
	set_closer(s);
}

void close_comes(struct sas *s, struct entry *e)
{
	list_add(&s->open, &e->in_open);
	close_after(s, e, s->listed ? s->conf.unused : s->conf.stale);
	if (s->closing)
		close_open(s);
}

void close_replace(struct sas *s, struct entry *e, struct entry *old)
{
	if (wheel_is_set(&old->unused))
		wheel_set(&s->wheel, &e->unused, old->unused.at);
	if (!list_empty(&old->in_open))
		list_add(&s->open, &e->in_open);
	close_forget(old);
}

void close_forget(struct entry *e)
{
	list_del(&e->in_open);
	wheel_del(&e->unused);
}

static void on_closer(evutil_socket_t fd, short what, void *arg)
{
	struct sas *s = arg;
	usec_t now = clock_now();
	struct wheel_timer *t;

	(void)fd, (void)what;
	while ((t = wheel_take(&s->wheel, now))) {
		struct entry *e = container_of(t, struct entry, unused);

		if (s->conf.in_use(s->conf.ctx, &e->sa))
			continue;
		terminate(s, e, "it has no L2TP tunnel", NULL);
		wheel_set(&s->wheel, t, now + s->conf.unused); /* once more, later */
	}
	set_closer(s);
}

void sas_release(struct sas *s, uint32_t mark)
{
	struct entry *e = sas_find_entry(s, mark);

	if (e && !heir_is_left(e))
		close_after(s, e, s->conf.unused);
}

int close_init(struct sas *s, struct event_base *base)
{
	list_init(&s->open);
	wheel_init(&s->wheel, clock_now());
	s->closer = evtimer_new(base, on_closer, s);
	return s->closer ? 0 : -1;
}

void close_done(struct sas *s)
{
	if (s->closer)
		event_free(s->closer);
}
