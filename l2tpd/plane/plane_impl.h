/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one kind of data plane brings; plane.c keeps the sessions' sockets.  Inside plane/ only. */
#ifndef L2TPD_PLANE_PLANE_IMPL_H
#define L2TPD_PLANE_PLANE_IMPL_H

#include "l2tpd/plane/plane.h"

/* `impl` is what plane_new_with() was given; returns are those of the plane_ functions. */
struct plane_ops {
	int (*tunnel_open)(void *impl, uint16_t tid, uint16_t peer_tid, int udp_fd);
	/* The session's socket, the caller's, or a negative code. */
	int (*session_open)(void *impl, uint16_t tid, uint16_t sid, uint16_t peer_sid);
	int (*session_sequence)(void *impl, uint16_t tid, uint16_t sid);
	int (*counters)(void *impl, const char *ifname, struct plane_counters *ret);
	int (*mark_link)(void *impl, const char *ifname, uint32_t group, uint32_t mtu);
	void (*free)(void *impl);
};

/* Takes over `impl`.  -ENOMEM: it is freed. */
int plane_new_with(struct plane **ret, const struct plane_ops *ops, void *impl);

#endif
