/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sections 4.4 and 6 of RFC 2661, written down a second time from the document alone and held
 * against what the codec does: M bit, hiding, length and messages of each AVP, and what a message
 * must have.
 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "l2tpd/wire/hide.h"
#include "l2tpd/wire/msg.h"

#define ANY       SIZE_MAX /* any length */
#define COUNT(a)  (sizeof(a) / sizeof((a)[0]))
#define IN(type)  (1U << (type))
#define VECTOR_AT 36

enum {
	SCCRQ = 1,
	SCCRP,
	SCCCN,
	STOPCCN,
	HELLO = 6,
	OCRQ,
	OCRP,
	OCCN,
	ICRQ,
	ICRP,
	ICCN,
	CDN = 14,
	WEN,
	SLI
};

/* The title line of each AVP: its number and messages; and its last lines: H bit, M bit, length. */
static const struct {
	uint16_t number;
	bool mandatory, hideable;
	size_t len; /* of the value */
	unsigned int messages;
} avps[] = {
	{1, true, false, ANY, IN(CDN) | IN(STOPCCN)},
	{2, true, false, 2, IN(SCCRP) | IN(SCCRQ)},
	{3, true, true, 4, IN(SCCRP) | IN(SCCRQ)},
	{4, true, true, 4, IN(SCCRP) | IN(SCCRQ)},
	{5, false, false, 8, IN(SCCRQ)},
	{6, false, true, 2, IN(SCCRP) | IN(SCCRQ)},
	{7, true, false, ANY, IN(SCCRP) | IN(SCCRQ)},
	{8, false, true, ANY, IN(SCCRP) | IN(SCCRQ)},
	{9, true, true, 2, IN(SCCRP) | IN(SCCRQ) | IN(STOPCCN)},
	{10, true, false, 2, IN(SCCRQ) | IN(SCCRP)},
	{11, true, true, ANY, IN(SCCRP) | IN(SCCRQ)},
	{12, true, false, ANY, IN(CDN)},
	{13, true, true, 16, IN(SCCCN) | IN(SCCRP)},
	{14, true, true, 2, IN(CDN) | IN(ICRP) | IN(ICRQ) | IN(OCRP) | IN(OCRQ)},
	{15, true, true, 4, IN(ICRQ) | IN(OCRQ)},
	{16, true, true, 4, IN(OCRQ)},
	{17, true, true, 4, IN(OCRQ)},
	{18, true, true, 4, IN(ICRQ) | IN(OCRQ)},
	{19, true, true, 4, IN(ICCN) | IN(OCCN) | IN(OCRQ)},
	{21, true, true, ANY, IN(ICRQ) | IN(OCRQ)},
	{22, true, true, ANY, IN(ICRQ)},
	{23, true, true, ANY, IN(ICRQ) | IN(OCRQ)},
	{24, true, true, 4, IN(ICCN) | IN(OCCN)},
	{25, false, true, 4, IN(ICRQ) | IN(OCRP)},
	{26, false, true, ANY, IN(ICCN)},
	{27, false, true, ANY, IN(ICCN)},
	{28, false, true, ANY, IN(ICCN)},
	{29, false, true, 2, IN(ICCN)},
	{30, false, true, ANY, IN(ICCN)},
	{31, false, true, ANY, IN(ICCN)},
	{32, false, true, 2, IN(ICCN)},
	{33, false, true, ANY, IN(ICCN)},
	{34, true, true, 26, IN(WEN)},
	{35, true, true, 10, IN(SLI)},
	{37, false, true, ANY, IN(ICCN)},
	{38, false, true, 4, IN(ICCN) | IN(OCCN)},
	{39, true, false, 0, IN(ICCN) | IN(OCCN)},
};

/* "The following AVPs MUST be present", besides the Message Type. */
static const struct {
	uint16_t type;
	uint16_t must[8];   /* ended by 0 */
	uint16_t spared[3]; /* those of them that a tolerant reader does without */
} messages[] = {
	{SCCRQ, {2, 7, 3, 9}, {0}},
	{SCCRP, {2, 3, 7, 9}, {0}},
	{SCCCN, {0}, {0}},
	{STOPCCN, {9, 1}, {9, 1}},
	{HELLO, {0}, {0}},
	{ICRQ, {14, 15}, {15}},
	{ICRP, {14}, {0}},
	{ICCN, {24, 19}, {24, 19}},
	{OCRQ, {14, 15, 16, 17, 18, 19, 21}, {0}},
	{OCRP, {14}, {0}},
	{OCCN, {24, 19}, {24, 19}},
	{CDN, {1, 14}, {1, 14}},
	{WEN, {34}, {0}},
	{SLI, {35}, {0}},
};

static const struct msg_rules strict = {MSG_STRICT, {NULL, 0}};

static bool is_in(const uint16_t *list, size_t n, uint16_t number)
{
	for (size_t i = 0; i < n && list[i]; i++)
		if (list[i] == number)
			return true;
	return false;
}

static size_t row_of(uint16_t number)
{
	size_t i = 0;

	while (i < COUNT(avps) - 1 && avps[i].number != number)
		i++;
	ck_assert_uint_eq(avps[i].number, number);
	return i;
}

