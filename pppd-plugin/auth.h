/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all authenticators have in common.  Each is a state machine over the peer's packets: pure,
 * with `now` coming in, and packets for the peer, a due time and a wish going out.  The table of
 * them is in takeover.c, which also joins them with RADIUS, the lease and pppd.
 */
#ifndef PPPD_PLUGIN_AUTH_H
#define PPPD_PLUGIN_AUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/radius/packet.h"

#define AUTH_HDR_LEN          4    /* code, identifier, length: RFC 1334 2.2, RFC 1994 4 */
#define AUTH_USER_MAX         253  /* of a user name: it has to fit one RADIUS attribute */
#define AUTH_NAME_MAX         63   /* of our own name */
#define AUTH_PACKET_MAX       1500 /* of what we send and take: no link of ours has a larger MRU */
#define AUTH_MESSAGE_MAX      200  /* of the text in it */
#define AUTH_REASON_LEN       160

#define CHAP_CHALLENGE_LEN    16
#define CHAP_MD5_LEN          16 /* of a response: RFC 1994 */
#define CHAP_MSCHAPV2_LEN     49 /* RFC 2759 4 */
#define CHAP_MSCHAPV2_OK_LEN  42 /* "S=" and 40 hexadecimal digits, RFC 2759 5 */
#define CHAP_MSCHAPV2_OK_ROOM AUTH_MESSAGE_MAX
#define CHAP_ENC_PASSWORD_LEN 516                          /* RFC 2759 7 */
#define CHAP_CHANGE_LEN       (CHAP_ENC_PASSWORD_LEN + 66) /* of a Change-Password packet's rest */

/* What is to be done after an event, besides sending `packet` */
enum auth_wish {
	AUTH_WAIT, /* for the peer, until `due` */
	AUTH_ASK,  /* the peer has said something: ask RADIUS, then pass(), refuse(), ... */
	AUTH_FAIL, /* it is over; `reason` says why */
};

enum auth_state {
	AUTH_IDLE,
	AUTH_WAITING, /* for the peer's credentials */
	AUTH_ASKING,  /* for the verdict */
	AUTH_PASSED,
	AUTH_FAILED,
};

struct auth_method;

struct auth {
	const struct auth_method *method;
	enum auth_state state;
	usec_t due; /* of timer(); USEC_NEVER: none */
	uint8_t id; /* of the challenge or request in question */
	size_t mtu; /* of packets for the peer: what it can take, up to AUTH_PACKET_MAX */
	uint8_t user[AUTH_USER_MAX];
	size_t user_len;
	uint8_t packet[AUTH_PACKET_MAX]; /* for the peer; send it when `packet_len` is not 0 */
	size_t packet_len;
	char reason[AUTH_REASON_LEN];
	union {
		struct {
			uint8_t password[RADIUS_PASSWORD_MAX];
			size_t password_len;
		} pap;
		struct {
			char our_name[AUTH_NAME_MAX + 1];
			unsigned int sent, heard; /* challenges, and answers to them */
			uint8_t challenge[CHAP_CHALLENGE_LEN];
			uint8_t response[CHAP_MSCHAPV2_LEN];
			uint8_t ok[CHAP_MSCHAPV2_OK_ROOM]; /* what MS-CHAP2-Success said */
			size_t ok_len;
			unsigned int refused; /* attempts, after which another one was allowed */
			bool may_change, changed; /* the password */
			uint8_t change[CHAP_CHANGE_LEN];
		} chap;
		struct {
			unsigned int sent;   /* of the request in question */
			unsigned int rounds; /* requests */
			usec_t wait;         /* for an answer, then the request goes out again */
			usec_t end;          /* of the whole */
			uint8_t state[RADIUS_ATTR_MAX]; /* of the last Access-Challenge */
			size_t state_len;
			uint8_t response[AUTH_PACKET_MAX];
			size_t response_len;
		} eap;
	};
	uint8_t kept[AUTH_PACKET_MAX]; /* a packet that may have to be said again */
	size_t kept_len;
};

struct auth_method {
	const char *word;  /* for reports and the configuration: pap, chap, mschapv2, eap */
	uint16_t protocol; /* of PPP */
	int flavor;        /* what pppd calls the digest; 0: none */

	/* Begin, with everything in `a` zero but `method` and `mtu`.  `our_name`: for the peer. */
	void (*start)(struct auth *a, const char *our_name, usec_t now);
	/* A packet of the peer's.  What is malformed or comes out of turn is passed over. */
	enum auth_wish (*input)(struct auth *a, struct view packet, usec_t now);
	/* `due` has come. */
	enum auth_wish (*timer)(struct auth *a, usec_t now);
	/* Add the credentials to an Access-Request. */
	void (*ask)(const struct auth *a, struct radius_attrs *request);
	/*
	 * An Access-Challenge: RADIUS wants to hear more of the peer.  AUTH_WAIT; AUTH_FAIL when it
	 * makes no sense.  NULL: the protocol has no more to say.
	 */
	enum auth_wish (*challenge)(struct auth *a, struct view reply, usec_t now);
	/*
	 * An Access-Reject: true when the peer may try again, and what tells it so is in `packet`;
	 * what RADIUS objects to is in `reason`, where it says.  NULL: never.
	 */
	bool (*retry)(struct auth *a, struct view reply, usec_t now);
	/* Does the Access-Accept hold all that the peer needs?  -EBADMSG with `reason`. */
	int (*check)(struct auth *a, struct view reply);
	/* The peer is welcome: makes the packet that says so. */
	void (*pass)(struct auth *a);
	/*
	 * It is not: makes the packet that says so.  `reply`: the Access-Reject's attributes, or
	 * empty; `message`: for the user, used when the reply has none.  May add to `reason`.
	 */
	void (*refuse)(struct auth *a, struct view reply, const char *message);
	/* The user name in a packet of the peer's: 0 or -ENOENT. */
	int (*peek)(struct view packet, struct view *ret_user);
};

extern const struct auth_method eap_method; /* whatever is inside: RADIUS knows */
extern const struct auth_method pap_method;
extern const struct auth_method chap_method; /* MD5 */
extern const struct auth_method mschapv2_method;

/*
 * Open a packet of the peer's: its code, identifier and the rest up to its length; padding behind
 * that is dropped.  False when it is malformed.
 */
bool auth_open(struct view packet, uint8_t *ret_code, uint8_t *ret_id, struct rd *ret);

/* Make `a->packet` of code, identifier and payload, and with `keep` a copy to be said again. */
void auth_reply(struct auth *a, uint8_t code, uint8_t id, struct view payload, bool keep);

/* Say what was kept again, under this identifier. */
void auth_repeat(struct auth *a, uint8_t id);

/* It is over: AUTH_FAIL, and why. */
enum auth_wish auth_because(struct auth *a, const char *why);

/* What to tell the user: the first Reply-Message, else `message`; cut to fit a packet. */
struct view auth_message(struct view reply, const char *message);

#endif
