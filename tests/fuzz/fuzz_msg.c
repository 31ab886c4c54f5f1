/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bus messages: walking any bytes ends, and tells the same as msg_check(); what is well formed,
 * built again from its elements, gives the same bytes.
 */
#include "lib/bus/msg.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void rebuild(struct msg_out *out, const struct msg_el *el)
{
	char name[256];

	require(!view_to_str(el->name, name, sizeof(name)));
	switch (el->type) {
	case MSG_SECTION: msg_section(out, name); break;
	case MSG_SECTION_END: msg_section_end(out); break;
	case MSG_KEY: msg_bytes(out, name, el->value); break;
	case MSG_LIST: msg_list(out, name); break;
	case MSG_ITEM: msg_item(out, el->value); break;
	case MSG_LIST_END: msg_list_end(out); break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view msg = {data, size}, again;
	uint8_t *copy = malloc(size + 1);
	struct msg_out out;
	struct msg_in in;
	struct msg_el el;
	int r;

	require(copy);
	msg_init(&out, copy, size);
	msg_walk(&in, msg);
	while ((r = msg_next(&in, &el)) == 1) {
		require(el.depth <= MSG_DEPTH_MAX);
		rebuild(&out, &el);
	}
	require(r == msg_check(msg));
	if (!r) {
		require(!msg_done(&out, &again));
		require(again.len == size && (!size || !memcmp(again.p, data, size)));
	}
	msg_find(msg, "section.key", &again);
	free(copy);
	return 0;
}
