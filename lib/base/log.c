/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Formats log lines and hands them to a sink.  On stderr each line starts with the syslog priority
 * as sd-daemon(3) describes it when a journal reads it (JOURNAL_STREAM is set), else with a time.
 */
#include "lib/base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#define LINE_LEN 1024

static const char *const topic_words[TOPIC_COUNT] = {
#define X(name, word) word,
	LOG_TOPICS(X)
#undef X
};

static const struct {
	const char *word;
	int priority;
} levels[] = {
	[LOG_LEVEL_ERROR] = {"error", LOG_ERR},
	[LOG_LEVEL_WARN] = {"warn", LOG_WARNING},
	[LOG_LEVEL_INFO] = {"info", LOG_INFO},
	[LOG_LEVEL_DEBUG] = {"debug", LOG_DEBUG},
};

static log_sink_fn *log_sink;
static uint32_t debug_topics;

/* The local time, made once a second: it costs as much as the rest of a line. */
static const char *stamp_now(void)
{
	static char stamp[32];
	static time_t made;
	time_t now = time(NULL);
	struct tm tm;

	if (now != made && localtime_r(&now, &tm) && strftime(stamp, sizeof(stamp), "%F %T", &tm))
		made = now;
	return stamp;
}

static void to_stderr(enum log_level level, const char *line)
{
	if (getenv("JOURNAL_STREAM"))
		fprintf(stderr, "<%d>%s\n", levels[level].priority, line);
	else
		fprintf(stderr, "%s %s\n", stamp_now(), line);
}

void log_to(log_sink_fn *sink)
{
	log_sink = sink;
}

void log_set_debug(uint32_t topics)
{
	debug_topics = topics;
}

bool log_wants_debug(enum log_topic topic)
{
	return debug_topics & UINT32_C(1) << topic;
}

static int find_topic(const char *word, size_t len)
{
	for (int i = 0; i < TOPIC_COUNT; i++)
		if (strlen(topic_words[i]) == len && !memcmp(topic_words[i], word, len))
			return i;
	return -1;
}

int log_parse_topics(const char *text, uint32_t *ret, const char **ret_bad)
{
	uint32_t topics = 0;

	for (const char *word = text; *word;) {
		size_t len = strcspn(word, ",");
		int i = find_topic(word, len);

		if (len == 3 && !memcmp(word, "all", 3)) {
			topics = UINT32_MAX;
		} else if (i >= 0) {
			topics |= UINT32_C(1) << i;
		} else {
			*ret_bad = word;
			return -EINVAL;
		}
		word += len;
		if (*word == ',')
			word++;
	}
	*ret = topics;
	return 0;
}

void log_write(enum log_topic topic, enum log_level level, const char *event, const char *fmt, ...)
{
	char line[LINE_LEN];
	va_list args;
	int n;

	n = snprintf(line, sizeof(line), "%s %s: %s%s", levels[level].word, topic_words[topic],
		     event, *fmt ? " " : "");
	if (n < 0 || (size_t)n >= sizeof(line))
		return;
	va_start(args, fmt);
	vsnprintf(line + n, sizeof(line) - (size_t)n, fmt, args);
	va_end(args);
	/* A peer's bytes that slipped in must not look like a line of their own. */
	for (char *p = line; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = ' ';
	(log_sink ? log_sink : to_stderr)(level, line);
}

bool log_limit(struct log_limit *limit, usec_t now, unsigned int *ret_dropped)
{
	if (!limit->since || now - limit->since >= 60 * USEC_PER_S) {
		limit->since = now;
		limit->said = 0;
	}
	if (limit->said >= limit->burst) {
		limit->dropped++;
		return false;
	}
	limit->said++;
	*ret_dropped = limit->dropped;
	limit->dropped = 0;
	return true;
}
