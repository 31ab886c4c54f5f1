/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The nftables commands, whole. */
#include "l2tpd/policy/nft.h"

#include <check.h>
#include <stdlib.h>

START_TEST(test_text)
{
	char text[NFT_TEXT_LEN];

	ck_assert_str_eq(
		nft_text(20000, 29999, text),
		"add table inet l2tpd\n"
		"delete table inet l2tpd\n"
		"table inet l2tpd {\n"
		"\tchain bare {\n"
		"\t\t@th,64,16 & 0x400f == 0x0002"
		" @th,80,16 >= 20000 @th,80,16 <= 29999 @th,16,16 set @th,80,16\n"
		"\t\t@th,64,16 & 0x400f == 0x4002"
		" @th,96,16 >= 20000 @th,96,16 <= 29999 @th,16,16 set @th,96,16\n"
		"\t}\n"
		"\tchain in {\n"
		"\t\ttype filter hook input priority 300\n"
		"\t\tudp dport 20000-29999 @th,64,16 & 0x000f == 0x0002 drop\n"
		"\t\tudp dport 1701 udp checksum 0 goto bare\n"
		"\t\tudp dport 1701 @th,64,16 & 0x400f == 0x0002"
		" @th,80,16 >= 20000 @th,80,16 <= 29999 udp dport set @th,80,16\n"
		"\t\tudp dport 1701 @th,64,16 & 0x400f == 0x4002"
		" @th,96,16 >= 20000 @th,96,16 <= 29999 udp dport set @th,96,16\n"
		"\t}\n"
		"\tchain out {\n"
		"\t\ttype filter hook output priority raw\n"
		"\t\tudp sport 20000-29999 @th,64,16 & 0x000f == 0x0002 udp sport set 1701\n"
		"\t}\n"
		"}\n");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("nft");
	TCase *t = tcase_create("nft");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(t, test_text);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
