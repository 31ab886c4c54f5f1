/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pppd's headers, and every difference between its versions 2.4.9 and 2.5.x, behind host_ names.
 * Include it before anything else: 2.4.9 defines its own `bool`.
 */
#ifndef PPPD_PLUGIN_COMPAT_H
#define PPPD_PLUGIN_COMPAT_H

#include "config.h"

#ifdef HAVE_PPPD_PPPDCONF_H /* since 2.5 */
#include <linux/ppp_defs.h>

#include <pppd/pppdconf.h>

#include <pppd/pppd.h>

#include <pppd/fsm.h>

#include <pppd/ccp.h>
#include <pppd/chap.h>
#include <pppd/ipcp.h>
#include <pppd/lcp.h>
#include <pppd/options.h>
#include <pppd/upap.h>
#define HOST_VERSION PPPD_VERSION
#else
#include <pppd/pppd.h>

#include <pppd/fsm.h>

#include <pppd/ccp.h>
#include <pppd/chap-new.h>
#include <pppd/ipcp.h>
#include <pppd/lcp.h>
#include <pppd/upap.h>
#define HOST_VERSION VERSION
#endif

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/base/clock.h"

#ifndef PPP_EAP
#define PPP_EAP 0xc227 /* RFC 3748 3.1; only pppd's own sources have it everywhere */
#endif

#define HOST_HDR_LEN 4 /* address, control, protocol in front of each packet */

typedef void host_notify_fn(void *ctx, int arg);
typedef void host_timer_fn(void *ctx);
typedef void host_watch_fn(int fd, void *ctx);

#ifdef HAVE_PPPD_PPPDCONF_H

/* Exported by pppd, declared only in a header that is not installed. */
void link_terminated(int unit);
void auth_peer_success(int unit, int protocol, int flavor, char *name, int name_len);
void auth_peer_fail(int unit, int protocol);
void output(int unit, unsigned char *packet, int len);
extern unsigned char outpacket_buf[];

#define host_option_error ppp_option_error
#define host_int_option   ppp_int_option

static inline void host_add_options(option_t *options)
{
	ppp_add_options(options);
}

static inline void host_on_phase(host_notify_fn *fn)
{
	ppp_add_notify(NF_PHASE_CHANGE, fn, NULL);
}

static inline void host_on_exit(host_notify_fn *fn)
{
	ppp_add_notify(NF_EXIT, fn, NULL);
}

static inline void host_on_auth_up(host_notify_fn *fn)
{
	ppp_add_notify(NF_AUTH_UP, fn, NULL);
}

static inline void host_on_ip_up(host_notify_fn *fn)
{
	ppp_add_notify(NF_IP_UP, fn, NULL);
}

static inline void host_on_ip_down(host_notify_fn *fn)
{
	ppp_add_notify(NF_IP_DOWN, fn, NULL);
}

static inline void host_timeout(host_timer_fn *fn, void *ctx, usec_t in)
{
	ppp_timeout(fn, ctx, (int)(in / USEC_PER_S), (int)(in % USEC_PER_S));
}

static inline void host_untimeout(host_timer_fn *fn, void *ctx)
{
	ppp_untimeout(fn, ctx);
}

static inline int host_establish(int fd)
{
	return ppp_generic_establish(fd);
}

static inline void host_disestablish(int fd)
{
	ppp_generic_disestablish(fd);
}

static inline int host_exit_status(void)
{
	return (int)ppp_status();
}

static inline void host_set_exit_status(int code)
{
	ppp_set_status((ppp_exit_code_t)code);
}

static inline const char *host_ifname(void)
{
	return ppp_ifname();
}

static inline const char *host_name(void)
{
	return ppp_hostname();
}

static inline const char *host_peer_name(void)
{
	return ppp_peer_authname(NULL, 0);
}

static inline int host_mtu(void)
{
	return ppp_get_mtu(ppp_ifunit());
}

static inline void host_set_mtu(int mtu)
{
	ppp_set_mtu(ppp_ifunit(), mtu);
}

static inline void host_set_session_timeout(int seconds)
{
	ppp_set_max_connect_time((unsigned int)seconds);
}

static inline void host_set_idle_timeout(int seconds)
{
	ppp_set_max_idle_time((unsigned int)seconds);
}

#else /* 2.4.9 */

#define host_option_error option_error
#define host_int_option   int_option

static inline void host_add_options(option_t *options)
{
	add_options(options);
}

static inline void host_on_phase(host_notify_fn *fn)
{
	add_notifier(&phasechange, fn, NULL);
}

static inline void host_on_exit(host_notify_fn *fn)
{
	add_notifier(&exitnotify, fn, NULL);
}

static inline void host_on_auth_up(host_notify_fn *fn)
{
	add_notifier(&auth_up_notifier, fn, NULL);
}

static inline void host_on_ip_up(host_notify_fn *fn)
{
	add_notifier(&ip_up_notifier, fn, NULL);
}

static inline void host_on_ip_down(host_notify_fn *fn)
{
	add_notifier(&ip_down_notifier, fn, NULL);
}

static inline void host_timeout(host_timer_fn *fn, void *ctx, usec_t in)
{
	timeout(fn, ctx, (int)(in / USEC_PER_S), (int)(in % USEC_PER_S));
}

static inline void host_untimeout(host_timer_fn *fn, void *ctx)
{
	untimeout(fn, ctx);
}

static inline int host_establish(int fd)
{
	return generic_establish_ppp(fd);
}

static inline void host_disestablish(int fd)
{
	generic_disestablish_ppp(fd);
}

static inline int host_exit_status(void)
{
	return status;
}

static inline void host_set_exit_status(int code)
{
	status = code;
}

static inline const char *host_ifname(void)
{
	return ifname;
}

static inline const char *host_name(void)
{
	return hostname;
}

static inline const char *host_peer_name(void)
{
	return peer_authname;
}

static inline int host_mtu(void)
{
	return netif_get_mtu(ifunit);
}

static inline void host_set_mtu(int mtu)
{
	netif_set_mtu(ifunit, mtu);
}

static inline void host_set_session_timeout(int seconds)
{
	maxconnect = seconds;
}

static inline void host_set_idle_timeout(int seconds)
{
	idle_time_limit = seconds;
}

#endif

/* One of pppd's protocols; NULL: it has none of this number. */
static inline struct protent *host_protocol(uint16_t number)
{
	for (size_t i = 0; protocols[i]; i++)
		if (protocols[i]->protocol == number)
			return protocols[i];
	return NULL;
}

/* Does pppd's loop call back when a file descriptor is readable?  Since 2.5.3. */
#if HAVE_DECL_ADD_FD_CALLBACK
#define HOST_WATCHES_FDS true

static inline void host_watch(int fd, host_watch_fn *fn, void *ctx)
{
	add_fd_callback(fd, fn, ctx);
}

static inline void host_unwatch(int fd)
{
	remove_fd(fd);
}
#else
#define HOST_WATCHES_FDS false

static inline void host_watch(int fd, host_watch_fn *fn, void *ctx)
{
	(void)fd;
	(void)fn;
	(void)ctx;
}

static inline void host_unwatch(int fd)
{
	(void)fd;
}
#endif

#endif
