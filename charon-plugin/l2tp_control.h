/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands that the plugin serves on the bus: version, list-sas,
 * terminate-sa and set-gate.
 */

/**
 * @defgroup l2tp_control l2tp_control
 * @{ @ingroup l2tp
 */
#ifndef L2TP_CONTROL_H_
#define L2TP_CONTROL_H_

#include "charon-plugin/l2tp_gate.h"
#include "charon-plugin/l2tp_listener.h"
#include "charon-plugin/l2tp_socket.h"

typedef struct l2tp_control_t l2tp_control_t;

/**
 * Serves commands.
 */
struct l2tp_control_t {

	/**
	 * Serve a command: an l2tp_socket_cb_t.
	 *
	 * @param client	id of the client that asks
	 * @param name		the command
	 * @param msg		its message
	 * @return			FALSE if there is no such command
	 */
	bool (*serve)(l2tp_control_t *this, u_int client, struct view name,
				  struct view msg);

	/**
	 * A client is gone: an l2tp_socket_gone_t.
	 *
	 * @param client	id of the client
	 */
	void (*gone)(l2tp_control_t *this, u_int client);

	/**
	 * Destroy it.
	 */
	void (*destroy)(l2tp_control_t *this);
};

/**
 * Create the commands.
 *
 * @param listener		knows the SAs, not adopted
 * @param gate			keeps new clients out, not adopted
 * @param check			looks at the connections when a client lists, not
 * adopted
 * @param socket		where answers go, not adopted
 * @return				commands
 */
l2tp_control_t *l2tp_control_create(l2tp_listener_t *listener,
									l2tp_gate_t *gate, l2tp_check_t *check,
									l2tp_socket_t *socket);

#endif /** L2TP_CONTROL_H_ @}*/
