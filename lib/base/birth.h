/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the monitor and a waiting pppd say to each other: fixed structs of numbers over a
 * SOCK_SEQPACKET pair.  The waiting pppd has read all options that its sessions share; for each
 * order it makes a child, which is the session's pppd and the monitor's own child.
 */
#ifndef LIB_BASE_BIRTH_H
#define LIB_BASE_BIRTH_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Monitor to waiting pppd, with two sockets: PPPoX session, bus */
struct birth_order {
	uint32_t generation; /* comes back with the report */
	uint16_t sid, tid;
};

#define BIRTH_FDS 2

enum birth_kind {
	BIRTH_WAITING = 1, /* the options are good; said once */
	BIRTH_BORN,   /* said by the child itself, before anything else: the kernel adds its pid */
	BIRTH_FAILED, /* there is no child; error: errno */
};

struct birth_report {
	uint32_t kind;
	uint32_t generation;
	int32_t error;
	uint16_t sid;
	uint16_t zero;
};

/*
 * 0 or the length received, which is 0 when the other side is gone; or a negative errno: -EAGAIN
 * later, -EBADMSG: not of this form, or without a process id.  birth_take_order() waits; *ret_fds
 * are the caller's, close-on-exec.  The others do not wait; descriptors given stay the caller's.
 */
int birth_give_order(int fd, const struct birth_order *order, const int fds[static BIRTH_FDS]);
int birth_take_order(int fd, struct birth_order *ret, int ret_fds[static BIRTH_FDS]);
int birth_tell(int fd, enum birth_kind kind, const struct birth_order *order, int error);
int birth_hear(int fd, struct birth_report *ret, pid_t *ret_pid);

#endif
