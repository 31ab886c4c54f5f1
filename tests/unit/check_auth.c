/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pppd-plugin/pap and chap: the peer's packets in, ours and the Access-Request's attributes out. */
#include "pppd-plugin/auth.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In parentheses: the assertions are macros, and see every comma. */
#define BYTES(...)                                                                                 \
	((struct view){(const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})})
#define NOTHING ((struct view){NULL, 0})

static struct auth a;
static usec_t now = 1000 * USEC_PER_S;

static void start(const struct auth_method *method)
{
	memset(&a, 0, sizeof(a));
	a.method = method;
	method->start(&a, "gateway", now);
}

/* The packet is gone: the next one, if any, is a new one. */
static void sent(void)
{
	a.packet_len = 0;
}

static void expect_packet(struct view v)
{
	ck_assert_uint_eq(a.packet_len, v.len);
	ck_assert_mem_eq(a.packet, v.p, v.len);
	sent();
}

/* As pppd gives packets: of exact size, so that the sanitizers see a read too far. */
static enum auth_wish input(struct view packet)
{
	uint8_t *copy = malloc(packet.len ? packet.len : 1);
	enum auth_wish wish;

	ck_assert_ptr_nonnull(copy);
	if (packet.len)
		memcpy(copy, packet.p, packet.len);
	wish = a.method->input(&a, (struct view){copy, packet.len}, now);
	free(copy);
	return wish;
}

/*
 * PAP
 */

#define PAP_REQUEST_BYTES                                                                          \
	1, 5, 0, 13,                 /* Authenticate-Request, identifier, length */                \
		3, 'b', 0xff, 0,     /* Peer-ID: any bytes */                                      \
		4, 'p', 0, 0x80, 'w' /* Password */

START_TEST(pap_passes)
{
	struct view request = BYTES(PAP_REQUEST_BYTES), user;
	struct radius_attrs attrs;

	start(&pap_method);
	ck_assert_uint_eq(a.packet_len, 0);
	ck_assert_uint_eq(a.due, now + 30 * USEC_PER_S);
	ck_assert_int_eq(input(request), AUTH_ASK);
	ck_assert_uint_eq(a.due, USEC_NEVER);
	ck_assert_uint_eq(a.user_len, 3);
	ck_assert_mem_eq(a.user, "b\xff\0", 3);
	radius_attrs_init(&attrs);
	a.method->ask(&a, &attrs);
	ck_assert_uint_eq(attrs.password_len, 4);
	ck_assert_mem_eq(attrs.password, "p\0\x80w", 4);

	/* it repeats itself with a new identifier while we ask: that one is answered */
	ck_assert_int_eq(input(BYTES(1, 6, 0, 6, 0, 0)), AUTH_WAIT);
	ck_assert_uint_eq(a.packet_len, 0);
	ck_assert_int_eq(a.method->check(&a, NOTHING), 0);
	a.method->pass(&a);
	expect_packet(BYTES(2, 6, 0, 5, 0));
	ck_assert_int_eq(a.state, AUTH_PASSED);
	for (size_t i = 0; i < sizeof(a.pap.password); i++)
		ck_assert_uint_eq(a.pap.password[i], 0);

	/* the answer was lost */
	ck_assert_int_eq(input(request), AUTH_WAIT);
	expect_packet(BYTES(2, 5, 0, 5, 0));
	ck_assert_int_eq(pap_method.peek(request, &user), 0);
	ck_assert_uint_eq(user.len, 3);
}
END_TEST

START_TEST(pap_fails)
{
	start(&pap_method);
	ck_assert_int_eq(input(BYTES(PAP_REQUEST_BYTES)), AUTH_ASK);
	a.method->refuse(&a, BYTES(18, 5, 'b', 'a', 'd'), "not used");
	expect_packet(BYTES(3, 5, 0, 8, 3, 'b', 'a', 'd'));
	ck_assert_int_eq(input(BYTES(PAP_REQUEST_BYTES)), AUTH_WAIT);
	expect_packet(BYTES(3, 5, 0, 8, 3, 'b', 'a', 'd'));
}
END_TEST

