/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/bus/frame: each packet type byte by byte, streams cut anywhere, refusals, random damage. */
#include "lib/bus/frame.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BYTES(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})

static const struct {
	const uint8_t *p;
	size_t len;
	enum frame_type type;
	const char *name; /* NULL: the type has none */
	const char *msg;
} packets[] = {
	{BYTES(0, 0, 0, 9,                            /* length */
	       0,                                     /* CMD_REQUEST */
	       7, 'v', 'e', 'r', 's', 'i', 'o', 'n'), /* name */
	 FRAME_CMD_REQUEST, "version", ""},
	{BYTES(0, 0, 0, 6, 0, 1, 'x', 3, 1, 'k'), FRAME_CMD_REQUEST, "x", "\x03\x01k"},
	{BYTES(0, 0, 0, 1, 1), FRAME_CMD_RESPONSE, NULL, ""},
	{BYTES(0, 0, 0, 3, 1, 'a', 'b'), FRAME_CMD_RESPONSE, NULL, "ab"},
	{BYTES(0, 0, 0, 1, 2), FRAME_CMD_UNKNOWN, NULL, ""},
	{BYTES(0, 0, 0, 4, 3, 2, 'u', 'p'), FRAME_EVENT_REGISTER, "up", ""},
	{BYTES(0, 0, 0, 4, 4, 2, 'u', 'p'), FRAME_EVENT_UNREGISTER, "up", ""},
	{BYTES(0, 0, 0, 1, 5), FRAME_EVENT_CONFIRM, NULL, ""},
	{BYTES(0, 0, 0, 1, 6), FRAME_EVENT_UNKNOWN, NULL, ""},
	{BYTES(0, 0, 0, 5, 7, 2, 'u', 'p', 'm'), FRAME_EVENT, "up", "m"},
};

#define N_PACKETS (sizeof(packets) / sizeof(packets[0]))

static void check_frame(const struct frame *f, size_t i)
{
	ck_assert_int_eq(f->type, packets[i].type);
	ck_assert(view_is(f->name, packets[i].name ? packets[i].name : ""));
	ck_assert(view_is(f->msg, packets[i].msg));
}

START_TEST(byte_by_byte)
{
	struct view bytes = {packets[_i].p, packets[_i].len}, packet;
	uint8_t buf[64];
	struct frame f;
	size_t used;

	ck_assert_int_eq(frame_split(bytes, FRAME_MAX, &packet, &used), 1);
	ck_assert_uint_eq(used, bytes.len);
	ck_assert_int_eq(frame_parse(packet, &f), 0);
	check_frame(&f, (size_t)_i);

	ck_assert_int_eq(frame_build(buf, sizeof(buf), f.type, packets[_i].name, f.msg),
			 (int)bytes.len);
	ck_assert_mem_eq(buf, bytes.p, bytes.len);
	for (size_t cap = 0; cap < bytes.len; cap++)
		ck_assert_int_eq(frame_build(buf, cap, f.type, packets[_i].name, f.msg), -EMSGSIZE);
	ck_assert(frame_has_name(f.type) == !!packets[_i].name);
}
END_TEST

/* A packet cut short is not yet whole, and its length becomes known with the fourth byte. */
START_TEST(every_truncation)
{
	for (size_t len = 0; len < packets[_i].len; len++) {
		uint8_t *copy = malloc(len + 1);
		struct view packet;
		size_t used = 0;

		memcpy(copy + 1, packets[_i].p, len);
		ck_assert_int_eq(
			frame_split((struct view){copy + 1, len}, FRAME_MAX, &packet, &used), 0);
		ck_assert_uint_eq(used, len < 4 ? 4 : packets[_i].len);
		free(copy);
	}
}
END_TEST

/* All packets behind each other. */
START_TEST(a_stream)
{
	uint8_t buf[256];
	struct wr out;
	size_t at = 0, i = 0, used;
	struct view packet;
	struct frame f;

	wr_init(&out, buf, sizeof(buf));
	for (size_t n = 0; n < N_PACKETS; n++)
		wr_bytes(&out, packets[n].p, packets[n].len);
	while (frame_split((struct view){buf + at, out.len - at}, FRAME_MAX, &packet, &used) > 0) {
		ck_assert_int_eq(frame_parse(packet, &f), 0);
		check_frame(&f, i++);
		at += used;
	}
	ck_assert_uint_eq(i, N_PACKETS);
	ck_assert_uint_eq(at, out.len);
}
END_TEST

