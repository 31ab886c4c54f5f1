/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * charon's hooks.  Each describes the CHILD_SA as it is now, and the table
 * tells from the difference what has happened; so events that charon does not
 * raise, or raises in another order, do no harm.
 */

#include "charon-plugin/l2tp_listener.h"
#include "charon-plugin/l2tp_record.h"

#include "lib/bus/msg.h"
#include "lib/bus/names.h"

#include <threading/mutex.h>

#include <sys/random.h>

typedef struct private_l2tp_listener_t private_l2tp_listener_t;

/**
 * Private data of an l2tp_listener_t object.
 */
struct private_l2tp_listener_t {

	/**
	 * Public interface.
	 */
	l2tp_listener_t public;

	/**
	 * What mark means which SA
	 */
	l2tp_binding_t *bindings;

	/**
	 * Tells what connections lack
	 */
	l2tp_check_t *check;

	/**
	 * Where events go
	 */
	l2tp_socket_t *socket;

	/**
	 * Random number of this run of charon: marks begin anew with each
	 */
	uint32_t instance;

	/**
	 * Lock for the table; held until the event is queued, so that clients see
	 * events and listings in the order of the changes.  Locked before that of
	 * the socket.
	 */
	mutex_t *mutex;
};

/**
 * Publish an event; mutex held
 */
static void publish(private_l2tp_listener_t *this, const char *event,
					const struct bus_sa *sa)
{
	uint8_t buf[BUS_RECORD_MAX];
	struct msg_out out;
	struct view msg;

	if (this->socket->has_listeners(this->socket, event))
	{
		msg_init(&out, buf, sizeof(buf));
		bus_write(&out, &bus_sa_record, sa);
		if (msg_done(&out, &msg) == 0)
		{
			this->socket->publish(this->socket, event, msg);
		}
	}
}

static uint32_t get_mark(child_sa_t *child_sa)
{
	return child_sa->get_mark(child_sa, TRUE).value;
}

/**
 * Does a mark mean this CHILD_SA now?
 */
static bool is_current(private_l2tp_listener_t *this, child_sa_t *child_sa)
{
	bool current;

	this->mutex->lock(this->mutex);
	current = this->bindings->is_current(this->bindings, get_mark(child_sa),
										 child_sa->get_unique_id(child_sa));
	this->mutex->unlock(this->mutex);
	return current;
}

/**
 * The CHILD_SA is what its mark means now: publish what has changed
 */
static void put(private_l2tp_listener_t *this, ike_sa_t *ike_sa,
				child_sa_t *child_sa)
{
	struct bus_sa sa;
	const char *event;

	l2tp_record_fill(&sa, ike_sa, child_sa);
	sa.instance = this->instance;
	this->mutex->lock(this->mutex);
	event = this->bindings->put(this->bindings, &sa);
	if (event)
	{
		publish(this, event, &sa);
	}
	this->mutex->unlock(this->mutex);
}

/**
 * Is a CHILD_SA's local traffic selector 17/1701?
 */
static bool is_for_l2tp(child_sa_t *child_sa)
{
	enumerator_t *enumerator;
	traffic_selector_t *ts;
	bool found = FALSE;

	enumerator = child_sa->create_ts_enumerator(child_sa, TRUE);
	while (!found && enumerator->enumerate(enumerator, &ts))
	{
		found = l2tp_record_is_l2tp(ts);
	}
	enumerator->destroy(enumerator);
	return found;
}

/**
 * Can a CHILD_SA carry tunnels?  If it is meant to and cannot, says why.
 */
static bool is_usable(private_l2tp_listener_t *this, ike_sa_t *ike_sa,
					  child_sa_t *child_sa)
{
	if (!is_for_l2tp(child_sa) ||
		!this->check->child(this->check, ike_sa->get_peer_cfg(ike_sa),
							child_sa->get_config(child_sa)))
	{
		return FALSE;
	}
	if (child_sa->get_mode(child_sa) != MODE_TRANSPORT ||
		child_sa->get_protocol(child_sa) != PROTO_ESP)
	{
		DBG1(DBG_CFG,
			 "l2tp: '%Y' at %H negotiated %N in %N mode, L2TP needs "
			 "ESP in TRANSPORT mode: CHILD_SA %s{%u} cannot be used",
			 ike_sa->get_other_id(ike_sa), ike_sa->get_other_host(ike_sa),
			 protocol_id_names, child_sa->get_protocol(child_sa),
			 ipsec_mode_names, child_sa->get_mode(child_sa),
			 child_sa->get_name(child_sa), child_sa->get_unique_id(child_sa));
		return FALSE;
	}
	if (l2tp_record_is_link_local(ike_sa->get_my_host(ike_sa)) ||
		l2tp_record_is_link_local(ike_sa->get_other_host(ike_sa)))
	{
		DBG1(
			DBG_CFG,
			"l2tp: '%Y' at %H called %H: link-local addresses are not served, "
			"neighbours on two links may have the same: CHILD_SA %s{%u} cannot "
			"be used",
			ike_sa->get_other_id(ike_sa), ike_sa->get_other_host(ike_sa),
			ike_sa->get_my_host(ike_sa), child_sa->get_name(child_sa),
			child_sa->get_unique_id(child_sa));
		return FALSE;
	}
	return TRUE;
}

