/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Configuration files: any text is either accepted, and then complete, or refused with at least one
 * complaint that names file, line, and what was expected.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "l2tpd/config/config.h"
#include "tests/fuzz/fuzz.h"

struct said {
	const char *path;
	unsigned int n;
};

static void check_complaint(void *ctx, const char *message)
{
	struct said *said = ctx;
	size_t len = strlen(said->path);

	said->n++;
	if (!strcmp(message, "and more"))
		return;
	require(!strncmp(message, said->path, len));
	require(message[len] == ':' && message[len + 1] >= '1' && message[len + 1] <= '9');
	require(strstr(message, "; expected "));
}

static void check_complete(const struct config *c)
{
	require(c->listen.n_addresses && c->listen.first_port <= c->listen.last_port);
	require(c->l2tp.host_name && c->l2tp.window && c->daemon.user && c->daemon.debug);
	require(c->n_lns);
	for (size_t i = 0; i < c->n_lns; i++) {
		const struct config_lns *l = &c->lns[i];

		require(l->pool || l->radius);
		require(!l->pool || l->pool->n_ranges);
		require(!(l->radius && l->auth.local));
		require(l->auth.n > 0 && l->auth.n <= CONFIG_AUTH_COUNT);
		require(addr_ipv4(&l->local_address));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config *c = NULL;
	struct said said = {0};
	char path[32];
	int fd, r;

	if (memmem(data, size, "include", 7)) /* other files are not ours to read here */
		return 0;
	fd = memfd_create("config", MFD_CLOEXEC);
	require(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	said.path = path;
	r = config_load(path, check_complaint, &said, &c);
	require(r == 0 || r == -EINVAL);
	require(!r == !said.n && !r == !!c);
	if (c)
		check_complete(c);
	config_free(c);
	close(fd);
	return 0;
}
