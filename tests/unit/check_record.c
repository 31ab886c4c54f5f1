/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/bus/record: one record byte by byte, every record full and empty, values that do not fit. */
#include "lib/bus/record.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bus/msg.h"
#include "lib/bus/names.h"

static const struct bus_record *const records[] = {
#define X(name, NAME) &bus_##name##_record,
	BUS_RECORDS(X)
#undef X
};

#define N_RECORDS (sizeof(records) / sizeof(records[0]))

union any {
#define X(name, NAME) struct bus_##name name;
	BUS_RECORDS(X)
#undef X
};

START_TEST(byte_by_byte)
{
	static const uint8_t want[] = {
		3, 10, 's', 'e', 's', 's', 'i', 'o', 'n', '-', 'i', 'd', /* session-id */
		0, 5,  '5', '1', '0', '0', '1',                          /* = 51001 */
		3, 4,  'u', 's', 'e', 'r', 0,   1,   'a',                /* user = a */
		3, 6,  'r', 'e', 'a', 's', 'o', 'n', 0,   1,   'b',      /* reason = b */
	};
	struct bus_disconnect d = {.session = 51001, .user = "a", .reason = "b"}, again;
	uint8_t buf[BUS_RECORD_MAX];
	struct msg_out out;
	struct view msg;

	msg_init(&out, buf, sizeof(buf));
	bus_write(&out, &bus_disconnect_record, &d);
	ck_assert_int_eq(msg_done(&out, &msg), 0);
	ck_assert_uint_eq(msg.len, sizeof(want));
	ck_assert_mem_eq(msg.p, want, sizeof(want));
	ck_assert_int_eq(bus_read(msg, &bus_disconnect_record, &again), 0);
	ck_assert_mem_eq(&again, &d, sizeof(d));
}
END_TEST

/* The longest value of each kind. */
static void fill(const struct bus_field *field, void *obj)
{
	union {
		void *any;
		bus_u32_t *u32;
		bus_u64_t *u64;
		bus_hex_t *hex;
		bus_flag_t *flag;
		char *text;
		bus_addr_t *addr;
	} at = {.any = (char *)obj + field->offset};

	switch (field->kind) {
	case BUS_U32: *at.u32 = UINT32_MAX; break;
	case BUS_U64: *at.u64 = UINT64_MAX; break;
	case BUS_HEX: *at.hex = UINT32_MAX; break;
	case BUS_FLAG: *at.flag = true; break;
	case BUS_TEXT: memset(at.text, 'x', BUS_TEXT_LEN - 1); break;
	case BUS_ADDR:
		ck_assert_int_eq(
			addr_parse(at.addr,
				   "[fe80:1234:1234:1234:1234:1234:1234:1234%4294967295]:65535", 0),
			0);
		break;
	}
}

START_TEST(full_and_empty)
{
	const struct bus_record *record = records[_i];
	uint8_t buf[BUS_RECORD_MAX];
	union any full, empty;
	struct {
		union any obj;
		uint8_t behind;
	} again;
	struct msg_out out;
	struct view msg;

	memset(&full, 0, sizeof(full));
	memset(&empty, 0, sizeof(empty));
	for (size_t i = 0; i < record->n; i++) {
		fill(&record->fields[i], &full);
		for (size_t j = 0; j < i; j++)
			ck_assert_str_ne(record->fields[i].key, record->fields[j].key);
	}
	msg_init(&out, buf, sizeof(buf));
	bus_write(&out, record, &full);
	ck_assert_int_eq(msg_done(&out, &msg), 0);
	memset(&again, 0x55, sizeof(again));
	ck_assert_int_eq(bus_read(msg, record, &again), 0);
	ck_assert_mem_eq(&again, &full, record->size);
	ck_assert_uint_eq(((uint8_t *)&again)[record->size], 0x55); /* untouched behind it */

	msg_init(&out, buf, sizeof(buf));
	bus_write(&out, record, &empty);
	ck_assert_int_eq(msg_done(&out, &msg), 0);
	ck_assert_uint_eq(msg.len, 0);
	memset(&again, 0x55, sizeof(again));
	ck_assert_int_eq(bus_read(msg, record, &again), 0);
	ck_assert_mem_eq(&again, &empty, record->size);
}
END_TEST

static const struct {
	const char *key, *value;
	bool fits;
} values[] = {
	{"mark", "0", true},
	{"mark", "4294967295", true},
	{"mark", "007", true},
	{"mark", "4294967296", false},
	{"mark", "", false},
	{"mark", "-1", false},
	{"mark", "+1", false},
	{"mark", " 1", false},
	{"mark", "1 ", false},
	{"mark", "0x10", false},
	{"mark", "99999999999999999999999999", false},
	{"spi-in", "0xc0ffee", true},
	{"spi-in", "0xFFFFFFFF", true},
	{"spi-in", "0x100000000", false},
	{"spi-in", "c0ffee", false},
	{"spi-in", "0x", false},
	{"spi-in", "0xg", false},
	{"encap", "yes", true},
	{"encap", "no", true},
	{"encap", "", false},
	{"encap", "true", false},
	{"local", "192.0.2.1:4500", true},
	{"local", "2001:db8::1", true},
	{"local", "none", false},
	{"local", "", false},
	{"local", "192.0.2.1:4500 ", false},
	{"child", "", true},
	{"child", "anything \xff\n", true},
	{"no-such-key", "anything", true},
};

