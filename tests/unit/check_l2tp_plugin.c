/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * charon's plugin inside the packaged libcharon: its hooks are called through charon's own bus with
 * stand-ins for IKE_SA and CHILD_SA, and a client of the socket sees what comes of it.  What needs
 * real negotiations is in the lab.
 */
#include "charon-plugin/compat.h"

#include <check.h>
#include <credentials/certificates/certificate.h>
#include <dlfcn.h>
#include <encoding/message.h>
#include <errno.h>
#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/bus/frame.h"
#include "lib/bus/msg.h"
#include "lib/bus/names.h"
#include "lib/bus/record.h"

#define WAIT_S 10 /* for what charon's threads do; only a failure waits that long */

/* Stand-ins.  Each hook reads charon's objects through these methods only. */

struct fake_child {
	child_sa_t public;
	child_cfg_t *cfg;
	proposal_t *proposal;
	traffic_selector_t *local_ts, *remote_ts;
	uint32_t id, reqid, mark;
	uint32_t spi_in, spi_out; /* host order */
	ipsec_mode_t mode;
	protocol_id_t protocol;
	child_sa_state_t state;
	time_t lifetime; /* its hard end; 0: none */
	bool encap;
};

struct fake_ike {
	ike_sa_t public;
	peer_cfg_t *cfg;
	linked_list_t *children;         /* borrowed fake_child */
	linked_list_t *rounds;           /* auth_cfg_t */
	linked_list_t *passive, *active; /* task_t */
	host_t *local, *remote;
	identification_t *remote_id, *eap_id;
	ike_sa_state_t state;
	ike_version_t version;
	ike_sa_id_t *ike_id;
	uint32_t id;
};

#define CHILD(public) ((struct fake_child *)(public))
#define IKE(public)   ((struct fake_ike *)(public))

static char *child_name(child_sa_t *c)
{
	return CHILD(c)->cfg->get_name(CHILD(c)->cfg);
}
static uint32_t child_reqid(child_sa_t *c)
{
	return CHILD(c)->reqid;
}
static uint32_t child_id(child_sa_t *c)
{
	return CHILD(c)->id;
}
static child_cfg_t *child_config(child_sa_t *c)
{
	return CHILD(c)->cfg;
}
static child_sa_state_t child_state(child_sa_t *c)
{
	return CHILD(c)->state;
}
static uint32_t child_spi(child_sa_t *c, bool inbound)
{
	return htonl(inbound ? CHILD(c)->spi_in : CHILD(c)->spi_out);
}
static protocol_id_t child_protocol(child_sa_t *c)
{
	return CHILD(c)->protocol;
}
static ipsec_mode_t child_mode(child_sa_t *c)
{
	return CHILD(c)->mode;
}
static proposal_t *child_proposal(child_sa_t *c)
{
	return CHILD(c)->proposal;
}
static bool child_encap(child_sa_t *c)
{
	return CHILD(c)->encap;
}
static mark_t child_mark(child_sa_t *c, bool inbound)
{
	return (mark_t){inbound ? CHILD(c)->mark : 0, inbound ? 0xffffffff : 0};
}
static enumerator_t *child_ts(child_sa_t *c, bool local)
{
	return enumerator_create_single(local ? CHILD(c)->local_ts : CHILD(c)->remote_ts, NULL);
}

static uint32_t ike_id(ike_sa_t *i)
{
	return IKE(i)->id;
}
static ike_sa_id_t *ike_sa_id(ike_sa_t *i)
{
	return IKE(i)->ike_id;
}
static ike_version_t ike_version(ike_sa_t *i)
{
	return IKE(i)->version;
}
static ike_sa_state_t ike_state(ike_sa_t *i)
{
	return IKE(i)->state;
}
static char *ike_name(ike_sa_t *i)
{
	return IKE(i)->cfg->get_name(IKE(i)->cfg);
}
static host_t *ike_local(ike_sa_t *i)
{
	return IKE(i)->local;
}
static host_t *ike_remote(ike_sa_t *i)
{
	return IKE(i)->remote;
}
static identification_t *ike_remote_id(ike_sa_t *i)
{
	return IKE(i)->remote_id;
}
static identification_t *ike_eap_id(ike_sa_t *i)
{
	return IKE(i)->eap_id ?: IKE(i)->remote_id;
}
static peer_cfg_t *ike_config(ike_sa_t *i)
{
	return IKE(i)->cfg;
}
static enumerator_t *ike_rounds(ike_sa_t *i, bool local)
{
	ck_assert(!local);
	return IKE(i)->rounds->create_enumerator(IKE(i)->rounds);
}
static enumerator_t *ike_children(ike_sa_t *i)
{
	return IKE(i)->children->create_enumerator(IKE(i)->children);
}
static enumerator_t *ike_tasks(ike_sa_t *i, task_queue_t queue)
{
	linked_list_t *tasks = queue == TASK_QUEUE_PASSIVE ? IKE(i)->passive : IKE(i)->active;

	return tasks->create_enumerator(tasks);
}

static time_t child_lifetime(child_sa_t *c, bool hard)
{
	return hard ? CHILD(c)->lifetime : 0;
}

static const child_sa_t child_methods = {
	.get_name = child_name,
	.get_reqid = child_reqid,
	.get_unique_id = child_id,
	.get_config = child_config,
	.get_state = child_state,
	.get_spi = child_spi,
	.get_protocol = child_protocol,
	.get_mode = child_mode,
	.get_proposal = child_proposal,
	.has_encap = child_encap,
	.get_mark = child_mark,
	.create_ts_enumerator = child_ts,
	.get_lifetime = child_lifetime,
};

static const ike_sa_t ike_methods = {
	.get_unique_id = ike_id,
	.get_id = ike_sa_id,
	.get_version = ike_version,
	.get_state = ike_state,
	.get_name = ike_name,
	.get_my_host = ike_local,
	.get_other_host = ike_remote,
	.get_other_id = ike_remote_id,
	.get_other_eap_id = ike_eap_id,
	.get_peer_cfg = ike_config,
	.create_auth_cfg_enumerator = ike_rounds,
	.create_child_sa_enumerator = ike_children,
	.create_task_enumerator = ike_tasks,
};

/* A connection as swanctl would load it. */
static const child_cfg_create_t good_child = {
	.options = OPT_NO_POLICIES,
	.mode = MODE_TRANSPORT,
	.mark_in = {MARK_UNIQUE, 0xffffffff},
	.set_mark_in = {MARK_SAME, 0xffffffff},
};

static peer_cfg_t *connection(const char *name, unique_policy_t unique)
{
	ike_cfg_create_t ike = {.version = IKEV1, .local = "%any", .remote = "%any"};
	peer_cfg_create_t peer = {.unique = unique};

	return peer_cfg_create((char *)name, ike_cfg_create(&ike), &peer);
}

