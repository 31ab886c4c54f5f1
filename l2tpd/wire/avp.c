/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AVPs, one at a time; see avp.h.  RFC 2661 4.1 and 4.4. */
#include "l2tpd/wire/avp.h"

#include <errno.h>

#define AVP_HDR_LEN   6
#define AVP_MANDATORY 0x8000 /* RFC 2661 4.1 */
#define AVP_HIDDEN    0x4000
#define AVP_RESERVED  0x3c00
#define AVP_LEN_MASK  0x03ff

/* Each kind: from bytes whose length the row has allowed, and to bytes. */
typedef int avp_read_fn(struct view v, void *ret);
typedef void avp_write_fn(struct wr *out, const void *value);

static uint32_t number(struct view v)
{
	uint32_t n = 0;

	for (size_t i = 0; i < v.len; i++)
		n = n << 8 | v.p[i];
	return n;
}

static int read_U16(struct view v, void *ret)
{
	*(uint16_t *)ret = (uint16_t)number(v);
	return 0;
}

static void write_U16(struct wr *out, const void *value)
{
	wr_u16(out, *(const uint16_t *)value);
}

static int read_ID(struct view v, void *ret)
{
	if (!number(v))
		return -ERANGE;
	return read_U16(v, ret);
}

static void write_ID(struct wr *out, const void *value)
{
	write_U16(out, value);
}

static int read_U32(struct view v, void *ret)
{
	*(uint32_t *)ret = number(v);
	return 0;
}

static void write_U32(struct wr *out, const void *value)
{
	wr_u32(out, *(const uint32_t *)value);
}

static int read_U64(struct view v, void *ret)
{
	struct rd in;

	rd_init(&in, v.p, v.len);
	*(uint64_t *)ret = rd_u64(&in);
	return 0;
}

static void write_U64(struct wr *out, const void *value)
{
	wr_u64(out, *(const uint64_t *)value);
}

static int read_BYTES(struct view v, void *ret)
{
	*(struct view *)ret = v;
	return 0;
}

static void write_BYTES(struct wr *out, const void *value)
{
	const struct view *v = value;

	wr_bytes(out, v->p, v->len);
}

static int read_EMPTY(struct view v, void *ret)
{
	(void)v;
	*(bool *)ret = true;
	return 0;
}

static void write_EMPTY(struct wr *out, const void *value)
{
	(void)out;
	(void)value;
}

static int read_RESULT(struct view v, void *ret)
{
	struct avp_result r = {0};
	struct rd in;

	rd_init(&in, v.p, v.len);
	r.code = rd_u16(&in);
	if (in.left >= 2) {
		r.error = rd_u16(&in);
		rd_rest(&in, &r.text);
	}
	*(struct avp_result *)ret = r;
	return 0;
}

static void write_RESULT(struct wr *out, const void *value)
{
	const struct avp_result *r = value;

	wr_u16(out, r->code);
	/* The RFC lets the error code go when it says nothing, but no text without one. */
	if (r->error || r->text.len || r->code == RESULT_GENERAL)
		wr_u16(out, r->error);
	wr_bytes(out, r->text.p, r->text.len);
}

static int read_Q931(struct view v, void *ret)
{
	struct avp_q931 q = {0};
	struct rd in;

	rd_init(&in, v.p, v.len);
	q.cause = rd_u16(&in);
	q.message = rd_u8(&in);
	rd_rest(&in, &q.text);
	*(struct avp_q931 *)ret = q;
	return 0;
}

static void write_Q931(struct wr *out, const void *value)
{
	const struct avp_q931 *q = value;

	wr_u16(out, q->cause);
	wr_u8(out, q->message);
	wr_bytes(out, q->text.p, q->text.len);
}

static int read_CAUSE(struct view v, void *ret)
{
	struct avp_cause c = {0};
	struct rd in;

	rd_init(&in, v.p, v.len);
	c.code = rd_u16(&in);
	c.protocol = rd_u16(&in);
	c.direction = rd_u8(&in);
	rd_rest(&in, &c.text);
	*(struct avp_cause *)ret = c;
	return 0;
}

static void write_CAUSE(struct wr *out, const void *value)
{
	const struct avp_cause *c = value;

	wr_u16(out, c->code);
	wr_u16(out, c->protocol);
	wr_u8(out, c->direction);
	wr_bytes(out, c->text.p, c->text.len);
}

static int read_ERRORS(struct view v, void *ret)
{
	struct avp_errors *e = ret;
	struct rd in;

	rd_init(&in, v.p, v.len);
	rd_skip(&in, 2); /* reserved */
	e->crc = rd_u32(&in);
	e->framing = rd_u32(&in);
	e->hardware_overruns = rd_u32(&in);
	e->buffer_overruns = rd_u32(&in);
	e->timeouts = rd_u32(&in);
	e->alignment = rd_u32(&in);
	return 0;
}

static void write_ERRORS(struct wr *out, const void *value)
{
	const struct avp_errors *e = value;

	wr_u16(out, 0);
	wr_u32(out, e->crc);
	wr_u32(out, e->framing);
	wr_u32(out, e->hardware_overruns);
	wr_u32(out, e->buffer_overruns);
	wr_u32(out, e->timeouts);
	wr_u32(out, e->alignment);
}

