/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How far, who, why: see session.h. */
#include "pppd-plugin/compat.h"

#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/bus/record.h"
#include "pppd-plugin/counters.h"
#include "pppd-plugin/link.h"
#include "pppd-plugin/session.h"
#include "pppd-plugin/wake.h"

#define REASON_LEN    BUS_TEXT_LEN
#define LAST_WORDS    64
#define LCP_TERMINATE 5 /* RFC 1661 5.5: Terminate-Request */
#define LCP_HDR_LEN   4 /* code, identifier, length */

static struct {
	enum session_stage stage; /* the furthest */
	struct bus_report report;
	usec_t up_since; /* 0: it never was */
	char reason[REASON_LEN];
	char doubt[REASON_LEN];      /* why it was not authenticated so far */
	char last_words[LAST_WORDS]; /* of the client's Terminate-Request */
	bool known;                  /* the user has been authenticated */
	bool client_left;
	bool ending;
	bool down;
} session;

static const char *stage_word(enum session_stage stage)
{
	static const char *const words[] = {
#define X(NAME, word) word,
		SESSION_STAGES(X)
#undef X
	};

	return words[stage];
}

void session_at(enum session_stage stage)
{
	if (stage > session.stage)
		session.stage = stage;
}

void session_set_user(struct view name)
{
	/* Whatever is tried later, it has been this user's. */
	if (session.known)
		return;
	view_printable(name, session.report.user, sizeof(session.report.user));
}

const char *session_user(void)
{
	return session.report.user;
}

bool session_is_of(struct view name)
{
	char text[BUS_TEXT_LEN];

	return !session.known ||
	       !strcmp(view_printable(name, text, sizeof(text)), session.report.user);
}

void session_because(const char *fmt, ...)
{
	va_list args;

	if (session.reason[0])
		return;
	va_start(args, fmt);
	vsnprintf(session.reason, sizeof(session.reason), fmt, args);
	va_end(args);
}

void session_doubt(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(session.doubt, sizeof(session.doubt), fmt, args);
	va_end(args);
}

void session_end(int exit_status, const char *fmt, ...)
{
	va_list args;

	if (!session.reason[0]) {
		va_start(args, fmt);
		vsnprintf(session.reason, sizeof(session.reason), fmt, args);
		va_end(args);
	}
	if (session.ending)
		return;
	session.ending = true;
	notice("l2tpd: %s", session.reason);
	/* LCP keeps the pointer; the text goes to the client in its Terminate-Request. */
	lcp_close(0, session.reason);
	host_set_exit_status(exit_status);
}

static void hang_up(void *ctx)
{
	(void)ctx;
	lcp_lowerdown(0);
	link_terminated(0);
}

/* Who hangs up after a failed attempt does it because of that. */
static void because_of_doubt(void)
{
	if (!session.known && session.doubt[0])
		session_because("%s", session.doubt);
}

void session_leave(const char *reason)
{
	int state = lcp_fsm[0].state;

	because_of_doubt();
	session_because("%s", reason);
	if (!session.ending)
		notice("l2tpd: %s", session.reason);
	session.ending = true;
	/* What pppd's option lcp-max-terminate 0 does: one Terminate-Request, no wait for its Ack.
	 */
	lcp_fsm[0].maxtermtransmits = 0;
	if (state == CLOSING || state == STOPPING)
		wake_at(hang_up, NULL, clock_now()); /* it waits already */
	else
		kill(getpid(), SIGTERM); /* pppd's own way: its exit status tells */
}

static void tell(const char *state)
{
	snprintf(session.report.state, sizeof(session.report.state), "%s", state);
	link_report(&session.report);
}

void session_begins(void)
{
	tell("lcp");
}

void session_authenticated(const char *auth)
{
	session.known = true;
	snprintf(session.report.auth, sizeof(session.report.auth), "%s", auth);
	tell("authenticated");
}

void session_up(const struct addr *peer_ip)
{
	int mtu = host_mtu();

	session_at(SESSION_UP);
	if (session.up_since)
		return; /* IPCP once more: the lease, and so the address, is the same */
	session.up_since = clock_now();
	session.report.up_since_us = session.up_since;
	snprintf(session.report.ifname, sizeof(session.report.ifname), "%s", host_ifname());
	session.report.peer_ip = *peer_ip;
	session.report.mtu = mtu > 0 ? (uint32_t)mtu : 0;
	tell("up");
}

