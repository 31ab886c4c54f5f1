/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A refusal is an error that charon sends to a client; what charon thinks of
 * the client's certificate comes before that, as an alert.
 */

#include "charon-plugin/l2tp_refusal.h"

#include "lib/base/clock.h"
#include "lib/base/rate.h"
#include "lib/bus/msg.h"
#include "lib/bus/names.h"
#include "lib/bus/record.h"

#include <credentials/certificates/certificate.h>
#include <encoding/payloads/notify_payload.h>
#include <threading/mutex.h>

/** Clients being looked at at the same time of which details are kept */
#define NOTES 32

typedef struct private_l2tp_refusal_t private_l2tp_refusal_t;

/**
 * What is known of a client that has not been refused yet
 */
typedef struct {
	/** unique id of its IKE_SA */
	uint32_t ike_id;
	bus_text_t text;
} note_t;

/**
 * Private data of an l2tp_refusal_t object.
 */
struct private_l2tp_refusal_t {

	/**
	 * Public interface.
	 */
	l2tp_refusal_t public;

	/**
	 * Knows which connections are for L2TP
	 */
	l2tp_check_t *check;

	/**
	 * Where the event goes
	 */
	l2tp_socket_t *socket;

	/**
	 * Ring of notes; the oldest goes when there are too many
	 */
	note_t notes[NOTES];

	/**
	 * Where the next note goes
	 */
	u_int next;

	/**
	 * Anybody can be refused as often as he likes
	 */
	struct rate rate;
	usec_t paid;

	/**
	 * Lock for all of this
	 */
	mutex_t *mutex;
};

/**
 * What charon can have against a certificate
 */
static const struct {
	alert_t alert;
	const char *text;
} objections[] = {
	{ALERT_CERT_EXPIRED, "is not valid now: see its dates, and the clock"},
	{ALERT_CERT_REVOKED, "has been revoked"},
	{ALERT_CERT_VALIDATION_FAILED, "cannot be checked for revocation: see "
								   "/etc/swanctl/x509crl"},
	{ALERT_CERT_NO_ISSUER, "is of a CA that is not in /etc/swanctl/x509ca"},
	{ALERT_CERT_UNTRUSTED_ROOT, "is of a CA that is not in "
								"/etc/swanctl/x509ca"},
	{ALERT_CERT_EXCEEDED_PATH_LEN, "is too many CAs away from ours"},
	{ALERT_CERT_POLICY_VIOLATION, "is against a rule of its CA"},
};

/**
 * When an error was sent
 */
typedef enum {
	/** the peer has not authenticated yet */
	PHASE_IKE,
	/** it wants a CHILD_SA */
	PHASE_CHILD,
	PHASE_ANY,
} phase_t;

/**
 * What an error means for the administrator
 */
typedef struct {
	notify_type_t type;
	phase_t phase;
	const char *text;
} meaning_t;

static const meaning_t meanings[] = {
	{NO_PROPOSAL_CHOSEN, PHASE_IKE,
	 "no IKE proposal in common: charon's log has what the client offers, "
	 "extend proposals in swanctl.conf"},
	{NO_PROPOSAL_CHOSEN, PHASE_CHILD,
	 "no ESP proposal in common, or the kernel lacks ESP or its ciphers: see "
	 "charon's log for what the client offers, and esp_proposals in "
	 "swanctl.conf"},
	{AUTHENTICATION_FAILED, PHASE_ANY,
	 "not authenticated by IKE: another shared key or certificate than ours, "
	 "see charon's log"},
	/* main mode is encrypted with the key: with another one it is noise */
	{PAYLOAD_MALFORMED, PHASE_IKE,
	 "its shared key is not ours (or its packets were damaged)"},
	{INVALID_ID_INFORMATION, PHASE_CHILD,
	 "it wants other traffic protected than L2TP to us: expected local_ts = "
	 "dynamic[17/1701], remote_ts = dynamic[17] in swanctl.conf"},
	{TS_UNACCEPTABLE, PHASE_CHILD,
	 "it wants other traffic protected than L2TP to us: expected local_ts = "
	 "dynamic[17/1701], remote_ts = dynamic[17] in swanctl.conf"},
};

static const char aggressive[] =
	"it wants aggressive mode, which would show a hash of the shared key to "
	"anybody: set main mode in the client";

/**
 * Remember a detail about a client, in place of the last one
 */
static void put_note(private_l2tp_refusal_t *this, ike_sa_t *ike_sa,
					 const char *text)
{
	uint32_t id = ike_sa->get_unique_id(ike_sa);
	note_t *note = NULL;
	int i;

	this->mutex->lock(this->mutex);
	for (i = 0; !note && i < NOTES; i++)
	{
		if (this->notes[i].ike_id == id)
		{
			note = &this->notes[i];
		}
	}
	if (!note)
	{
		note = &this->notes[this->next++ % NOTES];
	}
	note->ike_id = id;
	snprintf(note->text, sizeof(note->text), "%s", text);
	this->mutex->unlock(this->mutex);
}

/**
 * The detail about a client, which is forgotten by this; FALSE if none
 */
static bool take_note(private_l2tp_refusal_t *this, ike_sa_t *ike_sa,
					  bus_text_t text)
{
	uint32_t id = ike_sa->get_unique_id(ike_sa);
	bool found = FALSE;
	int i;

	this->mutex->lock(this->mutex);
	for (i = 0; i < NOTES; i++)
	{
		if (this->notes[i].ike_id == id)
		{
			memcpy(text, this->notes[i].text, BUS_TEXT_LEN);
			this->notes[i].ike_id = 0;
			found = TRUE;
		}
	}
	this->mutex->unlock(this->mutex);
	return found;
}

