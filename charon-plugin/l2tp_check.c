/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Says what connections and charon's own settings lack to carry L2TP.
 */

#include "charon-plugin/l2tp_check.h"
#include "charon-plugin/l2tp_record.h"
#include "charon-plugin/l2tp_rules.h"

#include <collections/linked_list.h>
#include <threading/mutex.h>

/** Room for all settings in one line */
#define NEEDS_MAX 512

/** charon.block_threshold: what it is by default, and what offices need */
#define BLOCK_DEFAULT 5
#define BLOCK_WISE 100

typedef struct private_l2tp_check_t private_l2tp_check_t;

/**
 * Private data of an l2tp_check_t object.
 */
struct private_l2tp_check_t {

	/**
	 * Public interface.
	 */
	l2tp_check_t public;

	/**
	 * What was last said, as said_t
	 */
	linked_list_t *said;

	/**
	 * Lock for the list
	 */
	mutex_t *mutex;
};

/**
 * What was last said about one child
 */
typedef struct {
	/** "connection/child" */
	char *name;
	/** settings that it lacks, "" if none */
	char *text;
} said_t;

/**
 * Remember what is said about a child; is it news?
 */
static bool is_news(private_l2tp_check_t *this, const char *name,
					const char *text)
{
	enumerator_t *enumerator;
	said_t *said, *found = NULL;
	bool news;

	this->mutex->lock(this->mutex);
	enumerator = this->said->create_enumerator(this->said);
	while (!found && enumerator->enumerate(enumerator, &said))
	{
		if (streq(said->name, name))
		{
			found = said;
		}
	}
	enumerator->destroy(enumerator);
	if (!found)
	{
		INIT(found,
			.name = strdup(name),
			.text = strdup(""),
		);
		this->said->insert_last(this->said, found);
	}
	news = !streq(found->text, text);
	if (news)
	{
		free(found->text);
		found->text = strdup(text);
	}
	this->mutex->unlock(this->mutex);
	return news;
}

/**
 * Say what is missing: all in one line if it cannot carry L2TP, else each with
 * what comes of it
 */
static void complain(peer_cfg_t *peer_cfg, child_cfg_t *child_cfg, bool usable,
					 const char *text)
{
	int i;

	if (!usable)
	{
		DBG1(DBG_CFG,
			 "l2tp: child '%s' of connection '%s' cannot carry L2TP, "
			 "its clients are not served; set in swanctl.conf: %s",
			 child_cfg->get_name(child_cfg), peer_cfg->get_name(peer_cfg),
			 text);
		return;
	}
	for (i = 0; i < l2tp_rules_count; i++)
	{
		if (!l2tp_rules[i].holds(peer_cfg, child_cfg))
		{
			DBG1(DBG_CFG, "l2tp: connection '%s': %s; set in swanctl.conf: %s",
				 peer_cfg->get_name(peer_cfg), l2tp_rules[i].else_what,
				 l2tp_rules[i].setting);
		}
	}
}

METHOD(l2tp_check_t, child, bool,
	private_l2tp_check_t *this, peer_cfg_t *peer_cfg, child_cfg_t *child_cfg)
{
	char name[BUS_TEXT_LEN], text[NEEDS_MAX] = "";
	size_t len = 0;
	bool usable = TRUE;
	int i;

	for (i = 0; i < l2tp_rules_count; i++)
	{
		if (!l2tp_rules[i].holds(peer_cfg, child_cfg))
		{
			len += snprintf(text + len, sizeof(text) - len, "%s%s",
							len ? ", " : "", l2tp_rules[i].setting);
			usable = usable && l2tp_rules[i].else_what;
		}
	}
	snprintf(name, sizeof(name), "%s/%s", peer_cfg->get_name(peer_cfg),
			 child_cfg->get_name(child_cfg));
	if (is_news(this, name, text) && text[0])
	{
		complain(peer_cfg, child_cfg, usable, text);
	}
	return usable;
}

/**
 * Is a child's local_ts 17/1701?
 */
