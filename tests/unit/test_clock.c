/* test_clock.c - order of timers, sources of time, what is saved. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/core/clock.h"
#include "devmodel/core/snap.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

#define N 16

static struct vclock *c;
static struct vtimer t[N];
static struct { int which; vtime_t due, now; } fired[4096];
static unsigned n_fired;
static vtime_t period[N];

static void fire(void *opaque, vtime_t due)
{
    int i = (int)((struct vtimer *)opaque - t);

    fired[n_fired].which = i;
    fired[n_fired].now = vclock_now(c);
    fired[n_fired++ % 4096].due = due;
    if (period[i])
        vtimer_arm(&t[i], due + period[i]);
}

static void setup(void)
{
    static const char *const names[N] = { "t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7",
                                          "t8", "t9", "ta", "tb", "tc", "td", "te", "tf" };

    ck_assert_int_eq(vclock_new(&c, NULL), 0);
    for (unsigned i = 0; i < N; i++)
        vtimer_init(&t[i], c, names[i], fire, &t[i]);
    memset(period, 0, sizeof period);
    n_fired = 0;
}

static void teardown(void) { vclock_free(c); }

START_TEST(timers_fire_by_due_time_then_by_order_of_arming)
{
    vtimer_arm(&t[0], 30);
    vtimer_arm(&t[1], 10);
    vtimer_arm(&t[2], 30);
    vtimer_arm(&t[3], 20);
    vtimer_arm(&t[0], 30);                      /* armed again: now after t2 */
    ck_assert(vclock_next(c) == 10);
    vclock_run(c, 30);
    ck_assert_uint_eq(n_fired, 4);
    ck_assert(fired[0].which == 1 && fired[1].which == 3);
    ck_assert(fired[2].which == 2 && fired[3].which == 0);
    ck_assert(fired[1].now == 20 && vclock_now(c) == 30);
    ck_assert(vclock_next(c) == VTIME_NEVER);
}
END_TEST

START_TEST(a_periodic_timer_catches_up_without_drift)
{
    period[0] = 7;
    vtimer_arm(&t[0], 7);
    vclock_run(c, 100);
    ck_assert_uint_eq(n_fired, 14);
    ck_assert(fired[13].due == 98 && t[0].due == 105);
}
END_TEST

START_TEST(a_timer_that_rearms_in_the_past_still_moves_on)
{
    period[0] = -5;
    vtimer_arm(&t[0], 0);
    vclock_run(c, 9);
    ck_assert_uint_eq(n_fired, 10);
}
END_TEST

START_TEST(cancelled_and_never_armed_timers_do_not_fire)
{
    vtimer_arm(&t[0], 5);
    vtimer_arm(&t[1], 6);
    vtimer_cancel(&t[0]);
    vtimer_cancel(&t[0]);
    vtimer_arm(&t[2], VTIME_NEVER);
    vclock_run(c, 100);
    ck_assert(n_fired == 1 && fired[0].which == 1);
    vclock_forget(c, &t[3], sizeof t[3]);
    for (const struct vtimer *p = vclock_timers(c); p; p = p->next)
        ck_assert(p != &t[3]);
}
END_TEST

static vtime_t source_time;
static vtime_t source(void *self) { return *(vtime_t *)self; }

START_TEST(a_source_is_live_and_never_goes_back)
{
    vclock_run(c, 1000);
    source_time = 50;
    vclock_source(c, source, &source_time);
    ck_assert(vclock_now(c) == 1000);
    source_time = 60;
    ck_assert(vclock_now(c) == 1010);
    vclock_run(c, 1015);
    source_time = 55;
    ck_assert(vclock_now(c) == 1015);
}
END_TEST

/* Seed 2. Against a plain search of the earliest. */
START_TEST(random_arming_matches_a_list)
{
    uint64_t seq[N], next_seq = 1;
    vtime_t due[N], now = 0;

    srand(2);
    for (unsigned i = 0; i < N; i++)
        due[i] = VTIME_NEVER;
    for (unsigned round = 0; round < 20000; round++) {
        int i = rand() % N;
        if (rand() % 4 == 0) {
            vtimer_cancel(&t[i]);
            due[i] = VTIME_NEVER;
        } else {
            due[i] = now + rand() % 50;
            seq[i] = next_seq++;
            vtimer_arm(&t[i], due[i]);
        }
        if (rand() % 8)
            continue;
        now += rand() % 40;
        n_fired = 0;
        vclock_run(c, now);
        for (unsigned k = 0; k < n_fired; k++) {
            int best = -1;
            for (int j = 0; j < N; j++)
                if (due[j] <= now && (best < 0 || due[j] < due[best] ||
                                      (due[j] == due[best] && seq[j] < seq[best])))
                    best = j;
            ck_assert_int_eq(fired[k].which, best);
            due[best] = VTIME_NEVER;
        }
        for (int j = 0; j < N; j++)
            ck_assert(due[j] > now);
    }
}
END_TEST

static size_t save(char *buf, size_t cap)
{
    FILE *f = fmemopen(buf, cap, "wb");
    struct snap *s;

    ck_assert_int_eq(snap_open(&s, SNAP_SAVE, f, NULL), 0);
    vclock_snap(c, s);
    for (unsigned i = 0; i < 3; i++)
        vtimer_snap(&t[i], s);
    ck_assert_int_eq(snap_close(s, NULL), 0);
    long n = ftell(f);
    fclose(f);
    return (size_t)n;
}

START_TEST(time_due_times_and_order_survive_a_snapshot)
{
    char buf[2048];
    struct snap *s;

    vclock_run(c, 500);
    vtimer_arm(&t[1], 700);
    vtimer_arm(&t[0], 700);
    size_t n = save(buf, sizeof buf);
    teardown();
    setup();
    vtimer_arm(&t[2], 3);                       /* disarmed in the file */
    FILE *f = fmemopen(buf, n, "rb");
    ck_assert_int_eq(snap_open(&s, SNAP_LOAD, f, NULL), 0);
    vclock_snap(c, s);
    for (unsigned i = 0; i < 3; i++)
        vtimer_snap(&t[i], s);
    ck_assert_int_eq(snap_close(s, NULL), 0);
    fclose(f);
    ck_assert(vclock_now(c) == 500);
    vclock_run(c, 800);
    ck_assert(n_fired == 2 && fired[0].which == 1 && fired[1].which == 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("clock");
    TCase *tc = tcase_create("clock");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, timers_fire_by_due_time_then_by_order_of_arming);
    tcase_add_test(tc, a_periodic_timer_catches_up_without_drift);
    tcase_add_test(tc, a_timer_that_rearms_in_the_past_still_moves_on);
    tcase_add_test(tc, cancelled_and_never_armed_timers_do_not_fire);
    tcase_add_test(tc, a_source_is_live_and_never_goes_back);
    tcase_add_test(tc, random_arming_matches_a_list);
    tcase_add_test(tc, time_due_times_and_order_survive_a_snapshot);
    suite_add_tcase(s, tc);
    SRunner *sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed != 0;
}
