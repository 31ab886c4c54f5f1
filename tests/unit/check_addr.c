/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/base/addr: text, the kernel's form, and back. */
#include "lib/base/addr.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *in;
	const char *out; /* formatted, with 99 as default port; NULL: refused */
	const char *ip;
} texts[] = {
	{"192.0.2.1", "192.0.2.1:99", "192.0.2.1"},
	{"192.0.2.1:1701", "192.0.2.1:1701", "192.0.2.1"},
	{"0.0.0.0:65535", "0.0.0.0:65535", "0.0.0.0"},
	{"2001:db8::1", "[2001:db8::1]:99", "2001:db8::1"},
	{"[2001:db8::1]", "[2001:db8::1]:99", "2001:db8::1"},
	{"[2001:db8::1]:1701", "[2001:db8::1]:1701", "2001:db8::1"},
	{"::", "[::]:99", "::"},
	{"::ffff:192.0.2.1", "[::ffff:192.0.2.1]:99", "::ffff:192.0.2.1"},
	{"fe80::1%7", "[fe80::1%7]:99", "fe80::1%7"}, /* index that need not exist here */
	{"fe80::1%lo", "[fe80::1%1]:99", "fe80::1%1"},
	{"[fe80::1%4294967295]:65535", "[fe80::1%4294967295]:65535", "fe80::1%4294967295"},
	{"", NULL, NULL},
	{":", NULL, NULL},
	{"192.0.2", NULL, NULL},
	{"192.0.2.256", NULL, NULL},
	{"192.0.2.1:", NULL, NULL},
	{"192.0.2.1:0", NULL, NULL},
	{"192.0.2.1:65536", NULL, NULL},
	{"192.0.2.1:99999999999999999999", NULL, NULL},
	{"192.0.2.1:+1", NULL, NULL},
	{"192.0.2.1: 1", NULL, NULL},
	{"192.0.2.1:1x", NULL, NULL},
	{"192.0.2.1%lo", NULL, NULL}, /* IPv4 has no scope */
	{"[192.0.2.1]:1701", NULL, NULL},
	{"[2001:db8::1", NULL, NULL},
	{"[2001:db8::1]x", NULL, NULL},
	{"[2001:db8::1]:", NULL, NULL},
	{"2001:db8::1::2", NULL, NULL},
	{"fe80::1%", NULL, NULL},
	{"fe80::1%0", NULL, NULL},
	{"fe80::1%no-such-interface", NULL, NULL},
	{"fe80::1%4294967296", NULL, NULL},
	{"host.example.net", NULL, NULL},
	{" 192.0.2.1", NULL, NULL},
	{"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000", NULL, NULL},
};

static const struct {
	const char *prefix, *inside, *outside;
} prefixes[] = {
	{"192.0.2.0/24", "192.0.2.255", "192.0.3.0"},
	{"192.0.2.5", "192.0.2.5:1701", "192.0.2.4"},
	{"192.0.2.4/31", "192.0.2.5", "192.0.2.6"},
	{"0.0.0.0/0", "255.1.2.3", "::1"},
	{"::/0", "2001:db8::1", "192.0.2.1"},
	{"2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::1"},
	{"192.0.2.1/24", NULL, NULL}, /* a bit behind it */
	{"192.0.2.0/", NULL, NULL},
	{"192.0.2.0/33", NULL, NULL},
	{"192.0.2.0/-1", NULL, NULL},
	{"192.0.2.0/24x", NULL, NULL},
	{"192.0.2.0/00", NULL, NULL},
	{"192.0.2.5:1701", NULL, NULL},
	{"/24", NULL, NULL},
	{"", NULL, NULL},
};

START_TEST(prefix)
{
	struct addr_prefix p;
	struct addr a;
	int r = addr_prefix_parse(&p, prefixes[_i].prefix);

	if (!prefixes[_i].inside) {
		ck_assert_int_eq(r, -EINVAL);
		return;
	}
	ck_assert_int_eq(r, 0);
	ck_assert_int_eq(addr_parse(&a, prefixes[_i].inside, 0), 0);
	ck_assert(addr_prefix_holds(&p, &a));
	ck_assert_int_eq(addr_parse(&a, prefixes[_i].outside, 0), 0);
	ck_assert(!addr_prefix_holds(&p, &a));
}
END_TEST

