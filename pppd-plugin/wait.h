/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The waiting pppd.  Its children are the sessions' pppds, so until it has an order nothing in it
 * may belong to a session: no descriptor, no randomness, no timer.
 */
#ifndef PPPD_PLUGIN_WAIT_H
#define PPPD_PLUGIN_WAIT_H

#include "lib/base/birth.h"

/*
 * Serve the monitor's orders that come by `fd`.  Returns in the children only, each with its order
 * and descriptors, in a process group of its own; the process itself ends when the monitor does.
 */
void wait_for_order(int fd, struct birth_order *ret, int ret_fds[static BIRTH_FDS]);

#endif
