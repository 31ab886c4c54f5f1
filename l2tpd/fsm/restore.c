/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Going on with what a book has.  Nothing of it is trusted: an image that cannot be is dropped, and
 * what its peer or pppd then finds is what they find when a tunnel has ended.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "l2tpd/fsm/machine.h"

static void set_bit(uint8_t *bits, uint16_t n)
{
	bits[n / 8] |= (uint8_t)(1 << n % 8);
}

void restore_ids(struct lns *l)
{
	uint8_t tids[65536 / 8] = {0}, sids[65536 / 8] = {0};

	for (unsigned int p = 1; p <= book_used(l->book, BOOK_TUNNEL); p++)
		if (book_tunnel(l->book, p))
			set_bit(tids, book_tunnel(l->book, p)->tid);
	for (unsigned int p = 1; p <= book_used(l->book, BOOK_SESSION); p++)
		if (book_session(l->book, p))
			set_bit(sids, book_session(l->book, p)->sid);
	ids_take_all(&l->tids, tids);
	ids_take_all(&l->sids, sids);
}

/*
 * Tunnels
 */

/* Put the messages of a tunnel back into its channel. */
static int requeue(struct tunnel *t, const struct tunnel_image *i)
{
	struct book *b = t->lns->book;
	uint16_t places[CHAN_QUEUE_MAX], place = i->last;
	uint8_t bytes[BOOK_MESSAGE_MAX];

	for (uint16_t n = i->chan.n_queued; n--; place = book_before(b, place)) {
		if (!book_claim_message(b, place))
			return -EBADMSG;
		places[n] = place;
	}
	for (uint16_t n = 0; n < i->chan.n_queued; n++) {
		size_t len = book_message(b, places[n], bytes);

		if (len < HDR_CONTROL_LEN)
			return -EBADMSG;
		if (chan_requeue(&t->chan, bytes, len))
			return -ENOMEM;
		t->chan.last->written = places[n];
	}
	t->written.n = i->chan.n_queued;
	t->written.last = i->last;
	t->written.acked = i->chan.acked;
	return 0;
}

/* Let it be found, and counted. */
static int join(struct lns *l, struct tunnel *t)
{
	bool known = t->known;

	t->known = false;
	t->sa = sa_use_ref(l, t->path.sa.mark);
	if (!t->sa)
		return -ENOMEM;
	list_add(&t->sa->tunnels, &t->in_sa);
	if (known && map_add(&l->peers, &t->node, lns_hash_peer(&t->path, t->peer_tid))) {
		lns_del_tunnel(l, t);
		return -ENOMEM;
	}
	t->known = known;
	l->tunnels[t->tid] = t;
	if (t->open) {
		l->n_open++;
		t->sa->n_open++;
	}
	if (t->state == TUN_WAIT_CONNECT)
		l->n_half_open++;
	return 0;
}

static int restore_tunnel(struct lns *l, const struct tunnel_image *i, uint16_t place)
{
	const struct ports *p = &l->ports;
	struct tunnel *t;
	int err;

	if (!tunnel_image_is_good(i) || i->tid < l->conf.tid_lo || i->tid > l->conf.tid_hi ||
	    l->tunnels[i->tid])
		return -EBADMSG;
	t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	t->lns = l;
	tunnel_load(t, i);
	err = requeue(t, i);
	if (!err)
		err = p->tunnel_restore(p->ctx, t->tid, &t->path, t->told);
	if (!err)
		err = join(l, t);
	if (err) {
		chan_done(&t->chan);
		free(t);
		return err;
	}
	t->place = place;
	t->rules = p->peer_rules(p->ctx, &t->path,
				 t->calling ? (struct view){0} : view_str(t->host_name));
	return 0;
}

static void restore_tunnels(struct lns *l, struct lns_restored *ret)
{
	for (unsigned int p = 1; p <= book_used(l->book, BOOK_TUNNEL); p++) {
		const struct tunnel_image *i = book_tunnel(l->book, p);

		if (!i)
			continue;
		if (!restore_tunnel(l, i, (uint16_t)p)) {
			ret->tunnels++;
			continue;
		}
		ret->lost_tunnels++;
		book_erase(l->book, BOOK_TUNNEL, (uint16_t)p);
	}
}

/*
 * Sessions
 */

static int restore_session(struct lns *l, const struct session_image *i, uint16_t place)
{
	struct tunnel *t = l->tunnels[i->tid];
	struct session *s;

	if (!session_image_is_good(i) || !t || t->told || l->sessions[i->sid])
		return -EBADMSG;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->tunnel = t;
	session_load(s, i);
	if (s->known && lns_add_call(l, s)) {
		free(s);
		return -ENOMEM;
	}
	s->place = place;
	if (s->nth > l->nth_session)
		l->nth_session = s->nth;
	l->sessions[s->sid] = s;
	l->n_sessions++;
	t->n_sessions++;
	list_add(&t->sessions, &s->in_tunnel);
	if (s->state < SES_UP)
		list_add(&t->starting, &s->starting);
	return 0;
}

struct found {
	uint32_t nth;
	uint16_t place;
};

static int by_age(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	return x->nth < y->nth ? -1 : x->nth > y->nth;
}

/* In the order in which they began, as the lists of their tunnels have it. */
static void restore_sessions(struct lns *l, struct lns_restored *ret)
{
	unsigned int used = book_used(l->book, BOOK_SESSION), n = 0;
	struct found *found = calloc(used + 1, sizeof(*found));

	for (unsigned int p = 1; p <= used; p++) {
		const struct session_image *i = book_session(l->book, p);

		if (i && found)
			found[n++] = (struct found){i->nth, (uint16_t)p};
		else if (i)
			book_erase(l->book, BOOK_SESSION, (uint16_t)p);
	}
	if (found)
		qsort(found, n, sizeof(*found), by_age);
	for (unsigned int k = 0; k < n; k++) {
		if (!restore_session(l, book_session(l->book, found[k].place), found[k].place)) {
			ret->sessions++;
			continue;
		}
		ret->lost_sessions++;
		book_erase(l->book, BOOK_SESSION, found[k].place);
	}
	free(found);
}

/* There is a pppd in all states but the first two; if it was to end, nobody saw to that since. */
static void look_for_pppd(struct lns *l, struct session *s, usec_t now)
{
	const struct ports *p = &l->ports;
	struct cause why;
	struct event e = {.now = now, .why = &why};

	if (s->state == SES_WAIT_ICRP || s->state == SES_WAIT_OCRP)
		return;
	if (s->running && !p->session_restore(p->ctx, s->tunnel->tid, s->sid)) {
		if (s->state >= SES_ENDING)
			p->ppp_stop(p->ctx, s->sid, &s->cause);
		return;
	}
	cause_set(&why, STAGE_LCP, CDN_ADMIN, 0, "its pppd is gone: the server has had a crash");
	session_event(s, SEV_PPP_EXIT, &e);
}

void lns_restore(struct lns *l, usec_t now, struct lns_restored *ret)
{
	*ret = (struct lns_restored){0};
	if (!l->book)
		return;
	l->call_serial = (uint32_t)book_note(l->book, BOOK_CALL_SERIAL);
	restore_tunnels(l, ret);
	restore_sessions(l, ret);
	book_sort_out(l->book);
	book_commit(l->book);
	for (unsigned int sid = 1; sid <= UINT16_MAX; sid++)
		if (l->sessions[sid])
			look_for_pppd(l, l->sessions[sid], now);
	for (unsigned int tid = l->conf.tid_lo; tid <= l->conf.tid_hi; tid++)
		if (l->tunnels[tid])
			tunnel_settle(l->tunnels[tid], now);
}
