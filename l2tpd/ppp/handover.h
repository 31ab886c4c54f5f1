/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an engine finds when it starts: the memory and the sockets that the one before has left, the
 * pppds that run, and what has become of others since then.  The monitor sends it first of all.
 */
#ifndef L2TPD_PPP_HANDOVER_H
#define L2TPD_PPP_HANDOVER_H

#include <stddef.h>
#include <sys/types.h>

#include "l2tpd/ppp/request.h"

struct handed_socket {
	enum kept kind;
	uint16_t id;
	int fd; /* -1: taken */
};

struct handed_pppd {
	uint16_t sid;
	uint32_t generation;
	pid_t pid; /* 0: it is being started, ANSWER_STARTED follows */
};

struct handover {
	int state_fd; /* empty memory, if there was no engine before */
	struct handed_socket *sockets;
	struct handed_pppd *pppds;
	struct answer *answers; /* to be given to ppp_answer(), when the pppds have been restored */
	size_t n_sockets, n_pppds, n_answers;
};

/*
 * Wait for it, not for ever, on the non-blocking socket to the monitor; nothing behind it is read.
 * -EPROTONOSUPPORT: the monitor is of another version; -ETIMEDOUT; -ERR_CLOSED; -ENOMEM; other
 * errno values.
 */
int handover_receive(int fd, struct handover *ret);

/* The socket of this kind and id, the caller's now; -1: there is none, or it was taken. */
int handover_take(struct handover *h, enum kept kind, uint16_t id);

/* The session's pppd, or NULL; what has become of it, if it has ended since, or NULL. */
const struct handed_pppd *handover_pppd(const struct handover *h, uint16_t sid);
const struct answer *handover_answer(const struct handover *h, uint16_t sid);

/* Close what was not taken. */
void handover_done(struct handover *h);

#endif
