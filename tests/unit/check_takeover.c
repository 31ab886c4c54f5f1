/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole pppd plugin inside a fake pppd, between a RADIUS server and an l2tpd that the test
 * plays: what real peers do seldom, above all LCP starting over at every point.
 */
#include "tests/fake/fake_call.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/bus/names.h"
#include "pppd-plugin/takeover.h"

static bool is_closed(void)
{
	return fake.closed[0];
}

static bool has_failed(void)
{
	return fake.n_fail > 0;
}

START_TEST(in_this_order)
{
	call_begin();
	ck_assert_int_eq(pap_check_hook(), 1);
	ck_assert_int_eq(chap_check_hook(), 1);
	call_send_pap(1, "bob");
	call_expect_request("bob");
	ck_assert_uint_eq(fake.n_output, 0);
	call_answer_request(RADIUS_ACCESS_ACCEPT);
	call_expect(BUS_CMD_SESSION_LEASE);
	ck_assert_str_eq(call.asked.user, "bob");
	ck_assert_uint_eq(fake.n_output + fake.n_success, 0); /* no lease, no welcome */
	ck_assert_int_eq(allowed_address_hook(htonl(0x0a000005)), 0);
	call_grant("10.0.0.5");
	call_expect_output(2);
	ck_assert_uint_eq(fake.n_success, 1);
	ck_assert_str_eq(fake.peer, "bob");
	call_expect_report("authenticated");
	ck_assert_str_eq(call.report.user, "bob");
	ck_assert_str_eq(call.report.auth, "pap");
	ck_assert_int_eq(allowed_address_hook(htonl(0x0a000005)), 1);
	ck_assert_int_eq(allowed_address_hook(htonl(0x0a000006)), 0);

	/* the Ack was lost */
	call_send_pap(2, "bob");
	call_expect_output(2);
	ck_assert_uint_eq(fake.n_success, 1);
}
END_TEST

/* As long as RADIUS wants to hear more, it goes to and fro. */
START_TEST(eap)
{
	uint8_t response[] = {2, 0, 0, 8, 1, 'b', 'o', 'b'};
	static const uint8_t more[] = {79, 8, 1, 9, 0, 6, 4, 'c', 24, 3, 's'};
	static const uint8_t proof[] = {2, 9, 0, 6, 4, 'r'}, success[] = {79, 6, 3, 9, 0, 4};
	struct view v, attrs;

	call_prepare(NULL);
	call_start("radius");
	lcp_wantoptions[0].neg_eap = lcp_gotoptions[0].neg_eap = true;
	fake_phase(PHASE_SERIALCONN);
	fake_phase(PHASE_ESTABLISH);
	fake_lcp_up();
	call_expect_output(1);
	ck_assert_uint_eq(fake.protocol, PPP_EAP);
	response[1] = fake.packet[1];
	fake_input(PPP_EAP, response, sizeof(response));
	call_expect_request("bob");
	if (_i) {
		/* RADIUS has lost its patience: the client hears it in EAP */
		call_answer_request(RADIUS_ACCESS_REJECT);
		call_expect_output(4);
		ck_assert_uint_eq(fake.n_fail, 1);
		return;
	}
	call_answer_with(RADIUS_ACCESS_CHALLENGE, (struct view){more, sizeof(more)});
	call_expect_output(1);
	ck_assert_mem_eq(fake.packet, more + 2, 6);
	fake_input(PPP_EAP, proof, sizeof(proof));
	call_expect_request("bob");
	attrs = call_request();
	ck_assert_int_eq(radius_find(attrs, 0, RADIUS_EAP_MESSAGE, &v), 0);
	ck_assert_mem_eq(v.p, proof, sizeof(proof));
	ck_assert_int_eq(radius_find(attrs, 0, RADIUS_STATE, &v), 0);
	ck_assert(view_is(v, "s"));
	call_answer_with(RADIUS_ACCESS_ACCEPT, (struct view){success, sizeof(success)});
	call_expect(BUS_CMD_SESSION_LEASE);
	call_grant("10.0.0.5");
	call_expect_output(3);
	ck_assert_uint_eq(fake.n_success, 1);
	call_expect_report("authenticated");
	ck_assert_str_eq(call.report.auth, "eap");
}
END_TEST

