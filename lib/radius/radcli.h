/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Servers and secrets out of an existing radiusclient.conf, read by libradcli.  Of that library
 * only the configuration is used: up to 1.5.3 it takes answers with a wrong Response Authenticator,
 * it blocks, and it drops attributes that its dictionary lacks.
 */
#ifndef LIB_RADIUS_RADCLI_H
#define LIB_RADIUS_RADCLI_H

#include "lib/radius/client.h"

/*
 * Read the `authserver`s, their secrets, `radius_timeout` and `radius_retries` of the file `path`
 * into `ret`.  -EINVAL: libradcli refused the file and has said in syslog why; -ENOENT: it names no
 * server; -ENOKEY: a server has no secret or no address.  (A server that the `servers` file lacks
 * gets the secret in its last line: up to 1.4.0 the library takes that for a match.)  May wait for
 * the resolver when servers are given by name.
 */
int radcli_read(const char *path, struct radius_conf *ret);

#endif