static const struct {
	const char *why;
	const uint8_t *p;
	size_t len;
} refused[] = {
	{"empty packet", NULL, 0},
	{"type 8", BYTES(8)},
	{"type 255", BYTES(255, 1, 'a')},
	{"request without a name", BYTES(0)},
	{"request with an empty name", BYTES(0, 0)},
	{"name past the end", BYTES(7, 3, 'a', 'b')},
	{"name with a zero byte", BYTES(7, 3, 'a', 0, 'b')},
};

START_TEST(refuses)
{
	struct frame f = {.type = FRAME_EVENT};

	ck_assert_msg(frame_parse((struct view){refused[_i].p, refused[_i].len}, &f) == -EBADMSG,
		      "%s", refused[_i].why);
	ck_assert_int_eq(f.type, FRAME_EVENT); /* untouched */
}
END_TEST

START_TEST(length_is_bounded)
{
	static const uint8_t zero[] = {0, 0, 0, 0, 1}, max[] = {0, 8, 0, 0}, above[] = {0, 8, 0, 1},
			     huge[] = {255, 255, 255, 255};
	struct view packet;
	size_t used;

	ck_assert_int_eq(frame_split((struct view){zero, 5}, FRAME_MAX, &packet, &used), -EMSGSIZE);
	ck_assert_int_eq(frame_split((struct view){max, 4}, FRAME_MAX, &packet, &used), 0);
	ck_assert_uint_eq(used, 4 + 512 * 1024);
	ck_assert_int_eq(frame_split((struct view){above, 4}, FRAME_MAX, &packet, &used),
			 -EMSGSIZE);
	ck_assert_int_eq(frame_split((struct view){huge, 4}, FRAME_MAX, &packet, &used), -EMSGSIZE);
}
END_TEST

START_TEST(build_is_bounded)
{
	static uint8_t buf[FRAME_MAX + 16], msg[FRAME_MAX];
	char name[257];

	memset(name, 'n', 256);
	name[256] = '\0';
	ck_assert_int_eq(frame_build(buf, sizeof(buf), FRAME_EVENT, name, (struct view){0}),
			 -EINVAL);
	name[255] = '\0';
	ck_assert_int_eq(frame_build(buf, sizeof(buf), FRAME_EVENT, name, (struct view){0}),
			 4 + 2 + 255);
	ck_assert_int_eq(frame_build(buf, sizeof(buf), FRAME_EVENT, "", (struct view){0}), -EINVAL);
	ck_assert_int_eq(frame_build(buf, sizeof(buf), FRAME_CMD_RESPONSE, NULL,
				     (struct view){msg, FRAME_MAX - 1}),
			 4 + FRAME_MAX);
	ck_assert_int_eq(frame_build(buf, sizeof(buf), FRAME_CMD_RESPONSE, NULL,
				     (struct view){msg, FRAME_MAX}),
			 -EMSGSIZE);
}
END_TEST

START_TEST(random_damage)
{
	unsigned int good = 0, bad = 0;

	srandom(1701);
	for (int i = 0; i < 50000; i++) {
		size_t n = (size_t)random() % N_PACKETS, len = packets[n].len - FRAME_HDR_LEN;
		uint8_t *copy = malloc(len), buf[64];
		struct frame f;
		char name[256] = "";

		memcpy(copy, packets[n].p + FRAME_HDR_LEN, len);
		copy[(size_t)random() % len] = (uint8_t)(random() % 10);
		if (frame_parse((struct view){copy, len}, &f)) {
			bad++;
		} else {
			good++;
			ck_assert_int_eq(view_to_str(f.name, name, sizeof(name)), 0);
			ck_assert_int_eq(frame_build(buf, sizeof(buf), f.type, name, f.msg),
					 (int)(FRAME_HDR_LEN + len));
			ck_assert_mem_eq(buf + FRAME_HDR_LEN, copy, len);
		}
		free(copy);
	}
	ck_assert_uint_gt(good, 1000);
	ck_assert_uint_gt(bad, 1000);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("frame");
	TCase *t = tcase_create("frame");
	SRunner *r;
	int failed;

	tcase_add_loop_test(t, byte_by_byte, 0, N_PACKETS);
	tcase_add_loop_test(t, every_truncation, 0, N_PACKETS);
	tcase_add_test(t, a_stream);
	tcase_add_loop_test(t, refuses, 0, sizeof(refused) / sizeof(refused[0]));
	tcase_add_test(t, length_is_bounded);
	tcase_add_test(t, build_is_bounded);
	tcase_add_test(t, random_damage);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
