/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two of our own: the side that calls against the side that is called, tunnels opened from both at
 * once, calls of all four roles, with and without a secret, over a good or a bad network.  Both
 * must agree on what is up.  Each seed is one run; `pair SEED` plays one again and prints it,
 * with ids and tie breakers that the kernel draws anew.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/replay/luck.h"
#include "tests/replay/world.h"

#define SEEDS       240
#define PACKETS_MAX 1024
#define TODO_MAX    64
#define SETTLED     (150 * USEC_PER_S) /* longer than anybody tries anything */

struct datagram {
	usec_t at;
	unsigned int to; /* side */
	size_t len;
	uint8_t bytes[1200];
};

/* A pppd that is to exit, or a number that is to answer. */
struct todo {
	usec_t at;
	unsigned int side;
	uint16_t sid;
	bool answers;
};

static struct {
	struct luck luck;
	bool talk;
	usec_t now;
	struct side {
		struct world *w;
		struct path path; /* to the other */
		unsigned int n_up, n_down, n_tunnels_up, n_tunnels_down, n_failed;
	} sides[2];
	struct datagram packets[PACKETS_MAX];
	unsigned int n_packets;
	struct todo todo[TODO_MAX];
	unsigned int n_todo;
	uint64_t n_ties; /* over all seeds */
} s;

static void post(unsigned int to, const void *bytes, size_t len)
{
	struct datagram *p = &s.packets[s.n_packets++];

	require(s.n_packets < PACKETS_MAX && len <= sizeof(p->bytes));
	*p = (struct datagram){.to = to, .len = len, .at = s.now + 10 * USEC_PER_MS};
	if (luck_fails(&s.luck))
		p->at += luck_draw(&s.luck, 400) * USEC_PER_MS;
	memcpy(p->bytes, bytes, len);
}

static unsigned int index_of(const struct side *side)
{
	return (unsigned int)(side - s.sides);
}

static void sent(void *ctx, uint16_t tid, const struct path *to, const void *bytes, size_t len)
{
	unsigned int other = 1 - index_of(ctx);

	(void)tid;
	(void)to;
	if (!luck_fails(&s.luck))
		post(other, bytes, len);
	if (luck_fails(&s.luck))
		post(other, bytes, len);
}

static void later(const struct side *side, unsigned int sid, bool answers)
{
	require(s.n_todo < TODO_MAX);
	s.todo[s.n_todo++] = (struct todo){s.now + (1 + luck_draw(&s.luck, 300)) * USEC_PER_MS,
					   index_of(side), (uint16_t)sid, answers};
}

static void did(void *ctx, const char *line)
{
	struct side *side = ctx;
	unsigned int sid;

	if (s.talk)
		printf("%9.3f %c %s\n", (double)s.now / (double)USEC_PER_S,
		       'A' + (char)index_of(side), line);
	side->n_up += !strncmp(line, "session-up ", 11);
	side->n_down += !strncmp(line, "session-down ", 13);
	side->n_tunnels_up += !strncmp(line, "tunnel-up ", 10);
	side->n_tunnels_down += !strncmp(line, "tunnel-down ", 12);
	side->n_failed += !strncmp(line, "failed ", 7);
	if (sscanf(line, "ppp-stop sid=%u", &sid) == 1)
		later(side, sid, false);
	if (sscanf(line, "dial sid=%u", &sid) == 1)
		later(side, sid, true);
}

/*
 * Time
 */

static void deliver(unsigned int i)
{
	struct datagram p = s.packets[i];
	struct side *side = &s.sides[p.to];
	uint16_t tid = (uint16_t)(p.bytes[4] << 8 | p.bytes[5]);

	s.packets[i] = s.packets[--s.n_packets];
	lns_input(side->w->lns, &side->path, side->w->tunnels[tid].open ? tid : 0, p.bytes, p.len,
		  s.now);
}

static void act(unsigned int i)
{
	struct todo t = s.todo[i];
	struct call call = {.tx_speed = 64000};
	struct world *w = s.sides[t.side].w;
	struct cause why;

	s.todo[i] = s.todo[--s.n_todo];
	cause_set(&why, STAGE_UP, 3, 0, "was ended");
	if (t.answers)
		lns_call_answered(w->lns, t.sid, &call, s.now);
	else
		world_ppp_exits(w, t.sid, &why);
}

static usec_t sooner(usec_t a, usec_t b)
{
	return a < b ? a : b;
}

static usec_t next_event(void)
{
	usec_t at = sooner(world_next(s.sides[0].w), world_next(s.sides[1].w));

	for (unsigned int i = 0; i < s.n_packets; i++)
		at = sooner(at, s.packets[i].at);
	for (unsigned int i = 0; i < s.n_todo; i++)
		at = sooner(at, s.todo[i].at);
	return at;
}

