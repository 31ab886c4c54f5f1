/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clients at work; see load.h.  Each has a timer and, unless they share, a connected socket.
 * The rounds are straight code: each step starts something, then turns the loop until it is done.
 */
#include "tests/bench/load/load.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/list.h"
#include "tests/bench/load/client.h"

#define RECEIVE_MAX   64 /* datagrams of one socket in one turn of the loop */
#define ORDERS_MAX    64 /* orders to clients in one turn */
#define PACE_TICK     (2 * USEC_PER_MS)
#define DRAIN_TICK    (10 * USEC_PER_MS)
#define SPARE_FDS     32
#define SOCKET_BUFFER (4 << 20) /* of a shared socket; the system may give less */
#define RETRY_CAP     8         /* times the first wait */
#define RETRY_MAX     5
#define RESTART_S     3 /* RFC 1661 4.6 */
#define PPP_TRIES     10

struct sock {
	int fd;
	struct event event;
	struct load *load;
	struct worker *only; /* NULL: the clients of this address share it */
};

struct worker {
	struct client client;
	struct event timer;
	usec_t timer_at;
	struct load *load;
	struct sock *sock;
	bool settled;
};

/* Orders that are given one after the other, at a rate. */
struct pace {
	struct load *load;
	struct event event;
	void (*give)(struct load *l, unsigned int i);
	usec_t begun;
	double per_s;       /* 0: as fast as the loop turns */
	unsigned int burst; /* ... so many together */
	unsigned int given, total;
};

struct load {
	const struct options *o;
	struct load_result *ret;
	struct client_conf conf;
	struct event_base *base;
	struct event *on_interrupt;
	struct sock *socks;
	struct worker *workers;
	unsigned int n_socks, n_busy; /* n_busy: clients that are not settled */
	uint64_t random;
	struct pace pace, echo;
	bool wait_settled; /* leave the loop as soon as nobody is busy and all orders are given */
};

static struct load *the_load; /* PPP's source of randomness knows no context */

static void random_bytes(void *ret, size_t len)
{
	uint64_t *s = &the_load->random;

	/* xorshift: repeatable is all it must be */
	for (size_t i = 0; i < len; i++) {
		*s ^= *s << 13;
		*s ^= *s >> 7;
		*s ^= *s << 17;
		((uint8_t *)ret)[i] = (uint8_t)(*s >> 32);
	}
}

static struct timeval timeval_of(usec_t t)
{
	return (struct timeval){(time_t)(t / USEC_PER_S), (suseconds_t)(t % USEC_PER_S)};
}

static usec_t usec_of(double s)
{
	return (usec_t)(s * (double)USEC_PER_S);
}

/*
 * Clients
 */

static void leave_if_done(struct load *l)
{
	if (l->wait_settled && !l->n_busy && l->pace.given == l->pace.total)
		event_base_loopbreak(l->base);
}

/* After anything that a client did: its timer, and whether it is busy. */
static void follow(struct worker *w, usec_t now)
{
	struct load *l = w->load;
	usec_t at = client_deadline(&w->client);
	bool settled = client_settled(&w->client);

	if (settled != w->settled) {
		w->settled = settled;
		if (settled)
			l->n_busy--;
		else
			l->n_busy++;
	}
	if (at != w->timer_at) {
		struct timeval wait = timeval_of(at > now ? at - now : 0);

		w->timer_at = at;
		if (at == USEC_NEVER)
			evtimer_del(&w->timer);
		else
			evtimer_add(&w->timer, &wait);
	}
	leave_if_done(l);
}

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
	struct worker *w = ctx;
	usec_t now = clock_now();

	(void)fd, (void)what;
	w->timer_at = USEC_NEVER;
	client_run(&w->client, now);
	follow(w, now);
}

static void refused(struct sock *s)
{
	stat_add(&s->load->ret->stats, STAT_refused_datagrams);
	if (s->only)
		s->only->client.refused = true;
}

static void send_datagram(struct client *c, const void *bytes, size_t len)
{
	struct sock *s = container_of(c, struct worker, client)->sock;

	/* A pending error of an earlier datagram is told first, and this one has not left then. */
	for (int i = 0; i < 2; i++) {
		if (send(s->fd, bytes, len, MSG_DONTWAIT) >= 0)
			return;
		if (errno != ECONNREFUSED)
			break;
		refused(s);
	}
	stat_add(&s->load->ret->stats, STAT_unsent_datagrams);
}

