/* test_i8254.c - the interval timer, CLK pulse by CLK pulse, and its lost ticks. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/dev/i8254.h"
#include "devmodel/dev/i8259.h"
#include "tests/dev/bench.h"
#include <check.h>

static struct bench *b;
static int64_t ticks;                   /* CLK pulses gone by */

static void setup(void)
{
    b = bench_begin();
    bench_add(b, "i8254", NULL);
    bench_power_on(b);
    ticks = 0;
}

static void teardown(void) { bench_free(b); }

/* To the first nanosecond of pulse `ticks + n`. */
static void pulses(int64_t n)
{
    ticks += n;
    vtime_t at = ((unsigned __int128)ticks * 1000000000 + 1193181) / 1193182;
    step(b, at - vclock_now(machine_clock(b->m)));
}

static void mode(unsigned ch, unsigned m, unsigned bcd)
{
    out8(b, 0x43, ch << 6 | 0x30 | m << 1 | bcd);
}

static void load(unsigned ch, uint16_t n)
{
    out8(b, 0x40 + ch, n & 0xff);
    out8(b, 0x40 + ch, n >> 8);
}

static uint16_t count(unsigned ch)
{
    out8(b, 0x43, ch << 6);
    uint8_t low = in8(b, 0x40 + ch);
    return low | in8(b, 0x40 + ch) << 8;
}

static bool out(unsigned ch) { return i8254_out(b->dev, ch); }

START_TEST(mode_0_rises_n_plus_1_pulses_after_the_write)
{
    mode(0, 0, 0);
    ck_assert(!wire(b, 0));
    load(0, 4);
    pulses(1);
    ck_assert_uint_eq(count(0), 4);
    pulses(3);
    ck_assert_uint_eq(count(0), 1);
    ck_assert(!wire(b, 0));
    pulses(1);
    ck_assert(wire(b, 0));
    pulses(1);
    ck_assert_uint_eq(count(0), 0xffff);
    out8(b, 0x40, 9);                   /* the first byte stops it and pulls OUT low */
    ck_assert(!wire(b, 0));
    pulses(20);
    ck_assert_uint_eq(count(0), 0xffff);
    out8(b, 0x40, 0);
    pulses(10);
    ck_assert(wire(b, 0));
    ck_assert_uint_eq(rises(b, 0), 2);
}
END_TEST

START_TEST(mode_0_stands_still_while_the_gate_is_low)
{
    i8254_set_gate2(b->dev, true);
    mode(2, 0, 0);
    load(2, 10);
    pulses(5);
    i8254_set_gate2(b->dev, false);
    pulses(50);
    ck_assert_uint_eq(count(2), 6);
    i8254_set_gate2(b->dev, true);
    pulses(5);
    ck_assert(!out(2));
    pulses(1);
    ck_assert(out(2));
}
END_TEST

START_TEST(mode_1_is_a_one_shot_that_a_trigger_starts_and_restarts)
{
    mode(2, 1, 0);
    load(2, 5);
    pulses(10);
    ck_assert(out(2));
    i8254_set_gate2(b->dev, true);
    ck_assert(out(2));
    pulses(1);
    ck_assert(!out(2));
    load(2, 3);                         /* for the next trigger */
    pulses(3);
    ck_assert_uint_eq(count(2), 2);
    i8254_set_gate2(b->dev, false);
    i8254_set_gate2(b->dev, true);
    pulses(3);
    ck_assert(!out(2));
    pulses(1);
    ck_assert(out(2));
    pulses(20);
    ck_assert(out(2));
}
END_TEST

START_TEST(mode_2_divides_and_is_low_for_one_pulse)
{
    mode(0, 2, 0);
    load(0, 5);
    for (unsigned n = 0; n < 3; n++) {
        pulses(1);
        ck_assert_uint_eq(count(0), 5);
        pulses(4);
        ck_assert_uint_eq(count(0), 1);
        ck_assert(!out(0));
    }
    ck_assert_uint_eq(rises(b, 0), 2);
    load(0, 3);                         /* from the next cycle on */
    pulses(1);
    ck_assert_uint_eq(count(0), 3);
    pulses(3);
    ck_assert_uint_eq(rises(b, 0), 4);
}
END_TEST

