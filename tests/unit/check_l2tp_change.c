/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What changes below a client that stays: rekeying of both kinds, reauthentication, addresses; and
 * each end, told once.
 */
#include "tests/fake/fake_charon.h"

#include "lib/bus/names.h"

START_TEST(test_rekey)
{
	struct fake_child *new = fake_child(first->cfg->get_ref(first->cfg), 3, 11);
	struct bus_sa sa;

	charon_child_updown(first, TRUE);
	watcher_expect(client, BUS_EV_SA_UP, 11);
	charon->bus->child_rekey(charon->bus, &first->public, &new->public);
	sa = watcher_expect(client, BUS_EV_SA_REKEY, 11);
	ck_assert_uint_eq(sa.child_id, 3);
	ck_assert_uint_eq(sa.spi_in, 0xc0000003);

	/* the old one goes: nothing has happened to the client */
	first->state = CHILD_REKEYED;
	charon_child_updown(first, FALSE);
	charon->bus->child_state_change(charon->bus, &first->public, CHILD_DESTROYING);
	watcher_expect_nothing(client);

	charon_child_updown(new, FALSE);
	sa = watcher_expect(client, BUS_EV_SA_DOWN, 11);
	ck_assert_str_eq(sa.reason, "closed by charon");
	fake_child_free(new);
}
END_TEST

/* Both sides rekey at once: the one that goes was the last to come, the other carries on. */
START_TEST(test_two_rekeys)
{
	struct fake_child *new = fake_child(first->cfg->get_ref(first->cfg), 3, 11);
	struct bus_sa sa;

	charon_child_updown(first, TRUE);
	watcher_expect(client, BUS_EV_SA_UP, 11);
	charon->bus->child_rekey(charon->bus, &first->public, &new->public);
	watcher_expect(client, BUS_EV_SA_REKEY, 11);
	new->state = CHILD_DELETED;
	charon->bus->child_state_change(charon->bus, &new->public, CHILD_DESTROYING);
	sa = watcher_expect(client, BUS_EV_SA_REKEY, 11);
	ck_assert_uint_eq(sa.child_id, 1);
	fake_child_free(new);
}
END_TEST

START_TEST(test_migrate)
{
	struct fake_ike *new = fake_ike(fake_connection("gateway", UNIQUE_NEVER), 8);
	struct bus_sa sa;

	charon_child_updown(first, TRUE);
	watcher_expect(client, BUS_EV_SA_UP, 11);

	/* IKEv1: called for the old IKE_SA with the id of the new one, then for the new one */
	charon->bus->children_migrate(charon->bus, (ike_sa_id_t *)&ike, 8);
	new->children->insert_last(new->children, first);
	charon->bus->set_sa(charon->bus, &new->public);
	charon->bus->children_migrate(charon->bus, NULL, 0);
	sa = watcher_expect(client, BUS_EV_SA_MIGRATE, 11);
	ck_assert_uint_eq(sa.ike_id, 8);

	/* IKEv2 */
	charon->bus->ike_rekey(charon->bus, &new->public, &ike->public);
	sa = watcher_expect(client, BUS_EV_SA_MIGRATE, 11);
	ck_assert_uint_eq(sa.ike_id, 7);

	/* the old IKE_SA, which has no children any more, goes */
	new->children->remove(new->children, first, NULL);
	charon->bus->ike_updown(charon->bus, &new->public, FALSE);
	watcher_expect_nothing(client);
	fake_ike_free(new);
}
END_TEST

START_TEST(test_update)
{
	struct bus_sa sa;
	char text[ADDR_STR_LEN];

	charon_child_updown(first, TRUE);
	watcher_expect(client, BUS_EV_SA_UP, 11);
	charon->bus->child_state_change(charon->bus, &first->public, CHILD_UPDATING);
	ike->remote->destroy(ike->remote);
	ike->remote = host_create_from_string("2001:db8::7", 5000);
	first->encap = FALSE;
	charon->bus->child_state_change(charon->bus, &first->public, CHILD_INSTALLED);
	sa = watcher_expect(client, BUS_EV_SA_UPDATE, 11);
	ck_assert_str_eq(addr_format(&sa.remote, text), "[2001:db8::7]:5000");
	ck_assert(!sa.encap);

	/* an SA that is not known yet is installed before it is up */
	charon->bus->child_state_change(charon->bus, &second->public, CHILD_INSTALLED);
	watcher_expect_nothing(client);
}
END_TEST