/* Whose is it?  Clients that share a socket have ids of their own. */
static struct worker *owner_of(struct sock *s, const uint8_t *bytes, size_t len)
{
	struct worker *w;
	struct view body;
	struct hdr h;

	if (s->only)
		return s->only;
	if (hdr_parse(&h, &body, bytes, len) || !h.tid || h.tid > s->load->o->tunnels)
		return NULL;
	w = &s->load->workers[h.tid - 1];
	return w->sock == s ? w : NULL;
}

static void on_readable(evutil_socket_t fd, short what, void *ctx)
{
	uint8_t bytes[2048];
	struct sock *s = ctx;

	(void)what;
	for (int i = 0; i < RECEIVE_MAX; i++) {
		ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		usec_t now = clock_now();
		struct worker *w;

		if (n < 0 && errno == ECONNREFUSED) {
			refused(s);
			continue;
		}
		if (n < 0)
			return;
		w = owner_of(s, bytes, (size_t)n);
		if (!w) {
			stat_add(&s->load->ret->stats, STAT_stray_datagrams);
			continue;
		}
		client_input(&w->client, bytes, (size_t)n, now);
		follow(w, now);
	}
}

/*
 * Orders
 */

static void dial(struct load *l, unsigned int i)
{
	usec_t now = clock_now();

	client_dial(&l->workers[i].client, now);
	follow(&l->workers[i], now);
}

static void hello(struct load *l, unsigned int i)
{
	struct worker *w = &l->workers[i % l->o->tunnels];
	usec_t now = clock_now();

	client_hello(&w->client, now);
	follow(w, now);
}

static void echo(struct load *l, unsigned int i)
{
	client_echo(&l->workers[i % l->o->tunnels].client);
}

static void hang_up(struct load *l, unsigned int i)
{
	usec_t now = clock_now();

	client_hang_up(&l->workers[i].client, now);
	follow(&l->workers[i], now);
}

static void vanish(struct load *l, unsigned int i)
{
	client_vanish(&l->workers[i].client);
	follow(&l->workers[i], clock_now());
}

static void pace_stop(struct pace *p)
{
	p->given = p->total;
	if (p->load)
		evtimer_del(&p->event);
}

static void on_pace(evutil_socket_t fd, short what, void *ctx)
{
	struct pace *p = ctx;
	double due = p->per_s * (double)(clock_now() - p->begun) / (double)USEC_PER_S;
	struct timeval wait = timeval_of(p->per_s > 0 ? PACE_TICK : 0);

	(void)fd, (void)what;
	for (int i = 0; i < ORDERS_MAX && p->given < p->total; i++) {
		if (p->per_s > 0 && p->given - p->given % p->burst > due)
			break;
		/* counted first: it may be the one after which all is done */
		p->give(p->load, p->given++);
	}
	if (p->given < p->total)
		evtimer_add(&p->event, &wait);
	leave_if_done(p->load);
}

/* `burst` at a time, `per_s` a second on average; 0: as fast as it goes. */
static void pace_start(struct pace *p, struct load *l, void (*give)(struct load *, unsigned int),
		       unsigned int total, double per_s, unsigned int burst)
{
	struct timeval now = {0};

	*p = (struct pace){.load = l, .give = give, .total = total, .per_s = per_s, .burst = burst};
	p->begun = clock_now();
	evtimer_assign(&p->event, l->base, on_pace, p);
	evtimer_add(&p->event, &now);
}

/*
 * Rounds
 */

/* Turn the loop until all orders are given and nobody is busy. */
static void until_settled(struct load *l)
{
	l->wait_settled = true;
	if (l->n_busy || l->pace.given < l->pace.total)
		event_base_dispatch(l->base);
	l->wait_settled = false;
}

static void for_a_while(struct load *l, usec_t t)
{
	struct timeval wait = timeval_of(t);

	if (l->ret->interrupted)
		return;
	event_base_loopexit(l->base, &wait);
	event_base_dispatch(l->base);
}

static bool all_heard(const struct load *l)
{
	for (unsigned int i = 0; i < l->o->tunnels; i++)
		if (l->workers[i].client.state == CLIENT_UP &&
		    !chan_idle(&l->workers[i].client.chan))
			return false;
	return true;
}

