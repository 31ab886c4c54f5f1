/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tunnels by generic netlink, counters by rtnetlink.  Why not a PPPoX socket per tunnel, as its
 * manual has it: that costs one more descriptor and a session 0, whose end waits for RCU.
 */
#include "l2tpd/plane/plane_nl.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/l2tp.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "lib/base/err.h"

#define L2TP_VERSION   2
#define REQUEST_LEN    512
#define ANSWER_LEN     16384 /* a link with all its attributes is a few KB */
#define IFNAME_LEN_MAX (IFNAMSIZ - 1)

/*
 * Send the request and run `fn` over the answer, up to the kernel's acknowledgement or error.
 */
static int ask(struct plane_nl *nl, struct mnl_socket *s, struct nlmsghdr *request, mnl_cb_t fn,
	       void *data)
{
	_Alignas(struct nlmsghdr) char answer[ANSWER_LEN];
	int run = MNL_CB_OK;

	request->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	request->nlmsg_seq = ++nl->seq;
	if (mnl_socket_sendto(s, request, request->nlmsg_len) < 0)
		return -errno;
	while (run == MNL_CB_OK) {
		ssize_t len = mnl_socket_recvfrom(s, answer, sizeof(answer));

		if (len < 0)
			return -errno;
		run = mnl_cb_run(answer, (size_t)len, nl->seq, mnl_socket_get_portid(s), fn, data);
	}
	return run == MNL_CB_STOP ? 0 : -errno;
}

static struct nlmsghdr *start_generic(char *buf, uint16_t family, uint8_t command, uint8_t version)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *generic = mnl_nlmsg_put_extra_header(request, sizeof(*generic));

	request->nlmsg_type = family;
	generic->cmd = command;
	generic->version = version;
	return request;
}

static int on_family(const struct nlmsghdr *answer, void *data)
{
	uint16_t *family = data;
	const struct nlattr *attr;

	mnl_attr_for_each(
		attr, answer,
		sizeof(struct genlmsghdr)) if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID &&
					       mnl_attr_validate(attr, MNL_TYPE_U16) >= 0) *family =
		mnl_attr_get_u16(attr);
	return MNL_CB_OK;
}

static int open_socket(struct mnl_socket **ret, int protocol)
{
	struct mnl_socket *s = mnl_socket_open2(protocol, SOCK_CLOEXEC);

	if (!s)
		return -errno;
	if (mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) < 0) {
		int err = -errno;

		mnl_socket_close(s);
		return err;
	}
	*ret = s;
	return 0;
}

int plane_nl_init(struct plane_nl *nl)
{
	int err;

	*nl = (struct plane_nl){0};
	err = open_socket(&nl->generic, NETLINK_GENERIC);
	if (!err)
		err = open_socket(&nl->route, NETLINK_ROUTE);
	if (err)
		plane_nl_done(nl);
	return err;
}

void plane_nl_done(struct plane_nl *nl)
{
	if (nl->generic)
		mnl_socket_close(nl->generic);
	if (nl->route)
		mnl_socket_close(nl->route);
	*nl = (struct plane_nl){0};
}

int plane_nl_find_l2tp(struct plane_nl *nl)
{
	_Alignas(struct nlmsghdr) char buf[REQUEST_LEN];
	struct nlmsghdr *request;
	int err;

	if (nl->l2tp_family)
		return 0;
	request = start_generic(buf, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1);
	mnl_attr_put_strz(request, CTRL_ATTR_FAMILY_NAME, L2TP_GENL_NAME);
	err = ask(nl, nl->generic, request, on_family, &nl->l2tp_family);
	if (err == -ENOENT || (!err && !nl->l2tp_family))
		return -ERR_NO_MODULE;
	return err;
}

