/* SPDX-License-Identifier: GPL-2.0-or-later */
/* l2tpload: many L2TP clients in one process. */
#include "tests/bench/load/report.h"

int main(int argc, char **argv)
{
	struct load_result result;
	struct options options;
	int status = 2;

	options_parse(&options, argc, argv);
	if (!load_run(&options, &result)) {
		report(&options, &result);
		status = report_is_good(&result) ? 0 : 1;
	}
	stats_done(&result.stats);
	return status;
}
