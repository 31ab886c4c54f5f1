/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pppd-plugin/eap: what the client says goes to RADIUS whole, what RADIUS says to the client. */
#include "pppd-plugin/auth.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BYTES(...)                                                                                 \
	((struct view){(const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})})
#define NOTHING ((struct view){NULL, 0})

#define EAP_AT  79 /* EAP-Message */
#define STATE   24
#define TIMEOUT 27

static struct auth a;
static usec_t now;
static uint8_t reply[4096]; /* attributes of RADIUS' answer */
static size_t reply_len;

static void begin(void)
{
	memset(&a, 0, sizeof(a));
	now = 1000 * USEC_PER_S;
	a.method = &eap_method;
	a.mtu = 1400;
	a.method->start(&a, "gateway", now);
}

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

/* A Response of this type, with `len` bytes behind it. */
static enum auth_wish respond(uint8_t type, const void *data, size_t len)
{
	uint8_t packet[2048] = {2, a.id, (uint8_t)((5 + len) >> 8), (uint8_t)(5 + len), type};

	if (len)
		memcpy(packet + 5, data, len);
	return input((struct view){packet, 5 + len});
}

/* The client has told who it is, and RADIUS is asked. */
static void identified(void)
{
	begin();
	a.packet_len = 0;
	ck_assert_int_eq(respond(1, "anna", 4), AUTH_ASK);
}

static void put(uint8_t type, const void *value, size_t len)
{
	ck_assert_uint_le(reply_len + len + 2, sizeof(reply));
	reply[reply_len] = type;
	reply[reply_len + 1] = (uint8_t)(len + 2);
	memcpy(reply + reply_len + 2, value, len);
	reply_len += len + 2;
}

/* RADIUS' answer holds this EAP packet, cut as RADIUS must, and perhaps a State. */
static struct view answer(struct view eap, const char *state)
{
	reply_len = 0;
	for (size_t at = 0, part; at < eap.len; at += part) {
		part = eap.len - at < 253 ? eap.len - at : 253;
		put(EAP_AT, eap.p + at, part);
	}
	if (state)
		put(STATE, state, strlen(state));
	return (struct view){reply, reply_len};
}

static void expect_sent(struct view v)
{
	ck_assert_uint_eq(a.packet_len, v.len);
	ck_assert_mem_eq(a.packet, v.p, v.len);
	a.packet_len = 0;
}

/* The attributes of the next Access-Request: EAP-Message put together, and State. */
static size_t asked(uint8_t *ret_eap, char *ret_state, uint32_t *ret_mtu)
{
	struct radius_attrs attrs;
	struct radius_attr attr;
	struct radius_walk walk;
	size_t len = 0;

	ret_state[0] = '\0';
	radius_attrs_init(&attrs);
	a.method->ask(&a, &attrs);
	ck_assert(!attrs.w.bad);
	radius_walk(&walk, (struct view){attrs.bytes, attrs.w.len});
	while (radius_next(&walk, &attr) > 0) {
		if (attr.type == EAP_AT) {
			memcpy(ret_eap + len, attr.value.p, attr.value.len);
			len += attr.value.len;
		} else if (attr.type == STATE) {
			memcpy(ret_state, attr.value.p, attr.value.len);
			ret_state[attr.value.len] = '\0';
		} else if (attr.type == 12) {
			struct rd in;

			rd_init(&in, attr.value.p, attr.value.len);
			*ret_mtu = rd_u32(&in);
		}
	}
	return len;
}

