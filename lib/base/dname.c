/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of distinguished names: written by charon's plugin, read where rules are applied. */
#include "lib/base/dname.h"

#include <string.h>
#include <strings.h>

static const struct {
	const char *word, *oid;
	size_t len;
} types[] = {
#define X(word, oid) {word, oid, sizeof(oid) - 1},
	DNAME_TYPES(X)
#undef X
};

#define N_TYPES (sizeof(types) / sizeof(types[0]))

const char *dname_type(struct view oid)
{
	for (size_t i = 0; i < N_TYPES; i++)
		if (oid.len == types[i].len && !memcmp(oid.p, types[i].oid, oid.len))
			return types[i].word;
	return NULL;
}

bool dname_is_type(struct view word)
{
	for (size_t i = 0; i < N_TYPES; i++)
		if (word.len == strlen(types[i].word) &&
		    !strncasecmp((const char *)word.p, types[i].word, word.len))
			return true;
	return false;
}

/* As it stands in the text; its length. */
static size_t escape(uint8_t c, char ret[static 3])
{
	static const char hex[] = "0123456789abcdef";

	if (c < 0x20 || c == 0x7f) {
		memcpy(ret, (char[]){'\\', hex[c >> 4], hex[c & 15]}, 3);
		return 3;
	}
	ret[0] = '\\';
	ret[1] = (char)c;
	if (strchr(",+\"\\<>;=#", c))
		return 2;
	ret[0] = (char)c;
	return 1;
}

bool dname_add(char *text, size_t cap, const char *type, struct view value)
{
	size_t was = strlen(text), n = was, type_len = strlen(type);

	if (n + type_len + 3 > cap)
		return false;
	if (n)
		text[n++] = ',';
	memcpy(text + n, type, type_len);
	n += type_len;
	text[n++] = '=';
	for (size_t i = 0; i < value.len; i++) {
		char out[3];
		size_t len = escape(value.p[i], out);

		if (n + len + 1 > cap) {
			text[was] = '\0';
			return false;
		}
		memcpy(text + n, out, len);
		n += len;
	}
	text[n] = '\0';
	return true;
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c | 0x20) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* One byte of a value; how many characters it takes, 0: malformed. */
static size_t unescape(const char *p, uint8_t *ret)
{
	if (*p != '\\') {
		*ret = (uint8_t)*p;
		return 1;
	}
	if (!p[1])
		return 0;
	if (hex_digit(p[1]) >= 0 && hex_digit(p[2]) >= 0) {
		*ret = (uint8_t)(hex_digit(p[1]) << 4 | hex_digit(p[2]));
		return 3;
	}
	*ret = (uint8_t)p[1];
	return 2;
}

bool dname_next(const char **pos, struct view *ret_type, uint8_t ret_value[static DNAME_VALUE_MAX],
		size_t *ret_len)
{
	const char *p = *pos;
	size_t type_len = strcspn(p, "=,"), n = 0;

	if (!type_len || p[type_len] != '=')
		return false;
	*ret_type = (struct view){(const uint8_t *)p, type_len};
	for (p += type_len + 1; *p && *p != ','; n++) {
		size_t len = n < DNAME_VALUE_MAX ? unescape(p, &ret_value[n]) : 0;

		if (!len)
			return false;
		p += len;
	}
	*ret_len = n;
	*pos = *p ? p + 1 : p;
	return true;
}
