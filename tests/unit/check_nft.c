/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of the table, carried out here as the kernel does it: where does a datagram arrive?
 * And where this kernel has nf_tables and we may: does it take them?
 */
#include "l2tpd/policy/nft.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <event2/event.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "l2tpd/fsm/ports.h"
#include "l2tpd/policy/nft_watch.h"

#define LO 20000
#define HI 29999

static _Alignas(struct nlmsghdr) char batch[NFT_BATCH_LEN];
static size_t batch_len;

static void setup(void)
{
	batch_len = nft_build(LO, HI, true, batch);
}

static const struct nlattr *find_in(const struct nlattr *nest, uint16_t type)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest)
	{
		if (mnl_attr_get_type(attr) == type)
			return attr;
	}
	return NULL;
}

static uint32_t number_in(const struct nlattr *nest, uint16_t type)
{
	const struct nlattr *attr = find_in(nest, type);

	ck_assert_ptr_nonnull(attr);
	return ntohl(mnl_attr_get_u32(attr));
}

static const void *value_in(const struct nlattr *nest, uint16_t type, size_t len)
{
	const struct nlattr *attr = find_in(nest, type);

	ck_assert_ptr_nonnull(attr);
	attr = find_in(attr, NFTA_DATA_VALUE);
	ck_assert_ptr_nonnull(attr);
	ck_assert_uint_eq(mnl_attr_get_payload_len(attr), len);
	return mnl_attr_get_payload(attr);
}

/* RFC 1071 over the words of a datagram; a right one of ours gives 0xffff */
static uint16_t sum(const uint8_t *bytes, size_t len)
{
	uint32_t s = 0;

	for (size_t i = 0; i < len; i += 2)
		s += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return (uint16_t)s;
}

struct packet {
	uint8_t bytes[64]; /* from the header of UDP or ICMP; zero behind its end */
	uint8_t protocol;
	bool encrypted;               /* it is going to be */
	bool has_socket;              /* at its port */
	uint32_t in_group, out_group; /* of the interfaces on its way */
	uint16_t mss, fits;           /* what TCP says, and what the routes bear */
	bool dropped, accepted, counted;
};

static void correct(struct packet *p, uint32_t at, const uint8_t *before)
{
	const uint8_t words[] = {
		before[0],   before[1],  (uint8_t)~p->bytes[at], (uint8_t)~p->bytes[at + 1],
		p->bytes[6], p->bytes[7]};
	uint16_t s = sum(words, sizeof(words));

	p->bytes[6] = (uint8_t)(s >> 8);
	p->bytes[7] = (uint8_t)s;
}

static bool compare(const struct nlattr *data, const uint8_t *reg)
{
	const struct nlattr *constant = find_in(find_in(data, NFTA_CMP_DATA), NFTA_DATA_VALUE);
	int order = memcmp(reg, mnl_attr_get_payload(constant), mnl_attr_get_payload_len(constant));

	switch (number_in(data, NFTA_CMP_OP)) {
	case NFT_CMP_EQ: return order == 0;
	case NFT_CMP_NEQ: return order != 0;
	case NFT_CMP_GTE: return order >= 0;
	case NFT_CMP_LTE: return order <= 0;
	}
	ck_abort();
}

static void payload(struct packet *p, const struct nlattr *data, uint8_t *reg)
{
	uint32_t at = number_in(data, NFTA_PAYLOAD_OFFSET), len = number_in(data, NFTA_PAYLOAD_LEN);
	uint8_t before[2];

	ck_assert_uint_eq(number_in(data, NFTA_PAYLOAD_BASE), NFT_PAYLOAD_TRANSPORT_HEADER);
	ck_assert_uint_eq(len, sizeof(before));
	ck_assert_uint_le(at + len, sizeof(p->bytes));
	if (find_in(data, NFTA_PAYLOAD_DREG)) {
		memcpy(reg, p->bytes + at, len);
		return;
	}
	memcpy(before, p->bytes + at, len);
	memcpy(p->bytes + at, reg, len);
	if (find_in(data, NFTA_PAYLOAD_CSUM_TYPE)) {
		ck_assert_uint_eq(number_in(data, NFTA_PAYLOAD_CSUM_TYPE), NFT_PAYLOAD_CSUM_INET);
		ck_assert_uint_eq(number_in(data, NFTA_PAYLOAD_CSUM_OFFSET), 6);
		correct(p, at, before);
	}
}