/**
 * Another CHILD_SA with the same mark that is in use: two rekeys at the same
 * time leave one behind
 */
static child_sa_t *find_other(ike_sa_t *ike_sa, child_sa_t *child_sa)
{
	enumerator_t *enumerator;
	child_sa_t *other, *found = NULL;

	enumerator = ike_sa->create_child_sa_enumerator(ike_sa);
	while (!found && enumerator->enumerate(enumerator, &other))
	{
		if (other->get_unique_id(other) != child_sa->get_unique_id(child_sa) &&
			get_mark(other) == get_mark(child_sa) &&
			other->get_state(other) == CHILD_INSTALLED)
		{
			found = other;
		}
	}
	enumerator->destroy(enumerator);
	return found;
}

/**
 * Is something being deleted by a task of this queue?  In the passive one are
 * those that the peer has asked for.
 */
static bool is_deleting(ike_sa_t *ike_sa, task_queue_t queue)
{
	enumerator_t *tasks;
	task_t *task;
	bool found = FALSE;

	tasks = ike_sa->create_task_enumerator(ike_sa, queue);
	while (!found && tasks->enumerate(tasks, &task))
	{
		switch (task->get_type(task))
		{
			case TASK_INFORMATIONAL:
			case TASK_ISAKMP_DELETE:
			case TASK_QUICK_DELETE:
			case TASK_IKE_DELETE:
			case TASK_CHILD_DELETE:
				found = TRUE;
				break;
			default:
				break;
		}
	}
	tasks->destroy(tasks);
	return found;
}

/**
 * Why a CHILD_SA ends, as far as charon's state tells
 */
static const char *get_reason(ike_sa_t *ike_sa, child_sa_t *child_sa)
{
	time_t lifetime = child_sa->get_lifetime(child_sa, TRUE);

	if (is_deleting(ike_sa, TASK_QUEUE_PASSIVE))
	{
		return "closed by the peer";
	}
	if (lifetime && lifetime <= time_monotonic(NULL))
	{
		return "closed by charon: its lifetime is over, and it was not rekeyed";
	}
	if (is_deleting(ike_sa, TASK_QUEUE_ACTIVE))
	{
		return "closed by charon: terminated by an administrator, or charon "
			   "stops";
	}
	return "closed by charon";
}

/**
 * A CHILD_SA that a mark means is gone, and no other takes its place
 */
static void remove_binding(private_l2tp_listener_t *this, ike_sa_t *ike_sa,
						   child_sa_t *child_sa)
{
	struct bus_sa sa;
	uint32_t mark = get_mark(child_sa);
	const char *reason = get_reason(ike_sa, child_sa);

	this->mutex->lock(this->mutex);
	this->bindings->set_reason(this->bindings, mark, reason);
	if (this->bindings->remove(this->bindings, mark, &sa))
	{
		sa.by_peer = is_deleting(ike_sa, TASK_QUEUE_PASSIVE);
		publish(this, BUS_EV_SA_DOWN, &sa);
	}
	this->mutex->unlock(this->mutex);
}

METHOD(listener_t, child_updown, bool,
	private_l2tp_listener_t *this, ike_sa_t *ike_sa, child_sa_t *child_sa,
	bool up)
{
	child_sa_t *other;

	if (up)
	{
		if (is_usable(this, ike_sa, child_sa))
		{
			put(this, ike_sa, child_sa);
		}
	}
	else if (is_current(this, child_sa))
	{
		other = find_other(ike_sa, child_sa);
		if (other)
		{
			put(this, ike_sa, other);
		}
		else
		{
			remove_binding(this, ike_sa, child_sa);
		}
	}
	return TRUE;
}

METHOD(listener_t, child_rekey, bool,
	private_l2tp_listener_t *this, ike_sa_t *ike_sa, child_sa_t *old,
	child_sa_t *new)
{
	if (is_usable(this, ike_sa, new))
	{
		put(this, ike_sa, new);
	}
	return TRUE;
}

/*
 * child_updown() is not called for each CHILD_SA that ends, and ike_update()
 * comes before the addresses are set: both are seen as a change of state.
 */
METHOD(listener_t, child_state_change, bool,
	private_l2tp_listener_t *this, ike_sa_t *ike_sa, child_sa_t *child_sa,
	child_sa_state_t state)
{
	if (ike_sa && is_current(this, child_sa))
	{
		switch (state)
		{
			case CHILD_DESTROYING:
				child_updown(this, ike_sa, child_sa, FALSE);
				break;
			case CHILD_INSTALLED:
			case CHILD_REKEYING:
				put(this, ike_sa, child_sa);
				break;
			default:
				break;
		}
	}
	return TRUE;
}