METHOD(listener_t, alert, bool,
	private_l2tp_refusal_t *this, ike_sa_t *ike_sa, alert_t alert,
	va_list args)
{
	certificate_t *cert;
	bus_text_t text;
	int i;

	for (i = 0; ike_sa && i < countof(objections); i++)
	{
		if (objections[i].alert == alert)
		{
			cert = va_arg(args, certificate_t *);
			snprintf(text, sizeof(text), "certificate \"%Y\" %s",
					 cert->get_subject(cert), objections[i].text);
			put_note(this, ike_sa, text);
		}
	}
	return TRUE;
}

static phase_t get_phase(ike_sa_t *ike_sa, message_t *message)
{
	if (ike_sa->get_version(ike_sa) == IKEV1)
	{
		return ike_sa->get_state(ike_sa) == IKE_CONNECTING ? PHASE_IKE
														   : PHASE_CHILD;
	}
	return message->get_exchange_type(message) == IKE_SA_INIT ? PHASE_IKE
															  : PHASE_CHILD;
}

/**
 * The meaning of the error in a message, NULL if it has none
 */
static const meaning_t *find_meaning(ike_sa_t *ike_sa, message_t *message)
{
	phase_t phase = get_phase(ike_sa, message);
	enumerator_t *enumerator;
	payload_t *payload;
	notify_payload_t *notify;
	const meaning_t *found = NULL;
	int i;

	enumerator = message->create_payload_enumerator(message);
	while (enumerator->enumerate(enumerator, &payload))
	{
		if (payload->get_type(payload) != PLV1_NOTIFY &&
			payload->get_type(payload) != PLV2_NOTIFY)
		{
			continue;
		}
		notify = (notify_payload_t *)payload;
		for (i = 0; !found && i < countof(meanings); i++)
		{
			if (meanings[i].type == notify->get_notify_type(notify) &&
				(meanings[i].phase == phase || meanings[i].phase == PHASE_ANY))
			{
				found = &meanings[i];
			}
		}
	}
	enumerator->destroy(enumerator);
	return found;
}

/**
 * May this one be told?
 */
static bool may_tell(private_l2tp_refusal_t *this)
{
	bool may;

	this->mutex->lock(this->mutex);
	may = rate_take(&this->rate, &this->paid, clock_now());
	this->mutex->unlock(this->mutex);
	return may;
}

static void tell(private_l2tp_refusal_t *this, ike_sa_t *ike_sa,
				 const char *reason)
{
	host_t *host = ike_sa->get_other_host(ike_sa);
	identification_t *id = ike_sa->get_other_eap_id(ike_sa);
	struct bus_failure failure = {};
	uint8_t buf[BUS_RECORD_MAX];
	struct msg_out out;
	struct view msg;

	addr_from_sockaddr(&failure.peer, host->get_sockaddr(host),
					   *host->get_sockaddr_len(host));
	if (id && id->get_type(id) != ID_ANY)
	{
		snprintf(failure.identity, sizeof(failure.identity), "%Y", id);
	}
	snprintf(failure.reason, sizeof(failure.reason), "%s", reason);
	msg_init(&out, buf, sizeof(buf));
	bus_write(&out, &bus_failure_record, &failure);
	if (msg_done(&out, &msg) == 0)
	{
		this->socket->publish(this->socket, BUS_EV_IKE_FAILED, msg);
	}
}

METHOD(listener_t, message, bool,
	private_l2tp_refusal_t *this, ike_sa_t *ike_sa, message_t *message,
	bool incoming, bool plain)
{
	const meaning_t *meaning;
	peer_cfg_t *cfg;
	bus_text_t note;
	bool noted;

	if (!ike_sa || !plain)
	{
		return TRUE;
	}
	if (incoming)
	{
		if (message->get_exchange_type(message) == AGGRESSIVE)
		{
			put_note(this, ike_sa, aggressive);
		}
		return TRUE;
	}
	meaning = find_meaning(ike_sa, message);
	if (!meaning)
	{
		return TRUE;
	}
	noted = meaning->type == AUTHENTICATION_FAILED &&
			take_note(this, ike_sa, note);
	/* a peer that has not said its name yet has no connection either */
	cfg = ike_sa->get_peer_cfg(ike_sa);
	if ((!cfg || this->check->concerns(this->check, cfg)) &&
		this->socket->has_listeners(this->socket, BUS_EV_IKE_FAILED) &&
		may_tell(this))
	{
		tell(this, ike_sa, noted ? note : meaning->text);
	}
	return TRUE;
}

METHOD(l2tp_refusal_t, because, void,
	private_l2tp_refusal_t *this, ike_sa_t *ike_sa, const char *reason)
{
	put_note(this, ike_sa, reason);
}

METHOD(l2tp_refusal_t, destroy, void,
	private_l2tp_refusal_t *this)
{
	this->mutex->destroy(this->mutex);
	free(this);
}

/*
 * Described in header
 */
l2tp_refusal_t *l2tp_refusal_create(l2tp_check_t *check, l2tp_socket_t *socket)
{
	private_l2tp_refusal_t *this;

	INIT(this,
		.public = {
			.listener = {
				.alert = _alert,
				.message = _message,
			},
			.because = _because,
			.destroy = _destroy,
		},
		.check = check,
		.socket = socket,
		.rate = rate_per_s(20, 100),
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
	);

	return &this->public;
}
