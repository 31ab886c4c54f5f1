/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Client side of ev.h: connects, registers, lists, then follows; again and again.
 * At each moment at most one packet is on its way that wants an answer; the timer runs either for
 * that answer or for the next attempt to connect.
 */
#include "lib/busio/ev.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/list.h"
#include "lib/busio/io.h"

enum state {
	CLIENT_AWAY,        /* not connected; the timer says when to try */
	CLIENT_REGISTERING, /* waiting for the confirmation of events[n_registered] */
	CLIENT_LISTING,
	CLIENT_READY, /* the first request, if any, is on its way */
};

struct request {
	struct list node;
	ev_answer_fn *answer;
	void *ctx;
	struct view msg; /* behind the name */
	char name[];
};

struct ev_client {
	struct event_base *base;
	const struct ev_client_conf *conf;
	enum state state;
	size_t n_registered;
	struct bufferevent *bev; /* NULL: away */
	bool waiting;            /* for the answer to what was sent last */
	struct event *timer;
	struct list requests;
	unsigned int n_requests;
};

static void set_timer(struct ev_client *c, time_t seconds)
{
	struct timeval tv = {.tv_sec = seconds};

	event_add(c->timer, &tv);
}

/* Answer the oldest request and forget it. */
static void answer_first(struct ev_client *c, int err, struct view msg)
{
	struct request *r = container_of(c->requests.next, struct request, node);

	list_del(&r->node);
	c->n_requests--;
	if (r->answer)
		r->answer(r->ctx, err, msg);
	free(r);
}

static void disconnect(struct ev_client *c, int err)
{
	c->state = CLIENT_AWAY;
	if (c->bev)
		bufferevent_free(c->bev);
	c->bev = NULL;
	c->waiting = false;
	while (!list_empty(&c->requests))
		answer_first(c, err, (struct view){0});
}

static void fail(struct ev_client *c, int err)
{
	disconnect(c, -ERR_CLOSED);
	set_timer(c, EV_RETRY_S);
	c->conf->gone(c->conf->ctx, err);
}

/*
 * Send the next packet that wants an answer, if there is one.  A failure shows as a missing answer:
 * only memory can be short here.
 */
static void send_next(struct ev_client *c)
{
	const struct ev_client_conf *conf = c->conf;
	struct request *r = container_of(c->requests.next, struct request, node);

	if (c->waiting)
		return;
	if (c->state == CLIENT_REGISTERING)
		io_send(c->bev, FRAME_EVENT_REGISTER, conf->events[c->n_registered],
			(struct view){0});
	else if (c->state == CLIENT_LISTING)
		io_send(c->bev, FRAME_CMD_REQUEST, conf->list, (struct view){0});
	else if (!list_empty(&c->requests))
		io_send(c->bev, FRAME_CMD_REQUEST, r->name, r->msg);
	else
		return;
	c->waiting = true;
	set_timer(c, EV_ANSWER_S);
}

/* The answer is here. */
static void received(struct ev_client *c)
{
	c->waiting = false;
	event_del(c->timer);
}

/* What comes after the events registered so far. */
static void step(struct ev_client *c)
{
	const struct ev_client_conf *conf = c->conf;

	c->state = CLIENT_REGISTERING;
	if (c->n_registered == conf->n_events) {
		c->state = conf->list ? CLIENT_LISTING : CLIENT_READY;
		conf->connected(conf->ctx);
	}
	send_next(c);
}

static int on_response(struct ev_client *c, int err, struct view msg)
{
	if (!c->waiting || c->state == CLIENT_REGISTERING)
		return -EBADMSG;
	received(c);
	if (c->state == CLIENT_READY) {
		answer_first(c, err, msg);
	} else {
		if (err)
			return err;
		c->state = CLIENT_READY;
		c->conf->listed(c->conf->ctx, msg);
	}
	send_next(c);
	return 0;
}

