/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Listener and tunnel sockets over the loopback interface of a network namespace of the test's own:
 * no IPsec, which the lab has.  Skipped where such a namespace cannot be had.
 */
#include "l2tpd/net/udp.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <event2/event.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "l2tpd/net/path_mtu.h"
#include "l2tpd/net/policy.h"
#include "lib/base/err.h"

#define TID_LO    20000
#define TID_HI    20009

#define USABLE_MS 30000

static struct event_base *base;
static struct udp *udp;
static int client; /* on client_path.peer */

/* For SIOCSIFADDR: struct in6_ifreq of linux/ipv6.h, which does not go with netinet/in.h. */
struct in6_ifreq_ {
	uint8_t address[16];
	uint32_t prefix;
	int interface;
};

static struct path client_path;
static uint16_t close_in_callback; /* this tunnel, when its datagram comes */

static struct {
	unsigned int n;
	struct path from;
	uint16_t via;
	char text[32];
} seen;

static void on_input(void *ctx, const struct path *from, uint16_t via, const void *bytes,
		     size_t len, usec_t now)
{
	(void)ctx;
	ck_assert_uint_le(now, clock_now());
	seen.n++;
	seen.from = *from;
	seen.via = via;
	snprintf(seen.text, sizeof(seen.text), "%.*s", (int)len, (const char *)bytes);
	if (close_in_callback)
		udp_close(udp, close_in_callback);
}

static void turn(void)
{
	event_base_loop(base, EVLOOP_NONBLOCK);
}

static struct addr addr(const char *text)
{
	struct addr a;

	ck_assert_int_eq(addr_parse(&a, text, L2TP_PORT), 0);
	return a;
}

