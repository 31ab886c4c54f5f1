/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/base/log and err: the form of lines, debug topics, rate limits, error texts. */
#include "lib/base/log.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"

static char last[2048];
static int n_lines;
static enum log_level last_level;

static void sink(enum log_level level, const char *line)
{
	last_level = level;
	n_lines++;
	ck_assert_uint_lt(strlen(line), sizeof(last));
	strcpy(last, line);
}

static void setup(void)
{
	log_to(sink);
	log_set_debug(0);
	n_lines = 0;
}

START_TEST(form_of_a_line)
{
	log_info(TUNNEL, "up", "tid=%u peer=%s", 7U, "192.0.2.1");
	ck_assert_str_eq(last, "info tunnel: up tid=7 peer=192.0.2.1");
	ck_assert_int_eq(last_level, LOG_LEVEL_INFO);
	log_error(PPP, "gone", "%s", "");
	ck_assert_str_eq(last, "error ppp: gone ");
	log_warn(DAEMON, "x", "a=%s", "1\n2\tb\x7f");
	ck_assert_str_eq(last, "warn daemon: x a=1 2 b ");
}
END_TEST

START_TEST(long_lines_are_cut)
{
	char text[4000];

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_info(NET, "long", "text=%s", text);
	ck_assert_int_eq(n_lines, 1);
	ck_assert_uint_eq(strlen(last), 1023);
}
END_TEST

START_TEST(debug_by_topic)
{
	uint32_t topics;
	const char *bad;

	log_debug(NET, "no", "n=%d", 1);
	ck_assert_int_eq(n_lines, 0);
	ck_assert_int_eq(log_parse_topics("net,ppp", &topics, &bad), 0);
	ck_assert_uint_eq(topics, 1U << TOPIC_NET | 1U << TOPIC_PPP);
	log_set_debug(topics);
	log_debug(NET, "yes", "n=%d", 1);
	log_debug(PLANE, "no", "n=%d", 1);
	ck_assert_int_eq(n_lines, 1);
	ck_assert_str_eq(last, "debug net: yes n=1");
	ck_assert_int_eq(log_parse_topics("all", &topics, &bad), 0);
	for (int i = 0; i < TOPIC_COUNT; i++)
		ck_assert(topics >> i & 1);
	ck_assert_int_eq(log_parse_topics("", &topics, &bad), 0);
	ck_assert_uint_eq(topics, 0);
	ck_assert_int_eq(log_parse_topics("net,pppx,ppp", &topics, &bad), -EINVAL);
	ck_assert_str_eq(bad, "pppx,ppp");
	ck_assert_uint_eq(topics, 0); /* untouched */
}
END_TEST

START_TEST(limits_by_the_minute)
{
	struct log_limit limit = {.burst = 2};
	usec_t now = 5 * USEC_PER_S;
	unsigned int dropped = 99;

	ck_assert(log_limit(&limit, now, &dropped));
	ck_assert_uint_eq(dropped, 0);
	ck_assert(log_limit(&limit, now, &dropped));
	for (int i = 0; i < 5; i++)
		ck_assert(!log_limit(&limit, now + 59 * USEC_PER_S, &dropped));
	ck_assert(log_limit(&limit, now + 60 * USEC_PER_S, &dropped));
	ck_assert_uint_eq(dropped, 5);
	ck_assert(log_limit(&limit, now + 61 * USEC_PER_S, &dropped));
	ck_assert_uint_eq(dropped, 0);
}
END_TEST

START_TEST(error_texts)
{
	ck_assert_str_eq(err_text(-ENOENT), strerror(ENOENT));
	ck_assert_str_eq(err_text(ENOENT), strerror(ENOENT));
#define X(name, number, text) ck_assert_str_eq(err_text(-name), text);
	ERR_TABLE(X)
#undef X
}
END_TEST

int main(void)
{
	Suite *s = suite_create("log");
	TCase *t = tcase_create("log");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, form_of_a_line);
	tcase_add_test(t, long_lines_are_cut);
	tcase_add_test(t, debug_by_topic);
	tcase_add_test(t, limits_by_the_minute);
	tcase_add_test(t, error_texts);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
