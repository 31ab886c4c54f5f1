/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The send window; see window.h.  RFC 2661 appendix A. */
#include "l2tpd/xport/window.h"

void window_init(struct window *w, uint16_t peer)
{
	/* Zero would mean that nothing may ever be sent; the peer cannot have meant that. */
	if (!peer)
		peer = 1;
	if (peer > WINDOW_MAX)
		peer = WINDOW_MAX;
	*w = (struct window){.peer = peer, .size = 1, .threshold = peer};
}

bool window_open(const struct window *w, unsigned int flying)
{
	return flying < w->size;
}

void window_acked(struct window *w, unsigned int n)
{
	for (; n && w->size < w->peer; n--) {
		if (w->size >= w->threshold && ++w->credit < w->size)
			continue;
		w->size++;
		w->credit = 0;
	}
}

void window_lost(struct window *w)
{
	w->threshold = w->size > 2 ? w->size / 2 : 1;
	w->size = 1;
	w->credit = 0;
}
