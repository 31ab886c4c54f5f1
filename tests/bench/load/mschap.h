/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The client's half of MS-CHAPv2: the response to a challenge, and the proof that must come back.
 */
#ifndef TESTS_BENCH_LOAD_MSCHAP_H
#define TESTS_BENCH_LOAD_MSCHAP_H

#include <stdint.h>

#define MSCHAP_CHALLENGE_LEN 16 /* RFC 2759 3 and 4 */
#define MSCHAP_RESPONSE_LEN  49
#define MSCHAP_PROOF_LEN     42 /* "S=" and 40 digits: RFC 2759 5 */

/*
 * Answer `challenge` with `peer_challenge`, which should be random, in the form of RFC 2759 4.
 * `ret_proof` is how the server's Success message has to begin, ended as a string.  A user with a
 * domain before a backslash is hashed without it; passwords are ASCII.
 */
void mschap_answer(const uint8_t challenge[static MSCHAP_CHALLENGE_LEN],
		   const uint8_t peer_challenge[static MSCHAP_CHALLENGE_LEN], const char *user,
		   const char *password, uint8_t ret[static MSCHAP_RESPONSE_LEN],
		   char ret_proof[static MSCHAP_PROOF_LEN + 1]);

#endif