static int on_packet(struct ev_client *c, const struct frame *f)
{
	switch (f->type) {
	case FRAME_EVENT:
		/* What comes before the list is in the list. */
		if (c->state >= CLIENT_LISTING)
			c->conf->event(c->conf->ctx, f->name, f->msg);
		return 0;
	case FRAME_EVENT_CONFIRM:
	case FRAME_EVENT_UNKNOWN: /* an older server: it will do without */
		if (c->state != CLIENT_REGISTERING)
			return -EBADMSG;
		received(c);
		c->n_registered++;
		step(c);
		return 0;
	case FRAME_CMD_RESPONSE: return on_response(c, 0, f->msg);
	case FRAME_CMD_UNKNOWN: return on_response(c, -ERR_UNKNOWN, (struct view){0});
	default: return -EBADMSG;
	}
}

static void on_input(struct bufferevent *bev, void *arg)
{
	struct ev_client *c = arg;
	struct frame f;
	size_t used;
	int r;

	while ((r = io_packet(bev, &f, &used)) > 0) {
		r = on_packet(c, &f);
		if (r)
			break;
		evbuffer_drain(bufferevent_get_input(bev), used);
	}
	if (r < 0)
		fail(c, r);
}

static void on_end(struct bufferevent *bev, short what, void *arg)
{
	(void)bev;
	fail(arg, what & BEV_EVENT_TIMEOUT ? -ETIMEDOUT : -ERR_CLOSED);
}

/* A connected socket, or why not.  On UNIX sockets connect() succeeds or fails at once. */
static int connect_to(const char *path)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd, r;

	if (strlen(path) >= sizeof(sun.sun_path))
		return -ENAMETOOLONG;
	strcpy(sun.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (!connect(fd, (const struct sockaddr *)&sun, sizeof(sun)))
		return fd;
	r = -errno;
	close(fd);
	return r;
}

static void try_connect(struct ev_client *c)
{
	struct timeval stall = {.tv_sec = EV_STALL_S};
	int fd = connect_to(c->conf->path);

	if (fd < 0) {
		fail(c, fd);
		return;
	}
	c->bev = bufferevent_socket_new(c->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!c->bev) {
		close(fd);
		fail(c, -ENOMEM);
		return;
	}
	bufferevent_setcb(c->bev, on_input, NULL, on_end, c);
	bufferevent_set_timeouts(c->bev, NULL, &stall);
	bufferevent_enable(c->bev, EV_READ);
	c->n_registered = 0;
	step(c);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct ev_client *c = arg;

	(void)fd, (void)what;
	if (c->state == CLIENT_AWAY)
		try_connect(c);
	else
		fail(c, -ETIMEDOUT);
}

struct ev_client *ev_client_new(struct event_base *base, const struct ev_client_conf *conf)
{
	struct ev_client *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->base = base;
	c->conf = conf;
	list_init(&c->requests);
	c->timer = evtimer_new(base, on_timer, c);
	if (!c->timer) {
		free(c);
		return NULL;
	}
	set_timer(c, 0);
	return c;
}

void ev_client_free(struct ev_client *c)
{
	if (!c)
		return;
	disconnect(c, -ECANCELED);
	event_free(c->timer);
	free(c);
}

int ev_client_request(struct ev_client *c, const char *name, struct view msg, ev_answer_fn *answer,
		      void *ctx)
{
	size_t name_len = strlen(name) + 1;
	struct request *r;

	if (name_len == 1 || name_len > 256 || msg.len > FRAME_MAX - 512)
		return -EINVAL;
	if (c->state < CLIENT_LISTING)
		return -ENOTCONN;
	if (c->n_requests == EV_REQUESTS_MAX)
		return -ENOBUFS;
	r = malloc(sizeof(*r) + name_len + msg.len);
	if (!r)
		return -ENOMEM;
	r->answer = answer;
	r->ctx = ctx;
	memcpy(r->name, name, name_len);
	if (msg.len)
		memcpy(r->name + name_len, msg.p, msg.len);
	r->msg = (struct view){(const uint8_t *)r->name + name_len, msg.len};
	list_add(&c->requests, &r->node);
	c->n_requests++;
	if (c->state == CLIENT_READY)
		send_next(c);
	return 0;
}
