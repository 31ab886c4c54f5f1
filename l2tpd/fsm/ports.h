/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the protocol machines want from the world, and the few types both sides share.  Drivers
 * implement it, daemon.c joins the two, tests fake it.  Everything is named by our own 16-bit ids,
 * so drivers keep arrays by id and need no look inside a tunnel or session.
 */
#ifndef L2TPD_FSM_PORTS_H
#define L2TPD_FSM_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/addr.h"
#include "lib/base/buf.h"
#include "lib/base/clock.h"

#define L2TP_PORT     1701 /* RFC 2661 8.1 */

/* The group (IFLA_GROUP) of the network interfaces of our sessions: nobody else's are in it. */
#define SESSION_GROUP 1701

/* The security association that a datagram came through; all zero without IPsec. */
struct sa_key {
	uint32_t mark;  /* what decrypted packets carry; names the SA through rekeys */
	uint32_t reqid; /* what per-socket policies name */
};

/* The way between us and one client. */
struct path {
	struct addr local; /* the address that the client used, port 1701 */
	struct addr peer;  /* its address and port, inside ESP */
	struct sa_key sa;
};

/*
 * Whose path it is, for shares and rates: a keyed hash of its SA, or without one of the peer's
 * address without port, of IPv6 the network of 64 bits, in which it may have any address.
 */
uint64_t path_source(const struct path *path);

/* How far an attempt got; the words are in stage_word(). */
#define STAGES(X)                                                                                  \
	X(IPSEC, "ipsec")     /* no usable SA */                                                   \
	X(TUNNEL, "tunnel")   /* SCCRQ to SCCCN */                                                 \
	X(SESSION, "session") /* ICRQ to ICCN, OCRQ to OCCN */                                     \
	X(LCP, "lcp")                                                                              \
	X(AUTH, "auth")                                                                            \
	X(LEASE, "lease")                                                                          \
	X(IPCP, "ipcp")                                                                            \
	X(UP, "up") /* it had been up: an end, not a failure */

enum stage {
#define X(name, word) STAGE_##name,
	STAGES(X)
#undef X
};

/* What is agreed with a peer. */
struct peer_rules {
	struct view secret; /* of tunnel authentication and hidden AVPs; empty: there is none */
	bool challenge;     /* the peer must prove that it knows the secret */
	bool hide;          /* hide what we send, where the RFC lets us */
};

/* Whose part we have in a call; "incoming" and "outgoing" are as the LNS sees it. */
#define CALL_ROLES(X)                                                                              \
	X(LNS_IN, "lns-incoming")  /* ICRQ came: somebody dials in */                              \
	X(LNS_OUT, "lns-outgoing") /* OCRQ is ours: the LAC is to dial */                          \
	X(LAC_IN, "lac-incoming")  /* ICRQ is ours */                                              \
	X(LAC_OUT, "lac-outgoing") /* OCRQ came: we are to dial */

enum call_role {
#define X(name, word) CALL_##name,
	CALL_ROLES(X)
#undef X
};

/* What is known of a call (RFC 2661 4.4.4); 0 and "" for what is not. */
struct call {
	enum call_role role;
	uint32_t serial;
	uint32_t bearer, framing;    /* bits: 1 digital, 2 analog; 1 synchronous, 2 asynchronous */
	uint32_t min_bps, max_bps;   /* wanted, of outgoing calls */
	uint32_t tx_speed, rx_speed; /* bits per second, as the LAC says */
	uint32_t channel;
	char calling_number[40], called_number[40], sub_address[24]; /* printable */
};

/*
 * What a LAC has negotiated with the client before the call came to us (RFC 2661 4.4.5).  Views
 * into its message; they may hold a password.
 */
struct proxy {
	struct view first_confreq, sent_confreq, last_confreq; /* options of LCP */
	uint16_t type, id; /* Proxy Authen Type; 0: it did not authenticate */
	struct view name, challenge, response;
};

/*
 * Why something ends: what the peer is told (RFC 2661 4.4.2) and what people read.  The one value
 * that travels down every path of teardown.  When the peer has ended it, the codes are the peer's.
 */
struct cause {
	uint16_t result; /* result code of StopCCN or CDN; 0: refuse in silence */
	uint16_t error;  /* error code, with result 2 only */
	uint16_t ppp;    /* PPP Disconnect Code (RFC 3145); 0: none */
	enum stage stage;
	char text[128]; /* for the peer's error message, logs and l2tpctl; printable */
};

/* What has happened, for logs, events and failures. */
enum news_kind {
	NEWS_TUNNEL_UP,    /* SCCCN came */
	NEWS_TUNNEL_DOWN,  /* it had been up */
	NEWS_TUNNEL_MOVED, /* it goes on with another SA, or to another address */
	NEWS_SESSION_UP,   /* ICCN or OCCN: the call is established, PPP begins */
	NEWS_SESSION_DOWN, /* the call is over, its pppd is gone, the ids are free after this call
			    */
	NEWS_FAILED,       /* an SCCRQ, ICRQ or OCRQ that did not lead to a tunnel or call */
};

struct news {
	enum news_kind kind;
	uint16_t tid; /* 0: none yet */
	uint16_t sid; /* 0: none */
	const struct path *path;
	const struct cause *cause; /* not for *_UP and *_MOVED */
};

