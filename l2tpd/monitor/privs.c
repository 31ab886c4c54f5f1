/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gives up root for good; see capabilities(7) on securebits and the bounding set. */
#include "l2tpd/monitor/privs.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NR_OPEN_PATH "/proc/sys/fs/nr_open"

/* uid 0 means nothing, changing uid changes no capability, and none of this can be undone */
#define SECUREBITS                                                                                 \
	(SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |                           \
	 SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |   \
	 SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED)

int privs_find(const char *user, const char *group, uid_t *ret_uid, gid_t *ret_gid,
	       char ret_why[static PRIVS_WHY_LEN])
{
	const struct passwd *pw = getpwnam(user);
	const struct group *gr = getgrnam(group);

	if (!pw || !gr) {
		snprintf(ret_why, PRIVS_WHY_LEN,
			 "there is no %s \"%s\": systemd-sysusers, or useradd --system "
			 "--user-group %s",
			 pw ? "group" : "user", pw ? group : user, user);
		return -ENOENT;
	}
	*ret_uid = pw->pw_uid;
	*ret_gid = gr->gr_gid;
	return 0;
}

int privs_raise_nofile(void)
{
	struct rlimit limit;
	unsigned long max;
	FILE *f = fopen(NR_OPEN_PATH, "re");

	if (!f)
		return -errno;
	if (fscanf(f, "%lu", &max) != 1)
		max = 0;
	fclose(f);
	if (getrlimit(RLIMIT_NOFILE, &limit))
		return -errno;
	/* Only root may go above the hard limit; others go up to it. */
	if (max > limit.rlim_max && !geteuid())
		limit.rlim_max = max;
	limit.rlim_cur = limit.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &limit) ? -errno : 0;
}

static int keep_only(unsigned int capability)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};

	data[CAP_TO_INDEX(capability)].permitted = CAP_TO_MASK(capability);
	data[CAP_TO_INDEX(capability)].effective = CAP_TO_MASK(capability);
	return syscall(SYS_capset, &header, data) ? -errno : 0;
}

static int bound_to(unsigned int capability)
{
	/* The kernel may know more capabilities than our headers: EINVAL comes after the last. */
	for (unsigned int c = 0; prctl(PR_CAPBSET_READ, c, 0, 0, 0) >= 0; c++)
		if (c != capability && prctl(PR_CAPBSET_DROP, c, 0, 0, 0))
			return -errno;
	return 0;
}

static int fail(int err, const char *step, char ret_why[static PRIVS_WHY_LEN])
{
	snprintf(ret_why, PRIVS_WHY_LEN,
		 "cannot give up root: %s: %s; start l2tpd as root, and in a container with "
		 "CAP_NET_ADMIN, CAP_SETUID, CAP_SETGID and CAP_SETPCAP",
		 step, strerror(-err));
	return err;
}

int privs_drop(const char *user, const char *group, char ret_why[static PRIVS_WHY_LEN])
{
	uid_t uid;
	gid_t gid;
	int err = privs_find(user, group, &uid, &gid, ret_why);

	if (err)
		return err;
	err = bound_to(CAP_NET_ADMIN);
	if (err)
		return fail(err, "bounding set", ret_why);
	if (prctl(PR_SET_SECUREBITS, SECUREBITS, 0, 0, 0))
		return fail(-errno, "securebits", ret_why);
	if (setgroups(0, NULL) || setresgid(gid, gid, gid) || setresuid(uid, uid, uid))
		return fail(-errno, "user and group", ret_why);
	err = keep_only(CAP_NET_ADMIN);
	if (err)
		return fail(err, "capabilities", ret_why);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return fail(-errno, "no_new_privs", ret_why);
	return 0;
}
