/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A pppd without PPP: what the plugin needs of its host, in the test's own process.  It keeps what
 * the plugin sends and says, and its loop runs as long as the test wants.  One per process.
 */
#ifndef TESTS_FAKE_FAKE_PPPD_H
#define TESTS_FAKE_FAKE_PPPD_H

#include <setjmp.h>

#include "pppd-plugin/compat.h"

struct fake_pppd {
	/* The last packet that was output, behind its protocol number */
	uint16_t protocol;
	uint8_t packet[1500];
	int len;
	unsigned int n_output;

	unsigned int n_success, n_fail; /* auth_peer_success(), auth_peer_fail() */
	char peer[256];                 /* the name that it succeeded with */
	int flavor;
	char closed[256];                       /* lcp_close()'s reason; "": not called */
	unsigned int n_lowerdown, n_terminated; /* lcp_lowerdown(), link_terminated() */
	unsigned int n_sigterm;
	volatile unsigned int n_rung; /* the doorbell of wake.c, and nobody has answered yet */
	int phase;
	unsigned int n_ccp; /* times that CCP was really opened */
	unsigned int n_lcp; /* packets that LCP got, and the last one */
	uint8_t lcp[1500];
	int lcp_len;
	jmp_buf died; /* where fatal() goes */
	char last_words[256];
};

extern struct fake_pppd fake;

/* plugin_init(), then options in pairs of name and value, up to NULL.  Fails the test if refused.
 */
void fake_start(const char *const *options);

/* An option whose value stays where it is, as pppd's arguments do. */
void fake_option_in_place(const char *name, char *value);

/* Enter a phase. */
void fake_phase(int to);

/* What link_established() does: lowerup of all protocols, then the authentication phase. */
void fake_lcp_up(void);
void fake_lcp_down(void);

/* A packet of the peer's, with the snooping before it. */
void fake_input(uint16_t protocol, const void *packet, int len);

/* pppd ends with this status. */
void fake_exit(int exit_status);

/* pppd's own authenticators have let this user in. */
void fake_auth_up(const char *name);

/* From the end of the authentication phase to IPCP being up. */
void fake_network_up(void);

/* Run what is due, waiting for it, until `done()`; false: nothing has happened for long. */
bool fake_run(bool (*done)(void));

/* So much time has passed that even the last timer has run out; the others do not matter. */
void fake_late(void);

/* Let the plugin see what has come in, if it looks at that now. */
void fake_look(void);

#endif
