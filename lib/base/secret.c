/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Wiping, comparing, drawing and reading secrets; see secret.h. */
#include "lib/base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

void secret_wipe(void *p, size_t len)
{
	explicit_bzero(p, len);
}

bool secret_equal(const void *a, const void *b, size_t len)
{
	const volatile uint8_t *x = a, *y = b;
	uint8_t differ = 0;

	for (size_t i = 0; i < len; i++)
		differ |= (uint8_t)(x[i] ^ y[i]);
	return !differ;
}

void secret_random(void *ret, size_t len)
{
	uint8_t *p = ret;

	while (len) {
		ssize_t n = getrandom(p, len, 0); /* fails by EINTR only */

		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
}

uint32_t secret_random_below(uint32_t n)
{
	uint32_t v,
		limit = UINT32_MAX - UINT32_MAX % n; /* above it, small numbers would be likelier */

	do
		secret_random(&v, sizeof(v));
	while (v >= limit);
	return v % n;
}

static int read_line(int fd, uint8_t *ret, size_t cap)
{
	size_t len = 0;
	ssize_t n;
	uint8_t *end;

	while (len < cap && (n = read(fd, ret + len, cap - len)) != 0) {
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			len += (size_t)n;
	}
	end = memchr(ret, '\n', len);
	if (!end && len == cap) {
		char more[3] = "";

		/* Just full: fine at the end of the file or of the line only. */
		if (read(fd, more, 2) > 0 && more[0] != '\n' && strcmp(more, "\r\n") != 0)
			return -EFBIG;
	}
	if (end)
		len = (size_t)(end - ret);
	if (len && ret[len - 1] == '\r')
		len--;
	return len ? (int)len : -ENODATA;
}

int secret_read_file(const char *path, void *ret, size_t cap)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), len;
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		len = -errno;
	else if (!S_ISREG(st.st_mode) || (st.st_uid != 0 && st.st_uid != geteuid()) ||
		 (st.st_mode & (S_IWGRP | S_IRWXO)))
		len = -EPERM;
	else
		len = read_line(fd, ret, cap);
	close(fd);
	if (len < 0)
		secret_wipe(ret, cap);
	return len;
}
