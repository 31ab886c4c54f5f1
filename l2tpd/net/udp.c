/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Listener and tunnel sockets; policy.h says what ties them to SAs. */
#include "l2tpd/net/udp.h"

#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "l2tpd/net/outbox.h"
#include "l2tpd/net/policy.h"
#include "lib/base/addr.h"
#include "lib/base/err.h"

#ifndef SO_RCVMARK
#define SO_RCVMARK 75 /* Linux 5.19; asm-generic/socket.h of older headers lacks it */
#endif

#define BATCH           32
#define LISTENER_RCVBUF (4 << 20) /* hundreds of clients may call at once */
#define CONTROL_LEN                                                                                \
	(CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(uint32_t))) /* the larger one  \
										 */

struct listener {
	struct udp *udp;
	struct listener *next;
	struct event *event;
	struct addr address; /* as configured: may be the wildcard */
	uint32_t out_reqid;  /* of the outbound policy in force; 0: none */
	int fd;
};

struct tunnel_socket {
	int fd;
	uint16_t tid;
	struct udp *udp;
	struct path path;
	struct event *event;
};

struct udp {
	struct event_base *base;
	struct udp_conf conf;
	udp_input_fn *input;
	void *ctx;
	struct listener *listeners;
	struct tunnel_socket **tunnels;   /* by tid - tid_lo */
	struct tunnel_socket *delivering; /* NULL again when it is closed meanwhile */
	struct outbox *outbox;            /* what the listeners send in this turn of the loop */
	struct event *turn_ends;
	usec_t now; /* when the last batch came */
	int n_used; /* headers of it */
	struct mmsghdr headers[BATCH];
	struct iovec vectors[BATCH];
	union addr_sockaddr names[BATCH];
	union {
		struct cmsghdr align;
		uint8_t bytes[CONTROL_LEN];
	} controls[BATCH];
	uint8_t datagrams[BATCH][UDP_DATAGRAM_MAX];
};

static void on_turn_ends(evutil_socket_t fd, short what, void *arg)
{
	struct udp *u = arg;

	(void)fd;
	(void)what;
	outbox_send(u->outbox);
}

static void prepare_header(struct udp *u, int i)
{
	u->headers[i].msg_hdr = (struct msghdr){
		.msg_name = &u->names[i],
		.msg_namelen = sizeof(u->names[i]),
		.msg_iov = &u->vectors[i],
		.msg_iovlen = 1,
		.msg_control = &u->controls[i],
		.msg_controllen = sizeof(u->controls[i]),
	};
}

struct udp *udp_new(struct event_base *base, const struct udp_conf *conf, udp_input_fn *input,
		    void *ctx)
{
	struct udp *u = calloc(1, sizeof(*u));

	if (!u)
		return NULL;
	u->tunnels =
		calloc((size_t)(conf->tid_hi - conf->tid_lo) + 1, sizeof(struct tunnel_socket *));
	u->outbox = outbox_new();
	u->turn_ends = event_new(base, -1, 0, on_turn_ends, u);
	if (!u->tunnels || !u->outbox || !u->turn_ends) {
		udp_free(u);
		return NULL;
	}
	for (int i = 0; i < BATCH; i++) {
		u->vectors[i] = (struct iovec){u->datagrams[i], UDP_DATAGRAM_MAX};
		prepare_header(u, i);
	}
	u->base = base;
	u->conf = *conf;
	u->input = input;
	u->ctx = ctx;
	return u;
}

static void free_listener(struct listener *l)
{
	if (l->event)
		event_free(l->event);
	if (l->fd >= 0)
		close(l->fd);
	free(l);
}

static void free_tunnel(struct tunnel_socket *t)
{
	if (t->event)
		event_free(t->event);
	if (t->fd >= 0)
		close(t->fd);
	free(t);
}

void udp_free(struct udp *u)
{
	if (!u)
		return;
	if (u->outbox)
		outbox_send(u->outbox); /* the last word of a server that stops */
	while (u->listeners) {
		struct listener *l = u->listeners;

		u->listeners = l->next;
		free_listener(l);
	}
	for (size_t i = 0; u->tunnels && i <= (size_t)(u->conf.tid_hi - u->conf.tid_lo); i++)
		if (u->tunnels[i])
			free_tunnel(u->tunnels[i]);
	free(u->tunnels);
	outbox_free(u->outbox);
	if (u->turn_ends)
		event_free(u->turn_ends);
	free(u);
}

