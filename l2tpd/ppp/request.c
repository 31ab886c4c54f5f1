/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests and answers as packets; checks their form. */
#include "l2tpd/ppp/request.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/pass.h"

_Static_assert(REQUEST_START_FDS <= PASS_FDS_MAX, "room for the descriptors of a request");

size_t kept_ids(unsigned int kind)
{
	static const size_t ids[KEPT_COUNT] = {
#define X(name, n) [KEPT_##name] = n,
		KEPT_SOCKETS(X)
#undef X
	};

	return kind < KEPT_COUNT ? ids[kind] : 0;
}

/* What each request may have besides `op` and `generation`. */
enum {
	HAS_SID = 1,
	HAS_TID = 2,
	HAS_PROFILE = 4,
	HAS_KEPT = 8,
	HAS_GENERATION = 16,
};

static const struct {
	unsigned int has;
	size_t n_fds;
} forms[] = {
	[REQUEST_READY] = {0, 0},
	[REQUEST_START] = {HAS_SID | HAS_TID | HAS_PROFILE | HAS_GENERATION, REQUEST_START_FDS},
	[REQUEST_TERM] = {HAS_SID | HAS_GENERATION, 0},
	[REQUEST_KILL] = {HAS_SID | HAS_GENERATION, 0},
	[REQUEST_KEEP] = {HAS_KEPT, 1},
	[REQUEST_DROP] = {HAS_KEPT, 0},
	[REQUEST_RESTART] = {0, 0},
};

static bool is_kept(const struct request *r)
{
	return r->tid < kept_ids(r->kind);
}

int request_check(const struct request *r, size_t len, size_t n_fds, size_t n_profiles)
{
	unsigned int has;

	if (len != sizeof(*r) || !r->op || r->op >= sizeof(forms) / sizeof(forms[0]) ||
	    n_fds != forms[r->op].n_fds)
		return -EBADMSG;
	has = forms[r->op].has;
	if (!(has & HAS_SID) != !r->sid || (!(has & HAS_GENERATION) && r->generation))
		return -EBADMSG;
	if (has & HAS_KEPT ? !is_kept(r) : r->kind || !(has & HAS_TID) != !r->tid)
		return -EBADMSG;
	if (has & HAS_PROFILE ? r->profile >= n_profiles : r->profile)
		return -EBADMSG;
	return 0;
}

int request_send(int fd, const struct request *r, const int *fds, size_t n_fds)
{
	return pass_send(fd, r, sizeof(*r), fds, n_fds);
}

int answer_pass(int fd, const struct answer *a, int passed)
{
	return pass_send(fd, a, sizeof(*a), &passed, passed >= 0);
}

int answer_send(int fd, const struct answer *a)
{
	return answer_pass(fd, a, -1);
}

static void close_all(const struct pass_extra *extra)
{
	for (size_t i = 0; i < extra->n_fds; i++)
		close(extra->fds[i]);
}

int request_receive(int fd, struct request *ret, int ret_fds[static REQUEST_START_FDS],
		    size_t *ret_n_fds)
{
	struct pass_extra extra;
	int len;

	*ret = (struct request){0};
	len = pass_receive(fd, ret, sizeof(*ret), &extra, MSG_DONTWAIT);
	if (len > 0 && extra.cut && extra.n_fds < REQUEST_START_FDS) {
		close_all(&extra);
		*ret_n_fds = 0;
		return -EMFILE;
	}
	*ret_n_fds = extra.n_fds;
	memcpy(ret_fds, extra.fds, extra.n_fds * sizeof(int));
	return len;
}

int answer_take(int fd, struct answer *ret, int *ret_passed)
{
	struct pass_extra extra;
	int len;

	*ret = (struct answer){0};
	len = pass_receive(fd, ret, sizeof(*ret), &extra, MSG_DONTWAIT);
	*ret_passed = extra.n_fds ? extra.fds[0] : -1;
	if (extra.n_fds > 1)
		close(extra.fds[1]);
	return len;
}

int answer_receive(int fd, struct answer *ret)
{
	int passed, len = answer_take(fd, ret, &passed);

	if (passed >= 0)
		close(passed);
	return len;
}
