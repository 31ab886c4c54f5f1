/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A ring of failed attempts. */
#include "l2tpd/api/failures.h"

#include <stdlib.h>

struct failures {
	uint64_t total;
	size_t n, oldest;
	struct bus_failure *ring[FAILURES_KEPT];
};

struct failures *failures_new(void)
{
	return calloc(1, sizeof(struct failures));
}

void failures_free(struct failures *f)
{
	for (size_t i = 0; f && i < f->n; i++)
		free(f->ring[i]);
	free(f);
}

void failures_add(struct failures *f, const struct bus_failure *failure)
{
	struct bus_failure *copy;

	f->total++;
	if (f->n == FAILURES_KEPT) {
		copy = f->ring[f->oldest];
		f->oldest = (f->oldest + 1) % FAILURES_KEPT;
	} else {
		copy = malloc(sizeof(*copy));
		if (!copy)
			return;
		f->ring[f->n++] = copy;
	}
	*copy = *failure;
}

void failures_skip(struct failures *f)
{
	f->total++;
}

uint64_t failures_total(const struct failures *f)
{
	return f->total;
}

size_t failures_kept(const struct failures *f)
{
	return f->n;
}

const struct bus_failure *failures_get(const struct failures *f, size_t i)
{
	return f->ring[(f->oldest + i) % FAILURES_KEPT];
}
