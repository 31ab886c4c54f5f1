/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Control messages by table; see msg.h.  RFC 2661 4.1, 4.2 and 6. */
#include "l2tpd/wire/msg.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

static const struct type {
	const char *name; /* NULL: no such message */
	uint64_t must, spared, may;
	enum msg_about about;
} types[MSG_TYPE_COUNT] = {
#define X(number, name, about, must, spared, may, section)                                         \
	[number] = {#name, must, spared, may, ABOUT_##about},
	MSG_TABLE(X)
#undef X
};

/* Where the value of each AVP is in struct msg. */
static const uint16_t fields[AVP_COUNT] = {
#define X(number, name, field, ...) [number] = offsetof(struct msg, field),
	AVP_TABLE(X)
#undef X
};

static const struct type *type_row(uint16_t type)
{
	return type < MSG_TYPE_COUNT && types[type].name ? &types[type] : NULL;
}

static bool closes(uint16_t type)
{
	return type == MSG_STOPCCN || type == MSG_CDN;
}

static void refuse(struct verdict *v, uint16_t error, const struct avp_raw *raw, const char *text)
{
	if (v->text) /* the first fault is the one that is told */
		return;
	*v = (struct verdict){RESULT_GENERAL, error, raw->vendor, raw->number, text};
}

/* The Message Type, which must come first.  The AVP's M bit is about the message: 4.4.1. */
static int read_type(struct msg *m, struct rd *in, bool *ret_mandatory, struct verdict *v)
{
	struct avp_raw raw = {.number = AVP_MESSAGE_TYPE};

	if (avp_next(in, &raw) != 1 || raw.number != AVP_MESSAGE_TYPE || !avp_known(&raw)) {
		refuse(v, ERROR_RANGE, &raw, "the message does not begin with its type");
		return -EBADMSG;
	}
	if (avp_read(&raw, &m->type)) {
		refuse(v, ERROR_LENGTH, &raw, "wrong length");
		return -EBADMSG;
	}
	m->has |= AVP_BIT(MESSAGE_TYPE);
	*ret_mandatory = raw.mandatory;
	return 0;
}

static const char *why_unknown(const struct avp_raw *raw)
{
	if (raw->vendor || !raw->hidden)
		return "unknown, but mandatory";
	return avp_hideable(raw->number) ? "hidden, and there is no tunnel secret to read it"
					 : "hidden, which it may not be";
}

static void take(struct msg *m, const struct type *t, const struct avp_raw *raw, struct verdict *v)
{
	uint64_t bit;
	int err;

	if (!avp_known(raw)) {
		if (raw->mandatory)
			refuse(v, ERROR_UNKNOWN_AVP, raw, why_unknown(raw));
		return;
	}
	bit = UINT64_C(1) << raw->number;
	/*
	 * A known AVP in the wrong message is passed over: clients of Microsoft put a Result Code
	 * into ICRQ, MPD something into SCCCN, LACs an Assigned Session ID into ICCN.
	 * Of one that comes twice, the first counts.
	 */
	if (!((t->must | t->may) & bit) || (m->has & bit))
		return;
	err = avp_read(raw, (char *)m + fields[raw->number]);
	if (!err)
		m->has |= bit;
	else if (raw->mandatory)
		refuse(v, err == -ERANGE ? ERROR_RANGE : ERROR_LENGTH, raw,
		       err == -ERANGE ? "zero, which is not an id" : "wrong length");
}

/*
 * macOS and iOS send the codes of StopCCN and CDN in their own byte order.  No result or error
 * code has a value in its upper byte, so this cannot hit a right one.
 */
static void right_byte_order(struct avp_result *r)
{
	if (!(r->code >> 8) || (r->code & 0xff))
		return;
	r->code >>= 8;
	if (!(r->error & 0xff))
		r->error >>= 8;
}

static void check_complete(const struct msg *m, const struct type *t, struct verdict *v)
{
	uint64_t missing = t->must & ~t->spared & ~m->has;
	struct avp_raw raw = {0};

	if (!missing)
		return;
	while (!(missing & (UINT64_C(1) << raw.number)))
		raw.number++;
	/* The RFC has no error code for this one. */
	refuse(v, ERROR_VENDOR, &raw, "missing");
}

int msg_parse(struct msg *ret, struct view body, struct verdict *ret_verdict)
{
	struct verdict v = {0};
	struct avp_raw raw;
	const struct type *t;
	struct rd in;
	bool mandatory;
	int n;

	memset(ret, 0, sizeof(*ret));
	rd_init(&in, body.p, body.len);
	if (read_type(ret, &in, &mandatory, &v))
		goto out;
	t = type_row(ret->type);
	if (!t) {
		raw = (struct avp_raw){.number = AVP_MESSAGE_TYPE};
		if (!mandatory)
			return -ENOMSG;
		refuse(&v, ERROR_UNKNOWN_AVP, &raw, "unknown, but mandatory");
		goto out;
	}
	while ((n = avp_next(&in, &raw)) == 1)
		take(ret, t, &raw, &v);
	if (n < 0) {
		raw = (struct avp_raw){.number = AVP_MESSAGE_TYPE};
		refuse(&v, ERROR_LENGTH, &raw, "an AVP in this message is cut off");
	}
	check_complete(ret, t, &v);
	right_byte_order(&ret->result);
	if (closes(ret->type))
		return 0;
out:
	if (!v.text)
		return 0;
	*ret_verdict = v;
	return -EBADMSG;
}

int msg_build(struct wr *out, const struct msg *m)
{
	const struct type *t = type_row(m->type);
	uint64_t set = m->has & ~AVP_BIT(MESSAGE_TYPE);

	if (!t || (set & ~(t->must | t->may)) || (t->must & ~t->spared & ~set))
		return -EINVAL;
	avp_write(out, AVP_MESSAGE_TYPE, &m->type);
	for (unsigned int i = 1; i < AVP_COUNT; i++)
		if (set & (UINT64_C(1) << i))
			avp_write(out, (enum avp)i, (const char *)m + fields[i]);
	return out->bad ? -EMSGSIZE : 0;
}

const char *msg_name(uint16_t type)
{
	const struct type *t = type_row(type);

	return t ? t->name : "unknown";
}

enum msg_about msg_about(uint16_t type)
{
	const struct type *t = type_row(type);

	return t ? t->about : ABOUT_TUNNEL;
}
