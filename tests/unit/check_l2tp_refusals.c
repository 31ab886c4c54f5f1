/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Peers that get no SA: why, from what charon says of them and to them; and those whom we refuse,
 * by l2tpd's word or as it is away.
 */
#include "tests/fake/fake_charon.h"

#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/bus/msg.h"
#include "lib/bus/names.h"

/* Refusals: what charon sends and has found before, and what is told; "" for nothing. */
#define ESTABLISHED IKE_ESTABLISHED
#define CONNECTING  IKE_CONNECTING
#define NO_ALERT    ALERT_SHUTDOWN_SIGNAL

static const struct {
	ike_version_t version;
	ike_sa_state_t state;
	exchange_type_t asked, answered;
	notify_type_t notify;
	alert_t alert;
	const char *reason; /* its beginning */
} refusals[] = {
	{IKEV1, CONNECTING, ID_PROT, INFORMATIONAL_V1, NO_PROPOSAL_CHOSEN, NO_ALERT, "no IKE"},
	{IKEV1, ESTABLISHED, QUICK_MODE, INFORMATIONAL_V1, NO_PROPOSAL_CHOSEN, NO_ALERT, "no ESP"},
	{IKEV2, CONNECTING, IKE_SA_INIT, IKE_SA_INIT, NO_PROPOSAL_CHOSEN, NO_ALERT, "no IKE"},
	{IKEV2, CONNECTING, IKE_AUTH, IKE_AUTH, NO_PROPOSAL_CHOSEN, NO_ALERT, "no ESP"},
	{IKEV1, CONNECTING, ID_PROT, INFORMATIONAL_V1, PAYLOAD_MALFORMED, NO_ALERT,
	 "its shared key is not ours"},
	{IKEV1, ESTABLISHED, QUICK_MODE, INFORMATIONAL_V1, PAYLOAD_MALFORMED, NO_ALERT, ""},
	{IKEV1, CONNECTING, ID_PROT, INFORMATIONAL_V1, AUTHENTICATION_FAILED, NO_ALERT,
	 "not authenticated by IKE"},
	{IKEV1, CONNECTING, AGGRESSIVE, INFORMATIONAL_V1, AUTHENTICATION_FAILED, NO_ALERT,
	 "it wants aggressive mode"},
	{IKEV1, CONNECTING, ID_PROT, INFORMATIONAL_V1, AUTHENTICATION_FAILED, ALERT_CERT_REVOKED,
	 "certificate \"CN=mallory\" has been revoked"},
	{IKEV2, CONNECTING, IKE_AUTH, IKE_AUTH, AUTHENTICATION_FAILED, ALERT_CERT_NO_ISSUER,
	 "certificate \"CN=mallory\" is of a CA that is not in"},
	{IKEV2, CONNECTING, IKE_AUTH, IKE_AUTH, AUTHENTICATION_FAILED, ALERT_CERT_EXPIRED,
	 "certificate \"CN=mallory\" is not valid now"},
	/* not what it was refused for */
	{IKEV2, CONNECTING, IKE_AUTH, IKE_AUTH, NO_PROPOSAL_CHOSEN, ALERT_CERT_VALIDATION_FAILED,
	 "no ESP"},
	{IKEV2, ESTABLISHED, IKE_AUTH, IKE_AUTH, TS_UNACCEPTABLE, NO_ALERT, "it wants other"},
	{IKEV1, ESTABLISHED, QUICK_MODE, INFORMATIONAL_V1, INVALID_ID_INFORMATION, NO_ALERT,
	 "it wants other"},
	{IKEV2, CONNECTING, IKE_SA_INIT, IKE_SA_INIT, COOKIE, NO_ALERT, ""},
};

static identification_t *mallory;

static identification_t *subject(certificate_t *this)
{
	return mallory;
}

static void alert(alert_t alert)
{
	certificate_t cert = {.get_subject = subject};

	charon->bus->alert(charon->bus, alert, &cert);
}

static message_t *exchange(ike_version_t version, exchange_type_t type)
{
	message_t *m = message_create(version == IKEV1 ? 1 : 2, 0);

	m->set_exchange_type(m, type);
	return m;
}

static void see_and_destroy(message_t *m, bool incoming)
{
	charon->bus->message(charon->bus, m, incoming, TRUE);
	m->destroy(m);
}

/* A client asks, and is refused. */
static void refuse(int row)
{
	message_t *m;

	ike->version = refusals[row].version;
	ike->state = refusals[row].state;
	see_and_destroy(exchange(ike->version, refusals[row].asked), TRUE);
	if (refusals[row].alert != NO_ALERT)
		alert(refusals[row].alert);
	m = exchange(ike->version, refusals[row].answered);
	m->add_notify(m, FALSE, refusals[row].notify, chunk_empty);
	see_and_destroy(m, FALSE);
}

