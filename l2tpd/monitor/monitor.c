/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of the engine, as seen from outside it:
 *
 *   RUNNING --exit--> ENDING (its pppds) --none left--> WAITING (a while) --> RUNNING
 *      |                                          `--when leaving--> done
 *      `--SIGTERM--> LEAVING (the engine says StopCCN) --exit--> ENDING
 *
 * One thread, one poll().  A signal is a descriptor, so nothing runs in between.
 */
#include "l2tpd/monitor/monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "l2tpd/config/config.h"
#include "l2tpd/monitor/exec.h"
#include "l2tpd/monitor/privs.h"
#include "l2tpd/monitor/profile.h"
#include "l2tpd/monitor/reserve.h"
#include "l2tpd/monitor/scripts.h"
#include "l2tpd/monitor/spawn.h"
#include "l2tpd/ppp/request.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/list.h"
#include "lib/base/log.h"

#define LEAVE_LIMIT     (10 * USEC_PER_S) /* for the engine to say StopCCN */
#define END_GRACE       (2 * USEC_PER_S) /* for pppds to end: their peers cannot be reached any more */
#define BACKOFF_FIRST   (200 * USEC_PER_MS)
#define BACKOFF_CAP     (30 * USEC_PER_S)
#define LIVED_WELL      (60 * USEC_PER_S) /* after this the next restart is quick again */
#define ENGINE_PRIORITY (-5)
#define ENGINE_ARGS     32
#define BATCH           64 /* requests, before signals get their turn */

enum state { STATE_RUNNING, STATE_LEAVING, STATE_ENDING, STATE_WAITING, STATE_DONE };

/* An answer that the engine's socket had no room for. */
struct unsent {
	struct list node;
	struct answer answer;
};

struct monitor {
	const struct monitor_conf *conf;
	struct config *config;
	struct ppp_profile *profiles;
	struct spawn *spawn;
	struct reservation reservation;
	enum state state;
	usec_t deadline; /* of the state; USEC_NEVER: none */
	int signal_fd;
	int engine_fd;  /* -1: none */
	pid_t engine;   /* 0: none */
	usec_t started; /* the engine */
	usec_t backoff;
	struct list unsent;
	bool ready_once; /* an engine has been ready */
	bool leaving;    /* do not restart */
	int status;      /* exit status */
};

static void on_complaint(void *ctx, const char *message)
{
	(void)ctx;
	log_error(CONFIG, "bad-config", "%s", message);
}

static void set_state(struct monitor *m, enum state state, usec_t limit)
{
	m->state = state;
	m->deadline = limit == USEC_NEVER ? USEC_NEVER : clock_now() + limit;
}

/* Read the configuration (again) and use it from now on. */
static int load_config(struct monitor *m)
{
	struct ppp_profile *profiles;
	struct config *config;
	int err = config_load(m->conf->config_path, on_complaint, NULL, &config);

	if (err)
		return err;
	/* pppd always speaks to syslog; where stderr is the journal, that is the same place. */
	profiles = profiles_new(config, getenv("JOURNAL_STREAM") != NULL);
	if (!profiles) {
		config_free(config);
		return -ENOMEM;
	}
	err = spawn_configure(m->spawn,
			      &(struct spawn_conf){config->daemon.pppd, profiles, config->n_lns,
						   config->limits.sessions,
						   (enum spawn_how)config->daemon.pppd_start});
	if (err) {
		profiles_free(profiles, config->n_lns);
		config_free(config);
		return err;
	}
	if (m->config) {
		profiles_free(m->profiles, m->config->n_lns);
		config_free(m->config);
	}
	m->profiles = profiles;
	m->config = config;
	return 0;
}

/* What the engine and the pppds cannot do without, said before the first client finds out. */
static int check_programs(const struct config *c)
{
	if (access(c->daemon.pppd, X_OK)) {
		log_error(MONITOR, "no-pppd", "program=%s error=\"%s\" cure=\"apt install ppp\"",
			  c->daemon.pppd, strerror(errno));
		return -ENOENT;
	}
	if (access(c->daemon.pppd_plugin, R_OK)) {
		log_error(MONITOR, "no-pppd-plugin",
			  "file=%s error=\"%s\" cure=\"install the plugin for this version of "
			  "pppd, or "
			  "set daemon.pppd-plugin\"",
			  c->daemon.pppd_plugin, strerror(errno));
		return -ENOENT;
	}
	return 0;
}

