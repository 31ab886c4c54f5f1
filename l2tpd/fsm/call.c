/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of a call, from and to the messages about it.  RFC 2661 4.4.4, 4.4.5, 6.6 to 6.11
 */
#include <errno.h>

#include "l2tpd/fsm/machine.h"

#define FRAMING_SYNC    1
#define PROXY_NO_AUTH   4 /* RFC 2661 4.4.5 */
#define BPS_OF_ANY_LINE UINT32_MAX

static const char *const role_words[] = {
#define X(name, word) [CALL_##name] = word,
	CALL_ROLES(X)
#undef X
};

const char *call_role_word(enum call_role role)
{
	return role_words[role];
}

void call_learn(struct call *c, const struct msg *m)
{
#define LEARN(field, avp)                                                                          \
	if (msg_has(m, avp))                                                                       \
	c->field = m->avp
#define LEARN_TEXT(avp)                                                                            \
	if (msg_has(m, avp))                                                                       \
	view_printable(m->avp, c->avp, sizeof(c->avp))
	LEARN(serial, call_serial);
	LEARN(bearer, bearer_type);
	LEARN(framing, framing_type);
	LEARN(min_bps, minimum_bps);
	LEARN(max_bps, maximum_bps);
	LEARN(tx_speed, tx_speed);
	LEARN(rx_speed, rx_speed);
	LEARN(channel, physical_channel);
	LEARN_TEXT(calling_number);
	LEARN_TEXT(called_number);
	LEARN_TEXT(sub_address);
#undef LEARN
#undef LEARN_TEXT
}

static uint32_t known_or(uint32_t value, uint32_t otherwise)
{
	return value ? value : otherwise;
}

/* What is wanted, or else the first of what there is; 0: it is not there. */
static uint32_t choose(uint32_t wanted, uint32_t there)
{
	if (!wanted)
		return there & -there;
	return wanted & ~there ? 0 : wanted;
}

int call_fit(struct call *c, const struct tunnel *t)
{
	c->framing = choose(c->framing, t->peer_framing);
	if (c->role == CALL_LNS_OUT)
		c->bearer = choose(c->bearer, t->peer_bearer);
	return c->framing && (c->bearer || c->role != CALL_LNS_OUT) ? 0 : -EOPNOTSUPP;
}

bool call_can_dial(const struct msg *ocrq)
{
	return !(ocrq->framing_type & ~(uint32_t)FRAMING_BOTH) &&
	       !(ocrq->bearer_type & ~(uint32_t)BEARER_BOTH);
}

static void put_numbers(struct msg *m, const struct call *c)
{
	if (c->called_number[0] || m->type == MSG_OCRQ)
		msg_put(m, called_number, view_str(c->called_number));
	if (c->sub_address[0])
		msg_put(m, sub_address, view_str(c->sub_address));
}

void call_ask(const struct session *s, usec_t now)
{
	const struct call *c = &s->call;
	struct msg m = {.type = c->role == CALL_LNS_OUT ? MSG_OCRQ : MSG_ICRQ};

	msg_put(&m, session_id, s->sid);
	msg_put(&m, call_serial, c->serial);
	put_numbers(&m, c);
	if (m.type == MSG_OCRQ) {
		msg_put(&m, minimum_bps, known_or(c->min_bps, 1));
		msg_put(&m, maximum_bps, known_or(c->max_bps, BPS_OF_ANY_LINE));
		msg_put(&m, bearer_type, c->bearer);
		msg_put(&m, framing_type, c->framing);
	} else {
		if (c->bearer)
			msg_put(&m, bearer_type, c->bearer);
		if (c->channel)
			msg_put(&m, physical_channel, c->channel);
		if (c->calling_number[0])
			msg_put(&m, calling_number, view_str(c->calling_number));
	}
	tunnel_say(s->tunnel, 0, &m, now);
}

void call_connected(const struct session *s, usec_t now)
{
	const struct call *c = &s->call;
	struct msg m = {.type = c->role == CALL_LAC_OUT ? MSG_OCCN : MSG_ICCN};

	msg_put(&m, tx_speed, c->tx_speed);
	msg_put(&m, framing_type, known_or(c->framing, FRAMING_SYNC));
	if (c->rx_speed)
		msg_put(&m, rx_speed, c->rx_speed);
	tunnel_say(s->tunnel, s->peer_sid, &m, now);
}

void call_pass_proxy(const struct session *s, const struct msg *iccn)
{
	const struct ports *p = &s->tunnel->lns->ports;
	struct proxy proxy = {
		.first_confreq = iccn->first_confreq,
		.sent_confreq = iccn->sent_confreq,
		.last_confreq = iccn->last_confreq,
		.type = iccn->proxy_type == PROXY_NO_AUTH ? 0 : iccn->proxy_type,
		.id = iccn->proxy_id,
		.name = iccn->proxy_name,
		.challenge = iccn->proxy_challenge,
		.response = iccn->proxy_response,
	};

	if (msg_has(iccn, last_confreq) || msg_has(iccn, sent_confreq) ||
	    msg_has(iccn, first_confreq) || proxy.type)
		p->proxied(p->ctx, s->tunnel->tid, s->sid, &proxy);
}
