/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From file to struct config in four steps: one text (text.c), libconfuse's tree, each value to its
 * place by the option table (value.c), and the checks that need more than one value.
 */
#include "l2tpd/config/config.h"

#include <confuse.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "l2tpd/config/text.h"
#include "l2tpd/config/value.h"
#include "lib/base/near.h"
#include "lib/base/pattern.h"

#define COMPLAINTS_MAX 100
#define NAME_LEN_MAX   63
#define LABEL_LEN      128 /* "pool NAME"; longer names are refused, and cut here */
#define DEFAULT_LEN    128

/* What libconfuse keeps of a value: conversion comes later, so that one mistake hides no other. */
struct word {
	unsigned int line;
	char text[];
};

struct complaint {
	unsigned int line; /* of the whole text */
	char *what;
};

/* A section, or a key with one value, that has been read */
struct said {
	const cfg_opt_t *opt;
	char *title; /* of a section, "" for none; NULL: a key */
	unsigned int line;
};

struct load {
	struct text *text;
	struct config *c;
	struct complaint complaints[COMPLAINTS_MAX];
	size_t n_complaints;
	struct said *said;
	size_t n_said, n_sections;
	char *unknown;           /* the key that stopped libconfuse, or NULL */
	unsigned int stopped_at; /* ... its line */
	bool no_memory;
};

/* libconfuse's callbacks have no argument for us; the configuration is read by one thread. */
static struct load *loading;

static int on_word(cfg_t *section, cfg_opt_t *opt, const char *value, void *ret);

#include "l2tpd/config/options.inc"

#define N_SECTIONS_ROOT (sizeof(sections_root) / sizeof(sections_root[0]))