static bool look(struct load *l, enum load_moment moment)
{
	struct timespec own;
	int pid, err;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &own);
	l->ret->own_cpu_ns[moment] = (uint64_t)own.tv_sec * 1000000000 + (uint64_t)own.tv_nsec;
	err = watch_read(&l->ret->watch[moment], l->o->watch, WATCH_MAX, &pid);
	if (err)
		fprintf(stderr, "l2tpload: cannot watch process %d: %s\n", pid, err_text(err));
	return !err;
}

static void hold(struct load *l)
{
	const struct options *o = l->o;
	uint64_t before = l->ret->stats.counts[STAT_messages_sent];

	if (o->hold_s <= 0 || l->ret->interrupted)
		return;
	if (o->echo_s > 0)
		pace_start(&l->echo, l, echo, UINT32_MAX, o->tunnels / o->echo_s, 1);
	if (o->hellos)
		pace_start(&l->pace, l, hello, o->hellos, o->hellos / o->hold_s, o->burst);
	for_a_while(l, usec_of(o->hold_s));
	pace_stop(&l->echo);
	while (!l->ret->interrupted && (l->pace.given < l->pace.total || !all_heard(l)))
		for_a_while(l, DRAIN_TICK);
	pace_stop(&l->pace);
	l->ret->held_messages = l->ret->stats.counts[STAT_messages_sent] - before;
}

/* One round; false: it cannot go on. */
static bool play(struct load *l)
{
	const struct options *o = l->o;
	usec_t begun = clock_now();

	if (!look(l, LOAD_AT_start))
		return false;
	l->ret->rounds++;
	pace_start(&l->pace, l, dial, o->tunnels, o->rate, 1);
	until_settled(l);
	l->ret->setting_up += clock_now() - begun;
	pace_stop(&l->pace);
	if (!look(l, LOAD_AT_up))
		return false;
	hold(l);
	if (!look(l, LOAD_AT_held))
		return false;
	pace_start(&l->pace, l, o->end == END_VANISH ? vanish : hang_up, o->tunnels, 0, 1);
	until_settled(l);
	return look(l, LOAD_AT_end);
}

static void on_interrupt(evutil_socket_t fd, short what, void *ctx)
{
	struct load *l = ctx;

	(void)fd, (void)what;
	if (l->ret->interrupted)
		exit(1);
	fputs("l2tpload: interrupted; ending what is up (once more to leave at once)\n", stderr);
	l->ret->interrupted = true;
	pace_stop(&l->pace);
	event_base_loopbreak(l->base);
}

/*
 * Start and stop
 */

static int raise_nofile(unsigned int wanted)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return -errno;
	if (limit.rlim_cur >= wanted)
		return 0;
	if (limit.rlim_max < wanted) {
		limit.rlim_max = wanted; /* root may */
		limit.rlim_cur = wanted;
		if (!setrlimit(RLIMIT_NOFILE, &limit))
			return 0;
		getrlimit(RLIMIT_NOFILE, &limit);
		fprintf(stderr,
			"l2tpload: %u sockets are needed and %llu files allowed: raise the limit "
			"(ulimit -Hn), or use --shared\n",
			wanted, (unsigned long long)limit.rlim_max);
		return -EMFILE;
	}
	limit.rlim_cur = limit.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &limit) ? -errno : 0;
}

static struct addr source_of(const struct options *o, unsigned int i)
{
	unsigned int n = o->has_bind ? o->bind.last - o->bind.first + 1 : 1;
	struct addr a = {.family = o->server.family, .port = (uint16_t)o->source_port};

	return o->has_bind ? addr_from_ipv4(o->bind.first + i % n, (uint16_t)o->source_port) : a;
}

static int open_sock(struct load *l, struct sock *s, unsigned int i)
{
	struct addr source = source_of(l->o, i);
	union addr_sockaddr ours, theirs;
	socklen_t len = addr_to_sockaddr(&source, &ours);
	char text[ADDR_STR_LEN];
	int size = SOCKET_BUFFER;

	s->load = l;
	s->fd = socket(source.family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->fd < 0) {
		fprintf(stderr, "l2tpload: cannot open a socket: %s\n", strerror(errno));
		return -1;
	}
	if (l->o->shared)
		setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (bind(s->fd, &ours.sa, len)) {
		fprintf(stderr, "l2tpload: cannot bind to %s: %s\n", addr_format(&source, text),
			strerror(errno));
		return -1;
	}
	len = addr_to_sockaddr(&l->o->server, &theirs);
	if (connect(s->fd, &theirs.sa, len)) {
		fprintf(stderr, "l2tpload: cannot reach %s: %s\n", addr_format(&l->o->server, text),
			strerror(errno));
		return -1;
	}
	event_assign(&s->event, l->base, s->fd, EV_READ | EV_PERSIST, on_readable, s);
	return event_add(&s->event, NULL);
}

