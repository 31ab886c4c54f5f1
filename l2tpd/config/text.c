/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration files to one text without comments; see text.h. */
#include "l2tpd/config/text.h"

#include <errno.h>
#include <glob.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"

#define INCLUDE_DEPTH_MAX 10
#define FILE_LEN_MAX      (1024 * 1024)
#define BRACE_DEPTH_MAX   16

struct origin {
	size_t file; /* index into files */
	unsigned int line;
};

struct text {
	char **files;
	size_t n_files;
	struct origin *lines;
	size_t n_lines;
	char *bytes; /* with a zero byte behind */
	size_t len;
	unsigned int *sections; /* opening lines in the order of closing */
	size_t n_sections;
	bool no_memory;
	text_complain_fn *complain;
	void *ctx;
};

static void say(struct text *t, unsigned int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void say(struct text *t, unsigned int line, const char *fmt, ...)
{
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	t->complain(t->ctx, line, what);
}

/* Make room for one more item of `size` bytes in the array `*array` of `n`. */
static bool grow(struct text *t, void *array_at, size_t n, size_t size)
{
	void *array;

	if (n & (n - 1)) /* room is made at each power of two */
		return true;
	memcpy(&array, array_at, sizeof(array));
	array = reallocarray(array, n ? 2 * n : 1, size);
	if (!array) {
		t->no_memory = true;
		return false;
	}
	memcpy(array_at, &array, sizeof(array));
	return true;
}

/* ---- reading ---- */

/*
 * Blank the comments of one line.  `in_comment`: a C comment is open at its start; returns if one
 * is at its end.  Sets `*ret_open_quote` when a quote has no end.
 */
static bool blank_comments(char *s, bool in_comment, bool *ret_open_quote)
{
	char quote = 0;

	for (; *s; s++) {
		if (in_comment) {
			in_comment = s[0] != '*' || s[1] != '/';
			if (!in_comment)
				*s++ = ' ';
			*s = ' ';
		} else if (quote) {
			if (*s == '\\' && s[1])
				s++;
			else if (*s == quote)
				quote = 0;
		} else if (*s == '"' || *s == '\'') {
			quote = *s;
		} else if (*s == '#' || (s[0] == '/' && s[1] == '/')) {
			*s = '\0';
			break;
		} else if (s[0] == '/' && s[1] == '*') {
			*s++ = ' ';
			*s = ' ';
			in_comment = true;
		} else if (*s == '\r' || *s == '\t') {
			*s = ' ';
		}
	}
	*ret_open_quote = quote;
	return in_comment;
}

static void add_line(struct text *t, size_t file, unsigned int line, const char *s)
{
	size_t len = strlen(s);
	char *bytes = realloc(t->bytes, t->len + len + 2);

	if (!bytes || !grow(t, &t->lines, t->n_lines, sizeof(*t->lines))) {
		if (bytes)
			t->bytes = bytes;
		t->no_memory = true;
		return;
	}
	t->bytes = bytes;
	memcpy(bytes + t->len, s, len);
	memcpy(bytes + t->len + len, "\n", 2);
	t->len += len + 1;
	t->lines[t->n_lines++] = (struct origin){file, line};
}

static void read_file(struct text *t, const char *path, unsigned int depth);

/*
 * The pattern of a line "include PATTERN" or "include "PATTERN"", perhaps with a # comment behind:
 * cut out of `s`.  NULL: it is no such line, but perhaps somebody's key or section.
 */
static char *include_pattern(char *s)
{
	char *rest;

	s += strspn(s, " \t");
	if (strncmp(s, "include", 7) || !s[7] || !strchr(" \t\"", s[7]))
		return NULL;
	s += 7 + strspn(s + 7, " \t");
	if (*s == '"') {
		rest = strchr(++s, '"');
		if (!rest)
			return NULL;
		*rest++ = '\0';
	} else {
		rest = s + strcspn(s, " \t\r#{=");
	}
	if (!strchr("#", rest[strspn(rest, " \t\r")]))
		return NULL;
	*rest = '\0';
	return s;
}

/* Read what `pattern` names, relative to the folder of `file`; the line is said to be `line`. */
static void include(struct text *t, const char *file, const char *pattern, unsigned int depth)
{
	unsigned int line = (unsigned int)t->n_lines;
	const char *slash = strrchr(file, '/');
	int folder = *pattern != '/' && slash ? (int)(slash - file) + 1 : 0;
	char *path;
	glob_t found;
	int r;

	if (!*pattern) {
		say(t, line, "include: no file; expected include PATH");
		return;
	}
	if (depth == INCLUDE_DEPTH_MAX) {
		say(t, line,
		    "include %s: files include each other; expected at most %d one in another",
		    pattern, INCLUDE_DEPTH_MAX);
		return;
	}
	if (asprintf(&path, "%.*s%s", folder, file, pattern) < 0) {
		t->no_memory = true;
		return;
	}
	r = glob(path, 0, NULL, &found);
	if (!r) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			read_file(t, found.gl_pathv[i], depth + 1);
		globfree(&found);
	} else if (r != GLOB_NOMATCH) {
		t->no_memory = true;
	} else if (!strpbrk(pattern, "*?[")) {
		say(t, line, "include %s: no such file; expected a file, or a pattern like *.conf",
		    pattern);
	}
	free(path);
}

