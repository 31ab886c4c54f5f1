/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The load generator's client: PPP against a few lines of server, calls against the real machines.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "tests/bench/load/client.h"
#include "tests/bench/load/mschap.h"
#include "tests/replay/world.h"

/*
 * MS-CHAPv2: the example of RFC 2759 9.2
 */

START_TEST(test_mschap)
{
	static const uint8_t challenge[] =
		"\x5b\x5d\x7c\x7d\x7b\x3f\x2f\x3e\x3c\x2c\x60\x21\x32\x26"
		"\x26\x28";
	static const uint8_t peer[] = "\x21\x40\x23\x24\x25\x5e\x26\x2a\x28\x29\x5f\x2b\x3a\x33\x7c"
				      "\x7e";
	static const uint8_t nt[] = "\x82\x30\x9e\xcd\x8d\x70\x8b\x5e\xa0\x8f\xaa\x39\x81\xcd\x83"
				    "\x54\x42\x33\x11\x4a\x3d\x85\xd6\xdf";
	uint8_t response[MSCHAP_RESPONSE_LEN];
	char proof[MSCHAP_PROOF_LEN + 1];

	mschap_answer(challenge, peer, "DOMAIN\\User", "clientPass", response, proof);
	ck_assert_mem_eq(response, peer, 16);
	ck_assert_mem_eq(response + 24, nt, 24);
	ck_assert_uint_eq(response[48], 0);
	ck_assert_str_eq(proof, "S=407A5589115FD0D6209F510FE9C04566932CDA56");
}
END_TEST

/*
 * PPP: what we send is kept as text, "LCP 1" for a Configure-Request
 */

#define LCP  "\xc0\x21"
#define PAP  "\xc0\x23"
#define CHAP "\xc2\x23"
#define IPCP "\x80\x21"
#define IPV6 "\x80\x57"

static char sent[512];
static uint8_t last[1500];
static size_t last_len;

static void keep(struct ppp *p, const void *frame, size_t len)
{
	static const struct {
		const char *bytes, *name;
	} protocols[] = {{LCP, "lcp"}, {PAP, "pap"}, {CHAP, "chap"}, {IPCP, "ipcp"}};

	(void)p;
	ck_assert_uint_ge(len, 8);
	ck_assert_mem_eq(frame, "\xff\x03", 2);
	memcpy(last, frame, len);
	last_len = len;
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (!memcmp(last + 2, protocols[i].bytes, 2))
			snprintf(sent + strlen(sent), sizeof(sent) - strlen(sent), "%s%s-%u",
				 sent[0] ? " " : "", protocols[i].name, last[4]);
}

static void not_random(void *ret, size_t len)
{
	memset(ret, 7, len);
}

static const struct ppp_conf ppp_conf = {
	.methods = 1u << PPP_MSCHAPV2 | 1u << PPP_CHAP | 1u << PPP_PAP,
	.restart = 3 * USEC_PER_S,
	.tries = 3,
	.send = keep,
	.random = not_random,
};

static void expect(const char *frames)
{
	ck_assert_str_eq(sent, frames);
	sent[0] = '\0';
}

static void hear(struct ppp *p, const void *frame, size_t len)
{
	uint8_t *copy = malloc(len); /* so that reading past its end is found */

	memcpy(copy, frame, len);
	ppp_input(p, (struct view){copy, len}, 0);
	free(copy);
}

/* The server says this; before it, each beginning of it, which must do nothing. */
static void say(struct ppp *p, const char *protocol, uint8_t code, uint8_t id, const void *body,
		size_t len)
{
	uint8_t frame[256];
	struct wr out;

	wr_init(&out, frame, sizeof(frame));
	wr_bytes(&out, protocol, 2); /* without address and control: both are to be taken */
	wr_u8(&out, code);
	wr_u8(&out, id);
	wr_u16(&out, (uint16_t)(4 + len));
	wr_bytes(&out, body, len);
	ck_assert(!out.bad);
	for (size_t n = 0; n < out.len; n++)
		hear(p, frame, n);
	hear(p, frame, out.len);
}

/* An acknowledgement of what we said last. */
static void agree(struct ppp *p, const char *protocol)
{
	uint8_t body[256];

	memcpy(body, last + 8, last_len - 8);
	say(p, protocol, 2, last[5], body, last_len - 8);
}

static void begin(struct ppp *p)
{
	sent[0] = '\0';
	ppp_init(p, &ppp_conf, "User", "clientPass");
	ppp_start(p, 0);
	expect("lcp-1");
	agree(p, LCP);
}

