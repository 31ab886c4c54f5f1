/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Datagrams that wait for their SA: taken by mark, dropped by time, pushed out by newer ones. */
#include "l2tpd/net/hold.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>

static struct hold *hold;
static char got[HOLD_MAX + 1];
static size_t n_got;
static bool again; /* put back what comes out */

static void setup(void)
{
	hold = hold_new();
	ck_assert_ptr_nonnull(hold);
}

static void teardown(void)
{
	hold_free(hold);
}

static void add(uint32_t mark, char c, usec_t now)
{
	struct path from = {.sa.mark = mark};

	ck_assert_int_eq(hold_add(hold, &from, &c, 1, now), 0);
}

static void take_one(void *ctx, const struct path *from, const void *bytes, size_t len)
{
	(void)ctx;
	ck_assert_uint_eq(len, 1);
	ck_assert_uint_lt(n_got, HOLD_MAX);
	got[n_got++] = *(const char *)bytes;
	got[n_got] = '\0';
	if (again)
		ck_assert_int_eq(hold_add(hold, from, bytes, len, 0), 0);
}

START_TEST(test_by_mark)
{
	add(1, 'a', 0);
	add(2, 'b', 0);
	add(1, 'c', 0);
	hold_take(hold, 1, take_one, NULL);
	ck_assert_str_eq(got, "ac");
	hold_take(hold, 1, take_one, NULL);
	hold_take(hold, 2, take_one, NULL);
	ck_assert_str_eq(got, "acb");
}
END_TEST

START_TEST(test_by_time)
{
	add(1, 'a', 10);
	add(2, 'b', 20);
	ck_assert_uint_eq(hold_expire(hold, 9 + HOLD_TIME, take_one, NULL), 10 + HOLD_TIME);
	ck_assert_uint_eq(n_got, 0);
	ck_assert_uint_eq(hold_expire(hold, 10 + HOLD_TIME, take_one, NULL), 20 + HOLD_TIME);
	ck_assert_str_eq(got, "a");
	ck_assert_uint_eq(hold_expire(hold, 20 + HOLD_TIME, take_one, NULL), USEC_NEVER);
	ck_assert_str_eq(got, "ab");
}
END_TEST

START_TEST(test_full)
{
	/* One more than fit: the oldest is gone, the order stays. */
	for (int i = 0; i <= HOLD_MAX; i++)
		add(1, (char)('0' + i), (usec_t)i);
	hold_take(hold, 1, take_one, NULL);
	ck_assert_uint_eq(n_got, HOLD_MAX);
	ck_assert_int_eq(got[0], '1');
	ck_assert_int_eq(got[HOLD_MAX - 1], '0' + HOLD_MAX);
}
END_TEST

START_TEST(test_put_back)
{
	/* A receiver that puts a datagram back does not make this go on for ever. */
	again = true;
	add(1, 'a', 0);
	hold_take(hold, 1, take_one, NULL);
	again = false;
	n_got = 0;
	hold_take(hold, 1, take_one, NULL);
	ck_assert_str_eq(got, "a");
}
END_TEST

START_TEST(test_size)
{
	static const uint8_t bytes[HOLD_BYTES + 1];
	struct path from = {.sa.mark = 1};

	ck_assert_int_eq(hold_add(hold, &from, bytes, 0, 0), -EMSGSIZE);
	ck_assert_int_eq(hold_add(hold, &from, bytes, HOLD_BYTES + 1, 0), -EMSGSIZE);
	ck_assert_int_eq(hold_add(hold, &from, bytes, HOLD_BYTES, 0), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("hold");
	TCase *tc = tcase_create("hold");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_by_mark);
	tcase_add_test(tc, test_by_time);
	tcase_add_test(tc, test_full);
	tcase_add_test(tc, test_put_back);
	tcase_add_test(tc, test_size);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
