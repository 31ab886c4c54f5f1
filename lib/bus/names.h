/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every socket, command and event of the bus: one table each.  lib/bus/README.md explains them to
 * people and tests/lint/docs.sh holds the two against each other; lib/bus/record.h has the keys.
 */
#ifndef LIB_BUS_NAMES_H
#define LIB_BUS_NAMES_H

/* Where the sockets are unless configured otherwise */
#define BUS_CHARON_SOCKET       "/run/charon.l2tp"
#define BUS_VICI_SOCKET         "/run/charon.vici"
#define BUS_ADMIN_SOCKET        "/run/l2tpd/l2tpd.vici"
/* The one that pppds resume at, in the folder of l2tpd's */
#define BUS_SESSION_SOCKET_NAME "session"

/* X(NAME, word, streamed event or "", what it does) */

/* charon's plugin serves these to l2tpd at BUS_CHARON_SOCKET */
#define BUS_CHARON_COMMANDS(X)                                                                     \
	X(CHARON_VERSION, "version", "",                                                           \
	  "versions of the plugin and of charon, what charon lacks")                               \
	X(LIST_SAS, "list-sas", "list-sa", "every CHILD_SA that can carry tunnels")                \
	X(TERMINATE_SA, "terminate-sa", "", "close the CHILD_SA with this mark and its IKE_SA")    \
	X(SET_GATE, "set-gate", "", "whether new clients are to get an SA")

#define BUS_CHARON_EVENTS(X)                                                                       \
	X(LIST_SA, "list-sa", "one CHILD_SA, in answer to list-sas")                               \
	X(SA_UP, "sa-up", "a CHILD_SA for L2TP has been installed")                                \
	X(SA_REKEY, "sa-rekey", "a CHILD_SA was replaced: same mark and reqid, new ids and SPIs")  \
	X(SA_MIGRATE, "sa-migrate", "the CHILD_SA belongs to another IKE_SA now")                  \
	X(SA_UPDATE, "sa-update", "the peer's address or port changed")                            \
	X(SA_DOWN, "sa-down", "the CHILD_SA is gone")                                              \
	X(IKE_FAILED, "ike-failed", "a client got no CHILD_SA")

/*
 * l2tpd serves these to the plugin inside a session's pppd, on an inherited socket, and after the
 * end of that one on a connection that begins with session-resume
 */
#define BUS_SESSION_COMMANDS(X)                                                                    \
	X(SESSION_LEASE, "session-lease", "",                                                      \
	  "the peer is who it says: which address may it use?")                                    \
	X(SESSION_REPORT, "session-report", "", "the session's state or counters have changed")    \
	X(SESSION_RESUME, "session-resume", "",                                                    \
	  "first on a new connection: which session this is, and what it has")

#define BUS_SESSION_EVENTS(X)                                                                      \
	X(SESSION_SETUP, "session-setup",                                                          \
	  "always the first packet: what the session needs to know")                               \
	X(SESSION_CLOSE, "session-close", "end the session now, for this reason")

/* l2tpd serves these to l2tpctl and any VICI client at BUS_ADMIN_SOCKET */
#define BUS_ADMIN_COMMANDS(X)                                                                      \
	X(VERSION, "version", "", "version of the daemon")                                         \
	X(STATUS, "status", "", "what is running, how many of what, what is wrong")                \
	X(LIST_TUNNELS, "list-tunnels", "list-tunnel", "every tunnel")                             \
	X(LIST_SESSIONS, "list-sessions", "list-session", "every session, or the one asked for")   \
	X(ADMIN_LIST_SAS, "list-sas", "list-sa", "every SA that charon's plugin has told us of")   \
	X(LIST_LEASES, "list-leases", "list-lease", "every address in use")                        \
	X(LIST_FAILURES, "list-failures", "list-failure", "failed attempts, newest last")          \
	X(LIST_COUNTERS, "list-counters", "list-counter", "every counter, since the start")        \
	X(DISCONNECT, "disconnect", "", "end a session, a tunnel, or all sessions of a user")      \
	X(DRAIN, "drain", "", "take no new clients; those that are connected stay")                \
	X(UNDRAIN, "undrain", "", "take new clients again")                                        \
	X(RESTART_ENGINE, "restart-engine", "",                                                    \
	  "let another engine go on with all sessions: the l2tpd that is installed by now")

#define BUS_ADMIN_EVENTS(X)                                                                        \
	X(LIST_TUNNEL, "list-tunnel", "one tunnel, in answer to list-tunnels")                     \
	X(LIST_SESSION, "list-session", "one session, in answer to list-sessions")                 \
	X(ADMIN_LIST_SA, "list-sa", "one SA, in answer to list-sas")                               \
	X(LIST_LEASE, "list-lease", "one address in use, in answer to list-leases")                \
	X(LIST_FAILURE, "list-failure", "one failed attempt, in answer to list-failures")          \
	X(LIST_COUNTER, "list-counter", "one counter, in answer to list-counters")                 \
	X(TUNNEL_UP, "tunnel-up", "a tunnel is established")                                       \
	X(TUNNEL_DOWN, "tunnel-down", "a tunnel has ended")                                        \
	X(TUNNEL_MOVED, "tunnel-moved", "a tunnel has another SA, or its client another address")  \
	X(SESSION_UP, "session-up", "a session has its addresses: the user is connected")          \
	X(SESSION_DOWN, "session-down", "a session has ended")                                     \
	X(FAILURE, "failure", "an attempt to connect has failed")

/* BUS_CMD_LIST_SAS is "list-sas", BUS_EV_SA_UP is "sa-up", and so on. */
#define BUS_CMD_ENTRY(NAME, word, stream, text)                                                    \
	static const char BUS_CMD_##NAME[] __attribute__((unused)) = word;
#define BUS_EV_ENTRY(NAME, word, text)                                                             \
	static const char BUS_EV_##NAME[] __attribute__((unused)) = word;
BUS_CHARON_COMMANDS(BUS_CMD_ENTRY)
BUS_SESSION_COMMANDS(BUS_CMD_ENTRY)
BUS_ADMIN_COMMANDS(BUS_CMD_ENTRY)
BUS_CHARON_EVENTS(BUS_EV_ENTRY)
BUS_SESSION_EVENTS(BUS_EV_ENTRY)
BUS_ADMIN_EVENTS(BUS_EV_ENTRY)

#endif
