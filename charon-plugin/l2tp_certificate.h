/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who the peer is by the certificate that it has authenticated with, into
 * record sa.
 */

/**
 * @defgroup l2tp_certificate l2tp_certificate
 * @{ @ingroup l2tp
 */
#ifndef L2TP_CERTIFICATE_H_
#define L2TP_CERTIFICATE_H_

#include "charon-plugin/compat.h"

#include "lib/bus/record.h"

/**
 * Fill in the names of the peer's certificate, if it has used one.
 *
 * @param sa			receives cert_subject, which is left empty if it does
 *						not fit, and those of cert_names that fit
 * @param ike_sa		IKE_SA, checked out by this thread
 */
void l2tp_certificate_fill(struct bus_sa *sa, ike_sa_t *ike_sa);

#endif /** L2TP_CERTIFICATE_H_ @}*/
