/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Free numbers in a ring; see ids.h. */
#include "l2tpd/fsm/ids.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/base/secret.h"

#define EXCHANGE_TRIES 8 /* of the free ones few rest, but after a rush */

/* Fisher and Yates; the draw only has to be hard to guess, so 16 bits modulo at most 65535 do. */
static int shuffle(uint16_t *v, uint32_t n)
{
	uint32_t *random = malloc(n * sizeof(*random));

	if (!random)
		return -ENOMEM;
	secret_random(random, n * sizeof(*random));
	for (uint32_t i = n - 1; i; i--) {
		uint32_t k = random[i] % (i + 1);
		uint16_t id = v[i];

		v[i] = v[k];
		v[k] = id;
	}
	free(random);
	return 0;
}

int ids_init(struct ids *s, uint16_t lo, uint16_t hi, usec_t rest)
{
	uint32_t n = (uint32_t)hi - lo + 1;

	*s = (struct ids){.lo = lo, .n = n, .n_free = n, .rest = rest};
	s->queue = malloc(n * sizeof(*s->queue));
	s->rests_to = calloc(n, sizeof(*s->rests_to));
	for (uint32_t i = 0; s->queue && i < n; i++)
		s->queue[i] = (uint16_t)(lo + i);
	if (!s->queue || !s->rests_to || shuffle(s->queue, n)) {
		ids_done(s);
		return -ENOMEM;
	}
	return 0;
}

void ids_done(struct ids *s)
{
	free(s->queue);
	free(s->rests_to);
	*s = (struct ids){0};
}

void ids_take_all(struct ids *s, const uint8_t used[static 65536 / 8])
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < s->n_free; i++) {
		uint16_t id = s->queue[(s->head + i) % s->n];

		if (!(used[id / 8] & (1 << id % 8)))
			s->queue[(s->head + kept++) % s->n] = id;
	}
	s->n_free = kept;
}

uint16_t ids_take(struct ids *s, usec_t now)
{
	uint16_t id = s->queue[s->head];

	if (!s->n_free || s->rests_to[id - s->lo] > now)
		return 0;
	s->head = (s->head + 1) % s->n;
	s->n_free--;
	return id;
}

void ids_give(struct ids *s, uint16_t id, usec_t now)
{
	s->queue[(s->head + s->n_free) % s->n] = id;
	s->rests_to[id - s->lo] = now + s->rest;
	s->n_free++;
}

uint16_t ids_exchange(struct ids *s, uint16_t id, usec_t now)
{
	for (int i = 0; i < EXCHANGE_TRIES && s->n_free; i++) {
		uint32_t at = (s->head + secret_random_below(s->n_free)) % s->n;
		uint16_t other = s->queue[at];

		if (s->rests_to[other - s->lo] > now)
			continue;
		s->queue[at] = id;
		return other;
	}
	return id;
}
