/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests to the monitor in order, and what became of each pppd.  See child.h. */
#include "l2tpd/ppp/child.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "l2tpd/ppp/launch.h"
#include "l2tpd/ppp/request.h"
#include "lib/base/list.h"
#include "lib/base/log.h"

#define SESSION_IDS          65536

/* A start is work for a processor; some more of them keep it busy.  One alone is no crowd. */
#define STARTS_PER_PROCESSOR 2
#define STARTS_MIN           8

/* So long takes no start, unless the pppd hangs. */
#define START_LIMIT          (5 * USEC_PER_S)

struct child {
	struct ppp *ppp;
	struct event *killer; /* the grace is over; NULL: not stopping */
	struct launch_entry launch;
	struct request request;     /* as long as it has not been sent ... */
	int fds[REQUEST_START_FDS]; /* ... with these; -1: it has */
	struct list over;           /* in ppp->over */
	int error;                  /* why it never ran */
	pid_t pid;                  /* 0: not started yet */
	uint32_t generation;
	uint16_t sid;
};

/* A request that the socket had no room for. */
struct waiting {
	struct list node;
	struct request request;
	int fds[REQUEST_START_FDS];
	size_t n_fds;
};

struct ppp {
	struct event_base *base;
	struct ppp_calls calls;
	usec_t grace;
	int fd;
	struct event *readable, *writable, *turn;
	struct launch launch;
	struct list over;    /* children that never ran, to be told of at the next turn */
	struct list waiting; /* in the order to be sent */
	struct child *children[SESSION_IDS];
	unsigned int count;
	uint32_t generation; /* the last one given away */
};

static void close_all(const int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		close(fds[i]);
}

static void free_waiting(struct waiting *w)
{
	list_del(&w->node);
	close_all(w->fds, w->n_fds);
	free(w);
}

/* Will sending work later?  ETOOMANYREFS: too many descriptors are on their way already. */
static bool is_busy(int err)
{
	return err == -EAGAIN || err == -ENOBUFS || err == -ENOMEM || err == -ETOOMANYREFS;
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct ppp *p = arg;

	(void)what;
	list_each (node, &p->waiting) {
		struct waiting *w = container_of(node, struct waiting, node);

		if (is_busy(request_send(fd, &w->request, w->fds, w->n_fds))) {
			event_add(p->writable, NULL);
			return;
		}
		/* Sent; or the monitor is gone, which on_readable() tells. */
		free_waiting(w);
	}
}

/* Send, or keep for later; takes over the descriptors.  -ENOMEM: neither, and they are closed. */
static int ask(struct ppp *p, const struct request *request, const int *fds, size_t n_fds)
{
	struct waiting *w;

	if (list_empty(&p->waiting) && !is_busy(request_send(p->fd, request, fds, n_fds))) {
		close_all(fds, n_fds);
		return 0;
	}
	w = calloc(1, sizeof(*w));
	if (!w) {
		close_all(fds, n_fds);
		return -ENOMEM;
	}
	w->request = *request;
	for (size_t i = 0; i < n_fds; i++)
		w->fds[i] = fds[i];
	w->n_fds = n_fds;
	list_add(&p->waiting, &w->node);
	event_add(p->writable, NULL);
	return 0;
}

static int ask_plain(struct ppp *p, enum request_op op, const struct child *c)
{
	struct request request = {.op = op};

	if (c) {
		request.sid = c->sid;
		request.generation = c->generation;
	}
	return ask(p, &request, NULL, 0);
}

static struct timeval to_timeval(usec_t t)
{
	return (struct timeval){(time_t)(t / USEC_PER_S), (suseconds_t)(t % USEC_PER_S)};
}

/* It will never run: the next turn tells, as `exited` is never called from within a call to us. */
static void fail(struct child *c, int error)
{
	struct timeval now = {0};

	launch_del(&c->ppp->launch, &c->launch);
	if (c->fds[0] >= 0)
		close_all(c->fds, REQUEST_START_FDS);
	c->fds[0] = c->fds[1] = -1;
	c->error = error;
	list_add(&c->ppp->over, &c->over);
	event_add(c->ppp->turn, &now);
}

static struct child *child_of(struct launch_entry *e)
{
	return container_of(e, struct child, launch);
}

