/* SPDX-License-Identifier: GPL-2.0-or-later */
/* l2tpctl against a fake daemon: whole outputs, messages and exit codes. */
#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "l2tpctl/cmd.h"
#include "tests/fake/fake_l2tpd.h"

#define ARGS_MAX 12

static char folder[] = "/tmp/check_ctl.XXXXXX", path[sizeof(folder) + 8];
static char *out, *err;
static pid_t fake;

static void setup(void)
{
	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(setenv("TZ", "UTC", 1), 0);
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/socket", folder);
}

static void teardown(void)
{
	if (fake)
		fake_l2tpd_stop(fake);
	fake = 0;
	free(out);
	free(err);
	out = err = NULL;
	unlink(path);
	ck_assert_int_eq(rmdir(folder), 0);
}

/* Run l2tpctl with the words of `line`; fills `out` and `err`. */
static int run(const char *line)
{
	char name[] = "l2tpctl", *argv[ARGS_MAX] = {name}, words[256], *rest = words;
	FILE *out_fp, *err_fp;
	size_t len;
	int argc = 1, code;

	snprintf(words, sizeof(words), "%s", line);
	while ((argv[argc] = strsep(&rest, " ")))
		ck_assert_int_lt(++argc, ARGS_MAX);
	free(out);
	free(err);
	out_fp = open_memstream(&out, &len);
	err_fp = open_memstream(&err, &len);
	code = cmd_main(argc, argv, out_fp, err_fp);
	fclose(out_fp);
	fclose(err_fp);
	return code;
}

static void expect(const char *line, int code, const char *want_out, const char *want_err)
{
	int got = run(line);

	ck_assert_str_eq(err, want_err);
	ck_assert_str_eq(out, want_out);
	ck_assert_int_eq(got, code);
}

/* The same with --socket */
static void expect_of_daemon(const char *line, int code, const char *want_out, const char *want_err)
{
	char with_socket[256];

	snprintf(with_socket, sizeof(with_socket), "--socket %s %s", path, line);
	expect(with_socket, code, want_out, want_err);
}

struct row {
	const char *line;
	int code;
	const char *out, *err;
};

