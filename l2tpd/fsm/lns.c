/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which tunnel a datagram belongs to, how tunnels begin, and what is answered outside of them.
 * RFC 2661 3.1, 5.1, 5.7 and 7.2.
 */
#include "l2tpd/fsm/lns.h"

#include <errno.h>
#include <stdlib.h>

#include "l2tpd/fsm/machine.h"

/*
 * SCCRQ and SCCCN come by different sockets, so a retransmitted SCCRQ may be read a little after
 * the SCCCN that overtook it.  Only later it is a client that has lost its state and dials again;
 * should that one be quicker, its next SCCRQ finds the time over.
 */
#define REDIAL_GUARD (3 * USEC_PER_S)

/*
 * Answers outside of tunnels: of each client's share a noisy one can use up its own only, and all
 * of them are kept from making us send as much as they can send.
 */
static const struct rate each_may = {USEC_PER_S / 5, 10};
static const struct rate all_may = {USEC_PER_S / 500, 500};

#define SOURCES 1024 /* whose shares are known at the same time */

/*
 * Outside of tunnels
 */

static bool may_answer(struct lns *l, const struct path *to, usec_t now)
{
	bool may = rates_take(l->answers_of, &each_may, path_source(to), now) &&
		   rate_take(&all_may, &l->answers_paid, now);

	count(&l->counters, may ? COUNT_STRAY_ANSWERS : COUNT_ANSWERS_SPARED);
	return may;
}

/*
 * Answer a packet that has no tunnel, to the peer's tunnel `peer_tid` (0: not known): only the
 * acknowledgement if `m` is NULL.  Nothing is kept, so it is sent once.
 */
static void stray(struct lns *l, const struct path *to, const struct hdr *h, uint16_t peer_tid,
		  const struct msg *m, usec_t now)
{
	/* The numbers that the peer waits for, as its own packet tells. */
	struct hdr answer = {.control = true, .tid = peer_tid, .ns = h->nr};
	uint8_t bytes[HDR_CONTROL_LEN + MSG_LEN_MAX];
	struct wr body, head;

	answer.nr = (uint16_t)(h->ns + 1);
	if (!may_answer(l, to, now))
		return;
	wr_init(&body, bytes + HDR_CONTROL_LEN, MSG_LEN_MAX);
	if (m && msg_build(&body, m, NULL))
		return;
	wr_init(&head, bytes, HDR_CONTROL_LEN);
	hdr_build(&head, &answer, (uint16_t)(HDR_CONTROL_LEN + body.len));
	l->ports.stray_send(l->ports.ctx, to, bytes, HDR_CONTROL_LEN + body.len);
}

static void stray_stop(struct lns *l, const struct path *to, const struct hdr *h, uint16_t peer_tid,
		       uint16_t tid, const struct cause *why, usec_t now)
{
	struct msg m = {.type = MSG_STOPCCN};
	struct avp_result r = {why->result, why->error, view_str(why->text)};

	msg_put(&m, tunnel_id, tid);
	msg_put(&m, result, r);
	stray(l, to, h, peer_tid, &m, now);
}

/*
 * A packet for a tunnel that is not here: of an earlier run of the daemon, most likely.  The client
 * learns of it at once instead of by its own timeouts.
 */
static void no_tunnel(struct lns *l, const struct path *from, const struct hdr *h, struct view body,
		      usec_t now)
{
	struct verdict v;
	struct cause why;
	struct msg m;

	count(&l->counters, COUNT_UNKNOWN_TUNNEL);
	if (!body.len)
		return; /* an acknowledgement is never answered */
	if (!msg_parse(&m, body, &l->rules, NULL, &v) && m.type == MSG_STOPCCN) {
		stray(l, from, h, m.tunnel_id, NULL, now);
		return;
	}
	/* Its own id is not known here; so it is 0, and the AVP names what it thinks is ours. */
	cause_set(&why, STAGE_TUNNEL, STOP_ERROR, ERROR_NO_TUNNEL,
		  "there is no such tunnel (any more): dial again");
	stray_stop(l, from, h, 0, h->tid, &why, now);
}

/*
 * SCCRQ
 */

static void failed(struct lns *l, const struct path *from, const struct cause *why)
{
	struct news news = {.kind = NEWS_FAILED, .path = from, .cause = why};

	l->ports.tell(l->ports.ctx, &news);
}

/* Is this SCCRQ one that we can serve?  0, or a negative code and the cause. */
static int check(const struct lns *l, const struct peer_rules *rules, const struct msg *m,
		 struct cause *ret_why)
{
	if (l->closing) {
		cause_set(ret_why, STAGE_TUNNEL, STOP_SHUTDOWN, 0, "the server is stopping");
		return -ESHUTDOWN;
	}
	return handshake_check(rules, m, ret_why);
}

