/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of marks: what each change of a record is called, and what the record says afterwards.
 */
#include "charon-plugin/l2tp_binding.h"
#include "charon-plugin/l2tp_known.h"

#include <check.h>
#include <stdlib.h>

#include "lib/bus/names.h"

static l2tp_binding_t *table;

static void setup(void)
{
	table = l2tp_binding_create();
}

static void teardown(void)
{
	table->destroy(table);
}

static struct bus_sa record(uint32_t mark, uint32_t ike_id, uint32_t child_id, uint16_t port)
{
	return (struct bus_sa){
		.mark = mark,
		.reqid = mark + 100,
		.ike_id = ike_id,
		.child_id = child_id,
		.remote = addr_from_ipv4(0xc0000201, port), /* 192.0.2.1 */
	};
}

/* A client's life, one row for each call of put(). */
static const struct {
	uint32_t mark, ike_id, child_id;
	uint16_t port;
	const char *event;
} life[] = {
	{1, 1, 1, 4500, BUS_EV_SA_UP},
	{2, 2, 2, 4501, BUS_EV_SA_UP},
	{1, 1, 1, 4500, NULL},
	{1, 1, 3, 4500, BUS_EV_SA_REKEY},
	{1, 1, 3, 4600, BUS_EV_SA_UPDATE},
	{1, 5, 3, 4600, BUS_EV_SA_MIGRATE},
	{1, 6, 3, 4700, BUS_EV_SA_MIGRATE},
	{1, 7, 8, 4800, BUS_EV_SA_REKEY},
	{2, 2, 2, 4501, NULL},
};

START_TEST(test_events)
{
	for (size_t i = 0; i < countof(life); i++) {
		struct bus_sa sa = record(life[i].mark, life[i].ike_id, life[i].child_id,
					  life[i].port),
			      got;
		const char *event = table->put(table, &sa);

		ck_assert_msg(streq(event ?: "", life[i].event ?: ""), "row %zu: %s", i,
			      event ?: "nothing");
		ck_assert(table->get(table, life[i].mark, &got));
		ck_assert_mem_eq(&got, &sa, sizeof(sa));
	}
}
END_TEST

START_TEST(test_current)
{
	struct bus_sa sa = record(1, 1, 10, 4500);

	ck_assert(!table->is_current(table, 1, 10));
	table->put(table, &sa);
	ck_assert(table->is_current(table, 1, 10));
	ck_assert(!table->is_current(table, 2, 10));
	sa.child_id = 11;
	table->put(table, &sa);
	ck_assert(!table->is_current(table, 1, 10));
	ck_assert(table->is_current(table, 1, 11));
}
END_TEST

START_TEST(test_remove)
{
	struct bus_sa sa = record(1, 1, 1, 4500), got;

	ck_assert(!table->remove(table, 1, &got));
	table->put(table, &sa);
	ck_assert(table->remove(table, 1, &got));
	ck_assert_mem_eq(&got, &sa, sizeof(sa));
	ck_assert(!table->get(table, 1, &got));
	ck_assert_str_eq(table->put(table, &sa), BUS_EV_SA_UP);
}
END_TEST

START_TEST(test_reason)
{
	struct bus_sa sa = record(1, 1, 1, 4500), got;
	char longest[BUS_TEXT_LEN + 10];

	table->set_reason(table, 1, "for a mark that is not there");
	table->put(table, &sa);
	table->set_reason(table, 1, "first");
	table->set_reason(table, 1, "second");
	sa.child_id = 2; /* stays through a rekey, and is no change by itself */
	ck_assert_str_eq(table->put(table, &sa), BUS_EV_SA_REKEY);
	ck_assert_ptr_null(table->put(table, &sa));
	ck_assert(table->remove(table, 1, &got));
	ck_assert_str_eq(got.reason, "first");

	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	table->put(table, &sa);
	table->set_reason(table, 1, longest);
	ck_assert(table->remove(table, 1, &got));
	ck_assert_uint_eq(strlen(got.reason), BUS_TEXT_LEN - 1);
}
END_TEST

