/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Clients behind a network that loses, doubles and reorders packets: every session comes up, or its
 * failure is told with a reason, and nothing happens twice.  Each seed is one run; `storm PERCENT
 * SEED` plays one again and prints what happens.  STORM_SEEDS in the environment: runs for each
 * rate of loss, 100 when it is not set.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "l2tpd/xport/chan.h"
#include "tests/fuzz/fuzz.h"
#include "tests/replay/luck.h"
#include "tests/replay/world.h"

#define SEEDS       "100"
#define CLIENTS     6
#define CALLS       3
#define KILL_EVERY  10 /* events, about */
#define PACKETS_MAX 4096

enum call_state { CALL_ASKED, CALL_UP, CALL_OVER };

/* A simple LAC: the same channel below, a few lines above. */
struct client {
	struct chan chan;
	struct path path;
	uint16_t tid; /* ours at the server; 0: SCCRP has not come */
	bool dead;    /* it gave up, or the tunnel is over */
	unsigned int n_sccrp, n_stopccn;
	struct {
		enum call_state state;
		uint16_t sid; /* the server's */
		unsigned int n_icrp, n_cdn;
	} calls[CALLS];
};

struct datagram {
	usec_t at;
	struct client *to_client; /* NULL: to the server */
	struct client *from;
	size_t len;
	uint8_t bytes[256];
};

/* Of the packets so many percent are lost, as many doubled, and as many late. */
static const struct rate {
	unsigned int percent;
	unsigned int up; /* sessions of a hundred that come up at least */
} rates[] = {
	{1, 100},
	{10, 99}, /* six tries at 19 % each way hardly ever fail */
	{30, 90},
};

static struct {
	struct luck luck;
	bool talk;
	struct world *w;
	struct client clients[CLIENTS];
	struct datagram packets[PACKETS_MAX];
	unsigned int n_packets;
	uint16_t stopped[CLIENTS * CALLS * 4]; /* pppds that were told to end, and when they do */
	usec_t stops_at[CLIENTS * CALLS * 4];
	unsigned int n_stopped;
	uint64_t n_again, n_twice, n_early, n_kills; /* of the server, over all seeds */
	unsigned int n_up, n_down, n_failed, n_lost, n_tunnels_up, n_tunnels_over;
} s;

static void post_once(struct client *to_client, struct client *from, const void *bytes, size_t len)
{
	struct datagram *p = &s.packets[s.n_packets++];

	require(s.n_packets < PACKETS_MAX && len <= sizeof(p->bytes));
	*p = (struct datagram){.to_client = to_client, .from = from, .len = len};
	p->at = s.w->now + (5 + luck_draw(&s.luck, 20)) * USEC_PER_MS;
	if (luck_fails(&s.luck))
		p->at += luck_draw(&s.luck, 400) * USEC_PER_MS;
	memcpy(p->bytes, bytes, len);
}

static void post(struct client *to_client, struct client *from, const void *bytes, size_t len)
{
	if (!luck_fails(&s.luck))
		post_once(to_client, from, bytes, len);
	if (luck_fails(&s.luck))
		post_once(to_client, from, bytes, len);
}

/*
 * The client
 */

static void client_sends(struct chan *c, const void *bytes, size_t len)
{
	post(NULL, (struct client *)(void *)c, bytes, len);
}

static const struct chan_conf client_conf = {
	.hello = USEC_NEVER,
	.retry_first = USEC_PER_S,
	.retry_cap = 8 * USEC_PER_S,
	.retry_max = 5,
	.window = 4,
	.send = client_sends,
};

static void say(struct client *c, uint16_t sid, const struct msg *m)
{
	require(!chan_send(&c->chan, sid, m, NULL, s.w->now));
}

static uint16_t id_of(const struct client *c)
{
	/* All the same, as small counters of real clients are; and some not. */
	return (uint16_t)(c - s.clients < 4 ? 1 : c - s.clients);
}

