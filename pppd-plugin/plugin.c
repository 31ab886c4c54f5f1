/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plugin that pppd loads: its options, and the hooks that lead to the other files.  It never
 * blocks once the link is up, and ends pppd only as pppd itself does.
 */
#include "pppd-plugin/compat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/secret.h"
#include "pppd-plugin/apply.h"
#include "pppd-plugin/assign.h"
#include "pppd-plugin/channel.h"
#include "pppd-plugin/lcp.h"
#include "pppd-plugin/link.h"
#include "pppd-plugin/module.h"
#include "pppd-plugin/patience.h"
#include "pppd-plugin/session.h"
#include "pppd-plugin/takeover.h"
#include "pppd-plugin/wait.h"
#include "pppd-plugin/wake.h"

#define EXPORT __attribute__((visibility("default")))

/* pppd refuses a plugin that was built for another version. */
EXPORT char pppd_version[] = HOST_VERSION;
EXPORT void plugin_init(void);

static int bus_fd = -1, session_fd = -1;
static int wait_fd = -1;   /* from here the session's descriptors come; -1: by options */
static char *session_name; /* among pppd's arguments, for who looks at ps; NULL: not there */
static bool by_radius;     /* else pppd's secrets files decide who may enter */
static struct offer offer; /* empty: in pppd's own order */
static struct radius_conf servers = {.timeout = 3 * USEC_PER_S, .tries = 3};
static int timeout_ms, tries; /* 0: not given */
static bool secret_missing;   /* of the server named last */

static struct bus_setup setup;
static struct assign assign;
static bool started;
static void (*next_snoop)(unsigned char *packet, int len);

static int set_name(char **argv)
{
	session_name = argv[0];
	return 1;
}

static int set_auth(char **argv)
{
	by_radius = !strcmp(argv[0], "radius");
	if (by_radius || !strcmp(argv[0], "local"))
		return 1;
	host_option_error("l2tpd-auth is radius or local, not '%s'", argv[0]);
	return 0;
}

static int set_offer(char **argv)
{
	if (!offer_parse(&offer, argv[0]))
		return 1;
	host_option_error("l2tpd-offer is a list of eap, mschapv2, chap and pap, not '%s'",
			  argv[0]);
	return 0;
}

static int add_server(char **argv)
{
	struct addr address;

	if (secret_missing) {
		host_option_error("l2tpd-radius-secret has to follow each l2tpd-radius-server");
		return 0;
	}
	if (servers.n_servers == RADIUS_SERVERS_MAX) {
		host_option_error("more than %d RADIUS servers", RADIUS_SERVERS_MAX);
		return 0;
	}
	if (addr_parse(&address, argv[0], RADIUS_PORT)) {
		host_option_error("l2tpd-radius-server wants ADDRESS:PORT, not '%s'", argv[0]);
		return 0;
	}
	servers.servers[servers.n_servers++] = (struct radius_server){.address = address};
	secret_missing = true;
	return 1;
}

static int set_secret(char **argv)
{
	struct radius_server *s;
	int len;

	if (!secret_missing) {
		host_option_error("l2tpd-radius-secret has to follow its l2tpd-radius-server");
		return 0;
	}
	s = &servers.servers[servers.n_servers - 1];
	len = secret_read_file(argv[0], s->secret, sizeof(s->secret));
	if (len < 0) {
		host_option_error("cannot take the RADIUS secret in %s: %s%s", argv[0],
				  err_text(len),
				  len == -EPERM ? ": chown root and chmod 600 it" : "");
		return 0;
	}
	s->secret_len = (size_t)len;
	secret_missing = false;
	return 1;
}

static int read_config(char **argv)
{
	const char *why;
	int err = module_read_radcli(argv[0], &servers, &why);

	switch (err) {
	case 0: return 1;
	case -ELIBACC: host_option_error("cannot load libradcli: %s", why); break;
	case -EINVAL: host_option_error("%s: libradcli refuses it, see syslog", argv[0]); break;
	case -ENOENT: host_option_error("%s: no authserver", argv[0]); break;
	default: host_option_error("%s: a server without secret or address", argv[0]); break;
	}
	return 0;
}

static void on_options(void);

/* Either of these makes the session pppd's channel; without, it works on a tty. */
static int set_channel(char **argv)
{
	channel_init(on_options);
	return host_int_option(argv[0], &session_fd);
}

static int set_wait(char **argv)
{
	channel_init(on_options);
	return host_int_option(argv[0], &wait_fd);
}

