/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What makes a connection fit for L2TP.  Why each setting is needed is told in
 * the samples conf/swanctl-l2tp-*.conf.
 */

#include "charon-plugin/l2tp_rules.h"

static bool has_mode(peer_cfg_t *peer_cfg, child_cfg_t *cfg)
{
	return cfg->get_mode(cfg) == MODE_TRANSPORT;
}

static bool has_mark(peer_cfg_t *peer_cfg, child_cfg_t *cfg)
{
	mark_t mark = cfg->get_mark(cfg, TRUE);

	return MARK_IS_UNIQUE(mark.value) && mark.mask == 0xffffffff;
}

static bool has_set_mark(peer_cfg_t *peer_cfg, child_cfg_t *cfg)
{
	mark_t mark = cfg->get_set_mark(cfg, TRUE);

	return mark.value == MARK_SAME && mark.mask == 0xffffffff;
}

static bool has_no_policies(peer_cfg_t *peer_cfg, child_cfg_t *cfg)
{
	return cfg->has_option(cfg, OPT_NO_POLICIES);
}

static bool has_unmarked_sa(peer_cfg_t *peer_cfg, child_cfg_t *cfg)
{
	return !cfg->has_option(cfg, OPT_MARK_IN_SA);
}

static bool has_no_mark_out(peer_cfg_t *peer_cfg, child_cfg_t *cfg)
{
	mark_t mark = cfg->get_mark(cfg, FALSE);

	return mark.value == 0 && mark.mask == 0;
}

static bool has_no_if_id(peer_cfg_t *peer_cfg, child_cfg_t *cfg)
{
	return cfg->get_if_id(cfg, TRUE) == 0 && cfg->get_if_id(cfg, FALSE) == 0;
}

static bool has_own_reqid(peer_cfg_t *peer_cfg, child_cfg_t *cfg)
{
	return cfg->get_reqid(cfg) == 0;
}

static bool has_no_ipcomp(peer_cfg_t *peer_cfg, child_cfg_t *cfg)
{
	return !cfg->has_option(cfg, OPT_IPCOMP);
}

static bool is_unique_never(peer_cfg_t *peer_cfg, child_cfg_t *child_cfg)
{
	return peer_cfg->get_unique_policy(peer_cfg) == UNIQUE_NEVER;
}

static bool is_main_mode(peer_cfg_t *peer_cfg, child_cfg_t *child_cfg)
{
	return !compat_is_aggressive(peer_cfg);
}

static bool is_ike_there(peer_cfg_t *peer_cfg, child_cfg_t *child_cfg)
{
	return peer_cfg->get_ike_version(peer_cfg) != IKEV1 || compat_has_ikev1();
}

/**
 * Is a child's remote_ts UDP of any port?
 */
static bool has_any_port(peer_cfg_t *peer_cfg, child_cfg_t *child_cfg)
{
	linked_list_t *list;
	enumerator_t *enumerator;
	traffic_selector_t *ts;
	bool found = FALSE;

	list = compat_get_ts(child_cfg, FALSE);
	enumerator = list->create_enumerator(list);
	while (enumerator->enumerate(enumerator, &ts))
	{
		found = found ||
				(ts->get_from_port(ts) == 0 && ts->get_to_port(ts) == 0xffff);
	}
	enumerator->destroy(enumerator);
	list->destroy_offset(list, offsetof(traffic_selector_t, destroy));
	return found;
}

const l2tp_rule_t l2tp_rules[] = {
	/* L2TP lies directly on the peers' addresses */
	{has_mode, "mode = transport"},
	/* one mark per client, and on each of its decrypted packets */
	{has_mark, "mark_in = %unique"},
	{has_set_mark, "set_mark_in = %same"},
	/* those of two clients behind one NAT would collide; sockets have theirs */
	{has_no_policies, "policies = no"},
	/* nobody marks packets before they are decrypted */
	{has_unmarked_sa, "mark_in_sa = no"},
	/* nor, for the kernel's L2TP, those to be encrypted */
	{has_no_mark_out, "no mark_out"},
	/* sockets belong to no interface of XFRM's */
	{has_no_if_id, "no if_id_in, no if_id_out"},
	/* sockets are tied to their SA by it */
	{has_own_reqid, "no reqid"},
	/* their policies ask for ESP and nothing else */
	{has_no_ipcomp, "ipcomp = no"},
	/* from here on: clients are served all the same */
	{is_unique_never, "unique = never",
	 "clients with equal identities can replace each other"},
	{is_main_mode, "aggressive = no",
	 "anybody can ask for a hash of the shared key, and guess it at home"},
	{has_any_port, "remote_ts = dynamic[17]",
	 "clients that do not use port 1701 are refused, as those of Apple and "
	 "Android"},
	{is_ike_there, "version = 2",
	 "nobody can connect, as this charon was built without IKEv1"},
};

const int l2tp_rules_count = countof(l2tp_rules);
