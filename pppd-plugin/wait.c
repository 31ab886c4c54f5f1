/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Orders in, children out; see wait.h. */
#include "pppd-plugin/compat.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "pppd-plugin/wait.h"

/*
 * A fork() whose child is our parent's: the monitor reaps it, like one that it had started itself.
 * The C library has no call for that, so what libraries have asked to be done at a fork() is not
 * done.  gnutls counts on it, and must not be loaded here: all children would draw the same numbers
 * from it.  OpenSSL and libgcrypt look at the process id.
 */
static pid_t fork_sibling(void)
{
	return (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL);
}

/* Who looks for sessions by the name of their program should not find this one. */
static void set_process_name(const char *name)
{
	prctl(PR_SET_NAME, name, 0, 0, 0);
}

/* What each child's C library would read from files for itself: who root is, and the time zone. */
static void look_up_once(void)
{
	(void)getpwuid(getuid());
	tzset();
}

/* In the child.  Who cannot be announced is not to be. */
static void begin(int fd, const struct birth_order *order)
{
	set_process_name("pppd");
	setpgid(0, 0); /* pppd signals its whole group */
	if (birth_tell(fd, BIRTH_BORN, order, 0))
		_exit(EXIT_FATAL_ERROR);
	close(fd);
}

void wait_for_order(int fd, struct birth_order *ret, int ret_fds[static BIRTH_FDS])
{
	static const struct birth_order none;
	pid_t pid;

	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	look_up_once();
	set_process_name("pppd-waiting");
	birth_tell(fd, BIRTH_WAITING, &none, 0);
	for (;;) {
		/* Without a monitor, or with one that talks nonsense, there is nothing to wait for.
		 */
		if (birth_take_order(fd, ret, ret_fds) <= 0)
			_exit(EXIT_OK);
		pid = fork_sibling();
		if (!pid) {
			begin(fd, ret);
			return;
		}
		if (pid < 0)
			birth_tell(fd, BIRTH_FAILED, ret, errno);
		for (size_t i = 0; i < BIRTH_FDS; i++)
			close(ret_fds[i]);
	}
}
