/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The monitor and the pppds of a dry run.  A session asks for its lease as soon as it has been set
 * up, reports to be up, and ends when it is told to; see lib/bus/README.md.  On the bus a few small
 * packets move through empty socket buffers, so what cannot be sent at once is a session lost.
 */
#include "l2tpd/ppp/standin.h"

#include <errno.h>
#include <event2/event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "l2tpd/ppp/request.h"
#include "lib/base/list.h"
#include "lib/bus/frame.h"
#include "lib/bus/msg.h"
#include "lib/bus/names.h"
#include "lib/bus/record.h"

#define SESSION_IDS 65536
#define PACKET_MAX  4096
#define USER        "dry-run"

/* As wait() has it: pppd's exit status 5, "terminated by a signal" (pppd(8)), and 10, "failed". */
#define STATUS_TERM (5 << 8)
#define STATUS_FAIL (10 << 8)

struct actor {
	struct standin *standin;
	struct event *event;
	struct bus_setup setup;
	uint32_t generation;
	uint16_t sid;
	int fd; /* the session's bus */
};

/* An answer that the engine's socket had no room for. */
struct unsent {
	struct list node;
	struct answer answer;
};

struct standin {
	struct event_base *base;
	struct event *readable, *writable;
	int fd;             /* to the engine */
	struct list unsent; /* in the order to be sent */
	struct actor *actors[SESSION_IDS];
};

static void free_actor(struct actor *a)
{
	a->standin->actors[a->sid] = NULL;
	if (a->event)
		event_free(a->event);
	close(a->fd);
	free(a);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct standin *s = arg;

	(void)what;
	list_each (node, &s->unsent) {
		struct unsent *u = container_of(node, struct unsent, node);

		if (answer_send(fd, &u->answer) == -EAGAIN) {
			event_add(s->writable, NULL);
			return;
		}
		list_del(node);
		free(u);
	}
}

/* Without memory an answer is lost, as it would be with a monitor in that state. */
static void answer(struct standin *s, enum answer_kind kind, const struct request *r, int32_t value)
{
	struct unsent *u = calloc(1, sizeof(*u));

	if (!u)
		return;
	u->answer = (struct answer){
		.kind = kind,
		.generation = r->generation,
		.value = value,
		.sid = r->sid,
	};
	list_add(&s->unsent, &u->node);
	if (!event_pending(s->writable, EV_WRITE, NULL))
		on_writable(s->fd, 0, s);
}

static void end(struct actor *a, int32_t status)
{
	struct standin *s = a->standin;
	struct request r = {.sid = a->sid, .generation = a->generation};

	free_actor(a);
	answer(s, ANSWER_EXITED, &r, status);
}

/* 0, or a negative code. */
static int say(const struct actor *a, const char *command, const struct bus_record *record,
	       const void *obj)
{
	uint8_t bytes[PACKET_MAX], packet[PACKET_MAX];
	struct msg_out m;
	struct view msg;
	int len;

	msg_init(&m, bytes, sizeof(bytes));
	bus_write(&m, record, obj);
	if (msg_done(&m, &msg))
		return -EMSGSIZE;
	len = frame_build(packet, sizeof(packet), FRAME_CMD_REQUEST, command, msg);
	if (len < 0)
		return len;
	return send(a->fd, packet, (size_t)len, MSG_DONTWAIT | MSG_NOSIGNAL) == len ? 0 : -EAGAIN;
}

static int report_up(const struct actor *a, const struct addr *ip)
{
	struct bus_report r = {
		.state = "up", .user = USER, .auth = "none", .peer_ip = *ip, .mtu = a->setup.mtu};

	snprintf(r.ifname, sizeof(r.ifname), "none");
	return say(a, BUS_CMD_SESSION_REPORT, &bus_report_record, &r);
}

static void report_failure(const struct actor *a, const char *why)
{
	struct bus_report r = {.state = "down", .user = USER, .stage = "lease"};

	snprintf(r.reason, sizeof(r.reason), "%s", why);
	(void)say(a, BUS_CMD_SESSION_REPORT, &bus_report_record, &r);
}

/* What the session was told first.  With local authentication the lease is in it. */
static int set_up(struct actor *a, struct view msg)
{
	struct bus_grant ask = {.user = USER};

	if (bus_read(msg, &bus_setup_record, &a->setup))
		return -EBADMSG;
	if (a->setup.peer_ip.family)
		return report_up(a, &a->setup.peer_ip);
	return say(a, BUS_CMD_SESSION_LEASE, &bus_grant_record, &ask);
}

