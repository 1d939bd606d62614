/* test_mc146818.c - the CMOS clock: calendar, update cycle, three interrupts, contents. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/dev/mc146818.h"
#include "tests/dev/bench.h"
#include <check.h>

#define SECOND 1000000000ll

static struct bench *b;

static void start(const char *props)
{
    b = bench_new("mc146818", props);
}

static void setup(void) { start("epoch=951782399"); }    /* 2000-02-28 23:59:59, a Monday */
static void teardown(void) { bench_free(b); }

static uint8_t get(uint8_t reg)
{
    out8(b, 0x70, reg);
    return in8(b, 0x71);
}

static void set(uint8_t reg, uint8_t v)
{
    out8(b, 0x70, reg);
    out8(b, 0x71, v);
}

static void is_date(uint32_t ymd, uint32_t hms)          /* BCD: 0x20000228, 0x235959 */
{
    ck_assert_uint_eq(get(0x32) << 24 | get(9) << 16 | get(8) << 8 | get(7), ymd);
    ck_assert_uint_eq(get(4) << 16 | get(2) << 8 | get(0), hms);
}

START_TEST(the_calendar_knows_leap_years)
{
    is_date(0x20000228, 0x235959);
    ck_assert_uint_eq(get(6), 2);
    step(b, SECOND);
    is_date(0x20000229, 0x000000);
    ck_assert_uint_eq(get(6), 3);
    step(b, 86400 * SECOND);
    is_date(0x20000301, 0x000000);
    step(b, 306 * 86400 * SECOND);
    is_date(0x20010101, 0x000000);
}
END_TEST

START_TEST(binary_and_12_hours)
{
    set(0x0b, 0x84);                    /* SET, binary, 12 h */
    set(0, 59); set(2, 59); set(4, 0x80 | 11); set(7, 31); set(8, 12); set(9, 99); set(0x32, 0x19);
    set(6, 7);
    set(0x0b, 0x04);
    step(b, SECOND);
    ck_assert_uint_eq(get(4), 12);      /* midnight is 12 am */
    ck_assert_uint_eq(get(9), 0);
    ck_assert_uint_eq(get(0x32), 0x20);
    ck_assert_uint_eq(get(6), 1);
    step(b, 12 * 3600 * SECOND);
    ck_assert_uint_eq(get(4), 0x80 | 12);
}
END_TEST

START_TEST(set_stops_the_update)
{
    set(0x0b, 0x82);
    step(b, 10 * SECOND);
    is_date(0x20000228, 0x235959);
    set(0x0b, 0x02);
    step(b, SECOND);
    is_date(0x20000229, 0x000000);
}
END_TEST

START_TEST(uip_warns_before_the_update)
{
    ck_assert_uint_eq(get(0x0a), 0x26);
    step(b, SECOND - 2228001);
    ck_assert_uint_eq(get(0x0a), 0x26);
    step(b, 1);
    ck_assert_uint_eq(get(0x0a), 0xa6);
    step(b, 2228000);
    ck_assert_uint_eq(get(0x0a), 0x26);
    set(0x0b, 0x82);
    step(b, SECOND - 1);
    ck_assert_uint_eq(get(0x0a), 0x26);
}
END_TEST

START_TEST(the_periodic_interrupt_is_acknowledged_by_reading_c)
{
    set(0x0a, 0x26); set(0x0b, 0x42);   /* 1024 Hz */
    step(b, 976562);
    ck_assert(!wire(b, 8));
    step(b, 1);
    ck_assert(wire(b, 8));
    ck_assert_uint_eq(get(0x0c), 0xc0);
    ck_assert(!wire(b, 8));
    ck_assert_uint_eq(get(0x0c), 0x00);
    unsigned before = rises(b, 8);
    for (unsigned n = 0; n < 10240; n++) {          /* 10 s: no drift */
        step(b, 976562);
        get(0x0c);
    }
    step(b, 10240 / 2);
    get(0x0c);
    ck_assert_uint_eq(rises(b, 8) - before, 10240);
    step(b, 1000 * SECOND - vclock_now(machine_clock(b->m)) - 1);
    get(0x0c);
    step(b, 1);
    ck_assert(wire(b, 8));
}
END_TEST

START_TEST(the_alarm_comes_at_its_time_and_takes_wildcards)
{
    set(1, 0x05); set(3, 0xc0); set(5, 0xff);
    set(0x0b, 0x22);
    step(b, 5 * SECOND);
    ck_assert(!wire(b, 8));
    step(b, SECOND);
    ck_assert(wire(b, 8));
    ck_assert_uint_eq(get(0x0c), 0xf0);
    step(b, 60 * SECOND - 1);
    ck_assert(!wire(b, 8));
    step(b, 1);
    ck_assert(wire(b, 8));
}
END_TEST

START_TEST(flags_are_set_without_enables_too)
{
    set(1, 0x30); set(3, 0x10); set(5, 0x00);
    step(b, 3600 * SECOND);
    ck_assert_uint_eq(get(0x0c), 0x70);
    ck_assert_uint_eq(rises(b, 8), 0);
    set(0x0b, 0x12);
    step(b, SECOND);
    ck_assert_uint_eq(get(0x0c), 0xd0);
    set(0x0b, 0x92);                    /* SET clears UIE */
    ck_assert_uint_eq(get(0x0b), 0x82);
}
END_TEST

