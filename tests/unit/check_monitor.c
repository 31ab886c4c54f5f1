/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The root half without root: port reservations, profiles, and pppds started, signalled and reaped,
 * where this program itself plays pppd (its second argument is "plugin" then).
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "l2tpd/monitor/exec.h"
#include "l2tpd/monitor/profile.h"
#include "l2tpd/monitor/reserve.h"
#include "l2tpd/monitor/spawn.h"
#include "lib/base/err.h"

/* --- ports --- */

START_TEST(test_ports)
{
	static const struct {
		const char *text, *again; /* NULL: refused */
	} rows[] = {
		{"", ""},
		{"\n", ""},
		{"1701\n", "1701"},
		{"7,5,6", "5-7"},
		{"100-200,150-250,251\n", "100-251"},
		{"0,65535", "0,65535"},
		{"0-65535", "0-65535"},
		{"65536", NULL},
		{"200-100", NULL},
		{"1-", NULL},
		{"-1", NULL},
		{"1;2", NULL},
		{"1 ,2", NULL},
		{"http", NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct port_set set;
		char *text;

		ck_assert_msg(ports_parse(&set, rows[i].text) == (rows[i].again ? 0 : -EINVAL),
			      "\"%s\"", rows[i].text);
		if (!rows[i].again)
			continue;
		text = ports_format(&set);
		ck_assert_str_eq(text, rows[i].again);
		free(text);
	}
}
END_TEST

/* The longest list there is still fits. */
START_TEST(test_ports_longest)
{
	struct port_set set = {0}, again;
	char *text;

	for (unsigned int port = 1; port <= 65535; port += 2)
		ports_add(&set, (uint16_t)port, (uint16_t)port);
	text = ports_format(&set);
	ck_assert_int_eq(ports_parse(&again, text), 0);
	ck_assert_mem_eq(&again, &set, sizeof(set));
	free(text);
}
END_TEST

START_TEST(test_ports_of_others)
{
	struct port_set others, ours = {0};
	char *text;

	ck_assert_int_eq(ports_parse(&others, "8080,20500-20600"), 0);
	ports_add(&ours, 20000, 20999);
	ports_subtract(&ours, &others);
	ports_unite(&others, &ours);
	text = ports_format(&others);
	ck_assert_str_eq(text, "8080,20000-20999");
	free(text);
	ports_subtract(&others, &ours);
	text = ports_format(&others);
	ck_assert_str_eq(text, "8080,20500-20600");
	free(text);
}
END_TEST

/* --- profiles --- */

START_TEST(test_profiles)
{
	struct config_radius_server server = {.secret_file = (char *)"/s"};
	struct config_radius radius = {
		.servers = &server, .n_servers = 1, .timeout = 3 * USEC_PER_S, .tries = 2};
	struct config_lns lns[] = {
		{.auth = CONFIG_AUTH_PAP | CONFIG_AUTH_MSCHAPV2,
		 .mtu = 1400,
		 .lcp_echo_interval = 30 * USEC_PER_S,
		 .lcp_echo_failures = 4,
		 .pppd_options = (char *)"/o"},
		{.auth = CONFIG_AUTH_CHAP, .radius = &radius},
	};
	struct config config = {.lns = lns, .n_lns = 2, .daemon.pppd_plugin = (char *)"/p"};
	struct ppp_profile *p;

	addr_parse(&server.address, "192.0.2.5", 1812);
	addr_parse(&lns[0].local_address, "10.0.0.1", 0);
	p = profiles_new(&config, true);
	ck_assert_uint_eq(p[0].auth, PPP_AUTH_PAP | PPP_AUTH_MSCHAPV2);
	ck_assert_uint_eq(p[0].n_servers, 0);
	ck_assert_uint_eq(p[0].mtu, 1400);
	ck_assert_uint_eq(p[0].lcp_echo_interval, 30 * USEC_PER_S);
	ck_assert_uint_eq(p[0].lcp_echo_failures, 4);
	ck_assert_str_eq(p[0].options_file, "/o");
	ck_assert_str_eq(p[0].plugin, "/p");
	ck_assert(addr_equal(&p[0].local_address, &lns[0].local_address));
	ck_assert_uint_eq(p[1].auth, PPP_AUTH_CHAP);
	ck_assert_uint_eq(p[1].n_servers, 1);
	ck_assert(p[0].quiet && p[1].quiet);
	ck_assert(addr_equal(&p[1].servers[0].address, &server.address));
	ck_assert_str_eq(p[1].servers[0].secret_file, "/s");
	ck_assert_uint_eq(p[1].radius_timeout, 3 * USEC_PER_S);
	ck_assert_uint_eq(p[1].radius_tries, 2);
	profiles_free(p, 2);
}
END_TEST

/* --- starting pppds --- */

enum { FAKE_OK = 42, FAKE_BAD_FDS = 43, FAKE_BAD_ARGS = 44, FAKE_BAD_GROUP = 45 };

/*
 * Plays pppd: checks what it was given, says so with a byte on the bus, then waits for the bus to
 * close (exit FAKE_OK) or a signal.
 */
static int fake_pppd(int argc, char **argv)
{
	struct stat st;
	char c = 'x';

	if (fstat(PPP_SESSION_FD, &st) || !S_ISSOCK(st.st_mode) || fcntl(0, F_GETFD) < 0)
		return FAKE_BAD_FDS;
	for (int fd = PPP_BUS_FD + 1; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			return FAKE_BAD_FDS;
	if (strcmp(argv[0], "pppd") || strcmp(argv[argc - 1], "4"))
		return FAKE_BAD_ARGS;
	if (getpgrp() != getpid())
		return FAKE_BAD_GROUP;
	if (write(PPP_BUS_FD, &c, 1) != 1 || read(PPP_BUS_FD, &c, 1) != 0)
		return FAKE_BAD_FDS;
	return FAKE_OK;
}

static const struct ppp_profile profile = {.plugin = "/p", .auth = PPP_AUTH_PAP, .mtu = 1400};
static struct spawn *spawn;
static int session, bus, theirs;

static void configure(const char *program, unsigned int max)
{
	spawn_configure(spawn, &(struct spawn_conf){program, &profile, 1, max});
}

static void setup(void)
{
	int pair[2];

	exec_init();
	spawn = spawn_new();
	configure("/proc/self/exe", 10);
	session = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	bus = pair[0];
	theirs = pair[1];
}

static void teardown(void)
{
	spawn_free(spawn);
	close(session);
	close(bus);
	close(theirs);
}

static struct answer start(uint16_t sid)
{
	struct request r = {REQUEST_START, 9, sid, 40001, 0, 0};
	int fds[REQUEST_START_FDS] = {session, theirs};
	struct answer a;

	ck_assert(spawn_do(spawn, &r, fds, &a));
	ck_assert_uint_eq(a.sid, sid);
	ck_assert_uint_eq(a.generation, 9);
	return a;
}

static void tell(enum request_op op, uint32_t generation)
{
	struct request r = {op, generation, 7, 0, 0, 0};
	int fds[REQUEST_START_FDS] = {-1, -1};
	struct answer a;

	ck_assert(!spawn_do(spawn, &r, fds, &a));
}

/* Wait until the fake pppd says that it runs, or has ended. */
static void wait_for_fake(void)
{
	char c;

	close(theirs);
	theirs = -1;
	ck_assert_int_ge(read(bus, &c, 1), 0);
}

/* Its end, whose status is returned. */
static int reap(pid_t pid)
{
	struct answer a;
	int status;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(spawn_reaped(spawn, pid, status, &a));
	ck_assert_uint_eq(a.kind, ANSWER_EXITED);
	ck_assert_uint_eq(a.sid, 7);
	ck_assert_int_eq(a.value, status);
	ck_assert_uint_eq(spawn_count(spawn), 0);
	ck_assert(!spawn_reaped(spawn, pid, status, &a));
	return status;
}

START_TEST(test_spawn)
{
	struct answer a = start(7);

	ck_assert_uint_eq(a.kind, ANSWER_STARTED);
	ck_assert_uint_eq(spawn_count(spawn), 1);
	wait_for_fake();
	shutdown(bus, SHUT_RDWR);
	ck_assert_int_eq(WEXITSTATUS(reap(a.value)), FAKE_OK);
}
END_TEST

START_TEST(test_spawn_signals)
{
	struct answer a = start(7);

	wait_for_fake();
	tell(REQUEST_KILL, 8); /* of an earlier generation: nothing happens */
	tell(REQUEST_TERM, 9);
	ck_assert_int_eq(WTERMSIG(reap(a.value)), SIGTERM);
	tell(REQUEST_TERM, 9); /* gone: nothing happens */
}
END_TEST

START_TEST(test_spawn_kill)
{
	struct answer a = start(7);

	tell(REQUEST_KILL, 9);
	ck_assert_int_eq(WTERMSIG(reap(a.value)), SIGKILL);
}
END_TEST

START_TEST(test_spawn_signal_all)
{
	struct answer a = start(7);

	spawn_signal_all(spawn, SIGKILL);
	ck_assert_int_eq(WTERMSIG(reap(a.value)), SIGKILL);
}
END_TEST

static void expect_failed(struct answer a, int error)
{
	ck_assert_uint_eq(a.kind, ANSWER_FAILED);
	ck_assert_int_eq(a.value, error);
}

START_TEST(test_spawn_refuses)
{
	struct answer a;
	int pipes[2], socket_fd = session;

	configure("/nonexistent/pppd", 10);
	expect_failed(start(7), ENOENT);
	configure("/dev/null", 10);
	expect_failed(start(7), EACCES);
	configure("/proc/self/exe", 1);
	ck_assert_int_eq(pipe(pipes), 0);
	session = pipes[0];
	expect_failed(start(7), ENOTSOCK);
	session = socket_fd;
	close(pipes[0]);
	close(pipes[1]);
	a = start(7);
	ck_assert_uint_eq(a.kind, ANSWER_STARTED);
	expect_failed(start(7), EEXIST);
	expect_failed(start(8), ERR_LIMIT);
	spawn_signal_all(spawn, SIGKILL);
	reap(a.value);
}
END_TEST

int main(int argc, char **argv)
{
	TCase *pure, *t;
	SRunner *r;
	Suite *s;
	int failed;

	if (argc > 1 && !strcmp(argv[1], "plugin"))
		return fake_pppd(argc, argv);
	s = suite_create("monitor");
	pure = tcase_create("pure");
	t = tcase_create("spawn");
	r = srunner_create(s);
	tcase_add_test(pure, test_ports);
	tcase_add_test(pure, test_ports_longest);
	tcase_add_test(pure, test_ports_of_others);
	tcase_add_test(pure, test_profiles);
	suite_add_tcase(s, pure);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_spawn);
	tcase_add_test(t, test_spawn_signals);
	tcase_add_test(t, test_spawn_kill);
	tcase_add_test(t, test_spawn_signal_all);
	tcase_add_test(t, test_spawn_refuses);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
