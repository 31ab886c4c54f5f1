/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of datagrams; see decode.h. */
#include "l2tpd/decode.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "l2tpd/fsm/ports.h"
#include "l2tpd/wire/show.h"

#define FILE_MAX       (64 << 20)
#define DATAGRAM_MAX   65535
#define PCAP_HEAD_LEN  24
#define PCAP_MAGIC     0xa1b2c3d4 /* times in microseconds */
#define PCAP_MAGIC_NS  0xa1b23c4d /* ... in nanoseconds */
#define ETHERTYPE_IP   0x0800
#define ETHERTYPE_IPV6 0x86dd
#define ETHERTYPE_VLAN 0x8100
#define PROTO_UDP      17

/* Kinds of links, and where each has its ethertype (AT_NONE: nowhere) and its packet. */
#define AT_NONE        SIZE_MAX
static const struct link {
	uint32_t type; /* LINKTYPE_ of www.tcpdump.org/linktypes.html */
	size_t ethertype_at, packet_at;
} links[] = {
	{1, 12, 14},       /* Ethernet */
	{101, AT_NONE, 0}, /* raw IP */
	{113, 14, 16},     /* Linux, cooked */
	{276, 0, 20},      /* the same, version 2 */
};

static void show(FILE *out, unsigned int number, struct view datagram)
{
	fprintf(out, "%u: ", number);
	show_datagram(out, datagram, NULL);
}

/*
 * Captures
 */

/* A capture is in the byte order of its machine. */
static uint32_t pcap_u32(struct rd *in, bool swapped)
{
	uint32_t v = rd_u32(in);

	return swapped ? __builtin_bswap32(v) : v;
}

/* What is inside UDP from or to port 1701; empty for all else. */
static struct view l2tp_of(struct rd *ip)
{
	struct view none = {NULL, 0}, inside;
	uint8_t first = rd_u8(ip), proto;
	uint16_t from, to;

	if (first >> 4 == 4) {
		rd_skip(ip, 8);
		proto = rd_u8(ip);
		rd_skip(ip, (size_t)((first & 15) * 4) - 10);
	} else {
		rd_skip(ip, 5);
		proto = rd_u8(ip);
		rd_skip(ip, 33);
	}
	from = rd_u16(ip);
	to = rd_u16(ip);
	rd_skip(ip, 4); /* length and checksum: what was not captured is not there */
	rd_rest(ip, &inside);
	if (ip->bad || proto != PROTO_UDP || (from != L2TP_PORT && to != L2TP_PORT))
		return none;
	return inside;
}

/* The packet in a frame; empty when it is not IP. */
static struct view packet_of(const struct link *l, struct view frame)
{
	struct view none = {NULL, 0}, packet;
	uint16_t type;
	struct rd in;

	rd_init(&in, frame.p, frame.len);
	if (l->ethertype_at != AT_NONE) {
		rd_skip(&in, l->ethertype_at);
		type = rd_u16(&in);
		rd_skip(&in, l->packet_at - l->ethertype_at - 2);
		if (type == ETHERTYPE_VLAN) {
			rd_skip(&in, 2);
			type = rd_u16(&in);
		}
		if (type != ETHERTYPE_IP && type != ETHERTYPE_IPV6)
			return none;
	}
	rd_rest(&in, &packet);
	return in.bad ? none : packet;
}

static const struct link *find_link(uint32_t type)
{
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (links[i].type == type)
			return &links[i];
	return NULL;
}

static int decode_capture(struct rd *in, bool swapped, FILE *out)
{
	const struct link *link;

	rd_skip(in, PCAP_HEAD_LEN - 4 - 4);
	link = find_link(pcap_u32(in, swapped) & 0xffff);
	if (!link)
		return -EBADMSG;
	for (unsigned int number = 1; in->left; number++) {
		struct view frame, packet, datagram;
		uint32_t len;
		struct rd ip;

		rd_skip(in, 8); /* time */
		len = pcap_u32(in, swapped);
		rd_skip(in, 4); /* length before it was cut */
		rd_take(in, &frame, len);
		if (in->bad)
			return -EBADMSG;
		packet = packet_of(link, frame);
		rd_init(&ip, packet.p, packet.len);
		datagram = l2tp_of(&ip);
		if (datagram.len)
			show(out, number, datagram);
	}
	return 0;
}

/*
 * Text
 */

static int digit(int c)
{
	return isdigit(c) ? c - '0' : isxdigit(c) ? tolower(c) - 'a' + 10 : -1;
}

/*
 * The digits of one line go to `w`; `high` is the first half of a byte, -1: none.  1: the line was
 * empty, which ends a datagram; a comment does not.
 */
static int read_line(struct rd *in, struct wr *w, int *high)
{
	bool comment = false, empty = true;

	while (in->left) {
		int c = rd_u8(in);

		if (c == '\n')
			break;
		empty &= isspace(c) != 0;
		comment |= c == '#';
		if (comment || isspace(c))
			continue;
		if (digit(c) < 0)
			return -EBADMSG;
		if (*high >= 0)
			wr_u8(w, (uint8_t)(*high << 4 | digit(c)));
		*high = *high >= 0 ? -1 : digit(c);
	}
	return empty;
}

static int decode_text(struct rd *in, FILE *out)
{
	static uint8_t bytes[DATAGRAM_MAX];
	unsigned int number = 0;
	int high = -1;
	struct wr w;

	wr_init(&w, bytes, sizeof(bytes));
	while (in->left) {
		int end = read_line(in, &w, &high);

		if (end < 0 || w.bad)
			return -EBADMSG;
		if (!end && in->left)
			continue;
		if (high >= 0)
			return -EBADMSG;
		if (w.len)
			show(out, ++number, (struct view){bytes, w.len});
		wr_init(&w, bytes, sizeof(bytes));
	}
	return 0;
}

/* All of it; NULL: too large, or no memory. */
static uint8_t *read_all(FILE *in, size_t *ret_len)
{
	uint8_t *bytes = NULL;
	size_t len = 0, cap = 0, n = 1;

	while (n && len < FILE_MAX) {
		if (len == cap) {
			uint8_t *more = realloc(bytes, cap = cap ? 2 * cap : 4096);

			if (!more)
				break;
			bytes = more;
		}
		n = fread(bytes + len, 1, cap - len, in);
		len += n;
	}
	if (n) {
		free(bytes);
		return NULL;
	}
	*ret_len = len;
	return bytes;
}

static bool is_magic(uint32_t v)
{
	return v == PCAP_MAGIC || v == PCAP_MAGIC_NS;
}

int decode(FILE *in, FILE *out)
{
	size_t len = 0;
	uint8_t *bytes = read_all(in, &len);
	uint32_t magic;
	struct rd rd;
	int err;

	if (!bytes)
		return -EFBIG;
	rd_init(&rd, bytes, len);
	magic = rd_u32(&rd);
	if (is_magic(magic) || is_magic(__builtin_bswap32(magic))) {
		err = decode_capture(&rd, !is_magic(magic), out);
	} else {
		rd_init(&rd, bytes, len);
		err = decode_text(&rd, out);
	}
	free(bytes);
	return err;
}
