/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What outlives a process: what a book holds after it, also when that was killed in the middle of
 * writing, and what is made of a book that holds nonsense.
 */
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "l2tpd/fsm/book.h"
#include "l2tpd/fsm/lns.h"
#include "l2tpd/fsm/machine.h"
#include "tests/replay/world.h"

static void *memory;
static struct book *book;

static void open_book(void)
{
	ck_assert_int_eq(book_open(memory, &book), 0);
}

static void reopen(void)
{
	book_close(book);
	open_book();
}

static void setup(void)
{
	memory = mmap(NULL, book_size(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert(memory != MAP_FAILED);
	open_book();
}

static void teardown(void)
{
	book_close(book);
	munmap(memory, book_size());
}

static struct tunnel_image tunnel_image(uint16_t tid)
{
	struct tunnel_image i = {
		.tid = tid,
		.peer_tid = 5,
		.state = TUN_UP,
		.flags = 1 << TUNNEL_BIT_open | 1 << TUNNEL_BIT_known,
		.chan = {.backoff = USEC_PER_S, .window = {4, 1, 4, 0}, .peer_tid = 5},
		.until = USEC_NEVER,
	};

	i.path.local = addr_from_ipv4(0xc0000201, L2TP_PORT);
	i.path.peer = addr_from_ipv4(0xc6336407, L2TP_PORT);
	return i;
}

START_TEST(test_commit)
{
	struct tunnel_image i = tunnel_image(7);
	uint16_t place = book_take(book, BOOK_TUNNEL);

	book_write_tunnel(book, place, &i);
	reopen();
	ck_assert_ptr_null(book_tunnel(book, place)); /* it was not committed */
	place = book_take(book, BOOK_TUNNEL);
	book_write_tunnel(book, place, &i);
	book_commit(book);
	book_counters(book)->n[0] = 9;
	book_set_note(book, BOOK_CHARON, 77);
	reopen();
	ck_assert_uint_eq(book_tunnel(book, place)->tid, 7);
	ck_assert_uint_eq(book_counters(book)->n[0], 9);
	ck_assert_uint_eq(book_note(book, BOOK_CHARON), 77);
	ck_assert_uint_ne(book_take(book, BOOK_TUNNEL), place);
	book_erase(book, BOOK_TUNNEL, place);
	reopen();
	ck_assert_uint_eq(book_tunnel(book, place)->tid, 7);
	book_erase(book, BOOK_TUNNEL, place);
	book_commit(book);
	reopen();
	ck_assert_ptr_null(book_tunnel(book, place));
}
END_TEST

/* More than the journal takes at once */
START_TEST(test_many)
{
	for (unsigned int n = 1; n <= 1000; n++) {
		struct tunnel_image i = tunnel_image((uint16_t)n);

		ck_assert_uint_eq(book_take(book, BOOK_TUNNEL), n);
		book_write_tunnel(book, (uint16_t)n, &i);
	}
	book_commit(book);
	reopen();
	ck_assert_uint_eq(book_used(book, BOOK_TUNNEL), 1000);
	for (unsigned int n = 1; n <= 1000; n++)
		ck_assert_uint_eq(book_tunnel(book, n)->tid, n);
}
END_TEST

START_TEST(test_all_places)
{
	for (unsigned int n = 1; n <= BOOK_PLACES; n++)
		ck_assert_uint_eq(book_take(book, BOOK_SESSION), n);
	ck_assert_uint_eq(book_take(book, BOOK_SESSION), 0);
}
END_TEST

/* Of every length, in parts; and their places are free only after the next commit. */
START_TEST(test_messages)
{
	uint8_t bytes[BOOK_MESSAGE_MAX], got[BOOK_MESSAGE_MAX];
	uint16_t before = 0, place;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7);
	for (size_t len = 1; len <= sizeof(bytes); len += 11) {
		place = book_write_message(book, before, bytes, len);
		ck_assert_uint_eq(book_message(book, place, got), len);
		ck_assert_mem_eq(got, bytes, len);
		ck_assert_uint_eq(book_before(book, place), before);
		before = place;
	}
	place = book_write_message(book, 0, bytes, 20);
	book_drop_message(book, place);
	ck_assert_uint_ne(book_write_message(book, 0, bytes, 20), place);
	book_commit(book);
	ck_assert_uint_eq(book_write_message(book, 0, bytes, 20), place);
	ck_assert_uint_eq(book_message(book, 0, got), 0);
	ck_assert_uint_eq(book_message(book, BOOK_PLACES, got), 0);
	reopen();
	ck_assert(book_claim_message(book, before));
	ck_assert(!book_claim_message(book, before));
	ck_assert(!book_claim_message(book, 0));
	book_sort_out(book);
	ck_assert_uint_ne(book_write_message(book, 0, bytes, 20), before);
}
END_TEST

/* Another version's, or no book at all, is left as it is. */
START_TEST(test_foreign)
{
	struct book *none = NULL;
	uint32_t *word = memory;

	book_close(book);
	for (size_t i = 0; i < 6; i++) {
		word[i]++;
		ck_assert_int_eq(book_open(memory, &none), -EPROTONOSUPPORT);
		word[i]--;
	}
	ck_assert_ptr_null(none);
	open_book();
}
END_TEST

/*
 * Writes for ever: a tunnel and a session that always say the same number, and a message with it.
 */
static void write_for_ever(void)
{
	struct tunnel_image t = tunnel_image(7);
	struct session_image s = {.sid = 9, .tid = 7, .state = SES_UP};
	uint16_t tunnel = book_take(book, BOOK_TUNNEL), session = book_take(book, BOOK_SESSION);
	uint8_t bytes[300];

	for (uint64_t n = 1;; n++) {
		uint16_t old = t.last;

		memset(bytes, (int)(n & 0xff), sizeof(bytes));
		t.last = book_write_message(book, 0, bytes, sizeof(bytes));
		t.tie = t.since = s.since = n;
		book_write_tunnel(book, tunnel, &t);
		book_write_session(book, session, &s);
		book_drop_message(book, old);
		book_commit(book);
	}
}

/* Whenever it is killed, what it has written last is there as a whole. */
START_TEST(test_killed)
{
	uint64_t last = 0;

	for (int i = 0; i < 100; i++) {
		const struct tunnel_image *t;
		uint8_t bytes[BOOK_MESSAGE_MAX];
		pid_t pid;

		teardown();
		setup();
		pid = fork();
		if (!pid)
			write_for_ever();
		while (!book_used(book, BOOK_SESSION) || !book_session(book, 1))
			usleep(100);
		usleep((useconds_t)(i * 13 % 500));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		reopen();
		t = book_tunnel(book, 1);
		ck_assert_uint_eq(t->tie, t->since);
		ck_assert_uint_eq(t->since, book_session(book, 1)->since);
		ck_assert_uint_eq(book_message(book, t->last, bytes), 300);
		for (int k = 0; k < 300; k++)
			ck_assert_uint_eq(bytes[k], t->tie & 0xff);
		last += t->tie;
	}
	ck_assert_uint_gt(last, 100);
}
END_TEST

/* --- what is made of it --- */

static bool gives_way(struct tunnel_image i)
{
	return !tunnel_image_is_good(&i);
}

#define BAD(change)                                                                                \
	({                                                                                         \
		struct tunnel_image i = tunnel_image(7);                                           \
		change;                                                                            \
		gives_way(i);                                                                      \
	})

START_TEST(test_tunnel_images)
{
	ck_assert(!BAD((void)0));
	ck_assert(BAD(i.tid = 0));
	ck_assert(BAD(i.peer_tid = 0));
	ck_assert(BAD(i.state = TUN_STATE_COUNT));
	ck_assert(BAD(i.state = TUN_LINGER)); /* and open */
	ck_assert(BAD(i.flags = 0));
	ck_assert(BAD(i.flags |= 1 << TUNNEL_BIT_told));
	ck_assert(BAD(i.flags |= 1 << TUNNEL_BITS));
	ck_assert(BAD(i.chan.n_queued = CHAN_QUEUE_MAX + 1));
	ck_assert(BAD(i.chan.ns = 1));
	ck_assert(BAD(i.chan.ns_max = 1));
	ck_assert(BAD(i.chan.window.size = 0));
	ck_assert(BAD(i.chan.window.size = 5));
	ck_assert(BAD(i.chan.window.peer = WINDOW_MAX + 1));
	ck_assert(BAD(i.chan.window.threshold = 0));
	ck_assert(BAD(i.chan.backoff = 0));
	ck_assert(BAD(i.path.peer.family = 0));
	ck_assert(BAD(i.path.local.family = AF_INET6));
	ck_assert(BAD(memset(i.host_name, 'x', sizeof(i.host_name))));
	ck_assert(BAD(memset(i.vendor_name, 'x', sizeof(i.vendor_name))));
	ck_assert(BAD(memset(i.cause.text, 'x', sizeof(i.cause.text))));
	ck_assert(BAD(i.cause.stage = STAGE_UP + 1));
}
END_TEST

static unsigned int n_restored, n_closed;

static const struct peer_rules *peer_rules(void *ctx, const struct path *path, struct view name)
{
	static const struct peer_rules none;

	(void)ctx, (void)path, (void)name;
	return &none;
}

static int tunnel_restore(void *ctx, uint16_t tid, const struct path *path, bool told)
{
	(void)ctx, (void)path, (void)told;
	n_restored++;
	return tid == 1999 ? -ENOTSOCK : 0;
}

static int session_restore(void *ctx, uint16_t tid, uint16_t sid)
{
	(void)ctx, (void)tid;
	return sid % 2 ? 0 : -ESRCH;
}

static void tunnel_close(void *ctx, uint16_t tid)
{
	(void)ctx, (void)tid;
	n_closed++;
}

static void nothing_id(void *ctx, uint16_t tid)
{
	(void)ctx, (void)tid;
}

static void nothing_path(void *ctx, const struct path *path)
{
	(void)ctx, (void)path;
}

static void nothing_sent(void *ctx, uint16_t tid, const struct path *path, const void *bytes,
			 size_t len)
{
	(void)ctx, (void)tid, (void)path, (void)bytes, (void)len;
}

static void nothing_session(void *ctx, uint16_t tid, uint16_t sid)
{
	(void)ctx, (void)tid, (void)sid;
}

static void nothing_stopped(void *ctx, uint16_t sid, const struct cause *why)
{
	(void)ctx, (void)sid, (void)why;
}

static void nothing_at(void *ctx, uint16_t tid, usec_t at)
{
	(void)ctx, (void)tid, (void)at;
}

static void nothing_told(void *ctx, const struct news *news)
{
	(void)ctx, (void)news;
}

static const struct ports ports = {
	.peer_rules = peer_rules,
	.release_tunnel = nothing_path,
	.tunnel_mute = nothing_id,
	.tunnel_close = tunnel_close,
	.tunnel_restore = tunnel_restore,
	.session_restore = session_restore,
	.tunnel_send = nothing_sent,
	.session_close = nothing_session,
	.ppp_stop = nothing_stopped,
	.timer_set = nothing_at,
	.tell = nothing_told,
};

static struct lns_restored restore(void)
{
	struct lns_conf conf = world_conf;
	struct lns_restored r;
	struct cause why;
	struct lns *l;

	n_restored = n_closed = 0;
	conf.book = book;
	l = lns_new(&conf, &ports);
	ck_assert_ptr_nonnull(l);
	lns_restore(l, 1000 * USEC_PER_S, &r);
	cause_set(&why, STAGE_UP, 1, 0, "the end");
	for (unsigned int tid = conf.tid_lo; tid <= conf.tid_hi; tid++)
		lns_timer(l, (uint16_t)tid, 2000 * USEC_PER_S);
	lns_shutdown(l, &why, 3000 * USEC_PER_S);
	lns_free(l);
	return r;
}

/* One image that cannot be takes none of the others with it. */
START_TEST(test_restore)
{
	const uint16_t tids[] = {1000, 1001, 1001, 999, 2000, 1999};
	struct session_image s = {.sid = 11, .tid = 1000, .state = SES_UP, .peer_sid = 3};
	struct tunnel_image i;
	struct lns_restored r;

	for (size_t n = 0; n < sizeof(tids) / sizeof(tids[0]); n++) {
		i = tunnel_image(tids[n]);
		book_write_tunnel(book, book_take(book, BOOK_TUNNEL), &i);
	}
	i = tunnel_image(1002);
	i.chan.n_queued = 1; /* there is no such message */
	book_write_tunnel(book, book_take(book, BOOK_TUNNEL), &i);
	s.flags = 1 << SESSION_BIT_running | 1 << SESSION_BIT_open | 1 << SESSION_BIT_known;
	book_write_session(book, book_take(book, BOOK_SESSION), &s);
	book_write_session(book, book_take(book, BOOK_SESSION), &s); /* the same once more */
	s.sid = 12;                                                  /* without a pppd */
	book_write_session(book, book_take(book, BOOK_SESSION), &s);
	s.sid = 13;
	s.tid = 1005; /* without a tunnel */
	book_write_session(book, book_take(book, BOOK_SESSION), &s);
	book_commit(book);
	r = restore();
	ck_assert_uint_eq(r.tunnels, 2);
	ck_assert_uint_eq(r.lost_tunnels, 5);
	ck_assert_uint_eq(r.sessions, 2);
	ck_assert_uint_eq(r.lost_sessions, 2);
	ck_assert_uint_eq(n_restored, 3);
	ck_assert_uint_eq(n_closed, 2);
}
END_TEST

/* Images with some bytes of chance in them: whatever comes of it, the machines can live with it. */
START_TEST(test_chance)
{
	srand((unsigned int)_i);
	for (unsigned int n = 0; n < 200; n++) {
		struct tunnel_image t = tunnel_image((uint16_t)(1000 + n));
		struct session_image s = {
			.sid = (uint16_t)(n + 1), .tid = (uint16_t)(1000 + n), .state = SES_UP};
		uint8_t bytes[100] = {0};

		t.last = book_write_message(book, (uint16_t)(rand() % 50), bytes, sizeof(bytes));
		t.chan.n_queued = (uint16_t)(rand() % 2);
		t.chan.ns_max = t.chan.n_queued;
		for (int k = rand() % 4; k; k--)
			((uint8_t *)&t)[(size_t)rand() % sizeof(t)] = (uint8_t)rand();
		for (int k = rand() % 4; k; k--)
			((uint8_t *)&s)[(size_t)rand() % sizeof(s)] = (uint8_t)rand();
		book_write_tunnel(book, book_take(book, BOOK_TUNNEL), &t);
		book_write_session(book, book_take(book, BOOK_SESSION), &s);
	}
	book_commit(book);
	restore();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("book");
	TCase *t = tcase_create("book");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_commit);
	tcase_add_test(t, test_many);
	tcase_add_test(t, test_all_places);
	tcase_add_test(t, test_messages);
	tcase_add_test(t, test_foreign);
	tcase_add_test(t, test_killed);
	tcase_add_test(t, test_tunnel_images);
	tcase_add_test(t, test_restore);
	tcase_add_loop_test(t, test_chance, 0, 50);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
