/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tunnels counted by identity and address, over SAs that come and go and change meanwhile. */
#include "l2tpd/policy/shares.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static struct shares *s;

static void setup(void)
{
	s = shares_new();
	ck_assert_ptr_nonnull(s);
}

static void teardown(void)
{
	shares_free(s);
}

static struct path from(uint32_t mark, const char *peer)
{
	struct path p = {.sa.mark = mark};

	ck_assert_int_eq(addr_parse(&p.peer, peer, 1701), 0);
	return p;
}

START_TEST(test_own_sa_is_left_out)
{
	struct path a = from(1, "192.0.2.1"), b = from(2, "192.0.2.1"), c = from(3, "192.0.2.9");

	ck_assert_int_eq(shares_add(s, &a, "alice"), 0);
	ck_assert_int_eq(shares_add(s, &a, "alice"), 0);
	ck_assert_int_eq(shares_add(s, &b, "bob"), 0);
	ck_assert_uint_eq(shares_of_identity(s, &a, "alice"), 0);
	ck_assert_uint_eq(shares_of_identity(s, &b, "alice"), 2);
	ck_assert_uint_eq(shares_of_identity(s, &c, "alice"), 2);
	ck_assert_uint_eq(shares_of_identity(s, &c, "alic"), 0);
	ck_assert_uint_eq(shares_of_identity(s, &c, NULL), 0);
	ck_assert_uint_eq(shares_of_address(s, &a), 1);
	ck_assert_uint_eq(shares_of_address(s, &b), 2);
	ck_assert_uint_eq(shares_of_address(s, &c), 0);
	c.peer = a.peer;
	c.peer.port = 4711;
	ck_assert_uint_eq(shares_of_address(s, &c), 3);
}
END_TEST

/* Who has proved nothing counts for its address only. */
START_TEST(test_unproved)
{
	struct path a = from(1, "192.0.2.1"), c = from(3, "192.0.2.1");

	ck_assert_int_eq(shares_add(s, &a, NULL), 0);
	ck_assert_uint_eq(shares_of_identity(s, &c, ""), 0);
	ck_assert_uint_eq(shares_of_address(s, &c), 1);
	shares_del(s, &a);
	ck_assert_uint_eq(shares_of_address(s, &c), 0);
}
END_TEST

/* A NAT gives the client another port or address, a reauthentication another identity: the books
 * still close. */
START_TEST(test_owner_is_settled)
{
	struct path a = from(1, "192.0.2.1"), moved = from(1, "198.51.100.7");
	struct path other = from(9, "192.0.2.1"), elsewhere = from(9, "198.51.100.7");

	ck_assert_int_eq(shares_add(s, &a, "alice"), 0);
	ck_assert_int_eq(shares_add(s, &moved, "alicia"), 0);
	ck_assert_uint_eq(shares_of_identity(s, &other, "alice"), 2);
	ck_assert_uint_eq(shares_of_identity(s, &other, "alicia"), 0);
	ck_assert_uint_eq(shares_of_address(s, &other), 2);
	shares_del(s, &moved);
	shares_del(s, &moved);
	ck_assert_uint_eq(shares_of_identity(s, &other, "alice"), 0);
	ck_assert_uint_eq(shares_of_address(s, &other), 0);
	ck_assert_uint_eq(shares_of_address(s, &elsewhere), 0);
	shares_del(s, &moved); /* once too often */
	ck_assert_int_eq(shares_add(s, &moved, "alicia"), 0);
	ck_assert_uint_eq(shares_of_identity(s, &other, "alicia"), 1);
	ck_assert_uint_eq(shares_of_address(s, &elsewhere), 1);
}
END_TEST

/* Without IPsec an address is all that there is; of IPv6 it is the network. */
START_TEST(test_no_sa)
{
	struct path a = from(0, "192.0.2.1");
	struct path v6 = from(0, "[2001:db8::1]:1701"), near = from(0, "[2001:db8::ffff]:1");
	struct path far = from(0, "[2001:db8:0:1::1]:1701");

	ck_assert_int_eq(shares_add(s, &a, NULL), 0);
	ck_assert_int_eq(shares_add(s, &a, NULL), 0);
	ck_assert_uint_eq(shares_of_address(s, &a), 2);
	ck_assert_int_eq(shares_add(s, &v6, NULL), 0);
	ck_assert_uint_eq(shares_of_address(s, &near), 1);
	ck_assert_uint_eq(shares_of_address(s, &far), 0);
}
END_TEST

START_TEST(test_many)
{
	char identity[32];
	struct path p = from(1, "192.0.2.1"), other = from(0, "198.51.100.1");

	for (uint32_t i = 1; i <= 5000; i++) {
		p.sa.mark = i;
		snprintf(identity, sizeof(identity), "user%u", i % 1000);
		ck_assert_int_eq(shares_add(s, &p, identity), 0);
	}
	ck_assert_uint_eq(shares_of_identity(s, &other, "user7"), 5);
	p.sa.mark = 0;
	ck_assert_uint_eq(shares_of_address(s, &p), 5000);
	for (uint32_t i = 1; i <= 5000; i++) {
		p.sa.mark = i;
		shares_del(s, &p);
	}
	ck_assert_uint_eq(shares_of_identity(s, &other, "user7"), 0);
	p.sa.mark = 0;
	ck_assert_uint_eq(shares_of_address(s, &p), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("shares");
	TCase *tc = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_own_sa_is_left_out);
	tcase_add_test(tc, test_unproved);
	tcase_add_test(tc, test_owner_is_settled);
	tcase_add_test(tc, test_no_sa);
	tcase_add_test(tc, test_many);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
