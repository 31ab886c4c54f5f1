/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Peers that no SA has proved: anybody may write anybody's address into an SCCRQ.  It is answered
 * from a table of fixed size, and only who answers in turn, to the id that was told to that
 * address, gets a tunnel.  Nothing is sent twice by itself: the peer's SCCRQ comes again.
 */
#include "l2tpd/fsm/machine.h"

/* What one address may make us send: more than many clients behind it, less than a flood. */
static const struct rate each_may_ask = {USEC_PER_S / 500, 2500};

/* Its source has another bucket for answers that are no SCCRP. */
#define ASKING 1

/* SCCRP, by a tunnel that is there for this moment only. */
static void reply(struct lns *l, const struct pending_slot *slot, const struct peer_rules *rules,
		  const struct hdr *h, struct view body, const struct msg *sccrq, usec_t now)
{
	struct tunnel t = {
		.lns = l,
		.path = slot->path,
		.rules = rules,
		.tid = slot->tid,
		.peer_tid = slot->peer_tid,
		.way = WAY_LISTENER,
	};

	chan_init(&t.chan, &l->chan_conf, slot->peer_tid, 1, now);
	tunnel_greet(&t, slot->challenge, h, body, sccrq, now);
	chan_done(&t.chan);
}

void stranger_asks(struct lns *l, const struct path *from, const struct peer_rules *rules,
		   const struct hdr *h, struct view body, const struct msg *sccrq, usec_t now)
{
	const struct pending_slot *slot;

	if (!rates_take(l->answers_of, &each_may_ask, path_source(from) ^ ASKING, now)) {
		count(l->counters, COUNT_ANSWERS_SPARED);
		return;
	}
	slot = pending_add(l->pending, from, sccrq->tunnel_id, body, now);
	if (!slot)
		return;
	count(l->counters, COUNT_STRANGERS_ANSWERED);
	reply(l, slot, rules, h, body, sccrq, now);
}

void stranger_proves(struct lns *l, struct pending_slot *slot, const struct hdr *h,
		     struct view body, usec_t now)
{
	uint16_t tid = slot->tid;

	request_proved(l, slot, now);
	if (!l->tunnels[tid])
		return;
	count(l->counters, COUNT_STRANGERS_PROVED);
	tunnel_input(l->tunnels[tid], h, body, now);
}