static child_cfg_t *add_child(peer_cfg_t *peer, const child_cfg_create_t *from, const char *ts)
{
	child_cfg_create_t data = *from;
	child_cfg_t *cfg = child_cfg_create("child", &data);

	cfg->add_traffic_selector(
		cfg, TRUE,
		traffic_selector_create_dynamic(IPPROTO_UDP, atoi(ts), atoi(ts) ?: 65535));
	cfg->add_traffic_selector(cfg, FALSE,
				  traffic_selector_create_dynamic(IPPROTO_UDP, 0, 65535));
	peer->add_child_cfg(peer, cfg->get_ref(cfg));
	return cfg;
}

/* The two clients of all tests */
static struct fake_ike *ike;
static struct fake_child *first, *second;

static struct fake_child *fake_child(child_cfg_t *cfg, uint32_t id, uint32_t mark)
{
	struct fake_child *c;

	INIT(c, .public = child_methods, .cfg = cfg, .id = id, .reqid = mark + 100, .mark = mark,
	     .spi_in = 0xc0000000 + id, .spi_out = 0x0d000000 + id, .mode = MODE_TRANSPORT,
	     .protocol = PROTO_ESP, .state = CHILD_INSTALLED, .encap = TRUE);
	c->proposal = proposal_create_from_string(PROTO_ESP, "aes256-sha1");
	c->local_ts = traffic_selector_create_from_string(IPPROTO_UDP, TS_IPV4_ADDR_RANGE,
							  "192.0.2.1", 1701, "192.0.2.1", 1701);
	c->remote_ts = traffic_selector_create_from_string(
		IPPROTO_UDP, TS_IPV4_ADDR_RANGE, "198.51.100.7", 1701, "198.51.100.7", 1701);
	ike->children->insert_last(ike->children, c);
	return c;
}

static void fake_child_free(struct fake_child *c)
{
	ike->children->remove(ike->children, c, NULL);
	c->proposal->destroy(c->proposal);
	c->local_ts->destroy(c->local_ts);
	c->remote_ts->destroy(c->remote_ts);
	c->cfg->destroy(c->cfg);
	free(c);
}

static struct fake_ike *fake_ike(peer_cfg_t *cfg, uint32_t id)
{
	auth_cfg_t *round = auth_cfg_create();
	struct fake_ike *i;

	INIT(i, .public = ike_methods, .cfg = cfg, .id = id, .state = IKE_ESTABLISHED,
	     .version = IKEV1, .children = linked_list_create(), .rounds = linked_list_create(),
	     .passive = linked_list_create(), .active = linked_list_create(),
	     .local = host_create_from_string("192.0.2.1", 4500),
	     .remote = host_create_from_string("198.51.100.7", 26457),
	     .ike_id = ike_sa_id_create(IKEV1_MAJOR_VERSION, 1, 2, FALSE),
	     .remote_id = identification_create_from_string("192.168.1.101"));
	round->add(round, AUTH_RULE_AUTH_CLASS, AUTH_CLASS_PSK);
	i->rounds->insert_last(i->rounds, round);
	return i;
}

static void fake_ike_free(struct fake_ike *i)
{
	i->children->destroy(i->children);
	i->rounds->destroy_offset(i->rounds, offsetof(auth_cfg_t, destroy));
	i->passive->destroy(i->passive);
	i->active->destroy(i->active);
	i->local->destroy(i->local);
	i->remote->destroy(i->remote);
	i->remote_id->destroy(i->remote_id);
	DESTROY_IF(i->eap_id);
	i->ike_id->destroy(i->ike_id);
	i->cfg->destroy(i->cfg);
	free(i);
}

/* What the plugin logged, one line after the other; charon's threads log, too */
static char logged[64 * 1024];
static pthread_mutex_t logged_lock = PTHREAD_MUTEX_INITIALIZER;

static void log_line(logger_t *this, debug_t group, level_t level, int thread, ike_sa_t *ike_sa,
		     const char *message)
{
	size_t len;

	pthread_mutex_lock(&logged_lock);
	len = strlen(logged);
	if (strpfx(message, "l2tp: "))
		snprintf(logged + len, sizeof(logged) - len, "%s\n", message);
	pthread_mutex_unlock(&logged_lock);
}

/* What has been logged in this test; valid until the next call. */
static const char *log_text(void)
{
	static char copy[sizeof(logged)];

	pthread_mutex_lock(&logged_lock);
	strcpy(copy, logged);
	pthread_mutex_unlock(&logged_lock);
	return copy;
}

static void log_forget(void)
{
	pthread_mutex_lock(&logged_lock);
	logged[0] = '\0';
	pthread_mutex_unlock(&logged_lock);
}

static level_t log_level(logger_t *this, debug_t group)
{
	return LEVEL_CTRL;
}

static logger_t logger = {.log = log_line, .get_level = log_level};

/* charon's managers, as far as terminate-sa needs them */
static uint32_t terminated_ike, terminated_child;
static int sockets_of_test[2]; /* a job says here that it has run */

static ike_sa_t *checkout(child_sa_manager_t *this, uint32_t id, child_sa_t **ret)
{
	if (id != first->id)
		return NULL;
	*ret = &first->public;
	return &ike->public;
}

static void checkin(ike_sa_manager_t *this, ike_sa_t *ike_sa)
{
	ck_assert_ptr_eq(ike_sa, &ike->public);
}

static status_t terminate_ike(controller_t *this, uint32_t id, bool force, controller_cb_t cb,
			      void *param,
#ifdef TERMINATE_TAKES_MAX_LEVEL
			      level_t max_level,
#endif
			      u_int timeout)
{
	terminated_ike = id;
	ck_assert_int_eq(write(sockets_of_test[1], "i", 1), 1);
	return SUCCESS;
}

static status_t terminate_child(controller_t *this, uint32_t id, controller_cb_t cb, void *param,
#ifdef TERMINATE_TAKES_MAX_LEVEL
				level_t max_level,
#endif
				u_int timeout)
{
	terminated_child = id;
	ck_assert_int_eq(write(sockets_of_test[1], "c", 1), 1);
	return SUCCESS;
}

static child_sa_manager_t child_sa_manager = {.checkout_by_id = checkout};
static ike_sa_manager_t ike_sa_manager = {.checkin = checkin};
static controller_t controller = {.terminate_ike = terminate_ike,
				  .terminate_child = terminate_child};

/* A client of the plugin's socket */

static char folder[] = "/tmp/check_l2tp_plugin.XXXXXX";
static char path[sizeof(folder) + 8], uri[sizeof(path) + 8];
static uint8_t in[FRAME_MAX];

static int client_open(void)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	struct timeval limit = {.tv_sec = WAIT_S};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)), 0);
	return fd;
}

static void client_send(int fd, enum frame_type type, const char *name, struct view msg)
{
	uint8_t out[1024];
	int len = frame_build(out, sizeof(out), type, name, msg);

	ck_assert_int_gt(len, 0);
	ck_assert_int_eq(send(fd, out, len, MSG_NOSIGNAL), len);
}

/* The next packet; false at the end of the connection. */
static bool client_receive(int fd, struct frame *ret)
{
	uint32_t len;

	if (recv(fd, &len, sizeof(len), MSG_WAITALL) != sizeof(len))
		return false;
	ck_assert_uint_le(ntohl(len), sizeof(in));
	if (recv(fd, in, ntohl(len), MSG_WAITALL) != (ssize_t)ntohl(len))
		return false;
	ck_assert_int_eq(frame_parse((struct view){in, ntohl(len)}, ret), 0);
	return true;
}

