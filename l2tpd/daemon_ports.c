/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the protocol machines want, done by the drivers: one function per member of struct ports. */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "l2tpd/daemon_priv.h"
#include "l2tpd/ppp/proxy.h"
#include "lib/base/err.h"
#include "lib/bus/names.h"

#define GONE_MIN 64 /* tunnels whose memory is worth the effort */

static const struct peer_rules *peer_rules(void *ctx, const struct path *path,
					   struct view host_name)
{
	const struct daemon *d = ctx;

	return peers_find(d->peers, &path->peer, host_name);
}

/* Whom a path's tunnels count for; NULL: nobody, as it has proved no identity. */
static const char *owner_of(const struct daemon *d, const struct path *path)
{
	const struct sa *sa = daemon_sa(d, path);

	return sa && sa->proved ? sa->identity : NULL;
}

static struct admit_now count_now(const struct daemon *d, const struct path *path)
{
	unsigned int own = path->sa.mark ? lns_sa_tunnel_count(d->lns, path->sa.mark) : 0;

	return (struct admit_now){
		.draining = d->draining,
		.identity_tunnels = own + shares_of_identity(d->shares, path, owner_of(d, path)),
		.address_tunnels = own + shares_of_address(d->shares, path),
		.tunnels = lns_tunnel_count(d->lns),
		.half_open = lns_half_open_count(d->lns),
		.sa_tunnels = lns_sa_tunnel_count(d->lns, path->sa.mark),
		.sa_leaving = lns_sa_leaving_count(d->lns, path->sa.mark),
		.sessions = lns_session_count(d->lns),
		.starting = d->n_starting,
	};
}

static int may_have_tunnel(void *ctx, const struct path *path, struct cause *ret_why)
{
	struct daemon *d = ctx;
	struct admit_now n = count_now(d, path);
	int err = admit_tunnel(d->admit, path, &n, clock_now(), ret_why);

	if (!err && shares_add(d->shares, path, owner_of(d, path))) {
		cause_set(ret_why, STAGE_TUNNEL, 2, 4, "%s", err_text(ENOMEM));
		err = -ENOMEM;
	}
	return err;
}

void daemon_count_tunnel(struct daemon *d, const struct path *path)
{
	if (shares_add(d->shares, path, owner_of(d, path)))
		log_warn(POLICY, "no-memory", "a tunnel is not counted for its owner");
}

static void release_tunnel(void *ctx, const struct path *path)
{
	struct daemon *d = ctx;

	shares_del(d->shares, path);
	if (d->sas && !lns_sa_tunnel_count(d->lns, path->sa.mark))
		sas_release(d->sas, path->sa.mark);
}

static void recount_tunnel(void *ctx, const struct path *was, const struct path *is)
{
	struct daemon *d = ctx;

	if (was->sa.mark == is->sa.mark)
		return; /* the client is who it was */
	daemon_count_tunnel(d, is);
	shares_del(d->shares, was);
}

static int may_have_session(void *ctx, uint16_t tid, const struct path *path, struct cause *ret_why)
{
	struct daemon *d = ctx;
	struct admit_now n = count_now(d, path);
	const struct sa *sa = daemon_sa(d, path);
	const char *connection = sa ? sa->connection : "";

	(void)tid;
	if (!config_lns_for(d->config, connection)) {
		cause_set(ret_why, STAGE_SESSION, 5, 0,
			  "no lns section of l2tpd.conf serves connection \"%s\"", connection);
		return -ERR_REFUSED;
	}
	return admit_session(d->admit, path, &n, clock_now(), ret_why);
}

/* Have the clock run out at `at`. */
static void set_clock(struct daemon *d, usec_t at)
{
	usec_t now = clock_now(), wait = at > now ? at - now : 0;
	struct timeval tv = {(time_t)(wait / USEC_PER_S), (suseconds_t)(wait % USEC_PER_S)};

	d->clock_at = at;
	if (at == USEC_NEVER || !evtimer_add(d->clock, &tv))
		return;
	d->clock_at = USEC_NEVER; /* the next one that is set tries again */
	log_error(DAEMON, "no-memory", "timers do not run");
}