static void client_starts(struct client *c)
{
	uint32_t mark = (uint32_t)(c - s.clients) + 1;
	struct msg m = {.type = MSG_SCCRQ};

	memset(c, 0, sizeof(*c));
	c->path.local = addr_from_ipv4(0xc0000201, 1701);
	c->path.peer = addr_from_ipv4(0xc6336407, 1701);
	c->path.sa = (struct sa_key){mark, mark};
	chan_init(&c->chan, &client_conf, 0, 16, s.w->now);
	msg_put(&m, protocol_version, 0x100);
	msg_put(&m, host_name, view_str("lac"));
	msg_put(&m, framing_caps, 3);
	msg_put(&m, tunnel_id, id_of(c));
	msg_put(&m, window_size, 4);
	say(c, 0, &m);
}

static void got_sccrp(struct client *c, const struct msg *m)
{
	struct msg sccn = {.type = MSG_SCCCN}, icrq = {.type = MSG_ICRQ};

	require(++c->n_sccrp == 1);
	c->tid = m->tunnel_id;
	c->chan.peer_tid = c->tid;
	say(c, 0, &sccn);
	for (uint16_t i = 0; i < CALLS; i++) {
		msg_put(&icrq, session_id, (uint16_t)(i + 1));
		msg_put(&icrq, call_serial, i);
		say(c, 0, &icrq);
	}
}

static void got_icrp(struct client *c, uint16_t call, const struct msg *m)
{
	struct msg iccn = {.type = MSG_ICCN};

	require(++c->calls[call].n_icrp == 1);
	c->calls[call].sid = m->session_id;
	c->calls[call].state = CALL_UP;
	msg_put(&iccn, tx_speed, 1000000);
	msg_put(&iccn, framing_type, 1);
	say(c, m->session_id, &iccn);
}

static void got_cdn(struct client *c, uint16_t sid, const struct msg *m)
{
	bool known = false;

	if (sid) {
		require(++c->calls[sid - 1].n_cdn == 1);
		c->calls[sid - 1].state = CALL_OVER;
		return;
	}
	/* An ICCN was too late: the server, which has said CDN before, knows the call no more. */
	for (unsigned int i = 0; i < CALLS; i++)
		known |= c->calls[i].sid == m->session_id && c->calls[i].state == CALL_OVER;
	require(known);
}

static void client_message(struct client *c, uint16_t sid, struct view body)
{
	struct verdict v;
	struct msg m;

	require(!msg_parse(&m, body, NULL, NULL, &v));
	require(!sid || sid <= CALLS);
	switch (m.type) {
	case MSG_SCCRP: got_sccrp(c, &m); break;
	case MSG_ICRP: got_icrp(c, sid - 1, &m); break;
	case MSG_CDN: got_cdn(c, sid, &m); break;
	case MSG_STOPCCN:
		require(++c->n_stopccn == 1);
		chan_quiet(&c->chan);
		break;
	case MSG_HELLO: break;
	default: require(!"a message that no client gets");
	}
}

static void client_input(struct client *c, const uint8_t *bytes, size_t len)
{
	struct chan_early *early;
	struct view body;
	struct hdr h;

	require(!hdr_parse(&h, &body, bytes, len) && h.control);
	if (h.tid != id_of(c))
		return; /* StopCCN to tunnel 0: it has no tunnel any more either */
	if (chan_input(&c->chan, &h, body, s.w->now) != CHAN_MESSAGE)
		return;
	client_message(c, h.sid, body);
	while ((early = chan_take(&c->chan, s.w->now))) {
		client_message(c, early->sid, early->body);
		free(early);
	}
}

static void client_timer(struct client *c)
{
	if (!c->dead && chan_deadline(&c->chan) <= s.w->now && chan_run(&c->chan, s.w->now)) {
		c->dead = true;
		chan_done(&c->chan);
	}
}

static void client_hangs_up(struct client *c, unsigned int call)
{
	struct avp_result r = {.code = CDN_ADMIN};
	struct msg m = {.type = MSG_CDN};

	if (c->dead || c->n_stopccn || c->calls[call].state != CALL_UP)
		return;
	msg_put(&m, result, r);
	msg_put(&m, session_id, (uint16_t)(call + 1));
	say(c, c->calls[call].sid, &m);
	c->calls[call].state = CALL_OVER;
}

static void client_leaves(struct client *c)
{
	struct avp_result r = {.code = STOP_CLEAR};
	struct msg m = {.type = MSG_STOPCCN};

	if (c->dead || c->n_stopccn || !c->tid)
		return;
	msg_put(&m, result, r);
	msg_put(&m, tunnel_id, id_of(c));
	say(c, 0, &m);
}

