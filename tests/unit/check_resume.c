/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plugin when l2tpd's engine dies and another one takes over: everything is told again, what
 * was asked is asked again, and pppd notices nothing.
 */
#include "tests/fake/fake_call.h"

#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/bus/names.h"

#define BACKLOG 16

static int listener = -1;
static char folder[] = "check_resume.XXXXXX";

/* The socket that the monitor keeps. */
static void setup(void)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(call.socket, sizeof(call.socket), "%s/s", folder);
	strcpy(sun.sun_path, call.socket);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&sun, sizeof(sun)), 0);
	ck_assert_int_eq(listen(listener, BACKLOG), 0);
}

static void teardown(void)
{
	close(listener);
	unlink(call.socket);
	rmdir(folder);
}

static bool has_dialled(void)
{
	int fd = accept(listener, NULL, NULL);

	if (fd >= 0)
		call.bus = fd;
	return fd >= 0;
}

/* The engine dies, and the plugin is at the door of the next one. */
static void lose_engine(void)
{
	close(call.bus);
	ck_assert(fake_run(has_dialled));
}

/* It says which session it is, and the new engine knows that. */
static void take_back(void)
{
	call_expect(BUS_CMD_SESSION_RESUME);
	ck_assert_uint_eq(call.resumed.session, 7);
	ck_assert_str_eq(call.resumed.nas_identifier, "gw");
	call_answer();
}

static bool is_told_to_end(void)
{
	return fake.n_sigterm > 0;
}

/* Nobody has ended, begun, or said anything to the client. */
static void expect_peace(void)
{
	ck_assert_uint_eq(fake.n_sigterm + fake.n_fail + fake.n_terminated, 0);
	ck_assert_uint_eq(fake.n_output, 0);
	ck_assert_str_eq(fake.closed, "");
}

START_TEST(while_up)
{
	struct bus_report before;
	char ip[ADDR_STR_LEN];

	call_let_up();
	before = call.report;
	ck_assert(before.up_since_us && !before.again);
	fake_look(); /* the answer */
	for (int i = 0; i < 3; i++) {
		lose_engine();
		take_back();
		ck_assert_str_eq(call.resumed.user, "bob");
		ck_assert_str_eq(addr_format_ip(&call.resumed.peer_ip, ip), "10.0.0.5");
		call_expect_report("up");
		ck_assert(call.report.again);
		ck_assert_uint_eq(call.report.up_since_us, before.up_since_us);
		ck_assert_str_eq(call.report.user, "bob");
		ck_assert_str_eq(call.report.auth, "pap");
		ck_assert_str_eq(call.report.ifname, before.ifname);
		ck_assert_uint_eq(call.report.mtu, before.mtu);
		call_answer();
		fake_look();
	}
	expect_peace();
	call_close("bye");
	ck_assert(fake_run(is_told_to_end));
	fake_exit(EXIT_USER_REQUEST);
	call_expect_report("down");
	ck_assert_str_eq(call.report.reason, "bye");
}
END_TEST

/* What no engine has answered for is news to the next one. */
START_TEST(untold)
{
	call_let_in();
	fake_network_up();
	call_expect_report("up");
	lose_engine();
	take_back();
	call_expect_report("up");
	ck_assert(!call.report.again);
	/* it dies again, having been told */
	call_answer();
	fake_look();
	lose_engine();
	take_back();
	call_expect_report("up");
	ck_assert(call.report.again);
	expect_peace();
}
END_TEST

/* The network comes up while there is no engine. */
START_TEST(up_meanwhile)
{
	call_let_in();
	fake_look();
	lose_engine();
	fake_network_up();
	take_back();
	/* as it was when it dialled, then as it is */
	call_expect_report("authenticated");
	call_answer();
	call_expect_report("up");
	ck_assert(!call.report.again);
	expect_peace();
}
END_TEST

/* The question is out, and perhaps half of it; or not even that. */
START_TEST(while_asking)
{
	call_begin();
	ck_assert(!call_has_command()); /* but that it has begun */
	call_send_pap(1, "bob");
	call_expect_request("bob");
	if (_i == 2)
		lose_engine();
	call_answer_request(RADIUS_ACCESS_ACCEPT);
	if (_i == 0)
		call_expect(BUS_CMD_SESSION_LEASE);
	if (_i < 2)
		lose_engine();
	take_back();
	ck_assert_uint_eq(call.resumed.peer_ip.family, 0);
	call_expect_report("lcp");
	call_answer();
	memset(&call.asked, 0, sizeof(call.asked));
	call_expect(BUS_CMD_SESSION_LEASE);
	ck_assert_str_eq(call.asked.user, "bob");
	ck_assert_uint_eq(fake.n_output, 0);
	call_grant("10.0.0.9");
	call_expect_output(2);
	call_expect_report("authenticated");
	ck_assert_uint_eq(fake.n_success, 1);
}
END_TEST

