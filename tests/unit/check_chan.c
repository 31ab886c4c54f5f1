/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sequence numbers, the window by itself, and the channel's timers; packets are replay's business.
 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>

#include "l2tpd/xport/chan.h"
#include "l2tpd/xport/seq.h"

static const struct {
	uint16_t a, b;
	int diff;
} diffs[] = {
	{0, 0, 0},          {1, 0, 1},          {0, 1, -1},        {0, 65535, 1},
	{65535, 0, -1},     {5, 65530, 11},     {65530, 5, -11},   {32767, 0, 32767},
	{32768, 0, -32768}, {0, 32768, -32768}, {0, 32769, 32767}, {65535, 32767, -32768},
};

START_TEST(test_seq)
{
	ck_assert_int_eq(seq_diff(diffs[_i].a, diffs[_i].b), diffs[_i].diff);
	ck_assert_int_eq(seq_before(diffs[_i].a, diffs[_i].b), diffs[_i].diff < 0);
}
END_TEST

START_TEST(test_window_limits)
{
	struct window w;

	window_init(&w, 0);
	ck_assert_uint_eq(w.peer, 1);
	window_acked(&w, 100);
	ck_assert(window_open(&w, 0) && !window_open(&w, 1));
	window_init(&w, 65535);
	ck_assert_uint_eq(w.peer, WINDOW_MAX);
	window_acked(&w, 100000);
	ck_assert(window_open(&w, WINDOW_MAX - 1) && !window_open(&w, WINDOW_MAX));
}
END_TEST

/* One more for each acknowledged up to half of what was lost at, then one more a round. */
START_TEST(test_window_slow_start)
{
	struct window w;

	window_init(&w, 64);
	ck_assert(window_open(&w, 0) && !window_open(&w, 1));
	window_acked(&w, 1);
	ck_assert_uint_eq(w.size, 2);
	window_acked(&w, 2);
	ck_assert_uint_eq(w.size, 4);
	window_acked(&w, 12);
	ck_assert_uint_eq(w.size, 16);
	window_lost(&w);
	ck_assert_uint_eq(w.size, 1);
	ck_assert_uint_eq(w.threshold, 8);
	window_acked(&w, 7);
	ck_assert_uint_eq(w.size, 8);
	window_acked(&w, 7);
	ck_assert_uint_eq(w.size, 8);
	window_acked(&w, 1);
	ck_assert_uint_eq(w.size, 9);
	window_acked(&w, 9);
	ck_assert_uint_eq(w.size, 10);
	window_lost(&w);
	window_lost(&w);
	ck_assert_uint_eq(w.threshold, 1);
	ck_assert(window_open(&w, 0));
}
END_TEST

static unsigned int n_sent;
static struct hdr last;

static void sent(struct chan *c, const void *bytes, size_t len)
{
	struct view body;

	(void)c;
	ck_assert_int_eq(hdr_parse(&last, &body, bytes, len), 0);
	n_sent++;
}

static const struct chan_conf conf = {
	.hello = 60 * USEC_PER_S,
	.retry_first = USEC_PER_S,
	.retry_cap = 4 * USEC_PER_S,
	.retry_max = 4,
	.window = 4,
	.send = sent,
};

static const struct msg hello = {.type = MSG_HELLO};
static struct chan chan;

static void setup(void)
{
	chan_init(&chan, &conf, 77, 2, 0);
	n_sent = 0;
}

static void teardown(void)
{
	chan_done(&chan);
}

START_TEST(test_chan_backoff)
{
	/* 1, 2, 4, 4, 4 s between them, then it is over */
	static const usec_t at[] = {1, 3, 7, 11};

	ck_assert_int_eq(chan_send(&chan, 5, &hello, NULL, 0), 0);
	ck_assert_uint_eq(n_sent, 1);
	ck_assert(last.tid == 77 && last.sid == 5);
	for (unsigned int i = 0; i < 4; i++) {
		ck_assert_uint_eq(chan_deadline(&chan), at[i] * USEC_PER_S);
		ck_assert_int_eq(chan_run(&chan, at[i] * USEC_PER_S - 1), 0);
		ck_assert_uint_eq(n_sent, i + 1);
		ck_assert_int_eq(chan_run(&chan, at[i] * USEC_PER_S), 0);
		ck_assert_uint_eq(n_sent, i + 2);
	}
	ck_assert_uint_eq(chan.retransmits, 4);
	ck_assert_uint_eq(chan_cycle(&conf), 15 * USEC_PER_S);
	ck_assert_int_eq(chan_run(&chan, 15 * USEC_PER_S), -ETIMEDOUT);
}
END_TEST

