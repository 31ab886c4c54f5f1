/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The argument list of a session's pppd; pure.  The same list serves pppd 2.4.9 and 2.5.x. */
#ifndef L2TPD_PPP_ARGS_H
#define L2TPD_PPP_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/addr.h"
#include "lib/base/clock.h"

/* What pppd finds open: its PPPoX session, and the bus to l2tpd */
#define PPP_SESSION_FD 3
#define PPP_BUS_FD     4
/* What a waiting pppd finds open instead: where its orders come from (lib/base/birth.h) */
#define PPP_WAIT_FD    3

#define PPP_MTU_MAX    1500 /* RFC 1661 6.1 */

/* Authentication protocols that we ask the peer for: X(NAME, our word, pppd's option) */
#define PPP_AUTHS(X)                                                                               \
	X(PAP, "pap", "require-pap")                                                               \
	X(CHAP, "chap", "require-chap") /* MD5 */                                                  \
	X(MSCHAPV2, "mschapv2", "require-mschap-v2")                                               \
	X(EAP, "eap", "require-eap")

enum ppp_auth {
#define X(NAME, word, option) PPP_AUTH_##NAME,
	PPP_AUTHS(X)
#undef X
		PPP_AUTH_COUNT
};

struct ppp_radius_server {
	struct addr address; /* with port */
	const char *secret_file;
};

/* What the sessions of one lns section have in common; pointers are borrowed. */
struct ppp_profile {
	const char *name;                        /* the section's */
	const char *plugin;                      /* the full path of ours */
	enum ppp_auth auth[PPP_AUTH_COUNT];      /* in the order to be offered */
	size_t n_auth;                           /* at least one */
	const struct ppp_radius_server *servers; /* in the order to be asked */
	size_t n_servers;                        /* 0: pppd's own secrets files decide */
	usec_t radius_timeout;                   /* for one answer */
	unsigned int radius_tries;               /* per server */
	struct addr local_address;               /* ours, inside PPP */
	unsigned int mtu;                        /* at most: each session has its own */
	usec_t lcp_echo_interval;                /* whole seconds; 0: no echoes */
	unsigned int lcp_echo_failures;
	const char *options_file; /* more options of the administrator's; NULL: none */
	bool quiet; /* log to syslog only, which is the journal under systemd; else to stderr too */
};

struct ppp_args {
	char **argv; /* argv[0] is "pppd"; ends with NULL */
	size_t n;
};

/*
 * The list for session `sid` of tunnel `tid`.  -ENOMEM, -E2BIG (too many servers, or too long a
 * path): `ret` is untouched.
 */
int ppp_args_build(struct ppp_args *ret, const struct ppp_profile *profile, uint16_t tid,
		   uint16_t sid);
/* The list for the profile's waiting pppd, whose children are sessions. */
int ppp_args_build_waiting(struct ppp_args *ret, const struct ppp_profile *profile);
void ppp_args_done(struct ppp_args *args);

#endif
