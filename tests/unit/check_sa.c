/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of SAs, with this program playing charon's plugin in the same loop: which SAs are
 * closed, and when, and what a restart of charon means.
 */
#include <check.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "l2tpd/ipsec/sa.h"
#include "lib/base/log.h"
#include "lib/bus/msg.h"
#include "lib/bus/names.h"
#include "lib/busio/ev.h"

#define WAIT (5 * USEC_PER_S)

static struct event_base *base;
static struct ev_server *charon;
static struct sas *sas;
static char dir[] = "/tmp/check_sa.XXXXXX", path[64];
static struct bus_sa listed[4]; /* what the plugin lists */
static unsigned int n_listed;
static unsigned int n_up, n_gone;
static uint32_t closed[4]; /* marks, as we were asked to */
static unsigned int n_closed;
static uint32_t used; /* the mark that has a tunnel */

static void run_list(void *ctx, struct ev_call *call, struct view msg)
{
	(void)ctx, (void)msg;
	for (unsigned int i = 0; i < n_listed; i++)
		ev_call_event_record(call, &bus_sa_record, &listed[i]);
	ev_call_done(call);
}

static void run_terminate(void *ctx, struct ev_call *call, struct view msg)
{
	struct bus_terminate rec;

	(void)ctx;
	ck_assert_int_eq(bus_read(msg, &bus_terminate_record, &rec), 0);
	ck_assert(rec.reason[0] && n_closed < 4);
	closed[n_closed++] = rec.mark;
	ev_call_done(call);
}

static const struct ev_command commands[] = {
	{BUS_CMD_LIST_SAS, BUS_EV_LIST_SA, run_list},
	{BUS_CMD_TERMINATE_SA, "", run_terminate},
};
static const char *const events[] = {
#define X(NAME, word, text) word,
	BUS_CHARON_EVENTS(X)
#undef X
};
static const struct ev_table table = {commands, 2, events, sizeof(events) / sizeof(*events)};

static void on_up(void *ctx, const struct sa *sa)
{
	(void)ctx;
	ck_assert_ptr_eq(sas_find(sas, sa->mark), sa);
	n_up++;
}

static void on_gone(void *ctx, const struct sa *sa, const char *reason)
{
	(void)ctx;
	ck_assert_ptr_null(sas_find(sas, sa->mark));
	ck_assert(reason[0]);
	n_gone++;
}

static bool is_in_use(void *ctx, const struct sa *sa)
{
	(void)ctx;
	return sa->mark == used;
}

static void start_charon(void)
{
	struct ev_server_conf conf = {.path = path, .mode = 0600, .group = (gid_t)-1};

	ck_assert_int_eq(ev_server_new(base, &conf, &table, NULL, &charon), 0);
}

/* Turn the loop until it is so. */
#define UNTIL(condition)                                                                           \
	do {                                                                                       \
		usec_t until_ = clock_now() + WAIT;                                                \
		while (!(condition) && clock_now() < until_)                                       \
			event_base_loop(base, EVLOOP_ONCE);                                        \
		ck_assert(condition);                                                              \
	} while (0)

static void quiet(enum log_level level, const char *line)
{
	(void)level, (void)line;
}

static void add_listed(uint32_t mark, uint32_t instance)
{
	listed[n_listed] = (struct bus_sa){.mark = mark, .reqid = mark, .instance = instance};
	strcpy(listed[n_listed++].remote_id, "client");
}

/* SAs 1 and 2 are there when we start; 1 has a tunnel, or gets one. */
static void setup(void)
{
	static struct sas_conf conf = {
		.path = path, .up = on_up, .gone = on_gone, .in_use = is_in_use};

	signal(SIGPIPE, SIG_IGN);
	log_to(quiet);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/charon", dir);
	base = event_base_new();
	start_charon();
	conf.grace = 20 * USEC_PER_MS;
	n_listed = n_up = n_gone = n_closed = 0;
	used = 1;
	add_listed(1, 77);
	add_listed(2, 77);
	sas = sas_new(base, &conf);
	ck_assert_ptr_nonnull(sas);
	UNTIL(sas_connected(sas));
	ck_assert_uint_eq(n_up, 2);
}

static void teardown(void)
{
	sas_free(sas);
	ev_server_free(charon);
	event_base_loop(base, EVLOOP_NONBLOCK);
	event_base_free(base);
	ck_assert_int_eq(rmdir(dir), 0);
}

/* The client of one that is there when we start may wait for a tunnel that no longer is. */
START_TEST(test_from_before)
{
	UNTIL(n_closed);
	ck_assert_uint_eq(closed[0], 2);
	used = 0;
	sas_release(sas, 3);
	sas_release(sas, 1);
	sas_release(sas, 1);
	UNTIL(n_closed > 1);
	ck_assert(n_closed == 2 && closed[1] == 1);
}
END_TEST

/* What comes later may wait for its client as long as it likes. */
START_TEST(test_from_now)
{
	UNTIL(n_closed);
	add_listed(3, 77);
	ev_tell_record(charon, BUS_EV_SA_UP, &bus_sa_record, &listed[2]);
	add_listed(4, 77);
	ev_tell_record(charon, BUS_EV_SA_UP, &bus_sa_record, &listed[3]);
	UNTIL(n_up == 4);
	sas_release(sas, 4);
	/* a rekey, and one that dials again, meanwhile */
	listed[3].spi_in = 5;
	ev_tell_record(charon, BUS_EV_SA_REKEY, &bus_sa_record, &listed[3]);
	used = 0;
	sas_release(sas, 1);
	used = 1;
	UNTIL(n_closed > 1);
	ck_assert(n_closed == 2 && closed[1] == 4);
	sas_release(sas, 4);
	ev_tell_record(charon, BUS_EV_SA_DOWN, &bus_sa_record, &listed[3]);
	UNTIL(n_gone);
	sas_release(sas, 3);
	UNTIL(n_closed > 2);
	ck_assert(n_closed == 3 && closed[2] == 3);
}
END_TEST

/* While charon is away nothing can be closed; its next run begins with mark 1 again. */
START_TEST(test_restart)
{
	UNTIL(n_closed);
	ev_server_free(charon);
	UNTIL(!sas_connected(sas));
	used = 0;
	sas_release(sas, 1); /* not the one that has this mark next */
	n_listed = 0;
	add_listed(1, 78);
	start_charon();
	UNTIL(sas_connected(sas));
	ck_assert(n_gone == 2 && n_up == 3 && sas_count(sas) == 1);
	add_listed(5, 78);
	ev_tell_record(charon, BUS_EV_SA_UP, &bus_sa_record, &listed[1]);
	UNTIL(n_up == 4);
	sas_release(sas, 5);
	UNTIL(n_closed > 1);
	ck_assert(n_closed == 2 && closed[1] == 5);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ipsec");
	TCase *t = tcase_create("sa");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_from_before);
	tcase_add_test(t, test_from_now);
	tcase_add_test(t, test_restart);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
