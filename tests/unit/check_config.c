/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration files: what good ones give, what is said about bad ones, and all of it. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "l2tpd/config/config.h"
#include "lib/bus/names.h"

/* Each test has a folder of its own, in which it also runs: so messages name files without folder.
 */
static char folder[] = "/tmp/check_config.XXXXXX";
static char samples[4096];

static void setup(void)
{
	ck_assert_ptr_nonnull(getcwd(samples, sizeof(samples)));
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
}

static void teardown(void)
{
	char command[sizeof(folder) + 16];

	ck_assert_int_eq(chdir("/"), 0);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
}

static void write_file(const char *path, mode_t mode, const char *text)
{
	FILE *fp = fopen(path, "w");

	ck_assert_ptr_nonnull(fp);
	ck_assert_int_ge(fputs(text, fp), 0);
	ck_assert_int_eq(fclose(fp), 0);
	ck_assert_int_eq(chmod(path, mode), 0);
}

/* The complaints, each with a newline behind. */
static void collect(void *ctx, const char *message)
{
	char *all = ctx;

	ck_assert_uint_lt(strlen(all) + strlen(message) + 2, 16384);
	strcat(all, message);
	strcat(all, "\n");
}

static struct config *load_good(const char *text)
{
	char said[16384] = "";
	struct config *c = NULL;

	write_file("t.conf", 0644, text);
	if (config_load("t.conf", collect, said, &c))
		ck_abort_msg("refused:\n%s", said);
	ck_assert_str_eq(said, "");
	return c;
}

static void expect_complaints(const char *text, const char *expected)
{
	char said[16384] = "";
	struct config *c = NULL;

	write_file("t.conf", 0644, text);
	ck_assert_int_eq(config_load("t.conf", collect, said, &c), -EINVAL);
	ck_assert_str_eq(said, expected);
	ck_assert_ptr_null(c);
}

/* ---- good ones ---- */

/* What this section offers, in order. */
static void expect_offer(const struct config_lns *lns, size_t n, enum config_auth first,
			 enum config_auth second)
{
	ck_assert_uint_eq(lns->auth.n, n);
	ck_assert_int_eq(lns->auth.methods[0], first);
	if (n > 1)
		ck_assert_int_eq(lns->auth.methods[1], second);
}

START_TEST(a_pool_is_enough)
{
	struct config *c = load_good("pool office { addresses = 10.20.0.10-10.20.3.254 }\n");
	const struct config_lns *lns = config_lns_for(c, "anything");

	ck_assert_uint_eq(c->listen.n_addresses, 2);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(c->listen.addresses[i].family, i ? AF_INET6 : AF_INET);
		ck_assert(addr_is_any(&c->listen.addresses[i]));
		ck_assert_uint_eq(c->listen.addresses[i].port, 1701);
	}
	ck_assert_int_eq(c->listen.ipsec, CONFIG_IPSEC_REQUIRED);
	ck_assert_uint_eq(c->listen.first_port, 20000);
	ck_assert_uint_eq(c->listen.last_port, 29999);
	ck_assert_uint_gt(strlen(c->l2tp.host_name), 0);
	ck_assert_uint_eq(c->l2tp.hello, 60 * USEC_PER_S);
	ck_assert_int_eq(c->l2tp.strictness, CONFIG_STRICTNESS_TOLERANT);
	ck_assert_str_eq(c->daemon.admin_socket, BUS_ADMIN_SOCKET);
	ck_assert_str_eq(c->daemon.charon_socket, BUS_CHARON_SOCKET);
	ck_assert_str_eq(c->daemon.pppd_plugin, PPPD_PLUGINDIR "/l2tpd.so");
	ck_assert_str_eq(c->daemon.debug, "");

	ck_assert_uint_eq(c->n_lns, 1);
	ck_assert_ptr_eq(lns, &c->lns[0]);
	ck_assert_str_eq(lns->name, "default");
	ck_assert_ptr_eq(lns->pool, &c->pools[0]);
	ck_assert_ptr_null(lns->radius);
	ck_assert_int_eq(lns->sequencing, CONFIG_SEQUENCING_ON_REQUEST);
	ck_assert_uint_eq(lns->mtu, 0); /* auto */
	expect_offer(lns, 1, CONFIG_AUTH_MSCHAPV2, 0);
	/* the first address of the pool is ours */
	ck_assert_uint_eq(addr_ipv4(&lns->local_address), 0x0a14000a);
	ck_assert_uint_eq(c->pools[0].ranges[0].first, 0x0a14000b);
	ck_assert_uint_eq(c->pools[0].ranges[0].last, 0x0a1403fe);
	config_free(c);
}
END_TEST

