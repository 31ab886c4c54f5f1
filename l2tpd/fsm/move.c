/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A client whose SA has become another one, or whose address has changed: its tunnels go on there.
 * Only those of its own SA: what the address belonged to before does not matter.
 */
#include <errno.h>

#include "l2tpd/fsm/machine.h"
#include "lib/base/err.h"

/* In transport mode L2TP has the addresses of IKE.  Its ports are inside ESP: nobody changes them.
 */
static void follow(struct addr *a, const struct addr *ike)
{
	uint16_t port = a->port;

	*a = *ike;
	a->port = port;
}

static int move(struct tunnel *t, const struct path *path)
{
	struct lns *l = t->lns;
	struct path was = t->path;
	int err;

	/* The kernel's tunnel is one socket, and that has its address for life. */
	if (path->peer.family != t->path.peer.family || !addr_same_ip(&path->local, &t->path.local))
		return -EADDRNOTAVAIL;
	err = l->ports.tunnel_move(l->ports.ctx, t->tid, path);
	if (!err)
		err = lns_repath_tunnel(l, t, path);
	if (!err && !t->told)
		l->ports.recount_tunnel(l->ports.ctx, &was, path);
	return err;
}

static void moved(struct tunnel *t, usec_t now)
{
	struct news news = {.kind = NEWS_TUNNEL_MOVED, .tid = t->tid, .path = &t->path};

	count(t->lns->counters, COUNT_TUNNELS_MOVED);
	if (t->was_up && t->open)
		t->lns->ports.tell(t->lns->ports.ctx, &news);
	tunnel_settle(t, now);
}

static void lost(struct tunnel *t, int err, usec_t now)
{
	struct cause why;

	if (err == -EADDRNOTAVAIL)
		cause_set(&why, STAGE_IPSEC, 0, 0,
			  "the client goes on with another address of the server, where a tunnel "
			  "cannot follow");
	else
		cause_set(&why, STAGE_IPSEC, 0, 0,
			  "the tunnel cannot follow its security association: %s", err_text(err));
	tunnel_happens(t, TEV_CUT, &why, now);
}

void lns_sa_moved(struct lns *l, uint32_t mark, const struct path *is, usec_t now)
{
	struct sa_use *sa = lns_find_sa(l, mark);

	if (!sa)
		return;
	sa_use_ref(l, mark); /* it must outlive the last of its tunnels */
	list_each (pos, &sa->tunnels) {
		struct tunnel *t = container_of(pos, struct tunnel, in_sa);
		struct path path = t->path;
		int err;

		path.sa = is->sa;
		follow(&path.peer, &is->peer);
		follow(&path.local, &is->local);
		if (path_same(&path, &t->path) && path.sa.reqid == t->path.sa.reqid)
			continue;
		err = move(t, &path);
		if (err)
			lost(t, err, now);
		else
			moved(t, now);
	}
	sa_use_unref(l, sa);
}
