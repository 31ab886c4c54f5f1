/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Headers, AVPs and messages: tables of bytes, each refusal a row, all truncations. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "l2tpd/wire/hdr.h"
#include "l2tpd/wire/msg.h"

#define BYTES(...) ((const uint8_t[]){__VA_ARGS__}), sizeof((const uint8_t[]){__VA_ARGS__})

/*
 * Headers
 */

static const struct {
	const char *what;
	const uint8_t *bytes;
	size_t len;
	int result;
	size_t body_len;
} headers[] = {
	{"ZLB", BYTES(0xc8, 2, 0, 12, 0x12, 0x34, 0, 5, 0, 1, 0, 2), 0, 0},
	{"one byte of body", BYTES(0xc8, 2, 0, 13, 0x12, 0x34, 0, 5, 0, 1, 0, 2, 9), 0, 1},
	{"padding behind it", BYTES(0xc8, 2, 0, 12, 0x12, 0x34, 0, 5, 0, 1, 0, 2, 9), 0, 0},
	{"priority bit", BYTES(0xc9, 2, 0, 12, 0x12, 0x34, 0, 5, 0, 1, 0, 2), 0, 0},
	{"reserved bits", BYTES(0xf8, 0xf2, 0, 12, 0x12, 0x34, 0, 5, 0, 1, 0, 2), 0, 0},
	{"data", BYTES(0x00, 2, 0x12, 0x34, 0, 5, 0xff), 0, 1},
	{"data with length", BYTES(0x40, 2, 0, 9, 0x12, 0x34, 0, 5, 0xff), 0, 1},
	{"version 1", BYTES(0xc8, 1, 0, 12, 0x12, 0x34, 0, 5, 0, 1, 0, 2), -EBADMSG, 0},
	{"version 3", BYTES(0xc8, 3, 0, 12, 0x12, 0x34, 0, 5, 0, 1, 0, 2), -EBADMSG, 0},
	{"no length bit", BYTES(0x88, 2, 0x12, 0x34, 0, 5, 0, 1, 0, 2, 0, 0), -EBADMSG, 0},
	{"no sequence bit", BYTES(0xc0, 2, 0, 12, 0x12, 0x34, 0, 5, 0, 1, 0, 2), -EBADMSG, 0},
	{"offset bit", BYTES(0xca, 2, 0, 12, 0x12, 0x34, 0, 5, 0, 1, 0, 2), -EBADMSG, 0},
	{"length of 11", BYTES(0xc8, 2, 0, 11, 0x12, 0x34, 0, 5, 0, 1, 0, 2), -EBADMSG, 0},
	{"length of 3", BYTES(0xc8, 2, 0, 3, 0x12, 0x34, 0, 5, 0, 1, 0, 2), -EBADMSG, 0},
	{"length past the end", BYTES(0xc8, 2, 0, 13, 0x12, 0x34, 0, 5, 0, 1, 0, 2), -EBADMSG, 0},
};

START_TEST(test_header)
{
	struct view body;
	struct hdr h;
	int err = hdr_parse(&h, &body, headers[_i].bytes, headers[_i].len);

	ck_assert_msg(err == headers[_i].result, "%s: %d", headers[_i].what, err);
	if (err)
		return;
	ck_assert_msg(body.len == headers[_i].body_len, "%s", headers[_i].what);
	ck_assert_uint_eq(h.tid, 0x1234);
	ck_assert_uint_eq(h.sid, 5);
	if (h.control) {
		ck_assert_uint_eq(h.ns, 1);
		ck_assert_uint_eq(h.nr, 2);
	}
}
END_TEST

START_TEST(test_header_built)
{
	uint8_t bytes[HDR_CONTROL_LEN];
	struct hdr in = {true, 1, 2, 3, 4}, out;
	struct view body;
	struct wr wr;

	wr_init(&wr, bytes, sizeof(bytes));
	hdr_build(&wr, &in, HDR_CONTROL_LEN);
	hdr_renumber(bytes, 0xfffe, 0xffff);
	ck_assert(!wr.bad && wr.len == HDR_CONTROL_LEN);
	ck_assert_int_eq(hdr_parse(&out, &body, bytes, sizeof(bytes)), 0);
	ck_assert(out.control && out.tid == 1 && out.sid == 2);
	ck_assert(out.ns == 0xfffe && out.nr == 0xffff && !body.len);
}
END_TEST

