/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may have another tunnel or session: limits in number, and rates for everybody together, for
 * one SA and for one address.  What it is allowed is asked of the machines' counts, which come in
 * with each question, as `now` does; so it has no state but the rates, in a fixed amount of memory.
 */
#ifndef L2TPD_POLICY_ADMIT_H
#define L2TPD_POLICY_ADMIT_H

#include "l2tpd/fsm/ports.h"
#include "l2tpd/metrics/counters.h"

struct admit;

/* As section limits of l2tpd.conf(5); rates are per second, and 0 is none. */
struct admit_conf {
	unsigned int tunnels, half_open, tunnels_per_sa, leaving_per_sa;
	unsigned int tunnels_per_identity, tunnels_per_address; /* 0: no limit */
	unsigned int sessions, sessions_per_tunnel, starting;
	unsigned int tunnel_rate, tunnel_rate_per_sa, tunnel_rate_per_address;
	unsigned int session_rate_per_sa;
};

/* What there is at the moment. */
struct admit_now {
	bool draining; /* nobody is to come any more */
	unsigned int tunnels, half_open;
	unsigned int sa_tunnels, sa_leaving;            /* of the SA of the path, if it has one */
	unsigned int identity_tunnels, address_tunnels; /* of its owner, in all of its SAs */
	unsigned int sessions, starting; /* starting: their users are not connected yet */
};

/* Refusals are counted in `counters`, which must outlive it.  NULL: no memory. */
struct admit *admit_new(const struct admit_conf *conf, struct counters *counters);
void admit_free(struct admit *a);

/*
 * May the client on this path have another tunnel, or session?  0, or -ERR_LIMIT and the cause.
 * Its text says to the client what it can do, and to the administrator which limit it was.  The
 * result is 0 when nothing is to be said: to strangers, and when the client's next attempt, which
 * comes by itself, is likely to find the limit gone.
 */
int admit_tunnel(struct admit *a, const struct path *path, const struct admit_now *n, usec_t now,
		 struct cause *ret_why);
int admit_session(struct admit *a, const struct path *path, const struct admit_now *n, usec_t now,
		  struct cause *ret_why);

#endif
