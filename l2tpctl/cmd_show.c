/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands that only look: status, show, version. */
#include <string.h>

#include "config.h"
#include "l2tpctl/cmd.h"
#include "lib/bus/msg.h"
#include "lib/bus/names.h"

/* A list that the daemon streams: the command, its event, and how it is shown */
struct list {
	const char *command, *event;
	struct out_what what;
};

static const struct list tunnels = {
	BUS_CMD_LIST_TUNNELS,
	BUS_EV_LIST_TUNNEL,
	{
		&bus_tunnel_record,
		(const struct out_column[]){
			{"tunnel-id", "TUNNEL"},
			{"state", "STATE"},
			{"peer", "CLIENT"},
			{"host-name", "NAME"},
			{"sessions", "SESSIONS"},
			{"mark", "SA"},
			{"age", "AGE"},
			{"identity", "IDENTITY"},
			{NULL, NULL},
		},
		"no tunnels",
	},
};

static const struct list sessions = {
	BUS_CMD_LIST_SESSIONS,
	BUS_EV_LIST_SESSION,
	{
		&bus_session_record,
		(const struct out_column[]){
			{"session-id", "SESSION"},
			{"user", "USER"},
			{"peer-ip", "ADDRESS"},
			{"state", "STATE"},
			{"peer", "CLIENT"},
			{"auth", "AUTH"},
			{"uptime", "UP"},
			{"ifname", "INTERFACE"},
			{"tunnel-id", "TUNNEL"},
			{"lns", "LNS"},
			{NULL, NULL},
		},
		"no sessions",
	},
};

static const struct list sas = {
	BUS_CMD_ADMIN_LIST_SAS,
	BUS_EV_ADMIN_LIST_SA,
	{
		&bus_sa_record,
		(const struct out_column[]){
			{"mark", "SA"},
			{"connection", "CONNECTION"},
			{"remote", "REMOTE"},
			{"ike-version", "IKE"},
			{"auth", "AUTH"},
			{"encap", "NAT"},
			{"cipher", "CIPHER"},
			{"tunnels", "TUNNELS"},
			{"remote-id", "IDENTITY"},
			{NULL, NULL},
		},
		"no SAs that can carry tunnels",
	},
};

static const struct list leases = {
	BUS_CMD_LIST_LEASES,
	BUS_EV_LIST_LEASE,
	{
		&bus_lease_record,
		(const struct out_column[]){
			{"ip", "ADDRESS"},
			{"pool", "POOL"},
			{"session-id", "SESSION"},
			{"user", "USER"},
			{"age", "AGE"},
			{NULL, NULL},
		},
		"no addresses in use",
	},
};

static const struct list failures = {
	BUS_CMD_LIST_FAILURES,
	BUS_EV_LIST_FAILURE,
	{
		&bus_failure_record,
		(const struct out_column[]){
			{"time", "TIME"},
			{"peer", "CLIENT"},
			{"user", "USER"},
			{"stage", "STAGE"},
			{"reason", "REASON"},
			{NULL, NULL},
		},
		"no failed attempts",
	},
};

static const struct list counters = {
	BUS_CMD_LIST_COUNTERS,
	BUS_EV_LIST_COUNTER,
	{
		&bus_counter_record,
		(const struct out_column[]){
			{"name", "COUNTER"},
			{"value", "VALUE"},
			{"help", "MEANING"},
			{NULL, NULL},
		},
		"no counters",
	},
};

/* Any record that is listed */
union listed {
	struct bus_tunnel tunnel;
	struct bus_session session;
	struct bus_sa sa;
	struct bus_lease lease;
	struct bus_failure failure;
	struct bus_counter counter;
};

struct reading {
	struct cmd *c;
	const struct list *list;
	int err; /* of the first broken item */
};

static void on_item(void *ctx, struct view name, struct view msg)
{
	struct reading *r = ctx;
	union listed item;
	int err;

	if (!view_is(name, r->list->event))
		return;
	err = bus_read(msg, r->list->what.record, &item);
	if (err && !r->err)
		r->err = err;
	if (!err)
		out_item(&r->c->out, &item);
}

