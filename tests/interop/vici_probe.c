/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vici-probe [SOCKET]: speaks to a real charon's VICI socket with our blocking and our watching
 * client: answers, streams, events among answers, refusals, and a connection with nested sections
 * and lists that charon has to understand and give back.  Prints a line for each; exits 1 when one
 * fails.  Leaves charon as it was.
 */
#include <event2/event.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/bus/msg.h"
#include "lib/bus/names.h"
#include "lib/busio/ev.h"
#include "lib/busio/sync.h"

#define CONN   "vici-probe"
#define WAIT_S 10

static const char *path = BUS_VICI_SOCKET;
static int failed;

/* One line of the result; what was seen follows printf rules. */
static void seen(bool good, const char *what, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void seen(bool good, const char *what, const char *fmt, ...)
{
	va_list args;

	printf("%s %s: ", good ? "ok  " : "FAIL", what);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	failed |= !good;
}

/* The value at `key`, printable, "" when there is none. */
static const char *value(struct view msg, const char *key, char ret[static 128])
{
	struct view v;

	*ret = '\0';
	return msg_find(msg, key, &v) ? ret : view_printable(v, ret, 128);
}

static void list_of(struct msg_out *m, const char *name, const char *item)
{
	msg_list(m, name);
	msg_item(m, view_str(item));
	msg_list_end(m);
}

/* A connection as L2TP gateways have it; `extra` is a key that charon may not know. */
static struct view connection(uint8_t buf[static 1024], const char *extra)
{
	struct msg_out m;
	struct view msg = {0};

	msg_init(&m, buf, 1024);
	msg_section(&m, CONN);
	list_of(&m, "local_addrs", "192.0.2.1");
	msg_str(&m, "unique", "never");
	msg_section(&m, "local");
	msg_str(&m, "auth", "psk");
	msg_section_end(&m);
	msg_section(&m, "remote");
	msg_str(&m, "auth", "psk");
	msg_section_end(&m);
	msg_section(&m, "children");
	msg_section(&m, "probe");
	msg_str(&m, "mode", "transport");
	list_of(&m, "local_ts", "dynamic[17/1701]");
	list_of(&m, "remote_ts", "dynamic[17]");
	msg_str(&m, "mark_in", "%unique");
	msg_str(&m, "set_mark_in", "%same");
	msg_str(&m, "policies", "no");
	if (extra)
		msg_str(&m, extra, "1");
	msg_section_end(&m);
	msg_section_end(&m);
	msg_section_end(&m);
	if (msg_done(&m, &msg))
		seen(false, "build", "a connection does not fit");
	return msg;
}

static struct view just(uint8_t buf[static 64], const char *key, const char *text)
{
	struct msg_out m;
	struct view msg = {0};

	msg_init(&m, buf, 64);
	msg_str(&m, key, text);
	(void)msg_done(&m, &msg);
	return msg;
}

static void ask_version(struct sync *s)
{
	char daemon[128], version[128];
	struct view answer = {0};
	int r = sync_request(s, "version", (struct view){0}, &answer);

	seen(!r && *value(answer, "daemon", daemon) && *value(answer, "version", version),
	     "version", "%s %s", r ? err_text(r) : daemon, r ? "" : version);
}

static void ask_the_unknown(struct sync *s)
{
	struct view answer;
	int r = sync_request(s, "no-such-command", (struct view){0}, &answer);

	seen(r == -ERR_UNKNOWN, "unknown command", "%s", err_text(r));
	r = sync_register(s, "no-such-event");
	seen(r == -ERR_UNKNOWN, "unknown event", "%s", err_text(r));
	r = sync_unregister(s, "log");
	seen(r == -ERR_UNKNOWN, "event not registered", "%s", err_text(r));
}

/* A command with `success` in its answer; what it says of itself goes to `ret_errmsg`. */
static bool run(struct sync *s, const char *command, struct view msg, char ret_errmsg[static 128])
{
	struct view answer = {0};
	char success[128];
	int r = sync_request(s, command, msg, &answer);

	if (r) {
		snprintf(ret_errmsg, 128, "%s", err_text(r));
		return false;
	}
	if (!strcmp(value(answer, "success", success), "yes")) {
		strcpy(ret_errmsg, "done");
		return true;
	}
	value(answer, "errmsg", ret_errmsg);
	return false;
}

struct found {
	unsigned int n; /* streamed */
	bool ours;
	char mode[128];
};

static void on_conn(void *ctx, struct view name, struct view msg)
{
	struct found *f = ctx;

	(void)name;
	f->n++;
	if (*value(msg, CONN ".children.probe.mode", f->mode))
		f->ours = true;
}

static void list_conns(struct sync *s, const char *what, bool there)
{
	struct found f = {0};
	struct view answer;
	int r = sync_list(s, "list-conns", (struct view){0}, "list-conn", on_conn, &f, &answer);

	seen(!r && f.ours == there, what, "%u streamed, %s%s", f.n,
	     f.ours ? "ours with mode "
	     : r    ? err_text(r)
		    : "ours not among them",
	     f.mode);
}

/* With its log as events, charon speaks between our request and its answer. */
static void follow_log(struct sync *s)
{
	uint8_t buf[1024];
	char errmsg[128], text[128];
	struct view name, msg;
	int r = sync_register(s, "log");

	seen(!r, "register log", "%s", r ? err_text(r) : "confirmed");
	seen(run(s, "load-conn", connection(buf, NULL), errmsg), "load-conn among events", "%s",
	     errmsg);
	r = sync_next(s, WAIT_S * USEC_PER_S, &name, &msg);
	seen(!r && view_is(name, "log") && *value(msg, "msg", text), "event", "%s",
	     r ? err_text(r) : text);
	while (!r)
		r = sync_next(s, 0, &name, &msg);
	r = sync_unregister(s, "log");
	seen(!r, "unregister log", "%s", r ? err_text(r) : "confirmed");
}

/*
 * The client of event loops
 */

struct watch {
	struct event_base *base;
	struct ev_client *client;
	struct found found;
	char story[128];
};

static void tell(struct watch *w, const char *word)
{
	size_t len = strlen(w->story);

	snprintf(w->story + len, sizeof(w->story) - len, "%s ", word);
}

static void on_answer(void *ctx, int err, struct view msg)
{
	struct watch *w = ctx;

	(void)msg;
	tell(w, err ? err_text(err) : "answered");
	event_base_loopbreak(w->base);
}

static void on_connected(void *ctx)
{
	tell(ctx, "connected");
}

static void on_event(void *ctx, struct view name, struct view msg)
{
	struct watch *w = ctx;

	on_conn(&w->found, name, msg);
}

static void on_listed(void *ctx, struct view msg)
{
	struct watch *w = ctx;

	(void)msg;
	tell(w, "listed");
	if (ev_client_request(w->client, "version", (struct view){0}, on_answer, w))
		event_base_loopbreak(w->base);
}

static void on_gone(void *ctx, int err)
{
	struct watch *w = ctx;

	tell(w, err_text(err));
	event_base_loopbreak(w->base);
}

static void watch(void)
{
	static const char *const events[] = {"list-conn", "child-updown"};
	struct watch w = {.base = event_base_new()};
	struct ev_client_conf conf = {
		.path = path,
		.events = events,
		.n_events = 2,
		.list = "list-conns",
		.ctx = &w,
		.connected = on_connected,
		.event = on_event,
		.listed = on_listed,
		.gone = on_gone,
	};
	struct timeval limit = {.tv_sec = WAIT_S};

	if (w.base)
		w.client = ev_client_new(w.base, &conf);
	if (w.client) {
		event_base_loopexit(w.base, &limit);
		event_base_dispatch(w.base);
	}
	seen(w.found.ours && !strcmp(w.story, "connected listed answered "), "watch",
	     "%u streamed, %s", w.found.n, w.story);
	ev_client_free(w.client);
	if (w.base)
		event_base_free(w.base);
}

int main(int argc, char **argv)
{
	uint8_t buf[1024];
	char errmsg[128];
	struct sync *s;
	int r;

	if (argc > 1)
		path = argv[1];
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	r = sync_open(path, WAIT_S * USEC_PER_S, &s);
	if (r) {
		seen(false, "connect", "%s: %s", path, err_text(r));
		return 1;
	}
	ask_version(s);
	ask_the_unknown(s);
	list_conns(s, "list-conns", false);
	seen(run(s, "load-conn", connection(buf, NULL), errmsg), "load-conn", "%s", errmsg);
	list_conns(s, "list-conns again", true);
	seen(!run(s, "load-conn", connection(buf, "no_such_key"), errmsg) && *errmsg,
	     "load-conn with an unknown key", "%s", errmsg);
	follow_log(s);
	watch();
	seen(run(s, "unload-conn", just(buf, "name", CONN), errmsg), "unload-conn", "%s", errmsg);
	list_conns(s, "list-conns at the end", false);
	sync_free(s);
	return failed;
}
