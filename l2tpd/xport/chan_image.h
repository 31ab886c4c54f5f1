/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A channel as plain numbers, and back: for another process that goes on with it.  Its messages are
 * handled one by one; those that came early are not part of it, as they come again.
 */
#ifndef L2TPD_XPORT_CHAN_IMAGE_H
#define L2TPD_XPORT_CHAN_IMAGE_H

#include "l2tpd/xport/chan.h"

/* More messages than can be on their way; of what waits behind them, the rest is left out. */
#define CHAN_QUEUE_MAX 2048

struct chan_image {
	usec_t retry_at, ack_at, heard, backoff;
	uint64_t retransmits;
	uint32_t tries, n_unacked;
	struct window window;
	uint16_t n_queued;
	uint16_t peer_tid, acked, ns, ns_max, nr;
	uint16_t quiet; /* after chan_quiet() */
	uint16_t zero[3];
};

void chan_save(const struct chan *c, struct chan_image *ret);

/* Can there be such a channel? */
bool chan_image_is_good(const struct chan_image *i);

/*
 * The channel of a good image; `n_queued` calls of chan_requeue() must follow, oldest first.  Times
 * are those of the same clock.
 */
void chan_restore(struct chan *c, const struct chan_conf *conf, const struct chan_image *i);

/* One of its messages as it was built.  -ENOMEM. */
int chan_requeue(struct chan *c, const void *bytes, size_t len);

#endif