static unsigned int sock_count(const struct options *o)
{
	unsigned int places = o->has_bind ? o->bind.last - o->bind.first + 1 : 1;

	return o->shared && places < o->tunnels ? places : o->tunnels;
}

static int open_socks(struct load *l)
{
	l->n_socks = sock_count(l->o);
	if (raise_nofile(l->n_socks + SPARE_FDS))
		return -1;
	l->socks = calloc(l->n_socks, sizeof(*l->socks));
	if (!l->socks)
		return -1;
	for (unsigned int i = 0; i < l->n_socks; i++)
		l->socks[i].fd = -1;
	for (unsigned int i = 0; i < l->n_socks; i++)
		if (open_sock(l, &l->socks[i], i))
			return -1;
	return 0;
}

static int open_workers(struct load *l)
{
	const struct options *o = l->o;

	l->workers = calloc(o->tunnels, sizeof(*l->workers));
	for (unsigned int i = 0; l->workers && i < o->tunnels; i++) {
		struct worker *w = &l->workers[i];
		uint16_t tid = o->same_id ? 1 : (uint16_t)(i % UINT16_MAX + 1);

		w->load = l;
		w->sock = &l->socks[i % l->n_socks];
		if (!o->shared)
			w->sock->only = w;
		w->settled = true;
		w->timer_at = USEC_NEVER;
		evtimer_assign(&w->timer, l->base, on_timer, w);
		if (client_init(&w->client, &l->conf, i + 1, tid))
			return -1;
	}
	return l->workers ? 0 : -1;
}

static void configure(struct load *l)
{
	const struct options *o = l->o;

	l->conf = (struct client_conf){
		.chan =
			{
				.hello = o->keepalive_s > 0 ? usec_of(o->keepalive_s) : USEC_NEVER,
				.retry_first = usec_of(o->retry_s),
				.retry_cap = usec_of(RETRY_CAP * o->retry_s),
				.retry_max = RETRY_MAX,
				.window = (uint16_t)o->window,
			},
		.ppp =
			{
				.methods = o->methods,
				.restart = RESTART_S * USEC_PER_S,
				.tries = PPP_TRIES,
				.random = random_bytes,
			},
		.with_ppp = o->ppp,
		.n_calls = o->sessions,
		.limit = usec_of(o->timeout_s),
		.host_name = o->host_name,
		.secret = o->secret,
		.user = o->user,
		.password = o->password,
		.stats = &l->ret->stats,
		.send = send_datagram,
	};
	client_conf_init(&l->conf);
}

static int open_all(struct load *l)
{
	configure(l);
	l->base = event_base_new();
	if (!l->base)
		return -1;
	l->on_interrupt = evsignal_new(l->base, SIGINT, on_interrupt, l);
	if (!l->on_interrupt || evsignal_add(l->on_interrupt, NULL) || open_socks(l))
		return -1;
	return open_workers(l);
}

static void close_all(struct load *l)
{
	for (unsigned int i = 0; l->workers && i < l->o->tunnels; i++) {
		if (l->workers[i].load)
			evtimer_del(&l->workers[i].timer);
		client_done(&l->workers[i].client);
	}
	for (unsigned int i = 0; l->socks && i < l->n_socks; i++) {
		if (l->socks[i].fd < 0)
			continue;
		event_del(&l->socks[i].event);
		close(l->socks[i].fd);
	}
	if (l->on_interrupt)
		event_free(l->on_interrupt);
	if (l->base)
		event_base_free(l->base);
	free(l->workers);
	free(l->socks);
}

int load_run(const struct options *o, struct load_result *ret)
{
	struct load l = {.o = o, .ret = ret, .random = o->seed * 0x9e3779b97f4a7c15 + 1};
	int status;

	*ret = (struct load_result){0};
	stats_init(&ret->stats);
	the_load = &l;
	status = open_all(&l);
	for (unsigned int i = 0; !status && i < o->rounds && !ret->interrupted; i++) {
		if (i)
			for_a_while(&l, usec_of(o->gap_s));
		if (!play(&l))
			status = -1;
	}
	close_all(&l);
	return status;
}
