/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets and timers for lib/radius; see radius.h. */
#include "pppd-plugin/radius.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/secret.h"
#include "pppd-plugin/wake.h"

#define WHY_LEN 256

static struct {
	bool running;
	radius_done_fn *done;
	struct radius_attrs attrs;
	struct radius_client client;
	int fd; /* connected to server `server`; -1: none */
	size_t server;
	struct wake wake;
} request = {.fd = -1};

static void pump(void *ctx);

static void close_socket(void)
{
	if (request.fd < 0)
		return;
	wake_del(&request.wake);
	close(request.fd);
	request.fd = -1;
}

void radius_cancel(void)
{
	if (!request.running)
		return;
	request.running = false;
	wake_at(pump, NULL, USEC_NEVER);
	close_socket();
	radius_attrs_wipe(&request.attrs);
	radius_client_wipe(&request.client);
}

static void finish(void)
{
	enum radius_result result = request.client.result;
	uint8_t bytes[RADIUS_PACKET_MAX];
	struct view reply = {bytes, 0};
	char why[WHY_LEN];

	radius_client_explain(&request.client, why, sizeof(why));
	if (result != RADIUS_NO_ANSWER) {
		reply.len = request.client.reply.attrs.len;
		memcpy(bytes, request.client.reply.attrs.p, reply.len);
	}
	radius_cancel();
	request.done(result, reply, why);
	secret_wipe(bytes, sizeof(bytes));
}

static void receive(void)
{
	uint8_t bytes[RADIUS_PACKET_MAX];
	ssize_t n;

	while (request.fd >= 0 && request.client.result == RADIUS_PENDING) {
		n = recv(request.fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		if (n >= 0)
			radius_client_input(&request.client, request.server,
					    (struct view){bytes, (size_t)n});
		else if (errno == EAGAIN)
			return;
		else if (errno != EINTR)
			radius_client_error(&request.client, request.server, -errno);
	}
}

static void on_readable(void *ctx)
{
	(void)ctx;
	receive();
	pump(NULL);
}

/* Only what comes from the server's address reaches a connected socket. */
static int open_socket(size_t server)
{
	const struct addr *to = &request.client.conf->servers[server].address;
	union addr_sockaddr sa;
	socklen_t len = addr_to_sockaddr(to, &sa);
	int fd, err;

	close_socket();
	fd = socket(sa.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, &sa.sa, len)) {
		err = -errno;
		close(fd);
		return err;
	}
	request.fd = fd;
	request.server = server;
	wake_add(&request.wake, fd, on_readable, NULL);
	wake_await(&request.wake, true);
	return 0;
}

static void transmit(size_t server, struct view packet)
{
	int err = 0;

	if (request.fd < 0 || request.server != server)
		err = open_socket(server);
	/* An ICMP error of an earlier datagram comes up here too; then send() has sent nothing. */
	while (!err && send(request.fd, packet.p, packet.len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		if (errno != EINTR)
			err = -errno;
	if (err)
		radius_client_error(&request.client, server, err);
}

static void pump(void *ctx)
{
	struct view packet;
	size_t server;

	(void)ctx;
	if (!request.running)
		return;
	while (radius_client_poll(&request.client, clock_now(), &server, &packet))
		transmit(server, packet);
	if (request.client.result != RADIUS_PENDING)
		finish();
	else
		wake_at(pump, NULL, request.client.due);
}

void radius_ask(const struct radius_conf *conf, const struct radius_attrs *attrs,
		radius_done_fn *done)
{
	int err;

	radius_cancel();
	request.attrs = *attrs;
	request.attrs.w.buf = request.attrs.bytes;
	request.done = done;
	request.running = true;
	err = radius_client_start(&request.client, conf, &request.attrs, clock_now());
	if (err) {
		radius_cancel();
		done(RADIUS_NO_ANSWER, view_str(""), "the Access-Request is too long");
		return;
	}
	pump(NULL);
}

/* A Station-Id, or other text that may be missing. */
static void add_text(struct radius_attrs *attrs, enum radius_attr_type type, const char *text)
{
	size_t len = strlen(text);

	if (len)
		radius_add_bytes(attrs, type,
				 (struct view){(const uint8_t *)text,
					       len < RADIUS_ATTR_MAX ? len : RADIUS_ATTR_MAX});
}

void radius_describe(struct radius_attrs *attrs, const struct bus_setup *setup)
{
	struct addr called;
	bool is_ipv6 = !addr_parse(&called, setup->called_station_id, 0) &&
		       called.family == AF_INET6;
	char name[BUS_TEXT_LEN];

	radius_add_u32(attrs, RADIUS_SERVICE_TYPE, RADIUS_SERVICE_FRAMED);
	radius_add_u32(attrs, RADIUS_FRAMED_PROTOCOL, RADIUS_FRAMED_PPP);
	/* RFC 2865 4.1: a request names its NAS; this host's name does when nothing else is said.
	 */
	snprintf(name, sizeof(name), "%s", setup->nas_identifier);
	if (!name[0] && gethostname(name, sizeof(name) - 1))
		snprintf(name, sizeof(name), "l2tpd");
	add_text(attrs, RADIUS_NAS_IDENTIFIER, name);
	radius_add_u32(attrs, RADIUS_NAS_PORT, setup->session);
	radius_add_u32(attrs, RADIUS_NAS_PORT_TYPE, RADIUS_PORT_VIRTUAL);
	add_text(attrs, RADIUS_CALLING_STATION_ID, setup->calling_station_id);
	add_text(attrs, RADIUS_CALLED_STATION_ID, setup->called_station_id);
	add_text(attrs, RADIUS_ACCT_SESSION_ID, setup->acct_session_id);
	/* RFC 2868: with tag 0 in the first byte */
	radius_add_u32(attrs, RADIUS_TUNNEL_TYPE, RADIUS_TUNNEL_L2TP);
	radius_add_u32(attrs, RADIUS_TUNNEL_MEDIUM_TYPE,
		       is_ipv6 ? RADIUS_MEDIUM_IPV6 : RADIUS_MEDIUM_IPV4);
}
