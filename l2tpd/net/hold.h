/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Datagrams that came through an SA before charon's plugin has told of it: a client may send its
 * SCCRQ the moment the SA is installed.  They wait here for a moment.  Pure; bounded.
 */
#ifndef L2TPD_NET_HOLD_H
#define L2TPD_NET_HOLD_H

#include <stddef.h>
#include <stdint.h>

#include "l2tpd/fsm/ports.h"

#define HOLD_MAX   64               /* datagrams; the oldest makes room */
#define HOLD_BYTES 1024             /* of one datagram; longer ones are not held */
#define HOLD_TIME  (2 * USEC_PER_S) /* after it, the SA will not be told of any more */

struct hold;

/* Gets a datagram out of the hold; may call hold_add(). */
typedef void hold_fn(void *ctx, const struct path *from, const void *bytes, size_t len);

struct hold *hold_new(void);
void hold_free(struct hold *h);

/* Keep a copy.  -EMSGSIZE: too long.  Otherwise the time when hold_expire() is due is now +
 * HOLD_TIME. */
int hold_add(struct hold *h, const struct path *from, const void *bytes, size_t len, usec_t now);

/* Take out all datagrams with this mark, oldest first.  O(HOLD_MAX). */
void hold_take(struct hold *h, uint32_t mark, hold_fn *fn, void *ctx);

/* Take out all that have waited for HOLD_TIME.  Returns when the next one will, or USEC_NEVER. */
usec_t hold_expire(struct hold *h, usec_t now, hold_fn *fn, void *ctx);

#endif