START_TEST(everything_said)
{
	struct config *c;

	write_file("secret", 0600, "s3cret\n");
	write_file("more", 0644, "noccp\n");
	write_file("t2.conf", 0644, "");
	{
		char text[4096];

		snprintf(
			text, sizeof(text),
			"# comment\n"
			"listen { addresses = { 192.0.2.1, 2001:db8::1 } /* c */ ipsec = none\n"
			"         ports = 2000-2099 }\n"
			"l2tp { host-name = gw.example window = 8 hello = 2m retry-first = 500ms\n"
			"       retry-cap = 16s retry-max = 7 setup-limit = 1m\n"
			"       strictness = strict }\n"
			"limits { tunnels = 50 sessions = 60 sessions-per-tunnel = 2\n"
			"         tunnels-per-sa = 3 starting = 9 }\n"
			"pool a { addresses = { 10.1.0.0/24, 10.2.0.5 } }\n"
			"pool b { addresses = 10.3.0.1-10.3.0.9\n addresses += 10.4.0.0/31 }\n"
			"radius corp { nas-identifier = nas timeout = 1500ms tries = 2\n"
			"  server one { address = 192.0.2.5 secret-file = %s/secret }\n"
			"  server two { address = \"[2001:db8::5]:1645\" secret-file = %s/secret } "
			"}\n"
			"lns one { connections = { win, mac } pool = b auth = { mschapv2, chap }\n"
			"  radius = corp local-address = 10.20.0.1 dns = { 10.0.0.53, 10.0.0.54 }\n"
			"  sequencing = never mtu = 1300 lcp-echo-interval = 10s lcp-echo-failures "
			"= 3\n"
			"  pppd-options = %s/more\n"
			"  rule own { identity = { \"CN=%%, O=a\\\\, b\", \"%%@example.com\" } }\n"
			"  rule site { identity = \"CN=gw*\" users = { site-1, \"site-2*\" } } }\n"
			"lns rest { pool = a auth = { local, pap } }\n"
			"peer lac { addresses = { 192.0.2.0/24, 2001:db8::/32 } host-name = lac1\n"
			"  secret-file = %s/secret challenge = no hide = yes }\n"
			"peer all { }\n"
			"daemon { user = u group = g admin-socket = /a charon-socket = /c\n"
			"         pppd = /p pppd-plugin = /pp debug = { tunnel, ppp } }\n",
			folder, folder, folder, folder);
		c = load_good(text);
	}
	ck_assert_uint_eq(c->listen.n_addresses, 2);
	ck_assert_int_eq(c->listen.addresses[1].family, AF_INET6);
	ck_assert_int_eq(c->listen.ipsec, CONFIG_IPSEC_NONE);
	ck_assert_uint_eq(c->listen.first_port, 2000);
	ck_assert_uint_eq(c->listen.last_port, 2099);
	ck_assert_str_eq(c->l2tp.host_name, "gw.example");
	ck_assert_uint_eq(c->l2tp.window, 8);
	ck_assert_uint_eq(c->l2tp.hello, 120 * USEC_PER_S);
	ck_assert_uint_eq(c->l2tp.retry_first, 500 * USEC_PER_MS);
	ck_assert_uint_eq(c->l2tp.retry_cap, 16 * USEC_PER_S);
	ck_assert_uint_eq(c->l2tp.retry_max, 7);
	ck_assert_uint_eq(c->l2tp.setup_limit, 60 * USEC_PER_S);
	ck_assert_int_eq(c->l2tp.strictness, CONFIG_STRICTNESS_STRICT);
	ck_assert_uint_eq(c->limits.tunnels, 50);
	ck_assert_uint_eq(c->limits.starting, 9);
	ck_assert_uint_eq(c->n_pools, 2);
	ck_assert_uint_eq(c->pools[0].n_ranges, 2);
	ck_assert_uint_eq(c->pools[1].n_ranges, 2);
	ck_assert_uint_eq(c->pools[1].ranges[1].first, 0x0a040000);
	ck_assert_uint_eq(c->pools[1].ranges[1].last, 0x0a040001);
	ck_assert_uint_eq(c->radius[0].n_servers, 2);
	ck_assert_uint_eq(c->radius[0].timeout, 1500 * USEC_PER_MS);
	ck_assert_uint_eq(c->radius[0].servers[0].address.port, 1812);
	ck_assert_str_eq(c->radius[0].servers[1].name, "two");
	ck_assert_uint_eq(c->radius[0].servers[1].address.port, 1645);
	ck_assert_uint_eq(c->n_lns, 2);
	ck_assert_ptr_eq(config_lns_for(c, "mac"), &c->lns[0]);
	ck_assert_ptr_eq(config_lns_for(c, "other"), &c->lns[1]);
	ck_assert_ptr_eq(config_lns_for(c, ""), &c->lns[1]);
	ck_assert_ptr_eq(c->lns[0].pool, &c->pools[1]);
	ck_assert_ptr_eq(c->lns[0].radius, &c->radius[0]);
	expect_offer(&c->lns[0], 2, CONFIG_AUTH_MSCHAPV2, CONFIG_AUTH_CHAP);
	ck_assert_uint_eq(addr_ipv4(&c->lns[0].dns[1]), 0x0a000036);
	ck_assert_uint_eq(c->lns[0].mtu, 1300);
	ck_assert_uint_eq(c->lns[0].n_rules, 2);
	ck_assert_str_eq(c->lns[0].rules[0].identities[0], "CN=%, O=a\\, b");
	ck_assert_str_eq(c->lns[0].rules[0].identities[1], "%@example.com");
	ck_assert_uint_eq(c->lns[0].rules[0].n_users, 1);
	ck_assert_str_eq(c->lns[0].rules[0].users[0], "%");
	ck_assert_str_eq(c->lns[0].rules[1].users[1], "site-2*");
	ck_assert_int_eq(c->lns[0].sequencing, CONFIG_SEQUENCING_NEVER);
	ck_assert_uint_eq(c->lns[0].lcp_echo_interval, 10 * USEC_PER_S);
	expect_offer(&c->lns[1], 1, CONFIG_AUTH_PAP, 0);
	ck_assert_uint_eq(c->n_peers, 2);
	ck_assert_uint_eq(c->peers[0].n_addresses, 2);
	ck_assert_uint_eq(c->peers[0].addresses[1].bits, 32);
	ck_assert_str_eq(c->peers[0].host_name, "lac1");
	ck_assert(!c->peers[0].challenge && c->peers[0].hide);
	ck_assert(c->peers[1].challenge && !c->peers[1].hide && !c->peers[1].secret_file);
	ck_assert_str_eq(c->daemon.debug, "tunnel,ppp");
	config_free(c);
}
END_TEST

