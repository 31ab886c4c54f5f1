/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What came of it, for people or for scripts. */
#ifndef TESTS_BENCH_LOAD_REPORT_H
#define TESTS_BENCH_LOAD_REPORT_H

#include "tests/bench/load/load.h"

/* Write it to stdout. */
void report(const struct options *o, struct load_result *r);

/* Everything that was dialled came up and stayed up. */
bool report_is_good(const struct load_result *r);

#endif