/* Protocols that cannot ask twice say so. */
START_TEST(challenge_without_eap)
{
	call_begin();
	call_send_pap(1, "bob");
	call_expect_request("bob");
	call_answer_request(RADIUS_ACCESS_CHALLENGE);
	call_expect_output(3);
	fake_exit(EXIT_PEER_AUTH_FAILED);
	call_expect_report("down");
	ck_assert_ptr_nonnull(strstr(call.report.reason, "wants to ask the user more"));
}
END_TEST

/*
 * What LCP asks for
 */

static unsigned char answered[8]; /* what pppd's own functions got */
static int answered_len;
static int is_good;

static void lcp_reset(fsm *f)
{
	lcp_gotoptions[f->unit] = lcp_wantoptions[f->unit];
}

static int lcp_nak(fsm *f, u_char *options, int len, int treat_as_reject)
{
	(void)f;
	(void)treat_as_reject;
	memcpy(answered, options, (size_t)len);
	answered_len = len;
	return is_good;
}

static int lcp_reject(fsm *f, u_char *options, int len)
{
	return lcp_nak(f, options, len, 0);
}

static const char *asked_for(void)
{
	const lcp_options *go = &lcp_gotoptions[0];

	ck_assert_int_le(go->neg_eap + go->neg_chap + go->neg_upap, 1);
	return takeover_negotiated() ? takeover_negotiated()->word : "nothing";
}

static void offer_start(void)
{
	static fsm_callbacks callbacks = {
		.resetci = lcp_reset, .nakci = lcp_nak, .rejci = lcp_reject};
	lcp_options *want = &lcp_wantoptions[0];

	call_prepare(NULL);
	call_start("radius");
	want->neg_eap = want->neg_chap = want->neg_upap = true;
	want->chap_mdtype = MDTYPE_MD5 | MDTYPE_MICROSOFT_V2;
	lcp_fsm[0].callbacks = &callbacks;
	lcp_fsm[0].state = REQSENT;
	is_good = true;
	fake_phase(PHASE_SERIALCONN);
	lcp_fsm[0].callbacks->resetci(&lcp_fsm[0]);
}

START_TEST(asks_in_order)
{
	fsm *f = &lcp_fsm[0];
	uint8_t wants_eap[] = {1, 4, 5, 0, 3, 4, 0xc2, 0x27}, refuses_eap[] = {3, 4, 0xc2, 0x27};
	uint8_t wants_md4[] = {3, 5, 0xc2, 0x23, 4};

	offer_start();
	ck_assert_str_eq(asked_for(), "pap");
	/* pppd sees the rest, and its word counts */
	is_good = false;
	ck_assert_int_eq(f->callbacks->nakci(f, wants_eap, sizeof(wants_eap), 0), 0);
	ck_assert_int_eq(answered_len, 4);
	ck_assert_mem_eq(answered, "\1\4\5\0", 4);
	ck_assert_str_eq(asked_for(), "pap");
	is_good = true;
	memcpy(wants_eap + 4, refuses_eap, sizeof(refuses_eap));
	ck_assert_int_eq(f->callbacks->nakci(f, wants_eap, sizeof(wants_eap), 0), 1);
	ck_assert_str_eq(asked_for(), "eap");
	ck_assert_int_eq(f->callbacks->rejci(f, refuses_eap, sizeof(refuses_eap)), 1);
	ck_assert_str_eq(asked_for(), "chap");
	ck_assert_int_eq(f->callbacks->nakci(f, wants_md4, sizeof(wants_md4), 0), 1);
	ck_assert_str_eq(asked_for(), "mschapv2");
	/* an answer to what is settled changes nothing */
	f->state = OPENED;
	memcpy(wants_md4, "\3\5\xc2\x23\4", 5);
	ck_assert_int_eq(f->callbacks->nakci(f, wants_md4, sizeof(wants_md4), 0), 1);
	ck_assert_str_eq(asked_for(), "mschapv2");
	f->callbacks->resetci(f);
	ck_assert_str_eq(asked_for(), "pap");
}
END_TEST

START_TEST(asks_what_pppd_allows)
{
	fsm *f = &lcp_fsm[0];

	offer_start();
	lcp_wantoptions[0].neg_upap = false;
	lcp_wantoptions[0].chap_mdtype = MDTYPE_MICROSOFT_V2;
	f->callbacks->resetci(f);
	ck_assert_str_eq(asked_for(), "mschapv2");
	lcp_wantoptions[0].neg_chap = lcp_wantoptions[0].neg_eap = false;
	f->callbacks->resetci(f);
	ck_assert_str_eq(asked_for(), "nothing");
}
END_TEST

