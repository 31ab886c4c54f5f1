/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a session's pppd begins: with descriptors from its options or from an order, fresh
 * randomness, and the frames that its client has sent before.
 */
#include "tests/fake/fake_pppd.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/birth.h"
#include "lib/base/pass.h"

#define N_CHILDREN 1000

/* --- the first frames --- */

static int near_end = -1, far_end = -1; /* pppd's, and the kernel's */

static void begin(void)
{
	char number[12];
	const char *options[] = {"l2tpd-bus", number, "l2tpd-channel", number, NULL};
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	near_end = pair[0];
	far_end = pair[1];
	snprintf(number, sizeof(number), "%d", near_end);
	fake_start(options);
	the_channel->check_options();
	ck_assert_int_eq(the_channel->connect(), near_end);
	ck_assert_int_eq(fcntl(near_end, F_GETFD), FD_CLOEXEC);
}

static unsigned int n_snooped;

static void count(unsigned char *packet, int len)
{
	ck_assert_int_ge(len, HOST_HDR_LEN);
	ck_assert_mem_eq(packet, "\xff\x03\xc0\x21", HOST_HDR_LEN);
	n_snooped++;
}

static bool nothing_due(void)
{
	static int rounds;

	return rounds++ > 1;
}

START_TEST(first_frame)
{
	static const uint8_t request[] = {0xc0, 0x21, 1, 9, 0, 8, 1, 4, 5, 0x78};

	begin();
	snoop_recv_hook = count;
	ck_assert_int_eq(send(far_end, request, sizeof(request), 0), (int)sizeof(request));
	ck_assert_int_eq(the_channel->establish_ppp(near_end), near_end);
	ck_assert_uint_eq(fake.n_lcp, 0); /* LCP begins after that */
	fake_run(nothing_due);
	ck_assert_uint_eq(fake.n_lcp, 1);
	ck_assert_uint_eq(n_snooped, 1);
	ck_assert_int_eq(fake.lcp_len, (int)sizeof(request) - 2);
	ck_assert_mem_eq(fake.lcp, request + 2, sizeof(request) - 2);
}
END_TEST

/* A stranger's bytes: how many come through, of which lengths and protocols. */
START_TEST(hostile_frames)
{
	static const struct {
		uint8_t head[2];
		size_t len;
		unsigned int times, expected;
	} rows[] = {
		{{0xc0, 0x21}, 2, 1, 1},    /* LCP without a byte: pppd looks at lengths itself */
		{{0xc0, 0x21}, 1, 1, 0},    /* half a protocol number */
		{{0xc0, 0x21}, 0, 1, 0},    /* nothing at all */
		{{0xc0, 0x23}, 20, 1, 0},   /* PAP before LCP */
		{{0x00, 0x21}, 40, 1, 0},   /* IP */
		{{0xc0, 0x21}, 1500, 1, 1}, /* as long as may be */
		{{0xc0, 0x21}, 1501, 1, 0}, /* longer */
		{{0xc0, 0x21}, 9000, 1, 0}, /* much longer */
		{{0xc0, 0x21}, 10, 9, 8},   /* more than are kept */
	};
	static uint8_t frame[9000];

	begin();
	memcpy(frame, rows[_i].head, sizeof(rows[_i].head));
	for (unsigned int i = 0; i < rows[_i].times; i++)
		ck_assert_int_eq(send(far_end, frame, rows[_i].len, 0), (int)rows[_i].len);
	the_channel->establish_ppp(near_end);
	fake_run(nothing_due);
	ck_assert_uint_eq(fake.n_lcp, rows[_i].expected);
}
END_TEST

/* Without either option pppd keeps its tty, and cannot do without the bus. */
START_TEST(no_descriptors)
{
	static const char *const options[] = {NULL};

	fake_start(options);
	ck_assert_ptr_null(the_channel);
	if (!setjmp(fake.died)) {
		fake_phase(PHASE_SERIALCONN);
		ck_abort_msg("still alive");
	}
	ck_assert_ptr_nonnull(strstr(fake.last_words, "l2tpd to start"));
}
END_TEST

/* --- children of a waiting one --- */

/* What a child draws from pppd's generator: its LCP magic numbers, and challenges without RADIUS */
struct drawn {
	uint32_t magic;
	uint8_t challenge[16];
};

static int monitor = -1;
static char session_name[] = "waiting-for-one";

