/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * LCP's calls about authentication, answered by struct offer; see lcp.h.  pppd's own functions
 * still do all the rest: they never see more than one method, and no Nak or Reject of it.
 */
#include "pppd-plugin/compat.h"

#include <string.h>

#include "pppd-plugin/lcp.h"

static struct offer *offer;
static fsm_callbacks ours; /* pppd's, with three of them replaced */
static const fsm_callbacks *pppds;
static lcp_options possible; /* what pppd would ask for */

static bool is_possible(const struct auth_method *m)
{
	if (m == &eap_method)
		return possible.neg_eap;
	if (m == &pap_method)
		return possible.neg_upap;
	return possible.neg_chap &&
	       possible.chap_mdtype & (m == &chap_method ? MDTYPE_MD5 : MDTYPE_MICROSOFT_V2);
}

/* Ask for the method of the moment, and for no other. */
static void ask(lcp_options *go)
{
	const struct auth_method *m = offer->now;

	go->neg_eap = m == &eap_method;
	go->neg_upap = m == &pap_method;
	go->neg_chap = m == &chap_method || m == &mschapv2_method;
	if (go->neg_chap)
		go->chap_mdtype = m == &chap_method ? MDTYPE_MD5 : MDTYPE_MICROSOFT_V2;
}

static void on_reset(fsm *f)
{
	lcp_options *go = &lcp_gotoptions[f->unit];

	pppds->resetci(f);
	possible = *go;
	offer_begin(offer, is_possible);
	ask(go);
}

/* Take authentication out of what the peer has answered: the length of the rest. */
static int without_auth(struct offer *o, unsigned char *options, int len, bool rejected)
{
	uint8_t rest[PPP_MRU];
	size_t n;

	if (len < 0 || (size_t)len > sizeof(rest))
		return len; /* longer than any packet of LCP: pppd's to judge */
	offer_answered(o, (struct view){options, (size_t)len}, rejected, rest, &n);
	memcpy(options, rest, n);
	return (int)n;
}

/* pppd has judged the rest: an answer that it passes over has changed nothing. */
static int answered(fsm *f, const struct offer *o, int is_good)
{
	if (!is_good || f->state == OPENED)
		return is_good;
	*offer = *o;
	ask(&lcp_gotoptions[f->unit]);
	return is_good;
}

static int on_nak(fsm *f, unsigned char *options, int len, int treat_as_reject)
{
	struct offer o = *offer;

	len = without_auth(&o, options, len, false);
	return answered(f, &o, pppds->nakci(f, options, len, treat_as_reject));
}

static int on_reject(fsm *f, unsigned char *options, int len)
{
	struct offer o = *offer;

	len = without_auth(&o, options, len, true);
	return answered(f, &o, pppds->rejci(f, options, len));
}

void lcp_use_offer(struct offer *o)
{
	offer = o;
	pppds = lcp_fsm[0].callbacks;
	ours = *pppds;
	ours.resetci = on_reset;
	ours.nakci = on_nak;
	ours.rejci = on_reject;
	lcp_fsm[0].callbacks = &ours;
}