/*
 * One AVP: what is done with it, in an ICRQ that is right but for it.
 */

#define ICRQ_TYPE 0x80, 8, 0, 0, 0, 0, 0, 10  /* Message Type */
#define ICRQ_ID   0x80, 8, 0, 0, 0, 14, 0, 77 /* Assigned Session ID */
#define ICRQ_OK   ICRQ_TYPE, ICRQ_ID
#define SERIAL    0x80, 10, 0, 0, 0, 15, 0, 0, 0, 7 /* Call Serial Number */

static const struct {
	const char *what;
	const uint8_t *bytes;
	size_t len;
	int result;
	uint16_t error, vendor, avp;
} refusals[] = {
	{"right", BYTES(ICRQ_OK), 0, 0, 0, 0},
	{"type without M", BYTES(0, 8, 0, 0, 0, 0, 0, 10, ICRQ_ID), 0, 0, 0, 0},
	{"empty", BYTES(0), -EBADMSG, ERROR_RANGE, 0, AVP_MESSAGE_TYPE},
	{"type not first", BYTES(ICRQ_ID, ICRQ_TYPE), -EBADMSG, ERROR_RANGE, 0, AVP_SESSION_ID},
	{"type of 3 bytes", BYTES(0x80, 9, 0, 0, 0, 0, 0, 10, 0, ICRQ_ID), -EBADMSG, ERROR_LENGTH,
	 0, AVP_MESSAGE_TYPE},
	{"type of a vendor", BYTES(0x80, 8, 0, 9, 0, 0, 0, 10), -EBADMSG, ERROR_RANGE, 9,
	 AVP_MESSAGE_TYPE},
	{"type hidden", BYTES(0xc0, 8, 0, 0, 0, 0, 0, 10), -EBADMSG, ERROR_RANGE, 0,
	 AVP_MESSAGE_TYPE},
	{"unknown type", BYTES(0x80, 8, 0, 0, 0, 0, 0, 99), -EBADMSG, ERROR_UNKNOWN_AVP, 0,
	 AVP_MESSAGE_TYPE},
	{"unknown type without M", BYTES(0, 8, 0, 0, 0, 0, 0, 99), -ENOMSG, 0, 0, 0},
	{"type 5, which is none", BYTES(0, 8, 0, 0, 0, 0, 0, 5), -ENOMSG, 0, 0, 0},
	{"no session id", BYTES(ICRQ_TYPE), -EBADMSG, ERROR_VENDOR, 0, AVP_SESSION_ID},
	{"session id 0", BYTES(ICRQ_TYPE, 0x80, 8, 0, 0, 0, 14, 0, 0), -EBADMSG, ERROR_RANGE, 0,
	 AVP_SESSION_ID},
	{"session id of 1 byte", BYTES(ICRQ_TYPE, 0x80, 7, 0, 0, 0, 14, 1), -EBADMSG, ERROR_LENGTH,
	 0, AVP_SESSION_ID},
	{"unknown AVP", BYTES(ICRQ_OK, 0, 6, 0, 0, 0, 99), 0, 0, 0, 0},
	{"unknown AVP with M", BYTES(ICRQ_OK, 0x80, 6, 0, 0, 0, 99), -EBADMSG, ERROR_UNKNOWN_AVP, 0,
	 99},
	{"AVP 20, which is none", BYTES(ICRQ_OK, 0x80, 6, 0, 0, 0, 20), -EBADMSG, ERROR_UNKNOWN_AVP,
	 0, 20},
	{"vendor's AVP", BYTES(ICRQ_OK, 0, 6, 1, 55, 0, 14), 0, 0, 0, 0},
	{"vendor's AVP with M", BYTES(ICRQ_OK, 0x80, 6, 1, 55, 0, 14), -EBADMSG, ERROR_UNKNOWN_AVP,
	 311, 14},
	{"reserved bit", BYTES(ICRQ_OK, 0x04, 6, 0, 0, 0, 22), 0, 0, 0, 0},
	{"reserved bit with M", BYTES(ICRQ_OK, 0x84, 6, 0, 0, 0, 22), -EBADMSG, ERROR_UNKNOWN_AVP,
	 0, 22},
	{"hidden", BYTES(ICRQ_OK, 0x40, 8, 0, 0, 0, 22, 1, 2), 0, 0, 0, 0},
	{"hidden with M", BYTES(ICRQ_OK, 0xc0, 8, 0, 0, 0, 22, 1, 2), -EBADMSG, ERROR_UNKNOWN_AVP,
	 0, 22},
	{"length 0", BYTES(ICRQ_OK, 0x80, 0, 0, 0, 0, 22), -EBADMSG, ERROR_LENGTH, 0, 0},
	{"length 5", BYTES(ICRQ_OK, 0x80, 5, 0, 0, 0, 22), -EBADMSG, ERROR_LENGTH, 0, 0},
	{"length past the end", BYTES(ICRQ_OK, 0x80, 7, 0, 0, 0, 22), -EBADMSG, ERROR_LENGTH, 0, 0},
	{"longest length", BYTES(ICRQ_OK, 0x83, 0xff, 0, 0, 0, 22), -EBADMSG, ERROR_LENGTH, 0, 0},
	{"one stray byte", BYTES(ICRQ_OK, 0), -EBADMSG, ERROR_LENGTH, 0, 0},
	{"five stray bytes", BYTES(ICRQ_OK, 0x80, 6, 0, 0, 0), -EBADMSG, ERROR_LENGTH, 0, 0},
	{"AVP of another message", BYTES(ICRQ_OK, 0x80, 8, 0, 0, 0, 1, 0, 1), 0, 0, 0, 0},
	{"AVP of another message, wrong length", BYTES(ICRQ_OK, 0x80, 7, 0, 0, 0, 1, 0), 0, 0, 0,
	 0},
	{"bearer of 3 bytes", BYTES(ICRQ_OK, 0x80, 9, 0, 0, 0, 18, 0, 0, 1), -EBADMSG, ERROR_LENGTH,
	 0, AVP_BEARER_TYPE},
	{"the same without M", BYTES(ICRQ_OK, 0, 9, 0, 0, 0, 18, 0, 0, 1), 0, 0, 0, 0},
	{"empty number", BYTES(ICRQ_OK, 0x80, 6, 0, 0, 0, 22), 0, 0, 0, 0},
	{"id twice: the first counts", BYTES(ICRQ_OK, 0x80, 8, 0, 0, 0, 14, 0, 78), 0, 0, 0, 0},
	{"the first fault is told", BYTES(ICRQ_OK, 0x80, 6, 0, 0, 0, 98, 0x80, 6, 0, 0, 0, 99),
	 -EBADMSG, ERROR_UNKNOWN_AVP, 0, 98},
};

