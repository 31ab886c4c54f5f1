/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Table of SAs by mark, fed by charon's plugin.  Of each SA the plugin's last message is kept as it
 * came, and parsed again for listings: an SA costs a few hundred bytes.
 */
#include "l2tpd/ipsec/sa.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "l2tpd/ipsec/charon.h"
#include "l2tpd/ipsec/kernel.h"
#include "l2tpd/ipsec/sa_impl.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/bus/msg.h"
#include "lib/bus/names.h"

static const char *const events[] = {
	BUS_EV_LIST_SA,   BUS_EV_SA_UP,   BUS_EV_SA_REKEY,   BUS_EV_SA_MIGRATE,
	BUS_EV_SA_UPDATE, BUS_EV_SA_DOWN, BUS_EV_IKE_FAILED,
};

static bool has_mark(const struct map_node *node, const void *mark)
{
	return container_of(node, struct entry, node)->sa.mark == *(const uint32_t *)mark;
}

struct entry *sas_find_entry(const struct sas *s, uint32_t mark)
{
	struct map_node *node =
		map_find(&s->by_mark, map_hash(&mark, sizeof(mark)), has_mark, &mark);

	return node ? container_of(node, struct entry, node) : NULL;
}

static struct view message_of(const struct entry *e)
{
	size_t used = strlen(e->sa.connection) + strlen(e->sa.identity) + 2;

	return (struct view){(const uint8_t *)e->bytes + used, e->len - used};
}

static void entry_free(struct entry *e)
{
	close_forget(e);
	free(e);
}

/* What charon does not know, nobody else removes from the kernel before its lifetime is over. */
static void remove_orphan(const struct entry *e)
{
	struct bus_sa rec;
	int in, out;

	sa_record(&e->sa, &rec);
	in = kernel_remove_sa(&rec.remote, &rec.local, rec.spi_in);
	out = kernel_remove_sa(&rec.local, &rec.remote, rec.spi_out);
	if ((in && in != -ESRCH) || (out && out != -ESRCH))
		log_warn(IPSEC, "sa-stays", "mark=%u: %s", e->sa.mark,
			 err_text(in && in != -ESRCH ? in : out));
}

static void drop(struct sas *s, struct entry *e, enum sas_end how, const char *reason)
{
	heir_forget(s, e);
	map_del(&s->by_mark, &e->node);
	log_info(IPSEC, "sa-down", "mark=%u identity=\"%s\" reason=\"%s\"", e->sa.mark,
		 e->sa.identity, reason);
	s->conf.gone(s->conf.ctx, &e->sa, how, reason);
	if (how == SAS_ORPHANED)
		remove_orphan(e);
	entry_free(e);
}

void sas_drop(struct sas *s, struct entry *e, const char *reason)
{
	drop(s, e, SAS_DELETED, reason);
}

/* charon is not the one that made it.  An SA whose tunnels wait for another one is gone already. */
static void drop_orphan(struct sas *s, struct entry *e)
{
	drop(s, e, heir_is_left(e) ? SAS_DELETED : SAS_ORPHANED, "charon was restarted");
}

static struct entry *entry_new(const struct bus_sa *rec, struct view msg)
{
	const char *id = rec->remote_eap_id[0] ? rec->remote_eap_id : rec->remote_id;
	char identity[BUS_TEXT_LEN];
	size_t connection_len = strlen(rec->connection) + 1, identity_len;
	struct entry *e;

	view_printable(view_str(id), identity, sizeof(identity));
	identity_len = strlen(identity) + 1;
	e = malloc(sizeof(*e) + connection_len + identity_len + msg.len);
	if (!e)
		return NULL;
	*e = (struct entry){
		.sa = {.mark = rec->mark,
		       .reqid = rec->reqid,
		       .proved = rec->auth[0] && strcmp(rec->auth, "psk") != 0,
		       .local = rec->local,
		       .remote = rec->remote},
		.instance = rec->instance,
		.len = connection_len + identity_len + msg.len,
	};
	list_init(&e->in_open);
	heir_describe(e, rec);
	memcpy(e->bytes, rec->connection, connection_len);
	memcpy(e->bytes + connection_len, identity, identity_len);
	memcpy(e->bytes + connection_len + identity_len, msg.p, msg.len);
	e->sa.connection = e->bytes;
	e->sa.identity = e->bytes + connection_len;
	return e;
}

