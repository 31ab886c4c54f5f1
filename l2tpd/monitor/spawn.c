/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starts pppds with posix_spawn(): nothing of the monitor is copied, and a program that is missing
 * is known at once.  All our descriptors are close-on-exec; a pppd gets 0 to 2 and its two sockets.
 */
#include "l2tpd/monitor/spawn.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "l2tpd/monitor/exec.h"
#include "lib/base/err.h"
#include "lib/base/list.h"
#include "lib/base/map.h"

#define SESSION_IDS 65536

struct spawned {
	struct map_node by_pid;
	pid_t pid;
	uint32_t generation;
	uint16_t sid;
};

struct spawn {
	struct spawn_conf conf;
	struct map by_pid;
	struct spawned *by_sid[SESSION_IDS];
	unsigned int count;
};

struct spawn *spawn_new(void)
{
	struct spawn *s = calloc(1, sizeof(*s));

	if (s)
		map_init(&s->by_pid);
	return s;
}

void spawn_free(struct spawn *s)
{
	if (!s)
		return;
	map_done(&s->by_pid);
	free(s);
}

void spawn_configure(struct spawn *s, const struct spawn_conf *conf)
{
	s->conf = *conf;
}

static bool has_pid(const struct map_node *node, const void *key)
{
	const struct spawned *child = container_of(node, const struct spawned, by_pid);

	return child->pid == *(const pid_t *)key;
}

static bool is_socket(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISSOCK(st.st_mode);
}

/* Run pppd with these sockets.  *ret_pid; or a negative code. */
static int run(const struct spawn *s, const struct request *r, const int *fds, pid_t *ret_pid)
{
	const struct exec_fd map[] = {{fds[0], PPP_SESSION_FD}, {fds[1], PPP_BUS_FD}};
	struct ppp_args args;
	int err;

	if (!is_socket(fds[0]) || !is_socket(fds[1]))
		return -ENOTSOCK;
	err = ppp_args_build(&args, &s->conf.profiles[r->profile], r->tid, r->sid);
	if (err)
		return err;
	err = exec_start(s->conf.program, args.argv, map, 2, ret_pid);
	ppp_args_done(&args);
	return err;
}

static int start(struct spawn *s, const struct request *r, const int *fds, pid_t *ret_pid)
{
	struct spawned *child;
	int err;

	if (s->by_sid[r->sid])
		return -EEXIST;
	if (s->count >= s->conf.max)
		return -ERR_LIMIT;
	child = calloc(1, sizeof(*child));
	if (!child)
		return -ENOMEM;
	err = run(s, r, fds, &child->pid);
	if (!err) {
		err = map_add(&s->by_pid, &child->by_pid, map_hash(&child->pid, sizeof(pid_t)));
		if (err)
			kill(child->pid, SIGKILL); /* to be reaped as a stranger */
	}
	if (err) {
		free(child);
		return err;
	}
	child->sid = r->sid;
	child->generation = r->generation;
	s->by_sid[r->sid] = child;
	s->count++;
	*ret_pid = child->pid;
	return 0;
}

static void signal_one(struct spawn *s, const struct request *r, int sig)
{
	const struct spawned *child = s->by_sid[r->sid];

	if (child && child->generation == r->generation)
		kill(child->pid, sig);
}

bool spawn_do(struct spawn *s, const struct request *r, const int fds[static REQUEST_START_FDS],
	      struct answer *ret)
{
	struct answer a = {.generation = r->generation, .sid = r->sid};
	pid_t pid;
	int err;

	if (r->op != REQUEST_START) {
		signal_one(s, r, r->op == REQUEST_KILL ? SIGKILL : SIGTERM);
		return false;
	}
	err = start(s, r, fds, &pid);
	a.kind = err ? ANSWER_FAILED : ANSWER_STARTED;
	a.value = err ? -err : pid;
	*ret = a;
	return true;
}

bool spawn_reaped(struct spawn *s, pid_t pid, int status, struct answer *ret)
{
	struct map_node *node = map_find(&s->by_pid, map_hash(&pid, sizeof(pid)), has_pid, &pid);
	struct spawned *child;

	if (!node)
		return false;
	child = container_of(node, struct spawned, by_pid);
	*ret = (struct answer){ANSWER_EXITED, child->generation, status, child->sid, 0};
	map_del(&s->by_pid, node);
	s->by_sid[child->sid] = NULL;
	s->count--;
	free(child);
	return true;
}

void spawn_signal_all(struct spawn *s, int sig)
{
	for (struct map_node *node = NULL; (node = map_next(&s->by_pid, node));)
		kill(container_of(node, struct spawned, by_pid)->pid, sig);
}

unsigned int spawn_count(const struct spawn *s)
{
	return s->count;
}
