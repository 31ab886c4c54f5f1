/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What pppd's exit status (pppd(8), EXIT STATUS) means: a word, how far it got, a text. */
#ifndef L2TPD_PPP_EXITCODE_H
#define L2TPD_PPP_EXITCODE_H

#include "l2tpd/fsm/ports.h"

struct exitcode {
	int code; /* -1: killed by a signal; -2: a code that we do not know; -3: never ran */
	enum stage stage;    /* where it ends, as far as the code alone can say */
	const char *word;    /* stable, for logs */
	const char *text;    /* for people; names the cure if there is one */
	uint16_t disconnect; /* PPP Disconnect Code (RFC 3145 3); 0: none says it */
};

/* The meaning of a status that wait() gave.  Never NULL; static. */
const struct exitcode *exitcode_find(int wait_status);

/* Why it never ran: the negative code `error` that ppp_calls.exited tells.  Never NULL; static. */
const struct exitcode *exitcode_not_started(int error);

#endif
