/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bus connection of one session; see link.h. */
#include "pppd-plugin/link.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/bus/frame.h"
#include "lib/bus/msg.h"
#include "lib/bus/names.h"
#include "pppd-plugin/wake.h"

#define PACKET_MAX 4096 /* of ours and of l2tpd's: no record of a session comes near it */
#define QUEUE_MAX  8
#define SETUP_WAIT (5 * USEC_PER_S)

struct command {
	bool is_lease;
	size_t len;
	uint8_t bytes[PACKET_MAX];
};

static struct {
	int fd; /* -1: gone */
	const struct link_calls *calls;
	struct wake wake;
	uint8_t in[PACKET_MAX];
	size_t in_len;
	struct command queue[QUEUE_MAX]; /* a ring; the first one is on its way when `asked` */
	size_t first, n;
	size_t sent; /* bytes of the first one that are out */
	bool asked;
	bool told_closed;
} link_ = {.fd = -1};

static void end_session(const char *why)
{
	if (!link_.told_closed) {
		link_.told_closed = true;
		link_.calls->closed(why);
	}
}

static void lost(const char *why)
{
	/* The descriptor stays open: its end tells l2tpd that pppd is gone. */
	wake_del(&link_.wake);
	link_.fd = -1;
	end_session(why);
}

/* Read what is there.  0, -EAGAIN, -ERR_CLOSED or another error. */
static int fill(void)
{
	ssize_t n;

	do
		n = recv(link_.fd, link_.in + link_.in_len, sizeof(link_.in) - link_.in_len,
			 MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	link_.in_len += (size_t)n;
	return n ? 0 : -ERR_CLOSED;
}

/* The next whole packet: 1, 0, or -EBADMSG.  It is valid until drop(*ret_used). */
static int next_packet(struct frame *ret, size_t *ret_used)
{
	struct view packet;
	int r;

	r = frame_split((struct view){link_.in, link_.in_len}, sizeof(link_.in) - FRAME_HDR_LEN,
			&packet, ret_used);
	if (r > 0 && frame_parse(packet, ret))
		r = -EBADMSG;
	return r < 0 ? -EBADMSG : r;
}

static void drop(size_t used)
{
	link_.in_len -= used;
	memmove(link_.in, link_.in + used, link_.in_len);
}

static void send_first(void)
{
	const struct command *c = &link_.queue[link_.first];
	ssize_t n;

	while (link_.sent < c->len) {
		n = send(link_.fd, c->bytes + link_.sent, c->len - link_.sent,
			 MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return; /* the rest follows at the next wake; a broken socket reads as gone
				 */
		link_.sent += (size_t)n;
	}
}

static void shift(void)
{
	link_.first = (link_.first + 1) % QUEUE_MAX;
	link_.n--;
	link_.sent = 0;
	link_.asked = false;
}

/* Send the next command if none is on its way. */
static void pump(void)
{
	if (link_.fd < 0)
		return;
	if (link_.n) {
		link_.asked = true;
		send_first();
	}
	wake_await(&link_.wake, link_.asked);
}

static void answered(const struct frame *f)
{
	struct bus_grant grant = {0};
	bool is_lease;

	if (!link_.asked)
		return;
	is_lease = link_.queue[link_.first].is_lease;
	shift();
	if (!is_lease)
		return;
	if (f->type == FRAME_CMD_UNKNOWN)
		snprintf(grant.errmsg, sizeof(grant.errmsg), "l2tpd does not know leases");
	else if (bus_read(f->msg, &bus_grant_record, &grant))
		snprintf(grant.errmsg, sizeof(grant.errmsg),
			 "l2tpd's answer is not a lease: are plugin and l2tpd of one version?");
	link_.calls->leased(&grant);
}

static void event(const struct frame *f)
{
	struct bus_close close_msg;

	if (!view_is(f->name, BUS_EV_SESSION_CLOSE))
		return;
	if (bus_read(f->msg, &bus_close_record, &close_msg) || !close_msg.reason[0])
		snprintf(close_msg.reason, sizeof(close_msg.reason), "closed by l2tpd");
	end_session(close_msg.reason);
}

static void read_all(void)
{
	struct frame f;
	size_t used;
	int r, err;

	do {
		err = fill();
		while ((r = next_packet(&f, &used)) > 0) {
			if (f.type == FRAME_CMD_RESPONSE || f.type == FRAME_CMD_UNKNOWN)
				answered(&f);
			else if (f.type == FRAME_EVENT)
				event(&f);
			drop(used);
		}
	} while (!err && !r);
	if (r < 0)
		lost("l2tpd sent what is not a packet of the bus");
	else if (err != -EAGAIN)
		lost("l2tpd is gone");
	pump();
}

void link_look(void)
{
	static bool looking;

	/* What l2tpd says may lead to here again. */
	if (looking || link_.fd < 0)
		return;
	looking = true;
	read_all();
	looking = false;
}

static void on_readable(void *ctx)
{
	(void)ctx;
	link_look();
}

static int wait_readable(int fd, usec_t until)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	usec_t now = clock_now();
	int r;

	if (now >= until)
		return -ETIMEDOUT;
	r = poll(&p, 1, (int)((until - now) / USEC_PER_MS) + 1);
	return r < 0 && errno != EINTR ? -errno : 0;
}

int link_open(int fd, const struct link_calls *calls, struct bus_setup *ret)
{
	usec_t until = clock_now() + SETUP_WAIT;
	struct frame f;
	size_t used;
	int r;

	link_.fd = fd;
	link_.calls = calls;
	if (fcntl(fd, F_SETFD, FD_CLOEXEC))
		return -errno;
	while ((r = next_packet(&f, &used)) == 0) {
		r = fill();
		if (r == -EAGAIN)
			r = wait_readable(fd, until);
		if (r < 0)
			return r;
	}
	if (r < 0 || f.type != FRAME_EVENT || !view_is(f.name, BUS_EV_SESSION_SETUP) ||
	    bus_read(f.msg, &bus_setup_record, ret))
		return -EBADMSG;
	drop(used);
	wake_add(&link_.wake, fd, on_readable, NULL);
	if (link_.in_len)
		wake_at(on_readable, NULL, clock_now());
	return 0;
}

static void command(const char *name, const struct bus_record *record, const void *obj,
		    bool is_lease)
{
	struct command *c = &link_.queue[(link_.first + link_.n) % QUEUE_MAX];
	uint8_t bytes[PACKET_MAX];
	struct msg_out out;
	struct view msg;
	int len;

	if (link_.fd < 0 || link_.n == QUEUE_MAX)
		return;
	msg_init(&out, bytes, sizeof(bytes));
	bus_write(&out, record, obj);
	if (msg_done(&out, &msg))
		return;
	len = frame_build(c->bytes, sizeof(c->bytes), FRAME_CMD_REQUEST, name, msg);
	if (len < 0)
		return;
	c->len = (size_t)len;
	c->is_lease = is_lease;
	link_.n++;
	pump();
}

void link_ask_lease(const struct bus_grant *ask)
{
	command(BUS_CMD_SESSION_LEASE, &bus_grant_record, ask, true);
}

void link_report(const struct bus_report *report)
{
	command(BUS_CMD_SESSION_REPORT, &bus_report_record, report, false);
}

void link_finish(void)
{
	while (link_.fd >= 0 && link_.n) {
		size_t len = link_.queue[link_.first].len;

		send_first();
		if (link_.sent < len)
			return;
		shift();
	}
}
