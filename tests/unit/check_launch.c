/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Order, places, leaving from anywhere, and the two limits in time; by a clock of its own. */
#include "l2tpd/ppp/launch.h"

#include <check.h>
#include <stdlib.h>

static const struct launch_conf conf = {.places = 2, .wait = 20, .start = 5};

static struct launch launch;
static struct launch_entry e[8];

static void setup(void)
{
	launch_init(&launch, &conf);
	for (int i = 0; i < 8; i++)
		launch_add(&launch, &e[i], 100);
}

static void expect_next(int i, usec_t now)
{
	ck_assert_ptr_eq(launch_next(&launch, now), i < 0 ? NULL : &e[i]);
}

START_TEST(test_order)
{
	expect_next(0, 100);
	expect_next(1, 100);
	expect_next(-1, 100);
	launch_del(&launch, &e[1]);
	expect_next(2, 101);
	expect_next(-1, 101);
	launch_del(&launch, &e[1]);
	expect_next(-1, 101);
	launch_del(&launch, &e[0]);
	launch_del(&launch, &e[2]);
	expect_next(3, 102);
	expect_next(4, 102);
	expect_next(-1, 102);
}
END_TEST

START_TEST(test_giving_up)
{
	launch_del(&launch, &e[1]);
	launch_del(&launch, &e[0]);
	launch_del(&launch, &e[7]);
	expect_next(2, 100);
	expect_next(3, 100);
	launch_del(&launch, &e[4]);
	launch_del(&launch, &e[2]);
	expect_next(5, 100);
	launch_del(&launch, &e[3]);
	expect_next(6, 100);
	launch_del(&launch, &e[5]);
	expect_next(-1, 100);
	ck_assert_uint_eq(launch_deadline(&launch), USEC_NEVER);
}
END_TEST

/* Who hangs at the start does not block the others for ever. */
START_TEST(test_slow_start)
{
	ck_assert_uint_eq(launch_deadline(&launch), 120);
	expect_next(0, 100);
	expect_next(1, 102);
	ck_assert_uint_eq(launch_deadline(&launch), 105);
	expect_next(-1, 104);
	expect_next(2, 105);
	expect_next(-1, 105);
	launch_del(&launch, &e[0]); /* when it does come, it has no place to give back */
	expect_next(-1, 105);
	launch_del(&launch, &e[1]);
	expect_next(3, 106);
}
END_TEST

START_TEST(test_late)
{
	expect_next(0, 118);
	expect_next(1, 118);
	ck_assert_ptr_null(launch_late(&launch, 119));
	ck_assert_uint_eq(launch_deadline(&launch), 120);
	for (int i = 2; i < 8; i++)
		ck_assert_ptr_eq(launch_late(&launch, 120), &e[i]);
	ck_assert_ptr_null(launch_late(&launch, 120));
	launch_del(&launch, &e[0]);
	expect_next(-1, 121);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("launch");
	TCase *tc = tcase_create("launch");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, test_order);
	tcase_add_test(tc, test_giving_up);
	tcase_add_test(tc, test_slow_start);
	tcase_add_test(tc, test_late);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
