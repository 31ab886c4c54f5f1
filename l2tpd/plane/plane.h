/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The data plane: tunnels and sessions that carry PPP frames.  Two kinds behind one interface: the
 * kernel's l2tp_ppp, and one that does nothing, for tests and runs without privileges.
 */
#ifndef L2TPD_PLANE_PLANE_H
#define L2TPD_PLANE_PLANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct plane;

struct plane_counters {
	uint64_t bytes_in, bytes_out, packets_in, packets_out; /* in: from the peer */
};

/* Room for what plane_check() has to say. */
#define PLANE_WHY_LEN 512

/*
 * Is there all that the kernel must bring?  0, or -ERR_NO_MODULE with a sentence that names the
 * cure in `ret_why`.  Loads modules that the kernel can load by itself.  `ipsec`: ESP is needed
 * too.
 */
int plane_check(bool ipsec, char ret_why[static PLANE_WHY_LEN]);

/* The kernel's; modules may still be missing.  *ret is the caller's.  Errno values. */
int plane_kernel_new(struct plane **ret);
/* The one that does nothing: its sessions' sockets lead nowhere.  -ENOMEM. */
int plane_null_new(struct plane **ret);

/* Close the sessions' sockets that were not taken. */
void plane_free(struct plane *p);

/*
 * Make the tunnel's UDP socket `udp_fd` (bound and connected, stays the caller's) a tunnel.  There
 * is no opposite: it goes away with that socket.  -EADDRINUSE: the id is taken in the kernel;
 * -ERR_NO_MODULE: plane_check() says more.
 */
int plane_tunnel_open(struct plane *p, uint16_t tid, uint16_t peer_tid, int udp_fd);

/*
 * Create a session in tunnel `tid`.  From now on its frames wait in its socket, which is kept until
 * plane_session_take() or plane_session_close().  -EEXIST: the id is taken, try another;
 * -ERR_NO_MODULE: plane_check() says more.
 */
int plane_session_open(struct plane *p, uint16_t tid, uint16_t sid, uint16_t peer_sid);

/*
 * The session's socket for its pppd; the caller's now.  -ENOENT: none or taken already.  Close our
 * copy as soon as pppd has its own: on kernels < 6.12 the last close waits for an RCU grace period.
 */
int plane_session_take(struct plane *p, uint16_t sid);

/* Close the session's socket if it was not taken; the session ends with the last copy. */
void plane_session_close(struct plane *p, uint16_t sid);

/*
 * Send sequence numbers with the session's data from now on, and drop what comes without: RFC 2661
 * 5.4.  -ENOENT: no such session.
 */
int plane_session_sequence(struct plane *p, uint16_t tid, uint16_t sid);

/* Put the network interface `ifname` in this group, with this MTU.  -ENODEV: there is none. */
int plane_mark_link(struct plane *p, const char *ifname, uint32_t group, uint32_t mtu);

/* Counters of the network interface `ifname`.  -ENODEV: there is none. */
int plane_counters(struct plane *p, const char *ifname, struct plane_counters *ret);

#endif
