/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Server of the bus on charon's streams.
 *
 * Threads: hooks queue, charon's watcher calls on_read(), and a single job at
 * a time, the pump, writes to streams and destroys them (which would deadlock
 * the watcher inside a callback).  Streams are never registered for writing:
 * that waits for their callbacks, and when charon ends these may never run.
 */

#include "charon-plugin/l2tp_socket.h"

#include "lib/bus/frame.h"
#include "lib/bus/names.h"

#include <collections/linked_list.h>
#include <processing/jobs/callback_job.h>
#include <threading/condvar.h>
#include <threading/mutex.h>

#include <errno.h>
#include <grp.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/** Clients at a time; l2tpd and a few people who look */
#define CLIENTS_MAX 32

/** Unsent bytes of events, and of answers, before a client is dropped */
#define QUEUE_MAX (4 * 1024 * 1024)

/** Longest request; ours are some hundred bytes */
#define REQUEST_MAX 4096

/** Connections that wait to be accepted */
#define BACKLOG 10

/** Until a client whose socket was full is tried again, in ms */
#define RETRY_MS 20

typedef struct private_l2tp_socket_t private_l2tp_socket_t;

/**
 * Events that can be registered for
 */
static const char *events[] = {
#define EVENT_WORD(NAME, word, text) word,
	BUS_CHARON_EVENTS(EVENT_WORD)
#undef EVENT_WORD
};

/**
 * Private data of an l2tp_socket_t object.
 */
struct private_l2tp_socket_t {

	/**
	 * Public interface.
	 */
	l2tp_socket_t public;

	/**
	 * Serves commands
	 */
	l2tp_socket_cb_t cb;

	/**
	 * Hears of clients' ends
	 */
	l2tp_socket_gone_t gone;

	/**
	 * Data for cb and gone
	 */
	void *data;

	/**
	 * Accepts clients, NULL before serve()
	 */
	stream_service_t *service;

	/**
	 * Path of the socket, NULL if it is no UNIX socket
	 */
	char *path;

	/**
	 * Connected clients, as client_t
	 */
	linked_list_t *clients;

	/**
	 * Id of the next client
	 */
	u_int next_id;

	/**
	 * Is the pump queued or running?
	 */
	bool pump_queued;

	/**
	 * Is the pump running?
	 */
	bool pump_running;

	/**
	 * Is retry() scheduled?
	 */
	bool retry_scheduled;

	/**
	 * Set by destroy(): the pump must not touch clients any more
	 */
	bool closed;

	/**
	 * Lock for all above and the clients; held for moments only, and never
	 * while a callback or a method of a stream runs
	 */
	mutex_t *mutex;

	/**
	 * Signaled when the pump has run
	 */
	condvar_t *condvar;

	/**
	 * The owner, and jobs while they are queued
	 */
	refcount_t ref;
};

/**
 * A packet that waits to be sent
 */
typedef struct {
	/** answer, or event for this client alone */
	bool answer;
	/** bytes in all, and how many of them are sent */
	size_t len, done;
	/** the packet */
	uint8_t bytes[];
} out_t;

/**
 * A connected client
 */
typedef struct {
	/** the server */
	private_l2tp_socket_t *server;
	/** its connection */
	stream_t *stream;
	/** id for callbacks */
	u_int id;
	/** bit 1 << index in events[] */
	uint32_t registered;
	/** packets to send, as out_t */
	linked_list_t *queue;
	/** unsent bytes in the queue: [FALSE] of events, [TRUE] of answers */
	size_t unsent[2];
	/** its socket is full: nothing is sent until retry() */
	bool blocked;
	/** the pump shall destroy it; nothing is queued any more */
	bool dropped;
	/** bytes received and not yet served; only on_read() looks here */
	uint8_t in[REQUEST_MAX];
	/** how many */
	size_t in_len;
} client_t;

static void unref(private_l2tp_socket_t *this)
{
	if (ref_put(&this->ref))
	{
		this->clients->destroy(this->clients);
		this->condvar->destroy(this->condvar);
		this->mutex->destroy(this->mutex);
		free(this->path);
		free(this);
	}
}

/**
 * Clean up a client.  Waits for its callbacks to end.
 */
static void client_destroy(client_t *client)
{
	client->stream->destroy(client->stream);
	client->queue->destroy_function(client->queue, free);
	free(client);
}

/**
 * A client that has something for the pump; mutex held
 */