static int show_list(struct cmd *c, char *const *args, const struct list *list)
{
	struct reading r = {.c = c, .list = list};
	struct view answer;
	int code = cmd_no_args(c, args), err;

	if (!code)
		code = cmd_connect(c);
	if (code)
		return code;
	out_list(&c->out, &list->what);
	err = sync_list(c->bus, list->command, (struct view){0}, list->event, on_item, &r, &answer);
	if (!err)
		err = r.err;
	if (!err || c->out.n)
		out_list_end(&c->out);
	return err ? cmd_bus_failed(c, err) : cmd_check_answer(c, answer);
}

int cmd_show_tunnels(struct cmd *c, char *const *args)
{
	return show_list(c, args, &tunnels);
}

int cmd_show_sessions(struct cmd *c, char *const *args)
{
	return show_list(c, args, &sessions);
}

int cmd_show_sas(struct cmd *c, char *const *args)
{
	return show_list(c, args, &sas);
}

int cmd_show_leases(struct cmd *c, char *const *args)
{
	return show_list(c, args, &leases);
}

int cmd_show_failures(struct cmd *c, char *const *args)
{
	return show_list(c, args, &failures);
}

int cmd_show_counters(struct cmd *c, char *const *args)
{
	return show_list(c, args, &counters);
}

/* The session that was asked for, among what is listed */
struct wanted {
	struct bus_session session;
	bool found;
	int err;
};

static void on_session(void *ctx, struct view name, struct view msg)
{
	struct wanted *w = ctx;
	struct bus_session s;

	if (!view_is(name, BUS_EV_LIST_SESSION))
		return;
	w->err = bus_read(msg, &bus_session_record, &s);
	if (!w->err && !w->found) {
		w->session = s;
		w->found = true;
	}
}

int cmd_show_session(struct cmd *c, char *const *args)
{
	uint8_t buf[64];
	struct bus_session ask = {0};
	struct wanted w = {0};
	struct msg_out out;
	struct view msg, answer;
	int code = cmd_parse_id(c, args[0], &ask.session), r;

	if (!code)
		code = cmd_no_args(c, args + 1);
	if (!code)
		code = cmd_connect(c);
	if (code)
		return code;
	msg_init(&out, buf, sizeof(buf));
	bus_write(&out, &bus_session_record, &ask);
	r = msg_done(&out, &msg);
	if (!r)
		r = sync_list(c->bus, BUS_CMD_LIST_SESSIONS, msg, BUS_EV_LIST_SESSION, on_session,
			      &w, &answer);
	if (r || w.err)
		return cmd_bus_failed(c, r ? r : w.err);
	code = cmd_check_answer(c, answer);
	if (code)
		return code;
	if (!w.found)
		return cmd_fail(c, EXIT_REFUSED, "there is no session %u", ask.session);
	out_one(&c->out, &bus_session_record, &w.session);
	return EXIT_OK;
}

int cmd_status(struct cmd *c, char *const *args)
{
	struct bus_status status;
	struct view answer;
	int code = cmd_no_args(c, args), r;

	if (!code)
		code = cmd_connect(c);
	if (code)
		return code;
	r = sync_request(c->bus, BUS_CMD_STATUS, (struct view){0}, &answer);
	if (!r)
		r = bus_read(answer, &bus_status_record, &status);
	if (r)
		return cmd_bus_failed(c, r);
	code = cmd_check_answer(c, answer);
	if (code)
		return code;
	out_one(&c->out, &bus_status_record, &status);
	return EXIT_OK;
}

int cmd_version(struct cmd *c, char *const *args)
{
	struct view answer, version;
	char text[OUT_CELL_LEN];
	int code = cmd_no_args(c, args), r;

	if (code)
		return code;
	fprintf(c->out.fp, "l2tpctl %s\n", PACKAGE_VERSION);
	code = cmd_connect(c);
	if (code)
		return code;
	r = sync_request(c->bus, BUS_CMD_VERSION, (struct view){0}, &answer);
	if (!r)
		r = msg_find(answer, "version", &version);
	if (r)
		return cmd_bus_failed(c, r);
	fprintf(c->out.fp, "l2tpd %s\n", view_printable(version, text, sizeof(text)));
	return EXIT_OK;
}
