/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RADIUS packets: Access-Requests out, their answers in.  RFC 2865, Message-Authenticator of RFC
 * 3579 3.2 (always the first attribute of a request and required in an answer, as a Response
 * Authenticator alone can be forged: CVE-2024-3596), Microsoft's attributes of RFC 2548.  Pure.
 */
#ifndef LIB_RADIUS_PACKET_H
#define LIB_RADIUS_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/addr.h"
#include "lib/base/buf.h"

#define RADIUS_PACKET_MAX   4096 /* RFC 2865 3 */
#define RADIUS_HDR_LEN      20
#define RADIUS_AUTH_LEN     16  /* of authenticators, and of Message-Authenticator */
#define RADIUS_ATTR_MAX     253 /* of an attribute's value */
#define RADIUS_VENDOR_MAX   247 /* of a vendor attribute's value */
#define RADIUS_PASSWORD_MAX 128 /* RFC 2865 5.2 */

enum radius_code {
	RADIUS_ACCESS_REQUEST = 1,
	RADIUS_ACCESS_ACCEPT = 2,
	RADIUS_ACCESS_REJECT = 3,
	RADIUS_ACCESS_CHALLENGE = 11,
};

/* X(NAME, number): the attributes that we send or look at */
#define RADIUS_ATTRS(X)                                                                            \
	X(USER_NAME, 1)                                                                            \
	X(USER_PASSWORD, 2)                                                                        \
	X(CHAP_PASSWORD, 3)                                                                        \
	X(NAS_PORT, 5)                                                                             \
	X(SERVICE_TYPE, 6)                                                                         \
	X(FRAMED_PROTOCOL, 7)                                                                      \
	X(FRAMED_IP_ADDRESS, 8)                                                                    \
	X(FRAMED_MTU, 12)                                                                          \
	X(REPLY_MESSAGE, 18)                                                                       \
	X(STATE, 24)                                                                               \
	X(VENDOR_SPECIFIC, 26)                                                                     \
	X(SESSION_TIMEOUT, 27)                                                                     \
	X(IDLE_TIMEOUT, 28)                                                                        \
	X(CALLED_STATION_ID, 30)                                                                   \
	X(CALLING_STATION_ID, 31)                                                                  \
	X(NAS_IDENTIFIER, 32)                                                                      \
	X(ACCT_SESSION_ID, 44)                                                                     \
	X(CHAP_CHALLENGE, 60)                                                                      \
	X(NAS_PORT_TYPE, 61)                                                                       \
	X(TUNNEL_TYPE, 64)                                                                         \
	X(TUNNEL_MEDIUM_TYPE, 65)                                                                  \
	X(EAP_MESSAGE, 79)                                                                         \
	X(MESSAGE_AUTHENTICATOR, 80)

/* X(NAME, number): the same of vendor RADIUS_MICROSOFT (RFC 2548) */
#define RADIUS_MS_ATTRS(X)                                                                         \
	X(MS_CHAP_ERROR, 2)                                                                        \
	X(MS_CHAP_NT_ENC_PW, 6)                                                                    \
	X(MS_CHAP_CHALLENGE, 11)                                                                   \
	X(MS_CHAP2_RESPONSE, 25)                                                                   \
	X(MS_CHAP2_SUCCESS, 26)                                                                    \
	X(MS_CHAP2_CPW, 27)                                                                        \
	X(MS_PRIMARY_DNS_SERVER, 28)                                                               \
	X(MS_SECONDARY_DNS_SERVER, 29)

#define RADIUS_MICROSOFT 311 /* vendor id; 0 stands for no vendor */

enum radius_attr_type {
#define X(NAME, number) RADIUS_##NAME = number,
	RADIUS_ATTRS(X) RADIUS_MS_ATTRS(X)
#undef X
};

/* Values of some of them (RFC 2865 5.6, 5.7, 5.41; RFC 2868 3.1, 3.2) */
enum radius_value {
	RADIUS_SERVICE_FRAMED = 2,
	RADIUS_FRAMED_PPP = 1,
	RADIUS_PORT_VIRTUAL = 5,
	RADIUS_TUNNEL_L2TP = 3,
	RADIUS_MEDIUM_IPV4 = 1,
	RADIUS_MEDIUM_IPV6 = 2,
};

/*
 * Attributes of a request, in clear: hiding a password and signing need a server's secret, and the
 * next server may have another.  Errors stick; radius_request_build() reports them.
 */
struct radius_attrs {
	struct wr w;
	uint8_t bytes[RADIUS_PACKET_MAX];
	uint8_t password[RADIUS_PASSWORD_MAX];
	size_t password_len;
	bool has_password;
};

