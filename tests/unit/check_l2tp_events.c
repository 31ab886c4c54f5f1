/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * charon's hooks, called through charon's own bus: what each of them makes the plugin say.  What
 * needs real negotiations is in the lab.
 */
#include "tests/fake/fake_charon.h"

#include "lib/bus/names.h"

START_TEST(test_up)
{
	struct bus_sa sa;
	char text[ADDR_STR_LEN];

	ike->eap_id = identification_create_from_string("carol");
	charon_child_updown(first, TRUE);
	sa = watcher_expect(client, BUS_EV_SA_UP, 11);
	ck_assert_uint_eq(sa.reqid, 111);
	ck_assert_str_eq(sa.connection, "gateway");
	ck_assert_str_eq(sa.child, "child");
	ck_assert_uint_eq(sa.ike_id, 7);
	ck_assert_uint_eq(sa.child_id, 1);
	ck_assert_uint_eq(sa.ike_version, 1);
	ck_assert_str_eq(addr_format(&sa.local, text), "192.0.2.1:4500");
	ck_assert_str_eq(addr_format(&sa.remote, text), "198.51.100.7:26457");
	ck_assert(sa.encap);
	ck_assert_uint_eq(sa.peer_port, 1701);
	ck_assert_str_eq(sa.remote_id, "192.168.1.101");
	ck_assert_str_eq(sa.remote_eap_id, "carol");
	ck_assert_str_eq(sa.auth, "psk");
	ck_assert_str_eq(sa.cipher, "AES_CBC_256/HMAC_SHA1_96");
	ck_assert_uint_eq(sa.iv_bytes, 16);
	ck_assert_uint_eq(sa.icv_bytes, 12);
	ck_assert_uint_eq(sa.block_bytes, 16);
	ck_assert_uint_eq(sa.spi_in, 0xc0000001);
	ck_assert_uint_eq(sa.spi_out, 0x0d000001);
	ck_assert_uint_ne(sa.instance, 0);
	ck_assert_str_eq(sa.reason, "");
	ck_assert_str_eq(charon_log(), "");
}
END_TEST

static const struct {
	const char *algs, *cipher;
	uint32_t iv, icv, block;
} overheads[] = {
	{"3des-sha1", "3DES_CBC/HMAC_SHA1_96", 8, 12, 8},
	{"aes128-sha256", "AES_CBC_128/HMAC_SHA2_256_128", 16, 16, 16},
	{"aes128-md5", "AES_CBC_128/HMAC_MD5_96", 16, 12, 16},
	{"aes256-sha512", "AES_CBC_256/HMAC_SHA2_512_256", 16, 32, 16},
	{"aes128gcm16", "AES_GCM_16_128", 8, 16, 4},
	{"aes256gcm64", "AES_GCM_8_256", 8, 8, 4},
	{"aes128ctr-sha384", "AES_CTR_128/HMAC_SHA2_384_192", 8, 24, 4},
	{"chacha20poly1305", "CHACHA20_POLY1305", 8, 16, 4},
	{"null-sha1", "NULL/HMAC_SHA1_96", 0, 12, 4},
};

START_TEST(test_overhead)
{
	struct bus_sa sa;

	first->proposal->destroy(first->proposal);
	first->proposal = proposal_create_from_string(PROTO_ESP, overheads[_i].algs);
	charon_child_updown(first, TRUE);
	sa = watcher_expect(client, BUS_EV_SA_UP, 11);
	ck_assert_str_eq(sa.cipher, overheads[_i].cipher);
	ck_assert_uint_eq(sa.iv_bytes, overheads[_i].iv);
	ck_assert_uint_eq(sa.icv_bytes, overheads[_i].icv);
	ck_assert_uint_eq(sa.block_bytes, overheads[_i].block);
}
END_TEST

static task_type_t task_type(task_t *task)
{
	return TASK_QUICK_DELETE;
}

/* What people read is why it ended. */
START_TEST(test_reasons)
{
	task_t task = {.get_type = task_type};
	struct bus_sa sa;

	charon_child_updown(first, TRUE);
	watcher_expect(client, BUS_EV_SA_UP, 11);
	ike->active->insert_last(ike->active, &task);
	charon_child_updown(first, FALSE);
	sa = watcher_expect(client, BUS_EV_SA_DOWN, 11);
	ck_assert_str_eq(sa.reason,
			 "closed by charon: terminated by an administrator, or charon stops");

	/* what has run out is deleted by a task as well */
	charon_child_updown(first, TRUE);
	watcher_expect(client, BUS_EV_SA_UP, 11);
	first->lifetime = time_monotonic(NULL);
	charon_child_updown(first, FALSE);
	sa = watcher_expect(client, BUS_EV_SA_DOWN, 11);
	ck_assert_str_eq(sa.reason,
			 "closed by charon: its lifetime is over, and it was not rekeyed");
	ike->active->remove(ike->active, &task, NULL);

	first->lifetime = time_monotonic(NULL) + 100;
	charon_child_updown(first, TRUE);
	watcher_expect(client, BUS_EV_SA_UP, 11);
	charon_child_updown(first, FALSE);
	sa = watcher_expect(client, BUS_EV_SA_DOWN, 11);
	ck_assert_str_eq(sa.reason, "closed by charon");
}
END_TEST