START_TEST(test_refusal)
{
	/* The first row that is not a message is really empty. */
	struct view body = {refusals[_i].bytes,
			    strcmp(refusals[_i].what, "empty") ? refusals[_i].len : 0};
	struct verdict v = {0};
	struct msg m;
	int err = msg_parse(&m, body, NULL, NULL, &v);

	ck_assert_msg(err == refusals[_i].result, "%s: %d", refusals[_i].what, err);
	if (err == -EBADMSG) {
		ck_assert_uint_eq(v.result, RESULT_GENERAL);
		ck_assert_msg(v.error == refusals[_i].error, "%s: error %u", refusals[_i].what,
			      v.error);
		ck_assert_uint_eq(v.vendor, refusals[_i].vendor);
		ck_assert_uint_eq(v.avp, refusals[_i].avp);
		ck_assert_ptr_nonnull(v.text);
	} else if (!err) {
		ck_assert_uint_eq(m.type, MSG_ICRQ);
		ck_assert_uint_eq(m.session_id, 77);
	}
}
END_TEST

/*
 * What is against the RFC, by strictness: the error code, 0 when it is taken
 */

#define TAKEN 0

static const struct {
	const char *what;
	const uint8_t *bytes;
	size_t len;
	uint16_t permissive, tolerant, strict;
	uint16_t avp;
} oddities[] = {
	{"nothing is odd", BYTES(ICRQ_OK, SERIAL), TAKEN, TAKEN, TAKEN, 0},
	{"unknown AVP with M", BYTES(ICRQ_OK, SERIAL, 0x80, 6, 0, 0, 0, 99), TAKEN,
	 ERROR_UNKNOWN_AVP, ERROR_UNKNOWN_AVP, 99},
	{"vendor's AVP with M", BYTES(ICRQ_OK, SERIAL, 0x80, 6, 0, 9, 0, 1), TAKEN,
	 ERROR_UNKNOWN_AVP, ERROR_UNKNOWN_AVP, 1},
	{"reserved bit with M", BYTES(ICRQ_OK, SERIAL, 0x84, 6, 0, 0, 0, 22), TAKEN,
	 ERROR_UNKNOWN_AVP, ERROR_UNKNOWN_AVP, 22},
	{"hidden with M, no secret", BYTES(ICRQ_OK, SERIAL, 0xc0, 8, 0, 0, 0, 22, 1, 2), TAKEN,
	 ERROR_UNKNOWN_AVP, ERROR_UNKNOWN_AVP, 22},
	{"unknown AVP", BYTES(ICRQ_OK, SERIAL, 0, 6, 0, 0, 0, 99), TAKEN, TAKEN, TAKEN, 0},
	{"Result Code in ICRQ (Windows)", BYTES(ICRQ_OK, SERIAL, 0x80, 8, 0, 0, 0, 1, 0, 1), TAKEN,
	 TAKEN, ERROR_UNKNOWN_AVP, AVP_RESULT_CODE},
	{"the same without M", BYTES(ICRQ_OK, SERIAL, 0, 8, 0, 0, 0, 1, 0, 1), TAKEN, TAKEN, TAKEN,
	 0},
	{"id twice", BYTES(ICRQ_OK, SERIAL, 0x80, 8, 0, 0, 0, 14, 0, 78), TAKEN, TAKEN, ERROR_RANGE,
	 AVP_SESSION_ID},
	{"type twice", BYTES(ICRQ_OK, SERIAL, ICRQ_TYPE), TAKEN, TAKEN, ERROR_RANGE,
	 AVP_MESSAGE_TYPE},
	{"type without M", BYTES(0, 8, 0, 0, 0, 0, 0, 10, ICRQ_ID, SERIAL), TAKEN, TAKEN,
	 ERROR_RANGE, AVP_MESSAGE_TYPE},
	{"serial of 2 bytes", BYTES(ICRQ_OK, 0x80, 8, 0, 0, 0, 15, 0, 1), TAKEN, TAKEN,
	 ERROR_LENGTH, AVP_CALL_SERIAL},
	{"serial of 3 bytes", BYTES(ICRQ_OK, 0x80, 9, 0, 0, 0, 15, 0, 0, 1), ERROR_LENGTH,
	 ERROR_LENGTH, ERROR_LENGTH, AVP_CALL_SERIAL},
	{"no serial", BYTES(ICRQ_OK), TAKEN, TAKEN, ERROR_VENDOR, AVP_CALL_SERIAL},
	{"no id", BYTES(ICRQ_TYPE, SERIAL), ERROR_VENDOR, ERROR_VENDOR, ERROR_VENDOR,
	 AVP_SESSION_ID},
	{"a Random Vector belongs everywhere",
	 BYTES(ICRQ_OK, SERIAL, 0x80, 7, 0, 0, 0, 36, 1, 0x80, 7, 0, 0, 0, 36, 2), TAKEN, TAKEN,
	 TAKEN, 0},
};

