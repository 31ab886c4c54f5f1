/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starts pppds: as children of a waiting one, or with posix_spawn(), where nothing of the monitor
 * is copied and a program that is missing is known at once.  All our descriptors are close-on-exec;
 * a pppd gets 0 to 2 and its two sockets.
 */
#include "l2tpd/monitor/spawn.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "l2tpd/monitor/exec.h"
#include "l2tpd/monitor/waiter.h"
#include "lib/base/err.h"
#include "lib/base/list.h"
#include "lib/base/map.h"

#define SESSION_IDS 65536
#define EVENTS_MAX  16
#define NO_PROFILE  UINT16_MAX /* one of settings that are not in force any more */

struct spawned {
	struct map_node by_pid;
	struct list order;          /* among its waiter's, until it is born */
	int fds[REQUEST_START_FDS]; /* its sockets, until it runs; -1: closed */
	usec_t ordered;
	pid_t pid;  /* 0: not born yet */
	int signal; /* what it gets when it is born; 0: nothing */
	struct request request;
};

struct spawn {
	struct spawn_calls calls;
	struct spawn_conf conf;
	struct waiter *waiters; /* one per profile; NULL: SPAWN_EXEC */
	int epoll_fd;
	struct map by_pid;
	struct spawned *by_sid[SESSION_IDS];
	unsigned int count;
};

static size_t n_waiters(const struct spawn *s)
{
	return s->waiters ? s->conf.n_profiles : 0;
}

struct spawn *spawn_new(const struct spawn_calls *calls)
{
	struct spawn *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->calls = *calls;
	map_init(&s->by_pid);
	s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll_fd < 0) {
		free(s);
		return NULL;
	}
	return s;
}

static void drop_waiters(struct spawn *s)
{
	for (size_t i = 0; i < n_waiters(s); i++)
		waiter_done(&s->waiters[i]);
	free(s->waiters);
	s->waiters = NULL;
}

void spawn_free(struct spawn *s)
{
	if (!s)
		return;
	drop_waiters(s);
	map_done(&s->by_pid);
	close(s->epoll_fd);
	free(s);
}

/* Start what is due, and hear it from then on. */
static void run_waiters(struct spawn *s)
{
	usec_t now = clock_now();

	for (size_t i = 0; i < n_waiters(s); i++) {
		struct waiter *w = &s->waiters[i];
		struct epoll_event event = {.events = EPOLLIN, .data.ptr = w};

		if (waiter_run(w, now) && epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, w->fd, &event))
			waiter_hang_up(w);
	}
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

/* `pid`: of ANSWER_EXITED, else 0 */
static void answer(struct spawn *s, const struct request *r, enum answer_kind kind, int value,
		   pid_t pid)
{
	const struct answer a = {
		.kind = kind,
		.generation = r->generation,
		.value = value,
		.pid = pid,
		.sid = r->sid,
	};

	s->calls.answer(s->calls.ctx, &a);
}

