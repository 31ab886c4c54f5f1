/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CHAP as the authenticator: MD5 (RFC 1994) and MS-CHAPv2 (RFC 2759, attributes of RFC 2548).
 * Pure but for random challenges; names are bytes.  Who knows the passwords is RADIUS: here nothing
 * is hashed.  The peer gets one attempt: R=0 in every MS-CHAP failure.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/secret.h"
#include "pppd-plugin/auth.h"

#define PPP_CHAP_PROTOCOL 0xc223
#define CHAP_TRIES        10
#define CHAP_WAIT         (3 * USEC_PER_S) /* for a response, then the challenge goes out again */

enum chap_code {
	CHAP_CODE_CHALLENGE = 1,
	CHAP_CODE_RESPONSE,
	CHAP_CODE_SUCCESS,
	CHAP_CODE_FAILURE
};
enum chap_algorithm { CHAP_ALGORITHM_MD5 = 5, CHAP_ALGORITHM_MSCHAPV2 = 0x81 }; /* PPP numbers */

/* Layout of an MS-CHAPv2 response value (RFC 2759 4) */
#define MSCHAPV2_FLAGS_AT 48

static bool is_mschapv2(const struct auth *a)
{
	return a->method == &mschapv2_method;
}

static size_t response_len(const struct auth *a)
{
	return is_mschapv2(a) ? CHAP_MSCHAPV2_LEN : CHAP_MD5_LEN;
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

static void start(struct auth *a, const char *our_name, usec_t now)
{
	snprintf(a->chap.our_name, sizeof(a->chap.our_name), "%s", our_name);
	secret_random(&a->id, sizeof(a->id));
	secret_random(a->chap.challenge, sizeof(a->chap.challenge));
	a->state = AUTH_WAITING;
	send_challenge(a, now);
}

static enum auth_wish because(struct auth *a, const char *why)
{
	snprintf(a->reason, sizeof(a->reason), "%s", why);
	return AUTH_FAIL;
}

static bool parse(struct view packet, uint8_t *ret_id, struct view *ret_value,
		  struct view *ret_user)
{
	uint8_t code;
	struct rd in;

	if (!auth_open(packet, &code, ret_id, &in) || code != CHAP_CODE_RESPONSE)
		return false;
	rd_take(&in, ret_value, rd_u8(&in));
	rd_rest(&in, ret_user);
	return !in.bad;
}

static int peek(struct view packet, struct view *ret_user)
{
	struct view value;
	uint8_t id;

	return parse(packet, &id, &value, ret_user) && ret_user->len ? 0 : -ENOENT;
}

static enum auth_wish first_response(struct auth *a, struct view value, struct view user)
{
	a->user_len = user.len < sizeof(a->user) ? user.len : sizeof(a->user);
	if (a->user_len)
		memcpy(a->user, user.p, a->user_len);
	if (!user.len)
		return because(a, "the client sent an empty user name");
	if (user.len > sizeof(a->user))
		return because(a, "the user name is longer than the 253 bytes that RADIUS takes");
	memcpy(a->chap.response, value.p, value.len);
	a->state = AUTH_ASKING;
	return AUTH_ASK;
}

static enum auth_wish input(struct auth *a, struct view packet, usec_t now)
{
	struct view value, user;
	uint8_t id;

	(void)now;
	if (!parse(packet, &id, &value, &user) || id != a->id || value.len != response_len(a))
		return AUTH_WAIT;
	switch (a->state) {
	case AUTH_WAITING: a->due = USEC_NEVER; return first_response(a, value, user);
	case AUTH_PASSED:
	case AUTH_FAILED: auth_repeat(a, id); break; /* RFC 1994 4.2: the same verdict again */
	case AUTH_ASKING:
	case AUTH_IDLE: break;
	}
	return AUTH_WAIT;
}

static enum auth_wish timer(struct auth *a, usec_t now)
{
	if (a->state != AUTH_WAITING)
		return AUTH_WAIT;
	if (a->chap.sent < CHAP_TRIES) {
		send_challenge(a, now);
		return AUTH_WAIT;
	}
	a->due = USEC_NEVER;
	return because(a, "the client agreed to CHAP but did not answer the challenge");
}

static void ask_md5(const struct auth *a, struct radius_attrs *request)
{
	uint8_t password[1 + CHAP_MD5_LEN]; /* RFC 2865 5.3: identifier and response */

	password[0] = a->id;
	memcpy(password + 1, a->chap.response, CHAP_MD5_LEN);
	radius_add_bytes(request, RADIUS_CHAP_PASSWORD, (struct view){password, sizeof(password)});
	radius_add_bytes(request, RADIUS_CHAP_CHALLENGE,
			 (struct view){a->chap.challenge, CHAP_CHALLENGE_LEN});
}

static void ask_mschapv2(const struct auth *a, struct radius_attrs *request)
{
	uint8_t response[1 + CHAP_MSCHAPV2_LEN]; /* RFC 2548 2.3.2: the flags come second */

	response[0] = a->id;
	response[1] = a->chap.response[MSCHAPV2_FLAGS_AT];
	memcpy(response + 2, a->chap.response, MSCHAPV2_FLAGS_AT);
	radius_add_vendor(request, RADIUS_MICROSOFT, RADIUS_MS_CHAP_CHALLENGE,
			  (struct view){a->chap.challenge, CHAP_CHALLENGE_LEN});
	radius_add_vendor(request, RADIUS_MICROSOFT, RADIUS_MS_CHAP2_RESPONSE,
			  (struct view){response, sizeof(response)});
}

static int check_md5(struct auth *a, struct view reply)
{
	(void)a;
	(void)reply;
	return 0;
}

static bool is_hex(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

/* "S=" and 40 digits, then nothing or " M=..." */
static bool is_success_text(struct view v)
{
	if (v.len < CHAP_MSCHAPV2_OK_LEN || v.len > CHAP_MSCHAPV2_OK_ROOM || v.p[0] != 'S' ||
	    v.p[1] != '=')
		return false;
	for (size_t i = 2; i < CHAP_MSCHAPV2_OK_LEN; i++)
		if (!is_hex(v.p[i]))
			return false;
	return v.len == CHAP_MSCHAPV2_OK_LEN || v.p[CHAP_MSCHAPV2_OK_LEN] == ' ';
}

/* The peer checks this proof that the server knows the password, so there is no success without. */
static int check_mschapv2(struct auth *a, struct view reply)
{
	struct view value, text;
	struct rd in;

	if (radius_find(reply, RADIUS_MICROSOFT, RADIUS_MS_CHAP2_SUCCESS, &value)) {
		because(a, "the RADIUS server accepted the user, but without MS-CHAP2-Success: is "
			   "its MS-CHAP module in use?");
		return -EBADMSG;
	}
	rd_init(&in, value.p, value.len);
	if (rd_u8(&in) != a->id || in.bad) {
		because(a, "the RADIUS server sent an MS-CHAP2-Success for another challenge");
		return -EBADMSG;
	}
	rd_rest(&in, &text);
	if (!is_success_text(text)) {
		because(a, "the RADIUS server sent a malformed MS-CHAP2-Success");
		return -EBADMSG;
	}
	memcpy(a->chap.ok, text.p, text.len);
	a->chap.ok_len = text.len;
	return 0;
}

static void verdict(struct auth *a, enum chap_code code, struct view payload)
{
	auth_reply(a, (uint8_t)code, a->id, payload, true);
	a->state = code == CHAP_CODE_SUCCESS ? AUTH_PASSED : AUTH_FAILED;
	a->due = USEC_NEVER;
}

static void pass_md5(struct auth *a)
{
	verdict(a, CHAP_CODE_SUCCESS, view_str(""));
}

static void pass_mschapv2(struct auth *a)
{
	verdict(a, CHAP_CODE_SUCCESS, (struct view){a->chap.ok, a->chap.ok_len});
}

static void refuse_md5(struct auth *a, struct view reply, const char *message)
{
	verdict(a, CHAP_CODE_FAILURE, auth_message(reply, message));
}

/* Error codes of RFC 2759 6 */
#define MSCHAP_ERRORS(X)                                                                           \
	X(646, "outside the permitted hours")                                                      \
	X(647, "the account is disabled")                                                          \
	X(648, "the password has expired")                                                         \
	X(649, "no permission to dial in")                                                         \
	X(709, "the password cannot be changed")

#define MSCHAP_ERROR_FAILURE 691

/* The number behind "E=" in an MS-CHAP-Error, or 691 when it has none that makes sense. */
static uint32_t error_number(struct view reply)
{
	struct view value, text;
	uint32_t n = 0;
	struct rd in;

	if (radius_find(reply, RADIUS_MICROSOFT, RADIUS_MS_CHAP_ERROR, &value))
		return MSCHAP_ERROR_FAILURE;
	rd_init(&in, value.p, value.len);
	rd_u8(&in); /* identifier */
	rd_rest(&in, &text);
	if (text.len < 3 || text.p[0] != 'E' || text.p[1] != '=')
		return MSCHAP_ERROR_FAILURE;
	for (size_t i = 2; i < text.len && text.p[i] >= '0' && text.p[i] <= '9'; i++) {
		n = n * 10 + (uint32_t)(text.p[i] - '0');
		if (n > 9999)
			return MSCHAP_ERROR_FAILURE;
	}
	return n ? n : MSCHAP_ERROR_FAILURE;
}

static void refuse_mschapv2(struct auth *a, struct view reply, const char *message)
{
	uint8_t next[CHAP_CHALLENGE_LEN];
	char text[64 + 2 * CHAP_CHALLENGE_LEN + AUTH_MESSAGE_MAX], hex[2 * CHAP_CHALLENGE_LEN + 1];
	uint32_t error = error_number(reply);
	struct view m = auth_message(reply, message);
	int n;

	switch (error) {
#define X(number, meaning)                                                                         \
	case number: snprintf(a->reason, sizeof(a->reason), meaning " (E=%d)", number); break;
		MSCHAP_ERRORS(X)
#undef X
	default: break;
	}
	/* RFC 2759 6 wants a challenge for the next attempt also where R=0 allows none. */
	secret_random(next, sizeof(next));
	for (size_t i = 0; i < sizeof(next); i++)
		snprintf(hex + 2 * i, 3, "%02X", next[i]);
	n = snprintf(text, sizeof(text), "E=%" PRIu32 " R=0 C=%s V=3 M=%.*s", error, hex,
		     (int)m.len, (const char *)m.p);
	verdict(a, CHAP_CODE_FAILURE, (struct view){(const uint8_t *)text, (size_t)n});
}

const struct auth_method chap_method = {
	.word = "chap",
	.protocol = PPP_CHAP_PROTOCOL,
	.flavor = CHAP_ALGORITHM_MD5,
	.start = start,
	.input = input,
	.timer = timer,
	.ask = ask_md5,
	.check = check_md5,
	.pass = pass_md5,
	.refuse = refuse_md5,
	.peek = peek,
};

const struct auth_method mschapv2_method = {
	.word = "mschapv2",
	.protocol = PPP_CHAP_PROTOCOL,
	.flavor = CHAP_ALGORITHM_MSCHAPV2,
	.start = start,
	.input = input,
	.timer = timer,
	.ask = ask_mschapv2,
	.check = check_mschapv2,
	.pass = pass_mschapv2,
	.refuse = refuse_mschapv2,
	.peek = peek,
};
