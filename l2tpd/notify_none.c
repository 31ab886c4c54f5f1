/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Built without libsystemd: nobody to tell. */
#include "l2tpd/notify.h"

void notify_ready(void)
{
}

void notify_stopping(void)
{
}