/* A client's socket, bound to `from`. */
static int open_client(const char *from)
{
	struct addr a = addr(from);
	union addr_sockaddr sa;
	socklen_t len = addr_to_sockaddr(&a, &sa);
	int fd = socket(a.family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	ck_assert_int_eq(bind(fd, &sa.sa, len), 0);
	return fd;
}

static void send_from(int fd, const char *to, const char *text)
{
	struct addr a = addr(to);
	union addr_sockaddr sa;
	socklen_t len = addr_to_sockaddr(&a, &sa);

	ck_assert_int_ge(sendto(fd, text, strlen(text), 0, &sa.sa, len), 0);
}

/* What the client gets next, and from where; "" when there is nothing. */
static const char *get(int fd, struct addr *ret_from)
{
	static char text[64];
	union addr_sockaddr sa;
	socklen_t sa_len = sizeof(sa);
	ssize_t len = recvfrom(fd, text, sizeof(text) - 1, 0, &sa.sa, &sa_len);

	text[len > 0 ? len : 0] = '\0';
	if (len >= 0)
		addr_from_sockaddr(ret_from, &sa.sa, sa_len);
	return text;
}

static void open_udp(bool esp_only)
{
	struct udp_conf conf = {.esp_only = esp_only, .tid_lo = TID_LO, .tid_hi = TID_HI};

	base = event_base_new();
	udp = udp_new(base, &conf, on_input, NULL);
}

static void setup(void)
{
	struct addr any = addr("127.0.0.1"), any6 = addr("::1");

	memset(&seen, 0, sizeof(seen));
	close_in_callback = 0;
	open_udp(false);
	any.ip[0] = any.ip[3] = 0; /* 0.0.0.0 */
	ck_assert_int_eq(udp_listen(udp, &any), 0);
	ck_assert_int_eq(udp_listen(udp, &any6), 0);
	client = open_client("127.0.0.9:1702");
	client_path = (struct path){.local = addr("127.0.0.2"), .peer = addr("127.0.0.9:1702")};
}

static void teardown(void)
{
	udp_free(udp);
	event_base_free(base);
	close(client);
}

START_TEST(test_listener)
{
	struct addr from = {0}, want = addr("127.0.0.2");

	send_from(client, "127.0.0.2", "hello");
	turn();
	ck_assert_uint_eq(seen.n, 1);
	ck_assert_uint_eq(seen.via, 0);
	ck_assert_str_eq(seen.text, "hello");
	ck_assert(addr_equal(&seen.from.local, &client_path.local));
	ck_assert(addr_equal(&seen.from.peer, &client_path.peer));
	ck_assert_uint_eq(seen.from.sa.mark, 0);
	/* The answer comes from the address that was called, not from the wildcard's first one. */
	ck_assert_int_eq(udp_send_stray(udp, &seen.from, "answer", 6), 0);
	turn();
	ck_assert_str_eq(get(client, &from), "answer");
	ck_assert(addr_equal(&from, &want));
}
END_TEST

START_TEST(test_listener_v6)
{
	int client6 = open_client("[::1]:1702");
	struct addr from = {0}, want = addr("::1");

	send_from(client6, "::1", "hello");
	turn();
	ck_assert_str_eq(seen.text, "hello");
	ck_assert(addr_equal(&seen.from.local, &want));
	ck_assert_int_eq(udp_send_stray(udp, &seen.from, "answer", 6), 0);
	turn();
	ck_assert_str_eq(get(client6, &from), "answer");
	ck_assert(addr_equal(&from, &want));
	close(client6);
}
END_TEST

/* All that a client gets is from the address that it has called, whatever the server listens on. */
static const struct {
	const char *listen[4], *client;
} answers[] = {
	{{"0.0.0.0", "::"}, "127.0.0.9:1703"},
	{{"0.0.0.0", "::"}, "[2001:db8::9]:1703"},
	{{"127.0.0.2", "127.0.0.3", "2001:db8::2", "2001:db8::3"}, "127.0.0.9:1703"},
	{{"127.0.0.2", "127.0.0.3", "2001:db8::2", "2001:db8::3"}, "[2001:db8::9]:1703"},
};

START_TEST(test_answers)
{
	bool v6 = answers[_i].client[0] == '[';
	const char *called[2] = {v6 ? "2001:db8::2" : "127.0.0.2",
				 v6 ? "2001:db8::3" : "127.0.0.3"};
	int caller = open_client(answers[_i].client);

	udp_free(udp);
	event_base_free(base);
	open_udp(false);
	for (int i = 0; i < 4 && answers[_i].listen[i]; i++) {
		struct addr a = addr(answers[_i].listen[i]);

		ck_assert_int_eq(udp_listen(udp, &a), 0);
	}
	for (int i = 0; i < 2; i++) {
		uint16_t tid = (uint16_t)(TID_LO + i);
		struct addr want = addr(called[i]), from = {0};

		send_from(caller, called[i], "hello");
		turn();
		ck_assert(addr_equal(&seen.from.local, &want));
		ck_assert_int_eq(udp_send_stray(udp, &seen.from, "stray", 5), 0);
		ck_assert_int_eq(udp_open(udp, tid, &seen.from), 0);
		turn();
		ck_assert_str_eq(get(caller, &from), "stray");
		ck_assert(addr_equal(&from, &want));
		ck_assert_int_eq(udp_send(udp, tid, &seen.from, "tunnel", 6), 0);
		ck_assert_str_eq(get(caller, &from), "tunnel");
		want.port = tid;
		ck_assert(addr_equal(&from, &want));
	}
	ck_assert_uint_eq(seen.n, 2);
	close(caller);
}
END_TEST

START_TEST(test_mark)
{
	unsigned int mark = 4711;

	ck_assert_int_eq(setsockopt(client, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)), 0);
	send_from(client, "127.0.0.2", "marked");
	turn();
	ck_assert_uint_eq(seen.n, 1);
	ck_assert_uint_eq(seen.from.sa.mark, 4711);
}
END_TEST

START_TEST(test_too_long)
{
	static char text[UDP_DATAGRAM_MAX + 2];

	memset(text, 'a', UDP_DATAGRAM_MAX + 1);
	send_from(client, "127.0.0.2", text);
	send_from(client, "127.0.0.2", "next");
	turn();
	ck_assert_uint_eq(seen.n, 1);
	ck_assert_str_eq(seen.text, "next");
}
END_TEST

START_TEST(test_listen_refused)
{
	struct addr twice = addr("::1"), strange = addr("192.0.2.1");

	ck_assert_int_eq(udp_listen(udp, &twice), -EADDRINUSE);
	ck_assert_int_eq(udp_listen(udp, &strange), -EADDRNOTAVAIL);
}
END_TEST

/* What the kernel sends through a tunnel's socket, l2tp_ppp's data too, has UDP checksums: RFC
 * 2661 8.1. */
START_TEST(test_checksums)
{
	int off = -1;
	socklen_t len = sizeof(off);

	ck_assert_int_eq(udp_open(udp, 20003, &client_path), 0);
	ck_assert(!getsockopt(udp_fd(udp, 20003), SOL_SOCKET, SO_NO_CHECK, &off, &len));
	ck_assert_int_eq(off, 0);
}
END_TEST