static const struct row with_daemon[] = {
	{"version", 0,
	 "l2tpctl " PACKAGE_VERSION "\n"
	 "l2tpd 9.9\n",
	 ""},
	{"status", 0,
	 "version         9.9\n"
	 "uptime          1d 1h\n"
	 "kernel          6.1.0\n"
	 "charon          yes\n"
	 "charon-version  5.9.8\n"
	 "ikev1           yes\n"
	 "draining        no\n"
	 "sas             1\n"
	 "tunnels         2\n"
	 "sessions        2\n"
	 "sessions-up     1\n"
	 "leases          1\n"
	 "addresses       1000\n"
	 "failures        17\n"
	 "problem         the kernel lacks l2tp_ppp: install linux-modules\n",
	 ""},
	{"show tunnels", 0,
	 "TUNNEL  STATE      CLIENT            NAME                     SESSIONS  SA    AGE  "
	 "IDENTITY\n"
	 " 20001  up         203.0.113.7:1701  DESKTOP-1                       1   3  1h 1m  "
	 "192.168.1.20\n"
	 "   300  wait-conn  203.0.113.7:1701  evil\\x1b[2J\\x22name\\x22         0   -     2s  "
	 "-\n",
	 ""},
	{"show sessions", 0,
	 "SESSION  USER              ADDRESS     STATE     CLIENT              AUTH         UP  "
	 "INTERFACE  TUNNEL  LNS\n"
	 "     11  alice             10.20.0.10  up        203.0.113.7:1701    mschapv2  1h 1m  "
	 "ppp0        20001  default\n"
	 "   4242  bj\\xc3\\xb6rn\\xff  -           wait-ppp  [2001:db8::7]:1701  -             -  "
	 "-             300  -\n",
	 ""},
	{"-o json show sessions", 0,
	 "[\n"
	 " {\"session-id\": 11, \"peer-session-id\": 1, \"tunnel-id\": 20001, \"state\": \"up\", "
	 "\"user\": \"alice\", \"auth\": \"mschapv2\", \"ifname\": \"ppp0\", \"peer-ip\": "
	 "\"10.20.0.10\", \"local-ip\": \"10.20.0.1\", \"mtu\": 1400, \"outer-mtu\": 1500, "
	 "\"overhead\": 98, "
	 "\"mtu-note\": \"\", \"cipher\": \"AES_CBC_256/HMAC_SHA1_96\", \"peer\": "
	 "\"203.0.113.7:1701\", \"identity\": \"\", \"mark\": 3, \"lns\": \"default\", "
	 "\"acct-session-id\": \"65A1-11\", \"role\": \"\", \"calling-number\": \"\", "
	 "\"called-number\": \"\", \"tx-speed\": 0, \"rx-speed\": 0, \"line-errors\": 0, "
	 "\"accm-send\": \"\", \"accm-receive\": \"\", \"pid\": 4711, \"age\": 3700, \"uptime\": "
	 "3699, "
	 "\"bytes-in\": 1234567, \"bytes-out\": 999, \"packets-in\": 1000, \"packets-out\": 2, "
	 "\"reason\": \"\"},\n"
	 " {\"session-id\": 4242, \"peer-session-id\": 0, \"tunnel-id\": 300, \"state\": "
	 "\"wait-ppp\", \"user\": \"bj\xc3\xb6"
	 "rn\\ufffd\", \"auth\": \"\", \"ifname\": \"\", "
	 "\"peer-ip\": \"\", \"local-ip\": \"\", \"mtu\": 0, \"outer-mtu\": 0, \"overhead\": 0, "
	 "\"mtu-note\": \"\", \"cipher\": \"\", \"peer\": \"[2001:db8::7]:1701\", "
	 "\"identity\": \"\", \"mark\": 0, \"lns\": \"\", \"acct-session-id\": \"\", \"role\": "
	 "\"\", "
	 "\"calling-number\": \"\", \"called-number\": \"\", \"tx-speed\": 0, \"rx-speed\": 0, "
	 "\"line-errors\": 0, \"accm-send\": \"\", \"accm-receive\": \"\", \"pid\": 0, "
	 "\"age\": 1, \"uptime\": 0, \"bytes-in\": 0, \"bytes-out\": 0, \"packets-in\": 0, "
	 "\"packets-out\": 0, \"reason\": \"\"}\n"
	 "]\n",
	 ""},
	{"show session 11", 0,
	 "session-id       11\n"
	 "peer-session-id  1\n"
	 "tunnel-id        20001\n"
	 "state            up\n"
	 "user             alice\n"
	 "auth             mschapv2\n"
	 "ifname           ppp0\n"
	 "peer-ip          10.20.0.10\n"
	 "local-ip         10.20.0.1\n"
	 "mtu              1400\n"
	 "outer-mtu        1500\n"
	 "overhead         98\n"
	 "mtu-note         -\n"
	 "cipher           AES_CBC_256/HMAC_SHA1_96\n"
	 "peer             203.0.113.7:1701\n"
	 "identity         -\n"
	 "mark             3\n"
	 "lns              default\n"
	 "acct-session-id  65A1-11\n"
	 "role             -\n"
	 "calling-number   -\n"
	 "called-number    -\n"
	 "tx-speed         -\n"
	 "rx-speed         -\n"
	 "line-errors      -\n"
	 "accm-send        -\n"
	 "accm-receive     -\n"
	 "pid              4711\n"
	 "age              1h 1m\n"
	 "uptime           1h 1m\n"
	 "bytes-in         1.2 MB\n"
	 "bytes-out        999 B\n"
	 "packets-in       1000\n"
	 "packets-out      2\n"
	 "reason           -\n",
	 ""},
	{"show sas", 0,
	 "SA  CONNECTION  REMOTE             IKE  AUTH  NAT  CIPHER                    TUNNELS  "
	 "IDENTITY\n"
	 " 3  windows     203.0.113.7:61234    1  psk   yes  AES_CBC-256/HMAC_SHA1_96        1  "
	 "192.168.1.20\n",
	 ""},
	{"show leases -o=json", 0,
	 "[\n"
	 " {\"ip\": \"10.20.0.10\", \"pool\": \"office\", \"session-id\": 11, \"user\": "
	 "\"alice\", \"age\": 59}\n"
	 "]\n",
	 ""},
	{"show failures", 0,
	 "TIME                 CLIENT            USER  STAGE  REASON\n"
	 "2023-11-14 22:13:20  203.0.113.7:1701  bob   auth   wrong password\n",
	 ""},
	{"show counters", 0,
	 "COUNTER      VALUE  MEANING\n"
	 "retransmits  12345  messages sent again\n",
	 ""},
	{"disconnect session 11 reason time to -o home", 0, "ended 1 session\n", ""},
	{"disconnect tunnel 20001", 0, "ended 1 tunnel\n", ""},
	{"disconnect user alice", 0, "ended 2 sessions\n", ""},
	{"drain", 0, "no new clients are taken, until l2tpctl undrain or a restart of l2tpd\n", ""},
	{"undrain", 0, "new clients are taken\n", ""},
	{"restart-engine", 0, "another engine goes on with all sessions: see l2tpctl status\n", ""},
	{"disconnect user alice -o kv", 0,
	 "session-id=0\n"
	 "tunnel-id=0\n"
	 "user=alice\n"
	 "reason=\n"
	 "count=2\n"
	 "errmsg=\n",
	 ""},
	{"-o json disconnect user alice", 0,
	 "{\"session-id\": 0,\n"
	 " \"tunnel-id\": 0,\n"
	 " \"user\": \"alice\",\n"
	 " \"reason\": \"\",\n"
	 " \"count\": 2,\n"
	 " \"errmsg\": \"\"}\n",
	 ""},
	{"disconnect session 12", 1, "", "l2tpctl: no such one\n"},
	{"show session 12", 1, "", "l2tpctl: there is no session 12\n"},
	{"monitor -o kv", 3,
	 "event=tunnel-up\n"
	 "tunnel-id=20001\n"
	 "peer-tunnel-id=7\n"
	 "state=up\n"
	 "local=\n"
	 "peer=\n"
	 "mark=3\n"
	 "identity=192.168.1.20\n"
	 "host-name=DESKTOP-1\n"
	 "vendor-name=\n"
	 "sessions=1\n"
	 "age=3700\n"
	 "retransmits=0\n"
	 "reason=\n"
	 "\n"
	 "event=session-up\n"
	 "session-id=11\n"
	 "peer-session-id=1\n"
	 "tunnel-id=20001\n"
	 "state=up\n"
	 "user=alice\n"
	 "auth=mschapv2\n"
	 "ifname=ppp0\n"
	 "peer-ip=\n"
	 "local-ip=\n"
	 "mtu=1400\n"
	 "outer-mtu=1500\n"
	 "overhead=98\n"
	 "mtu-note=\n"
	 "cipher=AES_CBC_256/HMAC_SHA1_96\n"
	 "peer=\n"
	 "identity=\n"
	 "mark=3\n"
	 "lns=default\n"
	 "acct-session-id=65A1-11\n"
	 "role=\n"
	 "calling-number=\n"
	 "called-number=\n"
	 "tx-speed=0\n"
	 "rx-speed=0\n"
	 "line-errors=0\n"
	 "accm-send=0\n"
	 "accm-receive=0\n"
	 "pid=4711\n"
	 "age=3700\n"
	 "uptime=3699\n"
	 "bytes-in=1234567\n"
	 "bytes-out=999\n"
	 "packets-in=1000\n"
	 "packets-out=2\n"
	 "reason=\n"
	 "\n"
	 "event=failure\n"
	 "time=1700000000\n"
	 "age=61\n"
	 "peer=\n"
	 "identity=192.168.1.21\n"
	 "user=bob\n"
	 "tunnel-id=20002\n"
	 "session-id=12\n"
	 "stage=auth\n"
	 "reason=wrong password\n"
	 "\n",
	 "l2tpctl: l2tpd closed the connection: it was stopped, or it talks to root and the group "
	 "l2tpd only\n"},
};

