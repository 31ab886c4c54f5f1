/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/base/buf: numbers, bounds, and that the first failure makes all the rest fail. */
#include "lib/base/buf.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t bytes[] = {
	0x01,                                           /* u8 */
	0x02, 0x03,                                     /* u16 */
	0x04, 0x05, 0x06, 0x07,                         /* u32 */
	0x88, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, /* u64, top bit set */
	0xfe, 0xff,                                     /* the rest */
};

START_TEST(reads_big_endian)
{
	struct rd in;
	struct view rest;

	rd_init(&in, bytes, sizeof(bytes));
	ck_assert_uint_eq(rd_u8(&in), 0x01);
	ck_assert_uint_eq(rd_u16(&in), 0x0203);
	ck_assert_uint_eq(rd_u32(&in), 0x04050607);
	ck_assert(rd_u64(&in) == UINT64_C(0x88090a0b0c0d0e0f));
	rd_rest(&in, &rest);
	ck_assert_uint_eq(rest.len, 2);
	ck_assert_ptr_eq(rest.p, bytes + 15);
	ck_assert_uint_eq(in.left, 0);
	ck_assert(!in.bad);
}
END_TEST

START_TEST(truncated_reads_fail_for_good)
{
	/* A copy of just that size, so that a sanitizer sees a read past it. */
	for (size_t len = 0; len < 15; len++) {
		uint8_t *copy = malloc(len + 1);
		struct rd in;
		struct view v;

		memcpy(copy + 1, bytes, len);
		rd_init(&in, copy + 1, len);
		rd_u8(&in);
		rd_u16(&in);
		rd_u32(&in);
		ck_assert(rd_u64(&in) == 0);
		ck_assert(in.bad);
		ck_assert_uint_eq(rd_u8(&in), 0);
		rd_take(&in, &v, 0);
		ck_assert_uint_eq(v.len, 0);
		ck_assert_ptr_nonnull(v.p);
		ck_assert(in.bad);
		free(copy);
	}
}
END_TEST

START_TEST(skip_and_sub_are_bounded)
{
	struct rd in, sub;

	rd_init(&in, bytes, sizeof(bytes));
	rd_skip(&in, 1);
	rd_sub(&in, &sub, 2);
	ck_assert_uint_eq(rd_u16(&sub), 0x0203);
	rd_u8(&sub); /* one too many, for the part only */
	ck_assert(sub.bad);
	ck_assert(!in.bad);
	ck_assert_uint_eq(rd_u32(&in), 0x04050607);
	rd_sub(&in, &sub, 11); /* one too many */
	ck_assert(sub.bad);
	ck_assert(in.bad);

	rd_init(&in, bytes, sizeof(bytes));
	rd_skip(&in, SIZE_MAX);
	ck_assert(in.bad);
}
END_TEST

START_TEST(nothing_to_read)
{
	struct rd in;
	struct view v;

	rd_init(&in, NULL, 0);
	rd_rest(&in, &v);
	ck_assert_uint_eq(v.len, 0);
	ck_assert(!in.bad);
	rd_skip(&in, 0);
	ck_assert(!in.bad);
	rd_u8(&in);
	ck_assert(in.bad);
}
END_TEST

START_TEST(writes_what_is_read)
{
	uint8_t buf[sizeof(bytes)];
	struct wr out;

	wr_init(&out, buf, sizeof(buf));
	wr_u8(&out, 0x01);
	wr_u16(&out, 0x0203);
	wr_u32(&out, 0x04050607);
	wr_u64(&out, UINT64_C(0x88090a0b0c0d0e0f));
	wr_bytes(&out, bytes + 15, 2);
	wr_bytes(&out, NULL, 0);
	wr_zero(&out, 0);
	ck_assert(!out.bad);
	ck_assert_mem_eq(buf, bytes, sizeof(bytes));
}
END_TEST

