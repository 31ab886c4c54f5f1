/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/radius/packet: the examples of RFC 2865 and 5997, every flaw an answer can have, limits. */
#include "lib/radius/packet.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fake/reply.h"

/* In parentheses: the assertions are macros, and see every comma. */
#define BYTES(...)                                                                                 \
	((struct view){(const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})})
#define SECRET ((struct view){(const uint8_t *)"xyzzy5461", 9})

/* RFC 2865 7.1: user nemo, password "arctangent" */
static const uint8_t telnet_authenticator[] = {0x0f, 0x40, 0x3f, 0x94, 0x73, 0x97, 0x80, 0x57,
					       0xbd, 0x83, 0xd5, 0xcb, 0x98, 0xf4, 0x22, 0x7a};
static const uint8_t telnet_hidden[] = {0x0d, 0xbe, 0x70, 0x8d, 0x93, 0xd4, 0x13, 0xce,
					0x31, 0x96, 0xe4, 0x3f, 0x78, 0x2a, 0x0a, 0xee};
static const uint8_t telnet_accept[] = {
	2,    0,    0,    38,                           /* Access-Accept, id, length */
	0x86, 0xfe, 0x22, 0x0e, 0x76, 0x24, 0xba, 0x2a, /* Response Authenticator */
	0x10, 0x05, 0xf6, 0xbf, 0x9b, 0x55, 0xe0, 0xb2, /* */
	6,    6,    0,    0,    0,    1,                /* Service-Type Login */
	15,   6,    0,    0,    0,    0,                /* Login-Service Telnet */
	14,   6,    192,  168,  1,    3,                /* Login-IP-Host */
};

/* RFC 2865 7.2: a CHAP user who gets PPP */
static const uint8_t framed_authenticator[] = {0x2a, 0xee, 0x86, 0xf0, 0x8d, 0x0d, 0x55, 0x96,
					       0x9c, 0xa5, 0x97, 0x8e, 0x0d, 0x33, 0x67, 0xa2};
static const uint8_t framed_accept[] = {
	2,    1,    0,    56,                           /* Access-Accept, id, length */
	0x15, 0xef, 0xbc, 0x7d, 0xab, 0x26, 0xcf, 0xa3, /* Response Authenticator */
	0xdc, 0x34, 0xd9, 0xc0, 0x3c, 0x86, 0x01, 0xa4, /* */
	6,    6,    0,    0,    0,    2,                /* Service-Type Framed */
	7,    6,    0,    0,    0,    1,                /* Framed-Protocol PPP */
	8,    6,    0xff, 0xff, 0xff, 0xfe,             /* Framed-IP-Address: the NAS chooses */
	10,   6,    0,    0,    0,    2,                /* Framed-Routing */
	13,   6,    0,    0,    0,    1,                /* Framed-Compression VJ */
	12,   6,    0,    0,    0x05, 0xdc,             /* Framed-MTU 1500 */
};

START_TEST(hides_the_password)
{
	uint8_t hidden[RADIUS_PASSWORD_MAX];

	ck_assert_uint_eq(
		radius_hide_password(hidden, view_str("arctangent"), telnet_authenticator, SECRET),
		16);
	ck_assert_mem_eq(hidden, telnet_hidden, sizeof(telnet_hidden));
}
END_TEST

/* Hiding a block again takes its mask off; the next one's mask is made of the hidden block. */
static void unhide(uint8_t *ret, const uint8_t *hidden, size_t len, const uint8_t *authenticator)
{
	uint8_t block[RADIUS_PASSWORD_MAX];

	for (size_t at = 0; at < len; at += RADIUS_AUTH_LEN) {
		radius_hide_password(block, (struct view){hidden + at, RADIUS_AUTH_LEN},
				     at ? hidden + at - RADIUS_AUTH_LEN : authenticator, SECRET);
		memcpy(ret + at, block, RADIUS_AUTH_LEN);
	}
}

START_TEST(password_lengths)
{
	static const size_t lengths[][2] = {{0, 16},  {1, 16},    {16, 16},  {17, 32},
					    {32, 32}, {127, 128}, {128, 128}};
	uint8_t hidden[RADIUS_PASSWORD_MAX], password[RADIUS_PASSWORD_MAX];
	uint8_t seen[RADIUS_PASSWORD_MAX];

	memset(password, 'p', sizeof(password));
	ck_assert_uint_eq(radius_hide_password(hidden, (struct view){password, lengths[_i][0]},
					       telnet_authenticator, SECRET),
			  lengths[_i][1]);
	unhide(seen, hidden, lengths[_i][1], telnet_authenticator);
	for (size_t i = 0; i < lengths[_i][1]; i++)
		ck_assert_uint_eq(seen[i], i < lengths[_i][0] ? 'p' : 0);
}
END_TEST

