/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A ring of packets; see outbox.h. */
#include "pppd-plugin/outbox.h"

#include "lib/bus/frame.h"
#include "lib/bus/msg.h"

static size_t place(const struct outbox *o, size_t i)
{
	return (o->first + i) % OUTBOX_MAX;
}

static bool build(struct outbox_command *c, enum outbox_kind kind, const char *name,
		  const struct bus_record *record, const void *obj)
{
	uint8_t bytes[OUTBOX_PACKET_MAX];
	struct msg_out out;
	struct view msg;
	int len;

	msg_init(&out, bytes, sizeof(bytes));
	bus_write(&out, record, obj);
	if (msg_done(&out, &msg))
		return false;
	len = frame_build(c->bytes, sizeof(c->bytes), FRAME_CMD_REQUEST, name, msg);
	if (len < 0)
		return false;
	c->len = (size_t)len;
	c->kind = kind;
	return true;
}

bool outbox_add(struct outbox *o, enum outbox_kind kind, const char *name,
		const struct bus_record *record, const void *obj)
{
	if (o->n == OUTBOX_MAX || !build(&o->commands[place(o, o->n)], kind, name, record, obj))
		return false;
	o->n++;
	return true;
}

bool outbox_add_first(struct outbox *o, enum outbox_kind kind, const char *name,
		      const struct bus_record *record, const void *obj)
{
	size_t first = place(o, OUTBOX_MAX - 1);

	if (o->n == OUTBOX_MAX || !build(&o->commands[first], kind, name, record, obj))
		return false;
	o->first = first;
	o->n++;
	return true;
}

const struct outbox_command *outbox_first(const struct outbox *o)
{
	return o->n ? &o->commands[o->first] : NULL;
}

void outbox_shift(struct outbox *o)
{
	o->first = place(o, 1);
	o->n--;
}

void outbox_keep(struct outbox *o, enum outbox_kind kind)
{
	size_t n = o->n;

	o->n = 0;
	for (size_t i = 0; i < n; i++) {
		const struct outbox_command *c = &o->commands[place(o, i)];

		if (c->kind == kind)
			o->commands[place(o, o->n++)] = *c;
	}
}
