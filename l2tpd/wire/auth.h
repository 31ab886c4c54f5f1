/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tunnel authentication: the response to a challenge.  RFC 2661 4.4.3 and 5.1.1. */
#ifndef L2TPD_WIRE_AUTH_H
#define L2TPD_WIRE_AUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"

#define AUTH_RESPONSE_LEN  16
#define AUTH_CHALLENGE_LEN 16  /* of those we send */
#define AUTH_SECRET_MAX    256 /* bytes of a tunnel secret that we take */

/* The response that goes into a message of type `type` (MSG_SCCRP or MSG_SCCCN). */
void auth_response(uint16_t type, struct view secret, struct view challenge,
		   uint8_t ret[AUTH_RESPONSE_LEN]);

/* Is this the right response?  Takes the same time wherever it differs. */
bool auth_is_right(struct view response, uint16_t type, struct view secret, struct view challenge);

#endif
