/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The authenticators in place of pppd's own: they get the peer's packets and pppd gets the verdict.
 * Between them lie RADIUS and the lease: a client is told that it is welcome when it has an
 * address.
 *
 * pppd's own authenticators start when their protocol's lowerup() was called, so one that is never
 * told stays asleep.
 */
#ifndef PPPD_PLUGIN_TAKEOVER_H
#define PPPD_PLUGIN_TAKEOVER_H

#include "lib/bus/record.h"
#include "lib/radius/client.h"
#include "pppd-plugin/assign.h"
#include "pppd-plugin/auth.h"

/*
 * Take EAP, CHAP and PAP over, before LCP starts; all pointers must stay.  -ENOPROTOOPT: pppd is
 * not going to ask the client for any protocol that we have.
 */
int takeover_init(const struct bus_setup *setup, const struct radius_conf *servers,
		  struct assign *assign);

/* pppd has entered its authentication phase. */
void takeover_begin(void);

/* l2tpd's answer about the lease. */
void takeover_leased(const struct bus_grant *grant);

/* The method that LCP has agreed on, NULL: none of ours.  Also without takeover_init(). */
const struct auth_method *takeover_negotiated(void);

/* The user name in a packet of this PPP protocol: 0 or -ENOENT.  Also without takeover_init(). */
int takeover_peek(uint16_t protocol, struct view packet, struct view *ret_user);

#endif