START_TEST(again_as_the_same)
{
	call_let_in();
	fake_lcp_down();
	fake_lcp_up();
	call_send_pap(3, "bob");
	call_expect_request("bob");
	call_answer_request(RADIUS_ACCESS_ACCEPT);
	call_expect_output(2); /* with the lease it has */
	ck_assert_uint_eq(fake.n_success, 2);
	call_expect_report("authenticated");
}
END_TEST

START_TEST(again_as_another)
{
	call_let_in();
	fake_lcp_down();
	fake_lcp_up();
	call_send_pap(3, "eve");
	call_expect_output(3);
	ck_assert_uint_eq(fake.n_fail, 1);
	ck_assert(!call_has_request());
	fake_exit(EXIT_PEER_AUTH_FAILED);
	call_expect_report("down");
	ck_assert_str_eq(call.report.user, "bob");
	ck_assert_ptr_nonnull(strstr(call.report.reason, "as another user"));
}
END_TEST

/* LCP starts over while RADIUS is asked: its answer is nobody's. */
START_TEST(down_while_asking)
{
	call_begin();
	call_send_pap(1, "bob");
	call_expect_request("bob");
	fake_lcp_down();
	call_answer_request(RADIUS_ACCESS_ACCEPT);
	fake_look();
	fake_lcp_up();
	call_send_pap(1, "eve"); /* nobody was let in yet: that is fine */
	call_expect_request("eve");
	call_answer_request(RADIUS_ACCESS_ACCEPT);
	call_expect(BUS_CMD_SESSION_LEASE);
	ck_assert_str_eq(call.asked.user, "eve");
	ck_assert_uint_eq(fake.n_output, 0);
}
END_TEST

/* ... and while the lease is asked: there is one lease, and the next attempt gets it. */
START_TEST(down_while_leasing)
{
	call_begin();
	call_send_pap(1, "bob");
	call_expect_request("bob");
	call_answer_request(RADIUS_ACCESS_ACCEPT);
	call_expect(BUS_CMD_SESSION_LEASE);
	fake_lcp_down();
	fake_lcp_up();
	if (_i)
		call_grant("10.0.0.5"); /* it comes before the second answer of RADIUS, or after */
	call_send_pap(2, "bob");
	call_expect_request("bob");
	call_answer_request(RADIUS_ACCESS_ACCEPT);
	if (!_i) {
		fake_look();
		call_grant("10.0.0.5");
	}
	call_expect_output(2);
	ck_assert_uint_eq(fake.n_success, 1);
	call_expect_report("authenticated");
}
END_TEST

/* The user's certificate is somebody else's: no lease, and no wrong address either. */
START_TEST(lease_denied)
{
	struct bus_grant g = {.errmsg = "no rule fits", .denied = true};

	call_begin();
	call_send_pap(1, "bob");
	call_expect_request("bob");
	call_answer_request(RADIUS_ACCESS_ACCEPT);
	call_expect(BUS_CMD_SESSION_LEASE);
	call_send(FRAME_CMD_RESPONSE, NULL, &bus_grant_record, &g);
	call_expect_output(3);
	ck_assert_uint_eq(fake.n_fail, 1);
	ck_assert_uint_eq(fake.n_success, 0);
	fake_exit(EXIT_PEER_AUTH_FAILED);
	call_expect_report("down");
	ck_assert_str_eq(call.report.stage, "auth");
	ck_assert_str_eq(call.report.user, "bob");
	ck_assert_ptr_nonnull(strstr(call.report.reason, "no rule fits"));
}
END_TEST

START_TEST(lease_refused)
{
	struct bus_grant g = {.errmsg = "the pool is empty"};

	call_begin();
	call_send_pap(1, "bob");
	call_expect_request("bob");
	call_answer_request(RADIUS_ACCESS_ACCEPT);
	call_expect(BUS_CMD_SESSION_LEASE);
	if (_i == 0)
		call_send(FRAME_CMD_RESPONSE, NULL, &bus_grant_record, &g);
	else if (_i == 1)
		call_send(FRAME_CMD_UNKNOWN, NULL, &bus_grant_record, &(struct bus_grant){0});
	else
		call_grant("224.0.0.1");
	call_expect_output(3);
	ck_assert_uint_eq(fake.n_fail, 1);
	ck_assert_uint_eq(fake.n_success, 0);
	fake_exit(EXIT_PEER_AUTH_FAILED);
	call_expect_report("down");
	ck_assert_str_eq(call.report.stage, "lease");
	ck_assert_ptr_nonnull(strstr(call.report.reason, _i == 0   ? "the pool is empty"
							 : _i == 1 ? "does not know leases"
								   : "no usable IPv4 address"));
}
END_TEST

