/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One session: a call, from ICRQ or OCRQ until its pppd is gone.  All ends, whoever wants them,
 * take the same way: the first cause is kept, pppd is ended, and when it is gone the rest goes.
 * RFC 2661 5.2, 5.6, 7.4 and 7.5.
 */
#include <errno.h>
#include <stdlib.h>

#include "l2tpd/fsm/machine.h"
#include "lib/base/err.h"

#define SID_TRIES 32

typedef void session_action_fn(struct session *s, const struct event *e);

struct session_cell {
	session_action_fn *action;
	const char *name;
	enum session_state next;
};

static const char *const state_words[SES_STATE_COUNT] = {
#define X(name, word) [SES_##name] = word,
	SESSION_STATES(X)
#undef X
};

const char *session_state_word(enum session_state state)
{
	return state_words[state];
}

static void tell(struct tunnel *t, enum news_kind kind, uint16_t sid, const struct cause *why)
{
	struct news news = {kind, t->tid, sid, &t->path, why};

	t->lns->ports.tell(t->lns->ports.ctx, &news);
}

/*
 * The first cause is the true one.  Its stage is as far as we know the session got: of what comes
 * after ICCN, only pppd knows more.
 */
static void set_cause(struct session *s, const struct cause *why)
{
	if (s->cause.text[0])
		return;
	s->cause = *why;
	s->cause.stage = s->was_up ? STAGE_LCP : STAGE_SESSION;
}

static void say_cdn(struct tunnel *t, uint16_t peer_sid, uint16_t sid, const struct cause *why,
		    usec_t now)
{
	struct msg m = {.type = MSG_CDN};
	struct avp_result r = {why->result ? why->result : CDN_ADMIN, why->error,
			       view_str(why->text)};
	struct avp_cause ppp = {.code = why->ppp};

	msg_put(&m, result, r);
	if (why->ppp)
		msg_put(&m, disconnect_cause, ppp);
	msg_put(&m, session_id, sid);
	tunnel_say(t, peer_sid, &m, now);
}

/* ICRP or OCRP */
static void say_reply(struct session *s, usec_t now)
{
	struct msg m = {.type = s->call.role == CALL_LAC_OUT ? MSG_OCRP : MSG_ICRP};

	msg_put(&m, session_id, s->sid);
	tunnel_say(s->tunnel, s->peer_sid, &m, now);
}

/*
 * Actions
 */

static void nothing(struct session *s, const struct event *e)
{
	(void)s;
	(void)e;
}

static void established(struct session *s)
{
	s->was_up = true;
	count(s->tunnel->lns->counters, COUNT_SESSIONS_UP);
	tell(s->tunnel, NEWS_SESSION_UP, s->sid, NULL);
}

/* ICCN or OCCN */
static void connected(struct session *s, const struct event *e)
{
	call_learn(&s->call, e->msg);
	call_pass_proxy(s, e->msg);
	established(s);
}

/* ICRP, or an answer to what we dial */
static void reached(struct session *s, const struct event *e)
{
	call_connected(s, e->now);
	established(s);
}

static void take_errors(struct session *s, const struct event *e)
{
	s->errors = e->msg->call_errors;
}

static void take_accm(struct session *s, const struct event *e)
{
	s->accm = e->msg->accm;
	s->has_accm = true;
}

static void stop_ppp(struct session *s, const struct event *e)
{
	const struct ports *p = &s->tunnel->lns->ports;

	if (e->why)
		set_cause(s, e->why);
	if (s->running)
		p->ppp_stop(p->ctx, s->sid, &s->cause);
}

static void hang_up(struct session *s, const struct event *e)
{
	set_cause(s, e->why);
	say_cdn(s->tunnel, s->peer_sid, s->sid, &s->cause, e->now);
	stop_ppp(s, e);
}

static void out_of_place(struct session *s, const struct event *e)
{
	struct cause why;
	struct event end = {.now = e->now, .why = &why};

	/* CDN has no code for this one. */
	cause_set(&why, STAGE_SESSION, CDN_ERROR, ERROR_VENDOR, "%s does not belong here",
		  msg_name(e->msg->type));
	hang_up(s, &end);
}

/* What each state waits for. */
static const char *const awaited[SES_STATE_COUNT] = {
	[SES_WAIT_ICRP] = "ICRP",
	[SES_WAIT_OCRP] = "OCRP",
	[SES_WAIT_ICCN] = "ICCN",
	[SES_WAIT_OCCN] = "OCCN",
};

