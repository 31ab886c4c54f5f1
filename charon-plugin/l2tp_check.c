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

static bool has_no_if_id(child_cfg_t *cfg)
{
	return cfg->get_if_id(cfg, TRUE) == 0 && cfg->get_if_id(cfg, FALSE) == 0;
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
	/* sockets belong to no interface of XFRM's */
	{has_no_if_id, "no if_id_in, no if_id_out"},
	/* sockets are tied to their SA by it */
	{has_own_reqid, "no reqid"},
	/* their policies ask for ESP and nothing else */
	{has_no_ipcomp, "ipcomp = no"},
};

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

/**
 * What it had better have, and what happens if not: clients are served
 */
static const struct {
	bool (*holds)(peer_cfg_t *peer_cfg, child_cfg_t *child_cfg);
	const char *setting;
	const char *else_what;
} wishes[] = {
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
 * Append a setting to those that a child lacks
 */
static void append(char text[NEEDS_MAX], const char *setting)
{
	size_t len = strlen(text);

	snprintf(text + len, NEEDS_MAX - len, "%s%s", len ? ", " : "", setting);
}

/**
 * Say what is missing
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
	for (i = 0; i < countof(wishes); i++)
	{
		if (!wishes[i].holds(peer_cfg, child_cfg))
		{
			DBG1(DBG_CFG, "l2tp: connection '%s': %s; set in swanctl.conf: %s",
				 peer_cfg->get_name(peer_cfg), wishes[i].else_what,
				 wishes[i].setting);
		}
	}
}

METHOD(l2tp_check_t, child, bool,
	private_l2tp_check_t *this, peer_cfg_t *peer_cfg, child_cfg_t *child_cfg)
{
	char name[BUS_TEXT_LEN], text[NEEDS_MAX] = "";
	bool usable;
	int i;

	for (i = 0; i < countof(needs); i++)
	{
		if (!needs[i].holds(child_cfg))
		{
			append(text, needs[i].setting);
		}
	}
	usable = !text[0];
	for (i = 0; i < countof(wishes); i++)
	{
		if (!wishes[i].holds(peer_cfg, child_cfg))
		{
			append(text, wishes[i].setting);
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
