/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lib/busio: a server and peers that behave, misbehave, vanish or do not read.  Peers are raw
 * sockets (bytes as they are on the wire), ev_client in the same loop, or sync in the parent of a
 * forked server.
 */
#include <check.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/bus/frame.h"
#include "lib/bus/msg.h"
#include "lib/busio/ev.h"
#include "lib/busio/sync.h"

#define WAIT (5 * USEC_PER_S)

static struct event_base *base;
static struct ev_server *server;
static char dir[] = "/tmp/check_busio.XXXXXX", path[64];
static struct ev_call *later; /* what the command "later" waits for */
static int n_served;          /* commands that have run */
static int list_len;          /* what the command "list" streams */
static char logged[2048];     /* the last line */
static int ctx;               /* its address is what handlers are given */

static void keep_log(enum log_level level, const char *line)
{
	(void)level;
	snprintf(logged, sizeof(logged), "%s", line);
}

/*
 * The server's commands
 */

static void run_echo(void *arg, struct ev_call *call, struct view msg)
{
	ck_assert_ptr_eq(arg, &ctx);
	n_served++;
	ev_call_answer(call, msg);
}

static void run_later(void *arg, struct ev_call *call, struct view msg)
{
	(void)arg, (void)msg;
	ck_assert_ptr_null(later);
	n_served++;
	later = call;
}

static void run_list(void *arg, struct ev_call *call, struct view msg)
{
	struct bus_lease lease = {.pool = "office"};

	(void)arg, (void)msg;
	n_served++;
	for (int i = 1; i <= list_len; i++) {
		lease.session = (uint32_t)i;
		if (!ev_call_event_record(call, &bus_lease_record, &lease))
			break;
	}
	ev_call_done(call);
}

static void run_fail(void *arg, struct ev_call *call, struct view msg)
{
	(void)arg, (void)msg;
	ev_call_fail(call, "no session %d", 7);
}

/* The connection that the command came through closes itself. */
static void run_hang_up(void *arg, struct ev_call *call, struct view msg)
{
	(void)arg, (void)msg;
	ev_conn_free(ev_call_conn(call));
	later = call;
}

static const struct ev_command commands[] = {
	{"echo", "", run_echo}, {"later", "", run_later},     {"list", "entry", run_list},
	{"fail", "", run_fail}, {"hang-up", "", run_hang_up},
};
static const char *const events[] = {"entry", "news", "other"};
static const struct ev_table table = {commands, 5, events, 3};

static int listen_at(gid_t group)
{
	struct ev_server_conf conf = {.path = path, .mode = 0660, .group = group};

	return ev_server_new(base, &conf, &table, &ctx, &server);
}

static void setup(void)
{
	signal(SIGPIPE, SIG_IGN);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/bus", dir);
	log_to(keep_log);
	base = event_base_new();
	ck_assert_ptr_nonnull(base);
}

static void setup_server(void)
{
	setup();
	ck_assert_int_eq(listen_at((gid_t)-1), 0);
}

static void teardown(void)
{
	ev_server_free(server);
	/* libevent frees a connection on its next turn; Debian 13's leaks it when none comes. */
	event_base_loop(base, EVLOOP_NONBLOCK);
	event_base_free(base);
	unlink(path);
	ck_assert_int_eq(rmdir(dir), 0); /* nothing was left behind */
}

/*
 * Raw peers
 */

static int peer_fd = -1;

static int connect_raw(void)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	strcpy(sun.sun_path, path);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	return fd;
}

