/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of ports in the form of net.ipv4.ip_local_reserved_ports, and that file. */
#include "l2tpd/monitor/reserve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RESERVED_PATH "/proc/sys/net/ipv4/ip_local_reserved_ports"
#define RANGE_PATH    "/proc/sys/net/ipv4/ip_local_port_range"
#define PORT_MAX      65535UL
/* every second port alone, the longest list there is: "1,3,5,...,65535" */
#define TEXT_MAX      (32768 * sizeof("65535,"))

void ports_add(struct port_set *set, uint16_t first, uint16_t last)
{
	for (unsigned int port = first; port <= last; port++)
		set->bits[port / 8] |= (uint8_t)(1 << port % 8);
}

bool ports_has(const struct port_set *set, uint16_t port)
{
	return set->bits[port / 8] & 1 << port % 8;
}

void ports_unite(struct port_set *a, const struct port_set *b)
{
	for (size_t i = 0; i < sizeof(a->bits); i++)
		a->bits[i] |= b->bits[i];
}

void ports_subtract(struct port_set *a, const struct port_set *b)
{
	for (size_t i = 0; i < sizeof(a->bits); i++)
		a->bits[i] &= (uint8_t)~b->bits[i];
}

/* A port at `*text`, which goes past it. */
static int parse_port(const char **text, uint16_t *ret)
{
	char *end;
	unsigned long port;

	if (**text < '0' || **text > '9')
		return -EINVAL;
	port = strtoul(*text, &end, 10);
	if (port > PORT_MAX)
		return -EINVAL;
	*text = end;
	*ret = (uint16_t)port;
	return 0;
}

int ports_parse(struct port_set *ret, const char *text)
{
	struct port_set set = {0};

	while (*text && *text != '\n') {
		uint16_t first, last;

		if (parse_port(&text, &first))
			return -EINVAL;
		last = first;
		if (*text == '-') {
			text++;
			if (parse_port(&text, &last) || last < first)
				return -EINVAL;
		}
		ports_add(&set, first, last);
		if (*text == ',')
			text++;
		else if (*text && *text != '\n')
			return -EINVAL;
	}
	*ret = set;
	return 0;
}

char *ports_format(const struct port_set *set)
{
	char *text = malloc(TEXT_MAX);
	size_t len = 0;

	if (!text)
		return NULL;
	for (unsigned int port = 0; port <= PORT_MAX; port++) {
		unsigned int first = port;

		if (!ports_has(set, (uint16_t)port))
			continue;
		while (port < PORT_MAX && ports_has(set, (uint16_t)(port + 1)))
			port++;
		len += (size_t)snprintf(text + len, TEXT_MAX - len,
					port > first ? "%s%u-%u" : "%s%u", len ? "," : "", first,
					port);
	}
	text[len] = '\0';
	return text;
}

/* The whole of the file `path`, at most `cap` - 1 bytes. */
static int read_file(const char *path, char *ret, size_t cap)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n = 0;

	if (fd < 0)
		return -errno;
	while (len < cap - 1 && (n = read(fd, ret + len, cap - 1 - len)) > 0)
		len += (size_t)n;
	ret[len] = '\0';
	close(fd);
	return n < 0 ? -EIO : 0;
}

static int read_reserved(struct port_set *ret)
{
	char *text = malloc(TEXT_MAX);
	int err;

	if (!text)
		return -ENOMEM;
	err = read_file(RESERVED_PATH, text, TEXT_MAX);
	if (!err)
		err = ports_parse(ret, text);
	free(text);
	return err;
}

static int write_reserved(const struct port_set *set)
{
	char *text = ports_format(set);
	int fd, err = 0;

	if (!text)
		return -ENOMEM;
	fd = open(RESERVED_PATH, O_WRONLY | O_CLOEXEC);
	if (fd < 0) {
		err = -errno;
	} else {
		/* Only a whole list counts; the empty one needs a line end to be one. */
		strcat(text, "\n");
		if (write(fd, text, strlen(text)) < 0)
			err = -errno;
		close(fd);
	}
	free(text);
	return err;
}

int reserve_ports(uint16_t first, uint16_t last, struct reservation *ret)
{
	struct port_set reserved;
	int err = read_reserved(&reserved);

	*ret = (struct reservation){0};
	if (err)
		return err;
	ports_add(&ret->ours, first, last);
	ports_subtract(&ret->ours, &reserved);
	ports_unite(&reserved, &ret->ours);
	err = write_reserved(&reserved);
	if (err)
		*ret = (struct reservation){0};
	return err;
}

void reserve_release(const struct reservation *r)
{
	struct port_set reserved;

	if (read_reserved(&reserved))
		return;
	ports_subtract(&reserved, &r->ours);
	write_reserved(&reserved);
}

bool reserve_overlaps(uint16_t first, uint16_t last)
{
	unsigned int low, high;
	char text[64];

	return !read_file(RANGE_PATH, text, sizeof(text)) &&
	       sscanf(text, "%u %u", &low, &high) == 2 && first <= high && last >= low;
}