/* As the one who asked sees it, or the other: charon calls the same hook.  Ten times. */
START_TEST(test_rekeys)
{
	struct fake_child *old = first, *new;
	struct bus_sa sa;

	charon_child_updown(first, TRUE);
	watcher_expect(client, BUS_EV_SA_UP, 11);
	for (uint32_t id = 3; id < 13; id++) {
		old->state = CHILD_REKEYING;
		charon->bus->child_state_change(charon->bus, &old->public, CHILD_REKEYING);
		new = fake_child(first->cfg->get_ref(first->cfg), id, 11);
		charon->bus->child_state_change(charon->bus, &new->public, CHILD_INSTALLING);
		charon->bus->child_state_change(charon->bus, &new->public, CHILD_INSTALLED);
		charon->bus->child_rekey(charon->bus, &old->public, &new->public);
		old->state = CHILD_REKEYED;
		charon->bus->child_state_change(charon->bus, &old->public, CHILD_REKEYED);
		sa = watcher_expect(client, BUS_EV_SA_REKEY, 11);
		ck_assert_uint_eq(sa.child_id, id);
		ck_assert_uint_eq(sa.reqid, 111);
		ck_assert_uint_eq(sa.spi_in, 0xc0000000 + id);
		ck_assert_uint_eq(sa.spi_out, 0x0d000000 + id);
		for (child_sa_state_t s = CHILD_DELETING; s <= CHILD_DESTROYING; s++)
			charon->bus->child_state_change(charon->bus, &old->public, s);
		watcher_expect_nothing(client);
		if (old != first)
			fake_child_free(old);
		old = new;
	}
	charon_child_updown(old, FALSE);
	watcher_expect(client, BUS_EV_SA_DOWN, 11);
	fake_child_free(old);
}
END_TEST

/* The peer refuses: all is as before. */
START_TEST(test_rekey_fails)
{
	charon_child_updown(first, TRUE);
	watcher_expect(client, BUS_EV_SA_UP, 11);
	first->state = CHILD_REKEYING;
	charon->bus->child_state_change(charon->bus, &first->public, CHILD_REKEYING);
	first->state = CHILD_INSTALLED;
	charon->bus->child_state_change(charon->bus, &first->public, CHILD_INSTALLED);
	watcher_expect_nothing(client);
	charon_child_updown(first, FALSE);
	watcher_expect(client, BUS_EV_SA_DOWN, 11);
}
END_TEST

/* IKEv1's charon may have forgotten the old one: then the new one simply comes up. */
START_TEST(test_rekey_of_nobody)
{
	struct fake_child *new = fake_child(first->cfg->get_ref(first->cfg), 3, 11);
	struct bus_sa sa;

	charon_child_updown(first, TRUE);
	watcher_expect(client, BUS_EV_SA_UP, 11);
	charon_child_updown(new, TRUE);
	sa = watcher_expect(client, BUS_EV_SA_REKEY, 11);
	ck_assert_uint_eq(sa.child_id, 3);
	first->state = CHILD_DESTROYING;
	charon->bus->child_state_change(charon->bus, &first->public, CHILD_DESTROYING);
	watcher_expect_nothing(client);
	charon_child_updown(new, FALSE);
	watcher_expect(client, BUS_EV_SA_DOWN, 11);
	fake_child_free(new);
}
END_TEST

/* With what the peer has made of it no tunnel can go on: it ends when the old SA does. */
START_TEST(test_rekey_to_unusable)
{
	struct fake_child *new = fake_child(first->cfg->get_ref(first->cfg), 3, 11);

	charon_child_updown(first, TRUE);
	watcher_expect(client, BUS_EV_SA_UP, 11);
	new->mode = MODE_TUNNEL;
	new->state = CHILD_INSTALLING;
	charon->bus->child_rekey(charon->bus, &first->public, &new->public);
	watcher_expect_nothing(client);
	ck_assert_ptr_nonnull(strstr(charon_log(), "in TUNNEL mode"));
	charon_child_updown(first, FALSE);
	watcher_expect(client, BUS_EV_SA_DOWN, 11);
	fake_child_free(new);
}
END_TEST

/* What an IKE_SA's successor takes over */
static void move_children(struct fake_ike *from, struct fake_ike *to)
{
	struct fake_child *c;

	while (from->children->remove_first(from->children, (void **)&c) == SUCCESS)
		to->children->insert_last(to->children, c);
}

