/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of a configuration before libconfuse gets it: includes put in their place, comments
 * blanked, quotes and braces checked, and for each line the file and line it came from.  libconfuse
 * miscounts lines behind comments and takes files that end inside a section or comment.
 */
#ifndef L2TPD_CONFIG_TEXT_H
#define L2TPD_CONFIG_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct text;

/* Gets what is wrong in the line `line` of the whole text; the same as for text_where(). */
typedef void text_complain_fn(void *ctx, unsigned int line, const char *what);

/*
 * Read `path` with all that it includes.  What is wrong is told to `complain`, after which the text
 * may still be of use to find more.  NULL: no memory.  Free with text_free().
 */
struct text *text_load(const char *path, text_complain_fn *complain, void *ctx);
void text_free(struct text *t);

/* A C string with a newline behind each line; valid until the next call into `t`. */
const char *text_bytes(const struct text *t);

/* Where line `line` (1...) came from; beyond the end: the last line.  `path` when it is empty. */
void text_where(const struct text *t, unsigned int line, const char **ret_file,
		unsigned int *ret_line);

/*
 * Look for the braces that open and close.  False, after a complaint, when one is missing: then the
 * text is not worth parsing.
 */
bool text_scan(struct text *t, text_complain_fn *complain, void *ctx);

/* The line in which the n-th section that closes (0...) was opened; 0: there is none.  After
 * text_scan(). */
unsigned int text_section(const struct text *t, size_t n);

/*
 * Overwrite the statement that begins with the word `key` in line `line` with blanks, so that the
 * rest can be parsed.  False: not found.
 */
bool text_blank(struct text *t, unsigned int line, const char *key);

#endif
