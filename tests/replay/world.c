/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strict fake ports and a virtual clock; see world.h. */
#include "tests/replay/world.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "l2tpd/fsm/book.h"
#include "l2tpd/wire/hdr.h"
#include "tests/fuzz/fuzz.h"

const struct lns_conf world_conf = {
	.host_name = "gateway",
	.tid_lo = 1000,
	.tid_hi = 1999,
	.window = 16,
	.hello = 60 * USEC_PER_S,
	.retry_first = USEC_PER_S,
	.retry_cap = 8 * USEC_PER_S,
	.retry_max = 5,
	.setup_limit = 30 * USEC_PER_S,
	.sessions_per_tunnel = 4,
};

static void __attribute__((format(printf, 2, 3))) did(struct world *w, const char *fmt, ...)
{
	char line[512];
	va_list ap;

	if (!w->did)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	w->did(w->ctx, line);
}

static int fails(struct world *w, enum world_port port)
{
	int err = w->fail[port];

	w->fail[port] = 0;
	return err;
}

static void take_out(uint16_t *ids, unsigned int *n, uint16_t id)
{
	unsigned int i = 0;

	while (ids[i] != id)
		i++;
	ids[i] = ids[--*n];
}

static const struct peer_rules *peer_rules(void *ctx, const struct path *path,
					   struct view host_name)
{
	struct world *w = ctx;

	(void)host_name;
	require(path->peer.family);
	return path->sa.mark && path->sa.mark == w->other_mark ? &w->other_rules : &w->rules;
}

static int admit_tunnel(void *ctx, const struct path *path, struct cause *ret_why)
{
	struct world *w = ctx;
	int err = fails(w, WORLD_ADMIT_TUNNEL);

	require(path->peer.family);
	if (err)
		cause_set(ret_why, STAGE_TUNNEL, err == -EAGAIN ? 0 : 2, 4, "no more tunnels");
	else
		w->n_admitted++;
	return err;
}

static void release_tunnel(void *ctx, const struct path *path)
{
	struct world *w = ctx;

	if (w->dead)
		return;
	require(path->peer.family);
	require(w->n_admitted);
	w->n_admitted--;
	did(w, "release");
}

static void recount_tunnel(void *ctx, const struct path *was, const struct path *is)
{
	struct world *w = ctx;

	require(w->n_admitted &&
		(was->sa.reqid != is->sa.reqid || !addr_equal(&was->peer, &is->peer)));
}

static int admit_session(void *ctx, uint16_t tid, const struct path *path, struct cause *ret_why)
{
	struct world *w = ctx;
	int err = fails(w, WORLD_ADMIT_SESSION);

	require(w->tunnels[tid].up && !w->tunnels[tid].down);
	require(path->sa.mark == w->tunnels[tid].path.sa.mark);
	if (err)
		cause_set(ret_why, STAGE_SESSION, err == -EAGAIN ? 0 : 4, 0, "no more sessions");
	return err;
}

static int tunnel_open(void *ctx, uint16_t tid, uint16_t peer_tid, const struct path *path)
{
	struct world *w = ctx;
	int err = fails(w, WORLD_TUNNEL_OPEN);

	require(tid && !w->tunnels[tid].open);
	did(w, "tunnel-open tid=%u peer_tid=%u mark=%u err=%d", tid, peer_tid, path->sa.mark, err);
	if (err)
		return err;
	w->tunnels[tid] = (struct world_tunnel){
		.open = true, .met = peer_tid, .path = *path, .timer = USEC_NEVER};
	w->open[w->n_open++] = tid;
	return 0;
}

static int tunnel_meet(void *ctx, uint16_t tid, uint16_t peer_tid)
{
	struct world *w = ctx;
	int err = fails(w, WORLD_TUNNEL_MEET);

	require(w->tunnels[tid].open && !w->tunnels[tid].met && peer_tid);
	did(w, "tunnel-meet tid=%u peer_tid=%u err=%d", tid, peer_tid, err);
	w->tunnels[tid].met = !err;
	return err;
}

