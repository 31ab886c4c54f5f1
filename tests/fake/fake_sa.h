/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stand-ins for charon's IKE_SA and CHILD_SA, with only those methods that the plugin may call, and
 * connections as swanctl would load them.
 */
#ifndef TESTS_FAKE_FAKE_SA_H
#define TESTS_FAKE_FAKE_SA_H

#include "charon-plugin/compat.h"

struct fake_child {
	child_sa_t public;
	child_cfg_t *cfg;
	proposal_t *proposal;
	traffic_selector_t *local_ts, *remote_ts;
	uint32_t id, reqid, mark;
	uint32_t spi_in, spi_out; /* host order */
	ipsec_mode_t mode;
	protocol_id_t protocol;
	child_sa_state_t state;
	time_t lifetime; /* its hard end; 0: none */
	bool encap;
};

struct fake_ike {
	ike_sa_t public;
	peer_cfg_t *cfg;
	linked_list_t *children;         /* borrowed fake_child */
	linked_list_t *rounds;           /* auth_cfg_t */
	linked_list_t *passive, *active; /* task_t */
	host_t *local, *remote;
	identification_t *remote_id, *eap_id;
	ike_sa_state_t state;
	ike_version_t version;
	ike_sa_id_t *ike_id;
	uint32_t id;
};

/* What fake_child() adds to; charon.h makes the first two clients of each test. */
extern struct fake_ike *ike;

/* A child that can carry L2TP. */
extern const child_cfg_create_t fake_good_child;

peer_cfg_t *fake_connection(const char *name, unique_policy_t unique);

/* Add a child to it, with this local UDP port as traffic selector ("0": all); the caller's. */
child_cfg_t *fake_add_child(peer_cfg_t *peer, const child_cfg_create_t *from, const char *ts);

/* A CHILD_SA of `ike`, installed; takes over `cfg`. */
struct fake_child *fake_child(child_cfg_t *cfg, uint32_t id, uint32_t mark);
void fake_child_free(struct fake_child *c);

/* An established IKE_SA; takes over `cfg`. */
struct fake_ike *fake_ike(peer_cfg_t *cfg, uint32_t id);
void fake_ike_free(struct fake_ike *i);

#endif
