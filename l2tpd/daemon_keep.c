/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Going on where the engine before has ended: what the monitor hands over, matched with its books.
 */
#include <errno.h>
#include <unistd.h>

#include "l2tpd/daemon_priv.h"
#include "l2tpd/ppp/door.h"
#include "lib/base/err.h"

int daemon_take_over(struct daemon *d, int monitor_fd)
{
	int err = handover_receive(monitor_fd, &d->handover);

	if (err == -EPROTONOSUPPORT)
		log_error(DAEMON, "cannot-take-over",
			  "the monitor is of another version; cure=\"restart the service\"");
	else if (err)
		log_error(DAEMON, "cannot-take-over", "%s", err_text(err));
	return err;
}

/* Nobody knows (any more) what it is for. */
static void end_stray(struct daemon *d, const struct handed_pppd *pppd)
{
	log_debug(PPP, "stray", "sid=%u pid=%d", pppd->sid, (int)pppd->pid);
	if (!ppp_restore(d->ppp, pppd->sid, pppd->generation, pppd->pid))
		ppp_stop(d->ppp, pppd->sid);
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

	for (size_t i = 0; i < h->n_pppds; i++)
		end_stray(d, &h->pppds[i]);
	for (size_t i = 0; i < h->n_answers; i++)
		ppp_answer(d->ppp, &h->answers[i]);
	daemon_restore_leases(d);
	open_door(d);
	handover_done(h);
}