/* In the child: what pppd would go on to do. */
static void live(void)
{
	int bus = the_channel->connect();
	struct drawn d = {.magic = (uint32_t)mrand48()};
	char expected[sizeof(session_name)] = {0};
	uint16_t sid;

	for (size_t i = 0; i < sizeof(d.challenge); i++)
		d.challenge[i] = (uint8_t)(mrand48() >> 24);
	if (sscanf(session_name, "40001/%hu", &sid) != 1)
		_exit(2);
	snprintf(expected, sizeof(expected), "40001/%u", sid);
	if (memcmp(expected, session_name, sizeof(expected)) || getpgrp() != getpid())
		_exit(3);
	for (int fd = 3; fd < 64; fd++)
		if (fcntl(fd, F_GETFD) == 0)
			_exit(4); /* a script would inherit it */
	_exit(write(bus, &d, sizeof(d)) == (ssize_t)sizeof(d) ? 0 : 5);
}

/* Start a waiting one.  Returns its process id. */
static pid_t wait_for_orders(void)
{
	char number[12];
	const char *options[] = {"l2tpd-wait", number, NULL};
	int pair[2];
	pid_t pid;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	ck_assert_int_eq(pass_want_pid(pair[0]), 0);
	pid = fork();
	if (!pid) {
		for (int fd = 3; fd < 64; fd++)
			if (fd != pair[1])
				close(fd);
		snprintf(number, sizeof(number), "%d", pair[1]);
		fake_start(options);
		fake_option_in_place("l2tpd-session", session_name);
		srand48(1); /* as its clock is the same for all */
		the_channel->check_options();
		live();
	}
	close(pair[1]);
	monitor = pair[0];
	return pid;
}

static struct birth_report hear(pid_t *ret_pid)
{
	struct birth_report report;
	int r;

	while ((r = birth_hear(monitor, &report, ret_pid)) == -EAGAIN)
		usleep(100);
	ck_assert_int_gt(r, 0);
	return report;
}

static pid_t order(uint16_t sid, const int fds[BIRTH_FDS])
{
	struct birth_order o = {77, sid, 40001};
	struct birth_report report;
	pid_t pid;

	ck_assert_int_eq(birth_give_order(monitor, &o, fds), 0);
	report = hear(&pid);
	ck_assert_uint_eq(report.kind, BIRTH_BORN);
	ck_assert_uint_eq(report.generation, 77);
	ck_assert_uint_eq(report.sid, sid);
	return pid;
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct drawn));
}

START_TEST(all_different)
{
	static struct drawn drawn[N_CHILDREN];
	int pair[2], how;
	pid_t waiting = wait_for_orders(), pid;
	struct birth_report first = hear(&pid);

	ck_assert_uint_eq(first.kind, BIRTH_WAITING);
	ck_assert_int_eq(pid, waiting);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	for (uint16_t sid = 1; sid <= N_CHILDREN; sid++) {
		pid = order(sid, (const int[]){pair[1], pair[1]});
		/* it is our own child, not the waiting one's */
		ck_assert_int_eq(waitpid(pid, &how, 0), pid);
		ck_assert_msg(WIFEXITED(how) && !WEXITSTATUS(how), "status %x", how);
		ck_assert_int_eq(read(pair[0], &drawn[sid - 1], sizeof(*drawn)),
				 (int)sizeof(*drawn));
	}
	qsort(drawn, N_CHILDREN, sizeof(*drawn), compare);
	for (size_t i = 1; i < N_CHILDREN; i++) {
		ck_assert_uint_ne(drawn[i].magic, drawn[i - 1].magic);
		ck_assert_mem_ne(drawn[i].challenge, drawn[i - 1].challenge,
				 sizeof(drawn->challenge));
	}
	/* without a monitor there is nothing to wait for */
	close(monitor);
	ck_assert_int_eq(waitpid(waiting, &how, 0), waiting);
	ck_assert(WIFEXITED(how) && !WEXITSTATUS(how));
}
END_TEST

/* What is not an order ends it: an order without its descriptors, half of one. */
START_TEST(nonsense)
{
	static const struct birth_order o = {1, 2, 3};
	int how;
	pid_t waiting = wait_for_orders(), pid;

	hear(&pid);
	ck_assert_int_eq(pass_send(monitor, &o, _i ? sizeof(o) : sizeof(o) - 1, NULL, 0), 0);
	ck_assert_int_eq(waitpid(waiting, &how, 0), waiting);
	ck_assert(WIFEXITED(how));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("channel");
	TCase *t = tcase_create("channel");
	SRunner *r;
	int failed;

	tcase_set_timeout(t, 120);
	tcase_add_test(t, first_frame);
	tcase_add_loop_test(t, hostile_frames, 0, 9);
	tcase_add_test(t, no_descriptors);
	tcase_add_test(t, all_different);
	tcase_add_loop_test(t, nonsense, 0, 2);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
