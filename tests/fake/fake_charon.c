/* SPDX-License-Identifier: GPL-2.0-or-later */
/* charon as far as the plugin needs it; see fake_charon.h. */
#include "tests/fake/fake_charon.h"

#include <dlfcn.h>
#include <errno.h>
#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct fake_child *first, *second;
int client;

/* What the plugin logged, one line after the other; charon's threads log, too */
static char logged[64 * 1024];
static pthread_mutex_t logged_lock = PTHREAD_MUTEX_INITIALIZER;

static void log_line(logger_t *this, debug_t group, level_t level, int thread, ike_sa_t *ike_sa,
		     const char *message)
{
	size_t len;

	pthread_mutex_lock(&logged_lock);
	len = strlen(logged);
	if (strpfx(message, "l2tp: "))
		snprintf(logged + len, sizeof(logged) - len, "%s\n", message);
	pthread_mutex_unlock(&logged_lock);
}

const char *charon_log(void)
{
	static char copy[sizeof(logged)];

	pthread_mutex_lock(&logged_lock);
	strcpy(copy, logged);
	pthread_mutex_unlock(&logged_lock);
	return copy;
}

void charon_log_forget(void)
{
	pthread_mutex_lock(&logged_lock);
	logged[0] = '\0';
	pthread_mutex_unlock(&logged_lock);
}

static level_t log_level(logger_t *this, debug_t group)
{
	return LEVEL_CTRL;
}

static logger_t logger = {.log = log_line, .get_level = log_level};

/* charon's managers, as far as terminate-sa needs them */
uint32_t terminated_ike, terminated_child;
static int sockets_of_test[2]; /* a job says here that it has run */

static ike_sa_t *checkout(child_sa_manager_t *this, uint32_t id, child_sa_t **ret)
{
	if (id != first->id)
		return NULL;
	*ret = &first->public;
	return &ike->public;
}

static void checkin(ike_sa_manager_t *this, ike_sa_t *ike_sa)
{
	ck_assert_ptr_eq(ike_sa, &ike->public);
}

static status_t terminate_ike(controller_t *this, uint32_t id, bool force, controller_cb_t cb,
			      void *param,
#ifdef TERMINATE_TAKES_MAX_LEVEL
			      level_t max_level,
#endif
			      u_int timeout)
{
	terminated_ike = id;
	ck_assert_int_eq(write(sockets_of_test[1], "i", 1), 1);
	return SUCCESS;
}

static status_t terminate_child(controller_t *this, uint32_t id, controller_cb_t cb, void *param,
#ifdef TERMINATE_TAKES_MAX_LEVEL
				level_t max_level,
#endif
				u_int timeout)
{
	terminated_child = id;
	ck_assert_int_eq(write(sockets_of_test[1], "c", 1), 1);
	return SUCCESS;
}

static child_sa_manager_t child_sa_manager = {.checkout_by_id = checkout};
static ike_sa_manager_t ike_sa_manager = {.checkin = checkin};
static controller_t controller = {.terminate_ike = terminate_ike,
				  .terminate_child = terminate_child};

char charon_terminated(void)
{
	char what;

	ck_assert_int_eq(recv(sockets_of_test[0], &what, 1, 0), 1);
	return what;
}

static char folder[] = "/tmp/check_l2tp.XXXXXX";
char charon_socket[64];
static char uri[sizeof(charon_socket) + 8];

void charon_setup(void)
{
	peer_cfg_t *peer = fake_connection("gateway", UNIQUE_NEVER);

	ike = fake_ike(peer, 7);
	first = fake_child(fake_add_child(peer, &fake_good_child, "1701"), 1, 11);
	second = fake_child(first->cfg->get_ref(first->cfg), 2, 12);
	charon->bus->set_sa(charon->bus, &ike->public);
	client = watcher_open();
	watcher_register(client);
	charon_log_forget();
}

void charon_teardown(void)
{
	/* no binding outlives its test */
	charon->bus->ike_updown(charon->bus, &ike->public, FALSE);
	charon->bus->set_sa(charon->bus, NULL);
	close(client);
	fake_child_free(first);
	fake_child_free(second);
	fake_ike_free(ike);
}

void charon_child_updown(struct fake_child *c, bool up)
{
	charon->bus->child_updown(charon->bus, &c->public, up);
}

bool charon_load_plugin(void)
{
	return lib->plugins->load(lib->plugins, "l2tp") && access(charon_socket, F_OK) == 0;
}

void charon_unload_plugin(void)
{
	lib->plugins->unload(lib->plugins);
}

/* charon as far as the plugin needs it, with the plugin loaded by charon's own loader */
static void start_charon(const char *plugin)
{
	struct group *group = getgrgid(getegid());

	/* charon's loader finds a constructor in what is loaded already, before it looks for a file
	 */
	if (!dlopen(plugin, RTLD_NOW | RTLD_GLOBAL)) {
		fprintf(stderr, "%s\n", dlerror());
		exit(EXIT_FAILURE);
	}
	if (!mkdtemp(folder))
		exit(EXIT_FAILURE);
	snprintf(charon_socket, sizeof(charon_socket), "%s/bus", folder);
	snprintf(uri, sizeof(uri), "unix://%s", charon_socket);
	if (!library_init("", "check_l2tp") || !libcharon_init())
		exit(EXIT_FAILURE);
	lib->settings->set_str(lib->settings, "%s.plugins.l2tp.socket", uri, lib->ns);
	lib->settings->set_str(lib->settings, "%s.plugins.l2tp.group",
			       group ? group->gr_name : "root", lib->ns);
	charon->bus->add_logger(charon->bus, &logger);
	charon->child_sa_manager = &child_sa_manager;
	charon->ike_sa_manager = &ike_sa_manager;
	charon->controller->destroy(charon->controller);
	charon->controller = &controller;
	if (!lib->plugins->load(lib->plugins, "l2tp") || access(charon_socket, F_OK) < 0) {
		fprintf(stderr, "the plugin does not load:\n%s", charon_log());
		exit(EXIT_FAILURE);
	}
	lib->processor->set_threads(lib->processor, 6);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets_of_test) < 0)
		exit(EXIT_FAILURE);
}

static void stop_charon(void)
{
	charon->child_sa_manager = NULL;
	charon->ike_sa_manager = NULL;
	charon->controller = NULL;
	lib->processor->set_threads(lib->processor, 0);
	libcharon_deinit();
	library_deinit();
	close(sockets_of_test[0]);
	close(sockets_of_test[1]);
}

int charon_run(Suite *s)
{
	SRunner *sr = srunner_create(s);
	int failed;

	signal(SIGPIPE, SIG_IGN); /* as charon does */
	start_charon(PLUGIN);
	srunner_set_fork_status(sr, CK_NOFORK); /* charon's threads are here */
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	stop_charon();
	if (rmdir(folder) < 0) {
		fprintf(stderr, "%s is not empty: %s\n", folder, strerror(errno));
		failed++;
	}
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
