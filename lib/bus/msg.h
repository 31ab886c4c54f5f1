/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages in the format of strongSwan's VICI (src/libcharon/plugins/vici/README.md there):
 * sections, key/values and lists.  Building and walking; pure.  Framing and packet types are in
 * frame.h.
 */
#ifndef LIB_BUS_MSG_H
#define LIB_BUS_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"

#define MSG_DEPTH_MAX 16 /* nested sections; more is refused, both ways */

/* A message being built.  Errors stick: check msg_done() once at the end. */
struct msg_out {
	struct wr w;
	unsigned int depth; /* open sections */
	bool in_list;
	bool misuse; /* what was asked for is no message, whatever the room */
};

/* Start a message at `buf`, at most `cap` bytes, owned by the caller. */
void msg_init(struct msg_out *m, void *buf, size_t cap);

/* Open and close a section.  Names, here and below, are 1 to 255 bytes, none of them zero. */
void msg_section(struct msg_out *m, const char *name);
void msg_section_end(struct msg_out *m);

/* A key with a value: bytes (at most 65535), a C string, a number in decimal, yes or no. */
void msg_bytes(struct msg_out *m, const char *key, struct view value);
void msg_str(struct msg_out *m, const char *key, const char *value);
void msg_u64(struct msg_out *m, const char *key, uint64_t value);
void msg_flag(struct msg_out *m, const char *key, bool value);

/* Open a list, add an item, close the list.  Lists hold items only. */
void msg_list(struct msg_out *m, const char *name);
void msg_item(struct msg_out *m, struct view value);
void msg_list_end(struct msg_out *m);

/* The finished message, a view of the buffer.  -EMSGSIZE: did not fit; -EINVAL: misuse. */
int msg_done(const struct msg_out *m, struct view *ret);

/* The element types of the wire format */
enum msg_type {
	MSG_SECTION = 1,
	MSG_SECTION_END = 2,
	MSG_KEY = 3,
	MSG_LIST = 4,
	MSG_ITEM = 5,
	MSG_LIST_END = 6,
};

/* One element.  Views point into the message. */
struct msg_el {
	enum msg_type type;
	unsigned int depth; /* of the section that holds it; 0: top level */
	struct view name;   /* of a section, key or list */
	struct view value;  /* of a key or item */
};

/* Walking a message; the walker checks the nesting as it goes. */
struct msg_in {
	struct rd in;
	unsigned int depth;
	bool in_list;
};

/* Start at the first element of `msg`, which must stay valid for the walk. */
void msg_walk(struct msg_in *m, struct view msg);

/* The next element: 1, 0 at the proper end, -EBADMSG when the message is broken. */
int msg_next(struct msg_in *m, struct msg_el *ret);

/*
 * The value of the key at `path`, section names and key divided by '.': "child-sas.l2tp-1.mark-in".
 * The first one counts; a name that holds a '.' is out of reach.  0, -ENOENT, or -EBADMSG when the
 * message is broken before the key is met.
 */
int msg_find(struct view msg, const char *path, struct view *ret);

/* 0 when the message is well formed to its end, else -EBADMSG. */
int msg_check(struct view msg);

#endif