static int tunnel_move(void *ctx, uint16_t tid, const struct path *path)
{
	struct world *w = ctx;
	int err = fails(w, WORLD_TUNNEL_MOVE);
	char peer[ADDR_STR_LEN];

	require(w->tunnels[tid].open && addr_equal(&w->tunnels[tid].path.local, &path->local));
	require(w->tunnels[tid].path.peer.port == path->peer.port);
	did(w, "tunnel-move tid=%u mark=%u reqid=%u peer=%s err=%d", tid, path->sa.mark,
	    path->sa.reqid, addr_format(&path->peer, peer), err);
	if (!err)
		w->tunnels[tid].path = *path;
	return err;
}

static void tunnel_mute(void *ctx, uint16_t tid)
{
	struct world *w = ctx;

	require(w->tunnels[tid].open && !w->tunnels[tid].mute);
	w->tunnels[tid].mute = true;
}

static void tunnel_close(void *ctx, uint16_t tid)
{
	struct world *w = ctx;

	if (w->dead)
		return;
	require(w->tunnels[tid].open && !w->tunnels[tid].n_sessions);
	w->tunnels[tid].open = false;
	take_out(w->open, &w->n_open, tid);
	did(w, "tunnel-close tid=%u", tid);
}

static int tunnel_restore(void *ctx, uint16_t tid, const struct path *path, bool told)
{
	struct world *w = ctx;

	(void)told;
	require(w->tunnels[tid].open && !memcmp(path, &w->tunnels[tid].path, sizeof(*path)));
	return 0;
}

static int session_restore(void *ctx, uint16_t tid, uint16_t sid)
{
	struct world *w = ctx;

	struct session_info s;

	require(w->sessions[sid].open && w->sessions[sid].tid == tid);
	require(!lns_session_info(w->lns, sid, &s) && s.note == w->sessions[sid].note);
	w->sessions[sid].stopped = false;
	return w->sessions[sid].running ? 0 : -ESRCH;
}

/* What leaves would not be forgotten, were we killed now: what it acknowledges, and its number. */
static void check_written(struct world *w, uint16_t tid, const void *bytes, size_t len)
{
	const struct tunnel_image *i = NULL;
	struct view body;
	struct hdr h;

	require(!hdr_parse(&h, &body, bytes, len));
	for (unsigned int p = 1; p <= book_used(w->conf.book, BOOK_TUNNEL); p++)
		if (book_tunnel(w->conf.book, p) && book_tunnel(w->conf.book, p)->tid == tid)
			i = book_tunnel(w->conf.book, p);
	require(i && (uint16_t)(i->chan.nr - h.nr) < 0x8000);
	require((uint16_t)(i->chan.ns_max - h.ns - (body.len > 0)) < 0x8000);
}

static void tunnel_send(void *ctx, uint16_t tid, const struct path *path, const void *bytes,
			size_t len)
{
	struct world *w = ctx;

	require(path->sa.mark == w->tunnels[tid].path.sa.mark);
	require(w->tunnels[tid].open && !w->tunnels[tid].mute && len);
	if (w->conf.book)
		check_written(w, tid, bytes, len);
	if (w->sent)
		w->sent(w->ctx, tid, &w->tunnels[tid].path, bytes, len);
}

static void stray_send(void *ctx, const struct path *path, const void *bytes, size_t len)
{
	struct world *w = ctx;

	require(path->peer.family && len);
	if (w->sent)
		w->sent(w->ctx, 0, path, bytes, len);
}

