/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pools: order of leasing, wanted addresses, addresses outside, and the book after all of it. */
#include "l2tpd/policy/pool.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))

static const struct ipv4_range office_ranges[] = {
	{IP(10, 0, 0, 10), IP(10, 0, 0, 12)},
	{IP(10, 0, 1, 1), IP(10, 0, 1, 1)},
};
static const struct ipv4_range guest_ranges[] = {{IP(10, 0, 0, 20), IP(10, 0, 0, 20)}};
static const struct pool_conf conf[] = {
	{"office", office_ranges, 2},
	{"guest", guest_ranges, 1},
};
enum { OFFICE, GUEST };

static struct pools *pools;

static void setup(void)
{
	ck_assert_int_eq(pools_new(conf, 2, &pools), 0);
}

static void teardown(void)
{
	pools_free(pools);
}

static uint32_t lease(int pool, uint32_t wanted, uint16_t sid)
{
	uint32_t ip = 0;
	int err = pools_lease(pools, pool, wanted, sid, "user", 0, &ip);

	return err ? (uint32_t)err : ip;
}

START_TEST(test_order)
{
	static const uint32_t want[] = {IP(10, 0, 0, 10), IP(10, 0, 0, 11), IP(10, 0, 0, 12),
					IP(10, 0, 1, 1)};

	for (uint16_t i = 0; i < 4; i++)
		ck_assert_uint_eq(lease(OFFICE, 0, i + 1), want[i]);
	ck_assert_int_eq((int)lease(OFFICE, 0, 5), -ENOSPC);
	ck_assert_uint_eq(pools_used(pools), 4);
	ck_assert_uint_eq(pools_size(pools), 5);
	/* What has been free for longest comes first. */
	pools_release(pools, 3);
	pools_release(pools, 1);
	ck_assert_uint_eq(lease(OFFICE, 0, 6), IP(10, 0, 0, 12));
	ck_assert_uint_eq(lease(OFFICE, 0, 7), IP(10, 0, 0, 10));
	ck_assert_int_eq((int)lease(OFFICE, 0, 8), -ENOSPC);
}
END_TEST

START_TEST(test_wanted)
{
	ck_assert_uint_eq(lease(OFFICE, IP(10, 0, 0, 11), 1), IP(10, 0, 0, 11));
	ck_assert_int_eq((int)lease(OFFICE, IP(10, 0, 0, 11), 2), -EADDRINUSE);
	ck_assert_uint_eq(lease(OFFICE, 0, 2), IP(10, 0, 0, 10));
	ck_assert_uint_eq(lease(OFFICE, 0, 3), IP(10, 0, 0, 12)); /* passes over .11 */
	/* .11 is free again, as the only one beside 10.0.1.1, which was never used. */
	pools_release(pools, 1);
	ck_assert_uint_eq(lease(OFFICE, 0, 1), IP(10, 0, 1, 1));
	ck_assert_uint_eq(lease(OFFICE, 0, 4), IP(10, 0, 0, 11));
	/* A wanted one out of the middle of the queue. */
	pools_release(pools, 2);
	pools_release(pools, 3);
	pools_release(pools, 4);
	ck_assert_uint_eq(lease(OFFICE, IP(10, 0, 0, 12), 9), IP(10, 0, 0, 12));
	ck_assert_uint_eq(lease(OFFICE, 0, 10), IP(10, 0, 0, 10));
	ck_assert_uint_eq(lease(OFFICE, 0, 11), IP(10, 0, 0, 11));
	ck_assert_int_eq((int)lease(OFFICE, 0, 12), -ENOSPC);
	/* An address of another pool than the configured one counts there. */
	ck_assert_uint_eq(lease(OFFICE, IP(10, 0, 0, 20), 13), IP(10, 0, 0, 20));
	ck_assert_str_eq(pools_name(pools, pools_find(pools, 13)->pool), "guest");
	ck_assert_int_eq((int)lease(GUEST, 0, 14), -ENOSPC);
}
END_TEST

START_TEST(test_wanted_before_fresh)
{
	/* Leased and released before its turn came: still handed out once in its turn. */
	ck_assert_uint_eq(lease(OFFICE, IP(10, 0, 0, 12), 1), IP(10, 0, 0, 12));
	pools_release(pools, 1);
	ck_assert_uint_eq(lease(OFFICE, 0, 1), IP(10, 0, 0, 10));
	ck_assert_uint_eq(lease(OFFICE, 0, 2), IP(10, 0, 0, 11));
	ck_assert_uint_eq(lease(OFFICE, 0, 3), IP(10, 0, 0, 12));
	ck_assert_uint_eq(lease(OFFICE, 0, 4), IP(10, 0, 1, 1));
	ck_assert_int_eq((int)lease(OFFICE, 0, 5), -ENOSPC);
}
END_TEST

