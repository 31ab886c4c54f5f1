/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pppd-plugin/assign: what l2tpd, RADIUS and the lease make of a client together. */
#include "pppd-plugin/assign.h"

#include <check.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "lib/radius/packet.h"

#define WISH_UNTOUCHED 7

static struct assign a;

static void set_up(void)
{
	struct bus_setup setup = {.mtu = 1400};

	ck_assert_int_eq(addr_parse(&setup.local_ip, "10.0.0.1", 0), 0);
	ck_assert_int_eq(addr_parse(&setup.peer_ip, "10.0.0.2", 0), 0);
	ck_assert_int_eq(addr_parse(&setup.dns_primary, "10.0.0.53", 0), 0);
	ck_assert_int_eq(addr_parse(&setup.dns_secondary, "2001:db8::53", 0), 0);
	assign_setup(&a, &setup);
}

START_TEST(setup)
{
	set_up();
	ck_assert_uint_eq(a.local, 0x0a000001);
	ck_assert_uint_eq(a.peer, 0x0a000002);
	ck_assert_uint_eq(a.dns[0], 0x0a000035);
	ck_assert_uint_eq(a.dns[1], 0); /* IPCP knows IPv4 only */
	ck_assert_uint_eq(a.mtu, 1400);
	ck_assert_uint_eq(a.session_timeout_s, 0);
}
END_TEST

/* One attribute of an Access-Accept, and what becomes of it. */
static const struct {
	uint32_t vendor;
	enum radius_attr_type type;
	uint32_t value;
	const char *refused; /* part of why; NULL: accepted, with what follows */
	uint32_t wish, mtu, session_timeout_s, idle_timeout_s, dns[2];
} rows[] = {
#define DNS                                                                                        \
	{                                                                                          \
		0x0a000035, 0                                                                      \
	}
	{0, RADIUS_NAS_PORT, 1, NULL, 0, 1400, 0, 0, DNS},
	{0, RADIUS_SERVICE_TYPE, 2, NULL, 0, 1400, 0, 0, DNS},
	{0, RADIUS_SERVICE_TYPE, 1, "Service-Type 1", 0, 0, 0, 0, DNS},
	{0, RADIUS_FRAMED_PROTOCOL, 1, NULL, 0, 1400, 0, 0, DNS},
	{0, RADIUS_FRAMED_PROTOCOL, 2, "Framed-Protocol 2", 0, 0, 0, 0, DNS},
	{0, RADIUS_FRAMED_IP_ADDRESS, 0x0a010203, NULL, 0x0a010203, 1400, 0, 0, DNS},
	{0, RADIUS_FRAMED_IP_ADDRESS, 0xfffffffe, NULL, 0, 1400, 0, 0, DNS},
	{0, RADIUS_FRAMED_IP_ADDRESS, 0xffffffff, NULL, 0, 1400, 0, 0, DNS},
	{0, RADIUS_FRAMED_IP_ADDRESS, 0, NULL, 0, 1400, 0, 0, DNS},
	{0, RADIUS_FRAMED_IP_ADDRESS, 0x7f000001, "127.0.0.1", 0, 0, 0, 0, DNS},
	{0, RADIUS_FRAMED_IP_ADDRESS, 0x00000001, "0.0.0.1", 0, 0, 0, 0, DNS},
	{0, RADIUS_FRAMED_IP_ADDRESS, 0xe0000001, "224.0.0.1", 0, 0, 0, 0, DNS},
	{0, RADIUS_FRAMED_IP_ADDRESS, 0xf0000001, "240.0.0.1", 0, 0, 0, 0, DNS},
	{0, RADIUS_FRAMED_MTU, 1300, NULL, 0, 1300, 0, 0, DNS},
	{0, RADIUS_FRAMED_MTU, 1500, NULL, 0, 1400, 0, 0, DNS},
	{0, RADIUS_FRAMED_MTU, 127, NULL, 0, 1400, 0, 0, DNS},
	{0, RADIUS_SESSION_TIMEOUT, 60, NULL, 0, 1400, 60, 0, DNS},
	{0, RADIUS_SESSION_TIMEOUT, 0, NULL, 0, 1400, 0, 0, DNS},
	{0, RADIUS_SESSION_TIMEOUT, 0xffffffff, NULL, 0, 1400, INT_MAX, 0, DNS},
	{0, RADIUS_IDLE_TIMEOUT, 60, NULL, 0, 1400, 0, 60, DNS},
	{311, RADIUS_MS_PRIMARY_DNS_SERVER, 0x0a000036, NULL, 0, 1400, 0, 0, {0x0a000036, 0}},
	{311,
	 RADIUS_MS_SECONDARY_DNS_SERVER,
	 0x0a000036,
	 NULL,
	 0,
	 1400,
	 0,
	 0,
	 {0x0a000035, 0x0a000036}},
	{311, RADIUS_MS_PRIMARY_DNS_SERVER, 0, NULL, 0, 1400, 0, 0, DNS},
	{9, RADIUS_MS_PRIMARY_DNS_SERVER, 0x0a000036, NULL, 0, 1400, 0, 0, DNS}, /* other vendor */
};

