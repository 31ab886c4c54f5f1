/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The session's machine (RFC 2661 7.4.2: incoming call, side of the LNS): what to do, and where to
 * go.  A session begins with a good ICRQ, in WAIT_CONNECT; see session_request().  Outgoing calls
 * would add the states before OCCN.  For session.c, which has the actions, only.
 */

/* clang-format off */
static const struct session_cell session_table[SES_STATE_COUNT][SEV_COUNT] = {
	[SES_WAIT_CONNECT] = {
		[SEV_ICCN]      = GO(answered, UP),
		[SEV_CDN]       = GO(peer_hung_up, CLOSED),
		[SEV_WEN]       = GO(nothing, WAIT_CONNECT),
		[SEV_SLI]       = GO(nothing, WAIT_CONNECT),
		[SEV_OTHER]     = GO(out_of_place, CLOSED),
		[SEV_BAD]       = GO(hang_up, CLOSED),
		[SEV_END]       = GO(hang_up, CLOSED),
		[SEV_TIMEOUT]   = GO(too_late, CLOSED),
		[SEV_PPP_EXIT]  = GO(ppp_left, GONE),
		[SEV_CUT]       = GO(stop_ppp, CLOSED),
	},
	[SES_UP] = {
		[SEV_ICCN]      = GO(out_of_place, CLOSED),
		[SEV_CDN]       = GO(peer_hung_up, CLOSED),
		[SEV_WEN]       = GO(nothing, UP),
		[SEV_SLI]       = GO(nothing, UP),
		[SEV_OTHER]     = GO(out_of_place, CLOSED),
		[SEV_BAD]       = GO(hang_up, CLOSED),
		[SEV_END]       = GO(stop_ppp, ENDING),
		[SEV_TIMEOUT]   = GO(nothing, UP),
		[SEV_PPP_EXIT]  = GO(ppp_left, GONE),
		[SEV_CUT]       = GO(stop_ppp, CLOSED),
	},
	[SES_ENDING] = {
		[SEV_ICCN]      = GO(nothing, ENDING),
		[SEV_CDN]       = GO(nothing, CLOSED),
		[SEV_WEN]       = GO(nothing, ENDING),
		[SEV_SLI]       = GO(nothing, ENDING),
		[SEV_OTHER]     = GO(nothing, ENDING),
		[SEV_BAD]       = GO(nothing, ENDING),
		[SEV_END]       = GO(nothing, ENDING),
		[SEV_TIMEOUT]   = GO(nothing, ENDING),
		[SEV_PPP_EXIT]  = GO(ppp_left, GONE),
		[SEV_CUT]       = GO(nothing, CLOSED),
	},
	[SES_CLOSED] = {
		[SEV_ICCN]      = GO(nothing, CLOSED),
		[SEV_CDN]       = GO(nothing, CLOSED),
		[SEV_WEN]       = GO(nothing, CLOSED),
		[SEV_SLI]       = GO(nothing, CLOSED),
		[SEV_OTHER]     = GO(nothing, CLOSED),
		[SEV_BAD]       = GO(nothing, CLOSED),
		[SEV_END]       = GO(nothing, CLOSED),
		[SEV_TIMEOUT]   = GO(nothing, CLOSED),
		[SEV_PPP_EXIT]  = GO(nothing, GONE),
		[SEV_CUT]       = GO(nothing, CLOSED),
	},
};
/* clang-format on */
