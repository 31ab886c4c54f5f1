/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the authenticators share: the header that PAP, CHAP and EAP have in common. */
#include "pppd-plugin/auth.h"

#include <stdio.h>
#include <string.h>

#define ID_AT     1
#define LENGTH_AT 2

bool auth_open(struct view packet, uint8_t *ret_code, uint8_t *ret_id, struct rd *ret)
{
	struct rd in;
	uint16_t len;

	rd_init(&in, packet.p, packet.len);
	*ret_code = rd_u8(&in);
	*ret_id = rd_u8(&in);
	len = rd_u16(&in);
	if (in.bad || len < AUTH_HDR_LEN)
		return false;
	rd_sub(&in, ret, len - AUTH_HDR_LEN);
	return !in.bad;
}

void auth_reply(struct auth *a, uint8_t code, uint8_t id, struct view payload, bool keep)
{
	struct wr w;

	wr_init(&w, a->packet, sizeof(a->packet));
	wr_u8(&w, code);
	wr_u8(&w, id);
	wr_u16(&w, 0);
	wr_bytes(&w, payload.p, payload.len);
	wr_u16_at(&w, LENGTH_AT, (uint16_t)w.len);
	a->packet_len = w.bad ? 0 : w.len;
	if (keep) {
		memcpy(a->kept, a->packet, a->packet_len);
		a->kept_len = a->packet_len;
	}
}

void auth_repeat(struct auth *a, uint8_t id)
{
	memcpy(a->packet, a->kept, a->kept_len);
	a->packet[ID_AT] = id;
	a->packet_len = a->kept_len;
}

enum auth_wish auth_because(struct auth *a, const char *why)
{
	snprintf(a->reason, sizeof(a->reason), "%s", why);
	a->due = USEC_NEVER;
	return AUTH_FAIL;
}

struct view auth_message(struct view reply, const char *message)
{
	struct view v;

	if (radius_find(reply, 0, RADIUS_REPLY_MESSAGE, &v) || !v.len)
		v = view_str(message);
	if (v.len > AUTH_MESSAGE_MAX)
		v.len = AUTH_MESSAGE_MAX;
	return v;
}
