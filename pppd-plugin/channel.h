/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pppd's channel: the kernel's L2TP session, as a connected PPPoX socket, in the place of a tty.
 * Keeps what the client has sent before pppd was ready, which pppd's own pppol2tp.so loses.
 */
#ifndef PPPD_PLUGIN_CHANNEL_H
#define PPPD_PLUGIN_CHANNEL_H

/*
 * Make it pppd's channel.  `complete` is called when pppd has read and checked all its options, and
 * has to call channel_use().
 */
void channel_init(void (*complete)(void));

/* The session's socket, taken over. */
void channel_use(int fd);

#endif
