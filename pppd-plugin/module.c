/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dlopen() of our own module; see module.h. */
#include "pppd-plugin/module.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* The module beside the file that this code is in. */
static void *load(void)
{
	char path[PATH_MAX];
	const char *slash;
	Dl_info here;

	if (!dladdr((void *)(intptr_t)load, &here))
		return NULL;
	slash = strrchr(here.dli_fname, '/');
	snprintf(path, sizeof(path), "%.*s" MODULE_FILE,
		 slash ? (int)(slash + 1 - here.dli_fname) : 0, here.dli_fname);
	return dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

int module_read_radcli(const char *path, struct radius_conf *ret, const char **ret_why)
{
	void *module = load();
	module_read_fn *read = NULL;
	void *symbol;
	int r;

	symbol = module ? dlsym(module, MODULE_FUNCTION) : NULL;
	if (!symbol) {
		*ret_why = dlerror();
		if (!*ret_why)
			*ret_why = MODULE_FILE " is not there";
		return -ELIBACC;
	}
	memcpy(&read, &symbol, sizeof(read)); /* C does not convert one into the other */
	r = read(path, ret);
	dlclose(module);
	return r;
}
