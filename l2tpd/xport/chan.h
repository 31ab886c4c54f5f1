/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reliable delivery of one tunnel's control messages: Ns and Nr, acknowledgement, retransmission,
 * order, keep-alive.  RFC 2661 5.5 and 5.8.  Pure: it is given packets and `now`, and gives
 * messages, a deadline, and datagrams by one callback, which must not call back.
 */
#ifndef L2TPD_XPORT_CHAN_H
#define L2TPD_XPORT_CHAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "l2tpd/wire/hdr.h"
#include "l2tpd/wire/msg.h"
#include "l2tpd/xport/packets.h"
#include "l2tpd/xport/window.h"
#include "lib/base/clock.h"

struct chan;

/* What all channels share; must outlive them. */
struct chan_conf {
	usec_t hello;           /* HELLO after this much silence; USEC_NEVER: none */
	usec_t retry_first;     /* first retransmission after this; doubles */
	usec_t retry_cap;       /* ... up to this */
	unsigned int retry_max; /* retransmissions without an answer until the peer is dead */
	uint16_t window;        /* messages we take ahead of the one that is due, itself included */
	struct packets *packets; /* buffers of all of them; NULL: new ones each time */

	/* Send a datagram to the peer.  May lose it. */
	void (*send)(struct chan *c, const void *bytes, size_t len);
};

struct chan {
	const struct chan_conf *conf;
	struct packet *first, *last;    /* not acknowledged, oldest first */
	struct packet *unsent;          /* the first of them that waits to leave, maybe again */
	struct chan_early **early;      /* by Ns; NULL while none is kept */
	usec_t retry_at, ack_at, heard; /* timers; when a packet last came */
	usec_t backoff;                 /* the next wait for an acknowledgement */
	uint64_t retransmits;
	usec_t hello;          /* as in conf, until chan_quiet() */
	unsigned int tries;    /* retransmissions since the last progress */
	unsigned int n_queued; /* messages from `first` to `last` */
	unsigned int n_early;
	unsigned int n_unacked; /* received and not yet acknowledged by us */
	uint16_t peer_tid;
	uint16_t acked;  /* Ns of `first` */
	uint16_t ns;     /* Ns of `unsent` */
	uint16_t ns_max; /* one above the highest Ns that ever left */
	uint16_t nr;     /* Ns of the message that is due */
	struct window window;
};

/* An empty channel to a peer that calls the tunnel `peer_tid` and takes `peer_window` messages. */
void chan_init(struct chan *c, const struct chan_conf *conf, uint16_t peer_tid,
	       uint16_t peer_window, usec_t now);

/*
 * Where we call first, chan_init() got 0 and 0: what they are is known now.  What was acknowledged
 * counts for slow start, so what follows SCCRP can leave together.
 */
void chan_meet(struct chan *c, uint16_t peer_tid, uint16_t peer_window);

/* Free what is queued and kept. */
void chan_done(struct chan *c);

/*
 * Queue a message for the peer's session `peer_sid` (0: the tunnel), with AVPs hidden as `hide`
 * (may be NULL) wants; it leaves when the window allows, perhaps at once.  -EINVAL and -EMSGSIZE as
 * msg_build(); -ENOMEM.
 */
int chan_send(struct chan *c, uint16_t peer_sid, const struct msg *m, const struct hiding *hide,
	      usec_t now);

/* Forget what has not left yet: nothing comes after the next message. */
void chan_drop_unsent(struct chan *c);

/* From now on only acknowledgements are sent; the first of them, if one is due, at once. */
void chan_quiet(struct chan *c);

/* What became of a packet. */
enum chan_input {
	CHAN_MESSAGE,   /* it is the message that was due: handle it, then ask chan_take() */
	CHAN_ACK,       /* a ZLB */
	CHAN_DUPLICATE, /* seen before; acknowledged again */
	CHAN_EARLY,     /* kept until its turn */
	CHAN_DROPPED,   /* outside the window, or no room: the peer will send it again */
};

/* One control packet of this tunnel. */
enum chan_input chan_input(struct chan *c, const struct hdr *h, struct view body, usec_t now);

/* A message that came early. */
struct chan_early {
	uint16_t ns, sid;
	struct view body; /* points behind this struct */
};

/* The next message if it came early and is due now, else NULL.  The caller frees it. */
struct chan_early *chan_take(struct chan *c, usec_t now);

/* No answer will carry the acknowledgement of what came last: it is due now, see chan_ack(). */
void chan_hurry(struct chan *c);

/* Send an acknowledgement that is due; for when all is handled that came at once. */
void chan_ack(struct chan *c, usec_t now);

/* Do what is due: acknowledge, retransmit, HELLO.  -ETIMEDOUT: the peer is dead. */
int chan_run(struct chan *c, usec_t now);

/* When chan_run() has something to do; USEC_NEVER: nothing. */
usec_t chan_deadline(const struct chan *c);

/* True when everything sent was acknowledged. */
bool chan_idle(const struct chan *c);

/* How long a peer with our settings may go on sending one message again. */
usec_t chan_cycle(const struct chan_conf *conf);

#endif
