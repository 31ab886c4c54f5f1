/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The L2TP header; see hdr.h.  RFC 2661 3.1. */
#include "l2tpd/wire/hdr.h"

#include <errno.h>

/* RFC 2661 3.1 */
#define FLAG_CONTROL  0x8000
#define FLAG_LENGTH   0x4000
#define FLAG_SEQUENCE 0x0800
#define FLAG_OFFSET   0x0200
#define VERSION_MASK  0x000f
#define VERSION       2

#define AT_NS         8

/* What a control message must have, and must not. */
#define CONTROL_MASK  (FLAG_CONTROL | FLAG_LENGTH | FLAG_SEQUENCE | FLAG_OFFSET)
#define CONTROL_BITS  (FLAG_CONTROL | FLAG_LENGTH | FLAG_SEQUENCE)

int hdr_parse(struct hdr *ret, struct view *ret_body, const void *bytes, size_t len)
{
	struct hdr h = {0};
	struct rd in;
	struct view body;
	uint16_t flags;

	rd_init(&in, bytes, len);
	flags = rd_u16(&in);
	if (in.bad || (flags & VERSION_MASK) != VERSION)
		return -EBADMSG;
	h.control = flags & FLAG_CONTROL;
	if (h.control && (flags & CONTROL_MASK) != CONTROL_BITS)
		return -EBADMSG;
	if (flags & FLAG_LENGTH) {
		uint16_t said = rd_u16(&in);

		if (said < 4 || said > len)
			return -EBADMSG;
		/* A datagram may be longer than its message: some paths pad short packets. */
		rd_init(&in, (const uint8_t *)bytes + 4, said - 4u);
	}
	h.tid = rd_u16(&in);
	h.sid = rd_u16(&in);
	if (h.control) {
		h.ns = rd_u16(&in);
		h.nr = rd_u16(&in);
	}
	rd_rest(&in, &body);
	if (in.bad)
		return -EBADMSG;
	*ret = h;
	*ret_body = body;
	return 0;
}

void hdr_build(struct wr *out, const struct hdr *h, uint16_t len)
{
	wr_u16(out, CONTROL_BITS | VERSION);
	wr_u16(out, len);
	wr_u16(out, h->tid);
	wr_u16(out, h->sid);
	wr_u16(out, h->ns);
	wr_u16(out, h->nr);
}

void hdr_renumber(uint8_t *bytes, uint16_t ns, uint16_t nr)
{
	struct wr out;

	wr_init(&out, bytes + AT_NS, HDR_CONTROL_LEN - AT_NS);
	wr_u16(&out, ns);
	wr_u16(&out, nr);
}
