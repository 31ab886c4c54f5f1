/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bus connection of one session; see link.h. */
#include "pppd-plugin/link.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/bus/frame.h"
#include "lib/bus/msg.h"
#include "lib/bus/names.h"
#include "pppd-plugin/dial.h"
#include "pppd-plugin/outbox.h"
#include "pppd-plugin/wake.h"

#define SETUP_WAIT (5 * USEC_PER_S)
/* For another engine: the monitor may have waited half a minute before it started one. */
#define AWAY_MAX   (120 * USEC_PER_S)
#define DIAL_PAUSE (1 * USEC_PER_S) /* when too many dial, or the last connection was no good */

static struct {
	int fd; /* -1: gone */
	const struct link_calls *calls;
	struct bus_setup
		setup; /* as l2tpd said it; without `bus` the first connection is the last */
	struct wake wake;
	bool away;    /* the session has no engine: its last one is gone, no other has answered */
	bool told_up; /* an engine has heard that the session came up */
	char refusal[BUS_TEXT_LEN]; /* why l2tpd does not take the session back; "": it may */
	uint8_t in[OUTBOX_PACKET_MAX];
	size_t in_len;
	struct outbox out; /* the first one is on its way when `asked` */
	size_t sent;       /* bytes of it that are out */
	bool asked;
	bool told_closed;
} link_ = {.fd = -1};

static void redial(void *ctx);
static void on_away_too_long(void *ctx);

static void end_session(const char *why)
{
	if (!link_.told_closed) {
		link_.told_closed = true;
		link_.calls->closed(why);
	}
}

static void hang_up(void)
{
	if (link_.fd < 0)
		return;
	wake_del(&link_.wake);
	close(link_.fd);
	link_.fd = -1;
	link_.in_len = 0;
}

/* No more connection, and none to come. */
static void give_up(const char *why)
{
	wake_at(redial, NULL, USEC_NEVER);
	wake_at(on_away_too_long, NULL, USEC_NEVER);
	link_.setup.bus[0] = '\0';
	end_session(why);
}

static void on_away_too_long(void *ctx)
{
	char why[BUS_TEXT_LEN];

	(void)ctx;
	snprintf(why, sizeof(why), "l2tpd is gone, and did not come back within %u s",
		 (unsigned int)(AWAY_MAX / USEC_PER_S));
	hang_up();
	give_up(why);
}

