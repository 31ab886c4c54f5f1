/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What charon is able to do: asked of its plugin while it runs, of its library while it does not.
 */
#ifndef L2TPD_IPSEC_CHARON_H
#define L2TPD_IPSEC_CHARON_H

#include "lib/bus/record.h"

struct ev_client;

/* Why that matters, as the end of a sentence. */
#define CHARON_NO_IKEV1                                                                            \
	"was built without IKEv1, so the L2TP clients of Windows, macOS, iOS and Android cannot "  \
	"connect; use a strongSwan built with --enable-ikev1"

/*
 * Ask the plugin.  `ret` is zero from now on until it answers, and has to stay as long as the
 * client; what is wrong is logged once.
 */
void charon_ask(struct ev_client *plugin, struct bus_charon *ret);

/* Does the libcharon at `path` speak IKEv1?  1: yes; 0: no; negative: errno, it cannot be read. */
int charon_library_has_ikev1(const char *path);

#endif
