/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests that the monitor must refuse, what exit statuses mean, and the engine's side of starting
 * and ending pppds, with this program playing the monitor.
 */
#include <check.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "l2tpd/ppp/child.h"
#include "l2tpd/ppp/exitcode.h"
#include "l2tpd/ppp/request.h"
#include "lib/base/err.h"

/* --- requests --- */

static const struct {
	const char *what;
	struct request r;
	size_t len, n_fds;
	int want;
} requests[] = {
	/* op, generation, sid, tid, profile, zero; len; fds; of 2 profiles */
	{"ready", {REQUEST_READY, 0, 0, 0, 0, 0}, 16, 0, 0},
	{"start", {REQUEST_START, 9, 7, 40001, 0, 0}, 16, 2, 0},
	{"start, the last profile", {REQUEST_START, 9, 7, 40001, 1, 0}, 16, 2, 0},
	{"term", {REQUEST_TERM, 9, 7, 0, 0, 0}, 16, 0, 0},
	{"kill", {REQUEST_KILL, 9, 7, 0, 0, 0}, 16, 0, 0},
	{"no such op", {0, 9, 7, 0, 0, 0}, 16, 0, -EBADMSG},
	{"keep", {REQUEST_KEEP, 0, 0, 40001, 0, KEPT_TUNNEL}, 16, 1, 0},
	{"keep, the first listener", {REQUEST_KEEP, 0, 0, 0, 0, KEPT_LISTENER}, 16, 1, 0},
	{"drop", {REQUEST_DROP, 0, 0, 40001, 0, KEPT_TUNNEL}, 16, 0, 0},
	{"restart", {REQUEST_RESTART, 0, 0, 0, 0, 0}, 16, 0, 0},
	{"no such op", {REQUEST_RESTART + 1, 9, 7, 0, 0, 0}, 16, 0, -EBADMSG},
	{"keep without socket", {REQUEST_KEEP, 0, 0, 40001, 0, KEPT_TUNNEL}, 16, 0, -EBADMSG},
	{"keep two sockets", {REQUEST_KEEP, 0, 0, 40001, 0, KEPT_TUNNEL}, 16, 2, -EBADMSG},
	{"keep nothing", {REQUEST_KEEP, 0, 0, 0, 0, KEPT_NONE}, 16, 1, -EBADMSG},
	{"keep, no such kind", {REQUEST_KEEP, 0, 0, 0, 0, KEPT_COUNT}, 16, 1, -EBADMSG},
	{"keep, no such id", {REQUEST_KEEP, 0, 0, 1, 0, KEPT_ADMIN}, 16, 1, -EBADMSG},
	{"keep with session", {REQUEST_KEEP, 0, 7, 40001, 0, KEPT_TUNNEL}, 16, 1, -EBADMSG},
	{"keep with generation", {REQUEST_KEEP, 9, 0, 40001, 0, KEPT_TUNNEL}, 16, 1, -EBADMSG},
	{"restart with a socket", {REQUEST_RESTART, 0, 0, 0, 0, 0}, 16, 1, -EBADMSG},
	{"too short", {REQUEST_TERM, 9, 7, 0, 0, 0}, 15, 0, -EBADMSG},
	{"too long", {REQUEST_TERM, 9, 7, 0, 0, 0}, 17, 0, -EBADMSG},
	{"term with a kind", {REQUEST_TERM, 9, 7, 0, 0, 1}, 16, 0, -EBADMSG},
	{"start, no such profile", {REQUEST_START, 9, 7, 40001, 2, 0}, 16, 2, -EBADMSG},
	{"start without session", {REQUEST_START, 9, 0, 40001, 0, 0}, 16, 2, -EBADMSG},
	{"start without tunnel", {REQUEST_START, 9, 7, 0, 0, 0}, 16, 2, -EBADMSG},
	{"start with one descriptor", {REQUEST_START, 9, 7, 40001, 0, 0}, 16, 1, -EBADMSG},
	{"start without descriptors", {REQUEST_START, 9, 7, 40001, 0, 0}, 16, 0, -EBADMSG},
	{"term without session", {REQUEST_TERM, 9, 0, 0, 0, 0}, 16, 0, -EBADMSG},
	{"term with tunnel", {REQUEST_TERM, 9, 7, 1, 0, 0}, 16, 0, -EBADMSG},
	{"kill with profile", {REQUEST_KILL, 9, 7, 0, 1, 0}, 16, 0, -EBADMSG},
	{"kill with a descriptor", {REQUEST_KILL, 9, 7, 0, 0, 0}, 16, 1, -EBADMSG},
	{"ready with session", {REQUEST_READY, 0, 7, 0, 0, 0}, 16, 0, -EBADMSG},
	{"ready with generation", {REQUEST_READY, 1, 0, 0, 0, 0}, 16, 0, -EBADMSG},
	{"ready with a descriptor", {REQUEST_READY, 0, 0, 0, 0, 0}, 16, 2, -EBADMSG},
};

