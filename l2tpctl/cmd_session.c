/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands that end sessions and tunnels, or keep new ones away. */
#include <string.h>

#include "l2tpctl/cmd.h"
#include "lib/bus/msg.h"
#include "lib/bus/names.h"

/* "[reason TEXT...]" behind what is to be disconnected: the words of the text become one. */
static int parse_reason(struct cmd *c, char *const *args, bus_text_t *ret)
{
	size_t len = 0;

	if (!args[0])
		return EXIT_OK;
	if (strcmp(args[0], "reason") || !args[1])
		return cmd_fail(c, EXIT_USAGE, "'%s' is not expected here; expected: reason TEXT",
				args[0]);
	for (args++; *args; args++) {
		int n = snprintf(*ret + len, sizeof(*ret) - len, "%s%s", len ? " " : "", *args);

		len += (size_t)n;
		if (len >= sizeof(*ret))
			return cmd_fail(c, EXIT_USAGE,
					"the reason is too long; expected at most %zu bytes",
					sizeof(*ret) - 1);
	}
	return EXIT_OK;
}

/* Ask for what `d` says; the answer fills in the rest. */
static int disconnect(struct cmd *c, char *const *reason, struct bus_disconnect *d)
{
	uint8_t buf[1024];
	struct bus_disconnect said;
	struct msg_out out;
	struct view msg, answer;
	int code = parse_reason(c, reason, &d->reason), r;

	if (!code)
		code = cmd_connect(c);
	if (code)
		return code;
	msg_init(&out, buf, sizeof(buf));
	bus_write(&out, &bus_disconnect_record, d);
	r = msg_done(&out, &msg);
	if (!r)
		r = sync_request(c->bus, BUS_CMD_DISCONNECT, msg, &answer);
	if (!r)
		r = bus_read(answer, &bus_disconnect_record, &said);
	if (r)
		return cmd_bus_failed(c, r);
	code = cmd_check_answer(c, answer);
	if (code)
		return code;
	d->count = said.count;
	if (c->out.format == &out_text)
		fprintf(c->out.fp, "ended %u %s%s\n", d->count, d->tunnel ? "tunnel" : "session",
			d->count == 1 ? "" : "s");
	else
		out_one(&c->out, &bus_disconnect_record, d);
	return EXIT_OK;
}

int cmd_disconnect_session(struct cmd *c, char *const *args)
{
	struct bus_disconnect d = {0};
	int code = cmd_parse_id(c, args[0], &d.session);

	return code ? code : disconnect(c, args + 1, &d);
}

int cmd_disconnect_tunnel(struct cmd *c, char *const *args)
{
	struct bus_disconnect d = {0};
	int code = cmd_parse_id(c, args[0], &d.tunnel);

	return code ? code : disconnect(c, args + 1, &d);
}

int cmd_disconnect_user(struct cmd *c, char *const *args)
{
	struct bus_disconnect d = {0};

	if (!args[0] || !*args[0] || strlen(args[0]) >= sizeof(d.user))
		return cmd_fail(c, EXIT_USAGE, "no user; expected a name of 1 to %zu bytes",
				sizeof(d.user) - 1);
	strcpy(d.user, args[0]);
	return disconnect(c, args + 1, &d);
}

/* A command without arguments; `said` is what has come of it. */
static int order(struct cmd *c, char *const *args, const char *name, const char *said)
{
	struct view answer;
	int code = cmd_no_args(c, args), r;

	if (!code)
		code = cmd_connect(c);
	if (code)
		return code;
	r = sync_request(c->bus, name, (struct view){0}, &answer);
	if (r)
		return cmd_bus_failed(c, r);
	code = cmd_check_answer(c, answer);
	if (!code && c->out.format == &out_text)
		fprintf(c->out.fp, "%s\n", said);
	return code;
}

int cmd_drain(struct cmd *c, char *const *args)
{
	return order(c, args, BUS_CMD_DRAIN,
		     "no new clients are taken, until l2tpctl undrain or a restart of l2tpd");
}

int cmd_undrain(struct cmd *c, char *const *args)
{
	return order(c, args, BUS_CMD_UNDRAIN, "new clients are taken");
}

/* Who asks next waits for the new one: its socket is the same. */
int cmd_restart_engine(struct cmd *c, char *const *args)
{
	return order(c, args, BUS_CMD_RESTART_ENGINE,
		     "another engine goes on with all sessions: see l2tpctl status");
}
