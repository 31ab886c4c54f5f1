/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The nftables table `inet l2tpd`: a few stateless rules by which the tunnel id in the L2TP header
 * chooses the socket (RFC 2661 3.1 is the header), and alone chooses it; by which nothing of a
 * tunnel leaves in the clear; and by which TCP through a session agrees on segments that fit.
 * Nothing is updated per tunnel or session.
 */
#ifndef L2TPD_POLICY_NFT_H
#define L2TPD_POLICY_NFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NFT_BATCH_LEN 16384 /* the netlink messages of the whole table: half of it is used */
#define NFT_WHY_LEN   512

/* What the table drops, X(NAME, word, help).  The words stand at the rules, too, as comments. */
#define NFT_COUNTERS(X)                                                                            \
	X(PORT, "nft_port", "packets sent to the port of a tunnel, which only its id leads to")    \
	X(CLEAR, "nft_clear", "packets of tunnels kept from leaving without IPsec")                \
	X(QUOTE, "nft_quote", "ICMP errors kept from quoting in the clear what was encrypted")

enum nft_counter {
#define X(name, word, help) NFT_COUNT_##name,
	NFT_COUNTERS(X)
#undef X
		NFT_COUNTER_COUNT
};

/* The exported name of a counter, and its help text. */
const char *nft_counter_word(enum nft_counter which);
const char *nft_counter_help(enum nft_counter which);

/*
 * The netlink messages that put the table in place of an older one; pure.  `esp_only`: tunnels are
 * those of IPsec.  Returns their length.
 */
size_t nft_build(uint16_t tid_lo, uint16_t tid_hi, bool esp_only, char ret[static NFT_BATCH_LEN]);

/*
 * Install the table, in one transaction; needs CAP_NET_ADMIN.  0, or a negative code with a
 * sentence that names the cure in `ret_why`.  It stays when the process ends: sessions outlive us.
 */
int nft_install(uint16_t tid_lo, uint16_t tid_hi, bool esp_only, char ret_why[static NFT_WHY_LEN]);

/* Is the table there, with its rules?  True also when the kernel does not say. */
bool nft_is_installed(void);

/* How often each rule that drops has done so since the table was installed.  0, or negative. */
int nft_count(uint64_t ret[static NFT_COUNTER_COUNT]);

/* Remove the table, if it is there. */
void nft_remove(void);

/*
 * Instead of that, for the end of a server whose clients may have SAs yet: leave only the rules by
 * which nobody is told of ports without a socket.  The messages for it are pure, as above.
 */
void nft_silence(uint16_t tid_lo, uint16_t tid_hi);
size_t nft_build_silence(uint16_t tid_lo, uint16_t tid_hi, char ret[static NFT_BATCH_LEN]);

#endif
