/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flood send ADDRESS PORT SIZE COUNT: so many UDP datagrams, one behind the other, and the
 * nanoseconds that one of them takes.  flood echo ADDRESS COUNT: the same for ICMP echoes, each
 * behind the answer to the one before.  flood sink PORT: somebody to send datagrams to, who reads
 * none.  flood crowd ADDRESS PEER FIRST COUNT: so many idle L2TP tunnels of the kernel, made as
 * servers do that have all their sockets on port 1701.  FIRST and the numbers behind it are their
 * ids, and the ports of PEER that they are connected to.
 */
#include <arpa/inet.h>
#include <linux/if_pppol2tp.h>
#include <linux/if_pppox.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SIZE_MAX_IPV4 65507
#define IP_LEN        20 /* without options, RFC 791 */

static int fail(const char *what)
{
	perror(what);
	return EXIT_FAILURE;
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static int send_all(const char *address, const char *port, size_t size, uint64_t count)
{
	static char bytes[SIZE_MAX_IPV4];
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	uint64_t began;

	if (fd < 0 || size > sizeof(bytes) || !count ||
	    inet_pton(AF_INET, address, &to.sin_addr) != 1 ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)))
		return fail(address);
	/* The first one finds the route, and perhaps the neighbour. */
	if (send(fd, bytes, size, 0) < 0)
		return fail("send");
	began = now_ns();
	for (uint64_t i = 0; i < count; i++)
		if (send(fd, bytes, size, 0) < 0)
			return fail("send");
	printf("%llu\n", (unsigned long long)((now_ns() - began) / count));
	return EXIT_SUCCESS;
}

/* Answers carry the header of IP in front: RFC 791, RFC 792. */
static int await_answer(int fd, uint16_t sequence)
{
	uint8_t bytes[256];
	struct icmphdr answer;
	ssize_t len;

	do {
		len = recv(fd, bytes, sizeof(bytes), 0);
		if (len < IP_LEN + (ssize_t)sizeof(answer))
			return -1;
		memcpy(&answer, bytes + IP_LEN, sizeof(answer));
	} while (answer.type != ICMP_ECHOREPLY || answer.un.echo.sequence != sequence);
	return 0;
}

/* One's complement over a request whose other words are zero: RFC 1071. */
static uint16_t checksum(const struct icmphdr *h)
{
	uint32_t sum = (uint32_t)htons(ICMP_ECHO << 8) + h->un.echo.sequence;

	return (uint16_t) ~((sum & 0xffff) + (sum >> 16));
}

static int echo_all(const char *address, uint64_t count)
{
	struct sockaddr_in to = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
	struct timeval patience = {.tv_sec = 5};
	uint64_t began = 0;

	if (fd < 0 || !count || inet_pton(AF_INET, address, &to.sin_addr) != 1 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)))
		return fail(address);
	for (uint64_t i = 0; i <= count; i++) {
		struct icmphdr request = {.type = ICMP_ECHO};

		request.un.echo.sequence = htons((uint16_t)i);
		request.checksum = checksum(&request);
		if (send(fd, &request, sizeof(request), 0) < 0 ||
		    await_answer(fd, request.un.echo.sequence))
			return fail("echo");
		if (!i)
			began = now_ns();
	}
	printf("%llu\n", (unsigned long long)((now_ns() - began) / count));
	return EXIT_SUCCESS;
}

/* What does not fit its buffer is dropped by the kernel after all other work has been done. */
static int sink(const char *port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
	int fd = socket(AF_INET, SOCK_DGRAM, 0), least = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof(least)) ||
	    bind(fd, (struct sockaddr *)&at, sizeof(at)))
		return fail(port);
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}

/* Tunnel `id` of the kernel; its two sockets stay open.  -1 with errno. */
static int tunnel(const struct sockaddr_in *at, struct sockaddr_in peer, uint16_t id)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0), yes = 1;
	int holder = socket(AF_PPPOX, SOCK_DGRAM, PX_PROTO_OL2TP);
	struct sockaddr_pppol2tp sa = {
		.sa_family = AF_PPPOX,
		.sa_protocol = PX_PROTO_OL2TP,
		.pppol2tp = {.fd = fd, .s_tunnel = id, .d_tunnel = id},
	};

	peer.sin_port = htons(id);
	sa.pppol2tp.addr = peer;
	if (fd < 0 || holder < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) ||
	    bind(fd, (const struct sockaddr *)at, sizeof(*at)) ||
	    connect(fd, (const struct sockaddr *)&peer, sizeof(peer)))
		return -1;
	return connect(holder, (const struct sockaddr *)&sa, sizeof(sa));
}

#define FILES_MAX (1 << 17)

static int crowd(const char *address, const char *peer, unsigned long first, unsigned long count)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(1701)}, to = at;
	struct rlimit files = {FILES_MAX, FILES_MAX};

	if (inet_pton(AF_INET, address, &at.sin_addr) != 1 ||
	    inet_pton(AF_INET, peer, &to.sin_addr) != 1 || !first || first + count > UINT16_MAX)
		return fail(address);
	if (setrlimit(RLIMIT_NOFILE, &files))
		return fail("open files");
	for (unsigned long i = 0; i < count; i++)
		if (tunnel(&at, to, (uint16_t)(first + i)))
			return fail("tunnel");
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	if (argc == 6 && !strcmp(argv[1], "send"))
		return send_all(argv[2], argv[3], strtoul(argv[4], NULL, 10),
				strtoull(argv[5], NULL, 10));
	if (argc == 4 && !strcmp(argv[1], "echo"))
		return echo_all(argv[2], strtoull(argv[3], NULL, 10));
	if (argc == 3 && !strcmp(argv[1], "sink"))
		return sink(argv[2]);
	if (argc == 6 && !strcmp(argv[1], "crowd"))
		return crowd(argv[2], argv[3], strtoul(argv[4], NULL, 10),
			     strtoul(argv[5], NULL, 10));
	fputs("usage: flood send ADDRESS PORT SIZE COUNT | echo ADDRESS COUNT | sink PORT |\n"
	      "       crowd ADDRESS PEER FIRST COUNT\n",
	      stderr);
	return 2;
}
