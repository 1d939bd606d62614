/* test_i8042.c - keyboard controller, keyboard and mouse, as a driver sees them. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/core/input.h"
#include "tests/dev/bench.h"
#include <check.h>

#define MS 1000000ll

static struct bench *b;
static struct input *in;

static void command(uint8_t v) { out8(b, 0x64, v); }
static void data(uint8_t v) { out8(b, 0x60, v); }
static uint8_t status(void) { return in8(b, 0x64); }

/* The next byte, as a driver waits for it; 0x100: none within 30 ms. */
static unsigned next(void)
{
    for (unsigned n = 0; n < 300 && !(status() & 1); n++)
        step(b, MS / 10);
    return status() & 1 ? in8(b, 0x60) : 0x100;
}

#define EXPECT(...) expect((const uint16_t[]){ __VA_ARGS__, 0x100 })
static void expect(const uint16_t *want)                 /* these bytes, then silence */
{
    do
        ck_assert_uint_eq(next(), *want);
    while (*want++ != 0x100);
}

static void command_byte(uint8_t v)
{
    command(0x60);
    data(v);
}

static void mouse(uint8_t v)
{
    command(0xd4);
    data(v);
}

static void press(enum input_key k)
{
    ck_assert(input_key(in, k, true));
    ck_assert(input_key(in, k, false));
}

static void setup(void)
{
    b = bench_new("i8042", NULL);
    in = machine_input(b->m);
    while (next() != 0x100)
        ;                               /* AA of the keyboard, AA 00 of the mouse */
    command_byte(0x43);                 /* translation, IRQ 1 and 12 */
}

static void teardown(void) { bench_free(b); }

START_TEST(both_devices_report_their_self_test)
{
    bench_reset(b, RESET_HARD);
    ck_assert_uint_eq(status(), 0x18);
    EXPECT(0xaa, 0xaa, 0x00);
}
END_TEST

START_TEST(the_controller_tests_itself_and_its_interfaces)
{
    command(0xaa);
    ck_assert_uint_eq(status() & 0x05, 0x05);
    ck_assert_uint_eq(in8(b, 0x60), 0x55);
    command(0xab);
    EXPECT(0x00);
    command(0xa9);
    EXPECT(0x00);
    command(0xa4);
    EXPECT(0xf1);
    command(0x20);
    EXPECT(0x47);
    command(0xa7); command(0xad); command(0x20);
    EXPECT(0x77);
    command(0xe0);
    EXPECT(0x00);
    command(0x6a); data(0x5b); command(0x2a);
    EXPECT(0x5b);
}
END_TEST

START_TEST(a20_and_reset_hang_on_the_output_port)
{
    ck_assert(wire_named(b, "a20"));
    command(0xd1); data(0xdd);
    ck_assert(!wire_named(b, "a20"));
    command(0xd0);
    ck_assert_uint_eq(in8(b, 0x60), 0xcd);
    command(0xdf);
    ck_assert(wire_named(b, "a20"));
    command(0xdd);
    ck_assert(!wire_named(b, "a20"));
    ck_assert(!wire_named(b, "reset"));
}
END_TEST

static unsigned resets;
static void see_a20(void *self, unsigned pin, bool level) { (void)self; (void)pin; (void)level; }
static void see_reset(void *self, unsigned pin, bool level)
{
    (void)self;
    (void)pin;
    resets += level;
}

START_TEST(reset_is_pulsed)
{
    struct machine_options o = { .gpa_bits = 32, .name = "m" };
    struct machine *m;

    resets = 0;
    ck_assert_int_eq(machine_new(&m, &o, NULL), 0);
    ck_assert_int_eq(machine_publish_wire(m, "a20", see_a20, NULL, 0, NULL), 0);
    ck_assert_int_eq(machine_publish_wire(m, "reset", see_reset, NULL, 0, NULL), 0);
    ck_assert_int_eq(machine_add_device(m, "i8042", NULL, NULL, NULL, NULL), 0);
    machine_reset(m, RESET_POWER_ON);
    mem_write(machine_ports(m), 0x64, 0xfe, 1);
    ck_assert_uint_eq(resets, 1);
    mem_write(machine_ports(m), 0x64, 0xff, 1);     /* pulses nothing */
    ck_assert_uint_eq(resets, 1);
    mem_write(machine_ports(m), 0x64, 0xd1, 1);
    mem_write(machine_ports(m), 0x60, 0xfe, 1);
    ck_assert_uint_eq(resets, 2);
    machine_free(m);
}
END_TEST

