/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The nftables table while we run: administrators flush rulesets, without which no data reaches its
 * tunnel, so it is put back at once, and said.
 */
#include <errno.h>

#include "config.h"
#include "l2tpd/daemon_priv.h"
#include "l2tpd/policy/nft.h"
#include "l2tpd/wire/hdr.h"
#include "lib/base/err.h"

#define TABLE_PAUSE USEC_PER_S /* between two attempts: somebody may not want it */

int daemon_install_table(const struct daemon *d, char *ret_why)
{
	const struct config *c = d->config;

	return nft_install(c->listen.first_port, c->listen.last_port,
			   c->listen.ipsec == CONFIG_IPSEC_REQUIRED, ret_why);
}

/* Which rules there are to be, as a number that is not 0; those of a version are its own. */
static uint64_t rules_mark(const struct config *c)
{
	uint32_t version = 0;

	for (const char *p = PACKAGE_VERSION; *p; p++)
		version = version * 31 + (uint8_t)*p;
	return (uint64_t)version << 33 |
	       (uint64_t)(c->listen.ipsec == CONFIG_IPSEC_REQUIRED) << 32 |
	       (uint64_t)c->listen.last_port << 16 | c->listen.first_port;
}

int daemon_open_table(struct daemon *d, char *ret_why)
{
	uint64_t mark = rules_mark(d->config);
	int err;

	/* Data goes through it while no engine runs: it stays as it is. */
	if (book_note(d->book, BOOK_TABLE) == mark && nft_is_installed())
		return 0;
	err = daemon_install_table(d, ret_why);
	if (!err)
		book_set_note(d->book, BOOK_TABLE, mark);
	return err;
}

void daemon_remove_table(const struct daemon *d)
{
	const struct config *c = d->config;

	if (d->sas && (!sas_connected(d->sas) || sas_count(d->sas)))
		nft_silence(c->listen.first_port, c->listen.last_port);
	else
		nft_remove();
}

/* Put it back if it is not there, but not all the time. */
static void restore(struct daemon *d)
{
	usec_t now = clock_now(), again = d->table_restored + TABLE_PAUSE;
	struct timeval tv = {.tv_sec = TABLE_PAUSE / USEC_PER_S};
	char why[NFT_WHY_LEN];

	if (evtimer_pending(d->table_pause, NULL))
		return;
	if (now < again) {
		evtimer_add(d->table_pause, &tv);
		return;
	}
	if (nft_is_installed())
		return;
	d->table_restored = now;
	if (daemon_install_table(d, why))
		log_error(PLANE, "table-lost", "%s", why);
	else
		log_warn(PLANE, "table-restored",
			 "somebody has removed the nftables table inet l2tpd");
}

static void on_pause_over(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	restore(arg);
}

static void on_lost(void *ctx)
{
	restore(ctx);
}

int daemon_watch_table(struct daemon *d)
{
	int err;

	d->table_pause = evtimer_new(d->base, on_pause_over, d);
	if (!d->table_pause)
		return -ENOMEM;
	err = nft_watch_new(d->base, on_lost, d, &d->table_watch);
	if (err)
		log_warn(PLANE, "table-not-watched",
			 "%s: a flushed table is noticed by the next packet only", err_text(err));
	return 0;
}

/*
 * With the table in place, what names a tunnel reaches that tunnel's socket.  On the listener it
 * says that the table is gone, or that a stranger's SCCCN came before its tunnel had a socket.
 */
void daemon_look_for_table(struct daemon *d, const void *bytes, size_t len)
{
	struct tunnel_info t;
	struct view body;
	struct hdr h;

	if (!hdr_parse(&h, &body, bytes, len) && h.tid && !lns_tunnel_info(d->lns, h.tid, &t))
		restore(d);
}
