/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's functions and variables, for the version whose headers there are; see fake_pppd.h. */
#include "tests/fake/fake_pppd.h"

#include <check.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define PATIENCE   (10 * USEC_PER_S)
#define TIMERS_MAX 16

void plugin_init(void);

struct fake_pppd fake;

lcp_options lcp_wantoptions[NUM_PPP], lcp_gotoptions[NUM_PPP], lcp_allowoptions[NUM_PPP];
ipcp_options ipcp_wantoptions[NUM_PPP], ipcp_gotoptions[NUM_PPP], ipcp_allowoptions[NUM_PPP];
unsigned char outpacket_buf[1504];
int peer_mru[NUM_PPP] = {PPP_MRU};
fsm lcp_fsm[NUM_PPP], ipcp_fsm[NUM_PPP];
int (*pap_check_hook)(void);
int (*chap_check_hook)(void);
int (*allowed_address_hook)(uint32_t ip);
void (*ip_choose_hook)(uint32_t *ip);
void (*snoop_recv_hook)(unsigned char *packet, int len);

static void never_told(int unit)
{
	(void)unit;
	ck_abort_msg("pppd's own authenticator was woken");
}

static void never_input(int unit, unsigned char *packet, int len)
{
	(void)unit;
	(void)packet;
	(void)len;
	ck_abort_msg("pppd's own authenticator got a packet");
}

static void open_ccp(int unit)
{
	(void)unit;
	fake.n_ccp++;
}

static void lcp_input(int unit, unsigned char *packet, int len)
{
	(void)unit;
	fake.n_lcp++;
	fake.lcp_len = len;
	memcpy(fake.lcp, packet, (size_t)len);
}

static fsm_callbacks no_callbacks;
static struct protent lcp = {.protocol = PPP_LCP, .input = lcp_input};
static struct protent pap = {.protocol = PPP_PAP, .input = never_input, .lowerup = never_told};
static struct protent chap = {.protocol = PPP_CHAP, .input = never_input, .lowerup = never_told};
static struct protent eap = {.protocol = PPP_EAP, .input = never_input, .lowerup = never_told};
struct protent ccp_protent = {.protocol = 0x80fd, .open = open_ccp};
struct protent *protocols[] = {&pap, &chap, &eap, &lcp, &ccp_protent, NULL};
struct channel *the_channel;

static option_t *options_of_plugin;
static struct {
	host_notify_fn *phase, *ended, *auth_up, *ip_up, *ip_down;
} told;

static struct timer {
	host_timer_fn *fn;
	void *ctx;
	usec_t at;
} timers[TIMERS_MAX];
static size_t n_timers;

static void add_timer(host_timer_fn *fn, void *ctx, int s, int us)
{
	ck_assert_uint_lt(n_timers, TIMERS_MAX);
	timers[n_timers++] =
		(struct timer){fn, ctx, clock_now() + (usec_t)s * USEC_PER_S + (usec_t)us};
}

static void del_timer(void (*fn)(void *), void *ctx)
{
	for (size_t i = 0; i < n_timers; i++) {
		if (timers[i].fn == fn && timers[i].ctx == ctx) {
			timers[i] = timers[--n_timers];
			return;
		}
	}
}

static struct timer *next_timer(void)
{
	struct timer *next = NULL;

	for (size_t i = 0; i < n_timers; i++)
		if (!next || timers[i].at < next->at)
			next = &timers[i];
	return next;
}

static void run(const struct timer *timer)
{
	struct timer now = *timer;

	del_timer(now.fn, now.ctx);
	now.fn(now.ctx);
}

#if HAVE_DECL_ADD_FD_CALLBACK

#define WATCHED_MAX 4

static struct {
	event_cb fn; /* NULL: free */
	void *ctx;
	int fd;
} watched[WATCHED_MAX];

void add_fd_callback(int fd, event_cb fn, void *ctx)
{
	size_t i = 0;

	while (i < WATCHED_MAX && watched[i].fn)
		i++;
	ck_assert_uint_lt(i, WATCHED_MAX);
	watched[i].fn = fn;
	watched[i].ctx = ctx;
	watched[i].fd = fd;
}

void remove_fd(int fd)
{
	for (size_t i = 0; i < WATCHED_MAX; i++)
		if (watched[i].fd == fd)
			watched[i].fn = NULL;
}

/* As pppd does after a signal: whether they are readable or not. */
static void call_watched(void)
{
	for (size_t i = 0; i < WATCHED_MAX; i++)
		if (watched[i].fn)
			watched[i].fn(watched[i].fd, watched[i].ctx);
}

#else

static void call_watched(void)
{
}

#endif

void auth_peer_success(int unit, int protocol, int flavor, char *name, int name_len)
{
	(void)unit;
	(void)protocol;
	fake.n_success++;
	fake.flavor = flavor;
	snprintf(fake.peer, sizeof(fake.peer), "%.*s", name_len, name);
}

void auth_peer_fail(int unit, int protocol)
{
	(void)unit;
	(void)protocol;
	fake.n_fail++;
}

