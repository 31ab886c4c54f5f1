/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Three wheels of slots, each slot of the next as long as a whole turn of the one before: a quarter
 * of a second, a minute, hours.  A slot remembers its first timer's time, so that nobody has to
 * wake up just to move timers down: that is done when the first of them is due.
 */
#include "lib/base/wheel.h"

#include <stddef.h>

#define TICK_BITS 10 /* about a millisecond */
#define SLOT_BITS 8

_Static_assert(WHEEL_SLOTS == 1 << SLOT_BITS, "a slot is SLOT_BITS of a tick");

void wheel_init(struct wheel *w, usec_t now)
{
	*w = (struct wheel){.tick = now >> TICK_BITS};
	list_init(&w->due);
	for (unsigned int level = 0; level < WHEEL_LEVELS; level++)
		for (unsigned int i = 0; i < WHEEL_SLOTS; i++)
			list_init(&w->slots[level][i].timers);
}

/* Where the wheel of this level stands. */
static uint64_t turn(uint64_t tick, unsigned int level)
{
	return tick >> (level * SLOT_BITS);
}

static void put(struct wheel *w, struct wheel_timer *t)
{
	uint64_t tick = t->at >> TICK_BITS, ahead;
	usec_t first = t->at;
	struct wheel_slot *slot;
	unsigned int level = 0, i;

	if (tick < w->tick)
		tick = w->tick;
	while ((ahead = turn(tick, level) - turn(w->tick, level)) >= WHEEL_SLOTS &&
	       level < WHEEL_LEVELS - 1)
		level++;
	if (ahead >= WHEEL_SLOTS) {
		/* Too far away for the last wheel: when this slot's turn comes, it goes round
		 * again.
		 */
		ahead = WHEEL_SLOTS - 1;
		first = (turn(w->tick, level) + ahead) << (level * SLOT_BITS + TICK_BITS);
	}
	i = (unsigned int)(turn(w->tick, level) + ahead) % WHEEL_SLOTS;
	slot = &w->slots[level][i];
	if (list_empty(&slot->timers) || first < slot->first)
		slot->first = first;
	list_add(&slot->timers, &t->node);
	w->used[level][i / 64] |= UINT64_C(1) << i % 64;
}

void wheel_set(struct wheel *w, struct wheel_timer *t, usec_t at)
{
	wheel_del(t);
	if (at == USEC_NEVER)
		return;
	t->at = at;
	put(w, t);
}

void wheel_del(struct wheel_timer *t)
{
	if (t->node.next)
		list_del(&t->node);
}

/* The first slot from `from` on, going round, that may have timers; WHEEL_SLOTS: none. */
static unsigned int find_used(const uint64_t *used, unsigned int from)
{
	unsigned int words = WHEEL_SLOTS / 64;
	uint64_t bits = used[from / 64] & UINT64_MAX << from % 64;

	for (unsigned int n = 0, word = from / 64; n <= words; n++) {
		if (bits)
			return word * 64 + (unsigned int)__builtin_ctzll(bits);
		word = (word + 1) % words;
		bits = used[word];
	}
	return WHEEL_SLOTS;
}

/* The slot of this level whose turn comes first, NULL if all are empty. */
static struct wheel_slot *first_slot(struct wheel *w, unsigned int level)
{
	unsigned int from = (unsigned int)turn(w->tick, level) % WHEEL_SLOTS, i;

	while ((i = find_used(w->used[level], from)) < WHEEL_SLOTS) {
		if (!list_empty(&w->slots[level][i].timers))
			return &w->slots[level][i];
		w->used[level][i / 64] &= ~(UINT64_C(1) << i % 64);
	}
	return NULL;
}

/* The slot with the timer that is due first, as far as slots know; NULL: no timer is set. */
static struct wheel_slot *next_slot(struct wheel *w)
{
	struct wheel_slot *next = NULL;

	for (unsigned int level = 0; level < WHEEL_LEVELS; level++) {
		struct wheel_slot *slot = first_slot(w, level);

		if (slot && (!next || slot->first < next->first))
			next = slot;
	}
	return next;
}

/*
 * Those that are due leave; the others go where they belong by now.  No timer is due before this
 * slot's first, so the wheels can stand there.
 */
static void empty(struct wheel *w, struct wheel_slot *slot, usec_t now)
{
	struct list all;

	if (slot->first >> TICK_BITS > w->tick)
		w->tick = slot->first >> TICK_BITS;
	list_init(&all);
	list_move(&all, &slot->timers);
	list_each (node, &all) {
		struct wheel_timer *t = container_of(node, struct wheel_timer, node);

		list_del(node);
		if (t->at <= now)
			list_add(&w->due, node);
		else
			put(w, t);
	}
}

struct wheel_timer *wheel_take(struct wheel *w, usec_t now)
{
	struct wheel_slot *slot;
	struct list *node;

	while (list_empty(&w->due) && (slot = next_slot(w)) && slot->first <= now)
		empty(w, slot, now);
	if (list_empty(&w->due)) {
		w->tick = now >> TICK_BITS;
		return NULL;
	}
	node = w->due.next;
	list_del(node);
	return container_of(node, struct wheel_timer, node);
}

usec_t wheel_next(struct wheel *w)
{
	const struct wheel_slot *slot = next_slot(w);

	if (!list_empty(&w->due))
		return 0;
	return slot ? slot->first : USEC_NEVER;
}
