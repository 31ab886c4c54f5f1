/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The socket at which pppds call that have lost their engine.  The monitor makes it once and keeps
 * it: while no engine runs they connect all the same, and wait in its backlog.
 */
#ifndef L2TPD_PPP_DOOR_H
#define L2TPD_PPP_DOOR_H

#include <stddef.h>

struct event_base;
struct door;

#define DOOR_PATH_LEN 108 /* sun_path of unix(7) */

/* Somebody has connected: `fd` is the callee's. */
typedef void door_guest_fn(void *ctx, int fd);

/* The name of the socket, beside the administration socket `admin`.  -ENAMETOOLONG. */
int door_path(const char *admin, char *ret, size_t cap);

/*
 * Listen at `path`, for our own user only, in place of what is there: it was for pppds that run no
 * more.  A descriptor, or a negative errno.
 */
int door_make(const char *path);

/* Where the listening socket `fd` is.  A negative errno. */
int door_name(int fd, char *ret, size_t cap);

/* Accept at the listening socket `fd`, which is taken over, also on failure.  NULL: no memory. */
struct door *door_open(struct event_base *base, int fd, door_guest_fn *guest, void *ctx);
void door_close(struct door *d);

/* Let in at once all who wait. */
void door_answer(struct door *d);

#endif
