/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Entry point; all else is in cmd.c, so that tests can call it. */
#include <signal.h>
#include <stdio.h>

#include "l2tpctl/cmd.h"

int main(int argc, char *argv[])
{
	signal(SIGPIPE, SIG_IGN); /* a daemon that leaves is an error to report */
	return cmd_main(argc, argv, stdout, stderr);
}
