/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plays *.rp scripts against the protocol machines: a scripted peer, a virtual clock, and every
 * packet and every wish of the machines expected in order.  README.md has the language.
 */
#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "l2tpd/wire/auth.h"
#include "l2tpd/wire/hdr.h"
#include "l2tpd/wire/msg.h"
#include "tests/replay/world.h"

#define LINE_LEN   2048
#define LINES_MAX  512
#define TOKENS_MAX 256
#define VARS_MAX   64
#define QUEUE_MAX  1024
#define DEPTH_MAX  4

struct client {
	char name;
	struct path path;
	uint16_t ns, nr; /* of its next packet, unless the script says otherwise */
};

struct tokens {
	char text[LINE_LEN];
	char *v[TOKENS_MAX];
	int n;
};

static struct {
	const char *file;
	int line;
	struct lns_conf conf;
	struct peer_rules rules;
	char secret[64];
	bool dials; /* there are lines */
	bool kills; /* after each step, the server is killed and another one goes on */
	struct world *w;
	struct client clients[8];
	int n_clients;
	struct {
		char name[32], value[128];
	} vars[VARS_MAX];
	int n_vars;
	char queue[QUEUE_MAX][LINE_LEN]; /* what happened and was not expected yet */
	int n_queue, first;
} play;

static void __attribute__((format(printf, 1, 2), noreturn)) die(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s:%d: ", play.file, play.line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	for (int i = play.first; i < play.n_queue; i++)
		fprintf(stderr, "\thappened: %s\n", play.queue[i]);
	exit(1);
}

/*
 * Words
 */

/* Split at spaces; "..." holds them together.  `#` begins a comment. */
static void split(struct tokens *t, const char *line)
{
	bool quoted = false, in = false;
	size_t n = 0;

	t->n = 0;
	for (; *line && (quoted || *line != '#') && n < LINE_LEN - 1; line++) {
		if (*line == '"') {
			quoted = !quoted;
		} else if (!quoted && isspace((unsigned char)*line)) {
			if (in)
				t->text[n++] = '\0';
			in = false;
			continue;
		}
		if (!in) {
			if (t->n == TOKENS_MAX)
				die("too many words");
			t->v[t->n++] = &t->text[n];
		}
		in = true;
		if (*line != '"')
			t->text[n++] = *line;
	}
	t->text[n] = '\0';
}

static const char *var(const char *name)
{
	for (int i = 0; i < play.n_vars; i++)
		if (!strcmp(play.vars[i].name, name))
			return play.vars[i].value;
	die("$%s is not known", name);
}

static void set_var(const char *name, const char *value)
{
	int i = 0;

	while (i < play.n_vars && strcmp(play.vars[i].name, name))
		i++;
	if (i == VARS_MAX)
		die("too many variables");
	snprintf(play.vars[i].name, sizeof(play.vars[i].name), "%s", name);
	snprintf(play.vars[i].value, sizeof(play.vars[i].value), "%s", value);
	if (i == play.n_vars)
		play.n_vars++;
}

static const char *value_of(const char *word)
{
	return word[0] == '$' ? var(word + 1) : word;
}

static unsigned long long number(const char *word)
{
	const char *text = value_of(word);
	char *end;
	unsigned long long n = strtoull(text, &end, 0);

	if (!*text || *end)
		die("\"%s\" is no number", text);
	return n;
}

static usec_t duration(const char *word)
{
	char *end;
	unsigned long long n = strtoull(word, &end, 10);

	if (!strcmp(end, "ms"))
		return n * USEC_PER_MS;
	if (!strcmp(end, "s"))
		return n * USEC_PER_S;
	die("\"%s\" is no time: say 20ms or 3s", word);
}

/* The value of `key=` among the words from `from` on, or NULL. */
static const char *find(const struct tokens *t, int from, const char *key)
{
	size_t len = strlen(key);

	for (int i = from; i < t->n; i++)
		if (!strncmp(t->v[i], key, len) && t->v[i][len] == '=')
			return t->v[i] + len + 1;
	return NULL;
}

static uint16_t number_or(const struct tokens *t, const char *key, uint16_t otherwise)
{
	const char *word = find(t, 1, key);

	return word ? (uint16_t)number(word) : otherwise;
}

