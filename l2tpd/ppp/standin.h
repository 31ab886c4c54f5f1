/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sessions without pppd, for dry runs, tests and benchmarks: takes the monitor's place at the other
 * end of the engine's socket, and says on each session's bus what a pppd with our plugin says when
 * all goes well.  Both sides are in one process and one loop; the engine cannot tell.
 */
#ifndef L2TPD_PPP_STANDIN_H
#define L2TPD_PPP_STANDIN_H

struct event_base;
struct standin;

/*
 * Serve the requests that come by `fd`, the monitor's end of the engine's socket, which is taken
 * over, also on failure.  NULL: no memory.
 */
struct standin *standin_new(struct event_base *base, int fd);

/* End all sessions without a word. */
void standin_free(struct standin *s);

#endif
