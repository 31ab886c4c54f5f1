/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing down what has changed, before anybody outside hears of it: what we send acknowledges what
 * we have got, so it leaves when that cannot be forgotten any more.
 */
#include <string.h>

#include "l2tpd/fsm/machine.h"

_Static_assert(BOOK_MESSAGE_MAX >= HDR_CONTROL_LEN + MSG_LEN_MAX, "the longest message fits");

/* Messages that wait in a channel, by their place in the book, oldest first. */
struct queue {
	uint16_t n;
	uint16_t places[CHAN_QUEUE_MAX];
};

/* Write those that are new. */
static void write_queue(struct tunnel *t, struct queue *ret)
{
	uint16_t before = 0;

	ret->n = 0;
	for (struct packet *p = t->chan.first; p && ret->n < CHAN_QUEUE_MAX; p = p->next) {
		if (!p->written)
			p->written = book_write_message(t->lns->book, before, p->bytes, p->len);
		if (!p->written)
			break;
		before = p->written;
		ret->places[ret->n++] = before;
	}
}

/* Give up the places of those that were there the last time, and are not any more. */
static void drop_old(struct tunnel *t, const struct queue *q)
{
	struct book *b = t->lns->book;
	uint16_t place = t->written.last, before;

	for (uint16_t i = t->written.n; i--; place = before) {
		uint16_t at = (uint16_t)(t->written.acked + i - t->chan.acked);

		before = book_before(b, place);
		if (at >= q->n || q->places[at] != place)
			book_drop_message(b, place);
	}
	t->written.n = q->n;
	t->written.last = q->n ? q->places[q->n - 1] : 0;
	t->written.acked = t->chan.acked;
}

/* What found no place is as if it had never been said. */
static void cut(struct chan_image *c, uint16_t n)
{
	uint16_t end = (uint16_t)(c->acked + n);

	c->n_queued = n;
	if ((uint16_t)(c->ns_max - c->acked) > n)
		c->ns_max = end;
	if ((uint16_t)(c->ns - c->acked) > n)
		c->ns = end;
}

static void write_down(struct tunnel *t)
{
	struct book *b = t->lns->book;
	struct tunnel_image image;
	struct queue q;

	if (t->state == TUN_MUTE && t->told) /* it is about to be erased */
		return;
	if (!t->place)
		t->place = book_take(b, BOOK_TUNNEL);
	tunnel_save(t, &image);
	write_queue(t, &q);
	cut(&image.chan, q.n);
	image.last = q.n ? q.places[q.n - 1] : 0;
	book_write_tunnel(b, t->place, &image);
	drop_old(t, &q);
}

void tunnel_erase(struct tunnel *t)
{
	const struct queue none = {0};

	if (!t->place)
		return;
	book_erase(t->lns->book, BOOK_TUNNEL, t->place);
	drop_old(t, &none);
	t->place = 0;
}

void session_changed(struct session *s)
{
	struct lns *l = s->tunnel->lns;

	if (l->book && list_empty(&s->changed))
		list_add(&l->changed, &s->changed);
}

void session_erase(struct session *s)
{
	list_del(&s->changed);
	if (s->place)
		book_erase(s->tunnel->lns->book, BOOK_SESSION, s->place);
	s->place = 0;
}

static void session_write(struct session *s)
{
	struct book *b = s->tunnel->lns->book;
	struct session_image image;

	list_del(&s->changed);
	if (!s->place)
		s->place = book_take(b, BOOK_SESSION);
	session_save(s, &image);
	book_write_session(b, s->place, &image);
}

/*
 * The outbox
 */

struct label {
	uint16_t tid, len;
};

void tunnel_send_later(struct tunnel *t, const void *bytes, size_t len)
{
	struct outbox *o = &t->lns->outbox;
	struct label label = {t->tid, (uint16_t)len};

	/* In the middle of an event; but there never is so much to say. */
	if (sizeof(o->bytes) - o->len < sizeof(label) + len)
		tunnel_flush(t);
	memcpy(o->bytes + o->len, &label, sizeof(label));
	memcpy(o->bytes + o->len + sizeof(label), bytes, len);
	o->len += sizeof(label) + len;
}

static void send_all(struct lns *l)
{
	struct outbox *o = &l->outbox;

	for (size_t at = 0; at < o->len;) {
		const struct tunnel *t;
		struct label label;

		memcpy(&label, o->bytes + at, sizeof(label));
		at += sizeof(label);
		t = l->tunnels[label.tid];
		if (t)
			l->ports.tunnel_send(l->ports.ctx, t->tid, &t->path, o->bytes + at,
					     label.len);
		at += label.len;
	}
	o->len = 0;
}

void lns_commit(struct lns *l)
{
	while (!list_empty(&l->changed))
		session_write(container_of(l->changed.next, struct session, changed));
	book_commit(l->book);
	send_all(l);
}

void tunnel_flush(struct tunnel *t)
{
	if (!t->lns->book)
		return;
	write_down(t);
	lns_commit(t->lns);
}

void lns_set_note(struct lns *l, uint16_t sid, uint64_t note)
{
	struct session *s = l->sessions[sid];

	if (!s || s->note == note)
		return;
	s->note = note;
	session_changed(s);
}

void lns_write_down(struct lns *l)
{
	if (l->book)
		lns_commit(l);
}
