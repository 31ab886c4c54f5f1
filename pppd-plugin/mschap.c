/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MS-CHAPv2 as the authenticator: RFC 2759, with the RADIUS attributes of RFC 2548.  Retry and
 * change of password are as RADIUS allows them.  Pure but for random challenges.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/secret.h"
#include "pppd-plugin/chap.h"

#define RETRIES      2                 /* after the first attempt */
#define PROMPT_TIME  (60 * USEC_PER_S) /* for a person to type a password: RFC 2759 6 */
#define SEQUENCE_MAX 243 /* bytes of a password in one MS-CHAP-NT-Enc-PW: RFC 2548 2.1.6 */

/* Layout of a Response's value (RFC 2759 4) */
#define FLAGS_AT     48

static void ask_response(const struct auth *a, struct radius_attrs *request)
{
	uint8_t response[1 + CHAP_MSCHAPV2_LEN]; /* RFC 2548 2.3.2: the flags come second */

	response[0] = a->id;
	response[1] = a->chap.response[FLAGS_AT];
	memcpy(response + 2, a->chap.response, FLAGS_AT);
	radius_add_vendor(request, RADIUS_MICROSOFT, RADIUS_MS_CHAP2_RESPONSE,
			  (struct view){response, sizeof(response)});
}

/* RFC 2548 2.1.6, 2.3.4: what the peer sent, in another order and in pieces. */
static void ask_change(const struct auth *a, struct radius_attrs *request)
{
	const uint8_t *encrypted = a->chap.change, *rest = encrypted + CHAP_ENC_PASSWORD_LEN;
	uint8_t bytes[4 + SEQUENCE_MAX];
	struct wr w;

	wr_init(&w, bytes, sizeof(bytes));
	wr_u8(&w, CHAP_CODE_CHANGE_PASSWORD);
	wr_u8(&w, a->id);
	wr_bytes(&w, rest, CHAP_CHANGE_LEN - CHAP_ENC_PASSWORD_LEN);
	radius_add_vendor(request, RADIUS_MICROSOFT, RADIUS_MS_CHAP2_CPW,
			  (struct view){bytes, w.len});
	for (size_t at = 0, part, n = 1; at < CHAP_ENC_PASSWORD_LEN; at += part, n++) {
		part = CHAP_ENC_PASSWORD_LEN - at < SEQUENCE_MAX ? CHAP_ENC_PASSWORD_LEN - at
								 : SEQUENCE_MAX;
		wr_init(&w, bytes, sizeof(bytes));
		wr_u8(&w, 6); /* the Code of this attribute */
		wr_u8(&w, a->id);
		wr_u16(&w, (uint16_t)n);
		wr_bytes(&w, encrypted + at, part);
		radius_add_vendor(request, RADIUS_MICROSOFT, RADIUS_MS_CHAP_NT_ENC_PW,
				  (struct view){bytes, w.len});
	}
	secret_wipe(bytes, sizeof(bytes));
}