static void meta(const struct packet *p, uint32_t key, uint8_t *reg)
{
	switch (key) {
	case NFT_META_L4PROTO: reg[0] = p->protocol; break;
	case NFT_META_IIFGROUP: memcpy(reg, &p->in_group, sizeof(p->in_group)); break;
	case NFT_META_OIFGROUP: memcpy(reg, &p->out_group, sizeof(p->out_group)); break;
	default: ck_abort();
	}
}

static void swap(const struct nlattr *data, uint8_t *reg)
{
	uint16_t value;

	ck_assert_uint_eq(number_in(data, NFTA_BYTEORDER_OP), NFT_BYTEORDER_HTON);
	ck_assert_uint_eq(number_in(data, NFTA_BYTEORDER_LEN), sizeof(value));
	ck_assert_uint_eq(number_in(data, NFTA_BYTEORDER_SIZE), sizeof(value));
	memcpy(&value, reg, sizeof(value));
	value = htons(value);
	memcpy(reg, &value, sizeof(value));
}

/* The kernel does not make it larger. */
static void lower_mss(struct packet *p, const struct nlattr *data, const uint8_t *reg)
{
	uint16_t mss = (uint16_t)(reg[0] << 8 | reg[1]);

	ck_assert_uint_eq(number_in(data, NFTA_EXTHDR_OP), NFT_EXTHDR_OP_TCPOPT);
	ck_assert_uint_eq(mnl_attr_get_u8(find_in(data, NFTA_EXTHDR_TYPE)), 2); /* RFC 9293 3.2 */
	ck_assert_uint_eq(number_in(data, NFTA_EXTHDR_OFFSET), 2);
	ck_assert_uint_eq(number_in(data, NFTA_EXTHDR_LEN), sizeof(mss));
	if (mss < p->mss)
		p->mss = mss;
}

/* One expression; false ends the rule. */
static bool carry_out(struct packet *p, const char *name, const struct nlattr *data, uint8_t *reg)
{
	if (!strcmp(name, "meta")) {
		meta(p, number_in(data, NFTA_META_KEY), reg);
	} else if (!strcmp(name, "rt") && number_in(data, NFTA_RT_KEY) == NFT_RT_TCPMSS) {
		memcpy(reg, &p->fits, sizeof(p->fits));
	} else if (!strcmp(name, "byteorder")) {
		swap(data, reg);
	} else if (!strcmp(name, "exthdr")) {
		lower_mss(p, data, reg);
	} else if (!strcmp(name, "rt")) {
		ck_assert_uint_eq(number_in(data, NFTA_RT_KEY), NFT_RT_XFRM);
		reg[0] = p->encrypted;
		reg[1] = 0;
	} else if (!strcmp(name, "counter")) {
		p->counted = true;
	} else if (!strcmp(name, "socket")) {
		ck_assert_uint_eq(number_in(data, NFTA_SOCKET_KEY), NFT_SOCKET_MARK);
		return p->has_socket;
	} else if (!strcmp(name, "cmp")) {
		return compare(data, reg);
	} else if (!strcmp(name, "bitwise")) {
		const uint8_t *mask = value_in(data, NFTA_BITWISE_MASK, 2);

		reg[0] &= mask[0];
		reg[1] &= mask[1];
	} else if (!strcmp(name, "payload")) {
		payload(p, data, reg);
	} else if (number_in(data, NFTA_IMMEDIATE_DREG) == NFT_REG_VERDICT) {
		const struct nlattr *verdict = find_in(data, NFTA_IMMEDIATE_DATA);

		verdict = find_in(verdict, NFTA_DATA_VERDICT);
		p->dropped = number_in(verdict, NFTA_VERDICT_CODE) == NF_DROP;
		p->accepted = !p->dropped;
		return false;
	} else {
		ck_assert_str_eq(name, "immediate");
		memcpy(reg, value_in(data, NFTA_IMMEDIATE_DATA, 2), 2);
	}
	return true;
}

