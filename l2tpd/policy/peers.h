/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is agreed with which peer: secrets and how they are used, by address and Host Name AVP. */
#ifndef L2TPD_POLICY_PEERS_H
#define L2TPD_POLICY_PEERS_H

#include "l2tpd/fsm/ports.h"

struct peers;

/* One agreement; all of it is copied. */
struct peer_conf {
	const struct addr_prefix *addresses; /* none: any */
	size_t n_addresses;
	const char *host_name; /* NULL: any */
	struct peer_rules rules;
};

/* -ENOMEM; *ret is the caller's. */
int peers_new(const struct peer_conf *conf, size_t n, struct peers **ret);

/* The secrets are wiped. */
void peers_free(struct peers *p);

/*
 * Of the agreements that fit, the one with the longest prefix; then one with a host name; then the
 * first.  Without any: no secret.  Valid until peers_free().
 */
const struct peer_rules *peers_find(const struct peers *p, const struct addr *peer,
				    struct view host_name);

#endif
