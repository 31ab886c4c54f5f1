/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps the tunnels' ports out of the hands of other programs: net.ipv4.ip_local_reserved_ports
 * (for IPv6 as well).  What others have reserved stays so.
 */
#ifndef L2TPD_MONITOR_RESERVE_H
#define L2TPD_MONITOR_RESERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A set of ports */
struct port_set {
	uint8_t bits[65536 / 8];
};

void ports_add(struct port_set *set, uint16_t first, uint16_t last);
bool ports_has(const struct port_set *set, uint16_t port);
/* All of `b` into, or out of, `a`. */
void ports_unite(struct port_set *a, const struct port_set *b);
void ports_subtract(struct port_set *a, const struct port_set *b);

/* From the form of the sysctl: "1,5-7\n"; may be empty.  -EINVAL. */
int ports_parse(struct port_set *ret, const char *text);
/* To that form, as short as it can be; the caller's.  NULL: no memory. */
char *ports_format(const struct port_set *set);

struct reservation {
	struct port_set ours; /* what was not reserved before */
};

/*
 * Reserve `first` to `last`.  A negative errno: not reserved, `*ret` is empty; harmless unless
 * reserve_overlaps().
 */
int reserve_ports(uint16_t first, uint16_t last, struct reservation *ret);
/* Give back what reserve_ports() took. */
void reserve_release(const struct reservation *r);

/* May the kernel give these ports to anybody, were they not reserved? */
bool reserve_overlaps(uint16_t first, uint16_t last);

#endif