START_TEST(rejects_the_protocol)
{
	call_begin();
	call_send_pap(1, "bob");
	call_expect_request("bob");
	protocols[1]->protrej(0); /* CHAP: not the one in question */
	ck_assert(!has_failed());
	protocols[0]->protrej(0);
	ck_assert(has_failed());
	fake_exit(EXIT_PEER_AUTH_FAILED);
	call_expect_report("down");
	ck_assert_ptr_nonnull(strstr(call.report.reason, "then rejected it"));
}
END_TEST

/* By the signal that the monitor would send */
static bool is_told_to_end(void)
{
	return fake.n_sigterm > 0;
}

static bool is_terminated(void)
{
	return fake.n_terminated > 0;
}

/* LCP is waiting already: for its Terminate-Ack, or after the client's Terminate-Request. */
START_TEST(closed_while_closing)
{
	call_let_up();
	lcp_fsm[0].state = _i ? CLOSING : STOPPING;
	call_close("bye");
	/* the signal may come before the message */
	fake_phase(PHASE_TERMINATE);
	ck_assert(fake_run(is_terminated));
	ck_assert_uint_eq(fake.n_lowerdown, 1);
	ck_assert_uint_eq(fake.n_sigterm, 0);
	fake_exit(EXIT_HANGUP);
	call_expect_report("down");
	ck_assert_str_eq(call.report.reason, "bye");
}
END_TEST

/* The signal has come first: LCP is about to say goodbye, and does so without waiting. */
START_TEST(closed_with_signal)
{
	call_let_up();
	lcp_fsm[0].state = OPENED;
	call_close("bye");
	fake_phase(PHASE_TERMINATE);
	ck_assert_int_eq(lcp_fsm[0].maxtermtransmits, 0);
	fake_exit(EXIT_USER_REQUEST);
	call_expect_report("down");
	ck_assert_str_eq(call.report.reason, "bye");
}
END_TEST

START_TEST(closed_while_asking)
{
	call_begin();
	call_send_pap(1, "bob");
	call_expect_request("bob");
	call_close("said the administrator");
	ck_assert(fake_run(is_told_to_end));
	/* nobody waits for the client's agreement */
	ck_assert_int_eq(lcp_fsm[0].maxtermtransmits, 0);
	fake_lcp_down(); /* as LCP does when it closes */
	call_answer_request(RADIUS_ACCESS_ACCEPT);
	fake_exit(EXIT_USER_REQUEST);
	call_expect_report("down");
	ck_assert_str_eq(call.report.stage, "auth");
	ck_assert_str_eq(call.report.reason, "said the administrator");
	ck_assert_uint_eq(fake.n_success, 0);
}
END_TEST

static void respond(uint8_t id, uint8_t byte)
{
	uint8_t packet[4 + 1 + CHAP_MSCHAPV2_LEN + 3] = {2, id, 0, sizeof(packet),
							 CHAP_MSCHAPV2_LEN};

	memset(packet + 5, byte, CHAP_MSCHAPV2_LEN);
	memcpy(packet + 5 + CHAP_MSCHAPV2_LEN, "bob", 3);
	fake_input(PPP_CHAP, packet, sizeof(packet));
}

/* A second attempt is allowed, and the client hangs up instead, or has success and is ended later.
 */
