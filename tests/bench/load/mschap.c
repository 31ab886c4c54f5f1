/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MS-CHAPv2 for a client; see mschap.h.  RFC 2759 8. */
#include "tests/bench/load/mschap.h"

#include <nettle/des.h>
#include <nettle/md4.h>
#include <nettle/sha1.h>
#include <stdio.h>
#include <string.h>

#define NT_LEN   24 /* of the NT-Response */
#define NT_AT    24 /* in the response: behind the peer's challenge and eight reserved bytes */
#define HASH_LEN MD4_DIGEST_SIZE

/* RFC 2759 8.7 */
static const char magic1[] = "Magic server to client signing constant";
static const char magic2[] = "Pad to make it do more than one iteration";

static void md4(const void *p, size_t len, uint8_t ret[static HASH_LEN])
{
	struct md4_ctx ctx;

	md4_init(&ctx);
	md4_update(&ctx, len, p);
	md4_digest(&ctx, HASH_LEN, ret);
}

static void nt_hash(const char *password, uint8_t ret[static HASH_LEN])
{
	uint8_t wide[512];
	size_t n = strnlen(password, sizeof(wide) / 2);

	for (size_t i = 0; i < n; i++) {
		wide[2 * i] = (uint8_t)password[i];
		wide[2 * i + 1] = 0;
	}
	md4(wide, 2 * n, ret);
}

/* The parts of a SHA-1, ended by NULL; each with its length. */
struct part {
	const void *p;
	size_t len;
};

static void sha1(const struct part *parts, uint8_t ret[static SHA1_DIGEST_SIZE])
{
	struct sha1_ctx ctx;

	sha1_init(&ctx);
	for (; parts->p; parts++)
		sha1_update(&ctx, parts->len, parts->p);
	sha1_digest(&ctx, SHA1_DIGEST_SIZE, ret);
}

/* One block under a key of 56 bits, which DES wants spread over eight bytes: RFC 2759 8.6 */
static void des(const uint8_t key[static 7], const uint8_t *block, uint8_t *ret)
{
	uint8_t wide[DES_KEY_SIZE];
	uint64_t bits = 0;
	struct des_ctx ctx;

	for (int i = 0; i < 7; i++)
		bits = bits << 8 | key[i];
	for (int i = 0; i < DES_KEY_SIZE; i++)
		wide[i] = (uint8_t)(bits >> (49 - 7 * i) << 1);
	des_set_key(&ctx, wide); /* a weak key is not ours to refuse */
	des_encrypt(&ctx, DES_BLOCK_SIZE, ret, block);
}

static void prove(const uint8_t hash[static HASH_LEN], const uint8_t nt[static NT_LEN],
		  const uint8_t short_challenge[static 8], char ret[static MSCHAP_PROOF_LEN + 1])
{
	uint8_t hash2[HASH_LEN], digest[SHA1_DIGEST_SIZE];

	md4(hash, HASH_LEN, hash2);
	sha1((const struct part[]){{hash2, HASH_LEN}, {nt, NT_LEN}, {magic1, 39}, {NULL, 0}},
	     digest);
	sha1(
		(const struct part[]){
			{digest, sizeof(digest)}, {short_challenge, 8}, {magic2, 41}, {NULL, 0}},
		digest);
	strcpy(ret, "S=");
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(ret + 2 + 2 * i, 3, "%02X", digest[i]);
}

void mschap_answer(const uint8_t challenge[static MSCHAP_CHALLENGE_LEN],
		   const uint8_t peer_challenge[static MSCHAP_CHALLENGE_LEN], const char *user,
		   const char *password, uint8_t ret[static MSCHAP_RESPONSE_LEN],
		   char ret_proof[static MSCHAP_PROOF_LEN + 1])
{
	const char *slash = strrchr(user, '\\'), *name = slash ? slash + 1 : user;
	uint8_t digest[SHA1_DIGEST_SIZE], key[21] = {0};

	sha1((const struct part[]){{peer_challenge, MSCHAP_CHALLENGE_LEN},
				   {challenge, MSCHAP_CHALLENGE_LEN},
				   {name, strlen(name)},
				   {NULL, 0}},
	     digest);
	nt_hash(password, key);
	memset(ret, 0, MSCHAP_RESPONSE_LEN);
	memcpy(ret, peer_challenge, MSCHAP_CHALLENGE_LEN);
	for (int i = 0; i < 3; i++)
		des(key + 7 * i, digest, ret + NT_AT + 8 * i);
	prove(key, ret + NT_AT, digest, ret_proof);
}
