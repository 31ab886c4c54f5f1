/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whoever talks to the plugin, played by the test; see fake_call.h. */
#include "tests/fake/fake_call.h"

#include <arpa/inet.h>
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/bus/msg.h"
#include "lib/bus/names.h"
#include "lib/radius/packet.h"
#include "tests/fake/reply.h"

#define SECRET ((struct view){(const uint8_t *)"between us", 10})

/*
 * l2tpd
 */

struct fake_call call = {.bus = -1, .radius = -1};

void call_send(enum frame_type type, const char *event, const struct bus_record *record,
	       const void *obj)
{
	uint8_t bytes[2048], packet[2048];
	struct msg_out out;
	struct view msg;
	int len;

	msg_init(&out, bytes, sizeof(bytes));
	bus_write(&out, record, obj);
	ck_assert_int_eq(msg_done(&out, &msg), 0);
	len = frame_build(packet, sizeof(packet), type, event, msg);
	ck_assert_int_gt(len, 0);
	ck_assert_int_eq(send(call.bus, packet, (size_t)len, 0), len);
}

/* Is there a command?  If so it is in `name`, and in `asked` or `report`. */
bool call_has_command(void)
{
	uint8_t bytes[4096];
	struct view packet;
	struct frame f;
	size_t used;
	ssize_t n = recv(call.bus, bytes, sizeof(bytes), MSG_DONTWAIT | MSG_PEEK);

	if (n <= 0 || frame_split((struct view){bytes, (size_t)n}, FRAME_MAX, &packet, &used) != 1)
		return false;
	ck_assert_int_eq(recv(call.bus, bytes, used, 0), (int)used);
	ck_assert_int_eq(frame_parse(packet, &f), 0);
	ck_assert_int_eq(f.type, FRAME_CMD_REQUEST);
	ck_assert_int_eq(view_to_str(f.name, call.name, sizeof(call.name)), 0);
	if (!strcmp(call.name, BUS_CMD_SESSION_LEASE))
		ck_assert_int_eq(bus_read(f.msg, &bus_grant_record, &call.asked), 0);
	else if (!strcmp(call.name, BUS_CMD_SESSION_RESUME))
		ck_assert_int_eq(bus_read(f.msg, &bus_setup_record, &call.resumed), 0);
	else
		ck_assert_int_eq(bus_read(f.msg, &bus_report_record, &call.report), 0);
	if (call.has_begun || strcmp(call.report.state, "lcp"))
		return true;
	/* Every pppd says first that it has begun. */
	call.has_begun = true;
	memset(&call.report, 0, sizeof(call.report));
	call_answer();
	return false;
}

void call_expect(const char *which)
{
	ck_assert(fake_run(call_has_command));
	ck_assert(call.has_begun);
	ck_assert_str_eq(call.name, which);
}

void call_expect_report(const char *state)
{
	call_expect(BUS_CMD_SESSION_REPORT);
	ck_assert_str_eq(call.report.state, state);
}

void call_answer(void)
{
	const struct bus_close nothing = {0};

	call_send(FRAME_CMD_RESPONSE, NULL, &bus_close_record, &nothing);
}

void call_grant(const char *ip)
{
	struct bus_grant g = {0};

	ck_assert_int_eq(addr_parse(&g.peer_ip, ip, 0), 0);
	call_send(FRAME_CMD_RESPONSE, NULL, &bus_grant_record, &g);
}

void call_close(const char *reason)
{
	struct bus_close c = {0};

	snprintf(c.reason, sizeof(c.reason), "%s", reason);
	call_send(FRAME_EVENT, BUS_EV_SESSION_CLOSE, &bus_close_record, &c);
}

/*
 * RADIUS
 */

static struct sockaddr_in client;
static uint8_t request[RADIUS_PACKET_MAX];
static ssize_t request_len;

bool call_has_request(void)
{
	socklen_t len = sizeof(client);

	request_len = recvfrom(call.radius, request, sizeof(request), MSG_DONTWAIT,
			       (struct sockaddr *)&client, &len);
	return request_len > 0;
}

struct view call_request(void)
{
	return (struct view){request + RADIUS_HDR_LEN, (size_t)request_len - RADIUS_HDR_LEN};
}

void call_expect_request(const char *who)
{
	struct view v;

	ck_assert(fake_run(call_has_request));
	ck_assert_int_eq(radius_find(call_request(), 0, RADIUS_USER_NAME, &v), 0);
	ck_assert(view_is(v, who));
}

