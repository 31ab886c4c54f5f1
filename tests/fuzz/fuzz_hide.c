/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hidden AVPs: any bytes give a value that lies within its room, or none; what is hidden comes out
 * as it went in; and a list of AVPs reads the same hidden and open.
 * The input: length of the secret, of the vector, of the padding, AVP number (2); those; the rest.
 */
#include <errno.h>
#include <string.h>

#include "l2tpd/wire/msg.h"
#include "tests/fuzz/fuzz.h"

#define LONGEST 63

/* Is it inside?  Then reading all of it shows the sanitizer what is not. */
static void require_inside(struct view v, const struct wr *room)
{
	volatile uint8_t sum = 0;

	require(v.p >= room->buf && v.p + v.len == room->buf + room->len);
	for (size_t i = 0; i < v.len; i++)
		sum = (uint8_t)(sum + v.p[i]);
}

static void read_any(const struct hide_key *k, uint16_t number, struct view hidden)
{
	uint8_t *bytes = malloc(hidden.len + 1);
	struct view got;
	struct wr room;
	int err;

	require(bytes);
	wr_init(&room, bytes, hidden.len);
	err = hide_read(k, number, hidden, &room, &got);
	require(!err || err == -EBADMSG);
	require(err || got.len + HIDE_PREFIX_LEN <= hidden.len);
	if (!err)
		require_inside(got, &room);
	free(bytes);
}

static void there_and_back(const struct hide_key *k, uint16_t number, struct view value,
			   struct view padding)
{
	size_t cap = HIDE_PREFIX_LEN + value.len + padding.len;
	uint8_t *hidden = malloc(cap), *bytes = malloc(value.len + 1);
	struct wr out, room;
	struct view got;

	require(hidden && bytes);
	wr_init(&out, hidden, cap);
	hide_write(&out, k, number, value, padding);
	require(!out.bad && out.len >= HIDE_PREFIX_LEN + value.len);
	require(!padding.len || out.len % padding.len == 0);
	wr_init(&room, bytes, value.len);
	require(!hide_read(k, number, (struct view){hidden, out.len}, &room, &got));
	require(got.len == value.len);
	require(!value.len || !memcmp(got.p, value.p, value.len));
	free(bytes);
	free(hidden);
}

/* A message read by its secret, hidden with it again: nothing is lost. */
static void message(const struct hide_key *k, struct view body)
{
	const struct hiding hide = {*k, {NULL, 0}, ~UINT64_C(0)};
	const struct msg_rules rules = {.secret = k->secret};
	struct msg_scratch scratch, scratch2;
	uint8_t bytes[2048];
	struct verdict v = {0};
	struct msg m, again;
	struct wr out;

	if (msg_parse(&m, body, &rules, &scratch, &v))
		return;
	wr_init(&out, bytes, sizeof(bytes));
	if (msg_build(&out, &m, &hide) || !k->secret.len)
		return; /* it no longer fits; nobody could read it */
	require(!msg_parse(&again, (struct view){bytes, out.len}, &rules, &scratch2, &v));
	require(again.has == m.has && again.type == m.type && again.tunnel_id == m.tunnel_id &&
		again.session_id == m.session_id && again.vendor_name.len == m.vendor_name.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hide_key k;
	struct view padding, rest;
	size_t secret_len, vector_len, padding_len;
	uint16_t number;
	struct rd in;

	rd_init(&in, data, size);
	secret_len = rd_u8(&in) & LONGEST;
	vector_len = rd_u8(&in) & LONGEST;
	padding_len = rd_u8(&in) & LONGEST;
	number = rd_u16(&in);
	rd_take(&in, &k.secret, secret_len);
	rd_take(&in, &k.vector, vector_len);
	rd_take(&in, &padding, padding_len);
	rd_rest(&in, &rest);
	if (in.bad)
		return 0;
	read_any(&k, number, rest);
	if (rest.len <= AVP_VALUE_MAX)
		there_and_back(&k, number, rest, padding);
	message(&k, rest);
	return 0;
}
