/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the engine asks of the monitor, and its answers: fixed structs of numbers over a
 * SOCK_SEQPACKET pair, one per packet.  No text and no path crosses it.
 */
#ifndef L2TPD_PPP_REQUEST_H
#define L2TPD_PPP_REQUEST_H

#include <stddef.h>
#include <stdint.h>

enum request_op {
	REQUEST_READY = 1, /* the engine is up: all it needed for a start was there */
	REQUEST_START,     /* start a pppd; carries two sockets: PPPoX session, bus */
	REQUEST_TERM,      /* send it SIGTERM: a polite end */
	REQUEST_KILL,      /* send it SIGKILL */
	REQUEST_KEEP,      /* carries a socket, to be handed to the next engine */
	REQUEST_DROP,      /* keep that one no more */
	REQUEST_RESTART,   /* start another engine when this one ends, after a look at the files */
};

/* What is kept for the next engine: name and how many ids, from 0 on */
#define KEPT_SOCKETS(X)                                                                            \
	X(NONE, 0)                                                                                 \
	X(TUNNEL, 65536) /* by tunnel id */                                                        \
	X(LISTENER, 64)                                                                            \
	X(ADMIN, 1) /* the administration socket */                                                \
	X(DOOR, 1)  /* where pppds resume their sessions; the monitor makes it: ppp/door.h */

enum kept {
#define X(name, ids) KEPT_##name,
	KEPT_SOCKETS(X)
#undef X
		KEPT_COUNT
};

/* How many ids there are of `kind`; 0: there is no such kind. */
size_t kept_ids(unsigned int kind);

#define REQUEST_START_FDS 2

struct request {
	uint32_t op;
	uint32_t generation; /* tells apart the pppds that had the same session id */
	uint16_t sid;        /* whose pppd, else 0 */
	uint16_t tid;        /* with REQUEST_START; the id of what is kept; else 0 */
	uint16_t profile;    /* with REQUEST_START only: index of the lns section, else 0 */
	uint16_t kind;       /* of what is kept, else KEPT_NONE */
};

enum answer_kind {
	ANSWER_STARTED = 1, /* value: its process id */
	ANSWER_FAILED,      /* it never ran; value: errno */
	ANSWER_EXITED,      /* value: status as from wait(), `pid`; nothing more will come of it */
	ANSWER_RESTART,     /* to REQUEST_RESTART; value: 0, or errno: go on */
	/* What the engine before has left, before anything else; see handover.h */
	ANSWER_STATE,  /* carries the memory; value: HANDOVER_VERSION */
	ANSWER_SOCKET, /* carries a socket that was kept; value: its kind; `sid`: its id */
	ANSWER_PPPD,   /* one that was started; value: its process id, 0: ANSWER_STARTED follows */
	ANSWER_END,    /* that was all */
};

struct answer {
	uint32_t kind;
	uint32_t generation;
	int32_t value;
	int32_t pid; /* with ANSWER_EXITED, else 0 */
	uint16_t sid;
	uint16_t zero;
};

/* Of what the monitor hands over; another number: the two are of different versions. */
#define HANDOVER_VERSION 2

/*
 * Is this packet of `len` bytes with `n_fds` descriptors a request?  Looks at form only.  0, or
 * -EBADMSG.  Pure: the monitor trusts nothing that has not passed here.
 */
int request_check(const struct request *r, size_t len, size_t n_fds, size_t n_profiles);

/*
 * Send to, or receive from, the non-blocking socket `fd`.  0 or the length received, which is 0
 * when the other side is gone; -EAGAIN: later; -EMFILE: its descriptors are lost, `ret` is there.
 * Sent descriptors stay the sender's.  Received descriptors are the caller's, close-on-exec; at
 * most `cap` = REQUEST_START_FDS, others are closed.
 */
int request_send(int fd, const struct request *r, const int *fds, size_t n_fds);
int request_receive(int fd, struct request *ret, int ret_fds[static REQUEST_START_FDS],
		    size_t *ret_n_fds);
int answer_send(int fd, const struct answer *a);
int answer_receive(int fd, struct answer *ret);

/* The same for answers that may carry a descriptor; -1: none.  What is received is the caller's. */
int answer_pass(int fd, const struct answer *a, int passed);
int answer_take(int fd, struct answer *ret, int *ret_passed);

#endif
