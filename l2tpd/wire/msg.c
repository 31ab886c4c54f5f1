/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Control messages by table; see msg.h.  RFC 2661 4.1 to 4.3, and 6. */
#include "l2tpd/wire/msg.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "l2tpd/wire/tolerance_table.h"

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

enum tolerance_kind {
#define X(name, ...) TOL_##name,
	TOLERANCE_TABLE(X)
#undef X
};

static bool closes(uint16_t type)
{
	return type == MSG_STOPCCN || type == MSG_CDN;
}

static const struct tolerance {
	enum msg_strictness up_to;
	uint16_t error;
	const char *words;
} tolerances[] = {
#define X(name, up_to, error, section, words, who) [TOL_##name] = {MSG_##up_to, error, words},
	TOLERANCE_TABLE(X)
#undef X
};

/* A message while it is read. */
struct reading {
	struct msg *m;
	const struct type *t;
	const struct msg_rules *rules;
	struct hide_key key;
	bool has_vector;
	struct wr room; /* for values that were hidden */
	struct verdict v;
};

static void refuse(struct reading *r, uint16_t error, const struct avp_raw *raw, const char *text)
{
	if (r->v.text) /* the first fault is the one that is told */
		return;
	r->v = (struct verdict){RESULT_GENERAL, error, raw->vendor, raw->number, text};
}

/* Something is wrong with this AVP.  Without the M bit it is as good as not there: RFC 2661 7.1. */
static void fault(struct reading *r, uint16_t error, const struct avp_raw *raw, const char *text)
{
	if (raw->mandatory)
		refuse(r, error, raw, text);
}

static bool takes(const struct reading *r, enum tolerance_kind kind)
{
	return r->rules->strictness <= tolerances[kind].up_to;
}

/* Is it taken?  If not, it is a fault of the AVP. */
static bool tolerated(struct reading *r, enum tolerance_kind kind, const struct avp_raw *raw)
{
	if (takes(r, kind))
		return true;
	fault(r, tolerances[kind].error, raw, tolerances[kind].words);
	return false;
}

/* The Message Type, which must come first.  The AVP's M bit is about the message: 4.4.1. */
static int read_type(struct reading *r, struct rd *in, struct avp_raw *raw)
{
	*raw = (struct avp_raw){.number = AVP_MESSAGE_TYPE};
	if (avp_next(in, raw) != 1 || raw->number != AVP_MESSAGE_TYPE || !avp_known(raw) ||
	    raw->hidden) {
		refuse(r, ERROR_RANGE, raw, "the message does not begin with its type");
		return -EBADMSG;
	}
	if (avp_read(raw, &r->m->type)) {
		refuse(r, ERROR_LENGTH, raw, "wrong length");
		return -EBADMSG;
	}
	r->m->has |= AVP_BIT(MESSAGE_TYPE);
	return 0;
}

/* The row of this message; -ENOMSG or -EBADMSG when there is none. */
static int find_type(struct reading *r, const struct avp_raw *raw)
{
	r->t = type_row(r->m->type);
	if (!r->t && raw->mandatory)
		refuse(r, ERROR_UNKNOWN_AVP, raw, tolerances[TOL_UNKNOWN].words);
	if (!r->t)
		return raw->mandatory ? -EBADMSG : -ENOMSG;
	if (!raw->mandatory && !takes(r, TOL_TYPE_WITHOUT_M))
		refuse(r, tolerances[TOL_TYPE_WITHOUT_M].error, raw,
		       tolerances[TOL_TYPE_WITHOUT_M].words);
	return 0;
}

/* Take the hiding off, if there is one.  False: it stays hidden. */
static bool unhide(struct reading *r, struct avp_raw *raw)
{
	int err;

	if (!raw->hidden)
		return true;
	if (!avp_hideable(raw->number)) {
		fault(r, ERROR_RANGE, raw, "hidden, which it may not be");
		return false;
	}
	if (!r->key.secret.len) {
		r->m->hidden |= UINT64_C(1) << raw->number;
		if (!takes(r, TOL_UNKNOWN))
			fault(r, ERROR_UNKNOWN_AVP, raw,
			      "hidden, and there is no tunnel secret to read it");
		return false;
	}
	if (!r->has_vector) {
		fault(r, ERROR_RANGE, raw, "hidden, and no Random Vector came before it");
		return false;
	}
	err = hide_read(&r->key, raw->number, raw->value, &r->room, &raw->value);
	if (err)
		fault(r, err == -ENOBUFS ? ERROR_RESOURCES : ERROR_LENGTH, raw,
		      err == -ENOBUFS ? "hidden, and too long"
				      : "hidden, but not with our tunnel secret");
	return !err;
}

