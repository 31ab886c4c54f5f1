/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The objects of the machines, private to l2tpd/fsm. */
#ifndef L2TPD_FSM_MACHINE_H
#define L2TPD_FSM_MACHINE_H

#include "l2tpd/fsm/book.h"
#include "l2tpd/fsm/ids.h"
#include "l2tpd/fsm/lns.h"
#include "l2tpd/fsm/pending.h"
#include "l2tpd/metrics/counters.h"
#include "l2tpd/wire/auth.h"
#include "l2tpd/wire/msg.h"
#include "l2tpd/xport/chan.h"
#include "lib/base/list.h"
#include "lib/base/map.h"
#include "lib/base/rate.h"

/* Framing and bearer of a call, and what a side can do of each: RFC 2661 4.4.3, 4.4.4. */
#define FRAMING_BOTH 3 /* synchronous and asynchronous */
#define BEARER_BOTH  3 /* digital and analog */

#define TUNNEL_STATES(X)                                                                           \
	X(WAIT_REPLY, "wait-reply")     /* SCCRQ is out */                                         \
	X(WAIT_CONNECT, "wait-connect") /* SCCRP is out */                                         \
	X(UP, "established")                                                                       \
	X(ENDING, "ending")    /* its sessions take their leave, StopCCN comes after */            \
	X(CLOSING, "closing")  /* StopCCN is out */                                                \
	X(LINGER, "lingering") /* both sides know; only what comes again is acknowledged */        \
	X(MUTE, "dead")        /* there is nobody to talk to */

#define TUNNEL_EVENTS(X)                                                                           \
	X(SCCRQ, "SCCRQ")                                                                          \
	X(SCCRP, "SCCRP")                                                                          \
	X(SCCCN, "SCCCN")                                                                          \
	X(STOPCCN, "StopCCN")                                                                      \
	X(HELLO, "HELLO")                                                                          \
	X(ICRQ, "ICRQ")                                                                            \
	X(OCRQ, "OCRQ")                                                                            \
	X(CALL, "message of a call")                                                               \
	X(IGNORED, "unknown message, may be ignored")                                              \
	X(BAD, "message to be refused")                                                            \
	X(END, "to be ended")                                                                      \
	X(TIMEOUT, "state's limit")                                                                \
	X(ACKED, "all was acknowledged")                                                           \
	X(EMPTY, "last session gone")                                                              \
	X(LOST, "peer does not answer")                                                            \
	X(ORPHANED, "SA nobody looks after")                                                       \
	X(CUT, "SA gone, replaced, tie lost")

#define SESSION_STATES(X)                                                                          \
	X(WAIT_ICRP, "wait-icrp") /* LAC: ICRQ is out */                                           \
	X(WAIT_OCRP, "wait-ocrp") /* LNS: OCRQ is out */                                           \
	X(WAIT_ICCN, "wait-iccn") /* LNS: ICRP is out */                                           \
	X(WAIT_OCCN, "wait-occn") /* LNS: OCRP has come */                                         \
	X(DIALLING, "dialling")   /* LAC: OCRP is out */                                           \
	X(UP, "established")                                                                       \
	X(ENDING, "ending")  /* pppd takes its leave, CDN comes after */                           \
	X(CLOSED, "closing") /* the call is over for both sides, its pppd not yet gone */

#define SESSION_EVENTS(X)                                                                          \
	X(ICRP, "ICRP")                                                                            \
	X(ICCN, "ICCN")                                                                            \
	X(OCRP, "OCRP")                                                                            \
	X(OCCN, "OCCN")                                                                            \
	X(CDN, "CDN")                                                                              \
	X(WEN, "WEN")                                                                              \
	X(SLI, "SLI")                                                                              \
	X(BAD, "message to be refused")                                                            \
	X(ANSWERED, "our dialler has a connection")                                                \
	X(END, "to be ended")                                                                      \
	X(TIMEOUT, "not established in time")                                                      \
	X(PPP_EXIT, "pppd or dialler gone")                                                        \
	X(CUT, "tunnel ends, or id reused")

