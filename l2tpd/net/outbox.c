/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A box of datagrams for sendmmsg(); see outbox.h. */
#include "l2tpd/net/outbox.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define BOX_LEN 32

union control {
	struct cmsghdr align;
	uint8_t bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))]; /* the larger one */
};

struct outbox {
	int fd;
	unsigned int n;
	struct mmsghdr headers[BOX_LEN];
	struct iovec vectors[BOX_LEN];
	union addr_sockaddr names[BOX_LEN];
	union control controls[BOX_LEN];
	uint8_t datagrams[BOX_LEN][OUTBOX_LEN_MAX];
};

struct outbox *outbox_new(void)
{
	return calloc(1, sizeof(struct outbox));
}

void outbox_free(struct outbox *o)
{
	free(o);
}

/* Ancillary data that makes `local` the source address. */
static void write_control(struct msghdr *header, union control *control, const struct addr *local)
{
	struct cmsghdr *c = &control->align;

	header->msg_control = control;
	if (local->family == AF_INET) {
		struct in_pktinfo info = {0};

		memcpy(&info.ipi_spec_dst, local->ip, 4);
		*c = (struct cmsghdr){CMSG_LEN(sizeof(info)), IPPROTO_IP, IP_PKTINFO};
		memcpy(CMSG_DATA(c), &info, sizeof(info));
		header->msg_controllen = CMSG_SPACE(sizeof(info));
	} else {
		struct in6_pktinfo info = {.ipi6_ifindex = local->scope};

		memcpy(&info.ipi6_addr, local->ip, 16);
		*c = (struct cmsghdr){CMSG_LEN(sizeof(info)), IPPROTO_IPV6, IPV6_PKTINFO};
		memcpy(CMSG_DATA(c), &info, sizeof(info));
		header->msg_controllen = CMSG_SPACE(sizeof(info));
	}
}

int outbox_add(struct outbox *o, int fd, const struct addr *local, const struct addr *peer,
	       const void *bytes, size_t len)
{
	struct msghdr *header;

	if (len > OUTBOX_LEN_MAX)
		return -EMSGSIZE;
	if (o->n == BOX_LEN || (o->n && o->fd != fd))
		outbox_send(o);
	o->fd = fd;
	o->vectors[o->n] = (struct iovec){o->datagrams[o->n], len};
	memcpy(o->datagrams[o->n], bytes, len);
	header = &o->headers[o->n].msg_hdr;
	*header = (struct msghdr){
		.msg_name = &o->names[o->n],
		.msg_namelen = addr_to_sockaddr(peer, &o->names[o->n]),
		.msg_iov = &o->vectors[o->n],
		.msg_iovlen = 1,
	};
	write_control(header, &o->controls[o->n], local);
	o->n++;
	return 0;
}

void outbox_send(struct outbox *o)
{
	unsigned int done = 0;

	while (done < o->n) {
		int n = sendmmsg(o->fd, o->headers + done, o->n - done, MSG_DONTWAIT);

		/* An error is the first datagram's alone, or what ICMP has left behind. */
		done += n > 0 ? (unsigned int)n : 1;
	}
	o->n = 0;
}
