/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which CHILD_SA a mark means now.  A mark lives as long as the client's SA
 * does, through rekeys and reauthentications; the ids and SPIs behind it
 * change.  Pure: no lock, no charon, no socket.
 */

/**
 * @defgroup l2tp_binding l2tp_binding
 * @{ @ingroup l2tp
 */
#ifndef L2TP_BINDING_H_
#define L2TP_BINDING_H_

#include <library.h>

#include "lib/bus/record.h"

typedef struct l2tp_binding_t l2tp_binding_t;

/**
 * Gets one binding.
 *
 * @param data			as given to enumerate()
 * @param msg			message with the fields of record sa
 */
typedef void (*l2tp_binding_cb_t)(void *data, struct view msg);

/**
 * Table of bindings, by mark.  Records are kept as bus messages: a tenth of
 * the size of the struct, and ready to be listed.
 */
struct l2tp_binding_t {

	/**
	 * Store what a mark means now.
	 *
	 * @param sa		the whole record; its mark is not 0
	 * @return			the event that tells the change (sa-up, sa-rekey,
	 *					sa-migrate or sa-update), NULL if nothing changed
	 */
	const char *(*put)(l2tp_binding_t *this, const struct bus_sa *sa);

	/**
	 * Is this the CHILD_SA that the mark means now?
	 *
	 * @param mark		mark of the binding
	 * @param child_id	unique id of the CHILD_SA
	 * @return			FALSE also for one that has been replaced by a rekey
	 */
	bool (*is_current)(l2tp_binding_t *this, uint32_t mark, uint32_t child_id);

	/**
	 * Remember why this binding is about to end.  The first reason stays.
	 *
	 * @param mark		mark of the binding
	 * @param reason	text for people, cloned
	 */
	void (*set_reason)(l2tp_binding_t *this, uint32_t mark, const char *reason);

	/**
	 * Look up a binding.
	 *
	 * @param mark		mark of the binding
	 * @param sa		receives the record
	 * @return			FALSE if there is none
	 */
	bool (*get)(l2tp_binding_t *this, uint32_t mark, struct bus_sa *sa);

	/**
	 * Remove a binding.
	 *
	 * @param mark		mark of the binding
	 * @param sa		receives the record, with the reason, if there is one
	 * @return			FALSE if there was none
	 */
	bool (*remove)(l2tp_binding_t *this, uint32_t mark, struct bus_sa *sa);

	/**
	 * Has a peer an SA, or had it one within the last minute?
	 *
	 * @param sa		its address, without port, and IKE identity are used
	 * @return			TRUE also for one that is reauthenticating
	 */
	bool (*knows)(l2tp_binding_t *this, const struct bus_sa *sa);

	/**
	 * Call back with each binding, in no order.
	 *
	 * @param cb		must not change the table
	 * @param data		passed to cb
	 */
	void (*enumerate)(l2tp_binding_t *this, l2tp_binding_cb_t cb, void *data);

	/**
	 * Destroy the table and all that it holds.
	 */
	void (*destroy)(l2tp_binding_t *this);
};

/**
 * Create an empty table.
 *
 * @return				table
 */
l2tp_binding_t *l2tp_binding_create(void);

#endif /** L2TP_BINDING_H_ @}*/
