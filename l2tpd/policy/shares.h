/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many tunnels one IKE identity has, and one address, over all of their SAs: counts by keyed
 * hashes, found in O(1).  Whose an SA is gets settled by its first tunnel and holds as long as it
 * has any, whatever becomes of its identity and address meanwhile.
 */
#ifndef L2TPD_POLICY_SHARES_H
#define L2TPD_POLICY_SHARES_H

#include "l2tpd/fsm/ports.h"

struct shares;

/* NULL: no memory. */
struct shares *shares_new(void);
void shares_free(struct shares *s);

/*
 * The client on `path` has another tunnel; `identity` is the one that it has proved, NULL: none.
 * -ENOMEM: not counted.
 */
int shares_add(struct shares *s, const struct path *path, const char *identity);

/* It has one less; a path that was never added is passed over. */
void shares_del(struct shares *s, const struct path *path);

/*
 * Tunnels of this identity (NULL: 0), and of the path's address (of IPv6: network of 64 bits).
 * Those in the path's own SA, if it has one, are left out: the machines know better which of them
 * are about to make room for the one that is asked for.
 */
unsigned int shares_of_identity(const struct shares *s, const struct path *path,
				const char *identity);
unsigned int shares_of_address(const struct shares *s, const struct path *path);

#endif