static void run_for(usec_t time)
{
	usec_t end = s.now + time, at;

	while ((at = next_event()) <= end) {
		s.now = at > s.now ? at : s.now;
		world_run(s.sides[0].w, s.now);
		world_run(s.sides[1].w, s.now);
		for (unsigned int i = 0; i < s.n_packets;)
			if (s.packets[i].at <= s.now)
				deliver(i);
			else
				i++;
		for (unsigned int i = 0; i < s.n_todo;)
			if (s.todo[i].at <= s.now)
				act(i);
			else
				i++;
	}
	s.now = end;
	world_run(s.sides[0].w, s.now);
	world_run(s.sides[1].w, s.now);
}

/*
 * One run
 */

static void start(uint64_t seed)
{
	luck_seed(&s.luck, seed);
	s.luck.percent = (unsigned int)(seed % 3) * 10;
	s.now = USEC_PER_S;
	s.n_packets = s.n_todo = 0;
	for (unsigned int i = 0; i < 2; i++) {
		struct side *side = &s.sides[i];

		*side = (struct side){.w = world_new_lac(&world_conf, true)};
		side->path.local = addr_from_ipv4(0xc0000201 + i, 1701);
		side->path.peer = addr_from_ipv4(0xc0000202 - i, 1701);
		if (seed & 8)
			side->w->rules = (struct peer_rules){view_str("hush"), true, seed & 16};
		side->w->ctx = side;
		side->w->sent = sent;
		side->w->did = did;
	}
}

static unsigned int n_open(const struct side *side)
{
	return side->n_tunnels_up - side->n_tunnels_down;
}

static unsigned int n_up(const struct side *side)
{
	return side->n_up - side->n_down;
}

/*
 * A bad network may end a tunnel at any moment, also of one that is idle and says hello; the other
 * side then learns it by a hello of its own.  So both agree only after a good time.
 */
static void settle(void)
{
	unsigned int percent = s.luck.percent;

	run_for(SETTLED);
	s.luck.percent = 0;
	run_for(SETTLED);
	s.luck.percent = percent;
	require(n_open(&s.sides[0]) == n_open(&s.sides[1]));
	require(n_up(&s.sides[0]) == n_up(&s.sides[1]));
}

static uint64_t n_ties(void)
{
	return lns_counters(s.sides[0].w->lns)->n[COUNT_TIES] +
	       lns_counters(s.sides[1].w->lns)->n[COUNT_TIES];
}

static void place(const struct side *side, enum call_role role)
{
	struct call call = {.role = role, .called_number = "777", .tx_speed = 64000};
	uint16_t sid;

	require(!lns_place_call(side->w->lns, lns_next_tunnel(side->w->lns, 0), &call, s.now,
				&sid));
}

/* How many sessions were up. */
static unsigned int run(uint64_t seed)
{
	struct side *a = &s.sides[0], *b = &s.sides[1];
	struct cause why;
	unsigned int up;
	uint16_t tid;

	start(seed);
	require(!world_open_tunnel(a->w, &a->path, &tid));
	run_for(luck_draw(&s.luck, 3) * 10 *
		USEC_PER_MS); /* before, while and after SCCRQ arrives */
	if (seed & 4)
		require(!world_open_tunnel(b->w, &b->path, &tid));
	settle();
	require(s.luck.percent || n_open(a));
	require(s.luck.percent || n_open(a) == 1 || !n_ties());
	if (n_open(a)) {
		place(a, CALL_LAC_IN);
		place(a, CALL_LNS_OUT);
		place(b, CALL_LAC_IN);
		place(b, CALL_LNS_OUT);
		settle();
		require(s.luck.percent || n_up(a) == 4);
	}
	up = n_up(a);
	cause_set(&why, STAGE_UP, 1, 0, "the end");
	if (lns_next_session(a->w->lns, 0))
		lns_end_session(a->w->lns, lns_next_session(a->w->lns, 0), &why, s.now);
	if (n_open(b))
		lns_end_tunnel(b->w->lns, lns_next_tunnel(b->w->lns, 0), &why, s.now);
	settle();
	s.n_ties += n_ties();
	for (unsigned int i = 0; i < 2; i++) {
		world_end(s.sides[i].w);
		world_free(s.sides[i].w);
	}
	return up;
}

int main(int argc, char **argv)
{
	unsigned int up = 0;

	if (argc > 1) {
		s.talk = true;
		run(strtoull(argv[1], NULL, 0));
		return 0;
	}
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		fprintf(stderr, "seed %llu\n", (unsigned long long)seed);
		up += run(seed);
	}
	printf("%u of %u calls came up; SCCRQs that crossed: %llu\n", up, 4 * SEEDS,
	       (unsigned long long)s.n_ties);
	require(s.n_ties > SEEDS / 10);
	return up < 4 * SEEDS - 4 * SEEDS / 50;
}
