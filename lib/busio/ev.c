/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Server side of ev.h: connections, their commands and events, and the listening socket.
 * A connection that has gone wrong gets `err` and is freed from the loop only, when its input has
 * been used up and its command is answered: so a last report is never lost, and nobody is called
 * back out of the blue.
 */
#include "lib/busio/ev.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/list.h"
#include "lib/base/log.h"
#include "lib/bus/msg.h"
#include "lib/busio/io.h"

#define BUSY_BYTES (64 * 1024) /* no next command while more than this waits to be written */
#define BACKLOG    64
#define EVENTS_MAX 64

struct ev_conn {
	struct list node;         /* in its server's list */
	struct ev_server *server; /* NULL: attached */
	struct bufferevent *bev;
	const struct ev_table *table;
	void *ctx;
	ev_closed_fn *closed;
	struct ev_call *call; /* not yet answered */
	uint64_t registered;  /* bit i: events[i] of the table */
	size_t owed;          /* of the queue: answers that it got at once, not its slowness */
	struct ucred cred;
	int err;     /* why it ends; 0: it lives */
	bool inside; /* one of its handlers runs */
	bool freed;  /* by ev_conn_free(), meanwhile */
};

struct ev_call {
	struct ev_conn *conn; /* NULL: gone */
	const struct ev_command *command;
};

struct ev_server {
	struct list conns;
	unsigned int n_conns;
	unsigned int listeners[EVENTS_MAX]; /* how many have registered for events[i] */
	struct event_base *base;
	const struct ev_table *table;
	void *ctx;
	gid_t group;
	struct evconnlistener *listener;
	struct event *resume; /* listening again, after a pause */
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	struct stat file; /* the socket file we made */
	struct log_limit limit;
};

/*
 * Events and registration
 */

static int find_event(const struct ev_table *table, struct view name)
{
	for (size_t i = 0; i < table->n_events; i++)
		if (view_is(name, table->events[i]))
			return (int)i;
	return -ENOENT;
}

static void set_registered(struct ev_conn *conn, uint64_t registered)
{
	uint64_t changed = conn->registered ^ registered;

	conn->registered = registered;
	if (!conn->server)
		return;
	for (size_t i = 0; i < conn->table->n_events; i++) {
		if (!(changed >> i & 1))
			continue;
		if (registered >> i & 1)
			conn->server->listeners[i]++;
		else
			conn->server->listeners[i]--;
	}
}

/*
 * The end of a connection
 */

static void conn_destroy(struct ev_conn *conn)
{
	set_registered(conn, 0);
	if (conn->call)
		conn->call->conn = NULL;
	if (conn->server) {
		list_del(&conn->node);
		conn->server->n_conns--;
	}
	bufferevent_free(conn->bev);
	free(conn);
}

/* Try once to write what is queued, then destroy. */
static void conn_flush(struct ev_conn *conn)
{
	struct evbuffer *out = bufferevent_get_output(conn->bev);

	/* A bufferevent keeps others from taking out of its buffer; it takes nothing any more. */
	evbuffer_unfreeze(out, 1);
	if (!conn->err)
		evbuffer_write(out, bufferevent_getfd(conn->bev));
	conn_destroy(conn);
}

static void log_end(struct ev_conn *conn, size_t queued)
{
	unsigned int dropped;

	if (conn->err == -ERR_CLOSED || !log_limit(&conn->server->limit, clock_now(), &dropped))
		return;
	if (conn->err == -ENOBUFS)
		log_warn(API, "slow-reader", "path=%s pid=%d uid=%u queued=%zu left-out=%u",
			 conn->server->path, conn->cred.pid, conn->cred.uid, queued, dropped);
	else
		log_warn(API, "client-dropped", "path=%s pid=%d uid=%u reason=\"%s\" left-out=%u",
			 conn->server->path, conn->cred.pid, conn->cred.uid, err_text(conn->err),
			 dropped);
}

/* Look at the connection again, from the loop. */
static void wake(struct ev_conn *conn)
{
	bufferevent_trigger(conn->bev, EV_READ,
			    BEV_TRIG_DEFER_CALLBACKS | BEV_TRIG_IGNORE_WATERMARKS);
}

