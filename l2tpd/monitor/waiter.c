/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starting, asking and replacing a waiting pppd; see waiter.h. */
#include "l2tpd/monitor/waiter.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "l2tpd/monitor/exec.h"
#include "l2tpd/ppp/exitcode.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/pass.h"

#define ANSWER_WAIT   (5 * USEC_PER_S) /* a fork takes a millisecond; its start, a few more */
#define BACKOFF_FIRST (1 * USEC_PER_S)
#define BACKOFF_CAP   (60 * USEC_PER_S)

void waiter_init(struct waiter *w, const char *program, const struct ppp_profile *profile)
{
	*w = (struct waiter){
		.program = program,
		.profile = profile,
		.fd = -1,
		.deadline = USEC_NEVER,
		.backoff = BACKOFF_FIRST,
	};
	list_init(&w->orders);
}

void waiter_hang_up(struct waiter *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
	w->deadline = USEC_NEVER;
}

void waiter_done(struct waiter *w)
{
	waiter_hang_up(w);
	if (w->pid) {
		kill(w->pid, SIGKILL);
		waitpid(w->pid, NULL, 0);
	}
	w->pid = 0;
	w->retry_at = USEC_NEVER;
}

static void try_later(struct waiter *w, usec_t now)
{
	w->retry_at = now + w->backoff;
	w->backoff = w->backoff * 2 < BACKOFF_CAP ? w->backoff * 2 : BACKOFF_CAP;
}

/* Say once that sessions are started the slow way. */
static void complain(struct waiter *w, const char *why)
{
	if (w->complained)
		return;
	w->complained = true;
	log_error(MONITOR, "no-waiting-pppd",
		  "lns=%s reason=\"%s\" until it works, each session starts a pppd of its own, "
		  "which takes longer; cure=\"see what pppd has said before this\"",
		  w->profile->name, why);
}

static int start(struct waiter *w)
{
	struct exec_fd map = {-1, PPP_WAIT_FD};
	struct ppp_args args;
	int pair[2], err;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	map.ours = pair[1];
	err = pass_want_pid(pair[0]);
	if (!err)
		err = ppp_args_build_waiting(&args, w->profile);
	if (!err) {
		err = exec_start(w->program, args.argv, &map, 1, &w->pid);
		ppp_args_done(&args);
	}
	close(pair[1]);
	if (err) {
		close(pair[0]);
		w->pid = 0;
		return err;
	}
	w->fd = pair[0];
	w->retry_at = USEC_NEVER;
	return 0;
}

/* Not before the last word of the one before: a child that it has made may still be about to say
 * that it is born. */
static usec_t start_at(const struct waiter *w)
{
	return w->fd < 0 ? w->retry_at : USEC_NEVER;
}

bool waiter_run(struct waiter *w, usec_t now)
{
	int err;

	if (w->deadline <= now && w->pid) {
		log_warn(MONITOR, "waiting-pppd-hangs", "lns=%s pid=%d killed", w->profile->name,
			 (int)w->pid);
		kill(w->pid, SIGKILL); /* the rest follows by its end */
	}
	if (w->deadline <= now)
		w->deadline = USEC_NEVER;
	if (start_at(w) > now)
		return false;
	err = start(w);
	if (!err)
		return true;
	complain(w, err_text(err));
	try_later(w, now);
	return false;
}

usec_t waiter_due(const struct waiter *w)
{
	usec_t start = start_at(w);

	return w->deadline < start ? w->deadline : start;
}

int waiter_order(struct waiter *w, const struct birth_order *order, const int fds[BIRTH_FDS])
{
	if (w->fd < 0 || birth_give_order(w->fd, order, fds))
		return -EAGAIN;
	if (w->deadline == USEC_NEVER)
		w->deadline = clock_now() + ANSWER_WAIT;
	return 0;
}

static void on_birth(struct waiter *w)
{
	w->backoff = BACKOFF_FIRST;
	if (w->complained)
		log_info(MONITOR, "waiting-pppd", "lns=%s pid=%d works again", w->profile->name,
			 (int)w->pid);
	w->complained = false;
}

int waiter_report(struct waiter *w, struct birth_report *ret, pid_t *ret_pid)
{
	int len;

	if (w->fd < 0)
		return 0;
	/* That it has left orders unread is an error, once, and comes before what it has said. */
	do
		len = birth_hear(w->fd, ret, ret_pid);
	while (len == -ECONNRESET || (len > 0 && ret->kind == BIRTH_WAITING));
	if (len > 0 && ret->kind == BIRTH_BORN)
		on_birth(w);
	if (len > 0)
		return 1;
	if (len == -EAGAIN || len == -EINTR)
		return 0;
	waiter_hang_up(w);
	return -ERR_CLOSED;
}

void waiter_answered(struct waiter *w, usec_t oldest)
{
	w->deadline = oldest == USEC_NEVER ? USEC_NEVER : oldest + ANSWER_WAIT;
}

void waiter_renew(struct waiter *w)
{
	if (!w->pid)
		return;
	log_info(MONITOR, "waiting-pppd-renewed", "lns=%s pid=%d as a session's pppd has crashed",
		 w->profile->name, (int)w->pid);
	w->renewing = true;
	kill(w->pid, SIGKILL);
}

void waiter_reaped(struct waiter *w, int status)
{
	w->pid = 0;
	if (w->renewing) {
		w->renewing = false;
		w->retry_at = clock_now();
		return;
	}
	complain(w, exitcode_find(status)->text);
	try_later(w, clock_now());
}
