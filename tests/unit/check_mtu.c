/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MTUs that were worked out by hand from the RFCs' packet layouts, and beside them a packet that is
 * put together here, part by part: the largest one fits its path, one byte more does not.
 */
#include "l2tpd/policy/mtu.h"

#include <check.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>

/* name, IV, block, ICV */
#define GCM8       8, 4, 8 /* RFC 4106 */
#define GCM12      8, 4, 12
#define GCM16      8, 4, 16
#define CHACHA     8, 4, 16   /* RFC 7634 */
#define CBC_SHA1   16, 16, 12 /* RFC 3602, 2404 */
#define CBC_SHA256 16, 16, 16 /* RFC 4868 */
#define CBC_SHA384 16, 16, 24
#define CBC_SHA512 16, 16, 32
#define DES3_SHA1  8, 8, 12 /* RFC 2451 */
#define NULL_SHA1  0, 4, 12 /* RFC 2410 */
#define NULL_1     0, 1, 12 /* as a kernel may call it: ESP aligns to 4 all the same */
#define UNKNOWN    0, 0, 0

#define V4         false, false, true, false
#define V4NAT      false, false, true, true
#define V6         true, false, true, false
#define V6NAT      true, false, true, true
#define V4SEQ      false, true, true, false
#define CLEAR      false, false, false, false

static const struct {
	const char *what;
	struct mtu_way way;
	unsigned int fits;
} rows[] = {
	/* 1500 - 20 - 8 - 8 IV - 8 ICV = 1456; - 2 - 8 - 8 - 4 */
	{"GCM-8", {1500, V4, GCM8}, 1434},
	{"GCM-8 in UDP", {1500, V4NAT, GCM8}, 1426},
	{"GCM-12", {1500, V4, GCM12}, 1430},
	{"GCM-12 in UDP", {1500, V4NAT, GCM12}, 1422},
	{"GCM-16", {1500, V4, GCM16}, 1426},
	{"GCM-16 in UDP", {1500, V4NAT, GCM16}, 1418},
	{"GCM-16, IPv6", {1500, V6, GCM16}, 1406},
	{"GCM-16, IPv6 in UDP", {1500, V6NAT, GCM16}, 1398},
	{"GCM-16, sequence numbers", {1500, V4SEQ, GCM16}, 1422},
	{"ChaCha20-Poly1305 in UDP", {1500, V4NAT, CHACHA}, 1418},
	/* 1500 - 20 - 8 - 16 - 12 = 1444, whole blocks 1440; - 22 */
	{"CBC, SHA1", {1500, V4, CBC_SHA1}, 1418},
	{"CBC, SHA1 in UDP", {1500, V4NAT, CBC_SHA1}, 1402},
	{"CBC, SHA1, IPv6", {1500, V6, CBC_SHA1}, 1402},
	{"CBC, SHA1, IPv6 in UDP", {1500, V6NAT, CBC_SHA1}, 1386},
	{"CBC, SHA1, sequence numbers", {1500, V4SEQ, CBC_SHA1}, 1414},
	{"CBC, SHA-256", {1500, V4, CBC_SHA256}, 1418},
	{"CBC, SHA-256 in UDP", {1500, V4NAT, CBC_SHA256}, 1402},
	{"CBC, SHA-384", {1500, V4, CBC_SHA384}, 1402},
	{"CBC, SHA-384 in UDP", {1500, V4NAT, CBC_SHA384}, 1402},
	{"CBC, SHA-512", {1500, V4, CBC_SHA512}, 1402},
	{"CBC, SHA-512 in UDP", {1500, V4NAT, CBC_SHA512}, 1386},
	/* 1500 - 20 - 8 - 8 - 12 = 1452, whole blocks 1448; - 22 */
	{"3DES, SHA1", {1500, V4, DES3_SHA1}, 1426},
	{"3DES, SHA1 in UDP", {1500, V4NAT, DES3_SHA1}, 1418},
	{"NULL, SHA1", {1500, V4, NULL_SHA1}, 1438},
	{"NULL, SHA1, block of 1", {1500, V4, NULL_1}, 1438},
	{"unknown: the worst", {1500, V4, UNKNOWN}, 1402},
	{"PPPoE outside", {1492, V4NAT, GCM16}, 1410},
	{"a block of CBC less", {1491, V4, CBC_SHA1}, 1402},
	{"mobile", {1420, V4NAT, CBC_SHA256}, 1322},
	{"least of IPv6", {1280, V6NAT, CBC_SHA512}, 1146},
	{"jumbo", {9000, V4, GCM16}, 8926},
	{"no IPsec", {1500, CLEAR, UNKNOWN}, 1460},
	{"no IPsec, IPv6", {1500, true, false, false, false, UNKNOWN}, 1440},
	{"least of IPv4", {68, V4, DES3_SHA1}, 0},
	{"nothing", {0, V4NAT, CBC_SHA512}, 0},
};

