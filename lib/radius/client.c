/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The schedule of one RADIUS request; see client.h. */
#include "lib/radius/client.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/secret.h"

/* `t` changed by up to 10 % in either direction (RFC 5080 2.2.1: RAND). */
static usec_t jitter(usec_t t)
{
	usec_t tenth = t / 10;

	if (!tenth)
		return t;
	return t - tenth + secret_random_below((uint32_t)(2 * tenth + 1));
}

/*
 * Each server gets an equal part of the time that its predecessors left, so that a silent first one
 * does not use it all up.
 */
static usec_t end_of_turn(const struct radius_client *c, usec_t now)
{
	usec_t end = c->start + RADIUS_LIMIT;

	return now >= end ? now : now + (end - now) / (c->conf->n_servers - c->server);
}

static int start_turn(struct radius_client *c, size_t server, usec_t now)
{
	const struct radius_server *s = &c->conf->servers[server];
	int len;

	c->server = server;
	c->wait = c->conf->timeout;
	c->due = now;
	c->turn_end = end_of_turn(c, now);
	c->send_now = true;
	secret_random(&c->id, sizeof(c->id));
	secret_random(c->authenticator, sizeof(c->authenticator));
	len = radius_request_build(c->packet, sizeof(c->packet), c->id, c->authenticator, c->attrs,
				   (struct view){s->secret, s->secret_len});
	if (len < 0)
		return len;
	c->packet_len = (size_t)len;
	return 0;
}

int radius_client_start(struct radius_client *c, const struct radius_conf *conf,
			const struct radius_attrs *attrs, usec_t now)
{
	*c = (struct radius_client){.conf = conf, .attrs = attrs, .start = now};
	return start_turn(c, 0, now);
}

static bool is_last(const struct radius_client *c)
{
	return c->server + 1 == c->conf->n_servers;
}

/* This server's turn is over: the next one's, or the end. */
static void give_up(struct radius_client *c, usec_t now)
{
	if (is_last(c) || start_turn(c, c->server + 1, now)) {
		c->result = RADIUS_NO_ANSWER;
		c->send_now = false;
		c->due = USEC_NEVER;
	}
}

/* A wait is over without an answer. */
static void waited(struct radius_client *c, usec_t now)
{
	if (c->attempts[c->server].sent >= c->conf->tries || now >= c->turn_end) {
		give_up(c, now);
		return;
	}
	c->wait = c->wait > RADIUS_WAIT_CAP / 2 ? RADIUS_WAIT_CAP : c->wait * 2;
	c->send_now = true;
}

bool radius_client_poll(struct radius_client *c, usec_t now, size_t *ret_server,
			struct view *ret_packet)
{
	if (c->result != RADIUS_PENDING)
		return false;
	if (!c->send_now && now >= c->due)
		waited(c, now);
	if (!c->send_now)
		return false;
	c->send_now = false;
	c->due = now + jitter(c->wait);
	if (c->due > c->turn_end)
		c->due = c->turn_end;
	c->attempts[c->server].sent++;
	*ret_server = c->server;
	*ret_packet = (struct view){c->packet, c->packet_len};
	return true;
}

void radius_client_input(struct radius_client *c, size_t server, struct view packet)
{
	const struct radius_server *s = &c->conf->servers[server];
	struct radius_attempt *attempt = &c->attempts[server];
	enum radius_flaw flaw = RADIUS_FLAW_STALE;

	if (c->result != RADIUS_PENDING)
		return;
	if (packet.len > sizeof(c->answer))
		packet.len = sizeof(c->answer);
	if (server == c->server && attempt->sent) {
		memcpy(c->answer, packet.p, packet.len);
		flaw = radius_reply_parse((struct view){c->answer, packet.len}, c->id,
					  c->authenticator, (struct view){s->secret, s->secret_len},
					  &c->reply);
	}
	if (flaw) {
		attempt->flaws[flaw]++;
		return;
	}
	c->result = c->reply.code == RADIUS_ACCESS_ACCEPT   ? RADIUS_ACCEPTED
		    : c->reply.code == RADIUS_ACCESS_REJECT ? RADIUS_REJECTED
							    : RADIUS_CHALLENGED;
	c->due = USEC_NEVER;
	c->send_now = false;
}

void radius_client_error(struct radius_client *c, size_t server, int error)
{
	if (c->result != RADIUS_PENDING || server != c->server)
		return;
	c->attempts[server].error = error;
	if (!is_last(c)) {
		/* radius_client_poll() goes on to the next server. */
		c->turn_end = 0;
		c->due = 0;
	}
}

struct text {
	char *p;
	size_t cap, len;
};

__attribute__((format(printf, 2, 3))) static void say(struct text *t, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(t->p + t->len, t->cap - t->len, fmt, args);
	va_end(args);
	if (n > 0)
		t->len += (size_t)n < t->cap - t->len ? (size_t)n : t->cap - t->len - 1;
}

/* True: nothing at all was heard of it. */
static bool say_attempt(struct text *t, const struct radius_server *server,
			const struct radius_attempt *attempt)
{
	/* What would explain it best comes first. */
	static const enum radius_flaw by_weight[] = {RADIUS_FLAW_FORGED, RADIUS_FLAW_UNSIGNED,
						     RADIUS_FLAW_MALFORMED, RADIUS_FLAW_CODE};
	char address[ADDR_STR_LEN];

	say(t, " %s (", addr_format(&server->address, address));
	for (size_t i = 0; i < sizeof(by_weight) / sizeof(by_weight[0]); i++) {
		if (attempt->flaws[by_weight[i]]) {
			say(t, "answers with %s)", radius_flaw_text(by_weight[i]));
			return false;
		}
	}
	if (attempt->error == -ECONNREFUSED)
		say(t, "nothing listens there)");
	else if (attempt->error)
		say(t, "%s)", err_text(attempt->error));
	else
		say(t, "%u %s)", attempt->sent, attempt->sent == 1 ? "try" : "tries");
	return !attempt->error;
}

static void say_no_answer(struct text *t, const struct radius_client *c)
{
	bool silent = false;

	say(t, "no answer from RADIUS server%s", c->conf->n_servers > 1 ? "s" : "");
	for (size_t i = 0; i <= c->server; i++) {
		if (i)
			say(t, ",");
		if (say_attempt(t, &c->conf->servers[i], &c->attempts[i]))
			silent = true;
	}
	if (silent)
		say(t, ": is it running, is the secret right, is this gateway one of its clients?");
}

const char *radius_client_explain(const struct radius_client *c, char *ret, size_t cap)
{
	struct text t = {ret, cap, 0};
	char address[ADDR_STR_LEN], message[128];
	struct view reply;

	ret[0] = '\0';
	addr_format(&c->conf->servers[c->server].address, address);
	switch (c->result) {
	case RADIUS_PENDING: say(&t, "waiting for RADIUS server %s", address); break;
	case RADIUS_ACCEPTED: say(&t, "RADIUS server %s accepted the user", address); break;
	case RADIUS_REJECTED:
		say(&t, "RADIUS server %s rejected the user", address);
		if (!radius_find(c->reply.attrs, 0, RADIUS_REPLY_MESSAGE, &reply))
			say(&t, ": %s", view_printable(reply, message, sizeof(message)));
		break;
	case RADIUS_CHALLENGED:
		say(&t, "RADIUS server %s wants to ask the user more, which PAP and CHAP cannot",
		    address);
		break;
	case RADIUS_NO_ANSWER: say_no_answer(&t, c); break;
	}
	return ret;
}

void radius_client_wipe(struct radius_client *c)
{
	secret_wipe(c, sizeof(*c));
}
