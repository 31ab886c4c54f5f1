/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is taken although RFC 2661 does not have it so, because there are peers that send it: one
 * row for each, with the strictness up to which it is taken, the error code of the refusal above
 * it, the section that it is against, what is wrong in words, and who sends it.
 */
#ifndef L2TPD_WIRE_TOLERANCE_TABLE_H
#define L2TPD_WIRE_TOLERANCE_TABLE_H

/*
 * An AVP that is refused is refused as 7.1 says: by its M bit.  With it, the session or tunnel
 * ends; without it, the AVP is as good as not there.  StopCCN and CDN are never refused.
 *
 * Beyond this table, hdr.c takes datagrams that are longer than their message, and the P bit.
 *
 * X(NAME, up to, error, section, words, who)
 */
#define TOLERANCE_TABLE(X)                                                                         \
	X(UNKNOWN, PERMISSIVE, ERROR_UNKNOWN_AVP, "4.2", "unknown, but mandatory",                 \
	  "vendors that set M on AVPs of their own")                                               \
	X(FOREIGN, TOLERANT, ERROR_UNKNOWN_AVP, "4.4", "does not belong into this message",        \
	  "Windows: Result Code in ICRQ; MPD: an AVP more in SCCCN; LACs: a session id in ICCN")   \
	X(TWICE, TOLERANT, ERROR_RANGE, "4.4", "comes twice", "nobody known; the first counts")    \
	X(TYPE_WITHOUT_M, TOLERANT, ERROR_RANGE, "4.4.1", "its M bit is not set", "nobody known")  \
	X(ODD_LENGTH, TOLERANT, ERROR_LENGTH, "4.4.4", "wrong length",                             \
	  "clients of an early draft: a Call Serial Number of 2 bytes")                            \
	X(MISSING, TOLERANT, ERROR_VENDOR, "6", "missing",                                         \
	  "clients without serial number in ICRQ, or speed and framing in ICCN")                   \
	X(BYTE_ORDER, TOLERANT, ERROR_RANGE, "4.4.2", "in the wrong byte order",                   \
	  "macOS and iOS: codes in StopCCN and CDN")

#endif
