/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SCCRQ: who gets a tunnel, and what becomes of one that the peer has already.  RFC 2661 5.1, 7.2.
 */
#include <errno.h>

#include "l2tpd/fsm/machine.h"

/*
 * SCCRQ and SCCCN come by different sockets, so a retransmitted SCCRQ may be read a little after
 * the SCCCN that overtook it.  Only later it is a client that has lost its state and dials again;
 * should that one be quicker, its next SCCRQ finds the time over.
 */
#define REDIAL_GUARD (3 * USEC_PER_S)

void request_failed(struct lns *l, const struct path *from, const struct cause *why)
{
	struct news news = {.kind = NEWS_FAILED, .path = from, .cause = why};

	l->ports.tell(l->ports.ctx, &news);
}

/* Is this SCCRQ one that we can serve?  0, or a negative code and the cause. */
static int check(const struct lns *l, const struct path *from, const struct peer_rules *rules,
		 const struct msg *m, struct cause *ret_why)
{
	if (addr_is_link_local(&from->local) || addr_is_link_local(&from->peer)) {
		/* Neighbours on two links may have the same one, and no SA says which link. */
		cause_set(ret_why, STAGE_TUNNEL, STOP_ERROR, ERROR_VENDOR,
			  "link-local addresses are not served: call another address of the "
			  "server, from another one");
		return -EADDRNOTAVAIL;
	}
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
		count(l->counters, COUNT_RX_DUPLICATES);
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
	request_failed(l, from, why);
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

	count(l->counters, COUNT_REDIALS);
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

	count(l->counters, COUNT_TIES);
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

void request_tunnel(struct lns *l, const struct path *from, const struct hdr *h, struct view body,
		    const struct msg *m, const struct cause *bad, usec_t now)
{
	const struct peer_rules *rules = l->ports.peer_rules(l->ports.ctx, from, m->host_name);
	struct tunnel *old = lns_find_tunnel(l, from, m->tunnel_id);
	bool is_stranger = l->pending && !from->sa.mark;
	struct cause why;

	if (h->ns) { /* no first message */
		count(l->counters, COUNT_RX_DROPPED);
		return;
	}
	if (old && is_repeated(l, old, h, body, now))
		return;
	if (!is_stranger)
		count(l->counters, COUNT_TUNNELS_TRIED);
	if (bad || check(l, from, rules, m, &why)) {
		refuse(l, from, h, m, bad ? bad : &why, now);
		return;
	}
	if (is_stranger)
		stranger_asks(l, from, rules, h, body, m, now);
	else
		begin(l, from, rules, h, body, m, NULL, now);
}

int request_read(const struct lns *l, const struct path *from, struct view body, struct msg *ret,
		 struct msg_scratch *scratch, struct verdict *ret_verdict)
{
	struct msg_rules rules = l->rules;
	int err = msg_parse(ret, body, &rules, NULL, ret_verdict);

	if (!ret->hidden)
		return err;
	rules.secret = l->ports.peer_rules(l->ports.ctx, from, ret->host_name)->secret;
	return msg_parse(ret, body, &rules, scratch, ret_verdict);
}

void request_proved(struct lns *l, struct pending_slot *slot, usec_t now)
{
	const struct hdr first = {.control = true};
	const struct view sccrq = {slot->sccrq, slot->len};
	const struct path path = slot->path;
	struct msg_scratch scratch;
	const struct peer_rules *rules;
	struct verdict v;
	struct cause why;
	struct msg m;

	if (request_read(l, &path, sccrq, &m, &scratch, &v))
		return; /* it was good when it came */
	count(l->counters, COUNT_TUNNELS_TRIED);
	rules = l->ports.peer_rules(l->ports.ctx, &path, m.host_name);
	if (check(l, &path, rules, &m, &why))
		refuse(l, &path, &first, &m, &why, now);
	else
		begin(l, &path, rules, &first, sccrq, &m, slot, now);
}
