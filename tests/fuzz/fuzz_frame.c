/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bus packets: a stream of any bytes is cut without going back or past its end, and a packet that
 * was parsed, built again, gives the same bytes.
 */
#include "lib/bus/frame.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void one_packet(struct view whole, struct view packet)
{
	uint8_t *copy = malloc(whole.len);
	struct frame frame;
	char name[256];

	require(copy);
	if (!frame_parse(packet, &frame)) {
		int n;

		require(!view_to_str(frame.name, name, sizeof(name)));
		n = frame_build(copy, whole.len, frame.type,
				frame_has_name(frame.type) ? name : NULL, frame.msg);
		require(n > 0 && (size_t)n == whole.len && !memcmp(copy, whole.p, whole.len));
	}
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view rest = {data, size}, packet;
	size_t used;

	while (frame_split(rest, FRAME_MAX, &packet, &used) == 1) {
		require(used > FRAME_HDR_LEN && used <= rest.len);
		require(packet.len == used - FRAME_HDR_LEN);
		one_packet((struct view){rest.p, used}, packet);
		rest.p += used;
		rest.len -= used;
	}
	return 0;
}