/* Start whose turn it is, give up who has waited for too long, and see to the next time. */
static void pump(struct ppp *p)
{
	usec_t now = clock_now(), at;
	struct launch_entry *e;

	while ((e = launch_next(&p->launch, now))) {
		struct child *c = child_of(e);
		int err = ask(p, &c->request, c->fds, REQUEST_START_FDS);

		c->fds[0] = c->fds[1] = -1;
		if (err)
			fail(c, err);
	}
	while ((e = launch_late(&p->launch, now)))
		fail(child_of(e), -ETIMEDOUT);
	at = launch_deadline(&p->launch);
	if (list_empty(&p->over) && at != USEC_NEVER) {
		struct timeval tv = to_timeval(at > now ? at - now : 0);

		event_add(p->turn, &tv);
	}
}

static void free_child(struct child *c)
{
	launch_del(&c->ppp->launch, &c->launch);
	list_del(&c->over);
	if (c->fds[0] >= 0)
		close_all(c->fds, REQUEST_START_FDS);
	c->ppp->children[c->sid] = NULL;
	c->ppp->count--;
	if (c->killer)
		event_free(c->killer);
	free(c);
}

static void on_turn(evutil_socket_t fd, short what, void *arg)
{
	struct ppp *p = arg;

	(void)fd, (void)what;
	pump(p);
	while (!list_empty(&p->over)) {
		struct child *c = container_of(p->over.next, struct child, over);
		uint16_t sid = c->sid;
		int error = c->error;

		free_child(c);
		p->calls.exited(p->calls.ctx, sid, error, 0);
	}
	pump(p);
}

void ppp_answer(struct ppp *p, const struct answer *a)
{
	struct child *c = p->children[a->sid];

	if (a->kind == ANSWER_RESTART)
		p->calls.restart(p->calls.ctx, -a->value);
	if (!c || c->generation != a->generation)
		return;
	switch (a->kind) {
	case ANSWER_STARTED:
		c->pid = a->value;
		p->calls.started(p->calls.ctx, a->sid, c->pid);
		break;
	case ANSWER_FAILED:
		free_child(c);
		p->calls.exited(p->calls.ctx, a->sid, -a->value, 0);
		break;
	case ANSWER_EXITED:
		p->calls.ended(p->calls.ctx, a->sid);
		free_child(c);
		p->calls.exited(p->calls.ctx, a->sid, 0, a->value);
		break;
	default: break;
	}
	pump(p);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct ppp *p = arg;
	struct answer answer;
	int n;

	(void)what;
	while ((n = answer_receive(fd, &answer)) == (int)sizeof(answer))
		ppp_answer(p, &answer);
	if (n == -EAGAIN || n == -EINTR)
		return;
	event_del(p->readable);
	event_del(p->writable);
	p->calls.alone(p->calls.ctx);
}

static unsigned int starts_by_itself(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN) * STARTS_PER_PROCESSOR;

	return n > STARTS_MIN ? (unsigned int)n : STARTS_MIN;
}

struct ppp *ppp_new(struct event_base *base, int monitor_fd, const struct ppp_conf *conf,
		    const struct ppp_calls *calls)
{
	const struct launch_conf launch = {
		.places = conf->starts ? conf->starts : starts_by_itself(),
		.wait = conf->wait,
		.start = START_LIMIT,
	};
	struct ppp *p = calloc(1, sizeof(*p));

	if (!p) {
		close(monitor_fd);
		return NULL;
	}
	p->base = base;
	p->calls = *calls;
	p->grace = conf->grace;
	p->fd = monitor_fd;
	list_init(&p->waiting);
	list_init(&p->over);
	launch_init(&p->launch, &launch);
	p->turn = evtimer_new(base, on_turn, p);
	p->readable = event_new(base, monitor_fd, EV_READ | EV_PERSIST, on_readable, p);
	p->writable = event_new(base, monitor_fd, EV_WRITE, on_writable, p);
	if (!p->turn || !p->readable || !p->writable || event_add(p->readable, NULL)) {
		ppp_free(p);
		return NULL;
	}
	return p;
}

void ppp_free(struct ppp *p)
{
	if (!p)
		return;
	list_each (node, &p->waiting)
		free_waiting(container_of(node, struct waiting, node));
	for (size_t sid = 0; sid < SESSION_IDS; sid++)
		if (p->children[sid])
			free_child(p->children[sid]);
	if (p->turn)
		event_free(p->turn);
	if (p->readable)
		event_free(p->readable);
	if (p->writable)
		event_free(p->writable);
	close(p->fd);
	free(p);
}

