/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stack of used buffers; see packets.h. */
#include "l2tpd/xport/packets.h"

#include <stdlib.h>

void packets_done(struct packets *p)
{
	while (p->unused) {
		struct packet *packet = p->unused;

		p->unused = packet->next;
		free(packet);
	}
	p->n_unused = 0;
}

static struct packet *take_unused(struct packets *p)
{
	struct packet *packet = p->unused;

	p->unused = packet->next;
	p->n_unused--;
	return packet;
}

static struct packet *new_packet(size_t cap)
{
	struct packet *packet = malloc(sizeof(*packet) + cap);

	if (packet)
		packet->cap = cap;
	return packet;
}

struct packet *packets_get(struct packets *p, size_t len)
{
	struct packet *packet;

	if (p && len <= PACKET_COMMON && p->unused)
		packet = take_unused(p);
	else
		packet = new_packet(len > PACKET_COMMON ? len : PACKET_COMMON);
	if (!packet)
		return NULL;
	packet->next = NULL;
	packet->len = len;
	packet->written = 0;
	return packet;
}

void packets_put(struct packets *p, struct packet *packet)
{
	if (!p || packet->cap != PACKET_COMMON || p->n_unused == PACKETS_KEPT) {
		free(packet);
		return;
	}
	packet->next = p->unused;
	p->unused = packet;
	p->n_unused++;
}