static void too_late(struct session *s, const struct event *e)
{
	struct cause why;
	struct event end = {.now = e->now, .why = &why};

	if (s->state == SES_DIALLING)
		cause_set(&why, STAGE_SESSION, CDN_TIMEOUT, 0, "nobody answered in time");
	else
		cause_set(&why, STAGE_SESSION, CDN_TIMEOUT, 0, "%s did not send %s in time",
			  tunnel_peer_word(s->tunnel), awaited[s->state]);
	hang_up(s, &end);
}

static void peer_hung_up(struct session *s, const struct event *e)
{
	struct cause why;
	struct event end = {.now = e->now, .why = &why};

	cause_from_cdn(&why, tunnel_peer_word(s->tunnel), e->msg);
	stop_ppp(s, &end);
}

static void ppp_left(struct session *s, const struct event *e)
{
	bool own = !s->cause.text[0];

	s->running = false;
	set_cause(s, e->why);
	if (own && e->why->stage > s->cause.stage)
		s->cause.stage = e->why->stage;
	say_cdn(s->tunnel, s->peer_sid, s->sid, &s->cause, e->now);
}

#define GO(action, next)                                                                           \
	{                                                                                          \
		action, #action, SES_##next                                                        \
	}
#include "l2tpd/fsm/session_table.h"
#undef GO

const char *session_cell(enum session_state state, enum session_event ev,
			 enum session_state *ret_next)
{
	const struct session_cell *cell = &session_table[state][ev];

	*ret_next = cell->next;
	return cell->name;
}

/*
 * Birth and death
 */

/* The peer's id no longer means this session. */
static void forget(struct session *s)
{
	if (s->known)
		map_del(&s->tunnel->lns->calls, &s->node);
	s->known = false;
}

void session_free(struct session *s, usec_t now)
{
	struct tunnel *t = s->tunnel;
	struct lns *l = t->lns;

	forget(s);
	session_erase(s);
	list_del(&s->starting);
	list_del(&s->in_tunnel);
	t->n_sessions--;
	l->n_sessions--;
	l->sessions[s->sid] = NULL;
	ids_give(&l->sids, s->sid, now);
	free(s);
}

static void end(struct session *s, usec_t now)
{
	struct tunnel *t = s->tunnel;

	if (s->open)
		t->lns->ports.session_close(t->lns->ports.ctx, t->tid, s->sid);
	tell(t, s->was_up ? NEWS_SESSION_DOWN : NEWS_FAILED, s->sid, &s->cause);
	session_free(s, now);
}

void session_event(struct session *s, enum session_event ev, const struct event *e)
{
	const struct session_cell *cell = &session_table[s->state][ev];

	cell->action(s, e);
	s->state = cell->next;
	if (s->state >= SES_UP)
		list_del(&s->starting);
	if (s->state == SES_CLOSED)
		forget(s);
	if (s->state == SES_GONE)
		end(s, e->now);
	else
		session_changed(s);
}

void session_refuse(struct tunnel *t, const struct event *e, const struct cause *why)
{
	/* The peer has not been given an id of ours: 0. */
	if (why->result)
		say_cdn(t, e->msg->session_id, 0, why, e->now);
	tell(t, NEWS_FAILED, 0, why);
}

/* A session id, with a kernel session if the peer's is known. */
static int open_session(struct session *s, usec_t now)
{
	struct lns *l = s->tunnel->lns;
	int err = -EEXIST;

	for (int i = 0; i < SID_TRIES && err == -EEXIST; i++) {
		s->sid = ids_take(&l->sids, now);
		if (!s->sid)
			return -ENOSPC;
		err = s->peer_sid ? l->ports.session_open(l->ports.ctx, s->tunnel->tid, s->sid,
							  s->peer_sid)
				  : 0;
		if (err)
			ids_give(&l->sids, s->sid, now);
	}
	s->open = !err && s->peer_sid;
	return err;
}

/* The state that a session begins in, by our part in the call. */
static const enum session_state first_states[] = {
	[CALL_LNS_IN] = SES_WAIT_ICCN,
	[CALL_LNS_OUT] = SES_WAIT_OCRP,
	[CALL_LAC_IN] = SES_WAIT_ICRP,
	[CALL_LAC_OUT] = SES_DIALLING,
};

static int session_new(struct tunnel *t, const struct call *call, uint16_t peer_sid, usec_t now,
		       struct session **ret)
{
	struct session *s = calloc(1, sizeof(*s));
	struct lns *l = t->lns;
	int err;

