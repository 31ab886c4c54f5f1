/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tells the administrator what a connection in swanctl.conf lacks to carry
 * L2TP: once per child and state of the configuration, never once per client.
 */

/**
 * @defgroup l2tp_check l2tp_check
 * @{ @ingroup l2tp
 */
#ifndef L2TP_CHECK_H_
#define L2TP_CHECK_H_

#include "charon-plugin/compat.h"

typedef struct l2tp_check_t l2tp_check_t;

/**
 * Checks configurations and remembers what it has said.
 */
struct l2tp_check_t {

	/**
	 * Can CHILD_SAs of this configuration be bound to tunnels?  Logs what is
	 * missing, if that is news.
	 *
	 * @param peer_cfg	connection
	 * @param child_cfg	one of its children, meant for L2TP
	 * @return			FALSE if its CHILD_SAs must not be published
	 */
	bool (*child)(l2tp_check_t *this, peer_cfg_t *peer_cfg,
				  child_cfg_t *child_cfg);

	/**
	 * Is any child of a connection for L2TP, that is, its local_ts 17/1701?
	 *
	 * @param peer_cfg	connection
	 * @return			TRUE if so
	 */
	bool (*concerns)(l2tp_check_t *this, peer_cfg_t *peer_cfg);

	/**
	 * Check all children of a connection whose local_ts is 17/1701.
	 *
	 * @param peer_cfg	connection
	 */
	void (*connection)(l2tp_check_t *this, peer_cfg_t *peer_cfg);

	/**
	 * Is a connection there for L2TP and nothing else?
	 *
	 * @param peer_cfg	connection
	 * @return			TRUE if it has children, all with local_ts 17/1701
	 */
	bool (*is_l2tp_only)(l2tp_check_t *this, peer_cfg_t *peer_cfg);

	/**
	 * Check all connections that are loaded.
	 */
	void (*all)(l2tp_check_t *this);

	/**
	 * Destroy it.
	 */
	void (*destroy)(l2tp_check_t *this);
};

/**
 * Create a checker that has said nothing yet.
 *
 * @return				checker
 */
l2tp_check_t *l2tp_check_create(void);

#endif /** L2TP_CHECK_H_ @}*/