START_TEST(test_strictness)
{
	const struct view body = {oddities[_i].bytes, oddities[_i].len};
	const uint16_t want[] = {oddities[_i].permissive, oddities[_i].tolerant,
				 oddities[_i].strict};

	for (int level = MSG_PERMISSIVE; level <= MSG_STRICT; level++) {
		const struct msg_rules rules = {.strictness = (enum msg_strictness)level};
		uint16_t error = want[level - MSG_PERMISSIVE];
		struct verdict v = {0};
		struct msg m;
		int err = msg_parse(&m, body, &rules, NULL, &v);

		ck_assert_msg(err == (error ? -EBADMSG : 0), "%s: %d", oddities[_i].what, level);
		ck_assert_msg(v.error == error, "%s: error %u", oddities[_i].what, v.error);
		ck_assert_uint_eq(v.avp, error ? oddities[_i].avp : 0);
	}
}
END_TEST

/*
 * StopCCN and CDN: whatever is wrong with them
 */

static const struct {
	const char *what;
	const uint8_t *bytes;
	size_t len;
	bool has_result;
	uint16_t code, error;
	const char *text;
} results[] = {
	{"with all", BYTES(0x80, 13, 0, 0, 0, 1, 0, 2, 0, 6, 'b', 'y', 'e'), true, 2, 6, "bye"},
	{"without message", BYTES(0x80, 10, 0, 0, 0, 1, 0, 2, 0, 6), true, 2, 6, ""},
	{"without error (MikroTik)", BYTES(0x80, 8, 0, 0, 0, 1, 0, 3), true, 3, 0, ""},
	{"half an error code", BYTES(0x80, 9, 0, 0, 0, 1, 0, 3, 0), true, 3, 0, ""},
	{"half a result code", BYTES(0x80, 7, 0, 0, 0, 1, 3), false, 0, 0, ""},
	{"wrong byte order (Apple)", BYTES(0x80, 10, 0, 0, 0, 1, 2, 0, 6, 0), true, 2, 6, ""},
	{"wrong byte order, no error", BYTES(0x80, 8, 0, 0, 0, 1, 1, 0), true, 1, 0, ""},
	{"version 1.0 as error code", BYTES(0x80, 10, 0, 0, 0, 1, 0, 5, 1, 0), true, 5, 256, ""},
	{"code 0x0101, nobody's", BYTES(0x80, 8, 0, 0, 0, 1, 1, 1), true, 0x101, 0, ""},
	{"unknown AVP with M", BYTES(0x80, 6, 0, 0, 0, 99), false, 0, 0, ""},
	{"cut off", BYTES(0x80, 20, 0, 0, 0, 1, 0, 2), false, 0, 0, ""},
};

