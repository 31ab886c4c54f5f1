/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Patterns, distinguished names and the rules made of them, with names that pretend. */
#include "l2tpd/policy/identity.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/dname.h"
#include "lib/base/pattern.h"

static const struct {
	const char *pattern, *problem; /* its beginning; NULL: none */
} problems[] = {
	{"CN=%, OU=staff", NULL},
	{"cn=*.example.com", NULL},
	{"O=Example\\, Inc,CN=%", NULL},
	{"%@example.com", NULL},
	{"EXAMPLE\\\\%", NULL},
	{"*", NULL},
	{"a\\=b", NULL},
	{"", "empty"},
	{"CN=", "empty"},
	{"CN=%,", NULL}, /* nothing follows */
	{"CN=%,,O=x", "expected TYPE=value"},
	{"CN=%, x", "expected TYPE=value"},
	{"XY=%", "unknown type"},
	{"CN=%*", "% and *"},
	{"%%", "more than one %"},
	{"CN=%, UID=%", "more than one %"},
	{"abc\\", "a \\ at the end"},
};

START_TEST(test_problem)
{
	const char *problem = pattern_problem(problems[_i].pattern);

	if (!problems[_i].problem)
		ck_assert_msg(!problem, "%s: %s", problems[_i].pattern, problem);
	else
		ck_assert_msg(problem && !strncmp(problem, problems[_i].problem,
						  strlen(problems[_i].problem)),
			      "%s: %s", problems[_i].pattern, problem);
}
END_TEST

static const struct {
	const char *pattern, *name, *user;
	bool fits;
} names[] = {
	{"alice", "alice", "", true},
	{"alice", "ALICE", "", true},
	{"alice", "alice2", "", false},
	{"*", "", "", true},
	{"*.example.com", "vpn.example.com", "", true},
	{"*.example.com", "vpn.example.com.evil.org", "", false},
	{"*a*b*c*", "xxaxxbxxcxx", "", true},
	{"*a*b*c*", "xxaxxcxxbxx", "", false},
	{"*aaaaaaaaab", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "", false},
	{"%@example.com", "alice@example.com", "alice", true},
	{"%@example.com", "alice@example.com", "Alice", true},
	{"%@example.com", "alice@example.com", "bob", false},
	{"%@example.com", "alice@example.com", "", false},
	{"%@example.com", "@example.com", "", false},
	{"%@example.com", "alice@example.com", "*", false}, /* is taken as it is */
	{"%@example.com", "alice@example.com", "%", false},
	{"%@example.com", "alice@example.com@example.com", "alice", false},
	{"\\%@example.com", "%@example.com", "alice", true},
	{"\\%@example.com", "alice@example.com", "alice", false},
	{"CN=alice", "CN=alice", "", false}, /* no subject, but looks like one */
	{"m\xc3\xbcller", "m\xc3\xbcller", "", true},
	{"m\xc3\xbcller", "m\xc3\x9cller", "", false},
};

START_TEST(test_name)
{
	ck_assert_msg(pattern_fits(names[_i].pattern, view_str(names[_i].name),
				   view_str(names[_i].user)) == names[_i].fits,
		      "%s %s %s", names[_i].pattern, names[_i].name, names[_i].user);
}
END_TEST

static const struct {
	const char *pattern, *user, *part; /* NULL: does not fit */
} users[] = {
	{"%", "alice", "alice"},
	{"%", "", NULL},
	{"alice", "alice", "alice"},
	{"alice", "Alice", "Alice"},
	{"site-*", "site-7", "site-7"},
	{"%@example.com", "alice@example.com", "alice"},
	{"%@example.com", "alice@EXAMPLE.com", "alice"},
	{"%@example.com", "@example.com", NULL},
	{"%@example.com", "alice@example.org", NULL},
	{"%@example.com", "alice@evil.org@example.com", "alice@evil.org"},
	{"EXAMPLE\\\\%", "EXAMPLE\\alice", "alice"},
	{"EXAMPLE\\\\%", "EXAMPLE\\", NULL},
	{"EXAMPLE\\\\%", "alice", NULL},
	{"\\%-%-x", "%-bob-x", "bob"},
};

