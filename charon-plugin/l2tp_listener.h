/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * charon's hooks into bindings and events.  Returns at once: it looks at
 * charon's objects, changes the table and queues an event.
 */

/**
 * @defgroup l2tp_listener l2tp_listener
 * @{ @ingroup l2tp
 */
#ifndef L2TP_LISTENER_H_
#define L2TP_LISTENER_H_

#include "charon-plugin/compat.h"
#include "charon-plugin/l2tp_binding.h"
#include "charon-plugin/l2tp_check.h"
#include "charon-plugin/l2tp_socket.h"

typedef struct l2tp_listener_t l2tp_listener_t;

/**
 * Listener that publishes every CHILD_SA that can carry tunnels.
 */
struct l2tp_listener_t {

	/**
	 * Implements listener_t interface.
	 */
	listener_t listener;

	/**
	 * Call back with each binding.  No event is published meanwhile, so what
	 * cb queues is consistent with the events that follow.
	 *
	 * @param cb		gets each binding
	 * @param data		passed to cb
	 */
	void (*enumerate)(l2tp_listener_t *this, l2tp_binding_cb_t cb, void *data);

	/**
	 * The random number of this run of charon, which all bindings carry.
	 *
	 * @return			number, not 0
	 */
	uint32_t (*get_instance)(l2tp_listener_t *this);

	/**
	 * Look up a binding that is about to be closed by us.
	 *
	 * @param mark		mark of the binding
	 * @param reason	why, for the event that follows
	 * @param sa		receives the record
	 * @return			FALSE if there is none
	 */
	bool (*closing)(l2tp_listener_t *this, uint32_t mark, const char *reason,
					struct bus_sa *sa);

	/**
	 * Has a peer an SA, or had it one a moment ago?
	 *
	 * @param sa		its address, without port, and IKE identity are used
	 * @return			TRUE also for one that is reauthenticating
	 */
	bool (*knows)(l2tp_listener_t *this, const struct bus_sa *sa);

	/**
	 * Destroy it; it is no longer registered at the bus.
	 */
	void (*destroy)(l2tp_listener_t *this);
};

/**
 * Create a listener.
 *
 * @param check			tells what connections lack, not adopted
 * @param socket		where events go, not adopted
 * @return				listener, to be added to charon's bus
 */
l2tp_listener_t *l2tp_listener_create(l2tp_check_t *check,
									  l2tp_socket_t *socket);

#endif /** L2TP_LISTENER_H_ @}*/
