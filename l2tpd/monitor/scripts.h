/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps pppd from its script /etc/ppp/ip-pre-up, which it runs in each session and waits for.  The
 * distribution's starts a shell and two more programs: half of what a session's start costs.
 */
#ifndef L2TPD_MONITOR_SCRIPTS_H
#define L2TPD_MONITOR_SCRIPTS_H

/*
 * From now on this process and its children live in a mount namespace of their own, in which that
 * file is a program that does nothing; mounts made outside are seen as before.  0, also when there
 * is no such script; or a negative errno: the script will be run.  Needs CAP_SYS_ADMIN.
 */
int scripts_hide(void);

#endif
