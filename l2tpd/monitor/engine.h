/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine's process as the monitor sees it: which program it is, the socket to it, and what is
 * said to it, first of all what the one before has left.
 */
#ifndef L2TPD_MONITOR_ENGINE_H
#define L2TPD_MONITOR_ENGINE_H

#include <stdbool.h>
#include <sys/types.h>

#include "l2tpd/monitor/keep.h"
#include "l2tpd/monitor/spawn.h"
#include "lib/base/list.h"

struct engine {
	const char *const *args; /* after "--engine" "3"; ends with NULL; may be NULL */
	char program[256];       /* where we are installed; "": not known */
	bool own_program;        /* start what we ourselves are, whatever is installed by now */
	bool other_program;      /* the one that runs is not what we are */
	const struct keep *keep;
	const struct spawn *spawn;
	int state_fd;
	int fd;    /* its socket; -1: none */
	pid_t pid; /* 0: none */
	enum { TELL_STATE, TELL_SOCKETS, TELL_PPPDS, TELL_UNSENT, TELL_END, TELL_ANSWERS } telling;
	unsigned int kind;  /* of the next socket, ... */
	size_t next;        /* ... and its id; or the next session */
	struct list unsent; /* answers, also while there is no engine */
};

void engine_init(struct engine *e, const char *const *args, const struct keep *keep,
		 const struct spawn *spawn);
void engine_done(struct engine *e);

/*
 * Start it, and tell it what is kept, and then the answers of the time without it.  The program at
 * the place where we are installed: another version, if there is one by now.
 */
int engine_start(struct engine *e, int state_fd);

/* Tell it this, now or later, or the next one. */
void engine_answer(struct engine *e, const struct answer *a);

/* Is there something to tell that waits for room in the socket?  Tell as much as has room. */
bool engine_has_news(const struct engine *e);
void engine_tell(struct engine *e);

/* Hear no more; what it has not been told stays. */
void engine_hang_up(struct engine *e);

/* Forget what it has not been told. */
void engine_forget(struct engine *e);

#endif
