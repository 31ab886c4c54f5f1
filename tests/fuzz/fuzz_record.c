/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bus records: any bytes are read as each of them; what was read, written and read again, is the
 * same, and what was refused leaves nothing behind.
 */
#include "lib/bus/msg.h"
#include "lib/bus/record.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

union any {
#define X(name, NAME) struct bus_##name name;
	BUS_RECORDS(X)
#undef X
};

static void try_record(const struct bus_record *record, struct view msg)
{
	static const union any zero;
	uint8_t buf[BUS_RECORD_MAX];
	union any obj, again;
	struct msg_out out;
	struct view written;

	if (bus_read(msg, record, &obj)) {
		require(!memcmp(&obj, &zero, record->size));
		return;
	}
	msg_init(&out, buf, sizeof(buf));
	bus_write(&out, record, &obj);
	require(!msg_done(&out, &written));
	require(!bus_read(written, record, &again));
	for (size_t i = 0; i < record->n; i++) {
		char a[BUS_TEXT_LEN], b[BUS_TEXT_LEN];

		bus_field_format(&record->fields[i], &obj, a);
		bus_field_format(&record->fields[i], &again, b);
		require(!strcmp(a, b));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
#define X(name, NAME) try_record(&bus_##name##_record, (struct view){data, size});
	BUS_RECORDS(X)
#undef X
	return 0;
}
