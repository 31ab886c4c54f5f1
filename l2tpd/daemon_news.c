/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the drivers say, passed on to the protocol machines, and to people where they must know. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "l2tpd/daemon_priv.h"
#include "l2tpd/policy/identity.h"
#include "l2tpd/ppp/exitcode.h"
#include "lib/base/err.h"
#include "lib/bus/names.h"

const struct sa *daemon_sa(const struct daemon *d, const struct path *path)
{
	return d->sas && path->sa.mark ? sas_find(d->sas, path->sa.mark) : NULL;
}

int daemon_pool(const struct daemon *d, const struct config_lns *section)
{
	return section->pool ? (int)(section->pool - d->config->pools) : POOL_NONE;
}

/*
 * What one client may add to the failures that are kept and told, so that it cannot push out those
 * of others: 16 at once and ten a minute.  All strangers without a tunnel are one, as their
 * addresses are anybody's.
 */
static const struct rate each_may_fail = {6 * USEC_PER_S, 16};

static bool may_fail(struct daemon *d, uint64_t source)
{
	if (rates_take(d->failures_of, &each_may_fail, source, clock_now()))
		return true;
	count(lns_shared_counters(d->lns), COUNT_FAILURES_SPARED);
	failures_skip(d->failures);
	return false;
}

static void tell_failure(struct daemon *d, const struct bus_failure *f)
{
	char peer[ADDR_STR_LEN];
	unsigned int left_out;

	if (log_limit(&d->failed_limit, clock_now(), &left_out))
		log_warn(SESSION, "failed",
			 "peer=%s identity=\"%s\" user=\"%s\" tid=%u sid=%u stage=%s reason=\"%s\" "
			 "left-out=%u",
			 addr_format(&f->peer, peer), f->identity, f->user, f->tunnel, f->session,
			 f->stage, f->reason, left_out);
	failures_add(d->failures, f);
	api_tell_failure(d->api, f);
}

void daemon_failed(struct daemon *d, const struct path *path, uint16_t tid, uint16_t sid,
		   enum stage stage, const char *reason)
{
	const struct bus_report *report = links_report(d->links, sid);
	const struct sa *sa = daemon_sa(d, path);
	struct bus_failure f = {
		.time_s = clock_wall() / USEC_PER_S,
		.peer = path->peer,
		.tunnel = tid,
		.session = sid,
	};

	if (!may_fail(d, path->sa.mark || tid ? path_source(path) : 0))
		return;
	COPY(f.identity, sa ? sa->identity : "");
	COPY(f.user, report ? report->user : "");
	COPY(f.stage, stage_word(stage));
	COPY(f.reason, reason);
	tell_failure(d, &f);
}

/*
 * Datagrams
 */

/* Hand on a datagram of the listener whose SA we know by now. */
static void from_known(void *ctx, const struct path *from, const void *bytes, size_t len)
{
	struct daemon *d = ctx;
	const struct sa *sa = daemon_sa(d, from);
	struct path path = *from;

	if (!sa)
		return;
	path.sa.reqid = sa->reqid;
	lns_input(d->lns, &path, 0, bytes, len, clock_now());
}

/* It came through ESP, but of its SA nothing is known, and nothing will be. */
static void from_stranger(void *ctx, const struct path *from, const void *bytes, size_t len)
{
	struct daemon *d = ctx;
	unsigned int dropped;
	char reason[BUS_TEXT_LEN];

	(void)bytes;
	(void)len;
	if (!log_limit(&d->stranger_limit, clock_now(), &dropped))
		return;
	if (!from->sa.mark)
		snprintf(reason, sizeof(reason),
			 "came through an SA without a mark: set mark_in = %%unique, set_mark_in = "
			 "%%same and policies = no for the child in swanctl.conf");
	else
		snprintf(reason, sizeof(reason),
			 "came through an SA (mark %u) that charon's plugin has not told of: %s",
			 from->sa.mark,
			 sas_connected(d->sas)
				 ? "see charon's log for lines of l2tp"
				 : "l2tpd is not connected to it, see l2tpctl status");
	daemon_failed(d, from, 0, 0, STAGE_IPSEC, reason);
}