/* Let the loop do all that it can do without waiting for us. */
static void turn(void)
{
	for (int i = 0; i < 8; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
}

static void put(const void *bytes, size_t len)
{
	ck_assert_int_eq(send(peer_fd, bytes, len, MSG_NOSIGNAL), (ssize_t)len);
	turn();
}

/* What has come must be just these bytes. */
static void expect(const void *bytes, size_t len)
{
	uint8_t buf[512];
	ssize_t n = recv(peer_fd, buf, sizeof(buf), MSG_DONTWAIT);

	ck_assert_int_eq(n < 0 ? 0 : n, (ssize_t)len);
	ck_assert_mem_eq(buf, bytes, len);
}

static bool is_closed(void)
{
	uint8_t byte;

	turn();
	return recv(peer_fd, &byte, 1, MSG_DONTWAIT) == 0;
}

#define PUT(text)    put(text, sizeof(text) - 1)
#define EXPECT(text) expect(text, sizeof(text) - 1)

/* Packets: length, type, length of the name and name, message */
#define P_ECHO                                                                                     \
	"\0\0\0\x06\x00\x04"                                                                       \
	"echo"
#define P_ECHO_MSG                                                                                 \
	"\0\0\0\x0b\x00\x04"                                                                       \
	"echo"                                                                                     \
	"\x03\x01k\0\0"
#define P_LATER                                                                                    \
	"\0\0\0\x07\x00\x05"                                                                       \
	"later"
#define P_LIST                                                                                     \
	"\0\0\0\x06\x00\x04"                                                                       \
	"list"
#define P_WHAT                                                                                     \
	"\0\0\0\x06\x00\x04"                                                                       \
	"what"
#define P_HANG_UP                                                                                  \
	"\0\0\0\x09\x00\x07"                                                                       \
	"hang-up"
#define P_REG_ENTRY                                                                                \
	"\0\0\0\x07\x03\x05"                                                                       \
	"entry"
#define P_REG_NEWS                                                                                 \
	"\0\0\0\x06\x03\x04"                                                                       \
	"news"
#define P_REG_WHAT                                                                                 \
	"\0\0\0\x06\x03\x04"                                                                       \
	"what"
#define P_UNREG_NEWS                                                                               \
	"\0\0\0\x06\x04\x04"                                                                       \
	"news"
#define P_RESPONSE "\0\0\0\x01\x01"
#define P_RESPONSE_MSG                                                                             \
	"\0\0\0\x06\x01"                                                                           \
	"\x03\x01k\0\0"
#define P_CMD_UNKNOWN   "\0\0\0\x01\x02"
#define P_CONFIRM       "\0\0\0\x01\x05"
#define P_EVENT_UNKNOWN "\0\0\0\x01\x06"
#define P_NEWS                                                                                     \
	"\0\0\0\x0b\x07\x04"                                                                       \
	"news"                                                                                     \
	"\x03\x01k\0\0"

static struct view msg_k(void)
{
	return (struct view){(const uint8_t *)"\x03\x01k\0", 5};
}

static void setup_peer(void)
{
	setup_server();
	peer_fd = connect_raw();
	turn();
}

static void teardown_peer(void)
{
	close(peer_fd);
	turn();
	teardown();
}

START_TEST(answers)
{
	PUT(P_ECHO_MSG);
	EXPECT(P_RESPONSE_MSG);
	PUT(P_WHAT);
	EXPECT(P_CMD_UNKNOWN);
	PUT(P_ECHO P_ECHO_MSG P_WHAT P_ECHO);
	EXPECT(P_RESPONSE P_RESPONSE_MSG P_CMD_UNKNOWN P_RESPONSE);
}
END_TEST

START_TEST(byte_after_byte)
{
	static const char both[] = P_ECHO_MSG P_REG_NEWS;

	for (size_t i = 0; i < sizeof(both) - 1; i++) {
		expect("", 0);
		if (i == sizeof(P_ECHO_MSG) - 2) {
			put(both + i, 1);
			EXPECT(P_RESPONSE_MSG);
		} else {
			put(both + i, 1);
		}
	}
	EXPECT(P_CONFIRM);
}
END_TEST

/* One command at a time: what comes behind an open one waits, registrations too. */
START_TEST(keeps_order)
{
	PUT(P_LATER P_REG_NEWS P_ECHO);
	expect("", 0);
	ck_assert_int_eq(n_served, 1);
	ck_assert(!ev_has_listeners(server, "news"));
	ev_call_answer(later, msg_k());
	turn();
	EXPECT(P_RESPONSE_MSG P_CONFIRM P_RESPONSE);
	ck_assert(ev_has_listeners(server, "news"));
}
END_TEST

START_TEST(registration)
{
	ck_assert(!ev_has_listeners(server, "news"));
	ev_tell(server, "news", msg_k());
	PUT(P_UNREG_NEWS);
	EXPECT(P_EVENT_UNKNOWN);
	PUT(P_REG_NEWS P_REG_NEWS P_REG_WHAT);
	EXPECT(P_CONFIRM P_CONFIRM P_EVENT_UNKNOWN);
	ck_assert(ev_has_listeners(server, "news"));
	ck_assert(!ev_has_listeners(server, "other"));
	ck_assert(!ev_has_listeners(server, "what"));
	ev_tell(server, "news", msg_k());
	ev_tell(server, "other", msg_k());
	turn();
	EXPECT(P_NEWS);
	PUT(P_UNREG_NEWS);
	EXPECT(P_CONFIRM);
	ck_assert(!ev_has_listeners(server, "news"));
	PUT(P_REG_NEWS);
	close(peer_fd);
	turn();
	ck_assert(!ev_has_listeners(server, "news"));
}
END_TEST

/* Streamed events go to who asked, if it has registered, and to nobody else. */
START_TEST(streams_to_the_caller)
{
	int first = peer_fd, second = connect_raw();

	list_len = 1;
	PUT(P_LIST);
	EXPECT(P_RESPONSE);
	PUT(P_REG_ENTRY);
	EXPECT(P_CONFIRM);
	peer_fd = second;
	PUT(P_REG_ENTRY);
	EXPECT(P_CONFIRM);
	PUT(P_LIST);
	EXPECT("\0\0\0\x24\x07\x05"
	       "entry" /* EVENT */
	       "\x03\x04"
	       "pool"
	       "\0\x06"
	       "office"
	       "\x03\x0a"
	       "session-id"
	       "\0\x01"
	       "1" P_RESPONSE);
	peer_fd = first;
	expect("", 0);
	close(second);
}
END_TEST

static const struct {
	const char *why, *bytes;
	size_t len;
} broken[] = {
#define BROKEN(why, text)                                                                          \
	{                                                                                          \
		why, text, sizeof(text) - 1                                                        \
	}
	BROKEN("length 0", "\0\0\0\0"),
	BROKEN("length above the maximum", "\0\x08\0\x01"),
	BROKEN("type that servers send", P_RESPONSE),
	BROKEN("event from a client", P_NEWS),
	BROKEN("type 8", "\0\0\0\x01\x08"),
	BROKEN("no name", "\0\0\0\x02\0\0"),
	BROKEN("broken message", "\0\0\0\x08\x00\x04"
				 "echo"
				 "\x03\x01"),
};

START_TEST(drops_who_is_broken)
{
	int good = connect_raw(), bad = peer_fd;

	put(broken[_i].bytes, broken[_i].len);
	ck_assert_msg(is_closed(), "%s", broken[_i].why);
	ck_assert_int_eq(n_served, 0);
	ck_assert_ptr_nonnull(strstr(logged, "client-dropped"));
	peer_fd = good;
	PUT(P_ECHO);
	EXPECT(P_RESPONSE);
	close(bad);
}
END_TEST

/* A peer may leave while its command is open: the rest of what it sent is still served. */
START_TEST(leaves_while_waiting)
{
	PUT(P_LATER P_ECHO);
	close(peer_fd);
	turn();
	ck_assert_int_eq(n_served, 1);
	ev_call_answer(later, msg_k());
	turn();
	ck_assert_int_eq(n_served, 2);
	ck_assert_str_eq(logged, "");
}
END_TEST

START_TEST(answers_after_the_server)
{
	PUT(P_LATER);
	ev_server_free(server);
	server = NULL;
	ck_assert_ptr_null(ev_call_conn(later));
	ck_assert(!ev_call_event(later, msg_k()));
	ev_call_answer(later, msg_k());
	ck_assert(is_closed());
}
END_TEST

/* The limit is on events, by how far the peer falls behind; a list of any length is no offence. */
START_TEST(drops_a_slow_reader)
{
	static const uint8_t zeros[4096];
	static uint8_t big[8192];
	struct msg_out out;
	struct view msg;
	int n = 0;

	msg_init(&out, big, sizeof(big));
	msg_bytes(&out, "big", (struct view){zeros, sizeof(zeros)});
	ck_assert_int_eq(msg_done(&out, &msg), 0);

	list_len = 100000; /* some 4 MB */
	PUT(P_REG_ENTRY P_REG_NEWS P_LIST);
	while (ev_has_listeners(server, "news") && n < 10000) {
		ev_tell(server, "news", msg);
		n++;
		turn();
	}
	ck_assert_int_ge(n, EV_QUEUE_MAX / 4200);
	ck_assert_int_le(n, EV_QUEUE_MAX / 4000 + 200); /* and what the kernel's buffer took */
	ck_assert_ptr_nonnull(strstr(logged, "slow-reader"));
	while (recv(peer_fd, big, sizeof(big), MSG_DONTWAIT) > 0)
		;
	ck_assert(is_closed());
}
END_TEST

/* Requests that pile up with their answers not read do not fill our memory. */
START_TEST(waits_for_a_reader)
{
	static uint8_t buf[65536];
	ssize_t n;

	list_len = 20000;
	PUT(P_REG_ENTRY P_LIST P_LIST P_LIST);
	ck_assert_int_eq(n_served, 1);
	do {
		turn();
		n = recv(peer_fd, buf, sizeof(buf), MSG_DONTWAIT);
	} while (n > 0);
	ck_assert_int_eq(n_served, 3);
}
END_TEST

START_TEST(turns_away_too_many)
{
	int fds[EV_CLIENTS_MAX];

	for (int i = 0; i < EV_CLIENTS_MAX - 1; i++) {
		fds[i] = connect_raw();
		turn();
	}
	PUT(P_ECHO);
	EXPECT(P_RESPONSE);
	fds[EV_CLIENTS_MAX - 1] = peer_fd;
	peer_fd = connect_raw();
	ck_assert(is_closed());
	ck_assert_ptr_nonnull(strstr(logged, "client-refused"));
	for (int i = 0; i < EV_CLIENTS_MAX; i++)
		close(fds[i]);
	turn();
	close(peer_fd);
	peer_fd = connect_raw();
	PUT(P_ECHO);
	EXPECT(P_RESPONSE);
}
END_TEST

START_TEST(survives_without_descriptors)
{
	struct rlimit limit, low;
	int fd = connect_raw();

	getrlimit(RLIMIT_NOFILE, &limit);
	low = limit;
	low.rlim_cur = (rlim_t)fd + 1;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &low), 0);
	turn();
	ck_assert_ptr_nonnull(strstr(logged, "accept-paused"));
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	close(peer_fd);
	peer_fd = fd;
	ck_assert_int_eq(send(fd, P_ECHO, sizeof(P_ECHO) - 1, 0), sizeof(P_ECHO) - 1);
	while (!n_served)
		event_base_loop(base, EVLOOP_ONCE);
	turn();
	EXPECT(P_RESPONSE);
}
END_TEST

