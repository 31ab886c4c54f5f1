/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CHAP as the authenticator (RFC 1994), and its method with MD5.  Pure but for random challenges;
 * names are bytes.  Who knows the passwords is RADIUS: here nothing is hashed.
 */
#include "pppd-plugin/chap.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/secret.h"

#define CHAP_TRIES 10
#define CHAP_WAIT  (3 * USEC_PER_S) /* for a response, then the challenge goes out again */

size_t chap_response_len(const struct auth *a)
{
	return a->method == &mschapv2_method ? CHAP_MSCHAPV2_LEN : CHAP_MD5_LEN;
}

static void send_challenge(struct auth *a, usec_t now)
{
	uint8_t payload[1 + CHAP_CHALLENGE_LEN + AUTH_NAME_MAX];
	struct view name = view_str(a->chap.our_name);
	struct wr w;

	wr_init(&w, payload, sizeof(payload));
	wr_u8(&w, CHAP_CHALLENGE_LEN);
	wr_bytes(&w, a->chap.challenge, CHAP_CHALLENGE_LEN);
	wr_bytes(&w, name.p, name.len);
	auth_reply(a, CHAP_CODE_CHALLENGE, a->id, (struct view){payload, w.len}, false);
	a->chap.sent++;
	a->due = now + CHAP_WAIT;
}

void chap_start(struct auth *a, const char *our_name, usec_t now)
{
	snprintf(a->chap.our_name, sizeof(a->chap.our_name), "%s", our_name);
	secret_random(&a->id, sizeof(a->id));
	secret_random(a->chap.challenge, sizeof(a->chap.challenge));
	a->state = AUTH_WAITING;
	send_challenge(a, now);
}

bool chap_parse(struct view packet, uint8_t *ret_id, struct view *ret_value, struct view *ret_user)
{
	uint8_t code;
	struct rd in;

	if (!auth_open(packet, &code, ret_id, &in) || code != CHAP_CODE_RESPONSE)
		return false;
	rd_take(&in, ret_value, rd_u8(&in));
	rd_rest(&in, ret_user);
	return !in.bad;
}

int chap_peek(struct view packet, struct view *ret_user)
{
	struct view value;
	uint8_t id;

	return chap_parse(packet, &id, &value, ret_user) && ret_user->len ? 0 : -ENOENT;
}

enum auth_wish chap_take(struct auth *a, uint8_t id, struct view value, struct view user)
{
	a->id = id;
	a->due = USEC_NEVER;
	a->user_len = user.len < sizeof(a->user) ? user.len : sizeof(a->user);
	if (a->user_len)
		memcpy(a->user, user.p, a->user_len);
	if (!user.len)
		return auth_because(a, "the client sent an empty user name");
	if (user.len > sizeof(a->user))
		return auth_because(a,
				    "the user name is longer than the 253 bytes that RADIUS takes");
	memcpy(a->chap.response, value.p, value.len);
	a->state = AUTH_ASKING;
	return AUTH_ASK;
}

/*
 * Who heard the challenge again may have answered it with another challenge of its own, as pppd
 * does, and then takes no verdict on the answer before.  So the last one counts, one for each time
 * that we asked.
 */
static enum auth_wish hear(struct auth *a, uint8_t id, struct view value, struct view user)
{
	if (a->chap.heard == a->chap.sent)
		return AUTH_WAIT;
	a->chap.heard++;
	return chap_take(a, id, value, user);
}

enum auth_wish chap_input(struct auth *a, struct view packet, usec_t now)
{
	struct view value, user;
	uint8_t id;

	(void)now;
	if (!chap_parse(packet, &id, &value, &user) || id != a->id ||
	    value.len != chap_response_len(a))
		return AUTH_WAIT;
	switch (a->state) {
	case AUTH_WAITING: return hear(a, id, value, user);
	case AUTH_ASKING:
		if (memcmp(value.p, a->chap.response, value.len) != 0)
			return hear(a, id, value, user);
		break;
	case AUTH_PASSED:
	case AUTH_FAILED: auth_repeat(a, id); break; /* RFC 1994 4.2: the same verdict again */
	case AUTH_IDLE: break;
	}
	return AUTH_WAIT;
}

enum auth_wish chap_timer(struct auth *a, usec_t now)
{
	if (a->state != AUTH_WAITING)
		return AUTH_WAIT;
	if (a->chap.sent < CHAP_TRIES) {
		send_challenge(a, now);
		return AUTH_WAIT;
	}
	return auth_because(a, "the client agreed to CHAP but did not answer the challenge");
}

static void ask(const struct auth *a, struct radius_attrs *request)
{
	uint8_t password[1 + CHAP_MD5_LEN]; /* RFC 2865 5.3: identifier and response */

	password[0] = a->id;
	memcpy(password + 1, a->chap.response, CHAP_MD5_LEN);
	radius_add_bytes(request, RADIUS_CHAP_PASSWORD, (struct view){password, sizeof(password)});
	radius_add_bytes(request, RADIUS_CHAP_CHALLENGE,
			 (struct view){a->chap.challenge, CHAP_CHALLENGE_LEN});
}

static int check(struct auth *a, struct view reply)
{
	(void)a;
	(void)reply;
	return 0;
}

void chap_verdict(struct auth *a, enum chap_code code, struct view payload)
{
	auth_reply(a, (uint8_t)code, a->id, payload, true);
	a->state = code == CHAP_CODE_SUCCESS ? AUTH_PASSED : AUTH_FAILED;
	a->due = USEC_NEVER;
}

static void pass(struct auth *a)
{
	chap_verdict(a, CHAP_CODE_SUCCESS, view_str(""));
}

static void refuse(struct auth *a, struct view reply, const char *message)
{
	chap_verdict(a, CHAP_CODE_FAILURE, auth_message(reply, message));
}

const struct auth_method chap_method = {
	.word = "chap",
	.protocol = PPP_CHAP_PROTOCOL,
	.flavor = CHAP_ALGORITHM_MD5,
	.start = chap_start,
	.input = chap_input,
	.timer = chap_timer,
	.ask = ask,
	.check = check,
	.pass = pass,
	.refuse = refuse,
	.peek = chap_peek,
};
