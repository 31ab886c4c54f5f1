/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One message of NETLINK_XFRM; see kernel.h. */
#include "l2tpd/ipsec/kernel.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/xfrm.h>
#include <string.h>

#define REPLY_LEN 8192

static size_t ip_len(const struct addr *a)
{
	return a->family == AF_INET ? 4 : a->family == AF_INET6 ? 16 : 0;
}

size_t kernel_build_removal(const struct addr *from, const struct addr *to, uint32_t spi,
			    char ret[static KERNEL_MSG_LEN])
{
	struct nlmsghdr *m = mnl_nlmsg_put_header(ret);
	struct xfrm_usersa_id *id = mnl_nlmsg_put_extra_header(m, sizeof(*id));
	xfrm_address_t source = {0};

	if (!ip_len(from) || from->family != to->family || !spi)
		return 0;
	m->nlmsg_type = XFRM_MSG_DELSA;
	m->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	memcpy(&id->daddr, to->ip, ip_len(to));
	id->spi = htonl(spi);
	id->family = (uint16_t)to->family;
	id->proto = IPPROTO_ESP;
	memcpy(&source, from->ip, ip_len(from));
	mnl_attr_put(m, XFRMA_SRCADDR, sizeof(source), &source);
	return m->nlmsg_len;
}

int kernel_remove_sa(const struct addr *from, const struct addr *to, uint32_t spi)
{
	_Alignas(struct nlmsghdr) char bytes[KERNEL_MSG_LEN];
	_Alignas(struct nlmsghdr) char reply[REPLY_LEN];
	size_t len = kernel_build_removal(from, to, spi, bytes);
	struct mnl_socket *s;
	ssize_t got;
	int err = 0;

	if (!len)
		return -ESRCH;
	s = mnl_socket_open2(NETLINK_XFRM, SOCK_CLOEXEC);
	if (!s)
		return -errno;
	if (mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) < 0 || mnl_socket_sendto(s, bytes, len) < 0 ||
	    (got = mnl_socket_recvfrom(s, reply, sizeof(reply))) < 0 ||
	    mnl_cb_run(reply, (size_t)got, 0, 0, NULL, NULL) < 0)
		err = -errno;
	mnl_socket_close(s);
	return err;
}
