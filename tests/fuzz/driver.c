/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main() for a fuzz target without libFuzzer: tries each file of its corpus, and every truncation
 * of it, each in a block of exactly its size so that a sanitizer sees the first byte too far.
 * fuzz_NAME replays tests/fuzz/corpus/NAME, or the files that it is given.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

#define INPUT_MAX (1024 * 1024)

static void try_bytes(const uint8_t *data, size_t size)
{
	uint8_t *exact = malloc(size ? size : 1);

	require(exact);
	if (size)
		memcpy(exact, data, size);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

static int try_file(const char *path)
{
	static uint8_t data[INPUT_MAX];
	FILE *f = fopen(path, "rb");
	size_t size;

	if (!f) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	size = fread(data, 1, sizeof(data), f);
	fclose(f);
	for (size_t len = 0; len <= size; len++)
		try_bytes(data, len);
	return 0;
}

/* The number of files tried; 0 when there is no such folder */
static int try_folder(const char *folder)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir = opendir(folder);
	int n = 0;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		if (snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name) >=
		    (int)sizeof(path))
			continue;
		if (!try_file(path))
			n++;
	}
	if (dir)
		closedir(dir);
	return n;
}

int main(int argc, char **argv)
{
	const char *top = getenv("srcdir"), *name = strstr(argv[0], "fuzz_");
	char folder[PATH_MAX];
	int n;

	if (argc > 1) {
		for (int i = 1; i < argc; i++)
			if (try_file(argv[i]))
				return 1;
		return 0;
	}
	require(name);
	snprintf(folder, sizeof(folder), "%s/tests/fuzz/corpus/%s", top ? top : ".",
		 name + strlen("fuzz_"));
	n = try_folder(folder);
	printf("%d files of %s and their truncations\n", n, folder);
	return n ? 0 : 1;
}
