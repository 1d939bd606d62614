/* test_run.c - the run loop with an executor made of a script: time, halts, kicks, requests. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/core/clock.h"
#include "devmodel/core/loop.h"
#include "devmodel/core/machine.h"
#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A CPU of which each instruction calls `each`; what that returns ends the run. */
static struct {
    uint64_t insns;
    bool halted, kicked, pending;
    enum exec_stop (*each)(void);
    unsigned runs, resets;
} cpu;
static struct machine *m;
static struct vtimer timer;
static vtime_t fired_at[64];
static unsigned n_fired;
static struct machine_end end;

static enum exec_stop run(void *self, int64_t max)
{
    (void)self;
    cpu.runs++;
    cpu.kicked = false;
    if (cpu.pending)
        cpu.halted = cpu.pending = false;
    for (int64_t i = 0; i < max; i++) {
        if (cpu.halted)
            return EXEC_HALT;
        cpu.insns++;
        enum exec_stop s = cpu.each();
        if (s != EXEC_BUDGET)
            return s;
        if (cpu.kicked)
            return EXEC_KICK;
    }
    return EXEC_BUDGET;
}

static bool ready(void *self) { (void)self; return !cpu.halted || cpu.pending; }
static uint64_t insns(void *self) { (void)self; return cpu.insns; }
static void kick(void *self) { (void)self; cpu.kicked = true; }
static void reset(void *self, enum reset_kind k) { (void)self; (void)k; cpu.resets++; }
static const struct exec_ops ops = { run, ready, insns, kick, reset, NULL };

static void fire(void *o, vtime_t due)
{
    (void)o;
    (void)due;
    fired_at[n_fired++ % 64] = vclock_now(machine_clock(m));
    cpu.pending = true;
}

static void setup(void)
{
    struct machine_options o = { 0, 36, false, "test" };

    ck_assert_int_eq(machine_new(&m, &o, NULL), 0);
    memset(&cpu, 0, sizeof cpu);
    n_fired = 0;
    vtimer_init(&timer, machine_clock(m), "t", fire, NULL);
    machine_set_executor(m, &ops, NULL);
}

static void teardown(void) { machine_free(m); }

static void go(int shift, bool no_reboot)
{
    struct machine_run_options o = { .icount_shift = shift, .no_reboot = no_reboot };

    machine_run(m, &o, &end);
}

static enum exec_stop arm_then_wait(void)
{
    if (cpu.insns == 100)
        vtimer_arm(&timer, vclock_now(machine_clock(m)) + 50 * 8);
    if (cpu.insns == 1000)
        machine_request(m, MACHINE_QUIT, 7);
    return EXEC_BUDGET;
}

START_TEST(counted_time_fires_on_the_exact_instruction)
{
    cpu.each = arm_then_wait;
    go(3, false);
    ck_assert(end.why == END_QUIT && end.status == 7);
    ck_assert_uint_eq(n_fired, 1);
    ck_assert(fired_at[0] == (100 + 50) * 8);   /* armed inside instruction 100 */
    ck_assert(vclock_now(machine_clock(m)) == 1000 * 8);
}
END_TEST

static enum exec_stop kick_and_go_on(void)
{
    if (cpu.insns == 20)
        vtimer_arm(&timer, 30 * 8);
    return EXEC_BUDGET;
}

START_TEST(a_turn_ends_at_a_timer_and_only_an_edge_fires_it)
{
    const struct machine_run_options o = { .icount_shift = 3 };

    cpu.each = kick_and_go_on;
    vtimer_arm(&timer, 50 * 8);
    machine_turns(m, &o);
    ck_assert(!machine_edge(m, &end));
    ck_assert_int_eq(machine_turn(m, 7), EXEC_BUDGET);
    ck_assert_uint_eq(cpu.insns, 7);
    ck_assert_int_eq(machine_turn(m, 1000), EXEC_BUDGET);
    ck_assert(cpu.insns == 50 && n_fired == 0);      /* the new, earlier time ends no turn */
    ck_assert(!machine_edge(m, &end) && n_fired == 1);
    cpu.halted = true;
    cpu.pending = false;
    vtimer_arm(&timer, 900 * 8);
    ck_assert_int_eq(machine_turn(m, 1000), EXEC_HALT);
    ck_assert(vclock_now(machine_clock(m)) == 900 * 8 && n_fired == 1);
    machine_request(m, MACHINE_QUIT, 3);
    ck_assert(machine_edge(m, &end) && end.why == END_QUIT && end.status == 3);
}
END_TEST

