/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each limit with what is told and counted, rates by a clock of its own, and crowds that must pass.
 */
#include "l2tpd/policy/admit.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"

static const struct admit_conf conf = {
	.tunnels = 4000,
	.half_open = 3000,
	.tunnels_per_sa = 4,
	.tunnels_per_identity = 2,
	.tunnels_per_address = 20,
	.leaving_per_sa = 16,
	.sessions = 4000,
	.sessions_per_tunnel = 16,
	.starting = 3000,
	.tunnel_rate = 1000,
	.tunnel_rate_per_sa = 2,
	.tunnel_rate_per_address = 500,
	.session_rate_per_sa = 5,
};

static struct admit *a;
static struct counters counters;
static struct admit_now none;
static struct cause why;

static void setup(void)
{
	memset(&counters, 0, sizeof(counters));
	a = admit_new(&conf, &counters);
	ck_assert_ptr_nonnull(a);
}

static void teardown(void)
{
	admit_free(a);
}

static struct path from(uint32_t mark, const char *peer)
{
	struct path p = {.sa.mark = mark};

	ck_assert_int_eq(addr_parse(&p.peer, peer, 1701), 0);
	return p;
}

struct row {
	bool session;
	uint32_t mark;
	struct admit_now now;
	enum counter counter;
	uint16_t result, error; /* 0: silence */
	const char *text;
};

static const struct row rows[] = {
	{false, 7, {.tunnels = 4000}, COUNT_REFUSED_TUNNELS, 2, 4, "4000 tunnels"},
	{false, 0, {.tunnels = 4000}, COUNT_REFUSED_TUNNELS, 0, 4, "4000 tunnels"},
	{false, 7, {.half_open = 3000}, COUNT_REFUSED_HALF_OPEN, 0, 4, "half-open"},
	{false, 7, {.sa_tunnels = 4}, COUNT_REFUSED_TUNNELS_PER_SA, 2, 4, "4 tunnels per SA"},
	{false,
	 7,
	 {.identity_tunnels = 2},
	 COUNT_REFUSED_TUNNELS_PER_IDENTITY,
	 2,
	 4,
	 "2 tunnels per IKE"},
	{false,
	 7,
	 {.address_tunnels = 20},
	 COUNT_REFUSED_TUNNELS_PER_ADDRESS,
	 2,
	 4,
	 "20 tunnels per address"},
	{false,
	 0,
	 {.address_tunnels = 20},
	 COUNT_REFUSED_TUNNELS_PER_ADDRESS,
	 0,
	 4,
	 "20 tunnels per address"},
	{false, 7, {.draining = true}, COUNT_REFUSED_DRAINING, 2, 7, "try another"},
	{false, 0, {.draining = true}, COUNT_REFUSED_DRAINING, 0, 4, "try another"},
	{true, 7, {.draining = true}, COUNT_REFUSED_DRAINING, 2, 7, "try another"},
	{false, 7, {.sa_leaving = 16}, COUNT_REFUSED_LEAVING_PER_SA, 2, 4, "ended 16 tunnels"},
	{true, 7, {.sessions = 4000}, COUNT_REFUSED_SESSIONS, 4, 0, "4000 sessions"},
	{true, 0, {.sessions = 4000}, COUNT_REFUSED_SESSIONS, 4, 0, "4000 sessions"},
	{true, 7, {.starting = 3000}, COUNT_REFUSED_STARTING, 4, 0, "3000 sessions being set up"},
};

START_TEST(test_number)
{
	const struct row *r = &rows[_i];
	struct path p = from(r->mark, "192.0.2.1");
	int err = r->session ? admit_session(a, &p, &r->now, 1, &why)
			     : admit_tunnel(a, &p, &r->now, 1, &why);

	ck_assert_int_eq(err, -ERR_LIMIT);
	ck_assert_uint_eq(why.result, r->result);
	ck_assert_uint_eq(why.error, r->error);
	ck_assert_int_eq(why.stage, r->session ? STAGE_SESSION : STAGE_TUNNEL);
	ck_assert_ptr_nonnull(strstr(why.text, r->text));
	for (enum counter i = 0; i < COUNTER_COUNT; i++)
		ck_assert_uint_eq(counters.n[i], i == r->counter);
	/* one less is no hindrance */
	ck_assert_int_eq(admit_tunnel(a, &p, &none, 1, &why), 0);
	ck_assert_int_eq(admit_session(a, &p, &none, 1, &why), 0);
}
END_TEST

/* How many of `n` tunnels, or sessions, it gets at this moment. */
static unsigned int tunnels(const struct path *p, unsigned int n, usec_t now)
{
	unsigned int yes = 0;

	while (n--)
		yes += !admit_tunnel(a, p, &none, now, &why);
	return yes;
}

static unsigned int sessions(const struct path *p, unsigned int n, usec_t now)
{
	unsigned int yes = 0;

	while (n--)
		yes += !admit_session(a, p, &none, now, &why);
	return yes;
}