static int session_open(void *ctx, uint16_t tid, uint16_t sid, uint16_t peer_sid)
{
	struct world *w = ctx;
	int err = fails(w, WORLD_SESSION_OPEN);

	require(w->tunnels[tid].up && !w->tunnels[tid].down && w->tunnels[tid].open);
	require(w->tunnels[tid].met);
	require(sid && peer_sid && !w->sessions[sid].open);
	did(w, "session-open tid=%u sid=%u peer_sid=%u err=%d", tid, sid, peer_sid, err);
	if (err)
		return err;
	w->sessions[sid] = (struct world_session){.open = true, .tid = tid};
	w->tunnels[tid].n_sessions++;
	w->sids[w->n_sessions++] = sid;
	return 0;
}

static void session_close(void *ctx, uint16_t tid, uint16_t sid)
{
	struct world *w = ctx;

	require(w->sessions[sid].open && !w->sessions[sid].running);
	require(w->sessions[sid].tid == tid);
	w->sessions[sid].open = false;
	w->tunnels[tid].n_sessions--;
	take_out(w->sids, &w->n_sessions, sid);
	did(w, "session-close tid=%u sid=%u", tid, sid);
}

static int session_sequence(void *ctx, uint16_t tid, uint16_t sid, struct cause *ret_why)
{
	struct world *w = ctx;
	int err = fails(w, WORLD_SESSION_SEQUENCE);

	require(w->sessions[sid].open && w->sessions[sid].tid == tid && !w->sessions[sid].up);
	did(w, "session-sequence tid=%u sid=%u err=%d", tid, sid, err);
	if (err)
		cause_set(ret_why, STAGE_SESSION, 5, 0, "no sequence numbers here");
	return err;
}

static int ppp_start(void *ctx, uint16_t tid, uint16_t sid)
{
	struct world *w = ctx;
	int err = fails(w, WORLD_PPP_START);

	require(w->sessions[sid].open && w->sessions[sid].tid == tid && !w->sessions[sid].running);
	did(w, "ppp-start sid=%u err=%d", sid, err);
	w->sessions[sid].running = !err;
	/* Such as its address, which nobody else must get. */
	w->sessions[sid].note = ++w->n_notes;
	lns_set_note(w->lns, sid, w->n_notes);
	return err;
}

static int dial(void *ctx, uint16_t tid, uint16_t sid, const struct call *call)
{
	struct world *w = ctx;
	int err = fails(w, WORLD_DIAL);

	require(w->sessions[sid].open && w->sessions[sid].tid == tid && !w->sessions[sid].running);
	require(call->role == CALL_LAC_OUT);
	did(w, "dial sid=%u err=%d called=\"%s\" min=%u max=%u", sid, err, call->called_number,
	    call->min_bps, call->max_bps);
	w->sessions[sid].running = !err;
	return err;
}

static void proxied(void *ctx, uint16_t tid, uint16_t sid, const struct proxy *proxy)
{
	struct world *w = ctx;
	char name[32];

	require(w->sessions[sid].running && w->sessions[sid].tid == tid && !w->sessions[sid].up);
	did(w,
	    "proxied sid=%u lcp=%zu/%zu/%zu type=%u id=%u name=\"%s\" challenge=%zu response=%zu",
	    sid, proxy->first_confreq.len, proxy->sent_confreq.len, proxy->last_confreq.len,
	    proxy->type, proxy->id, view_printable(proxy->name, name, sizeof(name)),
	    proxy->challenge.len, proxy->response.len);
}

static void ppp_stop(void *ctx, uint16_t sid, const struct cause *why)
{
	struct world *w = ctx;

	require(w->sessions[sid].running && !w->sessions[sid].stopped);
	require(why->text[0]);
	w->sessions[sid].stopped = true;
	if (w->restoring)
		return;
	did(w, "ppp-stop sid=%u text=\"%s\"", sid, why->text);
}

static void timer_set(void *ctx, uint16_t tid, usec_t at)
{
	struct world *w = ctx;

	require(w->tunnels[tid].open);
	w->tunnels[tid].timer = at;
}

