/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Netlink messages that make or remove the table, its chains, and rules that are given as data;
 * pure.  Private to the files nft*.c.
 */
#ifndef L2TPD_POLICY_NFT_MSG_H
#define L2TPD_POLICY_NFT_MSG_H

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stddef.h>
#include <stdint.h>

#define NFT_TABLE         "l2tpd"
#define NFT_CHAIN_IN      "in"
#define NFT_CHAIN_OUT     "out"
#define NFT_CHAIN_FORWARD "forward"

#define NFT_COMMENT_LEN   32 /* with its end */

/* A rule is a row of steps.  The kernel goes on to the next rule at the first test that fails. */
struct nft_step {
	enum nft_step_kind {
		LOAD,           /* the field at `value` */
		LOAD_IPSEC,     /* 0 if the packet is going to leave as it is */
		LOAD_IN_GROUP,  /* of the interface that the packet came by ... */
		LOAD_OUT_GROUP, /* ... or leaves by */
		LOAD_MSS, /* the longest TCP segment that fits on the way and back; then SWAP */
		SWAP,     /* to network byte order */
		MASK,     /* keep these bits of what was loaded */
		IS,       /* tests of what was loaded */
		IS_NOT,
		FROM,
		TO,
		IS_GROUP,
		PUT,        /* as if it had been loaded */
		STORE,      /* into the field at `value`; the UDP checksum follows */
		STORE_BARE, /* where there is none */
		LOWER_MSS,  /* TCP's option, to what was loaded; its checksum follows */
		HAS_SOCKET, /* test: somebody here would get it */
		ACCEPT,     /* no other rule of the chain matters */
		COUNT,      /* for nft_count() and people */
		DROP,
	} what;
	uint16_t value;
};

struct nft_batch {
	char *bytes;
	size_t len;
	struct nlmsghdr *last;
};

/* A request of nf_tables about family inet; nft_msg_end() must follow. */
struct nlmsghdr *nft_msg_start(struct nft_batch *b, uint16_t command, uint16_t flags);
void nft_msg_end(struct nft_batch *b, struct nlmsghdr *m);

/* What goes between these two is one transaction, whose verdict comes first in the answer. */
void nft_msg_begin_batch(struct nft_batch *b);
void nft_msg_end_batch(struct nft_batch *b);

/* Remove the table, if it is there; make it, a chain of it, a rule at the end of a chain. */
void nft_msg_remove(struct nft_batch *b);
void nft_msg_add_table(struct nft_batch *b);
void nft_msg_add_chain(struct nft_batch *b, const char *name, uint32_t hook, int32_t priority);

/* `comment` is what people see, and what the rule's counter is found by; NULL: none. */
void nft_msg_add_rule(struct nft_batch *b, uint8_t protocol, const char *chain, const char *comment,
		      const struct nft_step *steps, size_t n);

#endif
