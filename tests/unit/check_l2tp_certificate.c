/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a peer's certificate becomes in record sa, with subjects that pretend. */
#include "charon-plugin/l2tp_certificate.h"

#include <asn1/asn1.h>
#include <check.h>
#include <credentials/certificates/x509.h>
#include <stdlib.h>

static identification_t *subject;
static linked_list_t *alternatives; /* identification_t */
static linked_list_t *rounds;       /* auth_cfg_t */

static certificate_type_t cert_type(certificate_t *c)
{
	return CERT_X509;
}
static identification_t *cert_subject(certificate_t *c)
{
	return subject;
}
static void cert_destroy(certificate_t *c)
{
}
static enumerator_t *cert_alternatives(x509_t *x)
{
	return alternatives->create_enumerator(alternatives);
}
static enumerator_t *ike_rounds(ike_sa_t *i, bool local)
{
	ck_assert(!local);
	return rounds->create_enumerator(rounds);
}

static x509_t cert = {
	.interface = {.get_type = cert_type, .get_subject = cert_subject, .destroy = cert_destroy},
	.create_subjectAltName_enumerator = cert_alternatives,
};
static ike_sa_t ike = {.create_auth_cfg_enumerator = ike_rounds};

static void setup(void)
{
	auth_cfg_t *round = auth_cfg_create();

	library_init("", "check_l2tp_certificate");
	ck_assert(libcharon_init()); /* for its log */
	alternatives = linked_list_create();
	rounds = linked_list_create();
	round->add(round, AUTH_RULE_SUBJECT_CERT, &cert.interface);
	rounds->insert_last(rounds, auth_cfg_create()); /* of a shared key, say */
	rounds->insert_last(rounds, round);
}

static void teardown(void)
{
	rounds->destroy_offset(rounds, offsetof(auth_cfg_t, destroy));
	alternatives->destroy_offset(alternatives, offsetof(identification_t, destroy));
	DESTROY_IF(subject);
	subject = NULL;
	libcharon_deinit();
	library_deinit();
}

/* A part of a subject; `oid` ends the types 2.5.4. */
static chunk_t part(uint8_t oid, int type, const char *value, size_t len)
{
	chunk_t id = chunk_from_chars(0x55, 0x04, oid);

	return asn1_wrap(ASN1_SET, "m",
			 asn1_wrap(ASN1_SEQUENCE, "mm", asn1_simple_object(ASN1_OID, id),
				   asn1_simple_object(type, chunk_create((void *)value, len))));
}

static void set_subject(chunk_t a, chunk_t b)
{
	chunk_t dn = asn1_wrap(ASN1_SEQUENCE, "mm", a, b);

	subject = identification_create_from_encoding(ID_DER_ASN1_DN, dn);
	free(dn.ptr);
}

#define TEXT(oid, value) part(oid, ASN1_UTF8STRING, value, sizeof(value) - 1)
#define CN               3
#define O                10

static struct bus_sa fill(void)
{
	struct bus_sa sa = {};

	l2tp_certificate_fill(&sa, &ike);
	return sa;
}

START_TEST(test_subject)
{
	set_subject(TEXT(O, "Example"), TEXT(CN, "m\xc3\xbcller"));
	ck_assert_str_eq(fill().cert_subject, "O=Example,CN=m\xc3\xbcller");
	ck_assert_str_eq(fill().cert_names, "");
}
END_TEST

START_TEST(test_pretender)
{
	set_subject(TEXT(O, "x, CN=admin"), TEXT(CN, "admin\0eve"));
	ck_assert_str_eq(fill().cert_subject, "O=x\\, CN\\=admin,CN=admin\\00eve");
}
END_TEST

/* Text of 16 bits a character is left out, and unknown types are. */
START_TEST(test_left_out)
{
	set_subject(part(CN, ASN1_BMPSTRING, "\0a", 2), TEXT(99, "x"));
	ck_assert_str_eq(fill().cert_subject, "");
}
END_TEST

/* Half a subject would be somebody else's. */
START_TEST(test_too_long)
{
	char value[250];

	memset(value, 'a', sizeof(value));
	set_subject(TEXT(CN, "alice"), part(O, ASN1_UTF8STRING, value, sizeof(value)));
	ck_assert_str_eq(fill().cert_subject, "");
}
END_TEST

START_TEST(test_names)
{
	static const struct {
		id_type_t type;
		const char *name;
	} names[] = {
		{ID_RFC822_ADDR, "alice@example.com"},
		{ID_RFC822_ADDR, "eve bob@example.com"}, /* would be two */
		{ID_FQDN, "vpn.example.com"},
		{ID_FQDN, ""},
		{ID_IPV4_ADDR, "\x0a\x01\x01\x01"},
	};

	set_subject(TEXT(O, "Example"), TEXT(CN, "alice"));
	for (size_t i = 0; i < countof(names); i++)
		alternatives->insert_last(
			alternatives, identification_create_from_encoding(
					      names[i].type, chunk_create((void *)names[i].name,
									  strlen(names[i].name))));
	ck_assert_str_eq(fill().cert_names, "alice@example.com vpn.example.com");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("l2tp_certificate");
	TCase *tc = tcase_create("all");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_subject);
	tcase_add_test(tc, test_pretender);
	tcase_add_test(tc, test_left_out);
	tcase_add_test(tc, test_too_long);
	tcase_add_test(tc, test_names);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
