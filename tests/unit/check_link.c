/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine's side of the bus to pppds, with this program playing one: what it says last, how
 * often it comes up, and who may come back to another engine.
 */
#include <check.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "l2tpd/ppp/door.h"
#include "l2tpd/ppp/link.h"
#include "lib/bus/frame.h"
#include "lib/bus/msg.h"
#include "lib/bus/names.h"

#define NOBODY ((uid_t)4711)

static struct event_base *base;
static unsigned int ups, begins, agains;
static struct bus_setup resumed; /* as the last one that was */
static pid_t pid;                /* of the pppd of session 7 */
static const char *refusal;      /* of the daemon; NULL: it takes the session */

static void turn(void)
{
	event_base_loop(base, EVLOOP_NONBLOCK);
}

static int on_lease(void *ctx, uint16_t sid, struct bus_grant *grant)
{
	(void)ctx;
	ck_assert_uint_eq(sid, 7);
	return addr_parse(&grant->peer_ip, "10.0.0.5", 0);
}

static void on_begun(void *ctx, uint16_t sid)
{
	(void)ctx;
	ck_assert_uint_eq(sid, 7);
	begins++;
}

static void on_up(void *ctx, uint16_t sid, const struct bus_report *report)
{
	(void)ctx;
	ck_assert_uint_eq(sid, 7);
	ups++;
	agains += report->again;
}

static pid_t pid_of(void *ctx, uint16_t sid)
{
	(void)ctx;
	return sid == 7 ? pid : -ESRCH;
}

static int on_resumed(void *ctx, const struct bus_setup *setup, char ret_why[BUS_TEXT_LEN])
{
	(void)ctx;
	resumed = *setup;
	if (!refusal)
		return 0;
	strcpy(ret_why, refusal);
	return -1;
}

static struct links_conf conf = {
	.begun = on_begun,
	.lease = on_lease,
	.up = on_up,
	.pid = pid_of,
	.resumed = on_resumed,
};

static void setup(void)
{
	base = event_base_new();
	ck_assert_ptr_nonnull(base);
	ups = begins = agains = 0;
	pid = getpid();
	conf.user = getuid();
	refusal = NULL;
}

static void teardown(void)
{
	event_base_free(base);
}

static void command(int fd, const char *name, const struct bus_record *record, const void *obj)
{
	uint8_t bytes[BUS_RECORD_MAX], packet[BUS_RECORD_MAX + 64];
	struct msg_out out;
	struct view msg;
	int len;

	msg_init(&out, bytes, sizeof(bytes));
	bus_write(&out, record, obj);
	ck_assert_int_eq(msg_done(&out, &msg), 0);
	len = frame_build(packet, sizeof(packet), FRAME_CMD_REQUEST, name, msg);
	ck_assert_int_eq(send(fd, packet, (size_t)len, 0), len);
}

static void report(int fd, const char *state, const char *reason)
{
	struct bus_report rec = {.bytes_in = 5};

	strcpy(rec.state, state);
	strcpy(rec.reason, reason);
	command(fd, BUS_CMD_SESSION_REPORT, &bus_report_record, &rec);
}

static struct links *open_link(int *ret_theirs)
{
	struct links *links = links_new(base, &conf);
	struct bus_setup rec = {.session = 7};
	int pair[2];

	ck_assert_ptr_nonnull(links);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	ck_assert_int_eq(links_open(links, 7, pair[0], &rec), 0);
	ck_assert_uint_eq(links_up_since(links, 7), USEC_NEVER);
	*ret_theirs = pair[1];
	return links;
}

/* The news of pppd's exit may be here before its last words were read: they count nevertheless. */
START_TEST(last_words)
{
	int theirs;
	struct links *links = open_link(&theirs);

	report(theirs, "up", "");
	report(theirs, "down", "the client ended the session");
	close(theirs);
	links_drain(links, 7);
	ck_assert_uint_eq(ups, 1);
	ck_assert_uint_eq(begins, 1);
	ck_assert_uint_ne(links_up_since(links, 7), USEC_NEVER);
	ck_assert_str_eq(links_report(links, 7)->state, "down");
	ck_assert_str_eq(links_report(links, 7)->reason, "the client ended the session");
	ck_assert_uint_eq(links_report(links, 7)->bytes_in, 5);
	links_drain(links, 7);
	turn();
	links_drain(links, 7);
	links_close(links, 7);
	links_drain(links, 7);
	turn();
	links_free(links);
}
END_TEST

/* Whatever order a pppd reports in, its session comes up once. */
START_TEST(up_once)
{
	int theirs;
	struct links *links = open_link(&theirs);

	report(theirs, "down", "");
	report(theirs, "up", "");
	turn();
	report(theirs, "authenticated", "");
	report(theirs, "up", "");
	report(theirs, "up", "");
	turn();
	ck_assert_uint_eq(ups, 1);
	ck_assert_int_eq(send(theirs, "\xff\xff\xff\xff", 4, 0), 4);
	links_drain(links, 7);
	ck_assert_str_eq(links_report(links, 7)->state, "up");
	close(theirs);
	links_free(links);
	turn();
}
END_TEST