/* The answer to a lease has an address or says why not; that to a report is empty. */
static int answered(const struct actor *a, struct view msg)
{
	struct bus_grant grant;

	if (bus_read(msg, &bus_grant_record, &grant))
		return -EBADMSG;
	if (grant.peer_ip.family)
		return report_up(a, &grant.peer_ip);
	if (!grant.errmsg[0])
		return 0;
	report_failure(a, grant.errmsg);
	return -ENOSPC;
}

static int take(struct actor *a, struct view packet)
{
	struct frame f;

	if (frame_parse(packet, &f))
		return -EBADMSG;
	if (f.type == FRAME_CMD_RESPONSE)
		return answered(a, f.msg);
	if (f.type != FRAME_EVENT)
		return -EBADMSG;
	if (view_is(f.name, BUS_EV_SESSION_SETUP))
		return set_up(a, f.msg);
	return view_is(f.name, BUS_EV_SESSION_CLOSE) ? -ESHUTDOWN : 0;
}

static void on_bus(evutil_socket_t fd, short what, void *arg)
{
	uint8_t bytes[PACKET_MAX];
	ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	struct view left = {bytes, n > 0 ? (size_t)n : 0}, packet;
	struct actor *a = arg;
	size_t used;
	int err = n > 0 ? 0 : -ENOTCONN;

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	/* The engine writes whole packets into a buffer that has room: none is cut. */
	while (!err && left.len) {
		err = frame_split(left, sizeof(bytes), &packet, &used) > 0 ? take(a, packet)
									   : -EBADMSG;
		left.p += used;
		left.len -= used;
	}
	if (err)
		end(a, err == -ESHUTDOWN ? STATUS_TERM : STATUS_FAIL);
}

static void start(struct standin *s, const struct request *r, int bus_fd)
{
	struct actor *a = s->actors[r->sid] ? NULL : calloc(1, sizeof(*a));

	if (!a) {
		close(bus_fd);
		answer(s, ANSWER_FAILED, r, ENOMEM);
		return;
	}
	*a = (struct actor){.standin = s, .generation = r->generation, .sid = r->sid, .fd = bus_fd};
	s->actors[r->sid] = a;
	a->event = event_new(s->base, bus_fd, EV_READ | EV_PERSIST, on_bus, a);
	if (!a->event || event_add(a->event, NULL)) {
		free_actor(a);
		answer(s, ANSWER_FAILED, r, ENOMEM);
		return;
	}
	answer(s, ANSWER_STARTED, r, getpid());
}

static void serve(struct standin *s, const struct request *r, const int *fds, size_t n_fds)
{
	struct actor *a = s->actors[r->sid];

	if (r->op == REQUEST_START && n_fds == REQUEST_START_FDS) {
		close(fds[0]); /* the session of plane_null.c: it leads nowhere */
		start(s, r, fds[1]);
	} else if (r->op == REQUEST_START) {
		answer(s, ANSWER_FAILED, r, EMFILE);
	} else if (r->op != REQUEST_READY && a && a->generation == r->generation) {
		end(a, STATUS_TERM);
	}
}

static void on_request(evutil_socket_t fd, short what, void *arg)
{
	int fds[REQUEST_START_FDS];
	struct standin *s = arg;
	struct request r;
	size_t n_fds;
	int len;

	(void)what;
	while ((len = request_receive(fd, &r, fds, &n_fds)) > 0 || len == -EMFILE)
		serve(s, &r, fds, n_fds);
}

struct standin *standin_new(struct event_base *base, int fd)
{
	struct standin *s = calloc(1, sizeof(*s));

	if (!s) {
		close(fd);
		return NULL;
	}
	s->base = base;
	s->fd = fd;
	list_init(&s->unsent);
	s->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_request, s);
	s->writable = event_new(base, fd, EV_WRITE, on_writable, s);
	if (!s->readable || !s->writable || event_add(s->readable, NULL)) {
		standin_free(s);
		return NULL;
	}
	return s;
}

void standin_free(struct standin *s)
{
	if (!s)
		return;
	for (size_t sid = 0; sid < SESSION_IDS; sid++)
		if (s->actors[sid])
			free_actor(s->actors[sid]);
	list_each (node, &s->unsent)
		free(container_of(node, struct unsent, node));
	if (s->readable)
		event_free(s->readable);
	if (s->writable)
		event_free(s->writable);
	close(s->fd);
	free(s);
}
