/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Building and checking RADIUS packets; see packet.h. */
#include "lib/radius/packet.h"

#include <errno.h>
#include <nettle/hmac.h>
#include <nettle/md5.h>
#include <string.h>

#include "lib/base/secret.h"

#define ATTR_HDR_LEN   2 /* type, length */
#define VENDOR_HDR_LEN 6 /* vendor id, vendor type, vendor length (RFC 2865 5.26) */
#define LENGTH_AT      2
#define AUTH_AT        4

void radius_attrs_init(struct radius_attrs *a)
{
	wr_init(&a->w, a->bytes, sizeof(a->bytes));
	a->password_len = 0;
	a->has_password = false;
}

void radius_attrs_wipe(struct radius_attrs *a)
{
	secret_wipe(a->password, sizeof(a->password));
	a->password_len = 0;
	a->has_password = false;
}

void radius_add_bytes(struct radius_attrs *a, enum radius_attr_type type, struct view value)
{
	if (!value.len || value.len > RADIUS_ATTR_MAX) {
		a->w.bad = true;
		return;
	}
	wr_u8(&a->w, (uint8_t)type);
	wr_u8(&a->w, (uint8_t)(value.len + ATTR_HDR_LEN));
	wr_bytes(&a->w, value.p, value.len);
}

void radius_add_text(struct radius_attrs *a, enum radius_attr_type type, const char *text)
{
	radius_add_bytes(a, type, view_str(text));
}

void radius_add_u32(struct radius_attrs *a, enum radius_attr_type type, uint32_t value)
{
	wr_u8(&a->w, (uint8_t)type);
	wr_u8(&a->w, sizeof(value) + ATTR_HDR_LEN);
	wr_u32(&a->w, value);
}

void radius_add_vendor(struct radius_attrs *a, uint32_t vendor, enum radius_attr_type type,
		       struct view value)
{
	if (!value.len || value.len > RADIUS_VENDOR_MAX) {
		a->w.bad = true;
		return;
	}
	wr_u8(&a->w, RADIUS_VENDOR_SPECIFIC);
	wr_u8(&a->w, (uint8_t)(value.len + VENDOR_HDR_LEN + ATTR_HDR_LEN));
	wr_u32(&a->w, vendor);
	wr_u8(&a->w, (uint8_t)type);
	wr_u8(&a->w, (uint8_t)(value.len + ATTR_HDR_LEN));
	wr_bytes(&a->w, value.p, value.len);
}

void radius_set_password(struct radius_attrs *a, struct view password)
{
	if (password.len > sizeof(a->password)) {
		a->w.bad = true;
		return;
	}
	if (password.len)
		memcpy(a->password, password.p, password.len);
	a->password_len = password.len;
	a->has_password = true;
}

static void md5(uint8_t ret[static RADIUS_AUTH_LEN], const struct view *parts, size_t n)
{
	struct md5_ctx ctx;

	md5_init(&ctx);
	for (size_t i = 0; i < n; i++)
		md5_update(&ctx, parts[i].len, parts[i].p);
	md5_digest(&ctx, MD5_DIGEST_SIZE, ret);
	secret_wipe(&ctx, sizeof(ctx));
}

size_t radius_hide_password(uint8_t ret[static RADIUS_PASSWORD_MAX], struct view password,
			    const uint8_t authenticator[static RADIUS_AUTH_LEN], struct view secret)
{
	uint8_t mask[RADIUS_AUTH_LEN];
	struct view parts[] = {secret, {authenticator, RADIUS_AUTH_LEN}};
	size_t done = 0;

	do {
		md5(mask, parts, 2);
		for (size_t i = 0; i < RADIUS_AUTH_LEN; i++)
			ret[done + i] = mask[i] ^
					(done + i < password.len ? password.p[done + i] : 0);
		parts[1].p = ret + done;
		done += RADIUS_AUTH_LEN;
	} while (done < password.len);
	secret_wipe(mask, sizeof(mask));
	return done;
}