/* Redialling in a loop: ten seconds' worth, then what the rate gives; others feel nothing of it. */
START_TEST(test_rate_of_an_sa)
{
	struct path p = from(7, "192.0.2.1"), other = from(8, "192.0.2.1");

	ck_assert_uint_eq(tunnels(&p, 1000, 1), 20);
	ck_assert_uint_eq(why.result, 2);
	ck_assert_uint_eq(why.error, 4);
	ck_assert_uint_eq(counters.n[COUNT_REFUSED_TUNNEL_RATE_PER_SA], 980);
	ck_assert_uint_eq(tunnels(&p, 1000, 1 + USEC_PER_S), 2);
	ck_assert_uint_eq(tunnels(&other, 4, 1 + USEC_PER_S), 4);
	ck_assert_uint_eq(sessions(&p, 1000, 1), 64);
	ck_assert_uint_eq(why.result, 4);
	ck_assert_uint_eq(counters.n[COUNT_REFUSED_SESSION_RATE], 936);
	ck_assert_uint_eq(sessions(&p, 1000, 1 + USEC_PER_S), 5);
	ck_assert_uint_eq(sessions(&other, 16, 1 + USEC_PER_S), 16);
}
END_TEST

START_TEST(test_rate_of_an_address)
{
	struct path p = from(0, "192.0.2.1"), other = from(0, "192.0.2.2");
	struct path six = from(0, "2001:db8::1"), beside = from(0, "2001:db8::ffff:2");
	struct path away = from(0, "2001:db8:0:1::1");

	ck_assert_uint_eq(tunnels(&p, 6000, 1), 5000);
	ck_assert_uint_eq(why.result, 0);
	ck_assert_uint_eq(counters.n[COUNT_REFUSED_TUNNEL_RATE_PER_ADDRESS], 1000);
	ck_assert_uint_eq(tunnels(&other, 50, 1), 50);
	ck_assert_uint_eq(tunnels(&six, 4000, 1), 4000);
	ck_assert_uint_eq(tunnels(&beside, 2000, 60 * USEC_PER_S), 2000);
	ck_assert_uint_eq(tunnels(&six, 5000, 60 * USEC_PER_S), 3000);
	ck_assert_uint_eq(tunnels(&away, 50, 60 * USEC_PER_S), 50);
	ck_assert_uint_eq(sessions(&p, 6000, 1), 5000);
}
END_TEST

/* All SAs together: silence, as the client's next SCCRQ comes by itself. */
START_TEST(test_rate_of_all)
{
	unsigned int yes = 0;

	for (uint32_t mark = 1; mark <= 12000; mark++) {
		struct path p = from(mark, "192.0.2.1");

		yes += tunnels(&p, 1, 1);
	}
	ck_assert_uint_eq(yes, 10000);
	ck_assert_uint_eq(why.result, 0);
	ck_assert_uint_eq(counters.n[COUNT_REFUSED_TUNNEL_RATE], 2000);
}
END_TEST

/* After an outage: 2,000 clients behind one NAT, each with its SA; the same without IPsec. */
START_TEST(test_everybody_at_once)
{
	struct path p = from(0, "192.0.2.1");

	for (uint32_t mark = 0; mark < 2000; mark++) {
		p.sa.mark = mark + 1;
		ck_assert_uint_eq(tunnels(&p, 1, 1), 1);
		ck_assert_uint_eq(sessions(&p, 1, 1), 1);
	}
	p.sa.mark = 0;
	ck_assert_uint_eq(tunnels(&p, 2000, 1), 2000);
	ck_assert_uint_eq(sessions(&p, 2000, 1), 2000);
}
END_TEST

/* An access concentrator: all that the limits in number allow through one SA comes up at once. */
START_TEST(test_one_sa_with_many)
{
	struct admit_conf many = conf;
	struct path p = from(7, "192.0.2.1");

	many.tunnels_per_sa = 2000;
	many.sessions_per_tunnel = 1;
	admit_free(a);
	a = admit_new(&many, &counters);
	ck_assert_uint_eq(tunnels(&p, 2000, 1), 2000);
	ck_assert_uint_eq(sessions(&p, 2000, 1), 2000);
}
END_TEST

START_TEST(test_no_rates)
{
	struct admit_conf free = conf;
	struct path p = from(7, "192.0.2.1");

	free.tunnel_rate = free.tunnel_rate_per_sa = free.session_rate_per_sa = 0;
	admit_free(a);
	a = admit_new(&free, &counters);
	ck_assert_uint_eq(tunnels(&p, 100000, 1), 100000);
	ck_assert_uint_eq(sessions(&p, 100000, 1), 100000);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("admit");
	TCase *tc = tcase_create("admit");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, test_number, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tc, test_rate_of_an_sa);
	tcase_add_test(tc, test_rate_of_an_address);
	tcase_add_test(tc, test_rate_of_all);
	tcase_add_test(tc, test_everybody_at_once);
	tcase_add_test(tc, test_one_sa_with_many);
	tcase_add_test(tc, test_no_rates);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
