/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How two ends of a tunnel come to know each other: SCCRQ, SCCRP, SCCCN, and the proof that both
 * know the secret.  RFC 2661 5.1, 5.1.1 and 6.1 to 6.3.
 */
#include <errno.h>

#include "l2tpd/fsm/machine.h"
#include "lib/base/err.h"
#include "lib/base/secret.h"

#define OUR_VENDOR    "strongswan-l2tp"
#define OUR_VERSION   0x0100 /* version 1, revision 0: RFC 2661 4.4.3 */
#define VERSION_OF(v) ((v) >> 8)

const char *tunnel_peer_word(const struct tunnel *t)
{
	return t->calling ? "the server" : "the client";
}

/* Who we are, in SCCRQ and SCCRP. */
static void introduce(const struct tunnel *t, struct msg *m)
{
	msg_put(m, protocol_version, OUR_VERSION);
	msg_put(m, framing_caps, FRAMING_BOTH);
	msg_put(m, bearer_caps, t->lns->ports.dial ? BEARER_BOTH : 0);
	msg_put(m, host_name, view_str(t->lns->conf.host_name));
	msg_put(m, vendor_name, view_str(OUR_VENDOR));
	msg_put(m, tunnel_id, t->tid);
	msg_put(m, window_size, t->lns->conf.window);
}

void handshake_learn(struct tunnel *t, const struct msg *m)
{
	view_printable(m->host_name, t->host_name, sizeof(t->host_name));
	view_printable(m->vendor_name, t->vendor_name, sizeof(t->vendor_name));
	t->peer_framing = m->framing_caps & FRAMING_BOTH;
	t->peer_bearer = m->bearer_caps & BEARER_BOTH;
}

static struct view challenge_of(const struct tunnel *t)
{
	return (struct view){t->challenge, sizeof(t->challenge)};
}

/* Ask for the proof that the next message has to bring. */
static void ask(struct tunnel *t, struct msg *m)
{
	if (!t->rules->secret.len || !t->rules->challenge)
		return;
	if (t->way == WAY_SOCKET) /* else it has been asked */
		secret_random(t->challenge, sizeof(t->challenge));
	t->asked = true;
	msg_put(m, challenge, challenge_of(t));
}

/* Give the proof that `asked` wants; `bytes` are the response. */
static void prove(const struct tunnel *t, struct msg *m, const struct msg *asked,
		  uint8_t bytes[static AUTH_RESPONSE_LEN])
{
	struct view response = {bytes, AUTH_RESPONSE_LEN};

	if (!msg_has(asked, challenge))
		return;
	auth_response(m->type, t->rules->secret, asked->challenge, bytes);
	msg_put(m, challenge_response, response);
}

void handshake_request(struct tunnel *t, usec_t now)
{
	struct msg m = {.type = MSG_SCCRQ};

	introduce(t, &m);
	secret_random(&t->tie, sizeof(t->tie));
	msg_put(&m, tie_breaker, t->tie);
	ask(t, &m);
	tunnel_say(t, 0, &m, now);
}

void handshake_reply(struct tunnel *t, const struct msg *sccrq, usec_t now)
{
	uint8_t response[AUTH_RESPONSE_LEN];
	struct msg m = {.type = MSG_SCCRP};

	introduce(t, &m);
	ask(t, &m);
	prove(t, &m, sccrq, response);
	tunnel_say(t, 0, &m, now);
}

void handshake_confirm(struct tunnel *t, const struct msg *sccrp, usec_t now)
{
	uint8_t response[AUTH_RESPONSE_LEN];
	struct msg m = {.type = MSG_SCCCN};

	prove(t, &m, sccrp, response);
	tunnel_say(t, 0, &m, now);
}

int handshake_check(const struct peer_rules *rules, const struct msg *m, struct cause *ret_why)
{
	if (VERSION_OF(m->protocol_version) != VERSION_OF(OUR_VERSION)) {
		/* The error code is the highest version we have: RFC 2661 4.4.2. */
		cause_set(ret_why, STAGE_TUNNEL, STOP_VERSION, OUR_VERSION,
			  "protocol version %u is not supported", VERSION_OF(m->protocol_version));
		return -EPROTONOSUPPORT;
	}
	if (msg_has(m, challenge) && !rules->secret.len) {
		cause_set(ret_why, STAGE_TUNNEL, STOP_NOT_AUTHORIZED, 0,
			  "%s asks for tunnel authentication, and no peer section with a "
			  "secret-file fits it",
			  m->type == MSG_SCCRQ ? "the client" : "the server");
		return -EACCES;
	}
	return 0;
}

/* Has the peer proved that it knows the secret, where it must?  -EACCES and the cause. */
static int check_proof(struct tunnel *t, const struct msg *m, struct cause *ret_why)
{
	bool asked = t->asked;

	t->asked = false; /* a challenge is good for one answer */
	if (!asked ||
	    (msg_has(m, challenge_response) &&
	     auth_is_right(m->challenge_response, m->type, t->rules->secret, challenge_of(t))))
		return 0;
	count(t->lns->counters, COUNT_TUNNELS_UNAUTHORIZED);
	cause_set(ret_why, STAGE_TUNNEL, STOP_NOT_AUTHORIZED, 0, "%s %s", tunnel_peer_word(t),
		  msg_has(m, challenge_response)
			  ? "has another tunnel secret than we have"
			  : "does not answer our challenge: set the tunnel secret there too");
	return -EACCES;
}

/* A tunnel of ours that the peer has forgotten, else it would not give its id to another. */
static void replace(struct tunnel *t, uint16_t peer_tid, usec_t now)
{
	struct tunnel *old = lns_find_tunnel(t->lns, &t->path, peer_tid);
	struct cause why;

	if (!old)
		return;
	cause_set(&why, STAGE_UP, STOP_CLEAR, 0, "the peer has given its id to a new tunnel");
	tunnel_happens(old, TEV_CUT, &why, now);
}

/* SCCRP: the peer's id and its window. */
static int learn(struct tunnel *t, const struct msg *m, usec_t now, struct cause *ret_why)
{
	const struct ports *p = &t->lns->ports;
	int err;

	handshake_learn(t, m);
	chan_meet(&t->chan, m->tunnel_id,
		  msg_has(m, window_size) ? m->window_size : WINDOW_DEFAULT);
	replace(t, m->tunnel_id, now);
	err = lns_rename_tunnel(t->lns, t, m->tunnel_id);
	if (!err)
		err = p->tunnel_meet(p->ctx, t->tid, m->tunnel_id);
	if (err)
		cause_set(ret_why, STAGE_TUNNEL, STOP_ERROR, ERROR_RESOURCES, "no tunnel: %s",
			  err_text(err));
	return err;
}

int handshake_meet(struct tunnel *t, const struct msg *m, usec_t now, struct cause *ret_why)
{
	int err = 0;

	if (t->state == TUN_WAIT_REPLY && m->type == MSG_SCCRP) {
		err = learn(t, m, now, ret_why);
		if (!err)
			err = handshake_check(t->rules, m, ret_why);
		if (!err)
			err = check_proof(t, m, ret_why);
	} else if (t->state == TUN_WAIT_CONNECT && m->type == MSG_SCCCN) {
		err = check_proof(t, m, ret_why);
	}
	return err;
}
