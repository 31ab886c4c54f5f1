/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole control protocol: datagrams of two peers, tunnels and calls that we place, time, and
 * ends from our side, in any order.  The second peer shares a secret with us, must prove it, and
 * gets hidden AVPs.  world.c aborts when a port is called out of place; here: all that we send is a
 * message that we would take, and when both SAs are gone and every pppd has exited, nothing is
 * left.
 *
 * An input is a list of steps: a byte that says what, a byte that says which, and for a datagram
 * its length (2 bytes) and itself.
 */
#include <string.h>

#include "l2tpd/fsm/machine.h"
#include "tests/fuzz/fuzz.h"
#include "tests/replay/world.h"

/* The low bits of the first byte. */
#define STEP_MASK    0x07
#define STEP_TIME    3 /* which * 100 ms */
#define STEP_EXIT    4 /* a pppd */
#define STEP_SESSION 5 /* the administrator ends a session ... */
#define STEP_TUNNEL  6 /* ... a tunnel */
#define STEP_SA      7
/* With CLIENT_B some of them do something else. */
#define STEP_ANSWER  (STEP_EXIT | CLIENT_B)    /* what we dial has been answered */
#define STEP_CALL    (STEP_SESSION | CLIENT_B) /* place a call, as LAC or LNS */
#define STEP_OPEN    (STEP_TUNNEL | CLIENT_B)  /* call one of the two */
/* of a datagram (0 to 2): which client, and what is put right in its header */
#define CLIENT_B     0x08
#define RIGHT_TID    0x10 /* the id of open tunnel number `which` & 15 */
#define RIGHT_SID    0x20 /* ... and of its session number `which` >> 4 */
#define RIGHT_NS     0x40
#define RIGHT_LEN    0x80

#define B_MARK       2
#define SECRET       "hush"

static struct world *w;

static void sent(void *ctx, uint16_t tid, const struct path *to, const void *bytes, size_t len)
{
	struct msg_rules rules = {
		MSG_STRICT,
		view_str(to->sa.mark == B_MARK ? SECRET : ""),
	};
	struct msg_scratch scratch;
	struct verdict v;
	struct view body;
	struct hdr h;
	struct msg m;

	(void)ctx;
	(void)tid;
	require(to->sa.mark == 1 || to->sa.mark == 2);
	require(!hdr_parse(&h, &body, bytes, len) && h.control);
	require(len == HDR_CONTROL_LEN + body.len);
	require(!body.len || !msg_parse(&m, body, &rules, &scratch, &v));
}

static struct path path_of(unsigned int client)
{
	/* The same address and port: only the SA differs. */
	struct path path = {addr_from_ipv4(1, 1701), addr_from_ipv4(2, 1701), {client, client}};

	return path;
}

/* The n-th tunnel or session, counted round; 0: there is none. */
static uint16_t tunnel_number(unsigned int n)
{
	return w->n_open ? w->open[n % w->n_open] : 0;
}

static uint16_t session_number(unsigned int n)
{
	return w->n_sessions ? w->sids[n % w->n_sessions] : 0;
}

/* The n-th session of a tunnel, also without a kernel session; 0: it has fewer. */
static uint16_t session_of(uint16_t tid, unsigned int n)
{
	uint16_t sid = lns_next_session_of(w->lns, tid, 0);

	while (sid && n--)
		sid = lns_next_session_of(w->lns, tid, sid);
	return sid;
}

/* Put the right response into an AVP that is one; a fuzzer cannot find it. */
static void prove(uint8_t *body, size_t len, const struct tunnel *t)
{
	struct view challenge = {t->challenge, sizeof(t->challenge)};
	struct avp_raw raw;
	struct rd in;

	rd_init(&in, body, len);
	while (avp_next(&in, &raw) == 1)
		if (raw.number == AVP_CHALLENGE_RESPONSE && !raw.hidden &&
		    raw.value.len == AUTH_RESPONSE_LEN)
			auth_response(t->calling ? MSG_SCCRP : MSG_SCCCN, view_str(SECRET),
				      challenge, body + (raw.value.p - body));
}