START_TEST(test_result)
{
	static const struct msg_rules strict = {.strictness = MSG_STRICT};
	static const uint16_t types[] = {MSG_STOPCCN, MSG_CDN};

	for (size_t i = 0; i < 2; i++) {
		uint8_t bytes[64] = {0x80, 8, 0, 0, 0, 0, 0, (uint8_t)types[i]};
		struct view body = {bytes, 8 + results[_i].len};
		struct verdict v;
		struct msg m;

		memcpy(bytes + 8, results[_i].bytes, results[_i].len);
		ck_assert_msg(!msg_parse(&m, body, &strict, NULL, &v), "%s", results[_i].what);
		ck_assert(!msg_has(&m, result) ||
			  m.result.code == (results[_i].bytes[6] << 8 | results[_i].bytes[7]));
		ck_assert_msg(!msg_parse(&m, body, NULL, NULL, &v), "%s", results[_i].what);
		ck_assert_uint_eq(m.type, types[i]);
		ck_assert_msg(msg_has(&m, result) == results[_i].has_result, "%s",
			      results[_i].what);
		ck_assert_uint_eq(m.result.code, results[_i].code);
		ck_assert_uint_eq(m.result.error, results[_i].error);
		if (results[_i].has_result)
			ck_assert(view_is(m.result.text, results[_i].text));
	}
}
END_TEST

/*
 * Every message by its table: built full, read again, all truncations
 */

static void fill(struct msg *m, uint64_t avps)
{
	static const uint8_t sixteen[16] = "0123456789abcde";

	m->has = avps;
#define FILL_U16(f)   (f) = 0x1234
#define FILL_ID(f)    (f) = 0x4321
#define FILL_U32(f)   (f) = 0x12345678
#define FILL_U64(f)   (f) = 0x123456789abcdef0
#define FILL_EMPTY(f) (f) = true
#define FILL_BYTES(f) (f) = (struct view){sixteen, 16}
#define FILL_Q931(f)                                                                               \
	(f) = (struct avp_q931)                                                                    \
	{                                                                                          \
		0x12, 3,                                                                           \
		{                                                                                  \
			sixteen, 16                                                                \
		}                                                                                  \
	}
#define FILL_CAUSE(f)                                                                              \
	(f) = (struct avp_cause)                                                                   \
	{                                                                                          \
		0x12, 0xc021, 1,                                                                   \
		{                                                                                  \
			sixteen, 16                                                                \
		}                                                                                  \
	}
#define FILL_ERRORS(f)                                                                             \
	(f) = (struct avp_errors)                                                                  \
	{                                                                                          \
		1, 2, 3, 4, 5, 6                                                                   \
	}
#define FILL_ACCM(f)                                                                               \
	(f) = (struct avp_accm)                                                                    \
	{                                                                                          \
		0xffff0000, 0x0000ffff                                                             \
	}
#define FILL_RESULT(f)                                                                             \
	(f) = (struct avp_result)                                                                  \
	{                                                                                          \
		2, 6,                                                                              \
		{                                                                                  \
			sixteen, 16                                                                \
		}                                                                                  \
	}
#define X(number, name, field, kind, ...)                                                          \
	if (number)                                                                                \
		FILL_##kind(m->field);
	AVP_TABLE(X)
#undef X
}

