/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts of error codes. */
#include "lib/base/err.h"

#include <string.h>

const char *err_text(int err)
{
	err = err < 0 ? -err : err;
	switch (err) {
#define X(name, number, text)                                                                      \
	case name: return text;
		ERR_TABLE(X)
#undef X
	default: return strerror(err);
	}
}
