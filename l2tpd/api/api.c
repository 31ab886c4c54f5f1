/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The management socket: one row per command, and the events. */
#include "l2tpd/api/api.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "config.h"
#include "l2tpd/ipsec/drops.h"
#include "l2tpd/policy/nft.h"
#include "lib/base/err.h"
#include "lib/bus/msg.h"
#include "lib/bus/names.h"
#include "lib/busio/ev.h"

struct api {
	struct api_conf conf;
	struct ev_server *server;
	usec_t since;
	struct ev_call *restart; /* who waits for that */
};

#define COPY(to, from) snprintf(to, sizeof(to), "%s", from)

static void run_version(void *ctx, struct ev_call *call, struct view msg)
{
	uint8_t bytes[256];
	struct msg_out m;
	struct view answer;

	(void)ctx;
	(void)msg;
	msg_init(&m, bytes, sizeof(bytes));
	msg_str(&m, "daemon", "l2tpd");
	msg_str(&m, "version", PACKAGE_VERSION);
	if (!msg_done(&m, &answer))
		ev_call_answer(call, answer);
	else
		ev_call_fail(call, "%s", err_text(EMSGSIZE));
}

static unsigned int count_up(const struct api_sources *from)
{
	unsigned int n = 0;

	for (uint16_t sid = 0; (sid = lns_next_session(from->lns, sid));)
		n += links_up_since(from->links, sid) != USEC_NEVER;
	return n;
}

static void run_status(void *ctx, struct ev_call *call, struct view msg)
{
	struct api *a = ctx;
	const struct api_sources *from = &a->conf.from;
	struct bus_status st = {
		.uptime_s = (clock_now() - a->since) / USEC_PER_S,
		.charon = from->sas && sas_connected(from->sas),
		.draining = *a->conf.draining,
		.sas = from->sas ? (uint32_t)sas_count(from->sas) : 0,
		.tunnels = lns_tunnel_count(from->lns),
		.sessions = lns_session_count(from->lns),
		.sessions_up = count_up(from),
		.leases = pools_used(from->pools),
		.addresses = pools_size(from->pools),
		.failures = failures_total(from->failures),
	};
	const struct bus_charon *charon = from->sas ? sas_charon(from->sas) : NULL;
	struct utsname kernel;

	(void)msg;
	COPY(st.version, PACKAGE_VERSION);
	if (!uname(&kernel))
		COPY(st.kernel, kernel.release);
	if (charon) {
		COPY(st.charon_version, charon->charon);
		st.ikev1 = charon->ikev1;
	}
	if (!from->sas)
		COPY(st.problem,
		     "IPsec is off (listen { ipsec = none }): L2TP is served in the clear");
	else if (!st.charon)
		sas_problem(from->sas, st.problem, sizeof(st.problem));
	else if (st.addresses && st.leases >= st.addresses)
		COPY(st.problem, "all addresses of all pools are in use");
	else if (st.draining)
		COPY(st.problem, "nobody new is taken (drain): l2tpctl undrain ends that");
	else if (charon && charon->problem[0])
		COPY(st.problem, charon->problem);
	ev_call_answer_record(call, &bus_status_record, &st);
}

static void run_list_tunnels(void *ctx, struct ev_call *call, struct view msg)
{
	struct api *a = ctx;
	struct bus_tunnel rec;

	(void)msg;
	for (uint16_t tid = 0; (tid = lns_next_tunnel(a->conf.from.lns, tid));)
		if (!api_tunnel_record(&a->conf.from, tid, &rec) &&
		    !ev_call_event_record(call, &bus_tunnel_record, &rec))
			break;
	ev_call_done(call);
}

/* With the counters as they are now; asked of the kernel for one session, not for a list. */
static void fresh_counters(struct api *a, struct bus_session *rec)
{
	struct plane_counters c;

	if (!rec->ifname[0] || plane_counters(a->conf.from.plane, rec->ifname, &c))
		return;
	rec->bytes_in = c.bytes_in;
	rec->bytes_out = c.bytes_out;
	rec->packets_in = c.packets_in;
	rec->packets_out = c.packets_out;
}

static void run_list_sessions(void *ctx, struct ev_call *call, struct view msg)
{
	struct api *a = ctx;
	struct bus_session rec, wanted;

	if (bus_read(msg, &bus_session_record, &wanted) || wanted.session > UINT16_MAX) {
		ev_call_fail(call, "session-id: expected a number from 1 to 65535");
		return;
	}
	if (wanted.session) {
		a->conf.look(a->conf.ctx, (uint16_t)wanted.session);
		if (api_session_record(&a->conf.from, (uint16_t)wanted.session, &rec)) {
			ev_call_fail(call, "there is no session %u", wanted.session);
			return;
		}
		fresh_counters(a, &rec);
		ev_call_event_record(call, &bus_session_record, &rec);
		ev_call_done(call);
		return;
	}
	for (uint16_t sid = 0; (sid = lns_next_session(a->conf.from.lns, sid));)
		if (!api_session_record(&a->conf.from, sid, &rec) &&
		    !ev_call_event_record(call, &bus_session_record, &rec))
			break;
	ev_call_done(call);
}