START_TEST(pap_every_truncation)
{
	struct view request = BYTES(PAP_REQUEST_BYTES), user;

	start(&pap_method);
	for (size_t len = 0; len < request.len; len++) {
		uint8_t copy[32];

		ck_assert_int_eq(input((struct view){request.p, len}), AUTH_WAIT);
		if (len < 4)
			continue;
		memcpy(copy, request.p, len);
		copy[3] = (uint8_t)len; /* the length agrees, the fields do not */
		ck_assert_int_eq(input((struct view){copy, len}), AUTH_WAIT);
		ck_assert_int_eq(pap_method.peek((struct view){copy, len}, &user), -ENOENT);
	}
	ck_assert_int_eq(a.state, AUTH_WAITING);
}
END_TEST

static const struct {
	struct view packet;
	enum auth_wish wish;
	const char *reason;
} pap_requests[] = {
	{{(const uint8_t[]){2, 5, 0, 6, 0, 0}, 6}, AUTH_WAIT, ""},   /* not a request */
	{{(const uint8_t[]){1, 5, 0, 3, 0, 0}, 6}, AUTH_WAIT, ""},   /* length below the header */
	{{(const uint8_t[]){1, 5, 0, 7, 0, 0}, 6}, AUTH_WAIT, ""},   /* length above the packet */
	{{(const uint8_t[]){1, 5, 0, 6, 2, 'a'}, 6}, AUTH_WAIT, ""}, /* name runs over */
	{{(const uint8_t[]){1, 5, 0, 7, 1, 'a', 1}, 7}, AUTH_WAIT, ""}, /* password runs over */
	{{(const uint8_t[]){1, 5, 0, 6, 0, 0}, 6}, AUTH_FAIL, "the client sent an empty user name"},
	{{(const uint8_t[]){1, 5, 0, 7, 1, 'a', 0, 9, 9}, 9},
	 AUTH_ASK,
	 ""}, /* padded; no password */
};

START_TEST(pap_input)
{
	start(&pap_method);
	ck_assert_int_eq(input(pap_requests[_i].packet), pap_requests[_i].wish);
	ck_assert_str_eq(a.reason, pap_requests[_i].reason);
}
END_TEST

/* name, password, what RADIUS can carry */
START_TEST(pap_limits)
{
	static const struct {
		size_t user, password;
		enum auth_wish wish;
	} limits[] = {{253, 128, AUTH_ASK},
		      {254, 1, AUTH_FAIL},
		      {1, 129, AUTH_FAIL},
		      {255, 255, AUTH_FAIL}};
	uint8_t packet[4 + 256 + 256] = {1, 5};
	struct wr w;

	wr_init(&w, packet, sizeof(packet));
	wr_u16(&w, 0x0105);
	wr_u16(&w, (uint16_t)(6 + limits[_i].user + limits[_i].password));
	wr_u8(&w, (uint8_t)limits[_i].user);
	wr_zero(&w, limits[_i].user);
	wr_u8(&w, (uint8_t)limits[_i].password);
	wr_zero(&w, limits[_i].password);
	start(&pap_method);
	ck_assert_int_eq(input((struct view){packet, w.len}), limits[_i].wish);
	if (limits[_i].wish == AUTH_FAIL) {
		ck_assert_ptr_nonnull(strstr(a.reason, "RADIUS takes"));
		a.method->refuse(&a, NOTHING, "no");
		expect_packet(BYTES(3, 5, 0, 7, 2, 'n', 'o'));
	}
}
END_TEST

START_TEST(pap_silence)
{
	start(&pap_method);
	ck_assert_int_eq(a.method->timer(&a, a.due), AUTH_FAIL);
	ck_assert_str_eq(a.reason, "the client agreed to PAP but sent no user name and password");
	ck_assert_uint_eq(a.due, USEC_NEVER);
}
END_TEST

/*
 * CHAP
 */

static const struct auth_method *const chaps[] = {&chap_method, &mschapv2_method};

/* RFC 2759 9.2 */
static const uint8_t peer_challenge[] = {0x21, 0x40, 0x23, 0x24, 0x25, 0x5e, 0x26, 0x2a,
					 0x28, 0x29, 0x5f, 0x2b, 0x3a, 0x33, 0x7c, 0x7e};