/* The connection ends; nothing is sent any more. */
static void doom(struct ev_conn *conn, int err)
{
	struct evbuffer *in = bufferevent_get_input(conn->bev);

	if (conn->err)
		return;
	conn->err = err;
	set_registered(conn, 0);
	if (conn->server)
		log_end(conn, io_queued(conn->bev));
	bufferevent_disable(conn->bev, EV_READ | EV_WRITE);
	if (err == -EBADMSG)
		evbuffer_drain(in, evbuffer_get_length(in));
	wake(conn);
}

/*
 * Sending
 */

static void conn_send(struct ev_conn *conn, enum frame_type type, const char *name, struct view msg)
{
	int r;

	if (conn->err)
		return;
	r = io_send(conn->bev, type, name, msg);
	if (r)
		doom(conn, r);
}

/* The length of the queue; what the peer has read counts against what it was owed first. */
static size_t queue_len(struct ev_conn *conn)
{
	size_t queued = io_queued(conn->bev);

	if (queued < conn->owed)
		conn->owed = queued;
	return queued;
}

/* Send what the peer has asked for: it may be as long as it is. */
static void send_owed(struct ev_conn *conn, enum frame_type type, const char *name, struct view msg)
{
	size_t before = queue_len(conn);

	conn_send(conn, type, name, msg);
	conn->owed += io_queued(conn->bev) - before;
}

/* Send what just happens: the peer has to keep up with it. */
static void send_event(struct ev_conn *conn, const char *event, struct view msg)
{
	if (queue_len(conn) - conn->owed > EV_QUEUE_MAX)
		doom(conn, -ENOBUFS);
	conn_send(conn, FRAME_EVENT, event, msg);
}

/* `obj` as a message in `buf`. */
static struct view record_msg(const struct bus_record *record, const void *obj,
			      uint8_t buf[static BUS_RECORD_MAX])
{
	struct msg_out out;
	struct view msg = {0};

	msg_init(&out, buf, BUS_RECORD_MAX);
	bus_write(&out, record, obj);
	(void)msg_done(&out, &msg); /* cannot fail: every record fits */
	return msg;
}

void ev_conn_event(struct ev_conn *conn, const char *event, struct view msg)
{
	send_event(conn, event, msg);
}

void ev_conn_event_record(struct ev_conn *conn, const char *event, const struct bus_record *record,
			  const void *obj)
{
	uint8_t buf[BUS_RECORD_MAX];

	ev_conn_event(conn, event, record_msg(record, obj, buf));
}

bool ev_has_listeners(const struct ev_server *s, const char *event)
{
	int i = find_event(s->table, view_str(event));

	return i >= 0 && s->listeners[i];
}

void ev_tell(struct ev_server *s, const char *event, struct view msg)
{
	int i = find_event(s->table, view_str(event));

	if (i < 0 || !s->listeners[i])
		return;
	list_each (node, &s->conns) {
		struct ev_conn *conn = container_of(node, struct ev_conn, node);

		if (conn->registered >> i & 1)
			send_event(conn, event, msg);
	}
}

void ev_tell_record(struct ev_server *s, const char *event, const struct bus_record *record,
		    const void *obj)
{
	uint8_t buf[BUS_RECORD_MAX];

	if (ev_has_listeners(s, event))
		ev_tell(s, event, record_msg(record, obj, buf));
}

/*
 * Calls
 */

bool ev_call_event(struct ev_call *call, struct view msg)
{
	struct ev_conn *conn = call->conn;
	int i;

	if (!conn || conn->err)
		return false;
	i = find_event(conn->table, view_str(call->command->stream));
	if (i < 0 || !(conn->registered >> i & 1))
		return false;
	send_owed(conn, FRAME_EVENT, call->command->stream, msg);
	return !conn->err;
}

bool ev_call_event_record(struct ev_call *call, const struct bus_record *record, const void *obj)
{
	uint8_t buf[BUS_RECORD_MAX];

	return ev_call_event(call, record_msg(record, obj, buf));
}

