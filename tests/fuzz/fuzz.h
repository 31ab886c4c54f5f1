/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a fuzz target is: one function that takes any bytes, and aborts when a property of the
 * parser does not hold.  libFuzzer calls it, or driver.c with the files of the corpus.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Try `size` bytes at `data`; always returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A property of the parser: says which one and aborts when it does not hold. */
#define require(property)                                                                          \
	do {                                                                                       \
		if (!(property)) {                                                                 \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #property);     \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

#endif