START_TEST(second_attempt)
{
	static const uint8_t wrong[] = "\x1a\x12\0\0\1\x37\2\x0c\0E=691 R=1";
	uint8_t right[] = "\x1a\x33\0\0\1\x37\x1a\x2d\0S=0123456789012345678901234567890123456789";
	uint8_t id;

	call_prepare(NULL);
	call_start("radius");
	lcp_wantoptions[0].neg_chap = lcp_gotoptions[0].neg_chap = true;
	lcp_wantoptions[0].chap_mdtype = lcp_gotoptions[0].chap_mdtype = MDTYPE_MICROSOFT_V2;
	fake_phase(PHASE_SERIALCONN);
	fake_phase(PHASE_ESTABLISH);
	fake_lcp_up();
	call_expect_output(1);
	id = fake.packet[1];
	respond(id, 1);
	call_expect_request("bob");
	call_answer_with(RADIUS_ACCESS_REJECT, (struct view){wrong, sizeof(wrong) - 1});
	call_expect_output(4);
	ck_assert_uint_eq(fake.n_fail, 0);
	if (_i) {
		respond((uint8_t)(id + 1), 2);
		call_expect_request("bob");
		right[8] = (uint8_t)(id + 1);
		call_answer_with(RADIUS_ACCESS_ACCEPT, (struct view){right, sizeof(right) - 1});
		call_expect(BUS_CMD_SESSION_LEASE);
		call_grant("10.0.0.5");
		call_expect_output(3);
		call_expect_report("authenticated");
		call_answer();
	}
	call_close("the client hung up");
	ck_assert(fake_run(is_told_to_end));
	fake_exit(EXIT_USER_REQUEST);
	call_expect_report("down");
	ck_assert_ptr_nonnull(strstr(call.report.reason, _i ? "hung up" : "rejected the user"));
}
END_TEST

/* The end of the call.bus, and bytes that are no packet, end the session. */
START_TEST(bus_breaks)
{
	static const uint8_t garbage[] = {0, 0, 0, 0}, endless[] = {0x7f, 0xff, 0xff, 0xff},
			     unknown[] = {0, 0, 0, 1, 99};

	call_begin();
	if (_i == 0)
		close(call.bus);
	else
		ck_assert_int_gt(send(call.bus,
				      _i == 1   ? garbage
				      : _i == 2 ? endless
						: unknown,
				      _i == 3 ? 5 : 4, 0),
				 0);
	ck_assert(fake_run(is_told_to_end));
	fake_exit(EXIT_USER_REQUEST); /* says why to nobody, and survives that */
}
END_TEST

/* An event of a later l2tpd, and an answer to nothing, are passed over. */
START_TEST(bus_surprises)
{
	call_begin();
	call_send(FRAME_EVENT, "session-dance", &bus_close_record, &(struct bus_close){0});
	call_grant("10.0.0.5");
	call_send_pap(1, "bob");
	call_expect_request("bob");
	call_answer_request(RADIUS_ACCESS_ACCEPT);
	call_expect(BUS_CMD_SESSION_LEASE);
	ck_assert_uint_eq(fake.n_output, 0);
	ck_assert_str_eq(fake.closed, "");
}
END_TEST

/* In pppd's network phase the doorbell is heard; without CCP it is never opened, with CCP once. */
START_TEST(doorbell)
{
	ccp_protent.enabled_flag = _i;
	call_let_up();
	ck_assert_uint_eq(fake.n_ccp, (unsigned int)_i);
	if (HOST_WATCHES_FDS)
		return;
	fake_look(); /* the last answer was still polled for */
	call_close("bye");
	ccp_protent.open(0);
	ck_assert_uint_eq(fake.n_sigterm, 1);
	ck_assert_uint_eq(fake.n_ccp, (unsigned int)_i);
}
END_TEST

/* A report in the queue leaves even when pppd ends before the one before it was answered. */
START_TEST(ends_at_once)
{
	call_let_in();
	fake_network_up();
	fake_exit(EXIT_HANGUP);
	call_expect_report("up");
	call_expect_report("down");
	ck_assert_str_eq(call.report.stage, "up");
	ck_assert_str_eq(call.report.reason, "the L2TP session is gone");
	fake_exit(EXIT_HANGUP);
	ck_assert(!call_has_command());
}
END_TEST

/* What only pppd's exit status and the client's last packet can tell */
static const struct {
	int exit_status;
	const char *lcp; /* a packet from the client before that, of `len` bytes */
	int len;
	const char *reason;
} ends[] = {
	{EXIT_PEER_DEAD, NULL, 0, "the client does not answer LCP echo requests"},
	{EXIT_IDLE_TIMEOUT, NULL, 0, "no traffic for the time allowed (Idle-Timeout)"},
	{EXIT_OK, "\5\1\0\4", 4, "the client ended the session"},
	{EXIT_HANGUP, "\5\1\0\7bye", 7, "the client ended the session: bye"},
	{EXIT_OK, "\5\1\0\7b\33e", 7, "the client ended the session: b\\x1be"},
	{EXIT_HANGUP, "\5\1\0\11bye", 7, "the L2TP session is gone"}, /* runs over */
	{EXIT_HANGUP, "\5\1\0\3", 4, "the L2TP session is gone"},     /* length below a header */
	{EXIT_HANGUP, "\6\1\0\7bye", 7, "the L2TP session is gone"},  /* Terminate-Ack */
	{EXIT_HANGUP, "\5", 1, "the L2TP session is gone"},
};