/**
 * Look again at all CHILD_SAs of an IKE_SA
 */
static void put_all(private_l2tp_listener_t *this, ike_sa_t *ike_sa)
{
	enumerator_t *enumerator;
	child_sa_t *child_sa;

	enumerator = ike_sa->create_child_sa_enumerator(ike_sa);
	while (enumerator->enumerate(enumerator, &child_sa))
	{
		if (is_current(this, child_sa))
		{
			put(this, ike_sa, child_sa);
		}
	}
	enumerator->destroy(enumerator);
}

METHOD(listener_t, ike_rekey, bool,
	private_l2tp_listener_t *this, ike_sa_t *old, ike_sa_t *new)
{
	put_all(this, new);
	return TRUE;
}

METHOD(listener_t, children_migrate, bool,
	private_l2tp_listener_t *this, ike_sa_t *ike_sa, ike_sa_id_t *new,
	uint32_t unique)
{
	/* called for the old IKE_SA first, with the id of the new one */
	if (!new)
	{
		put_all(this, ike_sa);
	}
	return TRUE;
}

METHOD(listener_t, ike_updown, bool,
	private_l2tp_listener_t *this, ike_sa_t *ike_sa, bool up)
{
	enumerator_t *enumerator;
	child_sa_t *child_sa;

	if (up)
	{
		this->check->connection(this->check, ike_sa->get_peer_cfg(ike_sa));
		return TRUE;
	}
	enumerator = ike_sa->create_child_sa_enumerator(ike_sa);
	while (enumerator->enumerate(enumerator, &child_sa))
	{
		if (is_current(this, child_sa))
		{
			remove_binding(this, ike_sa, child_sa);
		}
	}
	enumerator->destroy(enumerator);
	return TRUE;
}

METHOD(listener_t, alert, bool,
	private_l2tp_listener_t *this, ike_sa_t *ike_sa, alert_t alert,
	va_list args)
{
	enumerator_t *enumerator;
	child_sa_t *child_sa;

	if (alert != ALERT_RETRANSMIT_SEND_TIMEOUT || !ike_sa)
	{
		return TRUE;
	}
	enumerator = ike_sa->create_child_sa_enumerator(ike_sa);
	while (enumerator->enumerate(enumerator, &child_sa))
	{
		if (is_current(this, child_sa))
		{
			this->mutex->lock(this->mutex);
			this->bindings->set_reason(this->bindings, get_mark(child_sa),
									   "the peer does not answer");
			this->mutex->unlock(this->mutex);
		}
	}
	enumerator->destroy(enumerator);
	return TRUE;
}

METHOD(l2tp_listener_t, enumerate, void,
	private_l2tp_listener_t *this, l2tp_binding_cb_t cb, void *data)
{
	this->mutex->lock(this->mutex);
	this->bindings->enumerate(this->bindings, cb, data);
	this->mutex->unlock(this->mutex);
}

METHOD(l2tp_listener_t, get_instance, uint32_t,
	private_l2tp_listener_t *this)
{
	return this->instance;
}

METHOD(l2tp_listener_t, closing, bool,
	private_l2tp_listener_t *this, uint32_t mark, const char *reason,
	struct bus_sa *sa)
{
	bool found;

	this->mutex->lock(this->mutex);
	this->bindings->set_reason(this->bindings, mark, reason);
	found = this->bindings->get(this->bindings, mark, sa);
	this->mutex->unlock(this->mutex);
	return found;
}

METHOD(l2tp_listener_t, knows, bool,
	private_l2tp_listener_t *this, const struct bus_sa *sa)
{
	bool known;

	this->mutex->lock(this->mutex);
	known = this->bindings->knows(this->bindings, sa);
	this->mutex->unlock(this->mutex);
	return known;
}

METHOD(l2tp_listener_t, destroy, void,
	private_l2tp_listener_t *this)
{
	this->bindings->destroy(this->bindings);
	this->mutex->destroy(this->mutex);
	free(this);
}

/*
 * Described in header
 */
l2tp_listener_t *l2tp_listener_create(l2tp_check_t *check,
									  l2tp_socket_t *socket)
{
	private_l2tp_listener_t *this;

	INIT(this,
		.public = {
			.listener = {
				.alert = _alert,
				.child_state_change = _child_state_change,
				.child_updown = _child_updown,
				.child_rekey = _child_rekey,
				.children_migrate = _children_migrate,
				.ike_rekey = _ike_rekey,
				.ike_updown = _ike_updown,
			},
			.enumerate = _enumerate,
			.get_instance = _get_instance,
			.closing = _closing,
			.knows = _knows,
			.destroy = _destroy,
		},
		.bindings = l2tp_binding_create(),
		.check = check,
		.socket = socket,
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
	);
	/* short requests are always served whole (getrandom(2)) */
	while (getrandom(&this->instance, sizeof(this->instance), 0) < 0 ||
		   !this->instance)
	{
	}

	return &this->public;
}
