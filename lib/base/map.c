/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Intrusive chained hash table; the hash is SipHash-2-4 (Aumasson and Bernstein, 2012). */
#include "lib/base/map.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define SLOTS_MIN 16

static uint64_t rotl(uint64_t x, int n)
{
	return x << n | x >> (64 - n);
}

static void sip_round(uint64_t v[static 4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] = rotl(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[2] = rotl(v[2], 32);
}

static void sip_word(uint64_t v[static 4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	sip_round(v);
	v[0] ^= word;
}

/* The process's own key; drawn at the first use. */
static const uint64_t *hash_key(void)
{
	static uint64_t key[2];
	static bool drawn;

	if (!drawn) {
		/* At early boot this may wait for the pool, as it should. */
		while (getrandom(key, sizeof(key), 0) != sizeof(key))
			;
		drawn = true;
	}
	return key;
}

uint64_t map_hash(const void *key, size_t len)
{
	const uint64_t *k = hash_key();
	const uint8_t *p = key;
	uint64_t v[4] = {
		k[0] ^ 0x736f6d6570736575, /* the constants of the SipHash paper, section 2.1 */
		k[1] ^ 0x646f72616e646f6d,
		k[0] ^ 0x6c7967656e657261,
		k[1] ^ 0x7465646279746573,
	};
	uint64_t word, last = (uint64_t)len << 56;

	for (size_t i = 0; i < len / 8; i++, p += 8) {
		memcpy(&word, p, 8);
		sip_word(v, word);
	}
	for (size_t i = 0; i < len % 8; i++)
		last |= (uint64_t)p[i] << (8 * i);
	sip_word(v, last);
	v[2] ^= 0xff;
	for (int i = 0; i < 4; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

void map_init(struct map *m)
{
	*m = (struct map){0};
}

void map_done(struct map *m)
{
	free(m->slots);
	map_init(m);
}

static struct map_node **slot(const struct map *m, uint64_t hash)
{
	return &m->slots[hash & (m->n_slots - 1)];
}

static int grow(struct map *m)
{
	struct map bigger = {.n_slots = m->n_slots ? 2 * m->n_slots : SLOTS_MIN, .n = m->n};

	bigger.slots = calloc(bigger.n_slots, sizeof(*bigger.slots));
	if (!bigger.slots)
		return -ENOMEM;
	for (size_t i = 0; i < m->n_slots; i++) {
		while (m->slots[i]) {
			struct map_node *node = m->slots[i], **to = slot(&bigger, node->hash);

			m->slots[i] = node->next;
			node->next = *to;
			*to = node;
		}
	}
	free(m->slots);
	*m = bigger;
	return 0;
}

int map_add(struct map *m, struct map_node *node, uint64_t hash)
{
	struct map_node **to;

	/* A full table that cannot grow still works, only slower. */
	if (m->n >= m->n_slots && grow(m) && !m->slots)
		return -ENOMEM;
	to = slot(m, hash);
	node->hash = hash;
	node->next = *to;
	*to = node;
	m->n++;
	return 0;
}

struct map_node *map_find(const struct map *m, uint64_t hash, map_match_fn *match, const void *key)
{
	if (!m->slots)
		return NULL;
	for (struct map_node *node = *slot(m, hash); node; node = node->next)
		if (node->hash == hash && match(node, key))
			return node;
	return NULL;
}

void map_del(struct map *m, struct map_node *node)
{
	struct map_node **at = slot(m, node->hash);

	while (*at != node)
		at = &(*at)->next;
	*at = node->next;
	node->next = NULL;
	m->n--;
}

struct map_node *map_next(const struct map *m, const struct map_node *last)
{
	size_t i = 0;

	if (last) {
		if (last->next)
			return last->next;
		i = (last->hash & (m->n_slots - 1)) + 1;
	}
	for (; i < m->n_slots; i++)
		if (m->slots[i])
			return m->slots[i];
	return NULL;
}
