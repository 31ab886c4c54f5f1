/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One value of the configuration: from text to the place in the struct that its row of the option
 * table names.  The rows are made from conf/l2tpd.opt.
 */
#ifndef L2TPD_CONFIG_VALUE_H
#define L2TPD_CONFIG_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "l2tpd/config/config.h"

enum opt_kind {
	OPT_ADDRS,    /* list of IPv4 or IPv6 addresses, no port: struct addr *, size_t */
	OPT_ADDR,     /* address and perhaps port: struct addr */
	OPT_IPV4,     /* struct addr */
	OPT_DNS,      /* one or two IPv4 addresses: struct addr [2] */
	OPT_RANGES,   /* list of IPv4 ranges, prefixes, addresses: struct ipv4_range *, size_t */
	OPT_NETS,     /* list of prefixes, IPv4 or IPv6: struct addr_prefix *, size_t */
	OPT_PORTS,    /* range of ports: uint16_t, uint16_t */
	OPT_NUMBER,   /* unsigned int; the word among the choices, if there is one, stands for 0 */
	OPT_TIME,     /* with unit: usec_t */
	OPT_SECONDS,  /* a time of full seconds: usec_t */
	OPT_CHOICE,   /* the place of a word among the choices: unsigned int */
	OPT_AUTH,     /* list of choices: bits 1 << place in an unsigned int */
	OPT_TEXT,     /* char * */
	OPT_NAMES,    /* list of words: char **, size_t */
	OPT_PATTERNS, /* list of patterns of lib/base/pattern.h: char **, size_t */
	OPT_PATH,     /* full path: char * */
	OPT_FILE,     /* full path of a file that can be read: char * */
	OPT_SECRET,   /* full path of a file as secret_read_file() wants it: char * */
	OPT_TOPICS,   /* list, joined as log_parse_topics() takes it: char * */
	OPT_POOL,     /* name of a pool section: const struct config_pool * */
	OPT_RADIUS,   /* name of a radius section: const struct config_radius * */
};

struct opt {
	const char *key;
	enum opt_kind kind;
	const char *def;     /* NULL: none */
	const char *choices; /* words with a blank between them; NULL: none */
	uint64_t lo, hi;     /* range */
	uint16_t port;       /* when an address has none */
	size_t at, n_at;     /* offset in the section's struct, and of a list's count */
	bool required;
};

struct opt_section {
	const char *name;
	const struct opt *opts;
	size_t n_opts;
	const struct opt_section *inside;
	size_t n_inside;
	size_t size, name_at; /* of the struct of a titled section; 0: part of the outer struct */
	size_t at, n_at;      /* of the array of titled sections in the outer struct */
};

#define VALUE_WHY_LEN 512

/*
 * Convert `text` and store it at its place in `obj`, the struct of the section; lists grow.  `c`
 * has the pool and radius sections.  0; -ENOMEM; -EINVAL, then `ret_why` says what is wrong and
 * what was expected.
 */
int value_store(const struct opt *o, const struct config *c, const char *text, void *obj,
		char ret_why[static VALUE_WHY_LEN]);

/* Free what value_store() has put there. */
void value_clear(const struct opt *o, void *obj);

#endif
