/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between pppd's LCP and the order in which authentication protocols are offered (offer.h). */
#ifndef PPPD_PLUGIN_LCP_H
#define PPPD_PLUGIN_LCP_H

#include "pppd-plugin/offer.h"

/*
 * From now on LCP asks for what `offer` says, as far as pppd's own options require it too.  Before
 * LCP starts; `offer` must stay.
 */
void lcp_use_offer(struct offer *offer);

#endif