START_TEST(response_authenticators)
{
	uint8_t value[RADIUS_AUTH_LEN];

	radius_response_authenticator(value, telnet_accept, sizeof(telnet_accept),
				      telnet_authenticator, SECRET);
	ck_assert_mem_eq(value, telnet_accept + 4, sizeof(value));
	radius_response_authenticator(value, framed_accept, sizeof(framed_accept),
				      framed_authenticator, SECRET);
	ck_assert_mem_eq(value, framed_accept + 4, sizeof(value));
}
END_TEST

/* RFC 5997 6.1: a Status-Server request */
START_TEST(message_authenticator)
{
	static const uint8_t packet[] = {
		0x0c, 0xda, 0x00, 0x26,                                     /* header */
		0x8a, 0x54, 0xf4, 0x68, 0x6f, 0xb3, 0x94, 0xc5,             /* authenticator */
		0x28, 0x66, 0xe3, 0x02, 0x18, 0x5d, 0x06, 0x23, 0x50, 0x12, /* type, length */
		0x5a, 0x66, 0x5e, 0x2e, 0x1e, 0x84, 0x11, 0xf3,             /* value */
		0xe2, 0x43, 0x82, 0x20, 0x97, 0xc8, 0x4f, 0xa3};
	uint8_t value[RADIUS_AUTH_LEN];

	radius_sign(value, packet, sizeof(packet), REPLY_SIGN_AT, packet + 4, SECRET);
	ck_assert_mem_eq(value, packet + REPLY_SIGN_AT, sizeof(value));
}
END_TEST

START_TEST(a_request)
{
	uint8_t buf[RADIUS_PACKET_MAX], sign[RADIUS_AUTH_LEN];
	struct radius_attrs attrs;
	struct radius_walk walk;
	struct radius_attr attr;
	int len;

	radius_attrs_init(&attrs);
	radius_add_text(&attrs, RADIUS_USER_NAME, "nemo");
	radius_set_password(&attrs, view_str("arctangent"));
	radius_add_u32(&attrs, RADIUS_NAS_PORT, 3);
	radius_add_vendor(&attrs, RADIUS_MICROSOFT, RADIUS_MS_CHAP_CHALLENGE, BYTES(1, 2, 3));
	len = radius_request_build(buf, sizeof(buf), 7, telnet_authenticator, &attrs, SECRET);
	ck_assert_int_eq(len, 20 + 18 + 6 + 6 + 11 + 18);
	ck_assert_mem_eq(buf, BYTES(1, 7, 0, 79).p, 4);
	ck_assert_mem_eq(buf + 4, telnet_authenticator, sizeof(telnet_authenticator));

	radius_walk(&walk, (struct view){buf + 20, (size_t)len - 20});
	ck_assert_int_eq(radius_next(&walk, &attr), 1);
	ck_assert_uint_eq(attr.type, RADIUS_MESSAGE_AUTHENTICATOR);
	radius_sign(sign, buf, (size_t)len, REPLY_SIGN_AT, telnet_authenticator, SECRET);
	ck_assert_mem_eq(attr.value.p, sign, sizeof(sign));
	ck_assert_int_eq(radius_next(&walk, &attr), 1);
	ck_assert(attr.type == RADIUS_USER_NAME && view_is(attr.value, "nemo"));
	ck_assert_int_eq(radius_next(&walk, &attr), 1);
	ck_assert(attr.type == RADIUS_NAS_PORT && attr.value.len == 4 && attr.value.p[3] == 3);
	ck_assert_int_eq(radius_next(&walk, &attr), 1);
	ck_assert_uint_eq(attr.vendor, RADIUS_MICROSOFT);
	ck_assert(attr.type == RADIUS_MS_CHAP_CHALLENGE && view_is(attr.value, "\x01\x02\x03"));
	ck_assert_int_eq(radius_next(&walk, &attr), 1);
	ck_assert(attr.type == RADIUS_USER_PASSWORD && attr.value.len == 16);
	ck_assert_mem_eq(attr.value.p, telnet_hidden, sizeof(telnet_hidden));
	ck_assert_int_eq(radius_next(&walk, &attr), 0);

	for (size_t cap = 0; cap < (size_t)len; cap++)
		ck_assert_int_eq(
			radius_request_build(buf, cap, 7, telnet_authenticator, &attrs, SECRET),
			-EMSGSIZE);
	radius_attrs_wipe(&attrs);
	for (size_t i = 0; i < sizeof(attrs.password); i++)
		ck_assert_uint_eq(attrs.password[i], 0);
}
END_TEST

