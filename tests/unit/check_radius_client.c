/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/radius/client: the schedule with a clock that is a variable, and what it tells people. */
#include "lib/radius/client.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fake/reply.h"

#define TIMEOUT  (3 * USEC_PER_S)
#define NOTHING  ((struct view){NULL, 0})
#define TEXT_LEN 300

static struct radius_conf conf;
static struct radius_attrs attrs;
static struct radius_client client;
static usec_t now;

static void set_up(size_t n_servers, usec_t timeout, unsigned int tries)
{
	static const char *const addresses[] = {"192.0.2.1", "192.0.2.2:1645", "2001:db8::3"};

	conf = (struct radius_conf){.n_servers = n_servers, .timeout = timeout, .tries = tries};
	for (size_t i = 0; i < n_servers; i++) {
		ck_assert_int_eq(addr_parse(&conf.servers[i].address, addresses[i], RADIUS_PORT),
				 0);
		conf.servers[i].secret[0] = (uint8_t)('a' + i);
		conf.servers[i].secret_len = 1;
	}
	radius_attrs_init(&attrs);
	radius_add_text(&attrs, RADIUS_USER_NAME, "nemo");
	radius_set_password(&attrs, view_str("secret"));
	now = 1000 * USEC_PER_S;
	ck_assert_int_eq(radius_client_start(&client, &conf, &attrs, now), 0);
}

/* Wait until something is due; true: a datagram goes to `*ret_server`, its bytes are in `ret`. */
static bool next(size_t *ret_server, uint8_t ret[static RADIUS_PACKET_MAX], size_t *ret_len)
{
	struct view packet;

	for (;;) {
		if (radius_client_poll(&client, now, ret_server, &packet)) {
			memcpy(ret, packet.p, packet.len);
			*ret_len = packet.len;
			return true;
		}
		if (client.result != RADIUS_PENDING)
			return false;
		ck_assert_uint_gt(client.due, now);
		now = client.due;
	}
}

static uint8_t sent[RADIUS_PACKET_MAX];
static size_t sent_len, sent_to;

static void expect_sent(size_t server)
{
	ck_assert(next(&sent_to, sent, &sent_len));
	ck_assert_uint_eq(sent_to, server);
}

/* An answer to what was sent last, signed with this server's secret. */
static void answer(uint8_t code, struct view with, size_t secret_of, size_t from)
{
	const struct radius_server *s = &conf.servers[secret_of];
	uint8_t buf[RADIUS_PACKET_MAX];
	size_t len = reply_build(buf, sizeof(buf), code, sent[1], with, sent + 4,
				 (struct view){s->secret, s->secret_len});

	radius_client_input(&client, from, (struct view){buf, len});
}

static void explains(const char *text)
{
	char why[TEXT_LEN];

	ck_assert_str_eq(radius_client_explain(&client, why, sizeof(why)), text);
}

static bool is_about(usec_t t, usec_t expected)
{
	return t >= expected - expected / 10 && t <= expected + expected / 10;
}

START_TEST(accepted)
{
	set_up(1, TIMEOUT, 3);
	expect_sent(0);
	explains("waiting for RADIUS server 192.0.2.1:1812");
	answer(RADIUS_ACCESS_ACCEPT, NOTHING, 0, 0);
	ck_assert_int_eq(client.result, RADIUS_ACCEPTED);
	ck_assert_uint_eq(client.due, USEC_NEVER);
	ck_assert(!next(&sent_to, sent, &sent_len));
	explains("RADIUS server 192.0.2.1:1812 accepted the user");
	radius_client_wipe(&client);
}
END_TEST

START_TEST(rejected)
{
	static const uint8_t message[] = {18, 11, 'n', 'o', '\n', ' ', 'm', 'o', 'r', 'e', '!'};

	set_up(1, TIMEOUT, 3);
	expect_sent(0);
	answer(RADIUS_ACCESS_REJECT, (struct view){message, sizeof(message)}, 0, 0);
	ck_assert_int_eq(client.result, RADIUS_REJECTED);
	explains("RADIUS server 192.0.2.1:1812 rejected the user: no\\x0a more!");

	set_up(1, TIMEOUT, 3);
	expect_sent(0);
	answer(RADIUS_ACCESS_CHALLENGE, NOTHING, 0, 0);
	ck_assert_int_eq(client.result, RADIUS_CHALLENGED);
}
END_TEST

