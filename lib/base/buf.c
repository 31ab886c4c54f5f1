/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bounded reader and writer with a sticky error; see buf.h. */
#include "lib/base/buf.h"

#include <errno.h>
#include <string.h>

static const uint8_t nothing[1];

/* The next `len` bytes, or NULL and `bad`. */
static const uint8_t *rd_get(struct rd *in, size_t len)
{
	const uint8_t *p = in->p;

	if (in->bad || len > in->left) {
		in->bad = true;
		in->left = 0;
		return NULL;
	}
	in->p += len;
	in->left -= len;
	return p;
}

static uint64_t rd_number(struct rd *in, size_t len)
{
	const uint8_t *p = rd_get(in, len);
	uint64_t v = 0;

	for (size_t i = 0; p && i < len; i++)
		v = v << 8 | p[i];
	return v;
}

void rd_init(struct rd *in, const void *p, size_t len)
{
	*in = (struct rd){.p = len ? p : nothing, .left = len};
}

uint8_t rd_u8(struct rd *in)
{
	return (uint8_t)rd_number(in, 1);
}

uint16_t rd_u16(struct rd *in)
{
	return (uint16_t)rd_number(in, 2);
}

uint32_t rd_u32(struct rd *in)
{
	return (uint32_t)rd_number(in, 4);
}

uint64_t rd_u64(struct rd *in)
{
	return rd_number(in, 8);
}

void rd_skip(struct rd *in, size_t len)
{
	(void)rd_get(in, len);
}

void rd_take(struct rd *in, struct view *ret, size_t len)
{
	const uint8_t *p = rd_get(in, len);

	*ret = p ? (struct view){p, len} : (struct view){nothing, 0};
}

void rd_rest(struct rd *in, struct view *ret)
{
	rd_take(in, ret, in->left);
}

void rd_sub(struct rd *in, struct rd *ret, size_t len)
{
	const uint8_t *p = rd_get(in, len);

	rd_init(ret, p, p ? len : 0);
	ret->bad = in->bad;
}

void wr_init(struct wr *out, void *buf, size_t cap)
{
	*out = (struct wr){.buf = buf, .cap = cap};
}

/* Room for `len` more bytes; NULL when there is nothing to write, or no room and `bad`. */
static uint8_t *wr_room(struct wr *out, size_t len)
{
	if (out->bad || len > out->cap - out->len) {
		out->bad = true;
		return NULL;
	}
	out->len += len;
	return len ? out->buf + out->len - len : NULL;
}

static void put(uint8_t *p, uint64_t v, size_t len)
{
	while (len--) {
		p[len] = (uint8_t)v;
		v >>= 8;
	}
}

static void wr_number(struct wr *out, uint64_t v, size_t len)
{
	uint8_t *p = wr_room(out, len);

	if (p)
		put(p, v, len);
}

void wr_u8(struct wr *out, uint8_t v)
{
	wr_number(out, v, 1);
}

void wr_u16(struct wr *out, uint16_t v)
{
	wr_number(out, v, 2);
}

void wr_u32(struct wr *out, uint32_t v)
{
	wr_number(out, v, 4);
}

void wr_u64(struct wr *out, uint64_t v)
{
	wr_number(out, v, 8);
}

void wr_bytes(struct wr *out, const void *bytes, size_t len)
{
	uint8_t *p = wr_room(out, len);

	if (p)
		memcpy(p, bytes, len);
}

void wr_zero(struct wr *out, size_t len)
{
	uint8_t *p = wr_room(out, len);

	if (p)
		memset(p, 0, len);
}

static void wr_number_at(struct wr *out, size_t at, uint64_t v, size_t len)
{
	if (out->bad || len > out->len || at > out->len - len) {
		out->bad = true;
		return;
	}
	put(out->buf + at, v, len);
}

void wr_u8_at(struct wr *out, size_t at, uint8_t v)
{
	wr_number_at(out, at, v, 1);
}

void wr_u16_at(struct wr *out, size_t at, uint16_t v)
{
	wr_number_at(out, at, v, 2);
}

void wr_u32_at(struct wr *out, size_t at, uint32_t v)
{
	wr_number_at(out, at, v, 4);
}

struct view view_str(const char *s)
{
	return (struct view){(const uint8_t *)s, strlen(s)};
}

bool view_is(struct view v, const char *s)
{
	return v.len == strlen(s) && (!v.len || !memcmp(v.p, s, v.len));
}

int view_to_str(struct view v, char *ret, size_t cap)
{
	ret[0] = '\0';
	if (v.len >= cap)
		return -ENAMETOOLONG;
	if (!v.len)
		return 0;
	if (memchr(v.p, 0, v.len))
		return -EILSEQ;
	memcpy(ret, v.p, v.len);
	ret[v.len] = '\0';
	return 0;
}

const char *view_printable(struct view v, char *ret, size_t cap)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = 0, cut = 0; /* `cut`: where "..." still fits */

	for (size_t i = 0; i < v.len; i++) {
		uint8_t c = v.p[i];
		bool plain = c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
		size_t need = plain ? 1 : 4;

		if (n + 4 <= cap)
			cut = n;
		if (n + need + 1 > cap) {
			memcpy(ret + cut, "...", 4);
			return ret;
		}
		if (plain) {
			ret[n++] = (char)c;
			continue;
		}
		ret[n++] = '\\';
		ret[n++] = 'x';
		ret[n++] = hex[c >> 4];
		ret[n++] = hex[c & 15];
	}
	ret[n] = '\0';
	return ret;
}