static void hold_for(struct daemon *d, usec_t wait)
{
	struct timeval tv = {(time_t)(wait / USEC_PER_S), (suseconds_t)(wait % USEC_PER_S)};

	if (!evtimer_pending(d->hold_limit, NULL))
		evtimer_add(d->hold_limit, &tv);
}

void daemon_on_hold_limit(evutil_socket_t fd, short what, void *ctx)
{
	struct daemon *d = ctx;
	usec_t now = clock_now(), next = hold_expire(d->hold, now, from_stranger, d);

	(void)fd;
	(void)what;
	if (next != USEC_NEVER)
		hold_for(d, next - now);
}

void daemon_on_input(void *ctx, const struct path *from, uint16_t via, const void *bytes,
		     size_t len, usec_t now)
{
	struct daemon *d = ctx;
	struct path path = *from;

	if (!d->sas)
		path.sa = (struct sa_key){0};
	if (!via && !d->dry_run)
		daemon_look_for_table(d, bytes, len);
	if (via || !d->sas) {
		lns_input(d->lns, &path, via, bytes, len, now);
		return;
	}
	/* While charon is away its next run may give marks that we know to other clients. */
	if (sas_connected(d->sas) && daemon_sa(d, from))
		from_known(d, from, bytes, len);
	else if (!hold_add(d->hold, from, bytes, len, now))
		hold_for(d, HOLD_TIME);
}

/*
 * Security associations
 */

void daemon_on_sa_up(void *ctx, const struct sa *sa)
{
	struct daemon *d = ctx;

	hold_take(d->hold, sa->mark, from_known, d);
}

bool daemon_is_sa_in_use(void *ctx, const struct sa *sa)
{
	const struct daemon *d = ctx;

	return lns_sa_tunnel_count(d->lns, sa->mark);
}

static struct path path_of(const struct sa *sa)
{
	return (struct path){sa->local, sa->remote, {sa->mark, sa->reqid}};
}

void daemon_on_sa_moved(void *ctx, const struct sa *was, const struct sa *is)
{
	struct daemon *d = ctx;
	const struct path path = path_of(is);

	lns_sa_moved(d->lns, was->mark, &path, clock_now());
	daemon_on_sa_changed(d, is);
}

void daemon_on_sa_gone(void *ctx, const struct sa *sa, enum sas_end how, const char *reason)
{
	struct daemon *d = ctx;
	struct cause why;

	/* StopCCN, where it can still be said: general request to clear */
	cause_set(&why, STAGE_IPSEC, 1, 0, "its security association is gone: %s", reason);
	if (how == SAS_ORPHANED)
		lns_sa_orphaned(d->lns, sa->mark, &why, clock_now());
	else
		lns_sa_gone(d->lns, sa->mark, &why, clock_now());
	daemon_try_end(d);
}

/* Who has said its name in IKE has an address of its own; before that it may be anybody's. */
void daemon_on_ike_failed(void *ctx, const struct addr *peer, const char *identity,
			  const char *reason)
{
	const struct path path = {.peer = *peer};
	struct daemon *d = ctx;
	struct bus_failure f = {.time_s = clock_wall() / USEC_PER_S, .peer = *peer};

	if (!may_fail(d, identity[0] ? path_source(&path) : 0))
		return;
	view_printable(view_str(identity), f.identity, sizeof(f.identity));
	COPY(f.stage, stage_word(STAGE_IPSEC));
	view_printable(view_str(reason), f.reason, sizeof(f.reason));
	tell_failure(d, &f);
}

