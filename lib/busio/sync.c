/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A blocking client of the bus; see sync.h. */
#include "lib/busio/sync.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/list.h"
#include "lib/bus/frame.h"
#include "lib/bus/msg.h"

#define READ_BYTES 16384

/* An event kept for sync_next(). */
struct kept {
	struct list node;
	size_t name_len, msg_len;
	uint8_t bytes[]; /* name, then message */
};

struct sync {
	int fd;
	int err; /* the connection is of no more use */
	usec_t wait;
	uint8_t *in; /* received: the first `used` bytes are what was returned last */
	size_t used, len, cap;
	struct list events;
	struct kept *current; /* what sync_next() returned last */
};

/* A deadline `wait` from now. */
static usec_t after(usec_t wait)
{
	usec_t now = clock_now();

	return wait > USEC_NEVER - now ? USEC_NEVER : now + wait;
}

/* Wait until the socket can do `events`: 0 or -ETIMEDOUT. */
static int wait_for(const struct sync *s, short events, usec_t deadline)
{
	struct pollfd p = {.fd = s->fd, .events = events};
	struct timespec ts;
	int r;

	do {
		usec_t now = clock_now(), left = deadline > now ? deadline - now : 0;

		ts = (struct timespec){(time_t)(left / USEC_PER_S),
				       (long)(left % USEC_PER_S) * 1000};
		r = ppoll(&p, 1, deadline == USEC_NEVER ? NULL : &ts, NULL);
	} while (r < 0 && errno == EINTR);
	return r > 0 ? 0 : r ? -errno : -ETIMEDOUT;
}

