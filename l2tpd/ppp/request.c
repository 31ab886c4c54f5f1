/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests and answers as packets; checks their form. */
#include "l2tpd/ppp/request.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/pass.h"

_Static_assert(REQUEST_START_FDS <= PASS_FDS_MAX, "room for the descriptors of a request");

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

int request_send(int fd, const struct request *r, const int *fds, size_t n_fds)
{
	return pass_send(fd, r, sizeof(*r), fds, n_fds);
}

int answer_send(int fd, const struct answer *a)
{
	return pass_send(fd, a, sizeof(*a), NULL, 0);
}

static void close_all(const struct pass_extra *extra)
{
	for (size_t i = 0; i < extra->n_fds; i++)
		close(extra->fds[i]);
}

int request_receive(int fd, struct request *ret, int ret_fds[static REQUEST_START_FDS],
		    size_t *ret_n_fds)
{
	struct pass_extra extra;
	int len;

	*ret = (struct request){0};
	len = pass_receive(fd, ret, sizeof(*ret), &extra, MSG_DONTWAIT);
	if (len > 0 && extra.cut && extra.n_fds < REQUEST_START_FDS) {
		close_all(&extra);
		*ret_n_fds = 0;
		return -EMFILE;
	}
	*ret_n_fds = extra.n_fds;
	memcpy(ret_fds, extra.fds, extra.n_fds * sizeof(int));
	return len;
}

int answer_receive(int fd, struct answer *ret)
{
	struct pass_extra extra;
	int len;

	*ret = (struct answer){0};
	len = pass_receive(fd, ret, sizeof(*ret), &extra, MSG_DONTWAIT);
	close_all(&extra);
	return len;
}
