/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Going on where the engine before has ended: what the monitor hands over, matched with its book.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "l2tpd/daemon_priv.h"
#include "l2tpd/ppp/door.h"
#include "lib/base/err.h"

#define LEAVE_MS 50 /* for the answer to who has asked for it */

/* The book of the engine before, or a new one. */
static int open_book(struct daemon *d)
{
	int fd = d->handover.state_fd;
	struct stat st;
	void *memory;

	if (fstat(fd, &st))
		return -errno;
	if (st.st_size && st.st_size != (off_t)book_size())
		return -EPROTONOSUPPORT;
	if (!st.st_size && ftruncate(fd, (off_t)book_size()))
		return -errno;
	memory = mmap(NULL, book_size(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		return -errno;
	d->book_memory = memory;
	return book_open(memory, &d->book);
}

int daemon_take_over(struct daemon *d, int monitor_fd)
{
	int err = handover_receive(monitor_fd, &d->handover);

	if (err == -EPROTONOSUPPORT) {
		log_error(DAEMON, "cannot-take-over",
			  "the monitor is of another version; cure=\"restart the service\"");
		return err;
	}
	if (!err)
		err = open_book(d);
	if (err == -EPROTONOSUPPORT)
		log_error(DAEMON, "cannot-take-over",
			  "the sessions were begun by another version of l2tpd, which has another "
			  "form of writing them down; cure=\"restart the service\"");
	else if (err)
		log_error(DAEMON, "cannot-take-over", "%s", err_text(err));
	return err;
}

/*
 * Sockets
 */

void daemon_keep(struct daemon *d, enum kept kind, uint16_t id, int fd)
{
	if (!d->dry_run && fd >= 0)
		ppp_keep(d->ppp, kind, id, fd);
}

void daemon_drop(struct daemon *d, enum kept kind, uint16_t id)
{
	if (!d->dry_run)
		ppp_drop(d->ppp, kind, id);
}

int daemon_listen(struct daemon *d, uint16_t nth, const struct addr *address)
{
	int fd = handover_take(&d->handover, KEPT_LISTENER, nth);
	int err = fd < 0 ? -EADDRNOTAVAIL : udp_listen_on(d->udp, address, fd);

	if (!err)
		return 0;
	err = udp_listen(d->udp, address); /* there was none, or one of another configuration */
	if (!err)
		daemon_keep(d, KEPT_LISTENER, nth, udp_listener_fd(d->udp, address));
	return err;
}

int daemon_taken_socket(struct daemon *d, enum kept kind)
{
	int fd = handover_take(&d->handover, kind, 0);

	return fd < 0 ? 0 : fd;
}

int daemon_tunnel_restore(void *ctx, uint16_t tid, const struct path *path, bool told)
{
	struct daemon *d = ctx;
	int fd = handover_take(&d->handover, KEPT_TUNNEL, tid);
	int err = fd < 0 ? -ENOTSOCK : udp_adopt(d->udp, tid, path, fd);

	if (err)
		log_warn(TUNNEL, "lost", "tid=%u: its socket: %s", tid, err_text(err));
	/* Whose it is, is not known before charon's plugin has told of its SA. */
	if (!err && !told && !d->sas)
		(void)shares_add(d->shares, path, NULL);
	return err;
}

/* What belongs to no tunnel that is there: the kernel's tunnel goes with its last socket. */
static void drop_strays(struct daemon *d)
{
	const struct handover *h = &d->handover;

	for (size_t i = 0; i < h->n_sockets; i++)
		if (h->sockets[i].fd >= 0)
			daemon_drop(d, h->sockets[i].kind, h->sockets[i].id);
}

/*
 * pppds
 */

int daemon_session_restore(void *ctx, uint16_t tid, uint16_t sid)
{
	struct daemon *d = ctx;
	const struct handed_pppd *p = handover_pppd(&d->handover, sid);
	const struct answer *a = handover_answer(&d->handover, sid);

	(void)tid;
	if (p)
		return ppp_restore(d->ppp, sid, p->generation, p->pid);
	/* It has ended, and why is among the answers that it is about to be given. */
	return a ? ppp_restore(d->ppp, sid, a->generation, a->pid) : -ESRCH;
}

/* Nobody knows what it is for: it was started, and not written down any more. */
static void end_strays(struct daemon *d)
{
	const struct handover *h = &d->handover;

	for (size_t i = 0; i < h->n_pppds; i++) {
		const struct handed_pppd *p = &h->pppds[i];

		if (ppp_restore(d->ppp, p->sid, p->generation, p->pid))
			continue;
		log_debug(PPP, "stray", "sid=%u pid=%d", p->sid, (int)p->pid);
		ppp_stop(d->ppp, p->sid);
	}
}

/* When all pppds that run are known: who calls there is looked for among them. */
static void open_door(struct daemon *d)
{
	int fd = handover_take(&d->handover, KEPT_DOOR, 0), err;

	if (fd < 0)
		return;
	err = door_name(fd, d->door, sizeof(d->door));
	if (!err)
		err = links_listen(d->links, fd);
	else
		close(fd);
	/* Who waits there already is heard before the first client. */
	if (!err)
		links_answer(d->links);
	if (!err)
		return;
	d->door[0] = '\0';
	log_error(PPP, "no-door", "%s: sessions will end with this engine", err_text(err));
}

void daemon_restore(struct daemon *d)
{
	struct handover *h = &d->handover;
	struct lns_restored r;

	lns_restore(d->lns, clock_now(), &r);
	d->resumed = r.tunnels;
	daemon_restore_leases(d);
	end_strays(d);
	open_door(d);
	for (size_t i = 0; i < h->n_answers; i++)
		ppp_answer(d->ppp, &h->answers[i]);
	drop_strays(d);
	handover_done(h);
	if (r.tunnels || r.lost_tunnels)
		log_info(DAEMON, "restored",
			 "tunnels=%u sessions=%u lost-tunnels=%u lost-sessions=%u", r.tunnels,
			 r.sessions, r.lost_tunnels, r.lost_sessions);
	if (d->book && book_note(d->book, BOOK_DRAINING))
		daemon_on_drain(d, true);
}

/*
 * Security associations
 */

/* What has become of a tunnel's SA while nobody looked. */
static void look_at_sa(struct daemon *d, const struct tunnel_info *t, bool same_charon)
{
	const struct sa *sa = same_charon ? sas_find(d->sas, t->path.sa.mark) : NULL;
	struct cause why;

	if (sa && sa->reqid == t->path.sa.reqid) {
		daemon_on_sa_moved(d, sa, sa);
		return;
	}
	cause_set(&why, STAGE_IPSEC, 1, 0, "its security association is gone: %s",
		  same_charon ? "closed while l2tpd was being restarted" : "charon was restarted");
	lns_sa_gone(d->lns, t->path.sa.mark, &why, clock_now());
}

void daemon_on_sas_listed(void *ctx, uint32_t instance)
{
	struct daemon *d = ctx;
	bool same = book_note(d->book, BOOK_CHARON) == instance;
	struct tunnel_info t;

	book_set_note(d->book, BOOK_CHARON, instance);
	if (!d->resumed)
		return;
	d->resumed = false;
	for (uint16_t tid = 0; (tid = lns_next_tunnel(d->lns, tid));)
		if (!lns_tunnel_info(d->lns, tid, &t) && t.path.sa.mark)
			look_at_sa(d, &t, same);
	for (uint16_t tid = 0; (tid = lns_next_tunnel(d->lns, tid));)
		if (!lns_tunnel_info(d->lns, tid, &t))
			daemon_count_tunnel(d, &t.path);
}

/*
 * Restart
 */

int daemon_restart(void *ctx)
{
	struct daemon *d = ctx;

	return d->dry_run ? -EOPNOTSUPP : d->stopping ? -ESHUTDOWN : ppp_restart(d->ppp);
}

void daemon_on_restart(void *ctx, int err)
{
	const struct timeval soon = {.tv_usec = LEAVE_MS * 1000};
	struct daemon *d = ctx;

	api_restart_answer(d->api, err);
	if (!err)
		evtimer_add(d->leave, &soon);
}

/* As if we were killed: all that is to outlive us does. */
void daemon_on_leave(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd, (void)what, (void)ctx;
	log_info(DAEMON, "leaving", "for another engine");
	_exit(EXIT_SUCCESS);
}