/*
 * The socket file
 */

START_TEST(file_has_mode_and_group)
{
	struct stat st;

	umask(077);
	ck_assert_int_eq(listen_at(getgid()), 0);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0660);
	ck_assert_uint_eq(st.st_gid, getgid());
}
END_TEST

START_TEST(replaces_the_dead_only)
{
	struct ev_server *first;
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd;

	/* bound by somebody who is gone */
	strcpy(sun.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	close(fd);
	ck_assert_int_eq(listen_at((gid_t)-1), 0);
	first = server;
	server = NULL;
	/* somebody listens */
	ck_assert_int_eq(listen_at((gid_t)-1), -EADDRINUSE);
	peer_fd = connect_raw();
	PUT(P_ECHO);
	EXPECT(P_RESPONSE);
	close(peer_fd);
	/* somebody else's file at the end: stays */
	unlink(path);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	ck_assert_int_ge(fd, 0);
	close(fd);
	ev_server_free(first);
	ck_assert_int_eq(access(path, F_OK), 0);
	/* no socket */
	ck_assert_int_eq(listen_at((gid_t)-1), -EEXIST);
	ck_assert_int_eq(access(path, F_OK), 0);
}
END_TEST

START_TEST(no_such_place)
{
	struct ev_server_conf conf = {.path = "/nonexistent/bus", .mode = 0600, .group = (gid_t)-1};
	char longer[200];

	ck_assert_int_eq(ev_server_new(base, &conf, &table, &ctx, &server), -ENOENT);
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	conf.path = longer;
	ck_assert_int_eq(ev_server_new(base, &conf, &table, &ctx, &server), -ENAMETOOLONG);
}
END_TEST

/* In a child: become somebody with these groups, connect, and see whether anybody answers. */
static bool served_as(uid_t uid, gid_t gid, gid_t extra)
{
	pid_t child = fork();
	int status;

	if (!child) {
		struct view ret;
		struct sync *s;

		if (setgroups(1, &extra) || setgid(gid) || setuid(uid) || sync_open(path, WAIT, &s))
			_exit(2);
		_exit(sync_request(s, "echo", (struct view){0}, &ret) ? 1 : 0);
	}
	while (waitpid(child, &status, WNOHANG) == 0)
		event_base_loop(base, EVLOOP_NONBLOCK);
	ck_assert(WIFEXITED(status));
	ck_assert_int_ne(WEXITSTATUS(status), 2);
	return WEXITSTATUS(status) == 0;
}

START_TEST(admits_by_credentials)
{
	if (geteuid() != 0)
		return; /* only root can become somebody else */
	ck_assert_int_eq(chmod(dir, 0755), 0);
	ck_assert_int_eq(listen_at(4242), 0);
	ck_assert_int_eq(chmod(path, 0666), 0); /* too open by mistake */
	ck_assert(served_as(0, 0, 0));
	ck_assert(served_as(65534, 4242, 65534));
	ck_assert(served_as(65534, 65534, 4242));
	ck_assert(!served_as(65534, 65534, 65534));
	ck_assert_ptr_nonnull(strstr(logged, "client-refused"));
}
END_TEST

/*
 * Inherited connections
 */

static struct ev_conn *conn;
static int closed_err;

static void on_closed(void *arg, struct ev_conn *which, int err)
{
	ck_assert_ptr_eq(arg, &ctx);
	ck_assert_ptr_eq(which, conn);
	closed_err = err;
	conn = NULL;
}

static void setup_pair(void)
{
	int fds[2];

	setup();
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	peer_fd = fds[1];
	conn = ev_attach(base, fds[0], &table, on_closed, &ctx);
	ck_assert_ptr_nonnull(conn);
}

static void teardown_pair(void)
{
	ev_conn_free(conn);
	teardown_peer();
}

START_TEST(attached_gets_all_events)
{
	struct bus_close c = {.reason = "x"};

	ck_assert_int_eq(ev_conn_cred(conn)->pid, getpid());
	ev_conn_event(conn, "news", msg_k());
	ev_conn_event_record(conn, "session-close", &bus_close_record, &c);
	turn();
	EXPECT(P_NEWS "\0\0\0\x1a\x07\x0d"
		      "session-close"
		      "\x03\x06"
		      "reason"
		      "\0\x01"
		      "x");
	PUT(P_ECHO_MSG);
	EXPECT(P_RESPONSE_MSG);
	list_len = 1;
	PUT(P_LIST);
	ck_assert_int_eq(recv(peer_fd, (char[128]){0}, 128, MSG_DONTWAIT), 4 + 0x24 + 5);
}
END_TEST

START_TEST(tells_of_the_end)
{
	/* The last words of a peer are heard before its end is. */
	PUT(P_LATER);
	ck_assert_int_eq(send(peer_fd, P_ECHO, sizeof(P_ECHO) - 1, 0), sizeof(P_ECHO) - 1);
	close(peer_fd);
	turn();
	ck_assert_int_eq(closed_err, 0);
	ev_call_done(later);
	turn();
	ck_assert_int_eq(n_served, 2);
	ck_assert_int_eq(closed_err, -ERR_CLOSED);
}
END_TEST

START_TEST(tells_of_misbehaviour)
{
	PUT("\0\0\0\0");
	ck_assert_int_eq(closed_err, -EBADMSG);
	ck_assert(is_closed());
}
END_TEST

START_TEST(tells_of_a_full_queue_later)
{
	static const uint8_t zeros[60000];
	static uint8_t buf[65536];
	struct msg_out out;
	struct view msg;

	msg_init(&out, buf, sizeof(buf));
	msg_bytes(&out, "big", (struct view){zeros, sizeof(zeros)});
	ck_assert_int_eq(msg_done(&out, &msg), 0);
	for (int i = 0; i < 40; i++)
		ev_conn_event(conn, "news", msg);
	ck_assert_int_eq(closed_err, 0); /* never out of the blue */
	turn();
	ck_assert_int_eq(closed_err, -ENOBUFS);
}
END_TEST

START_TEST(free_sends_what_is_queued)
{
	ev_conn_event(conn, "news", msg_k());
	ev_conn_free(conn);
	conn = NULL;
	EXPECT(P_NEWS);
	ck_assert(is_closed());
	ck_assert_int_eq(closed_err, 0);
}
END_TEST

START_TEST(free_from_a_handler)
{
	PUT(P_ECHO P_HANG_UP P_ECHO);
	conn = NULL;
	EXPECT(P_RESPONSE);
	ck_assert(is_closed());
	ck_assert_int_eq(n_served, 1);
	ck_assert_ptr_null(ev_call_conn(later));
	ev_call_done(later);
	ck_assert_int_eq(closed_err, 0);
}
END_TEST

/*
 * The watching client
 */

static char story[1024]; /* what it was told, in order */
static struct ev_client *client;

static void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void note(const char *fmt, ...)
{
	size_t len = strlen(story);
	va_list args;

	va_start(args, fmt);
	vsnprintf(story + len, sizeof(story) - len, fmt, args);
	va_end(args);
}

static void on_answer(void *arg, int err, struct view msg)
{
	(void)msg;
	note("%s=%d ", (const char *)arg, err);
}

/* The answer is noted as "word=error". */
static int ask(const char *command, const char *word)
{
	return ev_client_request(client, command, (struct view){0}, on_answer, (void *)word);
}

static void on_connected(void *arg)
{
	ck_assert_ptr_eq(arg, &ctx);
	note("connected ");
	/* Asked here, it comes behind the list. */
	ck_assert_int_eq(ask("echo", "e"), 0);
}

static void on_event(void *arg, struct view name, struct view msg)
{
	struct bus_lease lease;

	(void)arg;
	ck_assert_int_eq(bus_read(msg, &bus_lease_record, &lease), 0);
	note("%.*s:%u ", (int)name.len, (const char *)name.p, lease.session);
}

static void on_listed(void *arg, struct view msg)
{
	(void)arg, (void)msg;
	note("listed ");
}

static void on_gone(void *arg, int err)
{
	(void)arg;
	note("gone=%d ", err);
}

static const char *const wanted[] = {"entry", "news"};
static const char *const unheard_of[] = {"entry", "what"};

static struct ev_client_conf client_conf = {
	.path = path,
	.events = wanted,
	.n_events = 2,
	.list = "list",
	.ctx = &ctx,
	.connected = on_connected,
	.event = on_event,
	.listed = on_listed,
	.gone = on_gone,
};

/* Turn the loop until the story has this in it. */
static void until(const char *text)
{
	usec_t end = clock_now() + WAIT;

	while (!strstr(story, text)) {
		ck_assert_msg(clock_now() < end, "waited for %s: %s", text, story);
		event_base_loop(base, EVLOOP_ONCE);
	}
}

static void setup_client(void)
{
	setup_server();
	client = ev_client_new(base, &client_conf);
	ck_assert_ptr_nonnull(client);
}

static void teardown_client(void)
{
	ev_client_free(client);
	teardown();
}

START_TEST(lists_then_follows)
{
	struct bus_lease lease = {.session = 9};

	ck_assert_int_eq(ask("echo", "x"), -ENOTCONN);
	list_len = 2;
	until("e=0");
	ck_assert_str_eq(story, "connected entry:1 entry:2 listed e=0 ");
	ev_tell_record(server, "news", &bus_lease_record, &lease);
	until("news");
	ck_assert_str_eq(story, "connected entry:1 entry:2 listed e=0 news:9 ");
}
END_TEST

static void ask_again(void *arg, int err, struct view msg)
{
	on_answer(arg, err, msg);
	ck_assert_int_eq(ask("what", "c"), 0);
}

START_TEST(asks_one_after_the_other)
{
	until("e=0");
	*story = '\0';
	ck_assert_int_eq(ev_client_request(client, "echo", msg_k(), ask_again, (void *)"a"), 0);
	ck_assert_int_eq(ask("fail", "b"), 0);
	ck_assert_int_eq(ev_client_request(client, "echo", msg_k(), NULL, NULL), 0);
	ck_assert_int_eq(ev_client_request(client, "", msg_k(), NULL, NULL), -EINVAL);
	ck_assert_str_eq(story, ""); /* nothing before the loop turns */
	until("c=");
	ck_assert_str_eq(story, "a=0 b=0 c=-1003 "); /* ERR_UNKNOWN */
	ck_assert_int_eq(n_served, 4);               /* the list and three echoes */
}
END_TEST

START_TEST(bounds_its_queue)
{
	int n = 0;

	until("e=0");
	while (!ev_client_request(client, "echo", (struct view){0}, NULL, NULL))
		n++;
	ck_assert_int_eq(n, EV_REQUESTS_MAX);
	ck_assert_int_eq(ev_client_request(client, "echo", (struct view){0}, NULL, NULL), -ENOBUFS);
}
END_TEST

START_TEST(starts_again)
{
	until("e=0");
	*story = '\0';
	ck_assert_int_eq(ask("later", "l"), 0);
	while (!later)
		event_base_loop(base, EVLOOP_ONCE);
	ev_server_free(server);
	server = NULL;
	until("gone");
	ck_assert_str_eq(story, "l=-1001 gone=-1001 "); /* ERR_CLOSED */
	ev_call_done(later);
	ck_assert_int_eq(ev_client_request(client, "echo", (struct view){0}, NULL, NULL),
			 -ENOTCONN);
	list_len = 1;
	ck_assert_int_eq(listen_at((gid_t)-1), 0);
	until("e=0");
	ck_assert_str_eq(story, "l=-1001 gone=-1001 connected entry:1 listed e=0 ");
}
END_TEST

START_TEST(nobody_there)
{
	ev_server_free(server);
	server = NULL;
	until("gone");
	ck_assert_str_eq(story, "gone=-2 "); /* ENOENT */
}
END_TEST

START_TEST(unknown_event_or_list)
{
	struct ev_client_conf conf = client_conf;

	ev_client_free(client);
	if (_i)
		conf.events = unheard_of;
	else
		conf.list = "what";
	client = ev_client_new(base, &conf);
	until(_i ? "e=0" : "gone");
	ck_assert_str_eq(story, _i ? "connected listed e=0 " : "connected e=-1001 gone=-1003 ");
	ev_client_free(client);
	client = NULL;
}
END_TEST

/* A server that talks nonsense, or leaves, after the registrations. */
static const struct {
	const char *bytes;
	size_t len;
	const char *story;
} nonsense[] = {
#define NONSENSE(text, told)                                                                       \
	{                                                                                          \
		text, sizeof(text) - 1, told                                                       \
	}
	NONSENSE(P_RESPONSE, "gone=-74 "), /* EBADMSG */
	NONSENSE("\0\0\0\0", "gone=-74 "),
	NONSENSE(P_CONFIRM P_CONFIRM P_CONFIRM, "connected e=-1001 gone=-74 "),
	NONSENSE(P_CONFIRM P_CONFIRM P_EVENT_UNKNOWN, "connected e=-1001 gone=-74 "),
	NONSENSE(P_EVENT_UNKNOWN P_CONFIRM P_NEWS P_RESPONSE P_RESPONSE P_RESPONSE,
		 "connected news:0 listed e=0 gone=-74 "), /* an older server may not know all */
	NONSENSE(P_CONFIRM P_CONFIRM P_ECHO, "connected e=-1001 gone=-74 "),
	NONSENSE(P_CONFIRM P_CONFIRM "\0\0\0\x08\x07\x04"
				     "news"
				     "\x03\x01",
		 "connected e=-1001 gone=-74 "),
	NONSENSE(P_NEWS P_CONFIRM P_NEWS P_CONFIRM P_NEWS P_RESPONSE P_RESPONSE P_RESPONSE,
		 "connected news:0 listed e=0 gone=-74 "), /* one response too many */
};

START_TEST(server_talks_nonsense)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	ev_server_free(server);
	server = NULL;
	strcpy(sun.sun_path, path);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	while ((peer_fd = accept(fd, NULL, NULL)) < 0)
		event_base_loop(base, EVLOOP_NONBLOCK);
	put(nonsense[_i].bytes, nonsense[_i].len);
	until("gone");
	ck_assert_str_eq(story, nonsense[_i].story);
	close(peer_fd);
	close(fd);
}
END_TEST