static int set_int(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) ? -errno : 0;
}

static int bind_to(int fd, const struct addr *a)
{
	union addr_sockaddr sa;
	socklen_t len = addr_to_sockaddr(a, &sa);

	return bind(fd, &sa.sa, len) ? -errno : 0;
}

static int connect_to(int fd, const struct addr *a)
{
	union addr_sockaddr sa;
	socklen_t len = addr_to_sockaddr(a, &sa);

	if (!connect(fd, &sa.sa, len))
		return 0;
	/* The route lookup of a connect() needs the SA that the outbound policy names. */
	return errno == EAGAIN ? -ERR_NO_SA : -errno;
}

/*
 * Receive a batch into u->headers.  Returns how many; 0 when nothing (more) is there.  What of the
 * last batch the kernel has written to is prepared again.
 */
static int receive(struct udp *u, int fd)
{
	int n;

	for (; u->n_used; u->n_used--)
		prepare_header(u, u->n_used - 1);
	n = recvmmsg(fd, u->headers, BATCH, MSG_DONTWAIT, NULL);
	/* ECONNREFUSED and its like come from ICMP, which anybody can forge: not an answer. */
	if (n <= 0)
		return 0;
	u->n_used = n;
	u->now = clock_now();
	return n;
}

/* The address that the client used and the mark of its SA, from a listener's ancillary data. */
static void read_control(struct msghdr *header, struct path *path)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_MARK) {
			memcpy(&path->sa.mark, CMSG_DATA(c), sizeof(path->sa.mark));
		} else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			/* not ipi_addr, which is a broadcast address after a broadcast */
			path->local.family = AF_INET;
			memcpy(path->local.ip, &info.ipi_spec_dst, 4);
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			path->local.family = AF_INET6;
			memcpy(path->local.ip, &info.ipi6_addr, 16);
			if (IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr))
				path->local.scope = info.ipi6_ifindex;
		}
	}
}

static void on_listener(evutil_socket_t fd, short what, void *arg)
{
	struct listener *l = arg;
	struct udp *u = l->udp;
	int n = receive(u, fd);

	(void)what;
	for (int i = 0; i < n; i++) {
		struct msghdr *header = &u->headers[i].msg_hdr;
		struct path from = {.local.port = l->address.port};

		if (header->msg_flags & (MSG_TRUNC | MSG_CTRUNC))
			continue;
		read_control(header, &from);
		if (from.local.family != l->address.family ||
		    addr_from_sockaddr(&from.peer, header->msg_name, header->msg_namelen))
			continue;
		u->input(u->ctx, &from, 0, u->datagrams[i], u->headers[i].msg_len, u->now);
	}
}

static void on_tunnel(evutil_socket_t fd, short what, void *arg)
{
	struct tunnel_socket *t = arg;
	struct udp *u = t->udp;
	int n = receive(u, fd);

	(void)what;
	u->delivering = t;
	for (int i = 0; i < n && u->delivering; i++) {
		struct path from = t->path; /* the socket may be closed before the call returns */

		if (u->headers[i].msg_hdr.msg_flags & MSG_TRUNC)
			continue;
		u->input(u->ctx, &from, t->tid, u->datagrams[i], u->headers[i].msg_len, u->now);
	}
	u->delivering = NULL;
}

static int start_reading(struct udp *u, int fd, event_callback_fn fn, void *arg, struct event **ret)
{
	*ret = event_new(u->base, fd, EV_READ | EV_PERSIST, fn, arg);
	return *ret && !event_add(*ret, NULL) ? 0 : -ENOMEM;
}

