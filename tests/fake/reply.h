/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A RADIUS server's half of lib/radius/packet: answers that are right, for tests to spoil. */
#ifndef TESTS_FAKE_REPLY_H
#define TESTS_FAKE_REPLY_H

#include <string.h>

#include "lib/radius/packet.h"

#define REPLY_SIGN_AT (RADIUS_HDR_LEN + 2) /* of Message-Authenticator's value */

/* Sign `buf` anew as an answer to the request with this authenticator; `sign_at` 0: unsigned. */
static inline void reply_sign(uint8_t *buf, size_t len, size_t sign_at,
			      const uint8_t authenticator[static RADIUS_AUTH_LEN],
			      struct view secret)
{
	uint8_t value[RADIUS_AUTH_LEN];

	if (sign_at) {
		radius_sign(value, buf, len, sign_at, authenticator, secret);
		memcpy(buf + sign_at, value, sizeof(value));
	}
	radius_response_authenticator(value, buf, len, authenticator, secret);
	memcpy(buf + 4, value, sizeof(value));
}

/* An answer with Message-Authenticator first, then `attrs`.  Returns its length; 0: no room. */
static inline size_t reply_build(uint8_t *buf, size_t cap, uint8_t code, uint8_t id,
				 struct view attrs,
				 const uint8_t authenticator[static RADIUS_AUTH_LEN],
				 struct view secret)
{
	struct wr w;

	wr_init(&w, buf, cap);
	wr_u8(&w, code);
	wr_u8(&w, id);
	wr_u16(&w, (uint16_t)(REPLY_SIGN_AT + RADIUS_AUTH_LEN + attrs.len));
	wr_zero(&w, RADIUS_AUTH_LEN);
	wr_u8(&w, RADIUS_MESSAGE_AUTHENTICATOR);
	wr_u8(&w, RADIUS_AUTH_LEN + 2);
	wr_zero(&w, RADIUS_AUTH_LEN);
	wr_bytes(&w, attrs.p, attrs.len);
	if (w.bad)
		return 0;
	reply_sign(buf, w.len, REPLY_SIGN_AT, authenticator, secret);
	return w.len;
}

#endif
