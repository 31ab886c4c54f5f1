/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The root half of the daemon: starts the engine, and pppds for it, reaps and restarts.  Reads the
 * configuration and struct request, and nothing that came from the network.
 */
#ifndef L2TPD_MONITOR_MONITOR_H
#define L2TPD_MONITOR_MONITOR_H

/* The engine is this program again, with "--engine" "3" as its first arguments: its socket to us */
#define MONITOR_ENGINE_OPTION "--engine"
#define MONITOR_ENGINE_FD     3

struct monitor_conf {
	const char *config_path;
	const char *const *engine_args; /* after "--engine" "3"; ends with NULL; may be NULL */
	void (*ready)(void);            /* the engine is up for the first time; may be NULL */
	void (*stopping)(void);         /* the end has begun; may be NULL */
};

/*
 * Run until SIGTERM or SIGINT has ended everything, or the engine failed before it was ready.
 * SIGHUP goes to the engine.  Returns the exit status of the process.
 */
int monitor_run(const struct monitor_conf *conf);

#endif
