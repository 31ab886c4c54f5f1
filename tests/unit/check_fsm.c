/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machines' tables have no empty cell, ids rest, and a tunnel costs what it may. */
#include <check.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "l2tpd/fsm/machine.h"
#include "tests/replay/world.h"

START_TEST(test_tunnel_cells)
{
	enum tunnel_state next;

	for (unsigned int s = 0; s < TUN_STATE_COUNT; s++)
		for (unsigned int e = 0; e < TEV_COUNT; e++) {
			const char *action = tunnel_cell(s, e, &next);

			ck_assert_msg(action, "%s has an empty cell", tunnel_state_word(s));
			/* It never goes back, and what does nothing to the tunnel is no event. */
			ck_assert(next >= s && next < TUN_STATE_COUNT);
			ck_assert(strcmp(action, "nothing") || next == s);
		}
}
END_TEST

START_TEST(test_session_cells)
{
	enum session_state next;

	for (unsigned int s = 0; s < SES_STATE_COUNT; s++)
		for (unsigned int e = 0; e < SEV_COUNT; e++) {
			ck_assert_msg(session_cell(s, e, &next), "%s has an empty cell",
				      session_state_word(s));
			ck_assert(next >= s && next <= SES_GONE);
			/* Only pppd's end is the end of a session that has one. */
			if (s != SES_WAIT_ICRP && s != SES_WAIT_OCRP)
				ck_assert_int_eq(next == SES_GONE, e == SEV_PPP_EXIT);
			else
				ck_assert_int_ne(next, SES_CLOSED);
		}
}
END_TEST

START_TEST(test_dump)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	unsigned int lines = 0;

	ck_assert_ptr_nonnull(out);
	lns_dump_fsm(out);
	fclose(out);
	for (const char *p = text; (p = strchr(p, '\n')); p++)
		lines++;
	ck_assert_uint_eq(lines, TUN_STATE_COUNT * TEV_COUNT + SES_STATE_COUNT * SEV_COUNT + 3);
	ck_assert_ptr_nonnull(strstr(text, "ICRQ"));
	free(text);
}
END_TEST

START_TEST(test_ids)
{
	bool seen[65536] = {false};
	struct ids ids;
	uint16_t id, first;

	ck_assert_int_eq(ids_init(&ids, 1, 65535, 2 * IDS_REST), 0);
	first = ids_take(&ids, 0);
	seen[first] = true;
	for (int i = 1; i < 65535; i++) {
		id = ids_take(&ids, 0);
		ck_assert(id && !seen[id]);
		seen[id] = true;
	}
	ck_assert_uint_eq(ids_take(&ids, 0), 0);
	ids_give(&ids, first, 5);
	ck_assert_uint_eq(ids_take(&ids, 4 + 2 * IDS_REST), 0);
	ck_assert_uint_eq(ids_take(&ids, 5 + 2 * IDS_REST), first);
	ids_done(&ids);
}
END_TEST

/* Another one, of those that do not rest; what is given back is free. */
START_TEST(test_ids_exchange)
{
	uint16_t id, other, third;
	struct ids ids;

	ck_assert_int_eq(ids_init(&ids, 10, 12, IDS_REST), 0);
	id = ids_take(&ids, 0);
	other = ids_exchange(&ids, id, 0);
	ck_assert_uint_ne(other, id);
	third = ids_take(&ids, 0);
	ck_assert_uint_ne(third, other);
	ck_assert_uint_ne(ids_take(&ids, 0), 0);
	ck_assert_uint_eq(ids_exchange(&ids, other, 0), other); /* none is free */
	ids_give(&ids, third, 0);
	ck_assert_uint_eq(ids_exchange(&ids, other, 1), other); /* or it rests */
	ck_assert_uint_eq(ids_exchange(&ids, other, IDS_REST), third);
	ck_assert_uint_eq(ids_take(&ids, IDS_REST), other);
	ids_done(&ids);
}
END_TEST

START_TEST(test_ids_one)
{
	struct ids ids;

	ck_assert_int_eq(ids_init(&ids, 1701, 1701, IDS_REST), 0);
	for (usec_t now = 0; now < 10 * IDS_REST; now += IDS_REST) {
		ck_assert_uint_eq(ids_take(&ids, now), 1701);
		ck_assert_uint_eq(ids_take(&ids, now), 0);
		ids_give(&ids, 1701, now);
	}
	ids_done(&ids);
}
END_TEST