START_TEST(test_request_check)
{
	ck_assert_uint_eq(sizeof(struct request), 16);
	ck_assert_msg(request_check(&requests[_i].r, requests[_i].len, requests[_i].n_fds, 2) ==
			      requests[_i].want,
		      "%s", requests[_i].what);
}
END_TEST

START_TEST(test_request_moves)
{
	struct request sent = {REQUEST_START, 9, 7, 40001, 1, 0}, got;
	int pair[2], fds[REQUEST_START_FDS], three[3] = {0, 1, 2};
	uint8_t long_one[sizeof(got) + 1] = {0};
	size_t n;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	ck_assert_int_eq(request_receive(pair[1], &got, fds, &n), -EAGAIN);
	ck_assert_int_eq(request_send(pair[0], &sent, three, 2), 0);
	ck_assert_int_eq(request_receive(pair[1], &got, fds, &n), sizeof(got));
	ck_assert_mem_eq(&got, &sent, sizeof(got));
	ck_assert_uint_eq(n, 2);
	ck_assert_int_eq(fcntl(fds[0], F_GETFD), FD_CLOEXEC);
	close(fds[0]);
	close(fds[1]);
	/* What is longer than a request tells its length, so that request_check() sees it. */
	ck_assert_int_eq(send(pair[0], long_one, sizeof(long_one), 0), sizeof(long_one));
	ck_assert_int_eq(request_receive(pair[1], &got, fds, &n), sizeof(long_one));
	close(pair[0]);
	ck_assert_int_eq(request_receive(pair[1], &got, fds, &n), 0);
	ck_assert_uint_eq(n, 0);
	close(pair[1]);
}
END_TEST

/* Where there is no room for the descriptors that is told, and none of them stays open. */
START_TEST(test_request_no_room)
{
	struct request sent = {REQUEST_START, 5, 6, 7, 8, 0}, got;
	int pair[2], fds[REQUEST_START_FDS], two[2] = {0, 1}, next;
	struct rlimit limit;
	size_t n;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	next = dup(0);
	close(next);
	for (int room = 0; room < 2; room++) {
		limit.rlim_cur = (rlim_t)(next + room);
		ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
		ck_assert_int_eq(request_send(pair[0], &sent, two, 2), 0);
		ck_assert_int_eq(request_receive(pair[1], &got, fds, &n), -EMFILE);
		ck_assert_uint_eq(n, 0);
		ck_assert_mem_eq(&got, &sent, sizeof(got));
		ck_assert_int_lt(fcntl(next, F_GETFD), 0);
	}
	close(pair[0]);
	close(pair[1]);
}
END_TEST

/* --- exit statuses --- */

#define EXITED(code) ((code) << 8) /* as wait() gives it */

