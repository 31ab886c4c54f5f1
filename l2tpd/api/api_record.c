/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tunnels and sessions as the bus shows them, put together from the parts that know. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "l2tpd/api/api.h"

#define COPY(to, from) snprintf(to, sizeof(to), "%s", from)

static uint64_t seconds_since(usec_t then)
{
	return (clock_now() - then) / USEC_PER_S;
}

static const char *identity_of(const struct api_sources *from, uint32_t mark)
{
	const struct sa *sa = mark && from->sas ? sas_find(from->sas, mark) : NULL;

	return sa ? sa->identity : "";
}

int api_tunnel_record(const struct api_sources *from, uint16_t tid, struct bus_tunnel *ret)
{
	struct tunnel_info t;
	int err = lns_tunnel_info(from->lns, tid, &t);

	if (err)
		return err;
	*ret = (struct bus_tunnel){
		.tunnel = tid,
		.peer_tunnel = t.peer_tid,
		.local = t.path.local,
		.peer = t.path.peer,
		.mark = t.path.sa.mark,
		.sessions = t.n_sessions,
		.age_s = seconds_since(t.since),
		.retransmits = t.retransmits,
	};
	COPY(ret->state, t.state);
	COPY(ret->host_name, t.host_name);
	COPY(ret->vendor_name, t.vendor_name);
	COPY(ret->identity, identity_of(from, t.path.sa.mark));
	return 0;
}

/* The state of the call as long as it is being made, then that of PPP. */
static const char *session_state(const struct session_info *s, const struct bus_report *report)
{
	if (!s->established)
		return s->state;
	return report && report->state[0] ? report->state : "lcp";
}

static uint64_t line_errors(const struct avp_errors *e)
{
	return (uint64_t)e->crc + e->framing + e->hardware_overruns + e->buffer_overruns +
	       e->timeouts + e->alignment;
}

static void fill_call(const struct session_info *s, struct bus_session *ret)
{
	COPY(ret->role, call_role_word(s->call->role));
	COPY(ret->calling_number, s->call->calling_number);
	COPY(ret->called_number, s->call->called_number);
	ret->tx_speed = s->call->tx_speed;
	ret->rx_speed = s->call->rx_speed;
	ret->line_errors = line_errors(s->errors);
	if (s->accm) {
		ret->accm_send = s->accm->send;
		ret->accm_receive = s->accm->receive;
	}
}

/* As it is now, which may be less than what was agreed with the client. */
static void fill_mtu(const struct api_sources *from, const struct mtu *mtu, struct bus_session *ret)
{
	const struct sa *sa = ret->mark && from->sas ? sas_find(from->sas, ret->mark) : NULL;
	struct bus_sa rec;

	if (!mtu->outer)
		return;
	ret->outer_mtu = mtu->outer;
	ret->overhead = mtu->outer - mtu->fits;
	if (ret->mtu > mtu->inner)
		ret->mtu = mtu->inner;
	COPY(ret->mtu_note, mtu_note(mtu));
	if (!sa)
		return;
	sa_record(sa, &rec);
	COPY(ret->cipher, rec.cipher);
}

int api_session_record(const struct api_sources *from, uint16_t sid, struct bus_session *ret)
{
	const struct bus_report *report = links_report(from->links, sid);
	const struct bus_setup *setup = links_setup(from->links, sid);
	usec_t up_since = links_up_since(from->links, sid);
	struct session_info s;
	struct tunnel_info t;
	int err = lns_session_info(from->lns, sid, &s);

	if (!err)
		err = lns_tunnel_info(from->lns, s.tid, &t);
	if (err)
		return err;
	*ret = (struct bus_session){
		.session = sid,
		.peer_session = s.peer_sid,
		.tunnel = s.tid,
		.peer = t.path.peer,
		.mark = t.path.sa.mark,
		.pid = (uint32_t)ppp_pid(from->ppp, sid),
		.age_s = seconds_since(s.since),
		.uptime_s = up_since == USEC_NEVER ? 0 : seconds_since(up_since),
	};
	COPY(ret->state, session_state(&s, report));
	COPY(ret->identity, identity_of(from, t.path.sa.mark));
	fill_call(&s, ret);
	if (setup) {
		COPY(ret->lns, setup->lns);
		COPY(ret->acct_session_id, setup->acct_session_id);
		ret->local_ip = setup->local_ip;
	}
	if (report) {
		COPY(ret->user, report->user);
		COPY(ret->auth, report->auth);
		COPY(ret->ifname, report->ifname);
		ret->peer_ip = report->peer_ip;
		ret->mtu = report->mtu;
		ret->bytes_in = report->bytes_in;
		ret->bytes_out = report->bytes_out;
		ret->packets_in = report->packets_in;
		ret->packets_out = report->packets_out;
	}
	fill_mtu(from, &from->mtus[sid], ret);
	return 0;
}
