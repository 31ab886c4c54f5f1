/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The netlink requests of the kernel's data plane.  Each waits for its answer, which the kernel
 * gives before send() returns.  Inside plane/ only.
 */
#ifndef L2TPD_PLANE_PLANE_NL_H
#define L2TPD_PLANE_PLANE_NL_H

#include "l2tpd/plane/plane.h"

struct mnl_socket;

struct plane_nl {
	struct mnl_socket *generic, *route;
	uint16_t
		l2tp_family; /* number of the generic netlink family "l2tp"; 0: not asked for yet */
	uint32_t seq;
};

/* Errno values. */
int plane_nl_init(struct plane_nl *nl);
void plane_nl_done(struct plane_nl *nl);

/*
 * Find the family "l2tp", if that has not been done: the kernel loads the module l2tp_netlink when
 * it is asked.  -ERR_NO_MODULE: it has none.
 */
int plane_nl_find_l2tp(struct plane_nl *nl);

/* Make `udp_fd` an L2TPv2 tunnel.  -EEXIST: the id is taken; -ERR_NO_MODULE. */
int plane_nl_tunnel_create(struct plane_nl *nl, uint16_t tid, uint16_t peer_tid, int udp_fd);

/*
 * Sequence numbers on what the session sends.  What it receives must have them then, as its socket
 * was made an LNS's.  -ENODEV: no such session.
 */
int plane_nl_session_sequence(struct plane_nl *nl, uint16_t tid, uint16_t sid);

/* Group and MTU of an interface.  -ENODEV: there is none. */
int plane_nl_mark_link(struct plane_nl *nl, const char *ifname, uint32_t group, uint32_t mtu);

/* 64-bit counters of an interface.  -ENODEV: there is none. */
int plane_nl_counters(struct plane_nl *nl, const char *ifname, struct plane_counters *ret);

#endif