void call_answer_with(enum radius_code code, struct view attrs)
{
	uint8_t bytes[256];
	size_t len = reply_build(bytes, sizeof(bytes), (uint8_t)code, request[1], attrs,
				 request + 4, SECRET);

	ck_assert_int_eq(
		sendto(call.radius, bytes, len, 0, (struct sockaddr *)&client, sizeof(client)),
		(int)len);
}

void call_answer_request(enum radius_code code)
{
	call_answer_with(code, (struct view){NULL, 0});
}

/*
 * The client
 */

void call_send_pap(uint8_t id, const char *who)
{
	uint8_t packet[64] = {1, id, 0};
	size_t len = strlen(who);

	packet[3] = (uint8_t)(6 + len + 1);
	packet[4] = (uint8_t)len;
	memcpy(packet + 5, who, len);
	packet[5 + len] = 1;
	packet[6 + len] = 'p';
	fake_input(PPP_PAP, packet, packet[3]);
}

static bool call_has_output(void)
{
	return fake.n_output > 0;
}

/* The next packet to the client has this code. */
void call_expect_output(uint8_t code)
{
	ck_assert(fake_run(call_has_output));
	ck_assert_uint_eq(fake.n_output, 1);
	ck_assert_uint_eq(fake.packet[0], code);
	fake.n_output = 0;
}

/*
 * Set-up
 */

static char secret_path[] = "check_takeover.XXXXXX";
static int their_bus;
static char server[64], their_fd[16];

/* Everything up to the start of the plugin; `peer_ip`: leased already, or NULL. */
void call_prepare(const char *peer_ip)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct bus_setup setup = {.session = 7, .mtu = 1400};
	socklen_t len = sizeof(any);
	int fds[2], fd;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	call.bus = fds[0];
	their_bus = fds[1];
	snprintf(their_fd, sizeof(their_fd), "%d", their_bus);
	snprintf(setup.nas_identifier, sizeof(setup.nas_identifier), "gw");
	snprintf(setup.bus, sizeof(setup.bus), "%s", call.socket);
	ck_assert_int_eq(addr_parse(&setup.local_ip, "10.0.0.1", 0), 0);
	if (peer_ip)
		ck_assert_int_eq(addr_parse(&setup.peer_ip, peer_ip, 0), 0);
	call_send(FRAME_EVENT, BUS_EV_SESSION_SETUP, &bus_setup_record, &setup);

	call.radius = socket(AF_INET, SOCK_DGRAM, 0);
	ck_assert_int_ge(call.radius, 0);
	ck_assert_int_eq(bind(call.radius, (struct sockaddr *)&any, sizeof(any)), 0);
	ck_assert_int_eq(getsockname(call.radius, (struct sockaddr *)&any, &len), 0);
	snprintf(server, sizeof(server), "127.0.0.1:%u", ntohs(any.sin_port));

	fd = mkstemp(secret_path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "between us\n", 11), 11);
	close(fd);
}

void call_start(const char *auth)
{
	const char *const options[] = {"l2tpd-bus",
				       their_fd,
				       "l2tpd-auth",
				       auth,
				       "l2tpd-offer",
				       "pap,chap,mschapv2,eap",
				       "l2tpd-radius-server",
				       server,
				       "l2tpd-radius-secret",
				       secret_path,
				       NULL};

	fake_start(options);
	unlink(secret_path);
}

/* With RADIUS, PAP wanted, LCP up: the client may speak. */
void call_begin(void)
{
	call_prepare(NULL);
	call_start("radius");
	lcp_wantoptions[0].neg_upap = true;
	lcp_gotoptions[0].neg_upap = true;
	fake_phase(PHASE_SERIALCONN);
	fake_phase(PHASE_ESTABLISH);
	fake_lcp_up();
}

/* Until the client is in. */
void call_let_in(void)
{
	call_begin();
	call_send_pap(1, "bob");
	call_expect_request("bob");
	call_answer_request(RADIUS_ACCESS_ACCEPT);
	call_expect(BUS_CMD_SESSION_LEASE);
	call_grant("10.0.0.5");
	call_expect_output(2);
	call_expect_report("authenticated");
	call_answer();
}

void call_let_up(void)
{
	call_let_in();
	fake_network_up();
	call_expect_report("up");
	call_answer();
}
