/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hook authorize(): looks at what l2tpd has last said, never asks it.
 */

#include "charon-plugin/l2tp_gate.h"
#include "charon-plugin/l2tp_record.h"

#include "lib/base/clock.h"

#include <threading/mutex.h>

/** Seconds that l2tpd may be away, as for its restart, before that matters */
#define REFUSE_AFTER 10

typedef struct private_l2tp_gate_t private_l2tp_gate_t;

/**
 * Private data of an l2tp_gate_t object.
 */
struct private_l2tp_gate_t {

	/**
	 * Public interface.
	 */
	l2tp_gate_t public;

	/**
	 * Knows who has an SA
	 */
	l2tp_listener_t *peers;

	/**
	 * Knows what connections are for
	 */
	l2tp_check_t *check;

	/**
	 * Tells l2tpd why
	 */
	l2tp_refusal_t *refusal;

	/**
	 * What l2tpd has said
	 */
	struct bus_gate gate;

	/**
	 * Is l2tpd there?
	 */
	bool present;

	/**
	 * Id of its connection, if it is
	 */
	u_int client;

	/**
	 * Since when it is away, if it is not
	 */
	usec_t away_since;

	/**
	 * Lock for what l2tpd has said and whether it is there; held for moments
	 */
	mutex_t *mutex;
};

/**
 * How long l2tpd may be away, in s; 0: for ever.  Read each time, so that
 * swanctl --reload-settings is enough.
 */
static uint32_t refuse_after(void)
{
	return lib->settings->get_time(
		lib->settings, "%s.plugins.l2tp.refuse_after", REFUSE_AFTER, lib->ns);
}

/**
 * Are new clients to be refused?  Gives the reason.
 */
static bool is_closed(private_l2tp_gate_t *this, bus_text_t reason)
{
	uint32_t limit = refuse_after(), away_s;
	bool closed;

	this->mutex->lock(this->mutex);
	if (this->present)
	{
		closed = this->gate.closed;
		snprintf(reason, BUS_TEXT_LEN, "%s", this->gate.reason);
	}
	else
	{
		away_s = (clock_now() - this->away_since) / USEC_PER_S;
		closed = limit && away_s >= limit;
		snprintf(reason, BUS_TEXT_LEN,
				 "l2tpd is away (for %u s): is it running? See l2tpctl status",
				 away_s);
	}
	this->mutex->unlock(this->mutex);
	return closed;
}

METHOD(listener_t, authorize, bool,
	private_l2tp_gate_t *this, ike_sa_t *ike_sa, bool final, bool *success)
{
	peer_cfg_t *peer_cfg = ike_sa->get_peer_cfg(ike_sa);
	ike_sa_id_t *id = ike_sa->get_id(ike_sa);
	bus_text_t reason;
	struct bus_sa sa;

	/* before the end it is not certain which connection it will be */
	if (!final || !peer_cfg || id->is_initiator(id) ||
		!is_closed(this, reason) ||
		!this->check->is_l2tp_only(this->check, peer_cfg))
	{
		return TRUE;
	}
	l2tp_record_peer(&sa, ike_sa);
	if (this->peers->knows(this->peers, &sa))
	{
		return TRUE;
	}
	DBG1(DBG_CFG, "l2tp: refusing '%Y' at %#H on connection '%s': %s",
		 ike_sa->get_other_id(ike_sa), ike_sa->get_other_host(ike_sa),
		 peer_cfg->get_name(peer_cfg), reason);
	this->refusal->because(this->refusal, ike_sa, reason);
	*success = FALSE;
	return TRUE;
}

METHOD(l2tp_gate_t, set, void,
	private_l2tp_gate_t *this, u_int client, const struct bus_gate *gate)
{
	bool came, changed;

	this->mutex->lock(this->mutex);
	came = !this->present;
	changed = this->gate.closed != gate->closed;
	this->gate = *gate;
	this->client = client;
	this->present = TRUE;
	this->mutex->unlock(this->mutex);
	if (gate->closed && (came || changed))
	{
		DBG1(DBG_CFG, "l2tp: new clients are refused from now on: %s",
			 gate->reason);
	}
	else if (came || changed)
	{
		DBG1(DBG_CFG, "l2tp: l2tpd takes new clients");
	}
}

METHOD(l2tp_gate_t, gone, void,
	private_l2tp_gate_t *this, u_int client)
{
	uint32_t limit = refuse_after();
	bool lost;

	this->mutex->lock(this->mutex);
	lost = this->present && this->client == client;
	if (lost)
	{
		this->present = FALSE;
		this->away_since = clock_now();
	}
	this->mutex->unlock(this->mutex);
	if (lost && limit)
	{
		DBG1(DBG_CFG,
			 "l2tp: l2tpd is away: if it does not come back within %u s, new "
			 "clients are refused",
			 limit);
	}
	else if (lost)
	{
		DBG1(DBG_CFG, "l2tp: l2tpd is away");
	}
}

METHOD(l2tp_gate_t, destroy, void,
	private_l2tp_gate_t *this)
{
	this->mutex->destroy(this->mutex);
	free(this);
}

/*
 * Described in header
 */
l2tp_gate_t *l2tp_gate_create(l2tp_listener_t *listener, l2tp_check_t *check,
							  l2tp_refusal_t *refusal)
{
	private_l2tp_gate_t *this;

	INIT(this,
		.public = {
			.listener = {
				.authorize = _authorize,
			},
			.set = _set,
			.gone = _gone,
			.destroy = _destroy,
		},
		.peers = listener,
		.check = check,
		.refusal = refusal,
		.away_since = clock_now(),
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
	);

	return &this->public;
}
