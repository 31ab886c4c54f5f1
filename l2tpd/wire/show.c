/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Datagrams in words; see show.h.  Each kind of value of avp_table.h has its function here. */
#include "l2tpd/wire/show.h"

#include <errno.h>

#include "l2tpd/wire/hdr.h"

#define TEXT_LEN 256

union value {
#define X(number, name, field, kind, ...) avp_kind_##kind field;
	AVP_TABLE(X)
#undef X
};

typedef void show_fn(FILE *out, const void *value);

static void show_text(FILE *out, struct view v)
{
	char text[TEXT_LEN];

	fprintf(out, "\"%s\"", view_printable(v, text, sizeof(text)));
}

static void show_hex(FILE *out, struct view v)
{
	for (size_t i = 0; i < v.len; i++)
		fprintf(out, "%s%02x", i && i % 2 == 0 ? " " : "", v.p[i]);
}

static void show_U16(FILE *out, const void *value)
{
	fprintf(out, "%u", *(const uint16_t *)value);
}

static void show_ID(FILE *out, const void *value)
{
	show_U16(out, value);
}

static void show_U32(FILE *out, const void *value)
{
	fprintf(out, "%u", *(const uint32_t *)value);
}

static void show_U64(FILE *out, const void *value)
{
	fprintf(out, "%016llx", (unsigned long long)*(const uint64_t *)value);
}

/* Text, or bytes that are none. */
static void show_BYTES(FILE *out, const void *value)
{
	const struct view *v = value;

	for (size_t i = 0; i < v->len; i++)
		if (v->p[i] < ' ' || v->p[i] > '~') {
			show_hex(out, *v);
			return;
		}
	show_text(out, *v);
}

static void show_EMPTY(FILE *out, const void *value)
{
	(void)value;
	fputs("yes", out);
}

static void show_RESULT(FILE *out, const void *value)
{
	const struct avp_result *r = value;

	fprintf(out, "%u error %u ", r->code, r->error);
	show_text(out, r->text);
}

static void show_Q931(FILE *out, const void *value)
{
	const struct avp_q931 *q = value;

	fprintf(out, "%u message %u ", q->cause, q->message);
	show_text(out, q->text);
}

static void show_CAUSE(FILE *out, const void *value)
{
	const struct avp_cause *c = value;

	fprintf(out, "%u protocol %04x direction %u ", c->code, c->protocol, c->direction);
	show_text(out, c->text);
}

static void show_ERRORS(FILE *out, const void *value)
{
	const struct avp_errors *e = value;

	fprintf(out, "crc %u framing %u hardware %u buffer %u timeout %u alignment %u", e->crc,
		e->framing, e->hardware_overruns, e->buffer_overruns, e->timeouts, e->alignment);
}

static void show_ACCM(FILE *out, const void *value)
{
	const struct avp_accm *a = value;

	fprintf(out, "send %08x receive %08x", a->send, a->receive);
}

static show_fn *const shows[AVP_COUNT] = {
#define X(number, name, field, kind, ...) [number] = show_##kind,
	AVP_TABLE(X)
#undef X
};

static void show_value(FILE *out, const struct avp_raw *raw)
{
	union value value;
	bool readable = avp_known(raw) && !raw->hidden && !avp_read(raw, &value);

	if (readable && raw->number == AVP_MESSAGE_TYPE)
		fprintf(out, "%u (%s)", value.type, msg_name(value.type));
	else if (readable)
		shows[raw->number](out, &value);
	else
		show_hex(out, raw->value);
}

static void show_avps(FILE *out, struct view body)
{
	struct avp_raw raw;
	struct rd in;
	int n;

	rd_init(&in, body.p, body.len);
	while ((n = avp_next(&in, &raw)) == 1) {
		fprintf(out, "    %c%c%c ", raw.mandatory ? 'M' : '-', raw.hidden ? 'H' : '-',
			raw.reserved ? 'r' : '-');
		if (raw.vendor)
			fprintf(out, "AVP %u of vendor %u: ", raw.number, raw.vendor);
		else
			fprintf(out, "%u %s: ", raw.number, avp_name(raw.number));
		show_value(out, &raw);
		fputc('\n', out);
	}
	if (n)
		fputs("    an AVP that is cut off\n", out);
}

static void show_verdict(FILE *out, struct view body, const struct msg_rules *rules)
{
	struct msg_scratch scratch;
	struct verdict v = {0};
	struct msg m;

	switch (msg_parse(&m, body, rules, &scratch, &v)) {
	case 0: fputs("    taken\n", out); break;
	case -ENOMSG: fputs("    ignored: an unknown message that is not mandatory\n", out); break;
	default:
		fprintf(out, "    refused: result %u error %u: AVP %u (%s): %s\n", v.result,
			v.error, v.avp, v.vendor ? "of a vendor" : avp_name(v.avp), v.text);
	}
}

void show_datagram(FILE *out, struct view datagram, const struct msg_rules *rules)
{
	struct view body;
	struct hdr h;

	if (hdr_parse(&h, &body, datagram.p, datagram.len)) {
		fprintf(out, "no L2TP: %zu bytes\n", datagram.len);
		return;
	}
	fprintf(out, "%s tunnel %u session %u", h.control ? "control" : "data", h.tid, h.sid);
	if (!h.control) {
		fprintf(out, ": %zu bytes\n", body.len);
		return;
	}
	fprintf(out, " Ns %u Nr %u", h.ns, h.nr);
	if (!body.len) {
		fputs(": acknowledgement\n", out);
		return;
	}
	fputs(":\n", out);
	show_avps(out, body);
	show_verdict(out, body, rules);
}
