/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine's way from root to its own user with CAP_NET_ADMIN and no more, for ever. */
#ifndef L2TPD_MONITOR_PRIVS_H
#define L2TPD_MONITOR_PRIVS_H

#include <sys/types.h>

#define PRIVS_WHY_LEN 256

/* Numbers of the user and group.  -ENOENT with a sentence that names the cure in `ret_why`. */
int privs_find(const char *user, const char *group, uid_t *ret_uid, gid_t *ret_gid,
	       char ret_why[static PRIVS_WHY_LEN]);

/* As many descriptors as the system lets root have.  Call before privs_drop().  Errno values. */
int privs_raise_nofile(void);

/*
 * Become `user` and `group`, keep CAP_NET_ADMIN only, and close every way back (no_new_privs,
 * securebits, bounding set).  A negative code with a sentence in `ret_why`: do not go on then.
 */
int privs_drop(const char *user, const char *group, char ret_why[static PRIVS_WHY_LEN]);

#endif
