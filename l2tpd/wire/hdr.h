/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The L2TP header (RFC 2661 3.1): of control messages whole, of data packets only the ids. */
#ifndef L2TPD_WIRE_HDR_H
#define L2TPD_WIRE_HDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"

#define HDR_CONTROL_LEN 12 /* flags, length, tunnel id, session id, Ns, Nr */

struct hdr {
	bool control;      /* else a data packet: ns and nr are 0 */
	uint16_t tid, sid; /* ids of the receiver */
	uint16_t ns, nr;
};

/*
 * Read the header of a datagram; the body of a control message is a view into it, empty for a ZLB.
 * Bytes behind the header's own length are left out.  -EBADMSG: not L2TP version 2, or cut short;
 * to be dropped without an answer (RFC 2661 3.1).
 */
int hdr_parse(struct hdr *ret, struct view *ret_body, const void *bytes, size_t len);

/* Write a control header for a datagram of `len` bytes, header included. */
void hdr_build(struct wr *out, const struct hdr *h, uint16_t len);

/* Set Ns and Nr in a built datagram, which is at least HDR_CONTROL_LEN long. */
void hdr_renumber(uint8_t *bytes, uint16_t ns, uint16_t nr);

#endif
