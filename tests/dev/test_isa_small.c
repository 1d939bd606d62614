/* test_isa_small.c - ports 61h and 92h, the parallel port, debug console and debug exit. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/core/backend.h"
#include "tests/dev/bench.h"
#include <check.h>
#include <string.h>

static struct bench *b;
static struct { char text[256]; size_t n, room; } host;

static size_t host_write(void *self, const uint8_t *p, size_t n)
{
    (void)self;
    n = n < host.room ? n : host.room;
    memcpy(host.text + host.n, p, n);
    host.n += n;
    host.room -= n;
    return n;
}

static const struct chr_ops host_ops = { .write = host_write };
static struct chr chr;

static void start(const char *cls, const char *props)
{
    memset(&host, 0, sizeof host);
    host.room = sizeof host.text;
    chr = (struct chr){ .ops = &host_ops };
    b = bench_begin();
    bench_backend(b, PROP_CHR, "c", &chr);
    bench_add(b, cls, props);
    bench_power_on(b);
}

START_TEST(port_92_drives_a20)
{
    start("port92", NULL);
    ck_assert_uint_eq(in8(b, 0x92), 0);
    ck_assert(!wire_named(b, "a20"));
    out8(b, 0x92, 0xfe);
    ck_assert(wire_named(b, "a20"));
    ck_assert_uint_eq(in8(b, 0x92), 0xee);
    out8(b, 0x92, 0x42);
    bench_snap_roundtrip(b);
    bench_reset(b, RESET_HARD);
    ck_assert(!wire_named(b, "a20"));
    bench_free(b);
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

START_TEST(port_92_pulses_reset_when_bit_0_rises)
{
    struct machine_options o = { .gpa_bits = 32, .name = "m" };
    struct machine *m;

    resets = 0;
    ck_assert_int_eq(machine_new(&m, &o, NULL), 0);
    ck_assert_int_eq(machine_publish_wire(m, "a20", see_a20, NULL, 0, NULL), 0);
    ck_assert_int_eq(machine_publish_wire(m, "reset", see_reset, NULL, 0, NULL), 0);
    ck_assert_int_eq(machine_add_device(m, "port92", NULL, NULL, NULL, NULL), 0);
    machine_reset(m, RESET_POWER_ON);
    mem_write(machine_ports(m), 0x92, 1, 1);
    ck_assert_uint_eq(resets, 1);
    mem_write(machine_ports(m), 0x92, 3, 1);
    ck_assert_uint_eq(resets, 1);
    mem_write(machine_ports(m), 0x92, 0, 1);
    mem_write(machine_ports(m), 0x92, 1, 1);
    ck_assert_uint_eq(resets, 2);
    machine_free(m);
}
END_TEST

START_TEST(port_61_gates_the_timer_and_shows_refresh)
{
    b = bench_begin();
    bench_add(b, "i8254", NULL);
    bench_add(b, "pcspk", NULL);
    bench_power_on(b);
    out8(b, 0x43, 0xb0); out8(b, 0x42, 10); out8(b, 0x42, 0);
    step(b, 100000);
    ck_assert_uint_eq(in8(b, 0x61) & 0xef, 0x00);   /* gate closed: not counting */
    out8(b, 0x61, 0xff);
    ck_assert_uint_eq(in8(b, 0x61) & 0xef, 0x0f);
    step(b, 100000);
    ck_assert_uint_eq(in8(b, 0x61) & 0xef, 0x2f);
    unsigned toggles = 0;
    for (unsigned n = 0; n < 1000; n++) {
        uint8_t before = in8(b, 0x61);
        step(b, 15085);
        toggles += (before ^ in8(b, 0x61)) >> 4 & 1;
    }
    ck_assert_uint_eq(toggles, 1000);
    bench_snap_roundtrip(b);
    bench_free(b);
}
END_TEST

START_TEST(a_speaker_port_needs_its_timer)
{
    struct vm_error e;

    b = bench_begin();
    ck_assert_int_eq(machine_add_device(b->m, "pcspk", NULL, NULL, NULL, &e), VM_ENOENT);
    ck_assert_ptr_nonnull(strstr(e.text, "i8254"));
    machine_free(b->m);
}
END_TEST

static void print(char c)
{
    out8(b, 0x378, c);
    out8(b, 0x37a, 0x1d);
    out8(b, 0x37a, 0x1c);
}

