/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv4 and IPv6 addresses with port; see addr.h. */
#include "lib/base/addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

int addr_from_sockaddr(struct addr *ret, const struct sockaddr *sa, socklen_t len)
{
	union addr_sockaddr u;
	struct addr a = {0};

	if (len < sizeof(sa->sa_family) || len > sizeof(u))
		return -EAFNOSUPPORT;
	memcpy(&u, sa, len);
	if (u.sa.sa_family == AF_INET && len >= sizeof(u.in)) {
		memcpy(a.ip, &u.in.sin_addr, 4);
		a.port = ntohs(u.in.sin_port);
	} else if (u.sa.sa_family == AF_INET6 && len >= sizeof(u.in6)) {
		memcpy(a.ip, &u.in6.sin6_addr, 16);
		a.port = ntohs(u.in6.sin6_port);
		if (IN6_IS_ADDR_LINKLOCAL(&u.in6.sin6_addr))
			a.scope = u.in6.sin6_scope_id;
	} else {
		return -EAFNOSUPPORT;
	}
	a.family = u.sa.sa_family;
	*ret = a;
	return 0;
}

socklen_t addr_to_sockaddr(const struct addr *a, union addr_sockaddr *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->sa.sa_family = a->family;
	switch (a->family) {
	case AF_INET:
		memcpy(&ret->in.sin_addr, a->ip, 4);
		ret->in.sin_port = htons(a->port);
		return sizeof(ret->in);
	case AF_INET6:
		memcpy(&ret->in6.sin6_addr, a->ip, 16);
		ret->in6.sin6_port = htons(a->port);
		ret->in6.sin6_scope_id = a->scope;
		return sizeof(ret->in6);
	default: return 0;
	}
}

/* A number of digits only, 1 to `max`; 0 for anything else. */
static uint32_t parse_number(const char *text, uint32_t max)
{
	uint64_t v = 0;

	for (; *text >= '0' && *text <= '9' && v <= max; text++)
		v = 10 * v + (uint64_t)(*text - '0');
	return *text || v > max ? 0 : (uint32_t)v;
}

/* "ADDRESS" or "ADDRESS%INTERFACE" in `ip`, which is changed. */
static int parse_ip(struct addr *ret, char *ip)
{
	char *scope = strchr(ip, '%');

	if (inet_pton(AF_INET, ip, ret->ip) == 1) {
		ret->family = AF_INET;
		return 0;
	}
	if (scope) {
		*scope++ = '\0';
		ret->scope = parse_number(scope, UINT32_MAX);
		if (!ret->scope)
			ret->scope = if_nametoindex(scope);
		if (!ret->scope)
			return -EINVAL;
	}
	if (inet_pton(AF_INET6, ip, ret->ip) != 1)
		return -EINVAL;
	ret->family = AF_INET6;
	return 0;
}

int addr_parse(struct addr *ret, const char *text, uint16_t port)
{
	struct addr a = {.port = port};
	char ip[ADDR_STR_LEN];
	const char *colon = strchr(text, ':'), *after = NULL;
	bool brackets = text[0] == '[';
	size_t len = strlen(text);

	if (brackets) {
		const char *end = strchr(text, ']');

		if (!end || (end[1] && end[1] != ':'))
			return -EINVAL;
		after = end[1] ? end + 2 : NULL;
		len = (size_t)(end - ++text);
	} else if (colon && !strchr(colon + 1, ':')) {
		after = colon + 1;
		len = (size_t)(colon - text);
	}
	if (len >= sizeof(ip))
		return -EINVAL;
	memcpy(ip, text, len);
	ip[len] = '\0';
	if (after)
		a.port = (uint16_t)parse_number(after, UINT16_MAX);
	if (parse_ip(&a, ip) || (after && !a.port) || (brackets && a.family != AF_INET6))
		return -EINVAL;
	*ret = a;
	return 0;
}