START_TEST(test_exitcodes)
{
	static const struct {
		int status;
		const char *word;
		enum stage stage;
	} rows[] = {
		{EXITED(0), "ended", STAGE_UP},          {EXITED(5), "ended-here", STAGE_UP},
		{EXITED(10), "negotiation", STAGE_IPCP}, {EXITED(11), "auth-failed", STAGE_AUTH},
		{EXITED(15), "peer-dead", STAGE_UP},     {EXITED(21), "cnid", STAGE_AUTH},
		{EXITED(22), "unknown", STAGE_UP},       {SIGKILL, "crashed", STAGE_UP},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct exitcode *e = exitcode_find(rows[i].status);

		ck_assert_str_eq(e->word, rows[i].word);
		ck_assert_int_eq(e->stage, rows[i].stage);
	}
	ck_assert_uint_eq(exitcode_find(EXITED(11))->disconnect, 16); /* bad name or password */
	ck_assert_uint_eq(exitcode_find(EXITED(15))->disconnect, 8);  /* LCP echoes */
	ck_assert_uint_eq(exitcode_find(EXITED(1))->disconnect, 0);
	ck_assert_uint_eq(exitcode_find(SIGKILL)->disconnect, 0);
	for (int code = 0; code <= 21; code++)
		ck_assert_int_eq(exitcode_find(EXITED(code))->code, code);
	ck_assert_str_eq(exitcode_not_started(-ENOENT)->word, "missing");
	ck_assert_str_eq(exitcode_not_started(-ERR_LIMIT)->word, "limit");
	ck_assert_str_eq(exitcode_not_started(-EPERM)->word, "not-started");
}
END_TEST

/* --- the engine's side --- */

static struct event_base *base;
static struct ppp *ppp;
static int monitor; /* our end */
static struct {
	unsigned int started, ended, exited, alone;
	pid_t pid, ended_pid;
	uint16_t sid;
	int error, status;
} seen;

static void on_started(void *ctx, uint16_t sid, pid_t pid)
{
	(void)ctx;
	seen.started++;
	seen.sid = sid;
	seen.pid = pid;
}

/* Whose process it was is still known. */
static void on_ended(void *ctx, uint16_t sid)
{
	(void)ctx;
	seen.ended++;
	seen.ended_pid = ppp_pid(ppp, sid);
}

static void on_exited(void *ctx, uint16_t sid, int error, int status)
{
	(void)ctx;
	seen.exited++;
	seen.sid = sid;
	seen.error = error;
	seen.status = status;
}

static void on_alone(void *ctx)
{
	(void)ctx;
	seen.alone++;
}

static void setup_with(usec_t grace, unsigned int starts, usec_t wait)
{
	const struct ppp_conf conf = {grace, starts, wait};
	static const struct ppp_calls calls = {NULL,      on_started, on_ended,
					       on_exited, on_alone,   NULL};
	int pair[2];

	memset(&seen, 0, sizeof(seen));
	base = event_base_new();
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	monitor = pair[0];
	ppp = ppp_new(base, pair[1], &conf, &calls);
	ck_assert_ptr_nonnull(ppp);
}

static void setup(void)
{
	setup_with(3600 * USEC_PER_S, 1000, 3600 * USEC_PER_S);
}

static void teardown(void)
{
	ppp_free(ppp);
	event_base_free(base);
	close(monitor);
}

static void turn(void)
{
	event_base_loop(base, EVLOOP_NONBLOCK);
}

/* Start the pppd of `sid`; our end of its bus. */
static int start(uint16_t sid)
{
	int bus = -1;

	ck_assert_int_eq(ppp_start(ppp, sid, 40001, 1, open("/dev/null", O_RDWR), &bus), 0);
	return bus;
}

/* The next request is this one; its descriptors are closed, or given to `ret_bus`. */
static struct request expect(enum request_op op, uint16_t sid, int *ret_bus)
{
	struct request r;
	int fds[REQUEST_START_FDS];
	size_t n;
	int len = request_receive(monitor, &r, fds, &n);

	ck_assert_int_eq(len, sizeof(r));
	ck_assert_int_eq(request_check(&r, (size_t)len, n, 2), 0);
	ck_assert_uint_eq(r.op, op);
	ck_assert_uint_eq(r.sid, sid);
	if (n) {
		close(fds[0]);
		if (ret_bus)
			*ret_bus = fds[1];
		else
			close(fds[1]);
	}
	return r;
}

static void expect_nothing(void)
{
	struct request r;
	int fds[REQUEST_START_FDS];
	size_t n;

	ck_assert_int_eq(request_receive(monitor, &r, fds, &n), -EAGAIN);
}

