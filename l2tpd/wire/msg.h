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

#define MSG_TYPE_COUNT 17 /* above all numbers */

/* What a message is about, which decides who answers for its faults. */
enum msg_about { ABOUT_TUNNEL, ABOUT_CALL_REQUEST, ABOUT_CALL };

struct msg {
	uint64_t has; /* bit 1 << AVP_x */
#define X(number, name, field, kind, ...) avp_kind_##kind field;
	AVP_TABLE(X)
#undef X
};

/* Is this AVP there?  Set it:  msg_put(&m, tunnel_id, 7) */
#define msg_has(m, field_) (((m)->has >> AVP_OF_##field_ & 1) != 0)
#define msg_put(m, field_, value)                                                                  \
	((m)->has |= UINT64_C(1) << AVP_OF_##field_, (m)->field_ = (value))

/*
 * Read the body of a control message; views point into it.  `ret` holds what could be read, also
 * on failure, so that an answer can be addressed.
 * -ENOMSG: a type that we do not know and that may be ignored; -EBADMSG: to be refused as
 * `ret_verdict` says.  StopCCN and CDN never fail: whatever is wrong with them, they end things.
 */
int msg_parse(struct msg *ret, struct view body, struct verdict *ret_verdict);

/*
 * Write a message: the type first, then what is set, by number.  -EINVAL: an AVP is set that does
 * not belong into this message, or a required one is not.
 */
int msg_build(struct wr *out, const struct msg *m);

/* "SCCRQ"; "unknown" for other numbers. */
const char *msg_name(uint16_t type);

/* What a known message is about; ABOUT_TUNNEL for unknown ones. */
enum msg_about msg_about(uint16_t type);

#endif
