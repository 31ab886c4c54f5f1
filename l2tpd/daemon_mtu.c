/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each session's packets are wrapped in, and the MTU of its interface that follows from it. */
#include "l2tpd/daemon_priv.h"
#include "l2tpd/net/path_mtu.h"
#include "lib/base/err.h"

#define OUTER_GUESS 1500 /* the path cannot be asked: as nearly all are */

/* Of the path that ESP takes, which with NAT may be another than the tunnel's by now. */
static int ask_outer(const struct path *path, const struct bus_sa *sa, unsigned int *ret)
{
	const struct addr *peer = sa->remote.family ? &sa->remote : &path->peer;
	const struct addr *local = sa->remote.family ? &sa->local : &path->local;
	int err = path_mtu(local, peer, ret);
	char text[ADDR_STR_LEN];

	if (err)
		log_debug(NET, "no-path-mtu", "peer=%s: %s", addr_format_ip(peer, text),
			  err_text(err));
	return err;
}

/* Negative when the path cannot be asked: then it is guessed. */
static int find_way(const struct daemon *d, const struct path *path, struct mtu_way *ret)
{
	const struct sa *known = daemon_sa(d, path);
	struct bus_sa sa = {0};

	if (known)
		sa_record(known, &sa);
	*ret = (struct mtu_way){
		.outer = OUTER_GUESS,
		.ipv6 = path->peer.family == AF_INET6,
		.esp = path->sa.mark,
		.encap = sa.encap,
		.iv = sa.iv_bytes,
		.block = sa.block_bytes,
		.icv = sa.icv_bytes,
	};
	return ask_outer(path, &sa, &ret->outer);
}

static bool is_sequenced(const struct daemon *d, uint16_t sid, const struct config_lns *section)
{
	return d->sequenced[sid] || section->sequencing == CONFIG_SEQUENCING_ALWAYS;
}

unsigned int daemon_mtu_begin(struct daemon *d, uint16_t sid, const struct path *path,
			      const struct config_lns *section)
{
	struct mtu_way way;

	(void)find_way(d, path, &way);
	way.sequenced = is_sequenced(d, sid, section);
	d->mtus[sid] = mtu_choose(&way, section->mtu);
	return d->mtus[sid].inner;
}

static void set_link(struct daemon *d, uint16_t sid, unsigned int mtu)
{
	const struct bus_report *report = links_report(d->links, sid);
	int err = plane_mark_link(d->plane, report->ifname, SESSION_GROUP, mtu);

	if (err)
		log_warn(PLANE, "no-mtu", "sid=%u ifname=%s mtu=%u: %s", sid, report->ifname, mtu,
			 err_text(err));
}

/* Choose anew, of what was agreed with the client; true when it is another. */
static bool choose(struct daemon *d, uint16_t sid, struct mtu_way way)
{
	const struct config_lns *section = d->served[sid];
	const struct bus_report *report = links_report(d->links, sid);
	struct mtu *mtu = &d->mtus[sid], before = *mtu;

	way.sequenced = is_sequenced(d, sid, section);
	*mtu = mtu_choose(&way, report->mtu);
	return mtu->inner != before.inner;
}

void daemon_mtu_up(struct daemon *d, uint16_t sid)
{
	struct tunnel_info t;
	struct session_info s;
	struct mtu_way way;

	if (lns_session_info(d->lns, sid, &s) || lns_tunnel_info(d->lns, s.tid, &t) ||
	    !d->served[sid])
		return;
	/* Until we know what it is wrapped in, it stays as the engine before has left it. */
	if (t.path.sa.mark && !daemon_sa(d, &t.path))
		return;
	(void)find_way(d, &t.path, &way);
	choose(d, sid, way);
	set_link(d, sid, d->mtus[sid].inner);
	if (mtu_note(&d->mtus[sid])[0])
		log_warn(SESSION, "small-mtu", "sid=%u outer-mtu=%u fits=%u mtu=%u: %s", sid,
			 d->mtus[sid].outer, d->mtus[sid].fits, d->mtus[sid].inner,
			 mtu_note(&d->mtus[sid]));
}

/* The next session of the tunnel that is up, 0 at the end. */
static uint16_t next_up(const struct daemon *d, uint16_t tid, uint16_t sid)
{
	do
		sid = lns_next_session_of(d->lns, tid, sid);
	while (sid && (!d->served[sid] || links_up_since(d->links, sid) == USEC_NEVER));
	return sid;
}

void daemon_mtu_look(struct daemon *d, uint16_t tid)
{
	uint16_t sid = next_up(d, tid, 0);
	struct tunnel_info t;
	struct mtu_way way;

	if (!sid || lns_tunnel_info(d->lns, tid, &t) || find_way(d, &t.path, &way))
		return;
	for (; sid; sid = next_up(d, tid, sid)) {
		if (!choose(d, sid, way))
			continue;
		set_link(d, sid, d->mtus[sid].inner);
		log_info(SESSION, "mtu", "sid=%u outer-mtu=%u fits=%u mtu=%u", sid, way.outer,
			 d->mtus[sid].fits, d->mtus[sid].inner);
	}
}

void daemon_on_sa_changed(void *ctx, const struct sa *sa)
{
	struct daemon *d = ctx;

	for (uint16_t tid = 0; (tid = lns_next_tunnel_of(d->lns, sa->mark, tid));)
		daemon_mtu_look(d, tid);
}

void daemon_on_look(void *ctx, uint16_t sid)
{
	struct daemon *d = ctx;
	struct session_info s;

	if (!lns_session_info(d->lns, sid, &s))
		daemon_mtu_look(d, s.tid);
}
