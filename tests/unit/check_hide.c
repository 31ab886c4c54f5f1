/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hidden AVPs and the response to a challenge, against bytes that were not made by this code:
 * Python's hashlib, by RFC 2661 4.3 and 5.1.1 to the letter.  With + for "followed by":
 *
 *     plain = length of value (2 bytes) + value + padding, cut into p(1), p(2), ... of 16 bytes
 *     c(1) = p(1) xor md5(AVP number (2 bytes) + secret + vector)
 *     c(i) = p(i) xor md5(secret + c(i - 1))
 *     response = md5(type of message (1 byte) + secret + challenge)
 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "l2tpd/wire/auth.h"
#include "l2tpd/wire/msg.h"

#define BYTES(...) ((const uint8_t[]){__VA_ARGS__}), sizeof((const uint8_t[]){__VA_ARGS__})
#define SECRET     "l2tp secret"

static const uint8_t counting[64] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13,
				     14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27,
				     28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41};
static const uint8_t one_byte[] = {0x55};
static const uint8_t padding[16] = {0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5,
				    0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xab};

static struct hide_key key(size_t vector_len)
{
	return (struct hide_key){view_str(SECRET), vector_len == 1
							   ? (struct view){one_byte, 1}
							   : (struct view){counting, vector_len}};
}

static const struct {
	const char *what;
	uint16_t number;
	size_t vector_len; /* 16: bytes 0 to 15; 1: byte 0x55 */
	const void *value;
	size_t value_len;
	size_t block; /* padded to a multiple of this; 0: not */
	const uint8_t *bytes;
	size_t len;
} vectors[] = {
	{"Assigned Tunnel ID 0x1234", 9, 16, "\x12\x34", 2, 0, BYTES(0xd1, 0xcd, 0x04, 0x79)},
	{"the same, padded to a block with a0 to ab", 9, 16, "\x12\x34", 2, 16,
	 BYTES(0xd1, 0xcd, 0x04, 0x79, 0x83, 0x80, 0xee, 0x86, 0x83, 0xe7, 0x7e, 0xba, 0xd8, 0x5d,
	       0xc8, 0x6b)},
	{"just a block", 30, 16, "user@example.n", 14, 0,
	 BYTES(0x14, 0x28, 0x6a, 0x31, 0xdf, 0xf8, 0xba, 0xb1, 0x09, 0x8e, 0xe6, 0x1f, 0x45, 0x94,
	       0x52, 0xb3)},
	{"a byte more", 30, 16, "user@example.ne", 15, 0,
	 BYTES(0x14, 0x29, 0x6a, 0x31, 0xdf, 0xf8, 0xba, 0xb1, 0x09, 0x8e, 0xe6, 0x1f, 0x45, 0x94,
	       0x52, 0xb3, 0x6d)},
	{"nothing", 8, 16, "", 0, 0, BYTES(0x36, 0xd6)},
	{"bytes 0 to 41, vector of one byte", 33, 1, counting, 42, 0,
	 BYTES(0x8e, 0xe7, 0x2f, 0x33, 0xaa, 0x07, 0xfb, 0xda, 0x46, 0x4d, 0x27, 0xe8, 0x0f, 0x88,
	       0xc0, 0x86, 0xf6, 0x6e, 0x99, 0xce, 0xe9, 0xd8, 0x2a, 0x85, 0x30, 0x5b, 0xdf, 0x11,
	       0xa3, 0x3d, 0x84, 0x13, 0x2f, 0x8e, 0x87, 0xf0, 0x94, 0xc2, 0xd3, 0x70, 0x72, 0xdf,
	       0x60, 0x60)},
};

START_TEST(test_vector)
{
	struct hide_key k = key(vectors[_i].vector_len);
	uint8_t hidden[64], plain[64];
	struct view got;
	struct wr out;

	wr_init(&out, hidden, sizeof(hidden));
	hide_write(&out, &k, vectors[_i].number,
		   (struct view){vectors[_i].value, vectors[_i].value_len},
		   (struct view){padding, vectors[_i].block});
	ck_assert_msg(out.len == vectors[_i].len, "%s: %zu", vectors[_i].what, out.len);
	ck_assert_msg(!memcmp(hidden, vectors[_i].bytes, out.len), "%s", vectors[_i].what);
	wr_init(&out, plain, sizeof(plain));
	ck_assert(!hide_read(&k, vectors[_i].number,
			     (struct view){vectors[_i].bytes, vectors[_i].len}, &out, &got));
	ck_assert_uint_eq(got.len, vectors[_i].value_len);
	ck_assert_mem_eq(got.p, vectors[_i].value, got.len);
}
END_TEST

