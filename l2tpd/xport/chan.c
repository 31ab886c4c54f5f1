/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reliable delivery; see chan.h.  RFC 2661 5.5 and 5.8.
 * One queue: its head is under way, its tail (from `unsent`) waits for the window.  A timeout puts
 * `unsent` back to the head, so that the lost part goes out again at the pace of slow start.
 */
#include "l2tpd/xport/chan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "l2tpd/xport/seq.h"

/* A message that is answered at all is answered well within this; it spares the ZLB. */
#define ACK_DELAY     (20 * USEC_PER_MS)

/*
 * A peer that asks for ever more without acknowledging our answers finds us deaf until it does:
 * its messages come again, our memory does not.
 */
#define QUEUE_MAX     256

/* Longer messages that come early are not kept; they come again.  No sane one is so long. */
#define EARLY_LEN_MAX 2048

static usec_t sooner(usec_t a, usec_t b)
{
	return a < b ? a : b;
}

void chan_init(struct chan *c, const struct chan_conf *conf, uint16_t peer_tid,
	       uint16_t peer_window, usec_t now)
{
	*c = (struct chan){
		.conf = conf,
		.peer_tid = peer_tid,
		.retry_at = USEC_NEVER,
		.ack_at = USEC_NEVER,
		.heard = now,
		.hello = conf->hello,
		.backoff = conf->retry_first,
	};
	window_init(&c->window, peer_window);
}

void chan_meet(struct chan *c, uint16_t peer_tid, uint16_t peer_window)
{
	c->peer_tid = peer_tid;
	window_init(&c->window, peer_window);
	window_acked(&c->window, c->acked);
}

static void pop(struct chan *c)
{
	struct packet *p = c->first;

	c->first = p->next;
	if (!c->first)
		c->last = NULL;
	if (c->unsent == p)
		c->unsent = p->next;
	c->n_queued--;
	packets_put(c->conf->packets, p);
}

/* Places for early messages: a power of two, so that Ns modulo it goes on counting at the wrap. */
static unsigned int early_slots(const struct chan *c)
{
	unsigned int n = 1;

	while (n < c->conf->window)
		n *= 2;
	return n;
}

static struct chan_early **early_slot(struct chan *c, uint16_t ns)
{
	return &c->early[ns % early_slots(c)];
}

static void early_done(struct chan *c)
{
	for (unsigned int i = 0; c->early && i < early_slots(c); i++)
		free(c->early[i]);
	free(c->early);
	c->early = NULL;
	c->n_early = 0;
}

void chan_done(struct chan *c)
{
	while (c->first)
		pop(c);
	early_done(c);
	c->retry_at = USEC_NEVER;
	c->ack_at = USEC_NEVER;
}

/* Everything that leaves carries Nr, so nothing is left to acknowledge. */
static void acknowledged(struct chan *c)
{
	c->ack_at = USEC_NEVER;
	c->n_unacked = 0;
}

static void send_zlb(struct chan *c)
{
	uint8_t bytes[HDR_CONTROL_LEN];
	struct hdr h = {.control = true, .tid = c->peer_tid, .ns = c->ns, .nr = c->nr};
	struct wr out;

	/* Session id 0: acknowledgements belong to the tunnel. */
	wr_init(&out, bytes, sizeof(bytes));
	hdr_build(&out, &h, HDR_CONTROL_LEN);
	c->conf->send(c, bytes, out.len);
	acknowledged(c);
}

/* Let out what the window allows. */
static void transmit(struct chan *c, usec_t now)
{
	while (c->unsent && window_open(&c->window, (uint16_t)(c->ns - c->acked))) {
		struct packet *p = c->unsent;

		hdr_renumber(p->bytes, c->ns, c->nr);
		if (c->ns == c->ns_max)
			c->ns_max++;
		else
			c->retransmits++;
		c->ns++;
		c->unsent = p->next;
		if (c->retry_at == USEC_NEVER)
			c->retry_at = now + c->backoff;
		c->conf->send(c, p->bytes, p->len);
		acknowledged(c);
	}
}

int chan_send(struct chan *c, uint16_t peer_sid, const struct msg *m, const struct hiding *hide,
	      usec_t now)
{
	struct hdr h = {.control = true, .tid = c->peer_tid, .sid = peer_sid};
	uint8_t bytes[HDR_CONTROL_LEN + MSG_LEN_MAX];
	struct packet *p;
	struct wr out;
	int err;

	wr_init(&out, bytes + HDR_CONTROL_LEN, MSG_LEN_MAX);
	err = msg_build(&out, m, hide);
	if (err)
		return err;
	p = packets_get(c->conf->packets, HDR_CONTROL_LEN + out.len);
	if (!p)
		return -ENOMEM;
	wr_init(&out, bytes, HDR_CONTROL_LEN);
	hdr_build(&out, &h, (uint16_t)p->len);
	memcpy(p->bytes, bytes, p->len);
	if (c->last)
		c->last->next = p;
	else
		c->first = p;
	c->last = p;
	if (!c->unsent)
		c->unsent = p;
	c->n_queued++;
	transmit(c, now);
	return 0;
}

void chan_drop_unsent(struct chan *c)
{
	struct packet **at = &c->first;
	uint16_t ns = c->acked;

	/* What has left once must stay, also if it waits to leave again: its Ns is taken. */
	c->last = NULL;
	for (; *at && ns != c->ns_max; ns++) {
		c->last = *at;
		at = &(*at)->next;
	}
	while (*at) {
		struct packet *p = *at;

		*at = p->next;
		if (c->unsent == p)
			c->unsent = NULL;
		c->n_queued--;
		packets_put(c->conf->packets, p);
	}
}

