/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A fixed number of strangers, found by their path and by our id; see pending.h. */
#include "l2tpd/fsm/pending.h"

#include <stdlib.h>
#include <string.h>

#include "l2tpd/fsm/machine.h"
#include "lib/base/secret.h"

struct pending {
	struct ids *tids;
	struct map by_path;
	struct list here, free;          /* oldest first; the last one was used last */
	uint16_t by_tid[UINT16_MAX + 1]; /* 1 and the place; 0: none */
	struct pending_slot slots[];
};

/* An id, when there is one. */
static void name(struct pending *p, struct pending_slot *slot, usec_t now)
{
	slot->tid = ids_take(p->tids, now);
	if (slot->tid)
		p->by_tid[slot->tid] = (uint16_t)(slot - p->slots + 1);
}

/*
 * For each stranger another id, at random: the order in which places are used can be learnt, and
 * who knows the id of the next one could answer our SCCRP without having heard it.
 */
static void rename_place(struct pending *p, struct pending_slot *slot, usec_t now)
{
	if (!slot->tid) {
		name(p, slot, now);
		return;
	}
	p->by_tid[slot->tid] = 0;
	slot->tid = ids_exchange(p->tids, slot->tid, now);
	p->by_tid[slot->tid] = (uint16_t)(slot - p->slots + 1);
}

struct pending *pending_new(size_t n, struct ids *tids)
{
	struct pending *p = calloc(1, sizeof(*p) + n * sizeof(p->slots[0]));

	if (!p)
		return NULL;
	p->tids = tids;
	map_init(&p->by_path);
	list_init(&p->here);
	list_init(&p->free);
	for (size_t i = 0; i < n; i++) {
		name(p, &p->slots[i], 0);
		list_init(&p->slots[i].list);
		list_add(&p->free, &p->slots[i].list);
	}
	return p;
}

void pending_free(struct pending *p)
{
	if (!p)
		return;
	map_done(&p->by_path);
	free(p);
}

struct wanted {
	const struct path *path;
	uint16_t peer_tid;
};

static bool is_wanted(const struct map_node *node, const void *key)
{
	const struct pending_slot *slot = container_of(node, struct pending_slot, node);
	const struct wanted *w = key;

	return slot->peer_tid == w->peer_tid && path_same(&slot->path, w->path);
}

/* Nobody is here any more. */
static void clear(struct pending *p, struct pending_slot *slot)
{
	map_del(&p->by_path, &slot->node);
	slot->len = 0;
	list_del(&slot->list);
	list_add(&p->free, &slot->list);
}

/* A free place: the one that was used last, so that few are in memory; else the oldest one. */
static struct pending_slot *make_room(struct pending *p)
{
	if (list_empty(&p->free))
		clear(p, container_of(p->here.next, struct pending_slot, list));
	return container_of(p->free.prev, struct pending_slot, list);
}

struct pending_slot *pending_add(struct pending *p, const struct path *path, uint16_t peer_tid,
				 struct view sccrq, usec_t now)
{
	uint64_t hash = lns_hash_peer(path, peer_tid);
	struct wanted w = {path, peer_tid};
	struct map_node *node = map_find(&p->by_path, hash, is_wanted, &w);
	struct pending_slot *slot;

	if (node)
		return container_of(node, struct pending_slot, node);
	if (!sccrq.len || sccrq.len > PENDING_SCCRQ_MAX)
		return NULL;
	slot = make_room(p);
	rename_place(p, slot, now);
	if (!slot->tid || map_add(&p->by_path, &slot->node, hash))
		return NULL;
	slot->path = *path;
	slot->peer_tid = peer_tid;
	slot->len = (uint16_t)sccrq.len;
	memcpy(slot->sccrq, sccrq.p, sccrq.len);
	secret_random(slot->challenge, sizeof(slot->challenge));
	list_del(&slot->list);
	list_add(&p->here, &slot->list);
	return slot;
}

struct pending_slot *pending_find(struct pending *p, uint16_t tid)
{
	struct pending_slot *slot = p->by_tid[tid] ? &p->slots[p->by_tid[tid] - 1] : NULL;

	return slot && slot->len ? slot : NULL;
}

void pending_leave(struct pending *p, struct pending_slot *slot, usec_t now)
{
	p->by_tid[slot->tid] = 0;
	clear(p, slot);
	name(p, slot, now);
}
