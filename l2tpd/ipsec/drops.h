/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel's IPsec has dropped, from /proc/net/xfrm_stat: of the whole machine, since its
 * start.  Read when somebody asks.
 */
#ifndef L2TPD_IPSEC_DROPS_H
#define L2TPD_IPSEC_DROPS_H

#include <stdint.h>

/* X(kernel's name, word, help) */
#define DROPS(X)                                                                                   \
	X(XfrmInTmplMismatch, "xfrm_in_tmpl_mismatch",                                             \
	  "packets without IPsec, or through the SA of another client")                            \
	X(XfrmInNoStates, "xfrm_in_no_states", "ESP of an SA that is not here (any more)")         \
	X(XfrmInNoPols, "xfrm_in_no_pols", "packets through IPsec that no policy allows")          \
	X(XfrmInPolBlock, "xfrm_in_pol_block", "packets that a policy forbids")                    \
	X(XfrmInStateProtoError, "xfrm_in_state_proto_error", "ESP that was changed on its way")   \
	X(XfrmInStateSeqError, "xfrm_in_state_seq_error", "ESP that came twice, or too late")      \
	X(XfrmInStateMismatch, "xfrm_in_state_mismatch", "ESP that does not fit its SA")           \
	X(XfrmOutNoStates, "xfrm_out_no_states", "packets to send whose SA is gone")               \
	X(XfrmOutPolBlock, "xfrm_out_pol_block", "packets to send of tunnels without an SA")

enum drop {
#define X(name, word, help) DROP_##name,
	DROPS(X)
#undef X
		DROP_COUNT
};

/* The exported name of a drop, and its help text. */
const char *drop_word(enum drop which);
const char *drop_help(enum drop which);

/* Read them.  0, or a negative code: this kernel does not count (CONFIG_XFRM_STATISTICS). */
int drops_read(uint64_t ret[static DROP_COUNT]);

/* From the text of that file; what is not in it stays 0.  Pure. */
void drops_parse(const char *text, uint64_t ret[static DROP_COUNT]);

#endif
