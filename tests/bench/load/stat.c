/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counting; see stat.h.  Times are kept one by one: a million of them is 4 MB, and no rounding. */
#include "tests/bench/load/stat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void stats_init(struct stats *s)
{
	*s = (struct stats){0};
}

void stats_done(struct stats *s)
{
	for (int i = 0; i < STAT_TIME_COUNT; i++)
		free(s->times[i].us);
}

static int grow(struct stat_samples *t)
{
	size_t cap = t->cap ? 2 * t->cap : 1024;
	uint32_t *us = reallocarray(t->us, cap, sizeof(*us));

	if (!us)
		return -1;
	t->us = us;
	t->cap = cap;
	return 0;
}

void stat_time(struct stats *s, enum stat_time what, usec_t took)
{
	struct stat_samples *t = &s->times[what];

	if (t->n == t->cap && grow(t)) {
		t->n_left_out++;
		return;
	}
	t->us[t->n++] = took < UINT32_MAX ? (uint32_t)took : UINT32_MAX;
}

void stat_reason(struct stats *s, const char *text)
{
	size_t i = 0;

	while (i < s->n_reasons && strncmp(s->reasons[i].text, text, STAT_REASON_LEN - 1))
		i++;
	if (i == STAT_REASONS_MAX) {
		snprintf(s->reasons[--i].text, STAT_REASON_LEN, "other reasons");
	} else if (i == s->n_reasons) {
		snprintf(s->reasons[i].text, STAT_REASON_LEN, "%s", text);
		s->n_reasons++;
	}
	s->reasons[i].n++;
}

static int by_time(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

void stat_sort(struct stats *s)
{
	for (int i = 0; i < STAT_TIME_COUNT; i++)
		if (s->times[i].n)
			qsort(s->times[i].us, s->times[i].n, sizeof(uint32_t), by_time);
}

uint32_t stat_at(const struct stats *s, enum stat_time what, double percent)
{
	const struct stat_samples *t = &s->times[what];
	size_t rank;

	if (!t->n)
		return 0;
	/* The nearest rank: the smallest time that so many are not above. */
	rank = (size_t)((double)t->n * percent / 100);
	if ((double)rank * 100 < (double)t->n * percent)
		rank++;
	return t->us[rank ? rank - 1 : 0];
}
