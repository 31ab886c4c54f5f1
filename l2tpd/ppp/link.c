/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One bus connection per pppd, on its inherited socket; lib/bus/README.md has the rules. */
#include "l2tpd/ppp/link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/bus/frame.h"
#include "lib/bus/msg.h"
#include "lib/bus/names.h"
#include "lib/busio/ev.h"

#define N_SESSIONS 65536
#define SETUP_MAX  4096

struct link {
	struct links *links;
	struct ev_conn *conn; /* NULL: pppd has closed its end */
	uint16_t sid;
	bool begun;
	struct bus_setup setup;
	struct bus_report report;
	usec_t up_since;
};

struct links {
	struct event_base *base;
	struct links_conf conf;
	struct link *by_sid[N_SESSIONS];
};

static void hear(struct link *k)
{
	if (k->begun)
		return;
	k->begun = true;
	k->links->conf.begun(k->links->conf.ctx, k->sid);
}

static void run_lease(void *ctx, struct ev_call *call, struct view msg)
{
	struct link *k = ctx;
	struct bus_grant grant;

	hear(k);
	if (bus_read(msg, &bus_grant_record, &grant)) {
		ev_call_fail(call, "%s: a value does not fit its key", BUS_CMD_SESSION_LEASE);
		return;
	}
	if (k->links->conf.lease(k->links->conf.ctx, k->sid, &grant))
		ev_call_fail(call, "%s", grant.errmsg);
	else
		ev_call_answer_record(call, &bus_grant_record, &grant);
}

static void run_report(void *ctx, struct ev_call *call, struct view msg)
{
	struct link *k = ctx;
	struct bus_report report;

	hear(k);
	if (bus_read(msg, &bus_report_record, &report)) {
		ev_call_fail(call, "%s: a value does not fit its key", BUS_CMD_SESSION_REPORT);
		return;
	}
	k->report = report;
	ev_call_done(call);
	if (k->up_since != USEC_NEVER || strcmp(report.state, "up"))
		return;
	k->up_since = clock_now();
	k->links->conf.up(k->links->conf.ctx, k->sid, &report);
}

static const struct ev_command commands[] = {
	{BUS_CMD_SESSION_LEASE, "", run_lease},
	{BUS_CMD_SESSION_REPORT, "", run_report},
};

static const char *const events[] = {BUS_EV_SESSION_SETUP, BUS_EV_SESSION_CLOSE};

static const struct ev_table table = {
	.commands = commands,
	.n_commands = sizeof(commands) / sizeof(*commands),
	.events = events,
	.n_events = sizeof(events) / sizeof(*events),
};

/* pppd is about to exit, or the plugin has gone mad: pppd's end is the monitor's news. */
static void on_closed(void *ctx, struct ev_conn *conn, int err)
{
	struct link *k = ctx;

	(void)conn;
	if (err != -ERR_CLOSED)
		log_warn(PPP, "bus-lost", "sid=%u: %s", k->sid, err_text(err));
	k->conn = NULL;
}

struct links *links_new(struct event_base *base, const struct links_conf *conf)
{
	struct links *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->base = base;
	l->conf = *conf;
	return l;
}

void links_free(struct links *l)
{
	if (!l)
		return;
	for (unsigned int sid = 0; sid < N_SESSIONS; sid++)
		links_close(l, (uint16_t)sid);
	free(l);
}

/*
 * Write the first packet at once, into an empty socket buffer, so that it is there before pppd
 * starts: pppd must never wait for us.
 */
static int send_setup(int fd, const struct bus_setup *setup)
{
	uint8_t bytes[SETUP_MAX], packet[SETUP_MAX + 64];
	struct msg_out m;
	struct view msg;
	int len;

	msg_init(&m, bytes, sizeof(bytes));
	bus_write(&m, &bus_setup_record, setup);
	if (msg_done(&m, &msg))
		return -EMSGSIZE;
	len = frame_build(packet, sizeof(packet), FRAME_EVENT, BUS_EV_SESSION_SETUP, msg);
	if (len < 0)
		return len;
	return send(fd, packet, (size_t)len, MSG_NOSIGNAL) == len ? 0 : -errno;
}

int links_open(struct links *l, uint16_t sid, int fd, const struct bus_setup *setup)
{
	struct link *k = calloc(1, sizeof(*k));
	int err = k ? send_setup(fd, setup) : -ENOMEM;

	if (err) {
		close(fd);
		free(k);
		return err;
	}
	k->links = l;
	k->sid = sid;
	k->setup = *setup;
	k->up_since = USEC_NEVER;
	k->conn = ev_attach(l->base, fd, &table, on_closed, k);
	if (!k->conn) {
		free(k);
		return -ENOMEM;
	}
	l->by_sid[sid] = k;
	return 0;
}

void links_end(struct links *l, uint16_t sid, const char *reason)
{
	struct link *k = l->by_sid[sid];
	struct bus_close rec = {{0}};

	if (!k || !k->conn)
		return;
	strncpy(rec.reason, reason, sizeof(rec.reason) - 1);
	ev_conn_event_record(k->conn, BUS_EV_SESSION_CLOSE, &bus_close_record, &rec);
}

const struct bus_setup *links_setup(const struct links *l, uint16_t sid)
{
	return l->by_sid[sid] ? &l->by_sid[sid]->setup : NULL;
}

const struct bus_report *links_report(const struct links *l, uint16_t sid)
{
	return l->by_sid[sid] ? &l->by_sid[sid]->report : NULL;
}

usec_t links_up_since(const struct links *l, uint16_t sid)
{
	return l->by_sid[sid] ? l->by_sid[sid]->up_since : USEC_NEVER;
}

void links_drain(struct links *l, uint16_t sid)
{
	struct link *k = l->by_sid[sid];

	if (k && k->conn)
		ev_conn_drain(k->conn);
}

void links_close(struct links *l, uint16_t sid)
{
	struct link *k = l->by_sid[sid];

	if (!k)
		return;
	l->by_sid[sid] = NULL;
	if (k->conn)
		ev_conn_free(k->conn);
	free(k);
}
