/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What charon is able to do: most clients need IKEv1, which strongSwan 6.1 is built without. */
#include "l2tpd/ipsec/charon.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/bus/names.h"
#include "lib/busio/ev.h"

/* A function of libcharon that only IKEv1 has; exported, so its name is there even when stripped.
 */
#define IKEV1_SYMBOL "task_manager_v1_create"

static void on_answer(void *ctx, int err, struct view msg)
{
	struct bus_charon *ret = ctx;

	if (err || bus_read(msg, &bus_charon_record, ret)) {
		*ret = (struct bus_charon){0};
		return;
	}
	if (ret->problem[0])
		log_warn(IPSEC, "charon-problem", "%s", ret->problem);
}

void charon_ask(struct ev_client *plugin, struct bus_charon *ret)
{
	*ret = (struct bus_charon){0};
	(void)ev_client_request(plugin, BUS_CMD_CHARON_VERSION, (struct view){0}, on_answer, ret);
}

int charon_library_has_ikev1(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret;
	struct stat st;
	void *bytes = MAP_FAILED;

	if (fd < 0)
		return -errno;
	if (!fstat(fd, &st))
		bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	ret = -errno;
	close(fd);
	if (bytes == MAP_FAILED)
		return ret;
	/* with its end: not the beginning of a longer name */
	ret = memmem(bytes, (size_t)st.st_size, IKEV1_SYMBOL, sizeof(IKEV1_SYMBOL)) != NULL;
	munmap(bytes, (size_t)st.st_size);
	return ret;
}
