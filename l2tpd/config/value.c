/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Converters of configuration values, one for each kind; see value.h. */
#include "l2tpd/config/value.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "l2tpd/config/listen.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/near.h"
#include "lib/base/pattern.h"
#include "lib/base/secret.h"

#define POOL_ADDRESSES_MAX (UINT64_C(1) << 24) /* what the table of leases can hold of one pool */

/* What a converter needs; all of it belongs to the caller of value_store(). */
struct job {
	const struct opt *o;
	const struct config *c;
	const char *text;
	void *obj;
	char *why;
};

static int refuse(const struct job *j, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static int refuse(const struct job *j, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(j->why, VALUE_WHY_LEN, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* The value's place, and the place of its count, in the struct of the section. */
static void *place(const struct opt *o, void *obj)
{
	return (char *)obj + o->at;
}

static size_t *count(const struct opt *o, void *obj)
{
	return (size_t *)(void *)((char *)obj + o->n_at);
}

/* Append the `size` bytes of `item` to the list. */
static int append(const struct job *j, const void *item, size_t size)
{
	size_t *n = count(j->o, j->obj);
	void *list;

	memcpy(&list, place(j->o, j->obj), sizeof(list));
	list = reallocarray(list, *n + 1, size);
	if (!list)
		return -ENOMEM;
	memcpy((char *)list + *n * size, item, size);
	memcpy(place(j->o, j->obj), &list, sizeof(list));
	(*n)++;
	return 0;
}

static int store_addrs(const struct job *j)
{
	const struct addr *known = *(struct addr **)place(j->o, j->obj);
	const char *objection;
	struct addr a;

	if (addr_parse(&a, j->text, 0) || a.port)
		return refuse(j, "not an address; expected IPv4 or IPv6 without port");
	a.port = j->o->port;
	objection = listen_objection(known, *count(j->o, j->obj), &a);
	return objection ? refuse(j, "%s", objection) : append(j, &a, sizeof(a));
}

static int store_addr(const struct job *j)
{
	struct addr *ret = place(j->o, j->obj);

	if (addr_parse(ret, j->text, j->o->port))
		return refuse(j, "not an address; expected ADDRESS or ADDRESS:PORT, for IPv6 "
				 "\"[ADDRESS]:PORT\"");
	return 0;
}

static int store_ipv4(const struct job *j)
{
	struct addr a;

	if (addr_parse(&a, j->text, 0) || a.family != AF_INET || a.port || !addr_ipv4(&a))
		return refuse(j, "not an IPv4 address; expected one like 10.20.0.1");
	*(struct addr *)place(j->o, j->obj) = a;
	return 0;
}

static int store_dns(const struct job *j)
{
	struct addr *dns = place(j->o, j->obj), a;

	if (addr_parse(&a, j->text, 0) || a.family != AF_INET || a.port || !addr_ipv4(&a))
		return refuse(j, "not an IPv4 address; expected one like 10.20.0.1");
	if (dns[1].family)
		return refuse(j, "one too many; expected one or two addresses");
	dns[dns[0].family ? 1 : 0] = a;
	return 0;
}

/* A decimal number without sign that ends at `*ret_end`. */
static bool parse_digits(const char *text, uint64_t *ret, char **ret_end)
{
	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*ret = strtoull(text, ret_end, 10);
	return !errno;
}

static int store_number(const struct job *j)
{
	const char *word = j->o->choices, *sep = word ? " or " : "";
	uint64_t v = 0;
	char *end;

	if (word && !strcmp(j->text, word)) {
		*(unsigned int *)place(j->o, j->obj) = 0;
		return 0;
	}
	word = word ? word : "";
	if (!parse_digits(j->text, &v, &end) || *end)
		return refuse(j, "not a number; expected %s%s%" PRIu64 " to %" PRIu64, word, sep,
			      j->o->lo, j->o->hi);
	if (v < j->o->lo || v > j->o->hi)
		return refuse(j, "out of range; expected %s%s%" PRIu64 " to %" PRIu64, word, sep,
			      j->o->lo, j->o->hi);
	*(unsigned int *)place(j->o, j->obj) = (unsigned int)v;
	return 0;
}

static const struct {
	const char *unit;
	usec_t usec;
} units[] = {
	{"h", 3600 * USEC_PER_S},
	{"m", 60 * USEC_PER_S},
	{"s", USEC_PER_S},
	{"ms", USEC_PER_MS},
};

#define N_UNITS (sizeof(units) / sizeof(units[0]))

/* A time in the largest unit that gives a whole number. */
static const char *format_time(usec_t t, char ret[static 32])
{
	size_t i = 0;

	while (i < N_UNITS - 1 && (t < units[i].usec || t % units[i].usec))
		i++;
	snprintf(ret, 32, "%" PRIu64 "%s", t / units[i].usec, units[i].unit);
	return ret;
}

static int store_time(const struct job *j)
{
	char lo[32], hi[32], *end;
	uint64_t v;
	usec_t unit = 0;

	if (!parse_digits(j->text, &v, &end))
		return refuse(j, "not a time; expected a number and ms, s, m or h, as in 30s");
	for (size_t i = 0; i < N_UNITS; i++)
		if (!strcmp(end, units[i].unit))
			unit = units[i].usec;
	if (!unit)
		return refuse(j, "%s unit; expected ms, s, m or h right behind the number",
			      *end ? "unknown" : "no");
	if (v > j->o->hi / unit || v * unit < j->o->lo)
		return refuse(j, "out of range; expected %s to %s", format_time(j->o->lo, lo),
			      format_time(j->o->hi, hi));
	if (j->o->kind == OPT_SECONDS && v * unit % USEC_PER_S)
		return refuse(j, "a part of a second; expected full seconds");
	*(usec_t *)place(j->o, j->obj) = v * unit;
	return 0;
}

static int store_ports(const struct job *j)
{
	uint16_t *first = place(j->o, j->obj);
	uint64_t lo, hi;
	char *end;

	if (!parse_digits(j->text, &lo, &end) || *end != '-' || !parse_digits(end + 1, &hi, &end) ||
	    *end || !lo || lo > hi || hi > UINT16_MAX)
		return refuse(j, "not a range of ports; expected FIRST-LAST, both 1 to 65535");
	if (lo <= 1701 && hi >= 1701)
		return refuse(j, "contains port 1701, where clients connect; expected a range "
				 "above or below it");
	*first = (uint16_t)lo;
	*(uint16_t *)(void *)((char *)j->obj + j->o->n_at) = (uint16_t)hi;
	return 0;
}

/* "A-B", "A/LEN" or "A" */
static int parse_range(const struct job *j, struct ipv4_range *ret)
{
	char first[sizeof("255.255.255.255")] = "";
	const char *rest = j->text + strcspn(j->text, "-/");
	struct in_addr a, b;
	uint64_t len = 32;
	char *end;

	if (rest - j->text >= (ptrdiff_t)sizeof(first))
		return refuse(j, "not IPv4 addresses; expected FIRST-LAST, PREFIX/LENGTH or one "
				 "address");
	memcpy(first, j->text, (size_t)(rest - j->text));
	if (inet_pton(AF_INET, first, &a) != 1 ||
	    (*rest == '-' && inet_pton(AF_INET, rest + 1, &b) != 1) ||
	    (*rest == '/' && (!parse_digits(rest + 1, &len, &end) || *end || len > 32)))
		return refuse(j, "not IPv4 addresses; expected FIRST-LAST, PREFIX/LENGTH or one "
				 "address");
	ret->first = ret->last = ntohl(a.s_addr);
	if (*rest == '-') {
		ret->last = ntohl(b.s_addr);
	} else if (*rest == '/') {
		uint32_t hosts = (uint32_t)(UINT64_C(0xffffffff) >> len);

		if (ret->first & hosts)
			return refuse(j,
				      "not the first address of a /%u; expected a prefix with "
				      "zeros behind its length",
				      (unsigned int)len);
		ret->last = ret->first | hosts;
		if (len <= 30) {
			ret->first++;
			ret->last--;
		}
	}
	if (ret->first > ret->last)
		return refuse(j, "empty; expected the lower address first");
	return 0;
}

static int store_ranges(const struct job *j)
{
	struct ipv4_range range;
	const struct config_pool *own = j->obj;
	uint64_t n = 0;
	int r = parse_range(j, &range);

	if (r)
		return r;
	for (size_t p = 0; p < j->c->n_pools; p++) {
		const struct config_pool *pool = &j->c->pools[p];

		for (size_t i = 0; i < pool->n_ranges; i++)
			if (range.first <= pool->ranges[i].last &&
			    range.last >= pool->ranges[i].first)
				return refuse(j,
					      "overlaps other addresses of pool %s; expected each "
					      "address once",
					      pool->name);
	}
	for (size_t i = 0; i < own->n_ranges; i++)
		n += (uint64_t)own->ranges[i].last - own->ranges[i].first + 1;
	if (n + range.last - range.first + 1 > POOL_ADDRESSES_MAX)
		return refuse(j, "too many; expected at most %" PRIu64 " addresses in a pool",
			      POOL_ADDRESSES_MAX);
	return append(j, &range, sizeof(range));
}

static int store_nets(const struct job *j)
{
	struct addr_prefix net;

	if (addr_prefix_parse(&net, j->text))
		return refuse(j, "not a network; expected PREFIX/LENGTH with zeros behind its "
				 "length, or one address");
	return append(j, &net, sizeof(net));
}

/* The place of the text among the choices, or -1. */
static int find_choice(const struct job *j)
{
	const char *word = j->o->choices;
	size_t len;

	for (int i = 0; *word; i++, word += len + (word[len] == ' ')) {
		len = strcspn(word, " ");
		if (strlen(j->text) == len && !memcmp(word, j->text, len))
			return i;
	}
	return -1;
}

static int refuse_choice(const struct job *j)
{
	char list[128];

	snprintf(list, sizeof(list), "%s", j->o->choices);
	for (char *blank = list; (blank = strchr(blank, ' ')); blank++)
		*blank = '|';
	return refuse(j, "unknown; expected %s", list);
}

static int store_choice(const struct job *j)
{
	int i = find_choice(j);

	if (i < 0)
		return refuse_choice(j);
	*(unsigned int *)place(j->o, j->obj) = (unsigned int)i;
	return 0;
}

static int store_auth(const struct job *j)
{
	struct config_offer *offer = place(j->o, j->obj);
	int i = find_choice(j);

	if (i < 0)
		return refuse_choice(j);
	if (i == CONFIG_AUTH_LOCAL) {
		offer->local = true;
		return 0;
	}
	for (size_t k = 0; k < offer->n; k++)
		if (offer->methods[k] == (enum config_auth)i)
			return refuse(j, "named twice");
	offer->methods[offer->n++] = (enum config_auth)i;
	return 0;
}

static int store_text(const struct job *j)
{
	char **ret = place(j->o, j->obj);

	if (!*j->text || strlen(j->text) > 253 || strpbrk(j->text, "\n\r\t"))
		return refuse(j, "empty, too long or not one line; expected 1 to 253 bytes");
	*ret = strdup(j->text);
	return *ret ? 0 : -ENOMEM;
}

static int store_names(const struct job *j)
{
	char *name;
	int r;

	if (!*j->text)
		return refuse(j, "empty; expected a name");
	name = strdup(j->text);
	r = name ? append(j, &name, sizeof(name)) : -ENOMEM;
	if (r)
		free(name);
	return r;
}

static int store_patterns(const struct job *j)
{
	const char *problem = pattern_problem(j->text);

	return problem ? refuse(j, "%s", problem) : store_names(j);
}

static int store_path(const struct job *j)
{
	if (j->text[0] != '/')
		return refuse(j, "not a full path; expected one that begins with /");
	if (j->o->kind == OPT_FILE && access(j->text, R_OK))
		return refuse(j, "%s; expected a file that can be read", err_text(errno));
	return store_text(j);
}

static int store_secret(const struct job *j)
{
	uint8_t secret[256];
	int len = secret_read_file(j->text, secret, sizeof(secret));

	secret_wipe(secret, sizeof(secret));
	if (len == -EPERM)
		return refuse(j,
			      "wrong owner or mode; expected a file of root that nobody else can "
			      "read: chown root: %s; chmod 600 %s",
			      j->text, j->text);
	if (len == -ENODATA)
		return refuse(j, "no secret in it; expected the secret in the first line");
	if (len == -EFBIG)
		return refuse(j, "too long; expected at most %zu bytes in the first line",
			      sizeof(secret));
	if (len < 0)
		return refuse(j, "%s; expected a file with the secret in its first line",
			      err_text(len));
	return store_path(j);
}

static int store_topics(const struct job *j)
{
	static const char known[] = "all"
#define X(name, word) "|" word
		LOG_TOPICS(X)
#undef X
		;
	char **list = place(j->o, j->obj), *longer;
	const char *bad;
	uint32_t topics;

	if (log_parse_topics(j->text, &topics, &bad))
		return refuse(j, "unknown topic; expected %s", known);
	if (asprintf(&longer, "%s%s%s", *list ? *list : "", *list ? "," : "", j->text) < 0)
		return -ENOMEM;
	free(*list);
	*list = longer;
	return 0;
}

/* No section is called like the text: name one that is, if it is near. */
static int refuse_name(const struct job *j, const char *what, const char *near)
{
	return refuse(j, "no such %s section%s%s%s; expected the name of one", what,
		      near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
}

static int store_pool(const struct job *j)
{
	const char *near = NULL;

	for (size_t i = 0; i < j->c->n_pools; i++) {
		if (!strcmp(j->c->pools[i].name, j->text)) {
			*(const struct config_pool **)place(j->o, j->obj) = &j->c->pools[i];
			return 0;
		}
		near = near_better(j->text, near, j->c->pools[i].name);
	}
	return refuse_name(j, "pool", near);
}

static int store_radius(const struct job *j)
{
	const char *near = NULL;

	for (size_t i = 0; i < j->c->n_radius; i++) {
		if (!strcmp(j->c->radius[i].name, j->text)) {
			*(const struct config_radius **)place(j->o, j->obj) = &j->c->radius[i];
			return 0;
		}
		near = near_better(j->text, near, j->c->radius[i].name);
	}
	return refuse_name(j, "radius", near);
}

int value_store(const struct opt *o, const struct config *c, const char *text, void *obj,
		char ret_why[static VALUE_WHY_LEN])
{
	static int (*const store[])(const struct job *j) = {
		[OPT_ADDRS] = store_addrs,       [OPT_ADDR] = store_addr,
		[OPT_IPV4] = store_ipv4,         [OPT_DNS] = store_dns,
		[OPT_RANGES] = store_ranges,     [OPT_PORTS] = store_ports,
		[OPT_NUMBER] = store_number,     [OPT_TIME] = store_time,
		[OPT_SECONDS] = store_time,      [OPT_CHOICE] = store_choice,
		[OPT_AUTH] = store_auth,         [OPT_TEXT] = store_text,
		[OPT_PATTERNS] = store_patterns, [OPT_NAMES] = store_names,
		[OPT_PATH] = store_path,         [OPT_FILE] = store_path,
		[OPT_SECRET] = store_secret,     [OPT_TOPICS] = store_topics,
		[OPT_POOL] = store_pool,         [OPT_RADIUS] = store_radius,
		[OPT_NETS] = store_nets,
	};
	const struct job j = {.o = o, .c = c, .text = text, .obj = obj, .why = ret_why};

	return store[o->kind](&j);
}

void value_clear(const struct opt *o, void *obj)
{
	void *heap;

	switch (o->kind) {
	case OPT_NAMES:
	case OPT_PATTERNS:
		for (size_t i = 0; i < *count(o, obj); i++)
			free((*(char ***)place(o, obj))[i]);
		/* fall through */
	case OPT_ADDRS:
	case OPT_RANGES:
	case OPT_NETS:
	case OPT_TEXT:
	case OPT_PATH:
	case OPT_FILE:
	case OPT_SECRET:
	case OPT_TOPICS:
		memcpy(&heap, place(o, obj), sizeof(heap));
		free(heap);
		break;
	default: break;
	}
}