/* SCCRQ was acknowledged by SCCRP: SCCCN and ICRQ leave together. */
START_TEST(test_chan_meet)
{
	struct hdr h = {.control = true, .ns = 0, .nr = 1};
	struct chan calling;

	chan_init(&calling, &conf, 0, 0, 0);
	chan_send(&calling, 0, &hello, NULL, 0);
	ck_assert_int_eq(chan_input(&calling, &h, view_str("x"), 0), CHAN_MESSAGE);
	chan_meet(&calling, 78, 8);
	n_sent = 0;
	for (unsigned int i = 0; i < 3; i++)
		chan_send(&calling, 0, &hello, NULL, 0);
	ck_assert_uint_eq(n_sent, 2);
	ck_assert_uint_eq(last.tid, 78);
	chan_done(&calling);
}
END_TEST

/* A retransmission carries the Nr of now. */
START_TEST(test_chan_fresh_nr)
{
	struct hdr h = {.control = true, .ns = 0, .nr = 0};

	chan_send(&chan, 0, &hello, NULL, 0);
	ck_assert_uint_eq(last.nr, 0);
	ck_assert_int_eq(chan_input(&chan, &h, view_str("x"), 0), CHAN_MESSAGE);
	chan_run(&chan, USEC_PER_S);
	ck_assert_uint_eq(last.ns, 0);
	ck_assert_uint_eq(last.nr, 1);
	ck_assert_uint_eq(chan_deadline(&chan), 3 * USEC_PER_S); /* no ZLB is due any more */
}
END_TEST

/* Nr that goes back, or is ahead of what was ever sent, is nobody's acknowledgement. */
START_TEST(test_chan_false_nr)
{
	static const uint16_t nrs[] = {0, 2, 3, 0x7fff, 0x8000, 0xffff};
	struct hdr h = {.control = true};

	chan_send(&chan, 0, &hello, NULL, 0);
	for (size_t i = 0; i < sizeof(nrs) / sizeof(nrs[0]); i++) {
		h.nr = nrs[i];
		ck_assert_int_eq(chan_input(&chan, &h, (struct view){0}, 0), CHAN_ACK);
		ck_assert(!chan_idle(&chan));
	}
	h.nr = 1;
	chan_input(&chan, &h, (struct view){0}, 0);
	ck_assert(chan_idle(&chan));
	ck_assert_uint_eq(chan_deadline(&chan), 60 * USEC_PER_S);
}
END_TEST

/* An acknowledgement between two retransmissions of several: none of them is sent for nothing. */
START_TEST(test_chan_go_back)
{
	struct hdr ack = {.control = true, .nr = 1};

	chan_send(&chan, 0, &hello, NULL, 0);
	chan_input(&chan, &ack, (struct view){0}, 0);
	chan_send(&chan, 0, &hello, NULL, 0);
	chan_send(&chan, 0, &hello, NULL, 0);
	chan_send(&chan, 0, &hello, NULL, 0); /* waits for the window */
	ck_assert_uint_eq(n_sent, 3);
	chan_run(&chan, USEC_PER_S);
	ck_assert_uint_eq(n_sent, 4);
	ck_assert_uint_eq(last.ns, 1);
	ack.nr = 3; /* both had come */
	chan_input(&chan, &ack, (struct view){0}, USEC_PER_S);
	ck_assert_uint_eq(n_sent, 5);
	ck_assert_uint_eq(last.ns, 3);
	ack.nr = 4;
	chan_input(&chan, &ack, (struct view){0}, USEC_PER_S);
	ck_assert(chan_idle(&chan));
}
END_TEST