static enum exec_stop halt_until_timer(void)
{
    if (cpu.insns == 10) {
        vtimer_arm(&timer, 5000000000ll);
        cpu.halted = true;
    }
    if (cpu.insns == 11)
        machine_request(m, MACHINE_POWEROFF, 0);
    return cpu.halted ? EXEC_HALT : EXEC_BUDGET;
}

START_TEST(counted_time_jumps_over_a_halt)
{
    int64_t t0 = loop_host_ns();

    cpu.each = halt_until_timer;
    go(0, false);
    ck_assert(end.why == END_POWEROFF && n_fired == 1 && fired_at[0] == 5000000000ll);
    ck_assert_uint_eq(cpu.insns, 11);
    ck_assert(loop_host_ns() - t0 < 1000000000);
}
END_TEST

static enum exec_stop halt_20_ms(void)
{
    if (cpu.insns == 1) {
        vtimer_arm(&timer, vclock_now(machine_clock(m)) + 20000000);
        cpu.halted = true;
        return EXEC_HALT;
    }
    machine_request(m, MACHINE_QUIT, 0);
    return EXEC_BUDGET;
}

START_TEST(a_halted_guest_sleeps_until_its_timer)
{
    int64_t t0 = loop_host_ns();

    cpu.each = halt_20_ms;
    go(MACHINE_HOST_TIME, false);
    ck_assert(loop_host_ns() - t0 >= 20000000);
    ck_assert(n_fired == 1 && fired_at[0] >= 20000000);
    ck_assert_uint_lt(cpu.runs, 10);            /* no busy waiting */
}
END_TEST

static enum exec_stop spin_5_ms(void)
{
    if (cpu.insns == 1)
        vtimer_arm(&timer, vclock_now(machine_clock(m)) + 5000000);
    if (n_fired)
        machine_request(m, MACHINE_QUIT, 0);
    return EXEC_BUDGET;
}

START_TEST(a_busy_guest_gets_its_timer_within_a_few_milliseconds)
{
    cpu.each = spin_5_ms;
    go(MACHINE_HOST_TIME, false);
    ck_assert(fired_at[0] >= 5000000 && fired_at[0] < 500000000);
}
END_TEST

static enum exec_stop reset_twice(void)
{
    if (cpu.insns == 5)
        machine_request(m, MACHINE_RESET, 0);
    if (cpu.insns == 9)
        return EXEC_SHUTDOWN;
    if (cpu.insns == 20)
        machine_request(m, MACHINE_QUIT, 3);
    return EXEC_BUDGET;
}

START_TEST(resets_come_from_requests_and_triple_faults)
{
    cpu.each = reset_twice;
    go(0, false);
    ck_assert(end.why == END_QUIT && end.status == 3 && cpu.resets == 2);
    cpu.insns = 0;
    cpu.resets = 0;
    go(0, true);
    ck_assert(end.why == END_RESET && cpu.resets == 0 && cpu.insns == 5);
}
END_TEST

static struct loop_work work;
static unsigned worked;

static void do_work(void *o)
{
    (void)o;
    worked++;
    machine_request(m, MACHINE_QUIT, 0);
}

static enum exec_stop post_at_50(void)
{
    if (cpu.insns == 50)
        loop_post(machine_loop(m), &work);
    ck_assert_uint_lt(cpu.insns, 60);           /* it ended the run early */
    return EXEC_BUDGET;
}

START_TEST(work_posted_by_a_device_ends_the_run)
{
    work = (struct loop_work){ .run = do_work };
    worked = 0;
    cpu.each = post_at_50;
    go(0, false);
    ck_assert_uint_eq(worked, 1);
    ck_assert_uint_eq(cpu.insns, 50);
}
END_TEST

