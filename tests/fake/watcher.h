/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client of the plugin's socket, as l2tpd is one: what it sees has to be what the test expects.
 */
#ifndef TESTS_FAKE_WATCHER_H
#define TESTS_FAKE_WATCHER_H

#include "charon-plugin/compat.h"

#include "lib/bus/frame.h"
#include "lib/bus/record.h"

#define WAIT_S 10 /* for what charon's threads do; only a failure waits that long */

/* Connect to the plugin; register for all its events. */
int watcher_open(void);
void watcher_register(int fd);

void watcher_send(int fd, enum frame_type type, const char *name, struct view msg);

/* The next packet, valid until the next call; false at the end of the connection. */
bool watcher_receive(int fd, struct frame *ret);

/* The next packet has to be this event; it is empty for mark 0. */
struct bus_sa watcher_expect(int fd, const char *event, uint32_t mark);

/* A command's answer, with nothing before it; false: there is no such command. */
bool watcher_request(int fd, const char *name, struct view msg, struct view *ret);

/* Nothing has been queued for this client. */
void watcher_expect_nothing(int fd);

#endif
