/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which addresses the server may listen on. */
#ifndef L2TPD_CONFIG_LISTEN_H
#define L2TPD_CONFIG_LISTEN_H

#include <stddef.h>

#include "lib/base/addr.h"

/* What is wrong with `a` behind the `n` addresses that are `known`, and what was expected; NULL if
 * nothing. */
const char *listen_objection(const struct addr *known, size_t n, const struct addr *a);

#endif
