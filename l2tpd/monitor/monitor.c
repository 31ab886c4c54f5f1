/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of the engine, as seen from outside it:
 *
 *   RUNNING --exit--> WAITING (a while) --> RUNNING, with all that was kept
 *      |   `--it cannot go on like this--> ENDING (its pppds) --none left--> WAITING, with nothing
 *      |                                     |`--when leaving--> done
 *      `--SIGTERM--> LEAVING (the engine says StopCCN) --exit--> ENDING
 *
 * One thread, one poll().  A signal is a descriptor, so nothing runs in between.
 */
#include "l2tpd/monitor/monitor.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "l2tpd/monitor/engine.h"
#include "l2tpd/monitor/exec.h"
#include "l2tpd/monitor/privs.h"
#include "l2tpd/monitor/reserve.h"
#include "l2tpd/monitor/scripts.h"
#include "l2tpd/monitor/settings.h"
#include "l2tpd/ppp/door.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/log.h"

#define LEAVE_LIMIT   (10 * USEC_PER_S) /* for the engine to say StopCCN */
#define END_GRACE     (2 * USEC_PER_S) /* for pppds to end: their peers cannot be reached any more */
#define BACKOFF_FIRST (200 * USEC_PER_MS)
#define BACKOFF_CAP   (30 * USEC_PER_S)
#define LIVED_WELL    (5 * USEC_PER_S) /* what was kept did not make it crash */
#define CRASHES_MAX   5                /* in a row, until what was kept is given up */
#define BATCH         64               /* requests, before signals get their turn */

enum state { STATE_RUNNING, STATE_LEAVING, STATE_ENDING, STATE_WAITING, STATE_DONE };

struct monitor {
	const struct monitor_conf *conf;
	struct settings settings;
	struct spawn *spawn;
	struct keep keep;
	struct engine engine;
	struct reservation reservation;
	enum state state;
	usec_t deadline; /* of the state; USEC_NEVER: none */
	int signal_fd;
	usec_t started; /* the engine */
	usec_t backoff;
	unsigned int crashes;     /* in a row */
	bool ready;               /* this engine has been */
	bool ready_once;          /* an engine has been */
	bool restarting;          /* it was asked to end, for another one to go on */
	bool distrusted;          /* it has said what no engine says */
	bool leaving;             /* do not restart */
	int status;               /* exit status */
	char door[DOOR_PATH_LEN]; /* the socket that it made for pppds; "": none yet */
};

static void set_state(struct monitor *m, enum state state, usec_t limit)
{
	m->state = state;
	m->deadline = limit == USEC_NEVER ? USEC_NEVER : clock_now() + limit;
}

static void reserve(struct monitor *m)
{
	uint16_t first = m->settings.config->listen.first_port,
		 last = m->settings.config->listen.last_port;
	int err = reserve_ports(first, last, &m->reservation);

	if (err && reserve_overlaps(first, last))
		log_warn(MONITOR, "ports-not-reserved",
			 "range=%u-%u error=\"%s\" other programs may take a tunnel's port; "
			 "cure=\"sysctl net.ipv4.ip_local_reserved_ports=%u-%u\"",
			 first, last, strerror(-err), first, last);
}

/* Nothing can go on: the pppds are to end, and then all that was kept goes. */
static void end_all(struct monitor *m)
{
	engine_hang_up(&m->engine);
	spawn_signal_all(m->spawn, SIGTERM);
	set_state(m, STATE_ENDING, END_GRACE);
}

static void leave(struct monitor *m)
{
	if (!m->leaving && m->conf->stopping)
		m->conf->stopping();
	m->leaving = true;
	if (m->state == STATE_RUNNING) {
		kill(m->engine.pid, SIGTERM);
		set_state(m, STATE_LEAVING, LEAVE_LIMIT);
	} else if (m->state == STATE_WAITING) {
		end_all(m);
	}
}

/* Where pppds wait for the next engine.  Without it sessions end with their engine. */
static void make_door(struct monitor *m)
{
	unsigned int kind = KEPT_DOOR;
	size_t id = 0;
	int fd;

	if (keep_find(&m->keep, &kind, &id) >= 0 && kind == KEPT_DOOR)
		return;
	fd = door_path(m->settings.config->daemon.admin_socket, m->door, sizeof(m->door));
	if (!fd)
		fd = door_make(m->door);
	if (fd >= 0)
		fd = keep_take(&m->keep, KEPT_DOOR, 0, fd);
	if (fd < 0)
		log_error(MONITOR, "no-door",
			  "path=%s error=\"%s\" sessions will end with their engine", m->door,
			  err_text(fd));
}

static void run_engine(struct monitor *m)
{
	int err = keep_state(&m->keep);

	make_door(m);
	if (err >= 0)
		err = engine_start(&m->engine, err);
	if (!err) {
		m->ready = m->restarting = m->distrusted = false;
		m->started = clock_now();
		set_state(m, STATE_RUNNING, USEC_NEVER);
		return;
	}
	log_error(MONITOR, "engine-not-started", "error=\"%s\"", err_text(err));
	m->leaving = m->leaving || !m->ready_once;
	m->status = EXIT_FAILURE;
	end_all(m);
}

/* Before the next one starts: longer and longer, as long as they do not live well. */
static void wait_for_next(struct monitor *m, usec_t wait)
{
	log_warn(MONITOR, "engine-restart", "in_ms=%u sessions=%u",
		 (unsigned int)(wait / USEC_PER_MS), spawn_count(m->spawn));
	set_state(m, STATE_WAITING, wait);
}

static usec_t back_off(struct monitor *m)
{
	usec_t wait = m->backoff;

	m->backoff = wait * 2 < BACKOFF_CAP ? wait * 2 : BACKOFF_CAP;
	return wait;
}

/* Has what it took over made it end?  A kill from outside says nothing, once it was ready. */
static bool crashed_early(const struct monitor *m, int status)
{
	if (!m->ready)
		return true;
	return clock_now() - m->started < LIVED_WELL &&
	       !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* The next engine goes on with what was kept, unless that seems to be what makes them crash. */
static void resume(struct monitor *m, int status)
{
	if (m->restarting) {
		wait_for_next(m, 0);
		return;
	}
	if (m->distrusted) {
		log_error(MONITOR, "engine-distrusted", "all sessions end");
		end_all(m);
		return;
	}
	if (!crashed_early(m, status)) {
		m->crashes = 0;
		m->backoff = BACKOFF_FIRST;
		wait_for_next(m, 0);
		return;
	}
	if (!m->ready && m->engine.other_program) {
		log_error(MONITOR, "engine-replaced",
			  "the l2tpd that is installed by now does not go on where the one before "
			  "was: that one goes on; cure=\"restart the service when its sessions may "
			  "end\"");
		m->engine.own_program = true;
	}
	if (++m->crashes < CRASHES_MAX) {
		wait_for_next(m, back_off(m));
		return;
	}
	log_error(MONITOR, "engine-crashes",
		  "%u times in a row: it starts without what was kept, and all sessions end",
		  m->crashes);
	m->crashes = 0;
	end_all(m);
}

static void on_engine_exit(struct monitor *m, int status)
{
	bool well = WIFEXITED(status) && !WEXITSTATUS(status) && !m->restarting;

	m->engine.pid = 0;
	engine_hang_up(&m->engine);
	/* Before it has its handler, SIGTERM is enough. */
	if (WIFSIGNALED(status) && !(m->leaving && WTERMSIG(status) == SIGTERM))
		log_error(MONITOR, "engine-crashed", "signal=%d", WTERMSIG(status));
	else
		log_info(MONITOR, "engine-ended", "status=%d",
			 WIFEXITED(status) ? WEXITSTATUS(status) : 0);
	/* What fails at its first start would fail again: the administrator is looking now. */
	if (!m->leaving && !well && !m->ready_once)
		m->status = EXIT_FAILURE;
	if (well || !m->ready_once)
		m->leaving = true;
	if (m->leaving)
		end_all(m);
	else
		resume(m, status);
}

/* All pppds are gone. */
static void on_ended(struct monitor *m)
{
	keep_clear(&m->keep);
	engine_forget(&m->engine);
	if (m->leaving)
		set_state(m, STATE_DONE, USEC_NEVER);
	else
		wait_for_next(m, back_off(m));
}

static void on_deadline(struct monitor *m)
{
	switch (m->state) {
	case STATE_LEAVING:
		log_warn(MONITOR, "engine-slow", "killed after %u s",
			 (unsigned int)(LEAVE_LIMIT / USEC_PER_S));
		kill(m->engine.pid, SIGKILL);
		m->deadline = USEC_NEVER;
		break;
	case STATE_ENDING:
		spawn_signal_all(m->spawn, SIGKILL);
		m->deadline = USEC_NEVER;
		break;
	case STATE_WAITING:
		/* Sessions go on without an engine, until the file is one that it can read. */
		if (settings_load(&m->settings, m->conf->config_path, m->spawn))
			wait_for_next(m, back_off(m));
		else
			run_engine(m);
		break;
	default: m->deadline = USEC_NEVER; break;
	}
}

static void answer(void *ctx, const struct answer *a)
{
	struct monitor *m = ctx;

	engine_answer(&m->engine, a);
}

static void on_ready(struct monitor *m)
{
	if (!m->ready_once && m->conf->ready)
		m->conf->ready();
	m->ready = m->ready_once = true;
}

/* The engine may end for another one, if that one will find a file that it can read. */
static void on_restart(struct monitor *m)
{
	int err = settings_load(&m->settings, m->conf->config_path, m->spawn);

	m->restarting = !err;
	m->engine.own_program = false;
	answer(m, &(struct answer){.kind = ANSWER_RESTART, .value = -err});
}

/* Do what is asked for; takes over the descriptors. */
static void obey(struct monitor *m, const struct request *r, const int *fds)
{
	int err = 0;

	switch (r->op) {
	case REQUEST_READY: on_ready(m); break;
	case REQUEST_KEEP: err = keep_take(&m->keep, r->kind, r->tid, fds[0]); break;
	case REQUEST_DROP: keep_drop(&m->keep, r->kind, r->tid); break;
	case REQUEST_RESTART: on_restart(m); break;
	default: spawn_do(m->spawn, r, fds); break;
	}
	if (err)
		log_error(MONITOR, "not-kept", "id=%u error=\"%s\"", r->tid, err_text(err));
}

/* It came without its descriptors, as we may have no more. */
static void refuse(struct monitor *m, const struct request *r)
{
	if (r->op == REQUEST_START)
		answer(m, &(struct answer){.kind = ANSWER_FAILED,
					   .generation = r->generation,
					   .value = EMFILE,
					   .sid = r->sid});
	else
		log_error(MONITOR, "not-kept", "id=%u error=\"%s\"", r->tid, err_text(EMFILE));
}

/* One request.  False when there is none (left). */
static bool serve(struct monitor *m)
{
	int fds[REQUEST_START_FDS];
	struct request request;
	size_t n_fds;
	int len = request_receive(m->engine.fd, &request, fds, &n_fds);

	if (len == -EMFILE) {
		refuse(m, &request);
		return true;
	}
	if (len <= 0) {
		if (len == -EAGAIN || len == -EINTR)
			return false;
		/* Closed: the engine is ending, its exit status follows, or else it is killed. */
		engine_hang_up(&m->engine);
		if (m->state == STATE_RUNNING)
			set_state(m, STATE_LEAVING, LEAVE_LIMIT);
		return false;
	}
	if (!request_check(&request, (size_t)len, n_fds, m->settings.config->n_lns)) {
		obey(m, &request, fds);
		return true;
	}
	/* Only a broken or a captured engine sends this. */
	log_error(MONITOR, "bad-request", "op=%u len=%d engine is killed", request.op, len);
	m->distrusted = true;
	if (m->engine.pid)
		kill(m->engine.pid, SIGKILL);
	for (size_t i = 0; i < n_fds; i++)
		close(fds[i]);
	return true;
}

static void reap(struct monitor *m)
{
	siginfo_t ended = {0};
	int status;

	while (!waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) && ended.si_pid) {
		spawn_serve(m->spawn);
		if (waitpid(ended.si_pid, &status, 0) < 0)
			continue;
		if (ended.si_pid == m->engine.pid) {
			/* its last wishes: sockets to be kept, and pppds that it believes in */
			while (m->engine.fd >= 0 && serve(m))
				;
			on_engine_exit(m, status);
		} else {
			spawn_reaped(m->spawn, ended.si_pid, status);
		}
		ended.si_pid = 0;
	}
}

static void on_signals(struct monitor *m)
{
	struct signalfd_siginfo info;

	while (read(m->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			reap(m);
		else if (info.ssi_signo != SIGHUP)
			leave(m);
		else if (m->engine.pid)
			kill(m->engine.pid, SIGHUP);
	}
}

/* Milliseconds for poll(), rounded up; -1: for ever. */
static int time_left(const struct monitor *m)
{
	usec_t now = clock_now(), due = spawn_due(m->spawn);

	if (m->deadline < due)
		due = m->deadline;
	if (due == USEC_NEVER)
		return -1;
	return due <= now ? 0 : (int)((due - now) / USEC_PER_MS) + 1;
}

static void loop(struct monitor *m)
{
	while (m->state != STATE_DONE) {
		struct pollfd fds[] = {
			{.fd = m->signal_fd, .events = POLLIN},
			{.fd = m->engine.fd,
			 .events = engine_has_news(&m->engine) ? POLLIN | POLLOUT : POLLIN},
			{.fd = spawn_fd(m->spawn), .events = POLLIN},
		};

		poll(fds, 3, time_left(m));
		if (fds[1].revents & POLLOUT)
			engine_tell(&m->engine);
		for (int i = 0; i < BATCH && m->engine.fd >= 0 && serve(m); i++)
			;
		spawn_serve(m->spawn);
		on_signals(m);
		if (m->state == STATE_ENDING && !spawn_count(m->spawn))
			on_ended(m);
		else if (m->deadline <= clock_now())
			on_deadline(m);
	}
}

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN); /* somebody who reads our log may go away */
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void hide_scripts(void)
{
	int err = scripts_hide();

	if (err)
		log_warn(
			MONITOR, "scripts-run",
			"error=\"%s\" pppd runs /etc/ppp/ip-pre-up in each session, which makes it "
			"start slowly",
			err_text(err));
}

static int prepare(struct monitor *m)
{
	m->signal_fd = open_signals();
	m->spawn = spawn_new(&(struct spawn_calls){m, answer});
	if (m->signal_fd < 0 || !m->spawn)
		return -ENOMEM;
	keep_init(&m->keep);
	engine_init(&m->engine, m->conf->engine_args, &m->keep, m->spawn);
	if (settings_load(&m->settings, m->conf->config_path, m->spawn) ||
	    settings_check(m->settings.config) || settings_make_folder(m->settings.config))
		return -EINVAL;
	privs_raise_nofile(); /* a socket of each tunnel; the engine says so if that fails */
	reserve(m);
	hide_scripts();
	return 0;
}

static void clean_up(struct monitor *m)
{
	if (m->settings.config)
		reserve_release(&m->reservation);
	if (m->door[0])
		unlink(m->door);
	spawn_free(m->spawn);
	settings_done(&m->settings);
	if (m->signal_fd >= 0)
		close(m->signal_fd);
}

int monitor_run(const struct monitor_conf *conf)
{
	struct monitor m = {
		.conf = conf,
		.deadline = USEC_NEVER,
		.backoff = BACKOFF_FIRST,
	};

	exec_init();
	if (prepare(&m)) {
		m.status = EXIT_FAILURE;
	} else {
		run_engine(&m);
		loop(&m);
	}
	engine_done(&m.engine);
	clean_up(&m);
	return m.status;
}
