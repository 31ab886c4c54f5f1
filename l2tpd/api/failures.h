/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last failed attempts to connect, newest last: what administrators ask for most. */
#ifndef L2TPD_API_FAILURES_H
#define L2TPD_API_FAILURES_H

#include <stddef.h>
#include <stdint.h>

#include "lib/bus/record.h"

#define FAILURES_KEPT 512

struct failures;

struct failures *failures_new(void);
void failures_free(struct failures *f);

/* Keep a copy, in place of the oldest; without memory it is only counted. */
void failures_add(struct failures *f, const struct bus_failure *failure);

/* Only count one. */
void failures_skip(struct failures *f);

/* All since the start; and those kept: number `i` of them, 0 is the oldest. */
uint64_t failures_total(const struct failures *f);
size_t failures_kept(const struct failures *f);
const struct bus_failure *failures_get(const struct failures *f, size_t i);

#endif