static const uint8_t nt_response[] = {0x82, 0x30, 0x9e, 0xcd, 0x8d, 0x70, 0x8b, 0x5e,
				      0xa0, 0x8f, 0xaa, 0x39, 0x81, 0xcd, 0x83, 0x54,
				      0x42, 0x33, 0x11, 0x4a, 0x3d, 0x85, 0xd6, 0xdf};
#define AUTHENTICATOR_RESPONSE "S=407A5589115FD0D6209F510FE9C04566932CDA56"

/* A response to the challenge in question, of this many bytes of value, by User. */
static struct view response(uint8_t ret[static 64], size_t value_len)
{
	struct wr w;

	wr_init(&w, ret, 64);
	wr_u8(&w, 2);
	wr_u8(&w, a.id);
	wr_u16(&w, (uint16_t)(5 + value_len + 4));
	wr_u8(&w, (uint8_t)value_len);
	if (value_len == CHAP_MSCHAPV2_LEN) {
		wr_bytes(&w, peer_challenge, sizeof(peer_challenge));
		wr_zero(&w, 8); /* reserved */
		wr_bytes(&w, nt_response, sizeof(nt_response));
		wr_u8(&w, 0x40); /* flags */
	} else {
		for (size_t i = 0; i < value_len; i++)
			wr_u8(&w, (uint8_t)i);
	}
	wr_bytes(&w, "User", 4);
	ck_assert(!w.bad);
	return (struct view){ret, w.len};
}

static size_t value_len_of(const struct auth_method *method)
{
	return method == &mschapv2_method ? CHAP_MSCHAPV2_LEN : CHAP_MD5_LEN;
}

/* Until the question is asked. */
static void begin(const struct auth_method *method)
{
	uint8_t buf[64];

	start(method);
	sent();
	ck_assert_int_eq(input(response(buf, value_len_of(method))), AUTH_ASK);
}

START_TEST(chap_challenges)
{
	uint8_t first[AUTH_PACKET_MAX], buf[64];

	start(chaps[_i]);
	ck_assert_uint_eq(a.packet_len, 4 + 1 + 16 + 7);
	ck_assert_mem_eq(a.packet, BYTES(1, a.id, 0, 28, 16).p, 5);
	ck_assert_mem_eq(a.packet + 5, a.chap.challenge, 16);
	ck_assert_mem_eq(a.packet + 21, "gateway", 7);
	memcpy(first, a.packet, a.packet_len);
	for (int i = 1; i < 10; i++) {
		ck_assert_uint_eq(a.due, now + 3 * USEC_PER_S);
		now = a.due;
		sent();
		ck_assert_int_eq(a.method->timer(&a, now), AUTH_WAIT);
		ck_assert_mem_eq(a.packet, first, a.packet_len);
	}
	sent();
	ck_assert_int_eq(a.method->timer(&a, a.due), AUTH_FAIL);
	ck_assert_uint_eq(a.packet_len, 0);
	ck_assert_str_eq(a.reason, "the client agreed to CHAP but did not answer the challenge");

	/* the next one is another */
	start(chaps[_i]);
	ck_assert_mem_ne(a.packet + 5, first + 5, 16);
	ck_assert_int_eq(input(response(buf, value_len_of(chaps[_i]))), AUTH_ASK);
	ck_assert_uint_eq(a.due, USEC_NEVER);
	sent();
	ck_assert_int_eq(a.method->timer(&a, now), AUTH_WAIT);
	ck_assert_uint_eq(a.packet_len, 0);
}
END_TEST

START_TEST(chap_asks)
{
	struct radius_attrs attrs;
	struct view whole, v;

	begin(&chap_method);
	ck_assert_uint_eq(a.user_len, 4);
	ck_assert_mem_eq(a.user, "User", 4);
	radius_attrs_init(&attrs);
	a.method->ask(&a, &attrs);
	whole = (struct view){attrs.bytes, attrs.w.len};
	ck_assert_int_eq(radius_find(whole, 0, RADIUS_CHAP_PASSWORD, &v), 0);
	ck_assert_uint_eq(v.len, 17);
	ck_assert_uint_eq(v.p[0], a.id);
	ck_assert_mem_eq(v.p + 1, BYTES(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15).p,
			 16);
	ck_assert_int_eq(radius_find(whole, 0, RADIUS_CHAP_CHALLENGE, &v), 0);
	ck_assert_uint_eq(v.len, 16);
	ck_assert_mem_eq(v.p, a.chap.challenge, 16);
	ck_assert(!attrs.has_password);
}
END_TEST

