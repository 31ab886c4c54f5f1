/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets with descriptors over a SOCK_SEQPACKET socket: whole, or not at all. */
#ifndef LIB_BASE_PASS_H
#define LIB_BASE_PASS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define PASS_FDS_MAX 2

/* What comes with a packet besides its bytes */
struct pass_extra {
	int fds[PASS_FDS_MAX]; /* the receiver's now, close-on-exec; what is above is closed */
	size_t n_fds;
	bool cut;  /* others are lost: we may have no more */
	pid_t pid; /* who has sent it, says the kernel; 0: pass_want_pid() was not called before */
};

/* Let the kernel say on `fd` who has sent each packet.  0, or a negative errno. */
int pass_want_pid(int fd);

/* Send without waiting; descriptors stay the caller's.  0, or a negative errno: -EAGAIN: later. */
int pass_send(int fd, const void *bytes, size_t len, const int *fds, size_t n_fds);

/*
 * Receive one packet; `flags` is 0 or MSG_DONTWAIT.  Its length, which is above `cap` when it was
 * cut; 0: the other side is gone; or a negative errno.
 */
int pass_receive(int fd, void *ret, size_t cap, struct pass_extra *ret_extra, int flags);

#endif