/* The folder of the administration socket, which the engine itself could not create. */
static int make_folder(const struct config *c)
{
	char path[256], why[PRIVS_WHY_LEN], *slash;
	uid_t uid;
	gid_t gid;
	int err = privs_find(c->daemon.user, c->daemon.group, &uid, &gid, why);

	if (err) {
		log_error(MONITOR, "no-user", "%s", why);
		return err;
	}
	if (strlen(c->daemon.admin_socket) >= sizeof(path))
		return -ENAMETOOLONG;
	strcpy(path, c->daemon.admin_socket);
	slash = strrchr(path, '/');
	if (!slash || slash == path)
		return 0;
	*slash = '\0';
	/* Somebody else's folder stays as it is. */
	if (mkdir(path, 0755) && errno == EEXIST)
		return 0;
	if (chown(path, uid, gid)) {
		err = -errno;
		log_error(MONITOR, "no-folder", "path=%s error=\"%s\"", path, strerror(-err));
	}
	return err;
}

static void reserve(struct monitor *m)
{
	uint16_t first = m->config->listen.first_port, last = m->config->listen.last_port;
	int err = reserve_ports(first, last, &m->reservation);

	if (err && reserve_overlaps(first, last))
		log_warn(MONITOR, "ports-not-reserved",
			 "range=%u-%u error=\"%s\" other programs may take a tunnel's port; "
			 "cure=\"sysctl net.ipv4.ip_local_reserved_ports=%u-%u\"",
			 first, last, strerror(-err), first, last);
}

static int start_engine(struct monitor *m)
{
	static char option[] = MONITOR_ENGINE_OPTION, fd_text[] = "3", name[] = "l2tpd";
	char *argv[ENGINE_ARGS] = {name, option, fd_text};
	struct exec_fd map = {-1, MONITOR_ENGINE_FD};
	int pair[2], n = 3, err;

	for (size_t i = 0; m->conf->engine_args && m->conf->engine_args[i]; i++) {
		if (n == ENGINE_ARGS - 1)
			return -E2BIG;
		argv[n++] = (char *)m->conf->engine_args[i];
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair))
		return -errno;
	map.ours = pair[1];
	err = exec_start("/proc/self/exe", argv, &map, 1, &m->engine);
	close(pair[1]);
	if (err) {
		close(pair[0]);
		m->engine = 0;
		return err;
	}
	/* Many pppds that start at once must not keep it from answering clients. */
	setpriority(PRIO_PROCESS, (id_t)m->engine, ENGINE_PRIORITY);
	m->engine_fd = pair[0];
	m->started = clock_now();
	log_info(MONITOR, "engine-started", "pid=%d", (int)m->engine);
	return 0;
}

static void drop_engine_socket(struct monitor *m)
{
	list_each (node, &m->unsent) {
		list_del(node);
		free(container_of(node, struct unsent, node));
	}
	if (m->engine_fd >= 0)
		close(m->engine_fd);
	m->engine_fd = -1;
}

/* The engine is gone: its pppds follow, as nobody would hear of their ends. */
static void end_pppds(struct monitor *m)
{
	drop_engine_socket(m);
	spawn_signal_all(m->spawn, SIGTERM);
	set_state(m, STATE_ENDING, END_GRACE);
}

static void leave(struct monitor *m)
{
	if (!m->leaving && m->conf->stopping)
		m->conf->stopping();
	m->leaving = true;
	if (m->state == STATE_RUNNING) {
		kill(m->engine, SIGTERM);
		set_state(m, STATE_LEAVING, LEAVE_LIMIT);
	} else if (m->state == STATE_WAITING) {
		set_state(m, STATE_DONE, USEC_NEVER);
	}
}

static void run_engine(struct monitor *m)
{
	int err = start_engine(m);

	if (!err) {
		set_state(m, STATE_RUNNING, USEC_NEVER);
		return;
	}
	log_error(MONITOR, "engine-not-started", "error=\"%s\"", err_text(err));
	m->leaving = m->leaving || !m->ready_once;
	m->status = EXIT_FAILURE;
	end_pppds(m);
}

static void on_engine_exit(struct monitor *m, int status)
{
	bool well = WIFEXITED(status) && !WEXITSTATUS(status);

	m->engine = 0;
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
	end_pppds(m);
}

/* All pppds are gone. */
static void on_ended(struct monitor *m)
{
	if (m->leaving) {
		set_state(m, STATE_DONE, USEC_NEVER);
		return;
	}
	if (clock_now() - m->started > LIVED_WELL)
		m->backoff = BACKOFF_FIRST;
	log_warn(MONITOR, "engine-restart", "in_ms=%u", (unsigned int)(m->backoff / USEC_PER_MS));
	set_state(m, STATE_WAITING, m->backoff);
	m->backoff = m->backoff * 2 < BACKOFF_CAP ? m->backoff * 2 : BACKOFF_CAP;
}

