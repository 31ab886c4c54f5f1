/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fake daemon of check_ctl.  A watcher that has registered for failures gets one event of each
 * kind, then the daemon leaves.
 */
#include "tests/fake/fake_l2tpd.h"

#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/bus/msg.h"
#include "lib/bus/names.h"
#include "lib/busio/ev.h"

static const struct bus_tunnel tunnels[] = {
	{
		.tunnel = 20001,
		.peer_tunnel = 7,
		.state = "up",
		.mark = 3,
		.identity = "192.168.1.20",
		.host_name = "DESKTOP-1",
		.sessions = 1,
		.age_s = 3700,
	},
	{.tunnel = 300, .state = "wait-conn", .host_name = "evil\x1b[2J\"name\"", .age_s = 2},
};
static const struct bus_session alice = {
	.session = 11,
	.peer_session = 1,
	.tunnel = 20001,
	.state = "up",
	.user = "alice",
	.auth = "mschapv2",
	.ifname = "ppp0",
	.mtu = 1400,
	.outer_mtu = 1500,
	.overhead = 98,
	.cipher = "AES_CBC_256/HMAC_SHA1_96",
	.mark = 3,
	.lns = "default",
	.acct_session_id = "65A1-11",
	.pid = 4711,
	.age_s = 3700,
	.uptime_s = 3699,
	.bytes_in = 1234567,
	.bytes_out = 999,
	.packets_in = 1000,
	.packets_out = 2,
};
static const struct bus_session starting = {
	.session = 4242,
	.tunnel = 300,
	.state = "wait-ppp",
	.user = "bj\xc3\xb6rn\xff",
	.age_s = 1,
};
static const struct bus_failure failure = {
	.time_s = 1700000000, /* 2023-11-14 22:13:20 UTC */
	.age_s = 61,
	.identity = "192.168.1.21",
	.user = "bob",
	.tunnel = 20002,
	.session = 12,
	.stage = "auth",
	.reason = "wrong password",
};

static bool is_empty;
static struct ev_server *server;

static struct addr address(const char *text)
{
	struct addr a;

	if (addr_parse(&a, text, 0))
		abort();
	return a;
}

static void run_version(void *ctx, struct ev_call *call, struct view msg)
{
	uint8_t buf[64];
	struct msg_out out;
	struct view answer;

	(void)ctx, (void)msg;
	msg_init(&out, buf, sizeof(buf));
	msg_str(&out, "version", "9.9");
	if (msg_done(&out, &answer))
		abort();
	ev_call_answer(call, answer);
}

static void run_status(void *ctx, struct ev_call *call, struct view msg)
{
	static const struct bus_status status = {
		.version = "9.9",
		.uptime_s = 90061,
		.kernel = "6.1.0",
		.charon = true,
		.charon_version = "5.9.8",
		.ikev1 = true,
		.sas = 1,
		.tunnels = 2,
		.sessions = 2,
		.sessions_up = 1,
		.leases = 1,
		.addresses = 1000,
		.failures = 17,
		.problem = "the kernel lacks l2tp_ppp: install linux-modules",
	};

	(void)ctx, (void)msg;
	ev_call_answer_record(call, &bus_status_record, &status);
}

static void run_tunnels(void *ctx, struct ev_call *call, struct view msg)
{
	(void)ctx, (void)msg;
	for (size_t i = 0; i < sizeof(tunnels) / sizeof(tunnels[0]) && !is_empty; i++) {
		struct bus_tunnel t = tunnels[i];

		t.peer = address("203.0.113.7:1701");
		ev_call_event_record(call, &bus_tunnel_record, &t);
	}
	ev_call_done(call);
}

static void run_sessions(void *ctx, struct ev_call *call, struct view msg)
{
	struct bus_session asked, s = alice;

	(void)ctx;
	if (bus_read(msg, &bus_session_record, &asked))
		abort();
	s.peer_ip = address("10.20.0.10");
	s.local_ip = address("10.20.0.1");
	s.peer = address("203.0.113.7:1701");
	if (!is_empty && (!asked.session || asked.session == s.session))
		ev_call_event_record(call, &bus_session_record, &s);
	s = starting;
	s.peer = address("[2001:db8::7]:1701");
	if (!is_empty && !asked.session)
		ev_call_event_record(call, &bus_session_record, &s);
	ev_call_done(call);
}

static void run_sas(void *ctx, struct ev_call *call, struct view msg)
{
	struct bus_sa sa = {
		.mark = 3,
		.reqid = 5,
		.connection = "windows",
		.child = "l2tp",
		.ike_id = 8,
		.child_id = 9,
		.ike_version = 1,
		.local = address("198.51.100.1:4500"),
		.remote = address("203.0.113.7:61234"),
		.encap = true,
		.remote_id = "192.168.1.20",
		.auth = "psk",
		.cipher = "AES_CBC-256/HMAC_SHA1_96",
		.iv_bytes = 16,
		.icv_bytes = 12,
		.block_bytes = 16,
		.spi_in = 0xc0ffee01,
		.spi_out = 0x1,
		.instance = 0xabcd,
		.tunnels = 1,
	};

	(void)ctx, (void)msg;
	if (!is_empty)
		ev_call_event_record(call, &bus_sa_record, &sa);
	ev_call_done(call);
}

