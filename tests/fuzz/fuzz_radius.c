/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RADIUS answers: any bytes are taken without a read out of bounds and believed only when signed;
 * signed, what the walk shows adds up to all of the attributes, and every reader of them holds.
 */
#include <string.h>

#include "lib/base/clock.h"
#include "lib/radius/packet.h"
#include "pppd-plugin/assign.h"
#include "pppd-plugin/auth.h"
#include "tests/fake/reply.h"
#include "tests/fuzz/fuzz.h"

static const uint8_t authenticator[RADIUS_AUTH_LEN] = {1, 2, 3};
static const struct view secret = {(const uint8_t *)"secret", 6};

/* The walk gives each attribute once, in order, and ends. */
static void walk(struct view attrs)
{
	struct radius_attr attr;
	struct radius_walk w;
	const uint8_t *end = attrs.p;
	int r;

	radius_walk(&w, attrs);
	while ((r = radius_next(&w, &attr)) > 0) {
		require(attr.value.p >= end || !attr.value.len);
		require(!attr.value.len || attr.value.p + attr.value.len <= attrs.p + attrs.len);
		if (attr.value.len)
			end = attr.value.p + attr.value.len;
	}
	require(r == 0);
}

static void use(struct view attrs)
{
	struct assign assign = {.mtu = 1400};
	struct auth auth = {.method = &mschapv2_method};
	char why[64];
	uint32_t wish;

	if (!assign_accept(&assign, attrs, &wish, why, sizeof(why)))
		require(assign.mtu >= ASSIGN_MTU_MIN && assign.mtu <= 1400);
	mschapv2_method.start(&auth, "x", 0);
	if (!mschapv2_method.check(&auth, attrs))
		mschapv2_method.pass(&auth);
	else
		mschapv2_method.refuse(&auth, attrs, "no");
	require(auth.packet_len > AUTH_HDR_LEN && auth.packet_len <= sizeof(auth.packet));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t buf[RADIUS_PACKET_MAX];
	struct radius_reply reply;
	size_t len;

	require(radius_reply_parse((struct view){data, size}, size > 1 ? data[1] : 0, authenticator,
				   secret, &reply) != RADIUS_FLAW_NONE);
	len = reply_build(buf, sizeof(buf), RADIUS_ACCESS_ACCEPT, 7, (struct view){data, size},
			  authenticator, secret);
	if (!len || radius_reply_parse((struct view){buf, len}, 7, authenticator, secret, &reply))
		return 0;
	require(reply.attrs.p == buf + RADIUS_HDR_LEN && reply.attrs.len == len - RADIUS_HDR_LEN);
	walk(reply.attrs);
	use(reply.attrs);
	return 0;
}
