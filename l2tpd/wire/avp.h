/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One AVP at a time: its header, and its value by the rule of its row in avp_table.h.  Also the
 * result and error codes of RFC 2661 4.4.2, and the verdict that a bad message earns.
 */
#ifndef L2TPD_WIRE_AVP_H
#define L2TPD_WIRE_AVP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "l2tpd/wire/avp_table.h"
#include "l2tpd/wire/hide.h"
#include "lib/base/buf.h"

enum avp {
#define X(number, name, ...) AVP_##name = number,
	AVP_TABLE(X)
#undef X
};

/* The same by field of struct msg. */
enum avp_of {
#define X(number, name, field, ...) AVP_OF_##field = number,
	AVP_TABLE(X)
#undef X
};

#define AVP_COUNT 53 /* above all numbers; a set of AVPs is a uint64_t */

/* Result codes of StopCCN and CDN: X(NAME, number, words) */
#define STOP_RESULTS(X)                                                                            \
	X(STOP_CLEAR, 1, "request to close")                                                       \
	X(STOP_ERROR, 2, "general error")                                                          \
	X(STOP_EXISTS, 3, "the tunnel already exists")                                             \
	X(STOP_NOT_AUTHORIZED, 4, "not authorized")                                                \
	X(STOP_VERSION, 5, "protocol version not supported")                                       \
	X(STOP_SHUTDOWN, 6, "shutting down")                                                       \
	X(STOP_FSM, 7, "message out of place")

#define CDN_RESULTS(X)                                                                             \
	X(CDN_LOST_CARRIER, 1, "lost carrier")                                                     \
	X(CDN_ERROR, 2, "general error")                                                           \
	X(CDN_ADMIN, 3, "administrative reasons")                                                  \
	X(CDN_BUSY_NOW, 4, "no facilities at present")                                             \
	X(CDN_UNSUPPORTED, 5, "no such facilities")                                                \
	X(CDN_BAD_DESTINATION, 6, "invalid destination")                                           \
	X(CDN_NO_CARRIER, 7, "no carrier detected")                                                \
	X(CDN_BUSY_SIGNAL, 8, "busy signal detected")                                              \
	X(CDN_NO_DIAL_TONE, 9, "no dial tone")                                                     \
	X(CDN_TIMEOUT, 10, "not established in time")                                              \
	X(CDN_NO_FRAMING, 11, "no framing detected")

/* Error codes, with result 2 */
#define ERROR_CODES(X)                                                                             \
	X(ERROR_NONE, 0, "no general error")                                                       \
	X(ERROR_NO_TUNNEL, 1, "no tunnel yet")                                                     \
	X(ERROR_LENGTH, 2, "wrong length")                                                         \
	X(ERROR_RANGE, 3, "value out of range")                                                    \
	X(ERROR_RESOURCES, 4, "insufficient resources")                                            \
	X(ERROR_SESSION_ID, 5, "invalid session id")                                               \
	X(ERROR_VENDOR, 6, "vendor-specific error")                                                \
	X(ERROR_TRY_ANOTHER, 7, "try another")                                                     \
	X(ERROR_UNKNOWN_AVP, 8, "unknown mandatory AVP")

enum {
#define X(name, number, words) name = number,
	STOP_RESULTS(X) CDN_RESULTS(X) ERROR_CODES(X)
#undef X
};

#define RESULT_GENERAL 2 /* STOP_ERROR and CDN_ERROR */

/* Why a message is refused: enough to build the StopCCN or CDN and the log line. */
struct verdict {
	uint16_t result, error;
	uint16_t vendor, avp; /* the AVP at fault */
	const char *text;     /* what is wrong with it; static */
};

/* Values with parts. */
struct avp_result {
	uint16_t code, error;
	struct view text; /* UTF-8 says the RFC; anything says the field */
};

struct avp_q931 {
	uint16_t cause;
	uint8_t message;
	struct view text;
};

struct avp_cause {
	uint16_t code, protocol; /* why, and the number of the PPP protocol it is about */
	uint8_t direction;       /* 0: both sides, 1: the peer of PPP, 2: the sender's side */
	struct view text;
};

struct avp_errors {
	uint32_t crc, framing, hardware_overruns, buffer_overruns, timeouts, alignment;
};

struct avp_accm {
	uint32_t send, receive;
};

/* The C type of each kind in avp_table.h. */
typedef uint16_t avp_kind_U16;
typedef uint32_t avp_kind_U32;
typedef uint64_t avp_kind_U64;
typedef uint16_t avp_kind_ID; /* never 0 */
typedef struct view avp_kind_BYTES;
typedef bool avp_kind_EMPTY; /* being there is all */
typedef struct avp_result avp_kind_RESULT;
typedef struct avp_q931 avp_kind_Q931;
typedef struct avp_cause avp_kind_CAUSE;
typedef struct avp_errors avp_kind_ERRORS;
typedef struct avp_accm avp_kind_ACCM;

/* An AVP as it is on the wire. */
struct avp_raw {
	bool mandatory, hidden, reserved; /* reserved: one of the reserved bits is set */
	uint16_t vendor, number;
	struct view value;
};

/* The next AVP; 1, 0 at the end, -EBADMSG when its length cannot be. */
int avp_next(struct rd *in, struct avp_raw *ret);

/* True when `raw` is an AVP of the table. */
bool avp_known(const struct avp_raw *raw);

/* May this AVP be hidden?  False for unknown ones. */
bool avp_hideable(uint16_t number);

/* True when a known AVP that is not hidden has one of the lengths of ODD_LENGTHS. */
bool avp_is_odd(const struct avp_raw *raw);

/*
 * The value of a known AVP that is not hidden, into a variable of its kind.  Views point to where
 * the value is.  -EMSGSIZE: wrong length, and no odd one; -ERANGE: not a possible value.
 */
int avp_read(const struct avp_raw *raw, void *ret);

/* Write one AVP of the table with its value; hidden if `hide` (may be NULL) wants it so. */
void avp_write(struct wr *out, enum avp avp, const void *value, const struct hiding *hide);

/* Words for people; "unknown" for numbers that are not in the tables. */
const char *avp_name(uint16_t number);
const char *stop_result_text(uint16_t result);
const char *cdn_result_text(uint16_t result);
const char *error_code_text(uint16_t error);

#endif
