/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The luck of bad networks, which is the same for the same seed. */
#ifndef TESTS_REPLAY_LUCK_H
#define TESTS_REPLAY_LUCK_H

#include <stdbool.h>
#include <stdint.h>

struct luck {
	uint64_t random;
	unsigned int percent; /* of what may go wrong, so much does */
};

static inline void luck_seed(struct luck *l, uint64_t seed)
{
	l->random = seed * 0x9e3779b97f4a7c15 + 1;
}

/* 0 to `below` - 1 */
static inline uint64_t luck_draw(struct luck *l, uint64_t below)
{
	l->random ^= l->random << 13;
	l->random ^= l->random >> 7;
	l->random ^= l->random << 17;
	return l->random % below;
}

static inline bool luck_fails(struct luck *l)
{
	return luck_draw(l, 100) < l->percent;
}

#endif
