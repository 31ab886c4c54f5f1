/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The 64-bit counters of a network interface, by rtnetlink; pppd's own have 32 bits up to 2.4.9. */
#ifndef PPPD_PLUGIN_COUNTERS_H
#define PPPD_PLUGIN_COUNTERS_H

#include <stdint.h>

struct counters {
	uint64_t bytes_in, bytes_out; /* in: received by us */
	uint64_t packets_in, packets_out;
};

/* Read them now.  -ENODEV: no such interface; else what the kernel said; `ret` is untouched then.
 */
int counters_read(const char *interface, struct counters *ret);

#endif
