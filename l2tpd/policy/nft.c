/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table's way into the kernel by netlink, and what the kernel says of it.  The table has no
 * owner flag: such a one goes away with the process that made it, and sessions must outlive a
 * restart of the engine.
 */
#include "l2tpd/policy/nft.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "l2tpd/policy/nft_msg.h"
#include "lib/base/err.h"

#define REPLY_LEN 8192

/* What the kernel answers goes to `listen`, if it is more than a verdict; of a dump, all of it. */
static int hear(struct mnl_socket *s, bool is_dump, mnl_cb_t listen, void *ctx)
{
	_Alignas(struct nlmsghdr) char reply[REPLY_LEN];
	ssize_t got;
	int r;

	do {
		got = mnl_socket_recvfrom(s, reply, sizeof(reply));
		if (got < 0)
			return -errno;
		r = mnl_cb_run(reply, (size_t)got, 0, 0, listen, ctx);
	} while (r > 0 && is_dump);
	return r < 0 ? -errno : 0;
}

static int run(const struct nft_batch *b, mnl_cb_t listen, void *ctx)
{
	struct mnl_socket *s = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	int err = 0;

	if (!s)
		return -errno;
	if (mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(s, b->bytes, b->len) < 0)
		err = -errno;
	if (!err)
		err = hear(s, b->last->nlmsg_flags & NLM_F_DUMP, listen, ctx);
	mnl_socket_close(s);
	return err;
}

static int run_bytes(char *bytes, size_t len)
{
	const struct nft_batch b = {bytes, len, (struct nlmsghdr *)(void *)bytes};

	return run(&b, NULL, NULL);
}

int nft_install(uint16_t tid_lo, uint16_t tid_hi, bool esp_only, char ret_why[static NFT_WHY_LEN])
{
	_Alignas(struct nlmsghdr) char bytes[NFT_BATCH_LEN];
	int err = run_bytes(bytes, nft_build(tid_lo, tid_hi, esp_only, bytes));

	if (err)
		snprintf(ret_why, NFT_WHY_LEN,
			 "the nftables table \"inet " NFT_TABLE
			 "\" cannot be installed: %s; it needs "
			 "CAP_NET_ADMIN and the kernel module nf_tables: modprobe nf_tables%s",
			 err_text(err), esp_only ? "" : " nft_socket");
	return err;
}

void nft_silence(uint16_t tid_lo, uint16_t tid_hi)
{
	_Alignas(struct nlmsghdr) char bytes[NFT_BATCH_LEN];

	run_bytes(bytes, nft_build_silence(tid_lo, tid_hi, bytes));
}

void nft_remove(void)
{
	_Alignas(struct nlmsghdr) char bytes[NFT_BATCH_LEN];
	struct nft_batch b = {.bytes = bytes};

	nft_msg_begin_batch(&b);
	nft_msg_remove(&b);
	nft_msg_end_batch(&b);
	run(&b, NULL, NULL);
}

static int has_rules(const struct nlmsghdr *m, void *ctx)
{
	const struct nlattr *a;

	mnl_attr_for_each(a, m,
			  sizeof(struct nfgenmsg)) if (mnl_attr_get_type(a) == NFTA_CHAIN_USE) *
		(bool *)ctx = mnl_attr_get_u32(a);
	return MNL_CB_OK;
}

bool nft_is_installed(void)
{
	_Alignas(struct nlmsghdr) char bytes[256];
	struct nft_batch b = {.bytes = bytes};
	struct nlmsghdr *m = nft_msg_start(&b, NFT_MSG_GETCHAIN, 0);
	bool there = true;

	mnl_attr_put_strz(m, NFTA_CHAIN_TABLE, NFT_TABLE);
	mnl_attr_put_strz(m, NFTA_CHAIN_NAME, NFT_CHAIN_IN);
	nft_msg_end(&b, m);
	return run(&b, has_rules, &there) != -ENOENT && there;
}

/* Which counter the rule is for, by its comment; NFT_COUNTER_COUNT: none. */
static enum nft_counter counter_of(const struct nlattr *userdata)
{
	const char *bytes = mnl_attr_get_payload(userdata);
	size_t len = mnl_attr_get_payload_len(userdata);
	enum nft_counter i = 0;

	if (len < 3 || bytes[0] || bytes[len - 1])
		return NFT_COUNTER_COUNT;
	while (i < NFT_COUNTER_COUNT && strcmp(bytes + 2, nft_counter_word(i)))
		i++;
	return i;
}

static const struct nlattr *find_in(const struct nlattr *nest, uint16_t type)
{
	const struct nlattr *a;

	mnl_attr_for_each_nested(a, nest)
	{
		if (mnl_attr_get_type(a) == type)
			return a;
	}
	return NULL;
}

/* What the counter among these expressions says. */
static uint64_t packets_of(const struct nlattr *expressions)
{
	const struct nlattr *e, *name, *data, *packets;

	mnl_attr_for_each_nested(e, expressions)
	{
		name = find_in(e, NFTA_EXPR_NAME);
		data = find_in(e, NFTA_EXPR_DATA);
		if (!name || !data || strcmp(mnl_attr_get_str(name), "counter"))
			continue;
		packets = find_in(data, NFTA_COUNTER_PACKETS);
		return packets ? be64toh(mnl_attr_get_u64(packets)) : 0;
	}
	return 0;
}

static int add_rule_count(const struct nlmsghdr *m, void *ctx)
{
	enum nft_counter which = NFT_COUNTER_COUNT;
	const struct nlattr *a, *expressions = NULL;
	uint64_t *n = ctx;

	mnl_attr_for_each(a, m, sizeof(struct nfgenmsg))
	{
		if (mnl_attr_get_type(a) == NFTA_RULE_USERDATA)
			which = counter_of(a);
		else if (mnl_attr_get_type(a) == NFTA_RULE_EXPRESSIONS)
			expressions = a;
	}
	if (which < NFT_COUNTER_COUNT && expressions)
		n[which] += packets_of(expressions);
	return MNL_CB_OK;
}

int nft_count(uint64_t ret[static NFT_COUNTER_COUNT])
{
	_Alignas(struct nlmsghdr) char bytes[256];
	uint64_t n[NFT_COUNTER_COUNT] = {0};
	struct nft_batch b = {.bytes = bytes};
	struct nlmsghdr *m = nft_msg_start(&b, NFT_MSG_GETRULE, NLM_F_DUMP);
	int err;

	mnl_attr_put_strz(m, NFTA_RULE_TABLE, NFT_TABLE);
	nft_msg_end(&b, m);
	err = run(&b, add_rule_count, n);
	if (!err)
		memcpy(ret, n, sizeof(n));
	return err;
}
