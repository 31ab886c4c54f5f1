/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The root half without root: port reservations, profiles, and pppds started, signalled and reaped,
 * where this program itself plays pppd (its second argument is "plugin" then).
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "l2tpd/monitor/engine.h"
#include "l2tpd/monitor/exec.h"
#include "l2tpd/monitor/keep.h"
#include "l2tpd/monitor/monitor.h"
#include "l2tpd/monitor/profile.h"
#include "l2tpd/monitor/reserve.h"
#include "l2tpd/monitor/spawn.h"
#include "l2tpd/monitor/waiter.h"
#include "l2tpd/ppp/handover.h"
#include "lib/base/birth.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/pass.h"

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
		{.auth = {.methods = {CONFIG_AUTH_PAP, CONFIG_AUTH_MSCHAPV2}, .n = 2},
		 .mtu = 1400,
		 .lcp_echo_interval = 30 * USEC_PER_S,
		 .lcp_echo_failures = 4,
		 .pppd_options = (char *)"/o"},
		{.auth = {.methods = {CONFIG_AUTH_EAP}, .n = 1}, .radius = &radius},
	};
	struct config config = {.lns = lns, .n_lns = 2, .daemon.pppd_plugin = (char *)"/p"};
	struct ppp_profile *p;

	addr_parse(&server.address, "192.0.2.5", 1812);
	addr_parse(&lns[0].local_address, "10.0.0.1", 0);
	p = profiles_new(&config, true);
	ck_assert_uint_eq(p[0].n_auth, 2);
	ck_assert_int_eq(p[0].auth[0], PPP_AUTH_PAP);
	ck_assert_int_eq(p[0].auth[1], PPP_AUTH_MSCHAPV2);
	ck_assert_uint_eq(p[0].n_servers, 0);
	ck_assert_uint_eq(p[0].mtu, 1400);
	ck_assert_uint_eq(p[0].lcp_echo_interval, 30 * USEC_PER_S);
	ck_assert_uint_eq(p[0].lcp_echo_failures, 4);
	ck_assert_str_eq(p[0].options_file, "/o");
	ck_assert_str_eq(p[0].plugin, "/p");
	ck_assert(addr_equal(&p[0].local_address, &lns[0].local_address));
	ck_assert_uint_eq(p[1].n_auth, 1);
	ck_assert_int_eq(p[1].auth[0], PPP_AUTH_EAP);
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

/* What the fake waiting pppd does; by its profile's options file */
static const char works[] = "works", refuses[] = "refuses", dies[] = "dies", hangs[] = "hangs",
		  forgets[] = "forgets";

/*
 * Plays pppd: checks what it was given, says so with a byte on the bus, then waits for the bus to
 * close (exit FAKE_OK) or a signal.
 */
static int fake_session(int session_fd, int bus_fd)
{
	struct stat st;
	char c = 'x';

	if (fstat(session_fd, &st) || !S_ISSOCK(st.st_mode) || fcntl(0, F_GETFD) < 0)
		return FAKE_BAD_FDS;
	if (getpgrp() != getpid())
		return FAKE_BAD_GROUP;
	if (write(bus_fd, &c, 1) != 1 || read(bus_fd, &c, 1) != 0)
		return FAKE_BAD_FDS;
	return FAKE_OK;
}

static bool none_open_above(int last)
{
	for (int fd = last + 1; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			return false;
	return true;
}

/* Plays the waiting one, as its options file says. */
static int fake_waiting(const char *what)
{
	struct birth_order order = {0};
	int fds[BIRTH_FDS];

	if (!strcmp(what, refuses))
		return 2;
	if (!none_open_above(PPP_WAIT_FD))
		return FAKE_BAD_FDS;
	birth_tell(PPP_WAIT_FD, BIRTH_WAITING, &order, 0);
	while (birth_take_order(PPP_WAIT_FD, &order, fds) > 0) {
		if (!strcmp(what, dies))
			return 1;
		while (!strcmp(what, hangs))
			pause();
		if (!strcmp(what, forgets) && order.sid == 7)
			continue;
		if (!syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL)) {
			setpgid(0, 0);
			birth_tell(PPP_WAIT_FD, BIRTH_BORN, &order, 0);
			_exit(fake_session(fds[0], fds[1]) + 100);
		}
		close(fds[0]);
		close(fds[1]);
	}
	return 0;
}

