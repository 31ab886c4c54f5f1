/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the engine, opened in order; each says what it misses. */
#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "l2tpd/daemon_priv.h"
#include "l2tpd/policy/nft.h"
#include "l2tpd/wire/auth.h"
#include "lib/base/err.h"
#include "lib/base/secret.h"

#define PPP_GRACE     (8 * USEC_PER_S)  /* pppd says goodbye twice, 3 s apart */
#define SA_STALE      (5 * USEC_PER_S)  /* for a client of an earlier run to be heard */
#define SA_HEIR_WAIT  (10 * USEC_PER_S) /* a lost packet of IKE comes again after 4 s */
#define STRANGERS_MIN 64
#define STRANGERS_MAX 4096

static int open_plane(struct daemon *d)
{
	char why[PLANE_WHY_LEN > NFT_WHY_LEN ? PLANE_WHY_LEN : NFT_WHY_LEN];
	int err;

	if (d->dry_run)
		return plane_null_new(&d->plane);
	err = plane_check(d->config->listen.ipsec == CONFIG_IPSEC_REQUIRED, why);
	if (!err)
		err = daemon_open_table(d, why);
	if (err) {
		log_error(PLANE, "cannot-start", "%s", why);
		return err;
	}
	err = plane_kernel_new(&d->plane);
	if (err)
		log_error(PLANE, "cannot-start", "%s", err_text(err));
	return err ? err : daemon_watch_table(d);
}

int daemon_open_peers(struct daemon *d)
{
	size_t n = d->config->n_peers;
	struct peer_conf *conf = calloc(n + 1, sizeof(*conf));
	uint8_t(*secrets)[AUTH_SECRET_MAX] = calloc(n + 1, sizeof(*secrets));
	int err = conf && secrets ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < n; i++) {
		const struct config_peer *p = &d->config->peers[i];
		int len = 0;

		if (p->secret_file)
			len = secret_read_file(p->secret_file, secrets[i], sizeof(secrets[i]));
		if (len < 0) {
			log_error(POLICY, "cannot-start", "peer %s: %s: %s", p->name,
				  p->secret_file, err_text(len));
			err = len;
			break;
		}
		conf[i] = (struct peer_conf){
			p->addresses,
			p->n_addresses,
			p->host_name,
			{{secrets[i], (size_t)len}, p->challenge, p->hide},
		};
	}
	if (!err)
		err = peers_new(conf, n, &d->peers);
	if (secrets)
		secret_wipe(secrets, (n + 1) * sizeof(*secrets));
	free(secrets);
	free(conf);
	return err;
}

static int open_pools(struct daemon *d)
{
	size_t n = d->config->n_pools;
	struct pool_conf *conf = calloc(n + 1, sizeof(*conf));
	int err = conf ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < n; i++)
		conf[i] = (struct pool_conf){d->config->pools[i].name, d->config->pools[i].ranges,
					     d->config->pools[i].n_ranges};
	if (!err)
		err = pools_new(conf, n, &d->pools);
	free(conf);
	if (err)
		log_error(POLICY, "cannot-start", "pools: %s", err_text(err));
	return err;
}

/*
 * Places for strangers where no SA proves anybody: of the ids that tunnels leave half, as tunnels
 * keep theirs for a while after their end.
 */
static unsigned int count_strangers(const struct daemon *d)
{
	unsigned int ids = d->config->listen.last_port - d->config->listen.first_port + 1U;
	unsigned int tunnels = d->config->limits.tunnels;
	unsigned int n = ids > tunnels ? (ids - tunnels) / 2 : 0;

	if (d->config->listen.ipsec == CONFIG_IPSEC_REQUIRED && !d->dry_run)
		return 0;
	if (n < STRANGERS_MIN)
		n = STRANGERS_MIN < ids / 2 ? STRANGERS_MIN : ids / 2;
	return n < STRANGERS_MAX ? n : STRANGERS_MAX;
}