static client_t *find_work(private_l2tp_socket_t *this)
{
	enumerator_t *enumerator;
	client_t *client, *found = NULL;

	enumerator = this->clients->create_enumerator(this->clients);
	while (!found && enumerator->enumerate(enumerator, &client))
	{
		if (client->dropped ||
			(!client->blocked && client->queue->get_count(client->queue)))
		{
			found = client;
		}
	}
	enumerator->destroy(enumerator);
	return found;
}

/**
 * The first packet of a client's queue, NULL if there is none to send
 */
static out_t *next_packet(client_t *client)
{
	private_l2tp_socket_t *this = client->server;
	out_t *out = NULL;

	this->mutex->lock(this->mutex);
	if (!client->dropped)
	{
		client->queue->get_first(client->queue, (void **)&out);
	}
	this->mutex->unlock(this->mutex);
	return out;
}

/**
 * The first packet of a client's queue is sent
 */
static void packet_sent(client_t *client)
{
	private_l2tp_socket_t *this = client->server;
	out_t *out;

	this->mutex->lock(this->mutex);
	client->queue->remove_first(client->queue, (void **)&out);
	client->unsent[out->answer] -= out->len;
	this->mutex->unlock(this->mutex);
	free(out);
}

/**
 * Send from the queue what the socket takes; mutex not held, and by one thread
 * at a time
 */
static void write_queue(client_t *client)
{
	private_l2tp_socket_t *this = client->server;
	out_t *out;
	ssize_t len = 1;
	bool full;

	while (len > 0 && (out = next_packet(client)))
	{
		len = client->stream->write(client->stream, out->bytes + out->done,
									out->len - out->done, FALSE);
		if (len > 0)
		{
			out->done += len;
			if (out->done == out->len)
			{
				packet_sent(client);
			}
		}
	}
	if (len <= 0)
	{
		full = len < 0 && errno == EWOULDBLOCK;
		this->mutex->lock(this->mutex);
		client->blocked |= full;
		client->dropped |= !full;
		this->mutex->unlock(this->mutex);
	}
}

static void schedule_retry(private_l2tp_socket_t *this);

/**
 * Do what must not be done in hooks and callbacks of streams
 */
CALLBACK(pump, job_requeue_t,
	private_l2tp_socket_t *this)
{
	client_t *client;
	u_int id;

	this->mutex->lock(this->mutex);
	this->pump_running = TRUE;
	while (!this->closed && (client = find_work(this)))
	{
		if (client->dropped)
		{
			this->clients->remove(this->clients, client, NULL);
			this->mutex->unlock(this->mutex);
			id = client->id;
			client_destroy(client);
			this->gone(this->data, id);
		}
		else
		{
			this->mutex->unlock(this->mutex);
			write_queue(client);
		}
		this->mutex->lock(this->mutex);
	}
	schedule_retry(this);
	this->pump_queued = this->pump_running = FALSE;
	this->condvar->broadcast(this->condvar);
	this->mutex->unlock(this->mutex);
	return JOB_REQUEUE_NONE;
}

/**
 * Have the pump run; mutex held
 */
static void start_pump(private_l2tp_socket_t *this)
{
	if (!this->pump_queued && !this->closed)
	{
		this->pump_queued = TRUE;
		ref_get(&this->ref);
		lib->processor->queue_job(lib->processor,
								  (job_t *)callback_job_create_with_prio(
									  pump, this, (void *)unref,
									  (callback_job_cancel_t)return_false,
									  JOB_PRIO_CRITICAL));
	}
}

/**
 * Try clients again whose sockets were full
 */
CALLBACK(retry, job_requeue_t,
	private_l2tp_socket_t *this)
{
	enumerator_t *enumerator;
	client_t *client;

	this->mutex->lock(this->mutex);
	this->retry_scheduled = FALSE;
	enumerator = this->clients->create_enumerator(this->clients);
	while (enumerator->enumerate(enumerator, &client))
	{
		client->blocked = FALSE;
	}
	enumerator->destroy(enumerator);
	start_pump(this);
	this->mutex->unlock(this->mutex);
	return JOB_REQUEUE_NONE;
}

/**
 * Have retry() run in a while, if it is needed; mutex held
 */
