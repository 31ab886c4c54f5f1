/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names that a peer has proved against patterns; see identity.h. */
#include "l2tpd/policy/identity.h"

#include <string.h>

#include "lib/base/pattern.h"

/* Names near this length may have been cut, and then are nobody's. */
#define USER_MAX (BUS_TEXT_LEN - 8)

static bool has_word(const char *list, char divider, const char *word)
{
	size_t len = strlen(word);

	for (;; list++) {
		if (!strncmp(list, word, len) && (!list[len] || list[len] == divider))
			return true;
		list = strchr(list, divider);
		if (!list)
			return false;
	}
}

static bool has_certificate(const struct bus_sa *sa)
{
	return has_word(sa->auth, '+', "pubkey");
}

static bool has_eap(const struct bus_sa *sa)
{
	return sa->remote_eap_id[0] &&
	       (has_word(sa->auth, '+', "eap") || has_word(sa->auth, '+', "xauth"));
}

bool identity_is_proved(const struct bus_sa *sa)
{
	return has_certificate(sa) || has_eap(sa);
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* What view_printable() made, as it was.  False: too long to be sure that it is whole. */
static bool read_user(const char *user, uint8_t ret[static BUS_TEXT_LEN], struct view *ret_view)
{
	size_t n = 0;

	if (!*user || strlen(user) > USER_MAX)
		return false;
	while (*user) {
		if (user[0] == '\\' && user[1] == 'x' && hex_digit(user[2]) >= 0 &&
		    hex_digit(user[3]) >= 0) {
			ret[n++] = (uint8_t)(hex_digit(user[2]) << 4 | hex_digit(user[3]));
			user += 4;
		} else {
			ret[n++] = (uint8_t)*user++;
		}
	}
	*ret_view = (struct view){ret, n};
	return true;
}

/* One of the alternative names, which stand with blanks between them. */
static bool fits_alternative(const char *pattern, const char *names, struct view user)
{
	while (*names) {
		size_t len = strcspn(names, " ");

		if (pattern_fits(pattern, (struct view){(const uint8_t *)names, len}, user))
			return true;
		names += len + (names[len] == ' ');
	}
	return false;
}

static bool fits_identity(const char *pattern, const struct bus_sa *sa, struct view user)
{
	if (has_eap(sa) && pattern_fits(pattern, view_str(sa->remote_eap_id), user))
		return true;
	return has_certificate(sa) && (pattern_fits_dn(pattern, sa->cert_subject, user) ||
				       fits_alternative(pattern, sa->cert_names, user));
}

bool identity_may(const struct identity_rule *rule, const struct bus_sa *sa, const char *user)
{
	uint8_t bytes[BUS_TEXT_LEN];
	struct view name, part;

	if (!read_user(user, bytes, &name))
		return false;
	for (size_t u = 0; u < rule->n_users; u++) {
		if (!pattern_fits_user(rule->users[u], name, &part))
			continue;
		for (size_t i = 0; i < rule->n_identities; i++)
			if (fits_identity(rule->identities[i], sa, part))
				return true;
	}
	return false;
}