static int set_up_listener(struct listener *l)
{
	bool v6 = l->address.family == AF_INET6;
	int err;

	l->fd = socket(l->address.family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (l->fd < 0)
		return -errno;
	err = v6 ? set_int(l->fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) : 0;
	if (!err)
		err = v6 ? set_int(l->fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1)
			 : set_int(l->fd, IPPROTO_IP, IP_PKTINFO, 1);
	if (!err && !l->udp->conf.shared) /* there are no marks, and it takes CAP_NET_ADMIN */
		err = set_int(l->fd, SOL_SOCKET, SO_RCVMARK, 1);
	if (!err && l->udp->conf.esp_only)
		err = policy_set(l->fd, l->address.family, POLICY_IN, 0);
	if (err)
		return err;
	/* A smaller buffer only means more retransmissions in a rush. */
	if (set_int(l->fd, SOL_SOCKET, SO_RCVBUFFORCE, LISTENER_RCVBUF))
		set_int(l->fd, SOL_SOCKET, SO_RCVBUF, LISTENER_RCVBUF);
	err = bind_to(l->fd, &l->address);
	return err ? err : start_reading(l->udp, l->fd, on_listener, l, &l->event);
}

/* Is this the socket of somebody who listens on `address`?  What it sends has any policy. */
static int adopt_listener(struct listener *l)
{
	union addr_sockaddr sa;
	socklen_t len = sizeof(sa);
	struct addr bound;

	if (getsockname(l->fd, &sa.sa, &len) || addr_from_sockaddr(&bound, &sa.sa, len) ||
	    !addr_equal(&bound, &l->address))
		return -EADDRNOTAVAIL;
	l->out_reqid = UINT32_MAX;
	return start_reading(l->udp, l->fd, on_listener, l, &l->event);
}

int udp_listen_on(struct udp *u, const struct addr *address, int fd)
{
	struct listener *l = calloc(1, sizeof(*l));
	int err;

	if (!l) {
		if (fd >= 0)
			close(fd);
		return -ENOMEM;
	}
	l->udp = u;
	l->address = *address;
	l->fd = fd;
	err = fd < 0 ? set_up_listener(l) : adopt_listener(l);
	if (err) {
		free_listener(l);
		return err;
	}
	l->next = u->listeners;
	u->listeners = l;
	return 0;
}

int udp_listen(struct udp *u, const struct addr *address)
{
	return udp_listen_on(u, address, -1);
}

int udp_listener_fd(const struct udp *u, const struct addr *address)
{
	for (const struct listener *l = u->listeners; l; l = l->next)
		if (addr_equal(&l->address, address))
			return l->fd;
	return -1;
}

static bool in_range(const struct udp *u, uint16_t tid)
{
	return tid >= u->conf.tid_lo && tid <= u->conf.tid_hi;
}

static struct tunnel_socket *find_tunnel(const struct udp *u, uint16_t tid)
{
	return in_range(u, tid) ? u->tunnels[tid - u->conf.tid_lo] : NULL;
}

/* Throw away what came while the socket was bound and not yet connected: anybody may have sent it.
 */
static void drain(int fd)
{
	uint8_t byte;

	while (recv(fd, &byte, sizeof(byte), MSG_DONTWAIT) >= 0)
		;
}

static int set_up_tunnel(struct tunnel_socket *t)
{
	struct addr local = t->path.local;
	uint32_t reqid = t->path.sa.reqid;
	int err = 0;

	local.port = t->tid;
	t->fd = socket(local.family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (t->fd < 0)
		return -errno;
	if (reqid)
		err = policy_set_both(t->fd, local.family, reqid);
	if (!err)
		err = bind_to(t->fd, &local);
	if (!err)
		err = connect_to(t->fd, &t->path.peer);
	if (err)
		return err;
	drain(t->fd);
	return start_reading(t->udp, t->fd, on_tunnel, t, &t->event);
}

/* With this socket, or a new one if it is -1. */
static int open_tunnel(struct udp *u, uint16_t tid, const struct path *path, int fd)
{
	struct tunnel_socket *t = calloc(1, sizeof(*t));
	int err;

	if (!t) {
		if (fd >= 0)
			close(fd);
		return -ENOMEM;
	}
	t->udp = u;
	t->path = *path;
	t->fd = fd;
	t->tid = tid;
	err = fd < 0 ? set_up_tunnel(t) : start_reading(u, fd, on_tunnel, t, &t->event);
	if (err) {
		free_tunnel(t);
		return err;
	}
	u->tunnels[tid - u->conf.tid_lo] = t;
	return 0;
}

int udp_open(struct udp *u, uint16_t tid, const struct path *path)
{
	if (!in_range(u, tid) || find_tunnel(u, tid))
		return -EINVAL;
	if (u->conf.shared)
		return 0;
	if (u->conf.esp_only && !path->sa.reqid)
		return -ERR_NO_SA;
	return open_tunnel(u, tid, path, -1);
}

int udp_adopt(struct udp *u, uint16_t tid, const struct path *path, int fd)
{
	if (in_range(u, tid) && !find_tunnel(u, tid))
		return open_tunnel(u, tid, path, fd);
	close(fd);
	return -EINVAL;
}

void udp_close(struct udp *u, uint16_t tid)
{
	struct tunnel_socket *t = find_tunnel(u, tid);

	if (!t)
		return;
	u->tunnels[tid - u->conf.tid_lo] = NULL;
	if (u->delivering == t)
		u->delivering = NULL;
	free_tunnel(t);
}

/* The policies first: the route that connect() looks up needs the SA that they name. */
int udp_move(struct udp *u, uint16_t tid, const struct path *path)
{
	struct tunnel_socket *t = find_tunnel(u, tid);
	uint32_t reqid = path->sa.reqid;
	int err = 0;

	if (u->conf.shared)
		return 0;
	if (!t)
		return -ENOTCONN;
	if (!addr_equal(&t->path.local, &path->local))
		return -EADDRNOTAVAIL;
	if (u->conf.esp_only && !reqid)
		return -ERR_NO_SA;
	if (reqid && reqid != t->path.sa.reqid)
		err = policy_set_both(t->fd, path->local.family, reqid);
	if (!err && !addr_equal(&t->path.peer, &path->peer))
		err = connect_to(t->fd, &path->peer);
	if (!err)
		t->path = *path;
	return err;
}

void udp_mute(struct udp *u, uint16_t tid)
{
	const struct tunnel_socket *t = find_tunnel(u, tid);

	/* Without an SA nothing waits for one that will not come. */
	if (t && t->path.sa.reqid)
		policy_block(t->fd, t->path.local.family);
}

int udp_fd(const struct udp *u, uint16_t tid)
{
	const struct tunnel_socket *t = find_tunnel(u, tid);

	return t ? t->fd : -1;
}

int udp_send(struct udp *u, uint16_t tid, const struct path *path, const void *bytes, size_t len)
{
	const struct tunnel_socket *t;

	if (u->conf.shared)
		return udp_send_stray(u, path, bytes, len);
	t = find_tunnel(u, tid);
	if (!t)
		return -ENOTCONN;
	if (send(t->fd, bytes, len, MSG_DONTWAIT) >= 0)
		return 0;
	/* An error that an ICMP message left behind is told once, instead of sending. */
	return send(t->fd, bytes, len, MSG_DONTWAIT) >= 0 ? 0 : -errno;
}

/* The listener that a datagram to `local` came by. */
static struct listener *find_listener(const struct udp *u, const struct addr *local)
{
	struct listener *wild = NULL;

	for (struct listener *l = u->listeners; l; l = l->next) {
		if (addr_equal(&l->address, local))
			return l;
		if (l->address.family == local->family && l->address.port == local->port &&
		    addr_is_any(&l->address))
			wild = l;
	}
	return wild;
}

/*
 * Point the listener's outbound policy at the SA with `reqid`, when all that was for another has
 * left: so one policy serves all clients in turn.
 */
static int aim(struct listener *l, uint32_t reqid)
{
	int err;

	if (!reqid && l->udp->conf.esp_only)
		return -ERR_NO_SA;
	if (reqid == l->out_reqid)
		return 0;
	outbox_send(l->udp->outbox);
	err = reqid ? policy_set(l->fd, l->address.family, POLICY_OUT, reqid)
		    : policy_clear(l->fd, l->address.family);
	if (!err)
		l->out_reqid = reqid;
	return err;
}

int udp_send_stray(struct udp *u, const struct path *path, const void *bytes, size_t len)
{
	struct listener *l = find_listener(u, &path->local);
	int err = l ? aim(l, path->sa.reqid) : -ENOTCONN;

	if (!err)
		err = outbox_add(u->outbox, l->fd, &path->local, &path->peer, bytes, len);
	if (!err)
		event_active(u->turn_ends, 0, 0);
	return err;
}