START_TEST(cancels)
{
	until("e=0");
	*story = '\0';
	ck_assert_int_eq(ask("later", "l"), 0);
	turn();
	ev_client_free(client);
	client = NULL;
	ck_assert_str_eq(story, "l=-125 "); /* ECANCELED */
	ev_call_done(later);
}
END_TEST

/*
 * The blocking client, against a server in a child of ours
 */

static pid_t child;
static struct sync *sy;

/* Tells everybody, then answers. */
static void run_tell(void *arg, struct ev_call *call, struct view msg)
{
	struct bus_lease lease = {.session = 1};

	(void)arg, (void)msg;
	ev_tell_record(server, "news", &bus_lease_record, &lease);
	lease.session = 2;
	ev_tell_record(server, "other", &bus_lease_record, &lease);
	ev_call_done(call);
	lease.session = 3;
	ev_tell_record(server, "news", &bus_lease_record, &lease);
}

static void run_exit(void *arg, struct ev_call *call, struct view msg)
{
	(void)arg, (void)call, (void)msg;
	_exit(0);
}

static void run_junk(void *arg, struct ev_call *call, struct view msg)
{
	(void)arg, (void)msg;
	/* No message at all; what a server says is its own affair. */
	ev_call_answer(call, (struct view){(const uint8_t *)"\x07", 1});
}

