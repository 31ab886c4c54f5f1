/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UDP sockets of L2TP: the listener (port 1701) and one socket per tunnel, whose local port is the
 * tunnel id.  Per-socket IPsec policies make the kernel drop what did not come through the right
 * SA and refuse to send past it.  Knows addresses and ids, no L2TP.
 */
#ifndef L2TPD_NET_UDP_H
#define L2TPD_NET_UDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "l2tpd/fsm/ports.h"

struct event_base;
struct udp;

/* Longer datagrams are dropped: no control message comes near. */
#define UDP_DATAGRAM_MAX 4096

struct udp_conf {
	bool esp_only;           /* refuse, in both directions, what does not go through ESP */
	bool shared;             /* tunnels have no sockets, the listener serves them: see below */
	uint16_t tid_lo, tid_hi; /* tunnel ids that udp_open() may be asked for; 1 <= lo <= hi */
};

/*
 * A shared listener works without privileges and without the rules of policy/nft.c: udp_open()
 * opens nothing, udp_fd() is -1, and all datagrams come and go by the listener.  There is no IPsec
 * then.
 */

/*
 * One datagram has come, at `now`.  `via`: the tunnel whose socket got it; 0: the listener.  For
 * the listener `from->sa.reqid` is 0: only the mark is known here.  It may open, close and send on
 * any socket, but not call udp_free().
 */
typedef void udp_input_fn(void *ctx, const struct path *from, uint16_t via, const void *bytes,
			  size_t len, usec_t now);

/* No socket is open yet.  NULL: no memory.  `base` must outlive it. */
struct udp *udp_new(struct event_base *base, const struct udp_conf *conf, udp_input_fn *input,
		    void *ctx);

/* Close everything. */
void udp_free(struct udp *u);

/*
 * Listen on `address` (with port) too.  -EADDRINUSE: somebody else, such as xl2tpd, has the port;
 * -ENOPROTOOPT: the kernel is older than 5.19 or lacks XFRM; other errno values.
 */
int udp_listen(struct udp *u, const struct addr *address);

/*
 * The same with a socket that another process has opened by udp_listen(), taken over, also on
 * failure.  -EADDRNOTAVAIL: it listens elsewhere.
 */
int udp_listen_on(struct udp *u, const struct addr *address, int fd);

/* The socket that listens on `address`, which stays ours; -1: none. */
int udp_listener_fd(const struct udp *u, const struct addr *address);

/*
 * Open the socket of tunnel `tid`: local port `tid`, connected to the peer, tied to the SA with
 * `path->sa.reqid`.  -EADDRINUSE: the port is taken, try another id; -ERR_NO_SA: there is no such
 * SA (any more); -EINVAL: `tid` is out of range or open; other errno values.
 */
int udp_open(struct udp *u, uint16_t tid, const struct path *path);
void udp_close(struct udp *u, uint16_t tid);

/* The same with a socket that another process has opened and kept; taken over, also on failure. */
int udp_adopt(struct udp *u, uint16_t tid, const struct path *path, int fd);

/*
 * Tie the open socket of `tid` to another SA, connect it to another address of the peer, or both;
 * the local address stays.  What the kernel sends through it, data too, goes there from now on.
 * -ENOTCONN: not open; -EADDRNOTAVAIL: the local address is another one; else as udp_open(), and
 * the socket is to be closed.
 */
int udp_move(struct udp *u, uint16_t tid, const struct path *path);

/*
 * Nothing leaves through the socket of `tid` any more, data of its sessions included: its SA is
 * gone, and the kernel would have charon look for another one each time.
 */
void udp_mute(struct udp *u, uint16_t tid);

/* The open socket of `tid`, which stays ours; -1: none. */
int udp_fd(const struct udp *u, uint16_t tid);

/* Send one datagram through the socket of `tid`, whose path this is.  -ENOTCONN: not open;
 * -ERR_NO_SA; errno values. */
int udp_send(struct udp *u, uint16_t tid, const struct path *path, const void *bytes, size_t len);

/*
 * Send one datagram from the listener that has `path->local`, through the SA with `path->sa.reqid`.
 * It never leaves in the clear when the sockets are `esp_only`.  It leaves, or is lost, when the
 * callback of the loop that we are in has returned.  -ENOTCONN: no such listener; -ERR_NO_SA: no SA
 * is named; -EMSGSIZE; other errno values.
 */
int udp_send_stray(struct udp *u, const struct path *path, const void *bytes, size_t len);

#endif
