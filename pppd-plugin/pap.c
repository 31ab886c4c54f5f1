/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PAP as the authenticator (RFC 1334 2).  Pure; names and passwords are bytes. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/secret.h"
#include "pppd-plugin/auth.h"

#define PPP_PAP_PROTOCOL 0xc023
#define PAP_PATIENCE     (30 * USEC_PER_S) /* for the first request */

enum pap_code { PAP_REQUEST = 1, PAP_ACK = 2, PAP_NAK = 3 };

static void start(struct auth *a, const char *our_name, usec_t now)
{
	(void)our_name; /* PAP has no use for it */
	a->state = AUTH_WAITING;
	a->due = now + PAP_PATIENCE;
}

static bool parse(struct view packet, uint8_t *ret_id, struct view *ret_user,
		  struct view *ret_password)
{
	uint8_t code;
	struct rd in;

	if (!auth_open(packet, &code, ret_id, &in) || code != PAP_REQUEST)
		return false;
	rd_take(&in, ret_user, rd_u8(&in));
	rd_take(&in, ret_password, rd_u8(&in));
	return !in.bad;
}

static int peek(struct view packet, struct view *ret_user)
{
	struct view password;
	uint8_t id;

	return parse(packet, &id, ret_user, &password) && ret_user->len ? 0 : -ENOENT;
}

static enum auth_wish first_request(struct auth *a, struct view user, struct view password)
{
	if (user.len)
		memcpy(a->user, user.p, user.len < sizeof(a->user) ? user.len : sizeof(a->user));
	a->user_len = user.len < sizeof(a->user) ? user.len : sizeof(a->user);
	if (!user.len)
		return auth_because(a, "the client sent an empty user name");
	if (user.len > sizeof(a->user))
		return auth_because(a,
				    "the user name is longer than the 253 bytes that RADIUS takes");
	if (password.len > sizeof(a->pap.password))
		return auth_because(a,
				    "the password is longer than the 128 bytes that RADIUS takes");
	if (password.len)
		memcpy(a->pap.password, password.p, password.len);
	a->pap.password_len = password.len;
	a->state = AUTH_ASKING;
	return AUTH_ASK;
}

static enum auth_wish input(struct auth *a, struct view packet, usec_t now)
{
	struct view user, password;
	uint8_t id;

	(void)now;
	if (!parse(packet, &id, &user, &password))
		return AUTH_WAIT;
	switch (a->state) {
	case AUTH_WAITING:
		a->due = USEC_NEVER;
		a->id = id;
		return first_request(a, user, password);
	case AUTH_ASKING:
		/* The peer repeats itself under a new identifier: that is the one to answer. */
		a->id = id;
		return AUTH_WAIT;
	case AUTH_PASSED:
	case AUTH_FAILED: auth_repeat(a, id); return AUTH_WAIT;
	case AUTH_IDLE: break;
	}
	return AUTH_WAIT;
}

static enum auth_wish timer(struct auth *a, usec_t now)
{
	(void)now;
	if (a->state != AUTH_WAITING)
		return AUTH_WAIT;
	return auth_because(a, "the client agreed to PAP but sent no user name and password");
}

static void ask(const struct auth *a, struct radius_attrs *request)
{
	radius_set_password(request, (struct view){a->pap.password, a->pap.password_len});
}

static int check(struct auth *a, struct view reply)
{
	(void)a;
	(void)reply;
	return 0;
}

static void answer(struct auth *a, enum pap_code code, struct view message)
{
	uint8_t payload[1 + AUTH_MESSAGE_MAX];
	struct wr w;

	wr_init(&w, payload, sizeof(payload));
	wr_u8(&w, (uint8_t)message.len);
	wr_bytes(&w, message.p, message.len);
	auth_reply(a, code, a->id, (struct view){payload, w.len}, true);
	secret_wipe(a->pap.password, sizeof(a->pap.password));
	a->due = USEC_NEVER;
}

static void pass(struct auth *a)
{
	answer(a, PAP_ACK, view_str(""));
	a->state = AUTH_PASSED;
}

static void refuse(struct auth *a, struct view reply, const char *message)
{
	answer(a, PAP_NAK, auth_message(reply, message));
	a->state = AUTH_FAILED;
}

const struct auth_method pap_method = {
	.word = "pap",
	.protocol = PPP_PAP_PROTOCOL,
	.start = start,
	.input = input,
	.timer = timer,
	.ask = ask,
	.check = check,
	.pass = pass,
	.refuse = refuse,
	.peek = peek,
};
