/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The limits, one row for each; see admit.h. */
#include "l2tpd/policy/admit.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/base/err.h"
#include "lib/base/rate.h"

/* Sources whose rates are known at the same time; see rates_take() for more of them. */
#define SOURCES 4096

/* A rate allows as much at once as it does in this many seconds. */
#define BURST_S 10

enum answer {
	TELL, /* those whom an SA has proved; strangers hear nothing */
	WAIT, /* nobody: who asks again in a moment gets it */
};

/* X(NAME, answer, text with the limit); each has a counter REFUSED_NAME */
#define TUNNEL_LIMITS(X)                                                                           \
	X(DRAINING, TELL, "the server takes nobody new (it is drained): try another one")          \
	X(TUNNELS, TELL, "limit of %u tunnels is reached: try again later")                        \
	X(HALF_OPEN, WAIT, "limit of %u half-open tunnels is reached")                             \
	X(TUNNELS_PER_SA, TELL, "limit of %u tunnels per SA is reached: close one first")          \
	X(TUNNELS_PER_IDENTITY, TELL,                                                              \
	  "limit of %u tunnels per IKE identity is reached: close one first")                      \
	X(TUNNELS_PER_ADDRESS, TELL,                                                               \
	  "limit of %u tunnels per address is reached: close one first")                           \
	X(LEAVING_PER_SA, TELL,                                                                    \
	  "the client has ended %u tunnels within half a minute: wait for a minute")               \
	X(TUNNEL_RATE_PER_SA, TELL, "limit of %u new tunnels a second per SA: wait for a minute")  \
	X(TUNNEL_RATE_PER_ADDRESS, WAIT, "limit of %u new tunnels a second per address")           \
	X(TUNNEL_RATE, WAIT, "limit of %u new tunnels a second is reached")

#define SESSION_LIMITS(X)                                                                          \
	X(SESSIONS, TELL, "limit of %u sessions is reached: try again later")                      \
	X(STARTING, TELL, "limit of %u sessions being set up is reached: try again in a minute")   \
	X(SESSION_RATE, TELL, "limit of %u new sessions a second of one client: wait for a minute")

enum limit {
#define X(NAME, answer, text) LIMIT_##NAME,
	TUNNEL_LIMITS(X) SESSION_LIMITS(X)
#undef X
};

static const struct {
	enum counter counter;
	enum stage stage;
	enum answer answer;
	const char *text;
} rows[] = {
#define X(NAME, answer, text) {COUNT_REFUSED_##NAME, STAGE_TUNNEL, answer, text},
	TUNNEL_LIMITS(X)
#undef X
#define X(NAME, answer, text) {COUNT_REFUSED_##NAME, STAGE_SESSION, answer, text},
		SESSION_LIMITS(X)
#undef X
};

struct admit {
	struct admit_conf conf;
	struct counters *counters;
	struct rate total, per_sa, per_address, sessions;
	usec_t paid; /* bucket of `total` */
	struct rates *tunnels_of, *sessions_of;
};

static unsigned int max(unsigned int a, unsigned int b)
{
	return a > b ? a : b;
}

/* `room`: what the limits in number allow must be possible at once, as after an outage. */
static struct rate rate_of(unsigned int per_s, unsigned int room)
{
	return rate_per_s(per_s, max(per_s * BURST_S, room));
}

struct admit *admit_new(const struct admit_conf *conf, struct counters *counters)
{
	struct admit *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->conf = *conf;
	a->counters = counters;
	a->total = rate_of(conf->tunnel_rate, conf->tunnels);
	a->per_sa = rate_of(conf->tunnel_rate_per_sa, conf->tunnels_per_sa);
	a->per_address = rate_of(conf->tunnel_rate_per_address, 0);
	a->sessions = rate_of(conf->session_rate_per_sa,
			      conf->tunnels_per_sa * conf->sessions_per_tunnel);
	a->tunnels_of = rates_new(SOURCES);
	a->sessions_of = rates_new(SOURCES);
	if (!a->tunnels_of || !a->sessions_of) {
		admit_free(a);
		return NULL;
	}
	return a;
}

void admit_free(struct admit *a)
{
	if (!a)
		return;
	rates_free(a->tunnels_of);
	rates_free(a->sessions_of);
	free(a);
}

