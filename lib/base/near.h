/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "Did you mean": which known word is close to what was typed? */
#ifndef LIB_BASE_NEAR_H
#define LIB_BASE_NEAR_H

/*
 * The number of letters to insert, leave out, change or swap with their neighbour to make `b` of
 * `a`.  Words above 63 letters are never near: UINT_MAX.
 */
unsigned int near_distance(const char *a, const char *b);

/*
 * Keeps the better of two suggestions for `typed`: start with NULL, feed each known word as
 * `candidate`.  Returns `candidate` if it is close to `typed` and closer than `best`, else `best`.
 */
const char *near_better(const char *typed, const char *best, const char *candidate);

#endif
