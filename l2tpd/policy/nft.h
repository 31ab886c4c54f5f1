/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The nftables table `inet l2tpd`: a few stateless rules by which the tunnel id in the L2TP header
 * chooses the socket (RFC 2661 3.1 is the header), and alone chooses it; and by which nothing of a
 * tunnel leaves in the clear.  Nothing is updated per
 * tunnel.
 */
#ifndef L2TPD_POLICY_NFT_H
#define L2TPD_POLICY_NFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NFT_BATCH_LEN 16384 /* the netlink messages of the whole table: half of it is used */
#define NFT_WHY_LEN   512

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

/* Remove the table, if it is there. */
void nft_remove(void);

#endif