START_TEST(accepted)
{
	const uint8_t value[] = {(uint8_t)(rows[_i].value >> 24), (uint8_t)(rows[_i].value >> 16),
				 (uint8_t)(rows[_i].value >> 8), (uint8_t)rows[_i].value};
	struct radius_attrs attrs;
	uint32_t wish = WISH_UNTOUCHED;
	char why[128] = "";
	int r;

	set_up();
	radius_attrs_init(&attrs);
	if (rows[_i].vendor)
		radius_add_vendor(&attrs, rows[_i].vendor, rows[_i].type,
				  (struct view){value, sizeof(value)});
	else
		radius_add_u32(&attrs, rows[_i].type, rows[_i].value);
	r = assign_accept(&a, (struct view){attrs.bytes, attrs.w.len}, &wish, why, sizeof(why));
	if (rows[_i].refused) {
		ck_assert_int_eq(r, -EINVAL);
		ck_assert_ptr_nonnull(strstr(why, rows[_i].refused));
		ck_assert_uint_eq(wish, WISH_UNTOUCHED);
		return;
	}
	ck_assert_int_eq(r, 0);
	ck_assert_str_eq(why, "");
	ck_assert_uint_eq(wish, rows[_i].wish);
	ck_assert_uint_eq(a.mtu, rows[_i].mtu);
	ck_assert_uint_eq(a.session_timeout_s, rows[_i].session_timeout_s);
	ck_assert_uint_eq(a.idle_timeout_s, rows[_i].idle_timeout_s);
	ck_assert_uint_eq(a.dns[0], rows[_i].dns[0]);
	ck_assert_uint_eq(a.dns[1], rows[_i].dns[1]);
	ck_assert_uint_eq(a.peer, 0x0a000002); /* the lease decides that */
}
END_TEST

static const struct {
	const char *address; /* "": none */
	int result;
} leases[] = {{"10.1.2.3", 0},      {"", -EINVAL},          {"2001:db8::1", -EINVAL},
	      {"0.0.0.0", -EINVAL}, {"127.0.0.1", -EINVAL}, {"255.255.255.255", -EINVAL}};

START_TEST(leased)
{
	struct addr address = {0};

	set_up();
	if (leases[_i].address[0])
		ck_assert_int_eq(addr_parse(&address, leases[_i].address, 0), 0);
	ck_assert_int_eq(assign_lease(&a, &address), leases[_i].result);
	ck_assert_uint_eq(a.peer, leases[_i].result ? 0x0a000002 : 0x0a010203);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("assign");
	TCase *t = tcase_create("assign");
	SRunner *r;
	int failed;

	tcase_add_test(t, setup);
	tcase_add_loop_test(t, accepted, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_loop_test(t, leased, 0, sizeof(leases) / sizeof(leases[0]));
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