void daemon_on_clock(evutil_socket_t fd, short what, void *ctx)
{
	struct daemon *d = ctx;
	usec_t now = clock_now();
	struct wheel_timer *t;

	(void)fd;
	(void)what;
	while ((t = wheel_take(&d->wheel, now))) {
		lns_timer(d->lns, (uint16_t)(t - d->timers), now);
		daemon_mtu_look(d, (uint16_t)(t - d->timers));
	}
	set_clock(d, wheel_next(&d->wheel));
}

/* A clock that is too early is left alone: it finds nothing to do and is set anew. */
static void timer_set(void *ctx, uint16_t tid, usec_t at)
{
	struct daemon *d = ctx;

	wheel_set(&d->wheel, &d->timers[tid], at);
	if (at < d->clock_at)
		set_clock(d, at);
}

static int tunnel_meet(void *ctx, uint16_t tid, uint16_t peer_tid)
{
	struct daemon *d = ctx;

	return plane_tunnel_open(d->plane, tid, peer_tid, udp_fd(d->udp, tid));
}

/* The kernel's tunnel needs no word: it sends to whom its socket is connected. */
static int tunnel_move(void *ctx, uint16_t tid, const struct path *path)
{
	struct daemon *d = ctx;

	return udp_move(d->udp, tid, path);
}

static int tunnel_open(void *ctx, uint16_t tid, uint16_t peer_tid, const struct path *path)
{
	struct daemon *d = ctx;
	int err = udp_open(d->udp, tid, path);

	if (err)
		return err;
	if (peer_tid)
		err = tunnel_meet(d, tid, peer_tid);
	if (err)
		udp_close(d->udp, tid);
	else
		daemon_keep(d, KEPT_TUNNEL, tid, udp_fd(d->udp, tid));
	return err;
}

/*
 * The C library keeps what was freed.  After a wave of calls, whoever sent it, the kernel gets it
 * back: each time that as many tunnels have gone as are left, which costs each of them next to
 * nothing.
 */
static void give_back_memory(struct daemon *d)
{
	d->n_gone++;
	if (d->n_gone < GONE_MIN || d->n_gone < lns_tunnel_count(d->lns))
		return;
	d->n_gone = 0;
	malloc_trim(0);
}

static void tunnel_mute(void *ctx, uint16_t tid)
{
	struct daemon *d = ctx;

	udp_mute(d->udp, tid);
}

static void tunnel_close(void *ctx, uint16_t tid)
{
	struct daemon *d = ctx;

	udp_close(d->udp, tid);
	daemon_drop(d, KEPT_TUNNEL, tid);
	wheel_del(&d->timers[tid]);
	give_back_memory(d);
}

static void tunnel_send(void *ctx, uint16_t tid, const struct path *path, const void *bytes,
			size_t len)
{
	struct daemon *d = ctx;
	int err = udp_send(d->udp, tid, path, bytes, len);

	if (err)
		log_debug(NET, "send-failed", "tid=%u: %s", tid, err_text(err));
}

static void stray_send(void *ctx, const struct path *path, const void *bytes, size_t len)
{
	struct daemon *d = ctx;
	int err = udp_send_stray(d->udp, path, bytes, len);

	if (err)
		log_debug(NET, "send-failed", "stray: %s", err_text(err));
}

static int session_open(void *ctx, uint16_t tid, uint16_t sid, uint16_t peer_sid)
{
	struct daemon *d = ctx;

	return plane_session_open(d->plane, tid, sid, peer_sid);
}

static void session_close(void *ctx, uint16_t tid, uint16_t sid)
{
	struct daemon *d = ctx;

	(void)tid;
	plane_session_close(d->plane, sid);
}

static int session_sequence(void *ctx, uint16_t tid, uint16_t sid, struct cause *ret_why)
{
	struct daemon *d = ctx;
	const struct config_lns *section = d->served[sid];
	int err;

	/* CDN result 5: lack of facilities, for good */
	if (section && section->sequencing == CONFIG_SEQUENCING_NEVER) {
		cause_set(ret_why, STAGE_SESSION, 5, 0,
			  "the client wants sequence numbers, and lns %s has sequencing = never",
			  section->name);
		return -ERR_REFUSED;
	}
	err = plane_session_sequence(d->plane, tid, sid);
	if (err)
		cause_set(ret_why, STAGE_SESSION, 5, 0,
			  "the client wants sequence numbers, and the kernel says: %s",
			  err_text(err));
	else
		daemon_note_sequenced(d, sid);
	return err;
}