START_TEST(test_tunnel)
{
	struct addr from = {0}, want = addr("127.0.0.2:20003");
	int stranger = open_client("127.0.0.8:1702");

	ck_assert_int_eq(udp_fd(udp, 20003), -1);
	ck_assert_int_eq(udp_open(udp, 20003, &client_path), 0);
	ck_assert_int_ge(udp_fd(udp, 20003), 0);
	send_from(client, "127.0.0.2:20003", "mine");
	send_from(stranger, "127.0.0.2:20003", "somebody else's");
	turn();
	ck_assert_uint_eq(seen.n, 1);
	ck_assert_uint_eq(seen.via, 20003);
	ck_assert_str_eq(seen.text, "mine");
	ck_assert(addr_equal(&seen.from.local, &client_path.local));
	ck_assert(addr_equal(&seen.from.peer, &client_path.peer));
	ck_assert_int_eq(udp_send(udp, 20003, &client_path, "answer", 6), 0);
	ck_assert_str_eq(get(client, &from), "answer");
	ck_assert(addr_equal(&from, &want));
	udp_close(udp, 20003);
	udp_close(udp, 20003);
	ck_assert_int_eq(udp_fd(udp, 20003), -1);
	ck_assert_int_eq(udp_send(udp, 20003, &client_path, "answer", 6), -ENOTCONN);
	close(stranger);
}
END_TEST

/* The client has another address: the same socket hears and answers it there, and only there. */
START_TEST(test_move)
{
	struct path there = client_path, elsewhere = client_path;
	struct addr from = {0}, want = addr("127.0.0.2:20003");
	int moved = open_client("127.0.0.10:1702"), fd;

	there.peer = addr("127.0.0.10:1702");
	elsewhere.local = addr("127.0.0.3");
	ck_assert_int_eq(udp_move(udp, 20003, &there), -ENOTCONN);
	ck_assert_int_eq(udp_open(udp, 20003, &client_path), 0);
	fd = udp_fd(udp, 20003);
	ck_assert_int_eq(udp_move(udp, 20003, &elsewhere), -EADDRNOTAVAIL);
	ck_assert_int_eq(udp_move(udp, 20003, &there), 0);
	ck_assert_int_eq(udp_fd(udp, 20003), fd);
	send_from(client, "127.0.0.2:20003", "from the old address");
	send_from(moved, "127.0.0.2:20003", "from the new one");
	turn();
	ck_assert_uint_eq(seen.n, 1);
	ck_assert_str_eq(seen.text, "from the new one");
	ck_assert(addr_equal(&seen.from.peer, &there.peer));
	ck_assert_int_eq(udp_send(udp, 20003, &there, "answer", 6), 0);
	ck_assert_str_eq(get(moved, &from), "answer");
	ck_assert(addr_equal(&from, &want));
	ck_assert_str_eq(get(client, &from), "");
	there.sa.mark = 9; /* another name for the same way */
	ck_assert_int_eq(udp_move(udp, 20003, &there), 0);
	send_from(moved, "127.0.0.2:20003", "again");
	turn();
	ck_assert_uint_eq(seen.from.sa.mark, 9);
	close(moved);
}
END_TEST

START_TEST(test_tunnel_refused)
{
	int taken = open_client("127.0.0.2:20004");

	ck_assert_int_eq(udp_open(udp, TID_LO - 1, &client_path), -EINVAL);
	ck_assert_int_eq(udp_open(udp, TID_HI + 1, &client_path), -EINVAL);
	ck_assert_int_eq(udp_open(udp, 20004, &client_path), -EADDRINUSE);
	ck_assert_int_eq(udp_open(udp, TID_LO, &client_path), 0);
	ck_assert_int_eq(udp_open(udp, TID_LO, &client_path), -EINVAL);
	ck_assert_int_eq(udp_open(udp, TID_HI, &client_path), 0);
	close(taken);
}
END_TEST

/* A client that is gone answers with ICMP, which is told instead of sending: we send again. */
START_TEST(test_icmp_error)
{
	struct addr from = {0};

	ck_assert_int_eq(udp_open(udp, 20003, &client_path), 0);
	close(client);
	ck_assert_int_eq(udp_send(udp, 20003, &client_path, "lost", 4), 0);
	client = open_client("127.0.0.9:1702");
	ck_assert_int_eq(udp_send(udp, 20003, &client_path, "found", 5), 0);
	ck_assert_str_eq(get(client, &from), "found");
}
END_TEST

