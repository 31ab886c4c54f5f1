/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a CHILD_SA looks like on the bus: charon's objects into record sa.
 */

/**
 * @defgroup l2tp_record l2tp_record
 * @{ @ingroup l2tp
 */
#ifndef L2TP_RECORD_H_
#define L2TP_RECORD_H_

#include "charon-plugin/compat.h"

#include "lib/bus/record.h"

/** Port of L2TP, RFC 2661 section 8.1 */
#define L2TP_PORT 1701

/**
 * Is this traffic selector UDP from or to L2TP's port, and nothing else?
 *
 * @param ts			traffic selector of our side
 * @return				TRUE for 17/1701
 */
bool l2tp_record_is_l2tp(traffic_selector_t *ts);

/**
 * Is it an address that means something on its own link only?
 *
 * @param host			address of an IKE_SA
 * @return				TRUE for fe80::/10
 */
bool l2tp_record_is_link_local(host_t *host);

/**
 * Describe a peer: its connection, addresses, identities, and how it
 * authenticated.
 *
 * @param sa			receives these; all else is cleared
 * @param ike_sa		IKE_SA, checked out by this thread
 */
void l2tp_record_peer(struct bus_sa *sa, ike_sa_t *ike_sa);

/**
 * Describe a CHILD_SA.
 *
 * @param sa			receives the record, without instance and reason
 * @param ike_sa		IKE_SA that owns it, checked out by this thread
 * @param child_sa		CHILD_SA
 */
void l2tp_record_fill(struct bus_sa *sa, ike_sa_t *ike_sa,
					  child_sa_t *child_sa);

/**
 * What ESP adds to each packet with the algorithms of a proposal: IV, ICV and
 * the multiple that the payload is padded to (RFC 4303 2.4).  All are 0 for
 * an encryption algorithm that the table does not know.
 *
 * @param sa			receives iv_bytes, icv_bytes, block_bytes and cipher
 * @param proposal		selected proposal
 * @param sha256_96		HMAC_SHA2_256_128 is cut to 96 bits (as some old
 *						clients want it)
 */
void l2tp_record_overhead(struct bus_sa *sa, proposal_t *proposal,
						  bool sha256_96);

#endif /** L2TP_RECORD_H_ @}*/
