/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IPv4 pools.  Addresses of a pool are numbered 0 to n - 1 over its ranges.  Those below `fresh`
 * have been used and stand, while free, in a queue; the others are handed out in order, so that the
 * memory of a large pool is touched only as far as it is used.
 */
#include "l2tpd/policy/pool.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/list.h"
#include "lib/base/map.h"

#define N_SESSIONS 65536
#define END        UINT32_MAX

struct slot {
	struct lease *lease; /* NULL: free */
	uint32_t ip;
	uint32_t next, prev; /* in the queue of free ones, END at its ends */
};

/* One range of a pool. */
struct span {
	uint32_t first, last;
	uint32_t number; /* of `first` in its pool */
	int pool;
};

struct pool {
	const char *name;
	struct span *spans; /* by number */
	struct slot *slots; /* by number; those from `fresh` on are all zero, or leased */
	uint32_t n;
	uint32_t fresh, fresh_span; /* and the span it is in */
	uint32_t oldest, newest;    /* ends of the queue, or END */
};

/* A lease outside all pools. */
struct outside {
	struct map_node node;
	struct lease *lease;
};

struct pools {
	struct pool *pools;
	size_t n;
	struct span *spans; /* of all pools, by address */
	size_t n_spans;
	struct map outside; /* struct outside, by address */
	unsigned int used, size;
	struct lease *leases[N_SESSIONS]; /* by session id */
};

static int by_address(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

static int add_pool(struct pools *p, const struct pool_conf *conf, int index)
{
	struct pool *pool = &p->pools[index];

	*pool = (struct pool){.name = conf->name, .oldest = END, .newest = END};
	pool->spans = calloc(conf->n_ranges + 1, sizeof(*pool->spans));
	if (!pool->spans)
		return -ENOMEM;
	for (size_t i = 0; i < conf->n_ranges; i++) {
		const struct ipv4_range *r = &conf->ranges[i];

		if (r->last - r->first >= POOL_MAX_LEN - pool->n)
			return -E2BIG;
		pool->spans[i] = (struct span){r->first, r->last, pool->n, index};
		p->spans[p->n_spans++] = pool->spans[i];
		pool->n += r->last - r->first + 1;
	}
	p->size += pool->n;
	pool->slots = calloc(pool->n + 1, sizeof(*pool->slots));
	return pool->slots ? 0 : -ENOMEM;
}

int pools_new(const struct pool_conf *conf, size_t n, struct pools **ret)
{
	struct pools *p = calloc(1, sizeof(*p));
	size_t n_spans = 0;
	int err = -ENOMEM;

	if (!p)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		n_spans += conf[i].n_ranges;
	map_init(&p->outside);
	p->pools = calloc(n + 1, sizeof(*p->pools));
	p->spans = calloc(n_spans + 1, sizeof(*p->spans));
	if (!p->pools || !p->spans)
		goto fail;
	while (p->n < n) {
		err = add_pool(p, &conf[p->n], (int)p->n);
		p->n++;
		if (err)
			goto fail;
	}
	qsort(p->spans, p->n_spans, sizeof(*p->spans), by_address);
	err = -EEXIST;
	for (size_t i = 1; i < p->n_spans; i++)
		if (p->spans[i].first <= p->spans[i - 1].last)
			goto fail;
	*ret = p;
	return 0;
fail:
	pools_free(p);
	return err;
}

void pools_free(struct pools *p)
{
	if (!p)
		return;
	for (unsigned int sid = 0; sid < N_SESSIONS; sid++)
		pools_release(p, (uint16_t)sid);
	for (size_t i = 0; i < p->n; i++) {
		free(p->pools[i].slots);
		free(p->pools[i].spans);
	}
	map_done(&p->outside);
	free(p->pools);
	free(p->spans);
	free(p);
}

static bool outside_is(const struct map_node *node, const void *ip)
{
	return container_of(node, struct outside, node)->lease->ip == *(const uint32_t *)ip;
}

static struct outside *find_outside(const struct pools *p, uint32_t ip)
{
	struct map_node *node = map_find(&p->outside, map_hash(&ip, sizeof(ip)), outside_is, &ip);

	return node ? container_of(node, struct outside, node) : NULL;
}

/* The span that holds `ip`, or NULL. */
static const struct span *find_span(const struct pools *p, uint32_t ip)
{
	size_t lo = 0, hi = p->n_spans;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (ip > p->spans[mid].last)
			lo = mid + 1;
		else if (ip < p->spans[mid].first)
			hi = mid;
		else
			return &p->spans[mid];
	}
	return NULL;
}

static struct slot *find_slot(const struct pools *p, const struct span *span, uint32_t ip)
{
	return &p->pools[span->pool].slots[span->number + (ip - span->first)];
}

static void queue_add(struct pool *pool, uint32_t number)
{
	struct slot *s = &pool->slots[number];

	s->next = END;
	s->prev = pool->newest;
	*(pool->newest == END ? &pool->oldest : &pool->slots[pool->newest].next) = number;
	pool->newest = number;
}

