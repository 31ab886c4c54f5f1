/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The module that module.c loads: libradcli, and what reads its configuration. */
#include "lib/radius/radcli.h"

#include "pppd-plugin/module.h"

__attribute__((visibility("default"))) module_read_fn l2tpd_radcli_read;

int l2tpd_radcli_read(const char *path, struct radius_conf *ret)
{
	return radcli_read(path, ret);
}
