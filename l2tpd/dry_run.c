/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration as a list of things to come; see dry_run.h. */
#include "l2tpd/dry_run.h"

static unsigned int n_addresses(const struct config_pool *pool)
{
	unsigned int n = 0;

	for (size_t i = 0; i < pool->n_ranges; i++)
		n += pool->ranges[i].last - pool->ranges[i].first + 1;
	return n;
}

static void print_users(FILE *out, const struct config_lns *l)
{
	static const char *const words[] = {
		[CONFIG_AUTH_PAP] = "pap",
		[CONFIG_AUTH_CHAP] = "chap",
		[CONFIG_AUTH_MSCHAPV2] = "mschapv2",
		[CONFIG_AUTH_EAP] = "eap",
	};

	fputs("    users by", out);
	for (size_t i = 0; i < l->auth.n; i++)
		fprintf(out, " %s", words[l->auth.methods[i]]);
	if (l->radius)
		fprintf(out, " from radius %s (%zu servers)\n", l->radius->name,
			l->radius->n_servers);
	else
		fputs(" from /etc/ppp/chap-secrets and pap-secrets\n", out);
}

static void print_lns(FILE *out, const struct config_lns *l)
{
	char ip[ADDR_STR_LEN];

	fprintf(out, "  lns %s for ", l->name);
	for (size_t i = 0; i < l->n_connections; i++)
		fprintf(out, "%s%s", i ? ", " : "connection ", l->connections[i]);
	fprintf(out, "%s\n", l->n_connections ? "" : "every connection that no other names");
	if (l->pool)
		fprintf(out, "    addresses from pool %s (%u), ours is %s\n", l->pool->name,
			n_addresses(l->pool), addr_format_ip(&l->local_address, ip));
	else
		fprintf(out, "    addresses from RADIUS only, ours is %s\n",
			addr_format_ip(&l->local_address, ip));
	print_users(out, l);
}

static void print_addresses(FILE *out, const struct config *c, uint16_t port)
{
	for (size_t i = 0; i < c->listen.n_addresses; i++) {
		struct addr a = c->listen.addresses[i];
		char text[ADDR_STR_LEN];

		if (port)
			a.port = port;
		fprintf(out, "%s%s", i ? ", " : " ", addr_format(&a, text));
	}
}

void dry_run_print(FILE *out, const struct config *c, uint16_t port)
{
	fputs("a run as root would\n  listen on", out);
	print_addresses(out, c, 0);
	fprintf(out, ", %s\n",
		c->listen.ipsec == CONFIG_IPSEC_REQUIRED ? "for clients with IPsec only"
							 : "IN THE CLEAR");
	fprintf(out, "  use ports %u-%u for tunnels, and the nftables table inet l2tpd\n",
		c->listen.first_port, c->listen.last_port);
	fprintf(out, "  serve up to %u tunnels and %u sessions, each with a %s\n",
		c->limits.tunnels, c->limits.sessions, c->daemon.pppd);
	if (c->listen.ipsec == CONFIG_IPSEC_REQUIRED)
		fprintf(out, "  learn of SAs from %s\n", c->daemon.charon_socket);
	for (size_t i = 0; i < c->n_lns; i++)
		print_lns(out, &c->lns[i]);
	fprintf(out, "  run as %s:%s\n", c->daemon.user, c->daemon.group);
	fputs("this dry run does none of it; it serves L2TP in the clear on", out);
	print_addresses(out, c, port);
	fprintf(out, "\nand l2tpctl --socket %s; sessions come up at once and carry nothing\n",
		c->daemon.admin_socket);
}
