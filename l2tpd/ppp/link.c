/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One bus connection per pppd, inherited or made anew; lib/bus/README.md has the rules. */
#include "l2tpd/ppp/link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "l2tpd/ppp/door.h"
#include "lib/base/err.h"
#include "lib/base/list.h"
#include "lib/base/log.h"
#include "lib/bus/frame.h"
#include "lib/bus/msg.h"
#include "lib/bus/names.h"
#include "lib/busio/ev.h"

#define N_SESSIONS 65536
#define SETUP_MAX  4096

struct link {
	struct list guest; /* among the guests, who have not said whose they are */
	struct links *links;
	struct ev_conn *conn; /* NULL: pppd has closed its end */
	uint16_t sid;         /* 0: a guest */
	bool begun;
	struct ev_call *resume; /* a guest's that has to wait: its session's process is not known */
	struct bus_setup setup;
	struct bus_report report;
	usec_t up_since;
};

struct links {
	struct event_base *base;
	struct links_conf conf;
	struct door *door; /* NULL: pppds cannot come back */
	struct list guests;
	struct link *by_sid[N_SESSIONS];
};

static void hear(struct link *k)
{
	if (k->begun)
		return;
	k->begun = true;
	k->links->conf.begun(k->links->conf.ctx, k->sid);
}

/* Read a command of a session's.  False: it is answered. */
static bool take(const struct link *k, struct ev_call *call, const char *name, struct view msg,
		 const struct bus_record *record, void *ret)
{
	if (!k->sid) {
		ev_call_fail(call, "%s before %s", name, BUS_CMD_SESSION_RESUME);
		return false;
	}
	if (!bus_read(msg, record, ret))
		return true;
	ev_call_fail(call, "%s: a value does not fit its key", name);
	return false;
}

static void refuse_lease(struct ev_call *call, const struct bus_grant *grant)
{
	uint8_t bytes[512];
	struct msg_out m;
	struct view msg = {0};

	msg_init(&m, bytes, sizeof(bytes));
	msg_flag(&m, "success", false);
	msg_str(&m, "errmsg", grant->errmsg);
	msg_flag(&m, "denied", grant->denied);
	(void)msg_done(&m, &msg); /* it fits */
	ev_call_answer(call, msg);
}

static void run_lease(void *ctx, struct ev_call *call, struct view msg)
{
	struct link *k = ctx;
	struct bus_grant grant;

	if (!take(k, call, BUS_CMD_SESSION_LEASE, msg, &bus_grant_record, &grant))
		return;
	hear(k);
	if (k->links->conf.lease(k->links->conf.ctx, k->sid, &grant))
		refuse_lease(call, &grant);
	else
		ev_call_answer_record(call, &bus_grant_record, &grant);
}

/* Both clocks are one; but nothing has come up in the future. */
static usec_t came_up(const struct bus_report *report)
{
	usec_t now = clock_now();

	return report->up_since_us && report->up_since_us < now ? report->up_since_us : now;
}

static void run_report(void *ctx, struct ev_call *call, struct view msg)
{
	struct link *k = ctx;
	struct bus_report report;

	if (!take(k, call, BUS_CMD_SESSION_REPORT, msg, &bus_report_record, &report))
		return;
	hear(k);
	k->report = report;
	ev_call_done(call);
	/* Its last words may be the first that we hear. */
	if (k->up_since != USEC_NEVER || (strcmp(report.state, "up") && !report.up_since_us))
		return;
	k->up_since = came_up(&report);
	k->links->conf.up(k->links->conf.ctx, k->sid, &report);
}

/* Is this guest the session's pppd?  0, or a negative code and why not; -EAGAIN: not known yet. */
static int check_guest(const struct link *k, const struct ucred *who, uint32_t sid, char *ret_why)
{
	const struct links_conf *conf = &k->links->conf;
	const char *why = NULL;
	pid_t pid;

	if (k->sid)
		why = "the connection has its session already";
	else if (!sid || sid >= N_SESSIONS)
		why = "no session has this id";
	else if (who->uid != conf->user)
		why = "this user runs no pppd of ours";
	if (!why) {
		pid = conf->pid(conf->ctx, (uint16_t)sid);
		if (!pid)
			return -EAGAIN;
		if (who->pid <= 0 || who->pid != pid)
			why = "the session is not this process's";
	}
	snprintf(ret_why, BUS_TEXT_LEN, "%s", why ? why : "");
	return why ? -EPERM : 0;
}

/* The guest is the session's pppd, which may have had another connection just now. */
static void settle(struct link *k, const struct bus_setup *setup)
{
	struct link **place = &k->links->by_sid[setup->session], *old = *place;

	list_del(&k->guest);
	k->sid = (uint16_t)setup->session;
	k->setup = *setup;
	if (old) {
		k->begun = old->begun;
		k->report = old->report;
		k->up_since = old->up_since;
		ev_conn_free(old->conn);
		free(old);
	}
	*place = k;
}