static void add_empty(struct radius_attrs *a)
{
	radius_add_text(a, RADIUS_USER_NAME, "");
}

static void add_254(struct radius_attrs *a)
{
	static const uint8_t bytes[254];

	radius_add_bytes(a, RADIUS_USER_NAME, (struct view){bytes, sizeof(bytes)});
}

static void add_vendor_248(struct radius_attrs *a)
{
	static const uint8_t bytes[248];

	radius_add_vendor(a, 311, RADIUS_MS_CHAP_ERROR, (struct view){bytes, sizeof(bytes)});
}

static void set_password_129(struct radius_attrs *a)
{
	static const uint8_t bytes[129];

	radius_set_password(a, (struct view){bytes, sizeof(bytes)});
}

static void add_17_full(struct radius_attrs *a)
{
	static const uint8_t bytes[253];

	for (int i = 0; i < 17; i++)
		radius_add_bytes(a, RADIUS_USER_NAME, (struct view){bytes, sizeof(bytes)});
}

static void (*const refused[])(struct radius_attrs *) = {add_empty, add_254, add_vendor_248,
							 set_password_129, add_17_full};

START_TEST(refuses_attributes)
{
	uint8_t buf[RADIUS_PACKET_MAX];
	struct radius_attrs attrs;

	radius_attrs_init(&attrs);
	refused[_i](&attrs);
	ck_assert_int_eq(
		radius_request_build(buf, sizeof(buf), 0, telnet_authenticator, &attrs, SECRET),
		-EINVAL);
}
END_TEST

START_TEST(longest_request)
{
	static const uint8_t bytes[253];
	uint8_t buf[2 * RADIUS_PACKET_MAX];
	struct radius_attrs attrs;

	radius_attrs_init(&attrs);
	for (int i = 0; i < 15; i++)
		radius_add_bytes(&attrs, RADIUS_USER_NAME, (struct view){bytes, sizeof(bytes)});
	radius_add_bytes(&attrs, RADIUS_USER_NAME, (struct view){bytes, 231});
	ck_assert_int_eq(
		radius_request_build(buf, sizeof(buf), 0, telnet_authenticator, &attrs, SECRET),
		RADIUS_PACKET_MAX);
	radius_add_bytes(&attrs, RADIUS_USER_NAME, (struct view){bytes, 1});
	ck_assert_int_eq(
		radius_request_build(buf, sizeof(buf), 0, telnet_authenticator, &attrs, SECRET),
		-EMSGSIZE);
}
END_TEST

static const uint8_t attributes[] = {
	18, 4,  'h', 'i',                             /* Reply-Message */
	8,  6,  10,  9,   0, 5,                       /* Framed-IP-Address */
	26, 12, 0,   0,   1, 55, 28, 6, 10, 9, 9, 53, /* Microsoft: MS-Primary-DNS-Server */
};

/* A good answer of id 9, in `buf`. */
static size_t good_reply(uint8_t buf[static 256], uint8_t code)
{
	size_t len = reply_build(buf, 256, code, 9, (struct view){attributes, sizeof(attributes)},
				 framed_authenticator, SECRET);

	ck_assert_uint_gt(len, 0);
	return len;
}

static enum radius_flaw parse(const uint8_t *buf, size_t len, struct radius_reply *ret)
{
	uint8_t *copy = malloc(len ? len : 1); /* of exact size, for the sanitizers */
	enum radius_flaw flaw;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, buf, len);
	flaw = radius_reply_parse((struct view){copy, len}, 9, framed_authenticator, SECRET, ret);
	if (!flaw)
		ret->attrs.p = buf + (ret->attrs.p - copy);
	free(copy);
	return flaw;
}