START_TEST(test_with_daemon)
{
	const struct row *r = &with_daemon[_i];

	fake = fake_l2tpd_start(path, false);
	expect_of_daemon(r->line, r->code, r->out, r->err);
}
END_TEST

static const struct row with_empty_daemon[] = {
	{"show tunnels", 0, "no tunnels\n", ""},
	{"show sessions", 0, "no sessions\n", ""},
	{"show sas", 0, "no SAs that can carry tunnels\n", ""},
	{"show leases", 0, "no addresses in use\n", ""},
	{"show failures", 0, "no failed attempts\n", ""},
	{"show sessions -o json", 0, "[]\n", ""},
	{"show sessions -o kv", 0, "", ""},
	{"disconnect session 5", 1, "", "l2tpctl: there is no session 5\n"},
};

START_TEST(test_with_empty_daemon)
{
	const struct row *r = &with_empty_daemon[_i];

	fake = fake_l2tpd_start(path, true);
	expect_of_daemon(r->line, r->code, r->out, r->err);
}
END_TEST

/* monitor as text begins its lines with the time of day */
START_TEST(test_monitor)
{
	char line[64];

	fake = fake_l2tpd_start(path, false);
	snprintf(line, sizeof(line), "monitor --socket %s", path);
	ck_assert_int_eq(run(line), EXIT_UNREACHABLE);
	ck_assert_uint_gt(strlen(out), 8);
	for (char *s = out; s && *s; s = strchr(s, '\n') ? strchr(s, '\n') + 1 : NULL)
		memset(s, '@', strlen("12:34:56"));
	ck_assert_str_eq(
		out,
		"@@@@@@@@ tunnel-up tunnel-id=20001 peer-tunnel-id=7 state=up mark=3 "
		"identity=192.168.1.20 host-name=DESKTOP-1 sessions=1 age=\"1h 1m\"\n"
		"@@@@@@@@ session-up session-id=11 peer-session-id=1 tunnel-id=20001 state=up "
		"user=alice auth=mschapv2 ifname=ppp0 mtu=1400 outer-mtu=1500 overhead=98 "
		"cipher=AES_CBC_256/HMAC_SHA1_96 mark=3 lns=default "
		"acct-session-id=65A1-11 pid=4711 age=\"1h 1m\" uptime=\"1h 1m\" "
		"bytes-in=\"1.2 MB\" bytes-out=\"999 B\" packets-in=1000 packets-out=2\n"
		"@@@@@@@@ failure time=\"2023-11-14 22:13:20\" age=\"1m 1s\" identity=192.168.1.21 "
		"user=bob tunnel-id=20002 session-id=12 stage=auth reason=\"wrong password\"\n");
}
END_TEST

