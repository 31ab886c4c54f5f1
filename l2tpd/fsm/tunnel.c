/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One tunnel: the actions of its machine, its packets and its timer.  Entry points end in
 * tunnel_settle(), which alone tells the end and frees, so no action works on a freed object.
 * RFC 2661 5.1, 5.7 and 7.2.
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "l2tpd/fsm/machine.h"
#include "lib/base/err.h"
#include "lib/base/secret.h"

#define HIDE_BLOCK_LEN 16 /* of the Random Vector; hidden values are padded to multiples of it */

/* Longer than a pppd takes to say goodbye to a peer that does not listen. */
#define ENDING_LIMIT   (10 * USEC_PER_S)

typedef void tunnel_action_fn(struct tunnel *t, const struct event *e);

struct tunnel_cell {
	tunnel_action_fn *action;
	const char *name;
	enum tunnel_state next;
};

static const char *const state_words[TUN_STATE_COUNT] = {
#define X(name, word) [TUN_##name] = word,
	TUNNEL_STATES(X)
#undef X
};

const char *tunnel_state_word(enum tunnel_state state)
{
	return state_words[state];
}

static void tell(struct tunnel *t, enum news_kind kind, const struct cause *why)
{
	struct news news = {.kind = kind, .tid = t->tid, .path = &t->path, .cause = why};

	t->lns->ports.tell(t->lns->ports.ctx, &news);
}

/* The first cause is the true one; what follows from it is not. */
static void set_cause(struct tunnel *t, const struct cause *why)
{
	if (why && !t->cause.text[0])
		t->cause = *why;
}

void tunnel_say(struct tunnel *t, uint16_t peer_sid, const struct msg *m, usec_t now)
{
	uint8_t random[2 * HIDE_BLOCK_LEN];
	const struct hiding hiding = {
		.key = {t->rules->secret, {random, HIDE_BLOCK_LEN}},
		.padding = {random + HIDE_BLOCK_LEN, HIDE_BLOCK_LEN},
		.avps = UINT64_MAX,
	};
	bool hides = t->rules->hide && t->rules->secret.len;
	int err;

	if (hides)
		secret_random(random, sizeof(random));
	err = chan_send(&t->chan, peer_sid, m, hides ? &hiding : NULL, now);

	/* Without memory the message is lost like any other; our limits or the peer's end it. */
	assert(!err || err == -ENOMEM);
	(void)err;
}

static void say_stopccn(struct tunnel *t, usec_t now)
{
	struct msg m = {.type = MSG_STOPCCN};
	struct avp_result r = {t->cause.result ? t->cause.result : STOP_CLEAR, t->cause.error,
			       view_str(t->cause.text)};

	msg_put(&m, tunnel_id, t->tid);
	msg_put(&m, result, r);
	chan_drop_unsent(&t->chan);
	tunnel_say(t, 0, &m, now);
}

static void cut_sessions(struct tunnel *t, usec_t now)
{
	struct event e = {.now = now, .why = &t->cause};

	list_each (pos, &t->sessions)
		session_event(container_of(pos, struct session, in_tunnel), SEV_CUT, &e);
}

/*
 * Actions
 */

static void nothing(struct tunnel *t, const struct event *e)
{
	(void)t;
	(void)e;
}

static void close_it(struct tunnel *t, const struct event *e)
{
	set_cause(t, e->why);
	say_stopccn(t, e->now);
	cut_sessions(t, e->now);
}

static void out_of_place(struct tunnel *t, const struct event *e)
{
	struct cause why;

	cause_set(&why, STAGE_TUNNEL, STOP_FSM, 0, "%s does not belong here",
		  msg_name(e->msg->type));
	set_cause(t, &why);
	close_it(t, e);
}

