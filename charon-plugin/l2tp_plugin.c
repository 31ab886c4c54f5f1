/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Constructor, features, and the order in which the parts start and stop.
 */

#include "charon-plugin/l2tp_plugin.h"
#include "charon-plugin/l2tp_check.h"
#include "charon-plugin/l2tp_control.h"
#include "charon-plugin/l2tp_gate.h"
#include "charon-plugin/l2tp_listener.h"
#include "charon-plugin/l2tp_refusal.h"
#include "charon-plugin/l2tp_socket.h"

/** The two symbols that charon looks for */
#define ENTRY __attribute__((visibility("default")))

typedef struct private_l2tp_plugin_t private_l2tp_plugin_t;

/**
 * Private data of the plugin.
 */
struct private_l2tp_plugin_t {

	/**
	 * Implements plugin interface.
	 */
	plugin_t public;

	/**
	 * Tells what connections lack
	 */
	l2tp_check_t *check;

	/**
	 * Server of the bus
	 */
	l2tp_socket_t *socket;

	/**
	 * charon's hooks
	 */
	l2tp_listener_t *listener;

	/**
	 * Tells why clients were refused
	 */
	l2tp_refusal_t *refusal;

	/**
	 * Keeps new clients out when nobody would serve them
	 */
	l2tp_gate_t *gate;

	/**
	 * Commands of the bus
	 */
	l2tp_control_t *control;
};

/**
 * The version that this was built for: since 6.0.3 charon refuses others,
 * whose objects are laid out differently
 */
ENTRY const char *l2tp_plugin_version;
const char *l2tp_plugin_version = STRONGSWAN_VERSION;

METHOD(plugin_t, get_name, char*,
	private_l2tp_plugin_t *this)
{
	return "l2tp";
}

/**
 * Start when charon is ready, stop before anything that is used goes away
 */
static bool plugin_cb(private_l2tp_plugin_t *this, plugin_feature_t *feature,
					  bool reg, void *cb_data)
{
	if (reg)
	{
		this->check = l2tp_check_create();
		this->socket = l2tp_socket_create();
		this->listener = l2tp_listener_create(this->check, this->socket);
		this->refusal = l2tp_refusal_create(this->check, this->socket);
		this->gate =
			l2tp_gate_create(this->listener, this->check, this->refusal);
		this->control = l2tp_control_create(this->listener, this->gate,
											this->check, this->socket);
		charon->bus->add_listener(charon->bus, &this->listener->listener);
		charon->bus->add_listener(charon->bus, &this->refusal->listener);
		charon->bus->add_listener(charon->bus, &this->gate->listener);
		if (this->socket->serve(
				this->socket, (l2tp_socket_cb_t)this->control->serve,
				(l2tp_socket_gone_t)this->control->gone, this->control))
		{
			return TRUE;
		}
	}
	charon->bus->remove_listener(charon->bus, &this->gate->listener);
	charon->bus->remove_listener(charon->bus, &this->refusal->listener);
	charon->bus->remove_listener(charon->bus, &this->listener->listener);
	this->socket->destroy(this->socket);
	this->control->destroy(this->control);
	this->gate->destroy(this->gate);
	this->refusal->destroy(this->refusal);
	this->listener->destroy(this->listener);
	this->check->destroy(this->check);
	return !reg;
}

METHOD(plugin_t, get_features, int,
	private_l2tp_plugin_t *this, plugin_feature_t *features[])
{
	static plugin_feature_t f[] = {
		PLUGIN_CALLBACK((plugin_feature_callback_t)plugin_cb, NULL),
		PLUGIN_PROVIDE(CUSTOM, "l2tp"),
	};
	*features = f;
	return countof(f);
}

METHOD(plugin_t, destroy, void,
	private_l2tp_plugin_t *this)
{
	free(this);
}

/*
 * Described in header
 */
ENTRY plugin_t *l2tp_plugin_create(void)
{
	private_l2tp_plugin_t *this;

	INIT(this,
		.public = {
			.get_name = _get_name,
			.get_features = _get_features,
			.destroy = _destroy,
		},
	);

	return &this->public;
}
