/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Matching without recursion: time is bounded by the product of the two lengths. */
#include "lib/base/pattern.h"

#include <string.h>

#include "lib/base/dname.h"

static uint8_t fold(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

static bool is_equal(const uint8_t *a, const uint8_t *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (fold(a[i]) != fold(b[i]))
			return false;
	return true;
}

/* How much of `name` the token at `p` takes; -1: it does not fit.  Not for *. */
static int take(const uint8_t *p, struct view name, struct view user)
{
	if (*p == '%')
		return user.len && name.len >= user.len && is_equal(name.p, user.p, user.len)
			       ? (int)user.len
			       : -1;
	if (*p == '\\')
		p++;
	return name.len && fold(*p) == fold(*name.p) ? 1 : -1;
}

static bool fits(struct view pattern, struct view name, struct view user)
{
	const uint8_t *p = pattern.p, *end = p + pattern.len, *star = NULL;
	size_t at = 0, star_at = 0;

	for (;;) {
		int n = -1;

		if (p < end && *p == '*') {
			star = ++p;
			star_at = at;
			continue;
		}
		if (p == end && at == name.len)
			return true;
		if (p < end)
			n = take(p, (struct view){name.p + at, name.len - at}, user);
		if (n >= 0) {
			at += (size_t)n;
			p += *p == '\\' ? 2 : 1;
		} else if (star && star_at < name.len) {
			at = ++star_at;
			p = star;
		} else {
			return false;
		}
	}
}

/* Length of the part of `p` up to the next comma, or its end. */
static size_t part_len(const char *p)
{
	size_t n = 0;

	while (p[n] && p[n] != ',')
		n += p[n] == '\\' && p[n + 1] ? 2 : 1;
	return n;
}

static struct view trim(struct view v)
{
	while (v.len && *v.p == ' ')
		v = (struct view){v.p + 1, v.len - 1};
	while (v.len && v.p[v.len - 1] == ' ' && (v.len < 2 || v.p[v.len - 2] != '\\'))
		v.len--;
	return v;
}

/* The next "TYPE=value" of a pattern.  False: there is none, or it is malformed. */
static bool next_part(const char **pos, struct view *ret_type, struct view *ret_value)
{
	size_t len = part_len(*pos);
	struct view part = trim((struct view){(const uint8_t *)*pos, len});
	const uint8_t *eq = part.len ? memchr(part.p, '=', part.len) : NULL;

	*pos += len + ((*pos)[len] == ',');
	if (!eq)
		return false;
	*ret_type = trim((struct view){part.p, (size_t)(eq - part.p)});
	*ret_value = trim((struct view){eq + 1, (size_t)(part.p + part.len - eq - 1)});
	return true;
}

bool pattern_is_dn(const char *pattern)
{
	return pattern[strcspn(pattern, "=\\*%@,")] == '=';
}

static bool has(struct view v, char what)
{
	for (size_t i = 0; i < v.len; i++) {
		if (v.p[i] == what)
			return true;
		i += v.p[i] == '\\';
	}
	return false;
}

bool pattern_has_user(const char *pattern)
{
	return has(view_str(pattern), '%');
}

static const char *part_problem(struct view part)
{
	size_t n = 0;

	for (size_t i = 0; i < part.len; i++) {
		n += part.p[i] == '%';
		i += part.p[i] == '\\';
		if (i >= part.len)
			return "a \\ at the end; expected a character behind it";
	}
	if (!part.len)
		return "empty; expected text, * or %";
	if (n > 1)
		return "more than one %; expected one";
	if (n && has(part, '*'))
		return "% and * in one; expected one of them, as it is not clear what % would be";
	return NULL;
}

const char *pattern_problem(const char *pattern)
{
	struct view type, value;
	const char *problem;
	size_t n_users = 0;

	if (!pattern_is_dn(pattern))
		return part_problem(view_str(pattern));
	while (*pattern) {
		if (!next_part(&pattern, &type, &value))
			return "expected TYPE=value between commas; a comma in a value is \\,";
		if (!dname_is_type(type))
			return "unknown type; expected CN, O, OU, C, L, ST, E, UID, DC, SN, G, T "
			       "or "
			       "serialNumber";
		problem = part_problem(value);
		if (problem)
			return problem;
		n_users += has(value, '%');
	}
	return n_users > 1 ? "more than one %; expected one" : NULL;
}

bool pattern_fits_user(const char *pattern, struct view user, struct view *ret_part)
{
	size_t before = 0, literal = 0;
	struct view part = user;

	if (pattern_has_user(pattern)) {
		for (const char *p = pattern; *p; p++) {
			if (*p == '%') {
				before = literal;
				continue;
			}
			p += *p == '\\' && p[1];
			literal++;
		}
		if (user.len <= literal)
			return false;
		part = (struct view){user.p + before, user.len - literal};
	}
	if (!fits(view_str(pattern), user, part))
		return false;
	*ret_part = part;
	return true;
}

bool pattern_fits(const char *pattern, struct view name, struct view user)
{
	return !pattern_is_dn(pattern) && fits(view_str(pattern), name, user);
}

/* Does one part of the pattern fit one of the name's? */
static bool part_fits(struct view type, struct view pattern, const char *dn, struct view user)
{
	uint8_t value[DNAME_VALUE_MAX];
	unsigned int n_fit = 0, n = 0;
	struct view of;
	size_t len;

	while (*dn) {
		if (!dname_next(&dn, &of, value, &len))
			return false;
		if (of.len != type.len || !is_equal(of.p, type.p, of.len))
			continue;
		n++;
		n_fit += fits(pattern, (struct view){value, len}, user);
	}
	return n_fit && (n == 1 || !has(pattern, '%'));
}

bool pattern_fits_dn(const char *pattern, const char *dn, struct view user)
{
	struct view type, value;

	if (!pattern_is_dn(pattern) || !*dn)
		return false;
	while (*pattern)
		if (!next_part(&pattern, &type, &value) || !part_fits(type, value, dn, user))
			return false;
	return true;
}