START_TEST(whole_conversation)
{
	uint8_t eap[2048], request[1300] = {1, 77, 1300 >> 8, 1300 & 0xff, 13};
	char state[256];
	uint32_t mtu = 0;

	begin();
	ck_assert_uint_eq(a.packet_len, 5);
	ck_assert_mem_eq(a.packet, BYTES(1, a.id, 0, 5, 1).p, 5);
	ck_assert_uint_eq(a.due, now + 3 * USEC_PER_S);
	a.packet_len = 0;

	ck_assert_int_eq(respond(1, "anna\xff@x", 7), AUTH_ASK);
	ck_assert_uint_eq(a.due, USEC_NEVER);
	ck_assert_uint_eq(a.user_len, 7);
	ck_assert_mem_eq(a.user, "anna\xff@x", 7);
	ck_assert_uint_eq(asked(eap, state, &mtu), 12);
	ck_assert_mem_eq(eap + 4,
			 "\x01"
			 "anna\xff@x",
			 8);
	ck_assert_str_eq(state, "");
	ck_assert_uint_eq(mtu, 1400);

	/* a fragment larger than five attributes, under an identifier of RADIUS' choice */
	memset(request + 5, 'f', sizeof(request) - 5);
	ck_assert_int_eq(
		a.method->challenge(&a, answer((struct view){request, sizeof(request)}, "s1"), now),
		AUTH_WAIT);
	expect_sent((struct view){request, sizeof(request)});
	ck_assert_uint_eq(a.id, 77);

	/* the client's is as large, with padding behind */
	memset(request + 5, 'r', sizeof(request) - 5);
	ck_assert_int_eq(respond(13, request + 5, sizeof(request) - 5), AUTH_ASK);
	ck_assert_uint_eq(asked(eap, state, &mtu), sizeof(request));
	ck_assert_mem_eq(eap + 5, request + 5, sizeof(request) - 5);
	ck_assert_str_eq(state, "s1");

	/* State is the last challenge's, or there is none */
	ck_assert_int_eq(a.method->challenge(&a, answer(BYTES(1, 78, 0, 6, 13, 0), NULL), now),
			 AUTH_WAIT);
	a.packet_len = 0;
	ck_assert_int_eq(respond(13, "", 0), AUTH_ASK);
	ck_assert_uint_eq(asked(eap, state, &mtu), 5);
	ck_assert_str_eq(state, "");

	ck_assert_int_eq(a.method->check(&a, answer(BYTES(3, 78, 0, 4), NULL)), 0);
	a.method->pass(&a);
	expect_sent(BYTES(3, 78, 0, 4));
	ck_assert_int_eq(a.state, AUTH_PASSED);
	ck_assert_uint_eq(a.due, USEC_NEVER);

	/* it did not hear that, and says its last word again */
	ck_assert_int_eq(respond(13, "", 0), AUTH_WAIT);
	expect_sent(BYTES(3, 78, 0, 4));
}
END_TEST

START_TEST(failure)
{
	identified();
	a.method->refuse(&a, answer(BYTES(4, 9, 0, 4), NULL), "no");
	expect_sent(BYTES(4, a.id, 0, 4));
	ck_assert_int_eq(a.state, AUTH_FAILED);
	for (size_t i = 0; i < sizeof(a.eap.response); i++)
		ck_assert_uint_eq(a.eap.response[i], 0);
}
END_TEST

/* Access-Accept, and an EAP packet in it that does not let the client in: RFC 3579 2.6.3 */
static const struct {
	struct view eap;
	const char *reason; /* NULL: it does */
} accepts[] = {
	{BYTES(3, 1, 0, 4), NULL},
	{BYTES(4, 1, 0, 4), "its EAP did not"},
	{BYTES(1, 1, 0, 5, 1), "its EAP did not"},
	{BYTES(2, 1, 0, 5, 1), "its EAP did not"},
	{BYTES(3, 1, 0, 5, 0), "its EAP did not"},
	{BYTES(3, 1, 0, 3), "its EAP did not"},
	{BYTES(3, 1, 0), "its EAP did not"},
	{BYTES(3, 1, 0, 4, 0), "its EAP did not"},
	{NOTHING, "without EAP"},
};

START_TEST(accepted)
{
	identified();
	ck_assert_int_eq(a.method->check(&a, answer(accepts[_i].eap, NULL)),
			 accepts[_i].reason ? -EBADMSG : 0);
	if (accepts[_i].reason)
		ck_assert_ptr_nonnull(strstr(a.reason, accepts[_i].reason));
}
END_TEST

