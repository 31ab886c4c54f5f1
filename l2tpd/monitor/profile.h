/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lns sections of the configuration as pppd profiles: same order, same index. */
#ifndef L2TPD_MONITOR_PROFILE_H
#define L2TPD_MONITOR_PROFILE_H

#include "l2tpd/config/config.h"
#include "l2tpd/ppp/args.h"

/*
 * One per lns section; they point into `config`, which must outlive them.  `quiet`: pppds leave our
 * stderr alone.  NULL: no memory.
 */
struct ppp_profile *profiles_new(const struct config *config, bool quiet);
void profiles_free(struct ppp_profile *profiles, size_t n);

#endif