static void bring_ipcp_up(struct ppp *p)
{
	ck_assert_int_eq(p->phase, PPP_IPCP);
	expect("ipcp-1");
	say(p, IPCP, 4, last[5], "\x83\x06\0\0\0\0", 6); /* no second name server */
	expect("ipcp-1");
	say(p, IPCP, 3, last[5], "\x03\x06\x0a\0\0\x05\x81\x06\x0a\0\0\x35", 12);
	expect("ipcp-1");
	ck_assert_uint_eq(last_len, 8 + 12);
	agree(p, IPCP);
	say(p, IPCP, 1, 1, "\x02\x06\0\x2d\x0f\x01\x03\x06\x0a\0\0\x01", 12); /* VJ compression */
	expect("ipcp-4");
	say(p, IPCP, 1, 2, "\x03\x06\x0a\0\0\x01", 6);
	expect("ipcp-2");
	ck_assert_int_eq(p->phase, PPP_UP);
	ck_assert_uint_eq(p->address, 0x0a000005);
	ck_assert_uint_eq(p->dns[0], 0x0a000035);
}

START_TEST(test_ppp_mschapv2)
{
	static const char proof[] = "S=00";
	struct ppp p;

	begin(&p);
	say(&p, LCP, 1, 1, "\x03\x04\xc2\x27", 4); /* EAP: we would rather not */
	expect("lcp-3");
	ck_assert_mem_eq(last + 8, "\x03\x05\xc2\x23\x81", 5);
	say(&p, LCP, 1, 2, "\x03\x05\xc2\x23\x81\x05\x06\1\2\3\4\x07\x02\x08\x02\x11\x04\0\0", 19);
	expect("lcp-4"); /* MRRU: unknown */
	say(&p, LCP, 1, 3, "\x03\x05\xc2\x23\x81\x05\x06\1\2\3\4\x07\x02\x08\x02", 15);
	expect("lcp-2");
	ck_assert_int_eq(p.phase, PPP_AUTH);
	say(&p, CHAP, 1, 9,
	    "\x10"
	    "0123456789abcdef"
	    "server",
	    23);
	expect("chap-2");
	ck_assert_uint_eq(last[8], MSCHAP_RESPONSE_LEN);
	ck_assert_mem_eq(last + 9 + MSCHAP_RESPONSE_LEN, "User", 4);
	say(&p, CHAP, 3, 9, p.proof, strlen(p.proof));
	bring_ipcp_up(&p);
	say(&p, IPV6, 1, 1, "", 0);
	expect("lcp-8");
	say(&p, LCP, 9, 4, "\1\2\3\4", 4);
	expect("lcp-10");
	ppp_echo(&p);
	expect("lcp-9");
	say(&p, LCP, 10, 1, "\1\2\3\4", 4);
	ck_assert_uint_eq(p.echoes_back, 1);
	say(&p, LCP, 5, 7, "enough", 6);
	expect("lcp-6");
	ck_assert_str_eq(p.why, "ended by the server: enough");
	ck_assert_uint_eq(p.restarts, 0);

	begin(&p);
	say(&p, LCP, 1, 3, "\x03\x05\xc2\x23\x81", 5);
	say(&p, CHAP, 1, 9,
	    "\x10"
	    "0123456789abcdef",
	    17);
	say(&p, CHAP, 3, 9, proof, 4);
	ck_assert_str_eq(p.why, "the server does not know the password");
}
END_TEST

START_TEST(test_ppp_pap)
{
	struct ppp p;

	begin(&p);
	say(&p, LCP, 1, 1, "\x03\x04\xc0\x23", 4);
	expect("lcp-2 pap-1");
	ck_assert_mem_eq(last + 8,
			 "\x04User\x0a"
			 "clientPass",
			 16);
	say(&p, PAP, 2, 1, "\0", 1);
	bring_ipcp_up(&p);

	begin(&p);
	say(&p, LCP, 1, 1, "\x03\x04\xc0\x23", 4);
	say(&p, PAP, 3, 1, "\x02no", 3);
	ck_assert_str_eq(p.why, "PAP refused: no");
	ck_assert_uint_eq(ppp_deadline(&p), USEC_NEVER);
}
END_TEST

START_TEST(test_ppp_chap)
{
	struct ppp p;

	begin(&p);
	say(&p, LCP, 1, 1, "\x03\x05\xc2\x23\x05", 5);
	expect("lcp-2");
	say(&p, CHAP, 1, 9,
	    "\x08"
	    "01234567",
	    9);
	expect("chap-2");
	ck_assert_uint_eq(last[8], 16);
	say(&p, CHAP, 4, 9, "who?", 4);
	ck_assert_str_eq(p.why, "CHAP refused: who?");
}
END_TEST

