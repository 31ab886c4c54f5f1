/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intrusive hash table with a keyed hash (SipHash-2-4, key drawn once per process), so that keys
 * chosen by a stranger cannot pile up in one slot.  The node is a member of what is stored.
 */
#ifndef LIB_BASE_MAP_H
#define LIB_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_node {
	struct map_node *next;
	uint64_t hash;
};

struct map {
	struct map_node **slots; /* power of two; NULL while empty */
	size_t n_slots;
	size_t n; /* stored nodes */
};

/* True when the object around `node` has the key `key`. */
typedef bool map_match_fn(const struct map_node *node, const void *key);

/* The hash of `len` bytes.  Padding counts: build keys from zeroed structs. */
uint64_t map_hash(const void *key, size_t len);

/* Make `m` empty; no memory is taken until the first map_add(). */
void map_init(struct map *m);

/* Free the slots.  The stored objects stay their owner's. */
void map_done(struct map *m);

/*
 * Store `node` under `hash`.  The caller has made sure that no equal key is stored.
 * -ENOMEM: not stored.  Amortised O(1).
 */
int map_add(struct map *m, struct map_node *node, uint64_t hash);

/* The stored node with this hash for which `match` says yes, or NULL. */
struct map_node *map_find(const struct map *m, uint64_t hash, map_match_fn *match, const void *key);

/* Take out `node`, which must be stored. */
void map_del(struct map *m, struct map_node *node);

/*
 * Visit all nodes: start with NULL, then with the last one returned; NULL at the end.  O(slots) in
 * all: for listings, never for a packet or a timer.  The map must not be changed between calls.
 */
struct map_node *map_next(const struct map *m, const struct map_node *last);

#endif
