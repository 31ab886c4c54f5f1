/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hidden AVP values, to and fro: RFC 2661 4.3.  Pure: who hides brings the random bytes.  It keeps
 * a value from a passing look and no more: MD5 of a secret that can be guessed at leisure.
 */
#ifndef L2TPD_WIRE_HIDE_H
#define L2TPD_WIRE_HIDE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"

#define HIDE_PREFIX_LEN 2 /* the length of the value, in front of it */

struct hide_key {
	struct view secret; /* of the tunnel */
	struct view vector; /* of the Random Vector AVP that came last */
};

/*
 * What msg_build() hides: those of the AVPs in `avps` that may be hidden, with the key's vector,
 * which should be 16 fresh random bytes.
 */
struct hiding {
	struct hide_key key;
	struct view padding; /* random bytes; lengths become multiples of their number.  Empty: no
				padding */
	uint64_t avps;
};

/* Write the value of AVP `number`, with its length before it and padding behind it, hidden. */
void hide_write(struct wr *out, const struct hide_key *k, uint16_t number, struct view value,
		struct view padding);

/*
 * The value of AVP `number` that was hidden: a view into `room`, to which it is appended.
 * -EBADMSG: it is shorter than it says it is, so it is broken or the secret is another one;
 * -ENOBUFS: no room.
 */
int hide_read(const struct hide_key *k, uint16_t number, struct view hidden, struct wr *room,
	      struct view *ret);

#endif