START_TEST(reasons)
{
	call_let_up();
	if (ends[_i].lcp)
		fake_input(PPP_LCP, ends[_i].lcp, ends[_i].len);
	fake_exit(ends[_i].exit_status);
	call_expect_report("down");
	ck_assert_str_eq(call.report.reason, ends[_i].reason);
	ck_assert_str_eq(call.report.stage, "up");
}
END_TEST

/* What pppd meant when it began to end the link counts, not who hung up in the meantime. */
static const struct {
	int first, last;
	const char *reason;
} overtaken[] = {
	{EXIT_PEER_AUTH_FAILED, EXIT_USER_REQUEST, "the client refuses to authenticate by PAP"},
	{EXIT_PEER_DEAD, EXIT_HANGUP, "the client does not answer LCP echo requests"},
	{EXIT_CONNECT_TIME, EXIT_HANGUP, "the time allowed is over (Session-Timeout)"},
	{EXIT_NEGOTIATION_FAILED, EXIT_USER_REQUEST, "pppd was told to end"},
	{EXIT_OK, EXIT_PEER_DEAD, "the client does not answer LCP echo requests"},
};

START_TEST(status_overtaken)
{
	call_prepare("10.0.0.9");
	call_start("local");
	lcp_wantoptions[0].neg_upap = true;
	fake_phase(PHASE_SERIALCONN);
	fake_phase(PHASE_ESTABLISH);
	host_set_exit_status(overtaken[_i].first);
	fake_phase(PHASE_TERMINATE);
	fake_exit(overtaken[_i].last);
	call_expect_report("down");
	ck_assert_str_eq(call.report.stage, "lcp");
	ck_assert_str_eq(call.report.reason, overtaken[_i].reason);
}
END_TEST

/* pppd's secrets files decide: its own authenticators stay in place. */
START_TEST(local)
{
	static const uint8_t pap[] = {1, 1, 0, 10, 2, 'm', 'e', 2, 'p', 'w'};
	void (*input)(int unit, unsigned char *packet, int len) = protocols[0]->input;
	struct view packet = {pap, sizeof(pap)};

	call_prepare("10.0.0.9");
	call_start("local");
	fake_phase(PHASE_SERIALCONN);
	ck_assert_int_eq(pap_check_hook(), -1);
	ck_assert(protocols[0]->input == input);
	fake_phase(PHASE_ESTABLISH);
	fake_phase(PHASE_AUTHENTICATE);
	snoop_recv_hook(
		(unsigned char[]){0xff, 3, 0xc0, 0x23, 1, 1, 0, 10, 2, 'm', 'e', 2, 'p', 'w'},
		(int)(HOST_HDR_LEN + packet.len));
	fake_exit(EXIT_PEER_AUTH_FAILED);
	call_expect_report("down");
	ck_assert_str_eq(call.report.user, "me");
	ck_assert_str_eq(call.report.stage, "auth");
	ck_assert_ptr_nonnull(strstr(call.report.reason, "wrong password, or no such user"));
}
END_TEST

static void local_user(const char *who)
{
	fake_phase(PHASE_ESTABLISH);
	fake_phase(PHASE_AUTHENTICATE);
	fake_auth_up(who);
}

/* After LCP has started over somebody else proves itself: the session is not theirs. */
START_TEST(local_again)
{
	call_prepare("10.0.0.9");
	call_start("local");
	fake_phase(PHASE_SERIALCONN);
	local_user("me");
	call_expect_report("authenticated");
	ck_assert_str_eq(call.report.user, "me");
	call_answer();
	local_user(_i ? "you" : "me");
	if (!_i) {
		call_expect_report("authenticated");
		ck_assert_str_eq(fake.closed, "");
		return;
	}
	ck_assert(fake_run(is_closed));
	ck_assert_ptr_nonnull(strstr(fake.closed, "as another user"));
	fake_exit(EXIT_PEER_AUTH_FAILED);
	call_expect_report("down");
	ck_assert_str_eq(call.report.user, "me");
}
END_TEST

