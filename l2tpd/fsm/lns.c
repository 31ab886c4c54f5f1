/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The server as a whole: its beginning and end, the way of each datagram to its tunnel, and what
 * the world outside wants of tunnels and sessions.  RFC 2661 3.1 and 5.
 */
#include "l2tpd/fsm/lns.h"

#include <errno.h>
#include <stdlib.h>

#include "l2tpd/fsm/machine.h"

#define SOURCES 1024 /* whose shares are known at the same time */

/*
 * D-Link's DIR-300 never uses our id: after SCCRP it goes on with 0.  Its SCCCN gives it away, and
 * means the one tunnel of its SA.  Without an SA the id is all that keeps strangers out, so no.
 */
static struct tunnel *tunnel_by_zero(struct lns *l, const struct path *from, uint16_t type)
{
	const struct sa_use *sa = from->sa.mark ? lns_find_sa(l, from->sa.mark) : NULL;
	struct tunnel *found = NULL;

	if (!sa || sa->n_open != 1 || l->conf.strictness == MSG_STRICT)
		return NULL;
	list_each (pos, &sa->tunnels) {
		struct tunnel *t = container_of(pos, struct tunnel, in_sa);

		if (t->open && path_same(&t->path, from))
			found = t;
	}
	if (found && found->state == TUN_WAIT_CONNECT && type == MSG_SCCCN)
		found->by_zero = true;
	return found && found->by_zero ? found : NULL;
}

/* Does this come from the stranger that was told the id, who has heard of it by our SCCRP? */
static struct pending_slot *proving(const struct lns *l, const struct path *from,
				    const struct hdr *h)
{
	struct pending_slot *slot = l->pending ? pending_find(l->pending, h->tid) : NULL;

	return slot && h->nr == 1 && path_same(&slot->path, from) ? slot : NULL;
}

/* A packet for tunnel 0: SCCRQ, or StopCCN of a client that never got our id. */
static void listener(struct lns *l, const struct path *from, const struct hdr *h, struct view body,
		     usec_t now)
{
	struct verdict v;
	struct cause why;
	struct msg_scratch scratch;
	struct tunnel *t;
	struct msg m;
	int err;

	if (!body.len) { /* of a refusal, which we have forgotten; else by_zero */
		t = tunnel_by_zero(l, from, 0);
		if (t)
			tunnel_input(t, h, body, now);
		return;
	}
	err = request_read(l, from, body, &m, &scratch, &v);
	if (m.type == MSG_STOPCCN) {
		t = m.tunnel_id ? lns_find_tunnel(l, from, m.tunnel_id) : NULL;
		if (t)
			tunnel_input(t, h, body, now);
		else
			stray_answer(l, from, h, m.tunnel_id, NULL, now);
		return;
	}
	t = m.type == MSG_SCCRQ ? NULL : tunnel_by_zero(l, from, m.type);
	if (t) {
		tunnel_input(t, h, body, now);
		return;
	}
	if (err) {
		count(l->counters, COUNT_BAD_MESSAGE);
		if (err == -ENOMSG)
			return;
		cause_from_verdict(&why, STAGE_TUNNEL, &m, &v);
	}
	if (m.type != MSG_SCCRQ) {
		count(l->counters, COUNT_UNKNOWN_TUNNEL);
		return;
	}
	if (msg_has(&m, tunnel_id))
		request_tunnel(l, from, h, body, &m, err ? &why : NULL, now);
	else
		request_failed(l, from, &why); /* there is no address for an answer */
}

void lns_input(struct lns *l, const struct path *from, uint16_t via, const void *bytes, size_t len,
	       usec_t now)
{
	struct pending_slot *slot;
	struct view body;
	struct tunnel *t;
	struct hdr h;

	count(l->counters, COUNT_RX_DATAGRAMS);
	if (hdr_parse(&h, &body, bytes, len)) {
		count(l->counters, COUNT_BAD_HEADER);
		return;
	}
	if (!h.control) {
		count(l->counters, COUNT_STRAY_DATA);
		return;
	}
	if (!via && !h.tid) {
		listener(l, from, &h, body, now);
		return;
	}
	t = l->tunnels[h.tid];
	/* The kernel vouches for what came by the tunnel's own socket; for the rest its path does.
	 */
	if (via ? h.tid != via : t && !path_same(&t->path, from))
		count(l->counters, COUNT_FOREIGN_TUNNEL);
	else if (!t && (slot = proving(l, from, &h)))
		stranger_proves(l, slot, &h, body, now);
	else if (!t)
		stray_packet(l, from, &h, body, now);
	else
		tunnel_input(t, &h, body, now);
}

void lns_timer(struct lns *l, uint16_t tid, usec_t now)
{
	if (l->tunnels[tid])
		tunnel_timer(l->tunnels[tid], now);
}

/*
 * Ends from outside
 */

void lns_ppp_exited(struct lns *l, uint16_t sid, const struct cause *why, usec_t now)
{
	struct session *s = l->sessions[sid];
	struct event e = {.now = now, .why = why};
	struct tunnel *t;

	if (!s)
		return;
	t = s->tunnel;
	session_event(s, SEV_PPP_EXIT, &e);
	tunnel_settle(t, now);
}

int lns_end_session(struct lns *l, uint16_t sid, const struct cause *why, usec_t now)
{
	struct session *s = l->sessions[sid];
	struct event e = {.now = now, .why = why};
	struct tunnel *t;

	if (!s)
		return -ENOENT;
	t = s->tunnel;
	session_event(s, SEV_END, &e);
	tunnel_settle(t, now);
	return 0;
}

