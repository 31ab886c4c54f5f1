/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules for peers, kept as an array: there are few, and they are asked for once per tunnel. */
#include "l2tpd/policy/peers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/secret.h"

struct peer {
	struct addr_prefix *addresses;
	size_t n_addresses;
	char *host_name;
	uint8_t *secret;
	struct peer_rules rules;
};

struct peers {
	size_t n;
	struct peer list[];
};

static const struct peer_rules no_rules;

/* A copy on the heap; NULL for nothing, and without memory. */
static void *copy_of(const void *p, size_t len)
{
	void *copy = p && len ? malloc(len) : NULL;

	return copy ? memcpy(copy, p, len) : NULL;
}

static int add(struct peer *p, const struct peer_conf *c)
{
	p->addresses = copy_of(c->addresses, c->n_addresses * sizeof(*c->addresses));
	p->n_addresses = c->n_addresses;
	p->host_name = c->host_name ? strdup(c->host_name) : NULL;
	p->secret = copy_of(c->rules.secret.p, c->rules.secret.len);
	p->rules = c->rules;
	p->rules.secret.p = p->secret;
	if ((c->n_addresses && !p->addresses) || (c->host_name && !p->host_name) ||
	    (c->rules.secret.len && !p->secret))
		return -ENOMEM;
	return 0;
}

int peers_new(const struct peer_conf *conf, size_t n, struct peers **ret)
{
	struct peers *p = calloc(1, sizeof(*p) + n * sizeof(p->list[0]));

	if (!p)
		return -ENOMEM;
	for (; p->n < n; p->n++)
		if (add(&p->list[p->n], &conf[p->n])) {
			p->n++;
			peers_free(p);
			return -ENOMEM;
		}
	*ret = p;
	return 0;
}

void peers_free(struct peers *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n; i++) {
		struct peer *peer = &p->list[i];

		if (peer->secret)
			secret_wipe(peer->secret, peer->rules.secret.len);
		free(peer->secret);
		free(peer->host_name);
		free(peer->addresses);
	}
	free(p);
}

/* How well a peer fits: the more bits the better, and a name is worth half a bit; -1: not. */
static int fit(const struct peer *p, const struct addr *a, struct view host_name)
{
	int best = p->n_addresses ? -1 : 0;

	for (size_t i = 0; i < p->n_addresses; i++)
		if (addr_prefix_holds(&p->addresses[i], a) && 2 * (int)p->addresses[i].bits > best)
			best = 2 * (int)p->addresses[i].bits;
	if (best < 0 || (p->host_name && !view_is(host_name, p->host_name)))
		return -1;
	return best + (p->host_name ? 1 : 0);
}

const struct peer_rules *peers_find(const struct peers *p, const struct addr *peer,
				    struct view host_name)
{
	const struct peer_rules *found = &no_rules;
	int best = -1;

	for (size_t i = 0; i < p->n; i++) {
		int how = fit(&p->list[i], peer, host_name);

		if (how <= best)
			continue;
		best = how;
		found = &p->list[i].rules;
	}
	return found;
}
