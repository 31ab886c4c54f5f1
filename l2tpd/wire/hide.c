/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hidden AVP values; see hide.h.  RFC 2661 4.3. */
#include "l2tpd/wire/hide.h"

#include <errno.h>
#include <nettle/md5.h>

#define BLOCK_LEN MD5_DIGEST_SIZE

/*
 * The stream that a value is mixed with, 16 bytes at a time: of the first block by the AVP's number
 * and the random vector, of each further one by the hidden block before it.
 */
struct stream {
	const struct hide_key *k;
	uint8_t mask[BLOCK_LEN];
	uint8_t hidden[BLOCK_LEN]; /* the block so far */
	size_t n;                  /* bytes of it */
};

static void digest_first(struct stream *s, uint16_t number)
{
	const uint8_t bytes[] = {(uint8_t)(number >> 8), (uint8_t)number};
	struct md5_ctx md5;

	md5_init(&md5);
	md5_update(&md5, sizeof(bytes), bytes);
	md5_update(&md5, s->k->secret.len, s->k->secret.p);
	md5_update(&md5, s->k->vector.len, s->k->vector.p);
	md5_digest(&md5, BLOCK_LEN, s->mask);
}

static void digest_next(struct stream *s)
{
	struct md5_ctx md5;

	md5_init(&md5);
	md5_update(&md5, s->k->secret.len, s->k->secret.p);
	md5_update(&md5, BLOCK_LEN, s->hidden);
	md5_digest(&md5, BLOCK_LEN, s->mask);
	s->n = 0;
}

static void stream_init(struct stream *s, const struct hide_key *k, uint16_t number)
{
	s->k = k;
	s->n = 0;
	digest_first(s, number);
}

static uint8_t conceal(struct stream *s, uint8_t plain)
{
	if (s->n == BLOCK_LEN)
		digest_next(s);
	s->hidden[s->n] = plain ^ s->mask[s->n];
	return s->hidden[s->n++];
}

static uint8_t reveal(struct stream *s, uint8_t hidden)
{
	uint8_t plain;

	if (s->n == BLOCK_LEN)
		digest_next(s);
	plain = hidden ^ s->mask[s->n];
	s->hidden[s->n++] = hidden;
	return plain;
}

void hide_write(struct wr *out, const struct hide_key *k, uint16_t number, struct view value,
		struct view padding)
{
	size_t len = HIDE_PREFIX_LEN + value.len;
	size_t pad = padding.len && len % padding.len ? padding.len - len % padding.len : 0;
	struct stream s;

	if (value.len > UINT16_MAX) {
		out->bad = true;
		return;
	}
	stream_init(&s, k, number);
	wr_u8(out, conceal(&s, (uint8_t)(value.len >> 8)));
	wr_u8(out, conceal(&s, (uint8_t)value.len));
	for (size_t i = 0; i < value.len; i++)
		wr_u8(out, conceal(&s, value.p[i]));
	for (size_t i = 0; i < pad; i++)
		wr_u8(out, conceal(&s, padding.p[i]));
}

int hide_read(const struct hide_key *k, uint16_t number, struct view hidden, struct wr *room,
	      struct view *ret)
{
	size_t len, at = room->len;
	struct stream s;

	if (hidden.len < HIDE_PREFIX_LEN)
		return -EBADMSG;
	stream_init(&s, k, number);
	len = (size_t)reveal(&s, hidden.p[0]) << 8;
	len |= reveal(&s, hidden.p[1]);
	if (len > hidden.len - HIDE_PREFIX_LEN)
		return -EBADMSG;
	if (len > room->cap - room->len)
		return -ENOBUFS;
	for (size_t i = 0; i < len; i++)
		wr_u8(room, reveal(&s, hidden.p[HIDE_PREFIX_LEN + i]));
	*ret = (struct view){room->buf + at, len};
	return 0;
}
