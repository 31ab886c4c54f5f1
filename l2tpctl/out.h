/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Results in three formats behind one interface.  Text is for people: chosen columns, ages and
 * sizes in words.  JSON and kv are for scripts: every field of the record by its name on the bus,
 * in raw numbers, seconds and bytes.
 */
#ifndef L2TPCTL_OUT_H
#define L2TPCTL_OUT_H

#include <stdio.h>

#include "lib/bus/record.h"

struct out_format;

struct out_column {
	const char *key; /* of the record */
	const char *head;
};

/* What is about to be written. */
struct out_what {
	const struct bus_record *record;
	const struct out_column *columns; /* of a list as text, ended by a NULL key */
	const char *none;                 /* text for an empty list */
};

struct out_row;

struct out {
	const struct out_format *format;
	FILE *fp;
	const struct out_what *what;
	struct out_row *rows, **last; /* text: rows of the list so far */
	size_t n;                     /* items of the list so far */
	int err;                      /* sticky: 0 or -ENOMEM */
};

/* The format called `name`: text, json or kv; NULL: no such one. */
const struct out_format *out_find(const char *name);

/* A list of records: begin, each item, end. */
void out_list(struct out *o, const struct out_what *what);
void out_item(struct out *o, const void *obj);
void out_list_end(struct out *o);

/* One record by itself. */
void out_one(struct out *o, const struct bus_record *record, const void *obj);

/* One event of a stream; it is flushed, so that a reader of a pipe gets it now. */
void out_event(struct out *o, const char *event, const struct bus_record *record, const void *obj);

/*
 * For the formats
 */

struct out_format {
	const char *name;
	void (*list)(struct out *o);
	void (*item)(struct out *o, const void *obj);
	void (*list_end)(struct out *o);
	void (*one)(struct out *o, const struct bus_record *record, const void *obj);
	void (*event)(struct out *o, const char *event, const struct bus_record *record,
		      const void *obj);
};

extern const struct out_format out_text, out_json, out_kv;

#define OUT_CELL_LEN (4 * BUS_TEXT_LEN) /* each byte may become \xNN */

/*
 * A field for scripts: as on the bus, and when it is zero: "0", "no" or "".  Bytes outside
 * printable ASCII are \xNN.  Returns `ret`.
 */
const char *out_raw(const struct bus_field *field, const void *obj, char ret[static OUT_CELL_LEN]);

/* A field for people: ages, sizes and times in words, "-" when it is not there. */
const char *out_human(const struct bus_field *field, const void *obj,
		      char ret[static OUT_CELL_LEN]);

/* True for fields that are numbers: they are right-aligned. */
bool out_is_number(const struct bus_field *field);

/* The field `key` of the record, which has it. */
const struct bus_field *out_field(const struct bus_record *record, const char *key);

#endif
