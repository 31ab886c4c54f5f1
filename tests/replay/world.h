/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A world for the protocol machines: virtual clock, and ports that do nothing but check.  Each call
 * out of place (a socket opened twice, news told twice, a packet through a closed tunnel) aborts,
 * so every test that uses it checks the contract of l2tpd/fsm/ports.h as well.
 */
#ifndef TESTS_REPLAY_WORLD_H
#define TESTS_REPLAY_WORLD_H

#include "l2tpd/fsm/lns.h"

/* Ports that can be told to fail. */
#define WORLD_PORTS(X)                                                                             \
	X(ADMIT_TUNNEL, "admit-tunnel")                                                            \
	X(ADMIT_SESSION, "admit-session")                                                          \
	X(TUNNEL_OPEN, "tunnel-open")                                                              \
	X(TUNNEL_MEET, "tunnel-meet")                                                              \
	X(TUNNEL_MOVE, "tunnel-move")                                                              \
	X(SESSION_OPEN, "session-open")                                                            \
	X(SESSION_SEQUENCE, "session-sequence")                                                    \
	X(PPP_START, "ppp-start")                                                                  \
	X(DIAL, "dial")

enum world_port {
#define X(name, word) WORLD_##name,
	WORLD_PORTS(X)
#undef X
		WORLD_PORT_COUNT
};

struct world_tunnel {
	bool open, up, down; /* up, down: was told */
	bool met;            /* the peer's id is known */
	bool mute;           /* nothing may be sent any more */
	struct path path;
	usec_t timer;
	unsigned int n_sessions;
};

struct world_session {
	bool open, running, stopped, up;
	uint16_t tid;
	uint64_t note;
};

struct world {
	struct lns *lns;
	struct lns_conf conf;
	struct ports ports;
	int state_fd;   /* the memory of its book; -1: it has none */
	void *memory;   /* ... which is here */
	bool dead;      /* what it does now is not done */
	bool restoring; /* what it does now, the one before has done already */
	bool kills;     /* world_kill() after each timer */
	unsigned int n_kills;
	usec_t now;
	struct peer_rules rules;       /* of all peers ... */
	struct peer_rules other_rules; /* ... but those of this SA */
	uint32_t other_mark;
	int fail[WORLD_PORT_COUNT]; /* the next call gives this, once */
	unsigned int n_admitted, n_open, n_sessions;
	uint16_t open[UINT16_MAX + 1]; /* the n_open tunnels with a socket */
	uint16_t sids[UINT16_MAX + 1]; /* the n_sessions that are open */
	struct world_tunnel tunnels[UINT16_MAX + 1];
	struct world_session sessions[UINT16_MAX + 1];
	uint64_t n_notes;

	/* For the test, may be NULL: a datagram of ours (tid 0: from the listener), any other call.
	 */
	void *ctx;
	void (*sent)(void *ctx, uint16_t tid, const struct path *to, const void *bytes, size_t len);
	void (*did)(void *ctx, const char *line);
};

/* A world with a new server in it; never NULL. */
struct world *world_new(const struct lns_conf *conf);

/* ... one that can dial out. */
struct world *world_new_lac(const struct lns_conf *conf, bool dials);

/* ... one that writes down what it must not forget. */
struct world *world_new_kept(const struct lns_conf *conf, bool dials);

/*
 * Kill that server, without a word to anybody, and let another one go on with the book: all that
 * was there must be there.
 */
void world_kill(struct world *w);

/* The settings that tests begin with. */
extern const struct lns_conf world_conf;

/* Free it.  With world_end() before, everything must have been given back. */
void world_free(struct world *w);

/* When the next timer runs out; USEC_NEVER: none is set. */
usec_t world_next(const struct world *w);

/* Let time pass until `at`, timers run out in order. */
void world_run(struct world *w, usec_t at);

/* Stop the server, let every pppd exit and all timers run out; all must be given back then. */
void world_end(struct world *w);

/* As lns_open_tunnel(). */
int world_open_tunnel(struct world *w, const struct path *path, uint16_t *ret_tid);

/* The pppd of `sid`, which runs, exits. */
void world_ppp_exits(struct world *w, uint16_t sid, const struct cause *why);

#endif