START_TEST(test_outside)
{
	const uint32_t ip = IP(192, 0, 2, 1);

	ck_assert_int_eq((int)lease(POOL_NONE, 0, 1), -ENODEV);
	ck_assert_uint_eq(lease(POOL_NONE, ip, 1), ip);
	ck_assert_int_eq((int)lease(OFFICE, ip, 2), -EADDRINUSE);
	ck_assert_int_eq(pools_find(pools, 1)->pool, POOL_NONE);
	ck_assert_str_eq(pools_name(pools, POOL_NONE), "");
	pools_release(pools, 1);
	ck_assert_ptr_null(pools_find(pools, 1));
	ck_assert_uint_eq(lease(OFFICE, ip, 2), ip);
}
END_TEST

START_TEST(test_again)
{
	/* Asking again keeps the address; asking for another gives the first back. */
	ck_assert_uint_eq(lease(OFFICE, 0, 1), IP(10, 0, 0, 10));
	ck_assert_uint_eq(lease(OFFICE, 0, 1), IP(10, 0, 0, 10));
	ck_assert_uint_eq(lease(OFFICE, IP(10, 0, 0, 10), 1), IP(10, 0, 0, 10));
	ck_assert_uint_eq(pools_used(pools), 1);
	ck_assert_uint_eq(lease(OFFICE, IP(10, 0, 0, 12), 1), IP(10, 0, 0, 12));
	ck_assert_uint_eq(pools_used(pools), 1);
	/* A refused wish leaves it what it has. */
	ck_assert_uint_eq(lease(GUEST, 0, 2), IP(10, 0, 0, 20));
	ck_assert_int_eq((int)lease(OFFICE, IP(10, 0, 0, 20), 1), -EADDRINUSE);
	ck_assert_uint_eq(pools_find(pools, 1)->ip, IP(10, 0, 0, 12));
	ck_assert_uint_eq(lease(OFFICE, IP(10, 0, 0, 10), 3), IP(10, 0, 0, 10));
}
END_TEST

START_TEST(test_listing)
{
	const struct lease *l;

	ck_assert_ptr_null(pools_next(pools, 0));
	lease(OFFICE, 0, 65535);
	lease(OFFICE, 0, 7);
	l = pools_next(pools, 0);
	ck_assert_uint_eq(l->sid, 7);
	ck_assert_str_eq(l->user, "user");
	l = pools_next(pools, 7);
	ck_assert_uint_eq(l->sid, 65535);
	ck_assert_ptr_null(pools_next(pools, 65535));
}
END_TEST

START_TEST(test_refused)
{
	static const struct ipv4_range huge = {0, UINT32_MAX}, twice[] = {{10, 20}, {20, 30}};
	const struct pool_conf bad[] = {{"huge", &huge, 1}, {"twice", twice, 2}};
	struct pools *p = NULL;

	ck_assert_int_eq(pools_new(&bad[0], 1, &p), -E2BIG);
	ck_assert_int_eq(pools_new(&bad[1], 1, &p), -EEXIST);
	ck_assert_ptr_null(p);
	ck_assert_int_eq(pools_new(NULL, 0, &p), 0);
	pools_free(p);
}
END_TEST

/* Random leases and releases: no address twice, and all are there at the end. */
START_TEST(test_random)
{
	static const struct ipv4_range range = {1000, 1063};
	static const struct pool_conf one = {"one", &range, 1};
	struct pools *p;
	uint32_t ip, owner[64] = {0};

	ck_assert_int_eq(pools_new(&one, 1, &p), 0);
	srand(1);
	for (int i = 0; i < 20000; i++) {
		uint16_t sid = (uint16_t)(1 + rand() % 100);
		uint32_t wanted = rand() % 3 ? 0 : 1000 + (uint32_t)(rand() % 64);
		const struct lease *old = pools_find(p, sid);

		if (rand() % 2) {
			if (old)
				owner[old->ip - 1000] = 0;
			pools_release(p, sid);
			continue;
		}
		if (old)
			owner[old->ip - 1000] = 0;
		if (!pools_lease(p, 0, wanted, sid, "", 0, &ip))
			ck_assert(!wanted || ip == wanted);
		else
			ck_assert(wanted ? owner[wanted - 1000] != 0 : pools_used(p) == 64);
		old = pools_find(p, sid);
		if (old) {
			ck_assert_uint_eq(owner[old->ip - 1000], 0);
			owner[old->ip - 1000] = sid;
		}
	}
	pools_free(p);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("pool");
	TCase *tc = tcase_create("pool");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_order);
	tcase_add_test(tc, test_wanted);
	tcase_add_test(tc, test_wanted_before_fresh);
	tcase_add_test(tc, test_outside);
	tcase_add_test(tc, test_again);
	tcase_add_test(tc, test_listing);
	tcase_add_test(tc, test_refused);
	tcase_add_test(tc, test_random);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