void radius_sign(uint8_t ret[static RADIUS_AUTH_LEN], const uint8_t *buf, size_t len, size_t at,
		 const uint8_t authenticator[static RADIUS_AUTH_LEN], struct view secret)
{
	static const uint8_t zero[RADIUS_AUTH_LEN];
	size_t after = at + RADIUS_AUTH_LEN;
	struct hmac_md5_ctx ctx;

	hmac_md5_set_key(&ctx, secret.len, secret.p);
	hmac_md5_update(&ctx, AUTH_AT, buf);
	hmac_md5_update(&ctx, RADIUS_AUTH_LEN, authenticator);
	hmac_md5_update(&ctx, at - RADIUS_HDR_LEN, buf + RADIUS_HDR_LEN);
	hmac_md5_update(&ctx, sizeof(zero), zero);
	hmac_md5_update(&ctx, len - after, buf + after);
	hmac_md5_digest(&ctx, RADIUS_AUTH_LEN, ret);
	secret_wipe(&ctx, sizeof(ctx));
}

void radius_response_authenticator(uint8_t ret[static RADIUS_AUTH_LEN], const uint8_t *buf,
				   size_t len, const uint8_t authenticator[static RADIUS_AUTH_LEN],
				   struct view secret)
{
	const struct view parts[] = {
		{buf, AUTH_AT},
		{authenticator, RADIUS_AUTH_LEN},
		{buf + RADIUS_HDR_LEN, len - RADIUS_HDR_LEN},
		secret,
	};

	md5(ret, parts, 4);
}

int radius_request_build(void *buf, size_t cap, uint8_t id,
			 const uint8_t authenticator[static RADIUS_AUTH_LEN],
			 const struct radius_attrs *attrs, struct view secret)
{
	uint8_t hidden[RADIUS_PASSWORD_MAX];
	uint8_t sign[RADIUS_AUTH_LEN];
	size_t sign_at, len;
	struct wr w;

	if (attrs->w.bad)
		return -EINVAL;
	wr_init(&w, buf, cap < RADIUS_PACKET_MAX ? cap : RADIUS_PACKET_MAX);
	wr_u8(&w, RADIUS_ACCESS_REQUEST);
	wr_u8(&w, id);
	wr_u16(&w, 0);
	wr_bytes(&w, authenticator, RADIUS_AUTH_LEN);
	wr_u8(&w, RADIUS_MESSAGE_AUTHENTICATOR);
	wr_u8(&w, RADIUS_AUTH_LEN + ATTR_HDR_LEN);
	sign_at = w.len;
	wr_zero(&w, RADIUS_AUTH_LEN);
	wr_bytes(&w, attrs->bytes, attrs->w.len);
	if (attrs->has_password) {
		const struct view password = {attrs->password, attrs->password_len};

		len = radius_hide_password(hidden, password, authenticator, secret);
		wr_u8(&w, RADIUS_USER_PASSWORD);
		wr_u8(&w, (uint8_t)(len + ATTR_HDR_LEN));
		wr_bytes(&w, hidden, len);
	}
	if (w.bad)
		return -EMSGSIZE;
	wr_u16_at(&w, LENGTH_AT, (uint16_t)w.len);
	radius_sign(sign, w.buf, w.len, sign_at, authenticator, secret);
	memcpy(w.buf + sign_at, sign, sizeof(sign));
	return (int)w.len;
}

const char *radius_flaw_text(enum radius_flaw flaw)
{
	static const char *const texts[] = {
#define X(NAME, text) text,
		RADIUS_FLAWS(X)
#undef X
	};

	return texts[flaw];
}

/* Is `attrs` well formed?  Where the value of the one Message-Authenticator is: NULL without. */
static bool check_attrs(struct view attrs, const uint8_t **ret_sign)
{
	struct rd in;

	*ret_sign = NULL;
	rd_init(&in, attrs.p, attrs.len);
	while (in.left) {
		uint8_t type = rd_u8(&in);
		uint8_t len = rd_u8(&in);
		struct view value;

		if (len < ATTR_HDR_LEN)
			return false;
		rd_take(&in, &value, len - ATTR_HDR_LEN);
		if (in.bad)
			return false;
		if (type != RADIUS_MESSAGE_AUTHENTICATOR)
			continue;
		if (*ret_sign || value.len != RADIUS_AUTH_LEN)
			return false;
		*ret_sign = value.p;
	}
	return !in.bad;
}

enum radius_flaw radius_reply_parse(struct view packet, uint8_t id,
				    const uint8_t authenticator[static RADIUS_AUTH_LEN],
				    struct view secret, struct radius_reply *ret)
{
	uint8_t expected[RADIUS_AUTH_LEN];
	struct view attrs, given;
	const uint8_t *sign;
	uint8_t code, reply_id;
	uint16_t len;
	struct rd in;