/* Cut short, it is refused; with padding, only once the value itself is touched. */
START_TEST(test_cut)
{
	struct hide_key k = key(vectors[_i].vector_len);

	for (size_t cut = 0; cut < vectors[_i].len; cut++) {
		uint8_t *exact = malloc(cut + 1), plain[64];
		struct view got;
		struct wr out;
		int err;

		memcpy(exact, vectors[_i].bytes, cut);
		wr_init(&out, plain, sizeof(plain));
		err = hide_read(&k, vectors[_i].number, (struct view){exact, cut}, &out, &got);
		ck_assert_msg(err == (cut < 2 + vectors[_i].value_len ? -EBADMSG : 0), "%s: %zu",
			      vectors[_i].what, cut);
		free(exact);
	}
}
END_TEST

/* Every length that the prefix can tell: what is not there is never given. */
START_TEST(test_prefix_lies)
{
	const size_t inside = vectors[1].len - 2;
	struct hide_key k = key(16);
	uint8_t bytes[16], plain[64];

	for (unsigned int said = 0; said <= UINT16_MAX; said++) {
		struct view got;
		struct wr out;
		int err;

		memcpy(bytes, vectors[1].bytes, sizeof(bytes));
		/* It said 2; in the first block, what is flipped outside is flipped inside. */
		bytes[0] ^= (uint8_t)(said >> 8);
		bytes[1] ^= (uint8_t)(said ^ 2);
		wr_init(&out, plain, sizeof(plain));
		err = hide_read(&k, 9, (struct view){bytes, sizeof(bytes)}, &out, &got);
		ck_assert_int_eq(err, said <= inside ? 0 : -EBADMSG);
		ck_assert(err || got.len == said);
	}
}
END_TEST

/* Another number, secret or vector gives another value, or none. */
START_TEST(test_wrong_key)
{
	static const struct view none = {NULL, 0};
	struct hide_key keys[] = {key(16), key(16), key(16), key(15)};
	uint8_t plain[64];
	struct view got;
	struct wr out;

	keys[1].secret = view_str("L2tp secret");
	keys[2].secret = none;
	for (size_t i = 0; i < 4; i++) {
		wr_init(&out, plain, sizeof(plain));
		ck_assert_int_eq(hide_read(&keys[i], i ? 9 : 14,
					   (struct view){vectors[0].bytes, vectors[0].len}, &out,
					   &got),
				 -EBADMSG);
		ck_assert_uint_eq(out.len, 0);
	}
}
END_TEST

START_TEST(test_room)
{
	struct hide_key k = key(1);
	uint8_t *plain = malloc(41);
	struct view got;
	struct wr out;

	wr_init(&out, plain, 41);
	ck_assert_int_eq(
		hide_read(&k, 33, (struct view){vectors[5].bytes, vectors[5].len}, &out, &got),
		-ENOBUFS);
	free(plain);
}
END_TEST

/*
 * In messages
 */

#define ICRQ_TYPE    0x80, 8, 0, 0, 0, 0, 0, 10
#define ICRQ_ID      0x80, 8, 0, 0, 0, 14, 0, 77
/* Random Vector, bytes 0 to 15, and the byte 0x55 */
#define VECTOR       0x80, 22, 0, 0, 0, 36, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
#define VECTOR_1     0x80, 7, 0, 0, 0, 36, 0x55
/* Assigned Session ID 77 hidden by the first, the second; the session id of length 1 by the first
 */
#define HIDDEN_ID    0xc0, 10, 0, 0, 0, 14, 0xd0, 0xcf, 0x7d, 0x23
#define HIDDEN_ID_1  0xc0, 10, 0, 0, 0, 14, 0x83, 0x9b, 0xfe, 0x06
#define HIDDEN_SHORT 0xc0, 9, 0, 0, 0, 14, 0xd0, 0xcc, 0x30
#define HIDDEN_NUMBER                                                                              \
	0xc0, 11, 0, 0, 0, 22, 0x3c, 0xc3, 0xaa, 0xe3, 0x5f /* Calling Number "123" by the first   \
							     */

