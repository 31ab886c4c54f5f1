/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets of the bus through a bufferevent; what both halves of ev.h share. */
#ifndef LIB_BUSIO_IO_H
#define LIB_BUSIO_IO_H

#include <stddef.h>

#include "lib/bus/frame.h"

struct bufferevent;

/* Queue one packet.  -ENOMEM, or what frame_build() says. */
int io_send(struct bufferevent *bev, enum frame_type type, const char *name, struct view msg);

/*
 * Look at the packet at the front of the input: 1, and `ret` is valid until the `*ret_used` bytes
 * are drained; 0: not yet whole; -EBADMSG: the stream is broken, or the message in the packet.
 */
int io_packet(struct bufferevent *bev, struct frame *ret, size_t *ret_used);

/* Bytes that wait to be written. */
size_t io_queued(struct bufferevent *bev);

#endif