/* Length outside of a packet with `inner` bytes in PPP, from a client that says its length. */
static size_t wrapped(const struct mtu_way *w, size_t inner)
{
	size_t len = sizeof((uint8_t[]){0xff, 0x03, 0x00, 0x21}) + inner; /* PPP */

	len += 2 * 4 + (w->sequenced ? 2 * 2 : 0); /* L2TP: flags, length, two ids; Ns, Nr */
	len += sizeof(struct udphdr);
	if (w->esp) {
		len += 2;
		while (len % 4 || len % w->block)
			len++;
		len += 4 + 4 + w->iv + w->icv;
		if (w->encap)
			len += sizeof(struct udphdr);
	}
	return len + (w->ipv6 ? sizeof(struct ip6_hdr) : sizeof(struct iphdr));
}

START_TEST(fits)
{
	const struct mtu_way *w = &rows[_i].way;
	unsigned int got = mtu_fit(w);

	ck_assert_msg(got == rows[_i].fits, "%s: %u", rows[_i].what, got);
	if (!got || (w->esp && !w->block))
		return;
	ck_assert_msg(wrapped(w, got) <= w->outer, "%s: fragments", rows[_i].what);
	ck_assert_msg(wrapped(w, got + 1) > w->outer, "%s: more would fit", rows[_i].what);
}
END_TEST

/* All ciphers on paths of every size. */
START_TEST(fits_everywhere)
{
	struct mtu_way w = rows[_i].way;

	if (w.esp && !w.block)
		return;
	for (w.outer = 200; w.outer <= 1600; w.outer++) {
		unsigned int got = mtu_fit(&w);

		ck_assert_msg(wrapped(&w, got) <= w.outer && wrapped(&w, got + 1) > w.outer,
			      "%s: %u of %u", rows[_i].what, got, w.outer);
	}
}
END_TEST

static const struct {
	struct mtu_way way;
	unsigned int limit;
	struct mtu mtu;
	const char *note;
} choices[] = {
	{{1500, V4NAT, GCM16}, 0, {1500, 1418, 1418}, ""},
	{{1500, V4NAT, GCM16}, 1400, {1500, 1418, 1400}, ""},
	{{1500, V4NAT, GCM16}, 1500, {1500, 1418, 1418}, ""},
	{{9000, V4NAT, GCM16}, 0, {9000, 8918, 1500}, ""},
	{{65536, CLEAR, UNKNOWN}, 0, {65535, 65496, 1500}, ""},
	{{1362, V4NAT, GCM16}, 0, {1362, 1278, 1278}, "too small for IPv6"},
	{{1364, V4NAT, GCM16}, 0, {1364, 1282, 1282}, ""},
	{{1500, V4NAT, GCM16}, 1200, {1500, 1418, 1200}, "too small for IPv6"},
	{{576, V4NAT, GCM16}, 0, {576, 494, 576}, "in fragments"},
	{{576, V4NAT, GCM16}, 1400, {576, 494, 576}, "in fragments"},
	/* a client that asks for less gets it: RFC 1661 6.1 */
	{{576, V4NAT, GCM16}, 400, {576, 494, 400}, "too small for IPv6"},
};

START_TEST(chooses)
{
	struct mtu m = mtu_choose(&choices[_i].way, choices[_i].limit);
	const char *note = mtu_note(&m);

	ck_assert_uint_eq(m.outer, choices[_i].mtu.outer);
	ck_assert_uint_eq(m.fits, choices[_i].mtu.fits);
	ck_assert_uint_eq(m.inner, choices[_i].mtu.inner);
	if (choices[_i].note[0])
		ck_assert_msg(strstr(note, choices[_i].note) != NULL, "%s", note);
	else
		ck_assert_str_eq(note, "");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("mtu");
	TCase *t = tcase_create("mtu");
	SRunner *r;
	int failed;

	tcase_add_loop_test(t, fits, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_loop_test(t, fits_everywhere, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_loop_test(t, chooses, 0, sizeof(choices) / sizeof(choices[0]));
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
