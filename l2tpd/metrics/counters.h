/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is counted, as one table: the name under which it is exported, and what it means. */
#ifndef L2TPD_METRICS_COUNTERS_H
#define L2TPD_METRICS_COUNTERS_H

#include <stdint.h>

/* X(NAME, word, help) */
#define COUNTERS(X)                                                                                \
	X(RX_DATAGRAMS, "rx_datagrams", "datagrams given to the control protocol")                 \
	X(RX_MESSAGES, "rx_messages", "control messages handled, each once")                       \
	X(RX_ACKS, "rx_acks", "acknowledgements without a message (ZLB)")                          \
	X(RX_DUPLICATES, "rx_duplicates", "messages seen before; acknowledged again")              \
	X(RX_EARLY, "rx_early", "messages kept until an earlier one comes")                        \
	X(RX_DROPPED, "rx_dropped", "messages outside the window, or with our queue full")         \
	X(BAD_HEADER, "bad_header", "datagrams that are not L2TP version 2")                       \
	X(BAD_MESSAGE, "bad_message", "messages refused for their contents")                       \
	X(STRAY_DATA, "stray_data", "data packets of no kernel session")                           \
	X(FOREIGN_TUNNEL, "foreign_tunnel", "packets that name the tunnel of another client")      \
	X(UNKNOWN_TUNNEL, "unknown_tunnel", "packets for a tunnel that is not here")               \
	X(UNKNOWN_SESSION, "unknown_session", "messages for a session that is not here")           \
	X(STRAY_ANSWERS, "stray_answers", "answers sent outside of any tunnel")                    \
	X(ANSWERS_SPARED, "answers_spared", "such answers left out, as the client asks too often") \
	X(FAILURES_SPARED, "failures_spared",                                                      \
	  "failed attempts not listed, of clients that fail all the time")                         \
	X(RETRANSMITS, "retransmits", "messages sent again")                                       \
	X(PEERS_LOST, "peers_lost", "tunnels whose peer stopped answering")                        \
	X(REDIALS, "redials", "tunnels replaced by a new call of the same client")                 \
	X(TUNNELS_TRIED, "tunnels_tried", "SCCRQs that were not retransmissions")                  \
	X(TUNNELS_UP, "tunnels_up", "tunnels that were established")                               \
	X(TUNNELS_MOVED, "tunnels_moved",                                                          \
	  "tunnels that followed their client to another SA or address")                           \
	X(TUNNELS_UNAUTHORIZED, "tunnels_unauthorized",                                            \
	  "tunnels whose peer did not prove that it knows the secret")                             \
	X(TIES, "ties", "SCCRQs of peers that we were calling at the same time")                   \
	X(SESSIONS_TRIED, "sessions_tried", "ICRQs and OCRQs")                                     \
	X(SESSIONS_PLACED, "sessions_placed", "ICRQs and OCRQs of ours")                           \
	X(SESSIONS_UP, "sessions_up", "sessions that were established")                            \
	X(STRANGERS_ANSWERED, "strangers_answered", "SCCRPs to peers that no SA proves")           \
	X(STRANGERS_PROVED, "strangers_proved", "those of them that have answered in turn")        \
	X(REFUSED_TUNNELS, "refused_tunnels", "SCCRQs above limits: tunnels")                      \
	X(REFUSED_HALF_OPEN, "refused_half_open", "SCCRQs above limits: half-open")                \
	X(REFUSED_TUNNELS_PER_SA, "refused_tunnels_per_sa", "SCCRQs above limits: tunnels-per-sa") \
	X(REFUSED_TUNNELS_PER_IDENTITY, "refused_tunnels_per_identity",                            \
	  "SCCRQs above limits: tunnels-per-identity")                                             \
	X(REFUSED_TUNNELS_PER_ADDRESS, "refused_tunnels_per_address",                              \
	  "SCCRQs above limits: tunnels-per-address")                                              \
	X(REFUSED_LEAVING_PER_SA, "refused_leaving_per_sa", "SCCRQs above limits: leaving-per-sa") \
	X(REFUSED_TUNNEL_RATE, "refused_tunnel_rate", "SCCRQs above limits: tunnel-rate")          \
	X(REFUSED_TUNNEL_RATE_PER_SA, "refused_tunnel_rate_per_sa",                                \
	  "SCCRQs above limits: tunnel-rate-per-sa")                                               \
	X(REFUSED_TUNNEL_RATE_PER_ADDRESS, "refused_tunnel_rate_per_address",                      \
	  "SCCRQs above limits: tunnel-rate-per-address")                                          \
	X(REFUSED_DRAINING, "refused_draining", "SCCRQs and ICRQs while the server was draining")  \
	X(REFUSED_SESSIONS, "refused_sessions", "ICRQs above limits: sessions")                    \
	X(REFUSED_SESSIONS_PER_TUNNEL, "refused_sessions_per_tunnel",                              \
	  "ICRQs above limits: sessions-per-tunnel")                                               \
	X(REFUSED_STARTING, "refused_starting", "ICRQs above limits: starting")                    \
	X(REFUSED_PPPD_WAIT, "refused_pppd_wait", "sessions that waited for limits: pppd-wait")    \
	X(REFUSED_IDENTITY, "refused_identity",                                                    \
	  "users who may not come with their IKE identity (rules of lns sections)")                \
	X(REFUSED_SESSION_RATE, "refused_session_rate", "ICRQs above limits: session-rate-per-sa")

enum counter {
#define X(name, word, help) COUNT_##name,
	COUNTERS(X)
#undef X
		COUNTER_COUNT
};

struct counters {
	uint64_t n[COUNTER_COUNT];
};

static inline void count_add(struct counters *c, enum counter which, uint64_t n)
{
	c->n[which] += n;
}

static inline void count(struct counters *c, enum counter which)
{
	count_add(c, which, 1);
}

/* The exported name of a counter, and its help text. */
const char *counter_word(enum counter which);
const char *counter_help(enum counter which);

#endif
