/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which users may come with which IKE identity: the rules of an lns section, applied to what the
 * peer has proved.  With a stolen password alone nobody gets in.
 */
#ifndef L2TPD_POLICY_IDENTITY_H
#define L2TPD_POLICY_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/bus/record.h"

/* Patterns as pattern_problem() takes them; it fits if one of each list does. */
struct identity_rule {
	char *const *identities;
	size_t n_identities;
	char *const *users;
	size_t n_users;
};

/*
 * May this user, whose name is as view_printable() makes it, come through this SA?  What counts is
 * proved: the subject and alternative names of a certificate, the identity of EAP and XAuth; but
 * not what is said beside a pre-shared key.
 */
bool identity_may(const struct identity_rule *rule, const struct bus_sa *sa, const char *user);

/* Has the peer proved any identity? */
bool identity_is_proved(const struct bus_sa *sa);

#endif
