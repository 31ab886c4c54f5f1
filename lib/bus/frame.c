/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets of VICI's transport; see frame.h. */
#include "lib/bus/frame.h"

#include <errno.h>
#include <string.h>

bool frame_has_name(enum frame_type type)
{
	switch (type) {
	case FRAME_CMD_REQUEST:
	case FRAME_EVENT_REGISTER:
	case FRAME_EVENT_UNREGISTER:
	case FRAME_EVENT: return true;
	case FRAME_CMD_RESPONSE:
	case FRAME_CMD_UNKNOWN:
	case FRAME_EVENT_CONFIRM:
	case FRAME_EVENT_UNKNOWN: break;
	}
	return false;
}

int frame_parse(struct view packet, struct frame *ret)
{
	struct frame f = {0};
	struct rd in;

	rd_init(&in, packet.p, packet.len);
	f.type = rd_u8(&in);
	if (f.type > FRAME_EVENT)
		return -EBADMSG;
	if (frame_has_name(f.type)) {
		uint8_t len = rd_u8(&in);

		rd_take(&in, &f.name, len);
		if (!f.name.len || memchr(f.name.p, 0, f.name.len))
			return -EBADMSG;
	}
	rd_rest(&in, &f.msg);
	if (in.bad)
		return -EBADMSG;
	*ret = f;
	return 0;
}

int frame_split(struct view bytes, size_t max, struct view *ret, size_t *ret_used)
{
	struct rd in;
	size_t len;

	rd_init(&in, bytes.p, bytes.len);
	len = rd_u32(&in);
	if (in.bad) {
		*ret_used = FRAME_HDR_LEN;
		return 0;
	}
	if (!len || len > max)
		return -EMSGSIZE;
	*ret_used = FRAME_HDR_LEN + len;
	if (len > in.left)
		return 0;
	rd_take(&in, ret, len);
	return 1;
}

int frame_build(void *buf, size_t cap, enum frame_type type, const char *name, struct view msg)
{
	struct wr out;

	wr_init(&out, buf, cap);
	wr_u32(&out, 0);
	wr_u8(&out, (uint8_t)type);
	if (frame_has_name(type)) {
		size_t len = strlen(name);

		if (!len || len > UINT8_MAX)
			return -EINVAL;
		wr_u8(&out, (uint8_t)len);
		wr_bytes(&out, name, len);
	}
	wr_bytes(&out, msg.p, msg.len);
	if (out.bad || out.len - FRAME_HDR_LEN > FRAME_MAX)
		return -EMSGSIZE;
	wr_u32_at(&out, 0, (uint32_t)(out.len - FRAME_HDR_LEN));
	return (int)out.len;
}
