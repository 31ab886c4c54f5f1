/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What MD5 and MS-CHAPv2 have in common: the exchange of RFC 1994. */
#ifndef PPPD_PLUGIN_CHAP_H
#define PPPD_PLUGIN_CHAP_H

#include "pppd-plugin/auth.h"

#define PPP_CHAP_PROTOCOL 0xc223

enum chap_code {
	CHAP_CODE_CHALLENGE = 1,
	CHAP_CODE_RESPONSE = 2,
	CHAP_CODE_SUCCESS = 3,
	CHAP_CODE_FAILURE = 4,
	CHAP_CODE_CHANGE_PASSWORD = 7, /* RFC 2759 7 */
};

enum chap_algorithm { CHAP_ALGORITHM_MD5 = 5, CHAP_ALGORITHM_MSCHAPV2 = 0x81 }; /* PPP numbers */

/* As the members of struct auth_method */
void chap_start(struct auth *a, const char *our_name, usec_t now);
enum auth_wish chap_input(struct auth *a, struct view packet, usec_t now);
enum auth_wish chap_timer(struct auth *a, usec_t now);
int chap_peek(struct view packet, struct view *ret_user);

/* Read a Response. */
bool chap_parse(struct view packet, uint8_t *ret_id, struct view *ret_value, struct view *ret_user);

/* Take a Response whose length has been checked. */
enum auth_wish chap_take(struct auth *a, uint8_t id, struct view value, struct view user);

/* How long a Response of this method is. */
size_t chap_response_len(const struct auth *a);

/* Make the packet that ends the conversation: Success or Failure. */
void chap_verdict(struct auth *a, enum chap_code code, struct view payload);

#endif
