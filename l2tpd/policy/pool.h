/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IPv4 pools and the leases of all sessions, also of addresses that RADIUS chose outside the pools.
 * In memory only; a session has at most one lease.  Leasing, releasing and looking up are O(1), but
 * for finding the pool of a given address, which is O(log ranges).
 */
#ifndef L2TPD_POLICY_POOL_H
#define L2TPD_POLICY_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/addr.h"
#include "lib/base/clock.h"

#define POOL_NONE    (-1)
#define POOL_MAX_LEN (UINT32_C(1) << 24) /* addresses in one pool: a /8 */

struct pools;

struct pool_conf {
	const char *name; /* borrowed until pools_free() */
	const struct ipv4_range *ranges;
	size_t n_ranges; /* no two ranges overlap, in one pool or in two */
};

struct lease {
	uint32_t ip; /* host order */
	uint16_t sid;
	int pool;     /* index into the configuration, or POOL_NONE */
	usec_t since; /* when the session got this address first */
	char user[];  /* printable, may be "" */
};

/* -E2BIG: a pool above POOL_MAX_LEN; -EEXIST: ranges overlap; -ENOMEM. */
int pools_new(const struct pool_conf *conf, size_t n, struct pools **ret);
void pools_free(struct pools *p);

/*
 * Lease an address to session `sid`, in place of the one it has: `wanted` (0: the one of pool
 * `pool` that has been free for longest).  0; -EADDRINUSE: `wanted` is somebody else's;
 * -ENOSPC: the pool is used up; -ENODEV: no pool to take one from; -ENOMEM.
 */
int pools_lease(struct pools *p, int pool, uint32_t wanted, uint16_t sid, const char *user,
		usec_t now, uint32_t *ret_ip);

/* The session's lease ends, if it has one. */
void pools_release(struct pools *p, uint16_t sid);

/* The lease of a session, or NULL; of the next session after `sid` that has one, or NULL at the
 * end. */
const struct lease *pools_find(const struct pools *p, uint16_t sid);
const struct lease *pools_next(const struct pools *p, uint16_t sid);

/* The name of pool `pool`; "" for POOL_NONE. */
const char *pools_name(const struct pools *p, int pool);

/* Addresses leased now, and addresses of all pools together. */
unsigned int pools_used(const struct pools *p);
unsigned int pools_size(const struct pools *p);

#endif