/* `e` is what has become of `old`. */
static void replace(struct sas *s, struct entry *e, struct entry *old)
{
	close_replace(s, e, old);
	heir_replace(s, e, old);
	map_del(&s->by_mark, &old->node);
	map_add(&s->by_mark, &e->node, map_hash(&e->sa.mark, 4)); /* there is room */
	if (!addr_same_ip(&old->sa.remote, &e->sa.remote) ||
	    !addr_same_ip(&old->sa.local, &e->sa.local))
		s->conf.moved(s->conf.ctx, &old->sa, &e->sa);
	s->conf.changed(s->conf.ctx, &e->sa);
	entry_free(old);
}

void sas_wake(struct event *timer, usec_t at)
{
	usec_t now = clock_now(), wait = at > now ? at - now : 0;
	struct timeval tv = {(time_t)(wait / USEC_PER_S), (suseconds_t)(wait % USEC_PER_S)};

	evtimer_add(timer, &tv);
}

static void begin(struct sas *s, struct entry *e, const struct bus_sa *rec)
{
	char remote[ADDR_STR_LEN];

	log_info(IPSEC, "sa-up", "mark=%u reqid=%u peer=%s identity=\"%s\" connection=%s auth=%s",
		 e->sa.mark, e->sa.reqid, addr_format(&rec->remote, remote), e->sa.identity,
		 e->sa.connection, rec->auth);
	close_comes(s, e);
	heir_comes(s, e);
	s->conf.up(s->conf.ctx, &e->sa);
}

/* An SA is new or has changed. */
static void learn(struct sas *s, const struct bus_sa *rec, struct view msg)
{
	struct entry *old = sas_find_entry(s, rec->mark), *e;

	if (old && (old->instance != rec->instance || old->sa.reqid != rec->reqid)) {
		drop_orphan(s, old);
		old = NULL;
	}
	e = entry_new(rec, msg);
	if (!e || (!old && map_add(&s->by_mark, &e->node, map_hash(&rec->mark, 4)))) {
		log_error(IPSEC, "no-memory", "for the SA with mark %u", rec->mark);
		free(e);
		return;
	}
	e->listing = s->listing;
	if (old) {
		replace(s, e, old);
		return;
	}
	begin(s, e, rec);
}

static void on_failed(struct sas *s, struct view msg)
{
	struct bus_failure rec;

	if (bus_read(msg, &bus_failure_record, &rec) || !rec.reason[0]) {
		log_warn(IPSEC, "bad-event", "from %s: no reason; ignoring it", s->conf.path);
		return;
	}
	s->conf.failed(s->conf.ctx, &rec.peer, rec.identity, rec.reason);
}

static void on_event(void *ctx, struct view name, struct view msg)
{
	struct sas *s = ctx;
	struct bus_sa rec;

	if (view_is(name, BUS_EV_IKE_FAILED)) {
		on_failed(s, msg);
		return;
	}
	if (bus_read(msg, &bus_sa_record, &rec) || !rec.mark || !rec.reqid) {
		log_warn(IPSEC, "bad-event", "from %s: no mark or reqid; ignoring it",
			 s->conf.path);
		return;
	}
	if (view_is(name, BUS_EV_SA_DOWN)) {
		struct entry *e = sas_find_entry(s, rec.mark);

		if (e && !heir_awaited(s, e, &rec))
			sas_drop(s, e, rec.reason[0] ? rec.reason : "closed");
		return;
	}
	learn(s, &rec, msg);
}

static void on_gate(void *ctx, int err, struct view msg)
{
	(void)ctx;
	(void)msg;
	if (err == -ERR_UNKNOWN)
		log_warn(IPSEC, "old-plugin",
			 "charon's plugin is older than l2tpd, and lets clients in that nobody "
			 "serves: restart charon");
}

static void send_gate(struct sas *s)
{
	uint8_t bytes[512];
	struct msg_out m;
	struct view msg = {0};

	msg_init(&m, bytes, sizeof(bytes));
	bus_write(&m, &bus_gate_record, &s->gate);
	(void)msg_done(&m, &msg); /* it fits */
	if (ev_client_request(s->client, BUS_CMD_SET_GATE, msg, on_gate, s))
		log_debug(IPSEC, "no-gate", "charon is told when it is connected");
}

void sas_set_gate(struct sas *s, const char *reason)
{
	s->gate = (struct bus_gate){.closed = reason};
	if (reason)
		snprintf(s->gate.reason, sizeof(s->gate.reason), "%s", reason);
	if (s->connected)
		send_gate(s);
}

