/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One LAC; see client.h.  RFC 2661 5 and 7, as far as a client that places incoming calls goes. */
#include "tests/bench/load/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "l2tpd/wire/auth.h"
#include "lib/base/list.h"

#define VERSION_1_0 0x100 /* RFC 2661 4.4.3 */
#define FRAMING     3     /* asynchronous and synchronous */
#define SPEED_BPS   100000000
#define DATA_FLAGS  0x0002 /* a data packet without any option: RFC 2661 3.1 */
#define DATA_LEN    6

static void count(struct client *c, enum stat_count what)
{
	stat_add(c->conf->stats, what);
}

/*
 * Ends
 */

/* `why` NULL: it goes with its tunnel, which says it. */
static void call_over(struct client_call *call, const char *why)
{
	struct client *c = call->client;
	char text[STAT_REASON_LEN];

	if (call->state == CALL_IDLE || call->state == CALL_OVER)
		return;
	count(c, call->state == CALL_UP ? STAT_sessions_lost : STAT_sessions_failed);
	c->n_open--;
	if (call->state != CALL_UP)
		c->n_pending--;
	call->state = CALL_OVER;
	call->ppp.retry_at = USEC_NEVER;
	if (!why)
		return;
	snprintf(text, sizeof(text), "session: %s", why);
	stat_reason(c->conf->stats, text);
}

/* Nothing more comes from us but acknowledgements. */
static void over(struct client *c, const char *why)
{
	enum client_state was = c->state;
	char text[STAT_REASON_LEN];

	if (was == CLIENT_OVER)
		return;
	c->state = CLIENT_OVER;
	c->limit_at = USEC_NEVER;
	chan_quiet(&c->chan);
	if (was == CLIENT_LEAVING)
		return;
	for (unsigned int i = 0; i < c->conf->n_calls; i++)
		if (c->calls[i].state == CALL_IDLE)
			count(c, STAT_sessions_failed);
		else
			call_over(&c->calls[i], NULL);
	count(c, was == CLIENT_UP ? STAT_tunnels_lost : STAT_tunnels_failed);
	snprintf(text, sizeof(text), "tunnel: %s", why);
	stat_reason(c->conf->stats, text);
}

/* What the peer says in StopCCN or CDN. */
static const char *said(const struct msg *m, const char *(*words)(uint16_t), char *ret, size_t cap)
{
	char text[80];

	view_printable(m->result.text, text, sizeof(text));
	snprintf(ret, cap, "%s from the server: %s%s%s%s%s", msg_name(m->type),
		 words(m->result.code), m->result.code == RESULT_GENERAL ? ", " : "",
		 m->result.code == RESULT_GENERAL ? error_code_text(m->result.error) : "",
		 text[0] ? ": " : "", text);
	return ret;
}

/*
 * Talking
 */

static void say(struct client *c, uint16_t peer_sid, const struct msg *m, usec_t now)
{
	if (chan_send(&c->chan, peer_sid, m, NULL, now))
		over(c, "no memory for a message");
}

static void send_control(struct chan *chan, const void *bytes, size_t len)
{
	struct client *c = container_of(chan, struct client, chan);

	if (len > HDR_CONTROL_LEN)
		count(c, STAT_messages_sent);
	c->conf->send(c, bytes, len);
}

static void send_frame(struct ppp *p, const void *frame, size_t len)
{
	struct client_call *call = container_of(p, struct client_call, ppp);
	uint8_t bytes[1500];
	struct wr out;

	wr_init(&out, bytes, sizeof(bytes));
	wr_u16(&out, DATA_FLAGS);
	wr_u16(&out, call->client->chan.peer_tid);
	wr_u16(&out, call->peer_sid);
	wr_bytes(&out, frame, len);
	if (!out.bad)
		call->client->conf->send(call->client, bytes, out.len);
}

static void say_cdn(struct client_call *call, uint16_t code, const char *text, usec_t now)
{
	struct avp_result r = {.code = code, .text = view_str(text)};
	struct msg m = {.type = MSG_CDN};

	msg_put(&m, result, r);
	msg_put(&m, session_id, call->sid);
	say(call->client, call->peer_sid, &m, now);
}

/*
 * Calls
 */

static void call_up(struct client_call *call, usec_t now)
{
	struct client *c = call->client;

	call->state = CALL_UP;
	c->n_pending--;
	count(c, STAT_sessions_up);
	if (!c->conf->with_ppp)
		return;
	stat_time(c->conf->stats, STAT_TIME_ipcp, now - call->since);
	stat_time(c->conf->stats, STAT_TIME_setup, now - c->dialled);
}