static const struct {
	const char *text;
	bool link_local, any;
} meanings[] = {
	{"fe80::1", true, false},      {"febf:ffff::1%3", true, false},
	{"fec0::1", false, false},     {"fe00::1", false, false},
	{"::", false, true},           {"::1", false, false},
	{"0.0.0.0:1", false, true},    {"0.0.0.1", false, false},
	{"254.128.0.1", false, false},
};

START_TEST(meaning)
{
	struct addr a;

	ck_assert_int_eq(addr_parse(&a, meanings[_i].text, 0), 0);
	ck_assert(addr_is_link_local(&a) == meanings[_i].link_local);
	ck_assert(addr_is_any(&a) == meanings[_i].any);
}
END_TEST

START_TEST(from_text_and_back)
{
	struct addr a = {.port = 7}, b;
	char text[ADDR_STR_LEN];
	int r = addr_parse(&a, texts[_i].in, 99);

	if (!texts[_i].out) {
		ck_assert_int_eq(r, -EINVAL);
		ck_assert_uint_eq(a.port, 7); /* untouched */
		return;
	}
	ck_assert_int_eq(r, 0);
	ck_assert_str_eq(addr_format(&a, text), texts[_i].out);
	ck_assert_int_eq(addr_parse(&b, text, 0), 0);
	ck_assert(addr_equal(&a, &b));
	ck_assert_str_eq(addr_format_ip(&a, text), texts[_i].ip);
	ck_assert_int_eq(addr_parse(&b, text, 0), 0);
	ck_assert(addr_same_ip(&a, &b));
	ck_assert(!addr_equal(&a, &b));
	ck_assert_str_eq(addr_format(&b, text), texts[_i].ip); /* port 0 is not shown */
}
END_TEST

START_TEST(from_kernel_and_back)
{
	static const char *const all[] = {"192.0.2.1:1701", "[2001:db8::1]:1701",
					  "[fe80::1%3]:4500"};
	struct addr a, b;
	union addr_sockaddr u;
	socklen_t len;

	ck_assert_int_eq(addr_parse(&a, all[_i], 0), 0);
	len = addr_to_sockaddr(&a, &u);
	ck_assert_uint_eq(len, a.family == AF_INET ? sizeof(u.in) : sizeof(u.in6));
	ck_assert_int_eq(addr_from_sockaddr(&b, &u.sa, len), 0);
	ck_assert(addr_equal(&a, &b));
	ck_assert_mem_eq(&a, &b, sizeof(a)); /* so that it can be hashed */
	for (socklen_t less = 0; less < len; less++)
		ck_assert_int_eq(addr_from_sockaddr(&b, &u.sa, less), -EAFNOSUPPORT);
}
END_TEST

START_TEST(no_address)
{
	struct addr none = {.port = 5}, a;
	union addr_sockaddr u = {.sa.sa_family = AF_UNIX};
	char text[ADDR_STR_LEN];

	ck_assert_str_eq(addr_format(&none, text), "none");
	ck_assert_str_eq(addr_format_ip(&none, text), "none");
	ck_assert_int_eq(addr_from_sockaddr(&a, &u.sa, sizeof(u)), -EAFNOSUPPORT);
	ck_assert_uint_eq(addr_to_sockaddr(&none, &u), 0);
	ck_assert_uint_eq(addr_ipv4(&none), 0);
}
END_TEST

START_TEST(ipv4_as_a_number)
{
	struct addr a = addr_from_ipv4(0xc0000201, 1701), b;
	char text[ADDR_STR_LEN];

	ck_assert_str_eq(addr_format(&a, text), "192.0.2.1:1701");
	ck_assert_uint_eq(addr_ipv4(&a), 0xc0000201);
	ck_assert_int_eq(addr_parse(&b, "192.0.2.1:1701", 0), 0);
	ck_assert_mem_eq(&a, &b, sizeof(a));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("addr");
	TCase *t = tcase_create("addr");
	SRunner *r;
	int failed;

	tcase_add_loop_test(t, from_text_and_back, 0, sizeof(texts) / sizeof(texts[0]));
	tcase_add_loop_test(t, from_kernel_and_back, 0, 3);
	tcase_add_loop_test(t, meaning, 0, sizeof(meanings) / sizeof(meanings[0]));
	tcase_add_loop_test(t, prefix, 0, sizeof(prefixes) / sizeof(prefixes[0]));
	tcase_add_test(t, no_address);
	tcase_add_test(t, ipv4_as_a_number);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
