/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages of L2TP: any bytes give a message or a verdict; a message that was read can be built
 * again, and read again it is the same.
 */
#include <errno.h>
#include <string.h>

#include "l2tpd/wire/hdr.h"
#include "l2tpd/wire/msg.h"
#include "tests/fuzz/fuzz.h"

static void build_again(const struct msg *m, size_t size)
{
	/* Short forms grow: a result code gets its error code, a serial number its 4 bytes. */
	size_t cap = size + 16;
	uint8_t *bytes = malloc(2 * cap), *twice = bytes + cap;
	struct verdict v;
	struct msg again;
	struct wr out, out2;

	require(bytes);
	wr_init(&out, bytes, cap);
	require(!msg_build(&out, m, NULL));
	require(!msg_parse(&again, (struct view){bytes, out.len}, NULL, NULL, &v));
	require(again.has == m->has && again.type == m->type);
	wr_init(&out2, twice, cap);
	require(!msg_build(&out2, &again, NULL));
	require(out.len == out2.len && !memcmp(bytes, twice, out.len));
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct verdict v = {0};
	struct view body;
	struct hdr h;
	struct msg m;
	int err;

	if (!hdr_parse(&h, &body, data, size))
		require(body.len <= size);
	err = msg_parse(&m, (struct view){data, size}, NULL, NULL, &v);
	require(!err || err == -EBADMSG || err == -ENOMSG);
	require(err != -EBADMSG || (v.result && v.text));
	if (!err)
		build_again(&m, size);
	return 0;
}
