/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Datagrams that leave one unconnected socket together, in one system call for many.  Inside net/
 * only.
 */
#ifndef L2TPD_NET_OUTBOX_H
#define L2TPD_NET_OUTBOX_H

#include <stddef.h>

#include "lib/base/addr.h"

struct outbox;

/* Longer datagrams do not fit: no control message of ours comes near. */
#define OUTBOX_LEN_MAX 1280

struct outbox *outbox_new(void); /* NULL: no memory */
void outbox_free(struct outbox *o);

/*
 * Keep a copy of a datagram from the address `local` to `peer`.  It leaves with outbox_send(), at
 * the latest when the box is full; all in it leave by the same socket.  -EMSGSIZE.
 */
int outbox_add(struct outbox *o, int fd, const struct addr *local, const struct addr *peer,
	       const void *bytes, size_t len);

/* Send what is in the box.  What the kernel does not take is lost, as on the network. */
void outbox_send(struct outbox *o);

#endif