void ev_call_answer(struct ev_call *call, struct view msg)
{
	struct ev_conn *conn = call->conn;

	free(call);
	if (!conn)
		return;
	conn->call = NULL;
	send_owed(conn, FRAME_CMD_RESPONSE, NULL, msg);
	if (!conn->inside)
		wake(conn);
}

void ev_call_answer_record(struct ev_call *call, const struct bus_record *record, const void *obj)
{
	uint8_t buf[BUS_RECORD_MAX];

	ev_call_answer(call, record_msg(record, obj, buf));
}

void ev_call_done(struct ev_call *call)
{
	ev_call_answer(call, (struct view){0});
}

void ev_call_fail(struct ev_call *call, const char *fmt, ...)
{
	char text[512];
	uint8_t buf[sizeof(text) + 64];
	struct msg_out out;
	struct view msg = {0};
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	msg_init(&out, buf, sizeof(buf));
	msg_flag(&out, "success", false);
	msg_str(&out, "errmsg", text);
	(void)msg_done(&out, &msg); /* cannot fail: the text has been cut to fit */
	ev_call_answer(call, msg);
}

struct ev_conn *ev_call_conn(const struct ev_call *call)
{
	return call->conn;
}

const struct ucred *ev_conn_cred(const struct ev_conn *conn)
{
	return &conn->cred;
}

/*
 * Receiving
 */

static int run_command(struct ev_conn *conn, const struct frame *f)
{
	const struct ev_command *command = conn->table->commands;
	const struct ev_command *end = command + conn->table->n_commands;
	struct ev_call *call;

	while (command < end && !view_is(f->name, command->name))
		command++;
	if (command == end) {
		conn_send(conn, FRAME_CMD_UNKNOWN, NULL, (struct view){0});
		return 0;
	}
	call = malloc(sizeof(*call));
	if (!call)
		return -ENOMEM;
	*call = (struct ev_call){conn, command};
	conn->call = call;
	command->run(conn->ctx, call, f->msg);
	return 0;
}

static void change_registration(struct ev_conn *conn, const struct frame *f)
{
	int i = find_event(conn->table, f->name);
	uint64_t bit = i < 0 ? 0 : UINT64_C(1) << i;
	bool on = f->type == FRAME_EVENT_REGISTER;

	/* Like charon, do not confirm the end of what had not begun. */
	if (!bit || (!on && !(conn->registered & bit))) {
		conn_send(conn, FRAME_EVENT_UNKNOWN, NULL, (struct view){0});
		return;
	}
	set_registered(conn, on ? conn->registered | bit : conn->registered & ~bit);
	conn_send(conn, FRAME_EVENT_CONFIRM, NULL, (struct view){0});
}

static int serve(struct ev_conn *conn, const struct frame *f)
{
	switch (f->type) {
	case FRAME_CMD_REQUEST: return run_command(conn, f);
	case FRAME_EVENT_REGISTER:
	case FRAME_EVENT_UNREGISTER: change_registration(conn, f); return 0;
	default: return -EBADMSG;
	}
}

/* Serve whole packets as long as there are any and none has to wait for its answer. */
static int serve_all(struct ev_conn *conn)
{
	struct frame f;
	size_t used;
	int r = 0;

	while (!conn->call && !conn->freed && (conn->err || io_queued(conn->bev) <= BUSY_BYTES)) {
		r = io_packet(conn->bev, &f, &used);
		if (r <= 0)
			break;
		conn->inside = true;
		r = serve(conn, &f);
		conn->inside = false;
		if (r)
			break;
		evbuffer_drain(bufferevent_get_input(conn->bev), used);
	}
	return r;
}

static void on_input(struct bufferevent *bev, void *arg)
{
	struct ev_conn *conn = arg;
	int r;

	(void)bev;
	r = serve_all(conn);
	if (conn->freed) {
		conn_flush(conn);
		return;
	}
	if (r < 0)
		doom(conn, r);
	if (!conn->err || conn->call)
		return;
	if (conn->closed)
		conn->closed(conn->ctx, conn, conn->err);
	conn_destroy(conn);
}

/* The peer has read something: it may be the next command's turn. */
static void on_output(struct bufferevent *bev, void *arg)
{
	if (evbuffer_get_length(bufferevent_get_input(bev)))
		on_input(bev, arg);
}