static void tell_tunnel(struct world *w, const struct news *n, bool up)
{
	struct world_tunnel *t = &w->tunnels[n->tid];

	require(t->open && !t->down && t->up != up && !t->n_sessions);
	t->up = true;
	t->down = !up;
}

static void tell_failed(struct world *w, const struct news *n)
{
	if (n->sid) {
		require(!w->sessions[n->sid].open && !w->sessions[n->sid].up);
	} else if (n->tid && !w->tunnels[n->tid].up) {
		require(w->tunnels[n->tid].open && !w->tunnels[n->tid].down);
		w->tunnels[n->tid].down = true;
	}
}

static void tell(void *ctx, const struct news *n)
{
	static const char *const words[] = {"tunnel-up",  "tunnel-down",  "tunnel-moved",
					    "session-up", "session-down", "failed"};
	struct world *w = ctx;

	require(n->path && n->path->peer.family);
	require((n->kind == NEWS_TUNNEL_UP || n->kind == NEWS_TUNNEL_MOVED ||
		 n->kind == NEWS_SESSION_UP) == !n->cause);
	require(!n->cause || n->cause->text[0]);
	switch (n->kind) {
	case NEWS_TUNNEL_UP: tell_tunnel(w, n, true); break;
	case NEWS_TUNNEL_DOWN: tell_tunnel(w, n, false); break;
	case NEWS_TUNNEL_MOVED: require(w->tunnels[n->tid].up && !w->tunnels[n->tid].down); break;
	case NEWS_SESSION_UP:
		require(w->sessions[n->sid].open && !w->sessions[n->sid].up);
		w->sessions[n->sid].up = true;
		break;
	case NEWS_SESSION_DOWN:
		require(!w->sessions[n->sid].open && w->sessions[n->sid].up);
		w->sessions[n->sid].up = false;
		break;
	case NEWS_FAILED: tell_failed(w, n); break;
	}
	if (n->cause)
		did(w, "%s tid=%u sid=%u stage=%s result=%u error=%u text=\"%s\"", words[n->kind],
		    n->tid, n->sid, stage_word(n->cause->stage), n->cause->result, n->cause->error,
		    n->cause->text);
	else
		did(w, "%s tid=%u sid=%u", words[n->kind], n->tid, n->sid);
}

/* Open the book anew, as another process does. */
static void open_book(struct world *w)
{
	w->memory = mmap(NULL, book_size(), PROT_READ | PROT_WRITE, MAP_SHARED, w->state_fd, 0);
	require(w->memory != MAP_FAILED);
	require(!book_open(w->memory, &w->conf.book));
}

static void close_book(struct world *w)
{
	book_close(w->conf.book);
	munmap(w->memory, book_size());
	w->conf.book = NULL;
}

static void start(struct world *w)
{
	w->lns = lns_new(&w->conf, &w->ports);
	require(w->lns);
}

static struct world *new_world(const struct lns_conf *conf, bool dials, bool kept)
{
	struct world *w = calloc(1, sizeof(*w));
	struct ports ports = {
		.ctx = w,
		.peer_rules = peer_rules,
		.admit_tunnel = admit_tunnel,
		.release_tunnel = release_tunnel,
		.recount_tunnel = recount_tunnel,
		.admit_session = admit_session,
		.tunnel_open = tunnel_open,
		.tunnel_meet = tunnel_meet,
		.tunnel_move = tunnel_move,
		.tunnel_mute = tunnel_mute,
		.tunnel_close = tunnel_close,
		.tunnel_restore = tunnel_restore,
		.session_restore = session_restore,
		.tunnel_send = tunnel_send,
		.stray_send = stray_send,
		.session_open = session_open,
		.session_close = session_close,
		.session_sequence = session_sequence,
		.ppp_start = ppp_start,
		.dial = dials ? dial : NULL,
		.proxied = proxied,
		.ppp_stop = ppp_stop,
		.timer_set = timer_set,
		.tell = tell,
	};

