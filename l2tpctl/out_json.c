/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON (RFC 8259): a list is an array of objects, an event is an object in a line of its own. */
#include "l2tpctl/out.h"

#include <string.h>

/* The length of the UTF-8 character (RFC 3629) at `s`, 0 when it is none. */
static size_t utf8_len(const unsigned char *s)
{
	static const struct {
		unsigned char mask, lead, least_second; /* the second byte rules out long forms */
		size_t len;
	} forms[] = {{0xe0, 0xc0, 0x80, 2}, {0xf0, 0xe0, 0xa0, 3}, {0xf8, 0xf0, 0x90, 4}};

	if (s[0] < 0x80)
		return 1;
	for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
		if ((s[0] & forms[f].mask) != forms[f].lead)
			continue;
		if (s[0] < 0xc2 || s[0] > 0xf4 || (s[0] == 0xed && s[1] > 0x9f) ||
		    (s[0] == 0xf4 && s[1] > 0x8f) ||
		    ((s[0] & ~forms[f].mask) == 0 && s[1] < forms[f].least_second))
			return 0;
		for (size_t i = 1; i < forms[f].len; i++)
			if ((s[i] & 0xc0) != 0x80)
				return 0;
		return forms[f].len;
	}
	return 0;
}

static void put_string(FILE *fp, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t len;

	fputc('"', fp);
	for (; *s; s += len) {
		len = utf8_len(s);
		if (!len) {
			fputs("\\ufffd", fp); /* a peer may name itself in any bytes */
			len = 1;
		} else if (*s < 0x20 || *s == 0x7f) {
			fprintf(fp, "\\u%04x", *s);
		} else {
			if (*s == '"' || *s == '\\')
				fputc('\\', fp);
			fwrite(s, len, 1, fp);
		}
	}
	fputc('"', fp);
}

static void put_value(FILE *fp, const struct bus_field *field, const void *obj)
{
	char text[BUS_TEXT_LEN];
	bool is_set = bus_field_format(field, obj, text);

	switch (field->kind) {
	case BUS_U32:
	case BUS_U64: fputs(is_set ? text : "0", fp); break;
	case BUS_FLAG: fputs(is_set ? "true" : "false", fp); break;
	case BUS_HEX:
	case BUS_TEXT:
	case BUS_ADDR: put_string(fp, text); break;
	}
}

/* The fields with `between` before all but the first; `event` (or NULL) comes before them. */
static void put_object(FILE *fp, const char *event, const struct bus_record *record,
		       const void *obj, const char *between)
{
	fputc('{', fp);
	if (event) {
		fputs("\"event\": ", fp);
		put_string(fp, event);
	}
	for (size_t i = 0; i < record->n; i++) {
		if (i || event)
			fprintf(fp, ",%s", between);
		fprintf(fp, "\"%s\": ", record->fields[i].key);
		put_value(fp, &record->fields[i], obj);
	}
	fputc('}', fp);
}

static void json_list(struct out *o)
{
	fputc('[', o->fp);
}

static void json_item(struct out *o, const void *obj)
{
	fputs(o->n ? ",\n " : "\n ", o->fp);
	put_object(o->fp, NULL, o->what->record, obj, " ");
}

static void json_list_end(struct out *o)
{
	fputs(o->n ? "\n]\n" : "]\n", o->fp);
}

static void json_one(struct out *o, const struct bus_record *record, const void *obj)
{
	put_object(o->fp, NULL, record, obj, "\n ");
	fputc('\n', o->fp);
}

static void json_event(struct out *o, const char *event, const struct bus_record *record,
		       const void *obj)
{
	put_object(o->fp, event, record, obj, " ");
	fputc('\n', o->fp);
}

const struct out_format out_json = {
	.name = "json",
	.list = json_list,
	.item = json_item,
	.list_end = json_list_end,
	.one = json_one,
	.event = json_event,
};
