/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line; see options.h.  Names, limits, help and places are one table. */
#include "tests/bench/load/options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "tests/bench/load/ppp.h"

#define L2TP_PORT 1701

struct option_row;

/* Take `text` into `o`; false: it is not what the row wants. */
typedef bool take_fn(struct options *o, const struct option_row *row, const char *text);

static take_fn take_count, take_number, take_flag, take_text, take_format, take_end, take_ppp,
	take_bind, take_watch;

#define AT(field) offsetof(struct options, field)

static const struct option_row {
	const char *name;
	char letter; /* 0: none */
	take_fn *take;
	size_t at;
	double min, max;
	const char *arg, *help;
} rows[] = {
	{"tunnels", 't', take_count, AT(tunnels), 1, 1e6, "N", "clients, a tunnel each (1)"},
	{"sessions", 's', take_count, AT(sessions), 0, 1000, "N", "sessions in each tunnel (1)"},
	{"rate", 'r', take_number, AT(rate), 0, 1e6, "N", "dial N a second (0: all at once)"},
	{"hold", 0, take_number, AT(hold_s), 0, 1e6, "S", "stay for S seconds when all are up (0)"},
	{"hellos", 0, take_count, AT(hellos), 0, 1e9, "N",
	 "send N HELLOs in all, spread over the hold time and the tunnels (0)"},
	{"burst", 0, take_count, AT(burst), 1, 1e6, "N", "... so many at a time (1)"},
	{"keepalive", 0, take_number, AT(keepalive_s), 0, 1e6, "S",
	 "send HELLO after S seconds of silence (0: never)"},
	{"echo", 0, take_number, AT(echo_s), 0, 1e6, "S",
	 "send an LCP echo in each session every S seconds (0: never)"},
	{"end", 0, take_end, 0, 0, 0, "HOW", "hang-up, or vanish without a word (hang-up)"},
	{"rounds", 0, take_count, AT(rounds), 1, 1e6, "N", "do it all N times, same ids (1)"},
	{"gap", 0, take_number, AT(gap_s), 0, 1e6, "S", "wait S seconds between rounds (0)"},
	{"timeout", 0, take_number, AT(timeout_s), 0.001, 1e6, "S",
	 "a set-up that takes longer has failed (60)"},
	{"retry", 0, take_number, AT(retry_s), 0.001, 1e3, "S",
	 "send a control message again after S seconds, doubling up to 8 S (1)"},
	{"window", 0, take_count, AT(window), 1, 1024, "N", "our receive window (8)"},
	{"ppp", 'p', take_ppp, 0, 0, 0, "METHODS",
	 "bring PPP up; agree to these: mschapv2,chap,pap"},
	{"user", 'u', take_text, AT(user), 0, 0, "NAME",
	 "user; each # is the client's number (user)"},
	{"password", 'P', take_text, AT(password), 0, 0, "TEXT", "password (password)"},
	{"bind", 'b', take_bind, 0, 0, 0, "A[-B]", "source addresses, in turn"},
	{"source-port", 0, take_count, AT(source_port), 0, 65535, "N", "source port (0: any)"},
	{"shared", 0, take_flag, AT(shared), 0, 0, NULL,
	 "one socket for all clients of a source address"},
	{"same-id", 0, take_flag, AT(same_id), 0, 0, NULL, "all clients call their tunnel 1"},
	{"host-name", 0, take_text, AT(host_name), 0, 0, "NAME",
	 "what we call ourselves (l2tpload)"},
	{"secret", 0, take_text, AT(secret), 0, 0, "TEXT", "answer tunnel challenges with this"},
	{"seed", 0, take_count, AT(seed), 0, 4294967295.0, "N", "of what is random (1)"},
	{"watch", 'w', take_watch, 0, 0, 0, "PID[,PID]",
	 "measure CPU time and memory of these processes"},
	{"output", 'o', take_format, 0, 0, 0, "FORMAT", "text, json or kv (text)"},
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

static void usage(void)
{
	printf("Usage: l2tpload [OPTION]... SERVER[:PORT]\n"
	       "Be many L2TP clients at once, and say how the server did: see l2tpload(8).\n\n");
	for (size_t i = 0; i < N_ROWS; i++) {
		char left[40], letter[5] = "    ";

		if (rows[i].letter)
			snprintf(letter, sizeof(letter), "-%c, ", rows[i].letter);
		snprintf(left, sizeof(left), "%s--%s%s%s", letter, rows[i].name,
			 rows[i].arg ? " " : "", rows[i].arg ? rows[i].arg : "");
		printf("  %-25s %s\n", left, rows[i].help);
	}
	printf("  -V, --version             print the version, and exit\n"
	       "  -h, --help                print this, and exit\n");
}

static void __attribute__((noreturn, format(printf, 1, 2))) wrong(const char *fmt, ...)
{
	va_list args;

	fputs("l2tpload: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputs("\nl2tpload --help lists the options\n", stderr);
	exit(2);
}

static void *place(struct options *o, const struct option_row *row)
{
	return (char *)o + row->at;
}

static bool read_number(const struct option_row *row, const char *text, double *ret)
{
	char *end;
	double value;

	errno = 0;
	value = strtod(text, &end);
	if (errno || end == text || *end || !isfinite(value) || value < row->min ||
	    value > row->max)
		return false;
	*ret = value;
	return true;
}

static bool take_number(struct options *o, const struct option_row *row, const char *text)
{
	return read_number(row, text, place(o, row));
}

static bool take_count(struct options *o, const struct option_row *row, const char *text)
{
	double value;

	if (!read_number(row, text, &value) || value != floor(value))
		return false;
	*(unsigned int *)place(o, row) = (unsigned int)value;
	return true;
}

static bool take_flag(struct options *o, const struct option_row *row, const char *text)
{
	(void)text;
	*(bool *)place(o, row) = true;
	return true;
}

static bool take_text(struct options *o, const struct option_row *row, const char *text)
{
	if (!*text || strlen(text) > 200)
		return false;
	*(const char **)place(o, row) = text;
	return true;
}

static bool one_of(const char *text, const char *const *words, unsigned int *ret)
{
	for (unsigned int i = 0; words[i]; i++) {
		if (strcmp(words[i], text))
			continue;
		*ret = i;
		return true;
	}
	return false;
}

static bool take_end(struct options *o, const struct option_row *row, const char *text)
{
	(void)row;
	return one_of(text, (const char *const[]){"hang-up", "vanish", NULL}, &o->end);
}

static bool take_format(struct options *o, const struct option_row *row, const char *text)
{
	(void)row;
	return one_of(text, (const char *const[]){"text", "json", "kv", NULL}, &o->format);
}

static bool take_ppp(struct options *o, const struct option_row *row, const char *text)
{
	static const char *const words[] = {
#define X(name, word, ...) word,
		PPP_METHODS(X)
#undef X
			NULL};
	char copy[64], *rest = copy, *word;
	unsigned int method;

	(void)row;
	o->ppp = true;
	o->methods = 0;
	snprintf(copy, sizeof(copy), "%s", text);
	while ((word = strsep(&rest, ",")))
		if (one_of(word, words, &method))
			o->methods |= 1u << method;
		else
			return false;
	return true;
}

static bool take_bind(struct options *o, const struct option_row *row, const char *text)
{
	char copy[2 * ADDR_STR_LEN], *dash;
	struct addr first, last;

	(void)row;
	if (strlen(text) >= sizeof(copy))
		return false;
	strcpy(copy, text);
	dash = strchr(copy, '-');
	if (dash)
		*dash = '\0';
	if (addr_parse(&first, copy, 0) || first.family != AF_INET || first.port)
		return false;
	last = first;
	if (dash && (addr_parse(&last, dash + 1, 0) || last.family != AF_INET || last.port))
		return false;
	o->bind = (struct ipv4_range){addr_ipv4(&first), addr_ipv4(&last)};
	o->has_bind = true;
	return o->bind.first <= o->bind.last;
}

static bool take_watch(struct options *o, const struct option_row *row, const char *text)
{
	unsigned int n = 0;
	char *end;

	(void)row;
	do {
		long pid = strtol(text, &end, 10);

		if (end == text || pid <= 0 || n == WATCH_MAX || (*end && *end != ','))
			return false;
		o->watch[n++] = (int)pid;
		text = end + 1;
	} while (*end);
	return true;
}

static void take(struct options *o, const struct option_row *row, const char *text)
{
	if (row->take(o, row, text))
		return;
	if (row->max > 0)
		wrong("--%s %s: a number from %g to %g was expected", row->name, text, row->min,
		      row->max);
	wrong("--%s %s: %s was expected (%s)", row->name, text, row->arg, row->help);
}

/* What each option allows by itself, and all together do not. */
static void check(const struct options *o)
{
	unsigned int places = o->has_bind ? o->bind.last - o->bind.first + 1 : 1;

	if (o->hellos && o->hold_s <= 0)
		wrong("--hellos needs --hold, over which they are spread");
	if (o->echo_s > 0 && !o->ppp)
		wrong("--echo needs --ppp: without it there is no LCP");
	if (o->shared && o->same_id)
		wrong("--shared and --same-id exclude each other: answers could not be told apart");
	if (o->shared && o->tunnels > 65535)
		wrong("--shared takes 65535 tunnels at most, as that many ids are there");
	if (o->source_port && !o->shared && o->tunnels > places)
		wrong("--source-port for %u clients needs --bind with as many addresses, or "
		      "--shared",
		      o->tunnels);
	if (o->has_bind && o->server.family != AF_INET)
		wrong("--bind is for IPv4, and the server's address is not");
}

void options_parse(struct options *ret, int argc, char **argv)
{
	struct option longopts[N_ROWS + 3] = {{0}};
	char letters[2 * N_ROWS + 3] = "Vh", *at = letters + 2;
	int c, which = -1;

	*ret = (struct options){
		.tunnels = 1,
		.sessions = 1,
		.rounds = 1,
		.burst = 1,
		.timeout_s = 60,
		.retry_s = 1,
		.window = 8,
		.seed = 1,
		.user = "user",
		.password = "password",
		.host_name = "l2tpload",
	};
	for (size_t i = 0; i < N_ROWS; i++) {
		longopts[i] =
			(struct option){rows[i].name, rows[i].arg != NULL, NULL, 256 + (int)i};
		if (!rows[i].letter)
			continue;
		*at++ = rows[i].letter; /* all of those take a value */
		*at++ = ':';
	}
	longopts[N_ROWS] = (struct option){"version", no_argument, NULL, 'V'};
	longopts[N_ROWS + 1] = (struct option){"help", no_argument, NULL, 'h'};
	while ((c = getopt_long(argc, argv, letters, longopts, &which)) != -1) {
		if (c == 'h') {
			usage();
			exit(0);
		} else if (c == 'V') {
			printf("l2tpload (%s) %s\n", PACKAGE_NAME, PACKAGE_VERSION);
			exit(0);
		} else if (c == '?') {
			exit((fputs("l2tpload --help lists the options\n", stderr), 2));
		}
		for (size_t i = 0; i < N_ROWS; i++)
			if (c == 256 + (int)i || c == rows[i].letter)
				take(ret, &rows[i], optarg);
	}
	if (optind != argc - 1)
		wrong(optind < argc ? "one server at a time" : "which server?");
	if (addr_parse(&ret->server, argv[optind], L2TP_PORT))
		wrong("%s: an address like 192.0.2.1, 192.0.2.1:1701 or [2001:db8::1]:1701 was "
		      "expected",
		      argv[optind]);
	check(ret);
}