void session_count(void)
{
	struct counters c;

	/* What it counted before it was up was no traffic of the user's. */
	if (!session.up_since || counters_read(host_ifname(), &c))
		return;
	session.report.bytes_in = c.bytes_in;
	session.report.bytes_out = c.bytes_out;
	session.report.packets_in = c.packets_in;
	session.report.packets_out = c.packets_out;
}

static void set_uptime(void)
{
	if (session.up_since)
		session.report.uptime_s = (clock_now() - session.up_since) / USEC_PER_S;
}

void session_recall(struct bus_report *ret)
{
	if (!session.down) {
		session_count();
		set_uptime();
	}
	*ret = session.report;
}

void session_snoop_lcp(struct view packet)
{
	struct view words;
	struct rd in;
	uint16_t len;

	rd_init(&in, packet.p, packet.len);
	if (rd_u8(&in) != LCP_TERMINATE)
		return;
	rd_u8(&in);
	len = rd_u16(&in);
	if (in.bad || len < LCP_HDR_LEN)
		return;
	rd_take(&in, &words, len - LCP_HDR_LEN);
	if (in.bad)
		return;
	session.client_left = true;
	view_printable(words, session.last_words, sizeof(session.last_words));
}

/* X(pppd's exit status, text for people) */
#define STATUS_TEXTS(X)                                                                            \
	X(EXIT_FATAL_ERROR, "pppd failed: its log says why")                                       \
	X(EXIT_USER_REQUEST, "pppd was told to end")                                               \
	X(EXIT_CONNECT_FAILED, "pppd cannot use the L2TP session: are the kernel modules "         \
			       "l2tp_ppp and ppp_generic loaded?")                                 \
	X(EXIT_IDLE_TIMEOUT, "no traffic for the time allowed (Idle-Timeout)")                     \
	X(EXIT_CONNECT_TIME, "the time allowed is over (Session-Timeout)")                         \
	X(EXIT_PEER_DEAD, "the client does not answer LCP echo requests")                          \
	X(EXIT_HANGUP, "the L2TP session is gone")                                                 \
	X(EXIT_LOOPBACK, "we hear our own packets: the line is looped back")

static const char *failed_text(void)
{
	switch (session.stage) {
	case SESSION_LCP: return "the client did not agree to LCP: no answer, or no common options";
	case SESSION_AUTH: return "authentication was not finished";
	case SESSION_LEASE: return "no address was assigned";
	case SESSION_IPCP:
		return "the client did not agree to IPCP: does it insist on another address?";
	case SESSION_UP: break;
	}
	return "ended";
}

/* pppd asked for authentication and the client wanted none of it, or failed pppd's own check. */
static void auth_text(void)
{
	const lcp_options *want = &lcp_wantoptions[0];

	if (session.report.user[0]) {
		session_because("wrong password, or no such user in /etc/ppp/chap-secrets or "
				"pap-secrets");
		return;
	}
	session_because("the client refuses to authenticate by%s%s%s%s",
			want->neg_upap ? " PAP" : "", want->chap_mdtype & MDTYPE_MD5 ? " CHAP" : "",
			want->chap_mdtype & MDTYPE_MICROSOFT_V2 ? " MS-CHAPv2" : "",
			want->neg_eap ? " EAP" : "");
}

static void find_reason(int exit_status)
{
	if (session.reason[0])
		return;
	because_of_doubt();
	if (exit_status == EXIT_PEER_AUTH_FAILED)
		auth_text();
	/* Its farewell says more than the silence after it. */
	if (session.client_left && (exit_status == EXIT_OK || exit_status == EXIT_HANGUP ||
				    exit_status == EXIT_NEGOTIATION_FAILED))
		session_because("the client ended the session%s%s",
				session.last_words[0] ? ": " : "", session.last_words);
	switch (exit_status) {
#define X(number, text)                                                                            \
	case number: session_because("%s", text); return;
		STATUS_TEXTS(X)
#undef X
	default: session_because("%s", failed_text());
	}
}

void session_terminating(int exit_status)
{
	/* Others are pppd's values for "not yet", or no reason in themselves. */
	if (exit_status == EXIT_PEER_AUTH_FAILED || exit_status == EXIT_PEER_DEAD ||
	    exit_status == EXIT_IDLE_TIMEOUT || exit_status == EXIT_CONNECT_TIME)
		find_reason(exit_status);
}

void session_down(int exit_status)
{
	struct bus_report *r = &session.report;

	if (session.down)
		return;
	session.down = true;
	find_reason(exit_status);
	snprintf(r->stage, sizeof(r->stage), "%s", stage_word(session.stage));
	snprintf(r->reason, sizeof(r->reason), "%s", session.reason);
	set_uptime();
	tell("down");
	link_finish();
}