static void add_lines(struct text *t, FILE *fp, size_t file, unsigned int depth)
{
	char *s = NULL, *pattern;
	size_t cap = 0, total = 0;
	ssize_t len;
	unsigned int n = 0, comment_at = 0;
	bool in_comment = false, was_in_comment, open_quote;

	while (!t->no_memory && (len = getline(&s, &cap, fp)) >= 0) {
		unsigned int line = (unsigned int)t->n_lines + 1;

		n++;
		total += (size_t)len;
		if (len && s[len - 1] == '\n')
			s[--len] = '\0';
		if (memchr(s, '\0', (size_t)len) || total > FILE_LEN_MAX) {
			add_line(t, file, n, "");
			say(t, line, "not a configuration; expected a text file of at most 1 MiB");
			break;
		}
		pattern = in_comment ? NULL : include_pattern(s);
		if (pattern) {
			add_line(t, file, n, "");
			include(t, t->files[file], pattern, depth);
			continue;
		}
		was_in_comment = in_comment;
		in_comment = blank_comments(s, in_comment, &open_quote);
		if (in_comment && !was_in_comment)
			comment_at = line;
		add_line(t, file, n, open_quote ? "" : s);
		if (open_quote)
			say(t, line, "a quote has no end; expected it in the same line");
	}
	free(s);
	if (in_comment)
		say(t, comment_at, "a comment has no end; expected */");
}

static void read_file(struct text *t, const char *path, unsigned int depth)
{
	unsigned int line = (unsigned int)t->n_lines;
	size_t file = t->n_files;
	FILE *fp;

	if (t->no_memory || !grow(t, &t->files, file, sizeof(*t->files)))
		return;
	t->files[file] = strdup(path);
	if (!t->files[file]) {
		t->no_memory = true;
		return;
	}
	t->n_files++;
	fp = fopen(path, "re");
	if (!fp) {
		say(t, line, "cannot open %s: %s; expected a file that can be read",
		    depth ? path : "it", err_text(errno));
		return;
	}
	errno = 0;
	add_lines(t, fp, file, depth);
	if (ferror(fp))
		say(t, (unsigned int)t->n_lines, "cannot read %s: %s; expected a regular file",
		    depth ? path : "it", err_text(errno));
	fclose(fp);
}

struct text *text_load(const char *path, text_complain_fn *complain, void *ctx)
{
	struct text *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->complain = complain;
	t->ctx = ctx;
	t->bytes = strdup("");
	t->no_memory = !t->bytes;
	read_file(t, path, 0);
	if (t->no_memory) {
		text_free(t);
		return NULL;
	}
	return t;
}

void text_free(struct text *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->n_files; i++)
		free(t->files[i]);
	free(t->files);
	free(t->lines);
	free(t->bytes);
	free(t->sections);
	free(t);
}

const char *text_bytes(const struct text *t)
{
	return t->bytes;
}

void text_where(const struct text *t, unsigned int line, const char **ret_file,
		unsigned int *ret_line)
{
	struct origin at = {0, 1};

	if (t->n_lines)
		at = t->lines[(line && line <= t->n_lines ? line : line ? t->n_lines : 1) - 1];
	*ret_file = t->files[at.file];
	*ret_line = at.line;
}

/* ---- braces ---- */

