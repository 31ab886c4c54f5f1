/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Distinguished names of certificates as text: "CN=alice,O=Example\, Inc".  Values are escaped
 * (RFC 4514 2.4), so that nobody's organisation can look like somebody else's CN.
 */
#ifndef LIB_BASE_DNAME_H
#define LIB_BASE_DNAME_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/buf.h"

#define DNAME_VALUE_MAX 256

/* X(word, object identifier as in DER): what people use of RFC 4514, 4519, 2985 */
#define DNAME_TYPES(X)                                                                             \
	X("CN", "\x55\x04\x03")                                                                    \
	X("SN", "\x55\x04\x04")                                                                    \
	X("serialNumber", "\x55\x04\x05")                                                          \
	X("C", "\x55\x04\x06")                                                                     \
	X("L", "\x55\x04\x07")                                                                     \
	X("ST", "\x55\x04\x08")                                                                    \
	X("O", "\x55\x04\x0a")                                                                     \
	X("OU", "\x55\x04\x0b")                                                                    \
	X("T", "\x55\x04\x0c")                                                                     \
	X("G", "\x55\x04\x2a")                                                                     \
	X("UID", "\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01")                                       \
	X("DC", "\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19")                                        \
	X("E", "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01")

/* The word of a type; NULL: not in the table. */
const char *dname_type(struct view oid);

/* Is this a word of the table, in any case? */
bool dname_is_type(struct view word);

/*
 * Append "TYPE=value" to the C string `text` of at most `cap` bytes with its end.  False: it does
 * not fit, and `text` is as it was.
 */
bool dname_add(char *text, size_t cap, const char *type, struct view value);

/*
 * The next part of the text at `*pos`, which moves behind it: type, and the value without escapes
 * in `ret_value`, whose length may hold any byte.  False: there is none, or it is malformed.
 */
bool dname_next(const char **pos, struct view *ret_type, uint8_t ret_value[static DNAME_VALUE_MAX],
		size_t *ret_len);

#endif
