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

struct spawn_conf {
	const char *program; /* pppd */
	const struct ppp_profile *profiles;
	size_t n_profiles;
	unsigned int max; /* pppds at a time */
};

/* NULL: no memory. */
struct spawn *spawn_new(void);

/* No pppd may be left. */
void spawn_free(struct spawn *s);

/* Start by these settings from now on; what they point at stays the caller's. */
void spawn_configure(struct spawn *s, const struct spawn_conf *conf);

/*
 * Do what REQUEST_START, _TERM or _KILL asks for.  The descriptors stay the caller's.  True when
 * there is something to answer (to REQUEST_START always), in `*ret`.
 */
bool spawn_do(struct spawn *s, const struct request *r, const int fds[static REQUEST_START_FDS],
	      struct answer *ret);

/* The child `pid` has been reaped.  False when it was none of the pppds, else the answer. */
bool spawn_reaped(struct spawn *s, pid_t pid, int status, struct answer *ret);

/* Send `sig` to all pppds. */
void spawn_signal_all(struct spawn *s, int sig);

unsigned int spawn_count(const struct spawn *s);

#endif