static int send_all(struct sync *s, const uint8_t *p, size_t len, usec_t deadline)
{
	while (len) {
		ssize_t n = send(s->fd, p, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		int r = 0;

		if (n > 0) {
			p += n;
			len -= (size_t)n;
		} else if (errno == EAGAIN) {
			r = wait_for(s, POLLOUT, deadline);
		} else if (errno != EINTR) {
			r = -ERR_CLOSED;
		}
		if (r)
			return r;
	}
	return 0;
}

static int send_packet(struct sync *s, enum frame_type type, const char *name, struct view msg,
		       usec_t deadline)
{
	size_t cap = FRAME_HDR_LEN + 2 + strlen(name) + msg.len;
	uint8_t *buf = malloc(cap);
	int r;

	if (!buf)
		return -ENOMEM;
	r = frame_build(buf, cap, type, name, msg);
	if (r >= 0) {
		r = send_all(s, buf, (size_t)r, deadline);
		s->err = r;
	}
	free(buf);
	return r;
}

/* Receive some more bytes: 0, or a failure. */
static int receive(struct sync *s, usec_t deadline)
{
	ssize_t n;

	if (s->cap - s->len < READ_BYTES) {
		size_t cap = 2 * s->cap + READ_BYTES;
		uint8_t *in = realloc(s->in, cap);

		if (!in)
			return -ENOMEM;
		s->in = in;
		s->cap = cap;
	}
	while ((n = recv(s->fd, s->in + s->len, s->cap - s->len, MSG_DONTWAIT)) < 0) {
		int r = 0;

		if (errno == EAGAIN)
			r = wait_for(s, POLLIN, deadline);
		else if (errno != EINTR)
			r = -ERR_CLOSED;
		if (r)
			return r;
	}
	s->len += (size_t)n;
	return n ? 0 : -ERR_CLOSED;
}

/* The next packet, valid until the next call: 0, or a failure. */
static int next_packet(struct sync *s, struct frame *ret, usec_t deadline)
{
	struct view packet;
	int r;

	if (s->used) {
		s->len -= s->used;
		memmove(s->in, s->in + s->used, s->len);
		s->used = 0;
	}
	while (!(r = frame_split((struct view){s->in, s->len}, FRAME_MAX, &packet, &s->used))) {
		s->used = 0;
		r = receive(s, deadline);
		if (r)
			return r;
	}
	if (r < 0 || frame_parse(packet, ret) || msg_check(ret->msg))
		return -EBADMSG;
	return 0;
}

/* A copy of a packet, in no list; NULL: no memory. */
static struct kept *kept_new(const struct frame *f)
{
	struct kept *k = malloc(sizeof(*k) + f->name.len + f->msg.len);
	struct wr out;

	if (!k)
		return NULL;
	list_init(&k->node);
	k->name_len = f->name.len;
	k->msg_len = f->msg.len;
	wr_init(&out, k->bytes, f->name.len + f->msg.len);
	wr_bytes(&out, f->name.p, f->name.len);
	wr_bytes(&out, f->msg.p, f->msg.len);
	return k;
}

static int keep(struct sync *s, const struct frame *f)
{
	struct kept *k = kept_new(f);

	if (!k)
		return -ENOMEM;
	list_add(&s->events, &k->node);
	return 0;
}

struct stream {
	const char *name;
	sync_event_fn *event;
	void *ctx;
};

/*
 * Send a packet and wait for `answer`; -ERR_UNKNOWN when `unknown` comes instead.  Events that come
 * before go to `stream`, if they are its, else they are kept.
 */
static int transact(struct sync *s, enum frame_type type, const char *name, struct view msg,
		    enum frame_type answer, enum frame_type unknown, const struct stream *stream,
		    struct view *ret)
{
	usec_t deadline = after(s->wait);
	struct frame f;
	int r = s->err;

	if (!r)
		r = send_packet(s, type, name, msg, deadline);
	if (r)
		return r;
	do {
		r = next_packet(s, &f, deadline);
		if (r || f.type != FRAME_EVENT)
			continue;
		if (stream && view_is(f.name, stream->name))
			stream->event(stream->ctx, f.name, f.msg);
		else
			r = keep(s, &f);
	} while (!r && f.type == FRAME_EVENT);
	if (!r && f.type == unknown)
		return -ERR_UNKNOWN;
	if (!r && f.type != answer)
		r = -EBADMSG;
	s->err = r;
	if (!r)
		*ret = f.msg;
	return r;
}

int sync_request(struct sync *s, const char *name, struct view msg, struct view *ret)
{
	return transact(s, FRAME_CMD_REQUEST, name, msg, FRAME_CMD_RESPONSE, FRAME_CMD_UNKNOWN,
			NULL, ret);
}

static int change_registration(struct sync *s, enum frame_type type, const char *event)
{
	struct view nothing;

	return transact(s, type, event, (struct view){0}, FRAME_EVENT_CONFIRM, FRAME_EVENT_UNKNOWN,
			NULL, &nothing);
}

int sync_register(struct sync *s, const char *event)
{
	return change_registration(s, FRAME_EVENT_REGISTER, event);
}

int sync_unregister(struct sync *s, const char *event)
{
	return change_registration(s, FRAME_EVENT_UNREGISTER, event);
}

int sync_list(struct sync *s, const char *name, struct view msg, const char *stream,
	      sync_event_fn *event, void *ctx, struct view *ret)
{
	struct stream to = {stream, event, ctx};
	struct frame f = {0};
	struct kept *answer;
	int r, err;

	r = sync_register(s, stream);
	if (r)
		return r;
	r = transact(s, FRAME_CMD_REQUEST, name, msg, FRAME_CMD_RESPONSE, FRAME_CMD_UNKNOWN, &to,
		     &f.msg);
	if (r && r != -ERR_UNKNOWN)
		return r;
	/* The answer has to outlive the packet that follows. */
	answer = kept_new(&f);
	if (!answer)
		return -ENOMEM;
	free(s->current);
	s->current = answer;
	err = sync_unregister(s, stream);
	if (err)
		return err;
	if (!r)
		*ret = (struct view){answer->bytes, answer->msg_len};
	return r;
}

int sync_next(struct sync *s, usec_t wait, struct view *ret_name, struct view *ret_msg)
{
	usec_t deadline = after(wait);
	struct frame f;
	int r = s->err;

	if (!list_empty(&s->events)) {
		free(s->current);
		s->current = container_of(s->events.next, struct kept, node);
		list_del(&s->current->node);
		*ret_name = (struct view){s->current->bytes, s->current->name_len};
		*ret_msg = (struct view){s->current->bytes + s->current->name_len,
					 s->current->msg_len};
		return 0;
	}
	if (!r)
		r = next_packet(s, &f, deadline);
	if (r == -ETIMEDOUT)
		return r;
	if (!r && f.type != FRAME_EVENT)
		r = -EBADMSG;
	s->err = r;
	if (r)
		return r;
	*ret_name = f.name;
	*ret_msg = f.msg;
	return 0;
}

int sync_fd(const struct sync *s)
{
	return s->fd;
}

int sync_attach(int fd, usec_t wait, struct sync **ret)
{
	struct sync *s = calloc(1, sizeof(*s));

	if (!s) {
		close(fd);
		return -ENOMEM;
	}
	s->fd = fd;
	s->wait = wait;
	list_init(&s->events);
	*ret = s;
	return 0;
}

int sync_open(const char *path, usec_t wait, struct sync **ret)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	struct timeval tv = {.tv_sec = (time_t)(wait / USEC_PER_S),
			     .tv_usec = (suseconds_t)(wait % USEC_PER_S)};
	int fd, r;

	if (strlen(path) >= sizeof(sun.sun_path))
		return -ENAMETOOLONG;
	strcpy(sun.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	/* With a full backlog connect() waits as long as a send would. */
	if (wait != USEC_NEVER)
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	while (connect(fd, (const struct sockaddr *)&sun, sizeof(sun))) {
		if (errno == EINTR)
			continue;
		r = errno == EAGAIN ? -ETIMEDOUT : -errno;
		close(fd);
		return r;
	}
	return sync_attach(fd, wait, ret);
}

void sync_free(struct sync *s)
{
	if (!s)
		return;
	list_each (node, &s->events)
		free(container_of(node, struct kept, node));
	free(s->current);
	free(s->in);
	close(s->fd);
	free(s);
}