enum tunnel_state {
#define X(name, word) TUN_##name,
	TUNNEL_STATES(X)
#undef X
		TUN_STATE_COUNT
};

enum tunnel_event {
#define X(name, word) TEV_##name,
	TUNNEL_EVENTS(X)
#undef X
		TEV_COUNT
};

enum session_state {
#define X(name, word) SES_##name,
	SESSION_STATES(X)
#undef X
		SES_STATE_COUNT,
	SES_GONE = SES_STATE_COUNT /* no state: the object ends */
};

enum session_event {
#define X(name, word) SEV_##name,
	SESSION_EVENTS(X)
#undef X
		SEV_COUNT
};

/* What comes with an event. */
struct event {
	usec_t now;
	const struct msg *msg;   /* of a message */
	uint16_t sid;            /* the session id in its header */
	bool bad;                /* the message is to be refused, `why` says how */
	const struct cause *why; /* of an end */
};

/* The tunnels of one SA, as long as there are any. */
struct sa_use {
	struct map_node node; /* in lns.sas */
	uint32_t mark;
	unsigned int refs;
	unsigned int n_open; /* without those that only linger */
	struct list tunnels;
};

/* Where the packets of a tunnel go. */
enum tunnel_way {
	WAY_SOCKET,   /* out by its own */
	WAY_LISTENER, /* out by the listener, as it has none yet: see stranger.c */
	WAY_NOWHERE,  /* they have been sent before it was there */
};

/* What each message touches comes first, and is a few cache lines; the rest is for few occasions.
 */
struct tunnel {
	struct lns *lns;
	struct chan chan;
	const struct peer_rules *rules;
	usec_t until;         /* this state's limit; USEC_NEVER: none */
	usec_t timer_at;      /* as told to the port */
	uint64_t retransmits; /* as counted so far */
	struct list starting; /* sessions that are not up yet, oldest first */
	unsigned int n_sessions;
	enum tunnel_state state;
	uint16_t tid, peer_tid;
	enum tunnel_way way;
	bool calling; /* SCCRQ is ours; peer_tid is 0 until SCCRP */
	bool asked;   /* SCCRP or SCCCN has to bring the response to `challenge` */
	bool known;   /* SCCRQs of this peer and id are for this tunnel */
	bool open;    /* counted as a tunnel */
	bool was_up;
	bool told;      /* its end was */
	bool by_zero;   /* the peer does not use our id: see lns.c */
	uint16_t place; /* in the book; 0: none */
	struct {
		uint16_t last, n, acked; /* messages that it points at there */
	} written;
	struct path path;

	struct map_node node; /* in lns.peers, while `known` */
	struct list in_sa;    /* in sa->tunnels */
	struct sa_use *sa;
	struct list sessions; /* newest last */
	usec_t since, up_since;
	struct cause cause; /* of its end; result 0 and no text before */
	uint64_t tie;       /* Tie Breaker of our SCCRQ */
	uint8_t challenge[AUTH_CHALLENGE_LEN];
	uint8_t peer_framing, peer_bearer; /* its capabilities: bits of RFC 2661 4.4.3 */
	char host_name[64], vendor_name[64];
};

struct session {
	struct tunnel *tunnel;
	struct cause cause;    /* of its end */
	struct map_node node;  /* in lns.calls, while `known` */
	struct list in_tunnel; /* in tunnel->sessions */
	struct list starting;  /* in tunnel->starting, until it is up */
	struct list changed;   /* in lns.changed, until it is written down */
	uint16_t place;        /* in the book; 0: none */
	uint32_t nth;          /* of all sessions: later ones have greater numbers */
	uint64_t note;         /* of whoever else has something to remember of it */
	usec_t since;
	uint16_t sid, peer_sid;
	enum session_state state;
	bool known;   /* the peer's id means this session */
	bool open;    /* its kernel session is */
	bool running; /* so is its pppd or dialler */
	bool was_up;
	bool has_accm;
	struct avp_accm accm;
	struct avp_errors errors;
	struct call call;
};

