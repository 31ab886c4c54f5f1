/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/bus/msg: one message byte by byte, all its truncations, what is refused, random damage. */
#include "lib/bus/msg.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t fixed[] = {
	3, 4, 'k', 'e', 'y', '1', 0,   6, 'v', 'a', 'l', 'u', 'e', '1', /* key1 = value1 */
	1, 3, 's', 'u', 'b',                                            /* sub { */
	3, 1, 'n', 0,   2,   '4', '2',                                  /*   n = 42 */
	1, 1, 'x',                                                      /*   x { */
	3, 4, 'f', 'l', 'a', 'g', 0,   3, 'y', 'e', 's',                /*     flag = yes */
	2,                                                              /*   } */
	2,                                                              /* } */
	4, 2, 'l', '1',                                                 /* l1 = [ */
	5, 0, 1,   'a',                                                 /*   a */
	5, 0, 0,                                                        /*   (an empty item) */
	6,                                                              /* ] */
	3, 1, 'e', 0,   0,                                              /* e = (empty) */
};

static struct view fixed_view(void)
{
	return (struct view){fixed, sizeof(fixed)};
}

static void build_fixed(struct msg_out *m, void *buf, size_t cap)
{
	msg_init(m, buf, cap);
	msg_str(m, "key1", "value1");
	msg_section(m, "sub");
	msg_u64(m, "n", 42);
	msg_section(m, "x");
	msg_flag(m, "flag", true);
	msg_section_end(m);
	msg_section_end(m);
	msg_list(m, "l1");
	msg_item(m, view_str("a"));
	msg_item(m, (struct view){0});
	msg_list_end(m);
	msg_bytes(m, "e", (struct view){0});
}

START_TEST(builds_byte_by_byte)
{
	uint8_t buf[sizeof(fixed)];
	struct msg_out m;
	struct view v;

	build_fixed(&m, buf, sizeof(buf));
	ck_assert_int_eq(msg_done(&m, &v), 0);
	ck_assert_uint_eq(v.len, sizeof(fixed));
	ck_assert_mem_eq(v.p, fixed, sizeof(fixed));
}
END_TEST

START_TEST(never_writes_past_its_room)
{
	for (size_t cap = 0; cap < sizeof(fixed); cap++) {
		uint8_t *buf = malloc(cap + 1);
		struct msg_out m;
		struct view v;

		build_fixed(&m, cap ? buf : NULL, cap);
		ck_assert_int_eq(msg_done(&m, &v), -EMSGSIZE);
		free(buf);
	}
}
END_TEST

START_TEST(walks_element_by_element)
{
	static const struct {
		enum msg_type type;
		unsigned int depth;
		const char *name, *value;
	} want[] = {
		{MSG_KEY, 0, "key1", "value1"}, {MSG_SECTION, 0, "sub", ""},
		{MSG_KEY, 1, "n", "42"},        {MSG_SECTION, 1, "x", ""},
		{MSG_KEY, 2, "flag", "yes"},    {MSG_SECTION_END, 1, "", ""},
		{MSG_SECTION_END, 0, "", ""},   {MSG_LIST, 0, "l1", ""},
		{MSG_ITEM, 0, "", "a"},         {MSG_ITEM, 0, "", ""},
		{MSG_LIST_END, 0, "", ""},      {MSG_KEY, 0, "e", ""},
	};
	struct msg_in in;
	struct msg_el el;

	msg_walk(&in, fixed_view());
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		ck_assert_int_eq(msg_next(&in, &el), 1);
		ck_assert_int_eq(el.type, want[i].type);
		ck_assert_uint_eq(el.depth, want[i].depth);
		ck_assert(view_is(el.name, want[i].name));
		ck_assert(view_is(el.value, want[i].value));
	}
	ck_assert_int_eq(msg_next(&in, &el), 0);
	ck_assert_int_eq(msg_next(&in, &el), 0); /* and stays at the end */
}
END_TEST

/* How often a truncation is a message of its own: at each end of an element of the top level. */
START_TEST(every_truncation)
{
	static const size_t whole[] = {0, 14, 42, 54};
	size_t next = 0;

	for (size_t len = 0; len < sizeof(fixed); len++) {
		uint8_t *copy = malloc(len + 1);
		int r;

		memcpy(copy + 1, fixed, len);
		r = msg_check((struct view){copy + 1, len});
		if (next < 4 && len == whole[next]) {
			ck_assert_int_eq(r, 0);
			next++;
		} else {
			ck_assert_int_eq(r, -EBADMSG);
		}
		free(copy);
	}
	ck_assert_uint_eq(next, 4);
	ck_assert_int_eq(msg_check(fixed_view()), 0);
	ck_assert_int_eq(msg_check((struct view){0}), 0);
}
END_TEST

