/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of SAs from inside: sa.c keeps it, heir.c knows what becomes of the tunnels of one,
 * close.c has charon close what nobody uses.
 */
#ifndef L2TPD_IPSEC_SA_IMPL_H
#define L2TPD_IPSEC_SA_IMPL_H

#include "l2tpd/ipsec/sa.h"
#include "lib/base/list.h"
#include "lib/base/map.h"
#include "lib/base/wheel.h"
#include "lib/busio/ev.h"

struct entry {
	struct sa sa;
	struct map_node node;
	struct list in_open;       /* sas.open */
	struct wheel_timer unused; /* runs out when it is to be closed, if it has no tunnel then */
	uint32_t instance;         /* of charon; marks begin anew with each */
	unsigned int listing;      /* the last one that named it */
	struct {
		uint64_t client;      /* whose it is: see heir.c */
		struct map_node node; /* in sas.newest, while `newest` */
		struct list left;     /* in sas.left, while it is gone and its tunnels wait */
		usec_t until;         /* ... as long as this */
		uint32_t ike_id, ike_version;
		bool newest;
	} heir;
	size_t len;
	char bytes[]; /* connection and identity, each with its end, then the message */
};

struct sas {
	struct sas_conf conf;
	struct ev_client_conf client_conf;
	struct ev_client *client;
	struct map by_mark;
	struct list open;    /* those that charon was not asked to close by sas_close_all() */
	const char *closing; /* why it was called; NULL: it was not */
	struct wheel wheel;
	struct event *closer; /* runs out for the first of its timers */
	struct map newest;    /* the newest SA of each client */
	struct list left;     /* the one to be given up next comes first */
	size_t n_left;
	struct event *mourner; /* its time has come */
	struct bus_charon charon;
	unsigned int listing;
	bool listed; /* ever */
	bool connected;
	int last_err;         /* said already */
	struct bus_gate gate; /* as charon was told, or is to be */
};

/* It is gone for good: tell, and free it. */
void sas_drop(struct sas *s, struct entry *e, const char *reason);

/* Set a timer for `at`. */
void sas_wake(struct event *timer, usec_t at);

/* Also one that is gone and whose tunnels wait; NULL: none. */
struct entry *sas_find_entry(const struct sas *s, uint32_t mark);

/*
 * close.c
 */

int close_init(struct sas *s, struct event_base *base);
void close_done(struct sas *s);

/* An SA is new; the same one has changed and is `e` now; it is to be closed no more. */
void close_comes(struct sas *s, struct entry *e);
void close_replace(struct sas *s, struct entry *e, struct entry *old);
void close_forget(struct entry *e);

/*
 * heir.c
 */

int heir_init(struct sas *s, struct event_base *base);
void heir_done(struct sas *s);

/* What it is by, from the record; before all else. */
void heir_describe(struct entry *e, const struct bus_sa *rec);

/* An SA is new: if it takes the place of another one, it gets the tunnels of that. */
void heir_comes(struct sas *s, struct entry *e);

/* `e` takes the place of `old`: the same SA, changed. */
void heir_replace(struct sas *s, struct entry *e, struct entry *old);

/*
 * charon says that it is gone.  True: its tunnels wait for another SA of the same client, and it
 * stays in the table until that has come, or will not.
 */
bool heir_awaited(struct sas *s, struct entry *e, const struct bus_sa *rec);

/* It is in the table no more. */
void heir_forget(struct sas *s, struct entry *e);

static inline bool heir_is_left(const struct entry *e)
{
	return !list_empty(&e->heir.left);
}

#endif