START_TEST(values_fit_their_kind)
{
	static const struct bus_sa zero;
	uint8_t buf[256];
	struct bus_sa sa;
	struct msg_out out;
	struct view msg;

	msg_init(&out, buf, sizeof(buf));
	msg_u64(&out, "reqid", 5); /* what was read before is dropped as well */
	msg_str(&out, values[_i].key, values[_i].value);
	ck_assert_int_eq(msg_done(&out, &msg), 0);
	ck_assert_msg(bus_read(msg, &bus_sa_record, &sa) == (values[_i].fits ? 0 : -EBADMSG),
		      "%s = %s", values[_i].key, values[_i].value);
	if (!values[_i].fits)
		ck_assert_mem_eq(&sa, &zero, sizeof(sa));
	else
		ck_assert_uint_eq(sa.reqid, 5);
}
END_TEST

START_TEST(sixty_four_bits)
{
	uint8_t buf[256];
	struct bus_session s;
	struct msg_out out;
	struct view msg;

	msg_init(&out, buf, sizeof(buf));
	msg_str(&out, "bytes-in", "18446744073709551615");
	ck_assert_int_eq(msg_done(&out, &msg), 0);
	ck_assert_int_eq(bus_read(msg, &bus_session_record, &s), 0);
	ck_assert(s.bytes_in == UINT64_MAX);
	msg_init(&out, buf, sizeof(buf));
	msg_str(&out, "bytes-in", "18446744073709551616");
	ck_assert_int_eq(msg_done(&out, &msg), 0);
	ck_assert_int_eq(bus_read(msg, &bus_session_record, &s), -EBADMSG);
}
END_TEST

START_TEST(passes_over_the_unknown)
{
	char longer[300];
	uint8_t buf[1024];
	struct bus_close c;
	struct msg_out out;
	struct view msg;

	memset(longer, 'x', sizeof(longer));
	msg_init(&out, buf, sizeof(buf));
	msg_section(&out, "reason"); /* a section of that name, and the key inside another */
	msg_str(&out, "reason", "inside");
	msg_section_end(&out);
	msg_list(&out, "reason");
	msg_item(&out, view_str("item"));
	msg_list_end(&out);
	ck_assert_int_eq(msg_done(&out, &msg), 0);
	ck_assert_int_eq(bus_read(msg, &bus_close_record, &c), 0);
	ck_assert_str_eq(c.reason, "");

	msg_str(&out, "reason", "first");
	msg_bytes(&out, "reason", (struct view){(const uint8_t *)longer, sizeof(longer)});
	ck_assert_int_eq(msg_done(&out, &msg), 0);
	ck_assert_int_eq(bus_read(msg, &bus_close_record, &c), 0);
	ck_assert_uint_eq(strlen(c.reason), BUS_TEXT_LEN - 1);

	msg_bytes(&out, "reason", (struct view){(const uint8_t *)"a\0b", 3});
	ck_assert_int_eq(msg_done(&out, &msg), 0);
	ck_assert_int_eq(bus_read(msg, &bus_close_record, &c), -EBADMSG);

	/* Broken behind what was read. */
	msg = (struct view){msg.p, msg.len - 1};
	ck_assert_int_eq(bus_read(msg, &bus_close_record, &c), -EBADMSG);
	ck_assert_str_eq(c.reason, "");
}
END_TEST

/* Every streamed event is an event of the same socket. */
START_TEST(streams_are_events)
{
	static const char *const streams[3][16] = {
#define STREAM(NAME, word, stream, text) stream,
		{BUS_CHARON_COMMANDS(STREAM)},
		{BUS_SESSION_COMMANDS(STREAM)},
		{BUS_ADMIN_COMMANDS(STREAM)},
#undef STREAM
	};
	static const char *const events[3][16] = {
#define EVENT(NAME, word, text) word,
		{BUS_CHARON_EVENTS(EVENT)},
		{BUS_SESSION_EVENTS(EVENT)},
		{BUS_ADMIN_EVENTS(EVENT)},
#undef EVENT
	};

	for (size_t i = 0; i < 16 && streams[_i][i]; i++) {
		bool found = !*streams[_i][i];

		for (size_t j = 0; j < 16 && events[_i][j]; j++)
			found |= !strcmp(streams[_i][i], events[_i][j]);
		ck_assert_msg(found, "%s", streams[_i][i]);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("record");
	TCase *t = tcase_create("record");
	SRunner *r;
	int failed;

	tcase_add_test(t, byte_by_byte);
	tcase_add_loop_test(t, full_and_empty, 0, N_RECORDS);
	tcase_add_loop_test(t, values_fit_their_kind, 0, sizeof(values) / sizeof(values[0]));
	tcase_add_test(t, sixty_four_bits);
	tcase_add_test(t, passes_over_the_unknown);
	tcase_add_loop_test(t, streams_are_events, 0, 3);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
