/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The monitor's table of pppds: carries out requests that request_check() has passed.  A process
 * id stays ours until it is reaped, and reaping takes it from the table in the same step: so no
 * signal ever goes to somebody else's process.
 */
#ifndef L2TPD_MONITOR_SPAWN_H
#define L2TPD_MONITOR_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

#include "l2tpd/ppp/args.h"
#include "l2tpd/ppp/request.h"

struct spawn;

/* How sessions get their pppd; in the order of the choices in conf/l2tpd.opt */
enum spawn_how {
	SPAWN_FORK, /* as children of one that waits for each profile; the other way if that fails
		     */
	SPAWN_EXEC, /* each by execution of the program */
};

struct spawn_conf {
	const char *program; /* pppd */
	const struct ppp_profile *profiles;
	size_t n_profiles;
	unsigned int max; /* pppds at a time */
	enum spawn_how how;
};

struct spawn_calls {
	void *ctx;
	/* What has become of a pppd: for the engine.  Comes from any function below. */
	void (*answer)(void *ctx, const struct answer *a);
};

/* NULL: no memory, or no descriptor. */
struct spawn *spawn_new(const struct spawn_calls *calls);

/* Ends what waits; no session's pppd may be left. */
void spawn_free(struct spawn *s);

/*
 * Start by these settings from now on; what they point at stays the caller's.  Sessions' pppds stay
 * as they are.  Those that wait are ended; spawn_serve() starts new ones.  -ENOMEM: nothing has
 * changed.
 */
int spawn_configure(struct spawn *s, const struct spawn_conf *conf);

/*
 * Do what REQUEST_START, _TERM or _KILL asks for.  Takes over the descriptors of REQUEST_START,
 * which has one answer, perhaps later.
 */
void spawn_do(struct spawn *s, const struct request *r, const int fds[static REQUEST_START_FDS]);

/* To be polled for reading; spawn_serve() is due then, and at spawn_due(). */
int spawn_fd(const struct spawn *s);
usec_t spawn_due(const struct spawn *s);
void spawn_serve(struct spawn *s);

/*
 * The child `pid` has been reaped; nothing happens if it was none of the pppds.  spawn_serve() must
 * have been called when it had ended and was not reaped yet: what it said at its birth has been
 * read then, and as long its id is nobody else's.
 */
void spawn_reaped(struct spawn *s, pid_t pid, int status);

/* Send `sig` to the pppds of all sessions. */
void spawn_signal_all(struct spawn *s, int sig);

/* Of sessions; with those that are being started. */
unsigned int spawn_count(const struct spawn *s);

/*
 * The pppd of session *sid, or of the next one after it that has one, which *sid names then; pid 0:
 * it is being started.  False: no more.
 */
bool spawn_find(const struct spawn *s, size_t *sid, uint32_t *ret_generation, pid_t *ret_pid);

#endif