static void too_late(struct tunnel *t, const struct event *e)
{
	struct cause why;

	if (chan_idle(&t->chan))
		cause_set(&why, STAGE_TUNNEL, STOP_CLEAR, 0, "%s did not send %s in time",
			  tunnel_peer_word(t), t->calling ? "SCCRP" : "SCCCN");
	else
		cause_set(&why, STAGE_TUNNEL, STOP_CLEAR, 0, "%s does not answer %s",
			  tunnel_peer_word(t), t->calling ? "SCCRQ" : "SCCRP");
	set_cause(t, &why);
	close_it(t, e);
}

static void confirm(struct tunnel *t, const struct event *e)
{
	t->was_up = true;
	t->up_since = e->now;
	count(t->lns->counters, COUNT_TUNNELS_UP);
	tell(t, NEWS_TUNNEL_UP, NULL);
}

static void reached(struct tunnel *t, const struct event *e)
{
	handshake_confirm(t, e->msg, e->now);
	confirm(t, e);
}

static void peer_left(struct tunnel *t, const struct event *e)
{
	const struct avp_result *r = &e->msg->result;
	struct cause why;
	char what[64];

	snprintf(what, sizeof(what), "%s closed the tunnel", tunnel_peer_word(t));
	cause_from_peer(&why, t->was_up ? STAGE_UP : STAGE_TUNNEL, what, stop_result_text(r->code),
			r);
	set_cause(t, &why);
	cut_sessions(t, e->now);
	chan_quiet(&t->chan);
}

static void cut(struct tunnel *t, const struct event *e)
{
	const struct ports *p = &t->lns->ports;

	set_cause(t, e->why);
	if (t->n_sessions && t->way == WAY_SOCKET) {
		tunnel_flush(t);
		p->tunnel_mute(p->ctx, t->tid);
	}
	cut_sessions(t, e->now);
	chan_done(&t->chan);
}

/* What may be lost, but can still be said. */
static void say_goodbye(struct tunnel *t, const struct event *e)
{
	set_cause(t, e->why);
	say_stopccn(t, e->now);
	cut(t, e);
}

static void no_answer(struct tunnel *t, const struct event *e)
{
	struct cause why;

	cause_set(&why, t->was_up ? STAGE_UP : STAGE_TUNNEL, STOP_CLEAR, 0,
		  "%s does not answer: %s was sent %u times", tunnel_peer_word(t),
		  t->was_up    ? "a message"
		  : t->calling ? "SCCRQ"
			       : "SCCRP",
		  t->lns->conf.retry_max + 1);
	count(t->lns->counters, COUNT_PEERS_LOST);
	set_cause(t, &why);
	cut(t, e);
}

static void linger(struct tunnel *t, const struct event *e)
{
	(void)e;
	chan_quiet(&t->chan);
}

static void hang_up(struct tunnel *t, const struct event *e)
{
	struct cause why = *e->why;
	struct event end = {.now = e->now, .why = &why};

	set_cause(t, e->why);
	why.result = CDN_ADMIN; /* the code is one of StopCCN */
	why.error = 0;
	list_each (pos, &t->sessions)
		session_event(container_of(pos, struct session, in_tunnel), SEV_END, &end);
}

/* Nothing follows a HELLO, so a timer for its acknowledgement is spared: it is most of our work. */
static void alive(struct tunnel *t, const struct event *e)
{
	(void)e;
	chan_hurry(&t->chan);
}

static void new_call(struct tunnel *t, const struct event *e)
{
	session_request(t, e);
}

static void refuse_call(struct tunnel *t, const struct event *e)
{
	struct cause why;

	cause_set(&why, STAGE_SESSION, CDN_BUSY_NOW, 0, "the tunnel is being closed");
	session_refuse(t, e, e->bad ? e->why : &why);
}

static void to_session(struct tunnel *t, const struct event *e)
{
	session_message(t, e);
}

#define GO(action, next)                                                                           \
	{                                                                                          \
		action, #action, TUN_##next                                                        \
	}
#include "l2tpd/fsm/tunnel_table.h"
#undef GO

const char *tunnel_cell(enum tunnel_state state, enum tunnel_event ev, enum tunnel_state *ret_next)
{
	const struct tunnel_cell *cell = &tunnel_table[state][ev];

	*ret_next = cell->next;
	return cell->name;
}