/*
 * What happened
 */

static void happened(const char *line)
{
	if (play.first == play.n_queue)
		play.first = play.n_queue = 0;
	if (play.n_queue == QUEUE_MAX)
		die("too much happened that is not expected");
	snprintf(play.queue[play.n_queue++], LINE_LEN, "%s", line);
}

static void did(void *ctx, const char *line)
{
	char text[LINE_LEN];

	(void)ctx;
	snprintf(text, sizeof(text), "! %s", line);
	happened(text);
}

static struct client *client_at(const struct path *path)
{
	for (int i = 0; i < play.n_clients; i++) {
		struct client *c = &play.clients[i];

		if (c->path.sa.mark == path->sa.mark && addr_equal(&c->path.peer, &path->peer))
			return c;
	}
	die("a packet to nobody");
}

/* Each kind of value as text. */
#define PRINT_U16(v)    snprintf(at, left, "%u", (v))
#define PRINT_ID(v)     snprintf(at, left, "%u", (v))
#define PRINT_U32(v)    snprintf(at, left, "%u", (v))
#define PRINT_U64(v)    snprintf(at, left, "%llu", (unsigned long long)(v))
#define PRINT_EMPTY(v)  snprintf(at, left, "%d", (v))
#define PRINT_BYTES(v)  print_bytes((v), binary, at, left)
#define PRINT_RESULT(v) print_result(&(v), at, left)
#define PRINT_Q931(v)   snprintf(at, left, "%u", (v).cause)
#define PRINT_CAUSE(v)  snprintf(at, left, "%u", (v).code)
#define PRINT_ERRORS(v) snprintf(at, left, "%u", (v).crc)
#define PRINT_ACCM(v)   snprintf(at, left, "%u", (v).send)

static void print_bytes(struct view v, bool binary, char *at, size_t left)
{
	if (!binary) {
		view_printable(v, at, left);
		return;
	}
	*at = '\0';
	for (size_t i = 0; i < v.len && 2 * i + 2 < left; i++)
		snprintf(at + 2 * i, left - 2 * i, "%02x", v.p[i]);
}

/* Values that are no text: scripts say them in hexadecimal. */
static bool is_binary(const char *field)
{
	return !strcmp(field, "challenge") || !strcmp(field, "challenge_response");
}

static void print_result(const struct avp_result *r, char *at, size_t left)
{
	char text[256];

	snprintf(at, left, "%u/%u \"text=%s\"", r->code, r->error,
		 view_printable(r->text, text, sizeof(text)));
}