/* Rekeying of the IKE_SA moves all its children, and tells of each once. */
START_TEST(test_ike_rekey)
{
	struct fake_ike *new = fake_ike(fake_connection("gateway", UNIQUE_NEVER), 8);
	uint32_t marks = 0;

	charon_child_updown(first, TRUE);
	charon_child_updown(second, TRUE);
	watcher_expect(client, BUS_EV_SA_UP, 11);
	watcher_expect(client, BUS_EV_SA_UP, 12);
	move_children(ike, new);
	charon->bus->ike_rekey(charon->bus, &ike->public, &new->public);
	for (uint32_t mark = 11; mark <= 12; mark++)
		marks += watcher_expect(client, BUS_EV_SA_MIGRATE, mark).ike_id;
	ck_assert_uint_eq(marks, 16);
	charon->bus->ike_rekey(charon->bus, &ike->public, &new->public); /* once more: no news */
	charon->bus->ike_updown(charon->bus, &ike->public, FALSE);       /* the old one goes */
	watcher_expect_nothing(client);

	/* the new one's end is theirs */
	charon->bus->ike_updown(charon->bus, &new->public, FALSE);
	watcher_expect(client, BUS_EV_SA_DOWN, 11);
	watcher_expect(client, BUS_EV_SA_DOWN, 12);
	move_children(new, ike);
	fake_ike_free(new);
}
END_TEST

/* Of a child that nobody was told of there is nothing to tell. */
START_TEST(test_ike_rekey_of_others)
{
	struct fake_ike *new = fake_ike(fake_connection("gateway", UNIQUE_NEVER), 8);

	move_children(ike, new);
	charon->bus->ike_rekey(charon->bus, &ike->public, &new->public);
	charon->bus->children_migrate(charon->bus, NULL, 0);
	charon->bus->ike_updown(charon->bus, &new->public, FALSE);
	watcher_expect_nothing(client);
	move_children(new, ike);
	fake_ike_free(new);
}
END_TEST

/* IKEv1: a new IKE_SA, from another port perhaps, to which the children move. */
START_TEST(test_reauthentication_v1)
{
	struct fake_ike *new = fake_ike(fake_connection("gateway", UNIQUE_NEVER), 8);
	struct bus_sa sa;

	charon_child_updown(first, TRUE);
	watcher_expect(client, BUS_EV_SA_UP, 11);
	new->remote->set_port(new->remote, 31000);
	charon->bus->set_sa(charon->bus, &new->public);
	charon->bus->ike_updown(charon->bus, &new->public, TRUE);
	watcher_expect_nothing(client);
	charon->bus->set_sa(charon->bus, &ike->public);
	charon->bus->children_migrate(charon->bus, (ike_sa_id_t *)&ike, 8);
	watcher_expect_nothing(client);
	move_children(ike, new);
	charon->bus->set_sa(charon->bus, &new->public);
	charon->bus->children_migrate(charon->bus, NULL, 0);
	sa = watcher_expect(client, BUS_EV_SA_MIGRATE, 11);
	ck_assert_uint_eq(sa.ike_id, 8);
	ck_assert_uint_eq(sa.child_id, 1);
	ck_assert_uint_eq(sa.remote.port, 31000);

	/* nobody answers the old one any more */
	charon->bus->set_sa(charon->bus, &ike->public);
	charon->bus->alert(charon->bus, ALERT_RETRANSMIT_SEND_TIMEOUT, NULL);
	charon->bus->ike_updown(charon->bus, &ike->public, FALSE);
	watcher_expect_nothing(client);
	charon->bus->set_sa(charon->bus, &new->public);
	charon_child_updown(first, FALSE);
	sa = watcher_expect(client, BUS_EV_SA_DOWN, 11);
	ck_assert_str_ne(sa.reason, "the peer does not answer");
	move_children(new, ike);
	fake_ike_free(new);
}
END_TEST

/* IKEv2: another IKE_SA with a child of its own, before the old one goes, or after it. */
START_TEST(test_reauthentication_v2)
{
	bool make_before_break = _i;
	struct fake_ike *old = ike, *new = fake_ike(fake_connection("gateway", UNIQUE_NEVER), 8);
	struct fake_child *child;
	struct bus_sa sa;

	charon_child_updown(first, TRUE);
	watcher_expect(client, BUS_EV_SA_UP, 11);
	if (!make_before_break) {
		charon->bus->ike_updown(charon->bus, &old->public, FALSE);
		watcher_expect(client, BUS_EV_SA_DOWN, 11);
	}
	charon->bus->ike_reestablish_pre(charon->bus, &old->public, &new->public);
	ike = new; /* fake_child() adds to this one */
	child = fake_child(first->cfg->get_ref(first->cfg), 3, 13);
	charon->bus->set_sa(charon->bus, &new->public);
	charon->bus->ike_updown(charon->bus, &new->public, TRUE);
	charon_child_updown(child, TRUE);
	sa = watcher_expect(client, BUS_EV_SA_UP, 13);
	ck_assert_uint_eq(sa.ike_id, 8);
	charon->bus->ike_reestablish_post(charon->bus, &old->public, &new->public, TRUE);
	watcher_expect_nothing(client);
	if (make_before_break) {
		charon->bus->set_sa(charon->bus, &old->public);
		charon->bus->ike_updown(charon->bus, &old->public, FALSE);
		watcher_expect(client, BUS_EV_SA_DOWN, 11);
		charon->bus->set_sa(charon->bus, &new->public);
	}
	charon->bus->ike_updown(charon->bus, &new->public, FALSE);
	watcher_expect(client, BUS_EV_SA_DOWN, 13);
	fake_child_free(child);
	ike = old;
	fake_ike_free(new);
}
END_TEST

