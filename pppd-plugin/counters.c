/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One RTM_GETSTATS and its answer, which is there when send() returns; see counters.h. */
#include "pppd-plugin/counters.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct request {
	struct nlmsghdr nlh;
	struct if_stats_msg ifsm;
};

static int parse(const struct nlmsghdr *nlh, size_t len, struct counters *ret)
{
	const size_t at = NLMSG_LENGTH(sizeof(struct if_stats_msg));
	const struct nlmsgerr *err;
	const struct rtattr *attr;
	struct rtnl_link_stats64 stats;

	if (!NLMSG_OK(nlh, len))
		return -EBADMSG;
	if (nlh->nlmsg_type == NLMSG_ERROR) {
		err = NLMSG_DATA(nlh);
		return nlh->nlmsg_len < NLMSG_LENGTH(sizeof(*err)) || !err->error ? -EBADMSG
										  : err->error;
	}
	attr = (const struct rtattr *)(const void *)((const char *)nlh + at);
	len = nlh->nlmsg_len < at ? 0 : nlh->nlmsg_len - at;
	if (nlh->nlmsg_type != RTM_NEWSTATS || !RTA_OK(attr, len) ||
	    attr->rta_type != IFLA_STATS_LINK_64)
		return -EBADMSG;
	/* The struct has grown at its end; its first members are old. */
	if (RTA_PAYLOAD(attr) < offsetof(struct rtnl_link_stats64, rx_errors))
		return -EBADMSG;
	memset(&stats, 0, sizeof(stats));
	memcpy(&stats, RTA_DATA(attr),
	       RTA_PAYLOAD(attr) < sizeof(stats) ? RTA_PAYLOAD(attr) : sizeof(stats));
	*ret = (struct counters){stats.rx_bytes, stats.tx_bytes, stats.rx_packets,
				 stats.tx_packets};
	return 0;
}

int counters_read(const char *interface, struct counters *ret)
{
	struct request request = {
		.nlh = {.nlmsg_len = sizeof(request),
			.nlmsg_type = RTM_GETSTATS,
			.nlmsg_flags = NLM_F_REQUEST},
		.ifsm = {.ifindex = if_nametoindex(interface),
			 .filter_mask = IFLA_STATS_FILTER_BIT(IFLA_STATS_LINK_64)},
	};
	union {
		struct nlmsghdr nlh;
		char bytes[4096];
	} answer;
	ssize_t n;
	int fd, r;

	if (!request.ifsm.ifindex)
		return -ENODEV;
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		return -errno;
	if (send(fd, &request, sizeof(request), 0) < 0 ||
	    (n = recv(fd, &answer, sizeof(answer), MSG_DONTWAIT)) < 0)
		r = -errno;
	else
		r = parse(&answer.nlh, (size_t)n, ret);
	close(fd);
	return r;
}
