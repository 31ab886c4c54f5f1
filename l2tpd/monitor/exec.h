/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starts a program with exactly the descriptors it is meant to have. */
#ifndef L2TPD_MONITOR_EXEC_H
#define L2TPD_MONITOR_EXEC_H

#include <stddef.h>
#include <sys/types.h>

/* Descriptors that a program may be given: 3 up to this one */
#define EXEC_FD_MAX 4

/* Our descriptor `ours` becomes `theirs` in the program. */
struct exec_fd {
	int ours, theirs;
};

/*
 * Call first.  Descriptors up to EXEC_FD_MAX are occupied from then on, so that no other one of
 * ours is overwritten in a child; what we inherited above 2 is close-on-exec.
 */
void exec_init(void);

/*
 * Start `path` with `argv` in a process group of its own: pppd signals its whole group.  It has
 * /dev/null as 0, our stderr as 1 and 2, the `n` descriptors of `fds`, default signals, our
 * environment.  0 and *ret_pid; or a negative errno, also when it cannot be executed.
 */
int exec_start(const char *path, char *const *argv, const struct exec_fd *fds, size_t n,
	       pid_t *ret_pid);

#endif
