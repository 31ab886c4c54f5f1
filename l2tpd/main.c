/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: which half of the daemon to be, or which question to answer and exit. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "config.h"
#include "l2tpd/config/config.h"
#include "l2tpd/daemon.h"
#include "l2tpd/decode.h"
#include "l2tpd/dry_run.h"
#include "l2tpd/fsm/lns.h"
#include "l2tpd/ipsec/charon.h"
#include "l2tpd/monitor/monitor.h"
#include "l2tpd/notify.h"
#include "lib/base/log.h"

struct options {
	const char *config;
	const char *debug; /* topics; NULL: as configured */
	bool check, dump_fsm;
	unsigned int dry_run; /* the port; 0: no */
	int engine_fd;        /* -1: be the monitor */
};

static const char usage[] =
	"Usage: l2tpd [OPTION]...\n"
	"Serve L2TP over IPsec: see l2tpd(8) and l2tpd.conf(5).  Stays in the foreground.\n"
	"\n"
	"  -c, --config FILE    read FILE instead of " CONFIG_PATH "\n"
	"  -d, --debug TOPICS   log debug lines of these topics: \"tunnel,ppp\", or \"all\"\n"
	"      --check-config   say what is wrong with the configuration, and exit\n"
	"      --decode FILE    print the L2TP messages of FILE, a capture or hexadecimal, and "
	"exit\n"
	"      --dry-run[=PORT] serve without privileges, without IPsec, pppd and data\n"
	"      --dump-fsm       print the tables of the protocol's state machines, and exit\n"
	"  -V, --version        print the version, and exit\n"
	"  -h, --help           print this, and exit\n";

enum { OPT_CHECK = 256, OPT_DECODE, OPT_DRY_RUN, OPT_DUMP_FSM, OPT_ENGINE };

static const struct option longopts[] = {
	{"config", required_argument, NULL, 'c'},
	{"debug", required_argument, NULL, 'd'},
	{"check-config", no_argument, NULL, OPT_CHECK},
	{"decode", required_argument, NULL, OPT_DECODE},
	{"dry-run", optional_argument, NULL, OPT_DRY_RUN},
	{"dump-fsm", no_argument, NULL, OPT_DUMP_FSM},
	{"engine", required_argument, NULL, OPT_ENGINE}, /* how the monitor starts the engine */
	{"version", no_argument, NULL, 'V'},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

static unsigned int parse_port(const char *text)
{
	char *end;
	unsigned long port = text ? strtoul(text, &end, 10) : L2TP_PORT;

	if (text && (*end || !port || port > UINT16_MAX)) {
		fprintf(stderr, "l2tpd: \"%s\" is not a port; expected 1 to 65535\n", text);
		exit(2);
	}
	return (unsigned int)port;
}

static int decode_file(const char *path)
{
	FILE *in = strcmp(path, "-") ? fopen(path, "r") : stdin;
	int err;

	if (!in) {
		fprintf(stderr, "l2tpd: %s: %s\n", path, strerror(errno));
		return EXIT_FAILURE;
	}
	err = decode(in, stdout);
	fclose(in);
	if (err)
		fprintf(stderr, "l2tpd: %s: %s\n", path,
			err == -EBADMSG ? "expected a pcap capture or hexadecimal digits, one "
					  "datagram in each paragraph"
					: strerror(-err));
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* Exits for questions that need no configuration, and for what cannot be understood. */
static void parse(int argc, char **argv, struct options *o)
{
	int c;

	while ((c = getopt_long(argc, argv, "c:d:Vh", longopts, NULL)) != -1) {
		switch (c) {
		case 'c': o->config = optarg; break;
		case 'd': o->debug = optarg; break;
		case OPT_CHECK: o->check = true; break;
		case OPT_DECODE: exit(decode_file(optarg));
		case OPT_DRY_RUN: o->dry_run = parse_port(optarg); break;
		case OPT_DUMP_FSM: o->dump_fsm = true; break;
		case OPT_ENGINE: o->engine_fd = atoi(optarg); break;
		case 'V': printf("l2tpd (%s) %s\n", PACKAGE_NAME, PACKAGE_VERSION); exit(0);
		case 'h': fputs(usage, stdout); exit(0);
		default: fputs("l2tpd --help lists the options\n", stderr); exit(2);
		}
	}
	if (optind < argc) {
		fprintf(stderr, "l2tpd: \"%s\" is not an option; l2tpd --help lists them\n",
			argv[optind]);
		exit(2);
	}
}

static void complain(void *ctx, const char *message)
{
	(void)ctx;
	fprintf(stderr, "%s\n", message);
}

static int check_config(const struct options *o)
{
	struct config *config;

	if (config_load(o->config, complain, NULL, &config))
		return EXIT_FAILURE;
	config_free(config);
	printf("%s: OK\n", o->config);
	/* Where it is not installed, or not here, there is nothing to say. */
	if (!charon_library_has_ikev1(LIBCHARON))
		fprintf(stderr, "%s: " CHARON_NO_IKEV1 "\n", LIBCHARON);
	return EXIT_SUCCESS;
}

static bool set_debug(const char *topics)
{
	uint32_t bits;
	const char *bad;

	if (log_parse_topics(topics, &bits, &bad)) {
		fprintf(stderr, "l2tpd: \"%s\" is not a log topic; see l2tpd(8)\n", bad);
		return false;
	}
	log_set_debug(bits);
	return true;
}

static void complain_in_log(void *ctx, const char *message)
{
	(void)ctx;
	log_error(CONFIG, "bad-config", "%s", message);
}

static int run_dry(const struct options *o)
{
	struct config *config;
	int status;

	if (config_load(o->config, complain, NULL, &config))
		return EXIT_FAILURE;
	printf("%s: OK\n", o->config);
	dry_run_print(stdout, config, (uint16_t)o->dry_run);
	fflush(stdout);
	if (!set_debug(o->debug ? o->debug : config->daemon.debug))
		return EXIT_FAILURE;
	status = daemon_dry_run(config, (uint16_t)o->dry_run);
	config_free(config);
	return status;
}

static int run_engine(const struct options *o)
{
	struct config *config;
	int status;

	prctl(PR_SET_NAME, "l2tpd"); /* the monitor starts us as /proc/self/exe */
	if (config_load(o->config, complain_in_log, NULL, &config))
		return EXIT_FAILURE;
	if (!set_debug(o->debug ? o->debug : config->daemon.debug))
		return EXIT_FAILURE;
	status = daemon_run(config, o->engine_fd);
	config_free(config);
	return status;
}

static int run_monitor(const struct options *o)
{
	const char *const args[] = {"--config", o->config, o->debug ? "--debug" : NULL, o->debug,
				    NULL};
	const struct monitor_conf conf = {
		.config_path = o->config,
		.engine_args = args,
		.ready = notify_ready,
		.stopping = notify_stopping,
	};

	if (o->debug && !set_debug(o->debug))
		return 2;
	if (geteuid()) {
		fputs("l2tpd: must be started as root; its engine gives root up by itself\n",
		      stderr);
		return EXIT_FAILURE;
	}
	return monitor_run(&conf);
}

int main(int argc, char **argv)
{
	struct options o = {.config = CONFIG_PATH, .engine_fd = -1};

	parse(argc, argv, &o);
	if (o.dump_fsm) {
		lns_dump_fsm(stdout);
		return EXIT_SUCCESS;
	}
	if (o.check)
		return check_config(&o);
	if (o.dry_run)
		return run_dry(&o);
	return o.engine_fd >= 0 ? run_engine(&o) : run_monitor(&o);
}
