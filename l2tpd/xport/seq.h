/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Order of sequence numbers modulo 2^16: half of them are before, half after.  RFC 2661 5.8. */
#ifndef L2TPD_XPORT_SEQ_H
#define L2TPD_XPORT_SEQ_H

#include <stdbool.h>
#include <stdint.h>

/* How far `a` is ahead of `b`: -32768 to 32767. */
static inline int seq_diff(uint16_t a, uint16_t b)
{
	uint16_t d = (uint16_t)(a - b);

	return d < 0x8000 ? d : d - 0x10000;
}

static inline bool seq_before(uint16_t a, uint16_t b)
{
	return seq_diff(a, b) < 0;
}

#endif
