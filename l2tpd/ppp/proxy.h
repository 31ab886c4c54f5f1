/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a LAC has negotiated before the call came to us, in words.  RFC 2661 4.4.5, RFC 1661 6 */
#ifndef L2TPD_PPP_PROXY_H
#define L2TPD_PPP_PROXY_H

#include "l2tpd/fsm/ports.h"

#define PROXY_WORDS_LEN 256

/*
 * "auth=pap user="..." client="mru=1460 magic" lac="auth=c223"", without what the client answered
 * to be authenticated.  `client`: what it asked for last; `lac`: what it was asked for.  Returns
 * `ret`.
 */
const char *proxy_words(const struct proxy *p, char ret[static PROXY_WORDS_LEN]);

#endif