/* Nobody asks who we are; and the server negotiates anew. */
START_TEST(test_ppp_again)
{
	struct ppp p;

	begin(&p);
	say(&p, LCP, 1, 1, "", 0);
	ck_assert_int_eq(p.phase, PPP_IPCP);
	expect("lcp-2 ipcp-1");
	say(&p, LCP, 1, 2, "", 0);
	expect("lcp-1 lcp-2");
	ck_assert_int_eq(p.phase, PPP_LCP);
}
END_TEST

START_TEST(test_ppp_silence)
{
	struct ppp p;

	sent[0] = '\0';
	ppp_init(&p, &ppp_conf, "User", "clientPass");
	ck_assert_uint_eq(ppp_deadline(&p), USEC_NEVER);
	ppp_start(&p, 0);
	ppp_run(&p, 2 * USEC_PER_S);
	expect("lcp-1");
	ppp_run(&p, 3 * USEC_PER_S);
	ppp_run(&p, 6 * USEC_PER_S);
	expect("lcp-1 lcp-1");
	ck_assert_uint_eq(p.restarts, 2);
	ppp_run(&p, 9 * USEC_PER_S);
	expect("");
	ck_assert_str_eq(p.why, "no answer to LCP");
}
END_TEST

/*
 * Calls: a client and the server's machines, without a network between them
 */

static struct world *w;
static struct client client;
static struct stats stats;
static struct client_conf conf;
static const struct path path = {
	.local = {.ip = {192, 0, 2, 1}, .port = 1701, .family = AF_INET},
	.peer = {.ip = {198, 51, 100, 7}, .port = 1701, .family = AF_INET},
};
static bool deaf; /* the server */

static void to_server(struct client *c, const void *bytes, size_t len)
{
	struct view body;
	struct hdr h;

	(void)c;
	ck_assert(!hdr_parse(&h, &body, bytes, len));
	if (!deaf)
		lns_input(w->lns, &path, h.tid, bytes, len, w->now);
}

static struct {
	size_t len;
	uint8_t bytes[256];
} waiting[64]; /* the machines are not to be called back, so answers wait */
static unsigned int n_waiting;

static void to_client(void *ctx, uint16_t tid, const struct path *to, const void *bytes, size_t len)
{
	(void)ctx, (void)tid, (void)to;
	ck_assert_uint_lt(n_waiting, 64);
	waiting[n_waiting].len = len;
	memcpy(waiting[n_waiting++].bytes, bytes, len);
}

static void deliver(void)
{
	for (unsigned int i = 0; i < n_waiting; i++) /* it grows meanwhile */
		client_input(&client, waiting[i].bytes, waiting[i].len, w->now);
	n_waiting = 0;
}

/* Until `t` from now, or until nothing is left to do before. */
static void pass(usec_t t)
{
	usec_t end = w->now + t, at;

	for (;;) {
		deliver();
		at = world_next(w);
		if (client_deadline(&client) < at)
			at = client_deadline(&client);
		if (at > end)
			break;
		world_run(w, at > w->now ? at : w->now);
		client_run(&client, w->now);
	}
	world_run(w, end);
}

static void setup(void)
{
	w = world_new(&world_conf);
	w->sent = to_client;
	n_waiting = 0;
	deaf = false;
	stats_init(&stats);
	conf = (struct client_conf){
		.chan = {.hello = USEC_NEVER,
			 .retry_first = USEC_PER_S,
			 .retry_cap = 8 * USEC_PER_S,
			 .retry_max = 3,
			 .window = 8},
		.n_calls = 2,
		.limit = 30 * USEC_PER_S,
		.host_name = "lac",
		.user = "u#x#",
		.password = "p",
		.stats = &stats,
		.send = to_server,
	};
	conf.ppp = ppp_conf;
	client_conf_init(&conf);
	ck_assert_int_eq(client_init(&client, &conf, 42, 5), 0);
}

static void teardown(void)
{
	client_done(&client);
	stats_done(&stats);
	world_end(w);
	world_free(w);
}

#define COUNTED(what, n) ck_assert_uint_eq(stats.counts[STAT_##what], n)

START_TEST(test_call)
{
	ck_assert(client_settled(&client));
	ck_assert_str_eq(client.calls[0].user, "u42x42");
	client_dial(&client, w->now);
	ck_assert(!client_settled(&client));
	pass(USEC_PER_S);
	ck_assert(client_settled(&client));
	COUNTED(tunnels_up, 1);
	COUNTED(sessions_up, 2);
	COUNTED(retransmissions, 0);
	ck_assert_uint_eq(stats.times[STAT_TIME_icrp].n, 2);
	ck_assert_uint_eq(lns_session_count(w->lns), 2);
	client_hello(&client, w->now);
	pass(USEC_PER_S);
	ck_assert(chan_idle(&client.chan));
	client_hang_up(&client, w->now);
	pass(USEC_PER_S);
	COUNTED(hung_up, 1);
	COUNTED(sessions_lost, 0);
	ck_assert_uint_eq(lns_tunnel_count(w->lns), 0);
}
END_TEST

