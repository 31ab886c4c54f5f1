/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two lists, each in the order of its limit; see launch.h. */
#include "l2tpd/ppp/launch.h"

#include <stddef.h>

void launch_init(struct launch *l, const struct launch_conf *conf)
{
	*l = (struct launch){.conf = *conf};
	list_init(&l->waiting);
	list_init(&l->starting);
}

static struct launch_entry *first(const struct list *head)
{
	return list_empty(head) ? NULL : container_of(head->next, struct launch_entry, node);
}

void launch_add(struct launch *l, struct launch_entry *e, usec_t now)
{
	*e = (struct launch_entry){.since = now};
	list_init(&e->node);
	list_add(&l->waiting, &e->node);
}

void launch_del(struct launch *l, struct launch_entry *e)
{
	if (e->starting)
		l->n_starting--;
	e->starting = false;
	list_del(&e->node);
}

struct launch_entry *launch_next(struct launch *l, usec_t now)
{
	struct launch_entry *e;

	while ((e = first(&l->starting)) && now - e->since >= l->conf.start)
		launch_del(l, e);
	e = first(&l->waiting);
	if (!e || l->n_starting >= l->conf.places)
		return NULL;
	list_del(&e->node);
	list_add(&l->starting, &e->node);
	e->since = now;
	e->starting = true;
	l->n_starting++;
	return e;
}

struct launch_entry *launch_late(struct launch *l, usec_t now)
{
	struct launch_entry *e = first(&l->waiting);

	if (!e || now - e->since < l->conf.wait)
		return NULL;
	launch_del(l, e);
	return e;
}

usec_t launch_deadline(const struct launch *l)
{
	const struct launch_entry *waits = first(&l->waiting), *starts = first(&l->starting);
	usec_t late, free;

	if (!waits)
		return USEC_NEVER;
	late = waits->since + l->conf.wait;
	free = starts ? starts->since + l->conf.start : USEC_NEVER;
	return late < free ? late : free;
}