/*
 * The NAT has another mapping.  charon tells of it before it sets the address, then updates each
 * child; the one that the kernel does not update has ended by then.
 */
START_TEST(test_ike_update)
{
	host_t *to = host_create_from_string("203.0.113.9", 40000);
	struct fake_child *both[] = {first, second};
	struct bus_sa sa;

	charon_child_updown(first, TRUE);
	charon_child_updown(second, TRUE);
	watcher_expect(client, BUS_EV_SA_UP, 11);
	watcher_expect(client, BUS_EV_SA_UP, 12);
	charon->bus->ike_update(charon->bus, &ike->public, ike->local, to);
	watcher_expect_nothing(client);
	ike->remote->destroy(ike->remote);
	ike->remote = to;
	for (int i = 0; i < 2; i++) {
		charon->bus->child_state_change(charon->bus, &both[i]->public, CHILD_UPDATING);
		watcher_expect_nothing(client);
		charon->bus->child_state_change(charon->bus, &both[i]->public, CHILD_INSTALLED);
		sa = watcher_expect(client, BUS_EV_SA_UPDATE, both[i]->mark);
		ck_assert_uint_eq(sa.remote.port, 40000);
		ck_assert_uint_eq(sa.ike_id, 7);
		ck_assert_uint_eq(sa.child_id, both[i]->id);
	}
	/* the same address once more */
	charon->bus->ike_update(charon->bus, &ike->public, ike->local, ike->remote);
	charon->bus->child_state_change(charon->bus, &first->public, CHILD_UPDATING);
	charon->bus->child_state_change(charon->bus, &first->public, CHILD_INSTALLED);
	watcher_expect_nothing(client);
}
END_TEST

/* An update in the middle of a rekey is seen when the state changes back. */
START_TEST(test_update_while_rekeying)
{
	struct bus_sa sa;

	charon_child_updown(first, TRUE);
	watcher_expect(client, BUS_EV_SA_UP, 11);
	ike->remote->set_port(ike->remote, 40000);
	charon->bus->child_state_change(charon->bus, &first->public, CHILD_UPDATING);
	charon->bus->child_state_change(charon->bus, &first->public, CHILD_REKEYING);
	sa = watcher_expect(client, BUS_EV_SA_UPDATE, 11);
	ck_assert_uint_eq(sa.remote.port, 40000);
}
END_TEST

/* Each end is told once, whatever charon says after it, and in which order. */
START_TEST(test_down_once)
{
	charon_child_updown(first, TRUE);
	watcher_expect(client, BUS_EV_SA_UP, 11);
	charon_child_updown(first, FALSE);
	watcher_expect(client, BUS_EV_SA_DOWN, 11);
	charon_child_updown(first, FALSE);
	charon->bus->child_state_change(charon->bus, &first->public, CHILD_DELETED);
	charon->bus->child_state_change(charon->bus, &first->public, CHILD_DESTROYING);
	charon->bus->ike_updown(charon->bus, &ike->public, FALSE);
	charon_child_updown(second, FALSE); /* which never was up */
	watcher_expect_nothing(client);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("l2tp_change");
	TCase *tc = tcase_create("l2tp_change");

	tcase_add_checked_fixture(tc, charon_setup, charon_teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_rekey);
	tcase_add_test(tc, test_two_rekeys);
	tcase_add_test(tc, test_migrate);
	tcase_add_test(tc, test_update);
	tcase_add_test(tc, test_rekeys);
	tcase_add_test(tc, test_rekey_fails);
	tcase_add_test(tc, test_rekey_of_nobody);
	tcase_add_test(tc, test_rekey_to_unusable);
	tcase_add_test(tc, test_ike_rekey);
	tcase_add_test(tc, test_ike_rekey_of_others);
	tcase_add_test(tc, test_reauthentication_v1);
	tcase_add_loop_test(tc, test_reauthentication_v2, 0, 2);
	tcase_add_test(tc, test_ike_update);
	tcase_add_test(tc, test_update_while_rekeying);
	tcase_add_test(tc, test_down_once);
	suite_add_tcase(s, tc);
	return charon_run(s);
}