/* RFC 2548 2.3.1 and 2.3.2 */
START_TEST(mschapv2_asks)
{
	struct radius_attrs attrs;
	struct view whole, v;

	begin(&mschapv2_method);
	radius_attrs_init(&attrs);
	a.method->ask(&a, &attrs);
	whole = (struct view){attrs.bytes, attrs.w.len};
	ck_assert_int_eq(radius_find(whole, RADIUS_MICROSOFT, RADIUS_MS_CHAP_CHALLENGE, &v), 0);
	ck_assert_uint_eq(v.len, 16);
	ck_assert_mem_eq(v.p, a.chap.challenge, 16);
	ck_assert_int_eq(radius_find(whole, RADIUS_MICROSOFT, RADIUS_MS_CHAP2_RESPONSE, &v), 0);
	ck_assert_uint_eq(v.len, 50);
	ck_assert_uint_eq(v.p[0], a.id);
	ck_assert_uint_eq(v.p[1], 0x40);
	ck_assert_mem_eq(v.p + 2, peer_challenge, 16);
	ck_assert_mem_eq(v.p + 18, BYTES(0, 0, 0, 0, 0, 0, 0, 0).p, 8);
	ck_assert_mem_eq(v.p + 26, nt_response, 24);
}
END_TEST

START_TEST(chap_verdicts)
{
	uint8_t buf[64];

	begin(&chap_method);
	ck_assert_int_eq(input(response(buf, 16)), AUTH_WAIT); /* again, while we ask */
	ck_assert_uint_eq(a.packet_len, 0);
	ck_assert_int_eq(a.method->check(&a, NOTHING), 0);
	a.method->pass(&a);
	expect_packet(BYTES(3, a.id, 0, 4));
	ck_assert_int_eq(input(response(buf, 16)), AUTH_WAIT); /* again, after it */
	expect_packet(BYTES(3, a.id, 0, 4));

	begin(&chap_method);
	a.method->refuse(&a, NOTHING, "no");
	expect_packet(BYTES(4, a.id, 0, 6, 'n', 'o'));
	ck_assert_int_eq(input(response(buf, 16)), AUTH_WAIT);
	expect_packet(BYTES(4, a.id, 0, 6, 'n', 'o'));
}
END_TEST

START_TEST(chap_every_truncation)
{
	uint8_t buf[64];
	struct view whole, user;

	start(chaps[_i]);
	whole = response(buf, value_len_of(chaps[_i]));
	for (size_t len = 0; len < whole.len; len++)
		ck_assert_int_eq(input((struct view){buf, len}), AUTH_WAIT);
	/* with a length that agrees it is a shorter name, down to none, then a broken value */
	for (size_t len = 4; len < whole.len; len++) {
		enum auth_wish wish;

		start(chaps[_i]);
		buf[1] = a.id;
		buf[3] = (uint8_t)len;
		wish = input((struct view){buf, len});
		if (len + 4 > whole.len) {
			ck_assert_int_eq(wish, AUTH_ASK);
			ck_assert_int_eq(chaps[_i]->peek((struct view){buf, len}, &user), 0);
		} else {
			ck_assert_int_eq(wish, len + 4 == whole.len ? AUTH_FAIL : AUTH_WAIT);
			ck_assert_int_eq(chaps[_i]->peek((struct view){buf, len}, &user), -ENOENT);
		}
	}
}
END_TEST

/* Another code, another challenge's identifier, a value of the other algorithm's length */
START_TEST(chap_out_of_turn)
{
	uint8_t buf[64];
	struct view v;

	start(chaps[_i]);
	v = response(buf, value_len_of(chaps[_i]));
	buf[0] = 1;
	ck_assert_int_eq(input(v), AUTH_WAIT);
	buf[0] = 2;
	buf[1]++;
	ck_assert_int_eq(input(v), AUTH_WAIT);
	v = response(buf, value_len_of(chaps[!_i]));
	ck_assert_int_eq(input(v), AUTH_WAIT);
	ck_assert_int_eq(a.state, AUTH_WAITING);
	ck_assert_int_eq(input(response(buf, value_len_of(chaps[_i]))), AUTH_ASK);
}
END_TEST

