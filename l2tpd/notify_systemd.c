/* SPDX-License-Identifier: GPL-2.0-or-later */
/* State for systemd: sd_notify(3). */
#include <systemd/sd-daemon.h>

#include "l2tpd/notify.h"

void notify_ready(void)
{
	sd_notify(0, "READY=1");
}

void notify_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}
