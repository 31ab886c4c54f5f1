/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hears from the kernel when somebody has taken away the table or a part of it: administrators
 * flush rulesets.
 */
#ifndef L2TPD_POLICY_NFT_WATCH_H
#define L2TPD_POLICY_NFT_WATCH_H

#include <stdbool.h>
#include <stddef.h>

struct event_base;
struct nft_watch;

/* Something of the table may be gone, also by our own hand: nft_is_installed() knows. */
typedef void nft_lost_fn(void *ctx);

/* Needs CAP_NET_ADMIN.  0, or a negative code. */
int nft_watch_new(struct event_base *base, nft_lost_fn *lost, void *ctx, struct nft_watch **ret);
void nft_watch_free(struct nft_watch *w);

/* Do these netlink messages say so?  Pure; for nft_watch.c and its test. */
bool nft_watch_is_loss(const void *bytes, size_t len);

#endif
