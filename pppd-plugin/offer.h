/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which authentication the peer is asked for, one at a time and in the order of the configuration:
 * pppd has an order of its own, with MD5 before MS-CHAPv2.  Pure; lcp.c joins it with pppd's LCP.
 */
#ifndef PPPD_PLUGIN_OFFER_H
#define PPPD_PLUGIN_OFFER_H

#include "pppd-plugin/auth.h"

#define OFFER_MAX 4

struct offer {
	const struct auth_method *methods[OFFER_MAX]; /* in their order */
	bool refused[OFFER_MAX];                      /* in this negotiation, or impossible */
	size_t n;
	const struct auth_method *now; /* what is asked for; NULL: the peer has refused them all */
};

/* Read words with commas between.  -EINVAL: an unknown word, or one twice. */
int offer_parse(struct offer *ret, const char *words);

/* A negotiation begins: the first method that is possible is asked for. */
void offer_begin(struct offer *o, bool (*is_possible)(const struct auth_method *m));

/*
 * The peer's answer, a Configure-Nak or, with `rejected`, a Configure-Reject (RFC 1661 5.3, 5.4):
 * `options` are all it holds.  Authentication is taken out, what is left goes to `ret`, which has
 * room for as much, and its length to `ret_len`.  What it says of authentication decides what is
 * asked for next: the method that it names, if that is one of ours it has not refused, else the
 * next in order.
 */
void offer_answered(struct offer *o, struct view options, bool rejected, uint8_t *ret,
		    size_t *ret_len);

#endif
