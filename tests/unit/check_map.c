/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/base/map: what is stored is found, what was taken out is not, also in one slot. */
#include "lib/base/map.h"

#include <check.h>
#include <stdlib.h>

#include "lib/base/list.h"

#define N 5000

struct item {
	struct map_node node;
	uint32_t key;
	unsigned int seen;
};

static struct item items[N];
static struct map map;

static bool match(const struct map_node *node, const void *key)
{
	return container_of(node, const struct item, node)->key == *(const uint32_t *)key;
}

static struct item *find(uint32_t key, uint64_t hash)
{
	struct map_node *node = map_find(&map, hash, match, &key);

	return node ? container_of(node, struct item, node) : NULL;
}

/* As keys are hashed in the program, or all to the same slot. */
static uint64_t hash_of(uint32_t key, bool same)
{
	return same ? 42 : map_hash(&key, sizeof(key));
}

static void fill(uint32_t n, bool same)
{
	map_init(&map);
	for (uint32_t i = 0; i < n; i++) {
		items[i] = (struct item){.key = i};
		ck_assert_int_eq(map_add(&map, &items[i].node, hash_of(i, same)), 0);
	}
	ck_assert_uint_eq(map.n, n);
}

START_TEST(finds_what_is_stored)
{
	bool same = _i;
	uint32_t n = same ? 300 : N;

	fill(n, same);
	for (uint32_t i = 0; i < n; i++)
		ck_assert_ptr_eq(find(i, hash_of(i, same)), &items[i]);
	ck_assert_ptr_null(find(n, hash_of(n, same)));
	for (uint32_t i = 0; i < n; i += 2)
		map_del(&map, &items[i].node);
	ck_assert_uint_eq(map.n, n / 2);
	for (uint32_t i = 0; i < n; i++)
		ck_assert_ptr_eq(find(i, hash_of(i, same)), i % 2 ? &items[i] : NULL);
	map_done(&map);
	ck_assert_uint_eq(map.n, 0);
}
END_TEST

START_TEST(visits_each_once)
{
	fill(N, false);
	for (struct map_node *n = map_next(&map, NULL); n; n = map_next(&map, n))
		container_of(n, struct item, node)->seen++;
	for (uint32_t i = 0; i < N; i++)
		ck_assert_uint_eq(items[i].seen, 1);
	map_done(&map);
}
END_TEST

START_TEST(empty)
{
	uint32_t key = 1;

	map_init(&map);
	ck_assert_ptr_null(find(key, 0));
	ck_assert_ptr_null(map_next(&map, NULL));
	map_done(&map);
}
END_TEST

START_TEST(hash_spreads)
{
	unsigned int slots[64] = {0};
	uint8_t key[16] = {0};

	ck_assert(map_hash(key, 16) == map_hash(key, 16));
	ck_assert(map_hash(key, 8) != map_hash(key, 16)); /* the length counts */
	ck_assert(map_hash(key, 7) != map_hash(key, 8));
	for (unsigned int i = 0; i < 6400; i++) {
		key[15] = (uint8_t)i;
		key[14] = (uint8_t)(i >> 8);
		slots[map_hash(key, sizeof(key)) % 64]++;
	}
	/* 100 expected in each; a fair hash leaves this range once in 10^9 runs */
	for (int i = 0; i < 64; i++) {
		ck_assert_uint_gt(slots[i], 30);
		ck_assert_uint_lt(slots[i], 190);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("map");
	TCase *t = tcase_create("map");
	SRunner *r;
	int failed;

	tcase_add_loop_test(t, finds_what_is_stored, 0, 2);
	tcase_add_test(t, visits_each_once);
	tcase_add_test(t, empty);
	tcase_add_test(t, hash_spreads);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