/* The rest of a batch is dropped with its socket, also when the id is opened again at once. */
START_TEST(test_close_in_callback)
{
	ck_assert_int_eq(udp_open(udp, 20003, &client_path), 0);
	send_from(client, "127.0.0.2:20003", "one");
	send_from(client, "127.0.0.2:20003", "two");
	close_in_callback = 20003;
	turn();
	ck_assert_uint_eq(seen.n, 1);
	ck_assert_str_eq(seen.text, "one");
	ck_assert_int_eq(udp_fd(udp, 20003), -1);
}
END_TEST

/* Without sockets of their own tunnels send from the listener, and all comes by it. */
START_TEST(test_shared)
{
	struct udp_conf conf = {.shared = true, .tid_lo = TID_LO, .tid_hi = TID_HI};
	struct addr from = {0}, any = addr("127.0.0.1"), want = addr("127.0.0.2");

	udp_free(udp);
	udp = udp_new(base, &conf, on_input, NULL);
	any.ip[0] = any.ip[3] = 0; /* 0.0.0.0 */
	ck_assert_int_eq(udp_listen(udp, &any), 0);
	ck_assert_int_eq(udp_open(udp, TID_HI + 1, &client_path), -EINVAL);
	ck_assert_int_eq(udp_open(udp, 20003, &client_path), 0);
	ck_assert_int_eq(udp_fd(udp, 20003), -1);
	ck_assert_int_eq(udp_move(udp, 20003, &client_path), 0);
	ck_assert_int_eq(udp_send(udp, 20003, &client_path, "answer", 6), 0);
	turn();
	ck_assert_str_eq(get(client, &from), "answer");
	ck_assert(addr_equal(&from, &want));
	send_from(client, "127.0.0.2", "hello");
	turn();
	ck_assert_uint_eq(seen.n, 1);
	ck_assert_uint_eq(seen.via, 0);
	ck_assert(addr_equal(&seen.from.peer, &client_path.peer));
	udp_close(udp, 20003);
}
END_TEST

/* More than a box holds, from two listeners in turn; all leaves with the turn of the loop. */
START_TEST(test_many_at_once)
{
	struct path other = client_path;
	struct addr from = {0};
	char text[16];

	other.local = addr("127.0.0.3");
	for (int i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "%d", i);
		ck_assert_int_eq(
			udp_send_stray(udp, i % 2 ? &other : &client_path, text, strlen(text)), 0);
	}
	turn();
	for (int i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "%d", i);
		ck_assert_str_eq(get(client, &from), text);
		ck_assert(addr_equal(&from, i % 2 ? &other.local : &client_path.local));
	}
	ck_assert_str_eq(get(client, &from), "");
}
END_TEST

/* No SA is named: neither a tunnel nor a stray answer leaves in the clear. */
START_TEST(test_esp_only)
{
	struct addr from = {0}, local = addr("127.0.0.2");
	int err;

	udp_free(udp);
	event_base_free(base);
	open_udp(true);
	ck_assert_int_eq(udp_open(udp, 20003, &client_path), -ERR_NO_SA);
	err = udp_listen(udp, &local);
	if (!err)
		ck_assert_int_eq(udp_send_stray(udp, &client_path, "x", 1), -ERR_NO_SA);
	else
		ck_assert_int_eq(err, -ENOPROTOOPT); /* a kernel without XFRM */
	ck_assert_str_eq(get(client, &from), "");
}
END_TEST

/* A socket whose SA is gone lets nothing out, and leaves the kernel in peace. */
START_TEST(test_block)
{
	struct addr from = {0}, to = addr("127.0.0.9:1702");
	union addr_sockaddr sa;
	socklen_t len = addr_to_sockaddr(&to, &sa);
	int fd = open_client("127.0.0.2:1703"), err = policy_block(fd, AF_INET);

	if (err) {
		ck_assert_int_eq(err, -ENOPROTOOPT); /* a kernel without XFRM */
	} else {
		ck_assert(sendto(fd, "x", 1, 0, &sa.sa, len) < 0 && errno == EPERM);
		ck_assert_int_eq(policy_clear(fd, AF_INET), 0);
	}
	send_from(fd, "127.0.0.9:1702", "after that");
	ck_assert_str_eq(get(client, &from), "after that");
	close(fd);
}
END_TEST

