/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A datagram in words: header, AVPs one by one, and what the parser makes of it. */
#ifndef L2TPD_WIRE_SHOW_H
#define L2TPD_WIRE_SHOW_H

#include <stdio.h>

#include "l2tpd/wire/msg.h"

/* Print some lines about one datagram to or from UDP port 1701, whatever is in it. */
void show_datagram(FILE *out, struct view datagram, const struct msg_rules *rules);

#endif
