/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of SAs, with this program playing charon's plugin in the same loop: which SAs are
 * closed, and when, and what a restart of charon means.
 */
#include <check.h>
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "l2tpd/ipsec/charon.h"
#include "l2tpd/ipsec/sa.h"
#include "lib/base/log.h"
#include "lib/bus/msg.h"
#include "lib/bus/names.h"
#include "lib/busio/ev.h"

#define WAIT   (5 * USEC_PER_S)
#define UNUSED (40 * USEC_PER_MS)

static struct event_base *base;
static struct ev_server *charon;
static struct sas *sas;
static char dir[] = "/tmp/check_sa.XXXXXX", path[64];
static struct bus_sa listed[4]; /* what the plugin lists */
static unsigned int n_listed;
static unsigned int n_up, n_changed, n_gone, n_orphaned;
static unsigned int closed[64];  /* by mark: how often we were asked to close it */
static uint32_t instance;        /* of charon */
static uint32_t used;            /* the mark that has a tunnel */
static struct bus_gate gates[4]; /* as we were told */
static unsigned int n_gates;
static unsigned int n_moved;

static void run_list(void *ctx, struct ev_call *call, struct view msg)
{
	(void)ctx, (void)msg;
	for (unsigned int i = 0; i < n_listed; i++)
		ev_call_event_record(call, &bus_sa_record, &listed[i]);
	ev_call_answer_record(call, &bus_sa_record, &(struct bus_sa){.instance = instance});
}

static void run_terminate(void *ctx, struct ev_call *call, struct view msg)
{
	struct bus_terminate rec;

	(void)ctx;
	ck_assert_int_eq(bus_read(msg, &bus_terminate_record, &rec), 0);
	ck_assert(rec.reason[0] && rec.mark < 64);
	closed[rec.mark]++;
	ev_call_done(call);
}

/* What the plugin says of charon */
static struct bus_charon charon_says = {.charon = "5.9.8", .ikev1 = true};

static void run_version(void *ctx, struct ev_call *call, struct view msg)
{
	(void)ctx, (void)msg;
	ev_call_answer_record(call, &bus_charon_record, &charon_says);
}

static void run_gate(void *ctx, struct ev_call *call, struct view msg)
{
	(void)ctx;
	ck_assert_uint_lt(n_gates, 4);
	ck_assert_int_eq(bus_read(msg, &bus_gate_record, &gates[n_gates++]), 0);
	ev_call_done(call);
}

static const struct ev_command commands[] = {
	{BUS_CMD_CHARON_VERSION, "", run_version},
	{BUS_CMD_LIST_SAS, BUS_EV_LIST_SA, run_list},
	{BUS_CMD_TERMINATE_SA, "", run_terminate},
	{BUS_CMD_SET_GATE, "", run_gate},
};
static const char *const events[] = {
#define X(NAME, word, text) word,
	BUS_CHARON_EVENTS(X)
#undef X
};
static const struct ev_table table = {commands, 4, events, sizeof(events) / sizeof(*events)};

static void on_up(void *ctx, const struct sa *sa)
{
	(void)ctx;
	ck_assert_ptr_eq(sas_find(sas, sa->mark), sa);
	n_up++;
}

static void on_changed(void *ctx, const struct sa *sa)
{
	(void)ctx;
	ck_assert_ptr_eq(sas_find(sas, sa->mark), sa);
	n_changed++;
}

static void on_gone(void *ctx, const struct sa *sa, enum sas_end how, const char *reason)
{
	struct bus_sa rec;

	(void)ctx;
	sa_record(sa, &rec);
	ck_assert_uint_eq(rec.mark, sa->mark);
	n_orphaned += how == SAS_ORPHANED;
	ck_assert_ptr_null(sas_find(sas, sa->mark));
	ck_assert(reason[0]);
	n_gone++;
}

/* The tunnel goes along. */
static void on_moved(void *ctx, const struct sa *was, const struct sa *is)
{
	(void)ctx;
	ck_assert_ptr_eq(sas_find(sas, is->mark), is);
	ck_assert(was->mark != is->mark || !addr_same_ip(&was->remote, &is->remote) ||
		  !addr_same_ip(&was->local, &is->local));
	if (used == was->mark)
		used = is->mark;
	n_moved++;
}

static char refused[BUS_TEXT_LEN * 3]; /* who was, and why */