/* Decimal, at `to`; returns its end. */
static char *put_number(char *to, unsigned int value)
{
	if (value >= 10)
		to = put_number(to, value / 10);
	*to = (char)('0' + value % 10);
	return to + 1;
}

/* The C library's way through printf costs 2,500 instructions, and a session has seven of these. */
static void format_ipv4(const uint8_t ip[static 4], char *to)
{
	for (int i = 0; i < 4; i++) {
		to = put_number(to, ip[i]);
		*to++ = i < 3 ? '.' : '\0';
	}
}

const char *addr_format_ip(const struct addr *a, char ret[static ADDR_STR_LEN])
{
	if (a->family != AF_INET && a->family != AF_INET6)
		return strcpy(ret, "none");
	if (a->family == AF_INET)
		format_ipv4(a->ip, ret);
	else
		inet_ntop(a->family, a->ip, ret, ADDR_STR_LEN);
	if (a->scope) {
		size_t n = strlen(ret);

		snprintf(ret + n, ADDR_STR_LEN - n, "%%%u", a->scope);
	}
	return ret;
}

const char *addr_format(const struct addr *a, char ret[static ADDR_STR_LEN])
{
	char ip[ADDR_STR_LEN];

	addr_format_ip(a, ip);
	if (!a->port || !a->family)
		return strcpy(ret, ip);
	snprintf(ret, ADDR_STR_LEN, a->family == AF_INET6 ? "[%.52s]:%u" : "%.52s:%u", ip, a->port);
	return ret;
}

bool addr_same_ip(const struct addr *a, const struct addr *b)
{
	return a->family == b->family && a->scope == b->scope && !memcmp(a->ip, b->ip, 16);
}

bool addr_equal(const struct addr *a, const struct addr *b)
{
	return a->port == b->port && addr_same_ip(a, b);
}

bool addr_is_link_local(const struct addr *a)
{
	return a->family == AF_INET6 && a->ip[0] == 0xfe && (a->ip[1] & 0xc0) == 0x80;
}

bool addr_is_any(const struct addr *a)
{
	const struct addr any = {.family = a->family};

	return a->family && addr_same_ip(a, &any);
}

/* Is bit `n` set, counted from the first one on the wire? */
static bool bit(const struct addr *a, unsigned int n)
{
	return a->ip[n / 8] & (0x80 >> n % 8);
}

int addr_prefix_parse(struct addr_prefix *ret, const char *text)
{
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	struct addr_prefix p;
	unsigned int width;
	char ip[ADDR_STR_LEN];

	if (len >= sizeof(ip))
		return -EINVAL;
	memcpy(ip, text, len);
	ip[len] = '\0';
	if (addr_parse(&p.addr, ip, 0) || p.addr.port)
		return -EINVAL;
	width = p.addr.family == AF_INET ? 32 : 128;
	p.bits = slash ? parse_number(slash + 1, width) : width;
	if (!p.bits && strcmp(slash, "/0") != 0) /* parse_number() knows no zero */
		return -EINVAL;
	for (unsigned int i = p.bits; i < width; i++)
		if (bit(&p.addr, i))
			return -EINVAL;
	*ret = p;
	return 0;
}

bool addr_prefix_holds(const struct addr_prefix *p, const struct addr *a)
{
	if (p->addr.family != a->family)
		return false;
	for (unsigned int i = 0; i < p->bits; i++)
		if (bit(&p->addr, i) != bit(a, i))
			return false;
	return !p->addr.scope || p->addr.scope == a->scope;
}

struct addr addr_from_ipv4(uint32_t ip, uint16_t port)
{
	struct addr a = {.family = AF_INET, .port = port};

	ip = htonl(ip);
	memcpy(a.ip, &ip, 4);
	return a;
}

uint32_t addr_ipv4(const struct addr *a)
{
	uint32_t ip;

	if (a->family != AF_INET)
		return 0;
	memcpy(&ip, a->ip, 4);
	return ntohl(ip);
}
