/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options, words and completion; connecting; messages for what can go wrong. */
#include "l2tpctl/cmd.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "lib/base/err.h"
#include "lib/base/near.h"
#include "lib/bus/msg.h"
#include "lib/bus/names.h"

#define ANSWER_WAIT (10 * USEC_PER_S)

struct word_row {
	const char *words, *args, *text;
	cmd_fn *run;
};

static const struct word_row table[] = {
#define X(words, args, text, fn) {words, args, text, fn},
	CMD_TABLE(X)
#undef X
};

#define N_TABLE (sizeof(table) / sizeof(table[0]))

int cmd_fail(struct cmd *c, enum cmd_exit code, const char *fmt, ...)
{
	va_list ap;

	fputs("l2tpctl: ", c->err);
	va_start(ap, fmt);
	vfprintf(c->err, fmt, ap);
	va_end(ap);
	fputc('\n', c->err);
	return code;
}

int cmd_no_args(struct cmd *c, char *const *args)
{
	return args[0] ? cmd_fail(c, EXIT_USAGE, "nothing is expected before '%s'", args[0])
		       : EXIT_OK;
}

int cmd_parse_id(struct cmd *c, const char *text, uint32_t *ret)
{
	unsigned long v = 0;
	char *end = NULL;

	if (text && *text >= '0' && *text <= '9')
		v = strtoul(text, &end, 10);
	if (!end || *end || !v || v > UINT16_MAX)
		return cmd_fail(c, EXIT_USAGE, "'%s' is no id; expected 1 to 65535",
				text ? text : "");
	*ret = (uint32_t)v;
	return EXIT_OK;
}

/* ---- the daemon ---- */

int cmd_connect(struct cmd *c)
{
	int r = sync_open(c->socket, ANSWER_WAIT, &c->bus);

	switch (-r) {
	case 0: return EXIT_OK;
	case ENOENT:
	case ECONNREFUSED:
		return cmd_fail(c, EXIT_UNREACHABLE,
				"l2tpd does not run: nobody listens on %s\n"
				"Start it with: systemctl start l2tpd\n"
				"If its admin-socket is elsewhere, name it with --socket PATH",
				c->socket);
	case EACCES:
	case EPERM:
		return cmd_fail(c, EXIT_UNREACHABLE,
				"no permission for %s\n"
				"Become root, or a member of the group l2tpd: usermod -a -G l2tpd "
				"USER, then log in again",
				c->socket);
	default:
		return cmd_fail(c, EXIT_UNREACHABLE, "cannot connect to %s: %s", c->socket,
				err_text(r));
	}
}

int cmd_bus_failed(struct cmd *c, int err)
{
	switch (-err) {
	case ERR_UNKNOWN:
		return cmd_fail(c, EXIT_BROKEN,
				"the running l2tpd does not know this command: it is older than "
				"l2tpctl\nRestart it with: systemctl restart l2tpd");
	case ERR_CLOSED:
		return cmd_fail(c, EXIT_UNREACHABLE,
				"l2tpd closed the connection: it was stopped, or it talks to root "
				"and the group l2tpd only");
	case ETIMEDOUT:
		return cmd_fail(c, EXIT_BROKEN, "no answer from l2tpd within %u seconds",
				(unsigned int)(ANSWER_WAIT / USEC_PER_S));
	default:
		return cmd_fail(c, EXIT_BROKEN, "what %s answers makes no sense: %s", c->socket,
				err_text(err));
	}
}

int cmd_check_answer(struct cmd *c, struct view answer)
{
	struct view why;
	char text[OUT_CELL_LEN];

	if (msg_find(answer, "errmsg", &why))
		return EXIT_OK;
	return cmd_fail(c, EXIT_REFUSED, "%s", view_printable(why, text, sizeof(text)));
}

/* ---- words ---- */

/*
 * How many of the words `argv` are the first words of `words`?  `*ret_rest` is the word of `words`
 * behind them, "" at its end.
 */
