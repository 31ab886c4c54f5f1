/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starting the engine, and the order in which it is told things; see engine.h. */
#include "l2tpd/monitor/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "l2tpd/monitor/exec.h"
#include "l2tpd/monitor/monitor.h"
#include "lib/base/err.h"
#include "lib/base/log.h"

#define OWN_PROGRAM     "/proc/self/exe"
#define ENGINE_PRIORITY (-5)
#define ENGINE_ARGS     32

/* An answer that the engine has not been told. */
struct unsent {
	struct list node;
	struct answer answer;
};

void engine_init(struct engine *e, const char *const *args, const struct keep *keep,
		 const struct spawn *spawn)
{
	ssize_t len;

	*e = (struct engine){.args = args, .keep = keep, .spawn = spawn, .fd = -1};
	list_init(&e->unsent);
	len = readlink(OWN_PROGRAM, e->program, sizeof(e->program) - 1);
	if (len < 0)
		len = 0;
	e->program[len] = '\0';
}

void engine_forget(struct engine *e)
{
	list_each (node, &e->unsent) {
		list_del(node);
		free(container_of(node, struct unsent, node));
	}
}

void engine_done(struct engine *e)
{
	engine_hang_up(e);
	engine_forget(e);
}

/* Is what is installed by now another program than we are? */
static bool is_other(const struct engine *e)
{
	struct stat installed, own;

	return e->program[0] && !stat(e->program, &installed) && !stat(OWN_PROGRAM, &own) &&
	       (installed.st_ino != own.st_ino || installed.st_dev != own.st_dev);
}

static int execute(struct engine *e, int fd)
{
	static char option[] = MONITOR_ENGINE_OPTION, fd_text[] = "3", name[] = "l2tpd";
	const struct exec_fd map = {fd, MONITOR_ENGINE_FD};
	char *argv[ENGINE_ARGS] = {name, option, fd_text};
	int n = 3;

	for (size_t i = 0; e->args && e->args[i]; i++) {
		if (n == ENGINE_ARGS - 1)
			return -E2BIG;
		argv[n++] = (char *)e->args[i];
	}
	e->other_program = !e->own_program && is_other(e);
	if (e->other_program && !exec_start(e->program, argv, &map, 1, &e->pid))
		return 0;
	e->other_program = false;
	return exec_start(OWN_PROGRAM, argv, &map, 1, &e->pid);
}

int engine_start(struct engine *e, int state_fd)
{
	int pair[2], err;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair))
		return -errno;
	err = execute(e, pair[1]);
	close(pair[1]);
	if (err) {
		close(pair[0]);
		e->pid = 0;
		return err;
	}
	/* Many pppds that start at once must not keep it from answering clients. */
	setpriority(PRIO_PROCESS, (id_t)e->pid, ENGINE_PRIORITY);
	e->fd = pair[0];
	e->state_fd = state_fd;
	e->telling = TELL_STATE;
	log_info(MONITOR, "engine-started", "pid=%d%s", (int)e->pid,
		 e->other_program ? " another version is installed" : "");
	engine_tell(e);
	return 0;
}

/* Will sending work later?  ETOOMANYREFS: too many descriptors are on their way already. */
static bool is_busy(int err)
{
	return err == -EAGAIN || err == -ENOBUFS || err == -ENOMEM || err == -ETOOMANYREFS;
}

/* True when it is sent, or never will be, as the engine is gone. */
static bool send_answer(const struct engine *e, const struct answer *a, int passed)
{
	return !is_busy(answer_pass(e->fd, a, passed));
}

static bool tell_sockets(struct engine *e)
{
	int fd;

	for (; (fd = keep_find(e->keep, &e->kind, &e->next)) >= 0; e->next++) {
		struct answer a = {
			.kind = ANSWER_SOCKET, .value = (int32_t)e->kind, .sid = (uint16_t)e->next};

		if (!send_answer(e, &a, fd))
			return false;
	}
	return true;
}

static bool tell_pppds(struct engine *e)
{
	struct answer a = {.kind = ANSWER_PPPD};
	pid_t pid;

	for (; spawn_find(e->spawn, &e->next, &a.generation, &pid); e->next++) {
		a.sid = (uint16_t)e->next;
		a.value = pid;
		if (!send_answer(e, &a, -1))
			return false;
	}
	return true;
}

static bool tell_unsent(struct engine *e)
{
	list_each (node, &e->unsent) {
		struct unsent *u = container_of(node, struct unsent, node);

		if (!send_answer(e, &u->answer, -1))
			return false;
		list_del(node);
		free(u);
	}
	return true;
}

/* One part of what is to be told.  False: there is no room. */
static bool tell_part(struct engine *e)
{
	switch (e->telling) {
	case TELL_STATE:
		return send_answer(
			e, &(struct answer){.kind = ANSWER_STATE, .value = HANDOVER_VERSION},
			e->state_fd);
	case TELL_SOCKETS: return tell_sockets(e);
	case TELL_PPPDS: return tell_pppds(e);
	case TELL_END: return send_answer(e, &(struct answer){.kind = ANSWER_END}, -1);
	default: return tell_unsent(e);
	}
}

void engine_tell(struct engine *e)
{
	if (e->fd < 0)
		return;
	while (tell_part(e)) {
		if (e->telling == TELL_ANSWERS)
			return;
		e->telling++;
		e->kind = KEPT_NONE;
		e->next = 0;
	}
}

bool engine_has_news(const struct engine *e)
{
	return e->fd >= 0 && (e->telling != TELL_ANSWERS || !list_empty(&e->unsent));
}

void engine_answer(struct engine *e, const struct answer *a)
{
	struct unsent *u;

	if (e->fd >= 0 && !engine_has_news(e) && send_answer(e, a, -1))
		return;
	u = calloc(1, sizeof(*u));
	if (!u) {
		log_error(MONITOR, "no-memory", "an answer to the engine is lost: sid=%u", a->sid);
		return;
	}
	u->answer = *a;
	list_add(&e->unsent, &u->node);
}

void engine_hang_up(struct engine *e)
{
	if (e->fd >= 0)
		close(e->fd);
	e->fd = -1;
}