START_TEST(auth_local_alone_means_mschapv2)
{
	struct config *c = load_good("pool p { addresses = 10.0.0.0/24 }\n"
				     "lns a { auth = local }\n");

	expect_offer(&c->lns[0], 1, CONFIG_AUTH_MSCHAPV2, 0);
	config_free(c);
}
END_TEST

START_TEST(two_sections_share_the_implied_local_address)
{
	struct config *c = load_good("pool p { addresses = 10.0.0.0/24 }\n"
				     "lns a { connections = x }\n"
				     "lns b { }\n");

	ck_assert_uint_eq(addr_ipv4(&c->lns[0].local_address), 0x0a000001);
	ck_assert_uint_eq(addr_ipv4(&c->lns[1].local_address), 0x0a000001);
	ck_assert_uint_eq(c->pools[0].ranges[0].first, 0x0a000002);
	config_free(c);
}
END_TEST

START_TEST(includes)
{
	struct config *c;

	ck_assert_int_eq(mkdir("conf.d", 0755), 0);
	write_file("conf.d/a.conf", 0644, "pool a { addresses = 10.1.0.0/24 }\n");
	write_file("conf.d/b.conf", 0644, "include ../inner\n");
	write_file("inner", 0644, "pool b { addresses = 10.2.0.0/24 }");
	c = load_good("include conf.d/*.conf\ninclude \"nothing/*.conf\"\n"
		      "lns a { pool = b }\n");
	ck_assert_uint_eq(c->n_pools, 2);
	config_free(c);
	write_file("inner", 0644, "\n\npool b { address = 10.2.0.0/24 }");
	expect_complaints("include conf.d/*.conf\nlns a { pool = c mtu = 1 }\n",
			  "conf.d/../inner:3: pool b: addresses is missing; "
			  "expected addresses = ...\n"
			  "conf.d/../inner:3: pool: address: unknown key (did you mean "
			  "'addresses'?); expected one of l2tpd.conf(5)\n"
			  "t.conf:2: lns a: mtu = 1: out of range; expected auto or 576 to 1500\n"
			  "t.conf:2: lns a: pool = c: no such pool section; expected the name "
			  "of one\n");
	write_file("inner", 0644, "include inner\n");
	expect_complaints("\ninclude inner\ninclude gone.conf\n",
			  "inner:1: include inner: files include each other; expected at most 10 "
			  "one in another\n"
			  "t.conf:3: include gone.conf: no such file; expected a file, or a "
			  "pattern like *.conf\n");
}
END_TEST