static const struct row without_daemon[] = {
	{"", 2, "",
	 "l2tpctl: unknown word ''; expected one of: status, show, disconnect, drain, undrain, "
	 "restart-engine, monitor, version, help\n"},
	{"show", 2, "",
	 "l2tpctl: what? Expected one of: tunnels, sessions, session, sas, leases, failures, "
	 "counters\n"
	 "See: l2tpctl help\n"},
	{"show sesions", 2, "",
	 "l2tpctl: unknown word 'sesions' (did you mean 'sessions'?); expected one of: tunnels, "
	 "sessions, session, sas, leases, failures, counters\n"},
	{"stats", 2, "",
	 "l2tpctl: unknown word 'stats' (did you mean 'status'?); expected one of: status, show, "
	 "disconnect, drain, undrain, restart-engine, monitor, version, help\n"},
	{"drain now", 2, "", "l2tpctl: nothing is expected before 'now'\n"},
	{"status now", 2, "", "l2tpctl: nothing is expected before 'now'\n"},
	{"show session", 2, "", "l2tpctl: '' is no id; expected 1 to 65535\n"},
	{"show session 70000", 2, "", "l2tpctl: '70000' is no id; expected 1 to 65535\n"},
	{"disconnect tunnel 1x", 2, "", "l2tpctl: '1x' is no id; expected 1 to 65535\n"},
	{"disconnect session 1 because", 2, "",
	 "l2tpctl: 'because' is not expected here; expected: reason TEXT\n"},
	{"disconnect user", 2, "", "l2tpctl: no user; expected a name of 1 to 255 bytes\n"},
	{"-o xml status", 2, "", "l2tpctl: unknown format 'xml'; expected text, json or kv\n"},
	{"status -o", 2, "",
	 "l2tpctl: unknown option '-o', or its value is missing; expected -o FORMAT, --socket "
	 "PATH, --help or --version\n"},
	{"--version", 0, "l2tpctl " PACKAGE_VERSION "\n", ""},
	{"--complete show s", 0, "sessions\nsession\nsas\n", ""},
	{"--complete s", 0, "status\nshow\n", ""},
	{"--complete disconnect ", 0, "session\ntunnel\nuser\n", ""},
	{"--complete nonsense ", 0, "", ""},
	{"--complete show session ", 0, "", ""},
	{"--socket /nonexistent/s status", 3, "",
	 "l2tpctl: l2tpd does not run: nobody listens on /nonexistent/s\n"
	 "Start it with: systemctl start l2tpd\n"
	 "If its admin-socket is elsewhere, name it with --socket PATH\n"},
	{"--socket=/dev/null show tunnels", 3, "",
	 "l2tpctl: l2tpd does not run: nobody listens on /dev/null\n"
	 "Start it with: systemctl start l2tpd\n"
	 "If its admin-socket is elsewhere, name it with --socket PATH\n"},
};

