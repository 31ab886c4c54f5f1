/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The addresses of sessions, from their pools to their pppds; and the note of each session, by
 * which they outlive the engine.
 */
#include <errno.h>
#include <stdio.h>

#include "l2tpd/daemon_priv.h"
#include "lib/base/err.h"

/* A note: address, whether data has sequence numbers, since when the address is leased */
#define NOTE_IP_SHIFT  32
#define NOTE_SEQUENCED (UINT64_C(1) << 31)
#define NOTE_SINCE     (NOTE_SEQUENCED - 1) /* seconds */

static void note(struct daemon *d, uint16_t sid)
{
	const struct lease *lease = pools_find(d->pools, sid);
	uint64_t value = d->sequenced[sid] ? NOTE_SEQUENCED : 0;

	if (lease)
		value |= (uint64_t)lease->ip << NOTE_IP_SHIFT |
			 (lease->since / USEC_PER_S & NOTE_SINCE);
	lns_set_note(d->lns, sid, value);
}

void daemon_note_sequenced(struct daemon *d, uint16_t sid)
{
	d->sequenced[sid] = true;
	note(d, sid);
}

static void restore_note(struct daemon *d, uint16_t sid, uint64_t value)
{
	usec_t since = (value & NOTE_SINCE) * USEC_PER_S;
	uint32_t ip = (uint32_t)(value >> NOTE_IP_SHIFT);
	int err;

	d->sequenced[sid] = value & NOTE_SEQUENCED;
	if (!ip)
		return;
	err = pools_lease(d->pools, POOL_NONE, ip, sid, "", since, &ip);
	if (err)
		log_error(POLICY, "lease-lost", "sid=%u: %s", sid, err_text(err));
}

void daemon_restore_leases(struct daemon *d)
{
	struct session_info s;

	for (uint16_t sid = 0; (sid = lns_next_session(d->lns, sid));)
		if (!lns_session_info(d->lns, sid, &s))
			restore_note(d, sid, s.note);
}

/* May the user have the address that RADIUS wants, or any? */
int daemon_on_lease(void *ctx, uint16_t sid, struct bus_grant *grant)
{
	struct daemon *d = ctx;
	const struct config_lns *section = d->served[sid];
	uint32_t wanted = addr_ipv4(&grant->peer_ip), ip;
	char user[BUS_TEXT_LEN];
	int err;

	if (!section) {
		COPY(grant->errmsg, "the session is ending");
		return -ENOENT;
	}
	if (!daemon_may(d, sid, grant->user, grant->errmsg)) {
		grant->denied = true;
		return -EACCES;
	}
	if (wanted && wanted == addr_ipv4(&section->local_address)) {
		snprintf(grant->errmsg, sizeof(grant->errmsg),
			 "RADIUS wants the gateway's own address for the user: change its "
			 "Framed-IP-Address");
		return -EINVAL;
	}
	view_printable(view_str(grant->user), user, sizeof(user));
	err = pools_lease(d->pools, daemon_pool(d, section), wanted, sid, user, clock_now(), &ip);
	switch (err) {
	case 0:
		grant->peer_ip = addr_from_ipv4(ip, 0);
		/* Before the client has it: the next engine must not give it to anybody else. */
		note(d, sid);
		lns_write_down(d->lns);
		break;
	case -EADDRINUSE:
		snprintf(grant->errmsg, sizeof(grant->errmsg),
			 "the Framed-IP-Address from RADIUS is used by another session");
		break;
	case -ENOSPC:
		snprintf(grant->errmsg, sizeof(grant->errmsg),
			 "every address of pool \"%s\" is in use: make it larger",
			 section->pool->name);
		break;
	case -ENODEV:
		snprintf(grant->errmsg, sizeof(grant->errmsg),
			 "neither RADIUS (Framed-IP-Address) nor lns \"%s\" (pool) has an address",
			 section->name);
		break;
	default: COPY(grant->errmsg, err_text(err)); break;
	}
	return err;
}

int daemon_lease_early(struct daemon *d, uint16_t sid, const struct config_lns *section,
		       struct bus_setup *setup)
{
	uint32_t ip;
	int err;

	if (section->radius)
		return 0;
	err = pools_lease(d->pools, daemon_pool(d, section), 0, sid, "", clock_now(), &ip);
	if (err == -ENOSPC)
		err = -ERR_NO_ADDRESS;
	if (err)
		return err;
	note(d, sid);
	setup->peer_ip = addr_from_ipv4(ip, 0);
	return 0;
}

/* What it has is its own until it is gone. */
int daemon_lease_again(struct daemon *d, const struct config_lns *section,
		       const struct bus_setup *setup)
{
	uint32_t ip = addr_ipv4(&setup->peer_ip);
	uint16_t sid = (uint16_t)setup->session;
	char user[BUS_TEXT_LEN];
	int err;

	if (!ip)
		return 0;
	err = pools_lease(d->pools, daemon_pool(d, section), ip, sid,
			  view_printable(view_str(setup->user), user, sizeof(user)), clock_now(),
			  &ip);
	if (err)
		return err;
	note(d, sid);
	lns_write_down(d->lns);
	return 0;
}