static void client_register(int fd)
{
	static const char *const names[] = {
#define WORD(NAME, word, text) word,
		BUS_CHARON_EVENTS(WORD)
#undef WORD
	};
	struct frame f;

	for (size_t i = 0; i < countof(names); i++) {
		client_send(fd, FRAME_EVENT_REGISTER, names[i], (struct view){});
		ck_assert(client_receive(fd, &f));
		ck_assert_int_eq(f.type, FRAME_EVENT_CONFIRM);
	}
}

/* The next packet has to be this event; it is empty for mark 0. */
static struct bus_sa expect(int fd, const char *event, uint32_t mark)
{
	struct bus_sa sa;
	struct frame f;

	ck_assert_msg(client_receive(fd, &f), "%s does not come", event);
	ck_assert_int_eq(f.type, FRAME_EVENT);
	ck_assert_msg(view_is(f.name, event), "%.*s instead of %s", (int)f.name.len, f.name.p,
		      event);
	ck_assert_int_eq(bus_read(f.msg, &bus_sa_record, &sa), 0);
	ck_assert_uint_eq(sa.mark, mark);
	return sa;
}

/* A command's answer, with nothing before it; false: there is no such command. */
static bool request(int fd, const char *name, struct view msg, struct view *ret)
{
	struct frame f;

	client_send(fd, FRAME_CMD_REQUEST, name, msg);
	ck_assert(client_receive(fd, &f));
	if (f.type == FRAME_CMD_UNKNOWN)
		return false;
	ck_assert_int_eq(f.type, FRAME_CMD_RESPONSE);
	*ret = f.msg;
	return true;
}

/* Nothing has been queued for this client. */
static void expect_nothing(int fd)
{
	struct view msg;

	ck_assert(request(fd, BUS_CMD_CHARON_VERSION, (struct view){}, &msg));
}

static int client;

static void setup(void)
{
	peer_cfg_t *peer = connection("gateway", UNIQUE_NEVER);

	ike = fake_ike(peer, 7);
	first = fake_child(add_child(peer, &good_child, "1701"), 1, 11);
	second = fake_child(first->cfg->get_ref(first->cfg), 2, 12);
	charon->bus->set_sa(charon->bus, &ike->public);
	client = client_open();
	client_register(client);
	log_forget();
}

static void teardown(void)
{
	/* no binding outlives its test */
	charon->bus->ike_updown(charon->bus, &ike->public, FALSE);
	charon->bus->set_sa(charon->bus, NULL);
	close(client);
	fake_child_free(first);
	fake_child_free(second);
	fake_ike_free(ike);
}

static void child_updown(struct fake_child *c, bool up)
{
	charon->bus->child_updown(charon->bus, &c->public, up);
}

START_TEST(test_up)
{
	struct bus_sa sa;
	char text[ADDR_STR_LEN];

	ike->eap_id = identification_create_from_string("carol");
	child_updown(first, TRUE);
	sa = expect(client, BUS_EV_SA_UP, 11);
	ck_assert_uint_eq(sa.reqid, 111);
	ck_assert_str_eq(sa.connection, "gateway");
	ck_assert_str_eq(sa.child, "child");
	ck_assert_uint_eq(sa.ike_id, 7);
	ck_assert_uint_eq(sa.child_id, 1);
	ck_assert_uint_eq(sa.ike_version, 1);
	ck_assert_str_eq(addr_format(&sa.local, text), "192.0.2.1:4500");
	ck_assert_str_eq(addr_format(&sa.remote, text), "198.51.100.7:26457");
	ck_assert(sa.encap);
	ck_assert_uint_eq(sa.peer_port, 1701);
	ck_assert_str_eq(sa.remote_id, "192.168.1.101");
	ck_assert_str_eq(sa.remote_eap_id, "carol");
	ck_assert_str_eq(sa.auth, "psk");
	ck_assert_str_eq(sa.cipher, "AES_CBC_256/HMAC_SHA1_96");
	ck_assert_uint_eq(sa.iv_bytes, 16);
	ck_assert_uint_eq(sa.icv_bytes, 12);
	ck_assert_uint_eq(sa.block_bytes, 16);
	ck_assert_uint_eq(sa.spi_in, 0xc0000001);
	ck_assert_uint_eq(sa.spi_out, 0x0d000001);
	ck_assert_uint_ne(sa.instance, 0);
	ck_assert_str_eq(sa.reason, "");
	ck_assert_str_eq(log_text(), "");
}
END_TEST

static const struct {
	const char *algs, *cipher;
	uint32_t iv, icv, block;
} overheads[] = {
	{"3des-sha1", "3DES_CBC/HMAC_SHA1_96", 8, 12, 8},
	{"aes128-sha256", "AES_CBC_128/HMAC_SHA2_256_128", 16, 16, 16},
	{"aes128-md5", "AES_CBC_128/HMAC_MD5_96", 16, 12, 16},
	{"aes256-sha512", "AES_CBC_256/HMAC_SHA2_512_256", 16, 32, 16},
	{"aes128gcm16", "AES_GCM_16_128", 8, 16, 4},
	{"aes256gcm64", "AES_GCM_8_256", 8, 8, 4},
	{"aes128ctr-sha384", "AES_CTR_128/HMAC_SHA2_384_192", 8, 24, 4},
	{"chacha20poly1305", "CHACHA20_POLY1305", 8, 16, 4},
	{"null-sha1", "NULL/HMAC_SHA1_96", 0, 12, 4},
};

START_TEST(test_overhead)
{
	struct bus_sa sa;

	first->proposal->destroy(first->proposal);
	first->proposal = proposal_create_from_string(PROTO_ESP, overheads[_i].algs);
	child_updown(first, TRUE);
	sa = expect(client, BUS_EV_SA_UP, 11);
	ck_assert_str_eq(sa.cipher, overheads[_i].cipher);
	ck_assert_uint_eq(sa.iv_bytes, overheads[_i].iv);
	ck_assert_uint_eq(sa.icv_bytes, overheads[_i].icv);
	ck_assert_uint_eq(sa.block_bytes, overheads[_i].block);
}
END_TEST

START_TEST(test_rekey)
{
	struct fake_child *new = fake_child(first->cfg->get_ref(first->cfg), 3, 11);
	struct bus_sa sa;

	child_updown(first, TRUE);
	expect(client, BUS_EV_SA_UP, 11);
	charon->bus->child_rekey(charon->bus, &first->public, &new->public);
	sa = expect(client, BUS_EV_SA_REKEY, 11);
	ck_assert_uint_eq(sa.child_id, 3);
	ck_assert_uint_eq(sa.spi_in, 0xc0000003);

	/* the old one goes: nothing has happened to the client */
	first->state = CHILD_REKEYED;
	child_updown(first, FALSE);
	charon->bus->child_state_change(charon->bus, &first->public, CHILD_DESTROYING);
	expect_nothing(client);

	child_updown(new, FALSE);
	sa = expect(client, BUS_EV_SA_DOWN, 11);
	ck_assert_str_eq(sa.reason, "closed by charon");
	fake_child_free(new);
}
END_TEST