/* ---- bad ones ---- */

#define POOL "pool p { addresses = 10.0.0.0/24 }\n" /* line 1 of what needs no other mistake */

static const struct {
	const char *text;
	const char *said;
} bad[] = {
	/* keys and sections */
	{POOL "limits { tunels = 5 }\n",
	 "t.conf:2: limits: tunels: unknown key (did you mean 'tunnels'?); expected one of "
	 "l2tpd.conf(5)\n"},
	{POOL "\nlimts { tunnels = 5\n }\n",
	 "t.conf:3: limts: unknown key (did you mean 'limits'?); expected one of l2tpd.conf(5)\n"},
	{POOL "frobnicate x { a = { 1, 2 } b { c = 3 } }\nfoo = { 1, 2 }\nbar += \"x\" baz = 1\n",
	 "t.conf:2: frobnicate: unknown key; expected one of l2tpd.conf(5)\n"
	 "t.conf:3: foo: unknown key; expected one of l2tpd.conf(5)\n"
	 "t.conf:4: bar: unknown key; expected one of l2tpd.conf(5)\n"
	 "t.conf:4: baz: unknown key; expected one of l2tpd.conf(5)\n"},
	{POOL "\'\' = 3\n", "t.conf:2: an empty name, here or in the section that begins here; "
			    "expected KEY = VALUE or "
			    "SECTION NAME { ... }\n"},
	{POOL POOL, "t.conf:2: pool p: there is one already; expected another name\n"},
	{POOL "limits { }\nlimits { }\n",
	 "t.conf:3: limits: there is one already; expected all its keys in one section\n"},
	{POOL "l2tp { window = 1\n window = 2 }\n",
	 "t.conf:3: window: said twice in this section; expected it once\n"},
	{"pool \"a b\" { addresses = 10.0.0.0/24 }\n",
	 "t.conf:1: pool: 'a b' is no good name; expected letters, digits and . _ - up to 63\n"},
	/* the text */
	{POOL "lns a {\n mtu = 1400\n",
	 "t.conf:2: the section that begins here has no end; expected } before the end of the "
	 "file\n"},
	{POOL "lns a { dns = { 10.0.0.1\n }\n",
	 "t.conf:2: the section that begins here has no end; expected } before the end of the "
	 "file\n"},
	{POOL "lns a { dns = { 10.0.0.1\n",
	 "t.conf:2: the list that begins here has no end; expected } before the end of the file\n"},
	{POOL "}\n", "t.conf:2: a brace closes nothing; expected { before }\n"},
	{POOL "/* x\n", "t.conf:2: a comment has no end; expected */\n"},
	{POOL "daemon { user = \"x }\n}\n",
	 "t.conf:2: a quote has no end; expected it in the same line\n"
	 "t.conf:3: a brace closes nothing; expected { before }\n"},
	{POOL "lns { }\n",
	 "t.conf:2: missing title for section 'lns'; expected KEY = VALUE, KEY = { VALUE, VALUE } "
	 "or SECTION NAME { ... }\n"},
	{POOL "l2tp { window 5 }\n",
	 "t.conf:2: missing equal sign after option 'window'; expected KEY = VALUE, KEY = { "
	 "VALUE, VALUE } or SECTION NAME { ... }\n"},
	/* values */
	{POOL "listen { addresses = { 10.0.0.300, 1.2.3.4:99, 1.2.3.4, 1.2.3.4 } ipsec = yes\n"
	      " ports = 5 }\n",
	 "t.conf:2: listen: addresses = 1.2.3.4: said twice; expected each address once\n"
	 "t.conf:2: listen: addresses = 1.2.3.4:99: not an address; expected IPv4 or IPv6 without "
	 "port\n"
	 "t.conf:2: listen: addresses = 10.0.0.300: not an address; expected IPv4 or IPv6 without "
	 "port\n"
	 "t.conf:2: listen: ipsec = yes: unknown; expected required|none\n"
	 "t.conf:3: listen: ports = 5: not a range of ports; expected FIRST-LAST, both 1 to "
	 "65535\n"},
	{POOL "listen { addresses = { 2001:db8::1, fe80::1, fe80::1%7, 2001:db8::1%7, "
	      "\"::ffff:192.0.2.1\", ff02::1,\n 224.0.0.1, 192.0.2.1, 0.0.0.0, :: } }\n",
	 "t.conf:2: listen: addresses = 2001:db8::1%7: only link-local addresses have an "
	 "interface; expected one without\n"
	 "t.conf:2: listen: addresses = ::ffff:192.0.2.1: IPv4 in the form of IPv6; expected it "
	 "as IPv4\n"
	 "t.conf:2: listen: addresses = fe80::1%7: a link-local address, which IPsec cannot tell "
	 "from that of another link; expected one that is valid on all\n"
	 "t.conf:2: listen: addresses = fe80::1: a link-local address, which IPsec cannot tell "
	 "from that of another link; expected one that is valid on all\n"
	 "t.conf:2: listen: addresses = ff02::1: a multicast address; expected one of this "
	 "machine\n"
	 "t.conf:3: listen: addresses = 0.0.0.0: 0.0.0.0 and :: stand for all addresses of "
	 "their kind; expected them alone\n"
	 "t.conf:3: listen: addresses = 224.0.0.1: a multicast address; expected one of this "
	 "machine\n"
	 "t.conf:3: listen: addresses = ::: 0.0.0.0 and :: stand for all addresses of their "
	 "kind; expected them alone\n"},
	{POOL "listen { ports = 1700-9000 }\n",
	 "t.conf:2: listen: ports = 1700-9000: contains port 1701, where clients connect; "
	 "expected a range above or below it\n"},
	{POOL "listen { ports = 20000-20099 }\n",
	 "t.conf:2: listen: ports holds 100 ports, limits: tunnels is 4000; expected a port for "
	 "each tunnel\n"},
	{POOL "limits { tunnels = 20000 }\n",
	 "t.conf:2: listen: ports holds 10000 ports, limits: tunnels is 20000; expected a port "
	 "for each tunnel\n"},
	{POOL "l2tp {\nhello = 60\nretry-first = 1 s\n}\n",
	 "t.conf:3: l2tp: hello = 60: no unit; expected ms, s, m or h right behind the number\n"
	 "t.conf:4: l2tp: retry-first = 1: no unit; expected ms, s, m or h right behind the "
	 "number\n"
	 "t.conf:4: l2tp: s: unknown key; expected one of l2tpd.conf(5)\n"},
	{POOL "l2tp {\nretry-first = 10s\nretry-cap = 1d\nsetup-limit = soon\nhello = 2h\n"
	      "window = 0x5\nretry-max = 99\n}\n",
	 "t.conf:4: l2tp: retry-cap = 1d: unknown unit; expected ms, s, m or h right behind the "
	 "number\n"
	 "t.conf:5: l2tp: setup-limit = soon: not a time; expected a number and ms, s, m or h, as "
	 "in 30s\n"
	 "t.conf:6: l2tp: hello = 2h: out of range; expected 5s to 1h\n"
	 "t.conf:7: l2tp: window = 0x5: not a number; expected 1 to 1024\n"
	 "t.conf:8: l2tp: retry-max = 99: out of range; expected 1 to 20\n"},
	{POOL "l2tp { retry-first = 10s }\n",
	 "t.conf:2: l2tp: retry-first is longer than retry-cap; expected at most that\n"},
	{POOL "lns a { lcp-echo-interval = 1500ms\n dns = { 1.1.1.1, 2.2.2.2, 3.3.3.3 } }\n",
	 "t.conf:2: lns a: lcp-echo-interval = 1500ms: a part of a second; expected full "
	 "seconds\n"
	 "t.conf:3: lns a: dns = 3.3.3.3: one too many; expected one or two addresses\n"},
	{POOL "lns a { dns = ::1\n local-address = 0.0.0.0\n pppd-options = relative }\n",
	 "t.conf:2: lns a: dns = ::1: not an IPv4 address; expected one like 10.20.0.1\n"
	 "t.conf:3: lns a: local-address = 0.0.0.0: not an IPv4 address; expected one like "
	 "10.20.0.1\n"
	 "t.conf:4: lns a: pppd-options = relative: not a full path; expected one that begins "
	 "with /\n"},
	{POOL
	 "lns a { pppd-options = /nonexistent/options }\ndaemon { debug = tunel\n user = \"\" }\n",
	 "t.conf:2: lns a: pppd-options = /nonexistent/options: No such file or directory; "
	 "expected a file that can be read\n"
	 "t.conf:3: daemon: debug = tunel: unknown topic; expected all|daemon|config|monitor|net|"
	 "tunnel|session|plane|ppp|ipsec|policy|api\n"
	 "t.conf:4: daemon: user = : empty, too long or not one line; expected 1 to 253 bytes\n"},
	/* pools */
	{"pool a { addresses = { 10.0.0.9-10.0.0.1, 10.0.0.1/24, 10.0.0, 10.0.0.0/33, "
	 "10.0.0.0-x } }\n",
	 "t.conf:1: pool a: addresses = 10.0.0.0-x: not IPv4 addresses; expected FIRST-LAST, "
	 "PREFIX/LENGTH or one address\n"
	 "t.conf:1: pool a: addresses = 10.0.0.0/33: not IPv4 addresses; expected FIRST-LAST, "
	 "PREFIX/LENGTH or one address\n"
	 "t.conf:1: pool a: addresses = 10.0.0.1/24: not the first address of a /24; expected a "
	 "prefix with zeros behind its length\n"
	 "t.conf:1: pool a: addresses = 10.0.0.9-10.0.0.1: empty; expected the lower address "
	 "first\n"
	 "t.conf:1: pool a: addresses = 10.0.0: not IPv4 addresses; expected FIRST-LAST, "
	 "PREFIX/LENGTH or one address\n"},
	{"pool a { }\n", "t.conf:1: pool a: addresses is missing; expected addresses = ...\n"},
	{"pool a { addresses = {} }\n",
	 "t.conf:1: pool a: addresses is missing; expected addresses = ...\n"},
	{"pool a { addresses = 10.0.0.1 }\n",
	 "t.conf:1: pool a: its only address becomes our own; expected more, or local-address in "
	 "lns default\n"},
	{"pool a { addresses = 10.0.0.0/24 }\npool b {\n addresses = 10.0.0.254-10.0.1.9 }\n"
	 "lns x { pool = a }\n",
	 "t.conf:3: pool b: addresses = 10.0.0.254-10.0.1.9: overlaps other addresses of pool a; "
	 "expected each address once\n"},
	{"pool a { addresses = 0.0.0.0/0 }\n",
	 "t.conf:1: pool a: addresses = 0.0.0.0/0: too many; expected at most 16777216 addresses "
	 "in a pool\n"},
	/* lns */
	{"", "t.conf:1: lns default: no addresses for clients; expected a pool section, or radius "
	     "= NAME\n"},
	{POOL "pool q { addresses = 10.1.0.0/24 }\n",
	 "t.conf:1: lns default: pool is missing and there are 2; expected pool = NAME\n"},
	{"pool office { addresses = 10.0.0.0/24 }\nlns a {\n pool = ofice }\n",
	 "t.conf:3: lns a: pool = ofice: no such pool section (did you mean 'office'?); expected "
	 "the name of one\n"},
	{POOL "lns a {\n radius = corp }\n",
	 "t.conf:3: lns a: radius = corp: no such radius section; expected the name of one\n"},
	{POOL "lns a {\n local-address = 10.0.0.7 }\n",
	 "t.conf:3: lns a: local-address = 10.0.0.7: is in pool p; expected an address outside "
	 "all pools\n"},
	{POOL "lns a { auth = { mschapv2, md5 } }\n",
	 "t.conf:2: lns a: auth = md5: unknown; expected pap|chap|mschapv2|eap|local\n"},
	{POOL "lns a { auth = { pap, chap, pap } }\n",
	 "t.conf:2: lns a: auth = pap: named twice\n"},
	{POOL "lns a { auth = { mschapv2, eap } }\n",
	 "t.conf:2: lns a: auth = eap without radius; expected a RADIUS server, who alone knows "
	 "EAP's methods\n"},
	{POOL "lns a { }\nlns b { }\n",
	 "t.conf:3: lns b: serves all other connections, and lns a does too; expected connections "
	 "= { ... } in one of them\n"},
	{POOL "lns a { connections = { x, y } }\nlns b { connections = { z,\n y } }\n",
	 "t.conf:4: lns b: connections = y: is served by lns a; expected it in one section\n"},
	/* radius */
	{POOL "radius r { }\n",
	 "t.conf:2: radius r: no server; expected server NAME { ... } in it\n"},
	{POOL "radius r {\n server s { }\n server s { } }\n",
	 "t.conf:3: radius r: server s: address is missing; expected address = ...\n"
	 "t.conf:3: radius r: server s: secret-file is missing; expected secret-file = ...\n"
	 "t.conf:4: server s: there is one already; expected another name\n"},
	{POOL
	 "lns a {\n rule r { identity = { \"CN=%,\", \"CN=\" }\n users = { \"%%\", \"a\\\\\" } }\n"
	 " rule s {\n users = x } }\n",
	 "t.conf:3: lns a: rule r: identity = CN=: empty; expected text, * or %\n"
	 "t.conf:3: lns a: rule r: there is no radius; expected radius = NAME, as users in pppd's "
	 "files are not checked against rules\n"
	 "t.conf:4: lns a: rule r: users = %%: more than one %; expected one\n"
	 "t.conf:4: lns a: rule r: users = a\\: a \\ at the end; expected a character behind it\n"
	 "t.conf:5: lns a: rule s: identity is missing; expected identity = ...\n"},
	{POOL "lns a {\n rule r { identity = { \"CN=%\", \"CN=gw\" } } }\n",
	 "t.conf:3: lns a: rule r: identity = \"CN=gw\" has no %, and users has; expected % where "
	 "the user's name stands, or users = { NAME ... }\n"
	 "t.conf:3: lns a: rule r: there is no radius; expected radius = NAME, as users in pppd's "
	 "files are not checked against rules\n"},
	{POOL "peer p { addresses = { 192.0.2.1/24, ::1:2:3:4:5:6:7:8 }\n hide = yes }\n",
	 "t.conf:2: peer p: addresses = 192.0.2.1/24: not a network; expected PREFIX/LENGTH with "
	 "zeros behind its length, or one address\n"
	 "t.conf:2: peer p: addresses = ::1:2:3:4:5:6:7:8: not a network; expected PREFIX/LENGTH "
	 "with zeros behind its length, or one address\n"
	 "t.conf:3: peer p: hide = yes, and no secret to hide with; expected secret-file too\n"},
	{POOL "radius r {\n server s { address = x secret-file = /nonexistent/secret } }\n"
	      "lns a { radius = r auth = local }\n",
	 "t.conf:3: radius r: server s: address = x: not an address; expected ADDRESS or "
	 "ADDRESS:PORT, for "
	 "IPv6 \"[ADDRESS]:PORT\"\n"
	 "t.conf:3: radius r: server s: secret-file = /nonexistent/secret: No such file or "
	 "directory; "
	 "expected a file with the secret in its first line\n"
	 "t.conf:4: lns a: auth = local, and radius too; expected one of the two\n"},
};

