/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What secrets need: wiping that stays, comparison in constant time, randomness that is one. */
#ifndef LIB_BASE_SECRET_H
#define LIB_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Overwrite `len` bytes with zeros; the compiler may not leave it out. */
void secret_wipe(void *p, size_t len);

/* Equal?  Takes the same time wherever the first difference is. */
bool secret_equal(const void *a, const void *b, size_t len);

/* Fill with random bytes from the kernel.  Never fails; waits at early boot only. */
void secret_random(void *ret, size_t len);

/* A uniform random number below `n`; `n` > 0. */
uint32_t secret_random_below(uint32_t n);

/*
 * Read a secret from the file `path`: the first line without its end, 1 to `cap` bytes, into `ret`.
 * The file must be a regular one, owned by root or by us, and neither group nor others may write
 * it, nor others read it.  Returns the length.  -EPERM: owner or mode; -ENODATA: empty; -EFBIG:
 * longer than `cap`; else what open() or read() said.
 */
int secret_read_file(const char *path, void *ret, size_t cap);

#endif