/* True when this SCCRQ has been seen: `t` is its tunnel. */
static bool is_repeated(struct lns *l, struct tunnel *t, const struct hdr *h, struct view body,
			usec_t now)
{
	if (t->state == TUN_WAIT_CONNECT) {
		tunnel_input(t, h, body, now);
		return true;
	}
	if (t->state == TUN_UP && now - t->up_since < REDIAL_GUARD) {
		count(&l->counters, COUNT_RX_DUPLICATES);
		return true;
	}
	return false;
}

/* Say no to an SCCRQ, to the client and to people. */
static void refuse(struct lns *l, const struct path *from, const struct hdr *h, const struct msg *m,
		   const struct cause *why, usec_t now)
{
	/* The client has not been given an id of ours: 0. */
	if (why->result)
		stray_stop(l, from, h, m->tunnel_id, 0, why, now);
	failed(l, from, why);
}

/* A good SCCRQ: admission, and a tunnel. */
static void serve(struct lns *l, const struct path *from, const struct peer_rules *rules,
		  const struct hdr *h, struct view body, const struct msg *m,
		  struct pending_slot *proved, usec_t now)
{
	const struct ports *p = &l->ports;
	struct cause why;

	if (p->admit_tunnel(p->ctx, from, &why)) {
		refuse(l, from, h, m, &why, now);
		return;
	}
	if (tunnel_accept(l, from, rules, h, body, m, proved, now, &why)) {
		refuse(l, from, h, m, &why, now);
		p->release_tunnel(p->ctx, from);
	}
	if (proved)
		pending_leave(l->pending, proved, now);
}

/*
 * The client has lost its state and dials again with the same id.  The old tunnel ends in silence:
 * what we said to it would hit the new one.  Its SA must see the new one before the old is let go.
 */
static void replace(struct lns *l, struct tunnel *old, usec_t now)
{
	struct cause why;
	struct event cut = {.now = now, .why = &why};

	count(&l->counters, COUNT_REDIALS);
	cause_set(&why, STAGE_UP, STOP_CLEAR, 0, "the client has dialled again without ending it");
	tunnel_event(old, TEV_CUT, &cut);
}

/*
 * We call the peer that calls us: there is to be one tunnel.  The lower Tie Breaker wins, and one
 * that is there wins over none; of two that are equal neither (RFC 2661 4.4.3).  True: our tunnel
 * is given up, so that this SCCRQ may go on.
 */
static bool loses_tie(struct lns *l, struct tunnel *own, const struct msg *m, usec_t now)
{
	bool theirs = msg_has(m, tie_breaker) && m->tie_breaker < own->tie;
	struct cause why;

	count(&l->counters, COUNT_TIES);
	if (!theirs && !(msg_has(m, tie_breaker) && m->tie_breaker == own->tie))
		return false;
	cause_set(&why, STAGE_TUNNEL, 0, 0,
		  theirs ? "the server called us at the same time, and its call goes on"
			 : "the server called us at the same time, with the same Tie Breaker");
	tunnel_happens(own, TEV_CUT, &why, now);
	return theirs;
}

/* A good SCCRQ that is to have a tunnel, in place of the one that its client has forgotten. */
static void begin(struct lns *l, const struct path *from, const struct peer_rules *rules,
		  const struct hdr *h, struct view body, const struct msg *m,
		  struct pending_slot *proved, usec_t now)
{
	struct tunnel *old = lns_find_tunnel(l, from, m->tunnel_id);
	struct tunnel *own = lns_find_tunnel(l, from, 0);

	if (own && !loses_tie(l, own, m, now))
		return;
	if (old)
		replace(l, old, now);
	serve(l, from, rules, h, body, m, proved, now);
	if (old)
		tunnel_settle(old, now);
}

/* An SCCRQ that names a tunnel; `bad`: what is wrong with it, else NULL. */
static void request(struct lns *l, const struct path *from, const struct hdr *h, struct view body,
		    const struct msg *m, const struct cause *bad, usec_t now)
{
	const struct peer_rules *rules = l->ports.peer_rules(l->ports.ctx, from, m->host_name);
	struct tunnel *old = lns_find_tunnel(l, from, m->tunnel_id);
	bool is_stranger = l->pending && !from->sa.mark;
	struct cause why;

	if (h->ns) { /* no first message */
		count(&l->counters, COUNT_RX_DROPPED);
		return;
	}
	if (old && is_repeated(l, old, h, body, now))
		return;
	if (!is_stranger)
		count(&l->counters, COUNT_TUNNELS_TRIED);
	if (bad || check(l, rules, m, &why)) {
		refuse(l, from, h, m, bad ? bad : &why, now);
		return;
	}
	if (is_stranger)
		stranger_asks(l, from, rules, h, body, m, now);
	else
		begin(l, from, rules, h, body, m, NULL, now);
}

