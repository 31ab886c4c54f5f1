/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * EAP as the authenticator that passes everything through to RADIUS: RFC 3748 as far as it concerns
 * the one who asks, RFC 3579 as far as it concerns the NAS.  Which method is spoken inside is
 * between the client and the RADIUS server; here only headers and identities are read.  Pure but
 * for the first identifier.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/secret.h"
#include "pppd-plugin/auth.h"

#define PPP_EAP_PROTOCOL 0xc227
#define EAP_TRIES        10
#define EAP_WAIT         (3 * USEC_PER_S) /* for an answer, unless RADIUS knows better */
#define EAP_WAIT_MAX     (60 * USEC_PER_S)
#define EAP_LIMIT        (180 * USEC_PER_S) /* of the whole: somebody may look for a token */
#define EAP_ROUNDS_MAX   64                 /* requests; EAP-TLS with long chains takes 20 */

enum eap_code { EAP_REQUEST = 1, EAP_RESPONSE = 2, EAP_SUCCESS = 3, EAP_FAILURE = 4 };
enum eap_type { EAP_IDENTITY = 1 };

/* A request is on its way, which was kept. */
static void await(struct auth *a, usec_t now)
{
	a->state = AUTH_WAITING;
	a->due = now + a->eap.wait < a->eap.end ? now + a->eap.wait : a->eap.end;
	a->eap.sent++;
}

static void start(struct auth *a, const char *our_name, usec_t now)
{
	static const uint8_t identity = EAP_IDENTITY;

	(void)our_name; /* clients show nobody's name before they ask for the user's */
	secret_random(&a->id, sizeof(a->id));
	a->eap.wait = EAP_WAIT;
	a->eap.end = now + EAP_LIMIT;
	a->eap.rounds = 1;
	auth_reply(a, EAP_REQUEST, a->id, (struct view){&identity, 1}, true);
	await(a, now);
}

/* The identity that a Response of the first round holds. */
static bool parse_identity(struct view packet, struct view *ret_user)
{
	uint8_t code, id;
	struct rd in;

	if (!auth_open(packet, &code, &id, &in) || code != EAP_RESPONSE ||
	    rd_u8(&in) != EAP_IDENTITY)
		return false;
	rd_rest(&in, ret_user);
	return !in.bad;
}

static int peek(struct view packet, struct view *ret_user)
{
	return parse_identity(packet, ret_user) && ret_user->len ? 0 : -ENOENT;
}

static enum auth_wish first_response(struct auth *a, struct view packet)
{
	struct view user;

	if (!parse_identity(packet, &user))
		return auth_because(a, "the client agreed to EAP but does not tell its identity");
	a->user_len = user.len < sizeof(a->user) ? user.len : sizeof(a->user);
	if (a->user_len)
		memcpy(a->user, user.p, a->user_len);
	if (!user.len)
		return auth_because(a, "the client sent an empty identity");
	if (user.len > sizeof(a->user))
		return auth_because(a,
				    "the identity is longer than the 253 bytes that RADIUS takes");
	return AUTH_ASK;
}

static enum auth_wish input(struct auth *a, struct view packet, usec_t now)
{
	uint8_t code, id;
	struct rd in;

	(void)now;
	/* A Response has a type; what is behind its length is padding. */
	if (!auth_open(packet, &code, &id, &in) || code != EAP_RESPONSE || id != a->id || !in.left)
		return AUTH_WAIT;
	packet.len = AUTH_HDR_LEN + in.left;
	switch (a->state) {
	case AUTH_WAITING: break;
	case AUTH_PASSED:
	case AUTH_FAILED: auth_repeat(a, id); return AUTH_WAIT; /* it did not get the verdict */
	case AUTH_ASKING:
	case AUTH_IDLE: return AUTH_WAIT;
	}
	if (packet.len > sizeof(a->eap.response))
		return AUTH_WAIT;
	a->due = USEC_NEVER;
	if (a->eap.rounds == 1 && first_response(a, packet) == AUTH_FAIL)
		return AUTH_FAIL;
	memcpy(a->eap.response, packet.p, packet.len);
	a->eap.response_len = packet.len;
	a->state = AUTH_ASKING;
	return AUTH_ASK;
}

static enum auth_wish timer(struct auth *a, usec_t now)
{
	if (a->state != AUTH_WAITING)
		return AUTH_WAIT;
	if (a->eap.sent >= EAP_TRIES || now >= a->eap.end)
		return auth_because(a, a->eap.rounds == 1
					       ? "the client agreed to EAP but does not answer"
					       : "the client left in the middle of EAP");
	auth_repeat(a, a->id);
	await(a, now);
	return AUTH_WAIT;
}