#define BYTES(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})

static const struct {
	const char *why;
	const uint8_t *p;
	size_t len;
} refused[] = {
	{"type 0", BYTES(0)},
	{"type 7", BYTES(7)},
	{"type 255", BYTES(255)},
	{"section without a name", BYTES(1, 0, 2)},
	{"key without a name", BYTES(3, 0, 0, 0)},
	{"list without a name", BYTES(4, 0, 6)},
	{"name with a zero byte", BYTES(3, 3, 'a', 0, 'b', 0, 0)},
	{"section never closed", BYTES(1, 1, 'a')},
	{"section closed twice", BYTES(1, 1, 'a', 2, 2)},
	{"section end at the top", BYTES(2)},
	{"list never closed", BYTES(4, 1, 'a')},
	{"list end without a list", BYTES(6)},
	{"item without a list", BYTES(5, 0, 1, 'a')},
	{"key in a list", BYTES(4, 1, 'a', 3, 1, 'b', 0, 0, 6)},
	{"section in a list", BYTES(4, 1, 'a', 1, 1, 'b', 2, 6)},
	{"list in a list", BYTES(4, 1, 'a', 4, 1, 'b', 6, 6)},
	{"section end in a list", BYTES(1, 1, 's', 4, 1, 'a', 2)},
	{"name past the end", BYTES(3, 9, 'a', 0, 0)},
	{"value past the end", BYTES(3, 1, 'a', 0, 2, 'x')},
	{"value of 65535 bytes that are not there", BYTES(3, 1, 'a', 255, 255, 'x')},
};

START_TEST(refuses)
{
	struct view v = {refused[_i].p, refused[_i].len};
	struct msg_in in;
	struct msg_el el;
	int r;

	ck_assert_msg(msg_check(v) == -EBADMSG, "%s", refused[_i].why);
	msg_walk(&in, v);
	while ((r = msg_next(&in, &el)) > 0)
		;
	ck_assert_int_eq(r, -EBADMSG);
	ck_assert_int_eq(msg_next(&in, &el), -EBADMSG); /* for good */
}
END_TEST

START_TEST(depth_is_bounded)
{
	uint8_t buf[256];
	struct msg_out m;
	struct view v;

	for (unsigned int depth = MSG_DEPTH_MAX; depth <= MSG_DEPTH_MAX + 1; depth++) {
		bool fits = depth == MSG_DEPTH_MAX;
		struct wr out;

		msg_init(&m, buf, sizeof(buf));
		for (unsigned int i = 0; i < depth; i++)
			msg_section(&m, "s");
		for (unsigned int i = 0; i < depth; i++)
			msg_section_end(&m);
		ck_assert_int_eq(msg_done(&m, &v), fits ? 0 : -EINVAL);

		wr_init(&out, buf, sizeof(buf));
		for (unsigned int i = 0; i < depth; i++)
			wr_bytes(&out, "\x01\x01s", 3);
		for (unsigned int i = 0; i < depth; i++)
			wr_u8(&out, MSG_SECTION_END);
		ck_assert_int_eq(msg_check((struct view){buf, out.len}), fits ? 0 : -EBADMSG);
	}
}
END_TEST

static char long_name[300];
static uint8_t long_value[65536 + 1];

/* Each step makes the message one that cannot be. */
static void misuse(struct msg_out *m, int step)
{
	switch (step) {
	case 0: msg_section_end(m); break;
	case 1: msg_list_end(m); break;
	case 2: msg_item(m, view_str("x")); break;
	case 3: msg_section(m, "open"); break;
	case 4: msg_list(m, "open"); break;
	case 5:
		msg_list(m, "l");
		msg_str(m, "k", "v");
		msg_list_end(m);
		break;
	case 6:
		msg_section(m, "s");
		msg_list(m, "l");
		msg_section_end(m);
		msg_list_end(m);
		msg_section_end(m);
		break;
	case 7: msg_str(m, "", "v"); break;
	case 8: msg_str(m, long_name, "v"); break;
	case 9: msg_bytes(m, "k", (struct view){long_value, 65536}); break;
	}
}

START_TEST(misuse_shows_at_the_end)
{
	static uint8_t buf[100000];
	struct msg_out m;
	struct view v;

	memset(long_name, 'n', 256);
	msg_init(&m, buf, sizeof(buf));
	misuse(&m, _i);
	ck_assert_int_eq(msg_done(&m, &v), -EINVAL);
}
END_TEST