START_TEST(mode_2_gate_forces_high_and_restarts)
{
    i8254_set_gate2(b->dev, true);
    mode(2, 2, 0);
    load(2, 6);
    pulses(6);
    ck_assert(!out(2));
    i8254_set_gate2(b->dev, false);
    ck_assert(out(2));
    pulses(3);
    i8254_set_gate2(b->dev, true);
    pulses(1);
    ck_assert_uint_eq(count(2), 6);
}
END_TEST

START_TEST(mode_3_is_square_for_even_and_nearly_for_odd_counts)
{
    mode(0, 3, 0);
    load(0, 6);
    pulses(1);
    ck_assert_uint_eq(count(0), 6);
    pulses(2);
    ck_assert_uint_eq(count(0), 2);
    ck_assert(wire(b, 0));
    pulses(1);
    ck_assert(!wire(b, 0));
    ck_assert_uint_eq(count(0), 6);
    load(0, 5);                         /* takes over with the next half */
    pulses(3);
    ck_assert(wire(b, 0));
    ck_assert_uint_eq(count(0), 4);
    pulses(2);
    ck_assert_uint_eq(count(0), 0);
    ck_assert(wire(b, 0));
    pulses(1);
    ck_assert(!wire(b, 0));
    pulses(2);
    ck_assert(wire(b, 0));
    load(0, 9);                         /* now that is the low one: (9 - 1) / 2 */
    pulses(3);
    ck_assert_uint_eq(count(0), 8);
    pulses(3);
    ck_assert(!wire(b, 0));
    pulses(1);
    ck_assert(wire(b, 0));
}
END_TEST

START_TEST(mode_4_strobes_once)
{
    mode(0, 4, 0);
    ck_assert(wire(b, 0));
    load(0, 4);
    pulses(4);
    ck_assert(out(0));
    pulses(1);
    ck_assert(!out(0));
    pulses(1);
    ck_assert(out(0));
    ck_assert_uint_eq(rises(b, 0), 1);
    pulses(70000);
    ck_assert_uint_eq(rises(b, 0), 1);
}
END_TEST

START_TEST(mode_5_strobes_after_a_trigger)
{
    mode(2, 5, 0);
    load(2, 4);
    pulses(10);
    i8254_set_gate2(b->dev, true);
    pulses(4);
    ck_assert(out(2));
    pulses(1);
    ck_assert(!out(2));
    pulses(1);
    ck_assert(out(2));
}
END_TEST

START_TEST(bcd_counts_in_decades)
{
    mode(0, 0, 1);
    load(0, 0x1000);
    pulses(2);
    ck_assert_uint_eq(count(0), 0x0999);
    mode(0, 2, 1);
    load(0, 0);                         /* 10000 */
    pulses(1);
    ck_assert_uint_eq(count(0), 0);
    pulses(1);
    ck_assert_uint_eq(count(0), 0x9999);
}
END_TEST

START_TEST(read_back_latches_status_before_count)
{
    mode(0, 2, 0);
    out8(b, 0x43, 0xe2);                /* status of channel 0 */
    ck_assert_uint_eq(in8(b, 0x40), 0xf4);          /* OUT, null count, both bytes, mode 2 */
    load(0, 100);
    pulses(11);
    out8(b, 0x43, 0xc2);                /* both */
    pulses(5);
    out8(b, 0x43, 0xc2);                /* ignored: not read yet */
    ck_assert_uint_eq(in8(b, 0x40), 0xb4);
    ck_assert_uint_eq(in8(b, 0x40), 90);
    ck_assert_uint_eq(in8(b, 0x40), 0);
    ck_assert_uint_eq(in8(b, 0x40), 85);
}
END_TEST

START_TEST(one_byte_counts)
{
    out8(b, 0x43, 0x14);                /* channel 0, low byte only, mode 2 */
    out8(b, 0x40, 8);
    pulses(3);
    ck_assert_uint_eq(in8(b, 0x40), 6);
    out8(b, 0x43, 0x24);                /* high byte only */
    out8(b, 0x40, 2);
    pulses(2);
    ck_assert_uint_eq(in8(b, 0x40), 1); /* 1FFh */
}
END_TEST

START_TEST(an_hour_has_exactly_the_ticks_of_1193182_hz)
{
    mode(0, 2, 0);
    load(0, 0);
    unsigned before = rises(b, 0);
    step(b, 3600ll * 1000000000);
    ck_assert_uint_eq(rises(b, 0) - before, 3600ull * 1193182 / 65536);
    ck_assert_uint_eq(count(0), (uint16_t)(1 - 3600ull * 1193182));
}
END_TEST