static size_t build(const struct msg *m, uint8_t *bytes, size_t cap)
{
	struct wr out;

	wr_init(&out, bytes, cap);
	ck_assert_int_eq(msg_build(&out, m, NULL), 0);
	return out.len;
}

static const struct {
	uint16_t type;
	const char *name;
	uint64_t must, spared, may;
} messages[] = {
#define X(number, name, about, must, spared, may, section) {number, #name, must, spared, may},
	MSG_TABLE(X)
#undef X
};

START_TEST(test_message_whole)
{
	uint8_t bytes[MSG_LEN_MAX], again[MSG_LEN_MAX];
	struct msg m = {.type = messages[_i].type}, got;
	struct verdict v = {0};
	size_t len;

	fill(&m, messages[_i].must | messages[_i].may);
	len = build(&m, bytes, sizeof(bytes));
	ck_assert_msg(!msg_parse(&got, (struct view){bytes, len}, NULL, NULL, &v), "%s: %s",
		      messages[_i].name, v.text);
	ck_assert_uint_eq(got.has, m.has | AVP_BIT(MESSAGE_TYPE));
	ck_assert_uint_eq(build(&got, again, sizeof(again)), len);
	ck_assert_mem_eq(bytes, again, len);
	ck_assert_str_eq(msg_name(got.type), messages[_i].name);
}
END_TEST

/* Cut anywhere, a message is refused with a verdict, or is one that lacks its last AVPs. */
START_TEST(test_message_cut)
{
	bool closes = messages[_i].type == MSG_STOPCCN || messages[_i].type == MSG_CDN;
	uint8_t bytes[MSG_LEN_MAX];
	struct msg m = {.type = messages[_i].type}, got;
	size_t len;

	fill(&m, messages[_i].must | messages[_i].may);
	len = build(&m, bytes, sizeof(bytes));
	for (size_t cut = 0; cut < len; cut++) {
		uint8_t *exact = malloc(cut + 1);
		struct verdict v = {0};
		int err;

		memcpy(exact, bytes, cut);
		err = msg_parse(&got, (struct view){exact, cut}, NULL, NULL, &v);
		ck_assert(err == 0 || err == -EBADMSG);
		ck_assert(err || !(messages[_i].must & ~messages[_i].spared & ~got.has));
		ck_assert(!err || (v.text && v.result));
		ck_assert(!closes || !err || cut < 8);
		free(exact);
	}
}
END_TEST

/* Each AVP that it must have, left out: refused, but for those that are spared. */
START_TEST(test_message_lacks)
{
	bool closes = messages[_i].type == MSG_STOPCCN || messages[_i].type == MSG_CDN;

	for (uint16_t avp = 1; avp < AVP_COUNT; avp++) {
		uint64_t bit = UINT64_C(1) << avp;
		uint8_t bytes[MSG_LEN_MAX];
		struct msg m = {.type = messages[_i].type}, got;
		struct verdict v = {0};
		struct wr out;
		int err;

		if (!(messages[_i].must & bit))
			continue;
		fill(&m, messages[_i].must & ~bit);
		wr_init(&out, bytes, sizeof(bytes));
		if (!(messages[_i].spared & bit)) {
			ck_assert_int_eq(msg_build(&out, &m, NULL), -EINVAL);
			wr_init(&out, bytes, sizeof(bytes));
			avp_write(&out, AVP_MESSAGE_TYPE, &m.type, NULL);
		} else {
			ck_assert_int_eq(msg_build(&out, &m, NULL), 0);
		}
		err = msg_parse(&got, (struct view){bytes, out.len}, NULL, NULL, &v);
		if (closes || (messages[_i].spared & bit))
			ck_assert(!err);
		else
			ck_assert(err == -EBADMSG && v.error == ERROR_VENDOR);
	}
}
END_TEST