/* See what PPP has come to. */
static void follow_ppp(struct client_call *call, usec_t now)
{
	struct client *c = call->client;

	c->conf->stats->counts[STAT_restart_waits] += call->ppp.restarts;
	c->conf->stats->counts[STAT_echoes_answered] += call->ppp.echoes_back;
	call->ppp.restarts = call->ppp.echoes_back = 0;
	if (call->ppp.phase == PPP_UP && call->state == CALL_CONNECTED)
		call_up(call, now);
	if (call->ppp.phase != PPP_OVER || call->state == CALL_OVER)
		return;
	call_over(call, call->ppp.why);
	say_cdn(call, CDN_ADMIN, call->ppp.why, now);
}

static void place_call(struct client_call *call, usec_t now)
{
	struct client *c = call->client;
	struct msg m = {.type = MSG_ICRQ};

	call->state = CALL_ASKED;
	call->since = now;
	c->n_open++;
	c->n_pending++;
	msg_put(&m, session_id, call->sid);
	msg_put(&m, call_serial, call->sid);
	say(c, 0, &m, now);
}

static void got_icrp(struct client_call *call, const struct msg *m, usec_t now)
{
	struct client *c = call->client;
	struct msg iccn = {.type = MSG_ICCN};

	if (call->state != CALL_ASKED)
		return;
	stat_time(c->conf->stats, STAT_TIME_icrp, now - call->since);
	call->peer_sid = m->session_id;
	call->state = CALL_CONNECTED;
	call->since = now;
	msg_put(&iccn, tx_speed, SPEED_BPS);
	msg_put(&iccn, framing_type, FRAMING);
	say(c, call->peer_sid, &iccn, now);
	if (c->conf->with_ppp)
		ppp_start(&call->ppp, now); /* right behind ICCN, as clients do */
	else
		stat_time(c->conf->stats, STAT_TIME_setup, now - c->dialled);
}

static void call_message(struct client_call *call, const struct msg *m, usec_t now)
{
	char text[STAT_REASON_LEN];

	if (m->type == MSG_ICRP)
		got_icrp(call, m, now);
	else if (m->type == MSG_CDN)
		call_over(call, said(m, cdn_result_text, text, sizeof(text)));
}

static struct client_call *find_call(struct client *c, uint16_t sid)
{
	return sid && sid <= c->conf->n_calls ? &c->calls[sid - 1] : NULL;
}

/*
 * The tunnel
 */

static void got_sccrp(struct client *c, const struct msg *m, usec_t now)
{
	struct msg scccn = {.type = MSG_SCCCN};
	uint8_t response[AUTH_RESPONSE_LEN];

	if (c->state != CLIENT_ASKED)
		return;
	if (msg_has(m, challenge) && !c->conf->secret) {
		over(c, "the server wants tunnel authentication, for which there is no secret");
		return;
	}
	if (msg_has(m, challenge)) {
		auth_response(MSG_SCCCN, view_str(c->conf->secret), m->challenge, response);
		msg_put(&scccn, challenge_response, ((struct view){response, sizeof(response)}));
	}
	stat_time(c->conf->stats, STAT_TIME_sccrp, now - c->dialled);
	chan_meet(&c->chan, m->tunnel_id,
		  msg_has(m, window_size) ? m->window_size : WINDOW_DEFAULT);
	c->state = CLIENT_CONNECTED;
	say(c, 0, &scccn, now);
	for (unsigned int i = 0; i < c->conf->n_calls && c->state == CLIENT_CONNECTED; i++)
		place_call(&c->calls[i], now);
}

static void got_message(struct client *c, uint16_t sid, struct view body, usec_t now)
{
	char text[STAT_REASON_LEN];
	struct verdict v = {0};
	struct client_call *call = find_call(c, sid);
	struct msg m;
	int err = msg_parse(&m, body, NULL, NULL, &v);

	count(c, STAT_messages_received);
	if (c->state == CLIENT_OVER || c->state == CLIENT_LEAVING || err == -ENOMSG)
		return;
	if (err) {
		snprintf(text, sizeof(text), "malformed %s from the server: %s: %s",
			 msg_name(m.type), avp_name(v.avp), v.text);
		over(c, text);
		return;
	}
	if (m.type == MSG_SCCRP)
		got_sccrp(c, &m, now);
	else if (m.type == MSG_STOPCCN)
		over(c, said(&m, stop_result_text, text, sizeof(text)));
	else if (call)
		call_message(call, &m, now);
}