/* RFC 5080 2.2.1: the same packet again, after waits that double, each with jitter. */
START_TEST(retransmits)
{
	uint8_t first[RADIUS_PACKET_MAX];
	usec_t start, wait = TIMEOUT, before;

	set_up(1, TIMEOUT, 3);
	start = now;
	expect_sent(0);
	ck_assert_uint_eq(now, start);
	memcpy(first, sent, sent_len);
	for (int i = 0; i < 2; i++) {
		before = now;
		expect_sent(0);
		ck_assert(is_about(now - before, wait));
		ck_assert_mem_eq(sent, first, sent_len);
		wait *= 2;
	}
	before = now;
	ck_assert(!next(&sent_to, sent, &sent_len));
	ck_assert(is_about(now - before, wait));
	ck_assert_int_eq(client.result, RADIUS_NO_ANSWER);
	explains("no answer from RADIUS server 192.0.2.1:1812 (3 tries): is it running, is the "
		 "secret right, is this gateway one of its clients?");
}
END_TEST

/* Another server gets another request: its own id, authenticator and hidden password. */
START_TEST(next_server)
{
	uint8_t first[RADIUS_PACKET_MAX];
	size_t first_len;

	set_up(2, TIMEOUT, 1);
	expect_sent(0);
	memcpy(first, sent, sent_len);
	first_len = sent_len;
	expect_sent(1);
	ck_assert_uint_eq(sent_len, first_len);
	ck_assert_mem_ne(sent + 4, first + 4, RADIUS_AUTH_LEN);
	ck_assert_mem_ne(sent + sent_len - 16, first + first_len - 16, 16);
	answer(RADIUS_ACCESS_ACCEPT, NOTHING, 1, 1);
	ck_assert_int_eq(client.result, RADIUS_ACCEPTED);
	explains("RADIUS server 192.0.2.2:1645 accepted the user");
}
END_TEST

/* However patient the configuration: 30 s in all, and the last server gets its part of them. */
START_TEST(limit)
{
	usec_t start, turn = 0;
	unsigned int tries[3] = {0};

	set_up(3, 5 * USEC_PER_S, 20);
	start = now;
	while (next(&sent_to, sent, &sent_len)) {
		if (!tries[sent_to]++)
			turn = now;
		ck_assert_uint_le(now - turn, RADIUS_LIMIT / 3);
	}
	ck_assert_uint_eq(now - start, RADIUS_LIMIT);
	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq(tries[i], 2);
}
END_TEST

START_TEST(wait_is_capped)
{
	usec_t before;

	set_up(1, 12 * USEC_PER_S, 3);
	expect_sent(0);
	before = now;
	expect_sent(0);
	ck_assert(is_about(now - before, 12 * USEC_PER_S));
	ck_assert_uint_eq(client.wait, RADIUS_WAIT_CAP);
}
END_TEST