/* Both sides rekey at once: the one that goes was the last to come, the other carries on. */
START_TEST(test_two_rekeys)
{
	struct fake_child *new = fake_child(first->cfg->get_ref(first->cfg), 3, 11);
	struct bus_sa sa;

	child_updown(first, TRUE);
	expect(client, BUS_EV_SA_UP, 11);
	charon->bus->child_rekey(charon->bus, &first->public, &new->public);
	expect(client, BUS_EV_SA_REKEY, 11);
	new->state = CHILD_DELETED;
	charon->bus->child_state_change(charon->bus, &new->public, CHILD_DESTROYING);
	sa = expect(client, BUS_EV_SA_REKEY, 11);
	ck_assert_uint_eq(sa.child_id, 1);
	fake_child_free(new);
}
END_TEST

START_TEST(test_migrate)
{
	struct fake_ike *new = fake_ike(connection("gateway", UNIQUE_NEVER), 8);
	struct bus_sa sa;

	child_updown(first, TRUE);
	expect(client, BUS_EV_SA_UP, 11);

	/* IKEv1: called for the old IKE_SA with the id of the new one, then for the new one */
	charon->bus->children_migrate(charon->bus, (ike_sa_id_t *)&folder, 8);
	new->children->insert_last(new->children, first);
	charon->bus->set_sa(charon->bus, &new->public);
	charon->bus->children_migrate(charon->bus, NULL, 0);
	sa = expect(client, BUS_EV_SA_MIGRATE, 11);
	ck_assert_uint_eq(sa.ike_id, 8);

	/* IKEv2 */
	charon->bus->ike_rekey(charon->bus, &new->public, &ike->public);
	sa = expect(client, BUS_EV_SA_MIGRATE, 11);
	ck_assert_uint_eq(sa.ike_id, 7);

	/* the old IKE_SA, which has no children any more, goes */
	new->children->remove(new->children, first, NULL);
	charon->bus->ike_updown(charon->bus, &new->public, FALSE);
	expect_nothing(client);
	fake_ike_free(new);
}
END_TEST

START_TEST(test_update)
{
	struct bus_sa sa;
	char text[ADDR_STR_LEN];

	child_updown(first, TRUE);
	expect(client, BUS_EV_SA_UP, 11);
	charon->bus->child_state_change(charon->bus, &first->public, CHILD_UPDATING);
	ike->remote->destroy(ike->remote);
	ike->remote = host_create_from_string("2001:db8::7", 5000);
	first->encap = FALSE;
	charon->bus->child_state_change(charon->bus, &first->public, CHILD_INSTALLED);
	sa = expect(client, BUS_EV_SA_UPDATE, 11);
	ck_assert_str_eq(addr_format(&sa.remote, text), "[2001:db8::7]:5000");
	ck_assert(!sa.encap);

	/* an SA that is not known yet is installed before it is up */
	charon->bus->child_state_change(charon->bus, &second->public, CHILD_INSTALLED);
	expect_nothing(client);
}
END_TEST

static task_type_t task_type(task_t *task)
{
	return TASK_QUICK_DELETE;
}

/* What people read is why it ended. */
START_TEST(test_reasons)
{
	task_t task = {.get_type = task_type};
	struct bus_sa sa;

	child_updown(first, TRUE);
	expect(client, BUS_EV_SA_UP, 11);
	ike->active->insert_last(ike->active, &task);
	child_updown(first, FALSE);
	sa = expect(client, BUS_EV_SA_DOWN, 11);
	ck_assert_str_eq(sa.reason,
			 "closed by charon: terminated by an administrator, or charon stops");

	/* what has run out is deleted by a task as well */
	child_updown(first, TRUE);
	expect(client, BUS_EV_SA_UP, 11);
	first->lifetime = time_monotonic(NULL);
	child_updown(first, FALSE);
	sa = expect(client, BUS_EV_SA_DOWN, 11);
	ck_assert_str_eq(sa.reason,
			 "closed by charon: its lifetime is over, and it was not rekeyed");
	ike->active->remove(ike->active, &task, NULL);

	first->lifetime = time_monotonic(NULL) + 100;
	child_updown(first, TRUE);
	expect(client, BUS_EV_SA_UP, 11);
	child_updown(first, FALSE);
	sa = expect(client, BUS_EV_SA_DOWN, 11);
	ck_assert_str_eq(sa.reason, "closed by charon");
}
END_TEST

START_TEST(test_down)
{
	task_t task = {.get_type = task_type};
	struct bus_sa sa;

	/* an IKE_SA takes all its children with it, and one event each */
	child_updown(first, TRUE);
	child_updown(second, TRUE);
	expect(client, BUS_EV_SA_UP, 11);
	expect(client, BUS_EV_SA_UP, 12);
	ike->passive->insert_last(ike->passive, &task);
	charon->bus->ike_updown(charon->bus, &ike->public, FALSE);
	sa = expect(client, BUS_EV_SA_DOWN, 11);
	ck_assert_str_eq(sa.reason, "closed by the peer");
	ck_assert(sa.by_peer);
	expect(client, BUS_EV_SA_DOWN, 12);
	expect_nothing(client);
	ike->passive->remove(ike->passive, &task, NULL);

	/* destroyed without a word */
	child_updown(first, TRUE);
	expect(client, BUS_EV_SA_UP, 11);
	charon->bus->child_state_change(charon->bus, &first->public, CHILD_DESTROYING);
	expect(client, BUS_EV_SA_DOWN, 11);

	/* given up */
	child_updown(first, TRUE);
	expect(client, BUS_EV_SA_UP, 11);
	charon->bus->alert(charon->bus, ALERT_RETRANSMIT_SEND_TIMEOUT, NULL);
	child_updown(first, FALSE);
	sa = expect(client, BUS_EV_SA_DOWN, 11);
	ck_assert_str_eq(sa.reason, "the peer does not answer");
	ck_assert(!sa.by_peer);
}
END_TEST

START_TEST(test_list)
{
	struct bus_sa sa, answer;
	struct frame f;

	child_updown(first, TRUE);
	child_updown(second, TRUE);
	close(client);
	client = client_open();
	client_register(client);
	client_send(client, FRAME_CMD_REQUEST, BUS_CMD_LIST_SAS, (struct view){});
	for (uint32_t marks = 0; marks != 23;) {
		ck_assert(client_receive(client, &f));
		ck_assert(view_is(f.name, BUS_EV_LIST_SA));
		ck_assert_int_eq(bus_read(f.msg, &bus_sa_record, &sa), 0);
		marks += sa.mark;
	}
	ck_assert(client_receive(client, &f));
	ck_assert_int_eq(f.type, FRAME_CMD_RESPONSE);
	/* so that also an empty list tells which charon it is */
	ck_assert_int_eq(bus_read(f.msg, &bus_sa_record, &answer), 0);
	child_updown(first, FALSE);
	sa = expect(client, BUS_EV_SA_DOWN, 11);
	ck_assert(sa.instance && answer.instance == sa.instance);
}
END_TEST

