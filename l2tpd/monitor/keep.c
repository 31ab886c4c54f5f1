/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors by kind and id; see keep.h. */
#include "l2tpd/monitor/keep.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

void keep_init(struct keep *k)
{
	*k = (struct keep){.state_fd = -1};
}

void keep_clear(struct keep *k)
{
	for (unsigned int kind = 0; kind < KEPT_COUNT; kind++) {
		for (size_t id = 0; k->fds[kind] && id < kept_ids(kind); id++)
			keep_drop(k, kind, (uint16_t)id);
		free(k->fds[kind]);
	}
	if (k->state_fd >= 0)
		close(k->state_fd);
	keep_init(k);
}

int keep_take(struct keep *k, enum kept kind, uint16_t id, int fd)
{
	struct stat st;
	int err = 0;

	if (fstat(fd, &st) || !S_ISSOCK(st.st_mode))
		err = -ENOTSOCK;
	if (!err && !k->fds[kind])
		k->fds[kind] = calloc(kept_ids(kind), sizeof(int));
	if (!err && !k->fds[kind])
		err = -ENOMEM;
	if (err) {
		close(fd);
		return err;
	}
	keep_drop(k, kind, id);
	k->fds[kind][id] = fd + 1;
	k->n++;
	return 0;
}

void keep_drop(struct keep *k, enum kept kind, uint16_t id)
{
	if (!k->fds[kind] || !k->fds[kind][id])
		return;
	close(k->fds[kind][id] - 1);
	k->fds[kind][id] = 0;
	k->n--;
}

int keep_state(struct keep *k)
{
	if (k->state_fd < 0)
		k->state_fd = memfd_create("l2tpd", MFD_CLOEXEC);
	return k->state_fd < 0 ? -errno : k->state_fd;
}

int keep_find(const struct keep *k, unsigned int *kind, size_t *id)
{
	for (; *kind < KEPT_COUNT; ++*kind, *id = 0)
		for (; k->fds[*kind] && *id < kept_ids(*kind); ++*id)
			if (k->fds[*kind][*id])
				return k->fds[*kind][*id] - 1;
	return -1;
}