/* With its share of three tables and the allocator's own, well below 2 KB. */
/* One message of a client to the listener, the first or second of its tunnel. */
static void say(struct world *w, const struct path *from, const struct msg *m, uint16_t ns)
{
	struct hdr h = {.control = true, .ns = ns, .nr = ns};
	uint8_t bytes[HDR_CONTROL_LEN + MSG_LEN_MAX];
	struct wr head, body;

	wr_init(&body, bytes + HDR_CONTROL_LEN, MSG_LEN_MAX);
	ck_assert_int_eq(msg_build(&body, m, NULL), 0);
	wr_init(&head, bytes, HDR_CONTROL_LEN);
	hdr_build(&head, &h, (uint16_t)(HDR_CONTROL_LEN + body.len));
	lns_input(w->lns, from, 0, bytes, HDR_CONTROL_LEN + body.len, w->now);
}

/* Tunnels that are down keep id and socket for a while: they are counted, so that can be limited.
 */
START_TEST(test_leaving)
{
	struct path from = {.local = addr_from_ipv4(0xc0000201, 1701),
			    .peer = addr_from_ipv4(0xc0000202, 1701),
			    .sa = {.mark = 7, .reqid = 7}};
	struct msg sccrq = {.type = MSG_SCCRQ}, stop = {.type = MSG_STOPCCN};
	struct avp_result r = {.code = STOP_CLEAR};
	struct world *w = world_new(&world_conf);

	msg_put(&sccrq, protocol_version, 0x100);
	msg_put(&sccrq, host_name, view_str("client"));
	msg_put(&sccrq, framing_caps, 3);
	msg_put(&stop, result, r);
	for (uint16_t n = 1; n <= 20; n++) {
		msg_put(&sccrq, tunnel_id, n);
		msg_put(&stop, tunnel_id, n);
		say(w, &from, &sccrq, 0);
		ck_assert_uint_eq(lns_sa_tunnel_count(w->lns, 7), 1);
		say(w, &from, &stop, 1);
		ck_assert_uint_eq(lns_sa_tunnel_count(w->lns, 7), 0);
		ck_assert_uint_eq(lns_sa_leaving_count(w->lns, 7), n);
		ck_assert_uint_eq(w->n_open, n);
	}
	ck_assert_uint_eq(lns_sa_leaving_count(w->lns, 8), 0);
	world_run(w, w->now + 60 * USEC_PER_S);
	ck_assert_uint_eq(lns_sa_leaving_count(w->lns, 7), 0);
	world_end(w);
	world_free(w);
}
END_TEST

/* Forged SCCRQs by the hundred thousand: the first ones fill the table, and then nothing grows. */
START_TEST(test_forged)
{
	struct msg m = {.type = MSG_SCCRQ};
	struct lns_conf conf = world_conf;
	struct path from = {0};
	struct world *w;
	size_t before = 0;

	conf.strangers = 256;
	w = world_new(&conf);
	ck_assert_int_eq(addr_parse(&from.local, "192.0.2.1:1701", 0), 0);
	msg_put(&m, protocol_version, 0x100);
	msg_put(&m, framing_caps, 3);
	msg_put(&m, host_name, view_str("forged"));
	for (uint32_t i = 0; i < 100000; i++) {
		if (i == 1000)
			before = mallinfo2().uordblks;
		from.peer = addr_from_ipv4(0x0a000000 + i, (uint16_t)(1701 + i % 7));
		msg_put(&m, tunnel_id, (uint16_t)(i | 1));
		say(w, &from, &m, 0);
	}
	ck_assert_uint_eq(mallinfo2().uordblks, before);
	ck_assert_uint_eq(lns_counters(w->lns)->n[COUNT_STRANGERS_ANSWERED], 100000);
	ck_assert_uint_eq(lns_tunnel_count(w->lns), 0);
	ck_assert_uint_eq(w->n_open + w->n_admitted, 0);
	world_end(w);
	world_free(w);
}
END_TEST

START_TEST(test_size)
{
	ck_assert_uint_le(sizeof(struct tunnel) + sizeof(struct session), 1400);
}
END_TEST

START_TEST(test_cause)
{
	char much[200];
	struct cause c;

	memset(much, 'x', sizeof(much) - 1);
	much[sizeof(much) - 1] = '\0';
	cause_set(&c, STAGE_AUTH, 2, 4, "%s %d", "number", 5);
	ck_assert_str_eq(c.text, "number 5");
	ck_assert(c.stage == STAGE_AUTH && c.result == 2 && c.error == 4);
	cause_set(&c, STAGE_UP, 0, 0, "%s", much);
	ck_assert_uint_eq(strlen(c.text), sizeof(c.text) - 1);
	ck_assert_str_eq(stage_word(STAGE_IPCP), "ipcp");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("fsm");
	TCase *t = tcase_create("fsm");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_add_test(t, test_tunnel_cells);
	tcase_add_test(t, test_session_cells);
	tcase_add_test(t, test_dump);
	tcase_add_test(t, test_ids);
	tcase_add_test(t, test_ids_one);
	tcase_add_test(t, test_ids_exchange);
	tcase_add_test(t, test_leaving);
	tcase_add_test(t, test_forged);
	tcase_add_test(t, test_size);
	tcase_add_test(t, test_cause);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
