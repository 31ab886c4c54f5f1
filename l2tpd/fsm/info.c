/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lns.h tells of tunnels and sessions, for listings. */
#include <errno.h>

#include "l2tpd/fsm/machine.h"

int lns_tunnel_info(const struct lns *l, uint16_t tid, struct tunnel_info *ret)
{
	const struct tunnel *t = l->tunnels[tid];

	if (!t)
		return -ENOENT;
	*ret = (struct tunnel_info){
		.tid = t->tid,
		.peer_tid = t->peer_tid,
		.state = tunnel_state_word(t->state),
		.up = t->state == TUN_UP,
		.path = t->path,
		.host_name = t->host_name,
		.vendor_name = t->vendor_name,
		.n_sessions = t->n_sessions,
		.retransmits = t->chan.retransmits,
		.since = t->since,
	};
	return 0;
}

int lns_session_info(const struct lns *l, uint16_t sid, struct session_info *ret)
{
	const struct session *s = l->sessions[sid];

	if (!s)
		return -ENOENT;
	*ret = (struct session_info){
		.sid = s->sid,
		.peer_sid = s->peer_sid,
		.tid = s->tunnel->tid,
		/* While its end is told it has no state any more. */
		.state = s->state == SES_GONE ? "closing" : session_state_word(s->state),
		.established = s->state == SES_UP,
		.since = s->since,
		.note = s->note,
		.call = &s->call,
		.errors = &s->errors,
		.accm = s->has_accm ? &s->accm : NULL,
	};
	return 0;
}

uint16_t lns_next_tunnel(const struct lns *l, uint16_t id)
{
	for (unsigned int tid = id + 1u; tid <= UINT16_MAX; tid++)
		if (l->tunnels[tid] && !l->tunnels[tid]->told)
			return (uint16_t)tid;
	return 0;
}

uint16_t lns_next_session(const struct lns *l, uint16_t id)
{
	for (unsigned int sid = id + 1u; sid <= UINT16_MAX; sid++)
		if (l->sessions[sid])
			return (uint16_t)sid;
	return 0;
}

uint16_t lns_next_session_of(const struct lns *l, uint16_t tid, uint16_t sid)
{
	const struct tunnel *t = l->tunnels[tid];
	const struct session *s = l->sessions[sid];
	const struct list *pos;

	if (!t || (sid && (!s || s->tunnel != t)))
		return 0;
	pos = sid ? s->in_tunnel.next : t->sessions.next;
	return pos == &t->sessions ? 0 : container_of(pos, struct session, in_tunnel)->sid;
}

uint16_t lns_next_tunnel_of(const struct lns *l, uint32_t mark, uint16_t tid)
{
	const struct sa_use *sa = lns_find_sa(l, mark);
	const struct tunnel *t = l->tunnels[tid];
	const struct list *pos;

	if (!sa || (tid && (!t || t->sa != sa)))
		return 0;
	pos = tid ? t->in_sa.next : sa->tunnels.next;
	return pos == &sa->tunnels ? 0 : container_of(pos, struct tunnel, in_sa)->tid;
}

unsigned int lns_tunnel_count(const struct lns *l)
{
	return l->n_open;
}

unsigned int lns_half_open_count(const struct lns *l)
{
	return l->n_half_open;
}

unsigned int lns_session_count(const struct lns *l)
{
	return l->n_sessions;
}

unsigned int lns_sa_tunnel_count(const struct lns *l, uint32_t mark)
{
	const struct sa_use *sa = lns_find_sa(l, mark);

	return sa ? sa->n_open : 0;
}

unsigned int lns_sa_leaving_count(const struct lns *l, uint32_t mark)
{
	const struct sa_use *sa = lns_find_sa(l, mark);

	return sa ? sa->refs - sa->n_open : 0;
}

const struct counters *lns_counters(const struct lns *l)
{
	return l->counters;
}

struct counters *lns_shared_counters(struct lns *l)
{
	return l->counters;
}
