/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The MTU of the path to a peer, outside of all that we put around packets: of its route, of the
 * interface, or what routers on the way have said, whatever is least.  Asked of a socket without
 * policy, as that of a tunnel would tell what its SA leaves.
 */
#ifndef L2TPD_NET_PATH_MTU_H
#define L2TPD_NET_PATH_MTU_H

#include "lib/base/addr.h"

/* From our address to the peer's; nothing is sent.  Errno values, such as -ENETUNREACH. */
int path_mtu(const struct addr *local, const struct addr *peer, unsigned int *ret);

#endif
