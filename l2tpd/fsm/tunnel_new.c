/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a tunnel begins: its id, its socket, its first message. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "l2tpd/fsm/machine.h"
#include "lib/base/err.h"

#define TID_TRIES 32

/* A tunnel id, if it has none, with an open socket. */
static int open_socket(struct tunnel *t, usec_t now)
{
	struct lns *l = t->lns;
	int err = -EADDRINUSE;

	if (t->tid) {
		err = l->ports.tunnel_open(l->ports.ctx, t->tid, t->peer_tid, &t->path);
		if (err)
			ids_give(&l->tids, t->tid, now);
		return err;
	}
	for (int i = 0; i < TID_TRIES && err == -EADDRINUSE; i++) {
		t->tid = ids_take(&l->tids, now);
		if (!t->tid)
			return -ENOSPC;
		err = l->ports.tunnel_open(l->ports.ctx, t->tid, t->peer_tid, &t->path);
		if (err)
			ids_give(&l->tids, t->tid, now);
	}
	return err;
}

static void no_socket(struct cause *ret, int err)
{
	if (err == -ERR_NO_SA)
		cause_set(ret, STAGE_IPSEC, 0, 0, "its security association has just gone");
	else if (err == -ENOSPC)
		cause_set(ret, STAGE_TUNNEL, STOP_ERROR, ERROR_RESOURCES,
			  "every tunnel id is in use or was a moment ago");
	else
		cause_set(ret, STAGE_TUNNEL, STOP_ERROR, ERROR_RESOURCES, "no tunnel socket: %s",
			  err_text(err));
}

static uint16_t window_of(const struct msg *sccrq)
{
	return msg_has(sccrq, window_size) ? sccrq->window_size : WINDOW_DEFAULT;
}

/* With id, socket and channel, and known to all.  0, or a negative code. */
static int tunnel_new(struct lns *l, const struct path *path, uint16_t tid, uint16_t peer_tid,
		      uint16_t peer_window, usec_t now, struct tunnel **ret)
{
	struct tunnel *t = calloc(1, sizeof(*t));
	int err;

	if (!t)
		return -ENOMEM;
	t->lns = l;
	t->path = *path;
	t->tid = tid;
	t->peer_tid = peer_tid;
	t->calling = !peer_tid;
	t->state = t->calling ? TUN_WAIT_REPLY : TUN_WAIT_CONNECT;
	t->since = now;
	t->until = now + l->conf.setup_limit;
	t->timer_at = USEC_NEVER;
	list_init(&t->in_sa);
	list_init(&t->sessions);
	list_init(&t->starting);
	err = open_socket(t, now);
	if (err) {
		free(t);
		return err;
	}
	l->tunnels[t->tid] = t;
	if (!t->calling)
		l->n_half_open++;
	chan_init(&t->chan, &l->chan_conf, peer_tid, peer_window, now);
	err = lns_add_tunnel(l, t);
	if (err) {
		tunnel_free(t, now);
		return err;
	}
	t->open = true;
	l->n_open++;
	t->sa->n_open++;
	*ret = t;
	return 0;
}

void tunnel_greet(struct tunnel *t, const uint8_t *challenge, const struct hdr *h, struct view body,
		  const struct msg *sccrq, usec_t now)
{
	if (challenge)
		memcpy(t->challenge, challenge, sizeof(t->challenge));
	chan_input(&t->chan, h, body, now);
	handshake_reply(t, sccrq, now);
}

int tunnel_accept(struct lns *l, const struct path *path, const struct peer_rules *rules,
		  const struct hdr *h, struct view body, const struct msg *sccrq,
		  const struct pending_slot *proved, usec_t now, struct cause *ret_why)
{
	struct tunnel *t;
	int err = tunnel_new(l, path, proved ? proved->tid : 0, sccrq->tunnel_id, window_of(sccrq),
			     now, &t);

	if (err) {
		no_socket(ret_why, err);
		return err;
	}
	t->rules = rules;
	handshake_learn(t, sccrq);
	/* What a proved stranger has heard already is only repeated for the channel's books. */
	t->way = proved ? WAY_NOWHERE : WAY_SOCKET;
	tunnel_greet(t, proved ? proved->challenge : NULL, h, body, sccrq, now);
	t->way = WAY_SOCKET;
	tunnel_settle(t, now);
	return 0;
}

int tunnel_call(struct lns *l, const struct path *path, usec_t now, uint16_t *ret_tid)
{
	const struct ports *p = &l->ports;
	const struct view unknown = {0};
	struct tunnel *t;
	int err = tunnel_new(l, path, 0, 0, 1, now, &t);

	if (err)
		return err;
	t->rules = p->peer_rules(p->ctx, path, unknown);
	handshake_request(t, now);
	*ret_tid = t->tid;
	tunnel_settle(t, now);
	return 0;
}
