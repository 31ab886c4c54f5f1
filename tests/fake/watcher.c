/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bus as its client sees it; see watcher.h. */
#include "tests/fake/watcher.h"

#include <check.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/bus/names.h"
#include "tests/fake/fake_charon.h"

static uint8_t in[FRAME_MAX];

int watcher_open(void)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	struct timeval limit = {.tv_sec = WAIT_S};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", charon_socket);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)), 0);
	return fd;
}

void watcher_send(int fd, enum frame_type type, const char *name, struct view msg)
{
	uint8_t out[1024];
	int len = frame_build(out, sizeof(out), type, name, msg);

	ck_assert_int_gt(len, 0);
	ck_assert_int_eq(send(fd, out, len, MSG_NOSIGNAL), len);
}

bool watcher_receive(int fd, struct frame *ret)
{
	uint32_t len;

	if (recv(fd, &len, sizeof(len), MSG_WAITALL) != sizeof(len))
		return false;
	ck_assert_uint_le(ntohl(len), sizeof(in));
	if (recv(fd, in, ntohl(len), MSG_WAITALL) != (ssize_t)ntohl(len))
		return false;
	ck_assert_int_eq(frame_parse((struct view){in, ntohl(len)}, ret), 0);
	return true;
}

void watcher_register(int fd)
{
	static const char *const names[] = {
#define WORD(NAME, word, text) word,
		BUS_CHARON_EVENTS(WORD)
#undef WORD
	};
	struct frame f;

	for (size_t i = 0; i < countof(names); i++) {
		watcher_send(fd, FRAME_EVENT_REGISTER, names[i], (struct view){});
		ck_assert(watcher_receive(fd, &f));
		ck_assert_int_eq(f.type, FRAME_EVENT_CONFIRM);
	}
}

struct bus_sa watcher_expect(int fd, const char *event, uint32_t mark)
{
	struct bus_sa sa;
	struct frame f;

	ck_assert_msg(watcher_receive(fd, &f), "%s does not come", event);
	ck_assert_int_eq(f.type, FRAME_EVENT);
	ck_assert_msg(view_is(f.name, event), "%.*s instead of %s", (int)f.name.len, f.name.p,
		      event);
	ck_assert_int_eq(bus_read(f.msg, &bus_sa_record, &sa), 0);
	ck_assert_uint_eq(sa.mark, mark);
	return sa;
}

bool watcher_request(int fd, const char *name, struct view msg, struct view *ret)
{
	struct frame f;

	watcher_send(fd, FRAME_CMD_REQUEST, name, msg);
	ck_assert(watcher_receive(fd, &f));
	if (f.type == FRAME_CMD_UNKNOWN)
		return false;
	ck_assert_int_eq(f.type, FRAME_CMD_RESPONSE);
	*ret = f.msg;
	return true;
}

void watcher_expect_nothing(int fd)
{
	struct view msg;

	ck_assert(watcher_request(fd, BUS_CMD_CHARON_VERSION, (struct view){}, &msg));
}