static int read_ACCM(struct view v, void *ret)
{
	struct avp_accm *a = ret;
	struct rd in;

	rd_init(&in, v.p, v.len);
	rd_skip(&in, 2); /* reserved */
	a->send = rd_u32(&in);
	a->receive = rd_u32(&in);
	return 0;
}

static void write_ACCM(struct wr *out, const void *value)
{
	const struct avp_accm *a = value;

	wr_u16(out, 0);
	wr_u32(out, a->send);
	wr_u32(out, a->receive);
}

enum { MAY, MUST };
enum { PLAIN, HIDEABLE };

static const struct row {
	const char *words; /* NULL: no such AVP */
	avp_read_fn *read;
	avp_write_fn *write;
	uint16_t shortest, longest;
	bool mandatory, hideable;
} rows[AVP_COUNT] = {
#define X(number, name, field, kind, mandatory, hiding, shortest, longest, section, words)         \
	[number] = {words,   read_##kind,         write_##kind,        shortest,                   \
		    longest, (mandatory) == MUST, (hiding) == HIDEABLE},
	AVP_TABLE(X)
#undef X
};

static const struct row *row(uint16_t number_)
{
	return number_ < AVP_COUNT && rows[number_].words ? &rows[number_] : NULL;
}

int avp_next(struct rd *in, struct avp_raw *ret)
{
	struct avp_raw raw = {0};
	uint16_t flags, len;

	if (!in->left)
		return 0;
	flags = rd_u16(in);
	len = flags & AVP_LEN_MASK;
	raw.mandatory = flags & AVP_MANDATORY;
	raw.hidden = flags & AVP_HIDDEN;
	raw.reserved = flags & AVP_RESERVED;
	raw.vendor = rd_u16(in);
	raw.number = rd_u16(in);
	if (in->bad || len < AVP_HDR_LEN)
		return -EBADMSG;
	/* The whole AVP is taken before anybody looks at it: what is not known is left as a unit.
	 */
	rd_take(in, &raw.value, (size_t)len - AVP_HDR_LEN);
	if (in->bad)
		return -EBADMSG;
	*ret = raw;
	return 1;
}

bool avp_known(const struct avp_raw *raw)
{
	/* Reserved bits make an AVP unknown: RFC 2661 4.1. */
	return !raw->vendor && !raw->reserved && row(raw->number);
}

bool avp_hideable(uint16_t number_)
{
	const struct row *r = row(number_);

	return r && r->hideable;
}

bool avp_is_odd(const struct avp_raw *raw)
{
#define X(name, length)                                                                            \
	if (raw->number == AVP_##name && raw->value.len == (length))                               \
		return true;
	ODD_LENGTHS(X)
#undef X
	return false;
}

int avp_read(const struct avp_raw *raw, void *ret)
{
	const struct row *r = row(raw->number);

	if ((raw->value.len < r->shortest || raw->value.len > r->longest) && !avp_is_odd(raw))
		return -EMSGSIZE;
	return r->read(raw->value, ret);
}

static bool hides(const struct hiding *hide, const struct row *r, enum avp avp)
{
	return hide && r->hideable && (hide->avps >> avp & 1);
}

static void write_hidden(struct wr *out, const struct row *r, enum avp avp, const void *value,
			 const struct hiding *hide)
{
	uint8_t bytes[AVP_VALUE_MAX];
	struct wr plain;

	wr_init(&plain, bytes, sizeof(bytes));
	r->write(&plain, value);
	if (plain.bad)
		out->bad = true;
	hide_write(out, &hide->key, (uint16_t)avp, (struct view){bytes, plain.len}, hide->padding);
}

void avp_write(struct wr *out, enum avp avp, const void *value, const struct hiding *hide)
{
	const struct row *r = row((uint16_t)avp);
	uint16_t flags = r->mandatory ? AVP_MANDATORY : 0;
	size_t at = out->len, len;

	wr_u16(out, 0);
	wr_u16(out, 0); /* vendor: the IETF */
	wr_u16(out, (uint16_t)avp);
	if (hides(hide, r, avp)) {
		flags |= AVP_HIDDEN;
		write_hidden(out, r, avp, value, hide);
	} else {
		r->write(out, value);
	}
	len = out->len - at;
	if (len > AVP_LEN_MASK)
		out->bad = true;
	wr_u16_at(out, at, (uint16_t)(flags | (len & AVP_LEN_MASK)));
}

const char *avp_name(uint16_t number_)
{
	const struct row *r = row(number_);

	return r ? r->words : "unknown";
}

const char *stop_result_text(uint16_t result)
{
	switch (result) {
#define X(name, number, words)                                                                     \
	case number: return words;
		STOP_RESULTS(X)
	default: return "unknown";
	}
}

const char *cdn_result_text(uint16_t result)
{
	switch (result) {
		CDN_RESULTS(X)
	default: return "unknown";
	}
}

const char *error_code_text(uint16_t error)
{
	switch (error) {
		ERROR_CODES(X)
#undef X
	default: return "unknown";
	}
}