static const struct ev_command child_commands[] = {
	{"echo", "", run_echo}, {"later", "", run_later}, {"list", "entry", run_list},
	{"fail", "", run_fail}, {"tell", "", run_tell},   {"exit", "", run_exit},
	{"junk", "", run_junk},
};
static const struct ev_table child_table = {child_commands, 7, events, 3};

static void setup_child(void)
{
	struct ev_server_conf conf = {.path = path, .mode = 0600, .group = (gid_t)-1};
	int ready[2];

	ck_assert_int_eq(pipe(ready), 0);
	setup();
	child = fork();
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		event_reinit(base);
		if (ev_server_new(base, &conf, &child_table, &ctx, &server))
			_exit(2);
		list_len = 5000;
		close(ready[1]);
		event_base_dispatch(base);
		_exit(3);
	}
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], ready, 1), 0); /* the child listens */
	close(ready[0]);
	ck_assert_int_eq(sync_open(path, WAIT, &sy), 0);
}

static void teardown_child(void)
{
	sync_free(sy);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	teardown();
}

static uint32_t session_of(struct view msg)
{
	struct bus_lease lease;

	ck_assert_int_eq(bus_read(msg, &bus_lease_record, &lease), 0);
	return lease.session;
}

static void count_entry(void *arg, struct view name, struct view msg)
{
	ck_assert(view_is(name, "entry"));
	ck_assert_uint_eq(session_of(msg), ++*(uint32_t *)arg);
}

