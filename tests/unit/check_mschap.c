/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pppd-plugin/mschap: another attempt, and a new password, where RADIUS allows them. */
#include "pppd-plugin/auth.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHALLENGE "00112233445566778899aAbBcCdDeEfF"

static const uint8_t challenge[CHAP_CHALLENGE_LEN] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55,
						      0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb,
						      0xcc, 0xdd, 0xee, 0xff};

static struct auth a;
static usec_t now = 1000 * USEC_PER_S;
static uint8_t attrs[300];

static enum auth_wish input(uint8_t code, uint8_t id, const void *rest, size_t len)
{
	uint8_t *packet = malloc(4 + len);
	enum auth_wish wish;

	ck_assert_ptr_nonnull(packet);
	packet[0] = code;
	packet[1] = id;
	packet[2] = (uint8_t)((4 + len) >> 8);
	packet[3] = (uint8_t)(4 + len);
	memcpy(packet + 4, rest, len);
	wish = a.method->input(&a, (struct view){packet, 4 + len}, now);
	free(packet);
	return wish;
}

/* A Response whose 49 bytes are all `byte`, from `name`. */
static enum auth_wish respond(uint8_t id, uint8_t byte, const char *name)
{
	uint8_t rest[64] = {CHAP_MSCHAPV2_LEN};

	memset(rest + 1, byte, CHAP_MSCHAPV2_LEN);
	memcpy(rest + 1 + CHAP_MSCHAPV2_LEN, name, strlen(name));
	return input(2, id, rest, 1 + CHAP_MSCHAPV2_LEN + strlen(name));
}

/* The attributes of an Access-Reject with this MS-CHAP-Error. */
static struct view error(const char *text)
{
	size_t len = strlen(text);

	attrs[0] = 26;
	attrs[1] = (uint8_t)(9 + len);
	memcpy(attrs + 2, "\0\0\1\x37", 4);
	attrs[6] = 2;
	attrs[7] = (uint8_t)(3 + len);
	attrs[8] = a.id;
	memcpy(attrs + 9, text, len);
	return (struct view){attrs, 9 + len};
}

/* The first attempt is with RADIUS. */
static void begin(void)
{
	memset(&a, 0, sizeof(a));
	a.method = &mschapv2_method;
	a.mtu = 1400;
	a.method->start(&a, "gateway", now);
	a.packet_len = 0;
	ck_assert_int_eq(respond(a.id, 1, "bob"), AUTH_ASK);
}

/* The packet for the peer: its code, and the text in it. */
static void expect(uint8_t code, uint8_t id, const char *text)
{
	ck_assert_uint_eq(a.packet_len, 4 + strlen(text));
	ck_assert_uint_eq(a.packet[0], code);
	ck_assert_uint_eq(a.packet[1], id);
	ck_assert_mem_eq(a.packet + 4, text, strlen(text));
	a.packet_len = 0;
}

static const struct {
	const char *error;
	bool again;
	bool same; /* the challenge is the one in it */
} errors[] = {
	{"E=691 R=1 C=" CHALLENGE " V=3 M=no", true, true},
	{"E=691 R=1 C=0011 V=3 M=no", true, false},
	{"E=691 R=1 C="
	 "0x112233445566778899aAbBcCdDeEfF",
	 true, false},
	{"E=691 R=1", true, false},
	{"R=1 E=691", true, false},
	{"R=1", true, false}, /* no number: a failure like another */
	{"E=648 R=0 C=" CHALLENGE " V=3 M=old", true, true},
	{"E=648 R=1", true, false},
	{"E=691 R=0 C=" CHALLENGE " V=3 M=no", false, false},
	{"E=691", false, false},
	{"E=691 XR=1", false, false},
	{"E=691 M=R=1 R=1", false, false}, /* a text */
	{"E=647 R=1 C=" CHALLENGE, false, false},
	{"E=646 R=1", false, false},
	{"", false, false},
};