static void ask(const struct auth *a, struct radius_attrs *request)
{
	struct view rest = {a->eap.response, a->eap.response_len};

	while (rest.len) {
		size_t part = rest.len < RADIUS_ATTR_MAX ? rest.len : RADIUS_ATTR_MAX;

		radius_add_bytes(request, RADIUS_EAP_MESSAGE, (struct view){rest.p, part});
		rest = (struct view){rest.p + part, rest.len - part};
	}
	if (a->eap.state_len)
		radius_add_bytes(request, RADIUS_STATE,
				 (struct view){a->eap.state, a->eap.state_len});
	/* RFC 3579 2.4: no fragment may be larger than what the client takes. */
	radius_add_u32(request, RADIUS_FRAMED_MTU, (uint32_t)a->mtu);
}

/*
 * Put the EAP packet in a reply together, into `a->packet`.  -ENOENT: there is none; -EBADMSG: its
 * length is wrong, or it is too long for the client.
 */
static int collect(struct auth *a, struct view reply, uint8_t *ret_code, uint8_t *ret_id,
		   struct rd *ret)
{
	struct radius_attr attr;
	struct radius_walk walk;
	struct wr w;

	wr_init(&w, a->packet, a->mtu);
	radius_walk(&walk, reply);
	while (radius_next(&walk, &attr) > 0)
		if (!attr.vendor && attr.type == RADIUS_EAP_MESSAGE)
			wr_bytes(&w, attr.value.p, attr.value.len);
	if (w.bad)
		return -EBADMSG;
	if (!w.len)
		return -ENOENT;
	if (!auth_open((struct view){a->packet, w.len}, ret_code, ret_id, ret) ||
	    ret->left != w.len - AUTH_HDR_LEN)
		return -EBADMSG;
	return 0;
}

/* How long the client may take for its answer: RFC 2869 5.13 by way of RFC 3579. */
static usec_t answer_time(struct view reply)
{
	uint32_t seconds;

	if (radius_find_u32(reply, 0, RADIUS_SESSION_TIMEOUT, &seconds) || !seconds)
		return EAP_WAIT;
	return seconds < EAP_WAIT_MAX / USEC_PER_S ? seconds * USEC_PER_S : EAP_WAIT_MAX;
}

static enum auth_wish challenge(struct auth *a, struct view reply, usec_t now)
{
	struct view state = {NULL, 0};
	uint8_t code, id;
	struct rd in;
	int err = collect(a, reply, &code, &id, &in);

	if (err || code != EAP_REQUEST || !in.left)
		return auth_because(
			a, err == -ENOENT ? "the RADIUS server wants to hear more, but sent no EAP"
					  : "the RADIUS server sent a malformed EAP request");
	if (a->eap.rounds++ == EAP_ROUNDS_MAX)
		return auth_because(a, "EAP does not come to an end");
	radius_find(reply, 0, RADIUS_STATE, &state);
	if (state.len)
		memcpy(a->eap.state, state.p, state.len);
	a->eap.state_len = state.len;
	a->id = id;
	a->packet_len = AUTH_HDR_LEN + in.left;
	memcpy(a->kept, a->packet, a->packet_len);
	a->kept_len = a->packet_len;
	a->eap.sent = 0;
	a->eap.wait = answer_time(reply);
	await(a, now);
	return AUTH_WAIT;
}

/* RFC 3579 2.6.3: an Access-Accept whose EAP says something else lets nobody in. */
static int check(struct auth *a, struct view reply)
{
	uint8_t code, id;
	struct rd in;
	int err = collect(a, reply, &code, &id, &in);

	if (!err && code == EAP_SUCCESS && !in.left)
		return 0;
	auth_because(a,
		     err == -ENOENT
			     ? "the RADIUS server accepted the user, but without EAP: is its EAP "
			       "module in use?"
			     : "the RADIUS server accepted the user, but its EAP did not");
	return -EBADMSG;
}

/* RFC 3748 4.2: the identifier is that of the Response it answers. */
static void verdict(struct auth *a, enum eap_code code, enum auth_state state)
{
	auth_reply(a, (uint8_t)code, a->id, (struct view){NULL, 0}, true);
	secret_wipe(a->eap.response, sizeof(a->eap.response));
	a->state = state;
	a->due = USEC_NEVER;
}

static void pass(struct auth *a)
{
	verdict(a, EAP_SUCCESS, AUTH_PASSED);
}

/* EAP has no place for a text here; the method's own failure message, if any, came before. */
static void refuse(struct auth *a, struct view reply, const char *message)
{
	(void)reply;
	(void)message;
	verdict(a, EAP_FAILURE, AUTH_FAILED);
}

const struct auth_method eap_method = {
	.word = "eap",
	.protocol = PPP_EAP_PROTOCOL,
	.start = start,
	.input = input,
	.timer = timer,
	.ask = ask,
	.challenge = challenge,
	.check = check,
	.pass = pass,
	.refuse = refuse,
	.peek = peek,
};
