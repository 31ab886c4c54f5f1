/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /etc/l2tpd/l2tpd.conf as typed structs.  Reads and checks; touches nothing else.  Every option is
 * a row of conf/l2tpd.opt, from which come the option table, defaults, manual page and sample file.
 */
#ifndef L2TPD_CONFIG_CONFIG_H
#define L2TPD_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/addr.h"
#include "lib/base/clock.h"

#define CONFIG_PATH "/etc/l2tpd/l2tpd.conf"

enum config_ipsec {
	CONFIG_IPSEC_REQUIRED, /* the kernel drops what did not come through ESP */
	CONFIG_IPSEC_NONE,     /* L2TP in the clear: tests, trusted networks */
};

enum config_strictness {
	CONFIG_STRICTNESS_TOLERANT, /* what is known to be sent is taken */
	CONFIG_STRICTNESS_PERMISSIVE,
	CONFIG_STRICTNESS_STRICT,
};

/* Sequence numbers on data */
enum config_sequencing {
	CONFIG_SEQUENCING_ON_REQUEST, /* of the client */
	CONFIG_SEQUENCING_ALWAYS,
	CONFIG_SEQUENCING_NEVER, /* a client that requires them is refused */
};

/* How users authenticate, numbered as the choices in conf/l2tpd.opt */
enum config_auth {
	CONFIG_AUTH_PAP,
	CONFIG_AUTH_CHAP, /* MD5 */
	CONFIG_AUTH_MSCHAPV2,
	CONFIG_AUTH_EAP,
	CONFIG_AUTH_COUNT, /* of what can be offered */
	CONFIG_AUTH_LOCAL = CONFIG_AUTH_COUNT,
};

struct config_offer {
	enum config_auth methods[CONFIG_AUTH_COUNT]; /* what is offered first comes first */
	size_t n;
	bool local; /* said so: pppd's secrets files */
};

struct config_pool {
	char *name;
	struct ipv4_range *ranges;
	size_t n_ranges;
};

struct config_radius_server {
	char *name;
	struct addr address; /* with port */
	char *secret_file;
};

struct config_radius {
	char *name;
	char *nas_identifier;
	struct config_radius_server *servers; /* in the order to be asked */
	size_t n_servers;
	usec_t timeout;     /* for one answer */
	unsigned int tries; /* per server */
};

/* Which users may come with which IKE identity. */
struct config_rule {
	char *name;
	char **identities; /* patterns */
	size_t n_identities;
	char **users;
	size_t n_users;
};

struct config_lns {
	char *name;
	char **connections; /* of swanctl.conf; empty: all that no other section names */
	size_t n_connections;
	const struct config_pool *pool;     /* NULL: addresses come from RADIUS only */
	const struct config_radius *radius; /* NULL: pppd's secrets files (auth = local) */
	struct config_offer auth;           /* at least one */
	struct addr local_address;          /* ours, inside PPP */
	struct addr dns[2];
	unsigned int mtu; /* upper bound; 0: none */
	enum config_sequencing sequencing;
	usec_t lcp_echo_interval;
	unsigned int lcp_echo_failures;
	char *pppd_options;        /* file with more options for pppd; NULL: none */
	struct config_rule *rules; /* none: any user */
	size_t n_rules;
};

/* A peer with which something is agreed. */
struct config_peer {
	char *name;
	struct addr_prefix *addresses; /* none: any */
	size_t n_addresses;
	char *host_name;              /* its Host Name AVP; NULL: any */
	char *secret_file;            /* NULL: no secret */
	unsigned int challenge, hide; /* 0 or 1 */
};

struct config {
	struct {
		struct addr *addresses; /* port 1701 */
		size_t n_addresses;
		enum config_ipsec ipsec;
		uint16_t first_port, last_port; /* tunnel ids are local ports from this range */
	} listen;
	struct {
		char *host_name;
		unsigned int window;
		usec_t hello, retry_first, retry_cap, setup_limit;
		unsigned int retry_max;
		enum config_strictness strictness;
	} l2tp;
	struct {
		unsigned int tunnels, sessions, sessions_per_tunnel, tunnels_per_sa;
		unsigned int tunnels_per_identity, tunnels_per_address; /* 0: no limit */
		unsigned int leaving_per_sa, half_open, starting;
		unsigned int tunnel_rate, tunnel_rate_per_sa, tunnel_rate_per_address;
		unsigned int session_rate_per_sa, pppd_starts;
		usec_t pppd_wait, unused_sa;
	} limits;
	struct {
		char *user, *group;      /* the engine runs as */
		char *admin_socket;      /* served */
		char *charon_socket;     /* connected to */
		char *pppd;              /* the program */
		unsigned int pppd_start; /* 0: fork, 1: exec */
		char *pppd_plugin;       /* the full path of ours */
		char *debug;             /* log topics, may be "" */
	} daemon;
	struct config_pool *pools;
	size_t n_pools;
	struct config_radius *radius;
	size_t n_radius;
	struct config_lns *lns;
	size_t n_lns;
	struct config_peer *peers;
	size_t n_peers;
};

/* Gets one message for people: "FILE:LINE: what is wrong; what was expected". */
typedef void config_complain_fn(void *ctx, const char *message);

/*
 * Read and check the file `path`.  All that is wrong is reported through `complain`, not only the
 * first.  0, -EINVAL after complaints, -ENOMEM; `*ret` is untouched on failure, else owned by the
 * caller.
 */
int config_load(const char *path, config_complain_fn *complain, void *ctx, struct config **ret);
void config_free(struct config *c);

/* The section that serves clients of this swanctl connection ("" without IPsec); NULL: none. */
const struct config_lns *config_lns_for(const struct config *c, const char *connection);
/* The section of this name; NULL: none. */
const struct config_lns *config_lns_named(const struct config *c, const char *name);

#endif