static void print_message(const struct msg *m, char *line, size_t len)
{
	char value[512], *at = value;
	const size_t left = sizeof(value);

#define X(number, name, field, kind, ...)                                                          \
	if ((number) && msg_has(m, field)) {                                                       \
		bool binary = is_binary(#field);                                                   \
		(void)binary;                                                                      \
		PRINT_##kind(m->field);                                                            \
		snprintf(line + strlen(line), len - strlen(line), " %s%s=%s%s",                    \
			 strcmp(#kind, "BYTES") ? "" : "\"", #field, value,                        \
			 strcmp(#kind, "BYTES") ? "" : "\"");                                      \
	}
	AVP_TABLE(X)
#undef X
}

static void sent(void *ctx, uint16_t tid, const struct path *to, const void *bytes, size_t len)
{
	struct client *c = client_at(to);
	char line[LINE_LEN];
	const struct msg_rules rules = {.secret = play.rules.secret};
	struct msg_scratch scratch;
	struct verdict v;
	struct view body;
	struct hdr h;
	struct msg m = {0};

	(void)ctx;
	if (hdr_parse(&h, &body, bytes, len) || !h.control)
		die("we sent something that is no control message");
	if (body.len && msg_parse(&m, body, &rules, &scratch, &v))
		die("we sent a message that we would refuse: AVP %u %s", v.avp, v.text);
	snprintf(line, sizeof(line), "%c%s %s ns=%u nr=%u tid=%u sid=%u", c->name, tid ? "<" : "<<",
		 body.len ? msg_name(m.type) : "ZLB", h.ns, h.nr, h.tid, h.sid);
	print_message(&m, line, sizeof(line));
	if (body.len)
		msg_parse(&m, body, NULL, NULL, &v);
	if (m.hidden)
		strncat(line, " hidden=yes", sizeof(line) - strlen(line) - 1);
	happened(line);
	if (body.len && h.ns == c->nr && tid)
		c->nr++;
}

/* One word of what is expected: a plain word, key=value, key=?variable or key~part. */
static void match(const struct tokens *got, const char *want)
{
	const char *eq = strchr(want, '='), *tilde = strchr(want, '~'), *value;
	char key[64];

	if (!eq && !tilde) {
		for (int i = 0; i < got->n; i++)
			if (!strcmp(got->v[i], want))
				return;
		die("\"%s\" did not happen", want);
	}
	if (!eq || (tilde && tilde < eq))
		eq = tilde;
	snprintf(key, sizeof(key), "%.*s", (int)(eq - want), want);
	value = find(got, 0, key);
	if (!value)
		die("there is no %s", key);
	if (eq == tilde) {
		if (!strstr(value, eq + 1))
			die("\"%s\" is not in %s: %s", eq + 1, key, value);
	} else if (eq[1] == '?') {
		set_var(eq + 2, value);
	} else if (strcmp(value, value_of(eq + 1))) {
		die("%s is %s, not %s", key, value, value_of(eq + 1));
	}
}

/*
 * With a book a packet leaves when all is written down, at the end of its event: then the order is
 * one of packets, and one of what else happens.
 */
static void bring_forward(bool packet)
{
	char line[LINE_LEN];
	int i = play.first;

	while (i < play.n_queue && (play.queue[i][0] != '!') != packet)
		i++;
	if (i == play.n_queue)
		return;
	memcpy(line, play.queue[i], LINE_LEN);
	memmove(play.queue[play.first + 1], play.queue[play.first],
		(size_t)(i - play.first) * LINE_LEN);
	memcpy(play.queue[play.first], line, LINE_LEN);
}

static void expect(const struct tokens *want)
{
	struct tokens got;

	if (play.kills)
		bring_forward(strcmp(want->v[0], "!"));
	if (play.first == play.n_queue)
		die("nothing happened");
	split(&got, play.queue[play.first]);
	for (int i = 0; i < want->n; i++) {
		/* The first two words are who and what, in their places. */
		if (i < 2 && (got.n <= i || strcmp(want->v[i], got.v[i])))
			die("%s did not happen", want->v[i]);
		if (i >= 2)
			match(&got, want->v[i]);
	}
	play.first++;
}

static void expect_nothing(void)
{
	if (play.first < play.n_queue)
		die("more happened than expected");
}

/*
 * What the peer sends
 */

static void hex(struct wr *out, const char *word)
{
	char digits[8];

	if (word[0] == '$') {
		snprintf(digits, sizeof(digits), "%04x", (unsigned int)number(word) & 0xffff);
		word = digits;
	}
	for (; word[0] && word[1]; word += 2) {
		unsigned int byte;

		if (sscanf(word, "%2x", &byte) != 1)
			die("\"%s\" is not hexadecimal", word);
		wr_u8(out, (uint8_t)byte);
	}
	if (word[0])
		die("half a byte");
}

#define SCAN_U16(f)    (f) = (uint16_t)number(word)
#define SCAN_ID(f)     (f) = (uint16_t)number(word)
#define SCAN_U32(f)    (f) = (uint32_t)number(word)
#define SCAN_U64(f)    (f) = number(word)
#define SCAN_EMPTY(f)  (f) = true
#define SCAN_BYTES(f)  (f) = scan_bytes(key, word)
#define SCAN_Q931(f)   (f).cause = (uint16_t)number(word)
#define SCAN_CAUSE(f)  (f).code = (uint16_t)number(word)
#define SCAN_ERRORS(f) (f).crc = (uint32_t)number(word)
#define SCAN_ACCM(f)   (f).send = (uint32_t)number(word)
#define SCAN_RESULT(f) scan_result(&(f), word)

static uint16_t type_of(const char *word)
{
#define X(number, name, ...)                                                                       \
	if (!strcmp(word, #name))                                                                  \
		return number;
	MSG_TABLE(X)
#undef X
	die("there is no message \"%s\"", word);
}

/*
 * Text; or for binary values hexadecimal, and "answer:SCCCN:SECRET:CHALLENGE".  Valid until the
 * next call.
 */
static struct view scan_bytes(const char *key, const char *word)
{
	static uint8_t bytes[256], challenge[256];
	char type[16], secret[64], asked[128];
	struct wr out;

	if (!is_binary(key))
		return view_str(value_of(word));
	wr_init(&out, bytes, sizeof(bytes));
	if (sscanf(word, "answer:%15[^:]:%63[^:]:%127s", type, secret, asked) != 3) {
		hex(&out, value_of(word));
		return (struct view){bytes, out.len};
	}
	wr_init(&out, challenge, sizeof(challenge));
	hex(&out, value_of(asked));
	auth_response(type_of(type), view_str(secret), (struct view){challenge, out.len}, bytes);
	return (struct view){bytes, AUTH_RESPONSE_LEN};
}

/* "2", "2/8" or "2/8/text" */
static void scan_result(struct avp_result *r, const char *word)
{
	unsigned int code = 0, error = 0;
	int text = 0;

	if (sscanf(word, "%u/%u/%n", &code, &error, &text) < 1)
		die("\"%s\" is no result", word);
	*r = (struct avp_result){(uint16_t)code, (uint16_t)error,
				 view_str(text ? word + text : "")};
}

/* AVPs in the script's order, without regard to what a message may carry. */
static void write_avp(struct wr *out, const char *token, const struct hiding *hide)
{
	const char *eq = strchr(token, '='), *word;
	char key[64];

	if (!eq)
		die("\"%s\" is no AVP", token);
	snprintf(key, sizeof(key), "%.*s", (int)(eq - token), token);
	word = eq + 1;
#define X(number_, name, field, kind, ...)                                                         \
	if (!strcmp(key, #field)) {                                                                \
		avp_kind_##kind value = {0};                                                       \
		SCAN_##kind(value);                                                                \
		avp_write(out, (enum avp)(number_), &value, hide);                                 \
		return;                                                                            \
	}
	AVP_TABLE(X)
#undef X
	die("there is no AVP \"%s\"", key);
}

static bool is_header_key(const char *token)
{
	static const char *const keys[] = {"ns=", "nr=", "tid=", "sid=", "via="};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strncmp(token, keys[i], strlen(keys[i])))
			return true;
	return false;
}

static void write_body(struct wr *out, const struct tokens *t)
{
	static const uint8_t vector[16] = "0123456789abcde";
	struct hiding hide = {.key.vector = {vector, sizeof(vector)}, .avps = UINT64_MAX};
	bool raw = !strcmp(t->v[1], "BYTES"), hides = false;
	uint16_t type;

	if (!strcmp(t->v[1], "ZLB"))
		return;
	if (!raw) {
		type = type_of(t->v[1]);
		avp_write(out, AVP_MESSAGE_TYPE, &type, NULL);
	}
	for (int i = 2; i < t->n; i++) {
		if (is_header_key(t->v[i]))
			continue;
		if (raw) {
			hex(out, t->v[i]);
		} else if (!strncmp(t->v[i], "hide=", 5)) {
			hides = true;
			hide.key.secret = view_str(t->v[i] + 5);
			avp_write(out, AVP_RANDOM_VECTOR, &hide.key.vector, NULL);
		} else {
			write_avp(out, t->v[i], hides ? &hide : NULL);
		}
	}
}

static void input(struct client *c, const struct tokens *t, uint16_t tid, const struct wr *out)
{
	uint16_t via = number_or(t, "via", play.w->tunnels[tid].open ? tid : 0);

	if (out->bad)
		die("the packet is too long");
	lns_input(play.w->lns, &c->path, via, out->buf, out->len, play.w->now);
}

/* "A> ICRQ tid=$t ...": a message with a right header, but for what the script says. */
static void send_message(struct client *c, const struct tokens *t)
{
	uint8_t bytes[2048];
	struct wr body, head;
	struct hdr h = {.control = true};

	if (t->n < 2)
		die("which message?");
	h.tid = number_or(t, "tid", 0);
	h.sid = number_or(t, "sid", 0);
	h.ns = number_or(t, "ns", c->ns);
	h.nr = number_or(t, "nr", c->nr);
	wr_init(&body, bytes + HDR_CONTROL_LEN, sizeof(bytes) - HDR_CONTROL_LEN);
	write_body(&body, t);
	if (body.len && h.ns == c->ns)
		c->ns++;
	wr_init(&head, bytes, sizeof(bytes));
	hdr_build(&head, &h, (uint16_t)(HDR_CONTROL_LEN + body.len));
	head.len += body.len;
	head.bad |= body.bad;
	input(c, t, h.tid, &head);
}

/* "A= c802 ...": a datagram as it is. */
static void send_bytes(struct client *c, const struct tokens *t)
{
	uint8_t bytes[2048];
	struct wr out;

	wr_init(&out, bytes, sizeof(bytes));
	for (int i = 1; i < t->n; i++)
		if (!is_header_key(t->v[i]))
			hex(&out, t->v[i]);
	input(c, t, number_or(t, "via", 0), &out);
}

/*
 * Commands
 */

static void cmd_client(const struct tokens *t)
{
	struct client *c = &play.clients[play.n_clients];
	const char *peer = find(t, 1, "peer"), *local = find(t, 1, "local");

	if (t->n < 2 || play.n_clients == 8)
		die("client NAME [mark=N] [peer=ADDRESS:PORT] [local=ADDRESS:PORT]");
	c->name = t->v[1][0];
	c->path.sa.mark = number_or(t, "mark", 0);
	c->path.sa.reqid = c->path.sa.mark;
	if (addr_parse(&c->path.local, local ? local : "192.0.2.1:1701", 0) ||
	    addr_parse(&c->path.peer, peer ? peer : "198.51.100.7:1701", 1701))
		die("bad address");
	play.n_clients++;
}

static void cmd_conf(const struct tokens *t)
{
	struct lns_conf *c = &play.conf;
	const char *word;

	c->window = number_or(t, "window", c->window);
	c->retry_max = number_or(t, "retry_max", (uint16_t)c->retry_max);
	c->sessions_per_tunnel = number_or(t, "sessions", (uint16_t)c->sessions_per_tunnel);
	c->tid_lo = number_or(t, "tid_lo", c->tid_lo);
	c->tid_hi = number_or(t, "tid_hi", c->tid_hi);
	c->strangers = number_or(t, "strangers", (uint16_t)c->strangers);
	if ((word = find(t, 1, "hello")))
		c->hello = strcmp(word, "never") ? duration(word) : USEC_NEVER;
	if ((word = find(t, 1, "strictness")))
		c->strictness = !strcmp(word, "strict")       ? MSG_STRICT
				: !strcmp(word, "permissive") ? MSG_PERMISSIVE
							      : MSG_TOLERANT;
	if ((word = find(t, 1, "setup")))
		c->setup_limit = duration(word);
	if ((word = find(t, 1, "secret"))) {
		snprintf(play.secret, sizeof(play.secret), "%s", word);
		play.rules.secret = view_str(play.secret);
		play.rules.challenge = true;
	}
	play.rules.challenge = number_or(t, "challenge", play.rules.challenge);
	play.dials = number_or(t, "dials", play.dials);
	play.rules.hide = number_or(t, "hide", play.rules.hide);
}

static void cmd_fail(const struct tokens *t)
{
	if (t->n != 3)
		die("fail PORT ERROR");
#define X(name, word)                                                                              \
	if (!strcmp(t->v[1], word)) {                                                              \
		play.w->fail[WORLD_##name] = -(int)number(t->v[2]);                                \
		return;                                                                            \
	}
	WORLD_PORTS(X)
#undef X
	die("there is no port \"%s\"", t->v[1]);
}

static void cmd_counter(const struct tokens *t)
{
	for (enum counter i = 0; i < COUNTER_COUNT; i++) {
		const char *want = find(t, 1, counter_word(i));
		uint64_t n = lns_counters(play.w->lns)->n[i];

		if (want && n != number(want))
			die("%s is %llu", counter_word(i), (unsigned long long)n);
		if (want)
			return;
	}
	die("there is no such counter");
}

static void cause_of(const struct tokens *t, struct cause *ret)
{
	const char *text = find(t, 1, "text");

	cause_set(ret, STAGE_UP, number_or(t, "result", 3), 0, "%s", text ? text : "because");
	ret->ppp = number_or(t, "ppp", 0);
}

static struct client *client_named(char name)
{
	for (int i = 0; i < play.n_clients; i++)
		if (play.clients[i].name == name)
			return &play.clients[i];
	die("there is no client %c", name);
}

static void cmd_open(const struct tokens *t)
{
	uint16_t tid;
	int err;

	if (t->n < 2)
		die("open CLIENT");
	err = -world_open_tunnel(play.w, &client_named(t->v[1][0])->path, &tid);
	if (err != (int)number_or(t, "err", 0))
		die("it gives %d", err);
}

static void call_of(const struct tokens *t, struct call *ret)
{
	const char *calling = find(t, 1, "calling"), *called = find(t, 1, "called");
	const char *speed = find(t, 1, "speed");

	*ret = (struct call){.role = CALL_LAC_IN};
	for (int i = 1; i < t->n; i++)
		if (!strcmp(t->v[i], "out"))
			ret->role = CALL_LNS_OUT;
	snprintf(ret->calling_number, sizeof(ret->calling_number), "%s", calling ? calling : "");
	snprintf(ret->called_number, sizeof(ret->called_number), "%s", called ? called : "");
	ret->tx_speed = speed ? (uint32_t)number(speed) : 0;
	ret->bearer = (uint32_t)number_or(t, "bearer", 0);
	ret->framing = (uint32_t)number_or(t, "framing", 0);
}

/* "call in tid=$t calling=555", "call out tid=$t called=555": as LAC, as LNS */
static void cmd_call(const struct tokens *t)
{
	struct call call;
	uint16_t sid;
	int err;

	call_of(t, &call);
	err = -lns_place_call(play.w->lns, number_or(t, "tid", 0), &call, play.w->now, &sid);
	if (err != (int)number_or(t, "err", 0))
		die("it gives %d", err);
}

/* "answer sid=$s speed=64000": what we dial */
static void cmd_answer(const struct tokens *t)
{
	struct call call;
	int err;

	call_of(t, &call);
	err = -lns_call_answered(play.w->lns, number_or(t, "sid", 0), &call, play.w->now);
	if (err != (int)number_or(t, "err", 0))
		die("it gives %d", err);
}

/* Another server would not know that it is to stop. */
static void shut_down(const struct cause *why)
{
	play.w->kills = false;
	lns_shutdown(play.w->lns, why, play.w->now);
}

static void cmd_end(const struct tokens *t)
{
	const char *tid = find(t, 1, "tid"), *sid = find(t, 1, "sid"), *mark = find(t, 1, "mark");
	const char *orphan = find(t, 1, "orphan");
	struct cause why;
	int err = 0;

	cause_of(t, &why);
	if (sid)
		err = lns_end_session(play.w->lns, (uint16_t)number(sid), &why, play.w->now);
	else if (tid)
		err = lns_end_tunnel(play.w->lns, (uint16_t)number(tid), &why, play.w->now);
	else if (mark)
		lns_sa_gone(play.w->lns, (uint32_t)number(mark), &why, play.w->now);
	else if (orphan)
		lns_sa_orphaned(play.w->lns, (uint32_t)number(orphan), &why, play.w->now);
	else
		shut_down(&why);
	if (err)
		die("it is not there");
}

/* "move A mark=9 peer=ADDRESS": A's SA goes on as another one, or it has another address */
static void cmd_move(const struct tokens *t)
{
	struct client *c = client_named(t->n > 1 ? t->v[1][0] : '?');
	const char *peer = find(t, 1, "peer"), *local = find(t, 1, "local");
	struct path was = c->path;

	c->path.sa.mark = c->path.sa.reqid = number_or(t, "mark", (uint16_t)c->path.sa.mark);
	if ((peer && addr_parse(&c->path.peer, peer, 4500)) ||
	    (local && addr_parse(&c->path.local, local, 4500)))
		die("bad address");
	lns_sa_moved(play.w->lns, was.sa.mark, &c->path, play.w->now);
	c->path.peer.port = was.peer.port; /* what came with it is one of IKE */
	c->path.local.port = was.local.port;
}

static void cmd_exit(const struct tokens *t)
{
	const char *sid = find(t, 1, "sid");
	struct cause why;

	if (!sid)
		die("exit sid=N");
	cause_of(t, &why);
	world_ppp_exits(play.w, (uint16_t)number(sid), &why);
}

static void cmd_wait(const struct tokens *t)
{
	if (t->n != 2)
		die("wait TIME");
	world_run(play.w, play.w->now + duration(t->v[1]));
}

static void cmd_show(const struct tokens *t)
{
	char got[LINE_LEN] = "", want[LINE_LEN] = "";
	size_t n = 0;

	for (uint16_t id = 0; (id = lns_next_tunnel(play.w->lns, id));) {
		struct tunnel_info info;

		lns_tunnel_info(play.w->lns, id, &info);
		snprintf(got + strlen(got), LINE_LEN - strlen(got), "tunnel %s sessions %u ",
			 info.state, info.n_sessions);
		for (uint16_t sid = 0; (sid = lns_next_session_of(play.w->lns, id, sid));) {
			struct session_info s;

			lns_session_info(play.w->lns, sid, &s);
			snprintf(got + strlen(got), LINE_LEN - strlen(got), "session %s ", s.state);
		}
	}
	for (int i = 1; i < t->n; i++)
		n += (size_t)snprintf(want + n, LINE_LEN - n, "%s ", t->v[i]);
	if (strcmp(got, want))
		die("it shows: %s", got);
}

/* "info sid=$s role=lns-incoming called=...": what the listing has of a session */
static void cmd_info(const struct tokens *t)
{
	struct session_info s;
	char line[LINE_LEN];
	struct tokens got;

	if (lns_session_info(play.w->lns, number_or(t, "sid", 0), &s))
		die("it is not there");
	snprintf(line, sizeof(line),
		 "state=%s role=%s serial=%u calling=\"%s\" called=\"%s\" sub=\"%s\" channel=%u "
		 "tx=%u rx=%u bearer=%u framing=%u crc=%u accm=%x/%x",
		 s.state, call_role_word(s.call->role), s.call->serial, s.call->calling_number,
		 s.call->called_number, s.call->sub_address, s.call->channel, s.call->tx_speed,
		 s.call->rx_speed, s.call->bearer, s.call->framing, s.errors->crc,
		 s.accm ? s.accm->send : 0, s.accm ? s.accm->receive : 0);
	split(&got, line);
	for (int i = 2; i < t->n; i++)
		match(&got, t->v[i]);
}

static void cmd_set(const struct tokens *t)
{
	for (int i = 0; i < play.n_clients; i++)
		if (t->n > 1 && play.clients[i].name == t->v[1][0]) {
			play.clients[i].ns = number_or(t, "ns", play.clients[i].ns);
			play.clients[i].nr = number_or(t, "nr", play.clients[i].nr);
			return;
		}
	die("there is no such client");
}

/* "kills 0": it is not killed from here on */
static void cmd_kills(const struct tokens *t)
{
	if (t->n != 2)
		die("kills 0 or 1");
	play.w->kills = play.kills && number(t->v[1]);
}

static const struct {
	const char *word;
	void (*run)(const struct tokens *t);
} commands[] = {
	{"fail", cmd_fail},   {"counter", cmd_counter}, {"end", cmd_end},   {"exit", cmd_exit},
	{"wait", cmd_wait},   {"show", cmd_show},       {"set", cmd_set},   {"open", cmd_open},
	{"call", cmd_call},   {"answer", cmd_answer},   {"info", cmd_info}, {"move", cmd_move},
	{"kills", cmd_kills},
};

static bool is_client_line(const struct tokens *t, const char *sign)
{
	return isupper((unsigned char)t->v[0][0]) && !strcmp(t->v[0] + 1, sign);
}

static void start(void)
{
	if (play.w)
		return;
	play.w = play.kills ? world_new_kept(&play.conf, play.dials)
			    : world_new_lac(&play.conf, play.dials);
	play.w->kills = play.kills;
	play.w->rules = play.rules;
	play.w->sent = sent;
	play.w->did = did;
}

/* What makes something happen. */
static void run_step(const struct tokens *t)
{
	if (is_client_line(t, ">")) {
		send_message(client_named(t->v[0][0]), t);
		return;
	}
	if (is_client_line(t, "=")) {
		send_bytes(client_named(t->v[0][0]), t);
		return;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(t->v[0], commands[i].word)) {
			commands[i].run(t);
			return;
		}
	die("there is no command \"%s\"", t->v[0]);
}

static void run_line(const struct tokens *t)
{
	if (!strcmp(t->v[0], "client")) {
		cmd_client(t);
		return;
	}
	if (!strcmp(t->v[0], "conf")) {
		cmd_conf(t);
		return;
	}
	start();
	if (!strcmp(t->v[0], "!") || is_client_line(t, "<") || is_client_line(t, "<<")) {
		expect(t);
		return;
	}
	expect_nothing();
	run_step(t);
	world_kill(play.w);
}

static char lines[LINES_MAX][LINE_LEN];

static void run_lines(int n)
{
	struct {
		int line;
		unsigned long long left;
	} loops[DEPTH_MAX];
	struct tokens t;
	int depth = 0;

	for (int i = 0; i < n; i++) {
		play.line = i + 1;
		split(&t, lines[i]);
		if (!t.n)
			continue;
		if (!strcmp(t.v[0], "repeat") && t.n == 2 && depth < DEPTH_MAX) {
			loops[depth].line = i;
			loops[depth++].left = number(t.v[1]);
		} else if (!strcmp(t.v[0], "again") && depth) {
			if (--loops[depth - 1].left)
				i = loops[depth - 1].line;
			else
				depth--;
		} else {
			run_line(&t);
		}
	}
}

/* Where the comment begins, or the end. */
static char *end_of(char *line)
{
	bool quoted = false;

	for (; *line && (quoted || (*line != '#' && *line != '\n')); line++)
		quoted ^= *line == '"';
	return line;
}

/*
 * A line that begins with a blank goes on with the one before it; comments in between do not count,
 * and the empty line that is left keeps the numbers right.
 */
static void join_lines(int n)
{
	int first = 0;

	for (int i = 1; i < n; i++) {
		char *at = end_of(lines[first]), *end = end_of(lines[i]);

		if (!isblank((unsigned char)lines[i][0])) {
			first = lines[i][0] == '#' ? first : i;
			continue;
		}
		*end = '\0';
		if (snprintf(at, LINE_LEN - (size_t)(at - lines[first]), "%s", lines[i]) >=
		    LINE_LEN - (at - lines[first]))
			die("line %d and what belongs to it is too long", first + 1);
		lines[i][0] = '\0';
	}
}

static void run_file(const char *file, bool kills)
{
	FILE *f = fopen(file, "r");
	int n = 0;

	memset(&play, 0, offsetof(__typeof__(play), queue));
	play.file = file;
	play.kills = kills;
	play.conf = world_conf;
	play.n_queue = play.first = 0;
	if (!f)
		die("%s", strerror(errno));
	while (n < LINES_MAX && fgets(lines[n], LINE_LEN, f))
		n++;
	if (!feof(f) && n == LINES_MAX)
		die("too long");
	fclose(f);
	join_lines(n);
	run_lines(n);
	expect_nothing();
	start();
	play.w->did = NULL;
	play.w->sent = NULL;
	world_end(play.w);
	if (play.kills)
		printf("%s: as expected, killed %u times\n", file, play.w->n_kills);
	else if (!kills)
		printf("%s: as expected\n", file);
	world_free(play.w);
}

/* As it is; and with a server that is killed at every step of it, which nobody notices. */
static void play_both(const char *file)
{
	run_file(file, false);
	run_file(file, true);
}

/* All scripts of the source tree. */
static int run_all(void)
{
	const char *srcdir = getenv("srcdir");
	char pattern[PATH_MAX];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s/tests/replay/*.rp", srcdir ? srcdir : ".");
	if (glob(pattern, 0, NULL, &found)) {
		fprintf(stderr, "no scripts: %s\n", pattern);
		return 1;
	}
	for (size_t i = 0; i < found.gl_pathc; i++)
		play_both(found.gl_pathv[i]);
	globfree(&found);
	return 0;
}

/* The given scripts, else all. */
int main(int argc, char **argv)
{
	if (argc < 2)
		return run_all();
	for (int i = 1; i < argc; i++)
		play_both(argv[i]);
	return 0;
}
