/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The data plane that does nothing: tests and benchmarks of all that stands above it. */
#include <errno.h>
#include <sys/socket.h>

#include "l2tpd/plane/plane_impl.h"

static int null_tunnel_open(void *impl, uint16_t tid, uint16_t peer_tid, int udp_fd)
{
	(void)impl, (void)tid, (void)peer_tid, (void)udp_fd;
	return 0;
}

/* A socket, as others expect one, that is connected to nothing. */
static int null_session_open(void *impl, uint16_t tid, uint16_t sid, uint16_t peer_sid)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)impl, (void)tid, (void)sid, (void)peer_sid;
	return fd >= 0 ? fd : -errno;
}

static int null_session_sequence(void *impl, uint16_t tid, uint16_t sid)
{
	(void)impl, (void)tid, (void)sid;
	return 0;
}

static int null_counters(void *impl, const char *ifname, struct plane_counters *ret)
{
	(void)impl, (void)ifname;
	*ret = (struct plane_counters){0};
	return 0;
}

static int null_mark_link(void *impl, const char *ifname, uint32_t group, uint32_t mtu)
{
	(void)impl, (void)ifname, (void)group, (void)mtu;
	return 0;
}

static void null_free(void *impl)
{
	(void)impl;
}

static const struct plane_ops null_ops = {
	.tunnel_open = null_tunnel_open,
	.session_open = null_session_open,
	.session_sequence = null_session_sequence,
	.counters = null_counters,
	.mark_link = null_mark_link,
	.free = null_free,
};

int plane_null_new(struct plane **ret)
{
	return plane_new_with(ret, &null_ops, NULL);
}