static int fake_pppd(int argc, char **argv)
{
	if (strcmp(argv[0], "pppd"))
		return FAKE_BAD_ARGS;
	if (!strcmp(argv[argc - 2], "l2tpd-wait"))
		return fake_waiting(argv[4]); /* pppd plugin /p file WHAT */
	if (strcmp(argv[argc - 1], "4"))
		return FAKE_BAD_ARGS;
	if (!none_open_above(PPP_BUS_FD))
		return FAKE_BAD_FDS;
	return fake_session(PPP_SESSION_FD, PPP_BUS_FD);
}

static struct ppp_profile profile = {
	.name = "test", .plugin = "/p", .auth = {PPP_AUTH_PAP}, .n_auth = 1, .mtu = 1400};
static struct spawn *spawn;
static int session, bus, theirs;
static struct answer answers[4];
static size_t n_answers;

static void on_answer(void *ctx, const struct answer *a)
{
	(void)ctx;
	ck_assert_uint_lt(n_answers, sizeof(answers) / sizeof(answers[0]));
	answers[n_answers++] = *a;
}

static void configure_how(const char *program, unsigned int max, enum spawn_how how)
{
	struct spawn_conf conf = {program, &profile, 1, max, how};

	ck_assert_int_eq(spawn_configure(spawn, &conf), 0);
	spawn_serve(spawn);
}

static void configure(const char *program, unsigned int max)
{
	configure_how(program, max, SPAWN_EXEC);
}

