/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part that all data planes share: who holds a session's socket. */
#include "l2tpd/plane/plane.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "l2tpd/plane/plane_impl.h"

#define SESSION_IDS 65536

struct plane {
	const struct plane_ops *ops;
	void *impl;
	int held[SESSION_IDS]; /* by session id: the socket + 1; 0: none, or taken */
};

int plane_new_with(struct plane **ret, const struct plane_ops *ops, void *impl)
{
	struct plane *p = calloc(1, sizeof(*p));

	if (!p) {
		ops->free(impl);
		return -ENOMEM;
	}
	p->ops = ops;
	p->impl = impl;
	*ret = p;
	return 0;
}

void plane_free(struct plane *p)
{
	if (!p)
		return;
	for (size_t sid = 0; sid < SESSION_IDS; sid++)
		plane_session_close(p, (uint16_t)sid);
	p->ops->free(p->impl);
	free(p);
}

int plane_tunnel_open(struct plane *p, uint16_t tid, uint16_t peer_tid, int udp_fd)
{
	return p->ops->tunnel_open(p->impl, tid, peer_tid, udp_fd);
}

int plane_session_open(struct plane *p, uint16_t tid, uint16_t sid, uint16_t peer_sid)
{
	int fd;

	if (p->held[sid])
		return -EEXIST;
	fd = p->ops->session_open(p->impl, tid, sid, peer_sid);
	if (fd < 0)
		return fd;
	p->held[sid] = fd + 1;
	return 0;
}

int plane_session_take(struct plane *p, uint16_t sid)
{
	int fd = p->held[sid] - 1;

	p->held[sid] = 0;
	return fd >= 0 ? fd : -ENOENT;
}

void plane_session_close(struct plane *p, uint16_t sid)
{
	int fd = plane_session_take(p, sid);

	if (fd >= 0)
		close(fd);
}

int plane_session_sequence(struct plane *p, uint16_t tid, uint16_t sid)
{
	return p->ops->session_sequence(p->impl, tid, sid);
}

int plane_mark_link(struct plane *p, const char *ifname, uint32_t group, uint32_t mtu)
{
	return p->ops->mark_link(p->impl, ifname, group, mtu);
}

int plane_counters(struct plane *p, const char *ifname, struct plane_counters *ret)
{
	return p->ops->counters(p->impl, ifname, ret);
}
