/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/radius/radcli: radiusclient.conf and its servers file as administrators have them. */
#include "lib/radius/radcli.h"

#include <check.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pppd-plugin/module.h"

/* rc_destroy() forgets the secrets of servers; LeakSanitizer asks here what not to mind. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libradcli";
}

/* It knows libradcli by the frames of its stack, which the fast unwinder may lose in a library. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "fast_unwind_on_malloc=0";
}

static char folder[] = "check_radcli.XXXXXX";
static char conf_path[64], servers_path[64], dictionary_path[64];

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(text, f), 0);
	ck_assert_int_eq(fclose(f), 0);
}

static void make_folder(void)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(conf_path, sizeof(conf_path), "%s/radiusclient.conf", folder);
	snprintf(servers_path, sizeof(servers_path), "%s/servers", folder);
	snprintf(dictionary_path, sizeof(dictionary_path), "%s/dictionary", folder);
	write_file(dictionary_path, "ATTRIBUTE User-Name 1 string\n");
	write_file(servers_path, "# name secret\n127.0.0.2 from-file\n");
}

static void remove_folder(void)
{
	unlink(conf_path);
	unlink(servers_path);
	unlink(dictionary_path);
	rmdir(folder);
}

/* radiusclient.conf of these lines and those that the library insists on */
static int read_lines(const char *lines, struct radius_conf *ret)
{
	char text[1024];

	snprintf(text, sizeof(text), "%sacctserver 127.0.0.1\nservers %s\ndictionary %s\n", lines,
		 servers_path, dictionary_path);
	write_file(conf_path, text);
	*ret = (struct radius_conf){.timeout = 7, .tries = 7};
	return radcli_read(conf_path, ret);
}

static void expect_server(const struct radius_server *s, const char *address, const char *secret)
{
	char text[ADDR_STR_LEN];

	ck_assert_str_eq(addr_format(&s->address, text), address);
	ck_assert_uint_eq(s->secret_len, strlen(secret));
	ck_assert_mem_eq(s->secret, secret, strlen(secret));
}

START_TEST(reads)
{
	struct radius_conf conf;

	ck_assert_int_eq(read_lines("authserver 127.0.0.1:1645:in-line,127.0.0.2\n"
				    "radius_timeout 5\nradius_retries 2\n",
				    &conf),
			 0);
	ck_assert_uint_eq(conf.n_servers, 2);
	expect_server(&conf.servers[0], "127.0.0.1:1645", "in-line");
	expect_server(&conf.servers[1], "127.0.0.2:1812", "from-file");
	ck_assert_uint_eq(conf.timeout, 5 * USEC_PER_S);
	ck_assert_uint_eq(conf.tries, 3); /* the first one and two retries */
}
END_TEST

/* The library takes the secret of the first server whose name begins with the one asked for. */
/* As the plugin for pppd does it: the module by itself has all that it needs. */
START_TEST(module)
{
	void *handle = dlopen("pppd-plugin/.libs/" MODULE_FILE, RTLD_NOW | RTLD_LOCAL);
	struct radius_conf conf = {.timeout = 1, .tries = 1};
	module_read_fn *read;

	if (!handle && access("pppd-plugin/.libs", F_OK))
		return; /* built without the plugin */
	ck_assert_msg(handle != NULL, "%s", dlerror());
	*(void **)&read = dlsym(handle, MODULE_FUNCTION);
	ck_assert_ptr_nonnull(read);
	ck_assert_int_eq(read("/nonexistent", &conf), -EINVAL);
	dlclose(handle);
}
END_TEST

START_TEST(names_with_one_beginning)
{
	struct radius_conf conf;

	ck_assert_int_eq(read_lines("authserver 127.0.0.11:1812:eleven,127.0.0.1:1812:one\n"
				    "radius_timeout 5\nradius_retries 1\n",
				    &conf),
			 0);
	expect_server(&conf.servers[0], "127.0.0.11:1812", "eleven");
	expect_server(&conf.servers[1], "127.0.0.1:1812", "one");
	ck_assert_uint_eq(conf.tries, 2);
}
END_TEST

static const struct {
	const char *lines;
	int result;
} refused[] = {
	{"radius_timeout 5\nradius_retries 2\n", -EINVAL},
	{"authserver 127.0.0.1:1812:x\nno_such_keyword 1\nradius_timeout 5\nradius_retries 2\n",
	 -EINVAL},
};

START_TEST(refuses)
{
	struct radius_conf conf;

	ck_assert_int_eq(read_lines(refused[_i].lines, &conf), refused[_i].result);
	ck_assert_uint_eq(conf.n_servers, 0);
	ck_assert_uint_eq(conf.timeout, 7);
}
END_TEST

START_TEST(no_secret)
{
	struct radius_conf conf;

	write_file(servers_path, "# nobody\n");
	ck_assert_int_eq(
		read_lines("authserver 127.0.0.2\nradius_timeout 5\nradius_retries 1\n", &conf),
		-ENOKEY);
	ck_assert_uint_eq(conf.n_servers, 0);
}
END_TEST

START_TEST(no_file)
{
	struct radius_conf conf = {.tries = 7};

	ck_assert_int_eq(radcli_read("check_radcli.conf/no/such/file", &conf), -EINVAL);
	ck_assert_uint_eq(conf.tries, 7);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("radcli");
	TCase *t = tcase_create("radcli");
	SRunner *r;
	int failed;

	tcase_add_unchecked_fixture(t, make_folder, remove_folder);
	tcase_add_test(t, reads);
	tcase_add_test(t, module);
	tcase_add_test(t, names_with_one_beginning);
	tcase_add_loop_test(t, refuses, 0, sizeof(refused) / sizeof(refused[0]));
	tcase_add_test(t, no_secret);
	tcase_add_test(t, no_file);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
