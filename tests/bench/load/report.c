/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The report in three formats; see report.h.  kv and JSON have the same fields with the same names,
 * always all of them; text leaves out what is zero.
 */
#include "tests/bench/load/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name, *words;
} counts[] = {
#define X(name, words) {#name, words},
	STAT_COUNTS(X)
#undef X
};

static const struct {
	const char *name, *words;
} times[] = {
#define X(name, words) {#name, words},
	STAT_TIMES(X)
#undef X
};

static const struct {
	const char *name, *words;
} moments[] = {
#define X(name, words) {#name, words},
	LOAD_MOMENTS(X)
#undef X
};

static uint64_t get(const struct load_result *r, enum stat_count what)
{
	return r->stats.counts[what];
}

bool report_is_good(const struct load_result *r)
{
	return !r->interrupted && get(r, STAT_tunnels_up) == get(r, STAT_tunnels_dialled) &&
	       get(r, STAT_sessions_up) == get(r, STAT_sessions_dialled) &&
	       !get(r, STAT_tunnels_lost) && !get(r, STAT_sessions_lost);
}

static double seconds(usec_t t)
{
	return (double)t / (double)USEC_PER_S;
}

/* Sessions a second, or tunnels where there are no sessions. */
static double setups_per_s(const struct load_result *r)
{
	uint64_t n = get(r, STAT_sessions_dialled) ? get(r, STAT_sessions_up)
						   : get(r, STAT_tunnels_up);

	return r->setting_up ? (double)n / seconds(r->setting_up) : 0;
}

/*
 * For people
 */

static void text_times(const struct load_result *r)
{
	printf("\n%-32s %8s %10s %10s %10s\n", "times in ms", "n", "p50", "p99", "max");
	for (int i = 0; i < STAT_TIME_COUNT; i++)
		if (r->stats.times[i].n)
			printf("%-32s %8zu %10.3f %10.3f %10.3f\n", times[i].words,
			       r->stats.times[i].n, stat_at(&r->stats, i, 50) / 1e3,
			       stat_at(&r->stats, i, 99) / 1e3, stat_at(&r->stats, i, 100) / 1e3);
}

static void text_counts(const struct load_result *r)
{
	printf("\n");
	for (int i = 0; i < STAT_COUNT; i++)
		if (r->stats.counts[i])
			printf("%10" PRIu64 " %s\n", r->stats.counts[i], counts[i].words);
	for (size_t i = 0; i < r->stats.n_reasons; i++)
		printf("%10" PRIu64 " failed or lost; %s\n", r->stats.reasons[i].n,
		       r->stats.reasons[i].text);
}

static void text_watch(const struct options *o, const struct load_result *r)
{
	const struct watch *up = &r->watch[LOAD_AT_up], *held = &r->watch[LOAD_AT_held];
	const struct watch *start = &r->watch[LOAD_AT_start];

	if (!o->watch[0])
		return;
	printf("\n%-32s %10s %12s %12s\n", "the processes watched", "CPU ms", "private KB",
	       "PSS KB");
	for (int i = 0; i < LOAD_MOMENT_COUNT; i++)
		printf("%-32s %10.1f %12" PRIu64 " %12" PRIu64 "\n", moments[i].words,
		       (double)r->watch[i].cpu_ns / 1e6, r->watch[i].private_bytes / 1024,
		       r->watch[i].pss_bytes / 1024);
	printf("%10.0f bytes of private memory for each tunnel\n",
	       ((double)up->private_bytes - (double)start->private_bytes) / o->tunnels);
	if (r->held_messages)
		printf("%10.2f microseconds of CPU for each control message of the hold time\n",
		       (double)(held->cpu_ns - up->cpu_ns) / 1e3 / (double)r->held_messages);
}

