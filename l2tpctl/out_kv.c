/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines KEY=VALUE, an empty line between two records. */
#include "l2tpctl/out.h"

static void put_fields(struct out *o, const struct bus_record *record, const void *obj)
{
	char value[OUT_CELL_LEN];

	for (size_t i = 0; i < record->n; i++)
		fprintf(o->fp, "%s=%s\n", record->fields[i].key,
			out_raw(&record->fields[i], obj, value));
}

static void kv_list(struct out *o)
{
	(void)o;
}

static void kv_item(struct out *o, const void *obj)
{
	if (o->n)
		fputc('\n', o->fp);
	put_fields(o, o->what->record, obj);
}

static void kv_one(struct out *o, const struct bus_record *record, const void *obj)
{
	put_fields(o, record, obj);
}

static void kv_event(struct out *o, const char *event, const struct bus_record *record,
		     const void *obj)
{
	fprintf(o->fp, "event=%s\n", event);
	put_fields(o, record, obj);
	fputc('\n', o->fp);
}

const struct out_format out_kv = {
	.name = "kv",
	.list = kv_list,
	.item = kv_item,
	.list_end = kv_list,
	.one = kv_one,
	.event = kv_event,
};
