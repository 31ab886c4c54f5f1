/* SPDX-License-Identifier: GPL-2.0-or-later */
/* charon's objects as the plugin's hooks see them; see fake_sa.h. */
#include "tests/fake/fake_sa.h"

#include <check.h>
#include <stdlib.h>

#define CHILD(public) ((struct fake_child *)(public))
#define IKE(public)   ((struct fake_ike *)(public))

static char *child_name(child_sa_t *c)
{
	return CHILD(c)->cfg->get_name(CHILD(c)->cfg);
}
static uint32_t child_reqid(child_sa_t *c)
{
	return CHILD(c)->reqid;
}
static uint32_t child_id(child_sa_t *c)
{
	return CHILD(c)->id;
}
static child_cfg_t *child_config(child_sa_t *c)
{
	return CHILD(c)->cfg;
}
static child_sa_state_t child_state(child_sa_t *c)
{
	return CHILD(c)->state;
}
static uint32_t child_spi(child_sa_t *c, bool inbound)
{
	return htonl(inbound ? CHILD(c)->spi_in : CHILD(c)->spi_out);
}
static protocol_id_t child_protocol(child_sa_t *c)
{
	return CHILD(c)->protocol;
}
static ipsec_mode_t child_mode(child_sa_t *c)
{
	return CHILD(c)->mode;
}
static proposal_t *child_proposal(child_sa_t *c)
{
	return CHILD(c)->proposal;
}
static bool child_encap(child_sa_t *c)
{
	return CHILD(c)->encap;
}
static mark_t child_mark(child_sa_t *c, bool inbound)
{
	return (mark_t){inbound ? CHILD(c)->mark : 0, inbound ? 0xffffffff : 0};
}
static enumerator_t *child_ts(child_sa_t *c, bool local)
{
	return enumerator_create_single(local ? CHILD(c)->local_ts : CHILD(c)->remote_ts, NULL);
}

static uint32_t ike_id(ike_sa_t *i)
{
	return IKE(i)->id;
}
static ike_sa_id_t *ike_sa_id(ike_sa_t *i)
{
	return IKE(i)->ike_id;
}
static ike_version_t ike_version(ike_sa_t *i)
{
	return IKE(i)->version;
}
static ike_sa_state_t ike_state(ike_sa_t *i)
{
	return IKE(i)->state;
}
static char *ike_name(ike_sa_t *i)
{
	return IKE(i)->cfg->get_name(IKE(i)->cfg);
}
static host_t *ike_local(ike_sa_t *i)
{
	return IKE(i)->local;
}
static host_t *ike_remote(ike_sa_t *i)
{
	return IKE(i)->remote;
}
static identification_t *ike_remote_id(ike_sa_t *i)
{
	return IKE(i)->remote_id;
}
static identification_t *ike_eap_id(ike_sa_t *i)
{
	return IKE(i)->eap_id ?: IKE(i)->remote_id;
}
static peer_cfg_t *ike_config(ike_sa_t *i)
{
	return IKE(i)->cfg;
}
static enumerator_t *ike_rounds(ike_sa_t *i, bool local)
{
	ck_assert(!local);
	return IKE(i)->rounds->create_enumerator(IKE(i)->rounds);
}
static enumerator_t *ike_children(ike_sa_t *i)
{
	return IKE(i)->children->create_enumerator(IKE(i)->children);
}
static enumerator_t *ike_tasks(ike_sa_t *i, task_queue_t queue)
{
	linked_list_t *tasks = queue == TASK_QUEUE_PASSIVE ? IKE(i)->passive : IKE(i)->active;

	return tasks->create_enumerator(tasks);
}

static time_t child_lifetime(child_sa_t *c, bool hard)
{
	return hard ? CHILD(c)->lifetime : 0;
}

static const child_sa_t child_methods = {
	.get_name = child_name,
	.get_reqid = child_reqid,
	.get_unique_id = child_id,
	.get_config = child_config,
	.get_state = child_state,
	.get_spi = child_spi,
	.get_protocol = child_protocol,
	.get_mode = child_mode,
	.get_proposal = child_proposal,
	.has_encap = child_encap,
	.get_mark = child_mark,
	.create_ts_enumerator = child_ts,
	.get_lifetime = child_lifetime,
};

