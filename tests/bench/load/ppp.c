/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A client's PPP; see ppp.h.  Our options are a table: what the peer rejects is left out of the
 * next request, what it wants otherwise is taken over.  One timer is enough, because the phases
 * follow each other.
 */
#include "tests/bench/load/ppp.h"

#include <nettle/md5.h>
#include <stdio.h>
#include <string.h>

#include "tests/bench/load/mschap.h"

#define FRAME_MAX 512
#define MRU       1400

enum { PROTO_IPCP = 0x8021, PROTO_LCP = 0xc021, PROTO_PAP = 0xc023, PROTO_CHAP = 0xc223 };

/* RFC 1661 5; the first four are those of every control protocol */
enum {
	CODE_REQUEST = 1,
	CODE_ACK,
	CODE_NAK,
	CODE_REJECT,
	CODE_TERMINATE,
	CODE_TERMINATED,
	CODE_CODE_REJECT,
	CODE_PROTOCOL_REJECT,
	CODE_ECHO,
	CODE_ECHO_REPLY
};

/* RFC 1994 4 */
enum { CHAP_CHALLENGE = 1, CHAP_RESPONSE, CHAP_SUCCESS, CHAP_FAILURE };

/* RFC 1661 6, RFC 1662 7.1 */
enum { LCP_MRU = 1, LCP_ACCM, LCP_AUTH, LCP_MAGIC = 5, LCP_PFC = 7, LCP_ACFC };

/* RFC 1332 3.3, RFC 1877 1.1 and 1.3 */
enum { IPCP_ADDRESS = 3, IPCP_DNS1 = 129, IPCP_DNS2 = 131 };

static const struct method {
	const char *name;
	const char *option;
	size_t len;
} methods[] = {
#define X(name, word, option, len) {word, option, len},
	PPP_METHODS(X)
#undef X
};

const char *ppp_method_name(enum ppp_method method)
{
	return method < PPP_METHOD_COUNT ? methods[method].name : "none";
}

/*
 * What we ask for, by protocol
 */

static uint32_t *ipcp_value(struct ppp *p, uint8_t option)
{
	switch (option) {
	case IPCP_ADDRESS: return &p->address;
	case IPCP_DNS1: return &p->dns[0];
	case IPCP_DNS2: return &p->dns[1];
	default: return NULL;
	}
}

static const uint8_t lcp_options[] = {LCP_MRU, LCP_MAGIC, 0};
static const uint8_t ipcp_options[] = {IPCP_ADDRESS, IPCP_DNS1, IPCP_DNS2, 0};

static void put_option(struct ppp *p, struct wr *out, uint16_t proto, uint8_t option)
{
	wr_u8(out, option);
	if (proto == PROTO_LCP && option == LCP_MRU) {
		wr_u8(out, 4);
		wr_u16(out, MRU);
	} else {
		wr_u8(out, 6);
		wr_u32(out, proto == PROTO_LCP ? p->magic : *ipcp_value(p, option));
	}
}

static struct ppp_negotiation *negotiation(struct ppp *p, uint16_t proto)
{
	return proto == PROTO_LCP ? &p->lcp : &p->ipcp;
}

static const uint8_t *our_options(uint16_t proto)
{
	return proto == PROTO_LCP ? lcp_options : ipcp_options;
}

/*
 * Frames
 */

static void begin(struct wr *out, uint8_t buf[static FRAME_MAX], uint16_t proto, uint8_t code,
		  uint8_t id)
{
	wr_init(out, buf, FRAME_MAX);
	wr_u16(out, 0xff03); /* address and control: RFC 1662 3.1 */
	wr_u16(out, proto);
	wr_u8(out, code);
	wr_u8(out, id);
	wr_u16(out, 0);
}

static void finish(struct ppp *p, struct wr *out)
{
	wr_u16_at(out, 6, (uint16_t)(out->len - 4));
	if (!out->bad)
		p->conf->send(p, out->buf, out->len);
}

static void reply(struct ppp *p, uint16_t proto, uint8_t code, uint8_t id, struct view body)
{
	uint8_t buf[FRAME_MAX];
	struct wr out;

	begin(&out, buf, proto, code, id);
	wr_bytes(&out, body.p, body.len);
	finish(p, &out);
}

static void over(struct ppp *p, const char *what, struct view text)
{
	char words[80];

	if (p->phase == PPP_OVER)
		return;
	p->phase = PPP_OVER;
	p->retry_at = USEC_NEVER;
	view_printable(text, words, sizeof(words));
	snprintf(p->why, sizeof(p->why), "%s%s%s", what, text.len ? ": " : "", words);
}