static void on_end(struct bufferevent *bev, short what, void *arg)
{
	(void)bev;
	doom(arg, what & BEV_EVENT_TIMEOUT ? -ENOBUFS : -ERR_CLOSED);
}

/* A connection over `fd`, which is taken over, also on failure. */
static struct ev_conn *conn_new(struct event_base *base, int fd, const struct ev_table *table,
				void *ctx)
{
	struct ev_conn *conn = calloc(1, sizeof(*conn));
	socklen_t len = sizeof(conn->cred);
	struct timeval stall = {.tv_sec = EV_STALL_S};

	if (!conn || evutil_make_socket_nonblocking(fd) || evutil_make_socket_closeonexec(fd) ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &conn->cred, &len))
		goto fail;
	conn->bev = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!conn->bev)
		goto fail;
	list_init(&conn->node);
	conn->table = table;
	conn->ctx = ctx;
	bufferevent_setcb(conn->bev, on_input, on_output, on_end, conn);
	bufferevent_setwatermark(conn->bev, EV_READ, 0, FRAME_HDR_LEN + FRAME_MAX);
	bufferevent_setwatermark(conn->bev, EV_WRITE, BUSY_BYTES, 0);
	bufferevent_set_timeouts(conn->bev, NULL, &stall);
	bufferevent_enable(conn->bev, EV_READ);
	return conn;
fail:
	free(conn);
	close(fd);
	return NULL;
}

struct ev_conn *ev_attach(struct event_base *base, int fd, const struct ev_table *table,
			  ev_closed_fn *closed, void *ctx)
{
	struct ev_conn *conn = conn_new(base, fd, table, ctx);

	if (!conn)
		return NULL;
	conn->closed = closed;
	conn->registered = UINT64_MAX;
	return conn;
}

void ev_conn_drain(struct ev_conn *conn)
{
	struct evbuffer *in = bufferevent_get_input(conn->bev);

	if (conn->err)
		return;
	/* A bufferevent keeps others from adding to its buffer, too. */
	evbuffer_unfreeze(in, 0);
	while (evbuffer_get_length(in) < FRAME_HDR_LEN + FRAME_MAX &&
	       evbuffer_read(in, bufferevent_getfd(conn->bev), -1) > 0)
		;
	evbuffer_freeze(in, 0);
	on_input(conn->bev, conn);
}

void ev_conn_free(struct ev_conn *conn)
{
	if (!conn)
		return;
	conn->freed = true;
	if (!conn->inside)
		conn_flush(conn);
}

/*
 * Listening
 */

/* May this peer use the server? */
static bool admitted(const struct ev_server *s, int fd, const struct ucred *cred)
{
	gid_t groups[256];
	socklen_t len = sizeof(groups);

	if (s->group == (gid_t)-1 || cred->uid == 0 || cred->uid == geteuid() ||
	    cred->gid == s->group)
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len))
		return false;
	for (size_t i = 0; i < len / sizeof(groups[0]); i++)
		if (groups[i] == s->group)
			return true;
	return false;
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *sa,
		      int len, void *arg)
{
	struct ev_server *s = arg;
	struct ev_conn *conn = conn_new(s->base, fd, s->table, s->ctx);
	const char *reason = NULL;
	unsigned int dropped;

	(void)listener, (void)sa, (void)len;
	if (!conn)
		return;
	conn->server = s;
	list_add(&s->conns, &conn->node);
	s->n_conns++;
	if (s->n_conns > EV_CLIENTS_MAX)
		reason = "too many clients";
	else if (!admitted(s, fd, &conn->cred))
		reason = "neither root nor in the socket's group";
	if (!reason)
		return;
	if (log_limit(&s->limit, clock_now(), &dropped))
		log_warn(API, "client-refused", "path=%s pid=%d uid=%u reason=\"%s\" left-out=%u",
			 s->path, conn->cred.pid, conn->cred.uid, reason, dropped);
	conn_destroy(conn);
}