static const struct {
	const char *what;
	const uint8_t *bytes;
	size_t len;
	int result;
	uint16_t error, avp;
	const char *text;
} messages[] = {
	{"hidden", BYTES(ICRQ_TYPE, VECTOR, HIDDEN_ID, HIDDEN_NUMBER), 0, 0, 0, NULL},
	{"the last vector counts", BYTES(ICRQ_TYPE, VECTOR, VECTOR_1, HIDDEN_ID_1), 0, 0, 0, NULL},
	{"two vectors", BYTES(ICRQ_TYPE, VECTOR_1, HIDDEN_ID_1, VECTOR, HIDDEN_NUMBER), 0, 0, 0,
	 NULL},
	{"vector without M", BYTES(ICRQ_TYPE, 0, 7, 0, 0, 0, 36, 0x55, HIDDEN_ID_1), 0, 0, 0, NULL},
	{"vector comes too late", BYTES(ICRQ_TYPE, HIDDEN_ID, VECTOR), -EBADMSG, ERROR_RANGE, 14,
	 "hidden, and no Random Vector came before it"},
	{"vector is a vendor's", BYTES(ICRQ_TYPE, 0, 7, 0, 9, 0, 36, 0x55, HIDDEN_ID_1), -EBADMSG,
	 ERROR_RANGE, 14, "hidden, and no Random Vector came before it"},
	{"another vector", BYTES(ICRQ_TYPE, VECTOR_1, HIDDEN_ID), -EBADMSG, ERROR_LENGTH, 14,
	 "hidden, but not with our tunnel secret"},
	{"vector hidden", BYTES(ICRQ_TYPE, 0xc0, 10, 0, 0, 0, 36, 1, 2, 3, 4, ICRQ_ID), -EBADMSG,
	 ERROR_RANGE, 36, "hidden, which it may not be"},
	{"wrong length inside", BYTES(ICRQ_TYPE, VECTOR, HIDDEN_SHORT), -EBADMSG, ERROR_LENGTH, 14,
	 "wrong length"},
	{"length of 7", BYTES(ICRQ_TYPE, VECTOR, 0xc0, 7, 0, 0, 0, 14, 1), -EBADMSG, ERROR_LENGTH,
	 14, "hidden, but not with our tunnel secret"},
	{"broken, but without M", BYTES(ICRQ_TYPE, VECTOR, ICRQ_ID, 0x40, 6, 0, 0, 0, 22), 0, 0, 0,
	 NULL},
	{"known, not hideable", BYTES(ICRQ_TYPE, VECTOR, ICRQ_ID, 0xc0, 8, 0, 0, 0, 1, 1, 2), 0, 0,
	 0, NULL}, /* a Result Code is not read in ICRQ */
	{"hidden and unknown", BYTES(ICRQ_TYPE, VECTOR, ICRQ_ID, 0xc0, 8, 0, 0, 0, 99, 1, 2),
	 -EBADMSG, ERROR_UNKNOWN_AVP, 99, "unknown, but mandatory"},
	{"hidden, of a vendor, not mandatory",
	 BYTES(ICRQ_TYPE, ICRQ_ID, 0x40, 8, 0, 9, 0, 14, 1, 2), 0, 0, 0, NULL},
	{"hidden, and comes again open", BYTES(ICRQ_TYPE, VECTOR, HIDDEN_ID, ICRQ_ID), 0, 0, 0,
	 NULL},
};

START_TEST(test_message)
{
	const struct msg_rules rules = {.secret = view_str(SECRET)};
	struct msg_scratch scratch;
	struct verdict v = {0};
	struct msg m;
	int err = msg_parse(&m, (struct view){messages[_i].bytes, messages[_i].len}, &rules,
			    &scratch, &v);

	ck_assert_msg(err == messages[_i].result, "%s: %d %s", messages[_i].what, err, v.text);
	ck_assert_uint_eq(m.hidden, 0);
	if (err) {
		ck_assert_uint_eq(v.error, messages[_i].error);
		ck_assert_uint_eq(v.avp, messages[_i].avp);
		ck_assert_str_eq(v.text, messages[_i].text);
	} else {
		ck_assert_msg(m.session_id == 77, "%s", messages[_i].what);
		ck_assert(!msg_has(&m, calling_number) || view_is(m.calling_number, "123"));
	}
}
END_TEST

/* The first look, without a secret, tells whose it must be, and that a second is needed. */
START_TEST(test_two_looks)
{
	static const uint8_t spare[] = {1, 2, 3, 4, 5, 6, 7, 8};
	const struct hiding hide = {key(16), {spare, 8}, ~UINT64_C(0)};
	struct msg m = {.type = MSG_SCCRQ}, got;
	struct msg_rules rules = {0};
	struct msg_scratch scratch;
	struct verdict v = {0};
	uint8_t bytes[256];
	struct wr out;
	struct view body;

	msg_put(&m, protocol_version, 0x100);
	msg_put(&m, host_name, view_str("lac"));
	msg_put(&m, framing_caps, 3);
	msg_put(&m, vendor_name, view_str("v"));
	msg_put(&m, tunnel_id, 7);
	wr_init(&out, bytes, sizeof(bytes));
	ck_assert(!msg_build(&out, &m, &hide));
	body = (struct view){bytes, out.len};
	ck_assert_int_eq(msg_parse(&got, body, NULL, NULL, &v), -EBADMSG);
	ck_assert_uint_eq(v.error, ERROR_UNKNOWN_AVP);
	ck_assert_uint_eq(v.avp, AVP_FRAMING_CAPS);
	ck_assert_str_eq(v.text, "hidden, and there is no tunnel secret to read it");
	ck_assert(view_is(got.host_name, "lac"));
	ck_assert(got.hidden ==
		  (AVP_BIT(FRAMING_CAPS) | AVP_BIT(VENDOR_NAME) | AVP_BIT(TUNNEL_ID)));
	rules.secret = hide.key.secret;
	ck_assert_int_eq(msg_parse(&got, body, &rules, &scratch, &v), 0);
	ck_assert(!got.hidden && got.tunnel_id == 7 && view_is(got.vendor_name, "v"));
	/* padded: 2 and 1 bytes of Vendor Name are 8 now, and the header's 6 */
	ck_assert_uint_eq(out.len, 8 + 22 + 8 + 14 + 9 + 14 + 14);
}
END_TEST