START_TEST(bad_files)
{
	expect_complaints(bad[_i].text, bad[_i].said);
}
END_TEST

/* `fmt` with `path` for each @ */
static void put_path(char *ret, size_t cap, const char *fmt, const char *path)
{
	size_t len = 0;

	for (; *fmt && len < cap; fmt++)
		len += (size_t)snprintf(ret + len, cap - len, "%.*s", *fmt == '@' ? 255 : 1,
					*fmt == '@' ? path : fmt);
}

START_TEST(secret_files)
{
	static const struct {
		mode_t mode;
		const char *text;
		const char *why; /* @: the path */
	} rows[] = {
		{0644, "secret\n",
		 "wrong owner or mode; expected a file of root that nobody else can read: "
		 "chown root: @; chmod 600 @"},
		{0600, "", "no secret in it; expected the secret in the first line"},
	};
	char path[sizeof(folder) + 16], text[512], why[512], said[1024];

	snprintf(path, sizeof(path), "%s/secret", folder);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		write_file(path, rows[i].mode, rows[i].text);
		snprintf(text, sizeof(text),
			 POOL "radius r { server s { address = 1.2.3.4\n secret-file = %s } }\n",
			 path);
		put_path(why, sizeof(why), rows[i].why, path);
		snprintf(said, sizeof(said), "t.conf:3: radius r: server s: secret-file = %s: %s\n",
			 path, why);
		expect_complaints(text, said);
	}
}
END_TEST

