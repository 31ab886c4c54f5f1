/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel knows of a path; see path_mtu.h. */
#include "l2tpd/net/path_mtu.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static int ask(int fd, const struct addr *local, const struct addr *peer, unsigned int *ret)
{
	bool v6 = peer->family == AF_INET6;
	struct addr from = *local;
	union addr_sockaddr sa;
	socklen_t len;
	int mtu;

	from.port = 0;
	len = addr_to_sockaddr(&from, &sa);
	if (bind(fd, &sa.sa, len))
		return -errno;
	len = addr_to_sockaddr(peer, &sa);
	if (connect(fd, &sa.sa, len))
		return -errno;
	len = sizeof(mtu);
	if (getsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_MTU : IP_MTU, &mtu, &len))
		return -errno;
	*ret = (unsigned int)mtu;
	return 0;
}

int path_mtu(const struct addr *local, const struct addr *peer, unsigned int *ret)
{
	int fd = socket(peer->family, SOCK_DGRAM | SOCK_CLOEXEC, 0), err;

	if (fd < 0)
		return -errno;
	err = ask(fd, local, peer, ret);
	close(fd);
	return err;
}
