/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole daemon, without any privilege: `l2tpd --dry-run` on an address of the loopback network
 * that is this test's own, one client that calls, and l2tpctl, which must see it.
 */
#include <check.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "l2tpd/xport/chan.h"
#include "lib/base/addr.h"

#define PORT     17017
#define PEER_TID 7
#define PEER_SID 9
#define LIMIT_MS 20000 /* for anything that is waited for */

static char folder[] = "/tmp/l2tpd-dry-run-XXXXXX", config[64], admin_socket[64], address[32];
static pid_t daemon_pid;
static FILE *daemon_log;
static struct {
	struct chan chan;
	int fd;
	uint16_t sid; /* the server's */
	bool stopped; /* StopCCN came */
} client;

/* No capability, not even root's by its number. */
static void give_up_privileges(void)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};

	prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED, 0, 0, 0);
	syscall(SYS_capset, &head, none);
}

static void write_config(void)
{
	FILE *f;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(config, sizeof(config), "%s/l2tpd.conf", folder);
	snprintf(admin_socket, sizeof(admin_socket), "%s/l2tpd.vici", folder);
	/* nobody else's, so that two runs do not meet */
	snprintf(address, sizeof(address), "127.%d.%d.9", 1 + getpid() / 250 % 250, getpid() % 250);
	f = fopen(config, "w");
	ck_assert_ptr_nonnull(f);
	fprintf(f,
		"listen { addresses = %s }\n"
		"pool office { addresses = 10.99.0.0/24 }\n"
		"lns default { pool = office }\n"
		"daemon { admin-socket = %s }\n",
		address, admin_socket);
	fclose(f);
}

/* Read the daemon's lines up to one with `word` in it. */
static void await_line(const char *word)
{
	char line[512];

	while (fgets(line, sizeof(line), daemon_log)) {
		fputs(line, stdout);
		if (strstr(line, word))
			return;
	}
	ck_abort_msg("l2tpd has ended without a line \"%s\"", word);
}

static void start_daemon(void)
{
	char option[32];
	int pipe_fds[2];

	write_config();
	snprintf(option, sizeof(option), "--dry-run=%d", PORT);
	ck_assert_int_eq(pipe(pipe_fds), 0);
	fflush(NULL);
	daemon_pid = fork();
	ck_assert_int_ge(daemon_pid, 0);
	if (!daemon_pid) {
		dup2(pipe_fds[1], STDOUT_FILENO);
		dup2(pipe_fds[1], STDERR_FILENO);
		close(pipe_fds[0]);
		close(pipe_fds[1]);
		give_up_privileges();
		execl("l2tpd/l2tpd", "l2tpd", "--config", config, option, NULL);
		_exit(126);
	}
	close(pipe_fds[1]);
	daemon_log = fdopen(pipe_fds[0], "r");
	await_line(": ready ");
}

static void send_packet(struct chan *c, const void *bytes, size_t len)
{
	(void)c;
	ck_assert_int_eq(send(client.fd, bytes, len, 0), (int)len);
}

static const struct chan_conf client_conf = {
	.hello = USEC_NEVER,
	.retry_first = USEC_PER_S,
	.retry_cap = 8 * USEC_PER_S,
	.retry_max = 5,
	.window = 4,
	.send = send_packet,
};

static void say(uint16_t sid, const struct msg *m)
{
	ck_assert_int_eq(chan_send(&client.chan, sid, m, NULL, clock_now()), 0);
}

static void got_sccrp(const struct msg *m)
{
	struct msg connected = {.type = MSG_SCCCN}, call = {.type = MSG_ICRQ};

	client.chan.peer_tid = m->tunnel_id;
	say(0, &connected);
	msg_put(&call, session_id, PEER_SID);
	msg_put(&call, call_serial, 1);
	say(0, &call);
}

static void got_icrp(const struct msg *m)
{
	struct msg connected = {.type = MSG_ICCN};

	client.sid = m->session_id;
	msg_put(&connected, tx_speed, 1000000);
	msg_put(&connected, framing_type, 1);
	say(m->session_id, &connected);
}

static void message(struct view body)
{
	struct verdict v;
	struct msg m;

	ck_assert_int_eq(msg_parse(&m, body, NULL, NULL, &v), 0);
	switch (m.type) {
	case MSG_SCCRP: got_sccrp(&m); break;
	case MSG_ICRP: got_icrp(&m); break;
	case MSG_CDN: break;
	case MSG_STOPCCN:
		client.stopped = true;
		chan_quiet(&client.chan);
		break;
	default: ck_abort_msg("%s was not expected", msg_name(m.type));
	}
}

/* One datagram of the server. */
static void receive(void)
{
	struct pollfd p = {.fd = client.fd, .events = POLLIN};
	uint8_t bytes[2048];
	struct view body;
	struct hdr h;
	ssize_t len;

	ck_assert_int_eq(poll(&p, 1, LIMIT_MS), 1);
	len = recv(client.fd, bytes, sizeof(bytes), 0);
	ck_assert_int_gt(len, 0);
	ck_assert_int_eq(hdr_parse(&h, &body, bytes, (size_t)len), 0);
	ck_assert_uint_eq(h.tid, PEER_TID);
	if (chan_input(&client.chan, &h, body, clock_now()) == CHAN_MESSAGE)
		message(body);
}

static void dial(void)
{
	struct msg m = {.type = MSG_SCCRQ};
	union addr_sockaddr sa;
	struct addr server;
	socklen_t len;

	ck_assert_int_eq(addr_parse(&server, address, PORT), 0);
	len = addr_to_sockaddr(&server, &sa);
	client.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(connect(client.fd, &sa.sa, len), 0);
	chan_init(&client.chan, &client_conf, 0, 4, clock_now());
	msg_put(&m, protocol_version, 0x100);
	msg_put(&m, host_name, view_str("lac"));
	msg_put(&m, framing_caps, 3);
	msg_put(&m, tunnel_id, PEER_TID);
	say(0, &m);
	while (!client.sid)
		receive();
}

/* What l2tpctl prints for this command, which must succeed. */
static const char *ctl(const char *command)
{
	static char text[4096];
	char line[256];
	size_t n;
	FILE *f;

	snprintf(line, sizeof(line), "l2tpctl/l2tpctl --socket %s -o kv %s", admin_socket, command);
	f = popen(line, "r");
	ck_assert_ptr_nonnull(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	fputs(text, stdout);
	ck_assert_int_eq(pclose(f), 0);
	return text;
}

static void assert_has(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part) != NULL, "no %s in: %s", part, text);
}

START_TEST(test_dry_run)
{
	const char *text;
	int status;

	start_daemon();
	dial();
	await_line("session: up ");
	text = ctl("show sessions");
	assert_has(text, "user=dry-run");
	assert_has(text, "peer-ip=10.99.0.");
	assert_has(text, "peer-session-id=9");
	assert_has(ctl("show tunnels"), "peer-tunnel-id=7");
	assert_has(ctl("show leases"), "10.99.0.");

	kill(daemon_pid, SIGTERM);
	while (!client.stopped)
		receive();
	await_line("session: down ");
	ck_assert_int_eq(waitpid(daemon_pid, &status, 0), daemon_pid);
	ck_assert_int_eq(status, 0);
	ck_assert_int_ne(access(admin_socket, F_OK), 0);
	unlink(config);
	rmdir(folder);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dry_run");
	TCase *tc = tcase_create("dry_run");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(tc, test_dry_run);
	tcase_set_timeout(tc, 60);
	suite_add_tcase(s, tc);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