/* The connection is of no use any more: go on with another one, or end. */
static void lost(const char *why)
{
	bool was_away = link_.away;

	hang_up();
	if (link_.refusal[0])
		why = link_.refusal;
	if (link_.refusal[0] || !link_.setup.bus[0]) {
		give_up(why);
		return;
	}
	link_.away = true;
	/* A question needs its answer; all else a new connection begins with. */
	outbox_keep(&link_.out, OUTBOX_LEASE);
	link_.sent = 0;
	link_.asked = false;
	if (was_away) {
		wake_at(redial, NULL, clock_now() + DIAL_PAUSE);
		return;
	}
	wake_at(on_away_too_long, NULL, clock_now() + AWAY_MAX);
	redial(NULL);
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

/* 0: it is out; -EAGAIN: the rest follows at the next wake; else the socket is broken. */
static int send_first(void)
{
	const struct outbox_command *c = outbox_first(&link_.out);
	ssize_t n;

	while (link_.sent < c->len) {
		n = send(link_.fd, c->bytes + link_.sent, c->len - link_.sent,
			 MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			link_.sent += (size_t)n;
	}
	return 0;
}

static void shift(void)
{
	outbox_shift(&link_.out);
	link_.sent = 0;
	link_.asked = false;
}

/* Send the next command if none is on its way. */
static void pump(void)
{
	if (link_.fd < 0)
		return;
	if (link_.out.n) {
		link_.asked = true;
		(void)send_first(); /* a broken socket reads as gone */
	}
	/* While no engine runs an answer takes long: it rings, or is found now and then. */
	wake_await(&link_.wake, link_.asked && !link_.away);
}

/* An engine has taken the session back, or does not want it. */
static void resumed(const struct frame *f)
{
	struct bus_grant answer;

	if (f->type == FRAME_CMD_UNKNOWN || bus_read(f->msg, &bus_grant_record, &answer))
		snprintf(answer.errmsg, sizeof(answer.errmsg), "it does not know how");
	if (answer.errmsg[0]) {
		snprintf(link_.refusal, sizeof(link_.refusal),
			 "l2tpd has started anew without this session: %.*s",
			 (int)sizeof(link_.refusal) / 2, answer.errmsg);
		return;
	}
	link_.away = false;
	wake_at(on_away_too_long, NULL, USEC_NEVER);
}

static void leased(const struct frame *f)
{
	struct bus_grant grant = {0};

	if (f->type == FRAME_CMD_UNKNOWN)
		snprintf(grant.errmsg, sizeof(grant.errmsg), "l2tpd does not know leases");
	else if (bus_read(f->msg, &bus_grant_record, &grant))
		snprintf(grant.errmsg, sizeof(grant.errmsg),
			 "l2tpd's answer is not a lease: are plugin and l2tpd of one version?");
	link_.calls->leased(&grant);
}

static void answered(const struct frame *f)
{
	enum outbox_kind kind;

	if (!link_.asked)
		return;
	kind = outbox_first(&link_.out)->kind;
	shift();
	switch (kind) {
	case OUTBOX_RESUME: resumed(f); break;
	case OUTBOX_LEASE: leased(f); break;
	case OUTBOX_UP: link_.told_up = true; break;
	case OUTBOX_REPORT: break;
	}
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
	else if (err != -EAGAIN || link_.refusal[0])
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
	link_.setup = *ret;
	wake_add(&link_.wake, fd, on_readable, NULL);
	if (link_.in_len)
		wake_at(on_readable, NULL, clock_now());
	return 0;
}

void link_ask_lease(const struct bus_grant *ask)
{
	if (outbox_add(&link_.out, OUTBOX_LEASE, BUS_CMD_SESSION_LEASE, &bus_grant_record, ask))
		pump();
}

static enum outbox_kind kind_of(const struct bus_report *report)
{
	return report->up_since_us ? OUTBOX_UP : OUTBOX_REPORT;
}

void link_report(const struct bus_report *report)
{
	/* Without a connection there is nothing to tell: the next one begins with all there is. */
	if (link_.fd >= 0 && outbox_add(&link_.out, kind_of(report), BUS_CMD_SESSION_REPORT,
					&bus_report_record, report))
		pump();
}

/* Everything that l2tpd has to know again, before the question that is left. */
static void introduce(void)
{
	struct bus_setup setup = link_.setup;
	struct bus_report report;

	link_.calls->recall(&setup, &report);
	report.again = link_.told_up;
	outbox_add_first(&link_.out, kind_of(&report), BUS_CMD_SESSION_REPORT, &bus_report_record,
			 &report);
	outbox_add_first(&link_.out, OUTBOX_RESUME, BUS_CMD_SESSION_RESUME, &bus_setup_record,
			 &setup);
}

static void redial(void *ctx)
{
	char why[BUS_TEXT_LEN];
	int fd = dial(link_.setup.bus);

	(void)ctx;
	if (fd == -EAGAIN) {
		wake_at(redial, NULL, clock_now() + DIAL_PAUSE);
		return;
	}
	if (fd < 0) {
		snprintf(why, sizeof(why), "l2tpd is gone (%s)", err_text(fd));
		give_up(why);
		return;
	}
	link_.fd = fd;
	introduce();
	wake_add(&link_.wake, fd, on_readable, NULL);
	pump();
}

void link_finish(void)
{
	link_.told_closed = true; /* it ends as it is */
	if (link_.fd < 0 && link_.setup.bus[0])
		redial(NULL);
	while (link_.fd >= 0 && link_.out.n) {
		int err = send_first();

		if (err == -EAGAIN)
			return;
		if (err)
			lost("l2tpd is gone"); /* in this very moment, or nobody has looked */
		else
			shift();
	}
}
