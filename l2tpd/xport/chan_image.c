/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Saving and restoring a channel; see chan_image.h. */
#include "l2tpd/xport/chan_image.h"

#include <errno.h>
#include <string.h>

void chan_save(const struct chan *c, struct chan_image *ret)
{
	*ret = (struct chan_image){
		.retry_at = c->retry_at,
		.ack_at = c->ack_at,
		.heard = c->heard,
		.backoff = c->backoff,
		.retransmits = c->retransmits,
		.tries = c->tries,
		.n_unacked = c->n_unacked,
		.window = c->window,
		.n_queued = (uint16_t)(c->n_queued < CHAN_QUEUE_MAX ? c->n_queued : CHAN_QUEUE_MAX),
		.peer_tid = c->peer_tid,
		.acked = c->acked,
		.ns = c->ns,
		.ns_max = c->ns_max,
		.nr = c->nr,
		.quiet = c->hello != c->conf->hello,
	};
}

bool chan_image_is_good(const struct chan_image *i)
{
	const struct window *w = &i->window;
	uint16_t sent = (uint16_t)(i->ns - i->acked), ever = (uint16_t)(i->ns_max - i->acked);

	return i->n_queued <= CHAN_QUEUE_MAX && sent <= ever && ever <= i->n_queued && w->size &&
	       w->threshold && w->size <= w->peer && w->peer <= WINDOW_MAX && i->backoff &&
	       i->quiet <= 1;
}

void chan_restore(struct chan *c, const struct chan_conf *conf, const struct chan_image *i)
{
	chan_init(c, conf, i->peer_tid, i->window.peer, i->heard);
	c->window = i->window;
	c->retry_at = i->retry_at;
	c->ack_at = i->ack_at;
	c->backoff = i->backoff;
	c->retransmits = i->retransmits;
	c->tries = i->tries;
	c->n_unacked = i->n_unacked;
	c->acked = i->acked;
	c->ns = i->ns;
	c->ns_max = i->ns_max;
	c->nr = i->nr;
	if (i->quiet)
		c->hello = USEC_NEVER;
}

int chan_requeue(struct chan *c, const void *bytes, size_t len)
{
	struct packet *p = packets_get(c->conf->packets, len);

	if (!p)
		return -ENOMEM;
	memcpy(p->bytes, bytes, len);
	if (c->last)
		c->last->next = p;
	else
		c->first = p;
	c->last = p;
	if (!c->unsent && (uint16_t)(c->ns - c->acked) == c->n_queued)
		c->unsent = p;
	c->n_queued++;
	return 0;
}