/* --- after the end of another engine --- */

static char folder[] = "check_link.XXXXXX", path[64];
static struct links *links;

/* What the monitor does before the first engine starts. */
static int make_door(void)
{
	char admin[64];

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(admin, sizeof(admin), "%s/l2tpd.vici", folder);
	ck_assert_int_eq(door_path(admin, path, sizeof(path)), 0);
	ck_assert_str_eq(strrchr(path, '/'), "/session");
	return door_make(path);
}

static void setup_door(void)
{
	int fd;

	setup();
	fd = make_door();
	ck_assert_int_ge(fd, 0);
	links = links_new(base, &conf);
	ck_assert_ptr_nonnull(links);
	ck_assert_int_eq(links_listen(links, fd), 0);
}

static void teardown_door(void)
{
	links_free(links);
	unlink(path);
	rmdir(folder);
	teardown();
}

static int dial(void)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	strcpy(sun.sun_path, path);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	return fd;
}

static void resume(int fd, uint32_t sid)
{
	struct bus_setup rec = {.session = sid, .tunnel = 9, .lns = "office", .user = "bob"};

	ck_assert_int_eq(addr_parse(&rec.peer_ip, "10.0.0.5", 0), 0);
	command(fd, BUS_CMD_SESSION_RESUME, &bus_setup_record, &rec);
}

/* The next answer; its errmsg is in `ret`. */
static void answer(int fd, struct bus_grant *ret)
{
	uint8_t bytes[1024];
	struct view packet;
	struct frame f;
	size_t used;
	ssize_t n;

	turn();
	n = recv(fd, bytes, sizeof(bytes), MSG_PEEK);
	ck_assert_int_gt(n, 0);
	ck_assert_int_eq(frame_split((struct view){bytes, (size_t)n}, FRAME_MAX, &packet, &used),
			 1);
	ck_assert_int_eq(recv(fd, bytes, used, 0), (int)used);
	ck_assert_int_eq(frame_parse(packet, &f), 0);
	ck_assert_int_eq(f.type, FRAME_CMD_RESPONSE);
	ck_assert_int_eq(bus_read(f.msg, &bus_grant_record, ret), 0);
}

static void expect_refusal(int fd, const char *why)
{
	struct bus_grant got;

	answer(fd, &got);
	ck_assert_ptr_nonnull(strstr(got.errmsg, why));
}

static void expect_done(int fd)
{
	struct bus_grant got;

	answer(fd, &got);
	ck_assert_str_eq(got.errmsg, "");
}

START_TEST(comes_back)
{
	struct bus_report up = {.state = "up", .again = true, .up_since_us = 12345};
	struct bus_grant ask = {.user = "bob"};
	int fd = dial();
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	resume(fd, 7);
	command(fd, BUS_CMD_SESSION_REPORT, &bus_report_record, &up);
	command(fd, BUS_CMD_SESSION_LEASE, &bus_grant_record, &ask);
	expect_done(fd);
	expect_done(fd);
	answer(fd, &ask);
	ck_assert_int_eq(ask.peer_ip.family, AF_INET);
	ck_assert_str_eq(resumed.user, "bob");
	ck_assert_uint_eq(begins, 1);
	ck_assert_uint_eq(ups, 1);
	ck_assert_uint_eq(agains, 1);
	ck_assert_uint_eq(links_up_since(links, 7), 12345);
	ck_assert_str_eq(links_setup(links, 7)->lns, "office");
	ck_assert_str_eq(links_report(links, 7)->state, "up");
	/* It hears us, too. */
	links_end(links, 7, "bye");
	turn();
	ck_assert_int_gt(recv(fd, (char[256]){0}, 256, 0), 0);
	close(fd);
	turn();
	links_close(links, 7);
}
END_TEST

/* Only the connection was lost, and this engine has not noticed: the session is the same. */
START_TEST(comes_back_early)
{
	int first, second;
	struct bus_report up = {.state = "up", .up_since_us = 12345};

	links_free(links);
	links = open_link(&first);
	ck_assert_int_gt(recv(first, (char[1024]){0}, 1024, 0), 0); /* session-setup */
	unlink(path);
	ck_assert_int_eq(links_listen(links, door_make(path)), 0);
	command(first, BUS_CMD_SESSION_REPORT, &bus_report_record, &up);
	expect_done(first);
	second = dial();
	resume(second, 7);
	command(second, BUS_CMD_SESSION_REPORT, &bus_report_record, &up);
	expect_done(second);
	ck_assert_int_eq(recv(first, &up, 1, 0), 0);
	expect_done(second);
	ck_assert_uint_eq(ups, 1);
	ck_assert_uint_eq(begins, 1);
	close(first);
	close(second);
}
END_TEST