static void on_deadline(struct monitor *m)
{
	switch (m->state) {
	case STATE_LEAVING:
		log_warn(MONITOR, "engine-slow", "killed after %u s",
			 (unsigned int)(LEAVE_LIMIT / USEC_PER_S));
		kill(m->engine, SIGKILL);
		m->deadline = USEC_NEVER;
		break;
	case STATE_ENDING:
		spawn_signal_all(m->spawn, SIGKILL);
		m->deadline = USEC_NEVER;
		break;
	case STATE_WAITING:
		/* A wrong file has been complained of; the engine will say so again, and wait. */
		load_config(m);
		run_engine(m);
		break;
	default: m->deadline = USEC_NEVER; break;
	}
}

/* True when it is sent, or never will be, as the engine is gone. */
static bool send_answer(const struct monitor *m, const struct answer *a)
{
	int err = answer_send(m->engine_fd, a);

	return err != -EAGAIN && err != -ENOBUFS && err != -ENOMEM;
}

static void answer(void *ctx, const struct answer *a)
{
	struct monitor *m = ctx;
	struct unsent *u;

	if (m->engine_fd < 0)
		return;
	if (list_empty(&m->unsent) && send_answer(m, a))
		return;
	u = calloc(1, sizeof(*u));
	if (!u) {
		log_error(MONITOR, "no-memory", "an answer to the engine is lost: sid=%u", a->sid);
		return;
	}
	u->answer = *a;
	list_add(&m->unsent, &u->node);
}

static void flush(struct monitor *m)
{
	list_each (node, &m->unsent) {
		struct unsent *u = container_of(node, struct unsent, node);

		if (!send_answer(m, &u->answer))
			return;
		list_del(node);
		free(u);
	}
}

static void on_ready(struct monitor *m)
{
	if (!m->ready_once && m->conf->ready)
		m->conf->ready();
	m->ready_once = true;
}

/* One request.  False when there is none (left). */
static bool serve(struct monitor *m)
{
	int fds[REQUEST_START_FDS];
	struct request request;
	size_t n_fds;
	int len = request_receive(m->engine_fd, &request, fds, &n_fds);

	if (len == -EMFILE) {
		answer(m,
		       &(struct answer){ANSWER_FAILED, request.generation, EMFILE, request.sid, 0});
		return true;
	}
	if (len <= 0) {
		if (len == -EAGAIN || len == -EINTR)
			return false;
		/* Closed: the engine is ending, its exit status follows, or else it is killed. */
		drop_engine_socket(m);
		if (m->state == STATE_RUNNING)
			set_state(m, STATE_LEAVING, LEAVE_LIMIT);
		return false;
	}
	if (request_check(&request, (size_t)len, n_fds, m->config->n_lns)) {
		/* Only a broken or a captured engine sends this. */
		log_error(MONITOR, "bad-request", "op=%u len=%d engine is killed", request.op, len);
		kill(m->engine, SIGKILL);
	} else if (request.op == REQUEST_READY) {
		on_ready(m);
	} else {
		spawn_do(m->spawn, &request, fds);
		return true;
	}
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
		if (ended.si_pid == m->engine)
			on_engine_exit(m, status);
		else
			spawn_reaped(m->spawn, ended.si_pid, status);
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
		else if (m->engine)
			kill(m->engine, SIGHUP);
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
			{.fd = m->engine_fd,
			 .events = list_empty(&m->unsent) ? POLLIN : POLLIN | POLLOUT},
			{.fd = spawn_fd(m->spawn), .events = POLLIN},
		};

		poll(fds, 3, time_left(m));
		if (m->engine_fd >= 0 && fds[1].revents & POLLOUT)
			flush(m);
		for (int i = 0; i < BATCH && m->engine_fd >= 0 && serve(m); i++)
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
	if (load_config(m) || check_programs(m->config) || make_folder(m->config))
		return -EINVAL;
	reserve(m);
	hide_scripts();
	return 0;
}

static void clean_up(struct monitor *m)
{
	if (m->config) {
		reserve_release(&m->reservation);
		profiles_free(m->profiles, m->config->n_lns);
		config_free(m->config);
	}
	spawn_free(m->spawn);
	if (m->signal_fd >= 0)
		close(m->signal_fd);
}

int monitor_run(const struct monitor_conf *conf)
{
	struct monitor m = {
		.conf = conf,
		.deadline = USEC_NEVER,
		.engine_fd = -1,
		.backoff = BACKOFF_FIRST,
	};

	list_init(&m.unsent);
	exec_init();
	if (prepare(&m)) {
		m.status = EXIT_FAILURE;
	} else {
		run_engine(&m);
		loop(&m);
	}
	clean_up(&m);
	return m.status;
}