static void add_mark(void *data, struct view msg)
{
	struct bus_sa sa;

	ck_assert_int_eq(bus_read(msg, &bus_sa_record, &sa), 0);
	ck_assert_uint_eq(sa.reqid, sa.mark + 100);
	*(uint64_t *)data += sa.mark;
}

START_TEST(test_enumerate)
{
	uint64_t sum = 0;

	table->enumerate(table, add_mark, &sum);
	ck_assert_uint_eq(sum, 0);
	for (uint32_t mark = 1; mark <= 1000; mark++) {
		struct bus_sa sa = record(mark, mark, mark, 4500);

		table->put(table, &sa);
	}
	table->enumerate(table, add_mark, &sum);
	ck_assert_uint_eq(sum, 500500);
}
END_TEST

/* Texts at their longest still make a record. */
START_TEST(test_longest)
{
	struct bus_sa sa, got;

	memset(&sa, 'x', sizeof(sa));
	sa.remote = sa.local = addr_from_ipv4(0xffffffff, 65535);
	sa.encap = sa.by_peer = true;
	sa.connection[BUS_TEXT_LEN - 1] = sa.child[BUS_TEXT_LEN - 1] = '\0';
	sa.remote_id[BUS_TEXT_LEN - 1] = sa.remote_eap_id[BUS_TEXT_LEN - 1] = '\0';
	sa.auth[BUS_TEXT_LEN - 1] = sa.cipher[BUS_TEXT_LEN - 1] = '\0';
	sa.cert_subject[BUS_TEXT_LEN - 1] = sa.cert_names[BUS_TEXT_LEN - 1] = '\0';
	sa.reason[BUS_TEXT_LEN - 1] = '\0';
	ck_assert_str_eq(table->put(table, &sa), BUS_EV_SA_UP);
	ck_assert(table->get(table, sa.mark, &got));
	ck_assert_str_eq(got.remote_id, sa.remote_id);
}
END_TEST

static struct bus_sa peer(const char *address, const char *id)
{
	struct bus_sa sa = {0};

	ck_assert_int_eq(addr_parse(&sa.remote, address, 500), 0);
	snprintf(sa.remote_id, sizeof(sa.remote_id), "%s", id);
	return sa;
}

/* Known as long as it has an SA, and a while longer; forgotten in the order of leaving. */
START_TEST(test_known)
{
	l2tp_known_t *known = l2tp_known_create(60);
	struct bus_sa sas[] = {peer("192.0.2.1", "alice"), peer("192.0.2.1", "bob"),
			       peer("192.0.2.2", "alice")};
	struct bus_sa moved = peer("192.0.2.1:4500", "alice");
	uint64_t p[countof(sas)];

	for (size_t i = 0; i < countof(sas); i++) {
		p[i] = l2tp_known_hash(&sas[i]);
		ck_assert(!known->has(known, p[i], 0));
		known->add(known, p[i]);
	}
	ck_assert_uint_eq(l2tp_known_hash(&moved), p[0]);
	known->add(known, p[0]);
	known->remove(known, p[0], 100);
	ck_assert(known->has(known, p[0], 1000)); /* it has another one */
	known->remove(known, p[0], 1000);
	known->remove(known, p[1], 1030);
	known->remove(known, p[1], 1030); /* once too often */
	ck_assert(known->has(known, p[0], 1059));
	ck_assert(!known->has(known, p[0], 1060));
	ck_assert(known->has(known, p[1], 1089));
	known->add(known, p[1]); /* back in time */
	ck_assert(known->has(known, p[1], 9999));
	ck_assert(known->has(known, p[2], 9999));
	known->destroy(known);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("l2tp_binding");
	TCase *tc = tcase_create("l2tp_binding");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_events);
	tcase_add_test(tc, test_known);
	tcase_add_test(tc, test_current);
	tcase_add_test(tc, test_remove);
	tcase_add_test(tc, test_reason);
	tcase_add_test(tc, test_enumerate);
	tcase_add_test(tc, test_longest);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