static void answer(const struct request *r, enum answer_kind kind, int value)
{
	const struct answer a = {
		.kind = kind,
		.generation = r->generation,
		.value = value,
		.sid = r->sid,
	};

	ck_assert_int_eq(answer_send(monitor, &a), 0);
	turn();
}

START_TEST(test_life)
{
	int bus = start(7), theirs = -1;
	struct request r = expect(REQUEST_START, 7, &theirs);
	char c = 0;

	ck_assert_uint_eq(r.tid, 40001);
	ck_assert_uint_eq(r.profile, 1);
	/* The bus connects the two ends; ours does not block. */
	ck_assert_int_eq(write(theirs, "x", 1), 1);
	ck_assert_int_eq(read(bus, &c, 1), 1);
	ck_assert_int_eq(read(bus, &c, 1), -1);
	ck_assert_int_eq(errno, EAGAIN);

	ck_assert_int_eq(ppp_pid(ppp, 7), 0);
	answer(&r, ANSWER_STARTED, 4711);
	ck_assert_uint_eq(seen.started, 1);
	ck_assert_int_eq(seen.pid, 4711);
	ck_assert_int_eq(ppp_pid(ppp, 7), 4711);
	ck_assert_uint_eq(ppp_count(ppp), 1);

	ppp_stop(ppp, 7);
	ppp_stop(ppp, 7);
	ck_assert_uint_eq(expect(REQUEST_TERM, 7, NULL).generation, r.generation);
	turn();
	expect_nothing();

	answer(&r, ANSWER_EXITED, EXITED(5));
	ck_assert_uint_eq(seen.ended, 1);
	ck_assert_int_eq(seen.ended_pid, 4711);
	ck_assert_uint_eq(seen.exited, 1);
	ck_assert_uint_eq(seen.sid, 7);
	ck_assert_int_eq(seen.error, 0);
	ck_assert_int_eq(seen.status, EXITED(5));
	ck_assert_uint_eq(ppp_count(ppp), 0);
	close(bus);
	close(theirs);
}
END_TEST

START_TEST(test_never_ran)
{
	int bus = start(7);
	struct request r = expect(REQUEST_START, 7, NULL);

	answer(&r, ANSWER_FAILED, ENOENT);
	ck_assert_uint_eq(seen.started, 0);
	ck_assert_uint_eq(seen.exited, 1);
	ck_assert_int_eq(seen.error, -ENOENT);
	close(bus);
}
END_TEST

START_TEST(test_twice)
{
	int bus = start(7), none = -1;

	expect(REQUEST_START, 7, NULL);
	ck_assert_int_eq(ppp_start(ppp, 7, 40001, 1, open("/dev/null", O_RDWR), &none), -EEXIST);
	ck_assert_int_eq(none, -1);
	expect_nothing();
	close(bus);
}
END_TEST

/* An answer about the session's earlier pppd must not end the present one. */
START_TEST(test_generation)
{
	int bus = start(7);
	struct request r = expect(REQUEST_START, 7, NULL);

	r.generation--;
	answer(&r, ANSWER_EXITED, 0);
	ck_assert_uint_eq(seen.exited, 0);
	r.generation++;
	r.sid = 8;
	answer(&r, ANSWER_EXITED, 0);
	ck_assert_uint_eq(seen.exited, 0);
	ppp_stop(ppp, 8);
	expect_nothing();
	close(bus);
}
END_TEST

START_TEST(test_kill_after_grace)
{
	int bus;

	teardown();
	setup_with(0, 1000, 3600 * USEC_PER_S);
	bus = start(7);
	expect(REQUEST_START, 7, NULL);
	ppp_stop(ppp, 7);
	turn();
	expect(REQUEST_TERM, 7, NULL);
	expect(REQUEST_KILL, 7, NULL);
	turn();
	expect_nothing();
	close(bus);
}
END_TEST