/* Why new clients cannot be served; NULL: they can. */
static const char *why_closed(const struct daemon *d, unsigned int leaving, char *buf, size_t cap)
{
	if (d->draining)
		return "the server takes nobody new (l2tpctl drain)";
	if (lns_tunnel_count(d->lns) >= d->config->limits.tunnels)
		snprintf(buf, cap, "the limit of %u tunnels is reached", d->config->limits.tunnels);
	else if (lns_session_count(d->lns) - leaving >= d->config->limits.sessions)
		snprintf(buf, cap, "the limit of %u sessions is reached",
			 d->config->limits.sessions);
	else
		return NULL;
	return buf;
}

void daemon_set_gate(struct daemon *d, unsigned int leaving)
{
	char buf[BUS_TEXT_LEN];
	const char *why = d->sas ? why_closed(d, leaving, buf, sizeof(buf)) : NULL;

	if (d->gate_closed == (why != NULL))
		return;
	d->gate_closed = why;
	sas_set_gate(d->sas, why);
}

/*
 * pppd
 */

void daemon_on_started(void *ctx, uint16_t sid, pid_t pid)
{
	struct daemon *d = ctx;

	log_debug(PPP, "started", "sid=%u pid=%d", sid, (int)pid);
	links_started(d->links, sid);
}

enum stage daemon_stage(const char *word)
{
	for (enum stage stage = STAGE_IPSEC; stage < STAGE_UP; stage++)
		if (!strcmp(stage_word(stage), word))
			return stage;
	return STAGE_UP;
}

void daemon_on_begun(void *ctx, uint16_t sid)
{
	struct daemon *d = ctx;

	ppp_begun(d->ppp, sid);
}

/* What it has said last may still be on its way, even at the door, where only its pid counts. */
void daemon_on_ended(void *ctx, uint16_t sid)
{
	struct daemon *d = ctx;

	links_drain(d->links, sid);
}

/* Why the session ended: what its plugin said last, else what pppd's status means. */
static void exit_cause(const struct bus_report *report, int error, int status, struct cause *ret)
{
	const struct exitcode *code = error ? NULL : exitcode_find(status);

	if (error == -ETIMEDOUT)
		cause_set(ret, STAGE_LCP, 4, 0, "%s", exitcode_not_started(error)->text);
	else if (error)
		cause_set(ret, STAGE_LCP, 2, 4, "%s (%s)", exitcode_not_started(error)->text,
			  err_text(error));
	else if (report && !strcmp(report->state, "down") && report->reason[0])
		cause_set(ret, daemon_stage(report->stage), 3, 0, "%s", report->reason);
	else
		cause_set(ret, code->stage, 3, 0, "%s", code->text);
	if (code)
		ret->ppp = code->disconnect;
}

void daemon_on_exited(void *ctx, uint16_t sid, int error, int status)
{
	struct daemon *d = ctx;
	struct cause why;

	if (error == -ETIMEDOUT)
		count(lns_shared_counters(d->lns), COUNT_REFUSED_PPPD_WAIT);
	exit_cause(links_report(d->links, sid), error, status, &why);
	log_debug(PPP, "exited", "sid=%u status=%#x reason=\"%s\"", sid, (unsigned int)status,
		  why.text);
	lns_ppp_exited(d->lns, sid, &why, clock_now());
}

bool daemon_may(struct daemon *d, uint16_t sid, const char *user, char ret_why[static BUS_TEXT_LEN])
{
	const struct config_lns *section = d->served[sid];
	struct bus_sa rec = {0};
	struct session_info s;
	struct tunnel_info t;
	const struct sa *sa = NULL;

	if (!section->n_rules)
		return true;
	if (!lns_session_info(d->lns, sid, &s) && !lns_tunnel_info(d->lns, s.tid, &t))
		sa = daemon_sa(d, &t.path);
	if (sa)
		sa_record(sa, &rec);
	for (size_t i = 0; i < section->n_rules; i++) {
		const struct config_rule *r = &section->rules[i];
		const struct identity_rule rule = {r->identities, r->n_identities, r->users,
						   r->n_users};

		if (identity_may(&rule, &rec, user))
			return true;
	}
	count(lns_shared_counters(d->lns), COUNT_REFUSED_IDENTITY);
	if (identity_is_proved(&rec))
		snprintf(ret_why, BUS_TEXT_LEN,
			 "the user may not come with this IKE identity: no rule of lns %s fits",
			 section->name);
	else
		snprintf(ret_why, BUS_TEXT_LEN,
			 "the client has proved no IKE identity (%.40s), and lns %s has rules for "
			 "it",
			 rec.auth[0] ? rec.auth : "no IPsec", section->name);
	return false;
}