/*
 * The server's side
 */

static void server_sent(void *ctx, uint16_t tid, const struct path *to, const void *bytes,
			size_t len)
{
	(void)ctx;
	(void)tid;
	post(&s.clients[to->sa.mark - 1], NULL, bytes, len);
}

static void server_did(void *ctx, const char *line)
{
	unsigned int sid;

	(void)ctx;
	if (s.talk)
		printf("%9.3f %s\n", (double)s.w->now / (double)USEC_PER_S, line);
	s.n_up += !strncmp(line, "session-up ", 11);
	s.n_down += !strncmp(line, "session-down ", 13);
	s.n_tunnels_up += !strncmp(line, "tunnel-up ", 10);
	s.n_lost += !strncmp(line, "tunnel-down ", 12) && strstr(line, "does not answer");
	s.n_tunnels_over += !strncmp(line, "release", 7);
	if (!strncmp(line, "failed ", 7)) {
		s.n_failed++;
		require(strstr(line, "answer") || strstr(line, "in time") ||
			strstr(line, "client closed"));
	}
	if (sscanf(line, "ppp-stop sid=%u", &sid) == 1) {
		s.stopped[s.n_stopped] = (uint16_t)sid;
		s.stops_at[s.n_stopped++] = s.w->now + luck_draw(&s.luck, 300) * USEC_PER_MS;
	}
}

static void server_input(const struct datagram *p)
{
	uint16_t tid = (uint16_t)(p->bytes[4] << 8 | p->bytes[5]);

	/* A tunnel's packets come by its socket; without one there is nobody. */
	if (tid && !s.w->tunnels[tid].open)
		return;
	lns_input(s.w->lns, &p->from->path, tid, p->bytes, p->len, s.w->now);
}

/*
 * Time
 */

static usec_t next_event(void)
{
	usec_t at = world_next(s.w);

#define SOONER(t)                                                                                  \
	if ((t) < at)                                                                              \
	at = (t)
	for (unsigned int i = 0; i < s.n_packets; i++)
		SOONER(s.packets[i].at);
	for (unsigned int i = 0; i < CLIENTS; i++)
		if (!s.clients[i].dead)
			SOONER(chan_deadline(&s.clients[i].chan));
	for (unsigned int i = 0; i < s.n_stopped; i++)
		SOONER(s.stops_at[i]);
#undef SOONER
	return at;
}

static void deliver(unsigned int i)
{
	struct datagram p = s.packets[i];

	s.packets[i] = s.packets[--s.n_packets];
	if (!p.to_client)
		server_input(&p);
	else if (!p.to_client->dead)
		client_input(p.to_client, p.bytes, p.len);
}

static void stop_ppp(unsigned int i)
{
	uint16_t sid = s.stopped[i];
	struct cause why;

	s.n_stopped--;
	s.stopped[i] = s.stopped[s.n_stopped];
	s.stops_at[i] = s.stops_at[s.n_stopped];
	cause_set(&why, STAGE_UP, 3, 0, "was ended");
	world_ppp_exits(s.w, sid, &why);
}

static void kill_it(void)
{
	s.w->kills = true;
	world_kill(s.w);
	s.w->kills = false;
}

static void run_until(usec_t end)
{
	usec_t at;

	while ((at = next_event()) <= end) {
		world_run(s.w, at > s.w->now ? at : s.w->now);
		if (s.w->conf.book && !luck_draw(&s.luck, KILL_EVERY))
			kill_it();
		for (unsigned int i = 0; i < s.n_packets;)
			if (s.packets[i].at <= s.w->now)
				deliver(i);
			else
				i++;
		for (unsigned int i = 0; i < CLIENTS; i++)
			client_timer(&s.clients[i]);
		for (unsigned int i = 0; i < s.n_stopped;)
			if (s.stops_at[i] <= s.w->now)
				stop_ppp(i);
			else
				i++;
	}
	world_run(s.w, end);
}

/*
 * One run: all dial, some hang up, the rest is ended by either side
 */

