/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints the tables of the state machines, for `l2tpd --dump-fsm` and the manual. */
#include "l2tpd/fsm/machine.h"

static const char *const tunnel_events[TEV_COUNT] = {
#define X(name, word) [TEV_##name] = word,
	TUNNEL_EVENTS(X)
#undef X
};

static const char *const session_events[SEV_COUNT] = {
#define X(name, word) [SEV_##name] = word,
	SESSION_EVENTS(X)
#undef X
};

static void line(FILE *out, const char *state, const char *event, const char *action,
		 const char *next)
{
	fprintf(out, "%-14s %-32s %-14s %s\n", state, event, action, next);
}

static void dump_tunnel(FILE *out)
{
	enum tunnel_state next;

	line(out, "tunnel in", "on", "does", "goes to");
	for (unsigned int s = 0; s < TUN_STATE_COUNT; s++)
		for (unsigned int e = 0; e < TEV_COUNT; e++) {
			const char *action = tunnel_cell(s, e, &next);

			line(out, tunnel_state_word(s), tunnel_events[e], action,
			     tunnel_state_word(next));
		}
}

static void dump_session(FILE *out)
{
	enum session_state next;

	line(out, "session in", "on", "does", "goes to");
	for (unsigned int s = 0; s < SES_STATE_COUNT; s++)
		for (unsigned int e = 0; e < SEV_COUNT; e++) {
			const char *action = session_cell(s, e, &next);

			line(out, session_state_word(s), session_events[e], action,
			     next == SES_GONE ? "its end" : session_state_word(next));
		}
}

void lns_dump_fsm(FILE *out)
{
	dump_tunnel(out);
	fputc('\n', out);
	dump_session(out);
}