START_TEST(keys_arrive_translated_with_an_interrupt_each)
{
    unsigned before = rises(b, 1);

    press(KEY_A);
    EXPECT(0x1e, 0x9e);
    ck_assert_uint_eq(rises(b, 1) - before, 2);
    press(KEY_DELETE);
    EXPECT(0xe0, 0x53, 0xe0, 0xd3);
    press(KEY_F7);
    EXPECT(0x41, 0xc1);
    press(KEY_PAUSE);
    EXPECT(0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5);
    press(KEY_PRINT);
    EXPECT(0xe0, 0x2a, 0xe0, 0x37, 0xe0, 0xb7, 0xe0, 0xaa);
    command_byte(0x03);
    press(KEY_A);
    EXPECT(0x1c, 0xf0, 0x1c);
    press(KEY_RIGHT);
    EXPECT(0xe0, 0x74, 0xe0, 0xf0, 0x74);
}
END_TEST

START_TEST(a_byte_stays_readable_until_the_next_one)
{
    press(KEY_B);
    step(b, MS);
    ck_assert(wire(b, 1));
    ck_assert_uint_eq(in8(b, 0x60), 0x30);
    ck_assert(!wire(b, 1));
    ck_assert_uint_eq(in8(b, 0x60), 0x30);
    EXPECT(0xb0);
}
END_TEST

START_TEST(set_1_and_set_3)
{
    command_byte(0x03);
    data(0xf0); EXPECT(0xfa); data(1); EXPECT(0xfa);
    press(KEY_DELETE);
    EXPECT(0xe0, 0x53, 0xe0, 0xd3);
    data(0xf0); EXPECT(0xfa); data(3); EXPECT(0xfa);
    data(0xf0); EXPECT(0xfa); data(0); EXPECT(0xfa, 0x03);
    press(KEY_A);
    EXPECT(0x1c);
    press(KEY_SHIFT);
    EXPECT(0x12, 0xf0, 0x12);
    data(0xfc); EXPECT(0xfa); data(0x1c); EXPECT(0xfa);  /* A: make and break */
    data(0xf4); EXPECT(0xfa);
    press(KEY_A);
    EXPECT(0x1c, 0xf0, 0x1c);
}
END_TEST

START_TEST(the_keyboard_answers_its_commands)
{
    command_byte(0x03);
    data(0xee); EXPECT(0xee);
    data(0xf2); EXPECT(0xfa, 0xab, 0x83);
    command_byte(0x43);
    data(0xf2); EXPECT(0xfa, 0xab, 0x41);
    data(0xed); EXPECT(0xfa); data(0x05); EXPECT(0xfa);
    ck_assert_uint_eq(in->leds, INPUT_LED_SCROLL | INPUT_LED_CAPS);
    data(0xfe); EXPECT(0xfa);
    data(0x00); EXPECT(0xfe);
    data(0xff); EXPECT(0xfa, 0xaa);
    ck_assert_uint_eq(in->leds, 0);
    data(0xf5); EXPECT(0xfa);
    press(KEY_A);
    ck_assert_uint_eq(next(), 0x100);
}
END_TEST

START_TEST(a_held_key_repeats_at_the_typematic_rate)
{
    data(0xf3); EXPECT(0xfa); data(0x00); EXPECT(0xfa);  /* 250 ms, 30 a second */
    input_key(in, KEY_X, true);
    ck_assert_uint_eq(next(), 0x2d);
    step(b, 245 * MS);
    ck_assert_uint_eq(status() & 1, 0);
    ck_assert_uint_eq(next(), 0x2d);
    unsigned before = rises(b, 1);
    for (unsigned n = 0; n < 1000; n++) {
        if (status() & 1)
            in8(b, 0x60);
        step(b, MS);
    }
    ck_assert_uint_ge(rises(b, 1) - before, 29);
    ck_assert_uint_le(rises(b, 1) - before, 30);
    input_key(in, KEY_X, true);         /* the host's own repetition changes nothing */
    input_key(in, KEY_X, false);
    while (next() != 0xad)
        ;
    ck_assert_uint_eq(next(), 0x100);
}
END_TEST

START_TEST(a_full_keyboard_asks_the_host_to_wait)
{
    unsigned n = 0;

    command(0xad);
    while (input_key(in, KEY_A, true) && input_key(in, KEY_A, false))
        ck_assert_uint_lt(n++, 16);
    command(0xae);
    EXPECT(0x1e, 0x9e, 0x1e, 0x9e, 0x1e, 0x9e, 0x1e, 0x9e, 0x1e, 0x9e, 0x1e);
    ck_assert(input_key(in, KEY_A, false));
    EXPECT(0x9e);
}
END_TEST

START_TEST(the_mouse_reports_motion_and_buttons)
{
    unsigned before = rises(b, 12);

    input_motion(in, 5, 5, 0, 0);
    ck_assert_uint_eq(next(), 0x100);   /* not enabled yet */
    mouse(0xf4); EXPECT(0xfa);
    input_motion(in, 3, -2, 1, INPUT_LEFT);
    EXPECT(0x09, 3, 2);
    ck_assert_uint_eq(rises(b, 12) - before, 4);
    input_motion(in, -300, 1, 0, 0);
    EXPECT(0x38, 0x01, 0xff, 0x18, 0xd3, 0x00);
    ck_assert_uint_eq(status() & 0x20, 0);
}
END_TEST

