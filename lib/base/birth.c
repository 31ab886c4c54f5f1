/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Orders and reports as packets; see birth.h. */
#include "lib/base/birth.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/pass.h"

int birth_give_order(int fd, const struct birth_order *order, const int fds[static BIRTH_FDS])
{
	return pass_send(fd, order, sizeof(*order), fds, BIRTH_FDS);
}

int birth_take_order(int fd, struct birth_order *ret, int ret_fds[static BIRTH_FDS])
{
	struct birth_order order;
	struct pass_extra extra;
	int len;

	do
		len = pass_receive(fd, &order, sizeof(order), &extra, 0);
	while (len == -EINTR);
	if (len <= 0)
		return len;
	if (len != (int)sizeof(order) || extra.n_fds != BIRTH_FDS) {
		for (size_t i = 0; i < extra.n_fds; i++)
			close(extra.fds[i]);
		return -EBADMSG;
	}
	*ret = order;
	memcpy(ret_fds, extra.fds, BIRTH_FDS * sizeof(int));
	return len;
}

int birth_tell(int fd, enum birth_kind kind, const struct birth_order *order, int error)
{
	struct birth_report report = {
		.kind = kind,
		.generation = order->generation,
		.error = error,
		.sid = order->sid,
	};

	return pass_send(fd, &report, sizeof(report), NULL, 0);
}

int birth_hear(int fd, struct birth_report *ret, pid_t *ret_pid)
{
	struct birth_report report;
	struct pass_extra extra;
	int len = pass_receive(fd, &report, sizeof(report), &extra, MSG_DONTWAIT);

	for (size_t i = 0; i < extra.n_fds; i++)
		close(extra.fds[i]);
	if (len <= 0)
		return len;
	/* Whose id is not known must not be taken for a process: kill() of 0 means ourselves. */
	if (len != (int)sizeof(report) || report.zero || extra.pid <= 0)
		return -EBADMSG;
	*ret = report;
	*ret_pid = extra.pid;
	return len;
}
