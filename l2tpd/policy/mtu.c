/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the path's MTU inwards, header by header; see mtu.h. */
#include "l2tpd/policy/mtu.h"

#define IPV4_LEN      20 /* RFC 791; without options, as ours are */
#define IPV6_LEN      40 /* RFC 8200 3 */
#define UDP_LEN       8  /* RFC 768 */
#define ESP_LEN       8  /* SPI and sequence number, RFC 4303 2 */
#define ESP_TAIL_LEN  2  /* pad length and next header */
#define ESP_ALIGN     4  /* of what is encrypted, at least */
#define L2TP_LEN      8  /* RFC 2661 3.1; ours have no length field, those of Windows do */
#define L2TP_SEQ_LEN  4  /* Ns and Nr */
#define PPP_LEN       4  /* address, control and protocol, which l2tp_ppp does not compress */

/* AES-CBC with HMAC-SHA2-512, RFC 4868: nothing that is in use takes more. */
#define WORST_IV_LEN  16
#define WORST_BLOCK   16
#define WORST_ICV_LEN 32

static unsigned int less(unsigned int from, unsigned int n)
{
	return from > n ? from - n : 0;
}

/* What of an IP packet's payload ESP leaves for the packet that it carries. */
static unsigned int inside_esp(const struct mtu_way *way, unsigned int room)
{
	bool known = way->block;
	unsigned int block = known ? way->block : WORST_BLOCK;

	if (way->encap)
		room = less(room, UDP_LEN);
	room = less(room, ESP_LEN);
	room = less(room, known ? way->iv : WORST_IV_LEN);
	room = less(room, known ? way->icv : WORST_ICV_LEN);
	room -= room % (block < ESP_ALIGN ? ESP_ALIGN : block);
	return less(room, ESP_TAIL_LEN);
}

unsigned int mtu_fit(const struct mtu_way *way)
{
	unsigned int room = less(way->outer, way->ipv6 ? IPV6_LEN : IPV4_LEN);

	if (way->esp)
		room = inside_esp(way, room);
	return less(room, UDP_LEN + L2TP_LEN + (way->sequenced ? L2TP_SEQ_LEN : 0) + PPP_LEN);
}

static unsigned int at_most(unsigned int n, unsigned int limit)
{
	return n < limit ? n : limit;
}

struct mtu mtu_choose(const struct mtu_way *way, unsigned int limit)
{
	unsigned int fits = mtu_fit(way), inner = at_most(fits, MTU_MAX);

	if (inner < MTU_MIN)
		inner = MTU_MIN;
	if (limit)
		inner = at_most(inner, limit);
	return (struct mtu){
		.outer = (uint16_t)at_most(way->outer, UINT16_MAX),
		.fits = (uint16_t)at_most(fits, UINT16_MAX),
		.inner = (uint16_t)inner,
	};
}

const char *mtu_note(const struct mtu *mtu)
{
	if (mtu->inner > mtu->fits)
		return "the path is too narrow for the 576 bytes that IPv4 asks for: large packets "
		       "travel in fragments";
	if (mtu->inner < MTU_MIN_IPV6)
		return "too small for IPv6, which needs 1280";
	return "";
}