/*
 * Stepping
 */

static void forget(struct tunnel *t)
{
	if (t->known)
		map_del(&t->lns->peers, &t->node);
	t->known = false;
}

/* From here on the peer has no tunnel, so its next SCCRQ asks for a new one. */
static void leave(struct tunnel *t)
{
	forget(t);
	if (t->open) {
		t->lns->n_open--;
		t->sa->n_open--;
	}
	t->open = false;
}

static void count_half_open(struct tunnel *t, bool enters)
{
	if (t->state == TUN_WAIT_CONNECT)
		t->lns->n_half_open += enters ? 1U : -1U;
}

static void enter(struct tunnel *t, enum tunnel_state next, usec_t now)
{
	if (t->state == next)
		return;
	count_half_open(t, false);
	t->state = next;
	count_half_open(t, true);
	t->until = USEC_NEVER;
	if (!t->peer_tid) /* our call has failed: another may be made */
		forget(t);
	if (next == TUN_ENDING)
		t->until = now + ENDING_LIMIT;
	if (next == TUN_LINGER)
		t->until = now + chan_cycle(&t->lns->chan_conf);
	if (next == TUN_LINGER || next == TUN_MUTE)
		leave(t);
}

void tunnel_event(struct tunnel *t, enum tunnel_event ev, const struct event *e)
{
	const struct tunnel_cell *cell = &tunnel_table[t->state][ev];

	cell->action(t, e);
	enter(t, cell->next, e->now);
}

/* The event of each message; those not named here are about calls. */
static const enum tunnel_event message_events[MSG_TYPE_COUNT] = {
	[MSG_SCCRQ] = TEV_SCCRQ,     [MSG_SCCRP] = TEV_SCCRP, [MSG_SCCCN] = TEV_SCCCN,
	[MSG_STOPCCN] = TEV_STOPCCN, [MSG_HELLO] = TEV_HELLO, [MSG_ICRQ] = TEV_ICRQ,
	[MSG_OCRQ] = TEV_OCRQ,
};

static enum tunnel_event event_of(const struct msg *m, bool bad)
{
	enum msg_about about = msg_about(m->type);

	if (bad &&
	    (about == ABOUT_TUNNEL || (about == ABOUT_CALL_REQUEST && !msg_has(m, session_id))))
		return TEV_BAD; /* with no session to blame, the tunnel it is: RFC 2661 7.1 */
	return about == ABOUT_CALL ? TEV_CALL : message_events[m->type];
}

/* One message, in order and for the first time. */
static void message(struct tunnel *t, uint16_t sid, struct view body, usec_t now)
{
	struct verdict v;
	struct cause why;
	struct msg m;
	struct event e = {.now = now, .msg = &m, .sid = sid};
	struct msg_rules rules = {t->lns->conf.strictness, t->rules->secret};
	struct msg_scratch scratch;
	int err = msg_parse(&m, body, &rules, &scratch, &v);

	count(t->lns->counters, COUNT_RX_MESSAGES);
	if (!t->peer_tid && m.tunnel_id) /* also a no has an answer */
		t->chan.peer_tid = m.tunnel_id;
	if (err == -ENOMSG) {
		tunnel_event(t, TEV_IGNORED, &e);
		return;
	}
	if (err) {
		count(t->lns->counters, COUNT_BAD_MESSAGE);
		cause_from_verdict(&why, STAGE_TUNNEL, &m, &v);
	} else {
		err = handshake_meet(t, &m, now, &why);
	}
	if (err) {
		e.bad = true;
		e.why = &why;
	}
	tunnel_event(t, event_of(&m, e.bad), &e);
}

static enum counter input_counter(enum chan_input what)
{
	switch (what) {
	case CHAN_ACK: return COUNT_RX_ACKS;
	case CHAN_DUPLICATE: return COUNT_RX_DUPLICATES;
	case CHAN_EARLY: return COUNT_RX_EARLY;
	default: return COUNT_RX_DROPPED;
	}
}