/* What the server has acknowledged, it has accepted. */
static void confirm(struct client *c, usec_t now)
{
	if (!chan_idle(&c->chan))
		return;
	if (c->state == CLIENT_LEAVING) {
		c->state = CLIENT_OVER;
		c->limit_at = USEC_NEVER;
		count(c, STAT_hung_up);
	}
	if (c->state == CLIENT_CONNECTED) {
		c->state = CLIENT_UP;
		count(c, STAT_tunnels_up);
	}
	for (unsigned int i = 0; i < c->conf->n_calls && c->n_pending && !c->conf->with_ppp; i++)
		if (c->calls[i].state == CALL_CONNECTED)
			call_up(&c->calls[i], now);
}

static void control_input(struct client *c, const struct hdr *h, struct view body, usec_t now)
{
	enum chan_input what = chan_input(&c->chan, h, body, now);
	struct chan_early *early;

	if (what == CHAN_DUPLICATE)
		count(c, STAT_duplicates);
	if (what == CHAN_MESSAGE) {
		got_message(c, h->sid, body, now);
		while ((early = chan_take(&c->chan, now))) {
			got_message(c, early->sid, early->body, now);
			free(early);
		}
	}
	confirm(c, now);
}

static void data_input(struct client *c, uint16_t sid, struct view frame, usec_t now)
{
	struct client_call *call = find_call(c, sid);

	if (!call || (call->state != CALL_CONNECTED && call->state != CALL_UP) ||
	    !c->conf->with_ppp)
		return;
	if (!call->heard_lcp) {
		call->heard_lcp = true;
		stat_time(c->conf->stats, STAT_TIME_lcp, now - call->since);
	}
	ppp_input(&call->ppp, frame, now);
	follow_ppp(call, now);
}

void client_input(struct client *c, const void *bytes, size_t len, usec_t now)
{
	struct view body;
	struct hdr h;

	c->refused = false;
	if (c->state == CLIENT_IDLE || hdr_parse(&h, &body, bytes, len) || h.tid != c->tid)
		count(c, STAT_stray_datagrams);
	else if (h.control)
		control_input(c, &h, body, now);
	else
		data_input(c, h.sid, body, now);
}

/*
 * Time
 */

static void give_up(struct client *c, usec_t now)
{
	static const char *const waits[] = {
		[CLIENT_ASKED] = "no SCCRP in time",
		[CLIENT_CONNECTED] = "SCCCN not acknowledged in time",
	};

	c->limit_at = USEC_NEVER;
	if (c->state == CLIENT_ASKED || c->state == CLIENT_CONNECTED) {
		over(c, c->refused ? "nobody listens at the server's port" : waits[c->state]);
		return;
	}
	for (unsigned int i = 0; i < c->conf->n_calls && c->n_pending; i++) {
		struct client_call *call = &c->calls[i];

		if (call->state == CALL_ASKED) {
			call_over(call, "no ICRP in time");
		} else if (call->state == CALL_CONNECTED) {
			call_over(call, c->conf->with_ppp ? "PPP not up in time"
							  : "ICCN not acknowledged in time");
			say_cdn(call, CDN_TIMEOUT, "not up in time", now);
		}
	}
}

static void dead(struct client *c)
{
	if (c->state == CLIENT_LEAVING)
		count(c, STAT_hang_ups_unheard);
	over(c, c->refused ? "nobody listens at the server's port"
			   : "the server does not answer any more");
}

void client_run(struct client *c, usec_t now)
{
	uint64_t again = c->chan.retransmits;

	if (c->limit_at <= now)
		give_up(c, now);
	if (chan_deadline(&c->chan) <= now && chan_run(&c->chan, now))
		dead(c);
	c->conf->stats->counts[STAT_retransmissions] += c->chan.retransmits - again;
	if (!c->conf->with_ppp || !c->n_open)
		return;
	for (unsigned int i = 0; i < c->conf->n_calls; i++) {
		struct client_call *call = &c->calls[i];

		if (ppp_deadline(&call->ppp) > now)
			continue;
		ppp_run(&call->ppp, now);
		follow_ppp(call, now);
	}
}

usec_t client_deadline(const struct client *c)
{
	usec_t at = chan_deadline(&c->chan);

	if (c->state == CLIENT_IDLE)
		return USEC_NEVER;
	if (c->limit_at < at && (c->n_pending || c->state < CLIENT_UP))
		at = c->limit_at;
	for (unsigned int i = 0; c->conf->with_ppp && c->n_open && i < c->conf->n_calls; i++)
		if (ppp_deadline(&c->calls[i].ppp) < at)
			at = ppp_deadline(&c->calls[i].ppp);
	return at;
}

