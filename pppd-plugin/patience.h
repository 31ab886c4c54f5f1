/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long a client may go on negotiating: pppd by itself would do so for ever. */
#ifndef PPPD_PLUGIN_PATIENCE_H
#define PPPD_PLUGIN_PATIENCE_H

#include <stdint.h>

#include "lib/base/buf.h"

/* A packet of the client's, before pppd sees it.  May end the session. */
void patience_snoop(uint16_t protocol, struct view packet);

#endif
