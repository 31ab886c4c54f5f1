/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every control message of RFC 2661 section 6 as one row: number, name, what it is about, the AVPs
 * that it must carry, those of them that we can do without, and those that it may carry.  A Random
 * Vector may come with each.
 */
#ifndef L2TPD_WIRE_MSG_TABLE_H
#define L2TPD_WIRE_MSG_TABLE_H

#define AVP_BIT(name) (UINT64_C(1) << AVP_##name)

#define PROXY_AVPS                                                                                 \
	(AVP_BIT(FIRST_CONFREQ) | AVP_BIT(SENT_CONFREQ) | AVP_BIT(LAST_CONFREQ) |                  \
	 AVP_BIT(PROXY_TYPE) | AVP_BIT(PROXY_NAME) | AVP_BIT(PROXY_CHALLENGE) |                    \
	 AVP_BIT(PROXY_ID) | AVP_BIT(PROXY_RESPONSE))

#define LCP_AVPS (AVP_BIT(LCP_WANT) | AVP_BIT(LCP_ALLOW))

/*
 * `about`: TUNNEL; CALL_REQUEST, which asks for a session and has session id 0; or CALL.
 * `spared` because there are clients that leave them out: ICRQ without a serial number, ICCN
 * without speed or framing.  StopCCN and CDN end things whatever they lack.
 *
 * X(number, NAME, about, must, spared, may, section)
 */
#define MSG_TABLE(X)                                                                               \
	X(1, SCCRQ, TUNNEL,                                                                        \
	  AVP_BIT(PROTOCOL_VERSION) | AVP_BIT(HOST_NAME) | AVP_BIT(FRAMING_CAPS) |                 \
		  AVP_BIT(TUNNEL_ID),                                                              \
	  0,                                                                                       \
	  AVP_BIT(BEARER_CAPS) | AVP_BIT(WINDOW_SIZE) | AVP_BIT(CHALLENGE) |                       \
		  AVP_BIT(TIE_BREAKER) | AVP_BIT(FIRMWARE) | AVP_BIT(VENDOR_NAME) |                \
		  AVP_BIT(CONTROL_DS),                                                             \
	  "6.1")                                                                                   \
	X(2, SCCRP, TUNNEL,                                                                        \
	  AVP_BIT(PROTOCOL_VERSION) | AVP_BIT(HOST_NAME) | AVP_BIT(FRAMING_CAPS) |                 \
		  AVP_BIT(TUNNEL_ID),                                                              \
	  0,                                                                                       \
	  AVP_BIT(BEARER_CAPS) | AVP_BIT(WINDOW_SIZE) | AVP_BIT(CHALLENGE) |                       \
		  AVP_BIT(CHALLENGE_RESPONSE) | AVP_BIT(FIRMWARE) | AVP_BIT(VENDOR_NAME) |         \
		  AVP_BIT(CONTROL_DS),                                                             \
	  "6.2")                                                                                   \
	X(3, SCCCN, TUNNEL, 0, 0, AVP_BIT(CHALLENGE_RESPONSE), "6.3")                              \
	X(4, STOPCCN, TUNNEL, AVP_BIT(TUNNEL_ID) | AVP_BIT(RESULT_CODE),                           \
	  AVP_BIT(TUNNEL_ID) | AVP_BIT(RESULT_CODE), 0, "6.4")                                     \
	X(6, HELLO, TUNNEL, 0, 0, 0, "6.5")                                                        \
	X(7, OCRQ, CALL_REQUEST,                                                                   \
	  AVP_BIT(SESSION_ID) | AVP_BIT(CALL_SERIAL) | AVP_BIT(MINIMUM_BPS) |                      \
		  AVP_BIT(MAXIMUM_BPS) | AVP_BIT(BEARER_TYPE) | AVP_BIT(FRAMING_TYPE) |            \
		  AVP_BIT(CALLED_NUMBER),                                                          \
	  0, AVP_BIT(SUB_ADDRESS) | AVP_BIT(SESSION_DS), "6.9")                                    \
	X(8, OCRP, CALL, AVP_BIT(SESSION_ID), 0, AVP_BIT(PHYSICAL_CHANNEL) | AVP_BIT(SESSION_DS),  \
	  "6.10")                                                                                  \
	X(9, OCCN, CALL, AVP_BIT(TX_SPEED) | AVP_BIT(FRAMING_TYPE),                                \
	  AVP_BIT(TX_SPEED) | AVP_BIT(FRAMING_TYPE),                                               \
	  AVP_BIT(RX_SPEED) | AVP_BIT(SEQUENCING_REQUIRED), "6.11")                                \
	X(10, ICRQ, CALL_REQUEST, AVP_BIT(SESSION_ID) | AVP_BIT(CALL_SERIAL),                      \
	  AVP_BIT(CALL_SERIAL),                                                                    \
	  AVP_BIT(BEARER_TYPE) | AVP_BIT(PHYSICAL_CHANNEL) | AVP_BIT(CALLING_NUMBER) |             \
		  AVP_BIT(CALLED_NUMBER) | AVP_BIT(SUB_ADDRESS) | AVP_BIT(SESSION_DS),             \
	  "6.6")                                                                                   \
	X(11, ICRP, CALL, AVP_BIT(SESSION_ID), 0, AVP_BIT(SESSION_DS), "6.7")                      \
	X(12, ICCN, CALL, AVP_BIT(TX_SPEED) | AVP_BIT(FRAMING_TYPE),                               \
	  AVP_BIT(TX_SPEED) | AVP_BIT(FRAMING_TYPE),                                               \
	  PROXY_AVPS | LCP_AVPS | AVP_BIT(PRIVATE_GROUP) | AVP_BIT(RX_SPEED) |                     \
		  AVP_BIT(SEQUENCING_REQUIRED),                                                    \
	  "6.8")                                                                                   \
	X(14, CDN, CALL, AVP_BIT(RESULT_CODE) | AVP_BIT(SESSION_ID),                               \
	  AVP_BIT(RESULT_CODE) | AVP_BIT(SESSION_ID),                                              \
	  AVP_BIT(Q931_CAUSE) | AVP_BIT(DISCONNECT_CAUSE), "6.12")                                 \
	X(15, WEN, CALL, AVP_BIT(CALL_ERRORS), 0, 0, "6.13")                                       \
	X(16, SLI, CALL, AVP_BIT(ACCM), 0, AVP_BIT(LNS_SENT_CONFREQ) | AVP_BIT(LNS_LAST_CONFREQ),  \
	  "6.14")

#endif
