/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pppd's argument lists, whole: a word more or less is a change that somebody has to want. */
#include "l2tpd/ppp/args.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* what comes between the plugin, or the administrator's file, and the authentication */
#define FIXED                                                                                      \
	" nodetach nopersist nodefaultroute noproxyarp noktune noccp novj novjccomp"               \
	" noipv6 noipdefault refuse-pap refuse-chap refuse-mschap refuse-mschap-v2 refuse-eap"     \
	" ip-up-script /nonexistent ip-down-script /nonexistent auth"

static struct ppp_radius_server servers[2];

static struct ppp_profile local_profile(void)
{
	struct ppp_profile profile = {
		.plugin = "/usr/lib/pppd/2.4.9/l2tpd.so",
		.auth = {PPP_AUTH_MSCHAPV2},
		.n_auth = 1,
		.mtu = 1400,
		.lcp_echo_interval = 30 * USEC_PER_S,
		.lcp_echo_failures = 4,
	};

	addr_parse(&profile.local_address, "10.20.0.1", 0);
	return profile;
}

static struct ppp_profile radius_profile(void)
{
	struct ppp_profile profile = local_profile();

	addr_parse(&servers[0].address, "192.0.2.5", 1812);
	servers[0].secret_file = "/etc/l2tpd/a.secret";
	addr_parse(&servers[1].address, "2001:db8::5", 1645);
	servers[1].secret_file = "/etc/l2tpd/b.secret";
	profile.auth[0] = PPP_AUTH_EAP;
	profile.auth[1] = PPP_AUTH_PAP;
	profile.auth[2] = PPP_AUTH_CHAP;
	profile.auth[3] = PPP_AUTH_MSCHAPV2;
	profile.n_auth = 4;
	profile.servers = servers;
	profile.n_servers = 2;
	profile.radius_timeout = 2500 * USEC_PER_MS;
	profile.radius_tries = 3;
	profile.options_file = "/etc/l2tpd/more options";
	profile.lcp_echo_interval = 0;
	return profile;
}

/* The list of `profile` for tunnel 40001 and session 7 is `want`, words joined by one space. */
static void expect(const struct ppp_profile *profile, const char *want)
{
	char got[4096] = "";
	struct ppp_args args;

	ck_assert_int_eq(ppp_args_build(&args, profile, 40001, 7), 0);
	ck_assert_ptr_null(args.argv[args.n]);
	for (size_t i = 0; i < args.n; i++) {
		strcat(got, i ? " " : "");
		strcat(got, args.argv[i]);
	}
	ck_assert_str_eq(got, want);
	ppp_args_done(&args);
	ck_assert_ptr_null(args.argv);
}

START_TEST(test_local)
{
	struct ppp_profile profile = local_profile();

	expect(&profile,
	       "pppd plugin /usr/lib/pppd/2.4.9/l2tpd.so" FIXED
	       " logfd 2 require-mschap-v2 l2tpd-offer mschapv2 l2tpd-auth local"
	       " mtu 1400 mru 1400 lcp-echo-interval 30 lcp-echo-failure 4"
	       " lcp-echo-adaptive 10.20.0.1: l2tpd-session 40001/7 l2tpd-channel 3 l2tpd-bus 4");
}
END_TEST

START_TEST(test_radius)
{
	struct ppp_profile profile = radius_profile();

	expect(&profile,
	       "pppd plugin /usr/lib/pppd/2.4.9/l2tpd.so"
	       " file /etc/l2tpd/more options" FIXED
	       " logfd 2 require-eap require-pap require-chap require-mschap-v2"
	       " l2tpd-offer eap,pap,chap,mschapv2 l2tpd-auth radius"
	       " l2tpd-radius-server 192.0.2.5:1812"
	       " l2tpd-radius-secret /etc/l2tpd/a.secret"
	       " l2tpd-radius-server [2001:db8::5]:1645"
	       " l2tpd-radius-secret /etc/l2tpd/b.secret"
	       " l2tpd-radius-timeout 2500 l2tpd-radius-tries 3"
	       " mtu 1400 mru 1400 lcp-echo-interval 0 lcp-echo-failure 4"
	       " lcp-echo-adaptive 10.20.0.1: l2tpd-session 40001/7 l2tpd-channel 3 l2tpd-bus 4");
}
END_TEST

START_TEST(test_no_local_address)
{
	struct ppp_profile profile = local_profile();

	profile.local_address = (struct addr){0};
	profile.auth[0] = PPP_AUTH_PAP;
	profile.quiet = true;
	expect(&profile, "pppd plugin /usr/lib/pppd/2.4.9/l2tpd.so" FIXED
			 " nolog require-pap l2tpd-offer pap l2tpd-auth local"
			 " mtu 1400 mru 1400 lcp-echo-interval 30 lcp-echo-failure 4"
			 " lcp-echo-adaptive l2tpd-session 40001/7 l2tpd-channel 3 l2tpd-bus 4");
}
END_TEST

START_TEST(test_too_much)
{
	struct ppp_profile profile = radius_profile();
	struct ppp_args args = {0};
	char path[5000];

	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	profile.options_file = path;
	ck_assert_int_eq(ppp_args_build(&args, &profile, 1, 1), -E2BIG);
	ck_assert_ptr_null(args.argv);

	profile = radius_profile();
	profile.n_servers = 40;
	profile.servers = calloc(40, sizeof(*profile.servers));
	for (size_t i = 0; i < 40; i++)
		((struct ppp_radius_server *)profile.servers)[i] = servers[0];
	ck_assert_int_eq(ppp_args_build(&args, &profile, 1, 1), -E2BIG);
	free((void *)profile.servers);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("args");
	TCase *t = tcase_create("args");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(t, test_local);
	tcase_add_test(t, test_radius);
	tcase_add_test(t, test_no_local_address);
	tcase_add_test(t, test_too_much);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
