/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections that cannot carry L2TP, and peers that do not do as configured: what the log says. */
#include "tests/fake/fake_charon.h"

#include "lib/bus/names.h"

/* What can be wrong in swanctl.conf, and what the line says: fake_good_child with one thing changed
 */
#define TRANS .mode = MODE_TRANSPORT
#define NOPOL .options = OPT_NO_POLICIES
#define UNIQ  .mark_in = {MARK_UNIQUE, 0xffffffff}
#define SAME  .set_mark_in = {MARK_SAME, 0xffffffff}

static const struct {
	child_cfg_create_t child;
	const char *setting;
} lacks[] = {
	{{.mode = MODE_TUNNEL, NOPOL, UNIQ, SAME}, "mode = transport"},
	{{TRANS, NOPOL, SAME}, "mark_in = %unique"},
	{{TRANS, NOPOL, .mark_in = {42, 0xffffffff}, SAME}, "mark_in = %unique"},
	{{TRANS, NOPOL, .mark_in = {MARK_UNIQUE, 0xff}, SAME}, "mark_in = %unique"},
	{{TRANS, NOPOL, UNIQ}, "set_mark_in = %same"},
	{{TRANS, NOPOL, UNIQ, .set_mark_in = {42, 0xffffffff}}, "set_mark_in = %same"},
	{{TRANS, UNIQ, SAME}, "policies = no"},
	{{TRANS, .options = OPT_NO_POLICIES | OPT_MARK_IN_SA, UNIQ, SAME}, "mark_in_sa = no"},
	{{TRANS, .options = OPT_NO_POLICIES | OPT_IPCOMP, UNIQ, SAME}, "ipcomp = no"},
	{{TRANS, NOPOL, UNIQ, SAME, .mark_out = {MARK_UNIQUE, 0xffffffff}}, "no mark_out"},
	{{TRANS, NOPOL, UNIQ, SAME, .reqid = 42}, "no reqid"},
	{{TRANS, NOPOL, UNIQ, SAME, .if_id_in = 42}, "no if_id_in, no if_id_out"},
	{{TRANS, NOPOL, UNIQ, SAME, .if_id_out = IF_ID_UNIQUE}, "no if_id_in, no if_id_out"},
};

START_TEST(test_lacks)
{
	char line[256];

	first->cfg->destroy(first->cfg);
	first->cfg = fake_add_child(ike->cfg, &lacks[_i].child, "1701");
	snprintf(line, sizeof(line),
		 "l2tp: child 'child' of connection 'gateway' cannot carry L2TP, its clients are "
		 "not served; set in swanctl.conf: %s\n",
		 lacks[_i].setting);
	charon_child_updown(first, TRUE);
	ck_assert_str_eq(charon_log(), line);

	/* said once, not once for each client; and this was not published */
	charon_child_updown(first, TRUE);
	charon->bus->child_rekey(charon->bus, &first->public, &first->public);
	charon_child_updown(first, FALSE);
	ck_assert_str_eq(charon_log(), line);
	watcher_expect_nothing(client);

	/* corrected, the next client is served; and spoiled again it is said again */
	charon_child_updown(second, TRUE);
	watcher_expect(client, BUS_EV_SA_UP, 12);
	charon_child_updown(first, TRUE);
	ck_assert_uint_eq(strlen(charon_log()), 2 * strlen(line));
	charon_child_updown(second, FALSE);
	watcher_expect(client, BUS_EV_SA_DOWN, 12);
	charon_child_updown(second, TRUE); /* leaves nothing said for the next test */
}
END_TEST

/* Seen when a client connects first, before it has a CHILD_SA; all that is missing in one line. */
START_TEST(test_connection)
{
	peer_cfg_t *peer = fake_connection("other", UNIQUE_NEVER);
	struct fake_ike *other = fake_ike(peer, 9);
	child_cfg_create_t worst = {.mode = MODE_TUNNEL};
	child_cfg_t *cfg;

	cfg = fake_add_child(peer, &worst, "0"); /* not ours */
	cfg->destroy(cfg);
	charon->bus->ike_updown(charon->bus, &other->public, TRUE);
	ck_assert_str_eq(charon_log(), "");
	cfg = fake_add_child(peer, &worst, "1701");
	cfg->destroy(cfg);
	charon->bus->ike_updown(charon->bus, &other->public, TRUE);
	ck_assert_str_eq(charon_log(),
			 "l2tp: child 'child' of connection 'other' cannot carry L2TP, its clients "
			 "are not served; set in swanctl.conf: mode = transport, mark_in = "
			 "%unique, set_mark_in = %same, policies = no\n");
	charon->bus->ike_updown(charon->bus, &other->public, FALSE);
	fake_ike_free(other);
}
END_TEST