/* What comes from the wrong place or is wrong itself changes nothing but the counters. */
START_TEST(not_believed)
{
	static const uint8_t garbage[RADIUS_PACKET_MAX + 1];

	set_up(2, TIMEOUT, 1);
	radius_client_input(&client, 0, (struct view){garbage, 20});
	ck_assert_uint_eq(client.attempts[0].flaws[RADIUS_FLAW_STALE], 1); /* before any request */
	expect_sent(0);
	answer(RADIUS_ACCESS_ACCEPT, NOTHING, 1, 0);
	answer(RADIUS_ACCESS_ACCEPT, NOTHING, 0, 1);
	radius_client_input(&client, 0, (struct view){garbage, 1});
	radius_client_input(&client, 0, (struct view){garbage, sizeof(garbage)});
	sent[1]++;
	answer(RADIUS_ACCESS_ACCEPT, NOTHING, 0, 0);
	sent[1]--;
	ck_assert_int_eq(client.result, RADIUS_PENDING);
	ck_assert_uint_eq(client.attempts[0].flaws[RADIUS_FLAW_FORGED], 1);
	ck_assert_uint_eq(client.attempts[0].flaws[RADIUS_FLAW_MALFORMED], 2);
	ck_assert_uint_eq(client.attempts[0].flaws[RADIUS_FLAW_STALE], 2);
	ck_assert_uint_eq(client.attempts[1].flaws[RADIUS_FLAW_STALE], 1);
	answer(RADIUS_ACCESS_ACCEPT, NOTHING, 0, 0);
	ck_assert_int_eq(client.result, RADIUS_ACCEPTED);
	answer(RADIUS_ACCESS_REJECT, NOTHING, 0, 0);
	ck_assert_int_eq(client.result, RADIUS_ACCEPTED);
}
END_TEST

/* The answer of a server whose turn is over comes too late. */
START_TEST(late)
{
	uint8_t first[RADIUS_PACKET_MAX];

	set_up(2, TIMEOUT, 1);
	expect_sent(0);
	memcpy(first, sent, sizeof(first));
	expect_sent(1);
	memcpy(sent, first, sizeof(first));
	answer(RADIUS_ACCESS_ACCEPT, NOTHING, 0, 0);
	ck_assert_int_eq(client.result, RADIUS_PENDING);
	ck_assert_uint_eq(client.attempts[0].flaws[RADIUS_FLAW_STALE], 1);
}
END_TEST

START_TEST(errors)
{
	usec_t start;

	set_up(3, TIMEOUT, 2);
	start = now;
	expect_sent(0);
	radius_client_error(&client, 1, -ENETUNREACH); /* not its turn */
	radius_client_error(&client, 0, -ECONNREFUSED);
	expect_sent(1);
	radius_client_error(&client, 1, -ENETUNREACH);
	expect_sent(2);
	ck_assert_uint_eq(now, start); /* all at once */
	answer(RADIUS_ACCESS_ACCEPT, NOTHING, 0, 2);
	radius_client_error(&client, 2, -ECONNREFUSED);
	expect_sent(2); /* the last one is tried on */
	ck_assert(is_about(now - start, TIMEOUT));
	ck_assert(!next(&sent_to, sent, &sent_len));
	explains("no answer from RADIUS servers 192.0.2.1:1812 (nothing listens there), "
		 "192.0.2.2:1645 (Network is unreachable), [2001:db8::3]:1812 (answers with wrong "
		 "authenticator: does the shared secret differ?)");
}
END_TEST

/* The text is cut, never more. */
START_TEST(text_is_bounded)
{
	char why[TEXT_LEN];

	set_up(3, TIMEOUT, 1);
	while (next(&sent_to, sent, &sent_len))
		;
	for (size_t cap = 1; cap < sizeof(why); cap++) {
		memset(why, 'x', sizeof(why));
		radius_client_explain(&client, why, cap);
		ck_assert_ptr_nonnull(memchr(why, '\0', cap));
		ck_assert_int_eq(why[cap], 'x');
	}
}
END_TEST

START_TEST(refuses)
{
	set_up(1, TIMEOUT, 1);
	radius_add_text(&attrs, RADIUS_CALLED_STATION_ID, "");
	ck_assert_int_eq(radius_client_start(&client, &conf, &attrs, now), -EINVAL);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("radius client");
	TCase *t = tcase_create("radius client");
	SRunner *r;
	int failed;

	tcase_add_test(t, accepted);
	tcase_add_test(t, rejected);
	tcase_add_test(t, retransmits);
	tcase_add_test(t, next_server);
	tcase_add_test(t, limit);
	tcase_add_test(t, wait_is_capped);
	tcase_add_test(t, not_believed);
	tcase_add_test(t, late);
	tcase_add_test(t, errors);
	tcase_add_test(t, text_is_bounded);
	tcase_add_test(t, refuses);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