/* The challenge is heard twice, and answered twice: the last answer is the client's. */
START_TEST(chap_answered_again)
{
	uint8_t buf[64];
	struct view v;

	start(chaps[_i]);
	sent();
	ck_assert_int_eq(a.method->timer(&a, a.due), AUTH_WAIT);
	sent();
	v = response(buf, value_len_of(chaps[_i]));
	ck_assert_int_eq(input(v), AUTH_ASK);
	ck_assert_int_eq(input(v), AUTH_WAIT); /* the same */
	buf[5]++;
	ck_assert_int_eq(input(v), AUTH_ASK);
	ck_assert_mem_eq(a.chap.response, buf + 5, value_len_of(chaps[_i]));
	buf[5]++; /* it was asked twice only */
	ck_assert_int_eq(input(v), AUTH_WAIT);
	ck_assert_mem_ne(a.chap.response, buf + 5, value_len_of(chaps[_i]));
	ck_assert_uint_eq(a.packet_len, 0);
}
END_TEST

/* An MS-CHAP2-Success: identifier relative to ours, text */
static struct view success(uint8_t ret[static 255], int id_off, const char *text)
{
	struct radius_attrs attrs;
	uint8_t value[RADIUS_VENDOR_MAX];
	size_t len = strlen(text);

	value[0] = (uint8_t)(a.id + id_off);
	memcpy(value + 1, text, len);
	radius_attrs_init(&attrs);
	radius_add_vendor(&attrs, RADIUS_MICROSOFT, RADIUS_MS_CHAP2_SUCCESS,
			  (struct view){value, len + 1});
	ck_assert(!attrs.w.bad);
	memcpy(ret, attrs.bytes, attrs.w.len);
	return (struct view){ret, attrs.w.len};
}

static const struct {
	const char *text; /* NULL: no attribute */
	int id_off, result;
} successes[] = {
	{AUTHENTICATOR_RESPONSE, 0, 0},
	{AUTHENTICATOR_RESPONSE " M=Welcome", 0, 0},
	{"S=407a5589115fd0d6209f510fe9c04566932cda56", 0, 0},
	{NULL, 0, -EBADMSG},
	{AUTHENTICATOR_RESPONSE, 1, -EBADMSG},
	{"", 0, -EBADMSG},
	{"S=407A5589115FD0D6209F510FE9C04566932CDA5", 0, -EBADMSG},
	{"S=407A5589115FD0D6209F510FE9C04566932CDA5G", 0, -EBADMSG},
	{"E=407A5589115FD0D6209F510FE9C04566932CDA56", 0, -EBADMSG},
	{AUTHENTICATOR_RESPONSE "7", 0, -EBADMSG},
};

START_TEST(mschapv2_success)
{
	uint8_t attrs[255];
	struct view reply = NOTHING;

	begin(&mschapv2_method);
	if (successes[_i].text)
		reply = success(attrs, successes[_i].id_off, successes[_i].text);
	ck_assert_int_eq(a.method->check(&a, reply), successes[_i].result);
	ck_assert(!successes[_i].result == !a.reason[0]);
	if (successes[_i].result)
		return;
	a.method->pass(&a);
	ck_assert_uint_eq(a.packet[0], 3);
	ck_assert_uint_eq(a.packet_len, 4 + strlen(successes[_i].text));
	ck_assert_mem_eq(a.packet + 4, successes[_i].text, strlen(successes[_i].text));
}
END_TEST