static void schedule_retry(private_l2tp_socket_t *this)
{
	enumerator_t *enumerator;
	client_t *client;
	bool needed = FALSE;

	enumerator = this->clients->create_enumerator(this->clients);
	while (!needed && enumerator->enumerate(enumerator, &client))
	{
		needed = client->blocked;
	}
	enumerator->destroy(enumerator);
	if (needed && !this->retry_scheduled && !this->closed)
	{
		this->retry_scheduled = TRUE;
		ref_get(&this->ref);
		lib->scheduler->schedule_job_ms(
			lib->scheduler,
			(job_t *)callback_job_create_with_prio(retry, this, (void *)unref,
												   NULL, JOB_PRIO_CRITICAL),
			RETRY_MS);
	}
}

/**
 * Get rid of a client; mutex held
 */
static void drop(client_t *client)
{
	if (!client->dropped)
	{
		client->dropped = TRUE;
		start_pump(client->server);
	}
}

/**
 * Queue a packet; mutex held
 */
static void enqueue(client_t *client, enum frame_type type, const char *name,
					struct view msg, bool answer)
{
	out_t *out;
	size_t cap;
	int len;

	if (client->dropped)
	{
		return;
	}
	cap = FRAME_HDR_LEN + 2 + (name ? strlen(name) : 0) + msg.len;
	out = malloc(sizeof(*out) + cap);
	len = frame_build(out->bytes, cap, type, name, msg);
	if (len < 0)
	{
		free(out);
		return;
	}
	out->answer = answer;
	out->len = len;
	out->done = 0;
	client->queue->insert_last(client->queue, out);
	client->unsent[answer] += len;
	if (!client->blocked)
	{
		start_pump(client->server);
	}
}

/**
 * Does a client read what we send?  If not it is dropped; mutex held
 */
static bool keeps_up(client_t *client, bool answer)
{
	if (client->dropped)
	{
		return FALSE;
	}
	if (client->unsent[answer] < QUEUE_MAX)
	{
		return TRUE;
	}
	DBG1(DBG_CFG,
		 "l2tp: a client of %s does not read what it asked for, "
		 "dropped",
		 client->server->path ?: "our socket");
	drop(client);
	return FALSE;
}

/**
 * Find a client by id; mutex held
 */
static client_t *find_client(private_l2tp_socket_t *this, u_int id)
{
	enumerator_t *enumerator;
	client_t *client, *found = NULL;

	enumerator = this->clients->create_enumerator(this->clients);
	while (!found && enumerator->enumerate(enumerator, &client))
	{
		if (client->id == id)
		{
			found = client;
		}
	}
	enumerator->destroy(enumerator);
	return found;
}

/**
 * Bit of an event, 0 if there is no such event
 */
static uint32_t event_bit(struct view name)
{
	int i;

	for (i = 0; i < countof(events); i++)
	{
		if (view_is(name, events[i]))
		{
			return 1 << i;
		}
	}
	return 0;
}

/**
 * Register a client for an event, or no longer
 */
static void serve_register(client_t *client, struct frame *frame)
{
	uint32_t bit = event_bit(frame->name);

	if (frame->type == FRAME_EVENT_REGISTER)
	{
		client->registered |= bit;
	}
	else
	{
		client->registered &= ~bit;
	}
	enqueue(client, bit ? FRAME_EVENT_CONFIRM : FRAME_EVENT_UNKNOWN, NULL,
			(struct view){}, TRUE);
}

/**
 * Serve one packet.  FALSE: the client is dropped.
 */
static bool serve_packet(client_t *client, struct view packet)
{
	private_l2tp_socket_t *this = client->server;
	struct frame frame;
	bool kept;

	if (frame_parse(packet, &frame) < 0)
	{
		frame.type = FRAME_EVENT;
	}
	this->mutex->lock(this->mutex);
	kept = keeps_up(client, TRUE);
	if (kept)
	{
		switch (frame.type)
		{
			case FRAME_EVENT_REGISTER:
			case FRAME_EVENT_UNREGISTER:
				serve_register(client, &frame);
				break;
			case FRAME_CMD_REQUEST:
				this->mutex->unlock(this->mutex);
				kept = this->cb(this->data, client->id, frame.name, frame.msg);
				this->mutex->lock(this->mutex);
				if (!kept)
				{
					enqueue(client, FRAME_CMD_UNKNOWN, NULL, (struct view){},
							TRUE);
					kept = TRUE;
				}
				break;
			default:
				DBG1(DBG_CFG,
					 "l2tp: a client of %s sends what is no request, "
					 "dropped",
					 this->path ?: "our socket");
				drop(client);
				kept = FALSE;
				break;
		}
	}
	this->mutex->unlock(this->mutex);
	return kept;
}

