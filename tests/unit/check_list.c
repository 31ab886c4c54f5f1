/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/base/list: order, and deleting while walking. */
#include "lib/base/list.h"

#include <check.h>
#include <stdlib.h>

struct item {
	int n;
	struct list node;
};

static struct list head;
static struct item items[4];

static void setup(void)
{
	list_init(&head);
	for (int i = 0; i < 4; i++) {
		items[i].n = i;
		list_add(&head, &items[i].node);
	}
}

/* The numbers in the list as decimal digits behind a 1. */
static int digits(void)
{
	int n = 1;

	list_each (pos, &head)
		n = 10 * n + container_of(pos, struct item, node)->n;
	return n;
}

START_TEST(keeps_order)
{
	ck_assert_int_eq(digits(), 10123);
	list_del(&items[1].node);
	ck_assert_int_eq(digits(), 1023);
	list_add(&head, &items[1].node);
	ck_assert_int_eq(digits(), 10231);
}
END_TEST

START_TEST(deleting_twice_is_harmless)
{
	list_del(&items[0].node);
	list_del(&items[0].node);
	ck_assert(list_empty(&items[0].node));
	ck_assert_int_eq(digits(), 1123);
}
END_TEST

START_TEST(moves_to_another_list)
{
	struct list other;

	list_init(&other);
	list_move(&head, &other);
	ck_assert_int_eq(digits(), 10123);
	list_del(&items[0].node);
	list_add(&other, &items[0].node);
	list_move(&other, &head);
	ck_assert(list_empty(&head));
	list_move(&head, &other);
	ck_assert(list_empty(&other));
	ck_assert_int_eq(digits(), 10123);
}
END_TEST

START_TEST(deletes_while_walking)
{
	int n = 0;

	ck_assert(!list_empty(&head));
	list_each (pos, &head) {
		list_del(pos);
		n++;
	}
	ck_assert_int_eq(n, 4);
	ck_assert(list_empty(&head));
	ck_assert_int_eq(digits(), 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("list");
	TCase *t = tcase_create("list");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, keeps_order);
	tcase_add_test(t, deleting_twice_is_harmless);
	tcase_add_test(t, deletes_while_walking);
	tcase_add_test(t, moves_to_another_list);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