START_TEST(sync_requests)
{
	struct view ret, value;

	ck_assert_int_eq(sync_request(sy, "echo", msg_k(), &ret), 0);
	ck_assert_uint_eq(ret.len, 5);
	ck_assert_int_eq(sync_request(sy, "what", msg_k(), &ret), -ERR_UNKNOWN);
	ck_assert_int_eq(sync_request(sy, "", msg_k(), &ret), -EINVAL);
	ck_assert_int_eq(sync_register(sy, "what"), -ERR_UNKNOWN);
	ck_assert_int_eq(sync_unregister(sy, "news"), -ERR_UNKNOWN);
	ck_assert_int_eq(sync_request(sy, "fail", msg_k(), &ret), 0);
	ck_assert_int_eq(msg_find(ret, "errmsg", &value), 0);
	ck_assert(view_is(value, "no session 7"));
	ck_assert_int_eq(msg_find(ret, "success", &value), 0);
	ck_assert(view_is(value, "no"));
}
END_TEST

START_TEST(sync_lists)
{
	struct view ret;
	uint32_t n = 0;

	for (int i = 0; i < 2; i++) {
		n = 0;
		ck_assert_int_eq(sync_list(sy, "list", msg_k(), "entry", count_entry, &n, &ret), 0);
		ck_assert_uint_eq(n, 5000);
		ck_assert_uint_eq(ret.len, 0);
	}
	ck_assert_int_eq(sync_list(sy, "what", msg_k(), "entry", count_entry, &n, &ret),
			 -ERR_UNKNOWN);
	ck_assert_int_eq(sync_list(sy, "list", msg_k(), "what", count_entry, &n, &ret),
			 -ERR_UNKNOWN);
	ck_assert_int_eq(sync_list(sy, "echo", msg_k(), "entry", count_entry, &n, &ret), 0);
	ck_assert_uint_eq(ret.len, 5);
}
END_TEST

