/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notifications of nf_tables; see nft_watch.h. */
#include "l2tpd/policy/nft_watch.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "l2tpd/policy/nft_msg.h"

#define GROUP      NFNLGRP_NFTABLES
#define NEWS_LEN   8192
#define NEWS_BATCH 64 /* in one turn of the loop: somebody may load a firewall of any size */

struct nft_watch {
	struct mnl_socket *socket;
	struct event *event;
	nft_lost_fn *lost;
	void *ctx;
};

/* Tables, chains and rules all have the name of their table in their first attribute. */
static bool is_ours(const struct nlmsghdr *m)
{
	const struct nlattr *a;

	mnl_attr_for_each(a, m, sizeof(struct nfgenmsg))
	{
		if (mnl_attr_get_type(a) == NFTA_TABLE_NAME)
			return mnl_attr_get_payload_len(a) == sizeof(NFT_TABLE) &&
			       !memcmp(mnl_attr_get_payload(a), NFT_TABLE, sizeof(NFT_TABLE));
	}
	return false;
}

bool nft_watch_is_loss(const void *bytes, size_t size)
{
	int len = (int)size;

	for (const struct nlmsghdr *m = bytes; mnl_nlmsg_ok(m, len); m = mnl_nlmsg_next(m, &len)) {
		switch (m->nlmsg_type) {
		case NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_DELTABLE:
		case NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_DELCHAIN:
		case NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_DELRULE:
			if (is_ours(m))
				return true;
			break;
		default: break;
		}
	}
	return false;
}

static void on_news(evutil_socket_t fd, short what, void *arg)
{
	_Alignas(struct nlmsghdr) char bytes[NEWS_LEN];
	struct nft_watch *w = arg;
	bool lost = false;

	(void)what;
	for (int i = 0; i < NEWS_BATCH; i++) {
		ssize_t got = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);

		if (got < 0 && errno == ENOBUFS)
			lost = true; /* there was more news than room for it */
		else if (got < 0)
			break;
		else
			lost = lost || nft_watch_is_loss(bytes, (size_t)got);
	}
	if (lost)
		w->lost(w->ctx);
}

int nft_watch_new(struct event_base *base, nft_lost_fn *lost, void *ctx, struct nft_watch **ret)
{
	struct nft_watch *w = calloc(1, sizeof(*w));
	int group = GROUP, err = 0;

	if (!w)
		return -ENOMEM;
	w->lost = lost;
	w->ctx = ctx;
	w->socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!w->socket || mnl_socket_bind(w->socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_setsockopt(w->socket, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0)
		err = -errno;
	if (!err)
		w->event = event_new(base, mnl_socket_get_fd(w->socket), EV_READ | EV_PERSIST,
				     on_news, w);
	if (!err && (!w->event || event_add(w->event, NULL)))
		err = -ENOMEM;
	if (err) {
		nft_watch_free(w);
		return err;
	}
	*ret = w;
	return 0;
}

void nft_watch_free(struct nft_watch *w)
{
	if (!w)
		return;
	if (w->event)
		event_free(w->event);
	if (w->socket)
		mnl_socket_close(w->socket);
	free(w);
}
