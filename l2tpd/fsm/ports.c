/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values of ports.h. */
#include "l2tpd/fsm/ports.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/map.h"

uint64_t path_source(const struct path *path)
{
	struct {
		uint32_t mark;
		uint8_t ip[8];
	} key = {.mark = path->sa.mark};

	if (!key.mark)
		memcpy(key.ip, path->peer.ip, sizeof(key.ip));
	return map_hash(&key, sizeof(key));
}

const char *stage_word(enum stage stage)
{
	switch (stage) {
#define X(name, word)                                                                              \
	case STAGE_##name: return word;
		STAGES(X)
#undef X
	}
	return "unknown";
}

void cause_set(struct cause *ret, enum stage stage, uint16_t result, uint16_t error,
	       const char *fmt, ...)
{
	va_list ap;

	*ret = (struct cause){.result = result, .error = error, .stage = stage};
	va_start(ap, fmt);
	vsnprintf(ret->text, sizeof(ret->text), fmt, ap);
	va_end(ap);
}
