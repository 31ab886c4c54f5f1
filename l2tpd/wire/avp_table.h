/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every AVP of RFC 2661 section 4.4, and of RFC 3145, 3308 and 3437, as one row: number, name,
 * field of struct msg, kind of value, M bit that we send, whether it may be hidden, shortest and
 * longest value, section, words.  A kind is a C type with its way from and to bytes; see avp.c.
 */
#ifndef L2TPD_WIRE_AVP_TABLE_H
#define L2TPD_WIRE_AVP_TABLE_H

/* The header's length field has 10 bits, six bytes of which are the header: RFC 2661 4.1 */
#define AVP_VALUE_MAX 1017

/* Lengths that no document has, but that some peers send: X(AVP, length) */
#define ODD_LENGTHS(X)                                                                             \
	X(RESULT_CODE, 3) /* ends in the middle of its error code */                               \
	X(CALL_SERIAL, 2) /* as an early draft had it */

/* X(number, NAME, field, KIND, mandatory, hiding, shortest, longest, section, words) */
#define AVP_TABLE(X)                                                                               \
	X(0, MESSAGE_TYPE, type, U16, MUST, PLAIN, 2, 2, "4.4.1", "Message Type")                  \
	X(1, RESULT_CODE, result, RESULT, MUST, PLAIN, 2, AVP_VALUE_MAX, "4.4.2", "Result Code")   \
	X(2, PROTOCOL_VERSION, protocol_version, U16, MUST, PLAIN, 2, 2, "4.4.3",                  \
	  "Protocol Version")                                                                      \
	X(3, FRAMING_CAPS, framing_caps, U32, MUST, HIDEABLE, 4, 4, "4.4.3",                       \
	  "Framing Capabilities")                                                                  \
	X(4, BEARER_CAPS, bearer_caps, U32, MUST, HIDEABLE, 4, 4, "4.4.3", "Bearer Capabilities")  \
	X(5, TIE_BREAKER, tie_breaker, U64, MAY, PLAIN, 8, 8, "4.4.3", "Tie Breaker")              \
	X(6, FIRMWARE, firmware, U16, MAY, HIDEABLE, 2, 2, "4.4.3", "Firmware Revision")           \
	X(7, HOST_NAME, host_name, BYTES, MUST, PLAIN, 1, AVP_VALUE_MAX, "4.4.3", "Host Name")     \
	X(8, VENDOR_NAME, vendor_name, BYTES, MAY, HIDEABLE, 0, AVP_VALUE_MAX, "4.4.3",            \
	  "Vendor Name")                                                                           \
	X(9, TUNNEL_ID, tunnel_id, ID, MUST, HIDEABLE, 2, 2, "4.4.3", "Assigned Tunnel ID")        \
	X(10, WINDOW_SIZE, window_size, U16, MUST, PLAIN, 2, 2, "4.4.3", "Receive Window Size")    \
	X(11, CHALLENGE, challenge, BYTES, MUST, HIDEABLE, 1, AVP_VALUE_MAX, "4.4.3", "Challenge") \
	X(12, Q931_CAUSE, q931_cause, Q931, MUST, PLAIN, 3, AVP_VALUE_MAX, "4.4.4",                \
	  "Q.931 Cause Code")                                                                      \
	X(13, CHALLENGE_RESPONSE, challenge_response, BYTES, MUST, HIDEABLE, 16, 16, "4.4.3",      \
	  "Challenge Response")                                                                    \
	X(14, SESSION_ID, session_id, ID, MUST, HIDEABLE, 2, 2, "4.4.4", "Assigned Session ID")    \
	X(15, CALL_SERIAL, call_serial, U32, MUST, HIDEABLE, 4, 4, "4.4.4", "Call Serial Number")  \
	X(16, MINIMUM_BPS, minimum_bps, U32, MUST, HIDEABLE, 4, 4, "4.4.4", "Minimum BPS")         \
	X(17, MAXIMUM_BPS, maximum_bps, U32, MUST, HIDEABLE, 4, 4, "4.4.4", "Maximum BPS")         \
	X(18, BEARER_TYPE, bearer_type, U32, MUST, HIDEABLE, 4, 4, "4.4.4", "Bearer Type")         \
	X(19, FRAMING_TYPE, framing_type, U32, MUST, HIDEABLE, 4, 4, "4.4.4", "Framing Type")      \
	X(21, CALLED_NUMBER, called_number, BYTES, MUST, HIDEABLE, 0, AVP_VALUE_MAX, "4.4.4",      \
	  "Called Number")                                                                         \
	X(22, CALLING_NUMBER, calling_number, BYTES, MUST, HIDEABLE, 0, AVP_VALUE_MAX, "4.4.4",    \
	  "Calling Number")                                                                        \
	X(23, SUB_ADDRESS, sub_address, BYTES, MUST, HIDEABLE, 0, AVP_VALUE_MAX, "4.4.4",          \
	  "Sub-Address")                                                                           \
	X(24, TX_SPEED, tx_speed, U32, MUST, HIDEABLE, 4, 4, "4.4.4", "(Tx) Connect Speed")        \
	X(25, PHYSICAL_CHANNEL, physical_channel, U32, MAY, HIDEABLE, 4, 4, "4.4.4",               \
	  "Physical Channel ID")                                                                   \
	X(26, FIRST_CONFREQ, first_confreq, BYTES, MAY, HIDEABLE, 0, AVP_VALUE_MAX, "4.4.5",       \
	  "Initial Received LCP CONFREQ")                                                          \
	X(27, SENT_CONFREQ, sent_confreq, BYTES, MAY, HIDEABLE, 0, AVP_VALUE_MAX, "4.4.5",         \
	  "Last Sent LCP CONFREQ")                                                                 \
	X(28, LAST_CONFREQ, last_confreq, BYTES, MAY, HIDEABLE, 0, AVP_VALUE_MAX, "4.4.5",         \
	  "Last Received LCP CONFREQ")                                                             \
	X(29, PROXY_TYPE, proxy_type, U16, MAY, HIDEABLE, 2, 2, "4.4.5", "Proxy Authen Type")      \
	X(30, PROXY_NAME, proxy_name, BYTES, MAY, HIDEABLE, 0, AVP_VALUE_MAX, "4.4.5",             \
	  "Proxy Authen Name")                                                                     \
	X(31, PROXY_CHALLENGE, proxy_challenge, BYTES, MAY, HIDEABLE, 1, AVP_VALUE_MAX, "4.4.5",   \
	  "Proxy Authen Challenge")                                                                \
	X(32, PROXY_ID, proxy_id, U16, MAY, HIDEABLE, 2, 2, "4.4.5", "Proxy Authen ID")            \
	X(33, PROXY_RESPONSE, proxy_response, BYTES, MAY, HIDEABLE, 0, AVP_VALUE_MAX, "4.4.5",     \
	  "Proxy Authen Response")                                                                 \
	X(34, CALL_ERRORS, call_errors, ERRORS, MUST, HIDEABLE, 26, 26, "4.4.6", "Call Errors")    \
	X(35, ACCM, accm, ACCM, MUST, HIDEABLE, 10, 10, "4.4.6", "ACCM")                           \
	X(36, RANDOM_VECTOR, random_vector, BYTES, MUST, PLAIN, 0, AVP_VALUE_MAX, "4.4.1",         \
	  "Random Vector")                                                                         \
	X(37, PRIVATE_GROUP, private_group, BYTES, MAY, HIDEABLE, 0, AVP_VALUE_MAX, "4.4.4",       \
	  "Private Group ID")                                                                      \
	X(38, RX_SPEED, rx_speed, U32, MAY, HIDEABLE, 4, 4, "4.4.4", "Rx Connect Speed")           \
	X(39, SEQUENCING_REQUIRED, sequencing_required, EMPTY, MUST, PLAIN, 0, 0, "4.4.4",         \
	  "Sequencing Required")                                                                   \
	X(46, DISCONNECT_CAUSE, disconnect_cause, CAUSE, MAY, HIDEABLE, 5, AVP_VALUE_MAX,          \
	  "RFC 3145 2", "PPP Disconnect Cause Code")                                               \
	X(47, CONTROL_DS, control_ds, U16, MAY, HIDEABLE, 2, 2, "RFC 3308 4.1",                    \
	  "Control Connection DS")                                                                 \
	X(48, SESSION_DS, session_ds, U16, MAY, HIDEABLE, 2, 2, "RFC 3308 4.2", "Session DS")      \
	X(49, LCP_WANT, lcp_want, BYTES, MAY, HIDEABLE, 0, AVP_VALUE_MAX, "RFC 3437 2.1",          \
	  "LCP Want Options")                                                                      \
	X(50, LCP_ALLOW, lcp_allow, BYTES, MAY, HIDEABLE, 0, AVP_VALUE_MAX, "RFC 3437 2.2",        \
	  "LCP Allow Options")                                                                     \
	X(51, LNS_SENT_CONFREQ, lns_sent_confreq, BYTES, MAY, HIDEABLE, 0, AVP_VALUE_MAX,          \
	  "RFC 3437 2.3", "LNS Last Sent LCP CONFREQ")                                             \
	X(52, LNS_LAST_CONFREQ, lns_last_confreq, BYTES, MAY, HIDEABLE, 0, AVP_VALUE_MAX,          \
	  "RFC 3437 2.3", "LNS Last Received LCP CONFREQ")

#endif
