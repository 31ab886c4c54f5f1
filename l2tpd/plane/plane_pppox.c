/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's data plane: l2tp_ppp.  Tunnels are made by netlink out of their UDP socket; a
 * session is a PPPoX socket that pppd attaches to.
 */
#include <errno.h>
#include <linux/if_pppol2tp.h>
#include <linux/if_pppox.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "l2tpd/plane/plane_impl.h"
#include "l2tpd/plane/plane_nl.h"
#include "lib/base/err.h"

#ifndef SOL_PPPOL2TP
#define SOL_PPPOL2TP 273 /* linux/socket.h, which user space does not get */
#endif

static int kernel_tunnel_open(void *impl, uint16_t tid, uint16_t peer_tid, int udp_fd)
{
	int err = plane_nl_tunnel_create(impl, tid, peer_tid, udp_fd);

	return err == -EEXIST ? -EADDRINUSE : err;
}

static int kernel_session_open(void *impl, uint16_t tid, uint16_t sid, uint16_t peer_sid)
{
	/* The tunnel is found by its id; so the rest of the address is not looked at, and the form
	 * for IPv4 serves tunnels over IPv6 as well.
	 */
	struct sockaddr_pppol2tp sa = {
		.sa_family = AF_PPPOX,
		.sa_protocol = PX_PROTO_OL2TP,
		.pppol2tp.fd = -1,
		.pppol2tp.s_tunnel = tid,
		.pppol2tp.s_session = sid,
		.pppol2tp.d_session = peer_sid,
	};
	int fd = socket(AF_PPPOX, SOCK_DGRAM | SOCK_CLOEXEC, PX_PROTO_OL2TP);
	int on = 1, err;

	(void)impl;
	if (fd < 0)
		return errno == EPROTONOSUPPORT || errno == EAFNOSUPPORT ? -ERR_NO_MODULE : -errno;
	/* The LNS alone decides about sequence numbers (RFC 2661 5.4); the kernel's default is LAC.
	 */
	if (!connect(fd, (struct sockaddr *)&sa, sizeof(sa)) &&
	    !setsockopt(fd, SOL_PPPOL2TP, PPPOL2TP_SO_LNSMODE, &on, sizeof(on)))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* By netlink, as the session's socket is pppd's by now. */
static int kernel_session_sequence(void *impl, uint16_t tid, uint16_t sid)
{
	int err = plane_nl_session_sequence(impl, tid, sid);

	return err == -ENODEV ? -ENOENT : err;
}

static int kernel_counters(void *impl, const char *ifname, struct plane_counters *ret)
{
	return plane_nl_counters(impl, ifname, ret);
}

static int kernel_mark_link(void *impl, const char *ifname, uint32_t group, uint32_t mtu)
{
	return plane_nl_mark_link(impl, ifname, group, mtu);
}

static void kernel_free(void *impl)
{
	plane_nl_done(impl);
	free(impl);
}

static const struct plane_ops kernel_ops = {
	.tunnel_open = kernel_tunnel_open,
	.session_open = kernel_session_open,
	.session_sequence = kernel_session_sequence,
	.counters = kernel_counters,
	.mark_link = kernel_mark_link,
	.free = kernel_free,
};

int plane_kernel_new(struct plane **ret)
{
	struct plane_nl *nl = calloc(1, sizeof(*nl));
	int err;

	if (!nl)
		return -ENOMEM;
	err = plane_nl_init(nl);
	if (err) {
		free(nl);
		return err;
	}
	return plane_new_with(ret, &kernel_ops, nl);
}