static void complain(struct load *l, unsigned int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void complain(struct load *l, unsigned int line, const char *fmt, ...)
{
	struct complaint *c = &l->complaints[l->n_complaints];
	va_list ap;

	if (l->n_complaints == COMPLAINTS_MAX)
		return;
	va_start(ap, fmt);
	if (vasprintf(&c->what, fmt, ap) < 0) {
		l->no_memory = true;
	} else {
		c->line = line;
		l->n_complaints++;
	}
	va_end(ap);
}

static void on_text_complaint(void *ctx, unsigned int line, const char *what)
{
	complain(ctx, line, "%s", what);
}

/* ---- libconfuse ---- */

/* Remember where a key with one value was said, and that it was said before. */
static void note_once(struct load *l, const cfg_opt_t *opt, unsigned int line)
{
	struct said *said;

	for (size_t i = 0; i < l->n_said; i++)
		if (l->said[i].opt == opt && !l->said[i].title)
			complain(l, line, "%s: said twice in this section; expected it once",
				 opt->name);
	said = reallocarray(l->said, l->n_said + 1, sizeof(*said));
	if (!said) {
		l->no_memory = true;
		return;
	}
	l->said = said;
	said[l->n_said++] = (struct said){.opt = opt, .line = line};
}

static int on_word(cfg_t *section, cfg_opt_t *opt, const char *value, void *ret)
{
	size_t len = strlen(value) + 1;
	struct word *word = malloc(sizeof(*word) + len);

	if (!word) {
		loading->no_memory = true;
		return -1;
	}
	word->line = (unsigned int)section->line;
	memcpy(word->text, value, len);
	*(void **)ret = word;
	if (!(opt->flags & CFGF_LIST))
		note_once(loading, opt, word->line);
	return 0;
}

/* A section has been read; `parent` holds it. */
static int on_section(cfg_t *parent, cfg_opt_t *opt)
{
	struct load *l = loading;
	const char *title = "";
	unsigned int line = text_section(l->text, l->n_sections++);
	struct said *said = reallocarray(l->said, l->n_said + 1, sizeof(*said));

	if (!said) {
		l->no_memory = true;
		return -1;
	}
	l->said = said;
	/* The one that has just been read ends in this line; one with a known title has replaced
	 * it. */
	for (unsigned int i = 0; i < cfg_opt_size(opt); i++)
		if (cfg_opt_getnsec(opt, i)->line == parent->line &&
		    cfg_title(cfg_opt_getnsec(opt, i)))
			title = cfg_title(cfg_opt_getnsec(opt, i));
	for (size_t i = 0; i < l->n_said; i++)
		if (said[i].opt == opt && said[i].title && !strcmp(said[i].title, title)) {
			complain(l, line, "%s%s%s: there is one already; expected %s", opt->name,
				 *title ? " " : "", title,
				 *title ? "another name" : "all its keys in one section");
			return 0;
		}
	said[l->n_said] = (struct said){.opt = opt, .title = strdup(title), .line = line};
	if (!said[l->n_said].title) {
		l->no_memory = true;
		return -1;
	}
	l->n_said++;
	return 0;
}

static void on_error(cfg_t *section, const char *fmt, va_list ap)
{
	struct load *l = loading;
	char what[256];

	l->stopped_at = (unsigned int)section->line;
	if (!strncmp(fmt, "no such option", 14)) {
		free(l->unknown);
		l->unknown = strdup(va_arg(ap, const char *));
		l->no_memory |= !l->unknown;
		if (l->unknown) {
			const char *near = NULL;

			for (cfg_opt_t *o = section->opts; o->name; o++)
				near = near_better(l->unknown, near, o->name);
			complain(l, l->stopped_at,
				 "%s%s%s: unknown key%s%s%s; expected one of l2tpd.conf(5)",
				 strcmp(section->name, "root") ? section->name : "",
				 strcmp(section->name, "root") ? ": " : "", l->unknown,
				 near ? " (did you mean '" : "", near ? near : "",
				 near ? "'?)" : "");
		}
		return;
	}
	vsnprintf(what, sizeof(what), fmt, ap);
	complain(l, l->stopped_at,
		 "%s; expected KEY = VALUE, KEY = { VALUE, VALUE } or SECTION NAME { ... }", what);
}

static void forget_said(struct load *l)
{
	for (size_t i = 0; i < l->n_said; i++)
		free(l->said[i].title);
	free(l->said);
	l->said = NULL;
	l->n_said = l->n_sections = 0;
	free(l->unknown);
	l->unknown = NULL;
}

static void watch_sections(cfg_t *root, const struct opt_section *s, size_t n, const char *outer)
{
	char path[64];

	for (; n--; s++) {
		snprintf(path, sizeof(path), "%s%s", outer, s->name);
		cfg_set_validate_func(root, path, on_section);
		strcat(path, "|");
		watch_sections(root, s->inside, s->n_inside, path);
	}
}

/*
 * Parse the text.  libconfuse stops at an unknown key, so that is cut out of the text and all is
 * read anew, until nothing stops it.  NULL: the text is no good, or no memory.
 */
static cfg_t *parse(struct load *l)
{
	while (!l->no_memory && l->n_complaints < COMPLAINTS_MAX &&
	       text_scan(l->text, on_text_complaint, l)) {
		cfg_t *root = cfg_init(confuse_root, CFGF_NONE);
		int r;

		if (!root)
			break;
		forget_said(l);
		cfg_set_error_function(root, on_error);
		watch_sections(root, sections_root, N_SECTIONS_ROOT, "");
		loading = l;
		r = cfg_parse_buf(root, text_bytes(l->text));
		loading = NULL;
		if (r == CFG_SUCCESS)
			return root;
		/* libconfuse says nothing about a name that is an empty string. */
		if (!l->n_complaints)
			complain(l, (unsigned int)root->line,
				 "an empty name, here or in the section that begins here; "
				 "expected KEY = VALUE or SECTION NAME { ... }");
		cfg_free(root);
		if (!l->unknown || !text_blank(l->text, l->stopped_at, l->unknown))
			break;
	}
	return NULL;
}

/* ---- values to their places ---- */

/* The value `i` of a key, or NULL; `section` may be NULL. */
static const struct word *word_of(cfg_t *section, const char *key, unsigned int i)
{
	cfg_opt_t *opt = section ? cfg_getopt(section, key) : NULL;

	return opt && i < cfg_opt_size(opt) ? cfg_opt_getnptr(opt, i) : NULL;
}

/* Section `i` of a kind, or NULL. */
static cfg_t *section_of(cfg_t *outer, const char *name, size_t i)
{
	cfg_opt_t *opt = outer ? cfg_getopt(outer, name) : NULL;

	return opt && i < cfg_opt_size(opt) ? cfg_opt_getnsec(opt, (unsigned int)i) : NULL;
}

/* The line in which a section begins; 0: it is not in the file. */
static unsigned int line_of(const struct load *l, cfg_t *outer, const char *name, const char *title)
{
	const cfg_opt_t *opt = outer ? cfg_getopt(outer, name) : NULL;

	for (size_t i = 0; i < l->n_said; i++)
		if (l->said[i].opt == opt && l->said[i].title && !strcmp(l->said[i].title, title))
			return l->said[i].line;
	return 0;
}

static void load_value(struct load *l, const struct opt *o, const char *label,
		       const struct word *word, const char *text, void *obj)
{
	char why[VALUE_WHY_LEN];
	int r = value_store(o, l->c, text, obj, why);

	if (r == -ENOMEM)
		l->no_memory = true;
	else if (r)
		complain(l, word ? word->line : 0, "%s: %s = %s: %s", label, o->key, text, why);
}

/* Of a list it may be several words, as the file would have it: "{ a, b }". */
static void load_default(struct load *l, const struct opt *o, const char *label, void *obj)
{
	char words[DEFAULT_LEN], *rest = words, *word;

	if (*o->def != '{') {
		load_value(l, o, label, NULL, o->def, obj);
		return;
	}
	snprintf(words, sizeof(words), "%s", o->def);
	while ((word = strtok_r(rest, "{ ,}", &rest)))
		load_value(l, o, label, NULL, word, obj);
}

/* `section` is NULL when the file has none: then all is at its default. */
static void load_values(struct load *l, const struct opt_section *s, const char *label,
			cfg_t *section, unsigned int line, void *obj)
{
	for (const struct opt *o = s->opts; o < s->opts + s->n_opts; o++) {
		const struct word *word = word_of(section, o->key, 0);

		if (!word && o->required)
			complain(l, line, "%s: %s is missing; expected %s = ...", label, o->key,
				 o->key);
		else if (!word && o->def)
			load_default(l, o, label, obj);
		for (unsigned int i = 0; (word = word_of(section, o->key, i)); i++)
			load_value(l, o, label, word, word->text, obj);
	}
}

static void load_sections(struct load *l, const struct opt_section *s, size_t n, const char *label,
			  cfg_t *outer, void *obj);

static bool is_name(const char *s)
{
	return *s && strlen(s) <= NAME_LEN_MAX &&
	       !s[strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-")];
}

/* All sections of a kind that have titles, as an array. */
static void load_titled(struct load *l, const struct opt_section *s, const char *outer_label,
			cfg_t *outer, char *obj)
{
	size_t n = cfg_opt_size(cfg_getopt(outer, s->name));
	char *array = calloc(n ? n : 1, s->size), label[LABEL_LEN];

	if (!array) {
		l->no_memory = true;
		return;
	}
	memcpy(obj + s->at, &array, sizeof(array));
	memcpy(obj + s->n_at, &n, sizeof(n));
	for (size_t i = 0; i < n; i++) {
		const char *title = cfg_title(section_of(outer, s->name, i));
		char *name = strdup(title);

		l->no_memory |= !name;
		memcpy(array + i * s->size + s->name_at, &name, sizeof(name));
		if (!is_name(title))
			complain(l, line_of(l, outer, s->name, title),
				 "%s: '%.80s' is no good name; expected letters, digits and . _ - "
				 "up to %d",
				 s->name, title, NAME_LEN_MAX);
	}
	for (size_t i = 0; i < n && !l->no_memory; i++) {
		cfg_t *section = section_of(outer, s->name, i);

		snprintf(label, sizeof(label), "%s%s %s", outer_label, s->name, cfg_title(section));
		load_values(l, s, label, section, line_of(l, outer, s->name, cfg_title(section)),
			    array + i * s->size);
		strncat(label, ": ", sizeof(label) - strlen(label) - 1);
		load_sections(l, s->inside, s->n_inside, label, section, array + i * s->size);
	}
}

static void load_sections(struct load *l, const struct opt_section *s, size_t n, const char *label,
			  cfg_t *outer, void *obj)
{
	for (; n-- && !l->no_memory; s++) {
		if (s->size)
			load_titled(l, s, label, outer, obj);
		else
			load_values(l, s, s->name, section_of(outer, s->name, 0),
				    line_of(l, outer, s->name, ""), obj);
	}
}

/* ---- what needs more than one value ---- */

/* Where a key was said; if it was not, where its section begins. */
static unsigned int line_of_key(const struct load *l, cfg_t *root, const char *name,
				const char *title, cfg_t *section, const char *key)
{
	const struct word *word = word_of(section, key, 0);

	return word ? word->line : line_of(l, root, name, title);
}

/* A text that was not said takes the value of another. */
static void inherit(struct load *l, char **text, const char *from)
{
	if (!*text && from)
		*text = strdup(from);
	l->no_memory |= !*text;
}

static void check_l2tp(struct load *l, cfg_t *root)
{
	struct config *c = l->c;
	cfg_t *section = section_of(root, "l2tp", 0);
	char host[256] = "";

	if (!c->l2tp.host_name) {
		if (gethostname(host, sizeof(host) - 1) || !*host)
			strcpy(host, "l2tpd");
		inherit(l, &c->l2tp.host_name, host);
	}
	if (c->l2tp.retry_cap && c->l2tp.retry_first > c->l2tp.retry_cap)
		complain(l, line_of_key(l, root, "l2tp", "", section, "retry-first"),
			 "l2tp: retry-first is longer than retry-cap; expected at most that");
}

static void check_limits(struct load *l, cfg_t *root)
{
	const struct config *c = l->c;
	unsigned int ports = c->listen.last_port - c->listen.first_port + 1u;
	cfg_t *section = section_of(root, "listen", 0);

	if (c->listen.last_port && ports < c->limits.tunnels)
		complain(l,
			 word_of(section, "ports", 0)
				 ? word_of(section, "ports", 0)->line
				 : line_of_key(l, root, "limits", "", section_of(root, "limits", 0),
					       "tunnels"),
			 "listen: ports holds %u ports, limits: tunnels is %u; expected a port for "
			 "each tunnel",
			 ports, c->limits.tunnels);
}

static void check_radius(struct load *l, cfg_t *root)
{
	for (size_t i = 0; i < l->c->n_radius; i++) {
		struct config_radius *r = &l->c->radius[i];

		inherit(l, &r->nas_identifier, l->c->l2tp.host_name);
		if (!r->n_servers)
			complain(l, line_of(l, root, "radius", r->name),
				 "radius %s: no server; expected server NAME { ... } in it",
				 r->name);
	}
}

/* An lns section that is being checked, and what was said in it */
struct lns_check {
	struct load *l;
	cfg_t *root, *section;
	struct config_lns *lns;
};

static unsigned int lns_line(const struct lns_check *k, const char *key)
{
	return line_of_key(k->l, k->root, "lns", k->lns->name, k->section, key);
}

static void check_auth(const struct lns_check *k)
{
	struct config_lns *lns = k->lns;
	struct config_offer *offer = &lns->auth;
	bool radius = word_of(k->section, "radius", 0);

	if (radius && offer->local)
		complain(k->l, lns_line(k, "auth"),
			 "lns %s: auth = local, and radius too; expected one of the two",
			 lns->name);
	for (size_t i = 0; !radius && i < offer->n; i++)
		if (offer->methods[i] == CONFIG_AUTH_EAP)
			complain(k->l, lns_line(k, "auth"),
				 "lns %s: auth = eap without radius; expected a RADIUS server, who "
				 "alone knows EAP's methods",
				 lns->name);
	if (offer->n)
		return;
	if (radius)
		offer->methods[offer->n++] = CONFIG_AUTH_EAP;
	offer->methods[offer->n++] = CONFIG_AUTH_MSCHAPV2;
}

static void check_pool(const struct lns_check *k)
{
	const struct config *c = k->l->c;
	struct config_lns *lns = k->lns;

	if (lns->pool || word_of(k->section, "pool", 0))
		return;
	if (c->n_pools == 1)
		lns->pool = &c->pools[0];
	else if (!c->n_pools && !word_of(k->section, "radius", 0))
		complain(k->l, lns_line(k, "pool"),
			 "lns %s: no addresses for clients; expected a pool section, or radius = "
			 "NAME",
			 lns->name);
	else if (c->n_pools && !word_of(k->section, "radius", 0))
		complain(k->l, lns_line(k, "pool"),
			 "lns %s: pool is missing and there are %zu; expected pool = NAME",
			 lns->name, c->n_pools);
}

static const struct config_pool *pool_with(const struct config *c, uint32_t ip)
{
	for (size_t p = 0; p < c->n_pools; p++)
		for (size_t i = 0; i < c->pools[p].n_ranges; i++)
			if (ip >= c->pools[p].ranges[i].first && ip <= c->pools[p].ranges[i].last)
				return &c->pools[p];
	return NULL;
}

/* Take the first address of a pool out of it.  0: it has none. */
static uint32_t take_first(struct config_pool *pool)
{
	struct ipv4_range *r = pool->ranges;
	uint32_t ip;

	if (!pool->n_ranges)
		return 0;
	ip = r->first++;
	if (ip == r->last)
		memmove(r, r + 1, --pool->n_ranges * sizeof(*r));
	return ip;
}

static void check_local_address(const struct lns_check *k)
{
	struct config *c = k->l->c;
	struct config_lns *lns = k->lns;
	const struct word *word = word_of(k->section, "local-address", 0);
	const struct config_pool *pool;

	if (word) {
		pool = pool_with(c, addr_ipv4(&lns->local_address));
		if (pool)
			complain(k->l, word->line,
				 "lns %s: local-address = %s: is in pool %s; expected an address "
				 "outside "
				 "all pools",
				 lns->name, word->text, pool->name);
		return;
	}
	if (!lns->pool) {
		if (word_of(k->section, "radius", 0) && !word_of(k->section, "pool", 0))
			complain(k->l, lns_line(k, "local-address"),
				 "lns %s: local-address is missing and there is no pool to take it "
				 "from; expected local-address = ADDRESS",
				 lns->name);
		return;
	}
	for (const struct config_lns *other = c->lns; other < lns; other++) {
		if (other->pool == lns->pool &&
		    !word_of(section_of(k->root, "lns", (size_t)(other - c->lns)), "local-address",
			     0)) {
			lns->local_address = other->local_address;
			return;
		}
	}
	lns->local_address = addr_from_ipv4(take_first(&c->pools[lns->pool - c->pools]), 0);
	if (!lns->pool->n_ranges && !k->l->n_complaints)
		complain(k->l, line_of(k->l, k->root, "pool", lns->pool->name),
			 "pool %s: its only address becomes our own; expected more, or "
			 "local-address "
			 "in lns %s",
			 lns->pool->name, lns->name);
}

static bool serves(const struct config_lns *lns, const char *connection)
{
	for (size_t i = 0; i < lns->n_connections; i++)
		if (!strcmp(lns->connections[i], connection))
			return true;
	return false;
}

static void check_connections(const struct lns_check *k)
{
	const struct config *c = k->l->c;
	const struct config_lns *lns = k->lns;

	for (const struct config_lns *other = c->lns; other < lns; other++) {
		if (!other->n_connections && !lns->n_connections)
			complain(k->l, lns_line(k, "connections"),
				 "lns %s: serves all other connections, and lns %s does too; "
				 "expected "
				 "connections = { ... } in one of them",
				 lns->name, other->name);
		for (size_t i = 0; i < lns->n_connections; i++)
			if (serves(other, lns->connections[i]))
				complain(k->l,
					 word_of(k->section, "connections", (unsigned int)i)->line,
					 "lns %s: connections = %s: is served by lns %s; expected "
					 "it "
					 "in one section",
					 lns->name, lns->connections[i], other->name);
	}
}

static void check_peers(struct load *l, cfg_t *root)
{
	for (size_t i = 0; i < l->c->n_peers; i++) {
		const struct config_peer *peer = &l->c->peers[i];
		cfg_t *section = section_of(root, "peer", i);

		if (peer->hide && !word_of(section, "secret-file", 0))
			complain(l, line_of_key(l, root, "peer", peer->name, section, "hide"),
				 "peer %s: hide = yes, and no secret to hide with; expected "
				 "secret-file too",
				 peer->name);
	}
}

static bool any_has_user(char *const *patterns, size_t n)
{
	while (n && !pattern_has_user(patterns[n - 1]))
		n--;
	return n;
}

/* What % stands for in users has to be somewhere in the identity: else anybody is anybody. */
static void check_rules(const struct lns_check *k)
{
	if (k->lns->n_rules && !word_of(k->section, "radius", 0))
		complain(k->l, line_of(k->l, k->section, "rule", k->lns->rules[0].name),
			 "lns %s: rule %s: there is no radius; expected radius = NAME, as users in "
			 "pppd's files are not checked against rules",
			 k->lns->name, k->lns->rules[0].name);
	for (size_t i = 0; i < k->lns->n_rules; i++) {
		const struct config_rule *r = &k->lns->rules[i];
		size_t n = r->n_identities;

		if (!any_has_user(r->users, r->n_users))
			continue;
		while (n && pattern_has_user(r->identities[n - 1]))
			n--;
		if (n)
			complain(k->l, line_of(k->l, k->section, "rule", r->name),
				 "lns %s: rule %s: identity = \"%s\" has no %%, and users has; "
				 "expected %% where the user's name stands, or users = "
				 "{ NAME ... }",
				 k->lns->name, r->name, r->identities[n - 1]);
	}
}

static void check(struct load *l, cfg_t *root)
{
	inherit(l, &l->c->daemon.debug, "");
	check_l2tp(l, root);
	check_limits(l, root);
	check_radius(l, root);
	check_peers(l, root);
	for (size_t i = 0; i < l->c->n_lns; i++) {
		struct lns_check k = {.l = l,
				      .root = root,
				      .section = section_of(root, "lns", i),
				      .lns = &l->c->lns[i]};

		check_auth(&k);
		check_pool(&k);
		check_local_address(&k);
		check_connections(&k);
		check_rules(&k);
	}
}

/* ---- the whole ---- */

/* A file without lns section gets one of defaults. */
static void add_default_lns(struct load *l)
{
	const struct opt_section *s = sections_root;
	struct config *c = l->c;

	if (c->n_lns)
		return;
	while (strcmp(s->name, "lns"))
		s++;
	if (!c->lns) /* no memory, before */
		return;
	c->lns[0].name = strdup("default");
	c->n_lns = 1;
	l->no_memory |= !c->lns[0].name;
	load_values(l, s, "lns default", NULL, 0, &c->lns[0]);
}

static int by_line(const void *a, const void *b)
{
	const struct complaint *x = a, *y = b;

	return x->line != y->line ? (x->line > y->line) - (x->line < y->line)
				  : strcmp(x->what, y->what);
}

/* Tell what was found in the order of lines, each once. */
static void report(struct load *l, config_complain_fn *complain_fn, void *ctx)
{
	qsort(l->complaints, l->n_complaints, sizeof(l->complaints[0]), by_line);
	for (size_t i = 0; i < l->n_complaints; i++) {
		const struct complaint *c = &l->complaints[i];
		const char *file;
		unsigned int line;
		char *message;

		if (i && !by_line(c, c - 1))
			continue;
		text_where(l->text, c->line, &file, &line);
		if (asprintf(&message, "%s:%u: %s", file, line, c->what) < 0)
			return;
		complain_fn(ctx, message);
		free(message);
	}
	if (l->n_complaints == COMPLAINTS_MAX)
		complain_fn(ctx, "and more");
}

int config_load(const char *path, config_complain_fn *complain_fn, void *ctx, struct config **ret)
{
	struct load *l = calloc(1, sizeof(*l));
	cfg_t *root = NULL;
	bool whole; /* nothing of the text is missing */
	int r;

	if (!l)
		return -ENOMEM;
	l->c = calloc(1, sizeof(*l->c));
	l->text = l->c ? text_load(path, on_text_complaint, l) : NULL;
	whole = !l->n_complaints;
	if (l->text)
		root = parse(l);
	else
		l->no_memory = true;
	if (root) {
		load_sections(l, sections_root, N_SECTIONS_ROOT, "", root, l->c);
		add_default_lns(l);
		if (whole && !l->no_memory)
			check(l, root);
		cfg_free(root);
	} else if (!l->n_complaints) {
		l->no_memory = true;
	}
	r = l->no_memory ? -ENOMEM : l->n_complaints ? -EINVAL : 0;
	if (r == -EINVAL)
		report(l, complain_fn, ctx);
	if (r)
		config_free(l->c);
	else
		*ret = l->c;
	for (size_t i = 0; i < l->n_complaints; i++)
		free(l->complaints[i].what);
	forget_said(l);
	text_free(l->text);
	free(l);
	return r;
}

static void clear_sections(const struct opt_section *s, size_t n, char *obj)
{
	for (; n--; s++) {
		char *array = obj, *name;
		size_t n_items = 1;

		if (s->size) {
			memcpy(&array, obj + s->at, sizeof(array));
			memcpy(&n_items, obj + s->n_at, sizeof(n_items));
		}
		for (size_t i = 0; i < n_items; i++) {
			char *item = array + i * s->size;

			for (size_t o = 0; o < s->n_opts; o++)
				value_clear(&s->opts[o], item);
			clear_sections(s->inside, s->n_inside, item);
			if (s->size) {
				memcpy(&name, item + s->name_at, sizeof(name));
				free(name);
			}
		}
		if (s->size)
			free(array);
	}
}

void config_free(struct config *c)
{
	if (!c)
		return;
	clear_sections(sections_root, N_SECTIONS_ROOT, (char *)c);
	free(c);
}

const struct config_lns *config_lns_for(const struct config *c, const char *connection)
{
	const struct config_lns *rest = NULL;

	for (size_t i = 0; i < c->n_lns; i++) {
		if (serves(&c->lns[i], connection))
			return &c->lns[i];
		if (!c->lns[i].n_connections)
			rest = &c->lns[i];
	}
	return rest;
}

const struct config_lns *config_lns_named(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->n_lns; i++)
		if (!strcmp(c->lns[i].name, name))
			return &c->lns[i];
	return NULL;
}