	if (!s)
		return -ENOMEM;
	s->tunnel = t;
	s->peer_sid = peer_sid;
	s->since = now;
	s->nth = ++l->nth_session;
	s->call = *call;
	s->state = first_states[call->role];
	err = open_session(s, now);
	if (err) {
		free(s);
		return err;
	}
	l->sessions[s->sid] = s;
	l->n_sessions++;
	t->n_sessions++;
	list_init(&s->in_tunnel);
	list_add(&t->sessions, &s->in_tunnel);
	list_init(&s->starting);
	list_add(&t->starting, &s->starting);
	list_init(&s->changed);
	session_changed(s);
	*ret = s;
	return 0;
}

/* A peer that uses an id again has forgotten the call that had it. */
static void replace(struct tunnel *t, const struct event *e)
{
	struct session *old = lns_find_call(t->lns, t, e->msg->session_id);
	struct cause why;
	struct event cut_it = {.now = e->now, .why = &why};

	if (!old)
		return;
	cause_set(&why, STAGE_SESSION, CDN_ADMIN, 0, "%s began another call with its id",
		  tunnel_peer_word(t));
	session_event(old, SEV_CUT, &cut_it);
}

static bool is_full(const struct tunnel *t)
{
	return t->n_sessions >= t->lns->conf.sessions_per_tunnel;
}

static int admit(struct tunnel *t, const struct event *e, struct cause *ret_why)
{
	const struct ports *p = &t->lns->ports;

	count(t->lns->counters, COUNT_SESSIONS_TRIED);
	if (e->bad) {
		*ret_why = *e->why;
		ret_why->stage = STAGE_SESSION;
		return -EBADMSG;
	}
	if (e->msg->type == MSG_OCRQ && !p->dial) {
		cause_set(ret_why, STAGE_SESSION, CDN_UNSUPPORTED, 0,
			  "there are no lines to dial out by");
		return -EOPNOTSUPP;
	}
	if (e->msg->type == MSG_OCRQ && !call_can_dial(e->msg)) {
		cause_set(ret_why, STAGE_SESSION, CDN_UNSUPPORTED, 0,
			  "framing or bearer is none that we have offered");
		return -EOPNOTSUPP;
	}
	replace(t, e);
	if (is_full(t)) {
		count(t->lns->counters, COUNT_REFUSED_SESSIONS_PER_TUNNEL);
		cause_set(ret_why, STAGE_SESSION, CDN_BUSY_NOW, 0,
			  "limit of %u sessions per tunnel is reached",
			  t->lns->conf.sessions_per_tunnel);
		return -ERR_LIMIT;
	}
	return p->admit_session(p->ctx, t->tid, &t->path, ret_why);
}

/* What the session leads to: pppd, or a line. */
static int run(struct session *s)
{
	const struct ports *p = &s->tunnel->lns->ports;
	int err;

	if (s->call.role == CALL_LAC_OUT)
		err = p->dial(p->ctx, s->tunnel->tid, s->sid, &s->call);
	else
		err = p->ppp_start(p->ctx, s->tunnel->tid, s->sid);
	s->running = !err;
	return err;
}

static void not_run(struct cause *ret, int err)
{
	cause_set(ret, STAGE_SESSION, CDN_BUSY_NOW, 0, "no pppd: %s", err_text(err));
}

void session_request(struct tunnel *t, const struct event *e)
{
	struct call call = {.role = e->msg->type == MSG_OCRQ ? CALL_LAC_OUT : CALL_LNS_IN};
	struct session *s;
	struct cause why;
	int err;

	if (admit(t, e, &why)) {
		session_refuse(t, e, &why);
		return;
	}
	call_learn(&call, e->msg);
	err = session_new(t, &call, e->msg->session_id, e->now, &s);
	if (err) {
		cause_set(&why, STAGE_SESSION, CDN_BUSY_NOW, 0, "no session: %s", err_text(err));
		session_refuse(t, e, &why);
		return;
	}
	err = lns_add_call(t->lns, s);
	if (!err)
		err = run(s);
	if (err) {
		not_run(&why, err);
		set_cause(s, &why);
		say_cdn(t, s->peer_sid, s->sid, &why, e->now);
		end(s, e->now);
		return;
	}
	say_reply(s, e->now);
}