START_TEST(test_refusals)
{
	struct bus_failure failure;
	struct frame f;
	char text[ADDR_STR_LEN];

	mallory = identification_create_from_string("CN=mallory");
	refuse(_i);
	if (refusals[_i].reason[0]) {
		ck_assert(watcher_receive(client, &f));
		ck_assert(view_is(f.name, BUS_EV_IKE_FAILED));
		ck_assert_int_eq(bus_read(f.msg, &bus_failure_record, &failure), 0);
		ck_assert_msg(strpfx(failure.reason, refusals[_i].reason), "%s", failure.reason);
		ck_assert_str_eq(failure.identity, "192.168.1.101");
		ck_assert_str_eq(addr_format(&failure.peer, text), "198.51.100.7:26457");
	}
	watcher_expect_nothing(client);
	mallory->destroy(mallory);
}
END_TEST

/* Peers of other connections are none of our business. */
START_TEST(test_refusals_of_others)
{
	child_cfg_create_t tunnel = {.mode = MODE_TUNNEL};

	ike->cfg->destroy(ike->cfg);
	ike->cfg = fake_connection("roadwarriors", UNIQUE_REPLACE);
	first->cfg->destroy(first->cfg);
	first->cfg = fake_add_child(ike->cfg, &tunnel, "0");
	refuse(0);
	watcher_expect_nothing(client);
}
END_TEST

/* A flood of them is cut. */
START_TEST(test_many_refusals)
{
	struct frame f;
	int told = 0;

	for (int i = 0; i < 1000; i++)
		refuse(0);
	watcher_send(client, FRAME_CMD_REQUEST, BUS_CMD_CHARON_VERSION, (struct view){});
	while (watcher_receive(client, &f) && f.type == FRAME_EVENT)
		told++;
	ck_assert_int_gt(told, 0);
	ck_assert_int_lt(told, 500);
}
END_TEST

/* l2tpd's word on new clients; NULL: they are welcome. */
static void set_gate(const char *reason)
{
	struct bus_gate record = {.closed = reason != NULL};
	struct view msg, value;
	struct msg_out out;
	uint8_t buf[BUS_RECORD_MAX];

	snprintf(record.reason, sizeof(record.reason), "%s", reason ?: "");
	msg_init(&out, buf, sizeof(buf));
	bus_write(&out, &bus_gate_record, &record);
	ck_assert_int_eq(msg_done(&out, &msg), 0);
	ck_assert(watcher_request(client, BUS_CMD_SET_GATE, msg, &msg));
	ck_assert_int_eq(msg_find(msg, "success", &value), 0);
	ck_assert(view_is(value, "yes"));
}

static bool authorized(struct fake_ike *who, bool final)
{
	bool success;

	charon->bus->set_sa(charon->bus, &who->public);
	success = charon->bus->authorize(charon->bus, final);
	charon->bus->set_sa(charon->bus, &ike->public);
	return success;
}

static void set_remote(struct fake_ike *who, const char *address, uint16_t port)
{
	who->remote->destroy(who->remote);
	who->remote = host_create_from_string((char *)address, port);
}

START_TEST(test_gate)
{
	struct fake_ike *new = fake_ike(ike->cfg->get_ref(ike->cfg), 8);
	message_t *m = exchange(IKEV1, INFORMATIONAL_V1);
	struct bus_failure failure;
	struct frame f;

	set_remote(new, "203.0.113.9", 500);
	ck_assert(authorized(new, TRUE));
	set_gate(NULL);
	ck_assert(authorized(new, TRUE));
	set_gate("the server is drained");
	ck_assert(authorized(new, FALSE)); /* its connection is not certain yet */
	charon_log_forget();
	ck_assert(!authorized(new, TRUE));
	ck_assert_str_eq(charon_log(), "l2tp: refusing '192.168.1.101' at 203.0.113.9[500] on "
				       "connection 'gateway': the server is drained\n");
	new->state = IKE_CONNECTING;
	m->add_notify(m, FALSE, AUTHENTICATION_FAILED, chunk_empty);
	charon->bus->set_sa(charon->bus, &new->public);
	see_and_destroy(m, FALSE);
	charon->bus->set_sa(charon->bus, &ike->public);
	ck_assert(watcher_receive(client, &f));
	ck_assert(view_is(f.name, BUS_EV_IKE_FAILED));
	ck_assert_int_eq(bus_read(f.msg, &bus_failure_record, &failure), 0);
	ck_assert_str_eq(failure.reason, "the server is drained");
	ck_assert_str_eq(failure.identity, "192.168.1.101");

	/* we have called it ourselves */
	new->ike_id->destroy(new->ike_id);
	new->ike_id = ike_sa_id_create(IKEV1_MAJOR_VERSION, 1, 2, TRUE);
	ck_assert(authorized(new, TRUE));
	new->ike_id->destroy(new->ike_id);
	new->ike_id = ike_sa_id_create(IKEV1_MAJOR_VERSION, 1, 2, FALSE);
	ck_assert(!authorized(new, TRUE));
	set_gate(NULL);
	ck_assert(authorized(new, TRUE));
	fake_ike_free(new);
}
END_TEST