/*
 * All calls return at once and never call back into the machines before they return.  Negative
 * returns are error codes of lib/base/err.h.
 */
struct ports {
	void *ctx; /* first argument of every call */

	/*
	 * The rules for a peer by its path and its Host Name AVP; empty as long as that is not
	 * known.  Never NULL; they are used until the server is freed.
	 */
	const struct peer_rules *(*peer_rules)(void *ctx, const struct path *path,
					       struct view host_name);

	/*
	 * May this client have (another) tunnel or session?  0, or a negative code and the cause.
	 */
	int (*admit_tunnel)(void *ctx, const struct path *path, struct cause *ret_why);
	/*
	 * The tunnel asked for by admit_tunnel() or lns_open_tunnel() is gone; called once for
	 * each.
	 */
	void (*release_tunnel)(void *ctx, const struct path *path);
	/* What was counted for a tunnel on `was` counts on `is` from now on. */
	void (*recount_tunnel)(void *ctx, const struct path *was, const struct path *is);
	int (*admit_session)(void *ctx, uint16_t tid, const struct path *path,
			     struct cause *ret_why);

	/*
	 * The socket of tunnel `tid`: local port `tid`, connected to the peer, tied to its SA.
	 * Where we call, `peer_tid` is 0: tunnel_meet() tells it as soon as it is known.
	 * -EADDRINUSE: the id is taken, try another; -ERR_NO_SA: the SA has just gone; others: no
	 * resources.
	 */
	int (*tunnel_open)(void *ctx, uint16_t tid, uint16_t peer_tid, const struct path *path);
	int (*tunnel_meet)(void *ctx, uint16_t tid, uint16_t peer_tid);
	/*
	 * Its SA or the peer's address has changed, the local address has not: `path` is as they
	 * are now.  Data and messages go on there.  Negative: the socket is of no use any more.
	 */
	int (*tunnel_move)(void *ctx, uint16_t tid, const struct path *path);
	/* Nothing is to leave through it any more, while its sessions come to their end. */
	void (*tunnel_mute)(void *ctx, uint16_t tid);
	void (*tunnel_close)(void *ctx, uint16_t tid);

	/*
	 * Of lns_restore(): a tunnel, or a session in it, of the time before is to go on.
	 * tunnel_restore(): 0, or a negative code: it is lost, and so are its sessions; `told`: it
	 * has ended already but for what comes again, and release_tunnel() was called.
	 * session_restore(): -ESRCH: its pppd has ended, which is then taken as news.  NULL: there
	 * is no such time.
	 */
	int (*tunnel_restore)(void *ctx, uint16_t tid, const struct path *path, bool told);
	int (*session_restore)(void *ctx, uint16_t tid, uint16_t sid);

	/* Send one datagram through the tunnel's socket; losses are the retransmission's business.
	 */
	void (*tunnel_send)(void *ctx, uint16_t tid, const struct path *path, const void *bytes,
			    size_t len);
	/* Send one datagram from the listener: refusals before a tunnel exists. */
	void (*stray_send)(void *ctx, const struct path *path, const void *bytes, size_t len);

	/* Create the kernel session, before ICRP leaves.  -EEXIST: the id is taken, try another. */
	int (*session_open)(void *ctx, uint16_t tid, uint16_t sid, uint16_t peer_sid);
	void (*session_close)(void *ctx, uint16_t tid, uint16_t sid);

	/*
	 * The peer wants sequence numbers on all data of this session, both ways (RFC 2661 5.4). 0,
	 * or a negative code and the cause: then it does not get the call.
	 */
	int (*session_sequence)(void *ctx, uint16_t tid, uint16_t sid, struct cause *ret_why);

	/*
	 * Start the session's pppd.  0: its end comes by lns_ppp_exited(), also when it never ran.
	 * Negative: it will not run, and nothing follows.
	 */
	int (*ppp_start)(void *ctx, uint16_t tid, uint16_t sid);
	/*
	 * In place of ppp_start() for calls that the LNS wants us to place: dial, and join what
	 * answers with the session.  lns_call_answered() follows when somebody does; the end comes
	 * by lns_ppp_exited() in any case.  NULL: we have no lines, such calls are refused.
	 */
	int (*dial)(void *ctx, uint16_t tid, uint16_t sid, const struct call *call);
	/* The LAC has negotiated on our behalf; called before NEWS_SESSION_UP. */
	void (*proxied)(void *ctx, uint16_t tid, uint16_t sid, const struct proxy *proxy);
	/* End it, politely first.  Called once at most, and before lns_ppp_exited(), which follows.
	 */
	void (*ppp_stop)(void *ctx, uint16_t sid, const struct cause *why);

	/* Call lns_timer(tid) at `at` (USEC_NEVER: not at all); replaces the one set before. */
	void (*timer_set)(void *ctx, uint16_t tid, usec_t at);

	/* The only way of news to people. */
	void (*tell)(void *ctx, const struct news *news);
};

/* The word of a stage. */
const char *stage_word(enum stage stage);

/* Fill `ret`; the text is cut when it is too long. */
void cause_set(struct cause *ret, enum stage stage, uint16_t result, uint16_t error,
	       const char *fmt, ...) __attribute__((format(printf, 5, 6)));

#endif