/* The kernel makes an address and its route usable when it finds the time: a datagram to itself
 * tells. */
static bool is_usable(const uint8_t address[static 16])
{
	struct sockaddr_in6 self = {.sin6_family = AF_INET6};
	struct pollfd p = {.fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
			   .events = POLLIN};
	socklen_t len = sizeof(self);
	char byte = 0;
	int ms = 0;

	memcpy(&self.sin6_addr, address, sizeof(self.sin6_addr));
	while (bind(p.fd, (struct sockaddr *)&self, len) && ms++ < USABLE_MS)
		poll(NULL, 0, 1);
	getsockname(p.fd, (struct sockaddr *)&self, &len);
	do {
		sendto(p.fd, &byte, 1, 0, (struct sockaddr *)&self, len);
		poll(&p, 1, 1);
	} while (recv(p.fd, &byte, 1, 0) != 1 && ms++ < USABLE_MS);
	close(p.fd);
	return ms < USABLE_MS;
}

/* Addresses beside ::1, of which there is one only. */
static bool add_addresses(void)
{
	static const char *const addresses[] = {"2001:db8::2", "2001:db8::3", "2001:db8::9"};
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool added = true;

	for (int i = 0; i < 3; i++) {
		struct in6_ifreq_ request = {.prefix = 128, .interface = (int)if_nametoindex("lo")};

		added &= inet_pton(AF_INET6, addresses[i], request.address) == 1 &&
			 !ioctl(fd, SIOCSIFADDR, &request) && is_usable(request.address);
	}
	close(fd);
	return added;
}

/* A network of our own, in which we may do everything. */
static bool enter_namespace(void)
{
	struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd;
	bool up;

	if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	up = !ioctl(fd, SIOCSIFFLAGS, &lo) && add_addresses();
	close(fd);
	return up;
}

static void set_lo_mtu(int mtu)
{
	struct ifreq r = {.ifr_name = "lo", .ifr_mtu = mtu};

	ck_assert_int_eq(ioctl(client, SIOCSIFMTU, &r), 0);
}

/* The MTU of a path, of both families, and none where no way leads. */
START_TEST(test_path_mtu)
{
	struct addr us = addr("127.0.0.2"), peer = addr("127.0.0.9:4500");
	struct addr us6 = addr("::1"), peer6 = addr("[::1]:500"), away = addr("192.0.2.1");
	unsigned int mtu = 0;

	set_lo_mtu(1300);
	ck_assert_int_eq(path_mtu(&us, &peer, &mtu), 0);
	ck_assert_uint_eq(mtu, 1300);
	set_lo_mtu(1400);
	ck_assert_int_eq(path_mtu(&us6, &peer6, &mtu), 0);
	ck_assert_uint_eq(mtu, 1400);
	ck_assert_int_eq(path_mtu(&us, &away, &mtu), -ENETUNREACH);
	ck_assert_int_eq(path_mtu(&away, &peer, &mtu), -EADDRNOTAVAIL);
	ck_assert_uint_eq(mtu, 1400);
	set_lo_mtu(65536);
}
END_TEST

int main(void)
{
	SRunner *r;
	Suite *s;
	TCase *t;
	int failed;

	if (!enter_namespace()) {
		puts("skipped: no network namespace of our own to be had");
		return 77;
	}
	s = suite_create("udp");
	t = tcase_create("udp");
	r = srunner_create(s);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_listener);
	tcase_add_test(t, test_listener_v6);
	tcase_add_loop_test(t, test_answers, 0, sizeof(answers) / sizeof(answers[0]));
	tcase_add_test(t, test_mark);
	tcase_add_test(t, test_too_long);
	tcase_add_test(t, test_listen_refused);
	tcase_add_test(t, test_checksums);
	tcase_add_test(t, test_tunnel);
	tcase_add_test(t, test_move);
	tcase_add_test(t, test_tunnel_refused);
	tcase_add_test(t, test_icmp_error);
	tcase_add_test(t, test_close_in_callback);
	tcase_add_test(t, test_shared);
	tcase_add_test(t, test_many_at_once);
	tcase_add_test(t, test_esp_only);
	tcase_add_test(t, test_path_mtu);
	tcase_add_test(t, test_block);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
