/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A blocking client of the bus, for programs that do one thing at a time (l2tpctl, tests).  Speaks
 * to our sockets and to charon's own VICI socket alike.
 */
#ifndef LIB_BUSIO_SYNC_H
#define LIB_BUSIO_SYNC_H

#include "lib/base/buf.h"
#include "lib/base/clock.h"

struct sync;

/*
 * Connect to the socket at `path`.  Every later call may take `wait` (USEC_NEVER: for ever).
 * Negative: errno of connect(), -ETIMEDOUT, -ENAMETOOLONG.
 */
int sync_open(const char *path, usec_t wait, struct sync **ret);

/* The same over the connected socket `fd`, which is taken over, also on failure. */
int sync_attach(int fd, usec_t wait, struct sync **ret);

/* Close it.  NULL is fine. */
void sync_free(struct sync *s);

/*
 * All calls below: -ETIMEDOUT; -ERR_CLOSED; -EBADMSG: the other side does not speak the protocol;
 * and after any of these three the connection is of no more use.  -ERR_UNKNOWN: it does not know
 * the command or event, and -EINVAL or -EMSGSIZE: no packet can hold this; the connection is fine.
 */

/* An event that came while a command ran; views are valid during the call only. */
typedef void sync_event_fn(void *ctx, struct view name, struct view msg);

/*
 * Run a command.  `*ret` is its answer, valid until the next call.  Events of others that come
 * meanwhile are kept for sync_next().
 */
int sync_request(struct sync *s, const char *name, struct view msg, struct view *ret);

/*
 * Run a command that streams: registers `stream`, gives each of these events to `event`, and
 * unregisters.
 */
int sync_list(struct sync *s, const char *name, struct view msg, const char *stream,
	      sync_event_fn *event, void *ctx, struct view *ret);

/* Register for, or no longer for, an event. */
int sync_register(struct sync *s, const char *event);
int sync_unregister(struct sync *s, const char *event);

/*
 * The next event, the oldest kept one first; waits at most `wait`.  Views are valid until the next
 * call.  -ETIMEDOUT from this call leaves the connection as it is.
 */
int sync_next(struct sync *s, usec_t wait, struct view *ret_name, struct view *ret_msg);

/* The socket, to poll for events together with other things.  First empty sync_next(s, 0, ...). */
int sync_fd(const struct sync *s);

#endif