static void close_fds(int *fds)
{
	for (size_t i = 0; i < REQUEST_START_FDS; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
}

static void forget(struct spawn *s, struct spawned *child)
{
	s->by_sid[child->request.sid] = NULL;
	s->count--;
	list_del(&child->order);
	close_fds(child->fds);
	free(child);
}

/* It runs as `pid`; or it does not, for the reason `err`. */
static void started(struct spawn *s, struct spawned *child, pid_t pid, int err)
{
	list_del(&child->order);
	if (!err) {
		child->pid = pid;
		err = map_add(&s->by_pid, &child->by_pid, map_hash(&pid, sizeof(pid)));
		if (err)
			kill(pid, SIGKILL); /* to be reaped as a stranger */
	}
	if (err) {
		answer(s, &child->request, ANSWER_FAILED, -err, 0);
		forget(s, child);
		return;
	}
	close_fds(child->fds);
	if (child->signal)
		kill(pid, child->signal);
	answer(s, &child->request, ANSWER_STARTED, pid, 0);
}

/* Run pppd with these sockets. */
static void execute(struct spawn *s, struct spawned *child)
{
	const struct exec_fd map[] = {{child->fds[0], PPP_SESSION_FD}, {child->fds[1], PPP_BUS_FD}};
	const struct request *r = &child->request;
	struct ppp_args args;
	pid_t pid = 0;
	int err = ppp_args_build(&args, &s->conf.profiles[r->profile], r->tid, r->sid);

	if (!err) {
		err = exec_start(s->conf.program, args.argv, map, 2, &pid);
		ppp_args_done(&args);
	}
	started(s, child, pid, err);
}

/* True: its waiter will tell, or be gone. */
static bool order(struct spawn *s, struct spawned *child)
{
	const struct request *r = &child->request;
	const struct birth_order order = {r->generation, r->sid, r->tid};
	struct waiter *w = s->waiters ? &s->waiters[r->profile] : NULL;

	child->ordered = clock_now();
	if (!w || waiter_order(w, &order, child->fds))
		return false;
	list_add(&w->orders, &child->order);
	return true;
}

static void start(struct spawn *s, const struct request *r, const int *fds)
{
	struct spawned *child = NULL;
	int own[REQUEST_START_FDS] = {fds[0], fds[1]}, err = 0;

	if (!is_socket(fds[0]) || !is_socket(fds[1]))
		err = -ENOTSOCK;
	else if (s->by_sid[r->sid])
		err = -EEXIST;
	else if (s->count >= s->conf.max)
		err = -ERR_LIMIT;
	else if (!(child = calloc(1, sizeof(*child))))
		err = -ENOMEM;
	if (err) {
		close_fds(own);
		answer(s, r, ANSWER_FAILED, -err, 0);
		return;
	}
	child->request = *r;
	memcpy(child->fds, own, sizeof(own));
	list_init(&child->order);
	s->by_sid[r->sid] = child;
	s->count++;
	if (!order(s, child))
		execute(s, child);
}

static void send_signal(struct spawned *child, int sig)
{
	if (child->pid)
		kill(child->pid, sig);
	else if (child->signal != SIGKILL)
		child->signal = sig;
}

void spawn_do(struct spawn *s, const struct request *r, const int fds[static REQUEST_START_FDS])
{
	struct spawned *child = s->by_sid[r->sid];

	if (r->op == REQUEST_START)
		start(s, r, fds);
	else if (child && child->request.generation == r->generation)
		send_signal(child, r->op == REQUEST_KILL ? SIGKILL : SIGTERM);
}

/* One that was ordered, or NULL: nobody waits for this one (any more). */
static struct spawned *find_order(const struct spawn *s, const struct birth_report *report)
{
	struct spawned *child = s->by_sid[report->sid];

	return child && !child->pid && child->request.generation == report->generation ? child
										       : NULL;
}

/* When the oldest one that is open was given; USEC_NEVER: none is. */
static usec_t oldest_order(const struct waiter *w)
{
	if (list_empty(&w->orders))
		return USEC_NEVER;
	return container_of(w->orders.next, struct spawned, order)->ordered;
}

static void on_report(struct spawn *s, struct waiter *w, const struct birth_report *report,
		      pid_t pid)
{
	struct spawned *child = find_order(s, report);

	if (child && report->kind == BIRTH_BORN)
		started(s, child, pid, 0);
	else if (child)
		execute(s, child); /* it may be better off without the other's memory */
	else if (report->kind == BIRTH_BORN)
		kill(pid, SIGKILL);
	waiter_answered(w, oldest_order(w));
}

static void hear(struct spawn *s, struct waiter *w)
{
	struct birth_report report;
	pid_t pid;
	int r;

	while ((r = waiter_report(w, &report, &pid)) > 0)
		on_report(s, w, &report, pid);
	if (r == 0)
		return;
	list_each (node, &w->orders)
		execute(s, container_of(node, struct spawned, order));
}

int spawn_fd(const struct spawn *s)
{
	return s->epoll_fd;
}

usec_t spawn_due(const struct spawn *s)
{
	usec_t due = USEC_NEVER;

	for (size_t i = 0; i < n_waiters(s); i++)
		if (waiter_due(&s->waiters[i]) < due)
			due = waiter_due(&s->waiters[i]);
	return due;
}

void spawn_serve(struct spawn *s)
{
	struct epoll_event events[EVENTS_MAX];
	int n;

	do {
		n = s->waiters ? epoll_wait(s->epoll_fd, events, EVENTS_MAX, 0) : 0;
		for (int i = 0; i < n; i++)
			hear(s, events[i].data.ptr);
	} while (n == EVENTS_MAX);
	run_waiters(s);
}

/*
 * With the waiting ones go the settings by which pppds were started: what is ordered and not born
 * yet fails, and nobody is blamed for the crash of an older one.
 */
static void part_from_waiters(struct spawn *s)
{
	for (size_t sid = 0; sid < SESSION_IDS; sid++) {
		struct spawned *child = s->by_sid[sid];

		if (child)
			child->request.profile = NO_PROFILE;
		if (child && !child->pid)
			started(s, child, 0, -ECANCELED);
	}
}

int spawn_configure(struct spawn *s, const struct spawn_conf *conf)
{
	struct waiter *waiters = NULL;

	if (conf->how == SPAWN_FORK) {
		waiters = calloc(conf->n_profiles + 1, sizeof(*waiters));
		if (!waiters)
			return -ENOMEM;
		for (size_t i = 0; i < conf->n_profiles; i++)
			waiter_init(&waiters[i], conf->program, &conf->profiles[i]);
	}
	spawn_serve(s); /* who is born already */
	part_from_waiters(s);
	drop_waiters(s);
	s->conf = *conf;
	s->waiters = waiters;
	return 0;
}

static bool waiter_is_reaped(struct spawn *s, pid_t pid, int status)
{
	for (size_t i = 0; i < n_waiters(s); i++)
		if (s->waiters[i].pid == pid) {
			waiter_reaped(&s->waiters[i], status);
			return true;
		}
	return false;
}

/* By a signal that neither we nor the administrator send. */
static bool has_crashed(int status)
{
	return WIFSIGNALED(status) && WTERMSIG(status) != SIGTERM && WTERMSIG(status) != SIGKILL;
}

void spawn_reaped(struct spawn *s, pid_t pid, int status)
{
	struct map_node *node;
	struct request request;

	if (waiter_is_reaped(s, pid, status))
		return;
	node = map_find(&s->by_pid, map_hash(&pid, sizeof(pid)), has_pid, &pid);
	if (!node)
		return;
	request = container_of(node, struct spawned, by_pid)->request;
	map_del(&s->by_pid, node);
	forget(s, container_of(node, struct spawned, by_pid));
	if (request.profile < n_waiters(s) && has_crashed(status))
		waiter_renew(&s->waiters[request.profile]);
	answer(s, &request, ANSWER_EXITED, status, pid);
}

void spawn_signal_all(struct spawn *s, int sig)
{
	for (size_t sid = 0; sid < SESSION_IDS; sid++)
		if (s->by_sid[sid])
			send_signal(s->by_sid[sid], sig);
}

unsigned int spawn_count(const struct spawn *s)
{
	return s->count;
}

bool spawn_find(const struct spawn *s, size_t *sid, uint32_t *ret_generation, pid_t *ret_pid)
{
	while (*sid < SESSION_IDS && !s->by_sid[*sid])
		++*sid;
	if (*sid == SESSION_IDS)
		return false;
	*ret_generation = s->by_sid[*sid]->request.generation;
	*ret_pid = s->by_sid[*sid]->pid;
	return true;
}
