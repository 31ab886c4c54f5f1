/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table's rules as data, and their way into the kernel by netlink.  Not by libnftables: from
 * 1.1 on its language refuses to copy a tunnel id into a port.  Priorities are chosen so that every
 * other rule and conntrack see plain 1701 <-> 1701.  The table has no owner flag: such a one goes
 * away with the process that made it, and sessions must outlive a restart of the engine.
 */
#include "l2tpd/policy/nft.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netinet/in.h>
#include <stdio.h>

#include "lib/base/err.h"

#define TABLE         "l2tpd"
#define CHAIN_IN      "in"
#define CHAIN_OUT     "out"
#define PRIORITY_LAST 300    /* in: behind everybody's filters and conntrack's helpers */
#define PRIORITY_RAW  (-300) /* out: before conntrack */
#define L2TP_PORT     1701
#define FIELD_LEN     2 /* every field that the rules look at */
#define REPLY_LEN     8192

/* Bytes from the start of the header of UDP (RFC 768, RFC 2661 3.1) or ICMP (RFC 792, 4443) */
enum field {
	UDP_SPORT = 0,
	UDP_DPORT = 2,
	UDP_CHECKSUM = 6,
	L2TP_FLAGS = 8,
	L2TP_TID = 10,
	L2TP_TID_LONG = 12, /* behind a length field */
	ICMP_TYPE_CODE = 0,
	ICMP_QUOTED_PROTOCOL = 8 + 8,   /* of IPv4, behind the hop limit */
	ICMP_QUOTED_DPORT = 8 + 20 + 2, /* behind an IPv4 header without options */
	ICMP6_QUOTED_PROTOCOL = 8 + 6,  /* of IPv6, before the hop limit */
	ICMP6_QUOTED_DPORT = 8 + 40 + 2,
};

#define ICMP_PORT_UNREACHABLE  0x0303
#define ICMP6_PORT_UNREACHABLE 0x0104

#define L2TP_VERSION_MASK      0x000f
#define L2TP_VERSION           0x0002
#define L2TP_LENGTH            0x4000 /* the L bit */
#define L2TP_CONTROL           0x8000 /* the T bit */

/* A rule is a row of steps.  The kernel goes on to the next rule at the first test that fails. */
struct step {
	enum {
		LOAD,       /* the field at `value` */
		LOAD_IPSEC, /* 0 if the packet is going to leave as it is */
		MASK,       /* keep these bits of what was loaded */
		IS,         /* tests of what was loaded */
		IS_NOT,
		FROM,
		TO,
		PUT,        /* as if it had been loaded */
		STORE,      /* into the field at `value`; the UDP checksum follows */
		STORE_BARE, /* where there is none */
		HAS_SOCKET, /* test: somebody here would get it */
		ACCEPT,     /* no other rule of the chain matters */
		DROP,
	} what;
	uint16_t value;
};

struct batch {
	char *bytes;
	size_t len;
	struct nlmsghdr *last;
};

#define N_STEPS(steps) (sizeof(steps) / sizeof((steps)[0]))

static struct nlmsghdr *add_message(struct batch *b, uint16_t type, uint16_t flags, uint8_t family,
				    uint16_t subsystem)
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

static void end_message(struct batch *b, struct nlmsghdr *m)
{
	b->len += m->nlmsg_len;
	b->last = m;
}

static struct nlmsghdr *add_command(struct batch *b, uint16_t command, uint16_t flags)
{
	return add_message(b, NFNL_SUBSYS_NFTABLES << 8 | command, flags, NFPROTO_INET, 0);
}

static void add_border(struct batch *b, uint16_t type)
{
	end_message(b, add_message(b, type, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES));
}

static void add_table(struct batch *b, uint16_t command)
{
	struct nlmsghdr *m = add_command(b, command, NLM_F_CREATE);

	mnl_attr_put_strz(m, NFTA_TABLE_NAME, TABLE);
	end_message(b, m);
}

/* "add" first, so that it is no error when there is none or when somebody has flushed the ruleset
 */
static void add_removal(struct batch *b)
{
	add_table(b, NFT_MSG_NEWTABLE);
	add_table(b, NFT_MSG_DELTABLE);
}

