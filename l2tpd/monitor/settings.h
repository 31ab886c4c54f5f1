/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the monitor takes from the configuration, and what must be there before the engine runs. */
#ifndef L2TPD_MONITOR_SETTINGS_H
#define L2TPD_MONITOR_SETTINGS_H

#include "l2tpd/config/config.h"
#include "l2tpd/monitor/spawn.h"

struct settings {
	struct config *config; /* NULL: none yet */
	struct ppp_profile *profiles;
};

/*
 * Read the configuration (again), and start pppds by it from now on.  A negative code: it has been
 * complained of, and nothing has changed.
 */
int settings_load(struct settings *s, const char *path, struct spawn *spawn);
void settings_done(struct settings *s);

/* What the engine and the pppds cannot do without, said before the first client finds out. */
int settings_check(const struct config *c);

/* The folder of the administration socket, which the engine itself could not create. */
int settings_make_folder(const struct config *c);

#endif
