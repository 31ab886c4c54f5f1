/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A new connection to l2tpd's listening socket, for a session that has lost the one before. */
#ifndef PPPD_PLUGIN_DIAL_H
#define PPPD_PLUGIN_DIAL_H

/*
 * Connect to `path`, at once: the socket is there also while no engine runs, and what is sent waits
 * in it.  A descriptor; -EAGAIN: too many others wait, later; or why it never will: -ECONNREFUSED
 * and -ENOENT, as l2tpd has ended; -EPERM: somebody else listens there.
 */
int dial(const char *path);

#endif
