/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which peers have an SA, or had one a moment ago: by address and identity,
 * in O(1).  Who reauthenticates is one of them, also where IKEv2 ends the old
 * SA before it begins the new one.  Pure: no lock, no charon.
 */

/**
 * @defgroup l2tp_known l2tp_known
 * @{ @ingroup l2tp
 */
#ifndef L2TP_KNOWN_H_
#define L2TP_KNOWN_H_

#include <library.h>

#include "lib/base/clock.h"
#include "lib/bus/record.h"

typedef struct l2tp_known_t l2tp_known_t;

/**
 * Set of peers.
 */
struct l2tp_known_t {

	/**
	 * A peer has (another) SA.
	 *
	 * @param peer		from l2tp_known_hash()
	 */
	void (*add)(l2tp_known_t *this, uint64_t peer);

	/**
	 * It has one less; when that was the last one it is known for a while.
	 *
	 * @param peer		as in add()
	 * @param now		time
	 */
	void (*remove)(l2tp_known_t *this, uint64_t peer, usec_t now);

	/**
	 * Is this peer known?
	 *
	 * @param peer		as in add()
	 * @param now		time
	 */
	bool (*has)(l2tp_known_t *this, uint64_t peer, usec_t now);

	/**
	 * Destroy the set.
	 */
	void (*destroy)(l2tp_known_t *this);
};

/**
 * Which peer is this?  A keyed hash of 64 bits is as good as its name.
 *
 * @param sa			its address, without port, and IKE identity are used
 * @return				never the same for two peers
 */
uint64_t l2tp_known_hash(const struct bus_sa *sa);

/**
 * Create an empty set.
 *
 * @param memory		how long a peer is known without an SA
 * @return				set
 */
l2tp_known_t *l2tp_known_create(usec_t memory);

#endif /** L2TP_KNOWN_H_ @}*/
