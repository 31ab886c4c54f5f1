/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of a name, blanks, and a number; see drops.h. */
#include "l2tpd/ipsec/drops.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XFRM_STAT "/proc/net/xfrm_stat"
#define TEXT_LEN  4096 /* 30 lines or so of 40 bytes */

static const struct {
	const char *name, *word, *help;
} rows[DROP_COUNT] = {
#define X(name, word, help) [DROP_##name] = {#name, word, help},
	DROPS(X)
#undef X
};

const char *drop_word(enum drop which)
{
	return rows[which].word;
}

const char *drop_help(enum drop which)
{
	return rows[which].help;
}

void drops_parse(const char *text, uint64_t ret[static DROP_COUNT])
{
	memset(ret, 0, DROP_COUNT * sizeof(*ret));
	for (const char *line = text; line; line = strchr(line, '\n')) {
		size_t len;

		line += *line == '\n';
		len = strcspn(line, " \t\n");
		for (enum drop i = 0; i < DROP_COUNT; i++)
			if (strlen(rows[i].name) == len && !strncmp(line, rows[i].name, len))
				ret[i] = strtoull(line + len, NULL, 10);
	}
}

int drops_read(uint64_t ret[static DROP_COUNT])
{
	char text[TEXT_LEN];
	FILE *f = fopen(XFRM_STAT, "re");
	size_t len;

	if (!f)
		return -errno;
	len = fread(text, 1, sizeof(text) - 1, f);
	text[len] = '\0';
	fclose(f);
	drops_parse(text, ret);
	return 0;
}
