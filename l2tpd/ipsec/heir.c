/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When an SA takes the place of another one.  A rekeyed SA keeps its mark, so this is for the rest:
 * - the peer makes a second CHILD_SA with the same selectors in the same IKE_SA: it sends by the
 *   newest one from now on (IKEv1 rekeys so when charon does not see that it is a rekeying);
 * - the peer authenticates again in IKEv2: an IKE_SA with a CHILD_SA of its own, before or after it
 *   has closed the old one.
 * That the old one was closed by the peer proves, as the new one has its own address, port and
 * identity, that both are the same client's.  An SA that died in silence has no heir: with a shared
 * key everybody may claim its identity, and a NAT may have given its port to somebody else.
 */
#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "l2tpd/ipsec/sa_impl.h"
#include "lib/base/log.h"

/* What all SAs of one client have in common; zeroed, as it is hashed. */
struct client {
	struct addr local, remote;
	bus_text_t connection, remote_id, remote_eap_id, auth;
	uint32_t ike_version, peer_port, instance;
};

static uint64_t client_of(const struct bus_sa *rec)
{
	struct client c;

	memset(&c, 0, sizeof(c));
	c.local = rec->local;
	c.remote = rec->remote;
	snprintf(c.connection, sizeof(c.connection), "%s", rec->connection);
	snprintf(c.remote_id, sizeof(c.remote_id), "%s", rec->remote_id);
	snprintf(c.remote_eap_id, sizeof(c.remote_eap_id), "%s", rec->remote_eap_id);
	snprintf(c.auth, sizeof(c.auth), "%s", rec->auth);
	c.ike_version = rec->ike_version;
	c.peer_port = rec->peer_port;
	c.instance = rec->instance;
	return map_hash(&c, sizeof(c));
}

/* 64 bits by a secret key are as good as the client itself. */
static bool is_any(const struct map_node *node, const void *key)
{
	(void)node, (void)key;
	return true;
}

static struct entry *newest_of(const struct sas *s, uint64_t client)
{
	struct map_node *node = map_find(&s->newest, client, is_any, NULL);

	return node ? container_of(node, struct entry, heir.node) : NULL;
}

static void not_newest(struct sas *s, struct entry *e)
{
	if (e->heir.newest)
		map_del(&s->newest, &e->heir.node);
	e->heir.newest = false;
}

/* Without memory it has no heir, and is none. */
static void make_newest(struct sas *s, struct entry *e)
{
	struct entry *before = newest_of(s, e->heir.client);

	if (before)
		not_newest(s, before);
	e->heir.newest = !map_add(&s->newest, &e->heir.node, e->heir.client);
}

void heir_describe(struct entry *e, const struct bus_sa *rec)
{
	e->heir.client = client_of(rec);
	e->heir.ike_id = rec->ike_id;
	e->heir.ike_version = rec->ike_version;
	e->heir.newest = false;
	list_init(&e->heir.left);
}

static void stop_waiting(struct sas *s, struct entry *e)
{
	if (!heir_is_left(e))
		return;
	list_del(&e->heir.left);
	s->n_left--;
}

/* The tunnels of `old` go on with `e`; without them it has no use. */
static void succeed(struct sas *s, struct entry *old, struct entry *e)
{
	log_info(IPSEC, "sa-replaced", "mark=%u by=%u identity=\"%s\"", old->sa.mark, e->sa.mark,
		 old->sa.identity);
	s->conf.moved(s->conf.ctx, &old->sa, &e->sa);
	if (heir_is_left(old))
		sas_drop(s, old, "another one has taken its place");
	else
		sas_release(s, old->sa.mark);
}

void heir_comes(struct sas *s, struct entry *e)
{
	struct entry *old = newest_of(s, e->heir.client);

	make_newest(s, e);
	if (old && (heir_is_left(old) || old->heir.ike_id == e->heir.ike_id))
		succeed(s, old, e);
}

void heir_replace(struct sas *s, struct entry *e, struct entry *old)
{
	bool newest = old->heir.newest || old->heir.client != e->heir.client;

	heir_forget(s, old);
	if (newest)
		make_newest(s, e);
}

bool heir_awaited(struct sas *s, struct entry *e, const struct bus_sa *rec)
{
	struct entry *newest = newest_of(s, e->heir.client);

	if (!rec->by_peer || !newest || !s->conf.in_use(s->conf.ctx, &e->sa))
		return false;
	if (newest != e) {
		if (!s->conf.in_use(s->conf.ctx, &newest->sa))
			succeed(s, e, newest);
		return false;
	}
	if (e->heir.ike_version < 2)
		return false; /* in IKEv1 the CHILD_SAs of the old IKE_SA stay */
	log_info(IPSEC, "sa-left", "mark=%u identity=\"%s\" reason=\"%s\"", e->sa.mark,
		 e->sa.identity, rec->reason);
	close_forget(e);
	e->heir.until = clock_now() + s->conf.heir_wait;
	list_add(&s->left, &e->heir.left);
	s->n_left++;
	if (!evtimer_pending(s->mourner, NULL))
		sas_wake(s->mourner, e->heir.until);
	return true;
}

void heir_forget(struct sas *s, struct entry *e)
{
	stop_waiting(s, e);
	not_newest(s, e);
}

static void on_mourner(evutil_socket_t fd, short what, void *arg)
{
	struct sas *s = arg;
	usec_t now = clock_now();

	(void)fd, (void)what;
	while (!list_empty(&s->left)) {
		struct entry *e = container_of(s->left.next, struct entry, heir.left);

		if (e->heir.until > now) {
			sas_wake(s->mourner, e->heir.until);
			return;
		}
		sas_drop(s, e, "closed by the peer, which has not come back");
	}
}

int heir_init(struct sas *s, struct event_base *base)
{
	map_init(&s->newest);
	list_init(&s->left);
	s->mourner = evtimer_new(base, on_mourner, s);
	return s->mourner ? 0 : -1;
}

void heir_done(struct sas *s)
{
	if (s->mourner)
		event_free(s->mourner);
	map_done(&s->newest);
}