START_TEST(no_file)
{
	char said[1024] = "";
	struct config *c = NULL;

	ck_assert_int_eq(config_load("gone.conf", collect, said, &c), -EINVAL);
	ck_assert_str_eq(said, "gone.conf:1: cannot open it: No such file or directory; expected a "
			       "file that can be read\n");
}
END_TEST

START_TEST(binary_file)
{
	char said[1024] = "";
	struct config *c = NULL;
	FILE *fp = fopen("b.conf", "w");

	ck_assert_uint_eq(fwrite(POOL "\0\n", sizeof(POOL) + 1, 1, fp), 1);
	ck_assert_int_eq(fclose(fp), 0);
	ck_assert_int_eq(config_load("b.conf", collect, said, &c), -EINVAL);
	ck_assert_str_eq(said, "b.conf:2: not a configuration; expected a text file of at most 1 "
			       "MiB\n");
}
END_TEST

START_TEST(the_sample_loads)
{
	char path[sizeof(samples) + 32], said[16384] = "";
	struct config *c = NULL;

	snprintf(path, sizeof(path), "%s/conf/l2tpd.conf", samples);
	if (config_load(path, collect, said, &c))
		ck_abort_msg("refused:\n%s", said);
	ck_assert_str_eq(c->pools[0].name, "office");
	config_free(c);
}
END_TEST

