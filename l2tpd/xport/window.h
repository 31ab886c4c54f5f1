/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many messages may be under way: the peer's window, and within it slow start and congestion
 * avoidance as in RFC 2661 appendix A.  Counts only; knows no message and no time.
 */
#ifndef L2TPD_XPORT_WINDOW_H
#define L2TPD_XPORT_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

struct window {
	uint16_t peer;      /* what the peer takes, at least 1 */
	uint16_t size;      /* what we dare, 1 to `peer` */
	uint16_t threshold; /* slow start up to here */
	uint16_t credit;    /* acknowledged since `size` last grew, beyond the threshold */
};

#define WINDOW_DEFAULT 4    /* of a peer that names none: RFC 2661 4.4.3 */
#define WINDOW_MAX     1024 /* more than this is never under way, whatever the peer offers */

void window_init(struct window *w, uint16_t peer);

/* May one more leave while `flying` are not acknowledged? */
bool window_open(const struct window *w, unsigned int flying);

/* `n` messages were acknowledged. */
void window_acked(struct window *w, unsigned int n);

/* A message had to be sent again. */
void window_lost(struct window *w);

#endif