/* The engine dies in the middle of a packet: the next one's begin anew. */
START_TEST(half_a_packet)
{
	static const uint8_t half[] = {0, 0, 0, 40, FRAME_EVENT, 13, 's', 'e'};

	call_let_up();
	fake_look();
	ck_assert_int_eq(send(call.bus, half, sizeof(half), 0), sizeof(half));
	lose_engine();
	take_back();
	call_expect_report("up");
	call_answer();
	call_close("bye");
	ck_assert(fake_run(is_told_to_end));
}
END_TEST

/* Nonsense ends the connection, and is no reason to call back in a hurry if it goes on. */
START_TEST(nonsense)
{
	static const uint8_t endless[] = {0x7f, 0xff, 0xff, 0xff};
	usec_t since;

	call_let_up();
	fake_look();
	ck_assert_int_eq(send(call.bus, endless, sizeof(endless), 0), sizeof(endless));
	ck_assert(fake_run(has_dialled));
	since = clock_now();
	ck_assert_int_eq(send(call.bus, endless, sizeof(endless), 0), sizeof(endless));
	ck_assert(fake_run(has_dialled));
	ck_assert_uint_ge(clock_now() - since, 500 * USEC_PER_MS);
	take_back();
	expect_peace();
}
END_TEST

/* It has started without its memory, or it is an older one. */
START_TEST(not_taken_back)
{
	struct bus_grant no = {.errmsg = "no such session"};

	call_let_up();
	fake_look();
	lose_engine();
	call_expect(BUS_CMD_SESSION_RESUME);
	call_send(_i ? FRAME_CMD_UNKNOWN : FRAME_CMD_RESPONSE, NULL, &bus_grant_record, &no);
	ck_assert(fake_run(is_told_to_end));
	ck_assert(!has_dialled());
	fake_exit(EXIT_USER_REQUEST);
	ck_assert(!has_dialled());
}
END_TEST

/* Nobody listens any more: the monitor is gone, and with it l2tpd. */
START_TEST(nobody_listens)
{
	call_let_up();
	fake_look();
	close(listener);
	close(call.bus);
	ck_assert(fake_run(is_told_to_end));
	fake_exit(EXIT_USER_REQUEST); /* says why to nobody, and survives that */
}
END_TEST

/* The door is there, and nobody ever opens. */
START_TEST(too_long)
{
	call_let_up();
	fake_look();
	lose_engine();
	ck_assert_uint_eq(fake.n_sigterm, 0);
	fake_late();
	ck_assert_uint_eq(fake.n_sigterm, 1);
	ck_assert(!has_dialled());
}
END_TEST

/* More wait at the door than there is room: it calls again. */
START_TEST(crowd)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int others[BACKLOG + 1];

	call_let_up();
	fake_look();
	strcpy(sun.sun_path, call.socket);
	for (int i = 0; i <= BACKLOG; i++) {
		others[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		ck_assert_int_eq(connect(others[i], (struct sockaddr *)&sun, sizeof(sun)), 0);
	}
	close(call.bus);
	fake_look();
	fake_look();
	for (int i = 0; i <= BACKLOG; i++) {
		ck_assert(has_dialled());
		close(call.bus);
		close(others[i]);
	}
	ck_assert(fake_run(has_dialled));
	take_back();
	expect_peace();
}
END_TEST

/* pppd ends while no engine is there: its last words wait for the next one. */
START_TEST(ends_meanwhile)
{
	call_let_up();
	fake_look();
	close(call.bus);
	fake_exit(EXIT_PEER_DEAD);
	ck_assert(has_dialled());
	ck_assert(call_has_command());
	ck_assert_str_eq(call.name, BUS_CMD_SESSION_RESUME);
	call_expect_report("down");
	ck_assert_str_eq(call.report.reason, "the client does not answer LCP echo requests");
	ck_assert(call.report.up_since_us && call.report.again);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("resume");
	TCase *t = tcase_create("resume");
	SRunner *r;
	int failed;

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, while_up);
	tcase_add_test(t, untold);
	tcase_add_test(t, up_meanwhile);
	tcase_add_loop_test(t, while_asking, 0, 3);
	tcase_add_test(t, half_a_packet);
	tcase_add_test(t, nonsense);
	tcase_add_loop_test(t, not_taken_back, 0, 2);
	tcase_add_test(t, nobody_listens);
	tcase_add_test(t, too_long);
	tcase_add_test(t, crowd);
	tcase_add_test(t, ends_meanwhile);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
