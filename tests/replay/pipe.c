/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two channels and a network between them that loses, doubles and reorders packets: what one sends
 * the other gets once and in order, in both directions, through wraps of Ns, with any window.  The
 * messages are ICRQs with a serial number.  STORM_SEEDS in the environment: runs for each case, 100
 * when it is not set.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "l2tpd/xport/chan.h"
#include "tests/fuzz/fuzz.h"
#include "tests/replay/luck.h"

#define SEEDS       "100"
#define PACKETS_MAX 4096
#define TID         7

static const struct {
	unsigned int percent; /* of the packets are lost, as many doubled, as many late */
	uint16_t window;      /* of both ends */
	uint32_t messages;    /* in each direction */
	bool once;            /* not for each seed */
} cases[] = {
	{1, 4, 100, false},    {10, 4, 100, false},  {30, 4, 100, false},  {1, 1, 100, false},
	{10, 1, 100, false},   {30, 1, 100, false},  {1, 16, 100, false},  {10, 16, 100, false},
	{30, 16, 100, false},  {0, 1, 200000, true}, {1, 1, 200000, true}, {1, 4, 200000, true},
	{1, 16, 200000, true},
};

struct end {
	struct chan chan;
	uint32_t sent, got; /* messages */
};

struct datagram {
	usec_t at;
	struct end *to;
	size_t len;
	uint8_t bytes[64];
};

static struct {
	struct luck luck;
	usec_t now;
	struct end ends[2];
	struct datagram packets[PACKETS_MAX];
	unsigned int n_packets;
} s;

static void post(struct end *to, const void *bytes, size_t len)
{
	struct datagram *p = &s.packets[s.n_packets++];

	require(s.n_packets < PACKETS_MAX && len <= sizeof(p->bytes));
	*p = (struct datagram){.to = to, .len = len};
	p->at = s.now + (5 + luck_draw(&s.luck, 20)) * USEC_PER_MS;
	if (luck_fails(&s.luck))
		p->at += luck_draw(&s.luck, 400) * USEC_PER_MS;
	memcpy(p->bytes, bytes, len);
}

static void send_packet(struct chan *c, const void *bytes, size_t len)
{
	struct end *to = c == &s.ends[0].chan ? &s.ends[1] : &s.ends[0];

	if (!luck_fails(&s.luck))
		post(to, bytes, len);
	if (luck_fails(&s.luck))
		post(to, bytes, len);
}

static void got(struct end *e, struct view body)
{
	struct verdict v;
	struct msg m;

	require(!msg_parse(&m, body, NULL, NULL, &v));
	require(m.type == MSG_ICRQ && m.call_serial == e->got);
	e->got++;
}

static void deliver(const struct datagram *p)
{
	struct chan_early *early;
	struct view body;
	struct hdr h;

	require(!hdr_parse(&h, &body, p->bytes, p->len) && h.tid == TID);
	if (chan_input(&p->to->chan, &h, body, s.now) != CHAN_MESSAGE)
		return;
	got(p->to, body);
	while ((early = chan_take(&p->to->chan, s.now))) {
		got(p->to, early->body);
		free(early);
	}
}

/* Keep a few messages waiting for the window, as a busy peer does. */
static void feed(struct end *e, uint32_t messages)
{
	struct msg m = {.type = MSG_ICRQ};

	while (e->sent < messages && e->chan.n_queued < 20) {
		msg_put(&m, session_id, 1);
		msg_put(&m, call_serial, e->sent);
		require(!chan_send(&e->chan, 0, &m, NULL, s.now));
		e->sent++;
	}
}

static usec_t next_event(void)
{
	usec_t at = USEC_NEVER;

	for (unsigned int i = 0; i < s.n_packets; i++)
		if (s.packets[i].at < at)
			at = s.packets[i].at;
	for (int i = 0; i < 2; i++)
		if (chan_deadline(&s.ends[i].chan) < at)
			at = chan_deadline(&s.ends[i].chan);
	return at;
}

static void step(void)
{
	s.now = next_event();
	require(s.now != USEC_NEVER); /* somebody has always something to do until all is there */
	for (unsigned int i = 0; i < s.n_packets;) {
		struct datagram p = s.packets[i];

		if (p.at > s.now) {
			i++;
			continue;
		}
		s.packets[i] = s.packets[--s.n_packets];
		deliver(&p);
	}
	for (int i = 0; i < 2; i++)
		if (chan_deadline(&s.ends[i].chan) <= s.now)
			require(!chan_run(&s.ends[i].chan, s.now));
}

/* Returns how many messages were sent again. */
static uint64_t run(uint64_t seed, unsigned int percent, uint16_t window, uint32_t messages)
{
	const struct chan_conf conf = {
		.hello = USEC_NEVER,
		.retry_first = USEC_PER_S,
		.retry_cap = 8 * USEC_PER_S,
		.retry_max = 40, /* nobody gives up, so that all has to arrive */
		.window = window,
		.send = send_packet,
	};
	uint64_t again = 0;

	luck_seed(&s.luck, seed);
	s.luck.percent = percent;
	s.now = USEC_PER_S;
	s.n_packets = 0;
	for (int i = 0; i < 2; i++) {
		s.ends[i] = (struct end){.sent = 0};
		chan_init(&s.ends[i].chan, &conf, TID, window, s.now);
	}
	while (s.ends[0].got < messages || s.ends[1].got < messages) {
		feed(&s.ends[0], messages);
		feed(&s.ends[1], messages);
		step();
	}
	for (int i = 0; i < 2; i++) {
		again += s.ends[i].chan.retransmits;
		chan_done(&s.ends[i].chan);
	}
	return again;
}

int main(void)
{
	const char *text = getenv("STORM_SEEDS");
	uint64_t all = strtoull(text ? text : SEEDS, NULL, 0);

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint64_t seeds = cases[i].once ? 1 : all, again = 0;

		for (uint64_t seed = 1; seed <= seeds; seed++) {
			fprintf(stderr, "case %zu seed %llu\n", i, (unsigned long long)seed);
			again += run(seed, cases[i].percent, cases[i].window, cases[i].messages);
		}
		printf("%u %% lost, doubled, late; window %u; %llu seeds: %u messages each way, "
		       "all once and in order; sent again: %llu\n",
		       cases[i].percent, cases[i].window, (unsigned long long)seeds,
		       cases[i].messages, (unsigned long long)again);
	}
	return 0;
}