static const struct {
	struct view eap;
	const char *reason; /* NULL: it goes on */
} challenges[] = {
	{BYTES(1, 1, 0, 5, 4), NULL},
	{BYTES(1, 1, 0, 4), "malformed"}, /* a request has a type */
	{BYTES(2, 1, 0, 5, 4), "malformed"},
	{BYTES(3, 1, 0, 4), "malformed"},
	{BYTES(1, 1, 0, 6, 4), "malformed"},    /* longer than it is */
	{BYTES(1, 1, 0, 5, 4, 0), "malformed"}, /* shorter */
	{BYTES(1), "malformed"},
	{NOTHING, "sent no EAP"},
};

START_TEST(challenged)
{
	enum auth_wish wish;

	identified();
	wish = a.method->challenge(&a, answer(challenges[_i].eap, NULL), now);
	ck_assert_int_eq(wish, challenges[_i].reason ? AUTH_FAIL : AUTH_WAIT);
	if (challenges[_i].reason)
		ck_assert_ptr_nonnull(strstr(a.reason, challenges[_i].reason));
}
END_TEST

/* What does not fit the client's link is not sent in part. */
START_TEST(too_long)
{
	static uint8_t request[1401] = {1, 1, 1401 >> 8, 1401 & 0xff, 13};

	identified();
	ck_assert_int_eq(
		a.method->challenge(&a, answer((struct view){request, sizeof(request)}, NULL), now),
		AUTH_FAIL);
	request[3]--;
	identified();
	ck_assert_int_eq(a.method->challenge(&a, answer((struct view){request, 1400}, NULL), now),
			 AUTH_WAIT);
	ck_assert_uint_eq(a.packet_len, 1400);
}
END_TEST

/* Responses that nobody waits for. */
START_TEST(passed_over)
{
	begin();
	a.packet_len = 0;
	ck_assert_int_eq(input(NOTHING), AUTH_WAIT);
	ck_assert_int_eq(input(BYTES(2, a.id, 0, 4)), AUTH_WAIT);         /* no type */
	ck_assert_int_eq(input(BYTES(2, a.id, 0, 7, 1, 'x')), AUTH_WAIT); /* cut off */
	ck_assert_int_eq(input(BYTES(2, a.id, 0, 3, 1)), AUTH_WAIT);      /* no length */
	ck_assert_int_eq(input(BYTES(1, a.id, 0, 6, 1, 'x')), AUTH_WAIT); /* a request */
	ck_assert_int_eq(input(BYTES(3, a.id, 0, 4)), AUTH_WAIT);         /* success, from it */
	ck_assert_int_eq(input(BYTES(2, (uint8_t)(a.id + 1), 0, 6, 1, 'x')), AUTH_WAIT);
	ck_assert_int_eq(a.state, AUTH_WAITING);
	ck_assert_uint_eq(a.packet_len, 0);
	ck_assert_int_eq(respond(1, "x", 1), AUTH_ASK);
	/* while RADIUS is asked */
	ck_assert_int_eq(respond(1, "y", 1), AUTH_WAIT);
	ck_assert_mem_eq(a.user, "x", 1);
	/* longer than any link's MRU */
	begin();
	a.eap.rounds = 2;
	ck_assert_int_eq(respond(13, (uint8_t[1496]){0}, 1496), AUTH_WAIT);
	ck_assert_int_eq(respond(13, (uint8_t[1495]){0}, 1495), AUTH_ASK);
}
END_TEST

static const struct {
	uint8_t type;
	size_t len;
	const char *reason; /* NULL: fine */
} identities[] = {
	{1, 1, NULL},
	{1, 253, NULL},
	{1, 254, "longer than the 253"},
	{1, 0, "empty identity"},
	{3, 1, "does not tell its identity"}, /* a Nak of it */
};

