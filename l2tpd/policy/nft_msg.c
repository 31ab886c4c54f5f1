/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of nf_tables' netlink protocol.  Not by libnftables: from 1.1 on its language refuses
 * to copy a tunnel id into a port.
 */
#include "l2tpd/policy/nft_msg.h"

#include <assert.h>
#include <netinet/tcp.h>
#include <string.h>

#define FIELD_LEN    2 /* every field that the rules look at */
#define UDP_CHECKSUM 6 /* where it is in the header */
#define MSS_AT       2 /* behind kind and length of the option, RFC 9293 3.2 */

static struct nlmsghdr *add_message(struct nft_batch *b, uint16_t type, uint16_t flags,
				    uint8_t family, uint16_t subsystem)
{
	struct nlmsghdr *m = mnl_nlmsg_put_header(b->bytes + b->len);
	struct nfgenmsg *head = mnl_nlmsg_put_extra_header(m, sizeof(*head));

	m->nlmsg_type = type;
	m->nlmsg_flags = NLM_F_REQUEST | flags;
	head->nfgen_family = family;
	head->version = NFNETLINK_V0;
	head->res_id = htons(subsystem);
	return m;
}

void nft_msg_end(struct nft_batch *b, struct nlmsghdr *m)
{
	b->len += m->nlmsg_len;
	b->last = m;
}

struct nlmsghdr *nft_msg_start(struct nft_batch *b, uint16_t command, uint16_t flags)
{
	return add_message(b, NFNL_SUBSYS_NFTABLES << 8 | command, flags, NFPROTO_INET, 0);
}

static void add_border(struct nft_batch *b, uint16_t type)
{
	nft_msg_end(b, add_message(b, type, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES));
}

static void say_table(struct nft_batch *b, uint16_t command)
{
	struct nlmsghdr *m = nft_msg_start(b, command, NLM_F_CREATE);

	mnl_attr_put_strz(m, NFTA_TABLE_NAME, NFT_TABLE);
	nft_msg_end(b, m);
}

void nft_msg_add_table(struct nft_batch *b)
{
	say_table(b, NFT_MSG_NEWTABLE);
}

/* "add" first, so that it is no error when there is none or when somebody has flushed the ruleset
 */
void nft_msg_remove(struct nft_batch *b)
{
	nft_msg_add_table(b);
	say_table(b, NFT_MSG_DELTABLE);
}

