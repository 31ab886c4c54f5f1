/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The L2TP network server: all tunnels and sessions, found by our ids in O(1), and the way of each
 * datagram to its tunnel.  Pure: bytes and `now` come in, wishes go out through struct ports.
 * RFC 2661, also the side that calls; ids in a message are valid only together with their path.
 */
#ifndef L2TPD_FSM_LNS_H
#define L2TPD_FSM_LNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "l2tpd/fsm/ports.h"
#include "l2tpd/metrics/counters.h"
#include "l2tpd/wire/msg.h"

struct book;
struct lns;
struct tunnel;
struct session;

struct lns_conf {
	char host_name[64];      /* Host Name AVP (4.4.3), not empty */
	uint16_t tid_lo, tid_hi; /* tunnel ids, which are also local ports; lo <= hi */
	uint16_t window;         /* receive window we offer, 1 to 1024 */
	usec_t hello;            /* HELLO after this much silence; USEC_NEVER: none */
	usec_t retry_first;      /* first retransmission after this; doubles */
	usec_t retry_cap;        /* ... up to this */
	unsigned int retry_max;  /* retransmissions of one message until the peer counts as dead */
	usec_t setup_limit;      /* for a tunnel to SCCCN, and for a session from ICRQ to ICCN */
	unsigned int sessions_per_tunnel;
	enum msg_strictness strictness;
	unsigned int strangers; /* places for peers that no SA proves, each with a tunnel id, fewer
				   than those; 0: an SA proves every peer */
	struct book *book; /* where it writes down what must outlive it; borrowed; NULL: nowhere */
};

/* A new server; it draws its start in the id range at random.  NULL: no memory. */
struct lns *lns_new(const struct lns_conf *conf, const struct ports *ports);

/*
 * Tunnels and sessions that are left are dropped without a word to anybody: see lns_shutdown() and
 * lns_idle() for those that should hear of it.  Closes the sockets of all tunnels.
 */
void lns_free(struct lns *l);

/* What lns_restore() has found in the book. */
struct lns_restored {
	unsigned int tunnels, sessions;
	unsigned int lost_tunnels, lost_sessions; /* that cannot go on */
};

/*
 * Go on with the tunnels and sessions that the book has, as if nothing had happened; called first
 * of all, and once.  What cannot go on is dropped from the book: the ports say why.
 */
void lns_restore(struct lns *l, usec_t now, struct lns_restored *ret);

/*
 * One datagram.  `via`: the tunnel whose socket got it, 0 for the listener.  Never fails: what is
 * wrong is answered or counted.
 */
void lns_input(struct lns *l, const struct path *from, uint16_t via, const void *bytes, size_t len,
	       usec_t now);

/* The timer of tunnel `tid` has run out. */
void lns_timer(struct lns *l, uint16_t tid, usec_t now);

/*
 * Call the peer at the other end of `path`: NEWS_TUNNEL_UP or NEWS_FAILED follows.  When it calls
 * us in the same moment, one of the two tunnels is given up (RFC 2661 4.4.3, Tie Breaker).
 * -EALREADY: we are calling it; -ESHUTDOWN after lns_shutdown(); else as the port tunnel_open().
 */
int lns_open_tunnel(struct lns *l, const struct path *path, usec_t now, uint16_t *ret_tid);

/*
 * Place a call in tunnel `tid`, which must be established: as LAC (CALL_LAC_IN: ICRQ), or have the
 * LAC place one (CALL_LNS_OUT: OCRQ), with the numbers, bearer, framing and speeds of `call`.
 * NEWS_SESSION_UP or NEWS_FAILED follows.  -ENOENT: no such tunnel; -ENOSPC: no free id; -ENOMEM;
 * -ERR_LIMIT: it is full; -EOPNOTSUPP: the peer has not said that it can do this.
 */
int lns_place_call(struct lns *l, uint16_t tid, const struct call *call, usec_t now,
		   uint16_t *ret_sid);

/*
 * What the port dial() was asked for has been answered: speeds and framing of `call` go out with
 * OCCN.  -ENOENT: the session has ended, or was not dialling.
 */
int lns_call_answered(struct lns *l, uint16_t sid, const struct call *call, usec_t now);

/*
 * The session's pppd is gone (or could not be started).  `why` is the cause of the session's end
 * if there was none before, and its stage counts; the peer hears of it.  Of other causes, the
 * stage of a session with ICCN is STAGE_LCP: how far PPP got, only pppd knows.
 */
void lns_ppp_exited(struct lns *l, uint16_t sid, const struct cause *why, usec_t now);