/* StopCCN: result 2, error 4; CDN: result 4 (RFC 2661 4.4.2): no resources, for now. */
static int refuse_as(struct admit *a, enum limit which, unsigned int limit, enum stage stage,
		     const struct path *path, struct cause *ret_why)
{
	bool tunnel = stage == STAGE_TUNNEL;
	bool told = rows[which].answer == TELL && (!tunnel || path->sa.mark);

	count(a->counters, rows[which].counter);
	cause_set(ret_why, stage, tunnel ? 2 : 4, tunnel ? 4 : 0, rows[which].text, limit);
	if (!told)
		ret_why->result = 0;
	return -ERR_LIMIT;
}

static int refuse(struct admit *a, enum limit which, unsigned int limit, const struct path *path,
		  struct cause *ret_why)
{
	return refuse_as(a, which, limit, rows[which].stage, path, ret_why);
}

/* Result 2, error 7 in both messages: try another. */
static int refuse_drained(struct admit *a, enum stage stage, const struct path *path,
			  struct cause *ret_why)
{
	int err = refuse_as(a, LIMIT_DRAINING, 0, stage, path, ret_why);

	if (ret_why->result) {
		ret_why->result = 2;
		ret_why->error = 7;
	}
	return err;
}

/* The rates of its SA, or without one of its address, and that of all. */
static int take_tunnel(struct admit *a, const struct path *path, usec_t now, struct cause *ret_why)
{
	const struct rate *own = path->sa.mark ? &a->per_sa : &a->per_address;

	if (!rates_take(a->tunnels_of, own, path_source(path), now)) {
		if (path->sa.mark)
			return refuse(a, LIMIT_TUNNEL_RATE_PER_SA, a->conf.tunnel_rate_per_sa, path,
				      ret_why);
		return refuse(a, LIMIT_TUNNEL_RATE_PER_ADDRESS, a->conf.tunnel_rate_per_address,
			      path, ret_why);
	}
	if (!rate_take(&a->total, &a->paid, now))
		return refuse(a, LIMIT_TUNNEL_RATE, a->conf.tunnel_rate, path, ret_why);
	return 0;
}

int admit_tunnel(struct admit *a, const struct path *path, const struct admit_now *n, usec_t now,
		 struct cause *ret_why)
{
	const struct admit_conf *c = &a->conf;

	if (n->draining)
		return refuse_drained(a, STAGE_TUNNEL, path, ret_why);
	if (n->tunnels >= c->tunnels)
		return refuse(a, LIMIT_TUNNELS, c->tunnels, path, ret_why);
	if (path->sa.mark && n->sa_tunnels >= c->tunnels_per_sa)
		return refuse(a, LIMIT_TUNNELS_PER_SA, c->tunnels_per_sa, path, ret_why);
	if (c->tunnels_per_identity && n->identity_tunnels >= c->tunnels_per_identity)
		return refuse(a, LIMIT_TUNNELS_PER_IDENTITY, c->tunnels_per_identity, path,
			      ret_why);
	if (c->tunnels_per_address && n->address_tunnels >= c->tunnels_per_address)
		return refuse(a, LIMIT_TUNNELS_PER_ADDRESS, c->tunnels_per_address, path, ret_why);
	if (path->sa.mark && n->sa_leaving >= c->leaving_per_sa)
		return refuse(a, LIMIT_LEAVING_PER_SA, c->leaving_per_sa, path, ret_why);
	if (n->half_open >= c->half_open)
		return refuse(a, LIMIT_HALF_OPEN, c->half_open, path, ret_why);
	return take_tunnel(a, path, now, ret_why);
}

int admit_session(struct admit *a, const struct path *path, const struct admit_now *n, usec_t now,
		  struct cause *ret_why)
{
	const struct admit_conf *c = &a->conf;
	const struct rate *own = path->sa.mark ? &a->sessions : &a->per_address;

	if (n->draining)
		return refuse_drained(a, STAGE_SESSION, path, ret_why);
	if (n->sessions >= c->sessions)
		return refuse(a, LIMIT_SESSIONS, c->sessions, path, ret_why);
	if (n->starting >= c->starting)
		return refuse(a, LIMIT_STARTING, c->starting, path, ret_why);
	if (!rates_take(a->sessions_of, own, path_source(path), now))
		return refuse(a, LIMIT_SESSION_RATE,
			      path->sa.mark ? c->session_rate_per_sa : c->tunnel_rate_per_address,
			      path, ret_why);
	return 0;
}
