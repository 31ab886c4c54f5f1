/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Distance of words by single letters (optimal string alignment); see near.h. */
#include "lib/base/near.h"

#include <limits.h>
#include <string.h>

#define WORD_MAX 63

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

unsigned int near_distance(const char *a, const char *b)
{
	size_t a_len = strlen(a), b_len = strlen(b);
	unsigned int d[WORD_MAX + 1][WORD_MAX + 1];

	if (a_len > WORD_MAX || b_len > WORD_MAX)
		return UINT_MAX;
	for (unsigned int i = 0; i <= a_len; i++)
		d[i][0] = i;
	for (unsigned int j = 0; j <= b_len; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		for (size_t j = 1; j <= b_len; j++) {
			unsigned int change = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);

			d[i][j] = least(change, 1 + least(d[i - 1][j], d[i][j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	}
	return d[a_len][b_len];
}

const char *near_better(const char *typed, const char *best, const char *candidate)
{
	unsigned int distance = near_distance(typed, candidate);

	if (distance > 3 || distance * 2 > strlen(typed))
		return best;
	return best && near_distance(typed, best) <= distance ? best : candidate;
}