static void take_vector(struct reading *r, const struct avp_raw *raw)
{
	if (raw->hidden) {
		fault(r, ERROR_RANGE, raw, "hidden, which it may not be");
		return;
	}
	r->key.vector = raw->value;
	r->has_vector = true;
}

static void take_value(struct reading *r, const struct avp_raw *raw)
{
	int err;

	if (avp_is_odd(raw) && !tolerated(r, TOL_ODD_LENGTH, raw))
		return;
	err = avp_read(raw, (char *)r->m + fields[raw->number]);
	if (!err)
		r->m->has |= UINT64_C(1) << raw->number;
	else
		fault(r, err == -ERANGE ? ERROR_RANGE : ERROR_LENGTH, raw,
		      err == -ERANGE ? "zero, which is not an id" : "wrong length");
}

static void take(struct reading *r, struct avp_raw *raw)
{
	uint64_t bit;

	if (!avp_known(raw)) {
		tolerated(r, TOL_UNKNOWN, raw);
		return;
	}
	if (raw->number == AVP_RANDOM_VECTOR) {
		take_vector(r, raw);
		return;
	}
	bit = UINT64_C(1) << raw->number;
	if (r->m->has & bit)
		tolerated(r, TOL_TWICE, raw);
	else if (!((r->t->must | r->t->may) & bit))
		tolerated(r, TOL_FOREIGN, raw);
	else if (unhide(r, raw))
		take_value(r, raw);
}

/* No result or error code has a value in its upper byte, so this cannot hit a right one. */
static void right_byte_order(struct reading *r)
{
	struct avp_result *result = &r->m->result;

	if (!(result->code >> 8) || (result->code & 0xff) || !takes(r, TOL_BYTE_ORDER))
		return;
	result->code >>= 8;
	if (!(result->error & 0xff))
		result->error >>= 8;
}

static void check_complete(struct reading *r)
{
	uint64_t missing = r->t->must & ~r->m->has;
	struct avp_raw raw = {0};

	if (takes(r, TOL_MISSING))
		missing &= ~r->t->spared;
	if (!missing)
		return;
	while (!(missing & (UINT64_C(1) << raw.number)))
		raw.number++;
	/* The RFC has no error code for this one. */
	refuse(r, tolerances[TOL_MISSING].error, &raw, tolerances[TOL_MISSING].words);
}

static int read_message(struct reading *r, struct rd *in)
{
	struct avp_raw raw;
	int n, err = read_type(r, in, &raw);

	if (!err)
		err = find_type(r, &raw);
	if (err)
		return err;
	while ((n = avp_next(in, &raw)) == 1)
		take(r, &raw);
	if (n < 0) {
		raw = (struct avp_raw){.number = AVP_MESSAGE_TYPE};
		refuse(r, ERROR_LENGTH, &raw, "an AVP in this message is cut off");
	}
	check_complete(r);
	right_byte_order(r);
	return r->v.text && !closes(r->m->type) ? -EBADMSG : 0;
}

int msg_parse(struct msg *ret, struct view body, const struct msg_rules *rules,
	      struct msg_scratch *scratch, struct verdict *ret_verdict)
{
	static const struct msg_rules none;
	struct reading r = {.m = ret, .rules = rules ? rules : &none};
	struct rd in;
	int err;

	memset(ret, 0, sizeof(*ret));
	r.key.secret = r.rules->secret;
	wr_init(&r.room, scratch ? scratch->bytes : NULL, scratch ? sizeof(scratch->bytes) : 0);
	rd_init(&in, body.p, body.len);
	err = read_message(&r, &in);
	if (err == -EBADMSG)
		*ret_verdict = r.v;
	return err;
}

int msg_build(struct wr *out, const struct msg *m, const struct hiding *hide)
{
	const struct type *t = type_row(m->type);
	uint64_t set = m->has & ~AVP_BIT(MESSAGE_TYPE);

	if (!t || (set & ~(t->must | t->may)) || (t->must & ~t->spared & ~set))
		return -EINVAL;
	avp_write(out, AVP_MESSAGE_TYPE, &m->type, NULL);
	if (hide)
		avp_write(out, AVP_RANDOM_VECTOR, &hide->key.vector, NULL);
	for (unsigned int i = 1; i < AVP_COUNT; i++)
		if (set & (UINT64_C(1) << i))
			avp_write(out, (enum avp)i, (const char *)m + fields[i], hide);
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
