/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What l2tpd would do with this configuration, in words. */
#ifndef L2TPD_DRY_RUN_H
#define L2TPD_DRY_RUN_H

#include <stdio.h>

#include "l2tpd/config/config.h"

/* What a run would do with the machine, and what a dry run on `port` does instead. */
void dry_run_print(FILE *out, const struct config *config, uint16_t port);

#endif
