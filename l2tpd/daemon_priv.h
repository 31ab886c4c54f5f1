/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine's own state, shared by its files: daemon.c starts and stops, daemon_open.c opens the
 * parts, daemon_keep.c goes on where the engine before has ended, daemon_ports.c does what the
 * protocol machines want, daemon_news.c passes on what the drivers say, daemon_table.c looks after
 * the nftables table, daemon_mtu.c after MTUs, daemon_stop.c comes to an end.
 */
#ifndef L2TPD_DAEMON_PRIV_H
#define L2TPD_DAEMON_PRIV_H

#include <event2/event.h>
#include <stdio.h>

#include "l2tpd/api/api.h"
#include "l2tpd/config/config.h"
#include "l2tpd/fsm/book.h"
#include "l2tpd/fsm/lns.h"
#include "l2tpd/ipsec/sa.h"
#include "l2tpd/net/hold.h"
#include "l2tpd/net/udp.h"
#include "l2tpd/plane/plane.h"
#include "l2tpd/policy/admit.h"
#include "l2tpd/policy/mtu.h"
#include "l2tpd/policy/nft_watch.h"
#include "l2tpd/policy/peers.h"
#include "l2tpd/policy/pool.h"
#include "l2tpd/policy/shares.h"
#include "l2tpd/ppp/child.h"
#include "l2tpd/ppp/handover.h"
#include "l2tpd/ppp/link.h"
#include "l2tpd/ppp/standin.h"
#include "lib/base/log.h"
#include "lib/base/rate.h"
#include "lib/base/wheel.h"

#define N_IDS 65536 /* of tunnels, and of sessions */

struct daemon;

/* How far our end is. */
enum stop_step {
	STOP_NOT,
	STOP_GOODBYE, /* all sessions and tunnels were asked to end */
	STOP_TUNNELS, /* those that are left say StopCCN */
	STOP_SAS,     /* SAs are closed */
};

struct daemon {
	const struct config *config;
	struct event_base *base;
	struct event *on_term, *on_int, *on_hup, *stop_limit, *hold_limit;
	struct lns *lns;
	struct udp *udp;
	struct hold *hold;
	struct plane *plane;
	struct peers *peers;
	struct admit *admit;
	struct shares *shares;
	struct pools *pools;
	struct sas *sas; /* NULL: no IPsec */
	struct ppp *ppp;
	struct standin *standin; /* of a dry run, in place of the monitor */
	struct links *links;
	struct handover handover; /* of the engine before, until it is restored */
	struct book *book;        /* what the next one will find; NULL: there is none */
	void *book_memory;        /* where it is */
	bool resumed;             /* we go on with tunnels whose SAs have not been looked at */
	struct event *leave;      /* the answer to who wanted us to is on its way */
	char door[BUS_TEXT_LEN];  /* where pppds resume their sessions; "": nowhere */
	struct failures *failures;
	struct rates *failures_of; /* buckets of failures, by source */
	struct api *api;
	struct event *clock; /* runs out for the first of the timers ... */
	usec_t clock_at;     /* ... at this time */
	struct wheel wheel;
	struct wheel_timer timers[N_IDS];       /* by tunnel id */
	const struct config_lns *served[N_IDS]; /* by session id: the section it belongs to */
	struct mtu mtus[N_IDS];                 /* by session id */
	bool sequenced[N_IDS];                  /* by session id: its data has sequence numbers */
	unsigned int n_gone;                    /* tunnels, since memory was last given back */
	unsigned int n_starting;                /* sessions with a pppd that are not up yet */
	uint32_t run;                    /* random: keeps the Acct-Session-Ids of two runs apart */
	uint32_t n_sessions;             /* with a pppd, so far */
	struct log_limit stranger_limit; /* failures by SAs nobody has told us of */
	struct log_limit failed_limit;   /* log lines of failures */
	usec_t table_restored;           /* the nftables table was, last */
	struct event *table_pause;       /* until it may be again */
	struct nft_watch *table_watch;
	uint16_t dry_run; /* the port; 0: it is none */
	enum stop_step stopping;
	bool draining;    /* nobody new is taken */
	bool gate_closed; /* charon refuses new clients, or will when it is there */
};

/* Copy a C string into an array, cut when it is too long. */
#define COPY(to, from) ((void)snprintf(to, sizeof(to), "%s", from))

/* The SA of a path, NULL when it has none. */
const struct sa *daemon_sa(const struct daemon *d, const struct path *path);

/* The stage with this word; STAGE_UP when there is none. */
enum stage daemon_stage(const char *word);

/* Remember, log and tell an attempt that failed. */
void daemon_failed(struct daemon *d, const struct path *path, uint16_t tid, uint16_t sid,
		   enum stage stage, const char *reason);

/* When we are stopping: go on to the next step, if it is time. */
void daemon_try_end(struct daemon *d);

/*
 * Have charon refuse new clients while they could not be served, and let them in again: after each
 * change of what is counted.  `leaving`: sessions that are counted and about to be gone.
 */
void daemon_set_gate(struct daemon *d, unsigned int leaving);

/* The section's pool as the pools know it, or POOL_NONE. */
int daemon_pool(const struct daemon *d, const struct config_lns *section);