static void apply(struct packet *p, const struct nlmsghdr *rule)
{
	const struct nlattr *attr, *expression;
	uint8_t reg[16] = {0};

	mnl_attr_for_each(attr, rule, sizeof(struct nfgenmsg))
	{
		if (mnl_attr_get_type(attr) != NFTA_RULE_EXPRESSIONS)
			continue;
		mnl_attr_for_each_nested(expression, attr)
		{
			const char *name = mnl_attr_get_str(find_in(expression, NFTA_EXPR_NAME));

			if (!carry_out(p, name, find_in(expression, NFTA_EXPR_DATA), reg))
				return;
		}
	}
}

static const char *chain_of(const struct nlmsghdr *rule)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, rule, sizeof(struct nfgenmsg))
	{
		if (mnl_attr_get_type(attr) == NFTA_RULE_CHAIN)
			return mnl_attr_get_str(attr);
	}
	ck_abort();
}

static void pass(struct packet *p, const char *chain)
{
	int len = (int)batch_len;

	for (const struct nlmsghdr *m = (void *)batch; mnl_nlmsg_ok(m, len);
	     m = mnl_nlmsg_next(m, &len)) {
		if (m->nlmsg_type == (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWRULE) && !p->dropped &&
		    !p->accepted && !strcmp(chain_of(m), chain))
			apply(p, m);
	}
	ck_assert(p->counted == p->dropped); /* whatever is dropped, people can see */
}

enum checksum { BARE, SUMMED };

/* UDP from `sport` to `dport`, then L2TP's first words */
static struct packet datagram(uint16_t sport, uint16_t dport, uint16_t flags, uint16_t second,
			      uint16_t third, enum checksum checksum)
{
	const uint16_t words[8] = {sport, dport, 16, 0, flags, second, third, 0};
	struct packet p = {.protocol = IPPROTO_UDP, .encrypted = true};
	uint16_t s;

	for (size_t i = 0; i < 8; i++) {
		p.bytes[2 * i] = (uint8_t)(words[i] >> 8);
		p.bytes[2 * i + 1] = (uint8_t)words[i];
	}
	if (checksum == SUMMED) {
		s = (uint16_t)~sum(p.bytes, sizeof(p.bytes));
		p.bytes[6] = (uint8_t)(s >> 8);
		p.bytes[7] = (uint8_t)s;
	}
	return p;
}

static uint16_t word(const struct packet *p, size_t at)
{
	return (uint16_t)(p->bytes[at] << 8 | p->bytes[at + 1]);
}

static const struct {
	const char *what;
	uint16_t dport, flags, second, third;
	uint16_t arrives; /* at this port; 0: nowhere */
} in[] = {
	{"data", 1701, 0x0002, 20000, 1, 20000},
	{"data with a length", 1701, 0x4002, 16, 29999, 29999},
	{"control", 1701, 0xc802, 16, 25000, 25000},
	{"sequenced data", 1701, 0x0802, 20001, 1, 20001},
	{"no tunnel yet", 1701, 0xc802, 16, 0, 1701},
	{"below the range", 1701, 0x0002, 19999, 25000, 1701},
	{"above the range", 1701, 0x0002, 30000, 25000, 1701},
	{"with a length, below", 1701, 0x4002, 25000, 19999, 1701},
	{"with a length, above", 1701, 0x4002, 25000, 30000, 1701},
	{"another version", 1701, 0x0003, 25000, 25000, 1701},
	{"another service", 53, 0x0002, 25000, 25000, 53},
	{"a tunnel's port", 20000, 0x0002, 25000, 1, 0},
	{"the last port", 29999, 0xc802, 16, 25000, 0},
	{"no L2TP to such a port", 25000, 0x0001, 25000, 1, 25000},
};

/* Without IPsec: what has no socket yet reaches the listener, if it is a control message. */
static const struct {
	const char *what;
	uint16_t flags, tid;
	bool has_socket;
	uint16_t arrives;
} clear[] = {
	{"control of a tunnel", 0xc802, 25000, true, 25000},
	{"control of a stranger", 0xc802, 25000, false, 1701},
	{"data of a tunnel", 0x4002, 25000, true, 25000},
	{"data of nobody", 0x4002, 25000, false, 25000},
	{"no tunnel yet", 0xc802, 0, true, 1701},
	{"another range", 0xc802, 30000, false, 1701},
};

