/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pppd-plugin/offer: what is asked for after what the peer has said. */
#include "pppd-plugin/offer.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BYTES(...)                                                                                 \
	((struct view){(const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})})

/* Options of LCP */
#define ASKS_PAP      3, 4, 0xc0, 0x23
#define ASKS_MD5      3, 5, 0xc2, 0x23, 5
#define ASKS_MSCHAPV2 3, 5, 0xc2, 0x23, 0x81
#define ASKS_MSCHAP   3, 5, 0xc2, 0x23, 0x80
#define ASKS_EAP      3, 4, 0xc2, 0x27
#define MAGIC         5, 6, 1, 2, 3, 4
#define MRU           1, 4, 5, 0

static bool all(const struct auth_method *m)
{
	(void)m;
	return true;
}

static bool without_eap(const struct auth_method *m)
{
	return m != &eap_method;
}

static bool none(const struct auth_method *m)
{
	(void)m;
	return false;
}

static const char *word(const struct offer *o)
{
	return o->now ? o->now->word : "nothing";
}

static const struct {
	const char *offered;
	struct view options; /* of the peer's answer to the first one */
	bool rejected;
	const char *next;
	struct view rest;
} answers[] = {
	/* a wish for one of ours */
	{"eap,mschapv2,pap", BYTES(ASKS_MSCHAPV2), false, "mschapv2", {NULL, 0}},
	{"eap,mschapv2,pap", BYTES(ASKS_PAP), false, "pap", {NULL, 0}},
	{"pap,chap,mschapv2,eap", BYTES(MRU, ASKS_EAP, MAGIC), false, "eap", BYTES(MRU, MAGIC)},
	{"chap,mschapv2", BYTES(ASKS_MSCHAPV2), false, "mschapv2", {NULL, 0}},
	/* for another one: the next */
	{"eap,mschapv2,pap", BYTES(ASKS_MD5), false, "mschapv2", {NULL, 0}},
	{"eap,pap", BYTES(ASKS_MSCHAP), false, "pap", {NULL, 0}},
	{"eap,pap", BYTES(3, 2), false, "pap", {NULL, 0}},
	/* for the very same */
	{"eap,pap", BYTES(ASKS_EAP), false, "pap", {NULL, 0}},
	/* there is no next one */
	{"mschapv2", BYTES(ASKS_PAP), false, "nothing", {NULL, 0}},
	/* a rejection holds what we asked for */
	{"eap,mschapv2,pap", BYTES(ASKS_EAP, MAGIC), true, "mschapv2", BYTES(MAGIC)},
	{"mschapv2,eap", BYTES(ASKS_MSCHAPV2), true, "eap", {NULL, 0}},
	{"mschapv2,eap", BYTES(ASKS_MD5), true, "mschapv2", {NULL, 0}},
	/* nothing about authentication */
	{"eap,pap", BYTES(MRU, MAGIC), false, "eap", BYTES(MRU, MAGIC)},
	/* malformed: pppd sees it */
	{"eap,pap", BYTES(MRU, 3, 5, 0xc2), false, "eap", BYTES(MRU, 3, 5, 0xc2)},
	{"eap,pap", BYTES(MRU, 3), false, "eap", BYTES(MRU, 3)},
	{"eap,pap", BYTES(3, 1, 0xc0, 0x23), false, "eap", BYTES(3, 1, 0xc0, 0x23)},
	{"eap,pap", BYTES(0, 0), false, "eap", BYTES(0, 0)},
};

START_TEST(answered)
{
	size_t cap = answers[_i].options.len, len = 99;
	uint8_t *rest = malloc(cap);
	struct offer o;

	ck_assert_ptr_nonnull(rest);
	ck_assert_int_eq(offer_parse(&o, answers[_i].offered), 0);
	offer_begin(&o, all);
	offer_answered(&o, answers[_i].options, answers[_i].rejected, rest, &len);
	ck_assert_str_eq(word(&o), answers[_i].next);
	ck_assert_uint_eq(len, answers[_i].rest.len);
	if (len)
		ck_assert_mem_eq(rest, answers[_i].rest.p, len);
	free(rest);
}
END_TEST

/* Whatever the peer says, it comes to an end. */
START_TEST(goes_down_the_list)
{
	uint8_t rest[4];
	struct offer o;
	size_t len;

	ck_assert_int_eq(offer_parse(&o, "chap,eap,pap,mschapv2"), 0);
	offer_begin(&o, all);
	ck_assert_str_eq(word(&o), "chap");
	offer_answered(&o, BYTES(ASKS_EAP), false, rest, &len);
	ck_assert_str_eq(word(&o), "eap");
	offer_answered(&o, BYTES(ASKS_EAP), true, rest, &len);
	ck_assert_str_eq(word(&o), "pap");
	offer_answered(&o, BYTES(ASKS_EAP), false, rest, &len); /* which it has refused */
	ck_assert_str_eq(word(&o), "mschapv2");
	offer_answered(&o, BYTES(ASKS_PAP), false, rest, &len);
	ck_assert_ptr_null(o.now);
	offer_answered(&o, BYTES(ASKS_PAP), false, rest, &len);
	ck_assert_ptr_null(o.now);
	offer_begin(&o, all);
	ck_assert_str_eq(word(&o), "chap");
	ck_assert(!o.refused[1]);
}
END_TEST

START_TEST(only_what_is_possible)
{
	uint8_t rest[4];
	struct offer o;
	size_t len;

	ck_assert_int_eq(offer_parse(&o, "eap,pap,mschapv2"), 0);
	offer_begin(&o, without_eap);
	ck_assert_str_eq(word(&o), "pap");
	offer_answered(&o, BYTES(ASKS_EAP), false, rest, &len);
	ck_assert_str_eq(word(&o), "mschapv2");
	offer_begin(&o, none);
	ck_assert_ptr_null(o.now);
}
END_TEST

static const char *const unread[] = {"",        "eap,", ",eap",    "eap,md5",
				     "eap,eap", "EAP",  "eap pap", "eap,pap,chap,mschapv2,pap"};

START_TEST(bad_words)
{
	struct offer o = {.n = 7};

	ck_assert_int_eq(offer_parse(&o, unread[_i]), -EINVAL);
	ck_assert_uint_eq(o.n, 7);
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

int main(void)
{
	Suite *s = suite_create("offer");
	TCase *t = tcase_create("offer");
	SRunner *r;
	int failed;

	tcase_add_loop_test(t, answered, 0, COUNT(answers));
	tcase_add_test(t, goes_down_the_list);
	tcase_add_test(t, only_what_is_possible);
	tcase_add_loop_test(t, bad_words, 0, COUNT(unread));
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