void output(int unit, unsigned char *packet, int len)
{
	(void)unit;
	ck_assert_int_ge(len, HOST_HDR_LEN);
	ck_assert_int_eq(packet[0], 0xff);
	ck_assert_int_eq(packet[1], 3);
	fake.protocol = (uint16_t)(packet[2] << 8 | packet[3]);
	fake.len = len - HOST_HDR_LEN;
	ck_assert_int_le(fake.len, (int)sizeof(fake.packet));
	memcpy(fake.packet, packet + HOST_HDR_LEN, (size_t)fake.len);
	fake.n_output++;
}

void lcp_close(int unit, char *reason)
{
	(void)unit;
	snprintf(fake.closed, sizeof(fake.closed), "%s", reason);
}

void lcp_lowerdown(int unit)
{
	(void)unit;
	fake.n_lowerdown++;
}

void link_terminated(int unit)
{
	(void)unit;
	fake.n_terminated++;
	fake_phase(PHASE_DISCONNECT);
	fake_phase(PHASE_DEAD);
}

static int attach(int fd)
{
	char c;

	/* As in the kernel: what is in the socket now nobody will see. */
	while (recv(fd, &c, 1, MSG_DONTWAIT) >= 0)
		;
	return fd;
}

static void end_with(const char *fmt, va_list args)
{
	vsnprintf(fake.last_words, sizeof(fake.last_words), fmt, args);
	told.ended(NULL, EXIT_FATAL_ERROR);
	longjmp(fake.died, 1);
}

#ifdef HAVE_PPPD_PPPDCONF_H

/* Its header declares these without saying that they take nothing. */
ppp_exit_code_t ppp_status(void);
const char *ppp_ifname(void);
int ppp_ifunit(void);
const char *ppp_hostname(void);

static int exit_status_now;
static char peer_authname[MAXNAMELEN];

int ppp_generic_establish(int fd)
{
	return attach(fd);
}

void ppp_generic_disestablish(int fd)
{
	(void)fd;
}

void fatal(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	end_with(fmt, args);
}

void notice(const char *fmt, ...)
{
	(void)fmt;
}

void ppp_option_error(char *fmt, ...)
{
	(void)fmt;
}

int ppp_int_option(char *name, int *value)
{
	*value = atoi(name);
	return 1;
}

void ppp_add_options(option_t *options)
{
	options_of_plugin = options;
}

void ppp_add_notify(ppp_notify_t type, ppp_notify_fn *fn, void *ctx)
{
	(void)ctx;
	switch (type) {
	case NF_PHASE_CHANGE: told.phase = fn; break;
	case NF_EXIT: told.ended = fn; break;
	case NF_AUTH_UP: told.auth_up = fn; break;
	case NF_IP_UP: told.ip_up = fn; break;
	case NF_IP_DOWN: told.ip_down = fn; break;
	default: ck_abort();
	}
}

void ppp_timeout(ppp_timer_cb fn, void *ctx, int s, int us)
{
	add_timer(fn, ctx, s, us);
}

void ppp_untimeout(void (*fn)(void *), void *ctx)
{
	del_timer(fn, ctx);
}

ppp_exit_code_t ppp_status(void)
{
	return (ppp_exit_code_t)exit_status_now;
}

void ppp_set_status(ppp_exit_code_t code)
{
	exit_status_now = (int)code;
}

const char *ppp_ifname(void)
{
	return "no-such-ppp";
}

int ppp_ifunit(void)
{
	return 0;
}

const char *ppp_hostname(void)
{
	return "gateway";
}

const char *ppp_peer_authname(char *buf, size_t size)
{
	(void)buf;
	(void)size;
	return peer_authname;
}

int ppp_get_mtu(int unit)
{
	(void)unit;
	return 1500;
}

void ppp_set_mtu(int unit, int mtu)
{
	(void)unit;
	(void)mtu;
}

void ppp_set_max_connect_time(unsigned int seconds)
{
	(void)seconds;
}

void ppp_set_max_idle_time(unsigned int seconds)
{
	(void)seconds;
}

#else /* 2.4.9 */

struct notifier *phasechange, *exitnotify, *auth_up_notifier, *ip_up_notifier, *ip_down_notifier;
volatile int status;
int ifunit, maxconnect, idle_time_limit;
char ifname[MAXIFNAMELEN] = "no-such-ppp";
char hostname[MAXNAMELEN] = "gateway";
char peer_authname[MAXNAMELEN];

int generic_establish_ppp(int fd)
{
	return attach(fd);
}

void generic_disestablish_ppp(int fd)
{
	(void)fd;
}

void fatal(char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	end_with(fmt, args);
}

void notice(char *fmt, ...)
{
	(void)fmt;
}

void option_error(char *fmt, ...)
{
	(void)fmt;
}

int int_option(char *name, int *value)
{
	*value = atoi(name);
	return 1;
}

void add_options(option_t *options)
{
	options_of_plugin = options;
}

