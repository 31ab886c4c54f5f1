/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a LAC negotiated, in words: good options, broken ones, and never what was answered. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "l2tpd/ppp/proxy.h"

#define BYTES(...)                                                                                 \
	{                                                                                          \
		(const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})             \
	}

static const struct {
	struct view options;
	const char *words;
} rows[] = {
	{BYTES(1, 4, 0x05, 0xb4, 3, 5, 0xc2, 0x23, 0x05, 5, 6, 1, 2, 3, 4, 7, 2, 8, 2),
	 "mru=1460 auth=c223 magic pfc acfc"},
	{BYTES(2, 6, 0, 0, 0, 0, 13, 3, 6, 99, 2), "accm callback option-99"},
	{BYTES(1, 3, 5), "mru=0"},        /* too short for what it is */
	{BYTES(5, 6, 1, 2), ""},          /* cut off */
	{BYTES(7, 2, 8, 1, 2, 6), "pfc"}, /* a length that cannot be */
	{BYTES(7, 0), ""},
	{BYTES(7), ""},
};

START_TEST(test_options)
{
	struct proxy p = {.last_confreq = rows[_i].options, .sent_confreq = rows[_i].options};
	char got[PROXY_WORDS_LEN], want[PROXY_WORDS_LEN];

	snprintf(want, sizeof(want), "auth=none user=\"\" client=\"%s\" lac=\"%s\"", rows[_i].words,
		 rows[_i].words);
	ck_assert_str_eq(proxy_words(&p, got), want);
}
END_TEST

START_TEST(test_auth)
{
	struct proxy p = {.type = 3,
			  .name = view_str("al\"ice"),
			  .challenge = view_str("visible"),
			  .response = view_str("password")};
	char got[PROXY_WORDS_LEN];

	ck_assert_str_eq(proxy_words(&p, got), "auth=pap user=\"al\\x22ice\" client=\"\" lac=\"\"");
	p.type = 99;
	ck_assert_ptr_nonnull(strstr(proxy_words(&p, got), "auth=unknown"));
}
END_TEST

/* Options without end fill the line and no more. */
START_TEST(test_many)
{
	char many[1017], got[PROXY_WORDS_LEN];
	struct proxy p = {.last_confreq = {(uint8_t *)many, sizeof(many)}};

	memset(many, 2, sizeof(many));
	ck_assert_uint_lt(strlen(proxy_words(&p, got)), sizeof(got));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proxy");
	TCase *t = tcase_create("proxy");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_add_loop_test(t, test_options, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(t, test_auth);
	tcase_add_test(t, test_many);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
