/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What l2tpctl can be told: one table of words, from which come dispatch, help and completion, and
 * which tests/lint/docs.sh holds against the manual.
 */
#ifndef L2TPCTL_CMD_H
#define L2TPCTL_CMD_H

#include <stdio.h>

#include "l2tpctl/out.h"
#include "lib/base/buf.h"
#include "lib/bus/record.h"
#include "lib/busio/sync.h"

/* X(NAME, number, when) */
#define CMD_EXITS(X)                                                                               \
	X(OK, 0, "it is done")                                                                     \
	X(REFUSED, 1, "l2tpd refused, or what was named does not exist")                           \
	X(USAGE, 2, "the command line is wrong")                                                   \
	X(UNREACHABLE, 3, "l2tpd does not run, or may not be talked to")                           \
	X(BROKEN, 4, "l2tpd did not answer, or not in a way that l2tpctl understands")

enum cmd_exit {
#define X(NAME, number, when) EXIT_##NAME = number,
	CMD_EXITS(X)
#undef X
};

/*
 * X(words, arguments, what it does, function).  Words and arguments are divided by single blanks;
 * arguments in brackets may be left out.
 */
#define CMD_TABLE(X)                                                                               \
	X("status", "", "what runs, how many of what, and what needs attention", cmd_status)       \
	X("show tunnels", "", "all tunnels", cmd_show_tunnels)                                     \
	X("show sessions", "", "all sessions", cmd_show_sessions)                                  \
	X("show session", "ID", "everything about one session", cmd_show_session)                  \
	X("show sas", "", "all IPsec SAs that can carry tunnels", cmd_show_sas)                    \
	X("show leases", "", "all addresses in use", cmd_show_leases)                              \
	X("show failures", "", "failed attempts to connect, newest last, each with its reason",    \
	  cmd_show_failures)                                                                       \
	X("show counters", "", "what l2tpd has counted since its start", cmd_show_counters)        \
	X("disconnect session", "ID [reason TEXT]", "end a session", cmd_disconnect_session)       \
	X("disconnect tunnel", "ID [reason TEXT]", "end a tunnel with all its sessions",           \
	  cmd_disconnect_tunnel)                                                                   \
	X("disconnect user", "NAME [reason TEXT]", "end all sessions of a user",                   \
	  cmd_disconnect_user)                                                                     \
	X("drain", "", "take no new clients; those that are connected stay", cmd_drain)            \
	X("undrain", "", "take new clients again", cmd_undrain)                                    \
	X("restart-engine", "",                                                                    \
	  "another engine goes on with all sessions: the l2tpd that is installed by now",          \
	  cmd_restart_engine)                                                                      \
	X("monitor", "", "what happens, as it happens, until you interrupt it", cmd_monitor)       \
	X("version", "", "versions of l2tpctl and of the running l2tpd", cmd_version)              \
	X("help", "", "this list", cmd_help)

/* One run of l2tpctl */
struct cmd {
	const char *socket;
	struct out out; /* where and how results are written */
	FILE *err;
	struct sync *bus; /* after cmd_connect() */
};

/* The command line `argv` as main() gets it; returns the exit code. */
int cmd_main(int argc, char *const *argv, FILE *out, FILE *err);

/* One command: the arguments behind its words, ended by NULL.  Returns the exit code. */
typedef int cmd_fn(struct cmd *c, char *const *args);
#define CMD_DECLARE(words, args, text, fn) cmd_fn fn;
CMD_TABLE(CMD_DECLARE)

/* Say what is wrong on `c->err`; returns `code`. */
int cmd_fail(struct cmd *c, enum cmd_exit code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Connect to the daemon.  EXIT_OK, or another after a message. */
int cmd_connect(struct cmd *c);

/* What went wrong in a call of lib/busio/sync.h, as a message; returns the exit code. */
int cmd_bus_failed(struct cmd *c, int err);

/* The daemon's answer says no: a message and EXIT_REFUSED; else EXIT_OK. */
int cmd_check_answer(struct cmd *c, struct view answer);

/* "no argument is wanted here": EXIT_OK or EXIT_USAGE after a message */
int cmd_no_args(struct cmd *c, char *const *args);

/* An id of a tunnel or session, 1 to 65535.  EXIT_OK or EXIT_USAGE after a message. */
int cmd_parse_id(struct cmd *c, const char *text, uint32_t *ret);

#endif
