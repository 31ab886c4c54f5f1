/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every difference between the strongSwan versions that the plugin compiles
 * against (5.9.8 of Debian 12, 6.0.1 of Debian 13, later 6.0), and charon's
 * headers.  configure asks the headers, and defines TERMINATE_TAKES_MAX_LEVEL
 * (since 5.9.11), TRAFFIC_SELECTORS_TAKE_SUPPLIED and HAS_USE_AGGRESSIVE
 * (until 6.0.1).
 */
#ifndef CHARON_PLUGIN_COMPAT_H
#define CHARON_PLUGIN_COMPAT_H

#include <daemon.h>
#include <dlfcn.h>
#include <library.h>

/**
 * Close an IKE_SA with all its CHILD_SAs, asynchronously.
 *
 * @param unique_id		unique id of the IKE_SA
 */
static inline void compat_terminate_ike(uint32_t unique_id)
{
#ifdef TERMINATE_TAKES_MAX_LEVEL
	charon->controller->terminate_ike(charon->controller, unique_id, FALSE,
									  NULL, NULL, LEVEL_SILENT, 0);
#else
	charon->controller->terminate_ike(charon->controller, unique_id, FALSE,
									  NULL, NULL, 0);
#endif
}

/**
 * Close one CHILD_SA, asynchronously.
 *
 * @param unique_id		unique id of the CHILD_SA
 */
static inline void compat_terminate_child(uint32_t unique_id)
{
#ifdef TERMINATE_TAKES_MAX_LEVEL
	charon->controller->terminate_child(charon->controller, unique_id, NULL,
										NULL, LEVEL_SILENT, 0);
#else
	charon->controller->terminate_child(charon->controller, unique_id, NULL,
										NULL, 0);
#endif
}

/**
 * The configured traffic selectors.
 *
 * @param cfg			configuration of a child
 * @param local			TRUE for those of our side
 * @return				list of traffic_selector_t, owned by the caller
 */
static inline linked_list_t *compat_get_ts(child_cfg_t *cfg, bool local)
{
#ifdef TRAFFIC_SELECTORS_TAKE_SUPPLIED
	return cfg->get_traffic_selectors(cfg, local, NULL, NULL, FALSE);
#else
	return cfg->get_traffic_selectors(cfg, local, NULL);
#endif
}

/**
 * Does a connection take IKEv1's aggressive mode?
 *
 * @param cfg			connection
 * @return				TRUE if so
 */
static inline bool compat_is_aggressive(peer_cfg_t *cfg)
{
#ifdef HAS_USE_AGGRESSIVE
	return cfg->use_aggressive(cfg);
#else
	return cfg->has_option(cfg, OPT_IKEV1_AGGRESSIVE);
#endif
}

/**
 * Was charon built with IKEv1?  Since 6.1 it is not by default.
 *
 * @return				TRUE if so
 */
static inline bool compat_has_ikev1(void)
{
	return dlsym(RTLD_DEFAULT, "task_manager_v1_create") != NULL;
}

#endif
