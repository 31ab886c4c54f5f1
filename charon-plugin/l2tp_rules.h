/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a child of swanctl.conf has to say to carry L2TP, as a table.
 */

/**
 * @defgroup l2tp_rules l2tp_rules
 * @{ @ingroup l2tp
 */
#ifndef L2TP_RULES_H_
#define L2TP_RULES_H_

#include "charon-plugin/compat.h"

/**
 * One setting.
 */
typedef struct {
	/** Does this child of this connection keep to the rule? */
	bool (*holds)(peer_cfg_t *peer_cfg, child_cfg_t *child_cfg);
	/** how that is said in swanctl.conf */
	const char *setting;
	/** what happens otherwise; NULL: it cannot carry L2TP */
	const char *else_what;
} l2tp_rule_t;

/**
 * All of them; those without which there is no L2TP come first.
 */
extern const l2tp_rule_t l2tp_rules[];
extern const int l2tp_rules_count;

#endif /** L2TP_RULES_H_ @}*/