START_TEST(good_replies)
{
	static const uint8_t codes[] = {2, 3, 11};
	struct radius_reply reply;
	uint8_t buf[256];
	size_t len = good_reply(buf, codes[_i]);
	struct view v;
	uint32_t n;

	ck_assert_int_eq(parse(buf, len, &reply), RADIUS_FLAW_NONE);
	ck_assert_uint_eq(reply.code, codes[_i]);
	ck_assert_int_eq(radius_find(reply.attrs, 0, RADIUS_REPLY_MESSAGE, &v), 0);
	ck_assert(view_is(v, "hi"));
	ck_assert_int_eq(radius_find_u32(reply.attrs, 0, RADIUS_FRAMED_IP_ADDRESS, &n), 0);
	ck_assert_uint_eq(n, 0x0a090005);
	ck_assert_int_eq(
		radius_find_u32(reply.attrs, RADIUS_MICROSOFT, RADIUS_MS_PRIMARY_DNS_SERVER, &n),
		0);
	ck_assert_uint_eq(n, 0x0a090935);
	ck_assert_int_eq(radius_find(reply.attrs, 0, RADIUS_IDLE_TIMEOUT, &v), -ENOENT);
	ck_assert_int_eq(radius_find_u32(reply.attrs, 0, RADIUS_REPLY_MESSAGE, &n), -ENOENT);

	/* RFC 2865 3: bytes behind the packet are padding */
	memset(buf + len, 0xff, 4);
	ck_assert_int_eq(parse(buf, len + 4, &reply), RADIUS_FLAW_NONE);
}
END_TEST

START_TEST(every_truncation)
{
	struct radius_reply reply;
	uint8_t buf[256];
	size_t len = good_reply(buf, 2);

	for (size_t n = 0; n < len; n++) {
		ck_assert_int_eq(parse(buf, n, &reply), RADIUS_FLAW_MALFORMED);
		if (n < 4)
			continue;
		/* and with a length that agrees: never believed */
		buf[3] = (uint8_t)n;
		ck_assert_int_ne(parse(buf, n, &reply), RADIUS_FLAW_NONE);
		buf[3] = (uint8_t)len;
	}
}
END_TEST