	if (packet.len < RADIUS_HDR_LEN)
		return RADIUS_FLAW_MALFORMED;
	rd_init(&in, packet.p, packet.len);
	code = rd_u8(&in);
	reply_id = rd_u8(&in);
	len = rd_u16(&in);
	if (len < RADIUS_HDR_LEN || len > packet.len || len > RADIUS_PACKET_MAX)
		return RADIUS_FLAW_MALFORMED;
	rd_take(&in, &given, RADIUS_AUTH_LEN);
	rd_take(&in, &attrs, len - RADIUS_HDR_LEN);
	if (!check_attrs(attrs, &sign))
		return RADIUS_FLAW_MALFORMED;
	if (reply_id != id)
		return RADIUS_FLAW_STALE;
	if (code != RADIUS_ACCESS_ACCEPT && code != RADIUS_ACCESS_REJECT &&
	    code != RADIUS_ACCESS_CHALLENGE)
		return RADIUS_FLAW_CODE;
	radius_response_authenticator(expected, packet.p, len, authenticator, secret);
	if (!secret_equal(expected, given.p, sizeof(expected)))
		return RADIUS_FLAW_FORGED;
	if (!sign)
		return RADIUS_FLAW_UNSIGNED;
	radius_sign(expected, packet.p, len, (size_t)(sign - packet.p), authenticator, secret);
	if (!secret_equal(expected, sign, sizeof(expected)))
		return RADIUS_FLAW_FORGED;
	ret->code = code;
	ret->attrs = attrs;
	return RADIUS_FLAW_NONE;
}

/* Does the value of a Vendor-Specific attribute follow the proposed form to its end? */
static bool is_proposed_form(struct view value)
{
	struct view skip;
	struct rd in;

	rd_init(&in, value.p, value.len);
	if (rd_u32(&in) == 0 || !in.left)
		return false;
	while (in.left) {
		uint8_t len;

		rd_u8(&in);
		len = rd_u8(&in);
		if (len < ATTR_HDR_LEN)
			return false;
		rd_take(&in, &skip, len - ATTR_HDR_LEN);
	}
	return !in.bad;
}

void radius_walk(struct radius_walk *w, struct view attrs)
{
	*w = (struct radius_walk){0};
	rd_init(&w->in, attrs.p, attrs.len);
}

int radius_next(struct radius_walk *w, struct radius_attr *ret)
{
	struct radius_attr attr = {0};
	uint8_t len;

	if (w->sub.left) {
		attr.vendor = w->vendor;
		attr.type = rd_u8(&w->sub);
		len = rd_u8(&w->sub);
		rd_take(&w->sub, &attr.value, len - ATTR_HDR_LEN);
		*ret = attr;
		return 1;
	}
	if (!w->in.left)
		return w->in.bad ? -EBADMSG : 0;
	attr.type = rd_u8(&w->in);
	len = rd_u8(&w->in);
	if (w->in.bad || len < ATTR_HDR_LEN)
		return -EBADMSG;
	rd_take(&w->in, &attr.value, len - ATTR_HDR_LEN);
	if (w->in.bad)
		return -EBADMSG;
	if (attr.type == RADIUS_VENDOR_SPECIFIC && is_proposed_form(attr.value)) {
		rd_init(&w->sub, attr.value.p, attr.value.len);
		w->vendor = rd_u32(&w->sub);
		return radius_next(w, ret);
	}
	*ret = attr;
	return 1;
}

int radius_find(struct view attrs, uint32_t vendor, enum radius_attr_type type, struct view *ret)
{
	struct radius_attr attr;
	struct radius_walk w;

	radius_walk(&w, attrs);
	while (radius_next(&w, &attr) > 0) {
		if (attr.vendor == vendor && attr.type == type) {
			*ret = attr.value;
			return 0;
		}
	}
	return -ENOENT;
}

int radius_find_u32(struct view attrs, uint32_t vendor, enum radius_attr_type type, uint32_t *ret)
{
	struct view value;
	struct rd in;

	if (radius_find(attrs, vendor, type, &value) || value.len != sizeof(*ret))
		return -ENOENT;
	rd_init(&in, value.p, value.len);
	*ret = rd_u32(&in);
	return 0;
}
