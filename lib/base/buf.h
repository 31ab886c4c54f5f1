/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bounded reader and writer over bytes from or for outside.
 * Both keep a sticky error: after the first access out of bounds `bad` is set, every further call
 * does nothing, reads give 0, and the caller checks once at the end.  Numbers are big endian.
 */
#ifndef LIB_BASE_BUF_H
#define LIB_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that belong to somebody else; valid as long as what they were cut from. */
struct view {
	const uint8_t *p;
	size_t len;
};

struct rd {
	const uint8_t *p; /* next byte */
	size_t left;      /* bytes not yet read */
	bool bad;         /* a read went past the end */
};

struct wr {
	uint8_t *buf; /* owned by the caller of wr_init() */
	size_t cap;
	size_t len; /* bytes written so far; never above cap */
	bool bad;   /* a write did not fit */
};

/* Start reading `len` bytes at `p`, which must stay valid while the reader is used. */
void rd_init(struct rd *in, const void *p, size_t len);

/* The next 8, 16, 32 or 64 bits; 0 and `bad` when fewer bytes are left. */
uint8_t rd_u8(struct rd *in);
uint16_t rd_u16(struct rd *in);
uint32_t rd_u32(struct rd *in);
uint64_t rd_u64(struct rd *in);

/* Pass over `len` bytes. */
void rd_skip(struct rd *in, size_t len);

/* A view of the next `len` bytes; the empty view and `bad` when fewer are left. */
void rd_take(struct rd *in, struct view *ret, size_t len);

/* A view of all that is left; the reader is empty afterwards. */
void rd_rest(struct rd *in, struct view *ret);

/* A reader over the next `len` bytes, which `in` passes over.  When fewer are left both are bad. */
void rd_sub(struct rd *in, struct rd *ret, size_t len);

/* Start writing at `buf`, at most `cap` bytes. */
void wr_init(struct wr *out, void *buf, size_t cap);

/* Append 8, 16, 32 or 64 bits, or `len` bytes, or `len` zero bytes. */
void wr_u8(struct wr *out, uint8_t v);
void wr_u16(struct wr *out, uint16_t v);
void wr_u32(struct wr *out, uint32_t v);
void wr_u64(struct wr *out, uint64_t v);
void wr_bytes(struct wr *out, const void *p, size_t len);
void wr_zero(struct wr *out, size_t len);

/* Overwrite bytes written before, such as a length known only now.  `at` + size must be <= len. */
void wr_u8_at(struct wr *out, size_t at, uint8_t v);
void wr_u16_at(struct wr *out, size_t at, uint16_t v);
void wr_u32_at(struct wr *out, size_t at, uint32_t v);

/* The bytes of a C string, without its end. */
struct view view_str(const char *s);

/* True when `v` holds exactly the bytes of `s`. */
bool view_is(struct view v, const char *s);

/*
 * Copy `v` into `ret` as a C string of at most `cap` - 1 bytes.  -ENAMETOOLONG when it does not
 * fit, -EILSEQ when it holds a zero byte; `ret` is "" then.
 */
int view_to_str(struct view v, char *ret, size_t cap);

/*
 * Copy `v` for a log line or a table: bytes outside printable ASCII, `"` and `\` as \xNN, cut with
 * "..." when it does not fit.  Always gives a C string; `cap` must be at least 4.  Returns `ret`.
 */
const char *view_printable(struct view v, char *ret, size_t cap);

#endif