START_TEST(the_divider_restarts_half_a_second_before_an_update)
{
    set(0x0a, 0x76);
    step(b, 5 * SECOND);
    is_date(0x20000228, 0x235959);
    ck_assert_uint_eq(get(0x0c) & 0x50, 0);
    set(0x0a, 0x26);
    step(b, SECOND / 2 - 1);
    is_date(0x20000228, 0x235959);
    step(b, 1);
    is_date(0x20000229, 0x000000);
}
END_TEST

START_TEST(reset_keeps_time_and_ram)
{
    set(0x40, 0x77); set(0x0b, 0x72);
    step(b, 3 * SECOND);
    bench_reset(b, RESET_HARD);
    ck_assert_uint_eq(get(0x0b), 0x02);
    ck_assert_uint_eq(get(0x40), 0x77);
    ck_assert(!wire(b, 8));
    is_date(0x20000229, 0x000002);
    ck_assert_uint_eq(get(0x0d), 0x80);
    set(0x0d, 0);
    ck_assert_uint_eq(get(0x0d), 0x80);
    out8(b, 0x72, 0x05); out8(b, 0x73, 0x99);
    ck_assert_uint_eq(in8(b, 0x73), 0x99);
    ck_assert_uint_eq(mc146818_get(b->dev, 0x85), 0x99);
}
END_TEST

START_TEST(the_board_describes_itself)
{
    struct cmos_config c = { .ram_below_4g = 128u << 20, .ram_above_4g = 3u << 16,
                             .floppy = { CMOS_FD_1440K, CMOS_FD_NONE },
                             .disk[0] = { true, 1023, 16, 63 },
                             .boot = { CMOS_BOOT_DISK, CMOS_BOOT_FLOPPY, CMOS_BOOT_CD } };
    unsigned sum = 0;

    mc146818_configure(b->dev, &c);
    ck_assert_uint_eq(get(0x10), 0x40);
    ck_assert_uint_eq(get(0x12), 0xf0);
    ck_assert_uint_eq(get(0x14), 0x07);
    ck_assert_uint_eq(get(0x15) | get(0x16) << 8, 640);
    ck_assert_uint_eq(get(0x17) | get(0x18) << 8, 0xfc00);
    ck_assert_uint_eq(get(0x34) | get(0x35) << 8, 112 * 16);
    ck_assert_uint_eq(get(0x5b), 3);
    ck_assert_uint_eq(get(0x3d), 0x12);
    ck_assert_uint_eq(get(0x38), 0x30);
    ck_assert_uint_eq(get(0x1b) | get(0x1c) << 8, 1023);
    for (unsigned i = 0x10; i <= 0x2d; i++)
        sum += get(i);
    ck_assert_uint_eq(get(0x2e) << 8 | get(0x2f), sum);
}
END_TEST

START_TEST(dates_are_read_or_explained)
{
    struct vm_error e;
    uint64_t t;

    ck_assert_int_eq(mc146818_parse_date("2006-06-17T16:01:21", &t, &e), 0);
    ck_assert_uint_eq(t, 1150560081);
    ck_assert_int_eq(mc146818_parse_date("2000-02-29", &t, &e), 0);
    ck_assert_uint_eq(t, 951782400);
    ck_assert_int_lt(mc146818_parse_date("2001-02-29", &t, &e), 0);
    ck_assert_int_lt(mc146818_parse_date("2006-06-17T16:01", &t, &e), 0);
    ck_assert_int_lt(mc146818_parse_date("utc", &t, &e), 0);
    ck_assert_str_ne(e.text, "");
}
END_TEST

START_TEST(garbage_in_the_registers_does_no_harm)
{
    for (unsigned v = 0; v < 256; v += 5) {
        for (unsigned reg = 0; reg < 10; reg++)
            set(reg, v + reg);
        set(0x32, v);
        step(b, 40 * 86400 * SECOND);
        get(0x0c);
    }
}
END_TEST

START_TEST(state_survives_a_snapshot)
{
    set(0x0a, 0x2a); set(0x0b, 0x72); set(0x33, 1); out8(b, 0x72, 9); out8(b, 0x73, 8);
    step(b, 1234567890);
    bench_snap_roundtrip(b);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("mc146818");
    TCase *t = tcase_create("mc146818");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, the_calendar_knows_leap_years);
    tcase_add_test(t, binary_and_12_hours);
    tcase_add_test(t, set_stops_the_update);
    tcase_add_test(t, uip_warns_before_the_update);
    tcase_add_test(t, the_periodic_interrupt_is_acknowledged_by_reading_c);
    tcase_add_test(t, the_alarm_comes_at_its_time_and_takes_wildcards);
    tcase_add_test(t, flags_are_set_without_enables_too);
    tcase_add_test(t, the_divider_restarts_half_a_second_before_an_update);
    tcase_add_test(t, reset_keeps_time_and_ram);
    tcase_add_test(t, the_board_describes_itself);
    tcase_add_test(t, dates_are_read_or_explained);
    tcase_add_test(t, garbage_in_the_registers_does_no_harm);
    tcase_add_test(t, state_survives_a_snapshot);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