static bool is_for_l2tp(child_cfg_t *cfg)
{
	linked_list_t *list;
	enumerator_t *enumerator;
	traffic_selector_t *ts;
	bool found = FALSE;

	list = compat_get_ts(cfg, TRUE);
	enumerator = list->create_enumerator(list);
	while (enumerator->enumerate(enumerator, &ts))
	{
		found = found || l2tp_record_is_l2tp(ts);
	}
	enumerator->destroy(enumerator);
	list->destroy_offset(list, offsetof(traffic_selector_t, destroy));
	return found;
}

METHOD(l2tp_check_t, concerns, bool,
	private_l2tp_check_t *this, peer_cfg_t *peer_cfg)
{
	enumerator_t *enumerator;
	child_cfg_t *child_cfg;
	bool found = FALSE;

	enumerator = peer_cfg->create_child_cfg_enumerator(peer_cfg);
	while (enumerator->enumerate(enumerator, &child_cfg))
	{
		found = found || is_for_l2tp(child_cfg);
	}
	enumerator->destroy(enumerator);
	return found;
}

METHOD(l2tp_check_t, connection, void,
	private_l2tp_check_t *this, peer_cfg_t *peer_cfg)
{
	enumerator_t *enumerator;
	child_cfg_t *child_cfg;

	enumerator = peer_cfg->create_child_cfg_enumerator(peer_cfg);
	while (enumerator->enumerate(enumerator, &child_cfg))
	{
		if (is_for_l2tp(child_cfg))
		{
			child(this, peer_cfg, child_cfg);
		}
	}
	enumerator->destroy(enumerator);
}

METHOD(l2tp_check_t, is_l2tp_only, bool,
	private_l2tp_check_t *this, peer_cfg_t *peer_cfg)
{
	enumerator_t *enumerator;
	child_cfg_t *child_cfg;
	bool any = FALSE, other = FALSE;

	enumerator = peer_cfg->create_child_cfg_enumerator(peer_cfg);
	while (enumerator->enumerate(enumerator, &child_cfg))
	{
		any = TRUE;
		other = other || !is_for_l2tp(child_cfg);
	}
	enumerator->destroy(enumerator);
	return any && !other;
}

/**
 * Can the clients of an office all dial at once?
 */
static void check_block_threshold(private_l2tp_check_t *this)
{
	char text[NEEDS_MAX] = "";
	int limit;

	limit = lib->settings->get_int(lib->settings, "%s.block_threshold",
								   BLOCK_DEFAULT, lib->ns);
	if (limit > 0 && limit < BLOCK_WISE &&
		lib->settings->get_bool(lib->settings, "%s.dos_protection", TRUE,
								lib->ns))
	{
		snprintf(text, sizeof(text), "%d", limit);
	}
	if (is_news(this, "block_threshold", text) && text[0])
	{
		DBG1(DBG_CFG,
			 "l2tp: behind one NAT no more than %d clients can dial at the "
			 "same time; set in strongswan.conf: charon.block_threshold = %d",
			 limit, BLOCK_WISE);
	}
}

METHOD(l2tp_check_t, all, void,
	private_l2tp_check_t *this)
{
	enumerator_t *enumerator;
	peer_cfg_t *peer_cfg;

	check_block_threshold(this);

	enumerator = charon->backends->create_peer_cfg_enumerator(
		charon->backends, NULL, NULL, NULL, NULL, IKE_ANY);
	while (enumerator->enumerate(enumerator, &peer_cfg))
	{
		connection(this, peer_cfg);
	}
	enumerator->destroy(enumerator);
}

/**
 * Clean up an entry of the list
 */
static void said_destroy(said_t *said)
{
	free(said->name);
	free(said->text);
	free(said);
}

METHOD(l2tp_check_t, destroy, void,
	private_l2tp_check_t *this)
{
	this->said->destroy_function(this->said, (void *)said_destroy);
	this->mutex->destroy(this->mutex);
	free(this);
}

/*
 * Described in header
 */
l2tp_check_t *l2tp_check_create(void)
{
	private_l2tp_check_t *this;

	INIT(this,
		.public = {
			.child = _child,
			.concerns = _concerns,
			.connection = _connection,
			.is_l2tp_only = _is_l2tp_only,
			.all = _all,
			.destroy = _destroy,
		},
		.said = linked_list_create(),
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
	);

	return &this->public;
}