/* What is said of connections whose clients are served all the same. */
#ifdef HAS_USE_AGGRESSIVE
#define AGGRESSIVE_MODE .aggressive = TRUE
#else
#define AGGRESSIVE_MODE .options = OPT_IKEV1_AGGRESSIVE
#endif

static const struct {
	peer_cfg_create_t peer;
	uint16_t remote_port; /* 0: any */
	const char *line;
} unwise[] = {
	{{.unique = UNIQUE_REPLACE},
	 0,
	 "l2tp: connection 'unwise': clients with equal identities can replace each other; set in "
	 "swanctl.conf: unique = never\n"},
	{{.unique = UNIQUE_NEVER, AGGRESSIVE_MODE},
	 0,
	 "l2tp: connection 'unwise': anybody can ask for a hash of the shared key, and guess it at "
	 "home; set in swanctl.conf: aggressive = no\n"},
	{{.unique = UNIQUE_NEVER},
	 1701,
	 "l2tp: connection 'unwise': clients that do not use port 1701 are refused, as those of "
	 "Apple and Android; set in swanctl.conf: remote_ts = dynamic[17]\n"},
	{{.unique = UNIQUE_NEVER}, 0, ""},
};

START_TEST(test_unwise)
{
	ike_cfg_create_t ike_data = {.version = IKEV1, .local = "%any", .remote = "%any"};
	peer_cfg_create_t peer = unwise[_i].peer;
	child_cfg_create_t child = fake_good_child;
	uint16_t port = unwise[_i].remote_port;

	ike->cfg->destroy(ike->cfg);
	ike->cfg = peer_cfg_create("unwise", ike_cfg_create(&ike_data), &peer);
	first->cfg->destroy(first->cfg);
	first->cfg = child_cfg_create("child", &child);
	first->cfg->add_traffic_selector(
		first->cfg, FALSE,
		traffic_selector_create_dynamic(IPPROTO_UDP, port, port ?: 65535));
	charon_child_updown(first, TRUE);
	ck_assert_str_eq(charon_log(), unwise[_i].line);
	charon_child_updown(first, TRUE); /* once */
	ck_assert_str_eq(charon_log(), unwise[_i].line);
	watcher_expect(client, BUS_EV_SA_UP, 11);
}
END_TEST

START_TEST(test_others)
{
	/* another service's SA is none of our business */
	first->local_ts->destroy(first->local_ts);
	first->local_ts = traffic_selector_create_from_string(IPPROTO_UDP, TS_IPV4_ADDR_RANGE,
							      "192.0.2.1", 0, "192.0.2.1", 65535);
	charon_child_updown(first, TRUE);
	ck_assert_str_eq(charon_log(), "");

	/* a peer that does not do as configured */
	second->mode = MODE_TUNNEL;
	charon_child_updown(second, TRUE);
	ck_assert_str_eq(charon_log(),
			 "l2tp: '192.168.1.101' at 198.51.100.7 negotiated ESP in TUNNEL mode, "
			 "L2TP needs ESP in TRANSPORT mode: CHILD_SA child{2} cannot be used\n");
	watcher_expect_nothing(client);
}
END_TEST

/* Also of our own address only: the interface is nowhere in an SA. */
START_TEST(test_link_local)
{
	ike->remote->destroy(ike->remote);
	ike->remote = host_create_from_string("fe80::7", 500);
	charon_child_updown(first, TRUE);
	ck_assert_str_eq(charon_log(),
			 "l2tp: '192.168.1.101' at fe80::7 called 192.0.2.1: link-local addresses "
			 "are not served, neighbours on two links may have the same: CHILD_SA "
			 "child{1} cannot be used\n");
	charon_log_forget();
	ike->remote->destroy(ike->remote);
	ike->remote = host_create_from_string("2001:db8::7", 500);
	ike->local->destroy(ike->local);
	ike->local = host_create_from_string("fe80::1", 500);
	charon_child_updown(second, TRUE);
	ck_assert_ptr_nonnull(strstr(charon_log(), "at 2001:db8::7 called fe80::1: link-local"));
	watcher_expect_nothing(client);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("l2tp_lacks");
	TCase *tc = tcase_create("l2tp_lacks");

	tcase_add_checked_fixture(tc, charon_setup, charon_teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, test_lacks, 0, countof(lacks));
	tcase_add_test(tc, test_connection);
	tcase_add_loop_test(tc, test_unwise, 0, countof(unwise));
	tcase_add_test(tc, test_others);
	tcase_add_test(tc, test_link_local);
	suite_add_tcase(s, tc);
	return charon_run(s);
}
