/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tunnels and sessions as plain data, for the engine that goes on after this one.  What is read
 * back may be anything: the checks are all that stands between it and the machines.
 */
#ifndef L2TPD_FSM_IMAGE_H
#define L2TPD_FSM_IMAGE_H

#include "l2tpd/fsm/ports.h"
#include "l2tpd/wire/auth.h"
#include "l2tpd/wire/avp.h"
#include "l2tpd/xport/chan_image.h"

#define TUNNEL_FLAGS(X)  X(calling) X(asked) X(known) X(open) X(was_up) X(told) X(by_zero)
#define SESSION_FLAGS(X) X(known) X(open) X(running) X(was_up) X(has_accm)

enum {
#define X(flag) TUNNEL_BIT_##flag,
	TUNNEL_FLAGS(X)
#undef X
		TUNNEL_BITS
};

enum {
#define X(flag) SESSION_BIT_##flag,
	SESSION_FLAGS(X)
#undef X
		SESSION_BITS
};

struct tunnel_image {
	uint16_t tid; /* 0: there is none */
	uint16_t peer_tid;
	uint16_t last; /* where its newest message is: see book.h */
	uint16_t state;
	uint16_t flags; /* 1 << TUNNEL_BIT_... */
	uint8_t peer_framing, peer_bearer;
	struct chan_image chan;
	usec_t until, since, up_since;
	uint64_t tie;
	struct path path;
	uint8_t challenge[AUTH_CHALLENGE_LEN];
	struct cause cause;
	char host_name[64], vendor_name[64];
};

struct session_image {
	uint16_t sid; /* 0: there is none */
	uint16_t peer_sid, tid;
	uint16_t state;
	uint16_t flags; /* 1 << SESSION_BIT_... */
	uint32_t nth;
	uint64_t note;
	usec_t since;
	struct avp_accm accm;
	struct avp_errors errors;
	struct call call;
	struct cause cause;
};

struct tunnel;
struct session;

/* All but `last`, and what it points at.  Padding is 0. */
void tunnel_save(const struct tunnel *t, struct tunnel_image *ret);
void session_save(const struct session *s, struct session_image *ret);

/* Can there be such a one? */
bool tunnel_image_is_good(const struct tunnel_image *i);
bool session_image_is_good(const struct session_image *i);

/*
 * Fill in the rest of an object that is all 0 but for its `lns`, or `tunnel`; nothing else knows it
 * yet.
 */
void tunnel_load(struct tunnel *t, const struct tunnel_image *i);
void session_load(struct session *s, const struct session_image *i);

#endif
