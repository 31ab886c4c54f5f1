/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the client is given: addresses, DNS servers, MTU, time limits; first from l2tpd's setup,
 * then from RADIUS, last from the lease.  Pure; apply.c brings it into pppd.
 */
#ifndef PPPD_PLUGIN_ASSIGN_H
#define PPPD_PLUGIN_ASSIGN_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/bus/record.h"

#define ASSIGN_MTU_MIN 128 /* pppd takes no less */

struct assign {
	uint32_t local, peer; /* IPv4, host order; 0: none */
	uint32_t dns[2];
	uint32_t mtu;               /* largest packet inside PPP; 0: as negotiated */
	uint32_t session_timeout_s; /* 0: none */
	uint32_t idle_timeout_s;
};

/* Start with what l2tpd says. */
void assign_setup(struct assign *a, const struct bus_setup *setup);

/*
 * Take over what an Access-Accept says.  `*ret_wish`: the address that the client shall have, 0:
 * l2tpd chooses.  -EINVAL: it cannot be served, and `why` (for people) is filled.
 */
int assign_accept(struct assign *a, struct view attrs, uint32_t *ret_wish, char *why, size_t cap);

/* The lease: an IPv4 address.  -EINVAL: not one that a client can have. */
int assign_lease(struct assign *a, const struct addr *leased);

#endif
