/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables and lines for people.  A table is kept until its end, as only then widths are known. */
#include "l2tpctl/out.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COLUMNS_MAX 16

struct out_row {
	struct out_row *next;
	char *cells[COLUMNS_MAX];
};

static void text_list(struct out *o)
{
	o->rows = NULL;
	o->last = &o->rows;
}

static void free_row(struct out_row *row)
{
	for (size_t i = 0; i < COLUMNS_MAX; i++)
		free(row->cells[i]);
	free(row);
}

static void text_item(struct out *o, const void *obj)
{
	struct out_row *row = calloc(1, sizeof(*row));
	char cell[OUT_CELL_LEN];

	for (size_t i = 0; row && o->what->columns[i].key; i++) {
		out_human(out_field(o->what->record, o->what->columns[i].key), obj, cell);
		row->cells[i] = strdup(cell);
		if (!row->cells[i]) {
			free_row(row);
			row = NULL;
		}
	}
	if (!row) {
		o->err = -ENOMEM;
		return;
	}
	*o->last = row;
	o->last = &row->next;
}

static size_t max(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* One cell; the last one of a line is not padded. */
static void put_cell(struct out *o, size_t column, const char *cell, size_t width)
{
	const struct out_column *c = &o->what->columns[column];
	bool right = out_is_number(out_field(o->what->record, c->key)) && strcmp(c->key, "time");

	if (column)
		fputs("  ", o->fp);
	if (right)
		fprintf(o->fp, "%*s", (int)width, cell);
	else if (c[1].key)
		fprintf(o->fp, "%-*s", (int)width, cell);
	else
		fputs(cell, o->fp);
}

static void put_table(struct out *o)
{
	const struct out_column *columns = o->what->columns;
	size_t width[COLUMNS_MAX], n = 0;

	for (; columns[n].key; n++) {
		width[n] = strlen(columns[n].head);
		for (const struct out_row *row = o->rows; row; row = row->next)
			width[n] = max(width[n], strlen(row->cells[n]));
	}
	for (size_t i = 0; i < n; i++)
		put_cell(o, i, columns[i].head, width[i]);
	fputc('\n', o->fp);
	for (const struct out_row *row = o->rows; row; row = row->next) {
		for (size_t i = 0; i < n; i++)
			put_cell(o, i, row->cells[i], width[i]);
		fputc('\n', o->fp);
	}
}

static void text_list_end(struct out *o)
{
	if (o->rows)
		put_table(o);
	else
		fprintf(o->fp, "%s\n", o->what->none);
	while (o->rows) {
		struct out_row *row = o->rows;

		o->rows = row->next;
		free_row(row);
	}
}

static void text_one(struct out *o, const struct bus_record *record, const void *obj)
{
	char cell[OUT_CELL_LEN];
	size_t width = 0;

	for (size_t i = 0; i < record->n; i++)
		width = max(width, strlen(record->fields[i].key));
	for (size_t i = 0; i < record->n; i++)
		fprintf(o->fp, "%-*s  %s\n", (int)width, record->fields[i].key,
			out_human(&record->fields[i], obj, cell));
}

static void text_event(struct out *o, const char *event, const struct bus_record *record,
		       const void *obj)
{
	time_t now = time(NULL);
	char clock[16] = "", text[BUS_TEXT_LEN], cell[OUT_CELL_LEN];
	struct tm tm;

	if (localtime_r(&now, &tm))
		strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	fprintf(o->fp, "%s %s", clock, event);
	for (size_t i = 0; i < record->n; i++) {
		const struct bus_field *f = &record->fields[i];
		const char *quote;

		if (!bus_field_format(f, obj, text))
			continue;
		quote = strchr(out_human(f, obj, cell), ' ') ? "\"" : "";
		fprintf(o->fp, " %s=%s%s%s", f->key, quote, cell, quote);
	}
	fputc('\n', o->fp);
}

const struct out_format out_text = {
	.name = "text",
	.list = text_list,
	.item = text_item,
	.list_end = text_list_end,
	.one = text_one,
	.event = text_event,
};