static void knock(uint8_t a, uint8_t c, uint8_t d)
{
    const uint8_t rate[3] = { a, c, d };

    for (unsigned n = 0; n < 3; n++) {
        mouse(0xf3); EXPECT(0xfa); mouse(rate[n]); EXPECT(0xfa);
    }
}

START_TEST(knocking_turns_on_wheel_and_buttons)
{
    mouse(0xf2); EXPECT(0xfa, 0x00);
    knock(200, 100, 80);
    mouse(0xf2); EXPECT(0xfa, 0x03);
    mouse(0xf4); EXPECT(0xfa);
    input_motion(in, 0, 0, -1, INPUT_MIDDLE);
    EXPECT(0x0c, 0, 0, 0xff);
    knock(200, 200, 80);
    mouse(0xf2); EXPECT(0xfa, 0x04);
    input_motion(in, 0, 0, 2, INPUT_SIDE);
    EXPECT(0x08, 0, 0, 0x12);
    mouse(0xff); EXPECT(0xfa, 0xaa, 0x00);
    mouse(0xf2); EXPECT(0xfa, 0x00);
}
END_TEST

START_TEST(mouse_modes_status_and_errors)
{
    mouse(0xe8); EXPECT(0xfa); mouse(0x03); EXPECT(0xfa);
    mouse(0xe7); EXPECT(0xfa);
    mouse(0xe9); EXPECT(0xfa, 0x10, 0x03, 100);
    mouse(0xf0); EXPECT(0xfa);
    input_motion(in, 4, 0, 0, INPUT_RIGHT);
    ck_assert_uint_eq(next(), 0x100);
    mouse(0xeb); EXPECT(0xfa, 0x0a, 4, 0);
    mouse(0xee); EXPECT(0xfa);
    mouse(0x77); EXPECT(0x77);
    mouse(0xec); EXPECT(0xfa);
    mouse(0x44); EXPECT(0xfe);
    mouse(0x44); EXPECT(0xfc);
    mouse(0xf3); EXPECT(0xfa); mouse(33); EXPECT(0xfe);
    mouse(40); EXPECT(0xfa);
    mouse(0xea); EXPECT(0xfa); mouse(0xf4); EXPECT(0xfa);
    input_motion(in, 5, 0, 0, 0);       /* 2:1 in stream mode */
    EXPECT(0x08, 9, 0);
}
END_TEST

START_TEST(reports_keep_the_sample_rate)
{
    unsigned bytes = 0;

    mouse(0xf3); EXPECT(0xfa); mouse(20); EXPECT(0xfa); mouse(0xf4); EXPECT(0xfa);
    for (unsigned n = 0; n < 1000; n++) {
        input_motion(in, 1, 0, 0, 0);
        step(b, MS);
        if (status() & 1) {
            in8(b, 0x60);
            bytes++;
        }
    }
    ck_assert_uint_ge(bytes, 57);
    ck_assert_uint_le(bytes, 60);
}
END_TEST

START_TEST(bytes_can_be_put_into_the_output_buffer)
{
    command(0xd2); data(0x42);
    ck_assert(wire(b, 1));
    EXPECT(0x42);
    command(0xd3); data(0x43);
    ck_assert(wire(b, 12));
    ck_assert_uint_eq(status() & 0x21, 0x21);
    EXPECT(0x43);
}
END_TEST

START_TEST(state_survives_a_snapshot)
{
    data(0xf3); next(); data(0x11); next(); data(0xed); next(); data(0x02); next();
    knock(200, 100, 80);
    mouse(0xf4); next(); mouse(0xe7); next();
    input_key(in, KEY_Q, true);
    press(KEY_HOME);
    input_motion(in, 700, -400, 3, INPUT_LEFT);
    step(b, MS);
    command(0xd1);
    bench_snap_roundtrip(b);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("i8042");
    TCase *t = tcase_create("i8042");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, both_devices_report_their_self_test);
    tcase_add_test(t, the_controller_tests_itself_and_its_interfaces);
    tcase_add_test(t, a20_and_reset_hang_on_the_output_port);
    tcase_add_test(t, reset_is_pulsed);
    tcase_add_test(t, keys_arrive_translated_with_an_interrupt_each);
    tcase_add_test(t, a_byte_stays_readable_until_the_next_one);
    tcase_add_test(t, set_1_and_set_3);
    tcase_add_test(t, the_keyboard_answers_its_commands);
    tcase_add_test(t, a_held_key_repeats_at_the_typematic_rate);
    tcase_add_test(t, a_full_keyboard_asks_the_host_to_wait);
    tcase_add_test(t, the_mouse_reports_motion_and_buttons);
    tcase_add_test(t, knocking_turns_on_wheel_and_buttons);
    tcase_add_test(t, mouse_modes_status_and_errors);
    tcase_add_test(t, reports_keep_the_sample_rate);
    tcase_add_test(t, bytes_can_be_put_into_the_output_buffer);
    tcase_add_test(t, state_survives_a_snapshot);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
