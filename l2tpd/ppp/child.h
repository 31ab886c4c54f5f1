/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine's side of the pppds, one per session: asks the monitor to start it, ends it politely
 * and then firmly, and tells how it ended.  What is said on its bus socket is not read here.
 */
#ifndef L2TPD_PPP_CHILD_H
#define L2TPD_PPP_CHILD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "l2tpd/ppp/request.h"
#include "lib/base/clock.h"

struct event_base;
struct ppp;

/* Calls come from the event loop, never from within ppp_start() or ppp_stop(). */
struct ppp_calls {
	void *ctx;
	/* The session's pppd runs. */
	void (*started)(void *ctx, uint16_t sid, pid_t pid);
	/* It has ended, and ppp_pid() has its process id for the last time; `exited` follows. */
	void (*ended)(void *ctx, uint16_t sid);
	/*
	 * It is gone and the id may be used again.  `error` < 0: it never ran, that is why
	 * (-ETIMEDOUT: it had to wait for too long, -ECANCELED: it was stopped before); 0: it ended
	 * with `status` as from wait(), see exitcode_find().
	 */
	void (*exited)(void *ctx, uint16_t sid, int error, int status);
	/* The monitor is gone: end the engine. */
	void (*alone)(void *ctx);
	/* To ppp_restart().  0: end, and another engine goes on; else why not. */
	void (*restart)(void *ctx, int err);
};

struct ppp_conf {
	usec_t grace; /* from SIGTERM to SIGKILL */
	unsigned int
		starts; /* pppds that may be starting at a time; 0: as many as processors like */
	usec_t wait;    /* the longest time to wait for that, see `exited` */
};

/* `monitor_fd`: the socket to the monitor, taken over.  NULL: no memory. */
struct ppp *ppp_new(struct event_base *base, int monitor_fd, const struct ppp_conf *conf,
		    const struct ppp_calls *calls);

/* Closes the socket; the monitor ends what still runs. */
void ppp_free(struct ppp *p);

/* Tell the monitor that the engine is up. */
int ppp_ready(struct ppp *p);

/*
 * The session's pppd has said its first word: another one may start.  It comes to the same when it
 * exits, or takes too long.
 */
void ppp_begun(struct ppp *p, uint16_t sid);

/*
 * Start the pppd of session `sid`, at once or as soon as it is its turn; made of the lns section
 * with index `profile`.  Takes over `session_fd`, also on failure.  `*ret_bus_fd`: our end of its
 * bus, a non-blocking stream socket, the caller's.  -EEXIST: there is one; -ENOMEM, -EMFILE:
 * `exited` will not be called.
 */
int ppp_start(struct ppp *p, uint16_t sid, uint16_t tid, uint16_t profile, int session_fd,
	      int *ret_bus_fd);

/* End the session's pppd, if there is one; `exited` follows.  Asking twice does no harm. */
void ppp_stop(struct ppp *p, uint16_t sid);

/*
 * A pppd of the time of the engine before: it is ours as if we had started it.  `pid`: 0: it is
 * being started.  -EEXIST; -ENOMEM.
 */
int ppp_restore(struct ppp *p, uint16_t sid, uint32_t generation, pid_t pid);

/* An answer of that time, for which no other way has been found. */
void ppp_answer(struct ppp *p, const struct answer *a);

/*
 * Have the monitor keep a copy of the socket `fd`, which stays the caller's, for the next engine;
 * and keep it no more.  Without memory, or descriptors, it is not kept.
 */
void ppp_keep(struct ppp *p, enum kept kind, uint16_t id, int fd);
void ppp_drop(struct ppp *p, enum kept kind, uint16_t id);

/* Ask whether the engine may end for another one to go on: see ppp_calls. */
int ppp_restart(struct ppp *p);

/* Its process id; 0: none, or not started yet. */
pid_t ppp_pid(const struct ppp *p, uint16_t sid);

/* What tells it from others that had its session id; 0: there is none. */
uint32_t ppp_generation(const struct ppp *p, uint16_t sid);

/* How many there are, in any state. */
unsigned int ppp_count(const struct ppp *p);

#endif
