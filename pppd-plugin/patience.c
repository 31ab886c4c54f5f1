/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counts what makes pppd negotiate: each Configure-Request after Opened takes the link or the
 * network down and up again (RFC 1661 4.3), and before Opened each Configure packet may lead to
 * another one.
 */
#include "pppd-plugin/compat.h"

#include "pppd-plugin/patience.h"
#include "pppd-plugin/session.h"

#define CONFIGURE_REQUEST 1 /* RFC 1661 5 */
#define CONFIGURE_REJECT  4
#define CONTROL_FIRST     0x8000 /* protocol numbers of control protocols, RFC 1661 2 */

/* Honest clients start over once or twice, as after a call-back; a session may live for weeks. */
#define ANEW_MAX          10
/* Enough for that many negotiations with every option refused first. */
#define CONFIGURE_MAX     200

static unsigned int n_anew, n_configure;

static bool is_opened(uint16_t protocol)
{
	return (protocol == PPP_LCP && lcp_fsm[0].state == OPENED) ||
	       (protocol == PPP_IPCP && ipcp_fsm[0].state == OPENED);
}

void patience_snoop(uint16_t protocol, struct view packet)
{
	if (protocol < CONTROL_FIRST || !packet.len || packet.p[0] < CONFIGURE_REQUEST ||
	    packet.p[0] > CONFIGURE_REJECT)
		return;
	if (protocol != PPP_LCP && protocol >= PPP_LCP)
		return; /* authentication has other codes, and limits of its own */
	n_configure++;
	if (packet.p[0] == CONFIGURE_REQUEST && is_opened(protocol))
		n_anew++;
	if (n_anew > ANEW_MAX)
		session_end(EXIT_NEGOTIATION_FAILED,
			    "the client has started to negotiate anew more than %d times",
			    ANEW_MAX);
	else if (n_configure > CONFIGURE_MAX)
		session_end(EXIT_NEGOTIATION_FAILED,
			    "the client has sent more than %d Configure packets", CONFIGURE_MAX);
}