START_TEST(longest_name_and_value)
{
	static uint8_t buf[70000];
	struct msg_out m;
	struct view v, value;

	memset(long_name, 'n', 255);
	msg_init(&m, buf, sizeof(buf));
	msg_bytes(&m, long_name, (struct view){long_value, 65535});
	ck_assert_int_eq(msg_done(&m, &v), 0);
	ck_assert_int_eq(msg_find(v, long_name, &value), 0);
	ck_assert_uint_eq(value.len, 65535);
}
END_TEST

static const struct {
	const char *path;
	const char *value; /* NULL: not there */
	int cut;           /* what is said when the last byte is missing */
} paths[] = {
	{"key1", "value1", 0},       {"sub.n", "42", 0},
	{"sub.x.flag", "yes", 0},    {"e", "", -EBADMSG},
	{"n", NULL, -EBADMSG},       {"flag", NULL, -EBADMSG},
	{"sub", NULL, -EBADMSG},     {"l1", NULL, -EBADMSG},
	{"key", NULL, -EBADMSG},     {"key11", NULL, -EBADMSG},
	{"x.flag", NULL, -EBADMSG},  {"", NULL, -EBADMSG},
	{".", NULL, -EBADMSG},       {".n", NULL, -EBADMSG},
	{"sub.x", NULL, -ENOENT}, /* the section is over before the damage */
	{"sub.flag", NULL, -ENOENT}, {"sub.e", NULL, -ENOENT},
	{"sub.", NULL, -ENOENT},
};

START_TEST(finds_by_path)
{
	struct view v;
	int r = msg_find(fixed_view(), paths[_i].path, &v);

	ck_assert_int_eq(r, paths[_i].value ? 0 : -ENOENT);
	if (!r)
		ck_assert(view_is(v, paths[_i].value));
	/* Broken in its last element: what stands before it is found all the same. */
	r = msg_find((struct view){fixed, sizeof(fixed) - 1}, paths[_i].path, &v);
	ck_assert_int_eq(r, paths[_i].cut);
}
END_TEST

/* Build again what the walker gives. */
static void rebuild(struct msg_out *m, struct view msg)
{
	struct msg_in in;
	struct msg_el el;

	msg_walk(&in, msg);
	while (msg_next(&in, &el) > 0) {
		char name[256] = "";

		memcpy(name, el.name.len ? el.name.p : (const uint8_t *)"", el.name.len);
		switch (el.type) {
		case MSG_SECTION: msg_section(m, name); break;
		case MSG_SECTION_END: msg_section_end(m); break;
		case MSG_KEY: msg_bytes(m, name, el.value); break;
		case MSG_LIST: msg_list(m, name); break;
		case MSG_ITEM: msg_item(m, el.value); break;
		case MSG_LIST_END: msg_list_end(m); break;
		}
	}
}

START_TEST(random_damage)
{
	unsigned int good = 0, bad = 0;

	srandom(2661);
	for (int i = 0; i < 50000; i++) {
		uint8_t *copy = malloc(sizeof(fixed)), buf[sizeof(fixed)];
		struct view v = {copy, sizeof(fixed)}, again;
		struct msg_out m;

		memcpy(copy, fixed, sizeof(fixed));
		for (long n = 1 + random() % 3; n; n--)
			copy[(size_t)random() % sizeof(fixed)] = (uint8_t)random();
		if (msg_check(v)) {
			bad++;
		} else {
			good++;
			msg_init(&m, buf, sizeof(buf));
			rebuild(&m, v);
			ck_assert_int_eq(msg_done(&m, &again), 0);
			ck_assert_uint_eq(again.len, v.len);
			ck_assert_mem_eq(again.p, v.p, v.len);
		}
		free(copy);
	}
	/* Both happened: the damage was neither too much nor too little. */
	ck_assert_uint_gt(good, 1000);
	ck_assert_uint_gt(bad, 1000);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("msg");
	TCase *t = tcase_create("msg");
	SRunner *r;
	int failed;

	tcase_add_test(t, builds_byte_by_byte);
	tcase_add_test(t, never_writes_past_its_room);
	tcase_add_test(t, walks_element_by_element);
	tcase_add_test(t, every_truncation);
	tcase_add_loop_test(t, refuses, 0, sizeof(refused) / sizeof(refused[0]));
	tcase_add_test(t, depth_is_bounded);
	tcase_add_loop_test(t, misuse_shows_at_the_end, 0, 10);
	tcase_add_test(t, longest_name_and_value);
	tcase_add_loop_test(t, finds_by_path, 0, sizeof(paths) / sizeof(paths[0]));
	tcase_add_test(t, random_damage);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