/* Open tunnels only, as the kernel would have it: others have no socket. */
static void datagram(uint8_t step, uint8_t which, const uint8_t *data, size_t len)
{
	struct path from = path_of(step & CLIENT_B ? 2 : 1);
	uint8_t *bytes = malloc(len + 1);
	struct wr out;
	uint16_t via = 0;

	require(bytes);
	memcpy(bytes, data, len);
	wr_init(&out, bytes, len);
	out.len = len;
	if (step & RIGHT_LEN && len >= 4)
		wr_u16_at(&out, 2, (uint16_t)len);
	if (step & RIGHT_TID && len >= HDR_CONTROL_LEN && w->n_open) {
		uint16_t tid = tunnel_number(which & 15);

		wr_u16_at(&out, 4, tid);
		/* Through the tunnel's socket comes its own client only. */
		if (w->tunnels[tid].path.sa.mark == from.sa.mark && which & 0x80)
			via = tid;
		if (step & RIGHT_NS)
			wr_u16_at(&out, 8, w->lns->tunnels[tid]->chan.nr);
		if (step & RIGHT_NS)
			wr_u16_at(&out, 10, w->lns->tunnels[tid]->chan.ns_max);
		if (w->lns->tunnels[tid]->asked)
			prove(bytes + HDR_CONTROL_LEN, len - HDR_CONTROL_LEN, w->lns->tunnels[tid]);
	}
	if (step & RIGHT_SID && step & RIGHT_TID && len >= HDR_CONTROL_LEN)
		wr_u16_at(&out, 6, session_of(tunnel_number(which & 15), which >> 4 & 7));
	lns_input(w->lns, &from, via, bytes, len, w->now);
	free(bytes);
}

static void other(uint8_t step, uint8_t which)
{
	uint16_t sid = session_number(which & 7), tid = tunnel_number(which);
	struct call call = {.role = which & 0x80 ? CALL_LAC_IN : CALL_LNS_OUT, .tx_speed = which};
	struct path path = path_of(which & 1 ? 2 : 1);
	struct cause why;

	cause_set(&why, STAGE_UP, which & 3, 0, "a reason");
	switch (step & (STEP_MASK | CLIENT_B)) {
	case STEP_ANSWER: lns_call_answered(w->lns, sid, &call, w->now); return;
	case STEP_CALL: lns_place_call(w->lns, tid, &call, w->now, &sid); return;
	case STEP_OPEN: world_open_tunnel(w, &path, &tid); return;
	}
	switch (step & STEP_MASK) {
	case STEP_TIME: world_run(w, w->now + which * 100 * USEC_PER_MS); break;
	case STEP_EXIT:
		if (sid && w->sessions[sid].running)
			world_ppp_exits(w, sid, &why);
		break;
	case STEP_SESSION: lns_end_session(w->lns, sid, &why, w->now); break;
	case STEP_TUNNEL: lns_end_tunnel(w->lns, tid, &why, w->now); break;
	case STEP_SA:
		(which & 2 ? lns_sa_orphaned : lns_sa_gone)(w->lns, which & 1 ? 2 : 1, &why,
							    w->now);
		break;
	}
}

/* Both SAs go, then every pppd: nothing may be left, and no id that still rests. */
static void clean_up(void)
{
	struct cause why;

	cause_set(&why, STAGE_IPSEC, 0, 0, "the end");
	lns_sa_gone(w->lns, 1, &why, w->now);
	lns_sa_gone(w->lns, 2, &why, w->now);
	while (w->n_sessions)
		world_ppp_exits(w, w->sids[0], &why);
	require(lns_idle(w->lns) && !w->n_open && !w->n_sessions && !w->n_admitted);
	w->now += 4 * IDS_REST;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd in;

	if (!w) {
		w = world_new_lac(&world_conf, true);
		w->other_mark = B_MARK;
		w->other_rules = (struct peer_rules){view_str(SECRET), true, true};
		w->sent = sent;
	}
	rd_init(&in, data, size);
	while (in.left >= 2) {
		uint8_t step = rd_u8(&in), which = rd_u8(&in);
		struct view bytes;
		size_t len;

		if ((step & STEP_MASK) >= STEP_TIME) {
			other(step, which);
			continue;
		}
		len = rd_u16(&in);
		rd_take(&in, &bytes, len < in.left ? len : in.left);
		datagram(step, which, bytes.p, bytes.len);
	}
	clean_up();
	return 0;
}