/* What has left once keeps its place; what has not is forgotten. */
START_TEST(test_chan_drop_unsent)
{
	struct hdr ack = {.control = true, .nr = 2};

	for (int i = 0; i < 5; i++)
		chan_send(&chan, 0, &hello, NULL, 0);
	ck_assert_uint_eq(n_sent, 1);
	chan_drop_unsent(&chan);
	ck_assert_uint_eq(chan.n_queued, 1);
	chan_run(&chan, USEC_PER_S);
	chan_drop_unsent(&chan);
	chan_send(&chan, 9, &hello, NULL, USEC_PER_S);
	ack.nr = 1;
	chan_input(&chan, &ack, (struct view){0}, USEC_PER_S);
	ck_assert(last.ns == 1 && last.sid == 9);
	ack.nr = 2;
	chan_input(&chan, &ack, (struct view){0}, USEC_PER_S);
	ck_assert(chan_idle(&chan));
}
END_TEST

/* Answers that nobody acknowledges do not pile up: the channel goes deaf, and recovers. */
START_TEST(test_chan_deaf)
{
	struct hdr h = {.control = true};
	unsigned int taken = 0;

	for (int i = 0; i < 1000; i++) {
		if (chan_input(&chan, &h, view_str("x"), 0) != CHAN_MESSAGE)
			break;
		h.ns++;
		taken++;
		chan_send(&chan, 0, &hello, NULL, 0);
	}
	ck_assert_uint_eq(taken, 256);
	ck_assert_int_eq(chan_input(&chan, &h, view_str("x"), 0), CHAN_DROPPED);
	h.nr = 1;
	ck_assert_int_eq(chan_input(&chan, &h, view_str("x"), 0), CHAN_MESSAGE);
}
END_TEST

/* A window that does not divide 65536, full of messages that came in the wrong order, at the wrap.
 */
START_TEST(test_chan_early_wrap)
{
	static const struct chan_conf wide = {.retry_max = 4, .window = 10, .send = sent};
	struct view body = {(const uint8_t *)"body", 4};
	struct chan_early *e;
	struct hdr h = {.control = true, .tid = 77};

	chan_init(&chan, &wide, 77, 2, 0);
	chan.nr = 65534;
	for (unsigned int ahead = 9; ahead; ahead--) {
		h.ns = (uint16_t)(65534 + ahead);
		ck_assert_int_eq(chan_input(&chan, &h, body, 0), CHAN_EARLY);
		ck_assert_int_eq(chan_input(&chan, &h, body, 0), CHAN_DUPLICATE);
	}
	h.ns = 65534;
	ck_assert_int_eq(chan_input(&chan, &h, body, 0), CHAN_MESSAGE);
	for (unsigned int ahead = 1; ahead <= 9; ahead++) {
		e = chan_take(&chan, 0);
		ck_assert_ptr_nonnull(e);
		ck_assert_uint_eq(e->ns, (uint16_t)(65534 + ahead));
		free(e);
	}
	ck_assert_ptr_null(chan_take(&chan, 0));
}
END_TEST

START_TEST(test_chan_quiet)
{
	struct hdr h = {.control = true};

	chan_send(&chan, 0, &hello, NULL, 0);
	chan_input(&chan, &h, view_str("x"), 0);
	chan_quiet(&chan);
	ck_assert_uint_eq(n_sent, 2); /* the acknowledgement */
	ck_assert_uint_eq(chan_deadline(&chan), USEC_NEVER);
	ck_assert_int_eq(chan_input(&chan, &h, view_str("x"), 0), CHAN_DUPLICATE);
	ck_assert(n_sent == 3 && last.nr == 1 && last.ns == 1);
}
END_TEST

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

int main(void)
{
	Suite *s = suite_create("xport");
	TCase *t = tcase_create("window"), *c = tcase_create("chan");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_add_loop_test(t, test_seq, 0, ROWS(diffs));
	tcase_add_test(t, test_window_limits);
	tcase_add_test(t, test_window_slow_start);
	suite_add_tcase(s, c);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, test_chan_backoff);
	tcase_add_test(c, test_chan_meet);
	tcase_add_test(c, test_chan_fresh_nr);
	tcase_add_test(c, test_chan_false_nr);
	tcase_add_test(c, test_chan_go_back);
	tcase_add_test(c, test_chan_drop_unsent);
	tcase_add_test(c, test_chan_deaf);
	tcase_add_test(c, test_chan_early_wrap);
	tcase_add_test(c, test_chan_quiet);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