/* Datagrams that may leave as soon as what has led to them is written down. */
struct outbox {
	size_t len;
	uint8_t bytes[8192];
};

struct lns {
	struct lns_conf conf;
	struct ports ports;
	struct chan_conf chan_conf;
	struct packets packets;
	struct msg_rules rules;    /* of peers without a tunnel secret */
	struct counters *counters; /* in the book, or ... */
	struct counters own_counters;
	struct book *book;   /* NULL: nothing outlives us */
	struct list changed; /* sessions that are not as the book has them */
	struct outbox outbox;
	struct ids tids, sids;
	struct map peers;         /* tunnels by the way to the peer and its id */
	struct map calls;         /* sessions by tunnel and the peer's id */
	struct map sas;           /* struct sa_use by mark */
	unsigned int n_open;      /* tunnels that are not down */
	unsigned int n_half_open; /* tunnels in WAIT_CONNECT */
	unsigned int n_sessions;  /* all */
	uint32_t call_serial;     /* of the last call that we placed */
	uint32_t nth_session;     /* of the latest one */
	struct rates *answers_of; /* buckets of answers outside of tunnels, by source, ... */
	usec_t answers_paid;      /* ... and of all together */
	struct pending *pending;  /* strangers; NULL: an SA proves every peer */
	bool closing;
	struct tunnel *tunnels[UINT16_MAX + 1];
	struct session *sessions[UINT16_MAX + 1];
};

/*
 * find.c
 */

/* The same client by the same way: the marks count, a reqid is only known of one. */
bool path_same(const struct path *a, const struct path *b);

/* A hash of both; keyed. */
uint64_t lns_hash_peer(const struct path *path, uint16_t peer_tid);

/* The tunnel that the peer on this path calls `peer_tid` (0: that we are calling), or NULL. */
struct tunnel *lns_find_tunnel(const struct lns *l, const struct path *path, uint16_t peer_tid);

/* The session that the peer of `t` calls `peer_sid`, or NULL. */
struct session *lns_find_call(const struct lns *l, const struct tunnel *t, uint16_t peer_sid);

/* Let the session be found by the peer's id.  -ENOMEM. */
int lns_add_call(struct lns *l, struct session *s);

/* Let the tunnel be found by its path, and join it to its SA; and undo the latter.  -ENOMEM. */
int lns_add_tunnel(struct lns *l, struct tunnel *t);
void lns_del_tunnel(struct lns *l, struct tunnel *t);

/* The peer's id of a tunnel has become known.  -ENOMEM: it cannot be found by its path now. */
int lns_rename_tunnel(struct lns *l, struct tunnel *t, uint16_t peer_tid);

/* The tunnel's path is another one now.  -ENOMEM: it has not changed. */
int lns_repath_tunnel(struct lns *l, struct tunnel *t, const struct path *path);

/* The tunnels of an SA: those there are, or NULL; held.  sa_use_ref(): NULL: no memory. */
struct sa_use *lns_find_sa(const struct lns *l, uint32_t mark);
struct sa_use *sa_use_ref(struct lns *l, uint32_t mark);
void sa_use_unref(struct lns *l, struct sa_use *sa);

/*
 * cause.c
 */

/* Why the peer ended something: `what` happened, and what its Result Code says. */
void cause_from_peer(struct cause *ret, enum stage stage, const char *what, const char *words,
		     const struct avp_result *r);

/* Why the peer, which is called `peer` in words, hung up: also what its PPP says (RFC 3145). */
void cause_from_cdn(struct cause *ret, const char *peer, const struct msg *m);

/* What is wrong with a message: the one place that turns verdicts into words and codes. */
void cause_from_verdict(struct cause *ret, enum stage stage, const struct msg *m,
			const struct verdict *v);

