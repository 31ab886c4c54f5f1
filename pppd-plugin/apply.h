/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Brings what is assigned to the client into pppd's own options. */
#ifndef PPPD_PLUGIN_APPLY_H
#define PPPD_PLUGIN_APPLY_H

#include "pppd-plugin/assign.h"

/* Hook into the choice of addresses.  Once; `a` must stay, its content may change. */
void apply_init(const struct assign *a);

/* Before LCP: our MRU and the limit of the MTU. */
void apply_lcp(void);

/* Before IPCP: addresses, DNS servers, the interface's MTU, time limits. */
void apply_network(void);

#endif
