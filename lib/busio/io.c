/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets of the bus through a bufferevent; see io.h. */
#include "lib/busio/io.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <string.h>

#include "lib/bus/msg.h"

int io_send(struct bufferevent *bev, enum frame_type type, const char *name, struct view msg)
{
	struct evbuffer *out = bufferevent_get_output(bev);
	size_t room = FRAME_HDR_LEN + 2 + (name ? strlen(name) : 0) + msg.len;
	struct evbuffer_iovec vec;
	int len;

	if (evbuffer_reserve_space(out, (ev_ssize_t)room, &vec, 1) < 1)
		return -ENOMEM;
	len = frame_build(vec.iov_base, vec.iov_len, type, name, msg);
	if (len < 0)
		return len;
	vec.iov_len = (size_t)len;
	return evbuffer_commit_space(out, &vec, 1) ? -ENOMEM : 0;
}

int io_packet(struct bufferevent *bev, struct frame *ret, size_t *ret_used)
{
	struct evbuffer *in = bufferevent_get_input(bev);
	size_t used = 0, want;
	struct view bytes, packet;
	int r;

	/* First the length, then all of it: what is not yet whole is not moved about. */
	do {
		want = used;
		if (evbuffer_get_length(in) < want)
			return 0;
		bytes = (struct view){want ? evbuffer_pullup(in, (ev_ssize_t)want) : NULL, want};
		if (want && !bytes.p)
			return -ENOMEM;
		r = frame_split(bytes, FRAME_MAX, &packet, &used);
	} while (r == 0 && used > want);
	if (r < 0 || frame_parse(packet, ret) || msg_check(ret->msg))
		return -EBADMSG;
	*ret_used = used;
	return 1;
}

size_t io_queued(struct bufferevent *bev)
{
	return evbuffer_get_length(bufferevent_get_output(bev));
}
