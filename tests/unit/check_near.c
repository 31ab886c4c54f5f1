/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Distances of words, and which one is suggested. */
#include "lib/base/near.h"

#include <check.h>
#include <limits.h>
#include <stdlib.h>

/* 64 letters: one more than is looked at */
#define LONG "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct {
	const char *a, *b;
	unsigned int distance;
} distances[] = {
	{"", "", 0},
	{"", "abc", 3},
	{"pool", "pool", 0},
	{"pool", "pol", 1},
	{"pool", "poool", 1},
	{"pool", "poll", 1},
	{"pool", "opol", 1},
	{"mtu", "window", 6},
	{"tunels", "tunnels", 1},
	{LONG, LONG, UINT_MAX},
	{"a", LONG, UINT_MAX},
};

START_TEST(test_distance)
{
	ck_assert_uint_eq(near_distance(distances[_i].a, distances[_i].b), distances[_i].distance);
	ck_assert_uint_eq(near_distance(distances[_i].b, distances[_i].a), distances[_i].distance);
}
END_TEST

static const struct {
	const char *typed;
	const char *near; /* of the words below; NULL: none */
} suggestions[] = {
	{"sesion", "session"}, {"sesions", "sessions"}, {"sa", "sas"}, {"x", NULL},
	{"frobnicate", NULL},  {"leses", "leases"},     {"", NULL},
};

START_TEST(test_suggestion)
{
	static const char *const known[] = {"tunnels", "sessions", "session", "sas", "leases"};
	const char *near = NULL;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		near = near_better(suggestions[_i].typed, near, known[i]);
	if (suggestions[_i].near)
		ck_assert_str_eq(near, suggestions[_i].near);
	else
		ck_assert_ptr_null(near);
}
END_TEST

#define COUNT(rows) (int)(sizeof(rows) / sizeof((rows)[0]))

int main(void)
{
	Suite *s = suite_create("near");
	TCase *tc = tcase_create("near");
	SRunner *runner = srunner_create(s);
	int failed;

	tcase_add_loop_test(tc, test_distance, 0, COUNT(distances));
	tcase_add_loop_test(tc, test_suggestion, 0, COUNT(suggestions));
	suite_add_tcase(s, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
