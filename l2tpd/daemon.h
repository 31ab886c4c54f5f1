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

#endif