START_TEST(arrives_in_the_clear)
{
	batch_len = nft_build(LO, HI, false, batch);
	for (enum checksum c = BARE; c <= SUMMED; c++) {
		struct packet p = datagram(1701, 1701, clear[_i].flags, 16, clear[_i].tid, c);

		p.has_socket = clear[_i].has_socket;
		pass(&p, "in");
		ck_assert_msg(!p.dropped && word(&p, 2) == clear[_i].arrives, "%s", clear[_i].what);
		if (c == BARE)
			ck_assert_uint_eq(word(&p, 6), 0);
		else
			ck_assert_uint_eq(sum(p.bytes, sizeof(p.bytes)), 0xffff);
	}
}
END_TEST

START_TEST(arrives)
{
	for (enum checksum c = BARE; c <= SUMMED; c++) {
		struct packet p =
			datagram(1701, in[_i].dport, in[_i].flags, in[_i].second, in[_i].third, c);
		const struct packet sent = p;

		pass(&p, "in");
		ck_assert_msg(p.dropped == !in[_i].arrives, "%s", in[_i].what);
		if (p.dropped)
			continue;
		ck_assert_msg(word(&p, 2) == in[_i].arrives, "%s: %u", in[_i].what, word(&p, 2));
		if (c == BARE)
			ck_assert_uint_eq(word(&p, 6), 0);
		else
			ck_assert_uint_eq(sum(p.bytes, sizeof(p.bytes)), 0xffff);
		ck_assert_mem_eq(p.bytes, sent.bytes, 2);
		ck_assert_mem_eq(p.bytes + 8, sent.bytes + 8, 8);
	}
}
END_TEST

static const struct {
	uint16_t sport, flags, leaves_from;
} out[] = {
	{20000, 0x0002, 1701},  {29999, 0xc802, 1701},  {19999, 0x0002, 19999},
	{30000, 0xc802, 30000}, {25000, 0x0001, 25000}, {1701, 0xc802, 1701},
};

START_TEST(leaves)
{
	struct packet p = datagram(out[_i].sport, 1701, out[_i].flags, 7, 7, SUMMED);

	pass(&p, "out");
	ck_assert(!p.dropped);
	ck_assert_uint_eq(word(&p, 0), out[_i].leaves_from);
	ck_assert_uint_eq(word(&p, 2), 1701);
	ck_assert_uint_eq(sum(p.bytes, sizeof(p.bytes)), 0xffff);
}
END_TEST

START_TEST(leaves_encrypted)
{
	struct packet p = datagram(20000, 1701, 0x0002, 7, 7, SUMMED), other = p;

	p.encrypted = false;
	pass(&p, "out");
	ck_assert(p.dropped);
	other.bytes[0] = 0; /* from another port */
	other.encrypted = false;
	pass(&other, "out");
	ck_assert(!other.dropped);
	/* ... and where IPsec is not asked for */
	batch_len = nft_build(LO, HI, false, batch);
	p.dropped = p.counted = false;
	pass(&p, "out");
	ck_assert(!p.dropped);
	ck_assert_uint_eq(word(&p, 0), 1701);
}
END_TEST

static const struct {
	uint8_t protocol;
	uint16_t type_code;
	uint8_t quoted;
	uint16_t dport;
	bool dropped;
} errors[] = {
	{IPPROTO_ICMP, 0x0303, IPPROTO_UDP, 20000, true},
	{IPPROTO_ICMP, 0x0303, IPPROTO_UDP, 29999, true},
	{IPPROTO_ICMP, 0x0303, IPPROTO_UDP, 1701, true},
	{IPPROTO_ICMP, 0x0303, IPPROTO_UDP, 19999, false},
	{IPPROTO_ICMP, 0x0303, IPPROTO_UDP, 53, false},
	{IPPROTO_ICMP, 0x0303, IPPROTO_TCP, 1701, false},
	{IPPROTO_ICMP, 0x0304, IPPROTO_UDP, 20000, false}, /* fragmentation needed */
	{IPPROTO_ICMPV6, 0x0104, IPPROTO_UDP, 20000, true},
	{IPPROTO_ICMPV6, 0x0104, IPPROTO_UDP, 1701, true},
	{IPPROTO_ICMPV6, 0x0104, IPPROTO_UDP, 30000, false},
	{IPPROTO_ICMPV6, 0x0104, IPPROTO_TCP, 1701, false},
	{IPPROTO_ICMPV6, 0x0100, IPPROTO_UDP, 1701, false}, /* no route */
	{IPPROTO_UDP, 0x0303, IPPROTO_UDP, 1701, false},
};

