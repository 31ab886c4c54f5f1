/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses that cannot be listened on, or not beside others; see listen.h. */
#include "l2tpd/config/listen.h"

/* Alone, or beside what is known. */
static const char *objection_alone(const struct addr *a)
{
	union addr_sockaddr sa;

	addr_to_sockaddr(a, &sa);
	if (addr_is_link_local(a))
		return "a link-local address, which IPsec cannot tell from that of another link; "
		       "expected one that is valid on all";
	if (a->scope)
		return "only link-local addresses have an interface; expected one without";
	if (a->family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&sa.in6.sin6_addr))
		return "IPv4 in the form of IPv6; expected it as IPv4";
	if (a->family == AF_INET6 ? IN6_IS_ADDR_MULTICAST(&sa.in6.sin6_addr)
				  : IN_MULTICAST(ntohl(sa.in.sin_addr.s_addr)))
		return "a multicast address; expected one of this machine";
	return NULL;
}

const char *listen_objection(const struct addr *known, size_t n, const struct addr *a)
{
	const char *alone = objection_alone(a);

	if (alone)
		return alone;
	for (size_t i = 0; i < n; i++) {
		if (addr_equal(&known[i], a))
			return "said twice; expected each address once";
		if (known[i].family == a->family && (addr_is_any(&known[i]) || addr_is_any(a)))
			return "0.0.0.0 and :: stand for all addresses of their kind; expected "
			       "them alone";
	}
	return NULL;
}