int plane_nl_tunnel_create(struct plane_nl *nl, uint16_t tid, uint16_t peer_tid, int udp_fd)
{
	_Alignas(struct nlmsghdr) char buf[REQUEST_LEN];
	struct nlmsghdr *request;
	int err = plane_nl_find_l2tp(nl);

	if (err)
		return err;
	request = start_generic(buf, nl->l2tp_family, L2TP_CMD_TUNNEL_CREATE, L2TP_GENL_VERSION);
	mnl_attr_put_u32(request, L2TP_ATTR_CONN_ID, tid);
	mnl_attr_put_u32(request, L2TP_ATTR_PEER_CONN_ID, peer_tid);
	mnl_attr_put_u8(request, L2TP_ATTR_PROTO_VERSION, L2TP_VERSION);
	mnl_attr_put_u16(request, L2TP_ATTR_ENCAP_TYPE, L2TP_ENCAPTYPE_UDP);
	mnl_attr_put_u32(request, L2TP_ATTR_FD, (uint32_t)udp_fd);
	return ask(nl, nl->generic, request, NULL, NULL);
}

int plane_nl_session_sequence(struct plane_nl *nl, uint16_t tid, uint16_t sid)
{
	_Alignas(struct nlmsghdr) char buf[REQUEST_LEN];
	struct nlmsghdr *request;
	int err = plane_nl_find_l2tp(nl);

	if (err)
		return err;
	request = start_generic(buf, nl->l2tp_family, L2TP_CMD_SESSION_MODIFY, L2TP_GENL_VERSION);
	mnl_attr_put_u32(request, L2TP_ATTR_CONN_ID, tid);
	mnl_attr_put_u32(request, L2TP_ATTR_SESSION_ID, sid);
	mnl_attr_put_u8(request, L2TP_ATTR_SEND_SEQ, 1);
	return ask(nl, nl->generic, request, NULL, NULL);
}

static int on_link(const struct nlmsghdr *answer, void *data)
{
	struct plane_counters *ret = data;
	struct rtnl_link_stats64 stats = {0};
	const struct nlattr *attr;

	mnl_attr_for_each(attr, answer, sizeof(struct ifinfomsg))
	{
		size_t len = mnl_attr_get_payload_len(attr);

		/* Newer kernels send more than we know, and the payload is not aligned to 8. */
		if (mnl_attr_get_type(attr) == IFLA_STATS64)
			memcpy(&stats, mnl_attr_get_payload(attr),
			       len < sizeof(stats) ? len : sizeof(stats));
	}
	*ret = (struct plane_counters){
		.bytes_in = stats.rx_bytes,
		.bytes_out = stats.tx_bytes,
		.packets_in = stats.rx_packets,
		.packets_out = stats.tx_packets,
	};
	return MNL_CB_OK;
}

/* A request about the interface of this name; NULL: no interface has such a long one. */
static struct nlmsghdr *start_link(char *buf, uint16_t type, const char *ifname)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(buf);

	if (strlen(ifname) > IFNAME_LEN_MAX)
		return NULL;
	request->nlmsg_type = type;
	mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(request, IFLA_IFNAME, ifname);
	return request;
}

int plane_nl_mark_link(struct plane_nl *nl, const char *ifname, uint32_t group, uint32_t mtu)
{
	_Alignas(struct nlmsghdr) char buf[REQUEST_LEN];
	struct nlmsghdr *request = start_link(buf, RTM_SETLINK, ifname);

	if (!request)
		return -ENODEV;
	mnl_attr_put_u32(request, IFLA_GROUP, group);
	mnl_attr_put_u32(request, IFLA_MTU, mtu);
	return ask(nl, nl->route, request, NULL, NULL);
}

int plane_nl_counters(struct plane_nl *nl, const char *ifname, struct plane_counters *ret)
{
	_Alignas(struct nlmsghdr) char buf[REQUEST_LEN];
	struct nlmsghdr *request = start_link(buf, RTM_GETLINK, ifname);
	struct plane_counters counters = {0};
	int err;

	if (!request)
		return -ENODEV;
	err = ask(nl, nl->route, request, on_link, &counters);
	if (!err)
		*ret = counters;
	return err;
}