START_TEST(quotes)
{
	bool v6 = errors[_i].protocol == IPPROTO_ICMPV6;
	struct packet p = {.protocol = errors[_i].protocol};
	uint8_t *quoted = p.bytes + 8, *dport = quoted + (v6 ? 40 : 20) + 2;

	p.bytes[0] = (uint8_t)(errors[_i].type_code >> 8);
	p.bytes[1] = (uint8_t)errors[_i].type_code;
	quoted[v6 ? 6 : 9] = errors[_i].quoted;
	quoted[v6 ? 7 : 8] = 64; /* hops */
	dport[0] = (uint8_t)(errors[_i].dport >> 8);
	dport[1] = (uint8_t)errors[_i].dport;
	pass(&p, "out");
	ck_assert(p.dropped == errors[_i].dropped);
}
END_TEST

/* What stays when clients may have SAs yet: no port is told of, and nothing else is touched. */
START_TEST(silence)
{
	struct packet quote = {.protocol = IPPROTO_ICMP, .bytes = {3, 3}};
	struct packet p = datagram(1701, 1701, 0x0002, LO, 1, SUMMED), q = p;

	batch_len = nft_build_silence(LO, HI, batch);
	quote.bytes[8 + 9] = IPPROTO_UDP;
	quote.bytes[8 + 22] = LO >> 8;
	quote.bytes[8 + 23] = LO & 0xff;
	pass(&quote, "out");
	ck_assert(quote.dropped);
	pass(&q, "in");
	pass(&q, "out");
	ck_assert_mem_eq(&p, &q, sizeof(p));
}
END_TEST

/* Somebody has changed something: is it a loss of ours? */
static const struct {
	uint16_t type;
	const char *table;
	bool is_loss;
} news[] = {
	{NFT_MSG_DELTABLE, "l2tpd", true},    {NFT_MSG_DELCHAIN, "l2tpd", true},
	{NFT_MSG_DELRULE, "l2tpd", true},     {NFT_MSG_NEWRULE, "l2tpd", false},
	{NFT_MSG_NEWTABLE, "l2tpd", false},   {NFT_MSG_DELTABLE, "filter", false},
	{NFT_MSG_DELTABLE, "l2tpd2", false},  {NFT_MSG_DELRULE, "l2tp", false},
	{NFT_MSG_DELSETELEM, "l2tpd", false}, {NFT_MSG_DELTABLE, NULL, false},
};

static size_t put_news(char *to, uint16_t type, const char *table)
{
	struct nlmsghdr *m = mnl_nlmsg_put_header(to);

	m->nlmsg_type = (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type);
	mnl_nlmsg_put_extra_header(m, sizeof(struct nfgenmsg));
	if (table)
		mnl_attr_put_strz(m, NFTA_TABLE_NAME, table);
	return m->nlmsg_len;
}

START_TEST(is_loss)
{
	size_t len = put_news(batch, NFT_MSG_NEWGEN, NULL);

	len += put_news(batch + len, news[_i].type, news[_i].table);
	ck_assert(nft_watch_is_loss(batch, len) == news[_i].is_loss);
	for (size_t cut = 0; cut < len; cut++)
		ck_assert(!nft_watch_is_loss(batch, cut));
}
END_TEST

