/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VICI's transport: a 32-bit length, a packet type, for some types a name, then a message.  Takes
 * bytes as they come off a stream and gives whole packets; pure.
 */
#ifndef LIB_BUS_FRAME_H
#define LIB_BUS_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"

#define FRAME_MAX     (512 * 1024) /* of one packet, as in VICI */
#define FRAME_HDR_LEN 4

enum frame_type {
	FRAME_CMD_REQUEST = 0, /* named */
	FRAME_CMD_RESPONSE = 1,
	FRAME_CMD_UNKNOWN = 2,
	FRAME_EVENT_REGISTER = 3,   /* named */
	FRAME_EVENT_UNREGISTER = 4, /* named */
	FRAME_EVENT_CONFIRM = 5,
	FRAME_EVENT_UNKNOWN = 6,
	FRAME_EVENT = 7, /* named */
};

/* One packet.  Views point into the buffer it was parsed from. */
struct frame {
	enum frame_type type;
	struct view name; /* of named types, 1 to 255 bytes, none of them zero; else empty */
	struct view msg;  /* the message; may be empty */
};

/*
 * Parse the packet (without its length) `packet`.  -EBADMSG: unknown type or bad name.  The message
 * is not looked into.
 */
int frame_parse(struct view packet, struct frame *ret);

/*
 * Look for a whole packet at the start of `bytes`.  1: found, `*ret` is it without its length and
 * `*ret_used` says how many bytes it took in all; 0: more bytes are needed, and `*ret_used` says
 * how many it will take, as far as is known; -EMSGSIZE: its length is zero or above `max`, the
 * stream is lost.
 */
int frame_split(struct view bytes, size_t max, struct view *ret, size_t *ret_used);

/*
 * Write length, type, name (when the type has one; else NULL) and the message.  Returns the number
 * of bytes.  -EMSGSIZE: does not fit `cap`, or is above FRAME_MAX; -EINVAL: the name is not of 1 to
 * 255 bytes.
 */
int frame_build(void *buf, size_t cap, enum frame_type type, const char *name, struct view msg);

/* True for the types that carry a name. */
bool frame_has_name(enum frame_type type);

#endif
