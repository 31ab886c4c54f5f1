/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the formats share: the interface, and fields as text for people or for scripts. */
#include "l2tpctl/out.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

static const struct out_format *const formats[] = {&out_text, &out_json, &out_kv};

const struct out_format *out_find(const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (!strcmp(formats[i]->name, name))
			return formats[i];
	return NULL;
}

void out_list(struct out *o, const struct out_what *what)
{
	o->what = what;
	o->n = 0;
	o->format->list(o);
}

void out_item(struct out *o, const void *obj)
{
	o->format->item(o, obj);
	o->n++;
}

void out_list_end(struct out *o)
{
	o->format->list_end(o);
}

void out_one(struct out *o, const struct bus_record *record, const void *obj)
{
	o->format->one(o, record, obj);
}

void out_event(struct out *o, const char *event, const struct bus_record *record, const void *obj)
{
	o->format->event(o, event, record, obj);
	fflush(o->fp);
}

const struct bus_field *out_field(const struct bus_record *record, const char *key)
{
	const struct bus_field *f = record->fields;

	while (strcmp(f->key, key))
		f++;
	return f;
}

const char *out_raw(const struct bus_field *field, const void *obj, char ret[static OUT_CELL_LEN])
{
	char text[BUS_TEXT_LEN];

	if (bus_field_format(field, obj, text))
		return view_printable(view_str(text), ret, OUT_CELL_LEN);
	switch (field->kind) {
	case BUS_U32:
	case BUS_U64:
	case BUS_HEX: return strcpy(ret, "0");
	case BUS_FLAG: return strcpy(ret, "no");
	case BUS_TEXT:
	case BUS_ADDR: break;
	}
	return strcpy(ret, "");
}

/* "45s", "3m 12s", "5h 3m", "12d 4h" */
static void put_age(uint64_t s, char *ret)
{
	static const struct {
		uint64_t big, small;
		const char *big_unit, *small_unit;
	} scales[] = {{86400, 3600, "d", "h"}, {3600, 60, "h", "m"}, {60, 1, "m", "s"}};

	for (size_t i = 0; i < sizeof(scales) / sizeof(scales[0]); i++) {
		if (s >= scales[i].big) {
			snprintf(ret, OUT_CELL_LEN, "%" PRIu64 "%s %" PRIu64 "%s",
				 s / scales[i].big, scales[i].big_unit,
				 s % scales[i].big / scales[i].small, scales[i].small_unit);
			return;
		}
	}
	snprintf(ret, OUT_CELL_LEN, "%" PRIu64 "s", s);
}

/* "999 B", "1.2 kB", "34.5 MB": powers of 1000 */
static void put_bytes(uint64_t n, char *ret)
{
	static const char units[][3] = {"kB", "MB", "GB", "TB", "PB", "EB"};
	size_t unit = 0;
	uint64_t tenths = n / 100;

	if (n < 1000) {
		snprintf(ret, OUT_CELL_LEN, "%" PRIu64 " B", n);
		return;
	}
	for (; tenths >= 10000 && unit < sizeof(units) / sizeof(units[0]) - 1; unit++)
		tenths /= 1000;
	snprintf(ret, OUT_CELL_LEN, "%" PRIu64 ".%" PRIu64 " %s", tenths / 10, tenths % 10,
		 units[unit]);
}

static void put_time(uint64_t s, char *ret)
{
	time_t t = (time_t)s;
	struct tm tm;

	if (!localtime_r(&t, &tm) || !strftime(ret, OUT_CELL_LEN, "%Y-%m-%d %H:%M:%S", &tm))
		snprintf(ret, OUT_CELL_LEN, "%" PRIu64, s);
}

static void put_count(uint64_t n, char *ret)
{
	snprintf(ret, OUT_CELL_LEN, "%" PRIu64, n);
}

/* Numbers that are no ids: how people read them, and whether zero means that there is none */
static const struct {
	const char *key;
	void (*put)(uint64_t v, char *ret);
	bool zero_is_none;
} numbers[] = {
	{"age", put_age, false},           {"uptime", put_age, true},
	{"time", put_time, true},          {"bytes-in", put_bytes, false},
	{"bytes-out", put_bytes, false},   {"packets-in", put_count, false},
	{"packets-out", put_count, false}, {"retransmits", put_count, false},
	{"sas", put_count, false},         {"tunnels", put_count, false},
	{"sessions", put_count, false},    {"sessions-up", put_count, false},
	{"leases", put_count, false},      {"addresses", put_count, false},
	{"failures", put_count, false},
};

static uint64_t number_of(const struct bus_field *field, const void *obj)
{
	const char *at = (const char *)obj + field->offset;
	bus_u32_t u32;
	bus_u64_t u64;

	if (field->kind == BUS_U64) {
		memcpy(&u64, at, sizeof(u64));
		return u64;
	}
	memcpy(&u32, at, sizeof(u32));
	return u32;
}

const char *out_human(const struct bus_field *field, const void *obj, char ret[static OUT_CELL_LEN])
{
	char text[BUS_TEXT_LEN];
	bool is_set = bus_field_format(field, obj, text);

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]) && out_is_number(field); i++) {
		if (!strcmp(field->key, numbers[i].key) && (is_set || !numbers[i].zero_is_none)) {
			numbers[i].put(number_of(field, obj), ret);
			return ret;
		}
	}
	if (is_set)
		return view_printable(view_str(text), ret, OUT_CELL_LEN);
	return strcpy(ret, field->kind == BUS_FLAG ? "no" : "-");
}

bool out_is_number(const struct bus_field *field)
{
	return field->kind == BUS_U32 || field->kind == BUS_U64;
}