int session_place(struct tunnel *t, const struct call *call, usec_t now, uint16_t *ret_sid)
{
	struct call fitting = *call;
	int err = call_fit(&fitting, t);
	struct session *s;

	if (err)
		return err;
	if (is_full(t))
		return -ERR_LIMIT;
	err = session_new(t, &fitting, 0, now, &s);
	if (err)
		return err;
	*ret_sid = s->sid;
	s->call.serial = ++t->lns->call_serial;
	if (t->lns->book)
		book_set_note(t->lns->book, BOOK_CALL_SERIAL, t->lns->call_serial);
	count(t->lns->counters, COUNT_SESSIONS_PLACED);
	call_ask(s, now);
	return 0;
}

/*
 * ICRP or OCRP: with the peer's id there can be a kernel session, and a pppd.  0, or a negative
 * code and the cause.
 */
static int join(struct session *s, const struct event *e, struct cause *ret_why)
{
	const struct ports *p = &s->tunnel->lns->ports;
	int err;

	replace(s->tunnel, e);
	s->peer_sid = e->msg->session_id;
	call_learn(&s->call, e->msg);
	err = lns_add_call(s->tunnel->lns, s);
	if (!err)
		err = p->session_open(p->ctx, s->tunnel->tid, s->sid, s->peer_sid);
	s->open = !err;
	if (!err)
		err = run(s);
	if (err)
		not_run(ret_why, err);
	return err;
}

/*
 * Messages
 */

static struct session *find(const struct tunnel *t, const struct event *e)
{
	const struct session *by_own = t->lns->sessions[e->sid];
	struct session *s;

	if (e->sid)
		return by_own && by_own->tunnel == t ? t->lns->sessions[e->sid] : NULL;
	if (e->msg->type != MSG_CDN)
		return NULL;
	/* Session 0: the peer has not had our id when it hung up, and says its own. */
	s = lns_find_call(t->lns, t, e->msg->session_id);
	if (s)
		return s;
	/* The MSL2TP client of Windows 98 says ours where its own belongs. */
	s = t->lns->sessions[e->msg->session_id];
	return s && s->tunnel == t ? s : NULL;
}

static const enum session_event message_events[MSG_TYPE_COUNT] = {
	[MSG_ICRP] = SEV_ICRP, [MSG_ICCN] = SEV_ICCN, [MSG_OCRP] = SEV_OCRP, [MSG_OCCN] = SEV_OCCN,
	[MSG_CDN] = SEV_CDN,   [MSG_WEN] = SEV_WEN,   [MSG_SLI] = SEV_SLI,
};

/* Is this the reply to our ICRQ or OCRQ? */
static bool is_reply(const struct session *s, const struct msg *m)
{
	return (s->state == SES_WAIT_ICRP && m->type == MSG_ICRP) ||
	       (s->state == SES_WAIT_OCRP && m->type == MSG_OCRP);
}

/* Is this ICCN or OCCN, which we wait for? */
static bool is_connected(const struct session *s, const struct msg *m)
{
	return (s->state == SES_WAIT_ICCN && m->type == MSG_ICCN) ||
	       (s->state == SES_WAIT_OCCN && m->type == MSG_OCCN);
}

/* What must succeed before the machine hears of this message: 0, or the call is refused. */
static int prepare(struct session *s, const struct event *e, struct cause *ret_why)
{
	const struct ports *p = &s->tunnel->lns->ports;

	if (is_reply(s, e->msg))
		return join(s, e, ret_why);
	/* Without the sequence numbers that it requires, a LAC does not get its call. */
	if (is_connected(s, e->msg) && msg_has(e->msg, sequencing_required))
		return p->session_sequence(p->ctx, s->tunnel->tid, s->sid, ret_why);
	return 0;
}

void session_message(struct tunnel *t, const struct event *e)
{
	struct session *s = find(t, e);
	struct event own = *e;
	struct cause why;

	if (s) {
		if (!e->bad && prepare(s, e, &why)) {
			own.bad = true;
			own.why = &why;
		}
		session_event(s, own.bad ? SEV_BAD : message_events[e->msg->type], &own);
		return;
	}
	count(t->lns->counters, COUNT_UNKNOWN_SESSION);
	if (!e->sid || e->msg->type == MSG_CDN)
		return;
	/*
	 * What the peer calls it we know from replies only; else session 0, and the id it thinks is
	 * ours.
	 */
	cause_set(&why, STAGE_SESSION, CDN_ERROR, ERROR_SESSION_ID, "there is no such session");
	say_cdn(t, e->msg->session_id, e->sid, &why, e->now);
}