/* Who has an SA, or had one a moment ago, reauthenticates; the port does not matter. */
START_TEST(test_gate_known)
{
	struct fake_ike *new = fake_ike(ike->cfg->get_ref(ike->cfg), 8);

	set_remote(ike, "203.0.113.20", 4500);
	charon_child_updown(first, TRUE);
	watcher_expect(client, BUS_EV_SA_UP, 11);
	set_gate("full");
	set_remote(new, "203.0.113.20", 500);
	ck_assert(authorized(new, TRUE));
	set_remote(new, "203.0.113.21", 4500);
	ck_assert(!authorized(new, TRUE));

	/* it moves: known where it is, and for a while where it was */
	set_remote(ike, "203.0.113.22", 4500);
	charon->bus->child_state_change(charon->bus, &first->public, CHILD_INSTALLED);
	watcher_expect(client, BUS_EV_SA_UPDATE, 11);
	set_remote(new, "203.0.113.22", 4500);
	ck_assert(authorized(new, TRUE));

	/* IKEv2 ends the old one first */
	charon_child_updown(first, FALSE);
	watcher_expect(client, BUS_EV_SA_DOWN, 11);
	ck_assert(authorized(new, TRUE));

	/* a neighbour behind the same NAT is somebody else */
	new->remote_id->destroy(new->remote_id);
	new->remote_id = identification_create_from_string("192.168.1.102");
	ck_assert(!authorized(new, TRUE));
	set_gate(NULL);
	fake_ike_free(new);
}
END_TEST

/* Connections for anything else are let alone, also those that do L2TP besides. */
START_TEST(test_gate_others)
{
	struct fake_ike *site = fake_ike(fake_connection("site", UNIQUE_NEVER), 8);
	struct fake_ike *both = fake_ike(fake_connection("both", UNIQUE_NEVER), 9);
	child_cfg_t *cfg;

	set_gate("full");
	set_remote(site, "203.0.113.30", 500);
	set_remote(both, "203.0.113.31", 500);
	ck_assert(authorized(site, TRUE));
	cfg = fake_add_child(site->cfg, &fake_good_child, "0");
	cfg->destroy(cfg);
	ck_assert(authorized(site, TRUE));
	cfg = fake_add_child(both->cfg, &fake_good_child, "1701");
	cfg->destroy(cfg);
	ck_assert(!authorized(both, TRUE));
	cfg = fake_add_child(both->cfg, &fake_good_child, "22");
	cfg->destroy(cfg);
	ck_assert(authorized(both, TRUE));
	set_gate(NULL);
	fake_ike_free(site);
	fake_ike_free(both);
}
END_TEST

/* l2tpd goes: a short absence is a restart, a longer one is said to clients at once. */
START_TEST(test_gate_absent)
{
	struct fake_ike *new = fake_ike(ike->cfg->get_ref(ike->cfg), 8);
	usec_t until = clock_now() + WAIT_S * USEC_PER_S;
	int other = watcher_open();

	set_remote(new, "203.0.113.40", 500);
	lib->settings->set_str(lib->settings, "%s.plugins.l2tp.refuse_after", "1h", lib->ns);
	set_gate("full");
	close(other); /* is not l2tpd */
	ck_assert(!authorized(new, TRUE));
	charon_log_forget();
	close(client);
	while (!strstr(charon_log(), "l2tp: l2tpd is away") && clock_now() < until)
		usleep(1000);
	ck_assert(authorized(new, TRUE)); /* what it said does not count any more */
	lib->settings->set_str(lib->settings, "%s.plugins.l2tp.refuse_after", "1s", lib->ns);
	while (authorized(new, TRUE) && clock_now() < until)
		usleep(10000);
	ck_assert(!authorized(new, TRUE));
	ck_assert_ptr_nonnull(strstr(charon_log(), "'gateway': l2tpd is away (for "));
	lib->settings->set_str(lib->settings, "%s.plugins.l2tp.refuse_after", "0", lib->ns);
	ck_assert(authorized(new, TRUE));
	lib->settings->set_str(lib->settings, "%s.plugins.l2tp.refuse_after", "1s", lib->ns);
	client = watcher_open();
	watcher_register(client);
	ck_assert(!authorized(new, TRUE));
	set_gate(NULL);
	ck_assert(authorized(new, TRUE));
	fake_ike_free(new);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("l2tp_refusals");
	TCase *tc = tcase_create("l2tp_refusals");

	tcase_add_checked_fixture(tc, charon_setup, charon_teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, test_refusals, 0, countof(refusals));
	tcase_add_test(tc, test_refusals_of_others);
	tcase_add_test(tc, test_gate);
	tcase_add_test(tc, test_gate_known);
	tcase_add_test(tc, test_gate_others);
	tcase_add_test(tc, test_gate_absent);
	tcase_add_test(tc, test_many_refusals); /* the last: they use up what may be told */
	suite_add_tcase(s, tc);
	return charon_run(s);
}
