/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers for tunnels and sessions: drawn in random order, each used by one at a time, and left
 * alone for a while after use, so that late packets of the last owner find nobody.  O(1).
 */
#ifndef L2TPD_FSM_IDS_H
#define L2TPD_FSM_IDS_H

#include <stdint.h>

#include "lib/base/clock.h"

/* At least: longer than any packet stays under way. */
#define IDS_REST (30 * USEC_PER_S)

struct ids {
	uint16_t *queue;  /* ring of the free ones, longest unused first */
	usec_t *rests_to; /* by id - lo: not before */
	uint32_t n, head, n_free;
	usec_t rest;
	uint16_t lo;
};

/* All of lo to hi, both included, are free; lo > 0.  They rest for `rest` after use.  -ENOMEM. */
int ids_init(struct ids *s, uint16_t lo, uint16_t hi, usec_t rest);
void ids_done(struct ids *s);

/* Take these, of which there is a bit for each number: they are in use. */
void ids_take_all(struct ids *s, const uint8_t used[static 65536 / 8]);

/* A free id; 0: none, or all that are free still rest. */
uint16_t ids_take(struct ids *s, usec_t now);

/* Give back an id that ids_take() gave. */
void ids_give(struct ids *s, uint16_t id, usec_t now);

/*
 * Give back an id that nobody has used, and take any other free one, which no one can foresee; the
 * same again if too many rest.
 */
uint16_t ids_exchange(struct ids *s, uint16_t id, usec_t now);

#endif
