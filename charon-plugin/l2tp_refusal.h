/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tells l2tpd why clients got no CHILD_SA, so that the administrator finds it
 * where all other failures are.
 */

/**
 * @defgroup l2tp_refusal l2tp_refusal
 * @{ @ingroup l2tp
 */
#ifndef L2TP_REFUSAL_H_
#define L2TP_REFUSAL_H_

#include "charon-plugin/l2tp_check.h"
#include "charon-plugin/l2tp_socket.h"

typedef struct l2tp_refusal_t l2tp_refusal_t;

/**
 * Publishes ike-failed.
 */
struct l2tp_refusal_t {

	/**
	 * charon's hooks; not to be called while the bus calls them.
	 */
	listener_t listener;

	/**
	 * Tell why a client is about to be refused by another part of the plugin.
	 *
	 * @param ike_sa	IKE_SA, checked out by this thread
	 * @param reason	text for people
	 */
	void (*because)(l2tp_refusal_t *this, ike_sa_t *ike_sa, const char *reason);

	/**
	 * Destroy it.
	 */
	void (*destroy)(l2tp_refusal_t *this);
};

/**
 * Create a listener that is not yet added to the bus.
 *
 * @param check			knows which connections are for L2TP
 * @param socket		where the event goes
 * @return				listener
 */
l2tp_refusal_t *l2tp_refusal_create(l2tp_check_t *check, l2tp_socket_t *socket);

#endif /** L2TP_REFUSAL_H_ @}*/
