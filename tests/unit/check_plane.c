/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who holds a session's socket, on the data plane that does nothing. */
#include "l2tpd/plane/plane.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static struct plane *plane;

static void setup(void)
{
	ck_assert_int_eq(plane_null_new(&plane), 0);
}

static void teardown(void)
{
	plane_free(plane);
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/* The descriptor that the next socket would get. */
static int next_fd(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	close(fd);
	return fd;
}

START_TEST(test_take)
{
	int fd;

	ck_assert_int_eq(plane_session_take(plane, 7), -ENOENT);
	ck_assert_int_eq(plane_session_open(plane, 20000, 7, 1), 0);
	ck_assert_int_eq(plane_session_open(plane, 20000, 7, 1), -EEXIST);
	fd = plane_session_take(plane, 7);
	ck_assert(is_open(fd));
	ck_assert_int_eq(plane_session_take(plane, 7), -ENOENT);
	/* It is the caller's now. */
	plane_session_close(plane, 7);
	ck_assert(is_open(fd));
	close(fd);
	ck_assert_int_eq(plane_session_open(plane, 20000, 7, 1), 0);
}
END_TEST

START_TEST(test_close)
{
	int fd = next_fd();

	ck_assert_int_eq(plane_session_open(plane, 20000, 65535, 1), 0);
	ck_assert(is_open(fd));
	plane_session_close(plane, 65535);
	ck_assert(!is_open(fd));
	plane_session_close(plane, 65535);
}
END_TEST

START_TEST(test_sequence)
{
	ck_assert_int_eq(plane_session_open(plane, 20000, 7, 1), 0);
	ck_assert_int_eq(plane_session_sequence(plane, 20000, 7), 0);
}
END_TEST

START_TEST(test_free)
{
	int fd = next_fd();

	ck_assert_int_eq(plane_session_open(plane, 20000, 1, 1), 0);
	ck_assert_int_eq(plane_session_open(plane, 20000, 65535, 1), 0);
	plane_free(plane);
	ck_assert(!is_open(fd) && !is_open(fd + 1));
	setup();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("plane");
	TCase *t = tcase_create("plane");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_take);
	tcase_add_test(t, test_close);
	tcase_add_test(t, test_sequence);
	tcase_add_test(t, test_free);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