static void run_leases(void *ctx, struct ev_call *call, struct view msg)
{
	struct bus_lease lease = {
		.ip = address("10.20.0.10"),
		.pool = "office",
		.session = 11,
		.user = "alice",
		.age_s = 59,
	};

	(void)ctx, (void)msg;
	if (!is_empty)
		ev_call_event_record(call, &bus_lease_record, &lease);
	ev_call_done(call);
}

static void run_failures(void *ctx, struct ev_call *call, struct view msg)
{
	struct bus_failure f = failure;

	(void)ctx, (void)msg;
	f.peer = address("203.0.113.7:1701");
	if (!is_empty)
		ev_call_event_record(call, &bus_failure_record, &f);
	ev_call_done(call);
}

static void run_counters(void *ctx, struct ev_call *call, struct view msg)
{
	struct bus_counter c = {"retransmits", 12345, "messages sent again"};

	(void)ctx, (void)msg;
	ev_call_event_record(call, &bus_counter_record, &c);
	ev_call_done(call);
}

static void run_disconnect(void *ctx, struct ev_call *call, struct view msg)
{
	struct bus_disconnect asked, answer = {0};

	(void)ctx;
	if (bus_read(msg, &bus_disconnect_record, &asked))
		abort();
	if (is_empty) {
		ev_call_fail(call, "there is no session %u", asked.session);
		return;
	}
	if (asked.session == 11 && !strcmp(asked.reason, "time to -o home"))
		answer.count = 1;
	else if (!strcmp(asked.user, "alice") && !*asked.reason)
		answer.count = 2;
	else if (asked.tunnel == 20001)
		answer.count = 1;
	else
		strcpy(answer.errmsg, "no such one");
	ev_call_answer_record(call, &bus_disconnect_record, &answer);
}

static void run_nothing(void *ctx, struct ev_call *call, struct view msg)
{
	(void)ctx, (void)msg;
	ev_call_done(call);
}

/* Has the watcher registered for its last event? */
static void tell_watcher(evutil_socket_t fd, short what, void *ctx)
{
	static const struct timeval soon = {0, 1000}, later = {0, 20000};
	struct event_base *base = ctx;

	(void)fd, (void)what;
	if (!ev_has_listeners(server, BUS_EV_FAILURE)) {
		event_base_once(base, -1, EV_TIMEOUT, tell_watcher, base, &soon);
		return;
	}
	ev_tell_record(server, BUS_EV_TUNNEL_UP, &bus_tunnel_record, &tunnels[0]);
	ev_tell_record(server, BUS_EV_SESSION_UP, &bus_session_record, &alice);
	ev_tell_record(server, BUS_EV_FAILURE, &bus_failure_record, &failure);
	event_base_loopexit(base, &later); /* what is queued leaves before */
}

static void serve(const char *path, int ready)
{
	static const struct ev_command commands[] = {
		{BUS_CMD_VERSION, "", run_version},
		{BUS_CMD_STATUS, "", run_status},
		{BUS_CMD_LIST_TUNNELS, BUS_EV_LIST_TUNNEL, run_tunnels},
		{BUS_CMD_LIST_SESSIONS, BUS_EV_LIST_SESSION, run_sessions},
		{BUS_CMD_ADMIN_LIST_SAS, BUS_EV_ADMIN_LIST_SA, run_sas},
		{BUS_CMD_LIST_LEASES, BUS_EV_LIST_LEASE, run_leases},
		{BUS_CMD_LIST_FAILURES, BUS_EV_LIST_FAILURE, run_failures},
		{BUS_CMD_LIST_COUNTERS, BUS_EV_LIST_COUNTER, run_counters},
		{BUS_CMD_DISCONNECT, "", run_disconnect},
		{BUS_CMD_DRAIN, "", run_nothing},
		{BUS_CMD_UNDRAIN, "", run_nothing},
		{BUS_CMD_RESTART_ENGINE, "", run_nothing},
	};
#define EVENT(NAME, word, text) word,
	static const char *const events[] = {BUS_ADMIN_EVENTS(EVENT)};
	static const struct ev_table table = {
		commands,
		sizeof(commands) / sizeof(commands[0]),
		events,
		sizeof(events) / sizeof(events[0]),
	};
	const struct ev_server_conf conf = {.path = path, .mode = 0600, .group = (gid_t)-1};
	struct event_base *base = event_base_new();

	if (!base || ev_server_new(base, &conf, &table, NULL, &server) || write(ready, "", 1) != 1)
		_exit(1);
	tell_watcher(-1, 0, base);
	event_base_dispatch(base);
	ev_server_free(server);
	event_base_free(base);
}

pid_t fake_l2tpd_start(const char *path, bool empty)
{
	int ready[2];
	char byte;
	pid_t pid;

	is_empty = empty;
	if (pipe(ready))
		abort();
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ready[0]);
		serve(path, ready[1]);
		_exit(0);
	}
	close(ready[1]);
	if (pid < 0 || read(ready[0], &byte, 1) != 1)
		abort();
	close(ready[0]);
	return pid;
}

void fake_l2tpd_stop(pid_t pid)
{
	kill(pid, SIGKILL); /* Check hands its own handler of SIGTERM down to us */
	waitpid(pid, NULL, 0);
}