static option_t options[] = {
	{.name = "l2tpd-bus",
	 .type = o_int,
	 .addr = &bus_fd,
	 .description = "Descriptor of the connection to l2tpd",
	 .flags = OPT_PRIV | OPT_LLIMIT,
	 .lower_limit = 3},
	{.name = "l2tpd-channel",
	 .type = o_special,
	 .addr = (void *)set_channel,
	 .description = "Descriptor of the PPPoX session",
	 .flags = OPT_PRIV},
	{.name = "l2tpd-wait",
	 .type = o_special,
	 .addr = (void *)set_wait,
	 .description = "Descriptor by which the other two come, once for each child",
	 .flags = OPT_PRIV},
	{.name = "l2tpd-session",
	 .type = o_special,
	 .addr = (void *)set_name,
	 .description = "TUNNEL/SESSION, for ps only",
	 .flags = OPT_PRIV},
	{.name = "l2tpd-auth",
	 .type = o_special,
	 .addr = (void *)set_auth,
	 .description = "Who knows the users: radius or local",
	 .flags = OPT_PRIV},
	{.name = "l2tpd-offer",
	 .type = o_special,
	 .addr = (void *)set_offer,
	 .description = "Authentication protocols in the order to be offered, with commas between",
	 .flags = OPT_PRIV},
	{.name = "l2tpd-radius-server",
	 .type = o_special,
	 .addr = (void *)add_server,
	 .description = "ADDRESS:PORT of a RADIUS server, the first one first",
	 .flags = OPT_PRIV},
	{.name = "l2tpd-radius-secret",
	 .type = o_special,
	 .addr = (void *)set_secret,
	 .description = "File with the secret of the server named before",
	 .flags = OPT_PRIV},
	{.name = "l2tpd-radius-timeout",
	 .type = o_int,
	 .addr = &timeout_ms,
	 .description = "Milliseconds to wait for a RADIUS answer",
	 .flags = OPT_PRIV | OPT_LIMITS,
	 .lower_limit = 10,
	 .upper_limit = 60000},
	{.name = "l2tpd-radius-tries",
	 .type = o_int,
	 .addr = &tries,
	 .description = "Requests to each RADIUS server",
	 .flags = OPT_PRIV | OPT_LIMITS,
	 .lower_limit = 1,
	 .upper_limit = 20},
	{.name = "l2tpd-radius-config",
	 .type = o_special,
	 .addr = (void *)read_config,
	 .description = "RADIUS servers from a radiusclient.conf",
	 .flags = OPT_PRIV},
	{.name = NULL},
};

/* May PAP or CHAP be asked for?  pppd looks for secrets of its own unless told. */
static int can_check(void)
{
	return by_radius ? 1 : -1;
}

static void snoop(unsigned char *packet, int len)
{
	struct view payload, name;
	uint16_t protocol;
	struct rd in;

	if (next_snoop)
		next_snoop(packet, len);
	rd_init(&in, packet, len > 0 ? (size_t)len : 0);
	rd_u16(&in); /* address and control */
	protocol = rd_u16(&in);
	rd_rest(&in, &payload);
	if (in.bad)
		return;
	patience_snoop(protocol, payload);
	if (protocol == PPP_LCP)
		session_snoop_lcp(payload);
	else if (!by_radius && !takeover_peek(protocol, payload, &name))
		session_set_user(name);
}

static void on_close(const char *reason)
{
	session_leave(reason);
}

static void recall(struct bus_setup *ret_setup, struct bus_report *ret_report)
{
	if (assign.peer) {
		ret_setup->peer_ip = addr_from_ipv4(assign.peer, 0);
		snprintf(ret_setup->user, sizeof(ret_setup->user), "%s", session_user());
	}
	session_recall(ret_report);
}

static const struct link_calls link_calls = {
	.leased = takeover_leased,
	.closed = on_close,
	.recall = recall,
};

/* What ps shows: our argument, where pppd was given it. */
static void rename_session(const struct birth_order *order)
{
	size_t room = session_name ? strlen(session_name) : 0;
	char name[sizeof("65535/65535")];

	snprintf(name, sizeof(name), "%u/%u", order->tid, order->sid);
	if (strlen(name) <= room)
		strncpy(session_name, name, room);
}

/*
 * The state of pppd's own generator, from which magic numbers come and, without RADIUS,
 * challenges.  pppd takes it from the clock, which is no secret, and has done so before it waited.
 */