	require(w);
	w->now = USEC_PER_S;
	w->conf = *conf;
	w->ports = ports;
	w->state_fd = kept ? memfd_create("book", MFD_CLOEXEC) : -1;
	if (kept) {
		require(w->state_fd >= 0 && !ftruncate(w->state_fd, (off_t)book_size()));
		open_book(w);
	}
	start(w);
	return w;
}

struct world *world_new_lac(const struct lns_conf *conf, bool dials)
{
	return new_world(conf, dials, false);
}

struct world *world_new_kept(const struct lns_conf *conf, bool dials)
{
	return new_world(conf, dials, true);
}

void world_kill(struct world *w)
{
	unsigned int tunnels = w->n_open, sessions = lns_session_count(w->lns);
	struct lns_restored restored;

	if (!w->conf.book || !w->kills)
		return;
	w->n_kills++;
	/* What it does while its memory is freed, nobody sees. */
	require(mmap(w->memory, book_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED,
		     w->state_fd, 0) == w->memory);
	w->dead = true;
	lns_free(w->lns);
	w->dead = false;
	close_book(w);
	open_book(w);
	for (unsigned int i = 0; i < w->n_open; i++)
		w->tunnels[w->open[i]].timer = USEC_NEVER;
	start(w);
	w->restoring = true;
	lns_restore(w->lns, w->now, &restored);
	w->restoring = false;
	require(restored.tunnels == tunnels && restored.sessions == sessions);
	require(!restored.lost_tunnels && !restored.lost_sessions);
}

struct world *world_new(const struct lns_conf *conf)
{
	return world_new_lac(conf, false);
}

void world_free(struct world *w)
{
	lns_free(w->lns);
	require(!w->n_open && !w->n_sessions && !w->n_admitted);
	if (w->conf.book)
		close_book(w);
	if (w->state_fd >= 0)
		close(w->state_fd);
	free(w);
}

int world_open_tunnel(struct world *w, const struct path *path, uint16_t *ret_tid)
{
	int err = lns_open_tunnel(w->lns, path, w->now, ret_tid);

	if (!err)
		w->n_admitted++;
	return err;
}

/* The open tunnel whose timer runs out first, or NULL. */
static const struct world_tunnel *first_timer(const struct world *w)
{
	const struct world_tunnel *first = NULL;

	for (unsigned int i = 0; i < w->n_open; i++) {
		const struct world_tunnel *t = &w->tunnels[w->open[i]];

		if (!first || t->timer < first->timer)
			first = t;
	}
	return first;
}

usec_t world_next(const struct world *w)
{
	const struct world_tunnel *first = first_timer(w);

	return first ? first->timer : USEC_NEVER;
}

void world_run(struct world *w, usec_t at)
{
	usec_t next;

	while ((next = world_next(w)) <= at) {
		uint16_t tid = (uint16_t)(first_timer(w) - w->tunnels);

		if (next > w->now)
			w->now = next;
		w->tunnels[tid].timer = USEC_NEVER;
		lns_timer(w->lns, tid, w->now);
		world_kill(w);
	}
	w->now = at;
}

void world_ppp_exits(struct world *w, uint16_t sid, const struct cause *why)
{
	require(w->sessions[sid].running);
	w->sessions[sid].running = false;
	lns_ppp_exited(w->lns, sid, why, w->now);
}

void world_end(struct world *w)
{
	struct cause why;

	w->kills = false; /* that we stop is nothing that another one goes on with */
	cause_set(&why, STAGE_UP, 6, 0, "end of the test");
	lns_shutdown(w->lns, &why, w->now);
	for (unsigned int sid = 1; sid <= UINT16_MAX; sid++)
		if (w->sessions[sid].running)
			world_ppp_exits(w, (uint16_t)sid, &why);
	world_run(w, w->now + 600 * USEC_PER_S);
	require(lns_idle(w->lns));
	require(!lns_session_count(w->lns) && !lns_tunnel_count(w->lns));
}