/* Its process is known only after it has called, or will never be. */
START_TEST(waits_for_its_process)
{
	int fd = dial(), gone = dial();

	pid = 0;
	resume(fd, 7);
	resume(gone, 7);
	close(gone);
	turn();
	ck_assert_int_eq(recv(fd, (char[1]){0}, 1, MSG_DONTWAIT), -1);
	ck_assert_ptr_null(links_setup(links, 7));
	links_started(links, 8); /* another one's */
	turn();
	ck_assert_int_eq(recv(fd, (char[1]){0}, 1, MSG_DONTWAIT), -1);
	pid = _i ? -ESRCH : getpid();
	if (_i)
		links_close(links, 7);
	else
		links_started(links, 7);
	if (_i)
		expect_refusal(fd, "not this process's");
	else
		expect_done(fd);
	ck_assert_uint_eq(begins, !_i);
	close(fd);
	turn();
	links_close(links, 7);
}
END_TEST

/* The engine ends while somebody waits. */
START_TEST(waits_for_nothing)
{
	int fd = dial();

	pid = 0;
	resume(fd, 7);
	turn();
	links_free(links);
	links = links_new(base, &conf);
	turn();
	ck_assert_int_eq(recv(fd, (char[1]){0}, 1, MSG_DONTWAIT), 0);
	close(fd);
}
END_TEST

/* What is wrong, and what is said to that */
static const struct {
	const char *what, *why;
} strangers[] = {
	{"sid", "no session has this id"},
	{"high sid", "no session has this id"},
	{"other sid", "not this process's"},
	{"pid", "not this process's"},
	{"user", "no pppd of ours"},
	{"daemon", "it is gone"},
	{"no resume", "before session-resume"},
	{"no resume", "before session-resume"},
	{"twice", "has its session already"},
};

START_TEST(not_believed)
{
	const char *what = strangers[_i].what;
	struct bus_grant ask = {0};
	int fd;

	if (!strcmp(what, "user"))
		conf.user = NOBODY;
	links_free(links);
	links = links_new(base, &conf);
	unlink(path);
	ck_assert_int_eq(links_listen(links, door_make(path)), 0);
	if (!strcmp(what, "pid"))
		pid++;
	if (!strcmp(what, "daemon"))
		refusal = "it is gone";
	fd = dial();
	if (!strcmp(what, "no resume")) {
		if (_i % 2)
			report(fd, "up", "");
		else
			command(fd, BUS_CMD_SESSION_LEASE, &bus_grant_record, &ask);
	} else {
		resume(fd, !strcmp(what, "sid")         ? 0
			   : !strcmp(what, "high sid")  ? 65536 + 7
			   : !strcmp(what, "other sid") ? 8
							: 7);
	}
	if (!strcmp(what, "twice")) {
		expect_done(fd);
		resume(fd, 7);
	}
	expect_refusal(fd, strangers[_i].why);
	ck_assert_uint_eq(ups, 0);
	ck_assert_ptr_eq(links_setup(links, 8), NULL);
	close(fd);
}
END_TEST

/* It has said everything at the door and exited, before anybody opened. */
START_TEST(last_words_at_the_door)
{
	struct bus_report down = {.state = "down", .up_since_us = 12345, .reason = "bye"};
	int fd = dial();

	resume(fd, 7);
	down.again = _i;
	command(fd, BUS_CMD_SESSION_REPORT, &bus_report_record, &down);
	close(fd);
	links_drain(links, 7);
	ck_assert_str_eq(links_report(links, 7)->reason, "bye");
	ck_assert_uint_eq(ups, 1);
	ck_assert_uint_eq(agains, (unsigned int)_i);
	links_close(links, 7);
}
END_TEST

/* Guests who never say a word, and nonsense, are nobody's session. */
START_TEST(silent_guests)
{
	int fds[8];

	for (int i = 0; i < 8; i++)
		fds[i] = dial();
	turn();
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(send(fds[i], "\xff\xff\xff\xff", 4, 0), 4);
	turn();
	for (int i = 2; i < 6; i++)
		close(fds[i]);
	turn();
	links_drain(links, 7);
	ck_assert_int_eq(recv(fds[0], (char[1]){0}, 1, 0), 0);
	resume(fds[7], 7);
	expect_done(fds[7]);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("link");
	TCase *said = tcase_create("said"), *door = tcase_create("door");
	SRunner *r = srunner_create(s);
	int failed;

	signal(SIGPIPE, SIG_IGN); /* lib/busio wants it */
	tcase_add_checked_fixture(said, setup, teardown);
	tcase_add_test(said, last_words);
	tcase_add_test(said, up_once);
	suite_add_tcase(s, said);
	tcase_add_checked_fixture(door, setup_door, teardown_door);
	tcase_add_test(door, comes_back);
	tcase_add_test(door, comes_back_early);
	tcase_add_loop_test(door, waits_for_its_process, 0, 2);
	tcase_add_test(door, waits_for_nothing);
	tcase_add_loop_test(door, not_believed, 0, sizeof(strangers) / sizeof(strangers[0]));
	tcase_add_loop_test(door, last_words_at_the_door, 0, 2);
	tcase_add_test(door, silent_guests);
	suite_add_tcase(s, door);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
