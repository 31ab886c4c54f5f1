/* SPDX-License-Identifier: GPL-2.0-or-later */
/* l2tpd --decode: text and captures, each capture cut anywhere. */
#include "l2tpd/decode.h"

#include <check.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BYTES(...) ((const uint8_t[]){__VA_ARGS__}), sizeof((const uint8_t[]){__VA_ARGS__})

/* What is printed, to be freed. */
static char *run(const void *bytes, size_t len, int *ret_err)
{
	char *text = NULL;
	size_t size = 0;
	FILE *in = tmpfile(), *out = open_memstream(&text, &size);

	ck_assert(in && out && fwrite(bytes, 1, len, in) == len);
	rewind(in);
	*ret_err = decode(in, out);
	fclose(in);
	fclose(out);
	return text;
}

#define HEADER       "1: control tunnel 0 session 0 Ns 0 Nr 0:\n"
#define ZLB_IN_WORDS "control tunnel 18 session 0 Ns 3 Nr 4: acknowledgement\n"

static const struct {
	const char *what, *text;
	int err;
	const char *printed;
} texts[] = {
	{"nothing", "", 0, ""},
	{"an acknowledgement", "c802 000c 0012 0000 0003 0004", 0, "1: " ZLB_IN_WORDS},
	{"two, with comments",
	 "# first\nc802 000c 0012 0000 # ids\n# in between\n0003 0004\n\n \n0002 0012 0001 "
	 "ff03c021\n",
	 0, "1: " ZLB_IN_WORDS "2: data tunnel 18 session 1: 4 bytes\n"},
	{"something else", "c801 0000\n", 0, "1: no L2TP: 4 bytes\n"},
	{"half a byte", "c80", -EBADMSG, ""},
	{"no digit", "c8 xx", -EBADMSG, ""},
	{"a message that is taken",
	 "c802 002e 0000 0000 0000 0000 8008 0000 0000 000a 8008 0000 000e 0007 "
	 "0007 0000 0016 35 000b 0009 0001 0102030405\n",
	 0,
	 HEADER "    M-- 0 Message Type: 10 (ICRQ)\n"
		"    M-- 14 Assigned Session ID: 7\n"
		"    --- 22 Calling Number: \"5\"\n"
		"    --- AVP 1 of vendor 9: 0102 0304 05\n"
		"    taken\n"},
	{"hidden, reserved, broken: CDN is taken whatever it has",
	 "c802 0030 0000 0000 0000 0000 8008 0000 0000 000e 800b 0000 0001 00020006 78 "
	 "c009 0000 000e 010203 8408 0000 0063 0001\n",
	 0,
	 HEADER "    M-- 0 Message Type: 14 (CDN)\n"
		"    M-- 1 Result Code: 2 error 6 \"x\"\n"
		"    MH- 14 Assigned Session ID: 0102 03\n"
		"    M-r 99 unknown: 0001\n"
		"    taken\n"},
	{"an unknown message", "c802 0014 0000 0000 0000 0000 8008 0000 0000 0055\n", 0,
	 HEADER "    M-- 0 Message Type: 85 (unknown)\n"
		"    refused: result 2 error 8: AVP 0 (Message Type): unknown, but mandatory\n"},
	{"cut off", "c802 0013 0000 0000 0000 0000 8008 0000 0000 00\n", 0,
	 HEADER "    an AVP that is cut off\n"
		"    refused: result 2 error 3: AVP 0 (Message Type): the message does not begin "
		"with its type\n"},
};

START_TEST(test_text)
{
	int err;
	char *got = run(texts[_i].text, strlen(texts[_i].text), &err);

	ck_assert_msg(err == texts[_i].err, "%s: %d", texts[_i].what, err);
	ck_assert_str_eq(got, texts[_i].printed);
	free(got);
}
END_TEST

/* A ZLB inside UDP inside IP, and heads of captures. */
#define ZLB      0xc8, 2, 0, 12, 0, 18, 0, 0, 0, 3, 0, 4
#define UDP(to)  0x80, 0, (to) >> 8, (to)&0xff, 0, 20, 0, 0
#define IP4      0x45, 0, 0, 40, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2
#define ADDRESS6 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1
#define IP6      0x60, 0, 0, 0, 0, 20, 17, 64, ADDRESS6, ADDRESS6
#define MACS     1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 7
#define HEAD_LE(l)                                                                                 \
	0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, l, 0, 0, 0
#define HEAD_BE(l)                                                                                 \
	0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, l
#define FRAME_LE(n) 0, 0, 0, 0, 0, 0, 0, 0, n, 0, 0, 0, n, 0, 0, 0
#define FRAME_BE(n) 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, n, 0, 0, 0, n

static const struct {
	const char *what;
	const uint8_t *bytes;
	size_t len;
	int err;
	const char *printed;
} captures[] = {
	{"nothing in it", BYTES(HEAD_LE(1)), 0, ""},
	{"Ethernet", BYTES(HEAD_LE(1), FRAME_LE(54), MACS, 8, 0, IP4, UDP(1701), ZLB), 0,
	 "1: " ZLB_IN_WORDS},
	{"Ethernet with VLAN",
	 BYTES(HEAD_LE(1), FRAME_LE(58), MACS, 0x81, 0, 0, 9, 8, 0, IP4, UDP(1701), ZLB), 0,
	 "1: " ZLB_IN_WORDS},
	{"IPv6, cooked",
	 BYTES(HEAD_LE(113), FRAME_LE(76), MACS, 0, 0, 0x86, 0xdd, IP6, UDP(1701), ZLB), 0,
	 "1: " ZLB_IN_WORDS},
	{"raw, the other byte order", BYTES(HEAD_BE(101), FRAME_BE(40), IP4, UDP(1701), ZLB), 0,
	 "1: " ZLB_IN_WORDS},
	{"another port first",
	 BYTES(HEAD_LE(101), FRAME_LE(40), IP4, UDP(53), ZLB, FRAME_LE(40), IP4, UDP(1701), ZLB), 0,
	 "2: " ZLB_IN_WORDS},
	{"ARP", BYTES(HEAD_LE(1), FRAME_LE(54), MACS, 8, 6, IP4, UDP(1701), ZLB), 0, ""},
	{"an unknown kind of link", BYTES(HEAD_LE(2)), -EBADMSG, ""},
	{"a frame past the end", BYTES(HEAD_LE(101), FRAME_LE(41), IP4, UDP(1701), ZLB), -EBADMSG,
	 ""},
};

START_TEST(test_capture)
{
	int err;
	char *got = run(captures[_i].bytes, captures[_i].len, &err);

	ck_assert_msg(err == captures[_i].err, "%s: %d", captures[_i].what, err);
	ck_assert_str_eq(got, captures[_i].printed);
	free(got);
	for (size_t cut = 0; cut < captures[_i].len; cut++)
		free(run(captures[_i].bytes, cut, &err));
}
END_TEST

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

int main(void)
{
	Suite *s = suite_create("decode");
	TCase *t = tcase_create("decode");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_add_loop_test(t, test_text, 0, ROWS(texts));
	tcase_add_loop_test(t, test_capture, 0, ROWS(captures));
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
