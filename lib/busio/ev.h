/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bus over UNIX sockets inside a libevent loop: a server with its command table, the same over
 * one inherited socket, and a client that lists, then follows.  One thread; nothing here blocks.
 * It logs what it decides by itself (a client dropped, a socket paused) and nothing else.  The
 * process ignores SIGPIPE.
 */
#ifndef LIB_BUSIO_EV_H
#define LIB_BUSIO_EV_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/bus/record.h"

struct event_base;

struct ev_server; /* a listening socket and its clients */
struct ev_conn;   /* one connection, as its server sees it */
struct ev_call;   /* one command that waits for its answer */
struct ev_client; /* a connection to somebody else's server, made again when it breaks */

#define EV_CLIENTS_MAX  64        /* connections of one server; more are turned away */
#define EV_QUEUE_MAX    (1 << 20) /* bytes of events that a client may fall behind */
#define EV_STALL_S      30        /* ... and seconds without taking a single byte */
#define EV_RETRY_S      1         /* between two attempts of a client to connect */
#define EV_ANSWER_S     60        /* how long a client waits for one answer */
#define EV_REQUESTS_MAX 4096      /* requests of a client that wait for their turn */

/*
 * What a server offers
 */

/*
 * Run a command.  `msg` is well formed and valid during the call only; `ctx` is the one given to
 * ev_server_new() or ev_attach().  The callee owns `call` now: it answers exactly once, here or
 * later, before that as many ev_call_event() as it likes.
 */
typedef void ev_run_fn(void *ctx, struct ev_call *call, struct view msg);

struct ev_command {
	const char *name;
	const char *stream; /* the event that ev_call_event() sends; "": none */
	ev_run_fn *run;
};

/* Everything a server knows; constant, shared by any number of connections. */
struct ev_table {
	const struct ev_command *commands;
	size_t n_commands;
	const char *const *events; /* all that can be registered, streamed ones included */
	size_t n_events;           /* at most 64 */
};

/*
 * Answers
 */

/*
 * Send one streamed event, to the caller of this command only, and only if it has registered for
 * it, as VICI does.  False when the caller is gone or has not registered: the rest may be skipped.
 */
bool ev_call_event(struct ev_call *call, struct view msg);
bool ev_call_event_record(struct ev_call *call, const struct bus_record *record, const void *obj);

/*
 * Answer with a message, a record, nothing, or `success = no` and `errmsg`; all free `call`, also
 * when the caller is gone meanwhile.  They never call back.
 */
