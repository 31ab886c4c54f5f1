/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's SAs, where charon does not look after them any more. */
#ifndef L2TPD_IPSEC_KERNEL_H
#define L2TPD_IPSEC_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/addr.h"

#define KERNEL_MSG_LEN 512

/*
 * Remove the ESP SA from `from` to `to` with this SPI.  Needs CAP_NET_ADMIN.  0; -ESRCH: there is
 * none; other negative codes.
 */
int kernel_remove_sa(const struct addr *from, const struct addr *to, uint32_t spi);

/* The netlink message for it; pure.  Returns its length, 0: these are no addresses. */
size_t kernel_build_removal(const struct addr *from, const struct addr *to, uint32_t spi,
			    char ret[static KERNEL_MSG_LEN]);

#endif