static void ask(const struct auth *a, struct radius_attrs *request)
{
	radius_add_vendor(request, RADIUS_MICROSOFT, RADIUS_MS_CHAP_CHALLENGE,
			  (struct view){a->chap.challenge, CHAP_CHALLENGE_LEN});
	if (a->chap.changed)
		ask_change(a, request);
	else
		ask_response(a, request);
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
static int check(struct auth *a, struct view reply)
{
	struct view value, text;
	struct rd in;

	if (radius_find(reply, RADIUS_MICROSOFT, RADIUS_MS_CHAP2_SUCCESS, &value)) {
		auth_because(
			a, "the RADIUS server accepted the user, but without MS-CHAP2-Success: is "
			   "its MS-CHAP module in use?");
		return -EBADMSG;
	}
	rd_init(&in, value.p, value.len);
	if (rd_u8(&in) != a->id || in.bad) {
		auth_because(a, "the RADIUS server sent an MS-CHAP2-Success for another challenge");
		return -EBADMSG;
	}
	rd_rest(&in, &text);
	if (!is_success_text(text)) {
		auth_because(a, "the RADIUS server sent a malformed MS-CHAP2-Success");
		return -EBADMSG;
	}
	memcpy(a->chap.ok, text.p, text.len);
	a->chap.ok_len = text.len;
	return 0;
}

static void pass(struct auth *a)
{
	chap_verdict(a, CHAP_CODE_SUCCESS, (struct view){a->chap.ok, a->chap.ok_len});
}

/* Error codes of RFC 2759 6 */
#define MSCHAP_ERRORS(X)                                                                           \
	X(646, "outside the permitted hours")                                                      \
	X(647, "the account is disabled")                                                          \
	X(648, "the password has expired")                                                         \
	X(649, "no permission to dial in")                                                         \
	X(709, "the password cannot be changed")

#define MSCHAP_ERROR_FAILURE 691
#define MSCHAP_ERROR_EXPIRED 648

/* An MS-CHAP-Error (RFC 2548 2.1.5): "E=691 R=1 C=... V=3 M=..." */
struct mschap_error {
	uint32_t number; /* 691 when it has none that makes sense */
	bool may_retry;
	bool has_challenge;
	uint8_t challenge[CHAP_CHALLENGE_LEN];
};

/* The digits behind `key`, which begins a word; false: it is not there. */
static bool find_key(struct view text, const char *key, struct view *ret)
{
	size_t len = strlen(key);

	for (size_t i = 0; i + len <= text.len; i++) {
		if ((i && text.p[i - 1] != ' ') || memcmp(text.p + i, key, len) != 0)
			continue;
		*ret = (struct view){text.p + i + len, text.len - i - len};
		return true;
	}
	return false;
}

static uint32_t number(struct view digits)
{
	uint32_t n = 0;

	for (size_t i = 0; i < digits.len && digits.p[i] >= '0' && digits.p[i] <= '9'; i++) {
		n = n * 10 + (uint32_t)(digits.p[i] - '0');
		if (n > 9999)
			return 0;
	}
	return n;
}

static unsigned int hex_digit(uint8_t c)
{
	return (unsigned int)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

static bool read_challenge(struct view digits, uint8_t ret[static CHAP_CHALLENGE_LEN])
{
	if (digits.len < 2 * CHAP_CHALLENGE_LEN)
		return false;
	for (size_t i = 0; i < 2 * CHAP_CHALLENGE_LEN; i++)
		if (!is_hex(digits.p[i]))
			return false;
	for (size_t i = 0; i < CHAP_CHALLENGE_LEN; i++)
		ret[i] =
			(uint8_t)(hex_digit(digits.p[2 * i]) << 4 | hex_digit(digits.p[2 * i + 1]));
	return true;
}

static struct mschap_error error_in(struct view reply)
{
	struct mschap_error e = {.number = MSCHAP_ERROR_FAILURE};
	struct view value, text, found;
	struct rd in;

	if (radius_find(reply, RADIUS_MICROSOFT, RADIUS_MS_CHAP_ERROR, &value))
		return e;
	rd_init(&in, value.p, value.len);
	rd_u8(&in); /* identifier */
	rd_rest(&in, &text);
	/* What follows M= is for people, whatever it looks like. */
	if (find_key(text, "M=", &found))
		text.len = (size_t)(found.p - text.p) - 2;
	if (find_key(text, "E=", &found) && number(found))
		e.number = number(found);
	e.may_retry = find_key(text, "R=", &found) && number(found) == 1;
	e.has_challenge = find_key(text, "C=", &found) && read_challenge(found, e.challenge);
	return e;
}

/* Make the Failure packet: `may_retry` tells the peer that it may answer the challenge in it. */
static size_t failure_text(char *ret, size_t cap, const struct mschap_error *e,
			   const uint8_t challenge[static CHAP_CHALLENGE_LEN], struct view message)
{
	char hex[2 * CHAP_CHALLENGE_LEN + 1];
	int n;

	for (size_t i = 0; i < CHAP_CHALLENGE_LEN; i++)
		snprintf(hex + 2 * i, 3, "%02X", challenge[i]);
	n = snprintf(ret, cap, "E=%" PRIu32 " R=%d C=%s V=3 M=%.*s", e->number, e->may_retry, hex,
		     (int)message.len, (const char *)message.p);
	return n < 0 ? 0 : (size_t)n < cap ? (size_t)n : cap - 1;
}

#define FAILURE_MAX (64 + 2 * CHAP_CHALLENGE_LEN + AUTH_MESSAGE_MAX)

/* What the number means, as the reason: nothing for one that says no more than "no". */
static void explain(struct auth *a, uint32_t error)
{
	a->reason[0] = '\0';
	switch (error) {
#define X(number, meaning)                                                                         \
	case number: snprintf(a->reason, sizeof(a->reason), meaning " (E=%d)", number); break;
		MSCHAP_ERRORS(X)
#undef X
	default: break;
	}
}

/* Another attempt follows when RADIUS says so: with another password, or with a new one. */
static bool retry(struct auth *a, struct view reply, usec_t now)
{
	struct mschap_error e = error_in(reply);
	char text[FAILURE_MAX];
	size_t len;

	a->chap.may_change = e.number == MSCHAP_ERROR_EXPIRED;
	if (a->chap.changed || a->chap.refused == RETRIES ||
	    (!a->chap.may_change && !(e.number == MSCHAP_ERROR_FAILURE && e.may_retry)))
		return false;
	a->chap.refused++;
	explain(a, e.number);
	if (e.has_challenge)
		memcpy(a->chap.challenge, e.challenge, CHAP_CHALLENGE_LEN);
	else
		secret_random(a->chap.challenge, sizeof(a->chap.challenge));
	len = failure_text(text, sizeof(text), &e, a->chap.challenge,
			   auth_message(reply, "Authentication failed"));
	auth_reply(a, CHAP_CODE_FAILURE, a->id, (struct view){(const uint8_t *)text, len}, true);
	a->state = AUTH_WAITING;
	a->due = now + PROMPT_TIME;
	return true;
}

/* RFC 2759 7: everything in it is encrypted with the old password, or a hash. */
static enum auth_wish change(struct auth *a, uint8_t id, struct view value)
{
	if (!a->chap.may_change || value.len != CHAP_CHANGE_LEN)
		return AUTH_WAIT;
	memcpy(a->chap.change, value.p, value.len);
	a->chap.changed = true;
	a->id = id;
	a->due = USEC_NEVER;
	a->state = AUTH_ASKING;
	return AUTH_ASK;
}

/* What follows a Failure that allows another attempt. */
static enum auth_wish again(struct auth *a, struct view packet)
{
	struct view value, user;
	uint8_t code, id;
	struct rd in;

	if (!auth_open(packet, &code, &id, &in) || (id != a->id && id != (uint8_t)(a->id + 1)))
		return AUTH_WAIT;
	if (code == CHAP_CODE_CHANGE_PASSWORD) {
		rd_rest(&in, &value);
		return change(a, id, value);
	}
	if (!chap_parse(packet, &id, &value, &user) || value.len != CHAP_MSCHAPV2_LEN)
		return AUTH_WAIT;
	if (!memcmp(value.p, a->chap.response, CHAP_MSCHAPV2_LEN)) {
		auth_repeat(a, a->id); /* it did not hear the Failure */
		return AUTH_WAIT;
	}
	return a->chap.may_change ? AUTH_WAIT : chap_take(a, id, value, user);
}

static enum auth_wish input(struct auth *a, struct view packet, usec_t now)
{
	if (a->state == AUTH_WAITING && a->chap.refused)
		return again(a, packet);
	return chap_input(a, packet, now);
}

static enum auth_wish timer(struct auth *a, usec_t now)
{
	if (a->state != AUTH_WAITING || !a->chap.refused)
		return chap_timer(a, now);
	a->due = USEC_NEVER;
	snprintf(a->reason, sizeof(a->reason),
		 a->chap.may_change
			 ? "the password has expired, and the client did not send a new one"
			 : "the RADIUS server rejected the user, who did not try again");
	return AUTH_FAIL;
}

static void refuse(struct auth *a, struct view reply, const char *message)
{
	struct mschap_error e = error_in(reply);
	uint8_t next[CHAP_CHALLENGE_LEN];
	char text[FAILURE_MAX];
	size_t len;

	explain(a, e.number);
	/* RFC 2759 6 wants a challenge for the next attempt also where R=0 allows none. */
	secret_random(next, sizeof(next));
	e.may_retry = false;
	len = failure_text(text, sizeof(text), &e, next, auth_message(reply, message));
	chap_verdict(a, CHAP_CODE_FAILURE, (struct view){(const uint8_t *)text, len});
}

const struct auth_method mschapv2_method = {
	.word = "mschapv2",
	.protocol = PPP_CHAP_PROTOCOL,
	.flavor = CHAP_ALGORITHM_MSCHAPV2,
	.start = chap_start,
	.input = input,
	.timer = timer,
	.ask = ask,
	.retry = retry,
	.check = check,
	.pass = pass,
	.refuse = refuse,
	.peek = chap_peek,
};
