/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages of a server that has been running for a while allocate nothing: calls of malloc() and
 * its kin are counted (the linker's --wrap) while ten thousand of them go each way.
 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>

#include "l2tpd/wire/hdr.h"
#include "l2tpd/wire/msg.h"
#include "tests/fuzz/fuzz.h"
#include "tests/replay/world.h"

#define MESSAGES 10000
#define PEER_TID 5

void *__real_malloc(size_t len);
void *__real_calloc(size_t n, size_t len);
void *__real_realloc(void *p, size_t len);
void *__wrap_malloc(size_t len);
void *__wrap_calloc(size_t n, size_t len);
void *__wrap_realloc(void *p, size_t len);

static unsigned int n_allocations;

void *__wrap_malloc(size_t len)
{
	n_allocations++;
	return __real_malloc(len);
}

void *__wrap_calloc(size_t n, size_t len)
{
	n_allocations++;
	return __real_calloc(n, len);
}

void *__wrap_realloc(void *p, size_t len)
{
	n_allocations++;
	return __real_realloc(p, len);
}

static struct world *w;
static struct path client;
static uint16_t tid, ns, nr; /* the server's tunnel; the client's numbers */
static unsigned int n_hellos, n_refused;

/* A packet of the server: a message is acknowledged with what the client says next. */
static void sent(void *ctx, uint16_t via, const struct path *to, const void *bytes, size_t len)
{
	struct view body;
	struct verdict v;
	struct msg m;
	struct hdr h;

	(void)ctx, (void)to;
	require(!hdr_parse(&h, &body, bytes, len)); /* Check's own macros allocate */
	if (!body.len)
		return;
	require(!msg_parse(&m, body, NULL, NULL, &v));
	nr = (uint16_t)(h.ns + 1);
	tid = via;
	n_hellos += m.type == MSG_HELLO;
	n_refused += m.type == MSG_CDN;
}

static void say(const struct msg *m)
{
	uint8_t bytes[512];
	struct hdr h = {.control = true, .tid = tid, .ns = ns, .nr = nr};
	struct wr body, head;

	wr_init(&body, bytes + HDR_CONTROL_LEN, sizeof(bytes) - HDR_CONTROL_LEN);
	require(!m || !msg_build(&body, m, NULL));
	wr_init(&head, bytes, HDR_CONTROL_LEN);
	hdr_build(&head, &h, (uint16_t)(HDR_CONTROL_LEN + body.len));
	ns = (uint16_t)(ns + (m != NULL));
	lns_input(w->lns, &client, tid, bytes, HDR_CONTROL_LEN + body.len, w->now);
}

static void setup(void)
{
	struct msg request = {.type = MSG_SCCRQ}, connected = {.type = MSG_SCCCN};

	client.local = addr_from_ipv4(0xc0000201, L2TP_PORT);
	client.peer = addr_from_ipv4(0xc6336407, L2TP_PORT);
	w = world_new_kept(&world_conf, false); /* with all that is written down */
	w->sent = sent;
	msg_put(&request, protocol_version, 0x100);
	msg_put(&request, host_name, view_str("lac"));
	msg_put(&request, framing_caps, 3);
	msg_put(&request, tunnel_id, PEER_TID);
	say(&request);
	say(&connected);
	world_run(w, w->now + USEC_PER_S);
}

static void teardown(void)
{
	world_end(w);
	world_free(w);
}

START_TEST(hellos_of_the_peer)
{
	struct msg hello = {.type = MSG_HELLO};

	n_allocations = 0;
	for (int i = 0; i < MESSAGES; i++)
		say(&hello);
	ck_assert_uint_eq(n_allocations, 0);
}
END_TEST

START_TEST(hellos_of_ours)
{
	say(NULL);
	n_allocations = 0;
	for (int i = 0; i < MESSAGES; i++) {
		world_run(w, w->now + world_conf.hello);
		say(NULL);
	}
	ck_assert_uint_eq(n_allocations, 0);
	ck_assert_uint_eq(n_hellos, MESSAGES);
}
END_TEST

START_TEST(refused_calls)
{
	struct msg call = {.type = MSG_ICRQ};

	msg_put(&call, session_id, 9);
	msg_put(&call, call_serial, 1);
	n_allocations = 0;
	for (int i = 0; i < MESSAGES; i++) {
		w->fail[WORLD_ADMIT_SESSION] = -ENOSPC;
		say(&call);
	}
	ck_assert_uint_eq(n_allocations, 0);
	ck_assert_uint_eq(n_refused, MESSAGES);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("alloc");
	TCase *tc = tcase_create("alloc");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, hellos_of_the_peer);
	tcase_add_test(tc, hellos_of_ours);
	tcase_add_test(tc, refused_calls);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
