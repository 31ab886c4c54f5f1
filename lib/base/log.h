/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Log lines of l2tpd and l2tpctl: "level topic: event key=value ...".  The event is a stable word
 * that the manual lists; the fields follow printf rules.  charon and pppd log by their own means.
 * Lines that a stranger can cause go through log_limit() first.
 */
#ifndef LIB_BASE_LOG_H
#define LIB_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/clock.h"

/* X(name, word): one topic per part that speaks */
#define LOG_TOPICS(X)                                                                              \
	X(DAEMON, "daemon")                                                                        \
	X(CONFIG, "config")                                                                        \
	X(MONITOR, "monitor")                                                                      \
	X(NET, "net")                                                                              \
	X(TUNNEL, "tunnel")                                                                        \
	X(SESSION, "session")                                                                      \
	X(PLANE, "plane")                                                                          \
	X(PPP, "ppp")                                                                              \
	X(IPSEC, "ipsec")                                                                          \
	X(POLICY, "policy")                                                                        \
	X(API, "api")

enum log_topic {
#define X(name, word) TOPIC_##name,
	LOG_TOPICS(X)
#undef X
		TOPIC_COUNT
};

/* error: something is lost; warn: we went on anyway; info: one line per up and per down */
enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/*
 * Where lines go: the default is stderr.  `line` has no newline or other control character and is
 * valid for the call only.
 */
typedef void log_sink_fn(enum log_level level, const char *line);

/* Send lines to `sink`; NULL: back to stderr. */
void log_to(log_sink_fn *sink);

/* Let debug lines of these topics (bit 1 << TOPIC_x) through. */
void log_set_debug(uint32_t topics);

/* "tunnel,ppp" or "all" to bits.  -EINVAL for an unknown word, which `ret_bad` then points at. */
int log_parse_topics(const char *text, uint32_t *ret, const char **ret_bad);

/* Write one line.  Use the macros below. */
void log_write(enum log_topic topic, enum log_level level, const char *event, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* True when debug lines of `topic` are wanted: ask before costly formatting. */
bool log_wants_debug(enum log_topic topic);

#define log_error(topic, event, ...) log_write(TOPIC_##topic, LOG_LEVEL_ERROR, event, __VA_ARGS__)
#define log_warn(topic, event, ...)  log_write(TOPIC_##topic, LOG_LEVEL_WARN, event, __VA_ARGS__)
#define log_info(topic, event, ...)  log_write(TOPIC_##topic, LOG_LEVEL_INFO, event, __VA_ARGS__)
#define log_debug(topic, event, ...)                                                               \
	do {                                                                                       \
		if (log_wants_debug(TOPIC_##topic))                                                \
			log_write(TOPIC_##topic, LOG_LEVEL_DEBUG, event, __VA_ARGS__);             \
	} while (0)

/* A rate limit for one kind of line: `burst` lines a minute, the rest is counted. */
struct log_limit {
	unsigned int burst;
	unsigned int said;    /* in this minute */
	unsigned int dropped; /* since the last line that went out */
	usec_t since;
};

/* May this line be written now?  When yes, `*ret_dropped` lines were left out before it. */
bool log_limit(struct log_limit *limit, usec_t now, unsigned int *ret_dropped);

#endif
