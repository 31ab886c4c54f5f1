/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Refuses new clients before they get an SA, while nobody would serve them:
 * l2tpd is away, drained or full.  Who has an SA, or is reauthenticating, may
 * go on; connections that are not for L2TP alone are none of its business.
 */

/**
 * @defgroup l2tp_gate l2tp_gate
 * @{ @ingroup l2tp
 */
#ifndef L2TP_GATE_H_
#define L2TP_GATE_H_

#include "charon-plugin/l2tp_check.h"
#include "charon-plugin/l2tp_listener.h"
#include "charon-plugin/l2tp_refusal.h"

typedef struct l2tp_gate_t l2tp_gate_t;

/**
 * Gate in front of l2tpd.
 */
struct l2tp_gate_t {

	/**
	 * Implements listener_t interface.
	 */
	listener_t listener;

	/**
	 * l2tpd tells whether it takes new clients.
	 *
	 * @param client	id of l2tpd's connection
	 * @param gate		closed or not, and why
	 */
	void (*set)(l2tp_gate_t *this, u_int client, const struct bus_gate *gate);

	/**
	 * A client of the socket is gone; if it was l2tpd, that is away now.
	 *
	 * @param client	id of the connection
	 */
	void (*gone)(l2tp_gate_t *this, u_int client);

	/**
	 * Destroy it; it is no longer registered at the bus.
	 */
	void (*destroy)(l2tp_gate_t *this);
};

/**
 * Create a gate; l2tpd is away until it sets it.
 *
 * @param listener		knows who has an SA, not adopted
 * @param check			knows what connections are for, not adopted
 * @param refusal		tells l2tpd why, not adopted
 * @return				gate, to be added to charon's bus
 */
l2tp_gate_t *l2tp_gate_create(l2tp_listener_t *listener, l2tp_check_t *check,
							  l2tp_refusal_t *refusal);

#endif /** L2TP_GATE_H_ @}*/