/* Out of descriptors or memory: what waits in the backlog is accepted a second later. */
static void on_accept_error(struct evconnlistener *listener, void *arg)
{
	struct ev_server *s = arg;
	struct timeval pause = {.tv_sec = 1};
	int err = errno;
	unsigned int dropped;

	if (log_limit(&s->limit, clock_now(), &dropped))
		log_warn(API, "accept-paused", "path=%s reason=\"%s\" left-out=%u", s->path,
			 err_text(err), dropped);
	evconnlistener_disable(listener);
	event_add(s->resume, &pause);
}

static void on_resume(evutil_socket_t fd, short what, void *arg)
{
	struct ev_server *s = arg;

	(void)fd, (void)what;
	evconnlistener_enable(s->listener);
}

/* Make room for a socket file at `sun`: 0, or why there is none. */
static int clear_path(const struct sockaddr_un *sun)
{
	struct stat st;
	int fd, r;

	if (lstat(sun->sun_path, &st))
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	r = connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) ? errno : 0;
	close(fd);
	if (r == ECONNREFUSED)
		return unlink(sun->sun_path) ? -errno : 0;
	/* EAGAIN: it listens, with a full backlog. */
	return r && r != EAGAIN ? -r : -EADDRINUSE;
}

/*
 * A listening socket.  Nobody can connect before listen(), which comes last: so there is no moment
 * with another mode or group than asked for.
 */
static int open_socket(const struct ev_server_conf *conf, struct stat *ret_file)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd, r;

	if (strlen(conf->path) >= sizeof(sun.sun_path))
		return -ENAMETOOLONG;
	strcpy(sun.sun_path, conf->path);
	r = clear_path(&sun);
	if (r)
		return r;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&sun, sizeof(sun))) {
		r = -errno;
		close(fd);
		return r;
	}
	if (chown(conf->path, (uid_t)-1, conf->group) || chmod(conf->path, conf->mode) ||
	    stat(conf->path, ret_file) || listen(fd, BACKLOG)) {
		r = -errno;
		unlink(conf->path);
		close(fd);
		return r;
	}
	return fd;
}

/* One that another process has made; what else connects there would be no news. */
static int adopt_socket(const struct ev_server_conf *conf, struct stat *ret_file)
{
	struct sockaddr_un sun = {0};
	socklen_t len = sizeof(sun);

	if (!getsockname(conf->fd, (struct sockaddr *)&sun, &len) &&
	    !strncmp(sun.sun_path, conf->path, sizeof(sun.sun_path)) && !stat(conf->path, ret_file))
		return conf->fd;
	close(conf->fd);
	return open_socket(conf, ret_file);
}

int ev_server_new(struct event_base *base, const struct ev_server_conf *conf,
		  const struct ev_table *table, void *ctx, struct ev_server **ret)
{
	struct ev_server *s = calloc(1, sizeof(*s));
	int fd;

	if (!s)
		return -ENOMEM;
	fd = conf->fd ? adopt_socket(conf, &s->file) : open_socket(conf, &s->file);
	if (fd < 0) {
		free(s);
		return fd;
	}
	list_init(&s->conns);
	s->base = base;
	s->table = table;
	s->ctx = ctx;
	s->group = conf->group;
	s->limit.burst = 10;
	strcpy(s->path, conf->path);
	s->resume = evtimer_new(base, on_resume, s);
	s->listener = s->resume ? evconnlistener_new(base, on_accept, s,
						     LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC,
						     0, fd)
				: NULL;
	if (!s->listener) {
		close(fd);
		ev_server_free(s);
		return -ENOMEM;
	}
	evconnlistener_set_error_cb(s->listener, on_accept_error);
	*ret = s;
	return 0;
}

int ev_server_fd(const struct ev_server *s)
{
	return evconnlistener_get_fd(s->listener);
}

void ev_server_free(struct ev_server *s)
{
	struct stat st;

	if (!s)
		return;
	list_each (node, &s->conns)
		conn_flush(container_of(node, struct ev_conn, node));
	if (s->listener)
		evconnlistener_free(s->listener);
	if (s->resume)
		event_free(s->resume);
	/* Somebody may have put a socket of his own there meanwhile. */
	if (!lstat(s->path, &st) && st.st_dev == s->file.st_dev && st.st_ino == s->file.st_ino)
		unlink(s->path);
	free(s);
}
