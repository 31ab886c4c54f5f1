/* SPDX-License-Identifier: GPL-2.0-or-later */
/* posix_spawn() with the settings that every child of the monitor needs; see exec.h. */
#include "l2tpd/monitor/exec.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

void exec_init(void)
{
	close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
	for (int fd = 0; fd <= EXEC_FD_MAX; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", O_RDWR | (fd > STDERR_FILENO ? O_CLOEXEC : 0));
}

static int set_attributes(posix_spawnattr_t *attr)
{
	sigset_t none, all;
	int err;

	sigemptyset(&none);
	sigfillset(&all);
	err = posix_spawnattr_setflags(attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
						     POSIX_SPAWN_SETSIGDEF);
	if (!err)
		err = posix_spawnattr_setsigmask(attr, &none);
	if (!err)
		err = posix_spawnattr_setsigdefault(attr, &all);
	return err ? err : posix_spawnattr_setpgroup(attr, 0);
}

static int set_descriptors(posix_spawn_file_actions_t *actions, const struct exec_fd *fds, size_t n)
{
	int err = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);

	if (!err)
		err = posix_spawn_file_actions_adddup2(actions, STDERR_FILENO, STDOUT_FILENO);
	for (size_t i = 0; i < n && !err; i++)
		err = posix_spawn_file_actions_adddup2(actions, fds[i].ours, fds[i].theirs);
	return err;
}

int exec_start(const char *path, char *const *argv, const struct exec_fd *fds, size_t n,
	       pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int err = posix_spawn_file_actions_init(&actions);

	if (err)
		return -err;
	err = posix_spawnattr_init(&attr);
	if (!err) {
		err = set_attributes(&attr);
		if (!err)
			err = set_descriptors(&actions, fds, n);
		if (!err)
			err = posix_spawn(ret_pid, path, &actions, &attr, argv, environ);
		posix_spawnattr_destroy(&attr);
	}
	posix_spawn_file_actions_destroy(&actions);
	return -err;
}