/* Whose secret reads what is hidden, the Host Name tells, which is not. */
static int read_first(const struct lns *l, const struct path *from, struct view body,
		      struct msg *ret, struct msg_scratch *scratch, struct verdict *ret_verdict)
{
	struct msg_rules rules = l->rules;
	int err = msg_parse(ret, body, &rules, NULL, ret_verdict);

	if (!ret->hidden)
		return err;
	rules.secret = l->ports.peer_rules(l->ports.ctx, from, ret->host_name)->secret;
	return msg_parse(ret, body, &rules, scratch, ret_verdict);
}

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

void lns_serve_proved(struct lns *l, struct pending_slot *slot, usec_t now)
{
	const struct hdr first = {.control = true};
	const struct view sccrq = {slot->sccrq, slot->len};
	const struct path path = slot->path;
	struct msg_scratch scratch;
	const struct peer_rules *rules;
	struct verdict v;
	struct cause why;
	struct msg m;

	if (read_first(l, &path, sccrq, &m, &scratch, &v))
		return; /* it was good when it came */
	count(&l->counters, COUNT_TUNNELS_TRIED);
	rules = l->ports.peer_rules(l->ports.ctx, &path, m.host_name);
	if (check(l, rules, &m, &why))
		refuse(l, &path, &first, &m, &why, now);
	else
		begin(l, &path, rules, &first, sccrq, &m, slot, now);
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
	err = read_first(l, from, body, &m, &scratch, &v);
	if (m.type == MSG_STOPCCN) {
		t = m.tunnel_id ? lns_find_tunnel(l, from, m.tunnel_id) : NULL;
		if (t)
			tunnel_input(t, h, body, now);
		else
			stray(l, from, h, m.tunnel_id, NULL, now);
		return;
	}
	t = m.type == MSG_SCCRQ ? NULL : tunnel_by_zero(l, from, m.type);
	if (t) {
		tunnel_input(t, h, body, now);
		return;
	}
	if (err) {
		count(&l->counters, COUNT_BAD_MESSAGE);
		if (err == -ENOMSG)
			return;
		cause_from_verdict(&why, STAGE_TUNNEL, &m, &v);
	}
	if (m.type != MSG_SCCRQ) {
		count(&l->counters, COUNT_UNKNOWN_TUNNEL);
		return;
	}
	if (msg_has(&m, tunnel_id))
		request(l, from, h, body, &m, err ? &why : NULL, now);
	else
		failed(l, from, &why); /* there is no address for an answer */
}

void lns_input(struct lns *l, const struct path *from, uint16_t via, const void *bytes, size_t len,
	       usec_t now)
{
	struct pending_slot *slot;
	struct view body;
	struct tunnel *t;
	struct hdr h;

	count(&l->counters, COUNT_RX_DATAGRAMS);
	if (hdr_parse(&h, &body, bytes, len)) {
		count(&l->counters, COUNT_BAD_HEADER);
		return;
	}
	if (!h.control) {
		count(&l->counters, COUNT_STRAY_DATA);
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
		count(&l->counters, COUNT_FOREIGN_TUNNEL);
	else if (!t && (slot = proving(l, from, &h)))
		stranger_proves(l, slot, &h, body, now);
	else if (!t)
		no_tunnel(l, from, &h, body, now);
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

void lns_sa_gone(struct lns *l, uint32_t mark, const struct cause *why, usec_t now)
{
	struct sa_use *sa = lns_find_sa(l, mark);

	if (!sa)
		return;
	sa_use_ref(l, mark); /* it must outlive the last of its tunnels */
	list_each (pos, &sa->tunnels)
		tunnel_happens(container_of(pos, struct tunnel, in_sa), TEV_CUT, why, now);
	sa_use_unref(l, sa);
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

	if (t->way == WAY_SOCKET)
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
	l->answers_of = rates_new(SOURCES);
	/* Tunnels linger for their cycle by themselves; the CDN of a session may come again. */
	if (!l->answers_of || ids_init(&l->tids, conf->tid_lo, conf->tid_hi, IDS_REST) ||
	    ids_init(&l->sids, 1, UINT16_MAX, IDS_REST + chan_cycle(&l->chan_conf))) {
		ids_done(&l->tids);
		rates_free(l->answers_of);
		free(l);
		return NULL;
	}
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
