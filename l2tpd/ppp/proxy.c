/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Proxy LCP and authentication in words; see proxy.h. */
#include "l2tpd/ppp/proxy.h"

#include <stdio.h>
#include <string.h>

#define OPTIONS_LEN    80
#define OPTION_HDR_LEN 2 /* type and length, which counts them */

/* Proxy Authen Type: RFC 2661 4.4.5; 5 is MS-CHAP of version 1 */
static const char *const auth_words[] = {"none", "text", "chap", "pap", "none", "mschap"};

/* LCP options: RFC 1661 6, RFC 1662 7.1, RFC 1990 5.1 */
static const char *const option_words[] = {
	[1] = "mru",   [2] = "accm",       [3] = "auth",      [4] = "quality",
	[5] = "magic", [7] = "pfc",        [8] = "acfc",      [13] = "callback",
	[17] = "mrru", [18] = "short-seq", [19] = "endpoint",
};

#define N_WORDS(words) (sizeof(words) / sizeof((words)[0]))

static void add_option(struct view v, uint8_t type, char *text)
{
	size_t len = strlen(text), left = OPTIONS_LEN - len;
	const char *word = type < N_WORDS(option_words) ? option_words[type] : NULL;
	struct rd in;

	rd_init(&in, v.p, v.len);
	if (len)
		snprintf(text + len, left, " ");
	len = strlen(text);
	left = OPTIONS_LEN - len;
	if (!word)
		snprintf(text + len, left, "option-%u", type);
	else if (!strcmp(word, "mru"))
		snprintf(text + len, left, "mru=%u", rd_u16(&in));
	else if (!strcmp(word, "auth"))
		snprintf(text + len, left, "auth=%04x", rd_u16(&in));
	else
		snprintf(text + len, left, "%s", word);
}

/* The options of a Configure-Request, without its header; cut where they do not make sense. */
static void describe(struct view confreq, char text[static OPTIONS_LEN])
{
	struct rd in;

	text[0] = '\0';
	rd_init(&in, confreq.p, confreq.len);
	while (in.left >= OPTION_HDR_LEN) {
		uint8_t type = rd_u8(&in), len = rd_u8(&in);
		struct view value;

		if (len < OPTION_HDR_LEN)
			return;
		rd_take(&in, &value, (size_t)len - OPTION_HDR_LEN);
		if (in.bad)
			return;
		add_option(value, type, text);
	}
}

const char *proxy_words(const struct proxy *p, char ret[static PROXY_WORDS_LEN])
{
	char client[OPTIONS_LEN], lac[OPTIONS_LEN], user[48];

	describe(p->last_confreq, client);
	describe(p->sent_confreq, lac);
	snprintf(ret, PROXY_WORDS_LEN, "auth=%s user=\"%s\" client=\"%s\" lac=\"%s\"",
		 p->type < N_WORDS(auth_words) ? auth_words[p->type] : "unknown",
		 view_printable(p->name, user, sizeof(user)), client, lac);
	return ret;
}
