/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The management socket: l2tpd's commands and events for l2tpctl and any VICI client.  Reads from
 * the parts below; what changes something goes through the callbacks.
 */
#ifndef L2TPD_API_API_H
#define L2TPD_API_API_H

#include <sys/types.h>

#include "l2tpd/api/failures.h"
#include "l2tpd/fsm/lns.h"
#include "l2tpd/ipsec/sa.h"
#include "l2tpd/plane/plane.h"
#include "l2tpd/policy/mtu.h"
#include "l2tpd/policy/pool.h"
#include "l2tpd/ppp/child.h"
#include "l2tpd/ppp/link.h"

struct event_base;
struct api;

/* Where the answers come from; all borrowed. */
struct api_sources {
	const struct lns *lns;
	const struct pools *pools;
	const struct sas *sas; /* NULL: without IPsec */
	const struct links *links;
	const struct ppp *ppp;
	struct plane *plane;
	const struct failures *failures;
	bool in_kernel;         /* data goes through the kernel, which counts */
	const struct mtu *mtus; /* by session id */
};

struct api_conf {
	const char *path;
	gid_t group;
	int fd; /* a socket that listens there, taken over; 0: none */
	struct api_sources from;
	void *ctx;
	/* End a session or tunnel in the administrator's name.  -ENOENT. */
	int (*end_session)(void *ctx, uint16_t sid, const char *reason);
	int (*end_tunnel)(void *ctx, uint16_t tid, const char *reason);
	/* Let another engine go on in our place.  0: api_restart_answer() follows. */
	int (*restart)(void *ctx);
	const bool *draining;                 /* is nobody new taken? */
	void (*drain)(void *ctx, bool drain); /* take nobody new, or everybody again */
	/* A session is going to be shown: look again at what nobody tells when it changes. */
	void (*look)(void *ctx, uint16_t sid);
};

/* What api_conf.restart() was asked for: 0: it happens, or why it does not. */
void api_restart_answer(struct api *a, int err);

/* The listening socket, which stays its own. */
int api_fd(const struct api *a);

/* Listen; errors as ev_server_new(). */
int api_new(struct event_base *base, const struct api_conf *conf, struct api **ret);
void api_free(struct api *a);

/* What is known of a tunnel or session, as listings and events show it.  -ENOENT. */
int api_tunnel_record(const struct api_sources *from, uint16_t tid, struct bus_tunnel *ret);
int api_session_record(const struct api_sources *from, uint16_t sid, struct bus_session *ret);

/* Events; each costs nothing while nobody listens. */
void api_tell_tunnel(struct api *a, const char *event, uint16_t tid, const char *reason);
void api_tell_session(struct api *a, const char *event, uint16_t sid, const char *reason);
void api_tell_failure(struct api *a, const struct bus_failure *failure);

#endif