void nft_msg_add_chain(struct nft_batch *b, const char *name, uint32_t hook, int32_t priority)
{
	struct nlmsghdr *m = nft_msg_start(b, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
	struct nlattr *nest;

	mnl_attr_put_strz(m, NFTA_CHAIN_TABLE, NFT_TABLE);
	mnl_attr_put_strz(m, NFTA_CHAIN_NAME, name);
	mnl_attr_put_strz(m, NFTA_CHAIN_TYPE, "filter");
	nest = mnl_attr_nest_start(m, NFTA_CHAIN_HOOK);
	mnl_attr_put_u32(m, NFTA_HOOK_HOOKNUM, htonl(hook));
	mnl_attr_put_u32(m, NFTA_HOOK_PRIORITY, htonl((uint32_t)priority));
	mnl_attr_nest_end(m, nest);
	nft_msg_end(b, m);
}

/* Numbers and enums are of 32 bits, constants as wide as the field; all in network byte order. */
static void put_number(struct nlmsghdr *m, uint16_t attr, uint32_t value)
{
	mnl_attr_put_u32(m, attr, htonl(value));
}

static void put_constant(struct nlmsghdr *m, uint16_t attr, const void *bytes, size_t len)
{
	struct nlattr *nest = mnl_attr_nest_start(m, attr);

	mnl_attr_put(m, NFTA_DATA_VALUE, len, bytes);
	mnl_attr_nest_end(m, nest);
}

static void put_value(struct nlmsghdr *m, uint16_t attr, uint16_t value)
{
	uint16_t wire = htons(value);

	put_constant(m, attr, &wire, sizeof(wire));
}

static void put_verdict(struct nlmsghdr *m, uint32_t code)
{
	struct nlattr *data = mnl_attr_nest_start(m, NFTA_IMMEDIATE_DATA);
	struct nlattr *verdict = mnl_attr_nest_start(m, NFTA_DATA_VERDICT);

	put_number(m, NFTA_VERDICT_CODE, code);
	mnl_attr_nest_end(m, verdict);
	mnl_attr_nest_end(m, data);
}

static void put_payload(struct nlmsghdr *m, uint16_t reg_attr, uint16_t offset)
{
	put_number(m, reg_attr, NFT_REG_1);
	put_number(m, NFTA_PAYLOAD_BASE, NFT_PAYLOAD_TRANSPORT_HEADER);
	put_number(m, NFTA_PAYLOAD_OFFSET, offset);
	put_number(m, NFTA_PAYLOAD_LEN, FIELD_LEN);
}

/* An expression has a name and attributes of its own. */
struct expression {
	struct nlattr *element, *data;
};

static struct expression start_expression(struct nlmsghdr *m, const char *name)
{
	struct expression e;

	e.element = mnl_attr_nest_start(m, NFTA_LIST_ELEM);
	mnl_attr_put_strz(m, NFTA_EXPR_NAME, name);
	e.data = mnl_attr_nest_start(m, NFTA_EXPR_DATA);
	return e;
}

static void end_expression(struct nlmsghdr *m, struct expression e)
{
	mnl_attr_nest_end(m, e.data);
	mnl_attr_nest_end(m, e.element);
}

static void put_meta(struct nlmsghdr *m, uint32_t key)
{
	put_number(m, NFTA_META_DREG, NFT_REG_1);
	put_number(m, NFTA_META_KEY, key);
}

static void put_rt(struct nlmsghdr *m, uint32_t key)
{
	put_number(m, NFTA_RT_DREG, NFT_REG_1);
	put_number(m, NFTA_RT_KEY, key);
}

static void put_test(struct nlmsghdr *m, uint32_t test, const void *bytes, size_t len)
{
	put_number(m, NFTA_CMP_SREG, NFT_REG_1);
	put_number(m, NFTA_CMP_OP, test);
	put_constant(m, NFTA_CMP_DATA, bytes, len);
}

static void put_swap(struct nlmsghdr *m)
{
	put_number(m, NFTA_BYTEORDER_SREG, NFT_REG_1);
	put_number(m, NFTA_BYTEORDER_DREG, NFT_REG_1);
	put_number(m, NFTA_BYTEORDER_OP, NFT_BYTEORDER_HTON);
	put_number(m, NFTA_BYTEORDER_LEN, FIELD_LEN);
	put_number(m, NFTA_BYTEORDER_SIZE, FIELD_LEN);
}

/* The kernel leaves it alone where it is less already. */
static void put_mss(struct nlmsghdr *m)
{
	put_number(m, NFTA_EXTHDR_SREG, NFT_REG_1);
	mnl_attr_put_u8(m, NFTA_EXTHDR_TYPE, TCPOPT_MAXSEG);
	put_number(m, NFTA_EXTHDR_OFFSET, MSS_AT);
	put_number(m, NFTA_EXTHDR_LEN, FIELD_LEN);
	put_number(m, NFTA_EXTHDR_OP, NFT_EXTHDR_OP_TCPOPT);
}

/* Every rule begins with this: the packet is of this protocol. */
static void put_is(struct nlmsghdr *m, uint8_t protocol)
{
	struct expression e = start_expression(m, "meta");

	put_meta(m, NFT_META_L4PROTO);
	end_expression(m, e);
	e = start_expression(m, "cmp");
	put_test(m, NFT_CMP_EQ, &protocol, sizeof(protocol));
	end_expression(m, e);
}

static const char *const expressions[] = {
	[LOAD] = "payload",
	[LOAD_IPSEC] = "rt",
	[LOAD_IN_GROUP] = "meta",
	[LOAD_OUT_GROUP] = "meta",
	[LOAD_MSS] = "rt",
	[SWAP] = "byteorder",
	[MASK] = "bitwise",
	[IS] = "cmp",
	[IS_NOT] = "cmp",
	[FROM] = "cmp",
	[TO] = "cmp",
	[IS_GROUP] = "cmp",
	[PUT] = "immediate",
	[STORE] = "payload",
	[STORE_BARE] = "payload",
	[LOWER_MSS] = "exthdr",
	[HAS_SOCKET] = "socket",
	[ACCEPT] = "immediate",
	[COUNT] = "counter",
	[DROP] = "immediate",
};

static void put_step(struct nlmsghdr *m, const struct nft_step *s)
{
	static const uint32_t tests[] = {
		[IS] = NFT_CMP_EQ,
		[IS_NOT] = NFT_CMP_NEQ,
		[FROM] = NFT_CMP_GTE,
		[TO] = NFT_CMP_LTE,
	};
	struct expression e = start_expression(m, expressions[s->what]);
	uint32_t group = s->value;
	uint16_t wire;

	switch (s->what) {
	case LOAD: put_payload(m, NFTA_PAYLOAD_DREG, s->value); break;
	case LOAD_IPSEC: put_rt(m, NFT_RT_XFRM); break;
	case LOAD_IN_GROUP: put_meta(m, NFT_META_IIFGROUP); break;
	case LOAD_OUT_GROUP: put_meta(m, NFT_META_OIFGROUP); break;
	case LOAD_MSS: put_rt(m, NFT_RT_TCPMSS); break;
	case SWAP: put_swap(m); break;
	case MASK:
		put_number(m, NFTA_BITWISE_SREG, NFT_REG_1);
		put_number(m, NFTA_BITWISE_DREG, NFT_REG_1);
		put_number(m, NFTA_BITWISE_LEN, FIELD_LEN);
		put_value(m, NFTA_BITWISE_MASK, s->value);
		put_value(m, NFTA_BITWISE_XOR, 0);
		break;
	case IS:
	case IS_NOT:
	case FROM:
	case TO:
		wire = htons(s->value);
		put_test(m, tests[s->what], &wire, sizeof(wire));
		break;
	case IS_GROUP: /* of 32 bits, in the kernel's own byte order */
		put_test(m, NFT_CMP_EQ, &group, sizeof(group));
		break;
	case PUT:
		put_number(m, NFTA_IMMEDIATE_DREG, NFT_REG_1);
		put_value(m, NFTA_IMMEDIATE_DATA, s->value);
		break;
	case STORE:
		put_payload(m, NFTA_PAYLOAD_SREG, s->value);
		put_number(m, NFTA_PAYLOAD_CSUM_TYPE, NFT_PAYLOAD_CSUM_INET);
		put_number(m, NFTA_PAYLOAD_CSUM_OFFSET, UDP_CHECKSUM);
		break;
	case STORE_BARE: put_payload(m, NFTA_PAYLOAD_SREG, s->value); break;
	case LOWER_MSS: put_mss(m); break;
	case HAS_SOCKET: /* any of its properties, as without a socket there is none */
		put_number(m, NFTA_SOCKET_DREG, NFT_REG_1);
		put_number(m, NFTA_SOCKET_KEY, NFT_SOCKET_MARK);
		break;
	case ACCEPT:
	case DROP:
		put_number(m, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
		put_verdict(m, s->what == DROP ? NF_DROP : NF_ACCEPT);
		break;
	case COUNT: break;
	}
	end_expression(m, e);
}

/* As nft(8) writes and shows it: a type, a length, a string. */
static void put_comment(struct nlmsghdr *m, const char *comment)
{
	uint8_t bytes[2 + NFT_COMMENT_LEN];
	size_t len = strlen(comment) + 1;

	assert(len <= NFT_COMMENT_LEN);
	bytes[0] = 0;
	bytes[1] = (uint8_t)len;
	memcpy(bytes + 2, comment, len);
	mnl_attr_put(m, NFTA_RULE_USERDATA, 2 + len, bytes);
}

void nft_msg_add_rule(struct nft_batch *b, uint8_t protocol, const char *chain, const char *comment,
		      const struct nft_step *steps, size_t n)
{
	struct nlmsghdr *m = nft_msg_start(b, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
	struct nlattr *nest;

	mnl_attr_put_strz(m, NFTA_RULE_TABLE, NFT_TABLE);
	mnl_attr_put_strz(m, NFTA_RULE_CHAIN, chain);
	nest = mnl_attr_nest_start(m, NFTA_RULE_EXPRESSIONS);
	put_is(m, protocol);
	for (size_t i = 0; i < n; i++)
		put_step(m, &steps[i]);
	mnl_attr_nest_end(m, nest);
	if (comment)
		put_comment(m, comment);
	nft_msg_end(b, m);
}

void nft_msg_begin_batch(struct nft_batch *b)
{
	add_border(b, NFNL_MSG_BATCH_BEGIN);
}

/* The last command alone is acknowledged, so the first thing that the kernel says is the verdict.
 */
void nft_msg_end_batch(struct nft_batch *b)
{
	b->last->nlmsg_flags |= NLM_F_ACK;
	add_border(b, NFNL_MSG_BATCH_END);
}
