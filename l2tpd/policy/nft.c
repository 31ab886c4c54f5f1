/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table's text, and its way into the kernel by libnftables.  Priorities are chosen so that
 * every other rule and conntrack see plain 1701 <-> 1701.  It has no owner flag: such a table goes
 * away with the process that made it, and sessions must outlive a restart of the engine.
 */
#include "l2tpd/policy/nft.h"

#include <errno.h>
#include <nftables/libnftables.h>
#include <stdio.h>
#include <string.h>

/*
 * Offsets behind @th count bits from the UDP header, which has 64.  Then (RFC 2661 3.1): flags
 * and version at 64, where 0x4000 is L and a set 0x8000 (T, control) does not matter; the tunnel id
 * at 80, or at 96 when L says that a length comes first.  The port to rewrite is at 16: by its name
 * where the UDP checksum has to follow, by its place where there is none (xl2tpd sends 0, which
 * RFC 768 allows, and a "corrected" 0 would be a wrong checksum).
 */
#define TABLE                                                                                      \
	"add table inet l2tpd\n"                                                                   \
	"delete table inet l2tpd\n"                                                                \
	"table inet l2tpd {\n"                                                                     \
	"\tchain bare {\n"                                                                         \
	"\t\t@th,64,16 & 0x400f == 0x0002"                                                         \
	" @th,80,16 >= %1$u @th,80,16 <= %2$u @th,16,16 set @th,80,16\n"                           \
	"\t\t@th,64,16 & 0x400f == 0x4002"                                                         \
	" @th,96,16 >= %1$u @th,96,16 <= %2$u @th,16,16 set @th,96,16\n"                           \
	"\t}\n"                                                                                    \
	"\tchain in {\n"                                                                           \
	"\t\ttype filter hook input priority 300\n"                                                \
	"\t\tudp dport %1$u-%2$u @th,64,16 & 0x000f == 0x0002 drop\n"                              \
	"\t\tudp dport 1701 udp checksum 0 goto bare\n"                                            \
	"\t\tudp dport 1701 @th,64,16 & 0x400f == 0x0002"                                          \
	" @th,80,16 >= %1$u @th,80,16 <= %2$u udp dport set @th,80,16\n"                           \
	"\t\tudp dport 1701 @th,64,16 & 0x400f == 0x4002"                                          \
	" @th,96,16 >= %1$u @th,96,16 <= %2$u udp dport set @th,96,16\n"                           \
	"\t}\n"                                                                                    \
	"\tchain out {\n"                                                                          \
	"\t\ttype filter hook output priority raw\n"                                               \
	"\t\tudp sport %1$u-%2$u @th,64,16 & 0x000f == 0x0002 udp sport set 1701\n"                \
	"\t}\n"                                                                                    \
	"}\n"

const char *nft_text(uint16_t tid_lo, uint16_t tid_hi, char ret[static NFT_TEXT_LEN])
{
	snprintf(ret, NFT_TEXT_LEN, TABLE, tid_lo, tid_hi);
	return ret;
}

/* The first line of what libnftables complains of, without its end. */
static void first_line(struct nft_ctx *nft, char *ret, size_t cap)
{
	const char *said = nft_ctx_get_error_buffer(nft);

	snprintf(ret, cap, "%.*s", (int)strcspn(said ? said : "", "\n"), said ? said : "");
}

static int run(const char *commands, char *ret_error, size_t cap)
{
	struct nft_ctx *nft = nft_ctx_new(NFT_CTX_DEFAULT);
	int err = 0;

	if (!nft)
		return -ENOMEM;
	nft_ctx_buffer_error(nft);
	errno = 0;
	if (nft_run_cmd_from_buffer(nft, commands)) {
		err = errno ? -errno : -EIO;
		first_line(nft, ret_error, cap);
	}
	nft_ctx_free(nft);
	return err;
}

int nft_install(uint16_t tid_lo, uint16_t tid_hi, char ret_why[static NFT_WHY_LEN])
{
	char text[NFT_TEXT_LEN], said[256] = "out of memory";
	int err = run(nft_text(tid_lo, tid_hi, text), said, sizeof(said));

	if (err)
		snprintf(ret_why, NFT_WHY_LEN,
			 "the nftables table \"inet l2tpd\" cannot be installed: %s; it needs "
			 "CAP_NET_ADMIN and the kernel module nf_tables: modprobe nf_tables",
			 said);
	return err;
}

void nft_remove(void)
{
	char said[256];

	/* "add" first, so that it is no error when somebody has flushed the ruleset. */
	run("add table inet l2tpd\ndelete table inet l2tpd\n", said, sizeof(said));
}