/* More than the socket holds: nothing is lost, and the order stays. */
/* Two may be starting; others wait until one of them speaks or ends. */
START_TEST(test_turns)
{
	struct request r[8];

	teardown();
	setup_with(3600 * USEC_PER_S, 2, 3600 * USEC_PER_S);
	for (uint16_t sid = 1; sid < 8; sid++)
		close(start(sid));
	turn();
	r[1] = expect(REQUEST_START, 1, NULL);
	r[2] = expect(REQUEST_START, 2, NULL);
	expect_nothing();
	answer(&r[2], ANSWER_STARTED, 4712);
	expect_nothing(); /* it is a process, but not a pppd with our plugin yet */
	ppp_begun(ppp, 2);
	r[3] = expect(REQUEST_START, 3, NULL);
	ppp_begun(ppp, 2);
	expect_nothing();

	/* the client of 4 has given up: its turn never comes, and nobody is asked to end it */
	ppp_stop(ppp, 4);
	ppp_stop(ppp, 4);
	ck_assert_uint_eq(seen.exited, 0);
	turn();
	ck_assert_uint_eq(seen.exited, 1);
	ck_assert_uint_eq(seen.sid, 4);
	ck_assert_int_eq(seen.error, -ECANCELED);
	answer(&r[1], ANSWER_FAILED, EAGAIN);
	r[5] = expect(REQUEST_START, 5, NULL);
	answer(&r[3], ANSWER_EXITED, EXITED(0));
	expect(REQUEST_START, 6, NULL);
	expect_nothing();
	ck_assert_uint_eq(ppp_count(ppp), 4);
}
END_TEST

START_TEST(test_waits_too_long)
{
	teardown();
	setup_with(3600 * USEC_PER_S, 1, 1);
	close(start(1));
	close(start(2));
	ck_assert_uint_eq(seen.exited, 0);
	while (!seen.exited)
		event_base_loop(base, EVLOOP_ONCE);
	ck_assert_uint_eq(seen.sid, 2);
	ck_assert_int_eq(seen.error, -ETIMEDOUT);
	expect(REQUEST_START, 1, NULL);
	expect_nothing();
}
END_TEST

START_TEST(test_back_pressure)
{
	enum { MANY = 400 }; /* two descriptors each, and 1024 is a common limit */
	static int bus[MANY];

	for (uint16_t sid = 1; sid < MANY; sid++) {
		bus[sid] = start(sid);
		close(bus[sid]);
		if (sid % 100 == 0)
			ppp_stop(ppp, sid);
	}
	for (uint16_t sid = 1; sid < MANY; sid++) {
		turn();
		expect(REQUEST_START, sid, NULL);
		if (sid % 100 == 0)
			expect(REQUEST_TERM, sid, NULL);
	}
	turn();
	expect_nothing();
	ck_assert_uint_eq(ppp_count(ppp), MANY - 1);
}
END_TEST

START_TEST(test_ready_and_alone)
{
	ck_assert_int_eq(ppp_ready(ppp), 0);
	expect(REQUEST_READY, 0, NULL);
	shutdown(monitor, SHUT_RDWR);
	turn();
	turn();
	ck_assert_uint_eq(seen.alone, 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ppp");
	TCase *pure = tcase_create("pure"), *child = tcase_create("child");
	SRunner *r = srunner_create(s);
	int failed;

	signal(SIGPIPE, SIG_IGN); /* lib/busio wants it */
	tcase_add_loop_test(pure, test_request_check, 0, sizeof(requests) / sizeof(requests[0]));
	tcase_add_test(pure, test_request_moves);
	tcase_add_test(pure, test_request_no_room);
	tcase_add_test(pure, test_exitcodes);
	suite_add_tcase(s, pure);
	tcase_add_checked_fixture(child, setup, teardown);
	tcase_add_test(child, test_life);
	tcase_add_test(child, test_never_ran);
	tcase_add_test(child, test_twice);
	tcase_add_test(child, test_generation);
	tcase_add_test(child, test_kill_after_grace);
	tcase_add_test(child, test_turns);
	tcase_add_test(child, test_waits_too_long);
	tcase_add_test(child, test_back_pressure);
	tcase_add_test(child, test_ready_and_alone);
	suite_add_tcase(s, child);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