/* Pass over a quoted string or ${NAME} at `s`: the last byte of it, or `s` itself. */
static const char *pass_string(const char *s)
{
	const char *end = s;

	if (*s == '"' || *s == '\'') {
		for (end = s + 1; *end && *end != *s; end++)
			if (*end == '\\' && end[1])
				end++;
	} else if (s[0] == '$' && s[1] == '{') {
		end = strchr(s, '}');
	}
	return end && *end ? end : s;
}

struct brace {
	unsigned int line;
	bool list; /* "= {", not a section */
};

static bool add_section(struct text *t, unsigned int line)
{
	if (!grow(t, &t->sections, t->n_sections, sizeof(*t->sections)))
		return false;
	t->sections[t->n_sections++] = line;
	return true;
}

bool text_scan(struct text *t, text_complain_fn *complain, void *ctx)
{
	struct brace open[BRACE_DEPTH_MAX];
	unsigned int depth = 0, line = 1;
	char last = 0; /* other than blanks */

	t->complain = complain;
	t->ctx = ctx;
	t->n_sections = 0;
	for (const char *s = t->bytes; *s; s++) {
		const char *end = pass_string(s);

		if (end == s && *s == '{') {
			if (depth == BRACE_DEPTH_MAX) {
				say(t, line, "braces too deep; expected at most %d",
				    BRACE_DEPTH_MAX);
				return false;
			}
			open[depth++] = (struct brace){line, last == '='};
		} else if (end == s && *s == '}') {
			if (!depth) {
				say(t, line, "a brace closes nothing; expected { before }");
				return false;
			}
			depth--;
			if (!open[depth].list && !add_section(t, open[depth].line))
				return false;
		}
		line += *s == '\n';
		if (*s != ' ' && *s != '\n')
			last = *s;
		s = end;
	}
	if (depth)
		say(t, open[depth - 1].line,
		    "the %s that begins here has no end; expected } before the end of the file",
		    open[depth - 1].list ? "list" : "section");
	return !depth;
}

unsigned int text_section(const struct text *t, size_t n)
{
	return n < t->n_sections ? t->sections[n] : 0;
}

/* ---- blanking a statement ---- */

static char *pass_blanks(char *s)
{
	return s + strspn(s, " \n");
}

/* Behind the word or string at `s`. */
static char *pass_word(char *s)
{
	char *end = s + (pass_string(s) - s);

	if (end != s || *s == '"' || *s == '\'')
		return end + 1;
	return s + strcspn(s, " \n{}=,+\"'()");
}

/* Behind the block that opens at `s`; the braces are known to be in order. */
static char *pass_block(char *s)
{
	unsigned int depth = 0;

	for (; *s; s++) {
		char *end = s + (pass_string(s) - s);

		if (end == s)
			depth += (*s == '{') - (*s == '}');
		if (!depth)
			return s + 1;
		s = end;
	}
	return s;
}

/* Behind "KEY = VALUE", "KEY = { ... }", "KEY { ... }" or "KEY TITLE { ... }" at `s`. */
static char *pass_statement(char *s)
{
	char *next = pass_blanks(pass_word(s));

	s = pass_word(s);
	if (*next == '+')
		next++;
	if (*next == '=') {
		next = pass_blanks(next + 1);
		return *next == '{' ? pass_block(next) : pass_word(next);
	}
	if (*next != '{' && *next)
		next = pass_blanks(pass_word(next));
	return *next == '{' ? pass_block(next) : s;
}

bool text_blank(struct text *t, unsigned int line, const char *key)
{
	char *s = t->bytes, *newline;
	size_t len = strlen(key);
	char last = 0;

	for (unsigned int i = 1; i < line; i++) {
		newline = strchr(s, '\n');
		if (!newline)
			return false;
		s = newline + 1;
	}
	for (; *s && *s != '\n'; s++) {
		bool quoted = *s == '"' || *s == '\'';
		char *end = pass_word(s);

		if (end == s) {
			last = *s == ' ' ? last : *s;
			continue;
		}
		if (last != '=' && last != ',' && (size_t)(end - s) == len + 2 * quoted &&
		    !memcmp(s + quoted, key, len)) {
			end = pass_statement(s);
			for (; s < end && *s; s++)
				*s = *s == '\n' ? '\n' : ' ';
			return true;
		}
		last = end[-1];
		s = end - 1;
	}
	return false;
}
