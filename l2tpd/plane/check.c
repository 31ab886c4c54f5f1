/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is the kernel complete?  Opening a socket of the right family makes the kernel load the module
 * behind it, also for a process without root; where no socket tells, /sys and /lib/modules do.
 */
#include <errno.h>
#include <linux/if_pppox.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "l2tpd/plane/plane.h"
#include "l2tpd/plane/plane_nl.h"
#include "lib/base/err.h"

#define PATH_LEN 256

/* What must be there, and how to see it: in this order, as each stands on those before. */
static const struct need {
	const char *module;
	const char *what_for;
	bool ipsec;                 /* only then */
	int family, type, protocol; /* a socket that only this module brings; 0: none does */
} needs[] = {
	{"l2tp_ppp", "PPP over L2TP", false, AF_PPPOX, SOCK_DGRAM, PX_PROTO_OL2TP},
	{"l2tp_netlink", "L2TP tunnels", false, 0, 0, 0},
	{"nf_tables", "the way of a packet to its tunnel", false, 0, 0, 0},
	{"xfrm_user", "IPsec policies", true, AF_NETLINK, SOCK_RAW, NETLINK_XFRM},
	{"esp4", "IPsec over IPv4", true, 0, 0, 0},
};

static bool have_socket(const struct need *need)
{
	int fd = socket(need->family, need->type | SOCK_CLOEXEC, need->protocol);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Does one of the lines of `path` name the module's file? */
static bool lists_module(const char *path, const char *module)
{
	char file[64], *line = NULL;
	size_t cap = 0;
	bool found = false;
	FILE *f = fopen(path, "re");

	if (!f)
		return false;
	snprintf(file, sizeof(file), "/%s.ko", module);
	while (!found && getline(&line, &cap, f) > 0) {
		char *end = strchr(line, ':');

		if (end)
			*end = '\0';
		found = strstr(line, file) != NULL;
	}
	free(line);
	fclose(f);
	return found;
}

/* Are there modules for the running kernel at all?  `ret` is their folder. */
static bool have_modules(const char *release, char ret[static PATH_LEN])
{
	snprintf(ret, PATH_LEN, "/lib/modules/%s/modules.dep", release);
	return !access(ret, R_OK);
}

/* Is the module on this machine: loaded, built in, or a file? */
static bool have_module(const char *module, const char *release)
{
	char path[PATH_LEN];

	snprintf(path, sizeof(path), "/sys/module/%s", module);
	if (!access(path, F_OK))
		return true;
	if (!have_modules(release, path))
		return false;
	if (lists_module(path, module))
		return true;
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.builtin", release);
	return lists_module(path, module);
}

static int complain(const struct need *need, const char *release,
		    char ret_why[static PLANE_WHY_LEN])
{
	char path[PATH_LEN];
	int n = snprintf(ret_why, PLANE_WHY_LEN, "kernel module %s (%s) ", need->module,
			 need->what_for);
	char *rest = ret_why + n;
	size_t cap = PLANE_WHY_LEN - (size_t)n;

	if (have_module(need->module, release))
		snprintf(rest, cap,
			 "is not loaded and did not load by itself, blacklisted perhaps: modprobe "
			 "%s; "
			 "to have it at every boot: echo %s > /etc/modules-load.d/l2tpd.conf",
			 need->module, need->module);
	else if (!have_modules(release, path))
		snprintf(rest, cap,
			 "is not loaded, and there is no %s: if the kernel was upgraded, reboot; "
			 "in a "
			 "container, run on the host: modprobe %s",
			 path, need->module);
	else
		snprintf(
			rest, cap,
			"is missing in kernel %s; on Debian the cloud kernel has none: apt install "
			"linux-image-amd64 and reboot; on Fedora and RHEL: dnf install "
			"kernel-modules-extra",
			release);
	return -ERR_NO_MODULE;
}

static bool have_l2tp_family(void)
{
	struct plane_nl nl;

	bool found;

	if (plane_nl_init(&nl))
		return false;
	found = !plane_nl_find_l2tp(&nl);
	plane_nl_done(&nl);
	return found;
}

static bool is_met(const struct need *need, const char *release)
{
	char path[PATH_LEN];

	if (need->family)
		return have_socket(need);
	if (!strcmp(need->module, "l2tp_netlink"))
		return have_l2tp_family();
	/* Others load them when they need them.  Without a list of modules we cannot know better.
	 */
	return have_module(need->module, release) || !have_modules(release, path);
}

int plane_check(bool ipsec, char ret_why[static PLANE_WHY_LEN])
{
	struct utsname name;
	struct stat st;

	uname(&name);
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if ((ipsec || !needs[i].ipsec) && !is_met(&needs[i], name.release))
			return complain(&needs[i], name.release, ret_why);
	if (stat("/dev/ppp", &st) || !S_ISCHR(st.st_mode)) {
		snprintf(ret_why, PLANE_WHY_LEN,
			 "the device /dev/ppp is missing: modprobe ppp_generic; in a container, "
			 "let it "
			 "have the host's /dev/ppp");
		return -ERR_NO_MODULE;
	}
	return 0;
}