/*
 * Install the nftables table, as nft_install() (at our start, if the engine before has not left the
 * right one); notice when it is lost, also by a datagram on the
 * listener, and put it back; take away at the end what is not needed any more.
 */
int daemon_install_table(const struct daemon *d, char *ret_why);
int daemon_open_table(struct daemon *d, char *ret_why);
int daemon_watch_table(struct daemon *d);
void daemon_look_for_table(struct daemon *d, const void *bytes, size_t len);
void daemon_remove_table(const struct daemon *d);

/* The peers' rules, with secrets that only root can read. */
int daemon_open_peers(struct daemon *d);

/* Open all parts in their order; what fails has been said. */
int daemon_open(struct daemon *d, int monitor_fd);

/* Receive what the engine before has left; and later, go on with it. */
int daemon_take_over(struct daemon *d, int monitor_fd);
void daemon_restore(struct daemon *d);

/*
 * The address of a session: when its pppd starts, where no user has to be known for it (0,
 * -ERR_NO_ADDRESS, -ENOMEM); when that pppd comes back with what it has; those of all sessions that
 * the engine before has left, before anybody is given any.
 */
int daemon_lease_early(struct daemon *d, uint16_t sid, const struct config_lns *section,
		       struct bus_setup *setup);
int daemon_lease_again(struct daemon *d, const struct config_lns *section,
		       const struct bus_setup *setup);
void daemon_restore_leases(struct daemon *d);

/* The session's data has sequence numbers from now on. */
void daemon_note_sequenced(struct daemon *d, uint16_t sid);

/* Of struct ports, and of other parts: the same for one of each. */
void daemon_count_tunnel(struct daemon *d, const struct path *path);
int daemon_tunnel_restore(void *ctx, uint16_t tid, const struct path *path, bool told);
int daemon_session_restore(void *ctx, uint16_t tid, uint16_t sid);
void daemon_on_sas_listed(void *ctx, uint32_t instance);
int daemon_listen(struct daemon *d, uint16_t nth, const struct addr *address);
int daemon_taken_socket(struct daemon *d, enum kept kind);

/* A socket that is to outlive us, and one that is not any more. */
void daemon_keep(struct daemon *d, enum kept kind, uint16_t id, int fd);
void daemon_drop(struct daemon *d, enum kept kind, uint16_t id);

/* Another engine is to go on; what the monitor says to it; and the end of this one. */
int daemon_restart(void *ctx);
void daemon_on_restart(void *ctx, int err);
void daemon_on_leave(evutil_socket_t fd, short what, void *ctx);

/* What the protocol machines want: see fsm/ports.h. */
void daemon_ports(struct daemon *d, struct ports *ret);

/* A session begins: what its MTU is to be. */
unsigned int daemon_mtu_begin(struct daemon *d, uint16_t sid, const struct path *path,
			      const struct config_lns *section);

/* It is up, and has its interface, which becomes one of ours. */
void daemon_mtu_up(struct daemon *d, uint16_t sid);

/*
 * Is the MTU of the tunnel's sessions still right?  Where the path or the SA leaves less room, the
 * interface's follows.
 */
void daemon_mtu_look(struct daemon *d, uint16_t tid);

/* What the drivers say: callbacks with the daemon as their ctx. */
udp_input_fn daemon_on_input;
void daemon_on_sa_up(void *ctx, const struct sa *sa);
bool daemon_is_sa_in_use(void *ctx, const struct sa *sa);
void daemon_on_sa_moved(void *ctx, const struct sa *was, const struct sa *is);
void daemon_on_sa_changed(void *ctx, const struct sa *sa);
void daemon_on_sa_gone(void *ctx, const struct sa *sa, enum sas_end how, const char *reason);
void daemon_on_ike_failed(void *ctx, const struct addr *peer, const char *identity,
			  const char *reason);
void daemon_on_started(void *ctx, uint16_t sid, pid_t pid);
void daemon_on_ended(void *ctx, uint16_t sid);
void daemon_on_exited(void *ctx, uint16_t sid, int error, int status);
void daemon_on_begun(void *ctx, uint16_t sid);
/* May this user come from this peer?  False with the reason. */
bool daemon_may(struct daemon *d, uint16_t sid, const char *user,
		char ret_why[static BUS_TEXT_LEN]);
int daemon_on_lease(void *ctx, uint16_t sid, struct bus_grant *grant);
void daemon_on_up(void *ctx, uint16_t sid, const struct bus_report *report);
pid_t daemon_pid_of(void *ctx, uint16_t sid);
int daemon_on_resumed(void *ctx, const struct bus_setup *setup, char ret_why[BUS_TEXT_LEN]);
void daemon_on_look(void *ctx, uint16_t sid);
int daemon_on_end_session(void *ctx, uint16_t sid, const char *reason);
int daemon_on_end_tunnel(void *ctx, uint16_t tid, const char *reason);
void daemon_on_drain(void *ctx, bool drain);
void daemon_on_clock(evutil_socket_t fd, short what, void *ctx);
void daemon_on_hold_limit(evutil_socket_t fd, short what, void *ctx);
void daemon_on_term(evutil_socket_t fd, short what, void *ctx);
void daemon_on_stop_limit(evutil_socket_t fd, short what, void *ctx);

#endif