static void fill_setup(struct daemon *d, uint16_t tid, uint16_t sid, const struct path *path,
		       const struct config_lns *section, struct bus_setup *ret)
{
	*ret = (struct bus_setup){
		.session = sid,
		.tunnel = tid,
		.local_ip = section->local_address,
		.dns_primary = section->dns[0],
		.dns_secondary = section->dns[1],
		.mtu = daemon_mtu_begin(d, sid, path, section),
	};
	COPY(ret->lns, section->name);
	COPY(ret->bus, d->door);
	snprintf(ret->acct_session_id, sizeof(ret->acct_session_id), "%08X%08X", d->run,
		 ++d->n_sessions);
	addr_format_ip(&path->peer, ret->calling_station_id);
	addr_format_ip(&path->local, ret->called_station_id);
	if (section->radius && section->radius->nas_identifier)
		COPY(ret->nas_identifier, section->radius->nas_identifier);
	else
		COPY(ret->nas_identifier, d->config->l2tp.host_name);
}

static int start_ppp(void *ctx, uint16_t tid, uint16_t sid)
{
	struct daemon *d = ctx;
	const struct config_lns *section;
	struct tunnel_info t;
	struct bus_setup setup;
	const struct sa *sa;
	int err = lns_tunnel_info(d->lns, tid, &t), session_fd, bus_fd;

	if (err)
		return err;
	sa = daemon_sa(d, &t.path);
	section = config_lns_for(d->config, sa ? sa->connection : "");
	if (!section)
		return -ERR_REFUSED;
	fill_setup(d, tid, sid, &t.path, section, &setup);
	err = daemon_lease_early(d, sid, section, &setup);
	if (err)
		return err;
	session_fd = plane_session_take(d->plane, sid);
	err = session_fd < 0 ? session_fd
			     : ppp_start(d->ppp, sid, tid, (uint16_t)(section - d->config->lns),
					 session_fd, &bus_fd);
	if (err) {
		pools_release(d->pools, sid);
		return err;
	}
	d->served[sid] = section;
	d->n_starting++;
	err = links_open(d->links, sid, bus_fd, &setup);
	if (err) {
		log_error(PPP, "no-bus", "sid=%u: %s", sid, err_text(err));
		ppp_stop(d->ppp, sid);
	}
	return 0;
}

/* pppd cannot go on from what somebody else negotiated: it begins anew. */
static void proxied(void *ctx, uint16_t tid, uint16_t sid, const struct proxy *proxy)
{
	char words[PROXY_WORDS_LEN];

	(void)ctx;
	log_info(SESSION, "proxy", "sid=%u tid=%u %s", sid, tid, proxy_words(proxy, words));
}

static void stop_ppp(void *ctx, uint16_t sid, const struct cause *why)
{
	struct daemon *d = ctx;

	links_end(d->links, sid, why->text);
	ppp_stop(d->ppp, sid);
}

/*
 * Why a session never came up.  What pppd says of authentication is the true reason, also when the
 * client was quicker to hang up than pppd to exit.
 */
static void session_failed(struct daemon *d, const struct news *n)
{
	const struct bus_report *report = links_report(d->links, n->sid);
	enum stage stage = report && report->reason[0] ? daemon_stage(report->stage) : STAGE_UP;

	if (stage == STAGE_AUTH || stage == STAGE_LEASE)
		daemon_failed(d, n->path, n->tid, n->sid, stage, report->reason);
	else
		daemon_failed(d, n->path, n->tid, n->sid, n->cause->stage, n->cause->text);
}