static void run_list_sas(void *ctx, struct ev_call *call, struct view msg)
{
	struct api *a = ctx;
	const struct sas *sas = a->conf.from.sas;
	struct bus_sa rec;

	(void)msg;
	for (const struct sa *sa = NULL; sas && (sa = sas_next(sas, sa));) {
		sa_record(sa, &rec);
		rec.tunnels = lns_sa_tunnel_count(a->conf.from.lns, sa->mark);
		if (!ev_call_event_record(call, &bus_sa_record, &rec))
			break;
	}
	ev_call_done(call);
}

static void run_list_leases(void *ctx, struct ev_call *call, struct view msg)
{
	struct api *a = ctx;
	const struct pools *pools = a->conf.from.pools;

	(void)msg;
	for (const struct lease *l = pools_next(pools, 0); l; l = pools_next(pools, l->sid)) {
		struct bus_lease rec = {
			.ip = addr_from_ipv4(l->ip, 0),
			.session = l->sid,
			.age_s = (clock_now() - l->since) / USEC_PER_S,
		};

		COPY(rec.pool, pools_name(pools, l->pool));
		COPY(rec.user, l->user);
		if (!ev_call_event_record(call, &bus_lease_record, &rec))
			break;
	}
	ev_call_done(call);
}

static void run_list_failures(void *ctx, struct ev_call *call, struct view msg)
{
	struct api *a = ctx;
	const struct failures *f = a->conf.from.failures;
	uint64_t now = clock_wall() / USEC_PER_S;

	(void)msg;
	for (size_t i = 0; i < failures_kept(f); i++) {
		struct bus_failure rec = *failures_get(f, i);

		rec.age_s = now > rec.time_s ? now - rec.time_s : 0;
		if (!ev_call_event_record(call, &bus_failure_record, &rec))
			break;
	}
	ev_call_done(call);
}

/* One counter; false: the caller is gone. */
static bool say_counter(struct ev_call *call, const char *word, const char *help, uint64_t value)
{
	struct bus_counter rec = {.value = value};

	COPY(rec.name, word);
	COPY(rec.help, help);
	return ev_call_event_record(call, &bus_counter_record, &rec);
}

/* What the kernel has dropped, by IPsec and by our table. */
static void say_kernel_counters(struct ev_call *call)
{
	uint64_t drops[DROP_COUNT], nft[NFT_COUNTER_COUNT];

	if (!drops_read(drops))
		for (enum drop i = 0; i < DROP_COUNT; i++)
			if (!say_counter(call, drop_word(i), drop_help(i), drops[i]))
				return;
	if (!nft_count(nft))
		for (enum nft_counter i = 0; i < NFT_COUNTER_COUNT; i++)
			if (!say_counter(call, nft_counter_word(i), nft_counter_help(i), nft[i]))
				return;
}

static void run_list_counters(void *ctx, struct ev_call *call, struct view msg)
{
	struct api *a = ctx;
	const struct counters *counters = lns_counters(a->conf.from.lns);

	(void)msg;
	for (enum counter i = 0; i < COUNTER_COUNT; i++)
		if (!say_counter(call, counter_word(i), counter_help(i), counters->n[i]))
			break;
	if (a->conf.from.in_kernel)
		say_kernel_counters(call);
	ev_call_done(call);
}

/* End all sessions of a user; how many there were. */
static unsigned int end_user(struct api *a, const char *user, const char *reason)
{
	unsigned int n = 0;

	for (uint16_t sid = 0; (sid = lns_next_session(a->conf.from.lns, sid));) {
		const struct bus_report *report = links_report(a->conf.from.links, sid);

		if (report && !strcmp(report->user, user))
			n += !a->conf.end_session(a->conf.ctx, sid, reason);
	}
	return n;
}

