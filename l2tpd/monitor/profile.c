/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration -> pppd profiles; pure. */
#include "l2tpd/monitor/profile.h"

#include <stdlib.h>

static void add_auth(struct ppp_profile *profile, const struct config_offer *offer)
{
	static const enum ppp_auth of[] = {
		[CONFIG_AUTH_PAP] = PPP_AUTH_PAP,
		[CONFIG_AUTH_CHAP] = PPP_AUTH_CHAP,
		[CONFIG_AUTH_MSCHAPV2] = PPP_AUTH_MSCHAPV2,
		[CONFIG_AUTH_EAP] = PPP_AUTH_EAP,
	};

	for (size_t i = 0; i < offer->n; i++)
		profile->auth[profile->n_auth++] = of[offer->methods[i]];
}

static int add_radius(struct ppp_profile *profile, const struct config_radius *radius)
{
	struct ppp_radius_server *servers = calloc(radius->n_servers, sizeof(*servers));

	if (!servers)
		return -1;
	for (size_t i = 0; i < radius->n_servers; i++) {
		servers[i].address = radius->servers[i].address;
		servers[i].secret_file = radius->servers[i].secret_file;
	}
	profile->servers = servers;
	profile->n_servers = radius->n_servers;
	profile->radius_timeout = radius->timeout;
	profile->radius_tries = radius->tries;
	return 0;
}

struct ppp_profile *profiles_new(const struct config *config, bool quiet)
{
	struct ppp_profile *profiles = calloc(config->n_lns + 1, sizeof(*profiles));

	if (!profiles)
		return NULL;
	for (size_t i = 0; i < config->n_lns; i++) {
		const struct config_lns *lns = &config->lns[i];

		profiles[i] = (struct ppp_profile){
			.name = lns->name,
			.plugin = config->daemon.pppd_plugin,
			.local_address = lns->local_address,
			.mtu = lns->mtu ? lns->mtu : PPP_MTU_MAX,
			.lcp_echo_interval = lns->lcp_echo_interval,
			.lcp_echo_failures = lns->lcp_echo_failures,
			.options_file = lns->pppd_options,
			.quiet = quiet,
		};
		add_auth(&profiles[i], &lns->auth);
		if (lns->radius && add_radius(&profiles[i], lns->radius)) {
			profiles_free(profiles, config->n_lns);
			return NULL;
		}
	}
	return profiles;
}

void profiles_free(struct ppp_profile *profiles, size_t n)
{
	if (!profiles)
		return;
	for (size_t i = 0; i < n; i++)
		free((void *)profiles[i].servers);
	free(profiles);
}
