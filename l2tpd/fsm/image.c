/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the objects of the machines and their images; see image.h. */
#include "l2tpd/fsm/image.h"

#include <string.h>
#include <sys/socket.h>

#include "l2tpd/fsm/machine.h"

void tunnel_save(const struct tunnel *t, struct tunnel_image *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->tid = t->tid;
	ret->peer_tid = t->peer_tid;
	ret->state = (uint16_t)t->state;
#define X(flag) ret->flags |= (uint16_t)(t->flag << TUNNEL_BIT_##flag);
	TUNNEL_FLAGS(X)
#undef X
	ret->peer_framing = t->peer_framing;
	ret->peer_bearer = t->peer_bearer;
	chan_save(&t->chan, &ret->chan);
	ret->until = t->until;
	ret->since = t->since;
	ret->up_since = t->up_since;
	ret->tie = t->tie;
	ret->path = t->path;
	memcpy(ret->challenge, t->challenge, sizeof(ret->challenge));
	ret->cause = t->cause;
	memcpy(ret->host_name, t->host_name, sizeof(ret->host_name));
	memcpy(ret->vendor_name, t->vendor_name, sizeof(ret->vendor_name));
}

void tunnel_load(struct tunnel *t, const struct tunnel_image *i)
{
	t->tid = i->tid;
	t->peer_tid = i->peer_tid;
	t->state = (enum tunnel_state)i->state;
#define X(flag) t->flag = i->flags & (1 << TUNNEL_BIT_##flag);
	TUNNEL_FLAGS(X)
#undef X
	t->peer_framing = i->peer_framing;
	t->peer_bearer = i->peer_bearer;
	chan_restore(&t->chan, &t->lns->chan_conf, &i->chan);
	t->retransmits = i->chan.retransmits;
	t->until = i->until;
	t->since = i->since;
	t->up_since = i->up_since;
	t->timer_at = USEC_NEVER;
	t->tie = i->tie;
	t->path = i->path;
	memcpy(t->challenge, i->challenge, sizeof(t->challenge));
	t->cause = i->cause;
	memcpy(t->host_name, i->host_name, sizeof(t->host_name));
	memcpy(t->vendor_name, i->vendor_name, sizeof(t->vendor_name));
	t->way = WAY_SOCKET;
	list_init(&t->in_sa);
	list_init(&t->sessions);
	list_init(&t->starting);
}

void session_save(const struct session *s, struct session_image *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->sid = s->sid;
	ret->peer_sid = s->peer_sid;
	ret->tid = s->tunnel->tid;
	ret->state = (uint16_t)s->state;
#define X(flag) ret->flags |= (uint16_t)(s->flag << SESSION_BIT_##flag);
	SESSION_FLAGS(X)
#undef X
	ret->nth = s->nth;
	ret->note = s->note;
	ret->since = s->since;
	ret->accm = s->accm;
	ret->errors = s->errors;
	ret->call = s->call;
	ret->cause = s->cause;
}

void session_load(struct session *s, const struct session_image *i)
{
	s->sid = i->sid;
	s->peer_sid = i->peer_sid;
	s->state = (enum session_state)i->state;
#define X(flag) s->flag = i->flags & (1 << SESSION_BIT_##flag);
	SESSION_FLAGS(X)
#undef X
	s->nth = i->nth;
	s->note = i->note;
	s->since = i->since;
	s->accm = i->accm;
	s->errors = i->errors;
	s->call = i->call;
	s->cause = i->cause;
	list_init(&s->in_tunnel);
	list_init(&s->starting);
	list_init(&s->changed);
}

static bool is_text(const char *text, size_t cap)
{
	return memchr(text, '\0', cap);
}

#define IS_TEXT(array) is_text(array, sizeof(array))

static bool cause_is_good(const struct cause *c)
{
	return c->stage <= STAGE_UP && IS_TEXT(c->text);
}

static bool path_is_good(const struct path *p)
{
	return (p->peer.family == AF_INET || p->peer.family == AF_INET6) &&
	       p->local.family == p->peer.family;
}

/* Who is here is counted, only who is not may have been told of, and who calls us has an id. */
bool tunnel_image_is_good(const struct tunnel_image *i)
{
	bool leaves = i->state == TUN_LINGER || i->state == TUN_MUTE;
	bool is_open = i->flags & (1 << TUNNEL_BIT_open);
	bool is_told = i->flags & (1 << TUNNEL_BIT_told);

	return i->tid && i->state < TUN_STATE_COUNT && !(i->flags >> TUNNEL_BITS) &&
	       is_open == !leaves && (!is_told || leaves) &&
	       (i->peer_tid || i->flags & (1 << TUNNEL_BIT_calling)) &&
	       chan_image_is_good(&i->chan) && path_is_good(&i->path) && cause_is_good(&i->cause) &&
	       IS_TEXT(i->host_name) && IS_TEXT(i->vendor_name);
}

bool session_image_is_good(const struct session_image *i)
{
	const struct call *c = &i->call;

	return i->sid && i->tid && i->state < SES_STATE_COUNT && !(i->flags >> SESSION_BITS) &&
	       c->role <= CALL_LAC_OUT && IS_TEXT(c->calling_number) && IS_TEXT(c->called_number) &&
	       IS_TEXT(c->sub_address) && cause_is_good(&i->cause);
}
