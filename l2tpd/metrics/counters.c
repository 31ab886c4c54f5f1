/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names and help texts of the counters. */
#include "l2tpd/metrics/counters.h"

static const struct {
	const char *word, *help;
} rows[COUNTER_COUNT] = {
#define X(name, word, help) [COUNT_##name] = {word, help},
	COUNTERS(X)
#undef X
};

const char *counter_word(enum counter which)
{
	return rows[which].word;
}

const char *counter_help(enum counter which)
{
	return rows[which].help;
}
