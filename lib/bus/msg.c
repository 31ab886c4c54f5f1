/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Builder and walker of VICI messages; see msg.h. */
#include "lib/bus/msg.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void msg_init(struct msg_out *m, void *buf, size_t cap)
{
	*m = (struct msg_out){0};
	wr_init(&m->w, buf, cap);
}

/* Something that no message can hold: nothing is written any more. */
static void misused(struct msg_out *m)
{
	m->misuse = true;
	m->w.bad = true;
}

static void put_name(struct msg_out *m, enum msg_type type, const char *name)
{
	size_t len = strlen(name);

	if (m->in_list || !len || len > UINT8_MAX) {
		misused(m);
		return;
	}
	wr_u8(&m->w, (uint8_t)type);
	wr_u8(&m->w, (uint8_t)len);
	wr_bytes(&m->w, name, len);
}

static void put_value(struct msg_out *m, struct view value)
{
	if (value.len > UINT16_MAX) {
		misused(m);
		return;
	}
	wr_u16(&m->w, (uint16_t)value.len);
	wr_bytes(&m->w, value.p, value.len);
}

void msg_section(struct msg_out *m, const char *name)
{
	if (m->depth == MSG_DEPTH_MAX)
		misused(m);
	m->depth++;
	put_name(m, MSG_SECTION, name);
}

void msg_section_end(struct msg_out *m)
{
	if (!m->depth || m->in_list) {
		misused(m);
		return;
	}
	m->depth--;
	wr_u8(&m->w, MSG_SECTION_END);
}

void msg_bytes(struct msg_out *m, const char *key, struct view value)
{
	put_name(m, MSG_KEY, key);
	put_value(m, value);
}

void msg_str(struct msg_out *m, const char *key, const char *value)
{
	msg_bytes(m, key, view_str(value));
}

void msg_u64(struct msg_out *m, const char *key, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	msg_str(m, key, text);
}

void msg_flag(struct msg_out *m, const char *key, bool value)
{
	msg_str(m, key, value ? "yes" : "no");
}

void msg_list(struct msg_out *m, const char *name)
{
	put_name(m, MSG_LIST, name);
	m->in_list = true;
}

void msg_item(struct msg_out *m, struct view value)
{
	if (!m->in_list) {
		misused(m);
		return;
	}
	wr_u8(&m->w, MSG_ITEM);
	put_value(m, value);
}

void msg_list_end(struct msg_out *m)
{
	if (!m->in_list) {
		misused(m);
		return;
	}
	m->in_list = false;
	wr_u8(&m->w, MSG_LIST_END);
}

int msg_done(const struct msg_out *m, struct view *ret)
{
	if (m->misuse || m->depth || m->in_list)
		return -EINVAL;
	if (m->w.bad)
		return -EMSGSIZE;
	*ret = (struct view){m->w.buf, m->w.len};
	return 0;
}

void msg_walk(struct msg_in *m, struct view msg)
{
	*m = (struct msg_in){0};
	rd_init(&m->in, msg.p, msg.len);
}

static void get_name(struct msg_in *m, struct msg_el *el)
{
	uint8_t len = rd_u8(&m->in);

	rd_take(&m->in, &el->name, len);
	if (!el->name.len || memchr(el->name.p, 0, el->name.len))
		m->in.bad = true;
}

static void get_value(struct msg_in *m, struct msg_el *el)
{
	uint16_t len = rd_u16(&m->in);

	rd_take(&m->in, &el->value, len);
}

/* Read what follows the type of `el`; false when it must not stand here. */
static bool get_rest(struct msg_in *m, struct msg_el *el)
{
	bool of_list = el->type == MSG_ITEM || el->type == MSG_LIST_END;

	if (m->in_list != of_list)
		return false;
	switch (el->type) {
	case MSG_SECTION:
		if (m->depth++ == MSG_DEPTH_MAX)
			return false;
		get_name(m, el);
		return true;
	case MSG_SECTION_END:
		if (!m->depth)
			return false;
		el->depth = --m->depth;
		return true;
	case MSG_KEY:
		get_name(m, el);
		get_value(m, el);
		return true;
	case MSG_LIST:
		m->in_list = true;
		get_name(m, el);
		return true;
	case MSG_ITEM: get_value(m, el); return true;
	case MSG_LIST_END: m->in_list = false; return true;
	}
	return false;
}

int msg_next(struct msg_in *m, struct msg_el *ret)
{
	struct msg_el el = {.depth = m->depth};

	if (m->in.bad)
		return -EBADMSG;
	if (!m->in.left) {
		m->in.bad = m->depth || m->in_list;
		return m->in.bad ? -EBADMSG : 0;
	}
	el.type = rd_u8(&m->in);
	if (!get_rest(m, &el))
		m->in.bad = true;
	if (m->in.bad)
		return -EBADMSG;
	*ret = el;
	return 1;
}

int msg_find(struct view msg, const char *path, struct view *ret)
{
	struct msg_in in;
	struct msg_el el;
	unsigned int matched = 0; /* sections of the path that we are in */
	int r;

	msg_walk(&in, msg);
	while ((r = msg_next(&in, &el)) > 0) {
		const char *dot = strchr(path, '.');
		size_t len = dot ? (size_t)(dot - path) : strlen(path);
		bool named = len && el.depth == matched && el.name.len == len &&
			     !memcmp(el.name.p, path, len);

		if (el.type == MSG_KEY && named && !dot) {
			*ret = el.value;
			return 0;
		}
		if (el.type == MSG_SECTION && named && dot) {
			path = dot + 1;
			matched++;
		} else if (el.type == MSG_SECTION_END && el.depth < matched) {
			/* Left the section of the path; another of that name is not looked for. */
			return -ENOENT;
		}
	}
	return r ? r : -ENOENT;
}

int msg_check(struct view msg)
{
	struct msg_in in;
	struct msg_el el;
	int r;

	msg_walk(&in, msg);
	do
		r = msg_next(&in, &el);
	while (r > 0);
	return r;
}
