/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Authenticators, RADIUS, lease and pppd joined; see takeover.h. */
#include "pppd-plugin/compat.h"

#include <errno.h>
#include <string.h>

#include "lib/base/secret.h"
#include "pppd-plugin/link.h"
#include "pppd-plugin/radius.h"
#include "pppd-plugin/session.h"
#include "pppd-plugin/takeover.h"
#include "pppd-plugin/wake.h"

#define LEASE_WAIT (10 * USEC_PER_S)

static const struct auth_method *const methods[] = {&eap_method, &mschapv2_method, &chap_method,
						    &pap_method};

#define N_METHODS (sizeof(methods) / sizeof(methods[0]))

static struct {
	const struct bus_setup *setup;
	const struct radius_conf *servers;
	struct assign *assign;
	struct auth auth;
	bool lease_asked;            /* in this session; it is asked for once */
	bool leased;                 /* and it was granted */
	bool waiting;                /* the authenticator waits for it */
	uint8_t user[AUTH_USER_MAX]; /* for whom it was asked */
	size_t user_len;
} t;

const struct auth_method *takeover_negotiated(void)
{
	const lcp_options *go = &lcp_gotoptions[0];
	int flavor = CHAP_DIGEST(go->chap_mdtype);

	if (go->neg_eap)
		return &eap_method;
	if (!go->neg_chap)
		return go->neg_upap ? &pap_method : NULL;
	return flavor == mschapv2_method.flavor ? &mschapv2_method
	       : flavor == chap_method.flavor   ? &chap_method
						: NULL;
}

int takeover_peek(uint16_t protocol, struct view packet, struct view *ret_user)
{
	for (size_t i = 0; i < N_METHODS; i++)
		if (methods[i]->protocol == protocol)
			return methods[i]->peek(packet, ret_user);
	return -ENOENT;
}

static void on_timer(void *ctx);

/* Send what the authenticator has made, and set its timer. */
static void flush(void)
{
	struct auth *a = &t.auth;
	struct wr w;

	wake_at(on_timer, NULL, a->due);
	if (!a->packet_len)
		return;
	wr_init(&w, outpacket_buf, HOST_HDR_LEN + AUTH_PACKET_MAX); /* pppd has more */
	wr_u8(&w, 0xff); /* address and control, RFC 1662 3.1 */
	wr_u8(&w, 0x03);
	wr_u16(&w, a->method->protocol);
	wr_bytes(&w, a->packet, a->packet_len);
	a->packet_len = 0;
	output(0, outpacket_buf, (int)w.len);
}

static void reset(void)
{
	radius_cancel();
	wake_at(on_timer, NULL, USEC_NEVER);
	t.waiting = false;
	secret_wipe(&t.auth, sizeof(t.auth));
	t.auth.due = USEC_NEVER;
}

/* Refuse the client: `message` is for it when RADIUS had none; `why` is for our people. */
static void refuse(struct view reply, const char *message, const char *why)
{
	struct auth *a = &t.auth;
	char own[AUTH_REASON_LEN];

	radius_cancel();
	t.waiting = false;
	snprintf(own, sizeof(own), "%s", a->reason);
	a->reason[0] = '\0';
	a->method->refuse(a, reply, message);
	if (a->reason[0] && why[0])
		session_because("%s: %s", why, a->reason);
	else
		session_because("%s", why[0] ? why : own);
	flush();
	auth_peer_fail(0, a->method->protocol);
}

static void pass(void)
{
	struct auth *a = &t.auth;
	char name[BUS_TEXT_LEN];

	t.waiting = false;
	a->method->pass(a);
	flush();
	session_authenticated(a->method->word);
	snprintf(name, sizeof(name), "%s", session_user());
	auth_peer_success(0, a->method->protocol, a->method->flavor, name, (int)strlen(name));
}

/* RADIUS says yes to the user: now the address, which the session keeps once it has it. */
static void want_lease(uint32_t wish)
{
	struct bus_grant ask = {0};

	if (t.leased) {
		pass();
		return;
	}
	t.waiting = true;
	t.auth.due = clock_now() + LEASE_WAIT;
	wake_at(on_timer, NULL, t.auth.due);
	if (t.lease_asked)
		return;
	t.lease_asked = true;
	memcpy(t.user, t.auth.user, t.auth.user_len);
	t.user_len = t.auth.user_len;
	snprintf(ask.user, sizeof(ask.user), "%s", session_user());
	if (wish)
		ask.peer_ip = addr_from_ipv4(wish, 0);
	link_ask_lease(&ask);
}

void takeover_leased(const struct bus_grant *grant)
{
	char why[BUS_TEXT_LEN] = "";

	if (!grant->denied)
		session_at(SESSION_LEASE);
	if (grant->errmsg[0])
		snprintf(why, sizeof(why), "%s", grant->errmsg);
	else if (assign_lease(t.assign, &grant->peer_ip))
		snprintf(why, sizeof(why), "l2tpd leased no usable IPv4 address");
	t.leased = !why[0];
	t.lease_asked = t.leased;
	if (!t.waiting)
		return;
	if (t.leased)
		pass();
	else
		refuse(view_str(""), grant->denied ? "Access denied" : "No address available", why);
}

static void fulfil(enum auth_wish wish);

