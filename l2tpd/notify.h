/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon's state for the service manager.  Two files do it: with libsystemd, and without. */
#ifndef L2TPD_NOTIFY_H
#define L2TPD_NOTIFY_H

/* Started, and ready for clients; stopping.  Nothing happens when nobody wants to know. */
void notify_ready(void);
void notify_stopping(void);

#endif