/* The two lines of l2tpd.conf that README.md shows */
START_TEST(the_readme_loads)
{
	const char *srcdir = getenv("srcdir");
	char path[sizeof(samples) + 256], text[1024] = "", line[512];
	struct config *c;
	FILE *fp;

	snprintf(path, sizeof(path), "%s/%s/README.md", srcdir && *srcdir == '/' ? "" : samples,
		 srcdir ? srcdir : ".");
	fp = fopen(path, "r");
	ck_assert_ptr_nonnull(fp);
	while (fgets(line, sizeof(line), fp))
		if (!strncmp(line, "    pool ", 9) || !strncmp(line, "    lns ", 8))
			strncat(text, line, sizeof(text) - strlen(text) - 1);
	ck_assert_int_eq(fclose(fp), 0);
	c = load_good(text);
	ck_assert_str_eq(c->lns[0].name, "default");
	ck_assert_str_eq(c->pools[0].name, "office");
	config_free(c);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("config");
	TCase *tc = tcase_create("config");
	SRunner *runner = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_pool_is_enough);
	tcase_add_test(tc, everything_said);
	tcase_add_test(tc, auth_local_alone_means_mschapv2);
	tcase_add_test(tc, two_sections_share_the_implied_local_address);
	tcase_add_test(tc, includes);
	tcase_add_loop_test(tc, bad_files, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tc, secret_files);
	tcase_add_test(tc, no_file);
	tcase_add_test(tc, binary_file);
	tcase_add_test(tc, the_sample_loads);
	tcase_add_test(tc, the_readme_loads);
	suite_add_tcase(s, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