static void on_connected(void *ctx)
{
	struct sas *s = ctx;

	s->listing++;
	s->last_err = 0;
}

/* What is not in the list has ended while nobody told us, or with the charon that had made it. */
static void on_listed(void *ctx, struct view msg)
{
	struct sas *s = ctx;
	struct map_node *node = map_next(&s->by_mark, NULL), *next;
	struct bus_sa answer = {0};

	(void)bus_read(msg, &bus_sa_record, &answer);
	for (; node; node = next) {
		struct entry *e = container_of(node, struct entry, node);

		next = map_next(&s->by_mark, node);
		if (e->listing == s->listing)
			continue;
		if (e->instance == answer.instance)
			sas_drop(s, e, "closed while l2tpd was not connected to charon");
		else
			drop_orphan(s, e);
	}
	s->listed = s->connected = true;
	if (s->conf.listed)
		s->conf.listed(s->conf.ctx, answer.instance);
	charon_ask(s->client, &s->charon);
	send_gate(s);
	log_info(IPSEC, "charon-connected", "path=%s sas=%zu", s->conf.path, s->by_mark.n);
}

static void on_gone(void *ctx, int err)
{
	struct sas *s = ctx;
	char why[BUS_TEXT_LEN];

	s->connected = false;
	if (err == s->last_err)
		return;
	s->last_err = err;
	if (err == -ERR_CLOSED)
		log_warn(IPSEC, "charon-gone",
			 "path=%s: tunnels stay, new ones wait until charon is back", s->conf.path);
	else
		log_error(IPSEC, "charon-away", "%s", sas_problem(s, why, sizeof(why)));
}

struct sas *sas_new(struct event_base *base, const struct sas_conf *conf)
{
	struct sas *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->conf = *conf;
	s->client_conf = (struct ev_client_conf){
		.path = conf->path,
		.events = events,
		.n_events = sizeof(events) / sizeof(*events),
		.list = BUS_CMD_LIST_SAS,
		.ctx = s,
		.connected = on_connected,
		.event = on_event,
		.listed = on_listed,
		.gone = on_gone,
	};
	map_init(&s->by_mark);
	s->client = ev_client_new(base, &s->client_conf);
	if (heir_init(s, base) || close_init(s, base) || !s->client) {
		sas_free(s);
		return NULL;
	}
	return s;
}

void sas_free(struct sas *s)
{
	struct map_node *node;

	if (!s)
		return;
	if (s->client)
		ev_client_free(s->client);
	while ((node = map_next(&s->by_mark, NULL))) {
		map_del(&s->by_mark, node);
		entry_free(container_of(node, struct entry, node));
	}
	map_done(&s->by_mark);
	heir_done(s);
	close_done(s);
	free(s);
}

bool sas_connected(const struct sas *s)
{
	return s->connected;
}

const char *sas_problem(const struct sas *s, char *ret, size_t cap)
{
	ret[0] = '\0';
	if (s->connected)
		return ret;
	if (s->last_err == -EACCES)
		snprintf(ret, cap,
			 "%s: %s; set charon.plugins.l2tp.group in strongswan.conf to l2tpd's "
			 "group, "
			 "and restart charon",
			 s->conf.path, err_text(EACCES));
	else
		snprintf(ret, cap,
			 "%s: %s; is charon running, with the plugin libstrongswan-l2tp.so loaded?",
			 s->conf.path, s->last_err ? err_text(s->last_err) : "not connected yet");
	return ret;
}

const struct bus_charon *sas_charon(const struct sas *s)
{
	return s->connected ? &s->charon : NULL;
}

const struct sa *sas_find(const struct sas *s, uint32_t mark)
{
	const struct entry *e = sas_find_entry(s, mark);

	return e ? &e->sa : NULL;
}

size_t sas_count(const struct sas *s)
{
	return s->by_mark.n - s->n_left;
}

const struct sa *sas_next(const struct sas *s, const struct sa *last)
{
	const struct map_node *node = last ? &container_of(last, struct entry, sa)->node : NULL;

	do
		node = map_next(&s->by_mark, node);
	while (node && heir_is_left(container_of(node, struct entry, node)));
	return node ? &container_of(node, struct entry, node)->sa : NULL;
}

void sa_record(const struct sa *sa, struct bus_sa *ret)
{
	bus_read(message_of(container_of(sa, struct entry, sa)), &bus_sa_record, ret);
}