START_TEST(test_user)
{
	struct view part;
	bool fits = pattern_fits_user(users[_i].pattern, view_str(users[_i].user), &part);

	ck_assert_msg(fits == (users[_i].part != NULL), "%s %s", users[_i].pattern, users[_i].user);
	ck_assert(!fits || view_is(part, users[_i].part));
}
END_TEST

/* A subject of parts as they stand in the certificate: type, value, type, value ... */
static const char *subject(const char *const *parts, const size_t *len)
{
	static char text[BUS_TEXT_LEN];

	text[0] = '\0';
	for (size_t i = 0; parts[2 * i]; i++)
		ck_assert(dname_add(
			text, sizeof(text), parts[2 * i],
			(struct view){(const uint8_t *)parts[2 * i + 1],
				      len && len[i] ? len[i] : strlen(parts[2 * i + 1])}));
	return text;
}

#define PARTS(...) .parts = {__VA_ARGS__, NULL}

static const struct {
	const char *pattern, *user;
	bool fits;
	const char *parts[10];
	size_t len[4]; /* of values with zero bytes */
} subjects[] = {
	{"CN=%", "alice", true, PARTS("CN", "alice")},
	{"CN=%", "bob", false, PARTS("CN", "alice")},
	{"cn = % , o = example", "alice", true, PARTS("C", "DE", "O", "Example", "CN", "Alice")},
	{"CN=%, O=Example", "alice", false, PARTS("CN", "alice")},
	{"CN=%, O=Example", "alice", false, PARTS("CN", "alice", "O", "Example2")},
	{"OU=staff, CN=%", "alice", true, PARTS("OU", "it", "OU", "staff", "CN", "alice")},
	/* what stands in one part is not another part */
	{"CN=admin", "", false, PARTS("O", "x, CN=admin")},
	{"CN=admin", "", false, PARTS("O", "x\",CN=admin,O=\"", "CN", "eve")},
	{"CN=admin", "", false, PARTS("O", "x\\", "CN", "eve,CN=admin")},
	{"O=Example\\, Inc", "", true, PARTS("O", "Example, Inc")},
	{"O=a\\=b", "", true, PARTS("O", "a=b")},
	/* bytes that end strings, and the like */
	{"CN=admin", "", false, PARTS("CN", "admin\0.evil.org"), .len = {15}},
	{"CN=admin*", "", true, PARTS("CN", "admin\0.evil.org"), .len = {15}},
	{"CN=%", "admin", false, PARTS("CN", "admin\0.evil.org"), .len = {15}},
	{"CN=%", "admin", false, PARTS("CN", "admin\n")},
	{"CN=%", "m\xc3\xbcller", true, PARTS("CN", "m\xc3\xbcller")},
	/* two of them: whose is the user's name? */
	{"CN=%", "alice", false, PARTS("CN", "alice", "CN", "bob")},
	{"CN=alice", "", true, PARTS("CN", "alice", "CN", "bob")},
	{"%", "alice", false, PARTS("CN", "alice")}, /* for other names */
	{"*", "", false, PARTS("CN", "alice")},
	{"CN=*", "", false, .parts = {NULL}},
};

START_TEST(test_subject)
{
	const char *dn = subject(subjects[_i].parts, subjects[_i].len);

	ck_assert_msg(pattern_fits_dn(subjects[_i].pattern, dn, view_str(subjects[_i].user)) ==
			      subjects[_i].fits,
		      "%s %s: %s", subjects[_i].pattern, subjects[_i].user, dn);
}
END_TEST

/* Text that dname_add() never writes fits nothing, and is read to its end only. */
START_TEST(test_malformed)
{
	static const char *const texts[] = {"CN",     "=x",     ",",      "CN=a,",
					    "CN=a\\", "CN=a,O", "CN=a\\4"};
	char text[32] = "O=long", whole[8] = "";

	ck_assert(pattern_fits_dn("CN=a", "CN=a,", view_str("")));
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		ck_assert_msg(i == 3 || !pattern_fits_dn("CN=a", texts[i], view_str("")), "%s",
			      texts[i]);
	ck_assert(!dname_add(text, 12, "CN", view_str("abc")));
	ck_assert_str_eq(text, "O=long");
	ck_assert(dname_add(whole, sizeof(whole), "CN", view_str("abcd")));
	ck_assert(!dname_add(whole, sizeof(whole), "O", view_str("")));
	ck_assert_str_eq(whole, "CN=abcd");
}
END_TEST