void add_notifier(struct notifier **list, notify_func fn, void *ctx)
{
	(void)ctx;
	if (list == &phasechange)
		told.phase = fn;
	else if (list == &exitnotify)
		told.ended = fn;
	else if (list == &auth_up_notifier)
		told.auth_up = fn;
	else if (list == &ip_up_notifier)
		told.ip_up = fn;
	else if (list == &ip_down_notifier)
		told.ip_down = fn;
	else
		ck_abort();
}

void timeout(void (*fn)(void *), void *ctx, int s, int us)
{
	add_timer(fn, ctx, s, us);
}

void untimeout(void (*fn)(void *), void *ctx)
{
	del_timer(fn, ctx);
}

int netif_get_mtu(int unit)
{
	(void)unit;
	return 1500;
}

void netif_set_mtu(int unit, int mtu)
{
	(void)unit;
	(void)mtu;
}

#endif

void fake_option_in_place(const char *name, char *value)
{
	char *argv[] = {value, NULL};

	for (option_t *o = options_of_plugin; o->name; o++) {
		if (strcmp(o->name, name))
			continue;
		if (o->type == o_int)
			*(int *)o->addr = atoi(value);
		else
			ck_assert_int_eq(((int (*)(char **))o->addr)(argv), 1);
		return;
	}
	ck_abort_msg("no option %s", name);
}

static void set_option(const char *name, const char *value)
{
	char text[256];

	snprintf(text, sizeof(text), "%s", value);
	fake_option_in_place(name, text);
}

/* As pppd does in its network phase, and only then. */
static void answer_doorbell(void)
{
	if (!fake.n_rung || fake.phase < PHASE_NETWORK || fake.phase > PHASE_RUNNING)
		return;
	fake.n_rung = 0;
	ccp_protent.open(0);
}

static void on_sigusr2(int sig)
{
	(void)sig;
	fake.n_rung++;
}

static void on_sigterm(int sig)
{
	(void)sig;
	fake.n_sigterm++;
}

void fake_start(const char *const *options)
{
	signal(SIGTERM, on_sigterm);
	signal(SIGUSR2, on_sigusr2);
	lcp_fsm[0].maxtermtransmits = 2;
	if (!lcp_fsm[0].callbacks)
		lcp_fsm[0].callbacks = &no_callbacks;
	plugin_init();
	for (; options[0]; options += 2)
		set_option(options[0], options[1]);
}

void fake_phase(int to)
{
	fake.phase = to;
	told.phase(NULL, to);
}

void fake_lcp_up(void)
{
	pap.lowerup(0);
	eap.lowerup(0);
	chap.lowerup(0);
	fake_phase(PHASE_AUTHENTICATE);
}

void fake_lcp_down(void)
{
	pap.lowerdown(0);
	eap.lowerdown(0);
	chap.lowerdown(0);
	fake_phase(PHASE_ESTABLISH);
}

void fake_input(uint16_t protocol, const void *packet, int len)
{
	unsigned char *copy = malloc((size_t)(HOST_HDR_LEN + len));

	ck_assert_ptr_nonnull(copy);
	copy[0] = 0xff;
	copy[1] = 3;
	copy[2] = (unsigned char)(protocol >> 8);
	copy[3] = (unsigned char)protocol;
	memcpy(copy + HOST_HDR_LEN, packet, (size_t)len);
	snoop_recv_hook(copy, HOST_HDR_LEN + len);
	for (size_t i = 0; protocols[i]; i++)
		if (protocols[i]->protocol == protocol)
			protocols[i]->input(0, copy + HOST_HDR_LEN, len);
	free(copy);
}

void fake_exit(int exit_status)
{
	told.ended(NULL, exit_status);
}

void fake_auth_up(const char *name)
{
	snprintf(peer_authname, sizeof(peer_authname), "%s", name);
	told.auth_up(NULL, 0);
}

void fake_network_up(void)
{
	fake_phase(PHASE_NETWORK);
	if (ccp_protent.enabled_flag)
		ccp_protent.open(0);
	fake_phase(PHASE_RUNNING);
	told.ip_up(NULL, 0);
}

bool fake_run(bool (*done)(void))
{
	usec_t until = clock_now() + PATIENCE, now;

	while (!done()) {
		struct timer *timer;

		now = clock_now();
		if (now > until)
			return false;
		call_watched();
		answer_doorbell();
		timer = next_timer();
		if (timer && timer->at <= now)
			run(timer);
		else
			poll(NULL, 0, 1); /* as pppd's select() */
	}
	return true;
}

void fake_look(void)
{
	struct timer *timer;

	call_watched();
	answer_doorbell();
	timer = next_timer();
	/* polling is by the timer that is due first */
	if (!HOST_WATCHES_FDS && timer)
		run(timer);
}

void fake_late(void)
{
	struct timer *last = timers;

	ck_assert_uint_gt(n_timers, 0);
	for (size_t i = 0; i < n_timers; i++)
		if (timers[i].at > last->at)
			last = &timers[i];
	run(last);
}
