/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration as the monitor needs it; see settings.h. */
#include "l2tpd/monitor/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "l2tpd/monitor/privs.h"
#include "l2tpd/monitor/profile.h"
#include "lib/base/log.h"

static void on_complaint(void *ctx, const char *message)
{
	(void)ctx;
	log_error(CONFIG, "bad-config", "%s", message);
}

void settings_done(struct settings *s)
{
	if (!s->config)
		return;
	profiles_free(s->profiles, s->config->n_lns);
	config_free(s->config);
	*s = (struct settings){0};
}

int settings_load(struct settings *s, const char *path, struct spawn *spawn)
{
	struct settings loaded = {0};
	struct config *c;
	int err = config_load(path, on_complaint, NULL, &loaded.config);

	if (err)
		return err;
	c = loaded.config;
	/* pppd always speaks to syslog; where stderr is the journal, that is the same place. */
	loaded.profiles = profiles_new(c, getenv("JOURNAL_STREAM") != NULL);
	if (!loaded.profiles) {
		config_free(c);
		return -ENOMEM;
	}
	err = spawn_configure(spawn, &(struct spawn_conf){c->daemon.pppd, loaded.profiles, c->n_lns,
							  c->limits.sessions,
							  (enum spawn_how)c->daemon.pppd_start});
	if (err) {
		settings_done(&loaded);
		return err;
	}
	settings_done(s);
	*s = loaded;
	return 0;
}

int settings_check(const struct config *c)
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

int settings_make_folder(const struct config *c)
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