/* What is to be hidden is; what may not be is not; what is too long hidden is not sent. */
START_TEST(test_build)
{
	struct hiding hide = {key(1), {NULL, 0}, AVP_BIT(RESULT_CODE) | AVP_BIT(TUNNEL_ID)};
	static const uint8_t want[] = {
		0x80, 8,  0, 0, 0, 0,  0,    4, /* Message Type: StopCCN */
		0x80, 7,  0, 0, 0, 36, 0x55,    /* Random Vector */
		0x80, 8,  0, 0, 0, 1,  0,    1, /* Result Code, which may not be hidden */
		0xc0, 10, 0, 0, 0, 9,  0x8f, 0x22, 0xf3, 0x9b /* Assigned Tunnel ID 77, hidden */
	};
	static const uint8_t longest[AVP_VALUE_MAX];
	struct msg m = {.type = MSG_STOPCCN};
	uint8_t bytes[4096];
	struct wr out;

	msg_put(&m, result, ((struct avp_result){.code = 1}));
	msg_put(&m, tunnel_id, 77);
	wr_init(&out, bytes, sizeof(bytes));
	ck_assert(!msg_build(&out, &m, &hide));
	ck_assert_uint_eq(out.len, sizeof(want));
	ck_assert_mem_eq(bytes, want, sizeof(want));

	m = (struct msg){.type = MSG_ICCN};
	hide.avps = AVP_BIT(PROXY_NAME);
	msg_put(&m, proxy_name, ((struct view){longest, AVP_VALUE_MAX - 2}));
	wr_init(&out, bytes, sizeof(bytes));
	ck_assert_int_eq(msg_build(&out, &m, &hide), 0);
	m.proxy_name.len++;
	wr_init(&out, bytes, sizeof(bytes));
	ck_assert_int_eq(msg_build(&out, &m, &hide), -EMSGSIZE);
}
END_TEST

START_TEST(test_response)
{
	static const uint8_t want[2][AUTH_RESPONSE_LEN] = {
		{0x34, 0x13, 0xb7, 0x25, 0x2a, 0x4c, 0x6f, 0xa8, 0x8f, 0x6a, 0xda, 0x3b, 0x64, 0xd7,
		 0x2b, 0xda},
		{0x17, 0xb3, 0x3d, 0xf5, 0x02, 0x75, 0x88, 0x47, 0x0b, 0x09, 0xcd, 0x53, 0x9d, 0x75,
		 0x2e, 0x08}};
	const struct view secret = view_str(SECRET), challenge = {counting, 16};

	for (uint16_t i = 0; i < 2; i++) {
		const uint16_t type = i ? MSG_SCCCN : MSG_SCCRP;
		uint8_t got[AUTH_RESPONSE_LEN];

		auth_response(type, secret, challenge, got);
		ck_assert_mem_eq(got, want[i], sizeof(got));
		ck_assert(auth_is_right((struct view){got, 16}, type, secret, challenge));
		ck_assert(!auth_is_right((struct view){got, 15}, type, secret, challenge));
		ck_assert(!auth_is_right((struct view){NULL, 0}, type, secret, challenge));
		ck_assert(!auth_is_right((struct view){got, 16}, 5 - type, secret, challenge));
		got[15] ^= 1;
		ck_assert(!auth_is_right((struct view){got, 16}, type, secret, challenge));
	}
}
END_TEST

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

int main(void)
{
	Suite *s = suite_create("hide");
	TCase *t = tcase_create("hide");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_add_loop_test(t, test_vector, 0, ROWS(vectors));
	tcase_add_loop_test(t, test_cut, 0, ROWS(vectors));
	tcase_add_test(t, test_prefix_lies);
	tcase_add_test(t, test_wrong_key);
	tcase_add_test(t, test_room);
	tcase_add_loop_test(t, test_message, 0, ROWS(messages));
	tcase_add_test(t, test_two_looks);
	tcase_add_test(t, test_build);
	tcase_add_test(t, test_response);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
