/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Figures of processes; see watch.h and proc(5). */
#include "tests/bench/load/watch.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

static FILE *open_proc(int pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return fopen(path, "re");
}

/* Nanoseconds on a processor: /proc/PID/stat counts in ticks of 10 ms. */
static int read_cpu(struct watch *w, int pid)
{
	FILE *f = open_proc(pid, "schedstat");
	uint64_t ns;
	int n;

	if (!f)
		return -errno;
	n = fscanf(f, "%" SCNu64, &ns);
	fclose(f);
	if (n != 1)
		return -ENODATA;
	w->cpu_ns += ns;
	return 0;
}

static int read_memory(struct watch *w, int pid)
{
	FILE *f = open_proc(pid, "smaps_rollup");
	char line[256];
	uint64_t kb;

	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "Pss: %" SCNu64, &kb) == 1)
			w->pss_bytes += kb * 1024;
		else if (sscanf(line, "Private_Clean: %" SCNu64, &kb) == 1 ||
			 sscanf(line, "Private_Dirty: %" SCNu64, &kb) == 1)
			w->private_bytes += kb * 1024;
	}
	fclose(f);
	return 0;
}

int watch_read(struct watch *ret, const int *pids, unsigned int max, int *ret_pid)
{
	struct watch w = {0};

	for (unsigned int i = 0; i < max && pids[i]; i++) {
		int err = read_cpu(&w, pids[i]);

		if (!err)
			err = read_memory(&w, pids[i]);
		if (err) {
			*ret_pid = pids[i];
			return err;
		}
	}
	*ret = w;
	return 0;
}
