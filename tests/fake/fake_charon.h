/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The packaged libcharon in the test's own process, with our plugin loaded by its own loader, and
 * without IKE: the test calls charon's bus, and a watcher of the plugin's socket sees what comes of
 * it.  charon's threads run, so Check must not fork.
 */
#ifndef TESTS_FAKE_FAKE_CHARON_H
#define TESTS_FAKE_FAKE_CHARON_H

#include "charon-plugin/compat.h"

#include <check.h>

#include "tests/fake/fake_sa.h"
#include "tests/fake/watcher.h"

/* Load the plugin, run the suite, unload.  EXIT_SUCCESS or EXIT_FAILURE: for main(). */
int charon_run(Suite *s);

/* Load and unload only the plugin; false: it does not start. */
bool charon_load_plugin(void);
void charon_unload_plugin(void);

extern char charon_socket[64]; /* of the plugin */

/*
 * The fixture of each test: an IKE_SA (`ike`) with two CHILD_SAs of marks 11 and 12, which nobody
 * has told the plugin of, and a client that has registered for all events.
 */
void charon_setup(void);
void charon_teardown(void);
extern struct fake_child *first, *second;
extern int client;

void charon_child_updown(struct fake_child *c, bool up);

/* What the plugin has logged in this test, one line after the other; valid until the next call. */
const char *charon_log(void);
void charon_log_forget(void);

/* What charon was asked to close, when it has been: 'i' an IKE_SA, 'c' a CHILD_SA; and which. */
char charon_terminated(void);
extern uint32_t terminated_ike, terminated_child;

#endif
