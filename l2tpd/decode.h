/* SPDX-License-Identifier: GPL-2.0-or-later */
/* l2tpd --decode: the datagrams of a file in words, by the parser that the daemon uses. */
#ifndef L2TPD_DECODE_H
#define L2TPD_DECODE_H

#include <stdio.h>

/*
 * `in` is a capture (pcap, not pcapng) of Ethernet, cooked or raw IP, of which the packets from and
 * to UDP port 1701 are shown; or text: a datagram in hexadecimal, the next after an empty line,
 * with comments behind #.  -EBADMSG: it is neither; what can be read before that is shown.
 */
int decode(FILE *in, FILE *out);

#endif