static const ike_sa_t ike_methods = {
	.get_unique_id = ike_id,
	.get_id = ike_sa_id,
	.get_version = ike_version,
	.get_state = ike_state,
	.get_name = ike_name,
	.get_my_host = ike_local,
	.get_other_host = ike_remote,
	.get_other_id = ike_remote_id,
	.get_other_eap_id = ike_eap_id,
	.get_peer_cfg = ike_config,
	.create_auth_cfg_enumerator = ike_rounds,
	.create_child_sa_enumerator = ike_children,
	.create_task_enumerator = ike_tasks,
};

/* A connection as swanctl would load it. */
const child_cfg_create_t fake_good_child = {
	.options = OPT_NO_POLICIES,
	.mode = MODE_TRANSPORT,
	.mark_in = {MARK_UNIQUE, 0xffffffff},
	.set_mark_in = {MARK_SAME, 0xffffffff},
};

peer_cfg_t *fake_connection(const char *name, unique_policy_t unique)
{
	ike_cfg_create_t local = {.version = IKEV1, .local = "%any", .remote = "%any"};
	peer_cfg_create_t peer = {.unique = unique};

	return peer_cfg_create((char *)name, ike_cfg_create(&local), &peer);
}

child_cfg_t *fake_add_child(peer_cfg_t *peer, const child_cfg_create_t *from, const char *ts)
{
	child_cfg_create_t data = *from;
	child_cfg_t *cfg = child_cfg_create("child", &data);

	cfg->add_traffic_selector(
		cfg, TRUE,
		traffic_selector_create_dynamic(IPPROTO_UDP, atoi(ts), atoi(ts) ?: 65535));
	cfg->add_traffic_selector(cfg, FALSE,
				  traffic_selector_create_dynamic(IPPROTO_UDP, 0, 65535));
	peer->add_child_cfg(peer, cfg->get_ref(cfg));
	return cfg;
}

struct fake_ike *ike;

struct fake_child *fake_child(child_cfg_t *cfg, uint32_t id, uint32_t mark)
{
	struct fake_child *c;

	INIT(c, .public = child_methods, .cfg = cfg, .id = id, .reqid = mark + 100, .mark = mark,
	     .spi_in = 0xc0000000 + id, .spi_out = 0x0d000000 + id, .mode = MODE_TRANSPORT,
	     .protocol = PROTO_ESP, .state = CHILD_INSTALLED, .encap = TRUE);
	c->proposal = proposal_create_from_string(PROTO_ESP, "aes256-sha1");
	c->local_ts = traffic_selector_create_from_string(IPPROTO_UDP, TS_IPV4_ADDR_RANGE,
							  "192.0.2.1", 1701, "192.0.2.1", 1701);
	c->remote_ts = traffic_selector_create_from_string(
		IPPROTO_UDP, TS_IPV4_ADDR_RANGE, "198.51.100.7", 1701, "198.51.100.7", 1701);
	ike->children->insert_last(ike->children, c);
	return c;
}

void fake_child_free(struct fake_child *c)
{
	ike->children->remove(ike->children, c, NULL);
	c->proposal->destroy(c->proposal);
	c->local_ts->destroy(c->local_ts);
	c->remote_ts->destroy(c->remote_ts);
	c->cfg->destroy(c->cfg);
	free(c);
}

struct fake_ike *fake_ike(peer_cfg_t *cfg, uint32_t id)
{
	auth_cfg_t *round = auth_cfg_create();
	struct fake_ike *i;

	INIT(i, .public = ike_methods, .cfg = cfg, .id = id, .state = IKE_ESTABLISHED,
	     .version = IKEV1, .children = linked_list_create(), .rounds = linked_list_create(),
	     .passive = linked_list_create(), .active = linked_list_create(),
	     .local = host_create_from_string("192.0.2.1", 4500),
	     .remote = host_create_from_string("198.51.100.7", 26457),
	     .ike_id = ike_sa_id_create(IKEV1_MAJOR_VERSION, 1, 2, FALSE),
	     .remote_id = identification_create_from_string("192.168.1.101"));
	round->add(round, AUTH_RULE_AUTH_CLASS, AUTH_CLASS_PSK);
	i->rounds->insert_last(i->rounds, round);
	return i;
}

void fake_ike_free(struct fake_ike *i)
{
	i->children->destroy(i->children);
	i->rounds->destroy_offset(i->rounds, offsetof(auth_cfg_t, destroy));
	i->passive->destroy(i->passive);
	i->active->destroy(i->active);
	i->local->destroy(i->local);
	i->remote->destroy(i->remote);
	i->remote_id->destroy(i->remote_id);
	DESTROY_IF(i->eap_id);
	i->ike_id->destroy(i->ike_id);
	i->cfg->destroy(i->cfg);
	free(i);
}
