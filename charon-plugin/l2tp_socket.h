/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plugin's end of the bus: a server on charon's streams and threads.
 * Frames, registrations and one bounded queue per client; what the commands
 * mean is told to it.  Nothing here waits for a client.
 */

/**
 * @defgroup l2tp_socket l2tp_socket
 * @{ @ingroup l2tp
 */
#ifndef L2TP_SOCKET_H_
#define L2TP_SOCKET_H_

#include "charon-plugin/compat.h"

#include "lib/base/buf.h"

typedef struct l2tp_socket_t l2tp_socket_t;

/**
 * Serves a command; called by one of charon's threads, without locks held.
 *
 * It answers by respond(), exactly once, and may stream() events before.
 *
 * @param data			as given to serve()
 * @param client		id of the client that asks
 * @param name			the command
 * @param msg			its message, well formed or not
 * @return				FALSE if there is no such command
 */
typedef bool (*l2tp_socket_cb_t)(void *data, u_int client, struct view name,
								 struct view msg);

/**
 * A client is gone; called by one of charon's threads, without locks held, and
 * after the last command of that client.
 *
 * @param data			as given to serve()
 * @param client		id of the client
 */
typedef void (*l2tp_socket_gone_t)(void *data, u_int client);

/**
 * Server for clients of the bus.
 */
struct l2tp_socket_t {

	/**
	 * Start to accept clients.
	 *
	 * @param cb		serves their commands
	 * @param gone		hears of their end
	 * @param data		passed to both
	 * @return			FALSE if the socket cannot be had; the reason is logged
	 */
	bool (*serve)(l2tp_socket_t *this, l2tp_socket_cb_t cb,
				  l2tp_socket_gone_t gone, void *data);

	/**
	 * Has any client registered for an event?
	 *
	 * @param event		name from lib/bus/names.h
	 * @return			TRUE if publish() would reach somebody
	 */
	bool (*has_listeners)(l2tp_socket_t *this, const char *event);

	/**
	 * Queue an event for all clients that registered for it.  A client whose
	 * queue is full is dropped.  Never waits; may be called from hooks.
	 *
	 * @param event		name from lib/bus/names.h
	 * @param msg		its message, copied
	 */
	void (*publish)(l2tp_socket_t *this, const char *event, struct view msg);

	/**
	 * Queue an event for one client, if it registered for it.
	 *
	 * @param client	id of the client
	 * @param event		name from lib/bus/names.h
	 * @param msg		its message, copied
	 */
	void (*stream)(l2tp_socket_t *this, u_int client, const char *event,
				   struct view msg);

	/**
	 * Queue the answer to a command.
	 *
	 * @param client	id of the client
	 * @param msg		its message, copied
	 */
	void (*respond)(l2tp_socket_t *this, u_int client, struct view msg);

	/**
	 * Send what the clients' sockets take at once, close them and the socket.
	 * Must not be called by a thread that serves a command.
	 */
	void (*destroy)(l2tp_socket_t *this);
};

/**
 * Create a server that has no socket yet.
 *
 * @return				server
 */
l2tp_socket_t *l2tp_socket_create(void);

#endif /** L2TP_SOCKET_H_ @}*/
