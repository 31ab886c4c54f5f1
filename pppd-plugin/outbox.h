/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands for l2tpd as packets, in order; the first one may be on its way.  Pure. */
#ifndef PPPD_PLUGIN_OUTBOX_H
#define PPPD_PLUGIN_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/bus/record.h"

#define OUTBOX_PACKET_MAX 4096 /* no record of a session comes near it */
#define OUTBOX_MAX        8

enum outbox_kind {
	OUTBOX_REPORT,
	OUTBOX_UP, /* a report that says when the session came up */
	OUTBOX_LEASE,
	OUTBOX_RESUME,
};

struct outbox_command {
	enum outbox_kind kind;
	size_t len;
	uint8_t bytes[OUTBOX_PACKET_MAX];
};

struct outbox {
	struct outbox_command commands[OUTBOX_MAX]; /* a ring */
	size_t first, n;
};

/* Add one behind, or before, the others.  False: there is no room for it. */
bool outbox_add(struct outbox *o, enum outbox_kind kind, const char *name,
		const struct bus_record *record, const void *obj);
bool outbox_add_first(struct outbox *o, enum outbox_kind kind, const char *name,
		      const struct bus_record *record, const void *obj);

/* The first one, or NULL; and drop it. */
const struct outbox_command *outbox_first(const struct outbox *o);
void outbox_shift(struct outbox *o);

/* Drop all that are of other kinds. */
void outbox_keep(struct outbox *o, enum outbox_kind kind);

#endif