/* One AVP as a peer would send it, by the row; its value is 0, 1, 0, 1 ... */
static void put_avp(struct wr *out, size_t row)
{
	size_t len = avps[row].len == ANY ? 16 : avps[row].len;

	wr_u16(out, (uint16_t)((avps[row].mandatory ? 0x8000 : 0) | (6 + len)));
	wr_u16(out, 0);
	wr_u16(out, avps[row].number);
	for (size_t i = 0; i < len; i++)
		wr_u8(out, i % 2);
}

/* A message with what it must have, but for AVP `without`, and with AVP `with`; 0: none. */
static struct view put_message(struct wr *out, size_t message, uint16_t without, uint16_t with)
{
	const uint16_t *must = messages[message].must;

	wr_u16(out, 0x8008);
	wr_u16(out, 0);
	wr_u16(out, 0);
	wr_u16(out, messages[message].type);
	for (size_t i = 0; i < COUNT(messages[0].must) && must[i]; i++)
		if (must[i] != without && must[i] != with)
			put_avp(out, row_of(must[i]));
	if (with)
		put_avp(out, row_of(with));
	ck_assert(!out->bad);
	return (struct view){out->buf, out->len};
}

/* What leaves, everything hidden that may be: the flags of each AVP, and where the vector is. */
static void check_sent(const struct msg *m)
{
	static const uint8_t vector[16] = "random, they say";
	const struct hiding hide = {{view_str("secret"), {vector, 16}}, {vector, 16}, UINT64_MAX};
	uint8_t bytes[MSG_LEN_MAX];
	struct avp_raw raw;
	bool vector_was = false;
	struct wr out;
	struct rd in;

	wr_init(&out, bytes, sizeof(bytes));
	ck_assert_int_eq(msg_build(&out, m, &hide), 0);
	rd_init(&in, bytes, out.len);
	ck_assert_int_eq(avp_next(&in, &raw), 1);
	ck_assert(!raw.number && raw.mandatory && !raw.hidden); /* Message Type */
	while (avp_next(&in, &raw) == 1) {
		ck_assert(!raw.reserved && !raw.vendor);
		if (raw.number == VECTOR_AT) {
			ck_assert(raw.mandatory && !raw.hidden);
			vector_was = true;
			continue;
		}
		ck_assert_int_eq(raw.mandatory, avps[row_of(raw.number)].mandatory);
		ck_assert_int_eq(raw.hidden, avps[row_of(raw.number)].hideable);
		ck_assert(!raw.hidden || vector_was);
	}
	ck_assert(!in.left);
}

/* Each AVP in each message: taken where it belongs, refused elsewhere, and sent as it has to be. */
START_TEST(each_avp_in_its_messages)
{
	const uint16_t number = avps[_i].number;

	for (size_t i = 0; i < COUNT(messages); i++) {
		bool belongs = avps[_i].messages & IN(messages[i].type);
		bool closes = messages[i].type == STOPCCN || messages[i].type == CDN;
		uint8_t bytes[256];
		struct verdict v;
		struct msg m;
		struct wr out;
		int err;

		wr_init(&out, bytes, sizeof(bytes));
		err = msg_parse(&m, put_message(&out, i, 0, number), &strict, NULL, &v);
		ck_assert_msg(!err == (belongs || closes || !avps[_i].mandatory),
			      "AVP %u in %s: %s", number, msg_name(messages[i].type), v.text);
		ck_assert_msg((m.has >> number & 1) == belongs, "AVP %u in %s", number,
			      msg_name(messages[i].type));
		if (!err)
			check_sent(&m);
	}
}
END_TEST

/* A byte less and a byte more than the length that it has. */
START_TEST(each_avp_by_its_length)
{
	for (int more = -1; more <= 1; more += 2) {
		uint8_t bytes[64] = {0};
		uint16_t number = avps[_i].number;
		size_t len = avps[_i].len;
		struct avp_raw raw = {.number = number, .value = {bytes, len + (size_t)more}};
		struct msg room;

		if (len == ANY || (!len && more < 0))
			continue;
		ck_assert_msg(avp_read(&raw, &room) == -EMSGSIZE, "AVP %u of %zu", number, len);
	}
}
END_TEST

/* Without one that it must have, a message is refused, but for those of the second list. */
START_TEST(each_message_has_what_it_must)
{
	const uint16_t *must = messages[_i].must;
	bool closes = messages[_i].type == STOPCCN || messages[_i].type == CDN;

	for (size_t i = 0; i < COUNT(messages[0].must) && must[i]; i++) {
		bool spared = is_in(messages[_i].spared, COUNT(messages[0].spared), must[i]);
		uint8_t bytes[256];
		struct verdict v = {0};
		struct view body;
		struct msg m;
		struct wr out;

		wr_init(&out, bytes, sizeof(bytes));
		body = put_message(&out, (size_t)_i, must[i], 0);
		ck_assert_int_eq(!msg_parse(&m, body, NULL, NULL, &v), spared);
		ck_assert_int_eq(!msg_parse(&m, body, &strict, NULL, &v), closes);
		ck_assert(closes || v.avp == must[i]);

		/* and none leaves without it, tolerant or not */
		wr_init(&out, bytes, sizeof(bytes));
		ck_assert(spared || msg_build(&out, &m, NULL));
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("avps");
	TCase *t = tcase_create("avps");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_add_loop_test(t, each_avp_in_its_messages, 0, (int)COUNT(avps));
	tcase_add_loop_test(t, each_avp_by_its_length, 0, (int)COUNT(avps));
	tcase_add_loop_test(t, each_message_has_what_it_must, 0, (int)COUNT(messages));
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
