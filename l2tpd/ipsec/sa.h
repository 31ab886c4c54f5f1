/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The security associations that charon's plugin tells us of, found by mark in O(1): a client of
 * its bus socket that lists, then follows, and lists again when charon comes back.
 */
#ifndef L2TPD_IPSEC_SA_H
#define L2TPD_IPSEC_SA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/clock.h"
#include "lib/bus/record.h"

struct event_base;
struct sas;

/* What is asked of an SA all the time; the rest comes by sa_record(). */
struct sa {
	uint32_t mark;
	uint32_t reqid;
	struct addr local, remote; /* of IKE, with ports: outside the peer's NAT */
	const char *connection;    /* of swanctl.conf */
	const char *identity;      /* of the peer, EAP or XAuth before IKE; printable */
	bool proved;               /* its identity, by more than a key that others may share */
};

enum sas_end {
	SAS_DELETED,  /* it is not in the kernel any more */
	SAS_ORPHANED, /* charon is another one and does not know it: it goes after the call */
};

struct sas_conf {
	const char *path; /* of the plugin's socket; borrowed */
	void *ctx;
	/* An SA can be used from now on. */
	void (*up)(void *ctx, const struct sa *sa);
	/* Something of it is another now: after a rekey, a new address or port of the peer. */
	void (*changed)(void *ctx, const struct sa *sa);
	/* It is gone; `sa` is valid during the call, and no longer found. */
	void (*gone)(void *ctx, const struct sa *sa, enum sas_end how, const char *reason);
	/*
	 * The tunnels of `was` have to go on as `is` says: another SA of the same client has taken
	 * its place, or it is the same one with another address.  Both are valid during the call.
	 */
	void (*moved)(void *ctx, const struct sa *was, const struct sa *is);
	/* IKE has failed: nobody's SA; `identity` is what the peer says, "" when it did not. */
	void (*failed)(void *ctx, const struct addr *peer, const char *identity,
		       const char *reason);
	/* All SAs of this run of charon have been told of; may be NULL. */
	void (*listed)(void *ctx, uint32_t instance);
	/* Has it a tunnel? */
	bool (*in_use)(void *ctx, const struct sa *sa);
	/*
	 * How long an SA may be without a tunnel, at its beginning and after its last one; and
	 * those that are there when we start: their clients may believe in tunnels of the time
	 * before, which only the end of the SA tells them are gone.
	 */
	usec_t unused, stale;
	usec_t heir_wait; /* an IKEv2 peer that closes an SA with tunnels may authenticate again */
};

/* Start; the callbacks come from the loop only.  NULL: no memory. */
struct sas *sas_new(struct event_base *base, const struct sas_conf *conf);
void sas_free(struct sas *s);

/* True while the plugin's socket is connected and its list is complete. */
bool sas_connected(const struct sas *s);

/* Why it is not connected, and the cure, as one sentence; "" when it is.  Returns `ret`. */
const char *sas_problem(const struct sas *s, char *ret, size_t cap);

/* What the plugin says of charon: zero until it has answered; NULL while it is not connected. */
const struct bus_charon *sas_charon(const struct sas *s);

/* The SA with this mark, or NULL; valid until control returns to the loop. */
const struct sa *sas_find(const struct sas *s, uint32_t mark);

/* How many there are; the next one after `last`, NULL at both ends.  For listings. */
size_t sas_count(const struct sas *s);
const struct sa *sas_next(const struct sas *s, const struct sa *last);

/* All that the plugin has said of it. */
void sa_record(const struct sa *sa, struct bus_sa *ret);

/*
 * Have charon refuse new clients for this reason, before they get an SA; NULL: have it let them in.
 * Clients that have one are let alone.  It holds when charon comes back, too.
 */
void sas_set_gate(struct sas *s, const char *reason);

/*
 * The SA with this mark has lost its last tunnel: charon is asked to close it when it has none
 * after `unused` either, in which the client may dial again over the SA that it has.
 */
void sas_release(struct sas *s, uint32_t mark);

/* Ask charon to close all of them, now; `reason` is borrowed.  gone() follows for each. */
void sas_close_all(struct sas *s, const char *reason);

#endif
