/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plugin's socket: its commands, listings, and clients that do not behave. */
#include "tests/fake/fake_charon.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/bus/msg.h"
#include "lib/bus/names.h"

START_TEST(test_list)
{
	struct bus_sa sa, answer;
	struct frame f;

	charon_child_updown(first, TRUE);
	charon_child_updown(second, TRUE);
	close(client);
	client = watcher_open();
	watcher_register(client);
	watcher_send(client, FRAME_CMD_REQUEST, BUS_CMD_LIST_SAS, (struct view){});
	for (uint32_t marks = 0; marks != 23;) {
		ck_assert(watcher_receive(client, &f));
		ck_assert(view_is(f.name, BUS_EV_LIST_SA));
		ck_assert_int_eq(bus_read(f.msg, &bus_sa_record, &sa), 0);
		marks += sa.mark;
	}
	ck_assert(watcher_receive(client, &f));
	ck_assert_int_eq(f.type, FRAME_CMD_RESPONSE);
	/* so that also an empty list tells which charon it is */
	ck_assert_int_eq(bus_read(f.msg, &bus_sa_record, &answer), 0);
	charon_child_updown(first, FALSE);
	sa = watcher_expect(client, BUS_EV_SA_DOWN, 11);
	ck_assert(sa.instance && answer.instance == sa.instance);
}
END_TEST

/* Who has not registered for list-sa gets an answer and nothing else, as with VICI. */
START_TEST(test_list_unregistered)
{
	int fd = watcher_open();
	struct view msg;

	charon_child_updown(first, TRUE);
	ck_assert(watcher_request(fd, BUS_CMD_LIST_SAS, (struct view){}, &msg));
	close(fd);
}
END_TEST

START_TEST(test_version)
{
	struct bus_charon charon_says;
	struct view msg;

	ck_assert(watcher_request(client, BUS_CMD_CHARON_VERSION, (struct view){}, &msg));
	ck_assert_int_eq(bus_read(msg, &bus_charon_record, &charon_says), 0);
	ck_assert_str_eq(charon_says.charon, STRONGSWAN_VERSION);
	ck_assert_str_ne(charon_says.version, "");
	ck_assert_int_eq(charon_says.ikev1, compat_has_ikev1());
	ck_assert_int_eq(charon_says.problem[0] == '\0', charon_says.ikev1);
}
END_TEST

/* The answer to terminate-sa: "" or what is wrong. */
static const char *terminate(uint32_t mark, const char *reason)
{
	static char errmsg[BUS_TEXT_LEN];
	struct bus_terminate record = {.mark = mark};
	struct view msg, value;
	struct msg_out out;
	uint8_t buf[BUS_RECORD_MAX];

	snprintf(record.reason, sizeof(record.reason), "%s", reason);
	msg_init(&out, buf, sizeof(buf));
	bus_write(&out, &bus_terminate_record, &record);
	ck_assert_int_eq(msg_done(&out, &msg), 0);
	ck_assert(watcher_request(client, BUS_CMD_TERMINATE_SA, msg, &msg));
	ck_assert_int_eq(msg_find(msg, "success", &value), 0);
	if (view_is(value, "yes"))
		return "";
	ck_assert_int_eq(msg_find(msg, "errmsg", &value), 0);
	ck_assert_int_eq(view_to_str(value, errmsg, sizeof(errmsg)), 0);
	return errmsg;
}

START_TEST(test_terminate)
{
	struct bus_sa sa;

	ck_assert_str_eq(terminate(0, ""), "which SA? mark is missing or malformed");
	ck_assert_str_eq(terminate(11, ""), "there is no SA with this mark");

	/* a second tunnel's SA keeps the IKE_SA alive */
	charon_child_updown(first, TRUE);
	watcher_expect(client, BUS_EV_SA_UP, 11);
	ck_assert_str_eq(terminate(11, "pool is empty"), "");
	ck_assert_int_eq(charon_terminated(), 'c');
	ck_assert_uint_eq(terminated_child, 1);

	/* one that is on its way out does not */
	second->state = CHILD_DELETING;
	ck_assert_str_eq(terminate(11, "a later reason"), "");
	ck_assert_int_eq(charon_terminated(), 'i');
	ck_assert_uint_eq(terminated_ike, 7);

	charon_child_updown(first, FALSE);
	sa = watcher_expect(client, BUS_EV_SA_DOWN, 11);
	ck_assert_str_eq(sa.reason, "pool is empty");
}
END_TEST

START_TEST(test_unknown)
{
	struct view msg;
	struct frame f;

	ck_assert(!watcher_request(client, "no-such-command", (struct view){}, &msg));
	watcher_send(client, FRAME_EVENT_REGISTER, "no-such-event", (struct view){});
	ck_assert(watcher_receive(client, &f));
	ck_assert_int_eq(f.type, FRAME_EVENT_UNKNOWN);
	watcher_send(client, FRAME_EVENT_UNREGISTER, BUS_EV_SA_UP, (struct view){});
	ck_assert(watcher_receive(client, &f));
	ck_assert_int_eq(f.type, FRAME_EVENT_CONFIRM);
	charon_child_updown(first, TRUE);
	watcher_expect_nothing(client);
}
END_TEST