/* Who has not registered for list-sa gets an answer and nothing else, as with VICI. */
START_TEST(test_list_unregistered)
{
	int fd = client_open();
	struct view msg;

	child_updown(first, TRUE);
	ck_assert(request(fd, BUS_CMD_LIST_SAS, (struct view){}, &msg));
	close(fd);
}
END_TEST

/* What can be wrong in swanctl.conf, and what the line says: good_child with one thing changed */
#define TRANS .mode = MODE_TRANSPORT
#define NOPOL .options = OPT_NO_POLICIES
#define UNIQ  .mark_in = {MARK_UNIQUE, 0xffffffff}
#define SAME  .set_mark_in = {MARK_SAME, 0xffffffff}

static const struct {
	child_cfg_create_t child;
	const char *setting;
} lacks[] = {
	{{.mode = MODE_TUNNEL, NOPOL, UNIQ, SAME}, "mode = transport"},
	{{TRANS, NOPOL, SAME}, "mark_in = %unique"},
	{{TRANS, NOPOL, .mark_in = {42, 0xffffffff}, SAME}, "mark_in = %unique"},
	{{TRANS, NOPOL, .mark_in = {MARK_UNIQUE, 0xff}, SAME}, "mark_in = %unique"},
	{{TRANS, NOPOL, UNIQ}, "set_mark_in = %same"},
	{{TRANS, NOPOL, UNIQ, .set_mark_in = {42, 0xffffffff}}, "set_mark_in = %same"},
	{{TRANS, UNIQ, SAME}, "policies = no"},
	{{TRANS, .options = OPT_NO_POLICIES | OPT_MARK_IN_SA, UNIQ, SAME}, "mark_in_sa = no"},
	{{TRANS, .options = OPT_NO_POLICIES | OPT_IPCOMP, UNIQ, SAME}, "ipcomp = no"},
	{{TRANS, NOPOL, UNIQ, SAME, .mark_out = {MARK_UNIQUE, 0xffffffff}}, "no mark_out"},
	{{TRANS, NOPOL, UNIQ, SAME, .reqid = 42}, "no reqid"},
	{{TRANS, NOPOL, UNIQ, SAME, .if_id_in = 42}, "no if_id_in, no if_id_out"},
	{{TRANS, NOPOL, UNIQ, SAME, .if_id_out = IF_ID_UNIQUE}, "no if_id_in, no if_id_out"},
};

START_TEST(test_lacks)
{
	char line[256];

	first->cfg->destroy(first->cfg);
	first->cfg = add_child(ike->cfg, &lacks[_i].child, "1701");
	snprintf(line, sizeof(line),
		 "l2tp: child 'child' of connection 'gateway' cannot carry L2TP, its clients are "
		 "not served; set in swanctl.conf: %s\n",
		 lacks[_i].setting);
	child_updown(first, TRUE);
	ck_assert_str_eq(log_text(), line);

	/* said once, not once for each client; and this was not published */
	child_updown(first, TRUE);
	charon->bus->child_rekey(charon->bus, &first->public, &first->public);
	child_updown(first, FALSE);
	ck_assert_str_eq(log_text(), line);
	expect_nothing(client);

	/* corrected, the next client is served; and spoiled again it is said again */
	child_updown(second, TRUE);
	expect(client, BUS_EV_SA_UP, 12);
	child_updown(first, TRUE);
	ck_assert_uint_eq(strlen(log_text()), 2 * strlen(line));
	child_updown(second, FALSE);
	expect(client, BUS_EV_SA_DOWN, 12);
	child_updown(second, TRUE); /* leaves nothing said for the next test */
}
END_TEST

/* Seen when a client connects first, before it has a CHILD_SA; all that is missing in one line. */
START_TEST(test_connection)
{
	peer_cfg_t *peer = connection("other", UNIQUE_NEVER);
	struct fake_ike *other = fake_ike(peer, 9);
	child_cfg_create_t worst = {.mode = MODE_TUNNEL};
	child_cfg_t *cfg;

	cfg = add_child(peer, &worst, "0"); /* not ours */
	cfg->destroy(cfg);
	charon->bus->ike_updown(charon->bus, &other->public, TRUE);
	ck_assert_str_eq(log_text(), "");
	cfg = add_child(peer, &worst, "1701");
	cfg->destroy(cfg);
	charon->bus->ike_updown(charon->bus, &other->public, TRUE);
	ck_assert_str_eq(log_text(),
			 "l2tp: child 'child' of connection 'other' cannot carry L2TP, its clients "
			 "are not served; set in swanctl.conf: mode = transport, mark_in = "
			 "%unique, set_mark_in = %same, policies = no\n");
	charon->bus->ike_updown(charon->bus, &other->public, FALSE);
	fake_ike_free(other);
}
END_TEST

/* What is said of connections whose clients are served all the same. */
#ifdef HAS_USE_AGGRESSIVE
#define AGGRESSIVE_MODE .aggressive = TRUE
#else
#define AGGRESSIVE_MODE .options = OPT_IKEV1_AGGRESSIVE
#endif

static const struct {
	peer_cfg_create_t peer;
	uint16_t remote_port; /* 0: any */
	const char *line;
} unwise[] = {
	{{.unique = UNIQUE_REPLACE},
	 0,
	 "l2tp: connection 'unwise': clients with equal identities can replace each other; set in "
	 "swanctl.conf: unique = never\n"},
	{{.unique = UNIQUE_NEVER, AGGRESSIVE_MODE},
	 0,
	 "l2tp: connection 'unwise': anybody can ask for a hash of the shared key, and guess it at "
	 "home; set in swanctl.conf: aggressive = no\n"},
	{{.unique = UNIQUE_NEVER},
	 1701,
	 "l2tp: connection 'unwise': clients that do not use port 1701 are refused, as those of "
	 "Apple and Android; set in swanctl.conf: remote_ts = dynamic[17]\n"},
	{{.unique = UNIQUE_NEVER}, 0, ""},
};

START_TEST(test_unwise)
{
	ike_cfg_create_t ike_data = {.version = IKEV1, .local = "%any", .remote = "%any"};
	peer_cfg_create_t peer = unwise[_i].peer;
	child_cfg_create_t child = good_child;
	uint16_t port = unwise[_i].remote_port;

	ike->cfg->destroy(ike->cfg);
	ike->cfg = peer_cfg_create("unwise", ike_cfg_create(&ike_data), &peer);
	first->cfg->destroy(first->cfg);
	first->cfg = child_cfg_create("child", &child);
	first->cfg->add_traffic_selector(
		first->cfg, FALSE,
		traffic_selector_create_dynamic(IPPROTO_UDP, port, port ?: 65535));
	child_updown(first, TRUE);
	ck_assert_str_eq(log_text(), unwise[_i].line);
	child_updown(first, TRUE); /* once */
	ck_assert_str_eq(log_text(), unwise[_i].line);
	expect(client, BUS_EV_SA_UP, 11);
}
END_TEST