void chan_hurry(struct chan *c)
{
	if (c->n_unacked)
		c->ack_at = 0;
}

void chan_ack(struct chan *c, usec_t now)
{
	if (c->ack_at <= now)
		send_zlb(c);
}

void chan_quiet(struct chan *c)
{
	while (c->first)
		pop(c);
	c->acked = c->ns = c->ns_max;
	c->hello = USEC_NEVER;
	c->retry_at = USEC_NEVER;
	if (c->n_unacked)
		send_zlb(c);
}

/* The peer has everything below `nr`. */
static void take_nr(struct chan *c, uint16_t nr, usec_t now)
{
	unsigned int n = (uint16_t)(nr - c->acked);

	/* Old news, or about what never left. */
	if (seq_diff(nr, c->acked) <= 0 || seq_diff(nr, c->ns_max) > 0)
		return;
	for (unsigned int i = 0; i < n; i++)
		pop(c);
	c->acked = nr;
	if (seq_before(c->ns, nr))
		c->ns = nr;
	c->tries = 0;
	c->backoff = c->conf->retry_first;
	c->retry_at = c->ns == c->acked ? USEC_NEVER : now + c->backoff;
	window_acked(&c->window, n);
	transmit(c, now);
}

static enum chan_input keep_early(struct chan *c, const struct hdr *h, struct view body)
{
	struct chan_early **slot, *e;

	if (body.len > EARLY_LEN_MAX)
		return CHAN_DROPPED;
	if (!c->early)
		c->early = calloc(early_slots(c), sizeof(*c->early));
	if (!c->early)
		return CHAN_DROPPED;
	slot = early_slot(c, h->ns);
	if (*slot)
		return CHAN_DUPLICATE;
	e = malloc(sizeof(*e) + body.len);
	if (!e)
		return CHAN_DROPPED;
	*e = (struct chan_early){h->ns, h->sid, {(uint8_t *)(e + 1), body.len}};
	memcpy(e + 1, body.p, body.len);
	*slot = e;
	c->n_early++;
	return CHAN_EARLY;
}

/* A message was taken in order: acknowledge it, but give the answer a chance to do so. */
static void advance(struct chan *c, usec_t now)
{
	c->nr++;
	c->n_unacked++;
	if (c->ack_at == USEC_NEVER)
		c->ack_at = now + ACK_DELAY;
	/* A peer with its window full of requests must not have to wait. */
	if (c->n_unacked >= 2 && c->n_unacked >= c->conf->window / 2u)
		send_zlb(c);
}

enum chan_input chan_input(struct chan *c, const struct hdr *h, struct view body, usec_t now)
{
	int ahead = seq_diff(h->ns, c->nr);

	/* Nr counts whatever becomes of the message: a lost message must not hide later acks. */
	c->heard = now;
	take_nr(c, h->nr, now);
	if (!body.len)
		return CHAN_ACK;
	if (ahead < 0) {
		send_zlb(c); /* the peer would not ask again, had it our acknowledgement */
		return CHAN_DUPLICATE;
	}
	if (ahead >= c->conf->window || c->n_queued >= QUEUE_MAX)
		return CHAN_DROPPED;
	if (ahead)
		return keep_early(c, h, body);
	advance(c, now);
	return CHAN_MESSAGE;
}

struct chan_early *chan_take(struct chan *c, usec_t now)
{
	struct chan_early **slot, *e;

	if (!c->n_early)
		return NULL;
	slot = early_slot(c, c->nr);
	e = *slot;
	if (!e)
		return NULL;
	*slot = NULL;
	if (!--c->n_early)
		early_done(c);
	advance(c, now);
	return e;
}

static void retransmit(struct chan *c, usec_t now)
{
	c->tries++;
	c->backoff = sooner(c->backoff * 2, c->conf->retry_cap);
	window_lost(&c->window);
	c->ns = c->acked;
	c->unsent = c->first;
	c->retry_at = USEC_NEVER;
	transmit(c, now);
}

/* When to ask whether the peer is still there: only in silence, and not while it owes an answer. */
static usec_t hello_at(const struct chan *c)
{
	return c->first || c->hello == USEC_NEVER ? USEC_NEVER : c->heard + c->hello;
}

int chan_run(struct chan *c, usec_t now)
{
	static const struct msg hello = {.type = MSG_HELLO};

	if (c->retry_at <= now) {
		if (c->tries >= c->conf->retry_max)
			return -ETIMEDOUT;
		retransmit(c, now);
	}
	if (hello_at(c) <= now && chan_send(c, 0, &hello, NULL, now))
		c->heard = now; /* no memory: ask later */
	chan_ack(c, now);
	return 0;
}

usec_t chan_deadline(const struct chan *c)
{
	return sooner(sooner(c->retry_at, c->ack_at), hello_at(c));
}

bool chan_idle(const struct chan *c)
{
	return !c->first;
}

usec_t chan_cycle(const struct chan_conf *conf)
{
	usec_t wait = conf->retry_first, sum = 0;

	for (unsigned int i = 0; i <= conf->retry_max; i++) {
		sum += wait;
		wait = sooner(wait * 2, conf->retry_cap);
	}
	return sum;
}
