/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Per-socket IPsec policies; see policy.h. */
#include "l2tpd/net/policy.h"

#include <errno.h>
#include <linux/xfrm.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

_Static_assert((int)POLICY_IN == XFRM_POLICY_IN && (int)POLICY_OUT == XFRM_POLICY_OUT,
	       "they are the kernel's");

/* The one socket option; NULL takes the policies away. */
static int set_option(int fd, int family, const void *value, socklen_t len)
{
	int level = family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;
	int option = family == AF_INET ? IP_XFRM_POLICY : IPV6_XFRM_POLICY;

	return setsockopt(fd, level, option, value, len) ? -errno : 0;
}

/* The empty selector matches every packet of the socket. */
int policy_set(int fd, int family, enum policy_dir dir, uint32_t reqid)
{
	struct {
		struct xfrm_userpolicy_info info;
		struct xfrm_user_tmpl tmpl;
	} policy = {
		.info.sel.family = (uint16_t)family,
		.info.dir = (uint8_t)dir,
		.info.action = XFRM_POLICY_ALLOW,
		.info.lft = {XFRM_INF, XFRM_INF, XFRM_INF, XFRM_INF, 0, 0, 0, 0},
		.tmpl.id.proto = IPPROTO_ESP,
		.tmpl.family = (uint16_t)family,
		.tmpl.reqid = reqid,
		.tmpl.mode = XFRM_MODE_TRANSPORT,
		.tmpl.aalgos = ~0U, /* all: the choice was IKE's */
		.tmpl.ealgos = ~0U,
		.tmpl.calgos = ~0U,
	};

	return set_option(fd, family, &policy, sizeof(policy));
}

int policy_set_both(int fd, int family, uint32_t reqid)
{
	int err = policy_set(fd, family, POLICY_IN, reqid);

	return err ? err : policy_set(fd, family, POLICY_OUT, reqid);
}

int policy_block(int fd, int family)
{
	const struct xfrm_userpolicy_info policy = {
		.sel.family = (uint16_t)family,
		.dir = XFRM_POLICY_OUT,
		.action = XFRM_POLICY_BLOCK,
		.lft = {XFRM_INF, XFRM_INF, XFRM_INF, XFRM_INF, 0, 0, 0, 0},
	};

	return set_option(fd, family, &policy, sizeof(policy));
}

int policy_clear(int fd, int family)
{
	return set_option(fd, family, NULL, 0);
}
