/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Buffers for messages that wait for their acknowledgement.  Used ones are kept, so that a server
 * that has been running for a while allocates nothing for a message.
 */
#ifndef L2TPD_XPORT_PACKETS_H
#define L2TPD_XPORT_PACKETS_H

#include <stddef.h>
#include <stdint.h>

#define PACKET_COMMON 256 /* bytes that nearly all messages fit in */
#define PACKETS_KEPT  1024

struct packet {
	struct packet *next; /* the holder's */
	size_t len, cap;
	uint16_t written; /* the holder's, 0 at first: where a copy of it is */
	uint8_t bytes[];
};

/* All zero: none is kept. */
struct packets {
	struct packet *unused; /* of PACKET_COMMON bytes each */
	unsigned int n_unused; /* at most PACKETS_KEPT */
};

/* Free what is kept. */
void packets_done(struct packets *p);

/*
 * A packet with room for `len` bytes, which are not set; for packets_put().  NULL: no memory.  With
 * `p` NULL, none is kept.
 */
struct packet *packets_get(struct packets *p, size_t len);
void packets_put(struct packets *p, struct packet *packet);

#endif