static void run_disconnect(void *ctx, struct ev_call *call, struct view msg)
{
	struct api *a = ctx;
	struct bus_disconnect d, answer = {0};
	const char *reason;

	if (bus_read(msg, &bus_disconnect_record, &d) || d.session > UINT16_MAX ||
	    d.tunnel > UINT16_MAX || !d.session + !d.tunnel + !d.user[0] != 2) {
		ev_call_fail(call, "expected one of session-id, tunnel-id and user");
		return;
	}
	reason = d.reason[0] ? d.reason : "disconnected by the administrator";
	if (d.session)
		answer.count = !a->conf.end_session(a->conf.ctx, (uint16_t)d.session, reason);
	else if (d.tunnel)
		answer.count = !a->conf.end_tunnel(a->conf.ctx, (uint16_t)d.tunnel, reason);
	else
		answer.count = end_user(a, d.user, reason);
	if (answer.count)
		ev_call_answer_record(call, &bus_disconnect_record, &answer);
	else if (d.user[0])
		ev_call_fail(call, "user \"%s\" has no session", d.user);
	else
		ev_call_fail(call, "there is no %s %u", d.session ? "session" : "tunnel",
			     d.session ? d.session : d.tunnel);
}

static void run_drain(void *ctx, struct ev_call *call, struct view msg)
{
	struct api *a = ctx;

	(void)msg;
	a->conf.drain(a->conf.ctx, true);
	ev_call_done(call);
}

static void run_undrain(void *ctx, struct ev_call *call, struct view msg)
{
	struct api *a = ctx;

	(void)msg;
	a->conf.drain(a->conf.ctx, false);
	ev_call_done(call);
}

static void run_restart_engine(void *ctx, struct ev_call *call, struct view msg)
{
	struct api *a = ctx;
	int err = a->restart ? -EALREADY : a->conf.restart(a->conf.ctx);

	(void)msg;
	if (err)
		ev_call_fail(call, "the engine is not restarted: %s", err_text(err));
	else
		a->restart = call;
}

void api_restart_answer(struct api *a, int err)
{
	struct ev_call *call = a->restart;

	a->restart = NULL;
	if (call && err)
		ev_call_fail(call, "the engine goes on: the next one could not read the "
				   "configuration; see l2tpd's log");
	else if (call)
		ev_call_done(call);
}

int api_fd(const struct api *a)
{
	return ev_server_fd(a->server);
}

/* The function of each command, by the name of its row in names.h. */
#define run_VERSION        run_version
#define run_STATUS         run_status
#define run_LIST_TUNNELS   run_list_tunnels
#define run_LIST_SESSIONS  run_list_sessions
#define run_ADMIN_LIST_SAS run_list_sas
#define run_LIST_LEASES    run_list_leases
#define run_LIST_FAILURES  run_list_failures
#define run_LIST_COUNTERS  run_list_counters
#define run_DISCONNECT     run_disconnect
#define run_RESTART_ENGINE run_restart_engine
#define run_DRAIN          run_drain
#define run_UNDRAIN        run_undrain

static const struct ev_command commands[] = {
#define X(NAME, word, stream, text) {word, stream, run_##NAME},
	BUS_ADMIN_COMMANDS(X)
#undef X
};

static const char *const events[] = {
#define X(NAME, word, text) word,
	BUS_ADMIN_EVENTS(X)
#undef X
};

static const struct ev_table table = {
	.commands = commands,
	.n_commands = sizeof(commands) / sizeof(*commands),
	.events = events,
	.n_events = sizeof(events) / sizeof(*events),
};

int api_new(struct event_base *base, const struct api_conf *conf, struct api **ret)
{
	struct ev_server_conf server = {
		.path = conf->path, .mode = 0660, .group = conf->group, .fd = conf->fd};
	struct api *a = calloc(1, sizeof(*a));
	int err;

	if (!a)
		return -ENOMEM;
	a->conf = *conf;
	a->since = clock_now();
	err = ev_server_new(base, &server, &table, a, &a->server);
	if (err) {
		free(a);
		return err;
	}
	*ret = a;
	return 0;
}

void api_free(struct api *a)
{
	if (!a)
		return;
	ev_server_free(a->server);
	free(a);
}

void api_tell_tunnel(struct api *a, const char *event, uint16_t tid, const char *reason)
{
	struct bus_tunnel rec;

	if (!ev_has_listeners(a->server, event) || api_tunnel_record(&a->conf.from, tid, &rec))
		return;
	COPY(rec.reason, reason);
	ev_tell_record(a->server, event, &bus_tunnel_record, &rec);
}

void api_tell_session(struct api *a, const char *event, uint16_t sid, const char *reason)
{
	struct bus_session rec;

	if (!ev_has_listeners(a->server, event) || api_session_record(&a->conf.from, sid, &rec))
		return;
	COPY(rec.reason, reason);
	ev_tell_record(a->server, event, &bus_session_record, &rec);
}

void api_tell_failure(struct api *a, const struct bus_failure *failure)
{
	ev_tell_record(a->server, BUS_EV_FAILURE, &bus_failure_record, failure);
}