static const struct {
	struct view reply; /* MS-CHAP-Error, Reply-Message */
	const char *error, *message, *reason;
} failures[] = {
	{{NULL, 0}, "691", "no", ""},
	{{(const uint8_t[]){18, 5, 'b', 'a', 'd'}, 5}, "691", "bad", ""},
	{{(const uint8_t[]){26, 14, 0, 0, 1, 55, 2, 8, 0, 'E', '=', '6', '4', '8'}, 14},
	 "648",
	 "no",
	 "the password has expired (E=648)"},
	{{(const uint8_t[]){26, 18, 0, 0, 1, 55, 2, 12, 0, 'E', '=', '6', '4', '7', ' ', 'R', '=',
			    '1'},
	  18},
	 "647",
	 "no",
	 "the account is disabled (E=647)"},
	/* numbers that are none, and what is no MS-CHAP-Error */
	{{(const uint8_t[]){26, 14, 0, 0, 1, 55, 2, 8, 0, 'E', '=', 'x', '4', '8'}, 14},
	 "691",
	 "no",
	 ""},
	{{(const uint8_t[]){26, 16, 0, 0, 1, 55, 2, 10, 0, 'E', '=', '9', '9', '9', '9', '9'}, 16},
	 "691",
	 "no",
	 ""},
	{{(const uint8_t[]){26, 9, 0, 0, 1, 55, 2, 3, 'E'}, 9}, "691", "no", ""},
};

START_TEST(mschapv2_failure)
{
	char text[AUTH_PACKET_MAX], expected[64], c[33];

	begin(&mschapv2_method);
	a.method->refuse(&a, failures[_i].reply, "no");
	ck_assert_uint_eq(a.packet[0], 4);
	ck_assert_uint_eq(a.packet[1], a.id);
	ck_assert_uint_eq((size_t)a.packet[2] << 8 | a.packet[3], a.packet_len);
	memcpy(text, a.packet + 4, a.packet_len - 4);
	text[a.packet_len - 4] = '\0';
	ck_assert_int_eq(sscanf(text, "%*s R=0 C=%32[0-9A-F] V=3 M=", c), 1);
	ck_assert_uint_eq(strlen(c), 32);
	snprintf(expected, sizeof(expected), "E=%s R=0 C=", failures[_i].error);
	ck_assert_mem_eq(text, expected, strlen(expected));
	snprintf(expected, sizeof(expected), " V=3 M=%s", failures[_i].message);
	ck_assert_str_eq(strstr(text, " V=3"), expected);
	ck_assert_str_eq(a.reason, failures[_i].reason);
}
END_TEST

/* The longest message still fits. */
START_TEST(long_messages)
{
	static const struct auth_method *const methods[] = {&pap_method, &chap_method,
							    &mschapv2_method};
	uint8_t reply[255] = {18, 255};

	memset(reply + 2, 'm', 253);
	if (methods[_i] == &pap_method) {
		start(&pap_method);
		ck_assert_int_eq(input(BYTES(PAP_REQUEST_BYTES)), AUTH_ASK);
	} else {
		begin(methods[_i]);
	}
	a.method->refuse(&a, (struct view){reply, sizeof(reply)}, "");
	ck_assert_uint_ge(a.packet_len, 4 + AUTH_MESSAGE_MAX);
	ck_assert_uint_eq(a.packet[a.packet_len - 1], 'm');
}
END_TEST

int main(void)
{
	Suite *s = suite_create("auth");
	TCase *t = tcase_create("auth");
	SRunner *r;
	int failed;

	tcase_add_test(t, pap_passes);
	tcase_add_test(t, pap_fails);
	tcase_add_test(t, pap_every_truncation);
	tcase_add_loop_test(t, pap_input, 0, sizeof(pap_requests) / sizeof(pap_requests[0]));
	tcase_add_loop_test(t, pap_limits, 0, 4);
	tcase_add_test(t, pap_silence);
	tcase_add_loop_test(t, chap_challenges, 0, 2);
	tcase_add_test(t, chap_asks);
	tcase_add_test(t, mschapv2_asks);
	tcase_add_test(t, chap_verdicts);
	tcase_add_loop_test(t, chap_every_truncation, 0, 2);
	tcase_add_loop_test(t, chap_out_of_turn, 0, 2);
	tcase_add_loop_test(t, chap_answered_again, 0, 2);
	tcase_add_loop_test(t, mschapv2_success, 0, sizeof(successes) / sizeof(successes[0]));
	tcase_add_loop_test(t, mschapv2_failure, 0, sizeof(failures) / sizeof(failures[0]));
	tcase_add_loop_test(t, long_messages, 0, 3);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
