/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whole conversation of an authenticator, with a client and a RADIUS server who both lie.
 *
 *   method, then steps: what happens, length (2 bytes), bytes
 *
 * No packet is longer than the link takes, a request always fits RADIUS, who is asked about has a
 * name, and nothing but the verdict ends it.
 */
#include <string.h>

#include "lib/base/clock.h"
#include "pppd-plugin/auth.h"
#include "tests/fuzz/fuzz.h"

enum step { STEP_PACKET, STEP_CHALLENGE, STEP_REJECT, STEP_ACCEPT, STEP_TIMER, STEP_COUNT };

static const struct auth_method *const methods[] = {&eap_method, &mschapv2_method, &chap_method,
						    &pap_method};

static struct auth a;
static usec_t now;

/* What the plugin does after each call. */
static void settle(enum auth_wish wish)
{
	static struct radius_attrs request;
	uint8_t buf[RADIUS_PACKET_MAX], authenticator[RADIUS_AUTH_LEN] = {1};

	require(a.packet_len <= a.mtu || a.method != &eap_method);
	require(a.packet_len <= sizeof(a.packet));
	a.packet_len = 0;
	require(memchr(a.reason, '\0', sizeof(a.reason)));
	if (wish == AUTH_ASK) {
		require(a.state == AUTH_ASKING && a.user_len && a.user_len <= AUTH_USER_MAX);
		radius_attrs_init(&request);
		a.method->ask(&a, &request);
		require(radius_request_build(buf, sizeof(buf), 1, authenticator, &request,
					     (struct view){(const uint8_t *)"s", 1}) > 0);
		radius_attrs_wipe(&request);
	} else if (wish == AUTH_FAIL) {
		require(a.reason[0]);
		a.method->refuse(&a, (struct view){NULL, 0}, "no");
		require(a.packet_len && a.state == AUTH_FAILED);
		a.packet_len = 0;
	}
}

/* RADIUS answers, where it was asked; its attributes are well formed, or the answer is dropped. */
static void answer(enum step step, struct view attrs)
{
	struct radius_attr attr;
	struct radius_walk walk;
	int r;

	radius_walk(&walk, attrs);
	while ((r = radius_next(&walk, &attr)) > 0)
		;
	if (r || a.state != AUTH_ASKING)
		return;
	if (step == STEP_CHALLENGE && a.method->challenge) {
		settle(a.method->challenge(&a, attrs, now));
	} else if (step == STEP_REJECT && a.method->retry && a.method->retry(&a, attrs, now)) {
		require(a.packet_len && a.state == AUTH_WAITING && a.due > now);
		settle(AUTH_WAIT);
	} else if (step == STEP_ACCEPT && !a.method->check(&a, attrs)) {
		a.method->pass(&a);
		require(a.state == AUTH_PASSED && a.packet_len);
		settle(AUTH_WAIT);
	} else {
		a.method->refuse(&a, attrs, "no");
		require(a.state == AUTH_FAILED && a.packet_len);
		settle(AUTH_WAIT);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view bytes;
	struct rd in;

	rd_init(&in, data, size);
	memset(&a, 0, sizeof(a));
	a.method = methods[rd_u8(&in) % (sizeof(methods) / sizeof(methods[0]))];
	a.mtu = 1400;
	now = USEC_PER_S;
	a.method->start(&a, "gateway", now);
	settle(AUTH_WAIT);
	a.id = 1; /* not by chance here */
	while (in.left) {
		enum step step = rd_u8(&in) % STEP_COUNT;

		rd_take(&in, &bytes, rd_u16(&in));
		if (in.bad)
			break;
		if (step == STEP_PACKET) {
			settle(a.method->input(&a, bytes, now));
		} else if (step != STEP_TIMER) {
			answer(step, bytes);
		} else if (a.due != USEC_NEVER && a.due) {
			now = a.due;
			settle(a.method->timer(&a, now));
		}
	}
	return 0;
}
