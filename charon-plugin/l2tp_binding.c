/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which CHILD_SA a mark means now; tells from the difference between two
 * records what has happened.  See the header.
 */

#include "charon-plugin/l2tp_binding.h"
#include "charon-plugin/l2tp_known.h"

#include "lib/base/list.h"
#include "lib/base/map.h"
#include "lib/bus/msg.h"
#include "lib/bus/names.h"

/** How long a peer without an SA is known: a reauthentication takes less */
#define MEMORY (60 * USEC_PER_S)

typedef struct private_l2tp_binding_t private_l2tp_binding_t;

/**
 * Private data of an l2tp_binding_t object.
 */
struct private_l2tp_binding_t {

	/**
	 * Public interface.
	 */
	l2tp_binding_t public;

	/**
	 * Bindings by mark, as entry_t.
	 */
	struct map map;

	/**
	 * Whose they are
	 */
	l2tp_known_t *known;
};

/**
 * One binding.
 */
typedef struct {
	/** place in the map */
	struct map_node node;
	/** what decrypted packets carry */
	uint32_t mark;
	/** unique id of the CHILD_SA that it means now */
	uint32_t child_id;
	/** unique id of that CHILD_SA's IKE_SA */
	uint32_t ike_id;
	/** whose it is */
	uint64_t peer;
	/** why it is about to end, NULL if unknown */
	char *reason;
	/** the record as a message */
	struct view msg;
} entry_t;

/**
 * Clean up a binding
 */
static void entry_destroy(entry_t *entry)
{
	free((void *)entry->msg.p);
	free(entry->reason);
	free(entry);
}

static bool has_mark(const struct map_node *node, const void *key)
{
	return container_of(node, const entry_t, node)->mark ==
		   *(const uint32_t *)key;
}

static entry_t *find(private_l2tp_binding_t *this, uint32_t mark)
{
	struct map_node *node;

	node = map_find(&this->map, map_hash(&mark, sizeof(mark)), has_mark, &mark);
	return node ? container_of(node, entry_t, node) : NULL;
}

/**
 * Keep a copy of the record in a binding
 */
static void store(entry_t *entry, const struct bus_sa *sa, struct view msg)
{
	free((void *)entry->msg.p);
	entry->msg.p = memcpy(malloc(msg.len), msg.p, msg.len);
	entry->msg.len = msg.len;
	entry->child_id = sa->child_id;
	entry->ike_id = sa->ike_id;
}

/**
 * The owner of a binding may have got another address or identity
 */
static void set_peer(private_l2tp_binding_t *this, entry_t *entry,
					 const struct bus_sa *sa)
{
	uint64_t peer = l2tp_known_hash(sa);

	if (entry->peer != peer)
	{
		this->known->add(this->known, peer);
		this->known->remove(this->known, entry->peer, clock_now());
		entry->peer = peer;
	}
}

METHOD(l2tp_binding_t, put, const char*,
	private_l2tp_binding_t *this, const struct bus_sa *sa)
{
	uint8_t buf[BUS_RECORD_MAX];
	struct msg_out out;
	struct view msg;
	entry_t *entry;
	const char *event;

	msg_init(&out, buf, sizeof(buf));
	bus_write(&out, &bus_sa_record, sa);
	if (msg_done(&out, &msg) < 0)
	{
		return NULL;
	}
	entry = find(this, sa->mark);
	if (!entry)
	{
		INIT(entry,
			.mark = sa->mark,
		);
		store(entry, sa, msg);
		if (map_add(&this->map, &entry->node,
					map_hash(&entry->mark, sizeof(entry->mark))) < 0)
		{
			entry_destroy(entry);
			return NULL;
		}
		set_peer(this, entry, sa);
		return BUS_EV_SA_UP;
	}
	if (entry->msg.len == msg.len && memcmp(entry->msg.p, msg.p, msg.len) == 0)
	{
		return NULL;
	}
	if (entry->child_id != sa->child_id)
	{
		event = BUS_EV_SA_REKEY;
	}
	else if (entry->ike_id != sa->ike_id)
	{
		event = BUS_EV_SA_MIGRATE;
	}
	else
	{
		event = BUS_EV_SA_UPDATE;
	}
	store(entry, sa, msg);
	set_peer(this, entry, sa);
	return event;
}

METHOD(l2tp_binding_t, is_current, bool,
	private_l2tp_binding_t *this, uint32_t mark, uint32_t child_id)
{
	entry_t *entry = find(this, mark);

	return entry && entry->child_id == child_id;
}

METHOD(l2tp_binding_t, set_reason, void,
	private_l2tp_binding_t *this, uint32_t mark, const char *reason)
{
	entry_t *entry = find(this, mark);

	if (entry && !entry->reason)
	{
		entry->reason = strdup(reason);
	}
}

/**
 * Give out a binding's record
 */
static bool read_entry(entry_t *entry, struct bus_sa *sa)
{
	if (bus_read(entry->msg, &bus_sa_record, sa) < 0)
	{
		return FALSE;
	}
	if (entry->reason)
	{
		view_to_str((struct view){(uint8_t *)entry->reason,
								  strnlen(entry->reason, BUS_TEXT_LEN - 1)},
					sa->reason, sizeof(sa->reason));
	}
	return TRUE;
}

METHOD(l2tp_binding_t, get, bool,
	private_l2tp_binding_t *this, uint32_t mark, struct bus_sa *sa)
{
	entry_t *entry = find(this, mark);

	return entry && read_entry(entry, sa);
}

METHOD(l2tp_binding_t, remove_, bool,
	private_l2tp_binding_t *this, uint32_t mark, struct bus_sa *sa)
{
	entry_t *entry = find(this, mark);
	bool found;

	if (!entry)
	{
		return FALSE;
	}
	found = read_entry(entry, sa);
	this->known->remove(this->known, entry->peer, clock_now());
	map_del(&this->map, &entry->node);
	entry_destroy(entry);
	return found;
}

METHOD(l2tp_binding_t, knows, bool,
	private_l2tp_binding_t *this, const struct bus_sa *sa)
{
	return this->known->has(this->known, l2tp_known_hash(sa), clock_now());
}

METHOD(l2tp_binding_t, enumerate, void,
	private_l2tp_binding_t *this, l2tp_binding_cb_t cb, void *data)
{
	struct map_node *node = NULL;

	while ((node = map_next(&this->map, node)))
	{
		cb(data, container_of(node, entry_t, node)->msg);
	}
}

METHOD(l2tp_binding_t, destroy, void,
	private_l2tp_binding_t *this)
{
	struct map_node *node;

	while ((node = map_next(&this->map, NULL)))
	{
		map_del(&this->map, node);
		entry_destroy(container_of(node, entry_t, node));
	}
	map_done(&this->map);
	this->known->destroy(this->known);
	free(this);
}

/*
 * Described in header
 */
l2tp_binding_t *l2tp_binding_create(void)
{
	private_l2tp_binding_t *this;

	INIT(this,
		.public = {
			.put = _put,
			.is_current = _is_current,
			.set_reason = _set_reason,
			.get = _get,
			.remove = _remove_,
			.knows = _knows,
			.enumerate = _enumerate,
			.destroy = _destroy,
		},
		.known = l2tp_known_create(MEMORY),
	);
	map_init(&this->map);

	return &this->public;
}
