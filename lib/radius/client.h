/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One RADIUS request at a time against a list of servers, in their order: retransmission with
 * jitter and doubling (RFC 5080 2.2.1), the next server when one has had its turn, and what to tell
 * people when nobody answered.  Owns no socket, timer or clock: bytes and `now` come in, datagrams
 * to send and a due time come out.
 */
#ifndef LIB_RADIUS_CLIENT_H
#define LIB_RADIUS_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/addr.h"
#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/radius/packet.h"

#define RADIUS_PORT        1812
#define RADIUS_SERVERS_MAX 8
#define RADIUS_SECRET_MAX  256
#define RADIUS_WAIT_CAP    (16 * USEC_PER_S) /* one wait at most: RFC 5080's MRT */
#define RADIUS_LIMIT       (30 * USEC_PER_S) /* all servers together: RFC 5080's MRD */

struct radius_server {
	struct addr address;
	uint8_t secret[RADIUS_SECRET_MAX];
	size_t secret_len;
};

/* From our own options, or a radiusclient.conf (radcli.h) */
struct radius_conf {
	struct radius_server servers[RADIUS_SERVERS_MAX]; /* in the order to be asked */
	size_t n_servers;
	usec_t timeout;     /* of the first wait for an answer; later ones double */
	unsigned int tries; /* datagrams for each server */
};

enum radius_result {
	RADIUS_PENDING,
	RADIUS_ACCEPTED,
	RADIUS_REJECTED,
	RADIUS_CHALLENGED,
	RADIUS_NO_ANSWER,
};

/* What happened with one server: for the explanation. */
struct radius_attempt {
	unsigned int sent;
	int error; /* what sending or receiving said last, negative; 0: nothing */
	unsigned int flaws[RADIUS_FLAW_COUNT]; /* answers not believed, by reason */
};

struct radius_client {
	const struct radius_conf *conf;
	const struct radius_attrs *attrs;
	enum radius_result result;
	size_t server; /* whose turn it is */
	bool send_now;
	usec_t wait;     /* the current one, without jitter */
	usec_t due;      /* it ends */
	usec_t turn_end; /* of this server, at the latest */
	usec_t start;
	uint8_t id;
	uint8_t authenticator[RADIUS_AUTH_LEN];
	uint8_t packet[RADIUS_PACKET_MAX];
	size_t packet_len;
	struct radius_reply reply; /* attributes point into `answer` */
	uint8_t answer[RADIUS_PACKET_MAX];
	struct radius_attempt attempts[RADIUS_SERVERS_MAX];
};

/*
 * Start a request; `conf` (at least one server) and `attrs` must stay until the result is there.
 * -EINVAL, -EMSGSIZE: the attributes do not make a request.  radius_client_wipe() afterwards.
 */
int radius_client_start(struct radius_client *c, const struct radius_conf *conf,
			const struct radius_attrs *attrs, usec_t now);

/*
 * What is to be done now?  True: send `*ret_packet` to the server with this index, then ask again.
 * False: nothing until c->due, or c->result says how it ended.
 */
bool radius_client_poll(struct radius_client *c, usec_t now, size_t *ret_server,
			struct view *ret_packet);

/* A datagram came from the server with this index.  Only an answer that is believed ends it. */
void radius_client_input(struct radius_client *c, size_t server, struct view packet);

/*
 * Sending to or receiving from the server failed with `error` (negative).  The next server's turn
 * comes at once, if there is one; the last one is tried on, as it may be starting.
 */
void radius_client_error(struct radius_client *c, size_t server, int error);

/*
 * Why it ended as it did, for people, naming the server and the cure: rejected, with its
 * Reply-Message; or what each server did, when there was no answer.  Returns `ret`.
 */
const char *radius_client_explain(const struct radius_client *c, char *ret, size_t cap);

/* Overwrite what is secret. */
void radius_client_wipe(struct radius_client *c);

#endif
