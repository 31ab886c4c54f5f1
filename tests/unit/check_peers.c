/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which rules a peer gets: address before name before order. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "l2tpd/policy/peers.h"

static struct peers *peers;

static struct addr_prefix net(const char *text)
{
	struct addr_prefix p;

	ck_assert_int_eq(addr_prefix_parse(&p, text), 0);
	return p;
}

static void setup(void)
{
	const struct addr_prefix wide[] = {net("2001:db8::/32"), net("192.0.2.0/24")};
	const struct addr_prefix narrow = net("192.0.2.128/25"), all = net("0.0.0.0/0");
	const struct peer_conf conf[] = {
		{wide, 2, NULL, {view_str("wide"), true, false}},
		{&narrow, 1, NULL, {view_str("narrow"), true, false}},
		{&all, 1, "lac", {view_str("all lac"), false, true}},
		{wide, 2, "lac", {view_str("wide lac"), true, true}},
		{NULL, 0, "lac", {view_str("lac"), true, false}},
		{NULL, 0, "lac", {view_str("too late"), true, false}},
	};

	ck_assert_int_eq(peers_new(conf, sizeof(conf) / sizeof(conf[0]), &peers), 0);
}

static void teardown(void)
{
	peers_free(peers);
}

static const struct {
	const char *address, *host_name, *secret;
} rows[] = {
	{"192.0.2.5", "other", "wide"},
	{"192.0.2.5", "lac", "wide lac"},
	{"2001:db8::1", "lac", "wide lac"},
	{"192.0.2.200", "lac", "narrow"}, /* an address is harder to choose than a name */
	{"198.51.100.1", "lac", "all lac"},
	{"2001:db9::1", "lac", "lac"},
	{"198.51.100.1", "lac2", ""},
	{"198.51.100.1", "la", ""},
	{"198.51.100.1", "", ""},
};

START_TEST(test_find)
{
	const struct peer_rules *r;
	struct addr a;

	ck_assert_int_eq(addr_parse(&a, rows[_i].address, 1701), 0);
	r = peers_find(peers, &a, view_str(rows[_i].host_name));
	ck_assert(view_is(r->secret, rows[_i].secret));
	ck_assert_int_eq(r->challenge, *rows[_i].secret && strcmp(rows[_i].secret, "all lac") != 0);
}
END_TEST

START_TEST(test_none)
{
	struct addr a = addr_from_ipv4(1, 1701);
	struct peers *none;

	ck_assert_int_eq(peers_new(NULL, 0, &none), 0);
	ck_assert_uint_eq(peers_find(none, &a, view_str("x"))->secret.len, 0);
	peers_free(none);
	peers_free(NULL);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("peers");
	TCase *t = tcase_create("peers");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, test_find, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(t, test_none);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