/* A reply of which one bit anywhere is another is not believed. */
START_TEST(every_bit)
{
	struct radius_reply reply;
	uint8_t buf[256];
	size_t len = good_reply(buf, 2);

	for (size_t bit = 0; bit < len * 8; bit++) {
		buf[bit / 8] ^= (uint8_t)(1 << bit % 8);
		ck_assert_int_ne(parse(buf, len, &reply), RADIUS_FLAW_NONE);
		buf[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	ck_assert_int_eq(parse(buf, len, &reply), RADIUS_FLAW_NONE);
}
END_TEST

/* What a server, or somebody in its place, can get wrong: the code, id and attributes as sent */
static const struct {
	uint8_t code, id;
	const char *secret; /* it is signed with */
	struct view attrs;  /* all of them; signed at `sign_at` */
	size_t sign_at;     /* 0: no Message-Authenticator is computed */
	enum radius_flaw flaw;
} forged[] = {
#define SIGN          80, 18, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
#define UNSIGNED_ATTR 18, 3, 'x'
	{2, 9, "xyzzy5461", {(const uint8_t[]){SIGN}, 18}, 22, RADIUS_FLAW_NONE},
	{2, 9, "xyzzy5461", {(const uint8_t[]){UNSIGNED_ATTR, SIGN}, 21}, 25, RADIUS_FLAW_NONE},
	{2, 8, "xyzzy5461", {(const uint8_t[]){SIGN}, 18}, 22, RADIUS_FLAW_STALE},
	{5, 9, "xyzzy5461", {(const uint8_t[]){SIGN}, 18}, 22, RADIUS_FLAW_CODE},
	{1, 9, "xyzzy5461", {(const uint8_t[]){SIGN}, 18}, 22, RADIUS_FLAW_CODE},
	{2, 9, "xyzzy5462", {(const uint8_t[]){SIGN}, 18}, 22, RADIUS_FLAW_FORGED},
	/* right but for Message-Authenticator: what CVE-2024-3596 makes */
	{2, 9, "xyzzy5461", {(const uint8_t[]){SIGN}, 18}, 0, RADIUS_FLAW_FORGED},
	{2, 9, "xyzzy5461", {(const uint8_t[]){UNSIGNED_ATTR}, 3}, 0, RADIUS_FLAW_UNSIGNED},
	{2, 9, "xyzzy5461", {NULL, 0}, 0, RADIUS_FLAW_UNSIGNED},
	/* two of them; of a wrong length; attributes that run over or are too short */
	{2, 9, "xyzzy5461", {(const uint8_t[]){SIGN, SIGN}, 36}, 22, RADIUS_FLAW_MALFORMED},
	{2, 9, "xyzzy5461", {(const uint8_t[]){80, 3, 0}, 3}, 0, RADIUS_FLAW_MALFORMED},
	{2, 9, "xyzzy5461", {(const uint8_t[]){SIGN, 18, 4, 0}, 21}, 22, RADIUS_FLAW_MALFORMED},
	{2, 9, "xyzzy5461", {(const uint8_t[]){SIGN, 18, 1}, 20}, 22, RADIUS_FLAW_MALFORMED},
	{2, 9, "xyzzy5461", {(const uint8_t[]){SIGN, 18, 0}, 20}, 22, RADIUS_FLAW_MALFORMED},
	{2, 9, "xyzzy5461", {(const uint8_t[]){SIGN, 18}, 19}, 22, RADIUS_FLAW_MALFORMED},
};

START_TEST(forged_replies)
{
	struct radius_reply reply;
	uint8_t buf[256];
	struct wr w;

	wr_init(&w, buf, sizeof(buf));
	wr_u8(&w, forged[_i].code);
	wr_u8(&w, forged[_i].id);
	wr_u16(&w, (uint16_t)(20 + forged[_i].attrs.len));
	wr_zero(&w, 16);
	wr_bytes(&w, forged[_i].attrs.p, forged[_i].attrs.len);
	reply_sign(buf, w.len, forged[_i].sign_at, framed_authenticator,
		   view_str(forged[_i].secret));
	ck_assert_int_eq(parse(buf, w.len, &reply), forged[_i].flaw);
	ck_assert(!forged[_i].flaw == !radius_flaw_text(forged[_i].flaw)[0]);
}
END_TEST

START_TEST(vendors)
{
	/* two in one attribute; one that breaks the form; one with nothing in it; vendor 0 */
	static const uint8_t attrs[] = {26, 12, 0, 0, 1, 55, 2, 3, 'a', 26, 3, 'b', /* */
					26, 9,  0, 0, 1, 55, 2, 9, 'c',             /* */
					26, 6,  0, 0, 1, 55,                        /* */
					26, 8,  0, 0, 0, 0,  1, 2,                  /* */
					26, 8,  0, 0, 1, 55, 7, 2};
	static const struct {
		uint32_t vendor;
		uint8_t type;
		size_t len;
	} seen[] = {{311, 2, 1}, {311, 26, 1}, {0, 26, 7}, {0, 26, 4}, {0, 26, 6}, {311, 7, 0}};
	struct radius_walk walk;
	struct radius_attr attr;

	radius_walk(&walk, (struct view){attrs, sizeof(attrs)});
	for (size_t i = 0; i < sizeof(seen) / sizeof(seen[0]); i++) {
		ck_assert_int_eq(radius_next(&walk, &attr), 1);
		ck_assert_uint_eq(attr.vendor, seen[i].vendor);
		ck_assert_uint_eq(attr.type, seen[i].type);
		ck_assert_uint_eq(attr.value.len, seen[i].len);
	}
	ck_assert_int_eq(radius_next(&walk, &attr), 0);

	radius_walk(&walk, BYTES(18, 3));
	ck_assert_int_eq(radius_next(&walk, &attr), -EBADMSG);
	radius_walk(&walk, BYTES(18));
	ck_assert_int_eq(radius_next(&walk, &attr), -EBADMSG);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("radius packet");
	TCase *t = tcase_create("radius packet");
	SRunner *r;
	int failed;

	tcase_add_test(t, hides_the_password);
	tcase_add_loop_test(t, password_lengths, 0, 7);
	tcase_add_test(t, response_authenticators);
	tcase_add_test(t, message_authenticator);
	tcase_add_test(t, a_request);
	tcase_add_loop_test(t, refuses_attributes, 0, sizeof(refused) / sizeof(refused[0]));
	tcase_add_test(t, longest_request);
	tcase_add_loop_test(t, good_replies, 0, 3);
	tcase_add_test(t, every_truncation);
	tcase_add_test(t, every_bit);
	tcase_add_loop_test(t, forged_replies, 0, sizeof(forged) / sizeof(forged[0]));
	tcase_add_test(t, vendors);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
