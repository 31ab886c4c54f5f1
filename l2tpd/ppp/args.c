/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Argument lists for pppd.  Later options win over earlier ones and all of them over
 * /etc/ppp/options, which pppd always reads: so the administrator's extra file comes before ours,
 * and what keeps a session sound (auth, no routes, no scripts) is said again every time.
 */
#include "l2tpd/ppp/args.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARGS_MAX 128 /* the fixed ones, and four per RADIUS server */
#define ARG_LEN  4096

/* The same for every session.  Without compression, as ESP's packets do not get smaller. */
static const char *const always[] = {
	"nodetach",
	"nopersist",
	"nodefaultroute",
	"noproxyarp",
	"noktune",
	"noccp",
	"novj",
	"novjccomp",
	"noipv6",
	"noipdefault",
	/* We never prove ourselves to a client. */
	"refuse-pap",
	"refuse-chap",
	"refuse-mschap",
	"refuse-mschap-v2",
	"refuse-eap",
	/* The distribution's scripts start several processes for each session. */
	"ip-up-script",
	"/nonexistent",
	"ip-down-script",
	"/nonexistent",
	"auth",
	NULL,
};

static const struct {
	const char *word, *option;
} auths[] = {
#define X(NAME, word, option) {word, option},
	PPP_AUTHS(X)
#undef X
};

struct builder {
	struct ppp_args args;
	int err; /* sticky */
};

static void add(struct builder *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void add(struct builder *b, const char *fmt, ...)
{
	char arg[ARG_LEN];
	va_list ap;
	int len;

	if (b->err)
		return;
	va_start(ap, fmt);
	len = vsnprintf(arg, sizeof(arg), fmt, ap);
	va_end(ap);
	if (len < 0 || (size_t)len >= sizeof(arg) || b->args.n == ARGS_MAX) {
		b->err = -E2BIG;
		return;
	}
	b->args.argv[b->args.n] = strdup(arg);
	if (b->args.argv[b->args.n])
		b->args.n++;
	else
		b->err = -ENOMEM;
}

/* The option `name` with a number. */
static void add_number(struct builder *b, const char *name, unsigned long long value)
{
	add(b, "%s", name);
	add(b, "%llu", value);
}

static void add_auth(struct builder *b, const struct ppp_profile *profile)
{
	char offer[64];
	size_t len = 0;

	/* pppd has an order of its own: what it is to be, our plugin sees to. */
	for (size_t i = 0; i < profile->n_auth; i++) {
		add(b, "%s", auths[profile->auth[i]].option);
		len += (size_t)snprintf(offer + len, sizeof(offer) - len, "%s%s", i ? "," : "",
					auths[profile->auth[i]].word);
	}
	add(b, "l2tpd-offer");
	add(b, "%s", offer);
	add(b, "l2tpd-auth");
	add(b, "%s", profile->n_servers ? "radius" : "local");
	for (size_t i = 0; i < profile->n_servers; i++) {
		char address[ADDR_STR_LEN];

		add(b, "l2tpd-radius-server");
		add(b, "%s", addr_format(&profile->servers[i].address, address));
		add(b, "l2tpd-radius-secret");
		add(b, "%s", profile->servers[i].secret_file);
	}
	if (profile->n_servers) {
		add_number(b, "l2tpd-radius-timeout", profile->radius_timeout / USEC_PER_MS);
		add_number(b, "l2tpd-radius-tries", profile->radius_tries);
	}
}

static void add_link(struct builder *b, const struct ppp_profile *profile)
{
	char address[ADDR_STR_LEN];

	add_number(b, "mtu", profile->mtu);
	add_number(b, "mru", profile->mtu);
	add_number(b, "lcp-echo-interval", profile->lcp_echo_interval / USEC_PER_S);
	add_number(b, "lcp-echo-failure", profile->lcp_echo_failures);
	add(b, "lcp-echo-adaptive");
	if (profile->local_address.family)
		add(b, "%s:", addr_format_ip(&profile->local_address, address));
}

void ppp_args_done(struct ppp_args *args)
{
	for (size_t i = 0; i < args->n; i++)
		free(args->argv[i]);
	free(args->argv);
	*args = (struct ppp_args){0};
}

/* What all sessions of the profile have in common. */
static void add_common(struct builder *b, const struct ppp_profile *profile)
{
	add(b, "pppd");
	/* Before all others, as it makes the channel that they work on. */
	add(b, "plugin");
	add(b, "%s", profile->plugin);
	if (profile->options_file) {
		add(b, "file");
		add(b, "%s", profile->options_file);
	}
	for (size_t i = 0; always[i]; i++)
		add(b, "%s", always[i]);
	if (profile->quiet)
		add(b, "nolog");
	else
		add_number(b, "logfd", STDERR_FILENO);
	add_auth(b, profile);
	add_link(b, profile);
	add(b, "l2tpd-session");
}

static int finish(struct builder *b, struct ppp_args *ret)
{
	if (b->err)
		ppp_args_done(&b->args);
	else
		*ret = b->args;
	return b->err;
}

int ppp_args_build(struct ppp_args *ret, const struct ppp_profile *profile, uint16_t tid,
		   uint16_t sid)
{
	struct builder b = {.args.argv = calloc(ARGS_MAX + 1, sizeof(char *))};

	if (!b.args.argv)
		return -ENOMEM;
	add_common(&b, profile);
	add(&b, "%u/%u", tid, sid);
	add_number(&b, "l2tpd-channel", PPP_SESSION_FD);
	add_number(&b, "l2tpd-bus", PPP_BUS_FD);
	return finish(&b, ret);
}

int ppp_args_build_waiting(struct ppp_args *ret, const struct ppp_profile *profile)
{
	struct builder b = {.args.argv = calloc(ARGS_MAX + 1, sizeof(char *))};

	if (!b.args.argv)
		return -ENOMEM;
	add_common(&b, profile);
	add(&b, "waiting-for-one"); /* room for what each child puts here */
	add_number(&b, "l2tpd-wait", PPP_WAIT_FD);
	return finish(&b, ret);
}