START_TEST(test_redial)
{
	client_dial(&client, w->now);
	pass(10 * USEC_PER_S);
	client_vanish(&client);
	ck_assert_uint_eq(client_deadline(&client), USEC_NEVER);
	client_dial(&client, w->now);
	pass(USEC_PER_S);
	COUNTED(tunnels_up, 2);
	COUNTED(sessions_up, 4);
	COUNTED(tunnels_lost, 0);
	ck_assert_uint_eq(lns_tunnel_count(w->lns), 1);
}
END_TEST

START_TEST(test_refused)
{
	w->fail[WORLD_ADMIT_TUNNEL] = -ERR_LIMIT;
	client_dial(&client, w->now);
	pass(USEC_PER_S);
	ck_assert(client_settled(&client));
	COUNTED(tunnels_failed, 1);
	COUNTED(sessions_failed, 2);
	ck_assert_str_eq(stats.reasons[0].text,
			 "tunnel: STOPCCN from the server: general error, insufficient resources: "
			 "no more tunnels");
	w->fail[WORLD_ADMIT_SESSION] = -ERR_LIMIT;
	client_dial(&client, w->now);
	pass(USEC_PER_S);
	COUNTED(tunnels_up, 1);
	COUNTED(sessions_up, 1);
	COUNTED(sessions_failed, 3);
	ck_assert_str_eq(stats.reasons[1].text, "session: CDN from the server: no facilities at "
						"present: no more sessions");
}
END_TEST

START_TEST(test_silent_server)
{
	deaf = true;
	client_dial(&client, w->now);
	pass(60 * USEC_PER_S);
	ck_assert(client_settled(&client));
	COUNTED(retransmissions, 3);
	ck_assert_str_eq(stats.reasons[0].text, "tunnel: the server does not answer any more");
	deaf = false;
	client_dial(&client, w->now);
	pass(USEC_PER_S);
	deaf = true;
	client_hello(&client, w->now);
	pass(60 * USEC_PER_S);
	COUNTED(tunnels_lost, 1);
	COUNTED(sessions_lost, 2);
	ck_assert_uint_eq(stats.n_reasons, 1);
	ck_assert_uint_eq(stats.reasons[0].n, 2);
}
END_TEST

START_TEST(test_percentiles)
{
	struct stats s;

	stats_init(&s);
	ck_assert_uint_eq(stat_at(&s, STAT_TIME_lcp, 50), 0);
	for (usec_t i = 200; i; i--)
		stat_time(&s, STAT_TIME_lcp, i);
	stat_sort(&s);
	ck_assert_uint_eq(stat_at(&s, STAT_TIME_lcp, 50), 100);
	ck_assert_uint_eq(stat_at(&s, STAT_TIME_lcp, 99), 198);
	ck_assert_uint_eq(stat_at(&s, STAT_TIME_lcp, 100), 200);
	for (int i = 0; i < 2 * STAT_REASONS_MAX; i++) {
		char text[16];

		snprintf(text, sizeof(text), "reason %d", i);
		stat_reason(&s, text);
	}
	ck_assert_uint_eq(s.n_reasons, STAT_REASONS_MAX);
	ck_assert_str_eq(s.reasons[STAT_REASONS_MAX - 1].text, "other reasons");
	ck_assert_uint_eq(s.reasons[STAT_REASONS_MAX - 1].n, STAT_REASONS_MAX + 1);
	stats_done(&s);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("load");
	TCase *tc = tcase_create("ppp"), *calls = tcase_create("calls");
	SRunner *r;
	int failed;

	tcase_add_test(tc, test_mschap);
	tcase_add_test(tc, test_ppp_mschapv2);
	tcase_add_test(tc, test_ppp_pap);
	tcase_add_test(tc, test_ppp_chap);
	tcase_add_test(tc, test_ppp_again);
	tcase_add_test(tc, test_ppp_silence);
	tcase_add_test(tc, test_percentiles);
	suite_add_tcase(s, tc);
	tcase_add_checked_fixture(calls, setup, teardown);
	tcase_add_test(calls, test_call);
	tcase_add_test(calls, test_redial);
	tcase_add_test(calls, test_refused);
	tcase_add_test(calls, test_silent_server);
	suite_add_tcase(s, calls);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
