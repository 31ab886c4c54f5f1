/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is loaded when it is needed: libradcli brings gnutls and a dozen libraries more.  None of
 * that stays, as a waiting pppd must hold no generator of random numbers (wait.c).
 */
#ifndef PPPD_PLUGIN_MODULE_H
#define PPPD_PLUGIN_MODULE_H

#include "lib/radius/client.h"

#define MODULE_FILE     "l2tpd-radcli.so" /* beside our plugin */
#define MODULE_FUNCTION "l2tpd_radcli_read"

/* As radcli_read() */
typedef int module_read_fn(const char *path, struct radius_conf *ret);

/* Read a radiusclient.conf.  As radcli_read(); -ELIBACC: the module cannot be loaded, *ret_why. */
int module_read_radcli(const char *path, struct radius_conf *ret, const char **ret_why);

#endif
