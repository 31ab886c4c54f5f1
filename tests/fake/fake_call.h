/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A call as the plugin inside fake_pppd sees it: an l2tpd at the other end of its bus, a RADIUS
 * server and a client, all played by the test.  One per process.
 */
#ifndef TESTS_FAKE_FAKE_CALL_H
#define TESTS_FAKE_FAKE_CALL_H

#include "tests/fake/fake_pppd.h"

#include "lib/bus/frame.h"
#include "lib/bus/record.h"
#include "lib/radius/packet.h"

struct fake_call {
	int bus;    /* l2tpd's end */
	int radius; /* the server's socket */
	/* The last command of the plugin's, and what was in it */
	char name[64];
	struct bus_grant asked;
	struct bus_report report;
	struct bus_setup resumed;
	bool has_begun;  /* it has said so, which is answered at once */
	char socket[64]; /* for the setup: where the session may be resumed; "": nowhere */
};

extern struct fake_call call;

/*
 * l2tpd
 */

void call_send(enum frame_type type, const char *event, const struct bus_record *record,
	       const void *obj);

/* Has a command come?  It must be this one; a report must be of this state. */
bool call_has_command(void);
void call_expect(const char *which);
void call_expect_report(const char *state);

/* Its answer: nothing to say, or an address. */
void call_answer(void);
void call_grant(const char *ip);

/* The event session-close */
void call_close(const char *reason);

/*
 * RADIUS
 */

/* Has an Access-Request come?  It must be for this user. */
bool call_has_request(void);
void call_expect_request(const char *who);
void call_answer_request(enum radius_code code);
void call_answer_with(enum radius_code code, struct view attrs);

/* Its attributes. */
struct view call_request(void);

/*
 * The client
 */

void call_send_pap(uint8_t id, const char *who);

/* The next packet to the client has this code. */
void call_expect_output(uint8_t code);

/*
 * How far it is
 */

/* Everything up to the start of the plugin; `peer_ip`: leased already, or NULL. */
void call_prepare(const char *peer_ip);
void call_start(const char *auth);

/* With RADIUS, PAP wanted, LCP up: the client may speak. */
void call_begin(void);

/* Until the client is in; until its network is up. */
void call_let_in(void);
void call_let_up(void);

#endif