static void on_failed(void *ctx, const struct addr *peer, const char *identity, const char *reason)
{
	char text[ADDR_STR_LEN];

	(void)ctx;
	snprintf(refused, sizeof(refused), "%s %s: %s", addr_format(peer, text), identity, reason);
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

static void add_listed(uint32_t mark)
{
	listed[n_listed] =
		(struct bus_sa){.mark = mark, .reqid = mark, .instance = instance, .ike_id = mark};
	strcpy(listed[n_listed++].remote_id, "client");
}

/* SAs 1 and 2 are there when we start; 1 has a tunnel, or gets one. */
static void setup(void)
{
	static struct sas_conf conf = {
		.path = path,
		.up = on_up,
		.changed = on_changed,
		.gone = on_gone,
		.moved = on_moved,
		.failed = on_failed,
		.in_use = is_in_use,
		.unused = UNUSED,
		.stale = UNUSED / 2,
		.heir_wait = 50 * USEC_PER_MS,
	};

	signal(SIGPIPE, SIG_IGN);
	log_to(quiet);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/charon", dir);
	base = event_base_new();
	start_charon();
	n_listed = n_up = n_changed = n_gone = n_orphaned = n_moved = n_gates = 0;
	memset(closed, 0, sizeof(closed));
	instance = 77;
	used = 1;
	add_listed(1);
	add_listed(2);
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
	UNTIL(closed[2]);
	ck_assert_uint_eq(closed[1], 0);
	used = 0;
	sas_release(sas, 3);
	sas_release(sas, 1);
	sas_release(sas, 1);
	UNTIL(closed[1]);
}
END_TEST

static void turn_for(usec_t time)
{
	usec_t until = clock_now() + time;

	while (clock_now() < until)
		event_base_loop(base, EVLOOP_NONBLOCK);
}

/* Who never dials, and who does not dial again. */
START_TEST(test_unused)
{
	usec_t began = clock_now();

	add_listed(3);
	ev_tell_record(charon, BUS_EV_SA_UP, &bus_sa_record, &listed[2]);
	UNTIL(n_up == 3);
	/* a rekey, meanwhile */
	listed[2].spi_in = 5;
	ev_tell_record(charon, BUS_EV_SA_REKEY, &bus_sa_record, &listed[2]);
	UNTIL(closed[3]);
	ck_assert_uint_ge(clock_now(), began + UNUSED);
	ck_assert_uint_eq(n_changed, 1);
	UNTIL(closed[3] > 1); /* charon may not have listened */
	ev_tell_record(charon, BUS_EV_SA_DOWN, &bus_sa_record, &listed[2]);
	UNTIL(n_gone);
	ck_assert_uint_eq(n_orphaned, 0);
	/* one that dials again in time */
	used = 0;
	sas_release(sas, 1);
	used = 1;
	turn_for(2 * UNUSED);
	ck_assert_uint_eq(closed[1], 0);
	used = 0;
	sas_release(sas, 1);
	UNTIL(closed[1]);
}
END_TEST

/* At our end all are closed, with a tunnel or without, and those that come in the same moment. */
START_TEST(test_close_all)
{
	sas_close_all(sas, "over");
	UNTIL(closed[1] && closed[2]);
	add_listed(3);
	ev_tell_record(charon, BUS_EV_SA_UP, &bus_sa_record, &listed[2]);
	UNTIL(closed[3]);
}
END_TEST

/* What ended while we were not connected is gone; only another charon leaves orphans. */
START_TEST(test_missed)
{
	ev_server_free(charon);
	UNTIL(!sas_connected(sas));
	n_listed = 1;
	start_charon();
	UNTIL(sas_connected(sas));
	ck_assert(n_gone == 1 && n_orphaned == 0 && n_up == 2 && sas_find(sas, 1));
	ev_server_free(charon);
	UNTIL(!sas_connected(sas));
	n_listed = 0;
	instance = 78;
	start_charon();
	UNTIL(sas_connected(sas));
	ck_assert(n_gone == 2 && n_orphaned == 1 && !sas_count(sas));
}
END_TEST

/* While charon is away nothing can be closed; its next run begins with mark 1 again. */
START_TEST(test_restart)
{
	ev_server_free(charon);
	UNTIL(!sas_connected(sas));
	memset(closed, 0, sizeof(closed));
	used = 0;
	sas_release(sas, 1); /* not the one that has this mark next */
	n_listed = 0;
	instance = 78;
	add_listed(1);
	start_charon();
	UNTIL(sas_connected(sas));
	ck_assert(n_gone == 2 && n_orphaned == 2 && n_up == 3 && sas_count(sas) == 1);
	used = 1;
	turn_for(2 * UNUSED);
	ck_assert_uint_eq(closed[1], 0);
	used = 0;
	add_listed(5);
	ev_tell_record(charon, BUS_EV_SA_UP, &bus_sa_record, &listed[1]);
	UNTIL(closed[5]);
}
END_TEST

/* An SA of the one client, in this IKE_SA; told by `event`. */
static struct bus_sa tell(const char *event, uint32_t mark, uint32_t ike_id, uint32_t ike_version)
{
	struct bus_sa sa = {.mark = mark,
			    .reqid = mark,
			    .instance = 77,
			    .ike_id = ike_id,
			    .ike_version = ike_version,
			    .by_peer = !strcmp(event, BUS_EV_SA_DOWN)};

	strcpy(sa.remote_id, "roamer");
	ck_assert_int_eq(addr_parse(&sa.remote, "198.51.100.7:4500", 0), 0);
	ck_assert_int_eq(addr_parse(&sa.local, "192.0.2.1:4500", 0), 0);
	ev_tell_record(charon, event, &bus_sa_record, &sa);
	return sa;
}

static size_t count_listed(void)
{
	size_t n = 0;

	for (const struct sa *sa = NULL; (sa = sas_next(sas, sa));)
		n++;
	return n;
}

/* A second CHILD_SA in the same IKE_SA: the peer sends by that one now, the other is closed. */
START_TEST(test_second_child)
{
	for (uint32_t version = 1; version <= 2; version++) {
		uint32_t mark = 10 * version;

		tell(BUS_EV_SA_UP, mark, mark, version);
		UNTIL(sas_find(sas, mark));
		used = mark;
		tell(BUS_EV_SA_UP, mark + 1, mark, version);
		UNTIL(used == mark + 1);
		UNTIL(closed[mark]);
		tell(BUS_EV_SA_DOWN, mark, mark, version);
		UNTIL(!sas_find(sas, mark));
		ck_assert_uint_eq(used, mark + 1);
	}
	ck_assert_uint_eq(n_moved, 2);
}
END_TEST

/* IKEv2 make-before-break: the new one is there when the peer closes the old one. */
START_TEST(test_make_before_break)
{
	tell(BUS_EV_SA_UP, 10, 5, 2);
	UNTIL(sas_find(sas, 10));
	used = 10;
	tell(BUS_EV_SA_UP, 11, 6, 2);
	tell(BUS_EV_SA_REKEY, 10, 5, 2); /* does not make it the newest again */
	UNTIL(sas_find(sas, 11));
	ck_assert_uint_eq(n_moved, 0);
	tell(BUS_EV_SA_DOWN, 10, 5, 2);
	UNTIL(!sas_find(sas, 10));
	ck_assert(used == 11 && n_moved == 1);
	/* the other way round there is nothing to inherit */
	tell(BUS_EV_SA_UP, 12, 7, 2);
	tell(BUS_EV_SA_DOWN, 12, 7, 2);
	UNTIL(n_gone == 2);
	ck_assert(used == 11 && n_moved == 1);
}
END_TEST

/* IKEv2 break-before-make: the tunnel waits for the new one, and not for ever. */
START_TEST(test_break_before_make)
{
	tell(BUS_EV_SA_UP, 10, 5, 2);
	UNTIL(sas_find(sas, 10));
	used = 10;
	tell(BUS_EV_SA_DOWN, 10, 5, 2);
	UNTIL(sas_count(sas) == 2);
	ck_assert(sas_find(sas, 10) && n_gone == 0); /* its tunnel is still the client's */
	ck_assert_uint_eq(count_listed(), 2);
	sas_release(sas, 10); /* there is nothing to close */
	tell(BUS_EV_SA_UP, 11, 6, 2);
	UNTIL(used == 11);
	UNTIL(n_gone == 1 && !sas_find(sas, 10));
	tell(BUS_EV_SA_DOWN, 11, 6, 2);
	UNTIL(sas_count(sas) == 2);
	ck_assert_uint_eq(n_gone, 1);
	UNTIL(n_gone == 2 && !sas_find(sas, 11)); /* nobody comes */
	ck_assert(!closed[10] && !closed[11] && n_moved == 1);
}
END_TEST

/* Whose SA has died in silence has no heir: a NAT may have given its port to somebody else. */
START_TEST(test_no_heir)
{
	struct bus_sa sa = tell(BUS_EV_SA_UP, 10, 5, 2), other;

	UNTIL(sas_find(sas, 10));
	used = 10;
	tell(BUS_EV_SA_UP, 11, 6, 2);
	UNTIL(sas_find(sas, 11));
	strcpy(sa.reason, "the peer does not answer");
	ev_tell_record(charon, BUS_EV_SA_DOWN, &bus_sa_record, &sa);
	UNTIL(n_gone == 1 && !sas_find(sas, 10));
	/* IKEv1 keeps its CHILD_SAs: nobody is waited for */
	tell(BUS_EV_SA_UP, 20, 8, 1);
	UNTIL(sas_find(sas, 20));
	used = 20;
	tell(BUS_EV_SA_DOWN, 20, 8, 1);
	UNTIL(n_gone == 2 && !sas_find(sas, 20));
	/* another port, identity, way to authenticate: not the same client */
	for (int i = 0; i < 5; i++) {
		other = tell(BUS_EV_SA_UP, 30 + 2 * (uint32_t)i, 9, 2);
		UNTIL(sas_find(sas, other.mark));
		used = other.mark;
		tell(BUS_EV_SA_DOWN, used, 9, 2);
		other.mark = other.reqid = used + 1;
		other.remote.port += i == 0;
		other.remote.ip[0] += i == 1;
		strcpy(other.auth, i == 2 ? "pubkey" : "");
		strcpy(other.remote_id, i == 3 ? "somebody else" : "roamer");
		other.peer_port = i == 4;
		ev_tell_record(charon, BUS_EV_SA_UP, &bus_sa_record, &other);
		UNTIL(!sas_find(sas, used));
		ck_assert_uint_eq(used, other.mark - 1);
	}
	ck_assert_uint_eq(n_moved, 0);
}
END_TEST

/* The one that is there has a tunnel of its own: it is no heir. */
START_TEST(test_two_of_one_client)
{
	tell(BUS_EV_SA_UP, 10, 5, 2);
	tell(BUS_EV_SA_UP, 11, 6, 2);
	UNTIL(sas_find(sas, 11));
	used = 11;
	tell(BUS_EV_SA_DOWN, 10, 5, 2);
	UNTIL(n_gone == 1);
	ck_assert_uint_eq(n_moved, 0);
}
END_TEST

/* The NAT changes the address: the tunnels of this mark follow; a port is not theirs. */
START_TEST(test_address)
{
	struct bus_sa sa = tell(BUS_EV_SA_UP, 10, 5, 1);

	UNTIL(sas_find(sas, 10));
	used = 10;
	sa.remote.port = 20000;
	ev_tell_record(charon, BUS_EV_SA_UPDATE, &bus_sa_record, &sa);
	UNTIL(sas_find(sas, 10)->remote.port == 20000);
	ck_assert_uint_eq(n_moved, 0);
	sa.remote.ip[3] = 9;
	ev_tell_record(charon, BUS_EV_SA_UPDATE, &bus_sa_record, &sa);
	UNTIL(n_moved == 1);
	/* and then the peer makes a second CHILD_SA there */
	sa.mark = sa.reqid = 11;
	ev_tell_record(charon, BUS_EV_SA_UP, &bus_sa_record, &sa);
	UNTIL(used == 11);
	ck_assert_uint_eq(n_moved, 2);
}
END_TEST

/* charon's end is also that of an SA whose tunnels wait for another one. */
START_TEST(test_restart_while_left)
{
	tell(BUS_EV_SA_UP, 10, 5, 2);
	UNTIL(sas_find(sas, 10));
	used = 10;
	tell(BUS_EV_SA_DOWN, 10, 5, 2);
	UNTIL(sas_count(sas) == 2);
	ev_server_free(charon);
	UNTIL(!sas_connected(sas));
	n_listed = 0;
	instance = 78;
	start_charon();
	UNTIL(sas_connected(sas));
	ck_assert(sas_count(sas) == 0 && n_gone == 3 && !sas_find(sas, 10));
	ck_assert_uint_eq(n_orphaned, 2); /* this one was deleted in good time */
}
END_TEST

/* What a charon without IKEv1 says of itself; known only while it is there. */
START_TEST(test_charon)
{
	UNTIL(sas_charon(sas)->ikev1);
	ck_assert_str_eq(sas_charon(sas)->charon, "5.9.8");
	ck_assert_str_eq(sas_charon(sas)->problem, "");
	ev_server_free(charon);
	UNTIL(!sas_connected(sas));
	ck_assert_ptr_null(sas_charon(sas));
	charon_says = (struct bus_charon){.charon = "6.1.0", .problem = "built without IKEv1"};
	start_charon();
	UNTIL(sas_connected(sas) && sas_charon(sas)->problem[0]);
	ck_assert(!sas_charon(sas)->ikev1);
	ck_assert_str_eq(sas_charon(sas)->charon, "6.1.0");
	ck_assert_str_eq(sas_charon(sas)->problem, "built without IKEv1");
}
END_TEST

START_TEST(test_refused)
{
	struct bus_failure f = {.identity = "CN=mallory"};

	ck_assert_int_eq(addr_parse(&f.peer, "198.51.100.7", 500), 0);
	ev_tell_record(charon, BUS_EV_IKE_FAILED, &bus_failure_record, &f); /* no reason: ignored */
	strcpy(f.reason, "it has been revoked");
	ev_tell_record(charon, BUS_EV_IKE_FAILED, &bus_failure_record, &f);
	UNTIL(refused[0]);
	ck_assert_str_eq(refused, "198.51.100.7:500 CN=mallory: it has been revoked");
}
END_TEST

/* Libraries, as far as what is looked for goes; its end counts. */
static const struct {
	const char *bytes;
	size_t len;
	int has;
} libraries[] = {
#define LIBRARY(bytes, has)                                                                        \
	{                                                                                          \
		bytes, sizeof(bytes), has                                                          \
	}
	LIBRARY("\177ELF..\0task_manager_create\0task_manager_v1_create\0keymat_v1_create", 1),
	LIBRARY("\177ELF..\0task_manager_v1_create", 1),
	LIBRARY("\177ELF..\0task_manager_create\0task_manager_v2_create\0", 0),
	LIBRARY("\177ELF..\0task_manager_v1_created\0", 0),
};

START_TEST(test_library)
{
	char file[sizeof(path) + 8];
	FILE *out;

	snprintf(file, sizeof(file), "%s.so", path);
	ck_assert_int_eq(charon_library_has_ikev1(file), -ENOENT);
	out = fopen(file, "w");
	ck_assert_ptr_nonnull(out);
	ck_assert_uint_eq(fwrite(libraries[_i].bytes, 1, libraries[_i].len, out),
			  libraries[_i].len);
	fclose(out);
	ck_assert_int_eq(charon_library_has_ikev1(file), libraries[_i].has);
	unlink(file);
	ck_assert_int_eq(charon_library_has_ikev1(dir), -ENODEV);
}
END_TEST

/* The gate is open at first, then as it was told, and told again to a charon that comes back. */
START_TEST(test_gate)
{
	UNTIL(n_gates == 1);
	ck_assert(!gates[0].closed && !gates[0].reason[0]);
	sas_set_gate(sas, "full");
	UNTIL(n_gates == 2);
	ck_assert(gates[1].closed);
	ck_assert_str_eq(gates[1].reason, "full");
	ev_server_free(charon);
	UNTIL(!sas_connected(sas));
	start_charon();
	UNTIL(n_gates == 3);
	ck_assert(gates[2].closed);
	sas_set_gate(sas, NULL);
	UNTIL(n_gates == 4);
	ck_assert(!gates[3].closed);
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
	tcase_add_test(t, test_unused);
	tcase_add_test(t, test_close_all);
	tcase_add_test(t, test_missed);
	tcase_add_test(t, test_restart);
	tcase_add_test(t, test_second_child);
	tcase_add_test(t, test_make_before_break);
	tcase_add_test(t, test_break_before_make);
	tcase_add_test(t, test_no_heir);
	tcase_add_test(t, test_two_of_one_client);
	tcase_add_test(t, test_address);
	tcase_add_test(t, test_restart_while_left);
	tcase_add_test(t, test_charon);
	tcase_add_test(t, test_refused);
	tcase_add_loop_test(t, test_library, 0, sizeof(libraries) / sizeof(*libraries));
	tcase_add_test(t, test_gate);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