START_TEST(test_message_foreign)
{
	uint8_t bytes[MSG_LEN_MAX];
	struct msg m = {.type = MSG_HELLO};
	struct wr out;

	msg_put(&m, tunnel_id, 1);
	wr_init(&out, bytes, sizeof(bytes));
	ck_assert_int_eq(msg_build(&out, &m, NULL), -EINVAL);
	m = (struct msg){.type = 5};
	ck_assert_int_eq(msg_build(&out, &m, NULL), -EINVAL);
	m = (struct msg){.type = MSG_STOPCCN};
	msg_put(&m, tunnel_id, 1);
	msg_put(&m, result, ((struct avp_result){2, 6, {bytes, sizeof(bytes)}}));
	wr_init(&out, bytes, sizeof(bytes));
	ck_assert_int_eq(msg_build(&out, &m, NULL), -EMSGSIZE);
}
END_TEST

/* The bytes on the wire, once by hand: SCCRP as we send it. */
START_TEST(test_message_bytes)
{
	static const uint8_t want[] = {
		0x80, 8,  0, 0, 0, 0,  0,    2,          /* Message Type: SCCRP */
		0x80, 8,  0, 0, 0, 2,  1,    0,          /* Protocol Version 1.0 */
		0x80, 10, 0, 0, 0, 3,  0,    0,    0, 3, /* Framing: both */
		0x80, 8,  0, 0, 0, 7,  'g',  'w',        /* Host Name */
		0x00, 7,  0, 0, 0, 8,  'v',              /* Vendor Name, optional */
		0x80, 8,  0, 0, 0, 9,  0x12, 0x34,       /* Assigned Tunnel ID */
		0x80, 8,  0, 0, 0, 10, 0,    16,         /* Receive Window Size */
	};
	uint8_t bytes[MSG_LEN_MAX];
	struct msg m = {.type = MSG_SCCRP};

	msg_put(&m, protocol_version, 0x100);
	msg_put(&m, framing_caps, 3);
	msg_put(&m, host_name, view_str("gw"));
	msg_put(&m, vendor_name, view_str("v"));
	msg_put(&m, tunnel_id, 0x1234);
	msg_put(&m, window_size, 16);
	ck_assert_uint_eq(build(&m, bytes, sizeof(bytes)), sizeof(want));
	ck_assert_mem_eq(bytes, want, sizeof(want));
}
END_TEST

START_TEST(test_words)
{
	ck_assert_str_eq(avp_name(9), "Assigned Tunnel ID");
	ck_assert_str_eq(avp_name(20), "unknown");
	ck_assert_str_eq(avp_name(9999), "unknown");
	ck_assert_str_eq(msg_name(4), "STOPCCN");
	ck_assert_str_eq(msg_name(5), "unknown");
	ck_assert_str_eq(msg_name(60000), "unknown");
	ck_assert_str_eq(stop_result_text(6), "shutting down");
	ck_assert_str_eq(stop_result_text(8), "unknown");
	ck_assert_str_eq(cdn_result_text(3), "administrative reasons");
	ck_assert_str_eq(cdn_result_text(12), "unknown");
	ck_assert_str_eq(error_code_text(8), "unknown mandatory AVP");
	ck_assert_str_eq(error_code_text(9), "unknown");
}
END_TEST

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

int main(void)
{
	Suite *s = suite_create("wire");
	TCase *t = tcase_create("wire");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_add_loop_test(t, test_header, 0, ROWS(headers));
	tcase_add_test(t, test_header_built);
	tcase_add_loop_test(t, test_refusal, 0, ROWS(refusals));
	tcase_add_loop_test(t, test_strictness, 0, ROWS(oddities));
	tcase_add_loop_test(t, test_result, 0, ROWS(results));
	tcase_add_loop_test(t, test_message_whole, 0, ROWS(messages));
	tcase_add_loop_test(t, test_message_cut, 0, ROWS(messages));
	tcase_add_loop_test(t, test_message_lacks, 0, ROWS(messages));
	tcase_add_test(t, test_message_foreign);
	tcase_add_test(t, test_message_bytes);
	tcase_add_test(t, test_words);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