static void request(struct ppp *p, uint16_t proto)
{
	struct ppp_negotiation *n = negotiation(p, proto);
	const uint8_t *options = our_options(proto);
	uint8_t buf[FRAME_MAX];
	struct wr out;

	begin(&out, buf, proto, CODE_REQUEST, ++n->id);
	for (unsigned int i = 0; options[i]; i++)
		if (!(n->refused >> i & 1))
			put_option(p, &out, proto, options[i]);
	finish(p, &out);
}

static void pap_request(struct ppp *p)
{
	uint8_t buf[FRAME_MAX];
	struct wr out;

	begin(&out, buf, PROTO_PAP, CODE_REQUEST, (uint8_t)p->tries);
	wr_u8(&out, (uint8_t)strlen(p->user));
	wr_bytes(&out, p->user, strlen(p->user));
	wr_u8(&out, (uint8_t)strlen(p->password));
	wr_bytes(&out, p->password, strlen(p->password));
	finish(p, &out);
}

/* Say what this phase begins with.  False if it is for the peer to speak, as in CHAP. */
static bool ask(struct ppp *p)
{
	if (p->phase == PPP_LCP && !p->lcp.acked)
		request(p, PROTO_LCP);
	else if (p->phase == PPP_AUTH && p->method == PPP_PAP)
		pap_request(p);
	else if (p->phase == PPP_IPCP && !p->ipcp.acked)
		request(p, PROTO_IPCP);
	else
		return false;
	return true;
}

static void enter(struct ppp *p, enum ppp_phase phase, usec_t now)
{
	p->phase = phase;
	p->tries = 1;
	p->retry_at = phase == PPP_UP ? USEC_NEVER : now + p->conf->restart;
	ask(p);
}

static void authenticated(struct ppp *p, usec_t now)
{
	if (p->phase == PPP_AUTH)
		enter(p, PPP_IPCP, now);
}

/* Both sides agree: on to the next phase. */
static void advance(struct ppp *p, usec_t now)
{
	if (p->phase == PPP_LCP && p->lcp.acked && p->lcp.peer_acked) {
		enter(p, PPP_AUTH, now);
		if (p->method == PPP_NOBODY_ASKS)
			authenticated(p, now);
	} else if (p->phase == PPP_IPCP && p->ipcp.acked && p->ipcp.peer_acked) {
		if (p->address)
			enter(p, PPP_UP, now);
		else
			over(p, "IPCP gave no address", (struct view){0});
	}
}

/*
 * The peer's requests
 */

static bool next_option(struct rd *in, uint8_t *ret_option, struct view *ret)
{
	uint8_t len;

	if (!in->left)
		return false;
	*ret_option = rd_u8(in);
	len = rd_u8(in);
	if (in->bad || len < 2)
		return false;
	rd_take(in, ret, len - 2u);
	return !in->bad;
}

static uint8_t judge_auth(struct ppp *p, struct view value)
{
	for (unsigned int i = 0; i < PPP_METHOD_COUNT; i++) {
		if (!(p->conf->methods >> i & 1) || methods[i].len != value.len ||
		    memcmp(methods[i].option, value.p, value.len))
			continue;
		p->method = (enum ppp_method)i;
		return CODE_ACK;
	}
	return CODE_NAK;
}

static uint8_t judge(struct ppp *p, uint16_t proto, uint8_t option, struct view value)
{
	if (proto == PROTO_IPCP)
		return option == IPCP_ADDRESS ? CODE_ACK : CODE_REJECT;
	switch (option) {
	case LCP_AUTH: return judge_auth(p, value);
	case LCP_MRU:
	case LCP_ACCM:
	case LCP_MAGIC:
	case LCP_PFC:
	case LCP_ACFC: return CODE_ACK;
	default: return CODE_REJECT;
	}
}

/* The method that we would rather have. */
static void put_better_auth(struct ppp *p, struct wr *out)
{
	unsigned int i = 0;

	while (i < PPP_METHOD_COUNT - 1 && !(p->conf->methods >> i & 1))
		i++;
	wr_u8(out, LCP_AUTH);
	wr_u8(out, (uint8_t)(2 + methods[i].len));
	wr_bytes(out, methods[i].option, methods[i].len);
}

static void answer(struct ppp *p, uint16_t proto, uint8_t id, struct view body)
{
	uint8_t buf[FRAME_MAX], verdict = CODE_ACK, option;
	struct wr out;
	struct view value;
	struct rd in;

	p->method = proto == PROTO_LCP ? PPP_NOBODY_ASKS : p->method;
	rd_init(&in, body.p, body.len);
	while (next_option(&in, &option, &value)) {
		uint8_t v = judge(p, proto, option, value);

		if (v > verdict) {
			verdict = v;
			begin(&out, buf, proto, verdict, id);
		}
		if (v != verdict || v == CODE_ACK)
			continue;
		if (v == CODE_NAK) {
			put_better_auth(p, &out); /* the only one we have a wish for */
			continue;
		}
		wr_u8(&out, option);
		wr_u8(&out, (uint8_t)(2 + value.len));
		wr_bytes(&out, value.p, value.len);
	}
	negotiation(p, proto)->peer_acked = verdict == CODE_ACK;
	if (verdict == CODE_ACK)
		reply(p, proto, CODE_ACK, id, body);
	else
		finish(p, &out);
}

