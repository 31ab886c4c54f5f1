/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages of L2TP: any bytes give a message or a verdict, and what a stricter reader takes, a
 * milder one takes too; a message that was read can be built again, and read again it is the same.
 */
#include <errno.h>
#include <string.h>

#include "l2tpd/wire/hdr.h"
#include "l2tpd/wire/msg.h"
#include "tests/fuzz/fuzz.h"

#define SECRET "fuzz"

static void build_again(const struct msg *m, size_t size, enum msg_strictness strictness)
{
	/* Short forms grow: a result code gets its error code, a serial number its 4 bytes. */
	const struct msg_rules rules = {.strictness = strictness};
	size_t cap = size + 16;
	uint8_t *bytes = malloc(2 * cap), *twice = bytes + cap;
	struct verdict v;
	struct msg again;
	struct wr out, out2;

	require(bytes);
	wr_init(&out, bytes, cap);
	require(!msg_build(&out, m, NULL));
	require(!msg_parse(&again, (struct view){bytes, out.len}, &rules, NULL, &v));
	require(again.has == m->has && again.type == m->type);
	wr_init(&out2, twice, cap);
	require(!msg_build(&out2, &again, NULL));
	require(out.len == out2.len && !memcmp(bytes, twice, out.len));
	free(bytes);
}

/* Read it; what was taken is built again. */
static int read_by(struct view body, const struct msg_rules *rules)
{
	struct msg_scratch scratch;
	struct verdict v = {0};
	struct msg m;
	int err = msg_parse(&m, body, rules, &scratch, &v);

	require(!err || err == -EBADMSG || err == -ENOMSG);
	require(err != -EBADMSG || (v.result && v.text));
	require(!m.hidden || !rules->secret.len);
	if (!err)
		build_again(&m, body.len, rules->strictness);
	return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view body;
	struct hdr h;

	if (!hdr_parse(&h, &body, data, size))
		require(body.len <= size);
	body = (struct view){data, size};
	for (int secret = 0; secret < 2; secret++) {
		int before = -EBADMSG;

		for (int level = MSG_STRICT; level >= MSG_PERMISSIVE; level--) {
			struct msg_rules rules = {.strictness = (enum msg_strictness)level};
			int err;

			if (secret)
				rules.secret = view_str(SECRET);
			err = read_by(body, &rules);
			require(before || !err);
			before = err;
		}
	}
	return 0;
}
