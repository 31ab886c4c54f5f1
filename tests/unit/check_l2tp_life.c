/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plugin's own life inside charon: reloaded, unloaded under its clients, loaded again.
 */
#include "tests/fake/fake_charon.h"

#include <sys/socket.h>
#include <unistd.h>

#include "lib/bus/msg.h"
#include "lib/bus/names.h"

/* swanctl --reload-settings: neither SAs nor clients are any of its business. */
START_TEST(test_reload)
{
	struct fake_child *new = fake_child(first->cfg->get_ref(first->cfg), 3, 11);
	struct bus_sa before, after;

	charon_child_updown(first, TRUE);
	before = watcher_expect(client, BUS_EV_SA_UP, 11);
	lib->plugins->reload(lib->plugins, NULL);
	watcher_expect_nothing(client);
	ck_assert_int_eq(access(charon_socket, F_OK), 0);
	charon->bus->child_rekey(charon->bus, &first->public, &new->public);
	after = watcher_expect(client, BUS_EV_SA_REKEY, 11);
	ck_assert_uint_eq(before.instance, after.instance);
	first->state = CHILD_REKEYED;
	charon_child_updown(new, FALSE);
	watcher_expect(client, BUS_EV_SA_DOWN, 11);
	fake_child_free(new);
}
END_TEST

/* The SAs of what list-sas says: how many. */
static unsigned int count_sas(int fd)
{
	struct frame f;
	unsigned int n = 0;

	watcher_send(fd, FRAME_CMD_REQUEST, BUS_CMD_LIST_SAS, (struct view){});
	for (;;) {
		ck_assert(watcher_receive(fd, &f));
		if (f.type == FRAME_CMD_RESPONSE)
			return n;
		n++;
	}
}

/* Clients see the end of their connections, and nothing is left behind. */
START_TEST(test_unload)
{
	int others[4];
	struct bus_sa old, new;
	struct frame f;

	charon_child_updown(first, TRUE);
	old = watcher_expect(client, BUS_EV_SA_UP, 11);
	for (size_t i = 0; i < countof(others); i++)
		others[i] = watcher_open();
	watcher_register(others[0]);
	/* one has half a request on its way, and one a whole one */
	ck_assert_int_eq(send(others[1], "\0\0\0\x20", 4, 0), 4);
	watcher_send(others[2], FRAME_CMD_REQUEST, BUS_CMD_LIST_SAS, (struct view){});
	charon_unload_plugin();
	ck_assert(!watcher_receive(client, &f));
	for (size_t i = 0; i < countof(others); i++) {
		while (watcher_receive(others[i], &f)) /* an answer may be first */
			;
		close(others[i]);
	}
	ck_assert_int_ne(access(charon_socket, F_OK), 0);

	/* charon's hooks lead to nobody */
	charon_log_forget();
	charon_child_updown(first, FALSE);
	charon_child_updown(second, TRUE);
	charon->bus->ike_updown(charon->bus, &ike->public, TRUE);
	ck_assert_str_eq(charon_log(), "");

	/* the next one knows nothing of what was, and says that it is another */
	ck_assert(charon_load_plugin());
	close(client);
	client = watcher_open();
	watcher_register(client);
	ck_assert_uint_eq(count_sas(client), 0);
	charon_child_updown(first, TRUE);
	new = watcher_expect(client, BUS_EV_SA_UP, 11);
	ck_assert_uint_ne(new.instance, old.instance);
	ck_assert_uint_eq(count_sas(client), 1);
}
END_TEST

/* Nor does it wait for a client that does not read. */
START_TEST(test_unload_under_slow_reader)
{
	int slow = watcher_open();
	struct frame f;

	watcher_register(slow);
	for (int i = 0; i < 2000; i++) {
		charon_child_updown(first, TRUE);
		charon_child_updown(first, FALSE);
		watcher_expect(client, BUS_EV_SA_UP, 11);
		watcher_expect(client, BUS_EV_SA_DOWN, 11);
	}
	charon_unload_plugin();
	while (watcher_receive(slow, &f))
		;
	close(slow);
	ck_assert(charon_load_plugin());
	close(client);
	client = watcher_open();
	watcher_register(client);
	charon_child_updown(first, TRUE);
	watcher_expect(client, BUS_EV_SA_UP, 11);
}
END_TEST

/* Clients come and go while it is unloaded and loaded. */
START_TEST(test_unload_often)
{
	struct frame f;

	for (int i = 0; i < 20; i++) {
		charon_child_updown(first, TRUE);
		watcher_expect(client, BUS_EV_SA_UP, 11);
		charon_unload_plugin();
		ck_assert(!watcher_receive(client, &f));
		close(client);
		ck_assert(charon_load_plugin());
		client = watcher_open();
		watcher_register(client);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("l2tp_life");
	TCase *tc = tcase_create("l2tp_life");

	tcase_add_checked_fixture(tc, charon_setup, charon_teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_reload);
	tcase_add_test(tc, test_unload);
	tcase_add_test(tc, test_unload_under_slow_reader);
	tcase_add_test(tc, test_unload_often);
	suite_add_tcase(s, tc);
	return charon_run(s);
}