/* Start an empty list; `a` must not be moved.  radius_attrs_wipe() when it held a password. */
void radius_attrs_init(struct radius_attrs *a);
void radius_attrs_wipe(struct radius_attrs *a);

/* Append bytes (1 to 253; an attribute may not be empty), text, a number. */
void radius_add_bytes(struct radius_attrs *a, enum radius_attr_type type, struct view value);
void radius_add_text(struct radius_attrs *a, enum radius_attr_type type, const char *text);
void radius_add_u32(struct radius_attrs *a, enum radius_attr_type type, uint32_t value);

/* Append an attribute of a vendor, 1 to 247 bytes, alone in its Vendor-Specific attribute. */
void radius_add_vendor(struct radius_attrs *a, uint32_t vendor, enum radius_attr_type type,
		       struct view value);

/* Set the User-Password, at most RADIUS_PASSWORD_MAX bytes; it may be empty. */
void radius_set_password(struct radius_attrs *a, struct view password);

/*
 * Build an Access-Request: `id` and `authenticator` must be fresh random ones for each request and
 * server.  Returns its length; -EINVAL when an attribute was refused, -EMSGSIZE when it does not
 * fit `cap` or RADIUS_PACKET_MAX.
 */
int radius_request_build(void *buf, size_t cap, uint8_t id,
			 const uint8_t authenticator[static RADIUS_AUTH_LEN],
			 const struct radius_attrs *attrs, struct view secret);

/* Hide a password (RFC 2865 5.2).  `ret` gets its length rounded up to 16, at least 16, bytes. */
size_t radius_hide_password(uint8_t ret[static RADIUS_PASSWORD_MAX], struct view password,
			    const uint8_t authenticator[static RADIUS_AUTH_LEN],
			    struct view secret);

/* Why an answer is not believed.  X(NAME, text for people) */
#define RADIUS_FLAWS(X)                                                                            \
	X(NONE, "")                                                                                \
	X(MALFORMED, "malformed")                                                                  \
	X(STALE, "answers to another request")                                                     \
	X(CODE, "not an answer to an Access-Request")                                              \
	X(FORGED, "wrong authenticator: does the shared secret differ?")                           \
	X(UNSIGNED, "no Message-Authenticator: update that server, or let its post-auth add one")

enum radius_flaw {
#define X(NAME, text) RADIUS_FLAW_##NAME,
	RADIUS_FLAWS(X)
#undef X
		RADIUS_FLAW_COUNT
};

/* What it means; static. */
const char *radius_flaw_text(enum radius_flaw flaw);

/* An answer that has been checked.  `attrs` points into the packet. */
struct radius_reply {
	enum radius_code code;
	struct view attrs; /* well formed */
};

/*
 * Check an answer to the request with this id and authenticator: form, Response Authenticator and
 * Message-Authenticator, all in constant time.  Bytes after the packet's length are ignored, as RFC
 * 2865 3 says.  `ret` is set with RADIUS_FLAW_NONE only.
 */
enum radius_flaw radius_reply_parse(struct view packet, uint8_t id,
				    const uint8_t authenticator[static RADIUS_AUTH_LEN],
				    struct view secret, struct radius_reply *ret);

/* One attribute, or one of a vendor inside a Vendor-Specific one. */
struct radius_attr {
	uint32_t vendor; /* 0: none */
	uint8_t type;
	struct view value; /* may be empty for vendors */
};

struct radius_walk {
	struct rd in;  /* attributes */
	struct rd sub; /* inside a Vendor-Specific attribute */
	uint32_t vendor;
};

/*
 * Walk attributes; vendors' come one by one, and a Vendor-Specific attribute that does not follow
 * RFC 2865 5.26's proposed form comes as a whole.  1, 0 at the proper end, -EBADMSG.
 */
void radius_walk(struct radius_walk *w, struct view attrs);
int radius_next(struct radius_walk *w, struct radius_attr *ret);

/* The first attribute of this kind: 0 or -ENOENT.  As a number: -ENOENT also when not 4 bytes. */
int radius_find(struct view attrs, uint32_t vendor, enum radius_attr_type type, struct view *ret);
int radius_find_u32(struct view attrs, uint32_t vendor, enum radius_attr_type type, uint32_t *ret);

/* Message-Authenticator of the packet `buf`, whose field at `at` counts as zero. */
void radius_sign(uint8_t ret[static RADIUS_AUTH_LEN], const uint8_t *buf, size_t len, size_t at,
		 const uint8_t authenticator[static RADIUS_AUTH_LEN], struct view secret);

/* Response Authenticator of the packet `buf` (RFC 2865 3). */
void radius_response_authenticator(uint8_t ret[static RADIUS_AUTH_LEN], const uint8_t *buf,
				   size_t len, const uint8_t authenticator[static RADIUS_AUTH_LEN],
				   struct view secret);

#endif