static const struct {
	const char *what;
	uint8_t protocol, flags;
	uint32_t in_group, out_group;
	uint16_t mss, becomes;
} connections[] = {
	{"client opens", IPPROTO_TCP, 0x02, SESSION_GROUP, 0, 1460, 1350},
	{"LAN answers", IPPROTO_TCP, 0x12, 0, SESSION_GROUP, 1460, 1350},
	{"client to client", IPPROTO_TCP, 0x02, SESSION_GROUP, SESSION_GROUP, 1460, 1350},
	{"with ECN", IPPROTO_TCP, 0xc2, SESSION_GROUP, 0, 1460, 1350},
	{"small already", IPPROTO_TCP, 0x02, SESSION_GROUP, 0, 1200, 1200},
	{"others", IPPROTO_TCP, 0x02, 0, 0, 1460, 1460},
	{"another group", IPPROTO_TCP, 0x02, 1, 2, 1460, 1460},
	{"open already", IPPROTO_TCP, 0x10, SESSION_GROUP, 0, 1460, 1460},
	{"nonsense", IPPROTO_TCP, 0x06, SESSION_GROUP, 0, 1460, 1460},
	{"UDP", IPPROTO_UDP, 0x02, SESSION_GROUP, 0, 1460, 1460},
};

START_TEST(clamps)
{
	struct packet p = {
		.protocol = connections[_i].protocol,
		.in_group = connections[_i].in_group,
		.out_group = connections[_i].out_group,
		.mss = connections[_i].mss,
		.fits = 1350,
	};

	p.bytes[12] = 0xa0; /* length of the header */
	p.bytes[13] = connections[_i].flags;
	pass(&p, "forward");
	ck_assert(!p.dropped);
	ck_assert_msg(p.mss == connections[_i].becomes, "%s: %u", connections[_i].what, p.mss);
}
END_TEST

/* Half of the buffer stays free, so that a longer rule is noticed here. */
START_TEST(fits)
{
	ck_assert_uint_gt(batch_len, 0);
	ck_assert_uint_le(batch_len, NFT_BATCH_LEN / 2);
}
END_TEST

static unsigned int n_lost;

static void on_lost(void *ctx)
{
	(void)ctx;
	n_lost++;
}

START_TEST(kernel_takes_it)
{
	uint64_t n[NFT_COUNTER_COUNT];
	struct nft_watch *watch;
	struct event_base *base;
	char why[NFT_WHY_LEN];
	int err;

	if (unshare(CLONE_NEWNET) < 0) {
		printf("not asked the kernel: no network namespace of our own to be had\n");
		return;
	}
	err = nft_install(LO, HI, true, why);
	if (err == -EPROTONOSUPPORT || err == -EOPNOTSUPP) {
		printf("not asked the kernel: it has no nf_tables\n");
		return;
	}
	ck_assert_msg(!err, "%s", why);
	ck_assert_msg(!nft_install(LO, HI, true, why), "%s", why);
	ck_assert_msg(!nft_install(LO, HI, false, why), "%s", why);
	ck_assert(nft_is_installed());
	ck_assert_int_eq(nft_count(n), 0);
	ck_assert(!n[NFT_COUNT_PORT] && !n[NFT_COUNT_CLEAR] && !n[NFT_COUNT_QUOTE]);
	base = event_base_new();
	ck_assert_int_eq(nft_watch_new(base, on_lost, NULL, &watch), 0);
	nft_silence(LO, HI);
	ck_assert(!nft_is_installed());
	event_base_loop(base, EVLOOP_ONCE);
	ck_assert_uint_gt(n_lost, 0);
	nft_watch_free(watch);
	event_base_free(base);
	nft_remove();
	ck_assert(!nft_is_installed());
	nft_remove();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("nft");
	TCase *t = tcase_create("nft");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_loop_test(t, arrives, 0, sizeof(in) / sizeof(in[0]));
	tcase_add_loop_test(t, arrives_in_the_clear, 0, sizeof(clear) / sizeof(clear[0]));
	tcase_add_loop_test(t, leaves, 0, sizeof(out) / sizeof(out[0]));
	tcase_add_test(t, leaves_encrypted);
	tcase_add_loop_test(t, quotes, 0, sizeof(errors) / sizeof(errors[0]));
	tcase_add_test(t, silence);
	tcase_add_loop_test(t, is_loss, 0, sizeof(news) / sizeof(news[0]));
	tcase_add_loop_test(t, clamps, 0, sizeof(connections) / sizeof(connections[0]));
	tcase_add_test(t, fits);
	tcase_add_test(t, kernel_takes_it);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
