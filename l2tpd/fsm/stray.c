/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is answered outside of tunnels.  RFC 2661 5.7 and 7.2. */
#include "l2tpd/fsm/machine.h"

/*
 * Answers outside of tunnels: of each client's share a noisy one can use up its own only, and all
 * of them are kept from making us send as much as they can send.
 */
static const struct rate each_may = {USEC_PER_S / 5, 10};
static const struct rate all_may = {USEC_PER_S / 500, 500};

static bool may_answer(struct lns *l, const struct path *to, usec_t now)
{
	bool may = rates_take(l->answers_of, &each_may, path_source(to), now) &&
		   rate_take(&all_may, &l->answers_paid, now);

	count(l->counters, may ? COUNT_STRAY_ANSWERS : COUNT_ANSWERS_SPARED);
	return may;
}

void stray_answer(struct lns *l, const struct path *to, const struct hdr *h, uint16_t peer_tid,
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

void stray_stop(struct lns *l, const struct path *to, const struct hdr *h, uint16_t peer_tid,
		uint16_t tid, const struct cause *why, usec_t now)
{
	struct msg m = {.type = MSG_STOPCCN};
	struct avp_result r = {why->result, why->error, view_str(why->text)};

	msg_put(&m, tunnel_id, tid);
	msg_put(&m, result, r);
	stray_answer(l, to, h, peer_tid, &m, now);
}

void stray_packet(struct lns *l, const struct path *from, const struct hdr *h, struct view body,
		  usec_t now)
{
	struct verdict v;
	struct cause why;
	struct msg m;

	count(l->counters, COUNT_UNKNOWN_TUNNEL);
	if (!body.len)
		return; /* an acknowledgement is never answered */
	if (!msg_parse(&m, body, &l->rules, NULL, &v) && m.type == MSG_STOPCCN) {
		stray_answer(l, from, h, m.tunnel_id, NULL, now);
		return;
	}
	/* Its own id is not known here; so it is 0, and the AVP names what it thinks is ours. */
	cause_set(&why, STAGE_TUNNEL, STOP_ERROR, ERROR_NO_TUNNEL,
		  "there is no such tunnel (any more): dial again");
	stray_stop(l, from, h, 0, h->tid, &why, now);
}
