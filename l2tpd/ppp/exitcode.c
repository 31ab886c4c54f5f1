/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pppd(8), EXIT STATUS, as a table; 20 and 21 are in no manual page but in pppd.h. */
#include "l2tpd/ppp/exitcode.h"

#include <errno.h>
#include <stddef.h>
#include <sys/wait.h>

#include "lib/base/err.h"

static const struct exitcode codes[] = {
	{0, STAGE_UP, "ended", "PPP ended", 3},
	{1, STAGE_LCP, "fatal",
	 "pppd failed, by a system call or for lack of memory; its log lines say more", 0},
	{2, STAGE_LCP, "options",
	 "pppd refused its options: see its log lines, and the file that pppd-options names", 0},
	{3, STAGE_LCP, "not-root", "pppd has to run as root: start l2tpd as root", 0},
	{4, STAGE_LCP, "no-kernel-ppp",
	 "the kernel has no PPP: modprobe ppp_generic; is /dev/ppp there?", 0},
	{5, STAGE_UP, "ended-here", "ended by us", 1},
	{6, STAGE_LCP, "lock", "pppd could not lock its device", 0},
	{7, STAGE_LCP, "device", "pppd could not open its device", 0},
	{8, STAGE_LCP, "connect", "pppd's connect script failed", 0},
	{9, STAGE_LCP, "pty", "pppd's pty command failed", 0},
	{10, STAGE_IPCP, "negotiation",
	 "PPP negotiation failed: the peer agreed to no network protocol", 18},
	{11, STAGE_AUTH, "auth-failed",
	 "authentication failed: wrong user name or password, or a protocol that is not allowed",
	 16},
	{12, STAGE_UP, "idle", "the session was idle for too long", 3},
	{13, STAGE_UP, "session-timeout", "the session has reached its time limit", 3},
	{14, STAGE_UP, "callback", "PPP callback was negotiated, which L2TP does not have", 12},
	{15, STAGE_UP, "peer-dead", "the peer does not answer LCP echoes: is its link down?", 8},
	{16, STAGE_UP, "hangup", "the L2TP session was closed below PPP", 0},
	{17, STAGE_LCP, "loopback", "PPP hears itself: the line is looped back", 7},
	{18, STAGE_LCP, "init", "pppd's init script failed", 0},
	{19, STAGE_AUTH, "auth-to-peer", "we failed to authenticate to the peer", 0},
	{20, STAGE_UP, "traffic-limit", "the session has reached its traffic limit", 3},
	{21, STAGE_AUTH, "cnid", "the number that called is not allowed", 16},
};

static const struct exitcode killed = {-1, STAGE_UP, "crashed", "pppd was killed or has crashed",
				       0};
static const struct exitcode unknown = {-2, STAGE_UP, "unknown",
					"pppd ended with an unknown status", 0};

static const struct {
	int error;
	struct exitcode meaning;
} errors[] = {
	{ENOENT,
	 {-3, STAGE_LCP, "missing", "pppd is not there: apt install ppp, or set daemon.pppd", 0}},
	{EACCES,
	 {-3, STAGE_LCP, "not-executable", "pppd may not be executed: look at its mode", 0}},
	{ERR_LIMIT, {-3, STAGE_LCP, "limit", "limits.sessions pppds run already", 0}},
	{EAGAIN,
	 {-3, STAGE_LCP, "processes",
	  "the system's limit of processes is reached: raise TasksMax of the service", 0}},
	{ENOMEM, {-3, STAGE_LCP, "no-memory", "there is not enough memory for another pppd", 0}},
	{EMFILE,
	 {-3, STAGE_LCP, "descriptors", "too many open files: raise LimitNOFILE of the service",
	  0}},
	{ENFILE, {-3, STAGE_LCP, "descriptors", "too many open files: raise fs.file-max", 0}},
	{ETIMEDOUT,
	 {-3, STAGE_LCP, "waiting", "too many users connect at once: try again in a minute", 0}},
	{ECANCELED, {-3, STAGE_LCP, "cancelled", "the session ended before its pppd's turn", 0}},
};

static const struct exitcode not_started = {-3, STAGE_LCP, "not-started",
					    "pppd could not be started", 0};

const struct exitcode *exitcode_find(int wait_status)
{
	if (!WIFEXITED(wait_status))
		return &killed;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].code == WEXITSTATUS(wait_status))
			return &codes[i];
	return &unknown;
}

const struct exitcode *exitcode_not_started(int error)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].error == -error)
			return &errors[i].meaning;
	return &not_started;
}
