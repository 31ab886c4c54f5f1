/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tunnel authentication; see auth.h. */
#include "l2tpd/wire/auth.h"

#include <nettle/md5.h>

#include "lib/base/secret.h"

void auth_response(uint16_t type, struct view secret, struct view challenge,
		   uint8_t ret[AUTH_RESPONSE_LEN])
{
	/* The identifier of CHAP is the type of the message, in one byte: RFC 1994 4.1. */
	const uint8_t id = (uint8_t)type;
	struct md5_ctx md5;

	md5_init(&md5);
	md5_update(&md5, sizeof(id), &id);
	md5_update(&md5, secret.len, secret.p);
	md5_update(&md5, challenge.len, challenge.p);
	md5_digest(&md5, AUTH_RESPONSE_LEN, ret);
}

bool auth_is_right(struct view response, uint16_t type, struct view secret, struct view challenge)
{
	uint8_t want[AUTH_RESPONSE_LEN];

	auth_response(type, secret, challenge, want);
	return response.len == AUTH_RESPONSE_LEN && secret_equal(response.p, want, sizeof(want));
}
