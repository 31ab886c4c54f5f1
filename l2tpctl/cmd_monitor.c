/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Following what happens. */
#include "l2tpctl/cmd.h"
#include "lib/bus/names.h"

/* The events that are followed, and what they carry */
static const struct {
	const char *event;
	const struct bus_record *record;
} followed[] = {
	{BUS_EV_TUNNEL_UP, &bus_tunnel_record},     {BUS_EV_TUNNEL_DOWN, &bus_tunnel_record},
	{BUS_EV_TUNNEL_MOVED, &bus_tunnel_record},  {BUS_EV_SESSION_UP, &bus_session_record},
	{BUS_EV_SESSION_DOWN, &bus_session_record}, {BUS_EV_FAILURE, &bus_failure_record},
};

#define N_FOLLOWED (sizeof(followed) / sizeof(followed[0]))

static int show_event(struct cmd *c, struct view name, struct view msg)
{
	union {
		struct bus_tunnel tunnel;
		struct bus_session session;
		struct bus_failure failure;
	} obj;

	for (size_t i = 0; i < N_FOLLOWED; i++) {
		if (view_is(name, followed[i].event)) {
			int r = bus_read(msg, followed[i].record, &obj);

			if (!r)
				out_event(&c->out, followed[i].event, followed[i].record, &obj);
			return r;
		}
	}
	return 0;
}

int cmd_monitor(struct cmd *c, char *const *args)
{
	struct view name, msg;
	int code = cmd_no_args(c, args), r = 0;

	if (!code)
		code = cmd_connect(c);
	if (code)
		return code;
	for (size_t i = 0; i < N_FOLLOWED && !r; i++)
		r = sync_register(c->bus, followed[i].event);
	while (!r && !ferror(c->out.fp)) {
		r = sync_next(c->bus, USEC_NEVER, &name, &msg);
		if (!r)
			r = show_event(c, name, msg);
	}
	return r ? cmd_bus_failed(c, r) : EXIT_OK;
}