/* pppd by itself would negotiate for ever with a client that wants to. */
static const struct {
	uint16_t protocol;
	uint8_t code;
	bool opened;
	unsigned int allowed;
	const char *reason;
} patience[] = {
	{PPP_LCP, 1, true, 10, "to negotiate anew more than 10 times"},
	{PPP_IPCP, 1, true, 10, "to negotiate anew more than 10 times"},
	{PPP_LCP, 1, false, 200, "more than 200 Configure packets"},
	{PPP_IPCP, 2, false, 200, "more than 200 Configure packets"}, /* Ack, Nak, Reject */
	{PPP_LCP, 4, true, 200, "more than 200 Configure packets"},
	{0x80fd, 1, false, 200, "more than 200 Configure packets"}, /* CCP */
	{PPP_LCP, 9, true, 1000, NULL},  /* echo requests are no negotiation */
	{PPP_CHAP, 1, true, 1000, NULL}, /* a challenge; it has limits of its own */
	{0x0021, 1, true, 1000, NULL},   /* IP does not come this way, and is none of this */
};

START_TEST(patience_ends)
{
	static const uint8_t packet[] = {0, 1, 0, 4};
	unsigned char whole[HOST_HDR_LEN + sizeof(packet)] = {
		0xff, 3, (unsigned char)(patience[_i].protocol >> 8),
		(unsigned char)patience[_i].protocol};

	call_let_up();
	memcpy(whole + HOST_HDR_LEN, packet, sizeof(packet));
	whole[HOST_HDR_LEN] = patience[_i].code;
	lcp_fsm[0].state = ipcp_fsm[0].state = patience[_i].opened ? OPENED : REQSENT;
	for (unsigned int i = 0; i < patience[_i].allowed; i++)
		snoop_recv_hook(whole, sizeof(whole));
	ck_assert_str_eq(fake.closed, "");
	snoop_recv_hook(whole, sizeof(whole));
	if (!patience[_i].reason) {
		ck_assert_str_eq(fake.closed, "");
		return;
	}
	ck_assert_ptr_nonnull(strstr(fake.closed, patience[_i].reason));
	ck_assert_int_eq(host_exit_status(), EXIT_NEGOTIATION_FAILED);
}
END_TEST

/* What cannot work is said before LCP starts. */
START_TEST(fatal_errors)
{
	static const char *const expected[] = {"no address was leased", "require none of EAP"};

	call_prepare(NULL);
	call_start(_i ? "radius" : "local");
	if (!setjmp(fake.died)) {
		fake_phase(PHASE_SERIALCONN);
		ck_abort_msg("still alive");
	}
	call_expect_report("down");
	ck_assert_ptr_nonnull(strstr(call.report.reason, expected[_i]));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("takeover");
	TCase *t = tcase_create("takeover");
	SRunner *r;
	int failed;

	tcase_set_timeout(t, 60);
	tcase_add_test(t, in_this_order);
	tcase_add_loop_test(t, eap, 0, 2);
	tcase_add_test(t, challenge_without_eap);
	tcase_add_test(t, asks_in_order);
	tcase_add_test(t, asks_what_pppd_allows);
	tcase_add_test(t, again_as_the_same);
	tcase_add_test(t, again_as_another);
	tcase_add_test(t, down_while_asking);
	tcase_add_loop_test(t, down_while_leasing, 0, 2);
	tcase_add_test(t, lease_denied);
	tcase_add_loop_test(t, lease_refused, 0, 3);
	tcase_add_test(t, rejects_the_protocol);
	tcase_add_test(t, closed_while_asking);
	tcase_add_loop_test(t, second_attempt, 0, 2);
	tcase_add_loop_test(t, closed_while_closing, 0, 2);
	tcase_add_test(t, closed_with_signal);
	tcase_add_loop_test(t, bus_breaks, 0, 4);
	tcase_add_test(t, bus_surprises);
	tcase_add_loop_test(t, doorbell, 0, 2);
	tcase_add_test(t, ends_at_once);
	tcase_add_loop_test(t, reasons, 0, sizeof(ends) / sizeof(ends[0]));
	tcase_add_loop_test(t, status_overtaken, 0, sizeof(overtaken) / sizeof(overtaken[0]));
	tcase_add_test(t, local);
	tcase_add_loop_test(t, local_again, 0, 2);
	tcase_add_loop_test(t, patience_ends, 0, sizeof(patience) / sizeof(patience[0]));
	tcase_add_loop_test(t, fatal_errors, 0, 2);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
