/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Causes in words: what a peer said, and what was wrong with its message. */
#include <stdio.h>
#include <string.h>

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

/* PPP Disconnect Codes: RFC 3145 3. */
static const char *const ppp_words[] = {
	[1] = "by an administrator",
	[2] = "LCP cannot be negotiated anew",
	[3] = "PPP ended normally",
	[4] = "one side insists on encryption",
	[5] = "LCP timed out",
	[6] = "no LCP was heard",
	[7] = "the line is looped back",
	[8] = "LCP echoes are not answered",
	[9] = "multilink: wrong endpoint",
	[10] = "multilink: wrong packet size",
	[11] = "multilink: wrong sequence numbers",
	[12] = "one side insists on being called back",
	[13] = "authentication timed out",
	[14] = "multilink: wrong user",
	[15] = "no common authentication protocol",
	[16] = "authentication failed",
	[17] = "a network protocol timed out",
	[18] = "no network protocol is left",
	[19] = "no common addresses",
	[20] = "the user may have no address",
};

static const char *ppp_word(uint16_t code)
{
	return code < sizeof(ppp_words) / sizeof(ppp_words[0]) ? ppp_words[code] : NULL;
}

void cause_from_cdn(struct cause *ret, const char *peer, const struct msg *m)
{
	const struct avp_cause *ppp = &m->disconnect_cause;
	const char *word = ppp_word(ppp->code);
	char what[48], text[PEER_TEXT_LEN];

	snprintf(what, sizeof(what), "%s hung up", peer);
	cause_from_peer(ret, STAGE_SESSION, what, cdn_result_text(m->result.code), &m->result);
	ret->ppp = ppp->code;
	if (ppp->text.len)
		word = view_printable(ppp->text, text, sizeof(text));
	if (word)
		snprintf(ret->text + strlen(ret->text), sizeof(ret->text) - strlen(ret->text),
			 "; PPP: %s", word);
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