static void *poster(void *o)
{
    (void)o;
    usleep(20000);
    loop_post(machine_loop(m), &work);
    return NULL;
}

static enum exec_stop halt_forever(void)
{
    cpu.halted = true;
    return EXEC_HALT;
}

START_TEST(another_thread_wakes_a_sleeping_machine)
{
    pthread_t th;

    work = (struct loop_work){ .run = do_work };
    cpu.each = halt_forever;
    ck_assert_int_eq(pthread_create(&th, NULL, poster, NULL), 0);
    go(MACHINE_HOST_TIME, false);
    pthread_join(th, NULL);
    ck_assert(end.why == END_QUIT && cpu.runs < 10);
}
END_TEST

static void unpause(void *o)
{
    (void)o;
    if (machine_paused(m))
        machine_pause(m, false);
}

static vtime_t paused_at;
static enum exec_stop pause_then_quit(void)
{
    if (cpu.insns == 30) {
        paused_at = vclock_now(machine_clock(m));
        machine_pause(m, true);
    }
    if (cpu.insns > 30)
        machine_request(m, MACHINE_QUIT, 0);
    return EXEC_BUDGET;
}

START_TEST(time_stands_still_in_a_pause)
{
    struct loop_tick tick = { 0 };

    cpu.each = pause_then_quit;
    loop_every(machine_loop(m), &tick, 60000000, unpause, NULL);
    go(MACHINE_HOST_TIME, false);
    loop_stop_tick(machine_loop(m), &tick);
    ck_assert(vclock_now(machine_clock(m)) - paused_at < 50000000);
}
END_TEST

/* ---- the loop itself ------------------------------------------------------------------------ */

static int seen;
static void readable(void *o, short revents)
{
    char c;

    (void)revents;
    seen++;
    if (read(*(int *)o, &c, 1) == 1 && c == 'x')
        loop_del_fd(machine_loop(m), *(int *)o);
}

START_TEST(descriptors_are_heard_and_can_leave)
{
    int fd[2];

    ck_assert_int_eq(pipe(fd), 0);
    seen = 0;
    ck_assert_int_eq(loop_add_fd(machine_loop(m), fd[0], 1 /* POLLIN */, readable, &fd[0], NULL),
                     0);
    loop_poll(machine_loop(m), 0);
    ck_assert_int_eq(seen, 0);
    ck_assert_int_eq(write(fd[1], "axb", 3), 3);
    for (unsigned i = 0; i < 5; i++)
        loop_poll(machine_loop(m), 0);
    ck_assert_int_eq(seen, 2);
    close(fd[0]);
    close(fd[1]);
}
END_TEST

static unsigned ticks;
static void tick_twice(void *o)
{
    if (++ticks == 2)
        loop_stop_tick(machine_loop(m), o);
}

START_TEST(host_ticks_come_and_stop)
{
    struct loop_tick t = { 0 };

    ticks = 0;
    loop_every(machine_loop(m), &t, 2000000, tick_twice, &t);
    for (unsigned i = 0; i < 10; i++)
        loop_poll(machine_loop(m), 5000000);
    ck_assert_uint_eq(ticks, 2);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("run");
    TCase *tc = tcase_create("run");

    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, counted_time_fires_on_the_exact_instruction);
    tcase_add_test(tc, counted_time_jumps_over_a_halt);
    tcase_add_test(tc, a_turn_ends_at_a_timer_and_only_an_edge_fires_it);
    tcase_add_test(tc, a_halted_guest_sleeps_until_its_timer);
    tcase_add_test(tc, a_busy_guest_gets_its_timer_within_a_few_milliseconds);
    tcase_add_test(tc, resets_come_from_requests_and_triple_faults);
    tcase_add_test(tc, work_posted_by_a_device_ends_the_run);
    tcase_add_test(tc, another_thread_wakes_a_sleeping_machine);
    tcase_add_test(tc, time_stands_still_in_a_pause);
    tcase_add_test(tc, descriptors_are_heard_and_can_leave);
    tcase_add_test(tc, host_ticks_come_and_stop);
    suite_add_tcase(s, tc);
    SRunner *sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed != 0;
}