/*
 * handshake.c
 */

/* Can we serve who sends this SCCRQ or SCCRP?  0, or a negative code and the cause. */
int handshake_check(const struct peer_rules *rules, const struct msg *m, struct cause *ret_why);

/* What SCCRQ and SCCRP alike say of who sends them. */
void handshake_learn(struct tunnel *t, const struct msg *m);

/* The messages that set a tunnel up; each answers the one before, and asks for proof if it must. */
void handshake_request(struct tunnel *t, usec_t now);
void handshake_reply(struct tunnel *t, const struct msg *sccrq, usec_t now);
void handshake_confirm(struct tunnel *t, const struct msg *sccrp, usec_t now);

/*
 * An SCCRP or SCCCN, before the machine hears of it: note who the peer is, and see whether it is
 * one that we want.  0, or a negative code and the cause.
 */
int handshake_meet(struct tunnel *t, const struct msg *m, usec_t now, struct cause *ret_why);

/* What it is called in what people read: the client, or the server that we called. */
const char *tunnel_peer_word(const struct tunnel *t);

/*
 * stranger.c
 */

/* A good SCCRQ of a peer that no SA proves: answer it and keep nothing but its place. */
void stranger_asks(struct lns *l, const struct path *from, const struct peer_rules *rules,
		   const struct hdr *h, struct view body, const struct msg *sccrq, usec_t now);

/* Its answer, to the id that it was told: admission, and a tunnel that goes on with this. */
void stranger_proves(struct lns *l, struct pending_slot *slot, const struct hdr *h,
		     struct view body, usec_t now);

/*
 * stray.c
 */

/*
 * Answer a packet that has no tunnel, to the peer's tunnel `peer_tid` (0: not known): only the
 * acknowledgement if `m` is NULL.  Nothing is kept, so it is sent once, if at all.
 */
void stray_answer(struct lns *l, const struct path *to, const struct hdr *h, uint16_t peer_tid,
		  const struct msg *m, usec_t now);

/* The same with a StopCCN; `tid`: what the peer thinks is our id, or 0. */
void stray_stop(struct lns *l, const struct path *to, const struct hdr *h, uint16_t peer_tid,
		uint16_t tid, const struct cause *why, usec_t now);

/*
 * A packet for a tunnel that is not here: of an earlier run of the daemon, most likely.  The client
 * learns of it at once instead of by its own timeouts.
 */
void stray_packet(struct lns *l, const struct path *from, const struct hdr *h, struct view body,
		  usec_t now);

/*
 * request.c
 */

/*
 * Read a message for tunnel 0, as msg_parse().  Whose secret reads what is hidden, the Host Name
 * tells, which is not.
 */
int request_read(const struct lns *l, const struct path *from, struct view body, struct msg *ret,
		 struct msg_scratch *scratch, struct verdict *ret_verdict);

/* An SCCRQ that names a tunnel; `bad`: what is wrong with it, else NULL. */
void request_tunnel(struct lns *l, const struct path *from, const struct hdr *h, struct view body,
		    const struct msg *m, const struct cause *bad, usec_t now);

/* Serve the SCCRQ of this place, which then is free; only if it is not admitted it stays. */
void request_proved(struct lns *l, struct pending_slot *slot, usec_t now);

/* Tell that an attempt to get a tunnel has failed. */
void request_failed(struct lns *l, const struct path *from, const struct cause *why);

/*
 * write.c
 */

/*
 * Write down the tunnel and all sessions that have changed, as one step, after which what waits in
 * the outbox is sent.  lns_commit(): without a tunnel.
 */
void tunnel_flush(struct tunnel *t);
void lns_commit(struct lns *l);

/* The session is not as the book has it. */
void session_changed(struct session *s);

/* There is no such tunnel, or session, any more. */
void tunnel_erase(struct tunnel *t);
void session_erase(struct session *s);

