/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts of clients, identities and addresses in one map; see shares.h. */
#include "l2tpd/policy/shares.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/list.h"
#include "lib/base/map.h"

enum kind { OF_CLIENT, OF_IDENTITY, OF_ADDRESS };

struct share {
	struct map_node node; /* its hash is all that is known of whose it is */
	unsigned int n;
	struct share *identity, *address; /* of a client: where it counts too; NULL: nowhere */
};

struct shares {
	struct map map;
};

struct id {
	enum kind kind;
	uint64_t hash;
};

/* The hash is keyed, and as good as the key: two of 64 bits are equal by no accident. */
static bool is_same(const struct map_node *node, const void *key)
{
	(void)node;
	(void)key;
	return true;
}

static uint64_t key_of(enum kind kind, uint64_t hash)
{
	struct id id;

	memset(&id, 0, sizeof(id)); /* padding too */
	id.kind = kind;
	id.hash = hash;
	return map_hash(&id, sizeof(id));
}

static uint64_t key_of_client(const struct path *path)
{
	return key_of(OF_CLIENT, path_source(path));
}

static uint64_t key_of_identity(const char *identity)
{
	return key_of(OF_IDENTITY, map_hash(identity, strlen(identity)));
}

static uint64_t key_of_address(const struct path *path)
{
	const struct path bare = {.peer = path->peer};

	return key_of(OF_ADDRESS, path_source(&bare));
}

static struct share *find(const struct shares *s, uint64_t key)
{
	struct map_node *node = map_find(&s->map, key, is_same, NULL);

	return node ? container_of(node, struct share, node) : NULL;
}

/* One more under this key; NULL: no memory. */
static struct share *take(struct shares *s, uint64_t key)
{
	struct share *share = find(s, key);

	if (!share) {
		share = calloc(1, sizeof(*share));
		if (!share)
			return NULL;
		if (map_add(&s->map, &share->node, key)) {
			free(share);
			return NULL;
		}
	}
	share->n++;
	return share;
}

static void give(struct shares *s, struct share *share)
{
	if (!share || --share->n)
		return;
	map_del(&s->map, &share->node);
	free(share);
}

struct shares *shares_new(void)
{
	struct shares *s = calloc(1, sizeof(*s));

	if (s)
		map_init(&s->map);
	return s;
}

void shares_free(struct shares *s)
{
	struct map_node *node;

	if (!s)
		return;
	while ((node = map_next(&s->map, NULL))) {
		map_del(&s->map, node);
		free(container_of(node, struct share, node));
	}
	map_done(&s->map);
	free(s);
}

int shares_add(struct shares *s, const struct path *path, const char *identity)
{
	struct share *client = take(s, key_of_client(path)), *of_identity = NULL, *address;

	if (!client)
		return -ENOMEM;
	if (client->n > 1) { /* its owners are settled */
		if (client->identity)
			client->identity->n++;
		client->address->n++;
		return 0;
	}
	address = take(s, key_of_address(path));
	if (address && identity)
		of_identity = take(s, key_of_identity(identity));
	if (!address || (identity && !of_identity)) {
		give(s, address);
		give(s, client);
		return -ENOMEM;
	}
	client->identity = of_identity;
	client->address = address;
	return 0;
}

void shares_del(struct shares *s, const struct path *path)
{
	struct share *client = find(s, key_of_client(path));

	if (!client)
		return;
	give(s, client->identity);
	give(s, client->address);
	give(s, client);
}

/* What counts under `key`, without what is the path's own SA's. */
static unsigned int others(const struct shares *s, const struct path *path, uint64_t key)
{
	const struct share *share = find(s, key), *client = NULL;

	if (!share)
		return 0;
	if (path->sa.mark)
		client = find(s, key_of_client(path));
	if (client && (client->identity == share || client->address == share))
		return share->n - client->n;
	return share->n;
}

unsigned int shares_of_identity(const struct shares *s, const struct path *path,
				const char *identity)
{
	return identity ? others(s, path, key_of_identity(identity)) : 0;
}

unsigned int shares_of_address(const struct shares *s, const struct path *path)
{
	return others(s, path, key_of_address(path));
}
