/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables by which tunnels, sessions and the tunnels of an SA are found, each in O(1). */
#include <errno.h>
#include <stdlib.h>

#include "l2tpd/fsm/machine.h"

bool path_same(const struct path *a, const struct path *b)
{
	return a->sa.mark == b->sa.mark && addr_equal(&a->peer, &b->peer) &&
	       addr_equal(&a->local, &b->local);
}

struct peer_key {
	struct addr local, peer;
	uint32_t mark;
	uint32_t peer_tid;
};

uint64_t lns_hash_peer(const struct path *path, uint16_t peer_tid)
{
	struct peer_key key = {path->local, path->peer, path->sa.mark, peer_tid};

	return map_hash(&key, sizeof(key));
}

struct peer_want {
	const struct path *path;
	uint16_t peer_tid;
};

static bool is_peer(const struct map_node *node, const void *key)
{
	const struct tunnel *t = container_of(node, struct tunnel, node);
	const struct peer_want *want = key;

	return t->peer_tid == want->peer_tid && path_same(&t->path, want->path);
}

struct tunnel *lns_find_tunnel(const struct lns *l, const struct path *path, uint16_t peer_tid)
{
	struct peer_want want = {path, peer_tid};
	struct map_node *node = map_find(&l->peers, lns_hash_peer(path, peer_tid), is_peer, &want);

	return node ? container_of(node, struct tunnel, node) : NULL;
}

static uint64_t hash_call(uint16_t tid, uint16_t peer_sid)
{
	uint16_t key[2] = {tid, peer_sid};

	return map_hash(key, sizeof(key));
}

struct call_want {
	const struct tunnel *tunnel;
	uint16_t peer_sid;
};

static bool is_call(const struct map_node *node, const void *key)
{
	const struct session *s = container_of(node, struct session, node);
	const struct call_want *want = key;

	return s->tunnel == want->tunnel && s->peer_sid == want->peer_sid;
}

struct session *lns_find_call(const struct lns *l, const struct tunnel *t, uint16_t peer_sid)
{
	struct call_want want = {t, peer_sid};
	struct map_node *node = map_find(&l->calls, hash_call(t->tid, peer_sid), is_call, &want);

	return node ? container_of(node, struct session, node) : NULL;
}

int lns_add_call(struct lns *l, struct session *s)
{
	int err = map_add(&l->calls, &s->node, hash_call(s->tunnel->tid, s->peer_sid));

	s->known = !err;
	return err;
}

static bool is_sa(const struct map_node *node, const void *key)
{
	return container_of(node, struct sa_use, node)->mark == *(const uint32_t *)key;
}

struct sa_use *lns_find_sa(const struct lns *l, uint32_t mark)
{
	struct map_node *node = map_find(&l->sas, map_hash(&mark, sizeof(mark)), is_sa, &mark);

	return node ? container_of(node, struct sa_use, node) : NULL;
}

struct sa_use *sa_use_ref(struct lns *l, uint32_t mark)
{
	struct sa_use *sa = lns_find_sa(l, mark);

	if (!sa) {
		sa = calloc(1, sizeof(*sa));
		if (!sa)
			return NULL;
		sa->mark = mark;
		list_init(&sa->tunnels);
		if (map_add(&l->sas, &sa->node, map_hash(&mark, sizeof(mark)))) {
			free(sa);
			return NULL;
		}
	}
	sa->refs++;
	return sa;
}

void sa_use_unref(struct lns *l, struct sa_use *sa)
{
	if (--sa->refs)
		return;
	map_del(&l->sas, &sa->node);
	free(sa);
}

int lns_add_tunnel(struct lns *l, struct tunnel *t)
{
	t->sa = sa_use_ref(l, t->path.sa.mark);
	if (!t->sa)
		return -ENOMEM;
	list_add(&t->sa->tunnels, &t->in_sa);
	t->known = !map_add(&l->peers, &t->node, lns_hash_peer(&t->path, t->peer_tid));
	return t->known ? 0 : -ENOMEM;
}

int lns_rename_tunnel(struct lns *l, struct tunnel *t, uint16_t peer_tid)
{
	map_del(&l->peers, &t->node);
	t->peer_tid = peer_tid;
	t->known = !map_add(&l->peers, &t->node, lns_hash_peer(&t->path, t->peer_tid));
	return t->known ? 0 : -ENOMEM;
}

/* From the tunnels of its SA to those of another. */
static int change_sa(struct lns *l, struct tunnel *t, uint32_t mark)
{
	struct sa_use *sa = mark == t->sa->mark ? NULL : sa_use_ref(l, mark);

	if (mark == t->sa->mark)
		return 0;
	if (!sa)
		return -ENOMEM;
	if (t->open) {
		t->sa->n_open--;
		sa->n_open++;
	}
	list_del(&t->in_sa);
	list_add(&sa->tunnels, &t->in_sa);
	sa_use_unref(l, t->sa);
	t->sa = sa;
	return 0;
}

int lns_repath_tunnel(struct lns *l, struct tunnel *t, const struct path *path)
{
	int err = change_sa(l, t, path->sa.mark);

	if (err)
		return err;
	if (t->known)
		map_del(&l->peers, &t->node);
	t->path = *path;
	if (t->known)
		t->known = !map_add(&l->peers, &t->node, lns_hash_peer(path, t->peer_tid));
	return 0;
}

void lns_del_tunnel(struct lns *l, struct tunnel *t)
{
	list_del(&t->in_sa);
	if (t->sa)
		sa_use_unref(l, t->sa);
}