/*
 * The peer's answers
 */

static void take_nak(struct ppp *p, uint16_t proto, struct view body)
{
	struct rd in;
	struct view value;
	uint8_t option;

	if (proto != PROTO_IPCP)
		return;
	rd_init(&in, body.p, body.len);
	while (next_option(&in, &option, &value)) {
		uint32_t *have = ipcp_value(p, option);
		struct rd number;

		rd_init(&number, value.p, value.len);
		if (have && value.len == 4)
			*have = rd_u32(&number);
	}
}

static void take_reject(struct ppp *p, uint16_t proto, struct view body)
{
	const uint8_t *options = our_options(proto);
	struct rd in;
	struct view value;
	uint8_t option;

	rd_init(&in, body.p, body.len);
	while (next_option(&in, &option, &value))
		for (unsigned int i = 0; options[i]; i++)
			if (options[i] == option)
				negotiation(p, proto)->refused |= 1u << i;
}

static void got_negotiation(struct ppp *p, uint16_t proto, uint8_t code, uint8_t id,
			    struct view body, usec_t now)
{
	struct ppp_negotiation *n = negotiation(p, proto);

	if (code == CODE_REQUEST) {
		answer(p, proto, id, body);
	} else if (id != n->id) {
		return;
	} else if (code == CODE_ACK) {
		n->acked = true;
	} else {
		(code == CODE_NAK ? take_nak : take_reject)(p, proto, body);
		p->retry_at = now + p->conf->restart;
		request(p, proto);
	}
	advance(p, now);
}

static void got_lcp(struct ppp *p, uint8_t code, uint8_t id, struct view body, usec_t now)
{
	struct view none = {0};

	switch (code) {
	case CODE_REQUEST:
		/* Negotiated anew: it all begins from the start. */
		if (p->phase > PPP_LCP && p->phase < PPP_OVER) {
			p->lcp = (struct ppp_negotiation){.id = p->lcp.id};
			p->ipcp = (struct ppp_negotiation){.id = p->ipcp.id};
			enter(p, PPP_LCP, now);
		}
		/* fall through */
	case CODE_ACK:
	case CODE_NAK:
	case CODE_REJECT: got_negotiation(p, PROTO_LCP, code, id, body, now); break;
	case CODE_TERMINATE:
		reply(p, PROTO_LCP, CODE_TERMINATED, id, none);
		over(p, "ended by the server", body);
		break;
	case CODE_ECHO: {
		uint8_t magic[4];
		struct wr out;

		wr_init(&out, magic, sizeof(magic));
		wr_u32(&out, p->magic);
		reply(p, PROTO_LCP, CODE_ECHO_REPLY, id, (struct view){magic, sizeof(magic)});
		break;
	}
	case CODE_ECHO_REPLY: p->echoes_back++; break;
	default: break;
	}
}

static void got_pap(struct ppp *p, uint8_t code, struct view body, usec_t now)
{
	struct rd in;

	rd_init(&in, body.p, body.len);
	rd_skip(&in, 1); /* the message's length */
	rd_rest(&in, &body);
	if (code == CODE_ACK)
		authenticated(p, now);
	else if (code == CODE_NAK)
		over(p, "PAP refused", body);
}

static void answer_challenge(struct ppp *p, uint8_t id, struct view challenge)
{
	uint8_t buf[FRAME_MAX], value[MSCHAP_RESPONSE_LEN], ours[MSCHAP_CHALLENGE_LEN];
	size_t len = MD5_DIGEST_SIZE;
	struct md5_ctx md5;
	struct wr out;

	p->proof[0] = '\0';
	if (p->method == PPP_MSCHAPV2 && challenge.len == MSCHAP_CHALLENGE_LEN) {
		p->conf->random(ours, sizeof(ours));
		mschap_answer(challenge.p, ours, p->user, p->password, value, p->proof);
		len = sizeof(value);
	} else {
		md5_init(&md5);
		md5_update(&md5, 1, &id);
		md5_update(&md5, strlen(p->password), (const uint8_t *)p->password);
		md5_update(&md5, challenge.len, challenge.p);
		md5_digest(&md5, len, value);
	}
	begin(&out, buf, PROTO_CHAP, CHAP_RESPONSE, id);
	wr_u8(&out, (uint8_t)len);
	wr_bytes(&out, value, len);
	wr_bytes(&out, p->user, strlen(p->user));
	finish(p, &out);
}

