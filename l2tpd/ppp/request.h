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
};

#define REQUEST_START_FDS 2

struct request {
	uint32_t op;
	uint32_t generation; /* tells apart the pppds that had the same session id */
	uint16_t sid;        /* 0 with REQUEST_READY */
	uint16_t tid;        /* with REQUEST_START only, else 0 */
	uint16_t profile;    /* with REQUEST_START only: index of the lns section, else 0 */
	uint16_t zero;
};

enum answer_kind {
	ANSWER_STARTED = 1, /* value: its process id */
	ANSWER_FAILED,      /* it never ran; value: errno */
	ANSWER_EXITED,      /* value: status as from wait(); nothing more will come of it */
};

struct answer {
	uint32_t kind;
	uint32_t generation;
	int32_t value;
	uint16_t sid;
	uint16_t zero;
};

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

#endif