START_TEST(short_buffers_fail_for_good)
{
	for (size_t cap = 0; cap < 15; cap++) {
		uint8_t *buf = malloc(cap + 1);
		struct wr out;

		wr_init(&out, cap ? buf : NULL, cap);
		wr_u8(&out, 1);
		wr_u16(&out, 2);
		wr_u32(&out, 3);
		wr_u64(&out, 4);
		ck_assert(out.bad);
		ck_assert_uint_le(out.len, cap);
		wr_zero(&out, 0);
		ck_assert(out.bad);
		free(buf);
	}
}
END_TEST

START_TEST(overwrites_within_bounds)
{
	uint8_t buf[8];
	struct wr out;

	wr_init(&out, buf, sizeof(buf));
	wr_zero(&out, 7);
	wr_u8_at(&out, 6, 0x11);
	wr_u16_at(&out, 4, 0x2233);
	wr_u32_at(&out, 0, 0x44556677);
	ck_assert(!out.bad);
	ck_assert_mem_eq(buf, "\x44\x55\x66\x77\x22\x33\x11", 7);
	wr_u16_at(&out, 6, 0); /* one byte behind what was written */
	ck_assert(out.bad);

	wr_init(&out, buf, sizeof(buf));
	wr_u32_at(&out, SIZE_MAX, 0);
	ck_assert(out.bad);
}
END_TEST

START_TEST(views_and_strings)
{
	static const struct view none = {0};
	char text[4];

	ck_assert(view_is(view_str("abc"), "abc"));
	ck_assert(!view_is(view_str("abc"), "abcd"));
	ck_assert(!view_is(view_str("abc"), "abd"));
	ck_assert(view_is(none, ""));
	ck_assert(!view_is(none, "a"));

	ck_assert_int_eq(view_to_str(view_str("abc"), text, sizeof(text)), 0);
	ck_assert_str_eq(text, "abc");
	ck_assert_int_eq(view_to_str(view_str("abcd"), text, sizeof(text)), -ENAMETOOLONG);
	ck_assert_str_eq(text, "");
	ck_assert_int_eq(view_to_str((struct view){bytes, 0}, text, sizeof(text)), 0);
	ck_assert_int_eq(view_to_str(none, text, sizeof(text)), 0);
	ck_assert_str_eq(text, "");
	ck_assert_int_eq(view_to_str((struct view){(const uint8_t *)"a\0b", 3}, text, sizeof(text)),
			 -EILSEQ);
	ck_assert_str_eq(text, "");
}
END_TEST

static const struct {
	const char *in;
	size_t cap;
	const char *out;
} printable[] = {
	{"plain text", 32, "plain text"},
	{"", 4, ""},
	{"a\"b\\c", 32, "a\\x22b\\x5cc"}, /* what would end a quoted field */
	{"\x01\x7f\xff\n", 32, "\\x01\\x7f\\xff\\x0a"},
	{"12345678", 9, "12345678"}, /* just fits */
	{"12345678", 8, "1234..."},
	{"ab\n", 7, "ab\\x0a"},
	{"ab\n", 6, "ab..."},
	{"abcdef", 4, "..."},
};

START_TEST(printable_for_logs)
{
	char text[32];

	ck_assert_str_eq(view_printable(view_str(printable[_i].in), text, printable[_i].cap),
			 printable[_i].out);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("buf");
	TCase *t = tcase_create("buf");
	SRunner *r;
	int failed;

	tcase_add_test(t, reads_big_endian);
	tcase_add_test(t, truncated_reads_fail_for_good);
	tcase_add_test(t, skip_and_sub_are_bounded);
	tcase_add_test(t, nothing_to_read);
	tcase_add_test(t, writes_what_is_read);
	tcase_add_test(t, short_buffers_fail_for_good);
	tcase_add_test(t, overwrites_within_bounds);
	tcase_add_test(t, views_and_strings);
	tcase_add_loop_test(t, printable_for_logs, 0, sizeof(printable) / sizeof(printable[0]));
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