static void resume(struct link *k, struct ev_call *call, const struct bus_setup *setup)
{
	const struct ucred *who = ev_conn_cred(ev_call_conn(call));
	char why[BUS_TEXT_LEN];
	int err = check_guest(k, who, setup->session, why);

	if (err == -EAGAIN) {
		k->setup = *setup;
		k->resume = call;
		return;
	}
	if (!err)
		err = k->links->conf.resumed(k->links->conf.ctx, setup, why);
	if (err) {
		log_warn(PPP, "not-resumed", "sid=%u pid=%d reason=\"%s\"", setup->session,
			 (int)who->pid, why);
		ev_call_fail(call, "%s", why);
		return;
	}
	settle(k, setup);
	ev_call_done(call);
	hear(k);
}

static void run_resume(void *ctx, struct ev_call *call, struct view msg)
{
	struct bus_setup setup;

	if (bus_read(msg, &bus_setup_record, &setup))
		ev_call_fail(call, "%s: a value does not fit its key", BUS_CMD_SESSION_RESUME);
	else
		resume(ctx, call, &setup);
}

/* Guests are those that have just called: hardly ever one. */
void links_started(struct links *l, uint16_t sid)
{
	list_each (node, &l->guests) {
		struct link *k = container_of(node, struct link, guest);
		struct ev_call *call = k->resume;
		struct bus_setup setup;

		if (!call || k->setup.session != sid)
			continue;
		setup = k->setup;
		k->resume = NULL;
		resume(k, call, &setup);
	}
}

static const struct ev_command commands[] = {
	{BUS_CMD_SESSION_LEASE, "", run_lease},
	{BUS_CMD_SESSION_REPORT, "", run_report},
	{BUS_CMD_SESSION_RESUME, "", run_resume},
};

static const char *const events[] = {BUS_EV_SESSION_SETUP, BUS_EV_SESSION_CLOSE};

static const struct ev_table table = {
	.commands = commands,
	.n_commands = sizeof(commands) / sizeof(*commands),
	.events = events,
	.n_events = sizeof(events) / sizeof(*events),
};

/* Nothing is said to it: the next engine may know more. */
static void free_guest(struct link *k)
{
	if (k->conn)
		ev_conn_free(k->conn);
	if (k->resume)
		ev_call_done(k->resume);
	list_del(&k->guest);
	free(k);
}

/* pppd is about to exit, or the plugin has gone mad: pppd's end is the monitor's news. */
static void on_closed(void *ctx, struct ev_conn *conn, int err)
{
	struct link *k = ctx;

	(void)conn;
	if (err != -ERR_CLOSED)
		log_warn(PPP, "bus-lost", "sid=%u: %s", k->sid, err_text(err));
	k->conn = NULL;
	if (!k->sid)
		free_guest(k);
}

static struct link *link_new(struct links *l, uint16_t sid, int fd)
{
	struct link *k = calloc(1, sizeof(*k));

	if (!k) {
		close(fd);
		return NULL;
	}
	*k = (struct link){.links = l, .sid = sid, .up_since = USEC_NEVER};
	list_init(&k->guest);
	k->conn = ev_attach(l->base, fd, &table, on_closed, k);
	if (k->conn)
		return k;
	free(k);
	return NULL;
}

/* Without memory it is turned away, and calls again. */
static void on_guest(void *ctx, int fd)
{
	struct links *l = ctx;
	struct link *k = link_new(l, 0, fd);

	if (k)
		list_add(&l->guests, &k->guest);
}

struct links *links_new(struct event_base *base, const struct links_conf *conf)
{
	struct links *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->base = base;
	l->conf = *conf;
	list_init(&l->guests);
	return l;
}

void links_free(struct links *l)
{
	if (!l)
		return;
	for (unsigned int sid = 0; sid < N_SESSIONS; sid++)
		links_close(l, (uint16_t)sid);
	list_each (node, &l->guests)
		free_guest(container_of(node, struct link, guest));
	door_close(l->door);
	free(l);
}

int links_listen(struct links *l, int fd)
{
	l->door = door_open(l->base, fd, on_guest, l);
	return l->door ? 0 : -ENOMEM;
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
	int err = send_setup(fd, setup);
	struct link *k;

	if (err) {
		close(fd);
		return err;
	}
	k = link_new(l, sid, fd);
	if (!k)
		return -ENOMEM;
	k->setup = *setup;
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

void links_answer(struct links *l)
{
	if (l->door)
		door_answer(l->door);
	list_each (node, &l->guests)
		ev_conn_drain(container_of(node, struct link, guest)->conn);
}

void links_drain(struct links *l, uint16_t sid)
{
	struct link *k;

	links_answer(l); /* it may have said them at the door */
	k = l->by_sid[sid];
	if (k && k->conn)
		ev_conn_drain(k->conn);
}

void links_close(struct links *l, uint16_t sid)
{
	struct link *k;

	links_started(l, sid); /* or it has none, which settles it as well */
	k = l->by_sid[sid];
	if (!k)
		return;
	l->by_sid[sid] = NULL;
	if (k->conn)
		ev_conn_free(k->conn);
	free(k);
}