START_TEST(sync_keeps_events)
{
	struct view name, msg;

	ck_assert_int_eq(sync_register(sy, "news"), 0);
	ck_assert_int_eq(sync_register(sy, "other"), 0);
	ck_assert_int_eq(sync_request(sy, "tell", (struct view){0}, &msg), 0);
	for (uint32_t i = 1; i <= 3; i++) {
		ck_assert_int_eq(sync_next(sy, WAIT, &name, &msg), 0);
		ck_assert(view_is(name, i == 2 ? "other" : "news"));
		ck_assert_uint_eq(session_of(msg), i);
	}
	/* Nothing more; that is no error of the connection. */
	ck_assert_int_eq(sync_next(sy, 10 * USEC_PER_MS, &name, &msg), -ETIMEDOUT);
	ck_assert_int_eq(sync_unregister(sy, "news"), 0);
	ck_assert_int_eq(sync_request(sy, "tell", (struct view){0}, &msg), 0);
	ck_assert_int_eq(sync_next(sy, WAIT, &name, &msg), 0);
	ck_assert(view_is(name, "other"));
	ck_assert_int_eq(sync_next(sy, 0, &name, &msg), -ETIMEDOUT);
	ck_assert_int_ge(sync_fd(sy), 0);
}
END_TEST

START_TEST(sync_fails)
{
	static const struct {
		const char *command;
		int err;
	} ends[] = {{"exit", -ERR_CLOSED}, {"junk", -EBADMSG}, {"later", -ETIMEDOUT}};
	struct view name, msg;
	int err = ends[_i].err;

	sync_free(sy);
	ck_assert_int_eq(sync_open(path, err == -ETIMEDOUT ? 100 * USEC_PER_MS : WAIT, &sy), 0);
	ck_assert_int_eq(sync_request(sy, ends[_i].command, (struct view){0}, &msg), err);
	/* And stays of no use. */
	ck_assert_int_eq(sync_request(sy, "echo", (struct view){0}, &msg), err);
	ck_assert_int_eq(sync_register(sy, "news"), err);
	if (err != -ETIMEDOUT)
		ck_assert_int_eq(sync_next(sy, 0, &name, &msg), err);
}
END_TEST

