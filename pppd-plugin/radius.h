/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/radius inside pppd's loop: one connected UDP socket, one timer, one request at a time. */
#ifndef PPPD_PLUGIN_RADIUS_H
#define PPPD_PLUGIN_RADIUS_H

#include "lib/bus/record.h"
#include "lib/radius/client.h"

/*
 * The end of a request.  `reply`: the answer's attributes (empty without answer) and `why`, for
 * people; both valid during the call.
 */
typedef void radius_done_fn(enum radius_result result, struct view reply, const char *why);

/* Attributes that every Access-Request of this session has. */
void radius_describe(struct radius_attrs *attrs, const struct bus_setup *setup);

/*
 * Ask the servers of `conf`, which must stay.  `attrs` is copied.  `done` is called once, maybe
 * before this returns, unless radius_cancel() comes first.
 */
void radius_ask(const struct radius_conf *conf, const struct radius_attrs *attrs,
		radius_done_fn *done);

/* Forget the request, if there is one. */
void radius_cancel(void);

#endif
