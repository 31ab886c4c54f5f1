/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses and limits of one session; see assign.h. */
#include "pppd-plugin/assign.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "lib/radius/packet.h"

/* Framed-IP-Address (RFC 2865 5.8) */
#define FRAMED_CLIENT_CHOOSES 0xffffffffu
#define FRAMED_NAS_CHOOSES    0xfffffffeu

/* Can a host at the end of a PPP link have this address? */
static bool is_host(uint32_t ip)
{
	uint32_t net = ip >> 24;

	return net != 0 && net != 127 && net < 224;
}

void assign_setup(struct assign *a, const struct bus_setup *setup)
{
	*a = (struct assign){
		.local = addr_ipv4(&setup->local_ip),
		.peer = addr_ipv4(&setup->peer_ip),
		.dns = {addr_ipv4(&setup->dns_primary), addr_ipv4(&setup->dns_secondary)},
		.mtu = setup->mtu,
	};
}

static int check_kind(struct view attrs, char *why, size_t cap)
{
	uint32_t v;

	/* RFC 2865 5.6: what we do not offer has to be taken as a reject. */
	if (!radius_find_u32(attrs, 0, RADIUS_SERVICE_TYPE, &v) && v != RADIUS_SERVICE_FRAMED) {
		snprintf(why, cap, "the RADIUS server answered Service-Type %u, not Framed-User",
			 v);
		return -EINVAL;
	}
	if (!radius_find_u32(attrs, 0, RADIUS_FRAMED_PROTOCOL, &v) && v != RADIUS_FRAMED_PPP) {
		snprintf(why, cap, "the RADIUS server answered Framed-Protocol %u, not PPP", v);
		return -EINVAL;
	}
	return 0;
}

/* A number of seconds that pppd can hold; 0 and none leave `*ret`. */
static void take_limit(struct view attrs, enum radius_attr_type type, uint32_t *ret)
{
	uint32_t v;

	if (!radius_find_u32(attrs, 0, type, &v) && v)
		*ret = v < INT_MAX ? v : INT_MAX;
}

static void take_dns(struct view attrs, enum radius_attr_type type, uint32_t *ret)
{
	uint32_t v;

	if (!radius_find_u32(attrs, RADIUS_MICROSOFT, type, &v) && is_host(v))
		*ret = v;
}

int assign_accept(struct assign *a, struct view attrs, uint32_t *ret_wish, char *why, size_t cap)
{
	char text[ADDR_STR_LEN];
	uint32_t ip = 0, mtu;
	struct addr addr;

	if (check_kind(attrs, why, cap))
		return -EINVAL;
	/* A client that may choose could choose somebody else's address. */
	if (!radius_find_u32(attrs, 0, RADIUS_FRAMED_IP_ADDRESS, &ip) &&
	    (ip == FRAMED_CLIENT_CHOOSES || ip == FRAMED_NAS_CHOOSES))
		ip = 0;
	if (ip && !is_host(ip)) {
		addr = addr_from_ipv4(ip, 0);
		snprintf(why, cap,
			 "the RADIUS server answered Framed-IP-Address %s, "
			 "which no client can have",
			 addr_format_ip(&addr, text));
		return -EINVAL;
	}
	*ret_wish = ip;
	if (!radius_find_u32(attrs, 0, RADIUS_FRAMED_MTU, &mtu) && mtu >= ASSIGN_MTU_MIN &&
	    (!a->mtu || mtu < a->mtu))
		a->mtu = mtu;
	take_limit(attrs, RADIUS_SESSION_TIMEOUT, &a->session_timeout_s);
	take_limit(attrs, RADIUS_IDLE_TIMEOUT, &a->idle_timeout_s);
	take_dns(attrs, RADIUS_MS_PRIMARY_DNS_SERVER, &a->dns[0]);
	take_dns(attrs, RADIUS_MS_SECONDARY_DNS_SERVER, &a->dns[1]);
	return 0;
}

int assign_lease(struct assign *a, const struct addr *leased)
{
	uint32_t ip = addr_ipv4(leased);

	if (!is_host(ip))
		return -EINVAL;
	a->peer = ip;
	return 0;
}
