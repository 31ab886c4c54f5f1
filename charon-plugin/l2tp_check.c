/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a connection lacks to carry L2TP.  Why each setting is needed is told
 * in the samples conf/swanctl-l2tp-*.conf.
 */

#include "charon-plugin/l2tp_check.h"
#include "charon-plugin/l2tp_record.h"

#include <collections/linked_list.h>
#include <threading/mutex.h>

/** Room for all settings in one line */
#define NEEDS_MAX 512

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

static bool has_mode(child_cfg_t *cfg)
{
	return cfg->get_mode(cfg) == MODE_TRANSPORT;
}

static bool has_mark(child_cfg_t *cfg)
{
	mark_t mark = cfg->get_mark(cfg, TRUE);

	return MARK_IS_UNIQUE(mark.value) && mark.mask == 0xffffffff;
}

static bool has_set_mark(child_cfg_t *cfg)
{
	mark_t mark = cfg->get_set_mark(cfg, TRUE);

	return mark.value == MARK_SAME && mark.mask == 0xffffffff;
}

static bool has_no_policies(child_cfg_t *cfg)
{
	return cfg->has_option(cfg, OPT_NO_POLICIES);
}

static bool has_unmarked_sa(child_cfg_t *cfg)
{
	return !cfg->has_option(cfg, OPT_MARK_IN_SA);
}

static bool has_no_mark_out(child_cfg_t *cfg)
{
	mark_t mark = cfg->get_mark(cfg, FALSE);

	return mark.value == 0 && mark.mask == 0;
}

static bool has_own_reqid(child_cfg_t *cfg)
{
	return cfg->get_reqid(cfg) == 0;
}

static bool has_no_ipcomp(child_cfg_t *cfg)
{
	return !cfg->has_option(cfg, OPT_IPCOMP);
}

/**
 * What a child needs, and how that is said in swanctl.conf
 */
static const struct {
	bool (*holds)(child_cfg_t *cfg);
	const char *setting;
} needs[] = {
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
	/* sockets are tied to their SA by it */
	{has_own_reqid, "no reqid"},
	/* their policies ask for ESP and nothing else */
	{has_no_ipcomp, "ipcomp = no"},
};

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

METHOD(l2tp_check_t, child, bool,
	private_l2tp_check_t *this, peer_cfg_t *peer_cfg, child_cfg_t *child_cfg)
{
	char name[BUS_TEXT_LEN], text[NEEDS_MAX] = "";
	size_t len = 0;
	bool usable, unique;
	int i;

	for (i = 0; i < countof(needs); i++)
	{
		if (!needs[i].holds(child_cfg))
		{
			len += snprintf(text + len, sizeof(text) - len, "%s%s",
							len ? ", " : "", needs[i].setting);
		}
	}
	usable = len == 0;
	unique = peer_cfg->get_unique_policy(peer_cfg) == UNIQUE_NEVER;
	if (!unique)
	{
		len += snprintf(text + len, sizeof(text) - len, "%s%s", len ? ", " : "",
						"unique = never");
	}
	snprintf(name, sizeof(name), "%s/%s", peer_cfg->get_name(peer_cfg),
			 child_cfg->get_name(child_cfg));
	if (!is_news(this, name, text) || len == 0)
	{
		return usable;
	}
	if (usable)
	{
		DBG1(DBG_CFG,
			 "l2tp: clients of connection '%s' with equal identities "
			 "can replace each other; set in swanctl.conf: unique = never",
			 peer_cfg->get_name(peer_cfg));
	}
	else
	{
		DBG1(DBG_CFG,
			 "l2tp: child '%s' of connection '%s' cannot carry L2TP, "
			 "its clients are not served; set in swanctl.conf: %s",
			 child_cfg->get_name(child_cfg), peer_cfg->get_name(peer_cfg),
			 text);
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

	list = compat_local_ts(cfg);
	enumerator = list->create_enumerator(list);
	while (enumerator->enumerate(enumerator, &ts))
	{
		found = found || l2tp_record_is_l2tp(ts);
	}
	enumerator->destroy(enumerator);
	list->destroy_offset(list, offsetof(traffic_selector_t, destroy));
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

METHOD(l2tp_check_t, all, void,
	private_l2tp_check_t *this)
{
	enumerator_t *enumerator;
	peer_cfg_t *peer_cfg;

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
			.connection = _connection,
			.all = _all,
			.destroy = _destroy,
		},
		.said = linked_list_create(),
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
	);

	return &this->public;
}