static void add_chain(struct batch *b, const char *name, uint32_t hook, int32_t priority)
{
	struct nlmsghdr *m = add_command(b, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
	struct nlattr *nest;

	mnl_attr_put_strz(m, NFTA_CHAIN_TABLE, TABLE);
	mnl_attr_put_strz(m, NFTA_CHAIN_NAME, name);
	mnl_attr_put_strz(m, NFTA_CHAIN_TYPE, "filter");
	nest = mnl_attr_nest_start(m, NFTA_CHAIN_HOOK);
	mnl_attr_put_u32(m, NFTA_HOOK_HOOKNUM, htonl(hook));
	mnl_attr_put_u32(m, NFTA_HOOK_PRIORITY, htonl((uint32_t)priority));
	mnl_attr_nest_end(m, nest);
	end_message(b, m);
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

/* Every rule begins with this: the packet is of this protocol. */
static void put_is(struct nlmsghdr *m, uint8_t protocol)
{
	struct expression e = start_expression(m, "meta");

	put_number(m, NFTA_META_DREG, NFT_REG_1);
	put_number(m, NFTA_META_KEY, NFT_META_L4PROTO);
	end_expression(m, e);
	e = start_expression(m, "cmp");
	put_number(m, NFTA_CMP_SREG, NFT_REG_1);
	put_number(m, NFTA_CMP_OP, NFT_CMP_EQ);
	put_constant(m, NFTA_CMP_DATA, &protocol, sizeof(protocol));
	end_expression(m, e);
}

static void put_step(struct nlmsghdr *m, const struct step *s)
{
	static const char *const names[] = {
		[LOAD] = "payload",     [MASK] = "bitwise",  [IS] = "cmp",
		[IS_NOT] = "cmp",       [FROM] = "cmp",      [TO] = "cmp",
		[PUT] = "immediate",    [STORE] = "payload", [STORE_BARE] = "payload",
		[DROP] = "immediate",   [LOAD_IPSEC] = "rt", [HAS_SOCKET] = "socket",
		[ACCEPT] = "immediate",
	};
	static const uint32_t tests[] = {
		[IS] = NFT_CMP_EQ,
		[IS_NOT] = NFT_CMP_NEQ,
		[FROM] = NFT_CMP_GTE,
		[TO] = NFT_CMP_LTE,
	};
	struct expression e = start_expression(m, names[s->what]);

	switch (s->what) {
	case LOAD: put_payload(m, NFTA_PAYLOAD_DREG, s->value); break;
	case LOAD_IPSEC:
		put_number(m, NFTA_RT_DREG, NFT_REG_1);
		put_number(m, NFTA_RT_KEY, NFT_RT_XFRM);
		break;
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
		put_number(m, NFTA_CMP_SREG, NFT_REG_1);
		put_number(m, NFTA_CMP_OP, tests[s->what]);
		put_value(m, NFTA_CMP_DATA, s->value);
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
	case HAS_SOCKET: /* any of its properties, as without a socket there is none */
		put_number(m, NFTA_SOCKET_DREG, NFT_REG_1);
		put_number(m, NFTA_SOCKET_KEY, NFT_SOCKET_MARK);
		break;
	case ACCEPT:
	case DROP:
		put_number(m, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
		put_verdict(m, s->what == DROP ? NF_DROP : NF_ACCEPT);
		break;
	}
	end_expression(m, e);
}

static void add_rule_for(struct batch *b, uint8_t protocol, const char *chain,
			 const struct step *steps, size_t n)
{
	struct nlmsghdr *m = add_command(b, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
	struct nlattr *nest;

	mnl_attr_put_strz(m, NFTA_RULE_TABLE, TABLE);
	mnl_attr_put_strz(m, NFTA_RULE_CHAIN, chain);
	nest = mnl_attr_nest_start(m, NFTA_RULE_EXPRESSIONS);
	put_is(m, protocol);
	for (size_t i = 0; i < n; i++)
		put_step(m, &steps[i]);
	mnl_attr_nest_end(m, nest);
	end_message(b, m);
}

static void add_rule(struct batch *b, const char *chain, const struct step *steps, size_t n)
{
	add_rule_for(b, IPPROTO_UDP, chain, steps, n);
}

/* A tunnel's port is reached by its id only, never directly: anybody could write another's id. */
static void add_guard(struct batch *b, uint16_t lo, uint16_t hi)
{
	const struct step steps[] = {
		{LOAD, UDP_DPORT},         {FROM, lo},         {TO, hi},  {LOAD, L2TP_FLAGS},
		{MASK, L2TP_VERSION_MASK}, {IS, L2TP_VERSION}, {DROP, 0},
	};

	add_rule(b, CHAIN_IN, steps, N_STEPS(steps));
}

/*
 * The tunnel id becomes the port.  A datagram may come without a UDP checksum (xl2tpd's do, which
 * RFC 768 allows), and a "corrected" 0 would be a wrong one.
 */
static void add_delivery(struct batch *b, uint16_t lo, uint16_t hi, bool is_long, bool is_bare)
{
	const struct step steps[] = {
		{LOAD, UDP_DPORT},
		{IS, L2TP_PORT},
		{LOAD, L2TP_FLAGS},
		{MASK, L2TP_VERSION_MASK | L2TP_LENGTH},
		{IS, is_long ? L2TP_VERSION | L2TP_LENGTH : L2TP_VERSION},
		{LOAD, UDP_CHECKSUM},
		{is_bare ? IS : IS_NOT, 0},
		{LOAD, is_long ? L2TP_TID_LONG : L2TP_TID},
		{FROM, lo},
		{TO, hi},
		{is_bare ? STORE_BARE : STORE, UDP_DPORT},
	};

	add_rule(b, CHAIN_IN, steps, N_STEPS(steps));
}

/*
 * Without an SA to prove them, strangers are told of an id before it has a socket: what they answer
 * goes to the listener.  Behind add_delivery(); data packets are not looked at.
 */
static void add_return(struct batch *b, uint16_t lo, uint16_t hi)
{
	const struct step has_one[] = {
		{LOAD, UDP_DPORT},
		{FROM, lo},
		{TO, hi},
		{LOAD, L2TP_FLAGS},
		{MASK, L2TP_VERSION_MASK | L2TP_CONTROL},
		{IS, L2TP_VERSION | L2TP_CONTROL},
		{HAS_SOCKET, 0},
		{ACCEPT, 0},
	};

	add_rule(b, CHAIN_IN, has_one, N_STEPS(has_one));
	for (int is_bare = 0; is_bare <= 1; is_bare++) {
		const struct step steps[] = {
			{LOAD, UDP_DPORT},
			{FROM, lo},
			{TO, hi},
			{LOAD, L2TP_FLAGS},
			{MASK, L2TP_VERSION_MASK | L2TP_CONTROL},
			{IS, L2TP_VERSION | L2TP_CONTROL},
			{LOAD, UDP_CHECKSUM},
			{is_bare ? IS : IS_NOT, 0},
			{PUT, L2TP_PORT},
			{is_bare ? STORE_BARE : STORE, UDP_DPORT},
		};

		add_rule(b, CHAIN_IN, steps, N_STEPS(steps));
	}
}

/*
 * A socket that is being closed loses its IPsec policy a moment before the kernel ends the tunnel
 * in it: what its sessions send then would leave in the clear.
 */
static void add_esp_only(struct batch *b, uint16_t lo, uint16_t hi)
{
	const struct step steps[] = {
		{LOAD, UDP_SPORT}, {FROM, lo}, {TO, hi}, {LOAD_IPSEC, 0}, {IS, 0}, {DROP, 0},
	};

	add_rule(b, CHAIN_OUT, steps, N_STEPS(steps));
}

/*
 * What comes for a tunnel that is no more would earn an ICMP error, which quotes it, decrypted, and
 * has no socket whose policy would encrypt it.  `lo` to `hi`: the ports that are not told of.
 */
static void add_silence(struct batch *b, uint16_t lo, uint16_t hi)
{
	const struct step v4[] = {
		{LOAD, ICMP_TYPE_CODE},
		{IS, ICMP_PORT_UNREACHABLE},
		{LOAD, ICMP_QUOTED_PROTOCOL},
		{MASK, 0x00ff},
		{IS, IPPROTO_UDP},
		{LOAD, ICMP_QUOTED_DPORT},
		{FROM, lo},
		{TO, hi},
		{DROP, 0},
	};
	const struct step v6[] = {
		{LOAD, ICMP_TYPE_CODE},
		{IS, ICMP6_PORT_UNREACHABLE},
		{LOAD, ICMP6_QUOTED_PROTOCOL},
		{MASK, 0xff00},
		{IS, IPPROTO_UDP << 8},
		{LOAD, ICMP6_QUOTED_DPORT},
		{FROM, lo},
		{TO, hi},
		{DROP, 0},
	};

	add_rule_for(b, IPPROTO_ICMP, CHAIN_OUT, v4, N_STEPS(v4));
	add_rule_for(b, IPPROTO_ICMPV6, CHAIN_OUT, v6, N_STEPS(v6));
}

static void add_disguise(struct batch *b, uint16_t lo, uint16_t hi)
{
	const struct step steps[] = {
		{LOAD, UDP_SPORT},         {FROM, lo},         {TO, hi},         {LOAD, L2TP_FLAGS},
		{MASK, L2TP_VERSION_MASK}, {IS, L2TP_VERSION}, {PUT, L2TP_PORT}, {STORE, UDP_SPORT},
	};

	add_rule(b, CHAIN_OUT, steps, N_STEPS(steps));
}

/* The last command alone is acknowledged, so the first thing that the kernel says is the verdict.
 */
static void end_batch(struct batch *b)
{
	b->last->nlmsg_flags |= NLM_F_ACK;
	add_border(b, NFNL_MSG_BATCH_END);
}

size_t nft_build(uint16_t tid_lo, uint16_t tid_hi, bool esp_only, char ret[static NFT_BATCH_LEN])
{
	struct batch b = {.bytes = ret};

	add_border(&b, NFNL_MSG_BATCH_BEGIN);
	add_removal(&b);
	add_table(&b, NFT_MSG_NEWTABLE);
	add_chain(&b, CHAIN_IN, NF_INET_LOCAL_IN, PRIORITY_LAST);
	add_chain(&b, CHAIN_OUT, NF_INET_LOCAL_OUT, PRIORITY_RAW);
	add_guard(&b, tid_lo, tid_hi);
	add_delivery(&b, tid_lo, tid_hi, false, false);
	add_delivery(&b, tid_lo, tid_hi, true, false);
	add_delivery(&b, tid_lo, tid_hi, false, true);
	add_delivery(&b, tid_lo, tid_hi, true, true);
	if (esp_only)
		add_esp_only(&b, tid_lo, tid_hi);
	else
		add_return(&b, tid_lo, tid_hi);
	add_disguise(&b, tid_lo, tid_hi);
	add_silence(&b, tid_lo, tid_hi);
	add_silence(&b, L2TP_PORT, L2TP_PORT);
	end_batch(&b);
	return b.len;
}

static int ask(struct mnl_socket *s, const void *bytes, size_t len, mnl_cb_t listen, void *ctx)
{
	_Alignas(struct nlmsghdr) char reply[REPLY_LEN];
	ssize_t got;

	if (mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) < 0 || mnl_socket_sendto(s, bytes, len) < 0)
		return -errno;
	got = mnl_socket_recvfrom(s, reply, sizeof(reply));
	if (got < 0 || mnl_cb_run(reply, (size_t)got, 0, 0, listen, ctx) < 0)
		return -errno;
	return 0;
}

/* What the kernel answers goes to `listen`, if it is more than a verdict. */
static int run(const void *bytes, size_t len, mnl_cb_t listen, void *ctx)
{
	struct mnl_socket *s = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	int err;

	if (!s)
		return -errno;
	err = ask(s, bytes, len, listen, ctx);
	mnl_socket_close(s);
	return err;
}

int nft_install(uint16_t tid_lo, uint16_t tid_hi, bool esp_only, char ret_why[static NFT_WHY_LEN])
{
	_Alignas(struct nlmsghdr) char bytes[NFT_BATCH_LEN];
	int err = run(bytes, nft_build(tid_lo, tid_hi, esp_only, bytes), NULL, NULL);

	if (err)
		snprintf(ret_why, NFT_WHY_LEN,
			 "the nftables table \"inet " TABLE "\" cannot be installed: %s; it needs "
			 "CAP_NET_ADMIN and the kernel module nf_tables: modprobe nf_tables%s",
			 err_text(err), esp_only ? "" : " nft_socket");
	return err;
}

void nft_remove(void)
{
	_Alignas(struct nlmsghdr) char bytes[NFT_BATCH_LEN];
	struct batch b = {.bytes = bytes};

	add_border(&b, NFNL_MSG_BATCH_BEGIN);
	add_removal(&b);
	end_batch(&b);
	run(bytes, b.len, NULL, NULL);
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
	struct batch b = {.bytes = bytes};
	struct nlmsghdr *m = add_command(&b, NFT_MSG_GETCHAIN, 0);
	bool there = true;

	mnl_attr_put_strz(m, NFTA_CHAIN_TABLE, TABLE);
	mnl_attr_put_strz(m, NFTA_CHAIN_NAME, CHAIN_IN);
	end_message(&b, m);
	return run(bytes, b.len, has_rules, &there) != -ENOENT && there;
}