START_TEST(allowed)
{
	uint8_t before[CHAP_CHALLENGE_LEN];
	uint8_t id;

	begin();
	id = a.id;
	memcpy(before, a.chap.challenge, sizeof(before));
	ck_assert_int_eq(a.method->retry(&a, error(errors[_i].error), now), errors[_i].again);
	if (!errors[_i].again) {
		ck_assert_uint_eq(a.packet_len, 0);
		ck_assert_int_eq(a.state, AUTH_ASKING);
		return;
	}
	ck_assert_uint_eq(a.packet[0], 4);
	ck_assert_uint_eq(a.packet[1], id);
	ck_assert_int_eq(a.state, AUTH_WAITING);
	ck_assert_str_eq(a.reason, a.chap.may_change ? "the password has expired (E=648)" : "");
	ck_assert_uint_eq(a.due, now + 60 * USEC_PER_S); /* people type slowly */
	ck_assert_mem_ne(a.chap.challenge, before, sizeof(before));
	ck_assert_int_eq(!memcmp(a.chap.challenge, challenge, sizeof(challenge)), errors[_i].same);
}
END_TEST

/* Another password, under the next identifier or the same, even by another name. */
START_TEST(second_attempt)
{
	struct radius_attrs request;
	struct view value, attributes;
	uint8_t id;

	begin();
	id = a.id;
	ck_assert(a.method->retry(&a, error("E=691 R=1 C=" CHALLENGE " V=3 M=x"), now));
	expect(4, id, "E=691 R=1 C=00112233445566778899AABBCCDDEEFF V=3 M=Authentication failed");
	/* the Failure was lost: it is said again */
	ck_assert_int_eq(respond(id, 1, "bob"), AUTH_WAIT);
	ck_assert_uint_eq(a.packet[0], 4);
	a.packet_len = 0;
	/* not ours */
	ck_assert_int_eq(respond((uint8_t)(id + 2), 2, "bob"), AUTH_WAIT);
	ck_assert_int_eq(input(2, id,
			       "\x10"
			       "0123456789abcdefbob",
			       20),
			 AUTH_WAIT);
	ck_assert_int_eq(input(7, id, (uint8_t[CHAP_CHANGE_LEN]){0}, CHAP_CHANGE_LEN), AUTH_WAIT);
	ck_assert_int_eq(a.state, AUTH_WAITING);

	ck_assert_int_eq(respond((uint8_t)(id + _i), 2, "bobby"), AUTH_ASK);
	ck_assert_uint_eq(a.user_len, 5);
	radius_attrs_init(&request);
	a.method->ask(&a, &request);
	attributes = (struct view){request.bytes, request.w.len};
	ck_assert_int_eq(
		radius_find(attributes, RADIUS_MICROSOFT, RADIUS_MS_CHAP2_RESPONSE, &value), 0);
	ck_assert_uint_eq(value.p[0], (uint8_t)(id + _i));
	ck_assert_uint_eq(value.p[1], 2);
	ck_assert_int_eq(
		radius_find(attributes, RADIUS_MICROSOFT, RADIUS_MS_CHAP_CHALLENGE, &value), 0);
	ck_assert_mem_eq(value.p, challenge, sizeof(challenge));
}
END_TEST

/* Two more attempts, whatever RADIUS says; then it is over. */
START_TEST(not_for_ever)
{
	begin();
	for (uint8_t i = 2; i < 4; i++) {
		ck_assert(a.method->retry(&a, error("E=691 R=1"), now));
		ck_assert_int_eq(respond(a.id, i, "bob"), AUTH_ASK);
	}
	a.packet_len = 0;
	ck_assert(!a.method->retry(&a, error("E=691 R=1"), now));
	a.method->refuse(&a, error("E=691 R=1"), "no");
	ck_assert_ptr_nonnull(memmem(a.packet, a.packet_len, "E=691 R=0", 9));
	ck_assert_int_eq(a.state, AUTH_FAILED);
}
END_TEST

