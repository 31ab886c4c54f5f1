/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The story of this session: how far it got, whose it is, and why it ends.  It is told to l2tpd in
 * reports; the reason in the last one is what administrators read under `show failures`.
 */
#ifndef PPPD_PLUGIN_SESSION_H
#define PPPD_PLUGIN_SESSION_H

#include <stdbool.h>

#include "lib/base/addr.h"
#include "lib/base/buf.h"
#include "lib/bus/record.h"

/* How far it got; the words are those of the report's `stage`. */
#define SESSION_STAGES(X)                                                                          \
	X(LCP, "lcp")                                                                              \
	X(AUTH, "auth")                                                                            \
	X(LEASE, "lease")                                                                          \
	X(IPCP, "ipcp")                                                                            \
	X(UP, "up")

enum session_stage {
#define X(NAME, word) SESSION_##NAME,
	SESSION_STAGES(X)
#undef X
};

/* It is at this stage now; going back, as LCP may, does not make it less of a success. */
void session_at(enum session_stage stage);

/*
 * The user, as far as known: bytes of the client's, made printable.  Once authenticated it stays
 * the same one; session_is_of() tells whether another one now calls itself its user.
 */
void session_set_user(struct view user);
const char *session_user(void);
bool session_is_of(struct view user);

/* Remember why it ends, if nothing is remembered yet.  Does not end it. */
void session_because(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* An attempt to authenticate has failed: that is why it ends, unless a later one succeeds. */
void session_doubt(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Remember why, and end it: LCP terminates the link.  `exit_status`: of pppd. */
void session_end(int exit_status, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * The same, for l2tpd, which tells the client itself and has no more use for the link: LCP says
 * goodbye once, and nobody waits for an answer.
 */
void session_leave(const char *reason);

/* Report: pppd has started, so that l2tpd may start another one. */
void session_begins(void);

/* Report: who it is; `auth` is the protocol's word. */
void session_authenticated(const char *auth);

/* Report: the network is up. */
void session_up(const struct addr *peer_ip);

/* Read the interface's counters while it is there. */
void session_count(void);

/* The report as it would be now. */
void session_recall(struct bus_report *ret);

/*
 * pppd begins to end the link, and has set this status: remember what it means before the client's
 * hanging up, or l2tpd's signal, puts another in its place.
 */
void session_terminating(int exit_status);

/* Report, once: it is over, with pppd's exit status.  Nothing is reported after that. */
void session_down(int exit_status);

/* A packet of the client's, before pppd sees it: LCP's last words are worth knowing. */
void session_snoop_lcp(struct view packet);

#endif
