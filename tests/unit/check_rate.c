/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Buckets: burst, average, no limit; and the table with more keys than places. */
#include "lib/base/rate.h"

#include <check.h>
#include <stdlib.h>

#include "lib/base/map.h"

static uint64_t key(uint64_t n)
{
	return map_hash(&n, sizeof(n));
}

/* How many of `n` at this moment may happen. */
static unsigned int taken(struct rates *t, const struct rate *r, uint64_t k, unsigned int n,
			  usec_t now)
{
	unsigned int yes = 0;

	while (n--)
		yes += rates_take(t, r, k, now);
	return yes;
}

START_TEST(test_bucket)
{
	const struct rate r = rate_per_s(10, 5);
	usec_t paid = 0, now = 1000;

	for (int i = 0; i < 5; i++)
		ck_assert(rate_take(&r, &paid, now));
	ck_assert(!rate_take(&r, &paid, now));
	ck_assert(!rate_take(&r, &paid, now + 99999));
	ck_assert(rate_take(&r, &paid, now + 100000));
	ck_assert(!rate_take(&r, &paid, now + 100000));
	/* a refusal costs nothing: 5 again after half a second */
	for (int i = 0; i < 1000; i++)
		rate_take(&r, &paid, now + 100000);
	now += 600000;
	for (int i = 0; i < 5; i++)
		ck_assert(rate_take(&r, &paid, now));
	ck_assert(!rate_take(&r, &paid, now));
}
END_TEST

START_TEST(test_no_limit)
{
	const struct rate r = rate_per_s(0, 1);
	struct rates *t = rates_new(8);
	usec_t paid = 0;

	for (int i = 0; i < 1000; i++)
		ck_assert(rate_take(&r, &paid, 1));
	ck_assert_uint_eq(taken(t, &r, key(1), 1000, 1), 1000);
	rates_free(t);
}
END_TEST

START_TEST(test_keys_are_apart)
{
	const struct rate r = rate_per_s(1, 3);
	struct rates *t = rates_new(256);

	ck_assert_uint_eq(taken(t, &r, key(1), 10, 1), 3);
	ck_assert_uint_eq(taken(t, &r, key(2), 10, 1), 3);
	ck_assert_uint_eq(taken(t, &r, key(1), 10, USEC_PER_S), 0);
	ck_assert_uint_eq(taken(t, &r, key(1), 10, USEC_PER_S + 1), 1);
	ck_assert_uint_eq(taken(t, &r, key(1), 10, 60 * USEC_PER_S), 3);
	rates_free(t);
}
END_TEST

/* A hundred thousand keys pass through 64 places, and the noisy one is still known. */
START_TEST(test_full_table)
{
	const struct rate r = rate_per_s(1, 10);
	struct rates *t = rates_new(64);

	ck_assert_uint_eq(taken(t, &r, key(0), 100, 1), 10);
	for (uint64_t k = 1; k <= 100000; k++)
		ck_assert(rates_take(t, &r, key(k), 1));
	ck_assert_uint_eq(taken(t, &r, key(0), 100, 1), 0);
	rates_free(t);
}
END_TEST

int main(void)
{
	SRunner *runner;
	Suite *s = suite_create("rate");
	TCase *tc = tcase_create("all");
	int failed;

	tcase_add_test(tc, test_bucket);
	tcase_add_test(tc, test_no_limit);
	tcase_add_test(tc, test_keys_are_apart);
	tcase_add_test(tc, test_full_table);
	suite_add_tcase(s, tc);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
