/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Listening, and accepting without waiting; see door.h. */
#include "l2tpd/ppp/door.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/bus/names.h"

#define BACKLOG  65535 /* one for each session; the kernel takes what net.core.somaxconn allows */
#define PAUSE_MS 1000  /* when there is no descriptor left */

struct door {
	int fd;
	struct event *readable, *resume;
	door_guest_fn *guest;
	void *ctx;
	struct log_limit limit;
};

int door_path(const char *admin, char *ret, size_t cap)
{
	const char *slash = strrchr(admin, '/');
	int folder = slash ? (int)(slash + 1 - admin) : 0;
	int len = snprintf(ret, cap, "%.*s%s", folder, admin, BUS_SESSION_SOCKET_NAME);

	return len < (int)cap ? 0 : -ENAMETOOLONG;
}

int door_make(const char *path)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd, err = 0;
	mode_t mask;

	if (strlen(path) >= sizeof(sun.sun_path))
		return -ENAMETOOLONG;
	strcpy(sun.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	unlink(path);
	mask = umask(0177);
	if (bind(fd, (const struct sockaddr *)&sun, sizeof(sun)) || listen(fd, BACKLOG))
		err = -errno;
	umask(mask);
	if (!err)
		return fd;
	close(fd);
	return err;
}

int door_name(int fd, char *ret, size_t cap)
{
	struct sockaddr_un sun = {0};
	socklen_t len = sizeof(sun);
	size_t n;

	if (getsockname(fd, (struct sockaddr *)&sun, &len))
		return -errno;
	n = strnlen(sun.sun_path, sizeof(sun.sun_path));
	if (n >= cap)
		return -ENAMETOOLONG;
	memcpy(ret, sun.sun_path, n);
	ret[n] = '\0';
	return 0;
}

static void pause_for_a_while(struct door *d, int err)
{
	struct timeval pause = {.tv_usec = PAUSE_MS * 1000 % 1000000, .tv_sec = PAUSE_MS / 1000};
	unsigned int left_out;

	if (log_limit(&d->limit, clock_now(), &left_out))
		log_warn(PPP, "accept-paused", "reason=\"%s\" left-out=%u", err_text(err),
			 left_out);
	event_del(d->readable);
	event_add(d->resume, &pause);
}

void door_answer(struct door *d)
{
	for (;;) {
		int fd = accept4(d->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd >= 0)
			d->guest(d->ctx, fd);
		else if (errno == EAGAIN)
			return;
		else if (errno != EINTR && errno != ECONNABORTED) {
			pause_for_a_while(d, -errno);
			return;
		}
	}
}

static void on_readable(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd, (void)what;
	door_answer(ctx);
}

static void on_resume(evutil_socket_t fd, short what, void *ctx)
{
	struct door *d = ctx;

	(void)fd, (void)what;
	event_add(d->readable, NULL);
}

struct door *door_open(struct event_base *base, int fd, door_guest_fn *guest, void *ctx)
{
	struct door *d = calloc(1, sizeof(*d));

	if (!d) {
		close(fd);
		return NULL;
	}
	*d = (struct door){.fd = fd, .guest = guest, .ctx = ctx, .limit.burst = 10};
	d->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, d);
	d->resume = evtimer_new(base, on_resume, d);
	if (d->readable && d->resume && !event_add(d->readable, NULL))
		return d;
	door_close(d);
	return NULL;
}

void door_close(struct door *d)
{
	if (!d)
		return;
	if (d->readable)
		event_free(d->readable);
	if (d->resume)
		event_free(d->resume);
	close(d->fd);
	free(d);
}