START_TEST(sync_cannot_connect)
{
	struct sync *s;
	char longer[200];

	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	ck_assert_int_eq(sync_open("/nonexistent/bus", WAIT, &s), -ENOENT);
	ck_assert_int_eq(sync_open(longer, WAIT, &s), -ENAMETOOLONG);
	ck_assert_int_eq(sync_open("/dev/null", WAIT, &s), -ECONNREFUSED);
}
END_TEST

static void add_case(Suite *s, const char *name, SFun before, SFun after, TCase **ret)
{
	*ret = tcase_create(name);
	tcase_add_checked_fixture(*ret, before, after);
	tcase_set_timeout(*ret, 30);
	suite_add_tcase(s, *ret);
}

int main(void)
{
	Suite *s = suite_create("busio");
	TCase *t;
	SRunner *r;
	int failed;

	add_case(s, "server", setup_peer, teardown_peer, &t);
	tcase_add_test(t, answers);
	tcase_add_test(t, byte_after_byte);
	tcase_add_test(t, keeps_order);
	tcase_add_test(t, registration);
	tcase_add_test(t, streams_to_the_caller);
	tcase_add_loop_test(t, drops_who_is_broken, 0, sizeof(broken) / sizeof(broken[0]));
	tcase_add_test(t, leaves_while_waiting);
	tcase_add_test(t, answers_after_the_server);
	tcase_add_test(t, drops_a_slow_reader);
	tcase_add_test(t, waits_for_a_reader);
	tcase_add_test(t, turns_away_too_many);
	tcase_add_test(t, survives_without_descriptors);

	add_case(s, "file", setup, teardown, &t);
	tcase_add_test(t, file_has_mode_and_group);
	tcase_add_test(t, replaces_the_dead_only);
	tcase_add_test(t, no_such_place);
	tcase_add_test(t, admits_by_credentials);

	add_case(s, "attached", setup_pair, teardown_pair, &t);
	tcase_add_test(t, attached_gets_all_events);
	tcase_add_test(t, tells_of_the_end);
	tcase_add_test(t, tells_of_misbehaviour);
	tcase_add_test(t, tells_of_a_full_queue_later);
	tcase_add_test(t, free_sends_what_is_queued);
	tcase_add_test(t, free_from_a_handler);

	add_case(s, "client", setup_client, teardown_client, &t);
	tcase_add_test(t, lists_then_follows);
	tcase_add_test(t, asks_one_after_the_other);
	tcase_add_test(t, bounds_its_queue);
	tcase_add_test(t, starts_again);
	tcase_add_test(t, nobody_there);
	tcase_add_loop_test(t, unknown_event_or_list, 0, 2);
	tcase_add_loop_test(t, server_talks_nonsense, 0, sizeof(nonsense) / sizeof(nonsense[0]));
	tcase_add_test(t, cancels);

	add_case(s, "sync", setup_child, teardown_child, &t);
	tcase_add_test(t, sync_requests);
	tcase_add_test(t, sync_lists);
	tcase_add_test(t, sync_keeps_events);
	tcase_add_loop_test(t, sync_fails, 0, 3);
	tcase_add_test(t, sync_cannot_connect);

	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