int lns_end_tunnel(struct lns *l, uint16_t tid, const struct cause *why, usec_t now)
{
	struct tunnel *t = l->tunnels[tid];

	if (!t || !t->open)
		return -ENOENT;
	tunnel_happens(t, TEV_END, why, now);
	return 0;
}

int lns_open_tunnel(struct lns *l, const struct path *path, usec_t now, uint16_t *ret_tid)
{
	if (l->closing)
		return -ESHUTDOWN;
	if (lns_find_tunnel(l, path, 0))
		return -EALREADY;
	return tunnel_call(l, path, now, ret_tid);
}

int lns_place_call(struct lns *l, uint16_t tid, const struct call *call, usec_t now,
		   uint16_t *ret_sid)
{
	struct tunnel *t = l->tunnels[tid];
	int err;

	if (!t || t->state != TUN_UP)
		return -ENOENT;
	err = session_place(t, call, now, ret_sid);
	tunnel_settle(t, now);
	return err;
}

int lns_call_answered(struct lns *l, uint16_t sid, const struct call *call, usec_t now)
{
	struct session *s = l->sessions[sid];
	struct event e = {.now = now};

	if (!s || s->state != SES_DIALLING)
		return -ENOENT;
	s->call.tx_speed = call->tx_speed;
	s->call.rx_speed = call->rx_speed;
	s->call.framing = call->framing;
	session_event(s, SEV_ANSWERED, &e);
	tunnel_settle(s->tunnel, now);
	return 0;
}

static void end_tunnels_of(struct lns *l, uint32_t mark, enum tunnel_event ev,
			   const struct cause *why, usec_t now)
{
	struct sa_use *sa = lns_find_sa(l, mark);

	if (!sa)
		return;
	sa_use_ref(l, mark); /* it must outlive the last of its tunnels */
	list_each (pos, &sa->tunnels)
		tunnel_happens(container_of(pos, struct tunnel, in_sa), ev, why, now);
	sa_use_unref(l, sa);
}

void lns_sa_gone(struct lns *l, uint32_t mark, const struct cause *why, usec_t now)
{
	end_tunnels_of(l, mark, TEV_CUT, why, now);
}

void lns_sa_orphaned(struct lns *l, uint32_t mark, const struct cause *why, usec_t now)
{
	end_tunnels_of(l, mark, TEV_ORPHANED, why, now);
}

void lns_shutdown(struct lns *l, const struct cause *why, usec_t now)
{
	l->closing = true;
	for (unsigned int tid = l->conf.tid_lo; tid <= l->conf.tid_hi; tid++)
		if (l->tunnels[tid])
			tunnel_happens(l->tunnels[tid], TEV_END, why, now);
}

bool lns_idle(const struct lns *l)
{
	return !l->n_open && !l->n_sessions;
}

/*
 * Beginning and end
 */

static void send_from_tunnel(struct chan *c, const void *bytes, size_t len)
{
	struct tunnel *t = container_of(c, struct tunnel, chan);

	if (t->way == WAY_SOCKET && t->lns->book)
		tunnel_send_later(t, bytes, len);
	else if (t->way == WAY_SOCKET)
		t->lns->ports.tunnel_send(t->lns->ports.ctx, t->tid, &t->path, bytes, len);
	else if (t->way == WAY_LISTENER)
		t->lns->ports.stray_send(t->lns->ports.ctx, &t->path, bytes, len);
}

struct lns *lns_new(const struct lns_conf *conf, const struct ports *ports)
{
	struct lns *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->conf = *conf;
	l->ports = *ports;
	l->rules.strictness = conf->strictness;
	l->chan_conf = (struct chan_conf){
		.hello = conf->hello,
		.retry_first = conf->retry_first,
		.retry_cap = conf->retry_cap,
		.retry_max = conf->retry_max,
		.window = conf->window,
		.packets = &l->packets,
		.send = send_from_tunnel,
	};
	map_init(&l->peers);
	map_init(&l->calls);
	map_init(&l->sas);
	list_init(&l->changed);
	l->book = conf->book;
	l->counters = l->book ? book_counters(l->book) : &l->own_counters;
	l->answers_of = rates_new(SOURCES);
	/* Tunnels linger for their cycle by themselves; the CDN of a session may come again. */
	if (!l->answers_of || ids_init(&l->tids, conf->tid_lo, conf->tid_hi, IDS_REST) ||
	    ids_init(&l->sids, 1, UINT16_MAX, IDS_REST + chan_cycle(&l->chan_conf))) {
		ids_done(&l->tids);
		rates_free(l->answers_of);
		free(l);
		return NULL;
	}
	if (l->book)
		restore_ids(l);
	if (conf->strangers)
		l->pending = pending_new(conf->strangers, &l->tids);
	if (conf->strangers && !l->pending) {
		lns_free(l);
		return NULL;
	}
	return l;
}

void lns_free(struct lns *l)
{
	if (!l)
		return;
	for (unsigned int sid = 1; sid <= UINT16_MAX; sid++)
		if (l->sessions[sid])
			session_free(l->sessions[sid], 0);
	for (unsigned int tid = l->conf.tid_lo; tid <= l->conf.tid_hi; tid++)
		if (l->tunnels[tid])
			tunnel_free(l->tunnels[tid], 0);
	if (l->book)
		lns_commit(l);
	packets_done(&l->packets);
	map_done(&l->peers);
	map_done(&l->calls);
	map_done(&l->sas);
	ids_done(&l->tids);
	ids_done(&l->sids);
	rates_free(l->answers_of);
	pending_free(l->pending);
	free(l);
}
