/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Patterns for identities and user names, as l2tpd.conf(5) explains them: * is any text, % stands
 * for the user's name, \ takes the next character as it is.  What looks like TYPE=value is for
 * distinguished names: each of its parts has to fit one of the name's.  ASCII letters are equal in
 * both cases.
 */
#ifndef LIB_BASE_PATTERN_H
#define LIB_BASE_PATTERN_H

#include <stdbool.h>

#include "lib/base/buf.h"

/* What is wrong with a pattern, and what was expected; NULL: nothing. */
const char *pattern_problem(const char *pattern);

/* Is it for distinguished names?  Has it a %? */
bool pattern_is_dn(const char *pattern);
bool pattern_has_user(const char *pattern);

/*
 * Does the user's whole name fit?  `*ret_part` is then what % stands for: what is at its place, or
 * without one the whole name.
 */
bool pattern_fits_user(const char *pattern, struct view user, struct view *ret_part);

/* Does this name fit, with `user` in place of %?  Never, if the pattern is for the other kind. */
bool pattern_fits(const char *pattern, struct view name, struct view user);

/*
 * The same for a distinguished name as lib/base/dname.h writes it.  A part with % fits only where
 * the name has just one of its type: of two CNs, nobody knows whose the user's is.
 */
bool pattern_fits_dn(const char *pattern, const char *dn, struct view user);

#endif
