/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One session: an incoming call, from ICRQ until its pppd is gone.  All ends, whoever wants them,
 * take the same way: the first cause is kept, pppd is ended, and when it is gone the rest goes.
 * RFC 2661 5.2, 5.6 and 7.4.2.
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

	msg_put(&m, result, r);
	msg_put(&m, session_id, sid);
	tunnel_say(t, peer_sid, &m, now);
}

static void say_icrp(struct session *s, usec_t now)
{
	struct msg m = {.type = MSG_ICRP};

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

static void answered(struct session *s, const struct event *e)
{
	(void)e;
	s->was_up = true;
	count(&s->tunnel->lns->counters, COUNT_SESSIONS_UP);
	tell(s->tunnel, NEWS_SESSION_UP, s->sid, NULL);
}

static void stop_ppp(struct session *s, const struct event *e)
{
	const struct ports *p = &s->tunnel->lns->ports;

	if (e->why)
		set_cause(s, e->why);
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

static void too_late(struct session *s, const struct event *e)
{
	struct cause why;
	struct event end = {.now = e->now, .why = &why};

	cause_set(&why, STAGE_SESSION, CDN_TIMEOUT, 0, "the client did not send ICCN in time");
	hang_up(s, &end);
}

static void peer_hung_up(struct session *s, const struct event *e)
{
	const struct avp_result *r = &e->msg->result;
	struct cause why;
	struct event end = {.now = e->now, .why = &why};

	cause_from_peer(&why, STAGE_SESSION, "the client hung up", cdn_result_text(r->code), r);
	stop_ppp(s, &end);
}

static void ppp_left(struct session *s, const struct event *e)
{
	bool own = !s->cause.text[0];

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

	t->lns->ports.session_close(t->lns->ports.ctx, t->tid, s->sid);
	tell(t, s->was_up ? NEWS_SESSION_DOWN : NEWS_FAILED, s->sid, &s->cause);
	session_free(s, now);
}

void session_event(struct session *s, enum session_event ev, const struct event *e)
{
	const struct session_cell *cell = &session_table[s->state][ev];

	cell->action(s, e);
	s->state = cell->next;
	if (s->state != SES_WAIT_CONNECT)
		list_del(&s->starting);
	if (s->state == SES_CLOSED)
		forget(s);
	if (s->state == SES_GONE)
		end(s, e->now);
}

void session_refuse(struct tunnel *t, const struct event *e, const struct cause *why)
{
	/* The peer has not been given an id of ours: 0. */
	if (why->result)
		say_cdn(t, e->msg->session_id, 0, why, e->now);
	tell(t, NEWS_FAILED, 0, why);
}

/* A session id with a kernel session. */
static int open_session(struct session *s, usec_t now)
{
	struct lns *l = s->tunnel->lns;
	int err = -EEXIST;

	for (int i = 0; i < SID_TRIES && err == -EEXIST; i++) {
		s->sid = ids_take(&l->sids, now);
		if (!s->sid)
			return -ENOSPC;
		err = l->ports.session_open(l->ports.ctx, s->tunnel->tid, s->sid, s->peer_sid);
		if (err)
			ids_give(&l->sids, s->sid, now);
	}
	return err;
}

static int session_new(struct tunnel *t, const struct msg *icrq, usec_t now, struct session **ret)
{
	struct session *s = calloc(1, sizeof(*s));
	struct lns *l = t->lns;
	int err;

	if (!s)
		return -ENOMEM;
	s->tunnel = t;
	s->peer_sid = icrq->session_id;
	s->since = now;
	s->state = SES_WAIT_CONNECT;
	view_printable(icrq->calling_number, s->calling_number, sizeof(s->calling_number));
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
	cause_set(&why, STAGE_SESSION, CDN_ADMIN, 0, "the client began another call with its id");
	session_event(old, SEV_CUT, &cut_it);
}

static int admit(struct tunnel *t, const struct event *e, struct cause *ret_why)
{
	const struct ports *p = &t->lns->ports;

	count(&t->lns->counters, COUNT_SESSIONS_TRIED);
	if (e->bad) {
		*ret_why = *e->why;
		ret_why->stage = STAGE_SESSION;
		return -EBADMSG;
	}
	replace(t, e);
	if (t->n_sessions >= t->lns->conf.sessions_per_tunnel) {
		cause_set(ret_why, STAGE_SESSION, CDN_BUSY_NOW, 0,
			  "limit of %u sessions per tunnel is reached",
			  t->lns->conf.sessions_per_tunnel);
		return -ERR_LIMIT;
	}
	return p->admit_session(p->ctx, t->tid, &t->path, ret_why);
}

void session_request(struct tunnel *t, const struct event *e)
{
	const struct ports *p = &t->lns->ports;
	struct session *s;
	struct cause why;
	int err;

	if (admit(t, e, &why)) {
		session_refuse(t, e, &why);
		return;
	}
	err = session_new(t, e->msg, e->now, &s);
	if (err) {
		cause_set(&why, STAGE_SESSION, CDN_BUSY_NOW, 0, "no session: %s", err_text(err));
		session_refuse(t, e, &why);
		return;
	}
	err = lns_add_call(t->lns, s);
	if (!err)
		err = p->ppp_start(p->ctx, t->tid, s->sid);
	if (err) {
		cause_set(&why, STAGE_SESSION, CDN_BUSY_NOW, 0, "no pppd: %s", err_text(err));
		set_cause(s, &why);
		say_cdn(t, s->peer_sid, s->sid, &why, e->now);
		end(s, e->now);
		return;
	}
	say_icrp(s, e->now);
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
	[MSG_ICCN] = SEV_ICCN,  [MSG_CDN] = SEV_CDN,    [MSG_WEN] = SEV_WEN,    [MSG_SLI] = SEV_SLI,
	[MSG_ICRP] = SEV_OTHER, [MSG_OCRP] = SEV_OTHER, [MSG_OCCN] = SEV_OTHER,
};

void session_message(struct tunnel *t, const struct event *e)
{
	struct session *s = find(t, e);
	struct cause why;

	if (s) {
		session_event(s, e->bad ? SEV_BAD : message_events[e->msg->type], e);
		return;
	}
	count(&t->lns->counters, COUNT_UNKNOWN_SESSION);
	if (!e->sid || e->msg->type == MSG_CDN)
		return;
	/* We do not know what the peer calls it: session 0, and the id it thinks is ours. */
	cause_set(&why, STAGE_SESSION, CDN_ERROR, ERROR_SESSION_ID, "there is no such session");
	say_cdn(t, 0, e->sid, &why, e->now);
}
