/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A control message as a plain struct: one field per AVP of avp_table.h, and a bit that says
 * whether it is there.  Read and built by the same tables.  RFC 2661 4.1, 4.2 and 6.
 */
#ifndef L2TPD_WIRE_MSG_H
#define L2TPD_WIRE_MSG_H

#include <stdbool.h>
#include <stdint.h>

#include "l2tpd/wire/avp.h"
#include "l2tpd/wire/msg_table.h"
#include "lib/base/buf.h"

/* Bytes of body that any message we build fits in; a datagram with it passes any path. */
#define MSG_LEN_MAX 1024

enum {
#define X(number, name, ...) MSG_##name = number,
	MSG_TABLE(X)
#undef X
};

#define MSG_TYPE_COUNT  17 /* above all numbers */

/* Room for the values of hidden AVPs; more than a message can have that comes in one packet. */
#define MSG_SCRATCH_LEN 2048

/* What a message is about, which decides who answers for its faults. */
enum msg_about { ABOUT_TUNNEL, ABOUT_CALL_REQUEST, ABOUT_CALL };

struct msg {
	uint64_t has;    /* bit 1 << AVP_x */
	uint64_t hidden; /* those that are hidden and could not be read without a secret */
#define X(number, name, field, kind, ...) avp_kind_##kind field;
	AVP_TABLE(X)
#undef X
};

/* Is this AVP there?  Set it:  msg_put(&m, tunnel_id, 7) */
#define msg_has(m, field_) (((m)->has >> AVP_OF_##field_ & 1) != 0)
#define msg_put(m, field_, value)                                                                  \
	((m)->has |= UINT64_C(1) << AVP_OF_##field_, (m)->field_ = (value))

/* How far the field's ways are taken where they are not the RFC's: tolerance_table.h has them. */
enum msg_strictness {
	MSG_PERMISSIVE = -1, /* what cannot be understood is passed over */
	MSG_TOLERANT = 0,    /* what is known to be sent by peers is taken */
	MSG_STRICT = 1       /* nothing but what RFC 2661 has */
};

/* How to read messages; NULL or all zero: tolerant, and hidden AVPs stay hidden. */
struct msg_rules {
	enum msg_strictness strictness;
	struct view secret; /* of the tunnel; empty: there is none */
};

/* Values that were hidden are kept here, so it must live as long as the message is used. */
struct msg_scratch {
	uint8_t bytes[MSG_SCRATCH_LEN];
};

/*
 * Read the body of a control message; views point into it or into `scratch`, which may be NULL when
 * there is no secret.  `ret` holds what could be read, also on failure, so that an answer can be
 * addressed, and a secret can be chosen by the Host Name, which is never hidden: if `ret->hidden`,
 * read it again with that.
 * -ENOMSG: a type that we do not know and that may be ignored; -EBADMSG: to be refused as
 * `ret_verdict` says.  StopCCN and CDN never fail: whatever is wrong with them, they end things.
 */
int msg_parse(struct msg *ret, struct view body, const struct msg_rules *rules,
	      struct msg_scratch *scratch, struct verdict *ret_verdict);

/*
 * Write a message: the type first, then what is set, by number; with `hide` (may be NULL) a Random
 * Vector, and some AVPs hidden.  -EINVAL: an AVP is set that does not belong into this message, or
 * a required one is not; -EMSGSIZE: it does not fit.
 */
int msg_build(struct wr *out, const struct msg *m, const struct hiding *hide);

/* "SCCRQ"; "unknown" for other numbers. */
const char *msg_name(uint16_t type);

/* What a known message is about; ABOUT_TUNNEL for unknown ones. */
enum msg_about msg_about(uint16_t type);

#endif