static int open_lns(struct daemon *d)
{
	static const enum msg_strictness strictness[] = {
		[CONFIG_STRICTNESS_TOLERANT] = MSG_TOLERANT,
		[CONFIG_STRICTNESS_PERMISSIVE] = MSG_PERMISSIVE,
		[CONFIG_STRICTNESS_STRICT] = MSG_STRICT,
	};
	struct lns_conf conf = {
		.tid_lo = d->config->listen.first_port,
		.tid_hi = d->config->listen.last_port,
		.window = d->config->l2tp.window,
		.hello = d->config->l2tp.hello,
		.retry_first = d->config->l2tp.retry_first,
		.retry_cap = d->config->l2tp.retry_cap,
		.retry_max = d->config->l2tp.retry_max,
		.setup_limit = d->config->l2tp.setup_limit,
		.sessions_per_tunnel = d->config->limits.sessions_per_tunnel,
		.strictness = strictness[d->config->l2tp.strictness],
		.strangers = count_strangers(d),
		.book = d->book,
	};
	struct ports ports;

	COPY(conf.host_name, d->config->l2tp.host_name);
	daemon_ports(d, &ports);
	d->lns = lns_new(&conf, &ports);
	return d->lns ? 0 : -ENOMEM;
}

static int open_admit(struct daemon *d)
{
	const struct admit_conf conf = {
		.tunnels = d->config->limits.tunnels,
		.half_open = d->config->limits.half_open,
		.tunnels_per_sa = d->config->limits.tunnels_per_sa,
		.tunnels_per_identity = d->config->limits.tunnels_per_identity,
		.tunnels_per_address = d->config->limits.tunnels_per_address,
		.leaving_per_sa = d->config->limits.leaving_per_sa,
		.sessions = d->config->limits.sessions,
		.sessions_per_tunnel = d->config->limits.sessions_per_tunnel,
		.starting = d->config->limits.starting,
		.tunnel_rate = d->config->limits.tunnel_rate,
		.tunnel_rate_per_sa = d->config->limits.tunnel_rate_per_sa,
		.tunnel_rate_per_address = d->config->limits.tunnel_rate_per_address,
		.session_rate_per_sa = d->config->limits.session_rate_per_sa,
	};

	d->admit = admit_new(&conf, lns_shared_counters(d->lns));
	d->shares = shares_new();
	return d->admit && d->shares ? 0 : -ENOMEM;
}

static int listen_all(struct daemon *d)
{
	struct udp_conf conf = {
		.esp_only = d->config->listen.ipsec == CONFIG_IPSEC_REQUIRED && !d->dry_run,
		.shared = d->dry_run,
		.tid_lo = d->config->listen.first_port,
		.tid_hi = d->config->listen.last_port,
	};

	d->udp = udp_new(d->base, &conf, daemon_on_input, d);
	if (!d->udp)
		return -ENOMEM;
	for (size_t i = 0; i < d->config->listen.n_addresses; i++) {
		struct addr a = d->config->listen.addresses[i];
		char text[ADDR_STR_LEN];
		int err;

		if (d->dry_run)
			a.port = d->dry_run;
		addr_format(&a, text);
		err = daemon_listen(d, (uint16_t)i, &a);
		if (err == -EAFNOSUPPORT && addr_is_any(&a)) {
			log_info(NET, "not-listening", "%s: the kernel has no IPv6", text);
			continue;
		}
		if (err == -EADDRINUSE)
			log_error(NET, "cannot-listen",
				  "%s: another program serves this port; stop it (xl2tpd?)", text);
		else if (err == -EADDRNOTAVAIL)
			log_error(NET, "cannot-listen",
				  "%s: no interface has this address; see listen { addresses }",
				  text);
		else if (err)
			log_error(NET, "cannot-listen", "%s: %s", text, err_text(err));
		if (err)
			return err;
		log_info(NET, "listening", "address=%s", text);
	}
	return 0;
}

static void on_alone(void *ctx)
{
	struct daemon *d = ctx;

	log_error(DAEMON, "alone", "the monitor is gone: ending");
	event_base_loopbreak(d->base);
}

/* The engine's end of a socket to what stands in for the monitor; or a negative code. */
static int open_standin(struct daemon *d)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair))
		return -errno;
	d->standin = standin_new(d->base, pair[1]);
	if (d->standin)
		return pair[0];
	close(pair[0]);
	return -ENOMEM;
}

