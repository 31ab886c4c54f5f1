/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's own per-socket IPsec policies (IP_XFRM_POLICY, IPV6_XFRM_POLICY): inbound they are
 * checked before a datagram is queued, outbound they choose the SA, and l2tp_ppp's data packets
 * obey those of their tunnel's socket.
 */
#ifndef L2TPD_NET_POLICY_H
#define L2TPD_NET_POLICY_H

#include <stdint.h>

enum policy_dir { POLICY_IN, POLICY_OUT }; /* as the kernel counts them */

/*
 * Ask for ESP in transport mode in direction `dir`, through the SA with `reqid`; inbound 0 means
 * any SA.  Takes the place of the policy before.  Errno values.
 */
int policy_set(int fd, int family, enum policy_dir dir, uint32_t reqid);

/* The same in both directions. */
int policy_set_both(int fd, int family, uint32_t reqid);

/* Let nothing out. */
int policy_block(int fd, int family);

/* Take away the policies of both directions. */
int policy_clear(int fd, int family);

#endif