/* What is no request of the protocol ends the connection. */
static const struct {
	const char *what;
	size_t len;
	uint8_t bytes[8];
} broken[] = {
	{"length 0", 4, {0, 0, 0, 0}},
	{"length above what a request can have", 4, {0, 1, 0, 0}},
	{"unknown packet type 9", 5, {0, 0, 0, 1, 9}},
	{"an answer", 5, {0, 0, 0, 1, FRAME_CMD_RESPONSE}},
	{"name longer than the packet", 7, {0, 0, 0, 3, FRAME_CMD_REQUEST, 5, 'x'}},
};

START_TEST(test_broken)
{
	struct frame f;

	ck_assert_int_eq(send(client, broken[_i].bytes, broken[_i].len, 0), broken[_i].len);
	ck_assert_msg(!watcher_receive(client, &f), "%s", broken[_i].what);
	ck_assert_str_ne(charon_log(), "");
}
END_TEST

/* Two requests in one write, and one in many. */
START_TEST(test_stream)
{
	static const uint8_t version[] = {0,   0,   0,   9,  FRAME_CMD_REQUEST, 7, 'v', 'e', 'r',
					  's', 'i', 'o', 'n'};
	uint8_t two[2 * sizeof(version)];
	struct frame f;

	memcpy(two, version, sizeof(version));
	memcpy(two + sizeof(version), version, sizeof(version));
	ck_assert_int_eq(send(client, two, sizeof(two), 0), sizeof(two));
	for (int i = 0; i < 2; i++) {
		ck_assert(watcher_receive(client, &f));
		ck_assert_int_eq(f.type, FRAME_CMD_RESPONSE);
	}
	for (size_t i = 0; i < sizeof(version); i++)
		ck_assert_int_eq(send(client, version + i, 1, 0), 1);
	ck_assert(watcher_receive(client, &f));
	ck_assert_int_eq(f.type, FRAME_CMD_RESPONSE);
}
END_TEST

/* A client that does not read is dropped, and neither the hooks nor the others wait for it. */
START_TEST(test_slow_reader)
{
	int slow = watcher_open(), quick = watcher_open(), rounds = 0;
	struct frame f;

	watcher_register(slow);
	while (!strstr(charon_log(), "does not read")) {
		ck_assert_int_lt(rounds++, 100000);
		charon_child_updown(first, TRUE);
		charon_child_updown(first, FALSE);
		watcher_expect(client, BUS_EV_SA_UP, 11);
		watcher_expect(client, BUS_EV_SA_DOWN, 11);
	}
	ck_assert_int_gt(rounds, 1000);
	while (watcher_receive(slow, &f)) /* what was sent before, then the end */
		;
	watcher_expect_nothing(quick);
	close(slow);
	close(quick);
}
END_TEST

/* Nor is more kept for a client that asks and asks. */
START_TEST(test_greedy_reader)
{
	int greedy = watcher_open(), asked = 0;
	struct timeval limit = {.tv_sec = WAIT_S};
	uint8_t out[64];
	int len = frame_build(out, sizeof(out), FRAME_CMD_REQUEST, BUS_CMD_CHARON_VERSION,
			      (struct view){});

	ck_assert_int_eq(setsockopt(greedy, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)), 0);
	while (send(greedy, out, len, MSG_NOSIGNAL) == len)
		ck_assert_int_lt(asked++, 10000000);
	ck_assert(errno == EPIPE || errno == ECONNRESET);
	ck_assert_ptr_nonnull(strstr(charon_log(), "does not read"));
	close(greedy);
}
END_TEST

START_TEST(test_many_clients)
{
	int fds[40];
	struct view msg;
	struct frame f;

	for (size_t i = 0; i < countof(fds); i++)
		fds[i] = watcher_open();
	/* the last one is refused: its end is all it sees */
	ck_assert(!watcher_receive(fds[countof(fds) - 1], &f));
	ck_assert_ptr_nonnull(strstr(charon_log(), "another one is refused"));
	ck_assert(watcher_request(client, BUS_CMD_CHARON_VERSION, (struct view){}, &msg));
	for (size_t i = 0; i < countof(fds); i++)
		close(fds[i]);
	/* until charon's threads have seen them go */
	for (bool served = FALSE; !served;) {
		fds[0] = watcher_open();
		watcher_send(fds[0], FRAME_CMD_REQUEST, BUS_CMD_CHARON_VERSION, (struct view){});
		served = watcher_receive(fds[0], &f);
		close(fds[0]);
	}
}
END_TEST

START_TEST(test_socket)
{
	struct stat st;

	ck_assert_int_eq(stat(charon_socket, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0660);
	ck_assert_uint_eq(st.st_gid, getegid());
}
END_TEST

int main(void)
{
	Suite *s = suite_create("l2tp_socket");
	TCase *tc = tcase_create("l2tp_socket");

	tcase_add_checked_fixture(tc, charon_setup, charon_teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_list);
	tcase_add_test(tc, test_list_unregistered);
	tcase_add_test(tc, test_version);
	tcase_add_test(tc, test_terminate);
	tcase_add_test(tc, test_unknown);
	tcase_add_loop_test(tc, test_broken, 0, countof(broken));
	tcase_add_test(tc, test_stream);
	tcase_add_test(tc, test_slow_reader);
	tcase_add_test(tc, test_greedy_reader);
	tcase_add_test(tc, test_many_clients);
	tcase_add_test(tc, test_socket);
	suite_add_tcase(s, tc);
	return charon_run(s);
}