/**
 * Serve all packets that have come in whole.  FALSE: the client is dropped.
 */
static bool serve_input(client_t *client)
{
	struct view rest = {client->in, client->in_len}, packet;
	size_t used;
	int found;

	while ((found = frame_split(rest, REQUEST_MAX - FRAME_HDR_LEN, &packet,
								&used)) > 0)
	{
		if (!serve_packet(client, packet))
		{
			return FALSE;
		}
		rest.p += used;
		rest.len -= used;
	}
	if (found < 0)
	{
		DBG1(DBG_CFG,
			 "l2tp: a client of %s sends a packet of impossible "
			 "length, dropped",
			 client->server->path ?: "our socket");
		return FALSE;
	}
	memmove(client->in, rest.p, rest.len);
	client->in_len = rest.len;
	return TRUE;
}

/**
 * Stream is ready for reading
 */
CALLBACK(on_read, bool,
	client_t *client, stream_t *stream)
{
	private_l2tp_socket_t *this = client->server;
	ssize_t len;
	bool kept = FALSE;

	len = stream->read(stream, client->in + client->in_len,
					   sizeof(client->in) - client->in_len, FALSE);
	if (len < 0 && errno == EWOULDBLOCK)
	{
		return TRUE;
	}
	if (len > 0)
	{
		client->in_len += len;
		kept = serve_input(client);
	}
	if (!kept)
	{
		this->mutex->lock(this->mutex);
		drop(client);
		this->mutex->unlock(this->mutex);
	}
	return kept;
}

/**
 * A client has connected
 */
CALLBACK(on_accept, bool,
	private_l2tp_socket_t *this, stream_t *stream)
{
	client_t *client;
	bool full;

	INIT(client,
		.server = this,
		.stream = stream,
		.queue = linked_list_create(),
	);
	this->mutex->lock(this->mutex);
	full = this->clients->get_count(this->clients) >= CLIENTS_MAX;
	if (!full)
	{
		client->id = this->next_id++;
		this->clients->insert_last(this->clients, client);
	}
	this->mutex->unlock(this->mutex);
	if (full)
	{
		DBG1(DBG_CFG, "l2tp: %d clients at %s already, another one is refused",
			 CLIENTS_MAX, this->path ?: "our socket");
		client->queue->destroy(client->queue);
		free(client);
		return FALSE;
	}
	stream->on_read(stream, on_read, client);
	return TRUE;
}

METHOD(l2tp_socket_t, has_listeners, bool,
	private_l2tp_socket_t *this, const char *event)
{
	enumerator_t *enumerator;
	client_t *client;
	uint32_t bit = event_bit(view_str(event));
	bool found = FALSE;

	this->mutex->lock(this->mutex);
	enumerator = this->clients->create_enumerator(this->clients);
	while (!found && enumerator->enumerate(enumerator, &client))
	{
		found = client->registered & bit && !client->dropped;
	}
	enumerator->destroy(enumerator);
	this->mutex->unlock(this->mutex);
	return found;
}

METHOD(l2tp_socket_t, publish, void,
	private_l2tp_socket_t *this, const char *event, struct view msg)
{
	enumerator_t *enumerator;
	client_t *client;
	uint32_t bit = event_bit(view_str(event));

	this->mutex->lock(this->mutex);
	enumerator = this->clients->create_enumerator(this->clients);
	while (enumerator->enumerate(enumerator, &client))
	{
		if (client->registered & bit && keeps_up(client, FALSE))
		{
			enqueue(client, FRAME_EVENT, event, msg, FALSE);
		}
	}
	enumerator->destroy(enumerator);
	this->mutex->unlock(this->mutex);
}

METHOD(l2tp_socket_t, stream, void,
	private_l2tp_socket_t *this, u_int id, const char *event, struct view msg)
{
	client_t *client;

	this->mutex->lock(this->mutex);
	client = find_client(this, id);
	if (client && client->registered & event_bit(view_str(event)))
	{
		enqueue(client, FRAME_EVENT, event, msg, TRUE);
	}
	this->mutex->unlock(this->mutex);
}

