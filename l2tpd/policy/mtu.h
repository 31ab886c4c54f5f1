/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The largest packet of a session that nobody on its way has to cut into fragments, by arithmetic.
 * Pure: what the path bears and what ESP adds is told by others.
 */
#ifndef L2TPD_POLICY_MTU_H
#define L2TPD_POLICY_MTU_H

#include <stdbool.h>
#include <stdint.h>

#define MTU_MAX      1500 /* what every PPP implementation takes: RFC 1661 6.1 */
#define MTU_MIN      576  /* what every IPv4 host takes: RFC 791 3.1 */
#define MTU_MIN_IPV6 1280 /* what IPv6 needs: RFC 8200 5 */

/* What packets are wrapped in. */
struct mtu_way {
	unsigned int outer; /* the largest packet of the path outside */
	bool ipv6;          /* outside */
	bool sequenced;     /* L2TP has sequence numbers on data */
	bool esp;
	bool encap;                  /* ESP travels in UDP */
	unsigned int iv, block, icv; /* of ESP's cipher, in bytes; block 0: unknown */
};

/* What came out. */
struct mtu {
	uint16_t outer; /* as above */
	uint16_t fits;  /* the largest packet inside PPP that leaves in one piece, either way */
	uint16_t inner; /* what the session may use: see mtu_choose() */
};

/*
 * The largest packet inside PPP that fits, sent by us or by a client, whose L2TP header may be
 * longer than ours.  0: none.  Of an unknown cipher the worst is assumed.
 */
unsigned int mtu_fit(const struct mtu_way *way);

/*
 * What a session gets: what fits, `limit` at most (0: no limit) and never more than MTU_MAX, but
 * MTU_MIN at least: below that fragments are the smaller evil.
 */
struct mtu mtu_choose(const struct mtu_way *way, unsigned int limit);

/* What administrators should know of it, a sentence; "": nothing. */
const char *mtu_note(const struct mtu *mtu);

#endif