int ppp_ready(struct ppp *p)
{
	return ask_plain(p, REQUEST_READY, NULL);
}

/* Both ends of a session's bus: ours does not block, pppd's plugin decides about its own. */
static int open_bus(int *ret_ours, int *ret_theirs)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return -errno;
	if (fcntl(pair[0], F_SETFL, O_NONBLOCK)) {
		int err = -errno;

		close_all(pair, 2);
		return err;
	}
	*ret_ours = pair[0];
	*ret_theirs = pair[1];
	return 0;
}

int ppp_start(struct ppp *p, uint16_t sid, uint16_t tid, uint16_t profile, int session_fd,
	      int *ret_bus_fd)
{
	struct request request = {.op = REQUEST_START, .sid = sid, .tid = tid, .profile = profile};
	int ours = -1, fds[REQUEST_START_FDS] = {session_fd, -1};
	struct child *c = p->children[sid] ? NULL : calloc(1, sizeof(*c));
	int err;

	if (!c) {
		close(session_fd);
		return p->children[sid] ? -EEXIST : -ENOMEM;
	}
	err = open_bus(&ours, &fds[1]);
	if (err) {
		close(session_fd);
		free(c);
		return err;
	}
	request.generation = ++p->generation;
	*c = (struct child){
		.ppp = p,
		.request = request,
		.fds = {fds[0], fds[1]},
		.generation = request.generation,
		.sid = sid,
	};
	list_init(&c->over);
	p->children[sid] = c;
	p->count++;
	launch_add(&p->launch, &c->launch, clock_now());
	pump(p);
	*ret_bus_fd = ours;
	return 0;
}

int ppp_restore(struct ppp *p, uint16_t sid, uint32_t generation, pid_t pid)
{
	struct child *c = p->children[sid] ? NULL : calloc(1, sizeof(*c));

	if (!c)
		return p->children[sid] ? -EEXIST : -ENOMEM;
	*c = (struct child){
		.ppp = p,
		.fds = {-1, -1},
		.pid = pid,
		.generation = generation,
		.sid = sid,
	};
	list_init(&c->over);
	list_init(&c->launch.node);
	p->children[sid] = c;
	p->count++;
	if (generation > p->generation)
		p->generation = generation;
	return 0;
}

void ppp_keep(struct ppp *p, enum kept kind, uint16_t id, int fd)
{
	struct request request = {.op = REQUEST_KEEP, .kind = (uint16_t)kind, .tid = id};
	int copy;

	if (list_empty(&p->waiting) && !is_busy(request_send(p->fd, &request, &fd, 1)))
		return;
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (copy < 0 || ask(p, &request, &copy, 1))
		log_warn(PPP, "not-kept", "id=%u: it does not outlive this engine", id);
}

void ppp_drop(struct ppp *p, enum kept kind, uint16_t id)
{
	struct request request = {.op = REQUEST_DROP, .kind = (uint16_t)kind, .tid = id};

	ask(p, &request, NULL, 0);
}

int ppp_restart(struct ppp *p)
{
	return ask_plain(p, REQUEST_RESTART, NULL);
}

static void on_grace_over(evutil_socket_t fd, short what, void *arg)
{
	struct child *c = arg;

	(void)fd, (void)what;
	ask_plain(c->ppp, REQUEST_KILL, c);
}

void ppp_stop(struct ppp *p, uint16_t sid)
{
	struct timeval grace = to_timeval(p->grace);
	struct child *c = p->children[sid];

	if (!c || c->killer || c->error)
		return;
	if (c->fds[0] >= 0) {
		fail(c, -ECANCELED);
		return;
	}
	c->killer = event_new(p->base, -1, 0, on_grace_over, c);
	/* Without memory for a polite end there is the other one. */
	if (!c->killer || event_add(c->killer, &grace) || ask_plain(p, REQUEST_TERM, c))
		ask_plain(p, REQUEST_KILL, c);
}

void ppp_begun(struct ppp *p, uint16_t sid)
{
	struct child *c = p->children[sid];

	if (!c)
		return;
	launch_del(&p->launch, &c->launch);
	pump(p);
}

pid_t ppp_pid(const struct ppp *p, uint16_t sid)
{
	return p->children[sid] ? p->children[sid]->pid : 0;
}

uint32_t ppp_generation(const struct ppp *p, uint16_t sid)
{
	return p->children[sid] ? p->children[sid]->generation : 0;
}

unsigned int ppp_count(const struct ppp *p)
{
	return p->count;
}
