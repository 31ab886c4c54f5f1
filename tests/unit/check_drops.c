/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel's IPsec has dropped, from its text. */
#include "l2tpd/ipsec/drops.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const char text[] = "XfrmInError             \t1\n"
			   "XfrmInNoStates          \t20\n"
			   "XfrmInStateProtoError   \t3\n"
			   "XfrmInTmplMismatch      \t18446744073709551615\n"
			   "XfrmInTmplMismatchNot   \t5\n"
			   "XfrmOutPolBlock         \t7\n";

START_TEST(test_parse)
{
	uint64_t n[DROP_COUNT];

	drops_parse(text, n);
	ck_assert_uint_eq(n[DROP_XfrmInNoStates], 20);
	ck_assert_uint_eq(n[DROP_XfrmInStateProtoError], 3);
	ck_assert_uint_eq(n[DROP_XfrmInTmplMismatch], UINT64_MAX);
	ck_assert_uint_eq(n[DROP_XfrmOutPolBlock], 7);
	ck_assert_uint_eq(n[DROP_XfrmInNoPols], 0); /* of a kernel that lacks it */
	drops_parse("", n);
	ck_assert_uint_eq(n[DROP_XfrmInNoStates], 0);
}
END_TEST

/* A line that ends too early, anywhere, is no reason to read on behind it. */
START_TEST(test_cut)
{
	uint64_t n[DROP_COUNT];

	for (size_t len = 0; len < sizeof(text); len++) {
		char *copy = strndup(text, len);

		drops_parse(copy, n);
		free(copy);
	}
}
END_TEST

START_TEST(test_words)
{
	for (enum drop i = 0; i < DROP_COUNT; i++)
		ck_assert(drop_word(i)[0] && drop_help(i)[0]);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("drops");
	TCase *t = tcase_create("drops");
	SRunner *r;
	int failed;

	tcase_add_test(t, test_parse);
	tcase_add_test(t, test_cut);
	tcase_add_test(t, test_words);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
