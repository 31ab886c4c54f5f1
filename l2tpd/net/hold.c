/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A ring of waiting datagrams. */
#include "l2tpd/net/hold.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct held {
	struct path from;
	usec_t until;
	size_t len; /* 0: free or taken */
	uint8_t bytes[HOLD_BYTES];
};

struct hold {
	unsigned int next; /* slot to fill: the free or oldest one */
	struct held ring[HOLD_MAX];
};

struct hold *hold_new(void)
{
	return calloc(1, sizeof(struct hold));
}

void hold_free(struct hold *h)
{
	free(h);
}

int hold_add(struct hold *h, const struct path *from, const void *bytes, size_t len, usec_t now)
{
	struct held *slot = &h->ring[h->next];

	if (!len || len > HOLD_BYTES)
		return -EMSGSIZE;
	h->next = (h->next + 1) % HOLD_MAX;
	slot->from = *from;
	slot->until = now + HOLD_TIME;
	slot->len = len;
	memcpy(slot->bytes, bytes, len);
	return 0;
}

/* Empty the slot before its datagram is handed on: the receiver may fill it again. */
static void hand_on(struct held *slot, hold_fn *fn, void *ctx)
{
	struct held copy = *slot;

	slot->len = 0;
	fn(ctx, &copy.from, copy.bytes, copy.len);
}

void hold_take(struct hold *h, uint32_t mark, hold_fn *fn, void *ctx)
{
	unsigned int oldest = h->next;

	for (unsigned int i = 0; i < HOLD_MAX; i++) {
		struct held *slot = &h->ring[(oldest + i) % HOLD_MAX];

		if (slot->len && slot->from.sa.mark == mark)
			hand_on(slot, fn, ctx);
	}
}

usec_t hold_expire(struct hold *h, usec_t now, hold_fn *fn, void *ctx)
{
	usec_t next = USEC_NEVER;
	unsigned int oldest = h->next;

	for (unsigned int i = 0; i < HOLD_MAX; i++) {
		struct held *slot = &h->ring[(oldest + i) % HOLD_MAX];

		if (slot->len && slot->until <= now)
			hand_on(slot, fn, ctx);
		else if (slot->len && slot->until < next)
			next = slot->until;
	}
	return next;
}