static void queue_del(struct pool *pool, uint32_t number)
{
	struct slot *s = &pool->slots[number];

	*(s->prev == END ? &pool->oldest : &pool->slots[s->prev].next) = s->next;
	*(s->next == END ? &pool->newest : &pool->slots[s->next].prev) = s->prev;
}

/* The next address that was never leased, or 0.  Those leased by name are passed over: once each.
 */
static uint32_t take_fresh(struct pool *pool)
{
	while (pool->fresh < pool->n) {
		const struct span *span = &pool->spans[pool->fresh_span];
		uint32_t number = pool->fresh++;

		if (number - span->number == span->last - span->first)
			pool->fresh_span++;
		if (!pool->slots[number].lease)
			return span->first + (number - span->number);
	}
	return 0;
}

/* A free address of the pool, out of the queue; 0: none. */
static uint32_t take_free(struct pool *pool)
{
	uint32_t ip = take_fresh(pool), number = pool->oldest;

	if (ip || number == END)
		return ip;
	queue_del(pool, number);
	return pool->slots[number].ip;
}

/* Mark `ip` of `span` as leased, out of the queue.  -EADDRINUSE. */
static int take_wanted(struct pools *p, const struct span *span, uint32_t ip)
{
	struct pool *pool = &p->pools[span->pool];
	struct slot *s = find_slot(p, span, ip);
	uint32_t number = (uint32_t)(s - pool->slots);

	if (s->lease)
		return -EADDRINUSE;
	if (number < pool->fresh)
		queue_del(pool, number);
	return 0;
}

static int store_outside(struct pools *p, struct lease *lease)
{
	struct outside *o = calloc(1, sizeof(*o));

	if (!o)
		return -ENOMEM;
	o->lease = lease;
	if (map_add(&p->outside, &o->node, map_hash(&lease->ip, sizeof(lease->ip)))) {
		free(o);
		return -ENOMEM;
	}
	return 0;
}

/* Find an address for `lease`, which says what is wanted, and book it. */
static int book(struct pools *p, struct lease *lease)
{
	const struct span *span = lease->ip ? find_span(p, lease->ip) : NULL;
	int err;

	if (lease->ip && !span) {
		lease->pool = POOL_NONE;
		return find_outside(p, lease->ip) ? -EADDRINUSE : store_outside(p, lease);
	}
	if (span) {
		err = take_wanted(p, span, lease->ip);
		if (err)
			return err;
		lease->pool = span->pool;
	} else {
		if (lease->pool < 0 || (size_t)lease->pool >= p->n)
			return -ENODEV;
		lease->ip = take_free(&p->pools[lease->pool]);
		if (!lease->ip)
			return -ENOSPC;
		span = find_span(p, lease->ip);
	}
	*find_slot(p, span, lease->ip) = (struct slot){.lease = lease, .ip = lease->ip};
	return 0;
}

int pools_lease(struct pools *p, int pool, uint32_t wanted, uint16_t sid, const char *user,
		usec_t now, uint32_t *ret_ip)
{
	const struct lease *old = p->leases[sid];
	size_t user_len = strlen(user) + 1;
	struct lease *lease;
	int err;

	/* Keeping the address that it has: free it first, so that it is not found in use. */
	if (old && (!wanted || wanted == old->ip)) {
		wanted = old->ip;
		now = old->since;
		pools_release(p, sid);
	}
	lease = malloc(sizeof(*lease) + user_len);
	if (!lease)
		return -ENOMEM;
	*lease = (struct lease){.ip = wanted, .sid = sid, .pool = pool, .since = now};
	memcpy(lease->user, user, user_len);
	err = book(p, lease);
	if (err) {
		free(lease);
		return err;
	}
	pools_release(p, sid);
	p->leases[sid] = lease;
	p->used++;
	*ret_ip = lease->ip;
	return 0;
}

void pools_release(struct pools *p, uint16_t sid)
{
	struct lease *lease = p->leases[sid];

	if (!lease)
		return;
	p->leases[sid] = NULL;
	p->used--;
	if (lease->pool == POOL_NONE) {
		struct outside *o = find_outside(p, lease->ip);

		map_del(&p->outside, &o->node);
		free(o);
	} else {
		struct pool *pool = &p->pools[lease->pool];
		struct slot *s = find_slot(p, find_span(p, lease->ip), lease->ip);

		s->lease = NULL;
		if ((uint32_t)(s - pool->slots) < pool->fresh)
			queue_add(pool, (uint32_t)(s - pool->slots));
	}
	free(lease);
}

const struct lease *pools_find(const struct pools *p, uint16_t sid)
{
	return p->leases[sid];
}

const struct lease *pools_next(const struct pools *p, uint16_t sid)
{
	for (unsigned int i = sid + 1u; i < N_SESSIONS; i++)
		if (p->leases[i])
			return p->leases[i];
	return NULL;
}

const char *pools_name(const struct pools *p, int pool)
{
	return pool == POOL_NONE ? "" : p->pools[pool].name;
}

unsigned int pools_used(const struct pools *p)
{
	return p->used;
}

unsigned int pools_size(const struct pools *p)
{
	return p->size;
}