static void text(const struct options *o, const struct load_result *r)
{
	char server[ADDR_STR_LEN];

	printf("%s: %" PRIu64 " of %" PRIu64 " tunnels and %" PRIu64 " of %" PRIu64
	       " sessions came up in %.3f s, %.0f a second%s\n",
	       addr_format(&o->server, server), get(r, STAT_tunnels_up),
	       get(r, STAT_tunnels_dialled), get(r, STAT_sessions_up),
	       get(r, STAT_sessions_dialled), seconds(r->setting_up), setups_per_s(r),
	       r->interrupted ? " (interrupted)" : "");
	text_times(r);
	text_counts(r);
	text_watch(o, r);
}

/*
 * For scripts: one walk over all fields
 */

struct script {
	bool json, first;
};

static void name_field(struct script *s, const char *prefix, const char *name, const char *suffix)
{
	if (s->json)
		printf("%s\n  \"%s%s%s\": ", s->first ? "" : ",", prefix, name, suffix);
	else
		printf("%s%s%s=", prefix, name, suffix);
	s->first = false;
}

static void put(struct script *s, const char *prefix, const char *name, const char *suffix,
		uint64_t value)
{
	name_field(s, prefix, name, suffix);
	printf("%" PRIu64 "%s", value, s->json ? "" : "\n");
}

static void put_double(struct script *s, const char *name, double value)
{
	name_field(s, "", name, "");
	printf("%.3f%s", value, s->json ? "" : "\n");
}

/* Reasons are printable ASCII; kv has one on each line. */
static void put_reasons(struct script *s, const struct stats *stats)
{
	if (s->json)
		printf(",\n  \"reasons\": [");
	for (size_t i = 0; i < stats->n_reasons; i++) {
		const struct stat_reason *reason = &stats->reasons[i];

		if (!s->json) {
			printf("reason=%" PRIu64 " %s\n", reason->n, reason->text);
			continue;
		}
		printf("%s\n    {\"count\": %" PRIu64 ", \"text\": \"", i ? "," : "", reason->n);
		for (const char *p = reason->text; *p; p++)
			printf("%s%c", *p == '"' || *p == '\\' ? "\\" : "", *p);
		printf("\"}");
	}
	if (s->json)
		printf("]");
}

static void script(const struct options *o, const struct load_result *r, bool json)
{
	struct script s = {.json = json, .first = true};

	printf("%s", json ? "{" : "");
	put(&s, "", "good", "", report_is_good(r));
	put(&s, "", "tunnels", "", o->tunnels);
	put(&s, "", "sessions_per_tunnel", "", o->sessions);
	put(&s, "", "rounds", "", r->rounds);
	put_double(&s, "setting_up_s", seconds(r->setting_up));
	put_double(&s, "setups_per_s", setups_per_s(r));
	for (int i = 0; i < STAT_COUNT; i++)
		put(&s, "", counts[i].name, "", r->stats.counts[i]);
	for (int i = 0; i < STAT_TIME_COUNT; i++) {
		put(&s, "time_", times[i].name, "_n", r->stats.times[i].n);
		put(&s, "time_", times[i].name, "_p50_us", stat_at(&r->stats, i, 50));
		put(&s, "time_", times[i].name, "_p99_us", stat_at(&r->stats, i, 99));
		put(&s, "time_", times[i].name, "_max_us", stat_at(&r->stats, i, 100));
	}
	put(&s, "", "held_messages", "", r->held_messages);
	for (int i = 0; i < LOAD_MOMENT_COUNT; i++) {
		put(&s, "watch_", moments[i].name, "_cpu_ns", r->watch[i].cpu_ns);
		put(&s, "watch_", moments[i].name, "_private_bytes", r->watch[i].private_bytes);
		put(&s, "watch_", moments[i].name, "_pss_bytes", r->watch[i].pss_bytes);
		put(&s, "own_", moments[i].name, "_cpu_ns", r->own_cpu_ns[i]);
	}
	put_reasons(&s, &r->stats);
	printf("%s", json ? "\n}\n" : "");
}

void report(const struct options *o, struct load_result *r)
{
	stat_sort(&r->stats);
	if (o->format == FORMAT_TEXT)
		text(o, r);
	else
		script(o, r, o->format == FORMAT_JSON);
}