/* charon's own limits, and what is said when l2tpd asks for the list. */
static const struct {
	int limit;
	const char *line;
} thresholds[] = {
	{100, ""},
	{7, "l2tp: behind one NAT no more than 7 clients can dial at the same time; set in "
	    "strongswan.conf: charon.block_threshold = 100\n"},
	{7, ""}, /* once */
	{0, ""}, /* no limit */
};

START_TEST(test_block_threshold)
{
	struct view msg;

	for (size_t i = 0; i < countof(thresholds); i++) {
		log_forget();
		lib->settings->set_int(lib->settings, "%s.block_threshold", thresholds[i].limit,
				       lib->ns);
		ck_assert(request(client, BUS_CMD_LIST_SAS, (struct view){}, &msg));
		expect_nothing(client); /* the command before is done */
		ck_assert_str_eq(log_text(), thresholds[i].line);
	}
}
END_TEST

/*
 * A charon without IKEv1, as far as the plugin can tell: this program's dlsym() is what it calls.
 */
static bool without_ikev1;

__attribute__((visibility("default"))) void *dlsym(void *restrict handle,
						   const char *restrict name);
void *dlsym(void *restrict handle, const char *restrict name)
{
	static void *(*real)(void *, const char *);

	if (!real)
		real = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.34");
	return without_ikev1 && streq(name, "task_manager_v1_create") ? NULL : real(handle, name);
}

START_TEST(test_without_ikev1)
{
	struct bus_charon charon_says;
	struct view msg;

	without_ikev1 = TRUE;
	ck_assert(request(client, BUS_CMD_CHARON_VERSION, (struct view){}, &msg));
	without_ikev1 = FALSE;
	ck_assert_int_eq(bus_read(msg, &bus_charon_record, &charon_says), 0);
	ck_assert(!charon_says.ikev1);
	ck_assert_msg(strstr(charon_says.problem, "without IKEv1"), "%s", charon_says.problem);
	ck_assert_msg(strstr(charon_says.problem, "--enable-ikev1"), "%s", charon_says.problem);

	without_ikev1 = TRUE;
	ike->cfg->destroy(ike->cfg);
	ike->cfg = connection("useless", UNIQUE_NEVER);
	child_updown(first, TRUE);
	without_ikev1 = FALSE;
	ck_assert_str_eq(log_text(),
			 "l2tp: connection 'useless': nobody can connect, as this charon was built "
			 "without IKEv1; set in swanctl.conf: version = 2\n");
	expect(client, BUS_EV_SA_UP, 11);
}
END_TEST

START_TEST(test_version)
{
	struct bus_charon charon_says;
	struct view msg;

	ck_assert(request(client, BUS_CMD_CHARON_VERSION, (struct view){}, &msg));
	ck_assert_int_eq(bus_read(msg, &bus_charon_record, &charon_says), 0);
	ck_assert_str_eq(charon_says.charon, STRONGSWAN_VERSION);
	ck_assert_str_ne(charon_says.version, "");
	ck_assert_int_eq(charon_says.ikev1, compat_has_ikev1());
	ck_assert_int_eq(charon_says.problem[0] == '\0', charon_says.ikev1);
}
END_TEST

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
		ck_assert(client_receive(client, &f));
		ck_assert(view_is(f.name, BUS_EV_IKE_FAILED));
		ck_assert_int_eq(bus_read(f.msg, &bus_failure_record, &failure), 0);
		ck_assert_msg(strpfx(failure.reason, refusals[_i].reason), "%s", failure.reason);
		ck_assert_str_eq(failure.identity, "192.168.1.101");
		ck_assert_str_eq(addr_format(&failure.peer, text), "198.51.100.7:26457");
	}
	expect_nothing(client);
	mallory->destroy(mallory);
}
END_TEST

/* Peers of other connections are none of our business. */
START_TEST(test_refusals_of_others)
{
	child_cfg_create_t tunnel = {.mode = MODE_TUNNEL};

	ike->cfg->destroy(ike->cfg);
	ike->cfg = connection("roadwarriors", UNIQUE_REPLACE);
	first->cfg->destroy(first->cfg);
	first->cfg = add_child(ike->cfg, &tunnel, "0");
	refuse(0);
	expect_nothing(client);
}
END_TEST

/* A flood of them is cut. */
START_TEST(test_many_refusals)
{
	struct frame f;
	int told = 0;

	for (int i = 0; i < 1000; i++)
		refuse(0);
	client_send(client, FRAME_CMD_REQUEST, BUS_CMD_CHARON_VERSION, (struct view){});
	while (client_receive(client, &f) && f.type == FRAME_EVENT)
		told++;
	ck_assert_int_gt(told, 0);
	ck_assert_int_lt(told, 500);
}
END_TEST

START_TEST(test_others)
{
	/* another service's SA is none of our business */
	first->local_ts->destroy(first->local_ts);
	first->local_ts = traffic_selector_create_from_string(IPPROTO_UDP, TS_IPV4_ADDR_RANGE,
							      "192.0.2.1", 0, "192.0.2.1", 65535);
	child_updown(first, TRUE);
	ck_assert_str_eq(log_text(), "");

	/* a peer that does not do as configured */
	second->mode = MODE_TUNNEL;
	child_updown(second, TRUE);
	ck_assert_str_eq(log_text(),
			 "l2tp: '192.168.1.101' at 198.51.100.7 negotiated ESP in TUNNEL mode, "
			 "L2TP needs ESP in TRANSPORT mode: CHILD_SA child{2} cannot be used\n");
	expect_nothing(client);
}
END_TEST

/* Also of our own address only: the interface is nowhere in an SA. */
START_TEST(test_link_local)
{
	ike->remote->destroy(ike->remote);
	ike->remote = host_create_from_string("fe80::7", 500);
	child_updown(first, TRUE);
	ck_assert_str_eq(log_text(),
			 "l2tp: '192.168.1.101' at fe80::7 called 192.0.2.1: link-local addresses "
			 "are not served, neighbours on two links may have the same: CHILD_SA "
			 "child{1} cannot be used\n");
	log_forget();
	ike->remote->destroy(ike->remote);
	ike->remote = host_create_from_string("2001:db8::7", 500);
	ike->local->destroy(ike->local);
	ike->local = host_create_from_string("fe80::1", 500);
	child_updown(second, TRUE);
	ck_assert_ptr_nonnull(strstr(log_text(), "at 2001:db8::7 called fe80::1: link-local"));
	expect_nothing(client);
}
END_TEST

/* The answer to terminate-sa: "" or what is wrong. */
static const char *terminate(uint32_t mark, const char *reason)
{
	static char errmsg[BUS_TEXT_LEN];
	struct bus_terminate record = {.mark = mark};
	struct view msg, value;
	struct msg_out out;
	uint8_t buf[BUS_RECORD_MAX];

	snprintf(record.reason, sizeof(record.reason), "%s", reason);
	msg_init(&out, buf, sizeof(buf));
	bus_write(&out, &bus_terminate_record, &record);
	ck_assert_int_eq(msg_done(&out, &msg), 0);
	ck_assert(request(client, BUS_CMD_TERMINATE_SA, msg, &msg));
	ck_assert_int_eq(msg_find(msg, "success", &value), 0);
	if (view_is(value, "yes"))
		return "";
	ck_assert_int_eq(msg_find(msg, "errmsg", &value), 0);
	ck_assert_int_eq(view_to_str(value, errmsg, sizeof(errmsg)), 0);
	return errmsg;
}