METHOD(l2tp_socket_t, respond, void,
	private_l2tp_socket_t *this, u_int id, struct view msg)
{
	client_t *client;

	this->mutex->lock(this->mutex);
	client = find_client(this, id);
	if (client)
	{
		enqueue(client, FRAME_CMD_RESPONSE, NULL, msg, TRUE);
	}
	this->mutex->unlock(this->mutex);
}

/**
 * Id of a group.  FALSE: there is none of that name
 */
static bool find_group(const char *name, gid_t *gid)
{
	struct group group, *found = NULL;
	char buf[16 * 1024];

	if (getgrnam_r(name, &group, buf, sizeof(buf), &found) != 0 || !found)
	{
		return FALSE;
	}
	*gid = group.gr_gid;
	return TRUE;
}

/**
 * Let the group of l2tpd, and nobody else, use the socket
 */
static void set_owner(private_l2tp_socket_t *this)
{
	char *name;
	gid_t gid;

	name = lib->settings->get_str(lib->settings, "%s.plugins.l2tp.group",
								  "l2tpd", lib->ns);
	if (!find_group(name, &gid))
	{
		DBG1(DBG_CFG,
			 "l2tp: there is no group '%s', so only root can use %s; "
			 "create it (addgroup --system %s) or set "
			 "charon.plugins.l2tp.group, then restart charon",
			 name, this->path, name);
	}
	else if (chown(this->path, -1, gid) < 0)
	{
		DBG1(DBG_CFG, "l2tp: giving %s to group '%s' failed: %s", this->path,
			 name, strerror(errno));
	}
	if (chmod(this->path, S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP) < 0)
	{
		DBG1(DBG_CFG, "l2tp: setting the mode of %s failed: %s", this->path,
			 strerror(errno));
	}
}

METHOD(l2tp_socket_t, serve, bool,
	private_l2tp_socket_t *this, l2tp_socket_cb_t cb, l2tp_socket_gone_t gone,
	void *data)
{
	char *uri;

	uri = lib->settings->get_str(lib->settings, "%s.plugins.l2tp.socket",
								 "unix://" BUS_CHARON_SOCKET, lib->ns);
	if (!strpfx(uri, "unix:///"))
	{
		DBG1(DBG_CFG,
			 "l2tp: charon.plugins.l2tp.socket = %s is not possible, "
			 "it must start with unix:///",
			 uri);
		return FALSE;
	}
	this->service = lib->streams->create_service(lib->streams, uri, BACKLOG);
	if (!this->service)
	{
		DBG1(DBG_CFG,
			 "l2tp: no socket at %s, l2tpd cannot work; is the folder "
			 "there, and may charon write to it (AppArmor)?",
			 uri);
		return FALSE;
	}
	this->path = strdup(uri + strlen("unix://"));
	set_owner(this);
	this->cb = cb;
	this->gone = gone;
	this->data = data;
	/* any number at a time: a limit of 1 takes the socket from the watcher
	 * while a client is accepted, and a watcher without sockets ends and begins
	 * anew beside callbacks that still run */
	this->service->on_accept(this->service, on_accept, this, JOB_PRIO_CRITICAL,
							 0);
	return TRUE;
}

METHOD(l2tp_socket_t, destroy, void,
	private_l2tp_socket_t *this)
{
	client_t *client;

	if (this->service)
	{
		this->service->destroy(this->service);
		unlink(this->path);
	}
	this->mutex->lock(this->mutex);
	this->closed = TRUE;
	while (this->pump_running)
	{
		this->condvar->wait(this->condvar, this->mutex);
	}
	this->mutex->unlock(this->mutex);

	/* from here on only the callbacks of streams look at the clients, and
	 * on_read() waits for them to end */
	while (this->clients->get_first(this->clients, (void **)&client) == SUCCESS)
	{
		client->stream->on_read(client->stream, NULL, NULL);
		write_queue(client);
		this->clients->remove(this->clients, client, NULL);
		client_destroy(client);
	}
	unref(this);
}

/*
 * Described in header
 */
l2tp_socket_t *l2tp_socket_create(void)
{
	private_l2tp_socket_t *this;

	INIT(this,
		.public = {
			.serve = _serve,
			.has_listeners = _has_listeners,
			.publish = _publish,
			.stream = _stream,
			.respond = _respond,
			.destroy = _destroy,
		},
		.clients = linked_list_create(),
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
		.condvar = condvar_create(CONDVAR_TYPE_DEFAULT),
		.ref = 1,
	);

	return &this->public;
}
