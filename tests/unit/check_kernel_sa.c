/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The message that removes an SA from the kernel, and whether this kernel understands it. */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/xfrm.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "l2tpd/ipsec/kernel.h"

static struct addr address(const char *text)
{
	struct addr a;

	ck_assert_int_eq(addr_parse(&a, text, 4500), 0);
	return a;
}

static const struct {
	const char *from, *to;
	uint32_t spi;
	uint16_t family; /* 0: refused */
} rows[] = {
	{"192.0.2.1:4500", "192.0.2.2:4500", 0xc0000001, AF_INET},
	{"2001:db8::1", "2001:db8::2", 0xc0000001, AF_INET6},
	{"192.0.2.1", "2001:db8::2", 0xc0000001, 0},
	{"192.0.2.1", "192.0.2.2", 0, 0},
};

START_TEST(test_message)
{
	_Alignas(struct nlmsghdr) char bytes[KERNEL_MSG_LEN];
	struct addr from = address(rows[_i].from), to = address(rows[_i].to), none = {0};
	size_t len = kernel_build_removal(&from, &to, rows[_i].spi, bytes);
	const struct nlmsghdr *m = (void *)bytes;
	const struct xfrm_usersa_id *id = mnl_nlmsg_get_payload(m);
	const struct nlattr *source = (const void *)(id + 1);

	ck_assert_uint_eq(kernel_build_removal(&none, &to, 1, bytes + len), 0);
	ck_assert(!len == !rows[_i].family);
	if (!len)
		return;
	ck_assert_uint_eq(len, m->nlmsg_len);
	ck_assert_uint_eq(m->nlmsg_type, XFRM_MSG_DELSA);
	ck_assert_uint_eq(id->family, rows[_i].family);
	ck_assert_uint_eq(ntohl(id->spi), rows[_i].spi);
	ck_assert_uint_eq(id->proto, IPPROTO_ESP);
	ck_assert_mem_eq(&id->daddr, to.ip, rows[_i].family == AF_INET ? 4 : 16);
	ck_assert_uint_eq(mnl_attr_get_type(source), XFRMA_SRCADDR);
	ck_assert_mem_eq(mnl_attr_get_payload(source), from.ip,
			 rows[_i].family == AF_INET ? 4 : 16);
}
END_TEST

START_TEST(test_kernel)
{
	struct addr from = address("192.0.2.1"), to = address("192.0.2.2");
	int err;

	if (unshare(CLONE_NEWNET) < 0) {
		printf("not asked the kernel: no network namespace of our own to be had\n");
		return;
	}
	err = kernel_remove_sa(&from, &to, 0xc0000001);
	ck_assert_msg(err == -ESRCH || err == -EPROTONOSUPPORT, "%d", err);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel_sa");
	TCase *t = tcase_create("kernel_sa");
	SRunner *r;
	int failed;

	tcase_add_loop_test(t, test_message, 0, sizeof(rows) / sizeof(*rows));
	tcase_add_test(t, test_kernel);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
