/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A daemon that speaks nothing but the admin side of the bus, with the same answers every time. */
#ifndef TESTS_FAKE_FAKE_L2TPD_H
#define TESTS_FAKE_FAKE_L2TPD_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * `empty`: it has nothing to list and nothing to end.  Returns its process id; it listens by then.
 */
pid_t fake_l2tpd_start(const char *path, bool empty);

/* End it and wait for that. */
void fake_l2tpd_stop(pid_t pid);

#endif
