/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What outlives an engine: its sockets, so that the kernel's tunnels live on and nothing that comes
 * is lost, and the memory in which it writes down what it must not forget.  Nothing is read here.
 */
#ifndef L2TPD_MONITOR_KEEP_H
#define L2TPD_MONITOR_KEEP_H

#include <stddef.h>

#include "l2tpd/ppp/request.h"

struct keep {
	int state_fd;         /* a memfd; -1: none yet */
	int *fds[KEPT_COUNT]; /* by id: the descriptor + 1; 0: none.  NULL: none of this kind */
	unsigned int n;       /* sockets */
};

void keep_init(struct keep *k);

/* Close everything; it is as after keep_init(). */
void keep_clear(struct keep *k);

/*
 * Keep the socket `fd`, which is taken over, in place of the one of this kind and id.  -ENOTSOCK;
 * -ENOMEM.
 */
int keep_take(struct keep *k, enum kept kind, uint16_t id, int fd);
void keep_drop(struct keep *k, enum kept kind, uint16_t id);

/* The memory, empty when it is first asked for; stays ours.  A negative errno: there is none. */
int keep_state(struct keep *k);

/*
 * The socket at *kind and *id or the next one after them, which they name then; stays ours.  -1: no
 * more.  Begin with KEPT_NONE and 0.
 */
int keep_find(const struct keep *k, unsigned int *kind, size_t *id);

#endif