/* A session has ended: free what it held, and say what there is to say. */
static void session_over(struct daemon *d, const struct news *n)
{
	const struct bus_report *report = links_report(d->links, n->sid);
	bool was_up = links_up_since(d->links, n->sid) != USEC_NEVER;

	if (was_up) {
		log_info(SESSION, "down",
			 "sid=%u tid=%u user=\"%s\" bytes-in=%llu bytes-out=%llu reason=\"%s\"",
			 n->sid, n->tid, report->user, (unsigned long long)report->bytes_in,
			 (unsigned long long)report->bytes_out, n->cause->text);
		api_tell_session(d->api, BUS_EV_SESSION_DOWN, n->sid, n->cause->text);
	} else {
		session_failed(d, n);
	}
	if (d->served[n->sid] && !was_up)
		d->n_starting--;
	d->served[n->sid] = NULL;
	d->mtus[n->sid] = (struct mtu){0};
	d->sequenced[n->sid] = false;
	links_close(d->links, n->sid);
	pools_release(d->pools, n->sid);
}

/*
 * ICCN came.  "Always" begins here, as PPP may lose a frame at its beginning: what comes without
 * sequence numbers is dropped from now on, until the client has seen one of ours.
 */
static void session_established(struct daemon *d, const struct news *n, const char *peer)
{
	const struct config_lns *section = d->served[n->sid];
	int err = 0;

	log_debug(SESSION, "established", "sid=%u tid=%u peer=%s", n->sid, n->tid, peer);
	if (section && section->sequencing == CONFIG_SEQUENCING_ALWAYS)
		err = plane_session_sequence(d->plane, n->tid, n->sid);
	if (err)
		log_warn(PLANE, "no-sequencing", "sid=%u: %s", n->sid, err_text(err));
}

static void tell(void *ctx, const struct news *n)
{
	struct daemon *d = ctx;
	char peer[ADDR_STR_LEN];

	addr_format(&n->path->peer, peer);
	switch (n->kind) {
	case NEWS_TUNNEL_UP:
		log_info(TUNNEL, "up", "tid=%u peer=%s mark=%u", n->tid, peer, n->path->sa.mark);
		api_tell_tunnel(d->api, BUS_EV_TUNNEL_UP, n->tid, "");
		break;
	case NEWS_TUNNEL_DOWN:
		log_info(TUNNEL, "down", "tid=%u peer=%s reason=\"%s\"", n->tid, peer,
			 n->cause->text);
		api_tell_tunnel(d->api, BUS_EV_TUNNEL_DOWN, n->tid, n->cause->text);
		break;
	case NEWS_TUNNEL_MOVED:
		log_info(TUNNEL, "moved", "tid=%u peer=%s mark=%u", n->tid, peer, n->path->sa.mark);
		api_tell_tunnel(d->api, BUS_EV_TUNNEL_MOVED, n->tid, "");
		break;
	case NEWS_SESSION_UP: session_established(d, n, peer); break;
	case NEWS_SESSION_DOWN: session_over(d, n); break;
	case NEWS_FAILED:
		if (n->sid)
			session_over(d, n);
		else
			daemon_failed(d, n->path, n->tid, 0, n->cause->stage, n->cause->text);
		break;
	}
	daemon_set_gate(d, n->sid && n->kind != NEWS_SESSION_UP);
	daemon_try_end(d);
}

void daemon_ports(struct daemon *d, struct ports *ret)
{
	*ret = (struct ports){
		.ctx = d,
		.peer_rules = peer_rules,
		.admit_tunnel = may_have_tunnel,
		.release_tunnel = release_tunnel,
		.recount_tunnel = recount_tunnel,
		.admit_session = may_have_session,
		.tunnel_open = tunnel_open,
		.tunnel_meet = tunnel_meet,
		.tunnel_move = tunnel_move,
		.tunnel_mute = tunnel_mute,
		.tunnel_close = tunnel_close,
		.tunnel_restore = daemon_tunnel_restore,
		.session_restore = daemon_session_restore,
		.tunnel_send = tunnel_send,
		.stray_send = stray_send,
		.session_open = session_open,
		.session_close = session_close,
		.session_sequence = session_sequence,
		.ppp_start = start_ppp,
		.proxied = proxied,
		.ppp_stop = stop_ppp,
		.timer_set = timer_set,
		.tell = tell,
	};
}