START_TEST(identity)
{
	static const uint8_t name[254] = {'n'};

	begin();
	ck_assert_int_eq(respond(identities[_i].type, name, identities[_i].len),
			 identities[_i].reason ? AUTH_FAIL : AUTH_ASK);
	if (identities[_i].reason)
		ck_assert_ptr_nonnull(strstr(a.reason, identities[_i].reason));
}
END_TEST

/* The client is silent: the same request ten times, then it is over. */
START_TEST(silence)
{
	uint8_t first[5];

	begin();
	memcpy(first, a.packet, sizeof(first));
	for (int i = 1; i < 10; i++) {
		a.packet_len = 0;
		now = a.due;
		ck_assert_int_eq(a.method->timer(&a, now), AUTH_WAIT);
		expect_sent((struct view){first, sizeof(first)});
		ck_assert_uint_eq(a.due, now + 3 * USEC_PER_S);
	}
	now = a.due;
	ck_assert_int_eq(a.method->timer(&a, now), AUTH_FAIL);
	ck_assert_ptr_nonnull(strstr(a.reason, "does not answer"));
}
END_TEST

/* RADIUS may give more time for an answer, up to a minute; all together it is three minutes. */
START_TEST(patience)
{
	static const uint8_t seconds[][4] = {{0, 0, 0, 30}, {0, 1, 0, 0}, {0, 0, 0, 0}};
	static const usec_t expected[] = {30, 60, 3};

	identified();
	answer(BYTES(1, 1, 0, 5, 6), NULL);
	put(TIMEOUT, seconds[_i], 4);
	ck_assert_int_eq(a.method->challenge(&a, (struct view){reply, reply_len}, now), AUTH_WAIT);
	ck_assert_uint_eq(a.due, now + expected[_i] * USEC_PER_S);
	now += 179 * USEC_PER_S;
	ck_assert_int_eq(a.method->timer(&a, now), AUTH_WAIT);
	ck_assert_uint_eq(a.due, now + USEC_PER_S);
	now += USEC_PER_S;
	ck_assert_int_eq(a.method->timer(&a, now), AUTH_FAIL);
	ck_assert_ptr_nonnull(strstr(a.reason, "in the middle"));
}
END_TEST

START_TEST(endless)
{
	identified();
	for (int i = 1; i < 64; i++) {
		ck_assert_int_eq(a.method->challenge(&a, answer(BYTES(1, 1, 0, 5, 4), NULL), now),
				 AUTH_WAIT);
		ck_assert_int_eq(respond(4, "", 0), AUTH_ASK);
	}
	ck_assert_int_eq(a.method->challenge(&a, answer(BYTES(1, 1, 0, 5, 4), NULL), now),
			 AUTH_FAIL);
	ck_assert_ptr_nonnull(strstr(a.reason, "does not come to an end"));
}
END_TEST

START_TEST(peeks)
{
	struct view name;

	ck_assert_int_eq(eap_method.peek(BYTES(2, 1, 0, 6, 1, 'x', 'p'), &name), 0);
	ck_assert_uint_eq(name.len, 1);
	ck_assert_int_eq(eap_method.peek(BYTES(2, 1, 0, 5, 1), &name), -ENOENT);
	ck_assert_int_eq(eap_method.peek(BYTES(2, 1, 0, 6, 3, 'x'), &name), -ENOENT);
	ck_assert_int_eq(eap_method.peek(BYTES(1, 1, 0, 6, 1, 'x'), &name), -ENOENT);
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

int main(void)
{
	Suite *s = suite_create("eap");
	TCase *t = tcase_create("eap");
	SRunner *r;
	int failed;

	tcase_add_test(t, whole_conversation);
	tcase_add_test(t, failure);
	tcase_add_loop_test(t, accepted, 0, COUNT(accepts));
	tcase_add_loop_test(t, challenged, 0, COUNT(challenges));
	tcase_add_test(t, too_long);
	tcase_add_test(t, passed_over);
	tcase_add_loop_test(t, identity, 0, COUNT(identities));
	tcase_add_test(t, silence);
	tcase_add_loop_test(t, patience, 0, 3);
	tcase_add_test(t, endless);
	tcase_add_test(t, peeks);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
