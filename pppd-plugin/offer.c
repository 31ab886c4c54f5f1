/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order of authentication protocols; see offer.h. */
#include "pppd-plugin/offer.h"

#include <errno.h>
#include <string.h>

#define LCP_AUTHENTICATION 3 /* option type: RFC 1661 6.2 */
#define OPTION_HDR_LEN     2

static const struct auth_method *const known[] = {&eap_method, &mschapv2_method, &chap_method,
						  &pap_method};

static const struct auth_method *find(const char *word, size_t len)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strlen(known[i]->word) == len && !memcmp(known[i]->word, word, len))
			return known[i];
	return NULL;
}

static bool has(const struct offer *o, const struct auth_method *m)
{
	for (size_t i = 0; i < o->n; i++)
		if (o->methods[i] == m)
			return true;
	return false;
}

int offer_parse(struct offer *ret, const char *words)
{
	struct offer o = {0};

	for (const char *p = words;;) {
		size_t len = strcspn(p, ",");
		const struct auth_method *m = find(p, len);

		if (!m || has(&o, m))
			return -EINVAL;
		o.methods[o.n++] = m;
		if (!p[len])
			break;
		p += len + 1;
	}
	*ret = o;
	return 0;
}

static const struct auth_method *first(const struct offer *o)
{
	for (size_t i = 0; i < o->n; i++)
		if (!o->refused[i])
			return o->methods[i];
	return NULL;
}

void offer_begin(struct offer *o, bool (*is_possible)(const struct auth_method *m))
{
	for (size_t i = 0; i < o->n; i++)
		o->refused[i] = !is_possible(o->methods[i]);
	o->now = first(o);
}

/* Does the value of an authentication option name this method? */
static bool names(struct view value, const struct auth_method *m)
{
	struct rd in;

	rd_init(&in, value.p, value.len);
	if (rd_u16(&in) != m->protocol)
		return false;
	return (m->flavor ? rd_u8(&in) == m->flavor : true) && !in.bad && !in.left;
}

/* The peer does not want what is asked for, and perhaps says what it wants. */
static void go_on(struct offer *o, struct view wanted)
{
	for (size_t i = 0; i < o->n; i++)
		if (o->methods[i] == o->now)
			o->refused[i] = true;
	o->now = first(o);
	for (size_t i = 0; i < o->n; i++)
		if (!o->refused[i] && names(wanted, o->methods[i]))
			o->now = o->methods[i];
}

void offer_answered(struct offer *o, struct view options, bool rejected, uint8_t *ret,
		    size_t *ret_len)
{
	struct rd in;
	struct wr w;

	wr_init(&w, ret, options.len);
	rd_init(&in, options.p, options.len);
	while (in.left) {
		const uint8_t *at = in.p;
		uint8_t type = rd_u8(&in), len = rd_u8(&in);
		struct view value;

		if (len < OPTION_HDR_LEN)
			in.bad = true;
		rd_take(&in, &value, (size_t)len - OPTION_HDR_LEN);
		if (in.bad) {
			/* Malformed: pppd's to judge. */
			wr_bytes(&w, at, (size_t)(options.p + options.len - at));
			break;
		}
		if (type != LCP_AUTHENTICATION)
			wr_bytes(&w, at, len);
		/* A rejected option is what we asked for, and no wish of the peer's. */
		else if (o->now && (rejected ? names(value, o->now) : true))
			go_on(o, rejected ? (struct view){NULL, 0} : value);
	}
	*ret_len = w.len;
}