static void got_chap(struct ppp *p, uint8_t code, uint8_t id, struct view body, usec_t now)
{
	struct view challenge;
	struct rd in;

	switch (code) {
	case CHAP_CHALLENGE:
		rd_init(&in, body.p, body.len);
		rd_take(&in, &challenge, rd_u8(&in));
		if (in.bad)
			break;
		p->retry_at = now + p->conf->restart;
		answer_challenge(p, id, challenge);
		break;
	case CHAP_SUCCESS:
		if (body.len < strlen(p->proof) || memcmp(body.p, p->proof, strlen(p->proof)))
			over(p, "the server does not know the password", (struct view){0});
		else
			authenticated(p, now);
		break;
	case CHAP_FAILURE: over(p, "CHAP refused", body); break;
	default: break;
	}
}

static uint16_t read_protocol(struct rd *in)
{
	uint16_t proto;

	if (in->left >= 2 && in->p[0] == 0xff && in->p[1] == 0x03)
		rd_skip(in, 2);
	proto = rd_u8(in);
	/* The last byte of a protocol number is odd: one byte may stand alone (RFC 1661 6.5). */
	return proto & 1 ? proto : (uint16_t)(proto << 8 | rd_u8(in));
}

static void reject_protocol(struct ppp *p, uint16_t proto, struct view body)
{
	uint8_t buf[FRAME_MAX];
	struct wr out;

	if (p->phase < PPP_AUTH || !(proto & 0x8000)) /* data is not ours to refuse */
		return;
	begin(&out, buf, PROTO_LCP, CODE_PROTOCOL_REJECT, ++p->lcp.id);
	wr_u16(&out, proto);
	wr_bytes(&out, body.p, body.len);
	finish(p, &out);
}

void ppp_input(struct ppp *p, struct view frame, usec_t now)
{
	struct view all, body;
	uint16_t proto, len;
	uint8_t code, id;
	struct rd in;

	if (p->phase == PPP_DEAD || p->phase == PPP_OVER)
		return;
	rd_init(&in, frame.p, frame.len);
	proto = read_protocol(&in);
	all = (struct view){in.p, in.left};
	code = rd_u8(&in);
	id = rd_u8(&in);
	len = rd_u16(&in);
	rd_take(&in, &body, len >= 4 ? len - 4u : 0);
	if (in.bad || len < 4)
		return;
	switch (proto) {
	case PROTO_LCP: got_lcp(p, code, id, body, now); break;
	case PROTO_PAP: got_pap(p, code, body, now); break;
	case PROTO_CHAP: got_chap(p, code, id, body, now); break;
	case PROTO_IPCP:
		if (p->phase >= PPP_IPCP && code <= CODE_REJECT)
			got_negotiation(p, proto, code, id, body, now);
		break;
	default: reject_protocol(p, proto, all);
	}
}

/*
 * From outside
 */

void ppp_init(struct ppp *p, const struct ppp_conf *conf, const char *user, const char *password)
{
	*p = (struct ppp){.conf = conf, .user = user, .password = password};
	p->method = PPP_NOBODY_ASKS;
	p->retry_at = USEC_NEVER;
	conf->random(&p->magic, sizeof(p->magic));
}

void ppp_start(struct ppp *p, usec_t now)
{
	if (p->phase == PPP_DEAD)
		enter(p, PPP_LCP, now);
}

usec_t ppp_deadline(const struct ppp *p)
{
	return p->retry_at;
}

void ppp_run(struct ppp *p, usec_t now)
{
	static const char *const waits[] = {
		[PPP_LCP] = "no answer to LCP",
		[PPP_AUTH] = "no answer to authentication",
		[PPP_IPCP] = "no answer to IPCP",
	};

	if (p->retry_at > now)
		return;
	if (p->tries >= p->conf->tries) {
		over(p, waits[p->phase], (struct view){0});
		return;
	}
	p->tries++;
	p->retry_at = now + p->conf->restart;
	p->restarts += ask(p);
}

void ppp_echo(struct ppp *p)
{
	uint8_t magic[4];
	struct wr out;

	if (p->phase != PPP_UP)
		return;
	wr_init(&out, magic, sizeof(magic));
	wr_u32(&out, p->magic);
	reply(p, PROTO_LCP, CODE_ECHO, (uint8_t)++p->echoes_sent,
	      (struct view){magic, sizeof(magic)});
}

void ppp_close(struct ppp *p)
{
	if (p->phase > PPP_DEAD && p->phase < PPP_OVER)
		reply(p, PROTO_LCP, CODE_TERMINATE, ++p->lcp.id, view_str("user request"));
	over(p, "ended by us", (struct view){0});
}
