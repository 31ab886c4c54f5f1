/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strangers whose SCCRQ was answered, and who have not shown yet that they hear us: a table of
 * fixed size, in which a new one takes the place of an old one, so that any number of forged
 * SCCRQs takes no memory.  Each place has a tunnel id, which a tunnel takes over when it is proved.
 */
#ifndef L2TPD_FSM_PENDING_H
#define L2TPD_FSM_PENDING_H

#include "l2tpd/fsm/ids.h"
#include "l2tpd/fsm/ports.h"
#include "l2tpd/wire/auth.h"
#include "lib/base/buf.h"
#include "lib/base/list.h"
#include "lib/base/map.h"

#define PENDING_SCCRQ_MAX 384 /* bytes; those that are sent have about 120 */

struct pending;

struct pending_slot {
	struct map_node node; /* while somebody is here */
	struct list list;     /* of those, oldest first; or of the free ones */
	struct path path;
	uint16_t tid; /* ours; 0: there was none */
	uint16_t peer_tid;
	uint16_t len;                          /* of `sccrq`; 0: nobody is here */
	uint8_t challenge[AUTH_CHALLENGE_LEN]; /* of ours, for this one */
	uint8_t sccrq[PENDING_SCCRQ_MAX];
};

/* Room for `n`, with ids out of `tids`, which must outlive it.  NULL: no memory. */
struct pending *pending_new(size_t n, struct ids *tids);
void pending_free(struct pending *p);

/*
 * The place of the stranger on this path that calls its tunnel `peer_tid`: the one that it has, or
 * a new one for this SCCRQ, with another challenge.  NULL: the SCCRQ is too long, no id is free, or
 * no memory.
 */
struct pending_slot *pending_add(struct pending *p, const struct path *path, uint16_t peer_tid,
				 struct view sccrq, usec_t now);

/* The place with this id of ours, if somebody is there, or NULL. */
struct pending_slot *pending_find(struct pending *p, uint16_t tid);

/* Its id belongs to a tunnel from now on, or to nobody; the place gets another. */
void pending_leave(struct pending *p, struct pending_slot *slot, usec_t now);

#endif