static size_t match(const char *words, char *const *argv, const char **ret_rest)
{
	size_t n = 0;

	while (*words && argv[n]) {
		size_t len = strcspn(words, " ");

		if (strlen(argv[n]) != len || memcmp(argv[n], words, len))
			break;
		n++;
		words += len + (words[len] == ' ');
	}
	*ret_rest = words;
	return n;
}

static const struct word_row *find_row(char *const *argv, size_t *ret_used)
{
	const char *rest;

	for (size_t i = 0; i < N_TABLE; i++) {
		*ret_used = match(table[i].words, argv, &rest);
		if (!*rest)
			return &table[i];
	}
	return NULL;
}

/* Calls `each` with every word, once, that may come behind the first `n` of `argv`. */
static void each_next(char *const *argv, size_t n, void (*each)(void *ctx, const char *word),
		      void *ctx)
{
	char last[32] = "", word[32];
	const char *rest;

	for (size_t i = 0; i < N_TABLE; i++) {
		if (match(table[i].words, argv, &rest) != n || !*rest)
			continue;
		snprintf(word, sizeof(word), "%.*s", (int)strcspn(rest, " "), rest);
		if (strcmp(word, last))
			each(ctx, word);
		strcpy(last, word); /* rows with the same first words stand together */
	}
}

/* What is known at the place of a word that is not. */
struct known {
	const char *typed; /* NULL: none */
	char near[32];
	char list[512];
};

static void collect(void *ctx, const char *word)
{
	struct known *k = ctx;
	size_t len = strlen(k->list);

	if (k->typed && near_better(k->typed, *k->near ? k->near : NULL, word) == word)
		snprintf(k->near, sizeof(k->near), "%s", word);
	snprintf(k->list + len, sizeof(k->list) - len, "%s%s", len ? ", " : "", word);
}

/* The longest way into the table that `argv` has in common with it */
static size_t known_words(char *const *argv)
{
	const char *rest;
	size_t n, best = 0;

	for (size_t i = 0; i < N_TABLE; i++) {
		n = match(table[i].words, argv, &rest);
		best = n > best ? n : best;
	}
	return best;
}

static int fail_unknown(struct cmd *c, char *const *argv)
{
	size_t n = known_words(argv);
	struct known k = {.typed = argv[n]};

	each_next(argv, n, collect, &k);
	if (!argv[n])
		return cmd_fail(c, EXIT_USAGE, "what? Expected one of: %s\nSee: l2tpctl help",
				k.list);
	return cmd_fail(c, EXIT_USAGE, "unknown word '%s'%s%s%s; expected one of: %s", argv[n],
			*k.near ? " (did you mean '" : "", k.near, *k.near ? "'?)" : "", k.list);
}

int cmd_help(struct cmd *c, char *const *args)
{
	char usage[64];

	if (cmd_no_args(c, args))
		return EXIT_USAGE;
	fputs("l2tpctl [-o text|json|kv] [--socket PATH] COMMAND\n\n", c->out.fp);
	for (size_t i = 0; i < N_TABLE; i++) {
		snprintf(usage, sizeof(usage), "%s%s%s", table[i].words, *table[i].args ? " " : "",
			 table[i].args);
		fprintf(c->out.fp, "  %-36s %s\n", usage, table[i].text);
	}
	fputs("\nThe manual has more: man l2tpctl\n", c->out.fp);
	return EXIT_OK;
}

struct completion {
	FILE *fp;
	const char *start;
};

static void print_completion(void *ctx, const char *word)
{
	struct completion *k = ctx;

	if (!strncmp(word, k->start, strlen(k->start)))
		fprintf(k->fp, "%s\n", word);
}