START_TEST(state_survives_a_snapshot)
{
    mode(0, 3, 0); load(0, 7); load(0, 9);
    mode(1, 2, 1); load(1, 0x18);
    i8254_set_gate2(b->dev, true);
    mode(2, 0, 0); out8(b, 0x42, 5);
    out8(b, 0x43, 0xce);
    in8(b, 0x41); in8(b, 0x41);
    pulses(2);
    bench_snap_roundtrip(b);
}
END_TEST

START_TEST(a_snapshot_within_a_low_pulse_moves_no_wire)
{
    mode(0, 2, 0);
    load(0, 5);
    pulses(5);
    ck_assert(!out(0));
    bool level = wire(b, 0);
    b->dev->cls->drive(b->dev);         /* as after a load */
    ck_assert(wire(b, 0) == level);
}
END_TEST

/* ---- with the interrupt controller: a guest that answers late ------------------------------- */

static void with_pic(const char *props)
{
    teardown();
    b = bench_begin();
    struct device *pic = bench_add(b, "i8259", NULL);
    struct device *pit = bench_add(b, "i8254", props);
    irq_connect(i8259_ir0_waiting(pic), i8254_set_waiting, pit, 0);
    bench_power_on(b);
    out8(b, 0x20, 0x11); out8(b, 0x21, 0x08); out8(b, 0x21, 0x04); out8(b, 0x21, 0x03);
    mode(0, 3, 0);
    load(0, 1193);                      /* 1 ms */
    step(b, 100000);
    machine_intack(b->m);               /* whatever programming left behind */
}

static unsigned take_for(vtime_t ns)    /* the guest answers every 50 us */
{
    unsigned n = 0;

    for (; ns > 0; ns -= 50000, step(b, 50000))
        if (wire_named(b, "cpu-intr"))
            n += machine_intack(b->m) == 0x08;
    return n;
}

START_TEST(catchup_makes_up_for_every_tick_a_late_guest_missed)
{
    with_pic("lost-ticks=catchup");
    ck_assert_uint_eq(take_for(10000000), 10);
    step(b, 20000000);
    ck_assert_uint_eq(take_for(60000000), 80);
    ck_assert_uint_eq(take_for(10000000), 10);
}
END_TEST

START_TEST(drop_gives_one_tick_for_all_that_were_missed)
{
    with_pic("lost-ticks=drop");
    ck_assert_uint_eq(take_for(10000000), 10);
    step(b, 20000000);
    ck_assert_uint_le(take_for(60000000), 61);
}
END_TEST

START_TEST(masked_ticks_are_not_owed)
{
    with_pic("lost-ticks=catchup");
    out8(b, 0x21, 0x01);
    step(b, 50000000);
    out8(b, 0x21, 0x00);
    ck_assert_uint_le(take_for(10000000), 11);
    step(b, 20000000);                  /* owed, but then masked */
    take_for(1000000);
    out8(b, 0x21, 0x01);
    step(b, 5000000);
    out8(b, 0x21, 0x00);
    ck_assert_uint_le(take_for(10000000), 11);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("i8254");
    TCase *t = tcase_create("i8254");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, mode_0_rises_n_plus_1_pulses_after_the_write);
    tcase_add_test(t, mode_0_stands_still_while_the_gate_is_low);
    tcase_add_test(t, mode_1_is_a_one_shot_that_a_trigger_starts_and_restarts);
    tcase_add_test(t, mode_2_divides_and_is_low_for_one_pulse);
    tcase_add_test(t, mode_2_gate_forces_high_and_restarts);
    tcase_add_test(t, mode_3_is_square_for_even_and_nearly_for_odd_counts);
    tcase_add_test(t, mode_4_strobes_once);
    tcase_add_test(t, mode_5_strobes_after_a_trigger);
    tcase_add_test(t, bcd_counts_in_decades);
    tcase_add_test(t, read_back_latches_status_before_count);
    tcase_add_test(t, one_byte_counts);
    tcase_add_test(t, an_hour_has_exactly_the_ticks_of_1193182_hz);
    tcase_add_test(t, state_survives_a_snapshot);
    tcase_add_test(t, a_snapshot_within_a_low_pulse_moves_no_wire);
    tcase_add_test(t, catchup_makes_up_for_every_tick_a_late_guest_missed);
    tcase_add_test(t, drop_gives_one_tick_for_all_that_were_missed);
    tcase_add_test(t, masked_ticks_are_not_owed);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
