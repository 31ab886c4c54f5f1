/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * charon's plugin "l2tp": tells l2tpd which CHILD_SA is which client.
 */

/**
 * @defgroup l2tp l2tp
 * @ingroup cplugins
 *
 * @defgroup l2tp_plugin l2tp_plugin
 * @{ @ingroup l2tp
 */
#ifndef L2TP_PLUGIN_H_
#define L2TP_PLUGIN_H_

#include <plugins/plugin.h>

/**
 * Create the plugin; called by charon's plugin loader.
 *
 * @return				plugin
 */
plugin_t *l2tp_plugin_create(void);

#endif /** L2TP_PLUGIN_H_ @}*/
