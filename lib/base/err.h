/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Error codes: 0 or a positive count is success, failures are negative errno values.  Where errno
 * has no word of its own, these numbers above its range are used the same way.
 */
#ifndef LIB_BASE_ERR_H
#define LIB_BASE_ERR_H

/* X(name, number, text for people) */
#define ERR_TABLE(X)                                                                               \
	X(ERR_CLOSED, 1001, "the other side has closed the connection")                            \
	X(ERR_REFUSED, 1002, "refused by the other side")                                          \
	X(ERR_UNKNOWN, 1003, "the other side does not know this command")                          \
	X(ERR_NO_SA, 1004, "no security association for this packet")                              \
	X(ERR_LIMIT, 1005, "a configured limit is reached")                                        \
	X(ERR_NO_MODULE, 1006, "the kernel lacks a module")                                        \
	X(ERR_NO_ADDRESS, 1007, "every address of the pool is in use: make it larger")

enum err {
#define X(name, number, text) name = number,
	ERR_TABLE(X)
#undef X
};

/* What the code `err` (negative or positive) means, for people.  Never NULL; may be static. */
const char *err_text(int err);

#endif