void tunnel_input(struct tunnel *t, const struct hdr *h, struct view body, usec_t now)
{
	enum chan_input what;
	struct chan_early *early;

	if (t->state == TUN_MUTE)
		return;
	what = chan_input(&t->chan, h, body, now);
	if (what != CHAN_MESSAGE) {
		count(t->lns->counters, input_counter(what));
	} else {
		message(t, h->sid, body, now);
		while ((early = chan_take(&t->chan, now))) {
			message(t, early->sid, early->body, now);
			free(early);
		}
		chan_ack(&t->chan, now);
	}
	tunnel_settle(t, now);
}

static usec_t sooner(usec_t a, usec_t b)
{
	return a < b ? a : b;
}

/* The first of the sessions that are not up yet. */
static struct session *first_starting(const struct tunnel *t)
{
	if (list_empty(&t->starting))
		return NULL;
	return container_of(t->starting.next, struct session, starting);
}

/* All sessions get the same time, so the list is in the order of their limits. */
static usec_t starting_limit(const struct tunnel *t)
{
	const struct session *s = first_starting(t);

	return s ? s->since + t->lns->conf.setup_limit : USEC_NEVER;
}

void tunnel_timer(struct tunnel *t, usec_t now)
{
	struct event e = {.now = now};

	t->timer_at = USEC_NEVER;
	if (t->state != TUN_MUTE && chan_run(&t->chan, now))
		tunnel_event(t, TEV_LOST, &e);
	if (t->until <= now)
		tunnel_event(t, TEV_TIMEOUT, &e);
	while (starting_limit(t) <= now)
		session_event(first_starting(t), SEV_TIMEOUT, &e);
	tunnel_settle(t, now);
}

void tunnel_happens(struct tunnel *t, enum tunnel_event ev, const struct cause *why, usec_t now)
{
	struct event e = {.now = now, .why = why};

	tunnel_event(t, ev, &e);
	tunnel_settle(t, now);
}

/* Tell its end, once nobody uses it. */
static void tell_end(struct tunnel *t)
{
	const struct ports *p = &t->lns->ports;

	if (t->open || t->told || t->n_sessions)
		return;
	t->told = true;
	p->release_tunnel(p->ctx, &t->path);
	tell(t, t->was_up ? NEWS_TUNNEL_DOWN : NEWS_FAILED, &t->cause);
}

/* An armed timer is left alone when it is too early: it finds nothing to do and comes here. */
static void arm(struct tunnel *t)
{
	const struct ports *p = &t->lns->ports;
	usec_t at = sooner(t->until, starting_limit(t));

	if (t->state != TUN_MUTE)
		at = sooner(at, chan_deadline(&t->chan));
	if (at >= t->timer_at)
		return;
	t->timer_at = at;
	p->timer_set(p->ctx, t->tid, at);
}

void tunnel_settle(struct tunnel *t, usec_t now)
{
	struct event e = {.now = now};

	if (t->state == TUN_ENDING && !t->n_sessions)
		tunnel_event(t, TEV_EMPTY, &e);
	if (t->state == TUN_CLOSING && chan_idle(&t->chan))
		tunnel_event(t, TEV_ACKED, &e);
	count_add(t->lns->counters, COUNT_RETRANSMITS, t->chan.retransmits - t->retransmits);
	t->retransmits = t->chan.retransmits;
	tell_end(t);
	tunnel_flush(t);
	if (t->state == TUN_MUTE && t->told)
		tunnel_free(t, now);
	else
		arm(t);
}

void tunnel_free(struct tunnel *t, usec_t now)
{
	struct lns *l = t->lns;

	count_half_open(t, false);
	leave(t);
	tunnel_erase(t);
	lns_del_tunnel(l, t);
	chan_done(&t->chan);
	l->ports.tunnel_close(l->ports.ctx, t->tid);
	l->tunnels[t->tid] = NULL;
	ids_give(&l->tids, t->tid, now);
	free(t);
	if (l->book)
		lns_commit(l);
}