/* What charon was asked to close: 'i' an IKE_SA, 'c' a CHILD_SA. */
static char terminated(void)
{
	char what;

	ck_assert_int_eq(recv(sockets_of_test[0], &what, 1, 0), 1);
	return what;
}

START_TEST(test_terminate)
{
	struct bus_sa sa;

	ck_assert_str_eq(terminate(0, ""), "which SA? mark is missing or malformed");
	ck_assert_str_eq(terminate(11, ""), "there is no SA with this mark");

	/* a second tunnel's SA keeps the IKE_SA alive */
	child_updown(first, TRUE);
	expect(client, BUS_EV_SA_UP, 11);
	ck_assert_str_eq(terminate(11, "pool is empty"), "");
	ck_assert_int_eq(terminated(), 'c');
	ck_assert_uint_eq(terminated_child, 1);

	/* one that is on its way out does not */
	second->state = CHILD_DELETING;
	ck_assert_str_eq(terminate(11, "a later reason"), "");
	ck_assert_int_eq(terminated(), 'i');
	ck_assert_uint_eq(terminated_ike, 7);

	child_updown(first, FALSE);
	sa = expect(client, BUS_EV_SA_DOWN, 11);
	ck_assert_str_eq(sa.reason, "pool is empty");
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
	ck_assert(request(client, BUS_CMD_SET_GATE, msg, &msg));
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
	log_forget();
	ck_assert(!authorized(new, TRUE));
	ck_assert_str_eq(log_text(), "l2tp: refusing '192.168.1.101' at 203.0.113.9[500] on "
				     "connection 'gateway': the server is drained\n");
	new->state = IKE_CONNECTING;
	m->add_notify(m, FALSE, AUTHENTICATION_FAILED, chunk_empty);
	charon->bus->set_sa(charon->bus, &new->public);
	see_and_destroy(m, FALSE);
	charon->bus->set_sa(charon->bus, &ike->public);
	ck_assert(client_receive(client, &f));
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
	child_updown(first, TRUE);
	expect(client, BUS_EV_SA_UP, 11);
	set_gate("full");
	set_remote(new, "203.0.113.20", 500);
	ck_assert(authorized(new, TRUE));
	set_remote(new, "203.0.113.21", 4500);
	ck_assert(!authorized(new, TRUE));

	/* it moves: known where it is, and for a while where it was */
	set_remote(ike, "203.0.113.22", 4500);
	charon->bus->child_state_change(charon->bus, &first->public, CHILD_INSTALLED);
	expect(client, BUS_EV_SA_UPDATE, 11);
	set_remote(new, "203.0.113.22", 4500);
	ck_assert(authorized(new, TRUE));

	/* IKEv2 ends the old one first */
	child_updown(first, FALSE);
	expect(client, BUS_EV_SA_DOWN, 11);
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
	struct fake_ike *site = fake_ike(connection("site", UNIQUE_NEVER), 8);
	struct fake_ike *both = fake_ike(connection("both", UNIQUE_NEVER), 9);
	child_cfg_t *cfg;

	set_gate("full");
	set_remote(site, "203.0.113.30", 500);
	set_remote(both, "203.0.113.31", 500);
	ck_assert(authorized(site, TRUE));
	cfg = add_child(site->cfg, &good_child, "0");
	cfg->destroy(cfg);
	ck_assert(authorized(site, TRUE));
	cfg = add_child(both->cfg, &good_child, "1701");
	cfg->destroy(cfg);
	ck_assert(!authorized(both, TRUE));
	cfg = add_child(both->cfg, &good_child, "22");
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
	int other = client_open();

	set_remote(new, "203.0.113.40", 500);
	lib->settings->set_str(lib->settings, "%s.plugins.l2tp.refuse_after", "1h", lib->ns);
	set_gate("full");
	close(other); /* is not l2tpd */
	ck_assert(!authorized(new, TRUE));
	log_forget();
	close(client);
	while (!strstr(log_text(), "l2tp: l2tpd is away") && clock_now() < until)
		usleep(1000);
	ck_assert(authorized(new, TRUE)); /* what it said does not count any more */
	lib->settings->set_str(lib->settings, "%s.plugins.l2tp.refuse_after", "1s", lib->ns);
	while (authorized(new, TRUE) && clock_now() < until)
		usleep(10000);
	ck_assert(!authorized(new, TRUE));
	ck_assert_ptr_nonnull(strstr(log_text(), "'gateway': l2tpd is away (for "));
	lib->settings->set_str(lib->settings, "%s.plugins.l2tp.refuse_after", "0", lib->ns);
	ck_assert(authorized(new, TRUE));
	lib->settings->set_str(lib->settings, "%s.plugins.l2tp.refuse_after", "1s", lib->ns);
	client = client_open();
	client_register(client);
	ck_assert(!authorized(new, TRUE));
	set_gate(NULL);
	ck_assert(authorized(new, TRUE));
	fake_ike_free(new);
}
END_TEST

START_TEST(test_unknown)
{
	struct view msg;
	struct frame f;

	ck_assert(!request(client, "no-such-command", (struct view){}, &msg));
	client_send(client, FRAME_EVENT_REGISTER, "no-such-event", (struct view){});
	ck_assert(client_receive(client, &f));
	ck_assert_int_eq(f.type, FRAME_EVENT_UNKNOWN);
	client_send(client, FRAME_EVENT_UNREGISTER, BUS_EV_SA_UP, (struct view){});
	ck_assert(client_receive(client, &f));
	ck_assert_int_eq(f.type, FRAME_EVENT_CONFIRM);
	child_updown(first, TRUE);
	expect_nothing(client);
}
END_TEST

/* What is no request of the protocol ends the connection. */
static const struct {
	const char *what;
	size_t len;
	uint8_t bytes[8];
} broken[] = {
	{"length 0", 4, {0, 0, 0, 0}},
	{"length above what a request can have", 4, {0, 1, 0, 0}},
	{"unknown packet type 9", 5, {0, 0, 0, 1, 9}},
	{"an answer", 5, {0, 0, 0, 1, FRAME_CMD_RESPONSE}},
	{"name longer than the packet", 7, {0, 0, 0, 3, FRAME_CMD_REQUEST, 5, 'x'}},
};

START_TEST(test_broken)
{
	struct frame f;

	ck_assert_int_eq(send(client, broken[_i].bytes, broken[_i].len, 0), broken[_i].len);
	ck_assert_msg(!client_receive(client, &f), "%s", broken[_i].what);
	ck_assert_str_ne(log_text(), "");
}
END_TEST

