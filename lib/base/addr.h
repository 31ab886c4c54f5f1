/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An IPv4 or IPv6 address with an optional port; compact, comparable, hashable. */
#ifndef LIB_BASE_ADDR_H
#define LIB_BASE_ADDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct addr {
	uint8_t ip[16];  /* network order; IPv4 uses the first 4 bytes, the rest is 0 */
	uint32_t scope;  /* IPv6 interface index of link-local addresses, else 0 */
	uint16_t port;   /* host order; 0: none */
	uint16_t family; /* AF_INET or AF_INET6; AF_UNSPEC (0): no address */
};

/* IPv4 addresses from `first` to `last`, both included, host order. */
struct ipv4_range {
	uint32_t first, last;
};

/* The addresses whose first `bits` bits are those of `addr`, which has no port. */
struct addr_prefix {
	struct addr addr;
	unsigned int bits;
};

/* "[0123:...:cdef%4294967295]:65535" and its end fit. */
#define ADDR_STR_LEN 64

/* Room for any struct sockaddr that addr_to_sockaddr() makes. */
union addr_sockaddr {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/* From the kernel's form.  -EAFNOSUPPORT for other families or a short `len`. */
int addr_from_sockaddr(struct addr *ret, const struct sockaddr *sa, socklen_t len);

/* To the kernel's form; returns its length, 0 when `a` holds no address. */
socklen_t addr_to_sockaddr(const struct addr *a, union addr_sockaddr *ret);

/*
 * From text: "192.0.2.1", "192.0.2.1:1701", "2001:db8::1", "[2001:db8::1]:1701"; an IPv6 address
 * may have "%" and an interface (or its index) behind it.  The port is `port` when the text has
 * none.  -EINVAL for anything else.
 */
int addr_parse(struct addr *ret, const char *text, uint16_t port);

/* As addr_parse() takes it, "none" without an address; the port only when it is not 0.  Returns
 * `ret`. */
const char *addr_format(const struct addr *a, char ret[static ADDR_STR_LEN]);

/* As text without the port.  Returns `ret`. */
const char *addr_format_ip(const struct addr *a, char ret[static ADDR_STR_LEN]);

/* Equal in all fields; equal but for the port. */
bool addr_equal(const struct addr *a, const struct addr *b);
bool addr_same_ip(const struct addr *a, const struct addr *b);

/* Is it one that means something on its own link only (fe80::/10), whatever the interface? */
bool addr_is_link_local(const struct addr *a);

/* Does it stand for all addresses of its family (0.0.0.0, ::)?  Whatever the port. */
bool addr_is_any(const struct addr *a);

/*
 * From text: "192.0.2.0/24", "2001:db8::/32", or an address, which is a prefix of all its bits.
 * -EINVAL for anything else, also when a bit behind the prefix is set.
 */
int addr_prefix_parse(struct addr_prefix *ret, const char *text);
bool addr_prefix_holds(const struct addr_prefix *p, const struct addr *a);

/* An IPv4 address from and to a number in host order; addr_ipv4() gives 0 for other families. */
struct addr addr_from_ipv4(uint32_t ip, uint16_t port);
uint32_t addr_ipv4(const struct addr *a);

#endif
