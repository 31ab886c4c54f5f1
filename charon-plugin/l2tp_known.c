/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Peers by a keyed hash of address and identity.  Those without an SA wait in
 * a list, the oldest first, until their time is over.
 */

#include "charon-plugin/l2tp_known.h"

#include "lib/base/list.h"
#include "lib/base/map.h"

typedef struct private_l2tp_known_t private_l2tp_known_t;

/**
 * Private data of an l2tp_known_t object.
 */
struct private_l2tp_known_t {

	/**
	 * Public interface.
	 */
	l2tp_known_t public;

	/**
	 * Peers, as peer_t
	 */
	struct map map;

	/**
	 * Those without an SA, in the order in which they are to be forgotten
	 */
	struct list leaving;

	/**
	 * How long they are known
	 */
	usec_t memory;
};

/**
 * One peer; the hash of its node is all that is kept of who it is
 */
typedef struct {
	/** place in the map */
	struct map_node node;
	/** place among those without an SA */
	struct list leaving;
	/** when it is forgotten, if it is there */
	usec_t until;
	/** its SAs */
	u_int count;
} peer_t;

/**
 * The hash says it all
 */
static bool is_same(const struct map_node *node, const void *key)
{
	return TRUE;
}

/*
 * Described in header
 */
uint64_t l2tp_known_hash(const struct bus_sa *sa)
{
	struct {
		struct addr addr;
		bus_text_t id;
	} key;

	memset(&key, 0, sizeof(key));
	memcpy(key.addr.ip, sa->remote.ip, sizeof(key.addr.ip));
	key.addr.family = sa->remote.family;
	memcpy(key.id, sa->remote_id, strlen(sa->remote_id));
	return map_hash(&key, sizeof(key));
}

static peer_t *find(private_l2tp_known_t *this, uint64_t hash)
{
	struct map_node *node;

	node = map_find(&this->map, hash, is_same, NULL);
	return node ? container_of(node, peer_t, node) : NULL;
}

static void forget(private_l2tp_known_t *this, peer_t *peer)
{
	map_del(&this->map, &peer->node);
	list_del(&peer->leaving);
	free(peer);
}

/**
 * Forget those whose time is over: each of them once
 */
static void expire(private_l2tp_known_t *this, usec_t now)
{
	peer_t *peer;

	while (!list_empty(&this->leaving))
	{
		peer = container_of(this->leaving.next, peer_t, leaving);
		if (peer->until > now)
		{
			break;
		}
		forget(this, peer);
	}
}

METHOD(l2tp_known_t, add, void,
	private_l2tp_known_t *this, uint64_t hash)
{
	peer_t *peer = find(this, hash);

	if (!peer)
	{
		INIT(peer);
		list_init(&peer->leaving);
		if (map_add(&this->map, &peer->node, hash) < 0)
		{
			free(peer);
			return;
		}
	}
	list_del(&peer->leaving);
	peer->count++;
}

METHOD(l2tp_known_t, remove_, void,
	private_l2tp_known_t *this, uint64_t hash, usec_t now)
{
	peer_t *peer = find(this, hash);

	if (peer && peer->count && --peer->count == 0)
	{
		peer->until = now + this->memory;
		list_add(&this->leaving, &peer->leaving);
	}
	expire(this, now);
}

METHOD(l2tp_known_t, has, bool,
	private_l2tp_known_t *this, uint64_t hash, usec_t now)
{
	expire(this, now);
	return find(this, hash) != NULL;
}

METHOD(l2tp_known_t, destroy, void,
	private_l2tp_known_t *this)
{
	struct map_node *node;

	while ((node = map_next(&this->map, NULL)))
	{
		forget(this, container_of(node, peer_t, node));
	}
	map_done(&this->map);
	free(this);
}

/*
 * Described in header
 */
l2tp_known_t *l2tp_known_create(usec_t memory)
{
	private_l2tp_known_t *this;

	INIT(this,
		.public = {
			.add = _add,
			.remove = _remove_,
			.has = _has,
			.destroy = _destroy,
		},
		.memory = memory,
	);
	map_init(&this->map);
	list_init(&this->leaving);

	return &this->public;
}
