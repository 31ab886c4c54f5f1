/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Moves requests and answers, and descriptors with them; checks their form. */
#include "l2tpd/ppp/request.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Room for the descriptors of a request; the kernel closes what does not fit. */
union control {
	struct cmsghdr align;
	uint8_t bytes[CMSG_SPACE(REQUEST_START_FDS * sizeof(int))];
};

/* The fields that only REQUEST_START has. */
static int check_start(const struct request *r, size_t n_fds, size_t n_profiles)
{
	return r->sid && r->tid && r->profile < n_profiles && n_fds == REQUEST_START_FDS ? 0
											 : -EBADMSG;
}

static int check_plain(const struct request *r, size_t n_fds)
{
	return !r->tid && !r->profile && !n_fds ? 0 : -EBADMSG;
}

int request_check(const struct request *r, size_t len, size_t n_fds, size_t n_profiles)
{
	if (len != sizeof(*r) || r->zero)
		return -EBADMSG;
	switch (r->op) {
	case REQUEST_READY: return r->sid || r->generation ? -EBADMSG : check_plain(r, n_fds);
	case REQUEST_START: return check_start(r, n_fds, n_profiles);
	case REQUEST_TERM:
	case REQUEST_KILL: return r->sid ? check_plain(r, n_fds) : -EBADMSG;
	default: return -EBADMSG;
	}
}

/* Send one packet, whole or not at all. */
static int send_packet(int fd, const void *bytes, size_t len, const int *fds, size_t n_fds)
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

int request_send(int fd, const struct request *r, const int *fds, size_t n_fds)
{
	return send_packet(fd, r, sizeof(*r), fds, n_fds);
}

int answer_send(int fd, const struct answer *a)
{
	return send_packet(fd, a, sizeof(*a), NULL, 0);
}

/* Receive one packet; its length may be larger than `cap`, which no valid packet's is. */
static int receive_packet(int fd, struct msghdr *header)
{
	ssize_t n = recvmsg(fd, header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC | MSG_TRUNC);

	return n < 0 ? -errno : (int)n;
}

int request_receive(int fd, struct request *ret, int ret_fds[static REQUEST_START_FDS],
		    size_t *ret_n_fds)
{
	union control control = {0};
	struct iovec vector = {ret, sizeof(*ret)};
	struct msghdr header = {
		.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	int len;

	*ret = (struct request){0};
	*ret_n_fds = 0;
	len = receive_packet(fd, &header);
	if (len < 0)
		return len;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
			*ret_n_fds = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
			memcpy(ret_fds, CMSG_DATA(c), *ret_n_fds * sizeof(int));
		}
	return len;
}

int answer_receive(int fd, struct answer *ret)
{
	struct iovec vector = {ret, sizeof(*ret)};
	struct msghdr header = {.msg_iov = &vector, .msg_iovlen = 1};

	*ret = (struct answer){0};
	return receive_packet(fd, &header);
}