/* Send a datagram of a tunnel, by its socket, with the next lns_commit(). */
void tunnel_send_later(struct tunnel *t, const void *bytes, size_t len);

/*
 * restore.c
 */

/* Ids that the book has are not free. */
void restore_ids(struct lns *l);

/*
 * tunnel_new.c
 */

/* A tunnel to the peer on this path; SCCRQ is on its way.  0, or a negative code. */
int tunnel_call(struct lns *l, const struct path *path, usec_t now, uint16_t *ret_tid);

/*
 * A tunnel for this SCCRQ, which is good and admitted; SCCRP is on its way.  0, or a negative code
 * and the cause; then nothing is left of it.
 */
int tunnel_accept(struct lns *l, const struct path *path, const struct peer_rules *rules,
		  const struct hdr *h, struct view body, const struct msg *sccrq,
		  const struct pending_slot *proved, usec_t now, struct cause *ret_why);

/* Take in SCCRQ and answer it; with this challenge, if one is given. */
void tunnel_greet(struct tunnel *t, const uint8_t *challenge, const struct hdr *h, struct view body,
		  const struct msg *sccrq, usec_t now);

/*
 * tunnel.c
 */

/* A packet of this tunnel, the timer, any other event.  `t` may be gone after each. */
void tunnel_input(struct tunnel *t, const struct hdr *h, struct view body, usec_t now);
void tunnel_timer(struct tunnel *t, usec_t now);
void tunnel_happens(struct tunnel *t, enum tunnel_event ev, const struct cause *why, usec_t now);

/* Do what is left to do after events: news, timer, and the end of the object. */
void tunnel_settle(struct tunnel *t, usec_t now);

/* Step the machine only; tunnel_settle() must follow. */
void tunnel_event(struct tunnel *t, enum tunnel_event ev, const struct event *e);

/* Queue a message to the peer. */
void tunnel_say(struct tunnel *t, uint16_t peer_sid, const struct msg *m, usec_t now);

/* Close the socket and free a tunnel without sessions, whose end was told. */
void tunnel_free(struct tunnel *t, usec_t now);

/*
 * call.c
 */

/* Note what a message says of a call. */
void call_learn(struct call *c, const struct msg *m);

/* ICRQ, OCRQ, ICCN, OCCN: what is known of the call. */
void call_ask(const struct session *s, usec_t now);
void call_connected(const struct session *s, usec_t now);

/*
 * Of a call that we place: what is not said of framing and bearer becomes what the peer can do.
 * -EOPNOTSUPP: it cannot.
 */
int call_fit(struct call *c, const struct tunnel *t);

/* Does an OCRQ ask for what we have said that we can do? */
bool call_can_dial(const struct msg *ocrq);

/* What an ICCN has of the LAC's own negotiation, to whom it may concern. */
void call_pass_proxy(const struct session *s, const struct msg *iccn);

/*
 * session.c
 */

/* An ICRQ or OCRQ: a new session, or a CDN. */
void session_request(struct tunnel *t, const struct event *e);

/* As lns_place_call(). */
int session_place(struct tunnel *t, const struct call *call, usec_t now, uint16_t *ret_sid);

/* Forget a session without a word to its peer or its pppd. */
void session_free(struct session *s, usec_t now);

/* Refuse a call that has no session. */
void session_refuse(struct tunnel *t, const struct event *e, const struct cause *why);

/* A message about a call: to its session. */
void session_message(struct tunnel *t, const struct event *e);

/* Step the machine.  The session may be gone after it. */
void session_event(struct session *s, enum session_event ev, const struct event *e);

/* The tables, for tests and the manual: the name of the action, NULL for an empty cell. */
const char *tunnel_cell(enum tunnel_state state, enum tunnel_event ev, enum tunnel_state *ret_next);
const char *session_cell(enum session_state state, enum session_event ev,
			 enum session_state *ret_next);
const char *tunnel_state_word(enum tunnel_state state);
const char *session_state_word(enum session_state state);

#endif
