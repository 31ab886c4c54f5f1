/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PPP of one client, as far as it takes to have an IPv4 address: LCP, PAP or CHAP, IPCP.  Pure: it
 * is given frames and `now`, and gives frames, a phase and a deadline.  It carries no data.
 * RFC 1661, 1334, 1994, 2759, 1332, 1877.
 */
#ifndef TESTS_BENCH_LOAD_PPP_H
#define TESTS_BENCH_LOAD_PPP_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"

/* How users prove who they are, best first: X(NAME, word, LCP option: RFC 1661 6.2) */
#define PPP_METHODS(X)                                                                             \
	X(MSCHAPV2, "mschapv2", "\xc2\x23\x81", 3)                                                 \
	X(CHAP, "chap", "\xc2\x23\x05", 3)                                                         \
	X(PAP, "pap", "\xc0\x23", 2)

enum ppp_method {
#define X(name, ...) PPP_##name,
	PPP_METHODS(X)
#undef X
		PPP_METHOD_COUNT,
	PPP_NOBODY_ASKS = PPP_METHOD_COUNT
};

struct ppp;

/* What all clients share; must outlive them. */
struct ppp_conf {
	unsigned int methods; /* bit 1 << PPP_x of those we agree to */
	usec_t restart;       /* how long to wait for an answer before asking again */
	unsigned int tries;   /* ... and how often to ask at most */

	/* Send a frame, which begins with address and control. */
	void (*send)(struct ppp *p, const void *frame, size_t len);
	/* Random bytes, for magic numbers and challenges. */
	void (*random)(void *ret, size_t len);
};

enum ppp_phase { PPP_DEAD, PPP_LCP, PPP_AUTH, PPP_IPCP, PPP_UP, PPP_OVER };

/* One control protocol in negotiation. */
struct ppp_negotiation {
	uint8_t id;
	bool acked, peer_acked; /* the peer agrees to our options; we to the peer's */
	uint32_t refused;       /* our options that the peer rejected: bit i of the table */
};

struct ppp {
	const struct ppp_conf *conf;
	const char *user, *password; /* the caller's; must stay */
	enum ppp_phase phase;
	enum ppp_method method;
	struct ppp_negotiation lcp, ipcp;
	usec_t retry_at;
	unsigned int tries;
	unsigned int restarts; /* how often we asked again, in all */
	uint32_t magic;
	uint32_t address, dns[2]; /* host order; 0 until the peer gives one */
	unsigned int echoes_sent, echoes_back;
	char proof[44]; /* what Success must begin with; "": anything */
	char why[120];  /* why it is over */
};

/* The word for a method; "none" for PPP_NOBODY_ASKS. */
const char *ppp_method_name(enum ppp_method method);

/* A link that is not up yet. */
void ppp_init(struct ppp *p, const struct ppp_conf *conf, const char *user, const char *password);

/* The frames can flow: say the first Configure-Request. */
void ppp_start(struct ppp *p, usec_t now);

/* One frame, with or without address and control. */
void ppp_input(struct ppp *p, struct view frame, usec_t now);

/* Ask again if it is time. */
void ppp_run(struct ppp *p, usec_t now);

/* When ppp_run() has something to do; USEC_NEVER: nothing. */
usec_t ppp_deadline(const struct ppp *p);

/* Send an Echo-Request; only when up. */
void ppp_echo(struct ppp *p);

/* Say Terminate-Request; it is over without waiting for the answer. */
void ppp_close(struct ppp *p);

#endif