void daemon_on_up(void *ctx, uint16_t sid, const struct bus_report *report)
{
	struct daemon *d = ctx;
	char user[BUS_TEXT_LEN], ip[ADDR_STR_LEN];

	d->n_starting--;
	daemon_mtu_up(d, sid);
	if (report->again)
		return;
	log_info(SESSION, "up", "sid=%u user=\"%s\" auth=%s ifname=%s ip=%s mtu=%u", sid,
		 view_printable(view_str(report->user), user, sizeof(user)), report->auth,
		 report->ifname, addr_format_ip(&report->peer_ip, ip), d->mtus[sid].inner);
	api_tell_session(d->api, BUS_EV_SESSION_UP, sid, "");
}

pid_t daemon_pid_of(void *ctx, uint16_t sid)
{
	const struct daemon *d = ctx;

	return ppp_generation(d->ppp, sid) ? ppp_pid(d->ppp, sid) : -ESRCH;
}

/* A pppd that another engine has started, or that has lost its connection to us. */
int daemon_on_resumed(void *ctx, const struct bus_setup *setup, char ret_why[BUS_TEXT_LEN])
{
	const struct config_lns *section;
	uint16_t sid = (uint16_t)setup->session;
	struct daemon *d = ctx;
	struct session_info s;
	int err;

	if (lns_session_info(d->lns, sid, &s)) {
		snprintf(ret_why, BUS_TEXT_LEN, "no session has this id");
		return -ENOENT;
	}
	section = config_lns_named(d->config, setup->lns);
	if (!section) {
		snprintf(ret_why, BUS_TEXT_LEN, "l2tpd.conf has no section lns %.64s any more",
			 setup->lns);
		return -ENOENT;
	}
	err = daemon_lease_again(d, section, setup);
	if (err) {
		snprintf(ret_why, BUS_TEXT_LEN, "its address is not to be had again: %s",
			 err_text(err));
		return err;
	}
	if (!d->served[sid])
		d->n_starting++; /* until it reports to be up */
	d->served[sid] = section;
	log_info(PPP, "resumed", "sid=%u tid=%u", sid, s.tid);
	return 0;
}

/*
 * The administrator
 */

int daemon_on_end_session(void *ctx, uint16_t sid, const char *reason)
{
	struct daemon *d = ctx;
	struct cause why;

	cause_set(&why, STAGE_UP, 3, 0, "%s", reason); /* CDN: for administrative reasons */
	why.ppp = 1;                                   /* ... in RFC 3145, too */
	return lns_end_session(d->lns, sid, &why, clock_now());
}

int daemon_on_end_tunnel(void *ctx, uint16_t tid, const char *reason)
{
	struct daemon *d = ctx;
	struct cause why;

	cause_set(&why, STAGE_UP, 1, 0, "%s", reason); /* StopCCN: general request to clear */
	return lns_end_tunnel(d->lns, tid, &why, clock_now());
}

void daemon_on_drain(void *ctx, bool drain)
{
	struct daemon *d = ctx;

	if (drain == d->draining)
		return;
	d->draining = drain;
	if (d->book)
		book_set_note(d->book, BOOK_DRAINING, drain);
	if (drain)
		log_info(DAEMON, "draining", "tunnels=%u sessions=%u", lns_tunnel_count(d->lns),
			 lns_session_count(d->lns));
	else
		log_info(DAEMON, "serving", "draining is over");
	daemon_set_gate(d, 0);
}
