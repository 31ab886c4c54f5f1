/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Causes in words: what a peer said, and what was wrong with its message. */
#include "l2tpd/fsm/machine.h"

/* In a peer's message, in a cause: enough to see what is meant. */
#define PEER_TEXT_LEN 64

void cause_from_peer(struct cause *ret, enum stage stage, const char *what, const char *words,
		     const struct avp_result *r)
{
	char text[PEER_TEXT_LEN];

	if (!r->code)
		cause_set(ret, stage, 0, 0, "%s", what);
	else if (r->text.len)
		cause_set(ret, stage, r->code, r->error, "%s: %s (%s)", what, words,
			  view_printable(r->text, text, sizeof(text)));
	else if (r->code == RESULT_GENERAL)
		cause_set(ret, stage, r->code, r->error, "%s: %s", what, error_code_text(r->error));
	else
		cause_set(ret, stage, r->code, r->error, "%s: %s", what, words);
}

void cause_from_verdict(struct cause *ret, enum stage stage, const struct msg *m,
			const struct verdict *v)
{
	if (v->vendor)
		cause_set(ret, stage, v->result, v->error, "%s: AVP %u of vendor %u: %s",
			  msg_name(m->type), v->avp, v->vendor, v->text);
	else
		cause_set(ret, stage, v->result, v->error, "%s: AVP %u (%s): %s", msg_name(m->type),
			  v->avp, avp_name(v->avp), v->text);
}
