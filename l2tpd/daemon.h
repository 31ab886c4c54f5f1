/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine: all drivers and the protocol machines, joined and run. */
#ifndef L2TPD_DAEMON_H
#define L2TPD_DAEMON_H

#include "l2tpd/config/config.h"

/*
 * Run the engine until SIGTERM or the end of the monitor, whose socket `monitor_fd` is taken over.
 * Gives up root first.  Returns the exit status of the process; what went wrong is in the log.
 */
int daemon_run(const struct config *config, int monitor_fd);

/*
 * The same as an exercise, without privileges and in this process alone: nothing of the machine is
 * changed, L2TP is served in the clear on `port` of the configured addresses, and sessions come up
 * without pppd and carry nothing.  Ends at SIGINT too.
 */
int daemon_dry_run(const struct config *config, uint16_t port);

#endif