START_TEST(the_printer_prints_and_acknowledges)
{
    start("lpt", "chardev=c");
    ck_assert_uint_eq(in8(b, 0x379), 0xdf);
    print('h');
    ck_assert_uint_eq(in8(b, 0x379) & 0x80, 0);
    print('?');                         /* busy: not taken */
    ck_assert(!wire(b, 7));
    step(b, 5000);
    ck_assert_uint_eq(host.n, 1);
    ck_assert(wire(b, 7));
    ck_assert_uint_eq(in8(b, 0x379) & 0x80, 0x80);
    ck_assert(!wire(b, 7));
    host.room = 0;
    print('i');
    step(b, 3000000);
    ck_assert_uint_eq(in8(b, 0x379) & 0x80, 0);
    bench_snap_roundtrip(b);
    host.room = 9;
    step(b, 3000000);
    ck_assert_mem_eq(host.text, "hi", 2);
    ck_assert_uint_eq(in8(b, 0x378), 'i');
    out8(b, 0x37a, 0x2c);
    ck_assert_uint_eq(in8(b, 0x378), 0xff);
    ck_assert_uint_eq(in8(b, 0x37a), 0xec);
    bench_free(b);
}
END_TEST

START_TEST(nobody_plugged_in_floats)
{
    start("lpt", "iobase=0x278,irq=5");
    ck_assert_uint_eq(in8(b, 0x279), 0xff);
    out8(b, 0x27a, 0x1d);
    step(b, 10000);
    ck_assert(!wire(b, 5));
    bench_free(b);
}
END_TEST

START_TEST(the_debug_console_keeps_what_the_back_end_cannot_take)
{
    start("isa-debugcon", "chardev=c");
    ck_assert_uint_eq(in8(b, 0xe9), 0xe9);
    host.room = 2;
    for (const char *p = "debug"; *p; p++)
        out8(b, 0xe9, *p);
    ck_assert_uint_eq(host.n, 2);
    bench_snap_roundtrip(b);
    host.room = 99;
    step(b, 1000000);
    ck_assert_mem_eq(host.text, "debug", 5);
    for (unsigned n = 0; n < 5000; n++)
        out8(b, 0xe9, 'x');
    ck_assert_uint_eq(host.n, 5 + 96);
    bench_free(b);
    start("isa-debugcon", "iobase=0x402,chardev=c");
    out8(b, 0x402, 'y');
    ck_assert_uint_eq(host.n, 1);
    bench_free(b);
}
END_TEST

static uint16_t exit_port;
static uint32_t exit_value;
static unsigned exit_size;

static enum exec_stop write_exit_port(void *m, int64_t max)
{
    (void)max;
    mem_write(machine_ports(m), exit_port, exit_value, exit_size);
    return EXEC_BUDGET;
}

static uint64_t no_insns(void *self) { (void)self; return 0; }
static void no_kick(void *self) { (void)self; }
static void no_reset(void *self, enum reset_kind k) { (void)self; (void)k; }

START_TEST(the_debug_exit_ends_the_run_with_its_status)
{
    static const struct exec_ops ops = { .run = write_exit_port, .insns = no_insns,
                                         .kick = no_kick, .reset = no_reset };
    struct machine_run_options o = { .icount_shift = 0 };
    struct machine_end end;

    start("isa-debug-exit", "iobase=0xf4,iosize=0x04");
    exit_port = 0xf4;
    exit_value = 0x10;
    exit_size = 4;
    machine_set_executor(b->m, &ops, b->m);
    machine_run(b->m, &o, &end);
    ck_assert_int_eq(end.why, END_QUIT);
    ck_assert_int_eq(end.status, 33);
    ck_assert_uint_eq(in8(b, 0xf4), 0);
    bench_free(b);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("isa_small");
    TCase *t = tcase_create("isa_small");

    tcase_add_test(t, port_92_drives_a20);
    tcase_add_test(t, port_92_pulses_reset_when_bit_0_rises);
    tcase_add_test(t, port_61_gates_the_timer_and_shows_refresh);
    tcase_add_test(t, a_speaker_port_needs_its_timer);
    tcase_add_test(t, the_printer_prints_and_acknowledges);
    tcase_add_test(t, nobody_plugged_in_floats);
    tcase_add_test(t, the_debug_console_keeps_what_the_back_end_cannot_take);
    tcase_add_test(t, the_debug_exit_ends_the_run_with_its_status);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
