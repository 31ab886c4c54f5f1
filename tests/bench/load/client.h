/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One LAC: it dials, places its calls, and hangs up.  Pure: it is given datagrams and `now`, gives
 * datagrams by a callback and a deadline, and counts in its `stats` what becomes of it.
 */
#ifndef TESTS_BENCH_LOAD_CLIENT_H
#define TESTS_BENCH_LOAD_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "l2tpd/xport/chan.h"
#include "tests/bench/load/ppp.h"
#include "tests/bench/load/stat.h"

struct client;

/* What all clients share; must outlive them. */
struct client_conf {
	struct chan_conf chan; /* client_conf_init() sets its callback */
	struct ppp_conf ppp;   /* and those in here but `random` */
	bool with_ppp;         /* else a session is up when it is connected */
	unsigned int n_calls;  /* for each client */
	usec_t limit;          /* how long dialling and placing calls may take */
	const char *host_name;
	const char *secret;          /* of the tunnel; NULL: none */
	const char *user, *password; /* '#' in the name is replaced by the client's number */
	struct stats *stats;

	/* Send a datagram to the server. */
	void (*send)(struct client *c, const void *bytes, size_t len);
};

enum call_state { CALL_IDLE, CALL_ASKED, CALL_CONNECTED, CALL_UP, CALL_OVER };

#define CLIENT_USER_LEN 64

struct client_call {
	struct client *client;
	enum call_state state;
	bool heard_lcp;
	uint16_t sid, peer_sid;
	usec_t since; /* asked, then connected */
	struct ppp ppp;
	char user[CLIENT_USER_LEN];
};

/*
 * IDLE: nothing was said, or it vanished.  ASKED: SCCRQ.  CONNECTED: SCCCN, which the server has
 * not acknowledged yet.  LEAVING: StopCCN.  OVER: it failed, was ended, or has left.
 */
enum client_state {
	CLIENT_IDLE,
	CLIENT_ASKED,
	CLIENT_CONNECTED,
	CLIENT_UP,
	CLIENT_LEAVING,
	CLIENT_OVER
};

struct client {
	struct chan chan;
	const struct client_conf *conf;
	enum client_state state;
	unsigned int number; /* from 1, for people and users */
	uint16_t tid;        /* its own */
	bool refused;        /* the last datagram met nobody who listens */
	usec_t dialled, limit_at;
	unsigned int n_open;       /* calls that are neither idle nor over */
	unsigned int n_pending;    /* ... of which not up yet */
	struct client_call *calls; /* conf->n_calls of them; NULL: none */
};

/* Set the callbacks in it that are the client's own. */
void client_conf_init(struct client_conf *conf);

/* A client that has not dialled.  `tid` is how it will call its tunnel.  -ENOMEM. */
int client_init(struct client *c, const struct client_conf *conf, unsigned int number,
		uint16_t tid);
void client_done(struct client *c);

/* Say SCCRQ; the client is idle or over.  The rest follows by itself. */
void client_dial(struct client *c, usec_t now);

/* A datagram from the server for this client's tunnel. */
void client_input(struct client *c, const void *bytes, size_t len, usec_t now);

/* Do what is due. */
void client_run(struct client *c, usec_t now);

/* When client_run() has something to do; USEC_NEVER: nothing. */
usec_t client_deadline(const struct client *c);

/* Neither dialling nor placing calls nor hanging up. */
bool client_settled(const struct client *c);

/* Send HELLO, or an LCP echo in each session; only if up. */
void client_hello(struct client *c, usec_t now);
void client_echo(struct client *c);

/* Say goodbye and wait until that is acknowledged; or forget everything without a word. */
void client_hang_up(struct client *c, usec_t now);
void client_vanish(struct client *c);

#endif