START_TEST(test_down)
{
	task_t task = {.get_type = task_type};
	struct bus_sa sa;

	/* an IKE_SA takes all its children with it, and one event each */
	charon_child_updown(first, TRUE);
	charon_child_updown(second, TRUE);
	watcher_expect(client, BUS_EV_SA_UP, 11);
	watcher_expect(client, BUS_EV_SA_UP, 12);
	ike->passive->insert_last(ike->passive, &task);
	charon->bus->ike_updown(charon->bus, &ike->public, FALSE);
	sa = watcher_expect(client, BUS_EV_SA_DOWN, 11);
	ck_assert_str_eq(sa.reason, "closed by the peer");
	ck_assert(sa.by_peer);
	watcher_expect(client, BUS_EV_SA_DOWN, 12);
	watcher_expect_nothing(client);
	ike->passive->remove(ike->passive, &task, NULL);

	/* destroyed without a word */
	charon_child_updown(first, TRUE);
	watcher_expect(client, BUS_EV_SA_UP, 11);
	charon->bus->child_state_change(charon->bus, &first->public, CHILD_DESTROYING);
	watcher_expect(client, BUS_EV_SA_DOWN, 11);

	/* given up */
	charon_child_updown(first, TRUE);
	watcher_expect(client, BUS_EV_SA_UP, 11);
	charon->bus->alert(charon->bus, ALERT_RETRANSMIT_SEND_TIMEOUT, NULL);
	charon_child_updown(first, FALSE);
	sa = watcher_expect(client, BUS_EV_SA_DOWN, 11);
	ck_assert_str_eq(sa.reason, "the peer does not answer");
	ck_assert(!sa.by_peer);
}
END_TEST

/* charon's own limits, and what is said when l2tpd asks for the list. */
static const struct {
	int limit;
	const char *line;
} thresholds[] = {
	{100, ""},
	{7, "l2tp: behind one NAT no more than 7 clients can dial at the same time; set in "
	    "strongswan.conf: charon.block_threshold = 100\n"},
	{7, ""}, /* once */
	{0, ""}, /* no limit */
};

START_TEST(test_block_threshold)
{
	struct view msg;

	for (size_t i = 0; i < countof(thresholds); i++) {
		charon_log_forget();
		lib->settings->set_int(lib->settings, "%s.block_threshold", thresholds[i].limit,
				       lib->ns);
		ck_assert(watcher_request(client, BUS_CMD_LIST_SAS, (struct view){}, &msg));
		watcher_expect_nothing(client); /* the command before is done */
		ck_assert_str_eq(charon_log(), thresholds[i].line);
	}
}
END_TEST

/*
 * A charon without IKEv1, as far as the plugin can tell: this program's dlsym() is what it calls.
 */
static bool without_ikev1;

__attribute__((visibility("default"))) void *dlsym(void *restrict handle,
						   const char *restrict name);
void *dlsym(void *restrict handle, const char *restrict name)
{
	static void *(*real)(void *, const char *);

	if (!real)
		real = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.34");
	return without_ikev1 && streq(name, "task_manager_v1_create") ? NULL : real(handle, name);
}

START_TEST(test_without_ikev1)
{
	struct bus_charon charon_says;
	struct view msg;

	without_ikev1 = TRUE;
	ck_assert(watcher_request(client, BUS_CMD_CHARON_VERSION, (struct view){}, &msg));
	without_ikev1 = FALSE;
	ck_assert_int_eq(bus_read(msg, &bus_charon_record, &charon_says), 0);
	ck_assert(!charon_says.ikev1);
	ck_assert_msg(strstr(charon_says.problem, "without IKEv1"), "%s", charon_says.problem);
	ck_assert_msg(strstr(charon_says.problem, "--enable-ikev1"), "%s", charon_says.problem);

	without_ikev1 = TRUE;
	ike->cfg->destroy(ike->cfg);
	ike->cfg = fake_connection("useless", UNIQUE_NEVER);
	charon_child_updown(first, TRUE);
	without_ikev1 = FALSE;
	ck_assert_str_eq(charon_log(),
			 "l2tp: connection 'useless': nobody can connect, as this charon was built "
			 "without IKEv1; set in swanctl.conf: version = 2\n");
	watcher_expect(client, BUS_EV_SA_UP, 11);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("l2tp_events");
	TCase *tc = tcase_create("l2tp_events");

	tcase_add_checked_fixture(tc, charon_setup, charon_teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_up);
	tcase_add_loop_test(tc, test_overhead, 0, countof(overheads));
	tcase_add_test(tc, test_reasons);
	tcase_add_test(tc, test_down);
	tcase_add_test(tc, test_block_threshold);
	tcase_add_test(tc, test_without_ikev1);
	suite_add_tcase(s, tc);
	return charon_run(s);
}
