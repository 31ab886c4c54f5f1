/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables of record.h, and the one writer and reader for all of them. */
#include "lib/bus/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/bus/msg.h"

#define COUNT(array)                         (sizeof(array) / sizeof((array)[0]))

/* BUS_x_FIELDS() gives no name of the struct, so each table is told it by this. */
#define FIELD(KIND, type, member, key, text) {key, text, BUS_##KIND, offsetof(STRUCT, member)},

#define TABLE(name)                                                                                \
	const struct bus_record bus_##name##_record = {#name, name##_fields, COUNT(name##_fields), \
						       sizeof(struct bus_##name)};

#define STRUCT struct bus_sa
static const struct bus_field sa_fields[] = {BUS_SA_FIELDS(FIELD)};
#undef STRUCT
#define STRUCT struct bus_charon
static const struct bus_field charon_fields[] = {BUS_CHARON_FIELDS(FIELD)};
#undef STRUCT
#define STRUCT struct bus_terminate
static const struct bus_field terminate_fields[] = {BUS_TERMINATE_FIELDS(FIELD)};
#undef STRUCT
#define STRUCT struct bus_gate
static const struct bus_field gate_fields[] = {BUS_GATE_FIELDS(FIELD)};
#undef STRUCT
#define STRUCT struct bus_setup
static const struct bus_field setup_fields[] = {BUS_SETUP_FIELDS(FIELD)};
#undef STRUCT
#define STRUCT struct bus_grant
static const struct bus_field grant_fields[] = {BUS_GRANT_FIELDS(FIELD)};
#undef STRUCT
#define STRUCT struct bus_report
static const struct bus_field report_fields[] = {BUS_REPORT_FIELDS(FIELD)};
#undef STRUCT
#define STRUCT struct bus_close
static const struct bus_field close_fields[] = {BUS_CLOSE_FIELDS(FIELD)};
#undef STRUCT
#define STRUCT struct bus_tunnel
static const struct bus_field tunnel_fields[] = {BUS_TUNNEL_FIELDS(FIELD)};
#undef STRUCT
#define STRUCT struct bus_session
static const struct bus_field session_fields[] = {BUS_SESSION_FIELDS(FIELD)};
#undef STRUCT
#define STRUCT struct bus_lease
static const struct bus_field lease_fields[] = {BUS_LEASE_FIELDS(FIELD)};
#undef STRUCT
#define STRUCT struct bus_failure
static const struct bus_field failure_fields[] = {BUS_FAILURE_FIELDS(FIELD)};
#undef STRUCT
#define STRUCT struct bus_status
static const struct bus_field status_fields[] = {BUS_STATUS_FIELDS(FIELD)};
#undef STRUCT
#define STRUCT struct bus_counter
static const struct bus_field counter_fields[] = {BUS_COUNTER_FIELDS(FIELD)};
#undef STRUCT
#define STRUCT struct bus_disconnect
static const struct bus_field disconnect_fields[] = {BUS_DISCONNECT_FIELDS(FIELD)};
#undef STRUCT

#define X(name, NAME) TABLE(name)
BUS_RECORDS(X)
#undef X

bool bus_field_format(const struct bus_field *field, const void *obj, char ret[static BUS_TEXT_LEN])
{
	union {
		const void *any;
		const bus_u32_t *u32;
		const bus_u64_t *u64;
		const bus_hex_t *hex;
		const bus_flag_t *flag;
		const char *text;
		const bus_addr_t *addr;
	} at = {.any = (const char *)obj + field->offset};

	ret[0] = '\0';
	switch (field->kind) {
	case BUS_U32:
		if (*at.u32)
			snprintf(ret, BUS_TEXT_LEN, "%" PRIu32, *at.u32);
		break;
	case BUS_U64:
		if (*at.u64)
			snprintf(ret, BUS_TEXT_LEN, "%" PRIu64, *at.u64);
		break;
	case BUS_HEX:
		if (*at.hex)
			snprintf(ret, BUS_TEXT_LEN, "0x%08" PRIx32, *at.hex);
		break;
	case BUS_FLAG:
		if (*at.flag)
			strcpy(ret, "yes");
		break;
	case BUS_TEXT: snprintf(ret, BUS_TEXT_LEN, "%.*s", BUS_TEXT_LEN - 1, at.text); break;
	case BUS_ADDR:
		if (at.addr->family)
			addr_format(at.addr, ret);
		break;
	}
	return ret[0];
}

void bus_write(struct msg_out *out, const struct bus_record *record, const void *obj)
{
	char text[BUS_TEXT_LEN];

	for (size_t i = 0; i < record->n; i++)
		if (bus_field_format(&record->fields[i], obj, text))
			msg_str(out, record->fields[i].key, text);
}

static int digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

/* Digits only, at least one; no sign, no space. */
static int parse_number(struct view v, uint64_t base, uint64_t max, uint64_t *ret)
{
	uint64_t n = 0;

	if (!v.len)
		return -EBADMSG;
	for (size_t i = 0; i < v.len; i++) {
		uint64_t d = (uint64_t)digit(v.p[i]);

		if (d >= base || n > (max - d) / base)
			return -EBADMSG;
		n = n * base + d;
	}
	*ret = n;
	return 0;
}

static int parse_u32(struct view v, uint32_t *ret)
{
	uint64_t n;

	if (parse_number(v, 10, UINT32_MAX, &n))
		return -EBADMSG;
	*ret = (uint32_t)n;
	return 0;
}

static int parse_hex(struct view v, uint32_t *ret)
{
	uint64_t n;

	if (v.len < 2 || v.p[0] != '0' || v.p[1] != 'x' ||
	    parse_number((struct view){v.p + 2, v.len - 2}, 16, UINT32_MAX, &n))
		return -EBADMSG;
	*ret = (uint32_t)n;
	return 0;
}

static int parse_flag(struct view v, bool *ret)
{
	bool yes = view_is(v, "yes");

	if (!yes && !view_is(v, "no"))
		return -EBADMSG;
	*ret = yes;
	return 0;
}

static int parse_addr(struct view v, struct addr *ret)
{
	char text[ADDR_STR_LEN];

	return view_to_str(v, text, sizeof(text)) || addr_parse(ret, text, 0) ? -EBADMSG : 0;
}

static int parse_text(struct view v, char ret[static BUS_TEXT_LEN])
{
	if (v.len >= BUS_TEXT_LEN)
		v.len = BUS_TEXT_LEN - 1;
	return view_to_str(v, ret, BUS_TEXT_LEN) ? -EBADMSG : 0;
}

static int parse_field(struct view v, const struct bus_field *field, void *obj)
{
	void *at = (char *)obj + field->offset;

	switch (field->kind) {
	case BUS_U32: return parse_u32(v, at);
	case BUS_U64: return parse_number(v, 10, UINT64_MAX, at);
	case BUS_HEX: return parse_hex(v, at);
	case BUS_FLAG: return parse_flag(v, at);
	case BUS_TEXT: return parse_text(v, at);
	case BUS_ADDR: return parse_addr(v, at);
	}
	return 0;
}

static const struct bus_field *find_field(const struct bus_record *record, struct view key)
{
	for (size_t i = 0; i < record->n; i++)
		if (view_is(key, record->fields[i].key))
			return &record->fields[i];
	return NULL;
}

int bus_read(struct view msg, const struct bus_record *record, void *ret)
{
	const struct bus_field *field;
	struct msg_in in;
	struct msg_el el;
	int r;

	memset(ret, 0, record->size);
	msg_walk(&in, msg);
	while ((r = msg_next(&in, &el)) > 0) {
		if (el.type != MSG_KEY || el.depth)
			continue;
		field = find_field(record, el.name);
		if (field && parse_field(el.value, field, ret)) {
			r = -EBADMSG;
			break;
		}
	}
	if (r < 0)
		memset(ret, 0, record->size);
	return r;
}
