/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands of the bus.  Each answers at once; what takes time is a job.
 */

#include "charon-plugin/l2tp_control.h"

#include "lib/bus/msg.h"
#include "lib/bus/names.h"

#include <processing/jobs/callback_job.h>

/** Room for an answer: yes or no, and why */
#define ANSWER_MAX 512

/** Most clients speak nothing else */
static const char no_ikev1[] =
	"charon " STRONGSWAN_VERSION " was built without IKEv1, so the L2TP "
	"clients of Windows, macOS, iOS and Android cannot connect; use a "
	"strongSwan built with --enable-ikev1";

typedef struct private_l2tp_control_t private_l2tp_control_t;

/**
 * Private data of an l2tp_control_t object.
 */
struct private_l2tp_control_t {

	/**
	 * Public interface.
	 */
	l2tp_control_t public;

	/**
	 * Knows the SAs
	 */
	l2tp_listener_t *listener;

	/**
	 * Keeps new clients out
	 */
	l2tp_gate_t *gate;

	/**
	 * Looks at the connections
	 */
	l2tp_check_t *check;

	/**
	 * Where answers go
	 */
	l2tp_socket_t *socket;
};

/**
 * Send a finished answer
 */
static void respond(private_l2tp_control_t *this, u_int client,
					struct msg_out *out)
{
	struct view msg;

	if (msg_done(out, &msg) < 0)
	{
		msg = (struct view){};
	}
	this->socket->respond(this->socket, client, msg);
}

/**
 * Say that a command succeeded, or why it did not
 */
static void respond_success(private_l2tp_control_t *this, u_int client,
							const char *errmsg)
{
	uint8_t buf[ANSWER_MAX];
	struct msg_out out;

	msg_init(&out, buf, sizeof(buf));
	msg_flag(&out, "success", errmsg == NULL);
	if (errmsg)
	{
		msg_str(&out, "errmsg", errmsg);
	}
	respond(this, client, &out);
}

static void serve_version(private_l2tp_control_t *this, u_int client,
						  struct view msg)
{
	struct bus_charon about = {
		.version = L2TP_VERSION,
		.charon = STRONGSWAN_VERSION,
		.ikev1 = compat_has_ikev1(),
	};
	uint8_t buf[BUS_RECORD_MAX];
	struct msg_out out;

	if (!about.ikev1)
	{
		snprintf(about.problem, sizeof(about.problem), "%s", no_ikev1);
	}
	msg_init(&out, buf, sizeof(buf));
	bus_write(&out, &bus_charon_record, &about);
	respond(this, client, &out);
}

/**
 * Where a listing goes
 */
typedef struct {
	private_l2tp_control_t *this;
	u_int client;
} list_t;

CALLBACK(list_sa, void,
	list_t *list, struct view msg)
{
	list->this->socket->stream(list->this->socket, list->client, BUS_EV_LIST_SA,
							   msg);
}

static void serve_list_sas(private_l2tp_control_t *this, u_int client,
						   struct view msg)
{
	list_t list = {
		.this = this,
		.client = client,
	};
	struct bus_sa sa = {
		.instance = this->listener->get_instance(this->listener),
	};
	uint8_t buf[ANSWER_MAX];
	struct msg_out out;

	this->listener->enumerate(this->listener, list_sa, &list);
	msg_init(&out, buf, sizeof(buf));
	bus_write(&out, &bus_sa_record, &sa);
	respond(this, client, &out);
	/* l2tpd lists when it starts: so the administrator knows what is wrong
	 * before the first client fails */
	this->check->all(this->check);
}

/**
 * Which SA a job shall close
 */
typedef struct {
	uint32_t child_id;
	char *reason;
} terminate_t;

static void terminate_destroy(terminate_t *data)
{
	free(data->reason);
	free(data);
}

/**
 * Close a CHILD_SA; if no other is in use, its IKE_SA with it
 */