static const struct {
	const char *identity, *users, *auth, *subject, *names, *eap, *user;
	bool may;
} rules[] = {
	{"CN=%", "%", "pubkey", "CN=alice,O=x", "", "", "alice", true},
	{"CN=%", "%", "pubkey", "CN=alice,O=x", "", "", "bob", false},
	{"CN=%", "%", "psk", "CN=alice,O=x", "", "", "alice", false},
	{"CN=%", "%", "", "CN=alice,O=x", "", "", "alice", false},
	{"CN=%", "%", "pubkey", "", "", "", "alice", false},
	{"CN=%", "EXAMPLE\\\\%", "pubkey", "CN=alice", "", "", "EXAMPLE\\x5calice", true},
	{"CN=%", "EXAMPLE\\\\%", "pubkey", "CN=alice", "", "", "OTHER\\x5calice", false},
	{"CN=%", "%", "pubkey", "CN=m\xc3\xbcller", "", "", "m\\xc3\\xbcller", true},
	{"CN=gw*", "site-*", "pubkey", "CN=gw7", "", "", "site-7", true},
	{"CN=gw*", "site-*", "pubkey", "CN=gw7", "", "", "alice", false},
	{"%@example.com", "%", "pubkey", "CN=x", "a@x.org alice@example.com", "", "alice", true},
	{"%@example.com", "%", "pubkey", "CN=x", "bob@example.com", "", "alice", false},
	{"%@example.com", "%", "psk", "", "alice@example.com", "", "alice", false},
	{"%@example.com", "%", "psk", "", "", "alice@example.com", "alice", false},
	{"%@example.com", "%", "eap", "", "", "alice@example.com", "alice", true},
	{"%", "%", "psk+xauth", "", "", "alice", "alice", true},
	{"%", "%", "psk+xauth", "", "", "alice", "bob", false},
	{"CN=%", "%", "eap", "", "", "CN=alice", "alice", false}, /* it is no subject */
	{"CN=%", "%", "pubkey+eap", "CN=alice", "", "carol", "alice", true},
	{"CN=%", "%", "pubkeys", "CN=alice", "", "", "alice", false},
	{"*", "*", "pubkey", "CN=alice", "alice", "", "", false},
};

START_TEST(test_rule)
{
	struct bus_sa sa = {0};
	char *identity = (char *)rules[_i].identity, *user = (char *)rules[_i].users;
	const struct identity_rule rule = {&identity, 1, &user, 1};

	ck_assert_ptr_null(pattern_problem(identity));
	ck_assert_ptr_null(pattern_problem(user));
	strcpy(sa.auth, rules[_i].auth);
	strcpy(sa.cert_subject, rules[_i].subject);
	strcpy(sa.cert_names, rules[_i].names);
	strcpy(sa.remote_eap_id, rules[_i].eap);
	ck_assert_msg(identity_may(&rule, &sa, rules[_i].user) == rules[_i].may, "row %d", _i);
}
END_TEST

/* A name that may have been cut is nobody's. */
START_TEST(test_long_user)
{
	struct bus_sa sa = {.auth = "pubkey", .cert_subject = "CN=x"};
	char *identity = (char *)"CN=x", *any = (char *)"*", user[BUS_TEXT_LEN];
	const struct identity_rule rule = {&identity, 1, &any, 1};

	memset(user, 'a', sizeof(user));
	user[sizeof(user) - 1] = '\0';
	ck_assert(!identity_may(&rule, &sa, user));
	user[BUS_TEXT_LEN - 8] = '\0';
	ck_assert(identity_may(&rule, &sa, user));
}
END_TEST

#define LOOP(t, test, table) tcase_add_loop_test(t, test, 0, sizeof(table) / sizeof((table)[0]))

int main(void)
{
	Suite *s = suite_create("identity");
	TCase *t = tcase_create("all");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	LOOP(t, test_problem, problems);
	LOOP(t, test_name, names);
	LOOP(t, test_user, users);
	LOOP(t, test_subject, subjects);
	tcase_add_test(t, test_malformed);
	LOOP(t, test_rule, rules);
	tcase_add_test(t, test_long_user);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
