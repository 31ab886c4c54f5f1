/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Token buckets and a set-associative table of them; see rate.h. */
#include "lib/base/rate.h"

#include <stdlib.h>

#define WAYS 8 /* places that a key may have */

struct bucket {
	uint64_t key;
	usec_t paid; /* 0: free */
};

struct rates {
	size_t n_sets; /* power of two */
	struct bucket sets[][WAYS];
};

struct rate rate_per_s(unsigned int per_s, unsigned int burst)
{
	return (struct rate){per_s ? USEC_PER_S / per_s : 0, burst ? burst : 1};
}

bool rate_take(const struct rate *r, usec_t *paid, usec_t now)
{
	usec_t next = (*paid > now ? *paid : now) + r->every;

	if (next - now > r->every * r->burst)
		return false;
	*paid = next;
	return true;
}

struct rates *rates_new(size_t n)
{
	struct rates *t;
	size_t n_sets = 1;

	while (n_sets * WAYS < n)
		n_sets *= 2;
	t = calloc(1, sizeof(*t) + n_sets * sizeof(t->sets[0]));
	if (t)
		t->n_sets = n_sets;
	return t;
}

void rates_free(struct rates *t)
{
	free(t);
}

bool rates_take(struct rates *t, const struct rate *r, uint64_t key, usec_t now)
{
	struct bucket *set = t->sets[key & (t->n_sets - 1)], *b = set;

	if (!r->every)
		return true;
	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].paid && set[i].key == key)
			return rate_take(r, &set[i].paid, now);
		if (set[i].paid < b->paid)
			b = &set[i];
	}
	*b = (struct bucket){.key = key};
	return rate_take(r, &b->paid, now);
}
