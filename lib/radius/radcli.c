/* SPDX-License-Identifier: GPL-2.0-or-later */
/* radiusclient.conf to struct radius_conf; see radcli.h. */
#include "lib/radius/radcli.h"

#include <errno.h>
#include <netdb.h>
#include <radcli/radcli.h>
#include <string.h>

#include "lib/base/secret.h"

/* The library copies up to MAX_SECRET_LENGTH bytes, a number that has grown between its releases.
 */
#define SECRET_ROOM 1024

static int read_server(const rc_handle *rh, const SERVER *list, unsigned int i,
		       struct radius_server *ret)
{
	struct addrinfo *info = NULL;
	char found[SECRET_ROOM] = "";
	const char *secret;
	int r = -ENOKEY;

	if (rc_find_server_addr(rh, list->name[i], &info, found, AUTH))
		return -ENOKEY;
	/* It takes the first server whose name merely begins the same: our own row goes first. */
	secret = list->secret[i] ? list->secret[i] : found;
	ret->secret_len = strlen(secret);
	if (ret->secret_len && ret->secret_len <= sizeof(ret->secret) &&
	    !addr_from_sockaddr(&ret->address, info->ai_addr, info->ai_addrlen)) {
		memcpy(ret->secret, secret, ret->secret_len);
		ret->address.port = list->port[i] ? list->port[i] : RADIUS_PORT;
		r = 0;
	}
	secret_wipe(found, sizeof(found));
	freeaddrinfo(info);
	return r;
}

int radcli_read(const char *path, struct radius_conf *ret)
{
	struct radius_conf conf = {0};
	const SERVER *list;
	rc_handle *rh;
	int n, r = 0;

	rh = rc_read_config(path);
	if (!rh)
		return -EINVAL;
	list = rc_conf_srv(rh, "authserver");
	if (!list || !list->max)
		r = -ENOENT;
	for (int i = 0; !r && i < list->max && i < RADIUS_SERVERS_MAX; i++) {
		r = read_server(rh, list, (unsigned int)i, &conf.servers[i]);
		conf.n_servers++;
	}
	if (!r) {
		n = rc_conf_int(rh, "radius_timeout");
		conf.timeout = n > 0 ? (usec_t)n * USEC_PER_S : ret->timeout;
		n = rc_conf_int(rh, "radius_retries");
		conf.tries = n >= 0 ? (unsigned int)n + 1 : ret->tries;
		*ret = conf;
	}
	secret_wipe(&conf, sizeof(conf));
	rc_destroy(rh);
	return r;
}
