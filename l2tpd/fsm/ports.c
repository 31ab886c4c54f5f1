/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values of ports.h. */
#include "l2tpd/fsm/ports.h"

#include <stdarg.h>
#include <stdio.h>

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