CALLBACK(terminate, job_requeue_t,
	terminate_t *data)
{
	enumerator_t *enumerator;
	ike_sa_t *ike_sa;
	child_sa_t *child_sa, *other;
	uint32_t ike_id;
	bool last = TRUE;

	ike_sa = charon->child_sa_manager->checkout_by_id(
		charon->child_sa_manager, data->child_id, &child_sa);
	if (!ike_sa)
	{
		return JOB_REQUEUE_NONE;
	}
	enumerator = ike_sa->create_child_sa_enumerator(ike_sa);
	while (enumerator->enumerate(enumerator, &other))
	{
		if (other->get_mark(other, TRUE).value !=
				child_sa->get_mark(child_sa, TRUE).value &&
			(other->get_state(other) == CHILD_INSTALLED ||
			 other->get_state(other) == CHILD_REKEYING))
		{
			last = FALSE;
		}
	}
	enumerator->destroy(enumerator);
	ike_id = ike_sa->get_unique_id(ike_sa);
	DBG1(DBG_CFG, "l2tp: closing %s of '%Y' at %#H for l2tpd: %s",
		 last ? "IKE_SA" : "CHILD_SA", ike_sa->get_other_id(ike_sa),
		 ike_sa->get_other_host(ike_sa), data->reason);
	charon->ike_sa_manager->checkin(charon->ike_sa_manager, ike_sa);
	if (last)
	{
		compat_terminate_ike(ike_id);
	}
	else
	{
		compat_terminate_child(data->child_id);
	}
	return JOB_REQUEUE_NONE;
}

static void serve_terminate_sa(private_l2tp_control_t *this, u_int client,
							   struct view msg)
{
	struct bus_terminate request;
	struct bus_sa sa;
	terminate_t *data;
	const char *reason;

	if (bus_read(msg, &bus_terminate_record, &request) < 0 || !request.mark)
	{
		respond_success(this, client, "which SA? mark is missing or malformed");
		return;
	}
	reason = request.reason[0] ? request.reason : "closed by l2tpd";
	if (!this->listener->closing(this->listener, request.mark, reason, &sa))
	{
		respond_success(this, client, "there is no SA with this mark");
		return;
	}
	INIT(data,
		.child_id = sa.child_id,
		.reason = strdup(reason),
	);
	lib->processor->queue_job(
		lib->processor, (job_t *)callback_job_create(
							terminate, data, (void *)terminate_destroy, NULL));
	respond_success(this, client, NULL);
}

static void serve_set_gate(private_l2tp_control_t *this, u_int client,
						   struct view msg)
{
	struct bus_gate gate;

	if (bus_read(msg, &bus_gate_record, &gate) < 0)
	{
		respond_success(this, client, "closed and reason are malformed");
		return;
	}
	this->gate->set(this->gate, client, &gate);
	respond_success(this, client, NULL);
}

/**
 * What serves each command of lib/bus/names.h
 */
static const struct {
	const char *name;
	void (*serve)(private_l2tp_control_t *this, u_int client, struct view msg);
} commands[] = {
	{BUS_CMD_CHARON_VERSION, serve_version},
	{BUS_CMD_LIST_SAS, serve_list_sas},
	{BUS_CMD_TERMINATE_SA, serve_terminate_sa},
	{BUS_CMD_SET_GATE, serve_set_gate},
};

METHOD(l2tp_control_t, serve, bool,
	private_l2tp_control_t *this, u_int client, struct view name,
	struct view msg)
{
	int i;

	for (i = 0; i < countof(commands); i++)
	{
		if (view_is(name, commands[i].name))
		{
			commands[i].serve(this, client, msg);
			return TRUE;
		}
	}
	return FALSE;
}

METHOD(l2tp_control_t, gone, void,
	private_l2tp_control_t *this, u_int client)
{
	this->gate->gone(this->gate, client);
}

METHOD(l2tp_control_t, destroy, void,
	private_l2tp_control_t *this)
{
	free(this);
}

/*
 * Described in header
 */
l2tp_control_t *l2tp_control_create(l2tp_listener_t *listener,
									l2tp_gate_t *gate, l2tp_check_t *check,
									l2tp_socket_t *socket)
{
	private_l2tp_control_t *this;

	if (!compat_has_ikev1())
	{
		DBG1(DBG_CFG, "l2tp: %s", no_ikev1);
	}
	INIT(this,
		.public = {
			.serve = _serve,
			.gone = _gone,
			.destroy = _destroy,
		},
		.listener = listener,
		.gate = gate,
		.check = check,
		.socket = socket,
	);

	return &this->public;
}
