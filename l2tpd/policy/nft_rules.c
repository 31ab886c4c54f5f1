/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table's rules as data.  Priorities are chosen so that every other rule and conntrack see
 * plain 1701 <-> 1701.
 */
#include "l2tpd/policy/nft.h"

#include "l2tpd/fsm/ports.h"
#include "l2tpd/policy/nft_msg.h"

#define PRIORITY_LAST   300    /* in: behind everybody's filters and conntrack's helpers */
#define PRIORITY_RAW    (-300) /* out: before conntrack */
#define PRIORITY_MANGLE (-150) /* forward: before everybody's filters */

/* Bytes from the start of the header of UDP (RFC 768, RFC 2661 3.1), TCP or ICMP (RFC 792, 4443) */
enum field {
	UDP_SPORT = 0,
	UDP_DPORT = 2,
	UDP_CHECKSUM = 6,
	L2TP_FLAGS = 8,
	L2TP_TID = 10,
	L2TP_TID_LONG = 12, /* behind a length field */
	TCP_FLAGS = 12,     /* behind the length of the header, RFC 9293 3.1 */
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

#define TCP_SYN_RST            0x0006
#define TCP_SYN                0x0002

#define N_STEPS(steps)         (sizeof(steps) / sizeof((steps)[0]))

static const struct {
	const char *word, *help;
} counters[NFT_COUNTER_COUNT] = {
#define X(name, word, help) [NFT_COUNT_##name] = {word, help},
	NFT_COUNTERS(X)
#undef X
};

/* A tunnel's port is reached by its id only, never directly: anybody could write another's id. */
static void add_guard(struct nft_batch *b, uint16_t lo, uint16_t hi)
{
	const struct nft_step steps[] = {
		{LOAD, UDP_DPORT},         {FROM, lo},         {TO, hi},   {LOAD, L2TP_FLAGS},
		{MASK, L2TP_VERSION_MASK}, {IS, L2TP_VERSION}, {COUNT, 0}, {DROP, 0},
	};

	nft_msg_add_rule(b, IPPROTO_UDP, NFT_CHAIN_IN, nft_counter_word(NFT_COUNT_PORT), steps,
			 N_STEPS(steps));
}

/*
 * The tunnel id becomes the port.  A datagram may come without a UDP checksum (xl2tpd's do, which
 * RFC 768 allows), and a "corrected" 0 would be a wrong one.
 */
static void add_delivery(struct nft_batch *b, uint16_t lo, uint16_t hi, bool is_long, bool is_bare)
{
	const struct nft_step steps[] = {
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

	nft_msg_add_rule(b, IPPROTO_UDP, NFT_CHAIN_IN, NULL, steps, N_STEPS(steps));
}

/*
 * Without an SA to prove them, strangers are told of an id before it has a socket: what they answer
 * goes to the listener.  Behind add_delivery(); data packets are not looked at.
 */
static void add_return(struct nft_batch *b, uint16_t lo, uint16_t hi)
{
	const struct nft_step has_one[] = {
		{LOAD, UDP_DPORT},
		{FROM, lo},
		{TO, hi},
		{LOAD, L2TP_FLAGS},
		{MASK, L2TP_VERSION_MASK | L2TP_CONTROL},
		{IS, L2TP_VERSION | L2TP_CONTROL},
		{HAS_SOCKET, 0},
		{ACCEPT, 0},
	};

	nft_msg_add_rule(b, IPPROTO_UDP, NFT_CHAIN_IN, NULL, has_one, N_STEPS(has_one));
	for (int is_bare = 0; is_bare <= 1; is_bare++) {
		const struct nft_step steps[] = {
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

		nft_msg_add_rule(b, IPPROTO_UDP, NFT_CHAIN_IN, NULL, steps, N_STEPS(steps));
	}
}

/*
 * A socket that is being closed loses its IPsec policy a moment before the kernel ends the tunnel
 * in it: what its sessions send then would leave in the clear.
 */
static void add_esp_only(struct nft_batch *b, uint16_t lo, uint16_t hi)
{
	const struct nft_step steps[] = {
		{LOAD, UDP_SPORT}, {FROM, lo}, {TO, hi},  {LOAD_IPSEC, 0},
		{IS, 0},           {COUNT, 0}, {DROP, 0},
	};

	nft_msg_add_rule(b, IPPROTO_UDP, NFT_CHAIN_OUT, nft_counter_word(NFT_COUNT_CLEAR), steps,
			 N_STEPS(steps));
}

/*
 * What comes for a tunnel that is no more would earn an ICMP error, which quotes it, decrypted, and
 * has no socket whose policy would encrypt it.  `lo` to `hi`: the ports that are not told of.
 */
static void add_silence(struct nft_batch *b, uint16_t lo, uint16_t hi)
{
	const struct nft_step v4[] = {
		{LOAD, ICMP_TYPE_CODE},
		{IS, ICMP_PORT_UNREACHABLE},
		{LOAD, ICMP_QUOTED_PROTOCOL},
		{MASK, 0x00ff},
		{IS, IPPROTO_UDP},
		{LOAD, ICMP_QUOTED_DPORT},
		{FROM, lo},
		{TO, hi},
		{COUNT, 0},
		{DROP, 0},
	};
	const struct nft_step v6[] = {
		{LOAD, ICMP_TYPE_CODE},
		{IS, ICMP6_PORT_UNREACHABLE},
		{LOAD, ICMP6_QUOTED_PROTOCOL},
		{MASK, 0xff00},
		{IS, IPPROTO_UDP << 8},
		{LOAD, ICMP6_QUOTED_DPORT},
		{FROM, lo},
		{TO, hi},
		{COUNT, 0},
		{DROP, 0},
	};

	nft_msg_add_rule(b, IPPROTO_ICMP, NFT_CHAIN_OUT, nft_counter_word(NFT_COUNT_QUOTE), v4,
			 N_STEPS(v4));
	nft_msg_add_rule(b, IPPROTO_ICMPV6, NFT_CHAIN_OUT, nft_counter_word(NFT_COUNT_QUOTE), v6,
			 N_STEPS(v6));
}

static void add_disguise(struct nft_batch *b, uint16_t lo, uint16_t hi)
{
	const struct nft_step steps[] = {
		{LOAD, UDP_SPORT},         {FROM, lo},         {TO, hi},         {LOAD, L2TP_FLAGS},
		{MASK, L2TP_VERSION_MASK}, {IS, L2TP_VERSION}, {PUT, L2TP_PORT}, {STORE, UDP_SPORT},
	};

	nft_msg_add_rule(b, IPPROTO_UDP, NFT_CHAIN_OUT, NULL, steps, N_STEPS(steps));
}

/* Of an ICMP error: nobody is told of the ports of tunnels, nor of the listener's. */
static void add_silences(struct nft_batch *b, uint16_t lo, uint16_t hi)
{
	add_silence(b, lo, hi);
	add_silence(b, L2TP_PORT, L2TP_PORT);
}

/*
 * Who opens a TCP connection through a session, from either side, is told of no longer segments
 * than fit: errors that say so later (RFC 1191, 8201) get lost too often.  Others' PPP interfaces
 * are none of our business: ours are in a group.
 */
static void add_clamp(struct nft_batch *b, bool is_out)
{
	const struct nft_step steps[] = {
		{is_out ? LOAD_OUT_GROUP : LOAD_IN_GROUP, 0},
		{IS_GROUP, SESSION_GROUP},
		{LOAD, TCP_FLAGS},
		{MASK, TCP_SYN_RST},
		{IS, TCP_SYN},
		{LOAD_MSS, 0},
		{SWAP, 0},
		{LOWER_MSS, 0},
	};

	nft_msg_add_rule(b, IPPROTO_TCP, NFT_CHAIN_FORWARD, NULL, steps, N_STEPS(steps));
}

size_t nft_build(uint16_t tid_lo, uint16_t tid_hi, bool esp_only, char ret[static NFT_BATCH_LEN])
{
	struct nft_batch b = {.bytes = ret};

	nft_msg_begin_batch(&b);
	nft_msg_remove(&b);
	nft_msg_add_table(&b);
	nft_msg_add_chain(&b, NFT_CHAIN_IN, NF_INET_LOCAL_IN, PRIORITY_LAST);
	nft_msg_add_chain(&b, NFT_CHAIN_OUT, NF_INET_LOCAL_OUT, PRIORITY_RAW);
	add_guard(&b, tid_lo, tid_hi);
	for (int is_bare = 0; is_bare <= 1; is_bare++) {
		add_delivery(&b, tid_lo, tid_hi, false, is_bare);
		add_delivery(&b, tid_lo, tid_hi, true, is_bare);
	}
	if (esp_only)
		add_esp_only(&b, tid_lo, tid_hi);
	else
		add_return(&b, tid_lo, tid_hi);
	add_disguise(&b, tid_lo, tid_hi);
	add_silences(&b, tid_lo, tid_hi);
	nft_msg_add_chain(&b, NFT_CHAIN_FORWARD, NF_INET_FORWARD, PRIORITY_MANGLE);
	add_clamp(&b, false);
	add_clamp(&b, true);
	nft_msg_end_batch(&b);
	return b.len;
}

size_t nft_build_silence(uint16_t tid_lo, uint16_t tid_hi, char ret[static NFT_BATCH_LEN])
{
	struct nft_batch b = {.bytes = ret};

	nft_msg_begin_batch(&b);
	nft_msg_remove(&b);
	nft_msg_add_table(&b);
	nft_msg_add_chain(&b, NFT_CHAIN_OUT, NF_INET_LOCAL_OUT, PRIORITY_RAW);
	add_silences(&b, tid_lo, tid_hi);
	nft_msg_end_batch(&b);
	return b.len;
}

const char *nft_counter_word(enum nft_counter which)
{
	return counters[which].word;
}

const char *nft_counter_help(enum nft_counter which)
{
	return counters[which].help;
}