static void seed(void)
{
	unsigned short bits[3];

	secret_random(bits, sizeof(bits));
	seed48(bits);
}

/* All options are there, and pppd is content with them. */
static void on_options(void)
{
	struct birth_order order;
	int fds[BIRTH_FDS];

	if (wait_fd >= 0) {
		wait_for_order(wait_fd, &order, fds);
		session_fd = fds[0];
		bus_fd = fds[1];
		rename_session(&order);
	}
	channel_use(session_fd);
	seed();
}

static void open_link(void)
{
	int err;

	if (bus_fd < 0)
		fatal("l2tpd: option l2tpd-bus is missing: this plugin is for l2tpd to start");
	err = link_open(bus_fd, &link_calls, &setup);
	if (err)
		fatal("l2tpd: no session-setup on descriptor %d: %s", bus_fd, err_text(err));
	session_begins();
}

static void prepare_radius(void)
{
	if (timeout_ms)
		servers.timeout = (usec_t)timeout_ms * USEC_PER_MS;
	if (tries)
		servers.tries = (unsigned int)tries;
	session_at(SESSION_AUTH);
	if (!servers.n_servers || secret_missing) {
		session_because("pppd was started with l2tpd-auth radius, but without a server "
				"and its secret");
		fatal("l2tpd: no RADIUS server, or one without secret");
	}
	if (takeover_init(&setup, &servers, &assign)) {
		session_because("pppd's options require none of EAP, MS-CHAPv2, CHAP and PAP");
		fatal("l2tpd: none of require-eap, require-mschap-v2, require-chap, require-pap");
	}
}

static void prepare_local(void)
{
	if (assign.peer)
		return;
	session_at(SESSION_LEASE);
	session_because("no address was leased for the client");
	fatal("l2tpd: no address for the client");
}

/* Before LCP, and after pppd has set up its signals, which the doorbell needs. */
static void start(void)
{
	started = true;
	wake_init();
	open_link();
	assign_setup(&assign, &setup);
	apply_init(&assign);
	apply_lcp();
	if (offer.n)
		lcp_use_offer(&offer);
	next_snoop = snoop_recv_hook;
	snoop_recv_hook = snoop;
	if (by_radius)
		prepare_radius();
	else
		prepare_local();
}

static void on_phase(void *ctx, int phase_now)
{
	(void)ctx;
	if (!started)
		start();
	wake_phase(phase_now);
	switch (phase_now) {
	case PHASE_AUTHENTICATE:
		session_at(SESSION_AUTH);
		if (by_radius)
			takeover_begin();
		break;
	case PHASE_NETWORK:
		session_at(SESSION_IPCP);
		apply_network();
		break;
	case PHASE_TERMINATE:
		session_terminating(host_exit_status());
		/* If l2tpd has said more than the signal that brought us here, LCP has to know. */
		link_look();
		break;
	case PHASE_DISCONNECT: session_count(); break;
	default: break;
	}
}

static void on_other_user(void *ctx)
{
	(void)ctx;
	session_end(EXIT_PEER_AUTH_FAILED,
		    "the client authenticated a second time, as another user");
}

/* pppd's own authenticators are content. */
static void on_auth_up(void *ctx, int arg)
{
	const struct auth_method *method = takeover_negotiated();
	struct view name = view_str(host_peer_name());

	(void)ctx;
	(void)arg;
	if (by_radius)
		return;
	/* Not from in here: pppd is about to begin IPCP. */
	if (!session_is_of(name)) {
		wake_at(on_other_user, NULL, clock_now());
		return;
	}
	session_set_user(name);
	session_authenticated(method ? method->word : "");
}

static void on_ip_up(void *ctx, int arg)
{
	struct addr peer = addr_from_ipv4(assign.peer, 0);

	(void)ctx;
	(void)arg;
	session_up(&peer);
}

static void on_ip_down(void *ctx, int arg)
{
	(void)ctx;
	(void)arg;
	session_count();
}

static void on_exit_(void *ctx, int exit_status)
{
	(void)ctx;
	session_down(exit_status);
}

void plugin_init(void)
{
	host_add_options(options);
	pap_check_hook = can_check;
	chap_check_hook = can_check;
	host_on_phase(on_phase);
	host_on_auth_up(on_auth_up);
	host_on_ip_up(on_ip_up);
	host_on_ip_down(on_ip_down);
	host_on_exit(on_exit_);
}