/* --complete WORD... START: print the words that START may become behind WORD... */
static int complete(struct cmd *c, int n, char **words)
{
	struct completion k = {c->out.fp, n ? words[n - 1] : ""};
	size_t known = n ? (size_t)n - 1 : 0;

	if (n)
		words[n - 1] = NULL;
	if (known_words(words) == known)
		each_next(words, known, print_completion, &k);
	return EXIT_OK;
}

/* ---- options ---- */

/* "NAME VALUE" or "NAME=VALUE" at argv[*i]?  The value; NULL: it is another option. */
static const char *option_value(char *const *argv, int *i, const char *name)
{
	size_t len = strlen(name);

	if (!strcmp(argv[*i], name) && argv[*i + 1])
		return argv[++*i];
	if (!strncmp(argv[*i], name, len) && argv[*i][len] == '=')
		return argv[*i] + len + 1;
	return NULL;
}

/* The option at argv[*i].  The exit code, or -1 to go on. */
static int parse_option(struct cmd *c, char *const *argv, int *i)
{
	char *const no_args[] = {NULL};
	const char *value;

	if (!strcmp(argv[*i], "-h") || !strcmp(argv[*i], "--help"))
		return cmd_help(c, no_args);
	if (!strcmp(argv[*i], "--version")) {
		fprintf(c->out.fp, "l2tpctl %s\n", PACKAGE_VERSION);
		return EXIT_OK;
	}
	value = option_value(argv, i, "--socket");
	if (value) {
		c->socket = value;
		return -1;
	}
	value = option_value(argv, i, "-o");
	if (!value)
		return cmd_fail(c, EXIT_USAGE,
				"unknown option '%s', or its value is missing; expected -o FORMAT, "
				"--socket PATH, --help or --version",
				argv[*i]);
	c->out.format = out_find(value);
	if (!c->out.format)
		return cmd_fail(c, EXIT_USAGE, "unknown format '%s'; expected text, json or kv",
				value);
	return -1;
}

/*
 * Options may stand anywhere before the text of a reason.  What is no option goes to `words`, which
 * has room for all of `argv`.  The exit code, or -1 to go on.
 */
static int parse_options(struct cmd *c, char *const *argv, char **words)
{
	bool in_text = false;
	int code = -1;

	for (int i = 1; argv[i] && code < 0; i++) {
		if (!in_text && argv[i][0] == '-' && argv[i][1]) {
			code = parse_option(c, argv, &i);
		} else {
			in_text |= !strcmp(argv[i], "reason");
			*words++ = argv[i];
		}
	}
	*words = NULL;
	return code;
}

/* Errors of writing count too: a full disk must not look like success. */
static int finish(struct cmd *c, int code)
{
	if (code == EXIT_OK && c->out.err)
		code = cmd_fail(c, EXIT_BROKEN, "%s", err_text(c->out.err));
	if ((fflush(c->out.fp) || ferror(c->out.fp)) && code == EXIT_OK)
		code = cmd_fail(c, EXIT_BROKEN, "cannot write the result: %s", err_text(errno));
	sync_free(c->bus);
	return code;
}

int cmd_main(int argc, char *const *argv, FILE *out, FILE *err)
{
	struct cmd c = {
		.socket = BUS_ADMIN_SOCKET,
		.out = {.format = &out_text, .fp = out},
		.err = err,
	};
	char **words = calloc((size_t)argc + 1, sizeof(*words));
	const struct word_row *row;
	size_t used;
	int code = -1;

	if (!words)
		return cmd_fail(&c, EXIT_BROKEN, "%s", err_text(ENOMEM));
	if (argc > 1 && !strcmp(argv[1], "--complete")) {
		memcpy(words, argv + 2, (size_t)(argc - 2) * sizeof(*words));
		code = complete(&c, argc - 2, words);
	} else {
		code = parse_options(&c, argv, words);
	}
	if (code < 0) {
		row = find_row(words, &used);
		code = row ? row->run(&c, words + used) : fail_unknown(&c, words);
	}
	code = finish(&c, code);
	free(words);
	return code;
}