static unsigned int run(uint64_t seed)
{
	struct lns_conf conf = world_conf;
	struct cause why;
	unsigned int up;

	s.n_packets = s.n_stopped = 0;
	s.n_up = s.n_down = s.n_failed = s.n_lost = s.n_tunnels_up = s.n_tunnels_over = 0;
	luck_seed(&s.luck, seed);
	s.talk = getenv("STORM_TALK") != NULL;
	conf.hello = 20 * USEC_PER_S;
	/* Each other server is killed now and then: what it forgets, comes again. */
	s.w = seed % 2 ? world_new(&conf) : world_new_kept(&conf, false);
	s.w->sent = server_sent;
	s.w->did = server_did;
	for (unsigned int i = 0; i < CLIENTS; i++)
		client_starts(&s.clients[i]);
	run_until(s.w->now + 60 * USEC_PER_S);
	up = s.n_up;
	for (unsigned int i = 0; i < CLIENTS; i++)
		s.n_lost +=
			s.clients[i].dead; /* it has given up, and the server may not know yet */
	for (unsigned int i = 0; i < CLIENTS; i++)
		client_hangs_up(&s.clients[i], (unsigned int)luck_draw(&s.luck, CALLS));
	run_until(s.w->now + luck_draw(&s.luck, 2000) * USEC_PER_MS);
	for (unsigned int i = 0; i < CLIENTS; i += 2)
		client_leaves(&s.clients[i]);
	cause_set(&why, STAGE_UP, 6, 0, "the end");
	for (unsigned int i = 1; i < CLIENTS; i += 2)
		if (s.clients[i].tid)
			lns_end_tunnel(s.w->lns, s.clients[i].tid, &why, s.w->now);
	run_until(s.w->now + 200 * USEC_PER_S);
	require(lns_idle(s.w->lns));
	require(s.n_up == s.n_down);
	require(s.n_tunnels_over >= s.n_tunnels_up);
	/* Who did not get all his calls has seen a failure, of his tunnel or of the calls. */
	require(up == CLIENTS * CALLS || s.n_failed || s.n_lost || s.n_tunnels_up < CLIENTS);
	s.n_again += lns_counters(s.w->lns)->n[COUNT_RETRANSMITS];
	s.n_twice += lns_counters(s.w->lns)->n[COUNT_RX_DUPLICATES];
	s.n_early += lns_counters(s.w->lns)->n[COUNT_RX_EARLY];
	for (unsigned int i = 0; i < CLIENTS; i++)
		chan_done(&s.clients[i].chan);
	s.n_kills += s.w->n_kills;
	world_free(s.w);
	return up;
}

/* All seeds at one rate.  0, or 1 when fewer come up than should. */
static int run_rate(const struct rate *rate, uint64_t seeds)
{
	unsigned int up = 0, all = (unsigned int)seeds * CLIENTS * CALLS;

	s.luck.percent = rate->percent;
	s.n_again = s.n_twice = s.n_early = s.n_kills = 0;
	for (uint64_t seed = 1; seed <= seeds; seed++) {
		fprintf(stderr, "%u %% seed %llu\n", s.luck.percent, (unsigned long long)seed);
		up += run(seed);
	}
	printf("%u %% lost, doubled, late; %llu seeds: %u of %u sessions came up, the others "
	       "failed "
	       "for a reason; messages of the server sent again: %llu; of the clients seen before: "
	       "%llu, too early: %llu; servers killed: %llu\n",
	       s.luck.percent, (unsigned long long)seeds, up, all, (unsigned long long)s.n_again,
	       (unsigned long long)s.n_twice, (unsigned long long)s.n_early,
	       (unsigned long long)s.n_kills);
	require(s.n_again && s.n_twice && s.n_early); /* the network did its worst */
	return up < all / 100 * rate->up;
}

int main(int argc, char **argv)
{
	const char *seeds = getenv("STORM_SEEDS");
	int status = 0;

	if (argc > 2) {
		setenv("STORM_TALK", "1", 1);
		s.luck.percent = (unsigned int)strtoul(argv[1], NULL, 0);
		run(strtoull(argv[2], NULL, 0));
		return 0;
	}
	for (size_t i = 0; i < sizeof(rates) / sizeof(*rates); i++)
		status |= run_rate(&rates[i], strtoull(seeds ? seeds : SEEDS, NULL, 0));
	return status;
}