static void setup(void)
{
	int pair[2];

	exec_init();
	spawn = spawn_new(&(struct spawn_calls){NULL, on_answer});
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

/* The next answer, waiting for it. */
static struct answer next_answer(void)
{
	struct answer a;

	while (!n_answers) {
		struct pollfd p = {.fd = spawn_fd(spawn), .events = POLLIN};
		usec_t due = spawn_due(spawn), now = clock_now();

		poll(&p, 1, due == USEC_NEVER ? -1 : due > now ? (int)((due - now) / 1000) + 1 : 0);
		spawn_serve(spawn);
	}
	a = answers[0];
	memmove(answers, answers + 1, --n_answers * sizeof(*answers));
	return a;
}

static void ask(uint16_t sid)
{
	struct request r = {REQUEST_START, 9, sid, 40001, 0, 0};
	int fds[REQUEST_START_FDS] = {dup(session), dup(theirs)};

	fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	spawn_do(spawn, &r, fds);
}

static struct answer start(uint16_t sid)
{
	struct answer a;

	ask(sid);
	a = next_answer();
	ck_assert_uint_eq(a.sid, sid);
	ck_assert_uint_eq(a.generation, 9);
	return a;
}

static void tell(enum request_op op, uint32_t generation)
{
	struct request r = {op, generation, 7, 0, 0, 0};
	int fds[REQUEST_START_FDS] = {-1, -1};

	spawn_do(spawn, &r, fds);
	ck_assert_uint_eq(n_answers, 0);
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
	spawn_reaped(spawn, pid, status);
	a = next_answer();
	ck_assert_uint_eq(a.kind, ANSWER_EXITED);
	ck_assert_uint_eq(a.sid, 7);
	ck_assert_int_eq(a.value, status);
	ck_assert_int_eq(a.pid, pid);
	ck_assert_uint_eq(spawn_count(spawn), 0);
	spawn_reaped(spawn, pid, status);
	ck_assert_uint_eq(n_answers, 0);
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

/* --- children of one that waits --- */

static void wait_as(const char *what)
{
	profile.options_file = what;
	configure_how("/proc/self/exe", 10, SPAWN_FORK);
}

START_TEST(test_fork)
{
	struct answer a;

	wait_as(works);
	a = start(7);
	ck_assert_uint_eq(a.kind, ANSWER_STARTED);
	ck_assert_uint_eq(spawn_count(spawn), 1);
	wait_for_fake();
	shutdown(bus, SHUT_RDWR);
	ck_assert_int_eq(WEXITSTATUS(reap(a.value)), FAKE_OK + 100);
}
END_TEST

/* A child that has ended, not yet reaped. */
static pid_t next_end(void)
{
	siginfo_t ended = {0};

	ck_assert_int_eq(waitid(P_ALL, 0, &ended, WEXITED | WNOWAIT), 0);
	return ended.si_pid;
}

/* Its end is known before its birth has been heard of. */
START_TEST(test_fork_ends_at_once)
{
	int status;
	pid_t pid;

	wait_as(works);
	shutdown(bus, SHUT_RDWR);
	ask(7);
	ck_assert_uint_eq(n_answers, 0);
	pid = next_end();
	spawn_serve(spawn);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	spawn_reaped(spawn, pid, status);
	ck_assert_uint_eq(next_answer().kind, ANSWER_STARTED);
	ck_assert_uint_eq(next_answer().kind, ANSWER_EXITED);
	ck_assert_uint_eq(spawn_count(spawn), 0);
}
END_TEST

/* A signal that comes before it is born reaches it. */
START_TEST(test_fork_signal_before_birth)
{
	struct answer a;

	wait_as(works);
	ask(7);
	tell(REQUEST_KILL, 8); /* another generation's */
	tell(REQUEST_KILL, 9);
	tell(REQUEST_TERM, 9);
	a = next_answer();
	ck_assert_uint_eq(a.kind, ANSWER_STARTED);
	ck_assert_int_eq(WTERMSIG(reap(a.value)), SIGKILL);
}
END_TEST

/* Whatever the waiting one does, the session gets a pppd. */
START_TEST(test_fork_falls_back)
{
	const char *const ways[] = {refuses, dies};
	struct answer a;

	wait_as(ways[_i]);
	a = start(7);
	ck_assert_uint_eq(a.kind, ANSWER_STARTED);
	wait_for_fake();
	shutdown(bus, SHUT_RDWR);
	ck_assert_int_eq(WEXITSTATUS(reap(a.value)), FAKE_OK);
}
END_TEST

/* One that does not answer in time is killed, and then it has closed its end. */
START_TEST(test_fork_hangs)
{
	const struct birth_order order = {9, 7, 40001};
	struct birth_report report;
	struct waiter w;
	int status, r;
	pid_t pid;

	profile.options_file = hangs;
	waiter_init(&w, "/proc/self/exe", &profile);
	ck_assert(waiter_run(&w, clock_now()));
	pid = w.pid;
	ck_assert_int_eq(waiter_order(&w, &order, (const int[]){session, theirs}), 0);
	ck_assert(!waiter_run(&w, clock_now()));
	ck_assert(!waiter_run(&w, waiter_due(&w)));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(WTERMSIG(status), SIGKILL);
	waiter_reaped(&w, status);
	while (!(r = waiter_report(&w, &report, &pid)))
		;
	ck_assert_int_eq(r, -ERR_CLOSED);
	ck_assert_int_eq(waiter_order(&w, &order, (const int[]){session, theirs}), -EAGAIN);
	ck_assert(waiter_run(&w, waiter_due(&w)));
	waiter_done(&w);
}
END_TEST

/* One that is dead, but for a child that has not closed `ret_child` yet, with one more order
 * unread.
 */
static void kill_among_orders(struct waiter *w, int *ret_child)
{
	const struct birth_order order = {9, 7, 40001}, unread = {9, 8, 40001};
	struct birth_order taken;
	int fds[BIRTH_FDS], pair[2];

	profile.options_file = works;
	waiter_init(w, "/proc/self/exe", &profile);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	ck_assert_int_eq(pass_want_pid(pair[0]), 0);
	w->fd = pair[0];
	w->retry_at = USEC_NEVER;
	ck_assert_int_eq(waiter_order(w, &order, (const int[]){session, theirs}), 0);
	ck_assert_int_eq(waiter_order(w, &unread, (const int[]){session, theirs}), 0);
	ck_assert_int_gt(birth_take_order(pair[1], &taken, fds), 0);
	close(fds[0]);
	close(fds[1]);
	waiter_reaped(w, SIGKILL);
	ck_assert_int_eq(birth_tell(pair[1], BIRTH_BORN, &taken, 0), 0);
	*ret_child = pair[1];
}

/* Without the kernel's word on who speaks, there is nobody whom a signal could go to. */
START_TEST(test_fork_nobody)
{
	const struct birth_order order = {9, 7, 40001};
	struct birth_report report;
	int pair[2];
	pid_t pid;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	ck_assert_int_eq(birth_tell(pair[1], BIRTH_BORN, &order, 0), 0);
	ck_assert_int_eq(birth_hear(pair[0], &report, &pid), -EBADMSG);
	close(pair[0]);
	close(pair[1]);
}
END_TEST

/* What was born before it died is not lost: else the session would get another pppd. */
START_TEST(test_fork_dies_among_orders)
{
	struct birth_report report;
	struct waiter w;
	int child;
	pid_t pid;

	kill_among_orders(&w, &child);
	close(child);
	ck_assert_int_eq(waiter_report(&w, &report, &pid), 1);
	ck_assert_uint_eq(report.kind, BIRTH_BORN);
	ck_assert_int_eq(waiter_report(&w, &report, &pid), -ERR_CLOSED);
	waiter_done(&w);
}
END_TEST

/* The next one does not take its place as long as a child of it may have something to say. */
START_TEST(test_fork_last_words)
{
	struct birth_report report;
	struct waiter w;
	int child;
	pid_t pid;

	kill_among_orders(&w, &child);
	ck_assert(!waiter_run(&w, w.retry_at));
	ck_assert(!waiter_run(&w, w.deadline));
	ck_assert(waiter_due(&w) == USEC_NEVER);
	ck_assert_int_eq(waiter_report(&w, &report, &pid), 1);
	ck_assert_int_eq(waiter_report(&w, &report, &pid), 0);
	close(child);
	ck_assert_int_eq(waiter_report(&w, &report, &pid), -ERR_CLOSED);
	ck_assert(waiter_due(&w) == w.retry_at);
	ck_assert(waiter_run(&w, w.retry_at));
	waiter_done(&w);
}
END_TEST

/* An order whose child is never heard of is not put off by the answers to others. */
START_TEST(test_fork_forgets)
{
	struct answer a;
	int status;
	usec_t due;

	wait_as(forgets);
	ask(7);
	due = spawn_due(spawn);
	a = start(8);
	ck_assert_uint_eq(a.kind, ANSWER_STARTED);
	ck_assert(due != USEC_NEVER);
	ck_assert(spawn_due(spawn) <= due);
	/* and with the end of the waiting one it is executed */
	kill(a.value, SIGABRT); /* no sanitizer answers this one */
	ck_assert_int_eq(waitpid(a.value, &status, 0), a.value);
	spawn_reaped(spawn, a.value, status);
	ck_assert_uint_eq(next_answer().kind, ANSWER_EXITED);
	a = next_answer();
	ck_assert_uint_eq(a.kind, ANSWER_STARTED);
	ck_assert_uint_eq(a.sid, 7);
	kill(a.value, SIGTERM);
	reap(a.value);
}
END_TEST

/* Nobody may try again what has made one crash on another one with the same layout in memory. */
START_TEST(test_fork_crash)
{
	struct answer a;
	int status;
	pid_t pid;

	wait_as(works);
	a = start(7);
	ck_assert_uint_eq(a.kind, ANSWER_STARTED);
	ck_assert(spawn_due(spawn) == USEC_NEVER);
	kill(a.value, SIGABRT); /* no sanitizer answers this one */
	reap(a.value);
	/* the one that waits, too; the next one is due at once */
	pid = waitpid(-1, &status, 0);
	ck_assert_int_eq(WTERMSIG(status), SIGKILL);
	spawn_reaped(spawn, pid, status);
	spawn_serve(spawn);
	a = start(7);
	ck_assert_uint_eq(a.kind, ANSWER_STARTED);
	kill(a.value, SIGTERM); /* that is no crash */
	reap(a.value);
	ck_assert(spawn_due(spawn) == USEC_NEVER);
}
END_TEST

/* When it has died another one takes its place, after a while. */
START_TEST(test_fork_again)
{
	struct answer a;
	int status;
	pid_t pid;

	wait_as(dies);
	a = start(7);
	wait_for_fake();
	shutdown(bus, SHUT_RDWR);
	while ((pid = waitpid(-1, &status, 0)) > 0)
		spawn_reaped(spawn, pid, status);
	ck_assert_uint_eq(next_answer().value, a.value ? (uint32_t)FAKE_OK << 8 : 0);
	ck_assert(spawn_due(spawn) != USEC_NEVER);
	wait_as(works); /* a new configuration counts at once */
	ck_assert(spawn_due(spawn) == USEC_NEVER);
}
END_TEST

/* Sessions go on while the settings change: who lives stays ours, who is not born yet is told. */
START_TEST(test_new_settings)
{
	struct answer a;

	wait_as(hangs);
	ask(8);
	configure("/proc/self/exe", 10);
	a = next_answer();
	ck_assert_uint_eq(a.sid, 8);
	expect_failed(a, ECANCELED);
	wait_as(works);
	a = start(7);
	configure("/proc/self/exe", 10);
	ck_assert_uint_eq(spawn_count(spawn), 1);
	kill(a.value, SIGABRT); /* nobody of the new settings is to blame */
	reap(a.value);
}
END_TEST

/* --- what outlives an engine --- */

#define N_KEPT 600 /* more than a socket takes at once */

/*
 * Plays the engine: how many sockets and pppds it was handed, and how many answers; its exit status
 * tells whether that was right.
 */
static int fake_engine(const char *want)
{
	unsigned int sockets, pppds, answers_;
	struct handover h;
	char first, got = 0;
	int fd;

	fcntl(MONITOR_ENGINE_FD, F_SETFL, O_NONBLOCK);
	if (sscanf(want, "%u,%u,%u,%c", &sockets, &pppds, &answers_, &first) != 4 ||
	    handover_receive(MONITOR_ENGINE_FD, &h))
		return 1;
	if (h.n_sockets != sockets || h.n_pppds != pppds || h.n_answers != answers_)
		return 2;
	if (sockets && handover_take(&h, KEPT_TUNNEL, 2) >= 0)
		return 3; /* dropped */
	for (unsigned int tid = 3; tid < sockets; tid++) {
		fd = handover_take(&h, KEPT_TUNNEL, (uint16_t)tid);
		if (fd < 0 || handover_take(&h, KEPT_TUNNEL, (uint16_t)tid) >= 0)
			return 4;
		close(fd);
	}
	if (pppds && (h.pppds[0].sid != 7 || h.pppds[0].generation != 9 || !h.pppds[0].pid))
		return 5;
	if (answers_ && h.answers[0].kind != ANSWER_EXITED)
		return 6;
	if (pread(h.state_fd, &got, 1, 0) < 0 || got != (first == '-' ? 0 : first))
		return 7;
	if (pwrite(h.state_fd, "x", 1, 0) != 1)
		return 8;
	handover_done(&h);
	return 0;
}

/* Its exit status, once it has been told all there is. */
static int run_engine(struct engine *e, struct keep *k, const char *want)
{
	const char *const args[] = {want, NULL};
	int status;

	e->args = args;
	ck_assert_int_eq(engine_start(e, keep_state(k)), 0);
	while (!waitpid(e->pid, &status, WNOHANG)) {
		struct pollfd p = {.fd = e->fd,
				   .events = engine_has_news(e) ? POLLIN | POLLOUT : POLLIN};

		poll(&p, 1, 100);
		engine_tell(e);
	}
	engine_hang_up(e);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Sockets, memory, pppds and what became of them while there was no engine go to the next one. */
START_TEST(test_engine)
{
	struct engine e;
	struct keep k;
	struct answer a;

	keep_init(&k);
	engine_init(&e, NULL, &k, spawn);
	ck_assert_int_eq(run_engine(&e, &k, "0,0,0,-"), 0);
	for (uint16_t tid = 1; tid <= N_KEPT; tid++)
		ck_assert_int_eq(keep_take(&k, KEPT_TUNNEL, tid, dup(session)), 0);
	ck_assert_int_eq(keep_take(&k, KEPT_TUNNEL, 3, dup(session)), 0); /* in its place */
	ck_assert_int_eq(keep_take(&k, KEPT_LISTENER, 0, dup(session)), 0);
	ck_assert_int_eq(keep_take(&k, KEPT_ADMIN, 0, open("/dev/null", O_RDONLY)), -ENOTSOCK);
	keep_drop(&k, KEPT_TUNNEL, 2);
	keep_drop(&k, KEPT_TUNNEL, 2);
	ck_assert_uint_eq(k.n, N_KEPT);
	a = start(7);
	for (int i = 0; i < 3; i++)
		engine_answer(&e,
			      &(struct answer){.kind = ANSWER_EXITED, .generation = 5, .sid = 6});
	ck_assert_int_eq(run_engine(&e, &k, "600,1,3,x"), 0);
	/* what was told is told once; what is kept, to each */
	ck_assert_int_eq(run_engine(&e, &k, "600,1,0,x"), 0);
	keep_clear(&k);
	ck_assert_int_eq(run_engine(&e, &k, "0,1,0,-"), 0);
	keep_clear(&k);
	engine_done(&e);
	kill(a.value, SIGTERM);
	reap(a.value);
}
END_TEST

/* A monitor of another version is noticed, and one that says nothing at all. */
START_TEST(test_handover_refuses)
{
	static const struct answer firsts[] = {
		{.kind = ANSWER_STATE, .value = HANDOVER_VERSION + 1},
		{.kind = ANSWER_END},
		{.kind = ANSWER_PPPD, .generation = 1, .value = 1, .sid = 1},
	};
	struct handover h;
	int pair[2];

	ck_assert_int_eq(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), 0);
	for (size_t i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++) {
		int passed = firsts[i].kind == ANSWER_STATE ? session : -1;

		ck_assert_int_eq(answer_pass(pair[0], &firsts[i], passed), 0);
		ck_assert_int_eq(handover_receive(pair[1], &h), -EPROTONOSUPPORT);
	}
	ck_assert_int_eq(send(pair[0], "x", 1, 0), 1);
	ck_assert_int_eq(handover_receive(pair[1], &h), -EPROTONOSUPPORT);
	close(pair[0]);
	ck_assert_int_eq(handover_receive(pair[1], &h), -ERR_CLOSED);
	close(pair[1]);
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
	if (argc > 3 && !strcmp(argv[1], MONITOR_ENGINE_OPTION))
		return fake_engine(argv[3]);
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
	tcase_set_timeout(t, 30);
	tcase_add_test(t, test_fork);
	tcase_add_test(t, test_fork_ends_at_once);
	tcase_add_test(t, test_fork_signal_before_birth);
	tcase_add_loop_test(t, test_fork_falls_back, 0, 2);
	tcase_add_test(t, test_fork_hangs);
	tcase_add_test(t, test_fork_nobody);
	tcase_add_test(t, test_fork_dies_among_orders);
	tcase_add_test(t, test_fork_last_words);
	tcase_add_test(t, test_fork_forgets);
	tcase_add_test(t, test_fork_crash);
	tcase_add_test(t, test_fork_again);
	tcase_add_test(t, test_new_settings);
	tcase_add_test(t, test_engine);
	tcase_add_test(t, test_handover_refuses);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
