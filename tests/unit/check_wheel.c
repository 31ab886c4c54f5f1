/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lib/base/wheel against a plain array of times, and how seldom it wants to be woken. */
#include "lib/base/wheel.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define N     500
#define STEPS 200000

static struct wheel wheel;
static struct wheel_timer timers[20000];
static usec_t wanted[20000]; /* USEC_NEVER: not set */
static usec_t now;

static uint64_t draw(uint64_t below)
{
	static uint64_t x = 88172645463325252;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x % below;
}

static void setup(void)
{
	now = 5000 * USEC_PER_S;
	memset(timers, 0, sizeof(timers));
	for (unsigned int i = 0; i < sizeof(timers) / sizeof(*timers); i++)
		wanted[i] = USEC_NEVER;
	wheel_init(&wheel, now);
}

static void set(unsigned int i, usec_t at)
{
	wheel_set(&wheel, &timers[i], at);
	wanted[i] = at;
}

/* Take what is due; returns how many. */
static unsigned int take(void)
{
	struct wheel_timer *t;
	unsigned int n = 0;

	while ((t = wheel_take(&wheel, now))) {
		size_t i = (size_t)(t - timers);

		ck_assert_uint_le(wanted[i], now);
		wanted[i] = USEC_NEVER;
		n++;
	}
	return n;
}

static usec_t first_wanted(unsigned int n)
{
	usec_t first = USEC_NEVER;

	for (unsigned int i = 0; i < n; i++)
		if (wanted[i] < first)
			first = wanted[i];
	return first;
}

START_TEST(one_timer_wakes_once)
{
	static const usec_t waits[] = {
		0,
		1,
		USEC_PER_MS,
		262 * USEC_PER_MS,
		263 * USEC_PER_MS,
		67 * USEC_PER_S,
		68 * USEC_PER_S,
		3600 * USEC_PER_S,
		5 * 3600 * USEC_PER_S,
		400 * 86400 * USEC_PER_S,
	};

	ck_assert_uint_eq(wheel_next(&wheel), USEC_NEVER);
	set(0, now + waits[_i]);
	if (waits[_i] <= 3600 * USEC_PER_S)
		ck_assert_uint_eq(wheel_next(&wheel), wanted[0]);
	else /* beyond the last wheel */
		ck_assert_uint_lt(wheel_next(&wheel), wanted[0]);
	now = wanted[0] - 1;
	ck_assert_uint_eq(take(), 0);
	now++;
	ck_assert_uint_eq(take(), 1);
	ck_assert_uint_eq(wheel_next(&wheel), USEC_NEVER);
}
END_TEST

START_TEST(setting_again_and_ending)
{
	set(0, now + 10);
	set(1, now + 20);
	set(0, now + 30);
	ck_assert_uint_eq(wheel_next(&wheel) <= now + 20, true);
	wheel_del(&timers[1]);
	wheel_del(&timers[1]);
	wanted[1] = USEC_NEVER;
	set(2, now + 5);
	set(2, USEC_NEVER);
	now += 29;
	ck_assert_uint_eq(take(), 0);
	now++;
	ck_assert_uint_eq(take(), 1);
	ck_assert_uint_eq(wheel_next(&wheel), USEC_NEVER);
}
END_TEST

/* A timer that runs out may set, move and end others, those that are due at the same time too. */
START_TEST(others_change_meanwhile)
{
	struct wheel_timer *t;

	for (unsigned int i = 0; i < 4; i++)
		set(i, now + 10);
	now += 10;
	t = wheel_take(&wheel, now);
	ck_assert_ptr_nonnull(t);
	wheel_del(&timers[(t - timers + 1) % 4]);
	wheel_set(&wheel, &timers[(t - timers + 2) % 4], now + USEC_PER_S);
	wheel_set(&wheel, t, now + 1);
	ck_assert_ptr_eq(wheel_take(&wheel, now), &timers[(t - timers + 3) % 4]);
	ck_assert_ptr_null(wheel_take(&wheel, now));
	ck_assert_ptr_eq(wheel_take(&wheel, now + 1), t);
	ck_assert_uint_le(wheel_next(&wheel), now + USEC_PER_S);
	ck_assert_ptr_nonnull(wheel_take(&wheel, now + USEC_PER_S));
}
END_TEST

/* One beyond the last wheel does not hide those that are set later and due before it. */
START_TEST(far_and_near)
{
	set(0, now + 10 * 3600 * USEC_PER_S);
	now += 3600 * USEC_PER_S;
	ck_assert_uint_eq(take(), 0);
	set(1, now + 4 * 3600 * USEC_PER_S);
	ck_assert_uint_le(wheel_next(&wheel), wanted[1]);
	now = wanted[1];
	ck_assert_uint_eq(take(), 1);
	ck_assert_uint_le(wheel_next(&wheel), wanted[0]);
	now = wanted[0] - 1;
	ck_assert_uint_eq(take(), 0);
	now++;
	ck_assert_uint_eq(take(), 1);
}
END_TEST

/* Whatever is done, exactly what is due leaves, and the next look is never too late. */
START_TEST(like_an_array)
{
	static const usec_t spans[] = {USEC_PER_MS, USEC_PER_S, 100 * USEC_PER_S,
				       30000 * USEC_PER_S};

	for (unsigned int step = 0; step < STEPS; step++) {
		unsigned int i = (unsigned int)draw(N);

		if (draw(4)) {
			set(i, now + draw(spans[draw(4)]));
		} else {
			wheel_del(&timers[i]);
			wanted[i] = USEC_NEVER;
		}
		ck_assert_uint_le(wheel_next(&wheel), first_wanted(N));
		if (draw(8))
			continue;
		now = draw(2) ? wheel_next(&wheel) : now + draw(spans[draw(3)]);
		take();
		ck_assert_uint_gt(first_wanted(N), now);
	}
}
END_TEST

/* HELLOs of 20,000 tunnels, each set a minute ahead again and again: one wake a timer at most. */
START_TEST(wakes_seldom)
{
	unsigned int n = sizeof(timers) / sizeof(*timers), wakes = 0, out = 0;
	struct wheel_timer *t;

	for (unsigned int i = 0; i < n; i++)
		set(i, now + draw(60 * USEC_PER_S));
	while (out < 5 * n) {
		now = wheel_next(&wheel);
		wakes++;
		while ((t = wheel_take(&wheel, now))) {
			out++;
			wheel_set(&wheel, t, t->at + 60 * USEC_PER_S);
		}
	}
	ck_assert_uint_le(wakes, out + out / 100);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("wheel");
	TCase *tc = tcase_create("wheel");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, tc);
	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_loop_test(tc, one_timer_wakes_once, 0, 10);
	tcase_add_test(tc, setting_again_and_ending);
	tcase_add_test(tc, others_change_meanwhile);
	tcase_add_test(tc, far_and_near);
	tcase_add_test(tc, like_an_array);
	tcase_add_test(tc, wakes_seldom);
	tcase_set_timeout(tc, 60);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