/* Two requests in one write, and one in many. */
START_TEST(test_stream)
{
	static const uint8_t version[] = {0,   0,   0,   9,  FRAME_CMD_REQUEST, 7, 'v', 'e', 'r',
					  's', 'i', 'o', 'n'};
	uint8_t two[2 * sizeof(version)];
	struct frame f;

	memcpy(two, version, sizeof(version));
	memcpy(two + sizeof(version), version, sizeof(version));
	ck_assert_int_eq(send(client, two, sizeof(two), 0), sizeof(two));
	for (int i = 0; i < 2; i++) {
		ck_assert(client_receive(client, &f));
		ck_assert_int_eq(f.type, FRAME_CMD_RESPONSE);
	}
	for (size_t i = 0; i < sizeof(version); i++)
		ck_assert_int_eq(send(client, version + i, 1, 0), 1);
	ck_assert(client_receive(client, &f));
	ck_assert_int_eq(f.type, FRAME_CMD_RESPONSE);
}
END_TEST

/* A client that does not read is dropped, and neither the hooks nor the others wait for it. */
START_TEST(test_slow_reader)
{
	int slow = client_open(), quick = client_open(), rounds = 0;
	struct frame f;

	client_register(slow);
	while (!strstr(log_text(), "does not read")) {
		ck_assert_int_lt(rounds++, 100000);
		child_updown(first, TRUE);
		child_updown(first, FALSE);
		expect(client, BUS_EV_SA_UP, 11);
		expect(client, BUS_EV_SA_DOWN, 11);
	}
	ck_assert_int_gt(rounds, 1000);
	while (client_receive(slow, &f)) /* what was sent before, then the end */
		;
	expect_nothing(quick);
	close(slow);
	close(quick);
}
END_TEST

/* Nor is more kept for a client that asks and asks. */
START_TEST(test_greedy_reader)
{
	int greedy = client_open(), asked = 0;
	struct timeval limit = {.tv_sec = WAIT_S};
	uint8_t out[64];
	int len = frame_build(out, sizeof(out), FRAME_CMD_REQUEST, BUS_CMD_CHARON_VERSION,
			      (struct view){});

	ck_assert_int_eq(setsockopt(greedy, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)), 0);
	while (send(greedy, out, len, MSG_NOSIGNAL) == len)
		ck_assert_int_lt(asked++, 10000000);
	ck_assert(errno == EPIPE || errno == ECONNRESET);
	ck_assert_ptr_nonnull(strstr(log_text(), "does not read"));
	close(greedy);
}
END_TEST

START_TEST(test_many_clients)
{
	int fds[40];
	struct view msg;
	struct frame f;

	for (size_t i = 0; i < countof(fds); i++)
		fds[i] = client_open();
	/* the last one is refused: its end is all it sees */
	ck_assert(!client_receive(fds[countof(fds) - 1], &f));
	ck_assert_ptr_nonnull(strstr(log_text(), "another one is refused"));
	ck_assert(request(client, BUS_CMD_CHARON_VERSION, (struct view){}, &msg));
	for (size_t i = 0; i < countof(fds); i++)
		close(fds[i]);
}
END_TEST

START_TEST(test_socket)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0660);
	ck_assert_uint_eq(st.st_gid, getegid());
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("l2tp_plugin");
	TCase *tc = tcase_create("l2tp_plugin");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_socket);
	tcase_add_test(tc, test_up);
	tcase_add_loop_test(tc, test_overhead, 0, countof(overheads));
	tcase_add_test(tc, test_rekey);
	tcase_add_test(tc, test_two_rekeys);
	tcase_add_test(tc, test_migrate);
	tcase_add_test(tc, test_update);
	tcase_add_test(tc, test_reasons);
	tcase_add_test(tc, test_down);
	tcase_add_test(tc, test_list);
	tcase_add_test(tc, test_list_unregistered);
	tcase_add_loop_test(tc, test_lacks, 0, countof(lacks));
	tcase_add_test(tc, test_connection);
	tcase_add_loop_test(tc, test_unwise, 0, countof(unwise));
	tcase_add_test(tc, test_block_threshold);
	tcase_add_test(tc, test_without_ikev1);
	tcase_add_test(tc, test_version);
	tcase_add_test(tc, test_gate);
	tcase_add_test(tc, test_gate_known);
	tcase_add_test(tc, test_gate_others);
	tcase_add_test(tc, test_gate_absent);
	tcase_add_loop_test(tc, test_refusals, 0, countof(refusals));
	tcase_add_test(tc, test_refusals_of_others);
	tcase_add_test(tc, test_many_refusals);
	tcase_add_test(tc, test_others);
	tcase_add_test(tc, test_link_local);
	tcase_add_test(tc, test_terminate);
	tcase_add_test(tc, test_unknown);
	tcase_add_loop_test(tc, test_broken, 0, countof(broken));
	tcase_add_test(tc, test_stream);
	tcase_add_test(tc, test_slow_reader);
	tcase_add_test(tc, test_greedy_reader);
	tcase_add_test(tc, test_many_clients);
	suite_add_tcase(s, tc);
	return s;
}

/* charon as far as the plugin needs it, with the plugin loaded by charon's own loader */
static void start_charon(const char *plugin)
{
	struct group *group = getgrgid(getegid());

	/* charon's loader finds a constructor in what is loaded already, before it looks for a file
	 */
	if (!dlopen(plugin, RTLD_NOW | RTLD_GLOBAL)) {
		fprintf(stderr, "%s\n", dlerror());
		exit(EXIT_FAILURE);
	}
	if (!mkdtemp(folder))
		exit(EXIT_FAILURE);
	snprintf(path, sizeof(path), "%s/bus", folder);
	snprintf(uri, sizeof(uri), "unix://%s", path);
	if (!library_init("", "check_l2tp_plugin") || !libcharon_init())
		exit(EXIT_FAILURE);
	lib->settings->set_str(lib->settings, "%s.plugins.l2tp.socket", uri, lib->ns);
	lib->settings->set_str(lib->settings, "%s.plugins.l2tp.group",
			       group ? group->gr_name : "root", lib->ns);
	charon->bus->add_logger(charon->bus, &logger);
	charon->child_sa_manager = &child_sa_manager;
	charon->ike_sa_manager = &ike_sa_manager;
	charon->controller->destroy(charon->controller);
	charon->controller = &controller;
	if (!lib->plugins->load(lib->plugins, "l2tp") || access(path, F_OK) < 0) {
		fprintf(stderr, "the plugin does not load:\n%s", log_text());
		exit(EXIT_FAILURE);
	}
	lib->processor->set_threads(lib->processor, 6);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets_of_test) < 0)
		exit(EXIT_FAILURE);
}

static void stop_charon(void)
{
	charon->child_sa_manager = NULL;
	charon->ike_sa_manager = NULL;
	charon->controller = NULL;
	lib->processor->set_threads(lib->processor, 0);
	libcharon_deinit();
	library_deinit();
	close(sockets_of_test[0]);
	close(sockets_of_test[1]);
}

int main(void)
{
	SRunner *sr = srunner_create(suite());
	int failed;

	signal(SIGPIPE, SIG_IGN); /* as charon does */
	start_charon(PLUGIN);
	srunner_set_fork_status(sr, CK_NOFORK); /* charon's threads are here */
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	stop_charon();
	if (rmdir(folder) < 0) {
		fprintf(stderr, "%s is not empty: %s\n", folder, strerror(errno));
		failed++;
	}
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