bool client_settled(const struct client *c)
{
	if (c->state == CLIENT_UP)
		return !c->n_pending;
	return c->state == CLIENT_IDLE || c->state == CLIENT_OVER;
}

/*
 * Orders
 */

void client_dial(struct client *c, usec_t now)
{
	struct msg m = {.type = MSG_SCCRQ};

	client_vanish(c);
	/* The server's window is not known yet, and one message is all there is to say. */
	chan_init(&c->chan, &c->conf->chan, 0, 1, now);
	c->state = CLIENT_ASKED;
	c->dialled = now;
	c->limit_at = now + c->conf->limit;
	count(c, STAT_tunnels_dialled);
	c->conf->stats->counts[STAT_sessions_dialled] += c->conf->n_calls;
	for (unsigned int i = 0; i < c->conf->n_calls; i++)
		ppp_init(&c->calls[i].ppp, &c->conf->ppp, c->calls[i].user, c->conf->password);
	msg_put(&m, protocol_version, VERSION_1_0);
	msg_put(&m, host_name, view_str(c->conf->host_name));
	msg_put(&m, framing_caps, FRAMING);
	msg_put(&m, tunnel_id, c->tid);
	msg_put(&m, window_size, c->conf->chan.window);
	say(c, 0, &m, now);
}

void client_hello(struct client *c, usec_t now)
{
	const struct msg m = {.type = MSG_HELLO};

	if (c->state != CLIENT_UP)
		return;
	count(c, STAT_hellos_sent);
	say(c, 0, &m, now);
}

void client_echo(struct client *c)
{
	for (unsigned int i = 0; i < c->conf->n_calls; i++) {
		if (c->calls[i].state != CALL_UP)
			continue;
		count(c, STAT_echoes_sent);
		ppp_echo(&c->calls[i].ppp);
	}
}

void client_hang_up(struct client *c, usec_t now)
{
	struct avp_result r = {.code = STOP_CLEAR};
	struct msg m = {.type = MSG_STOPCCN};

	if (c->state != CLIENT_UP)
		return;
	for (unsigned int i = 0; i < c->conf->n_calls; i++) {
		if (c->conf->with_ppp && c->calls[i].state == CALL_UP)
			ppp_close(&c->calls[i].ppp);
		c->calls[i].state = CALL_OVER;
	}
	c->n_open = c->n_pending = 0;
	c->state = CLIENT_LEAVING;
	chan_drop_unsent(&c->chan);
	msg_put(&m, result, r);
	msg_put(&m, tunnel_id, c->tid);
	say(c, 0, &m, now);
}

void client_vanish(struct client *c)
{
	chan_done(&c->chan);
	c->state = CLIENT_IDLE;
	c->refused = false;
	c->limit_at = USEC_NEVER;
	c->n_open = c->n_pending = 0;
	for (unsigned int i = 0; i < c->conf->n_calls; i++) {
		c->calls[i].state = CALL_IDLE;
		c->calls[i].heard_lcp = false;
		c->calls[i].peer_sid = 0;
	}
}

/*
 * Life
 */

void client_conf_init(struct client_conf *conf)
{
	conf->chan.send = send_control;
	conf->ppp.send = send_frame;
}

/* The user's name: each '#' is the client's number. */
static void name_user(struct client_call *call, const char *pattern)
{
	size_t n = 0;

	for (; *pattern && n < sizeof(call->user) - 12; pattern++)
		if (*pattern == '#')
			n += (size_t)sprintf(call->user + n, "%u", call->client->number);
		else
			call->user[n++] = *pattern;
	call->user[n] = '\0';
}

int client_init(struct client *c, const struct client_conf *conf, unsigned int number, uint16_t tid)
{
	*c = (struct client){.conf = conf, .number = number, .tid = tid, .limit_at = USEC_NEVER};
	chan_init(&c->chan, &conf->chan, 0, 1, 0);
	if (!conf->n_calls)
		return 0;
	c->calls = calloc(conf->n_calls, sizeof(*c->calls));
	if (!c->calls)
		return -ENOMEM;
	for (unsigned int i = 0; i < conf->n_calls; i++) {
		c->calls[i].client = c;
		c->calls[i].sid = (uint16_t)(i + 1);
		c->calls[i].ppp.retry_at = USEC_NEVER;
		name_user(&c->calls[i], conf->user);
	}
	return 0;
}

void client_done(struct client *c)
{
	chan_done(&c->chan);
	free(c->calls);
	c->calls = NULL;
}
