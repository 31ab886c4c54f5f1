/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Collects what the monitor hands over; see handover.h. */
#include "l2tpd/ppp/handover.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"

#define WAIT_LIMIT (30 * USEC_PER_S)
#define CHUNK      64

/* Room for one more in an array of `n`, which has grown by doubling.  NULL: no memory. */
static void *grow(void *array, size_t n, size_t size)
{
	bool is_full = !n || (n >= CHUNK && !(n & (n - 1)));

	return is_full ? realloc(array, (n ? 2 * n : CHUNK) * size) : array;
}

static int add_socket(struct handover *h, const struct answer *a, int fd)
{
	struct handed_socket *grown = grow(h->sockets, h->n_sockets, sizeof(*h->sockets));

	if (!grown) {
		close(fd);
		return -ENOMEM;
	}
	h->sockets = grown;
	h->sockets[h->n_sockets++] = (struct handed_socket){(enum kept)a->value, a->sid, fd};
	return 0;
}

static int add_pppd(struct handover *h, const struct answer *a)
{
	struct handed_pppd *grown = grow(h->pppds, h->n_pppds, sizeof(*h->pppds));

	if (!grown)
		return -ENOMEM;
	h->pppds = grown;
	h->pppds[h->n_pppds++] = (struct handed_pppd){a->sid, a->generation, a->value};
	return 0;
}

static int add_answer(struct handover *h, const struct answer *a)
{
	struct answer *grown = grow(h->answers, h->n_answers, sizeof(*h->answers));

	if (!grown)
		return -ENOMEM;
	h->answers = grown;
	h->answers[h->n_answers++] = *a;
	return 0;
}

/* One packet; takes over the descriptor. */
static int take_in(struct handover *h, const struct answer *a, int passed)
{
	bool carries = a->kind == ANSWER_STATE || a->kind == ANSWER_SOCKET;

	if (carries != (passed >= 0)) {
		if (passed >= 0)
			close(passed);
		return carries ? -EMFILE : -EBADMSG; /* the kernel had no room for it */
	}
	switch (a->kind) {
	case ANSWER_STATE:
		h->state_fd = passed;
		return a->value == HANDOVER_VERSION ? 0 : -EPROTONOSUPPORT;
	case ANSWER_SOCKET: return add_socket(h, a, passed);
	case ANSWER_PPPD: return add_pppd(h, a);
	default: return add_answer(h, a);
	}
}

static int wait_for(int fd, usec_t deadline)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	usec_t now = clock_now();

	if (now >= deadline)
		return -ETIMEDOUT;
	return poll(&p, 1, (int)((deadline - now) / USEC_PER_MS) + 1) < 0 && errno != EINTR ? -errno
											    : 0;
}

/* The next packet.  1: it was the last one. */
static int receive(struct handover *h, int fd, usec_t deadline)
{
	struct answer a;
	int passed, len = answer_take(fd, &a, &passed);

	if (len == -EAGAIN || len == -EINTR)
		return wait_for(fd, deadline);
	if (len < 0)
		return len;
	if (!len)
		return -ERR_CLOSED;
	if (len != (int)sizeof(a) || (h->state_fd < 0) != (a.kind == ANSWER_STATE)) {
		if (passed >= 0)
			close(passed);
		return -EPROTONOSUPPORT;
	}
	return a.kind == ANSWER_END ? 1 : take_in(h, &a, passed);
}

int handover_receive(int fd, struct handover *ret)
{
	usec_t deadline = clock_now() + WAIT_LIMIT;
	int err = 0;

	*ret = (struct handover){.state_fd = -1};
	while (!err)
		err = receive(ret, fd, deadline);
	if (err > 0)
		return 0;
	handover_done(ret);
	return err;
}

int handover_take(struct handover *h, enum kept kind, uint16_t id)
{
	/* In the order of kind and id, so this is O(log n); all of them are asked for. */
	size_t lo = 0, hi = h->n_sockets;
	int fd;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct handed_socket *s = &h->sockets[mid];

		if (s->kind < kind || (s->kind == kind && s->id < id))
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == h->n_sockets || h->sockets[lo].kind != kind || h->sockets[lo].id != id)
		return -1;
	fd = h->sockets[lo].fd;
	h->sockets[lo].fd = -1;
	return fd;
}

const struct handed_pppd *handover_pppd(const struct handover *h, uint16_t sid)
{
	size_t lo = 0, hi = h->n_pppds;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (h->pppds[mid].sid < sid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < h->n_pppds && h->pppds[lo].sid == sid ? &h->pppds[lo] : NULL;
}

/* There are as many as pppds have ended in the moment without an engine. */
const struct answer *handover_answer(const struct handover *h, uint16_t sid)
{
	for (size_t i = 0; i < h->n_answers; i++)
		if (h->answers[i].sid == sid &&
		    (h->answers[i].kind == ANSWER_EXITED || h->answers[i].kind == ANSWER_FAILED))
			return &h->answers[i];
	return NULL;
}

void handover_done(struct handover *h)
{
	for (size_t i = 0; i < h->n_sockets; i++)
		if (h->sockets[i].fd >= 0)
			close(h->sockets[i].fd);
	free(h->sockets);
	free(h->pppds);
	free(h->answers);
	if (h->state_fd >= 0)
		close(h->state_fd);
	*h = (struct handover){.state_fd = -1};
}
