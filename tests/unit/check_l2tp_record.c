/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What ESP adds to each packet, for every proposal that our samples for swanctl.conf make: a row
 * that is missing here fails, too.
 */
#include "charon-plugin/l2tp_record.h"

#include <check.h>
#include <stdlib.h>

/* RFC 4106, 2404, 3602, 4868, 2451; groups make no difference. */
static const struct {
	const char *proposal; /* without group */
	const char *cipher;
	uint32_t iv, icv, block;
} rows[] = {
	{"aes256gcm16", "AES_GCM_16_256", 8, 16, 4},
	{"aes128gcm16", "AES_GCM_16_128", 8, 16, 4},
	{"aes256-sha256", "AES_CBC_256/HMAC_SHA2_256_128", 16, 16, 16},
	{"aes128-sha256", "AES_CBC_128/HMAC_SHA2_256_128", 16, 16, 16},
	{"aes256-sha1", "AES_CBC_256/HMAC_SHA1_96", 16, 12, 16},
	{"aes192-sha1", "AES_CBC_192/HMAC_SHA1_96", 16, 12, 16},
	{"aes128-sha1", "AES_CBC_128/HMAC_SHA1_96", 16, 12, 16},
	{"3des-sha1", "3DES_CBC/HMAC_SHA1_96", 8, 12, 8},
};

static const char *const samples[] = {"swanctl-l2tp-modern.conf", "swanctl-l2tp-compatible.conf"};

static settings_t *read_sample(const char *name)
{
	settings_t *settings;
	char path[512];

	snprintf(path, sizeof(path), CONF "/%s", name);
	settings = settings_create(NULL);
	ck_assert_msg(settings->load_files(settings, path, FALSE), "%s", path);
	return settings;
}

/* The row of a proposal, whatever its group. */
static int row_of(const char *proposal)
{
	for (size_t i = 0; i < countof(rows); i++) {
		size_t len = strlen(rows[i].proposal);

		if (strpfx(proposal, rows[i].proposal) &&
		    (!proposal[len] || strpfx(proposal + len, "-modp") ||
		     strpfx(proposal + len, "-ecp") || strpfx(proposal + len, "-x25519")))
			return i;
	}
	return -1;
}

static void check_row(const char *text, int row, bool sha256_96, uint32_t icv)
{
	proposal_t *proposal = proposal_create_from_string(PROTO_ESP, text);
	struct bus_sa sa;

	ck_assert_msg(proposal, "%s", text);
	l2tp_record_overhead(&sa, proposal, sha256_96);
	ck_assert_uint_eq(sa.iv_bytes, rows[row].iv);
	ck_assert_uint_eq(sa.icv_bytes, icv);
	ck_assert_uint_eq(sa.block_bytes, rows[row].block);
	if (!sha256_96)
		ck_assert_str_eq(sa.cipher, rows[row].cipher);
	proposal->destroy(proposal);
}

START_TEST(test_samples)
{
	settings_t *settings = read_sample(samples[_i]);
	enumerator_t *proposals;
	char *text, *one;
	int n = 0, row;

	text = settings->get_str(settings, "l2tp.children.l2tp.esp_proposals", NULL);
	ck_assert_ptr_nonnull(text);
	proposals = enumerator_create_token(text, ",", " ");
	while (proposals->enumerate(proposals, &one)) {
		row = row_of(one);
		ck_assert_msg(row >= 0, "%s: no row for %s", samples[_i], one);
		check_row(one, row, FALSE, rows[row].icv);
		n++;
	}
	proposals->destroy(proposals);
	ck_assert_int_gt(n, 5);
	settings->destroy(settings);
}
END_TEST

/* What old Androids take for HMAC-SHA-256; nothing else is cut. */
START_TEST(test_sha256_96)
{
	for (size_t i = 0; i < countof(rows); i++)
		check_row(rows[i].proposal, i, TRUE,
			  strstr(rows[i].proposal, "-sha256") ? 12 : rows[i].icv);
}
END_TEST

/* Both connections have the child of the common part, and IKE of the same kind. */
START_TEST(test_connections)
{
	static const char *const connections[] = {"l2tp-cert", "l2tp-psk"};
	settings_t *settings = read_sample(samples[_i]);

	for (size_t i = 0; i < countof(connections); i++) {
		char *mode, *unique, *auth;
		bool aggressive;

		mode = settings->get_str(settings, "connections.%s.children.l2tp.mode", NULL,
					 connections[i]);
		ck_assert_str_eq(mode, "transport");
		unique = settings->get_str(settings, "connections.%s.unique", NULL, connections[i]);
		ck_assert_str_eq(unique, "never");
		aggressive = settings->get_bool(settings, "connections.%s.aggressive", TRUE,
						connections[i]);
		ck_assert(!aggressive);
		auth = settings->get_str(settings, "connections.%s.remote.auth", NULL,
					 connections[i]);
		ck_assert_str_eq(auth, i ? "psk" : "pubkey");
	}
	settings->destroy(settings);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("l2tp_record");
	TCase *tc = tcase_create("l2tp_record");

	tcase_add_loop_test(tc, test_samples, 0, countof(samples));
	tcase_add_test(tc, test_sha256_96);
	tcase_add_loop_test(tc, test_connections, 0, countof(samples));
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	SRunner *sr;
	int failed;

	if (!library_init("", "check_l2tp_record"))
		return EXIT_FAILURE;
	sr = srunner_create(suite());
	srunner_set_fork_status(sr, CK_NOFORK);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	library_deinit();
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