static void on_radius(enum radius_result result, struct view reply, const char *why)
{
	static const char welcome_but[] = "Access denied";
	struct auth *a = &t.auth;
	char problem[AUTH_REASON_LEN];
	uint32_t wish;

	if (result == RADIUS_NO_ANSWER) {
		refuse(view_str(""), "The authentication server does not answer", why);
	} else if (result == RADIUS_CHALLENGED && a->method->challenge) {
		fulfil(a->method->challenge(a, reply, clock_now()));
	} else if (result == RADIUS_REJECTED && a->method->retry &&
		   a->method->retry(a, reply, clock_now())) {
		session_doubt("%s%s%s", why, a->reason[0] ? ": " : "", a->reason);
		flush();
	} else if (result != RADIUS_ACCEPTED) {
		refuse(reply, "Authentication failed", why);
	} else if (a->method->check(a, reply)) {
		refuse(view_str(""), welcome_but, "");
	} else if (assign_accept(t.assign, reply, &wish, problem, sizeof(problem))) {
		refuse(view_str(""), welcome_but, problem);
	} else {
		want_lease(wish);
	}
}

static void ask(void)
{
	static struct radius_attrs attrs;
	struct auth *a = &t.auth;

	if (t.lease_asked && (a->user_len != t.user_len || memcmp(a->user, t.user, t.user_len))) {
		refuse(view_str(""), "Access denied",
		       "the client authenticated a second time, as another user");
		return;
	}
	t.waiting = false; /* for the lease of an answer that counts no more */
	session_set_user((struct view){a->user, a->user_len});
	radius_attrs_init(&attrs);
	radius_add_bytes(&attrs, RADIUS_USER_NAME, (struct view){a->user, a->user_len});
	radius_describe(&attrs, t.setup);
	a->method->ask(a, &attrs);
	radius_ask(t.servers, &attrs, on_radius);
	radius_attrs_wipe(&attrs);
}

static void fulfil(enum auth_wish wish)
{
	struct auth *a = &t.auth;

	flush();
	switch (wish) {
	case AUTH_WAIT: break;
	case AUTH_ASK: ask(); break;
	case AUTH_FAIL:
		session_set_user((struct view){a->user, a->user_len});
		refuse(view_str(""), "Authentication failed", "");
		break;
	}
}

static void on_timer(void *ctx)
{
	struct auth *a = &t.auth;
	usec_t now = clock_now();

	(void)ctx;
	if (!a->method)
		return;
	if (t.waiting) {
		session_at(SESSION_LEASE);
		refuse(view_str(""), "No address available", "l2tpd does not answer");
	} else {
		fulfil(a->method->timer(a, now));
	}
}

static void input(uint16_t protocol, const unsigned char *packet, int len)
{
	struct auth *a = &t.auth;

	if (!a->method || a->method->protocol != protocol || len < 0)
		return;
	fulfil(a->method->input(a, (struct view){packet, (size_t)len}, clock_now()));
}

static void eap_input(int unit, unsigned char *packet, int len)
{
	(void)unit;
	input(PPP_EAP, packet, len);
}

static void pap_input(int unit, unsigned char *packet, int len)
{
	(void)unit;
	input(PPP_PAP, packet, len);
}

static void chap_input(int unit, unsigned char *packet, int len)
{
	(void)unit;
	input(PPP_CHAP, packet, len);
}

static void on_lower_up(int unit)
{
	(void)unit; /* takeover_begin() follows */
}

static void on_lower_down(int unit)
{
	(void)unit;
	reset();
}

static void rejected(uint16_t protocol)
{
	struct auth *a = &t.auth;

	if (a->method && a->method->protocol == protocol &&
	    (a->state == AUTH_WAITING || a->state == AUTH_ASKING))
		refuse(view_str(""), "",
		       "the client agreed to this authentication protocol, then rejected it");
}

static void eap_rejected(int unit)
{
	(void)unit;
	rejected(PPP_EAP);
}

static void pap_rejected(int unit)
{
	(void)unit;
	rejected(PPP_PAP);
}

static void chap_rejected(int unit)
{
	(void)unit;
	rejected(PPP_CHAP);
}

/* What the client takes, and the path to it without fragments. */
static size_t mtu(void)
{
	size_t theirs = peer_mru[0] > 0 ? (size_t)peer_mru[0] : PPP_MRU;
	size_t ours = t.assign->mtu ? t.assign->mtu : AUTH_PACKET_MAX;
	size_t least = theirs < ours ? theirs : ours;

	return least < AUTH_PACKET_MAX ? least : AUTH_PACKET_MAX;
}

void takeover_begin(void)
{
	struct auth *a = &t.auth;

	reset();
	a->method = takeover_negotiated();
	if (!a->method)
		return;
	a->mtu = mtu();
	a->method->start(a, host_name(), clock_now());
	flush();
}

int takeover_init(const struct bus_setup *setup, const struct radius_conf *servers,
		  struct assign *assign)
{
	static const struct {
		uint16_t protocol;
		void (*input)(int unit, unsigned char *packet, int len);
		void (*rejected)(int unit);
	} ours[] = {
		{PPP_EAP, eap_input, eap_rejected},
		{PPP_CHAP, chap_input, chap_rejected},
		{PPP_PAP, pap_input, pap_rejected},
	};
	lcp_options *want = &lcp_wantoptions[0];

	t.setup = setup;
	t.servers = servers;
	t.assign = assign;
	t.auth.due = USEC_NEVER;
	/* pppd's own MS-CHAPv1 would ask its secrets files. */
	want->chap_mdtype &= MDTYPE_MD5 | MDTYPE_MICROSOFT_V2;
	if (!want->chap_mdtype)
		want->neg_chap = false;
	if (!want->neg_eap && !want->neg_upap && !want->neg_chap)
		return -ENOPROTOOPT;
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		struct protent *p = host_protocol(ours[i].protocol);

		if (!p)
			return -ENOPROTOOPT;
		p->input = ours[i].input;
		p->lowerup = on_lower_up;
		p->lowerdown = on_lower_down;
		p->protrej = ours[i].rejected;
	}
	return 0;
}
