/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sendmsg() and recvmsg() with SCM_RIGHTS and SCM_CREDENTIALS; see pass.h. */
#include "lib/base/pass.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union control {
	struct cmsghdr align;
	unsigned char
		bytes[CMSG_SPACE(PASS_FDS_MAX * sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
};

int pass_want_pid(int fd)
{
	int on = 1;

	return setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) ? -errno : 0;
}

int pass_send(int fd, const void *bytes, size_t len, const int *fds, size_t n_fds)
{
	union control control = {0};
	struct iovec vector = {(void *)bytes, len};
	struct msghdr header = {.msg_iov = &vector, .msg_iovlen = 1};

	if (n_fds) {
		control.align =
			(struct cmsghdr){CMSG_LEN(n_fds * sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
		memcpy(CMSG_DATA(&control.align), fds, n_fds * sizeof(int));
		header.msg_control = &control;
		header.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
	}
	return sendmsg(fd, &header, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* More than we want may come, where the room for credentials was not needed for them. */
static void take_fds(const struct cmsghdr *c, struct pass_extra *ret)
{
	size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

	for (size_t i = 0; i < n; i++) {
		int fd;

		memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
		if (ret->n_fds < PASS_FDS_MAX)
			ret->fds[ret->n_fds++] = fd;
		else
			close(fd);
	}
}

static void take(const struct cmsghdr *c, struct pass_extra *ret)
{
	struct ucred who;

	if (c->cmsg_level != SOL_SOCKET)
		return;
	if (c->cmsg_type == SCM_RIGHTS) {
		take_fds(c, ret);
	} else if (c->cmsg_type == SCM_CREDENTIALS && c->cmsg_len == CMSG_LEN(sizeof(who))) {
		memcpy(&who, CMSG_DATA(c), sizeof(who));
		ret->pid = who.pid;
	}
}

int pass_receive(int fd, void *ret, size_t cap, struct pass_extra *ret_extra, int flags)
{
	union control control = {0};
	struct iovec vector = {ret, cap};
	struct msghdr header = {
		.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n;

	*ret_extra = (struct pass_extra){0};
	n = recvmsg(fd, &header, flags | MSG_CMSG_CLOEXEC | MSG_TRUNC);
	if (n < 0)
		return -errno;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c))
		take(c, ret_extra);
	ret_extra->cut = header.msg_flags & MSG_CTRUNC;
	return (int)n;
}