static int open_ppp(struct daemon *d, int monitor_fd)
{
	const struct ppp_calls calls = {
		.ctx = d,
		.started = daemon_on_started,
		.ended = daemon_on_ended,
		.exited = daemon_on_exited,
		.alone = on_alone,
		.restart = daemon_on_restart,
	};
	const struct ppp_conf conf = {
		.grace = PPP_GRACE,
		.starts = d->config->limits.pppd_starts,
		.wait = d->config->limits.pppd_wait,
	};
	const struct links_conf links = {
		.ctx = d,
		.begun = daemon_on_begun,
		.lease = daemon_on_lease,
		.up = daemon_on_up,
		.pid = daemon_pid_of,
		.resumed = daemon_on_resumed,
		.user = 0,
	};
	int err = 0;

	if (d->dry_run)
		monitor_fd = open_standin(d);
	else
		err = daemon_take_over(d, monitor_fd);
	if (monitor_fd < 0 || err)
		return err ? err : monitor_fd;
	d->ppp = ppp_new(d->base, monitor_fd, &conf, &calls);
	d->links = links_new(d->base, &links);
	return d->ppp && d->links ? 0 : -ENOMEM;
}

static int open_sas(struct daemon *d)
{
	const struct sas_conf conf = {
		.path = d->config->daemon.charon_socket,
		.ctx = d,
		.up = daemon_on_sa_up,
		.gone = daemon_on_sa_gone,
		.moved = daemon_on_sa_moved,
		.failed = daemon_on_ike_failed,
		.changed = daemon_on_sa_changed,
		.listed = daemon_on_sas_listed,
		.in_use = daemon_is_sa_in_use,
		.unused = d->config->limits.unused_sa,
		.stale = SA_STALE,
		.heir_wait = SA_HEIR_WAIT,
	};

	if (d->config->listen.ipsec == CONFIG_IPSEC_NONE || d->dry_run) {
		log_warn(IPSEC, "off", "%s: L2TP is served in the clear",
			 d->dry_run ? "dry run" : "listen { ipsec = none }");
		return 0;
	}
	d->sas = sas_new(d->base, &conf);
	return d->sas ? 0 : -ENOMEM;
}

static int open_api(struct daemon *d)
{
	struct group *group = getgrnam(d->config->daemon.group);
	struct api_conf conf = {
		.path = d->config->daemon.admin_socket,
		.group = group ? group->gr_gid : (gid_t)-1,
		.fd = daemon_taken_socket(d, KEPT_ADMIN),
		.from = {d->lns, d->pools, d->sas, d->links, d->ppp, d->plane, d->failures,
			 !d->dry_run, d->mtus},
		.ctx = d,
		.end_session = daemon_on_end_session,
		.end_tunnel = daemon_on_end_tunnel,
		.draining = &d->draining,
		.drain = daemon_on_drain,
		.look = daemon_on_look,
		.restart = daemon_restart,
	};
	int err = api_new(d->base, &conf, &d->api);

	if (!err)
		daemon_keep(d, KEPT_ADMIN, 0, api_fd(d->api));

	if (err == -EADDRINUSE)
		log_error(API, "cannot-listen", "%s: l2tpd is running already", conf.path);
	else if (err && d->dry_run)
		log_error(API, "cannot-listen",
			  "%s: %s; for a dry run set daemon { admin-socket } to a path of yours",
			  conf.path, err_text(err));
	else if (err)
		log_error(API, "cannot-listen", "%s: %s", conf.path, err_text(err));
	return err;
}

/* In this order: each needs the ones before it. */
int daemon_open(struct daemon *d, int monitor_fd)
{
	int err = open_ppp(d, monitor_fd);

	if (!err)
		err = open_plane(d);
	if (!err)
		err = open_pools(d);
	if (!err)
		err = open_lns(d);
	if (!err)
		err = open_admit(d);
	if (!err)
		err = open_sas(d);
	if (!err)
		err = open_api(d);
	if (!err)
		err = listen_all(d);
	if (!err)
		daemon_restore(d);
	if (err == -ENOMEM)
		log_error(DAEMON, "no-memory", "cannot start");
	return err;
}
