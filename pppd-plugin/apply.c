/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pppd's options from struct assign; see apply.h. */
#include "pppd-plugin/compat.h"

#include <arpa/inet.h>

#include "pppd-plugin/apply.h"

static const struct assign *assigned;

/* Called at each start of IPCP, when pppd has made up its mind about both addresses. */
static void choose(uint32_t *ip)
{
	*ip = htonl(assigned->peer);
	/* With noipdefault and no address among its options pppd would ask the client for ours. */
	if (assigned->local)
		ipcp_gotoptions[0].ouraddr = htonl(assigned->local);
}

/* Whatever the secrets files say: the leased address and no other. */
static int is_allowed(uint32_t ip)
{
	return assigned->peer && ip == htonl(assigned->peer);
}

void apply_init(const struct assign *a)
{
	assigned = a;
	ip_choose_hook = choose;
	allowed_address_hook = is_allowed;
}

void apply_lcp(void)
{
	if (assigned->mtu < ASSIGN_MTU_MIN)
		return;
	lcp_wantoptions[0].mru = (int)assigned->mtu;
	lcp_wantoptions[0].neg_mru = true;
	lcp_allowoptions[0].mru = (int)assigned->mtu; /* the interface's MTU, at most */
}

void apply_network(void)
{
	ipcp_options *want = &ipcp_wantoptions[0], *allow = &ipcp_allowoptions[0];

	if (assigned->local) {
		want->ouraddr = htonl(assigned->local);
		want->accept_local = false;
	}
	want->hisaddr = htonl(assigned->peer);
	want->accept_remote = false;
	for (int i = 0; i < 2; i++)
		if (assigned->dns[i])
			allow->dnsaddr[i] = htonl(assigned->dns[i]);
	if (assigned->mtu >= ASSIGN_MTU_MIN && (int)assigned->mtu < host_mtu())
		host_set_mtu((int)assigned->mtu);
	if (assigned->session_timeout_s)
		host_set_session_timeout((int)assigned->session_timeout_s);
	if (assigned->idle_timeout_s)
		host_set_idle_timeout((int)assigned->idle_timeout_s);
}
