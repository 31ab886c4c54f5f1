/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/base/secret: which files are trusted, comparison, and the spread of small random numbers. */
#include "lib/base/secret.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char path[] = "/tmp/check_secret.XXXXXX";

/* Each test gets its own file: fixtures run in the forked child. */
static void setup(void)
{
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	close(fd);
}

static void teardown(void)
{
	unlink(path);
}

static void put_file(const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
	ck_assert_int_eq(chmod(path, mode), 0);
}

static const struct {
	const char *text;
	mode_t mode;
	int r; /* with room for 8 bytes */
} files[] = {
	{"secret\n", 0600, 6},
	{"secret", 0400, 6},
	{"secret\r\n", 0640, 6}, /* a group may read, such as that of the daemon */
	{"12345678\n", 0600, 8}, /* just full */
	{"12345678", 0600, 8},
	{"12345678\r\n", 0600, 8},
	{"one\ntwo\n", 0600, 3}, /* the first line */
	{" a b ", 0600, 5},      /* blanks belong to it */
	{"123456789\n", 0600, -EFBIG},
	{"12345678\rx", 0600, -EFBIG},
	{"", 0600, -ENODATA},
	{"\n", 0600, -ENODATA},
	{"\r\n", 0600, -ENODATA},
	{"secret\n", 0660, -EPERM},
	{"secret\n", 0644, -EPERM},
	{"secret\n", 0602, -EPERM},
};

START_TEST(reads_the_first_line)
{
	char buf[8] = "";
	int r = files[_i].r;

	put_file(files[_i].text, files[_i].mode);
	ck_assert_int_eq(secret_read_file(path, buf, sizeof(buf)), r);
	if (r > 0)
		ck_assert_mem_eq(buf, files[_i].text, (size_t)r);
	else
		ck_assert_mem_eq(buf, "\0\0\0\0\0\0\0", 8); /* nothing of it stays behind */
}
END_TEST

START_TEST(only_regular_files)
{
	char buf[8];

	ck_assert_int_eq(secret_read_file("/nonexistent/x", buf, sizeof(buf)), -ENOENT);
	ck_assert_int_eq(secret_read_file("/", buf, sizeof(buf)), -EPERM);
	unlink(path);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(secret_read_file(path, buf, sizeof(buf)), -EPERM); /* and does not wait */
}
END_TEST

START_TEST(compares)
{
	ck_assert(secret_equal("abcd", "abcd", 4));
	ck_assert(!secret_equal("abcd", "Abcd", 4));
	ck_assert(!secret_equal("abcd", "abcD", 4));
	ck_assert(secret_equal("a", "b", 0));
}
END_TEST

START_TEST(wipes)
{
	char buf[] = "secret";

	secret_wipe(buf, sizeof(buf));
	ck_assert_mem_eq(buf, "\0\0\0\0\0\0\0", 7);
}
END_TEST

START_TEST(random_below)
{
	unsigned int count[6] = {0};
	uint8_t a[16] = {0}, b[16] = {0};

	secret_random(a, sizeof(a));
	secret_random(b, sizeof(b));
	ck_assert_mem_ne(a, b, sizeof(a));
	for (int i = 0; i < 6000; i++) {
		uint32_t v = secret_random_below(6);

		ck_assert_uint_lt(v, 6);
		count[v]++;
	}
	/* 1000 expected in each, with a deviation of 29 */
	for (int i = 0; i < 6; i++) {
		ck_assert_uint_gt(count[i], 800);
		ck_assert_uint_lt(count[i], 1200);
	}
	ck_assert_uint_eq(secret_random_below(1), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("secret");
	TCase *t = tcase_create("secret");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, reads_the_first_line, 0, sizeof(files) / sizeof(files[0]));
	tcase_add_test(t, only_regular_files);
	tcase_add_test(t, compares);
	tcase_add_test(t, wipes);
	tcase_add_test(t, random_below);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