START_TEST(test_without_daemon)
{
	const struct row *r = &without_daemon[_i];

	expect(r->line, r->code, r->out, r->err);
}
END_TEST

START_TEST(test_no_permission)
{
	char said[512];

	fake = fake_l2tpd_start(path, false);
	ck_assert_int_eq(chmod(path, 0), 0);
	ck_assert_int_eq(chmod(folder, 0755), 0);
	if (!geteuid())
		ck_assert_int_eq(seteuid(65534), 0); /* the tests fork: nobody else is touched */
	snprintf(said, sizeof(said),
		 "l2tpctl: no permission for %s\n"
		 "Become root, or a member of the group l2tpd: usermod -a -G l2tpd USER, then log "
		 "in "
		 "again\n",
		 path);
	expect_of_daemon("status", EXIT_UNREACHABLE, "", said);
	ck_assert(seteuid(getuid()) == 0);
}
END_TEST

START_TEST(test_help_names_every_command)
{
#define X(words, args, text, fn)                                                                   \
	ck_assert_ptr_nonnull(strstr(out, "  " words));                                            \
	ck_assert_ptr_nonnull(strstr(out, text));
	ck_assert_int_eq(run("help"), 0);
	CMD_TABLE(X)
#undef X
}
END_TEST

#define COUNT(rows) (int)(sizeof(rows) / sizeof((rows)[0]))

int main(void)
{
	Suite *s = suite_create("ctl");
	TCase *tc = tcase_create("ctl");
	SRunner *runner = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, test_with_daemon, 0, COUNT(with_daemon));
	tcase_add_loop_test(tc, test_with_empty_daemon, 0, COUNT(with_empty_daemon));
	tcase_add_test(tc, test_monitor);
	tcase_add_loop_test(tc, test_without_daemon, 0, COUNT(without_daemon));
	tcase_add_test(tc, test_no_permission);
	tcase_add_test(tc, test_help_names_every_command);
	suite_add_tcase(s, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