/*
 * End a session (CDN) or a tunnel (StopCCN).  pppd is given the chance to take leave of its peer
 * first; by a tunnel that is asked to end a second time, no more.  -ENOENT: no such one.
 */
int lns_end_session(struct lns *l, uint16_t sid, const struct cause *why, usec_t now);
int lns_end_tunnel(struct lns *l, uint16_t tid, const struct cause *why, usec_t now);

/* The SA with this mark is gone: its tunnels end at once, as nothing can be sent any more. */
void lns_sa_gone(struct lns *l, uint32_t mark, const struct cause *why, usec_t now);

/*
 * The SA with this mark goes on as `is`, which may be another SA, another address of the peer, or
 * both: its tunnels follow, and nobody else's.  NEWS_TUNNEL_MOVED tells of each; one that cannot
 * follow ends at once.  The ports in `is` are those of IKE, and do not matter.
 */
void lns_sa_moved(struct lns *l, uint32_t mark, const struct path *is, usec_t now);

/*
 * The SA with this mark still carries packets, but nobody looks after it: its tunnels end at once
 * with a last word to the peer, which may be lost.
 */
void lns_sa_orphaned(struct lns *l, uint32_t mark, const struct cause *why, usec_t now);

/* End all tunnels, as lns_end_tunnel(); new ones are refused from now on. */
void lns_shutdown(struct lns *l, const struct cause *why, usec_t now);

/*
 * True when no tunnel or session is left, closing ones included.  It is true already while the last
 * NEWS_TUNNEL_DOWN or NEWS_FAILED is told.
 */
bool lns_idle(const struct lns *l);

/* What is known of a tunnel, for listings; views are valid until the next call into `l`. */
struct tunnel_info {
	uint16_t tid, peer_tid;
	const char *state; /* a word */
	bool up;
	struct path path;
	const char *host_name, *vendor_name; /* of the peer; printable */
	unsigned int n_sessions;
	uint64_t retransmits;
	usec_t since; /* first SCCRQ */
};

struct session_info {
	uint16_t sid, peer_sid, tid;
	const char *state; /* a word */
	bool established;
	usec_t since;  /* ICRQ or OCRQ */
	uint64_t note; /* of lns_set_note(); 0 at first */
	const struct call *call;
	const struct avp_errors *errors; /* of the LAC's line, as WEN told last */
	const struct avp_accm *accm;     /* as SLI told last; NULL: there was none */
};

/*
 * Remember a number with session `sid`, for who goes on after this process: see session_info.
 * Changed from within a port, it is written down with what the port is called for; else by
 * lns_write_down(), at once.
 */
void lns_set_note(struct lns *l, uint16_t sid, uint64_t note);
void lns_write_down(struct lns *l);

/* The word of a role. */
const char *call_role_word(enum call_role role);

/* By id: 0 or -ENOENT. */
int lns_tunnel_info(const struct lns *l, uint16_t tid, struct tunnel_info *ret);
int lns_session_info(const struct lns *l, uint16_t sid, struct session_info *ret);

/*
 * The next id in use after `id`, 0 at the end; start with 0.  Tunnels that are down are left out.
 * For listings: O(ids) in all.
 */
uint16_t lns_next_tunnel(const struct lns *l, uint16_t id);
uint16_t lns_next_session(const struct lns *l, uint16_t id);

/* The next session of tunnel `tid` after `sid`, 0 at the end; start with 0. */
uint16_t lns_next_session_of(const struct lns *l, uint16_t tid, uint16_t sid);

/* The next tunnel of the SA with this mark after `tid`, 0 at the end; start with 0. */
uint16_t lns_next_tunnel_of(const struct lns *l, uint32_t mark, uint16_t tid);

/* How many there are, and tunnels of one SA: O(1). */
unsigned int lns_tunnel_count(const struct lns *l);
unsigned int lns_session_count(const struct lns *l);

/* Tunnels whose client has not sent SCCCN yet. */
unsigned int lns_half_open_count(const struct lns *l);
unsigned int lns_sa_tunnel_count(const struct lns *l, uint32_t mark);

/*
 * Tunnels of one SA that are down, but still have their id and socket: for what the client sends
 * again, or for a pppd that is not gone yet.
 */
unsigned int lns_sa_leaving_count(const struct lns *l, uint32_t mark);

/* What was counted since lns_new(); and for drivers, who count there what they refuse. */
const struct counters *lns_counters(const struct lns *l);
struct counters *lns_shared_counters(struct lns *l);

/* Print the tables of both state machines, for the manual. */
void lns_dump_fsm(FILE *out);

#endif