/* Nobody types anything. */
START_TEST(left_alone)
{
	begin();
	ck_assert(a.method->retry(&a, error(_i ? "E=648 R=0" : "E=691 R=1"), now));
	ck_assert_int_eq(a.method->timer(&a, a.due), AUTH_FAIL);
	ck_assert_ptr_nonnull(
		strstr(a.reason, _i ? "did not send a new one" : "did not try again"));
	ck_assert_uint_eq(a.due, USEC_NEVER);
}
END_TEST

/* RFC 2759 7, and in RFC 2548's order. */
START_TEST(new_password)
{
	uint8_t packet[CHAP_CHANGE_LEN], all[CHAP_ENC_PASSWORD_LEN];
	struct radius_attrs request;
	struct radius_attr attr;
	struct radius_walk walk;
	size_t len = 0, pieces = 0;
	uint8_t id;
	bool cpw = false;

	begin();
	id = (uint8_t)(a.id + 1);
	ck_assert(a.method->retry(&a, error("E=648 R=0 C=" CHALLENGE " V=3 M=x"), now));
	for (size_t i = 0; i < sizeof(packet); i++)
		packet[i] = (uint8_t)(i * 7);
	ck_assert_int_eq(input(7, id, packet, sizeof(packet) - 1), AUTH_WAIT);
	ck_assert_int_eq(respond(id, 2, "bob"), AUTH_WAIT); /* the old one, once more */
	ck_assert_int_eq(input(7, id, packet, sizeof(packet)), AUTH_ASK);
	radius_attrs_init(&request);
	a.method->ask(&a, &request);
	ck_assert(!request.w.bad);
	radius_walk(&walk, (struct view){request.bytes, request.w.len});
	while (radius_next(&walk, &attr) > 0) {
		if (attr.type == RADIUS_MS_CHAP2_CPW) {
			cpw = true;
			ck_assert_uint_eq(attr.value.len, 68);
			ck_assert_uint_eq(attr.value.p[0], 7);
			ck_assert_uint_eq(attr.value.p[1], id);
			ck_assert_mem_eq(attr.value.p + 2, packet + CHAP_ENC_PASSWORD_LEN, 66);
		} else if (attr.type == RADIUS_MS_CHAP_NT_ENC_PW) {
			ck_assert_uint_eq(attr.value.p[0], 6);
			ck_assert_uint_eq(attr.value.p[1], id);
			ck_assert_uint_eq(attr.value.p[2], 0);
			ck_assert_uint_eq(attr.value.p[3], ++pieces);
			ck_assert_uint_le(len + attr.value.len - 4, sizeof(all));
			memcpy(all + len, attr.value.p + 4, attr.value.len - 4);
			len += attr.value.len - 4;
		} else {
			ck_assert_int_eq(attr.type, RADIUS_MS_CHAP_CHALLENGE);
			ck_assert_mem_eq(attr.value.p, challenge, sizeof(challenge));
		}
	}
	ck_assert(cpw);
	ck_assert_uint_eq(pieces, 3);
	ck_assert_uint_eq(len, CHAP_ENC_PASSWORD_LEN);
	ck_assert_mem_eq(all, packet, len);
	/* there is no third way */
	ck_assert(!a.method->retry(&a, error("E=691 R=1"), now));
	a.method->refuse(&a, error("E=709 R=0"), "no");
	ck_assert_ptr_nonnull(strstr(a.reason, "cannot be changed"));
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

int main(void)
{
	Suite *s = suite_create("mschap");
	TCase *t = tcase_create("mschap");
	SRunner *r;
	int failed;

	tcase_add_loop_test(t, allowed, 0, COUNT(errors));
	tcase_add_loop_test(t, second_attempt, 0, 2);
	tcase_add_test(t, not_for_ever);
	tcase_add_loop_test(t, left_alone, 0, 2);
	tcase_add_test(t, new_password);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