void ev_call_answer(struct ev_call *call, struct view msg);
void ev_call_answer_record(struct ev_call *call, const struct bus_record *record, const void *obj);
void ev_call_done(struct ev_call *call);
void ev_call_fail(struct ev_call *call, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The connection that the command came through, NULL when it is gone.  Borrowed. */
struct ev_conn *ev_call_conn(const struct ev_call *call);

/* Who is at the other end: SO_PEERCRED, as it was when the connection was made. */
const struct ucred *ev_conn_cred(const struct ev_conn *conn);

/*
 * Listening
 */

struct ev_server_conf {
	const char *path;
	mode_t mode; /* of the socket file */
	gid_t group; /* of the socket file; (gid_t)-1: as it comes */
	int fd;      /* a socket that listens there, taken over; 0: make one */
};

/*
 * Listen at `conf->path`.  A socket nobody listens on is replaced; -EADDRINUSE: somebody does;
 * -EEXIST: there is something else than a socket.  With a group, peers that are neither root, nor
 * our own user, nor in the group are turned away whatever the file's mode says.  `table` must stay.
 */
int ev_server_new(struct event_base *base, const struct ev_server_conf *conf,
		  const struct ev_table *table, void *ctx, struct ev_server **ret);

/* Its listening socket, which stays its own. */
int ev_server_fd(const struct ev_server *s);

/* Close all connections and remove the socket file.  Not from within one of its handlers. */
void ev_server_free(struct ev_server *s);

/* True when somebody has registered for `event`: ask before building it.  O(events). */
bool ev_has_listeners(const struct ev_server *s, const char *event);

/*
 * Send an event to all who have registered for it; nothing is built when nobody has.  A client that
 * does not read is dropped.  Never calls back.
 */
void ev_tell(struct ev_server *s, const char *event, struct view msg);
void ev_tell_record(struct ev_server *s, const char *event, const struct bus_record *record,
		    const void *obj);

/*
 * One inherited connection
 */

/*
 * The connection is gone: by the peer (-ERR_CLOSED), by an error or by its misbehaviour (-EBADMSG,
 * -ENOBUFS).  Not called for ev_conn_free().  `conn` is freed after the call.
 */
typedef void ev_closed_fn(void *ctx, struct ev_conn *conn, int err);

/*
 * Serve `table` on the connected socket `fd`, which is taken over, also on failure.  The peer
 * counts as registered for all events.  NULL: no memory.
 */
struct ev_conn *ev_attach(struct event_base *base, int fd, const struct ev_table *table,
			  ev_closed_fn *closed, void *ctx);

/* Send an event through this connection.  Never calls back. */
void ev_conn_event(struct ev_conn *conn, const char *event, struct view msg);
void ev_conn_event_record(struct ev_conn *conn, const char *event, const struct bus_record *record,
			  const void *obj);

/*
 * Serve at once what an attached connection's peer, which has ended, has still sent.  The handlers
 * run inside, `closed` perhaps too.  Not to be called from them.
 */
void ev_conn_drain(struct ev_conn *conn);

/*
 * Close an attached connection after one attempt to send what is queued.  Its open calls stay valid
 * until they are answered.  May be called from its own handlers, not from `closed`.
 */
void ev_conn_free(struct ev_conn *conn);

/*
 * Client
 */

/*
 * What a watcher is told, always in this order: connected, then events with `listed` somewhere
 * among them, then gone; and again from the start, as what happened in between is lost.
 */
struct ev_client_conf {
	const char *path;
	const char *const *events; /* registered at each connect, before the list */
	size_t n_events;
	const char *list; /* the command that gives the whole state; NULL: none */
	void *ctx;

	/* Registered; the list is about to come: mark what you know as doubtful. */
	void (*connected)(void *ctx);
	/* A streamed or other event.  Both views are valid during the call only. */
	void (*event)(void *ctx, struct view name, struct view msg);
	/* The list is complete: what is still doubtful is gone.  Not called without `list`. */
	void (*listed)(void *ctx, struct view msg);
	/*
	 * Cannot connect, or the connection is lost; it is tried again by itself.  Called at each
	 * failed attempt: log the change only.  -ERR_UNKNOWN: the other side lacks an event or the
	 * list.
	 */
	void (*gone)(void *ctx, int err);
};

/* Start connecting; the callbacks come from the loop only.  `conf` must stay.  NULL: no memory. */
struct ev_client *ev_client_new(struct event_base *base, const struct ev_client_conf *conf);

/*
 * Close it.  Requests not yet answered get -ECANCELED before this returns.  Not from within one of
 * its callbacks.
 */
void ev_client_free(struct ev_client *c);

/* The answer to a request: 0 and the message, or -ERR_UNKNOWN, -ERR_CLOSED, -ECANCELED. */
typedef void ev_answer_fn(void *ctx, int err, struct view msg);

/*
 * Queue a request; one is on its way at a time.  `msg` is copied.  `answer` (may be NULL) is called
 * exactly once, never before this returns.  -ENOTCONN while not connected; -ENOBUFS: too many wait;
 * -EINVAL: no packet can hold it; `answer` is not called then.
 */
int ev_client_request(struct ev_client *c, const char *name, struct view msg, ev_answer_fn *answer,
		      void *ctx);

#endif
