/* test_uart16550.c - the serial port: FIFOs, interrupts by priority, loopback, timing. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/core/backend.h"
#include "tests/dev/bench.h"
#include <check.h>
#include <string.h>

enum { P = 0x3f8, LINE = 4 };

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

static void start(const char *props)
{
    memset(&host, 0, sizeof host);
    host.room = sizeof host.text;
    chr = (struct chr){ .ops = &host_ops };
    b = bench_begin();
    bench_backend(b, PROP_CHR, "c", &chr);
    bench_add(b, "uart16550", props);
    bench_power_on(b);
    out8(b, P + 3, 0x03);               /* 8N1 */
    out8(b, P + 4, 0x08);               /* OUT2 */
}

static void setup(void) { start("chardev=c"); }
static void teardown(void) { bench_free(b); }

static void type(const char *s) { chr.rx(chr.dev, (const uint8_t *)s, strlen(s)); }

static void divisor(uint16_t d)
{
    uint8_t lcr = in8(b, P + 3);

    out8(b, P + 3, lcr | 0x80);
    out8(b, P, d & 0xff);
    out8(b, P + 1, d >> 8);
    out8(b, P + 3, lcr);
}

START_TEST(reset_state_and_scratch)
{
    ck_assert_uint_eq(in8(b, P + 2), 0x01);
    ck_assert_uint_eq(in8(b, P + 5), 0x60);
    ck_assert_uint_eq(in8(b, P + 6), 0xb0);
    out8(b, P + 7, 0x5a);
    ck_assert_uint_eq(in8(b, P + 7), 0x5a);
    divisor(0x1234);
    out8(b, P + 3, 0x83);
    ck_assert_uint_eq(in8(b, P), 0x34);
    ck_assert_uint_eq(in8(b, P + 1), 0x12);
}
END_TEST

START_TEST(a_byte_goes_out_and_thre_asks_for_more)
{
    out8(b, P + 1, 0x02);
    ck_assert(wire(b, LINE));           /* enabled while empty */
    ck_assert_uint_eq(in8(b, P + 2), 0x02);
    ck_assert(!wire(b, LINE));          /* reading IIR took it */
    out8(b, P, 'A');
    ck_assert_int_eq(host.text[0], 'A');
    ck_assert(wire(b, LINE));
    out8(b, P + 4, 0x00);
    ck_assert(!wire(b, LINE));          /* OUT2 is the gate */
}
END_TEST

START_TEST(a_full_back_end_loses_nothing)
{
    host.room = 2;
    out8(b, P + 2, 0x01);
    for (char c = 'a'; c <= 'h'; c++)
        out8(b, P, c);
    ck_assert_uint_eq(host.n, 2);
    ck_assert_uint_eq(in8(b, P + 5) & 0x60, 0);
    host.room = 3;
    step(b, 1000000);
    ck_assert_uint_eq(host.n, 5);
    host.room = 99;
    step(b, 1000000);
    ck_assert_uint_eq(in8(b, P + 5) & 0x60, 0x60);
    ck_assert_mem_eq(host.text, "abcdefgh", 8);
}
END_TEST

START_TEST(received_bytes_interrupt_at_the_trigger_level)
{
    out8(b, P + 2, 0x41);               /* FIFOs, 4 bytes */
    out8(b, P + 1, 0x01);
    ck_assert_uint_eq(chr.rx_room(chr.dev), 16);
    type("abc");
    ck_assert(!wire(b, LINE));
    type("d");
    ck_assert(wire(b, LINE));
    ck_assert_uint_eq(in8(b, P + 2), 0xc4);
    ck_assert_uint_eq(in8(b, P), 'a');
    ck_assert(!wire(b, LINE));
    divisor(1);
    ck_assert_uint_eq(in8(b, P), 'b');
    step(b, 347000);                    /* 4 characters at 115200 are 347.2 us */
    ck_assert(!wire(b, LINE));
    step(b, 1000);
    ck_assert_uint_eq(in8(b, P + 2), 0xcc);
    ck_assert_uint_eq(in8(b, P), 'c');
    ck_assert(!wire(b, LINE));
}
END_TEST

START_TEST(input_waits_for_rts_or_for_the_interrupt)
{
    out8(b, P + 4, 0x09);               /* OUT2, DTR: a console that only writes */
    ck_assert_uint_eq(chr.rx_room(chr.dev), 0);
    out8(b, P + 4, 0x0b);
    ck_assert_uint_eq(chr.rx_room(chr.dev), 1);
    out8(b, P + 4, 0x08);
    ck_assert_uint_eq(chr.rx_room(chr.dev), 0);
    out8(b, P + 1, 0x01);
    ck_assert_uint_eq(chr.rx_room(chr.dev), 1);
}
END_TEST

START_TEST(without_fifos_there_is_room_for_one_byte)
{
    out8(b, P + 1, 0x01);
    ck_assert_uint_eq(chr.rx_room(chr.dev), 1);
    type("x");
    ck_assert_uint_eq(chr.rx_room(chr.dev), 0);
    ck_assert_uint_eq(in8(b, P + 2), 0x04);
    ck_assert_uint_eq(in8(b, P + 5), 0x61);
    ck_assert_uint_eq(in8(b, P), 'x');
    ck_assert_uint_eq(in8(b, P), 'x');  /* the register keeps it */
    ck_assert_uint_eq(chr.rx_room(chr.dev), 1);
}
END_TEST

START_TEST(loopback_connects_modem_lines_and_data)
{
    out8(b, P + 4, 0x1a);               /* LOOP, OUT2, RTS */
    ck_assert_uint_eq(in8(b, P + 6), 0x90 | 0x02);
    ck_assert_uint_eq(in8(b, P + 6), 0x90);
    out8(b, P + 1, 0x08);
    out8(b, P + 4, 0x1f);
    ck_assert_uint_eq(in8(b, P + 2), 0x00);
    ck_assert_uint_eq(in8(b, P + 6), 0xf2);
    out8(b, P + 4, 0x1b);               /* RI falls: TERI */
    ck_assert_uint_eq(in8(b, P + 6), 0xb4);
    out8(b, P, 'q');
    ck_assert_uint_eq(host.n, 0);
    ck_assert_uint_eq(in8(b, P), 'q');
    out8(b, P + 3, 0x00);               /* 5 bits */
    out8(b, P, 0xff);
    ck_assert_uint_eq(in8(b, P), 0x1f);
}
END_TEST

START_TEST(priorities_and_errors)
{
    out8(b, P + 4, 0x18);
    in8(b, P + 6);
    out8(b, P + 1, 0x0f);
    out8(b, P, '1');
    out8(b, P, '2');                    /* overrun: no FIFO */
    out8(b, P + 4, 0x1a);               /* CTS changes */
    ck_assert_uint_eq(in8(b, P + 2), 0x06);
    ck_assert_uint_eq(in8(b, P + 5), 0x63);
    ck_assert_uint_eq(in8(b, P + 2), 0x04);
    ck_assert_uint_eq(in8(b, P), '2');
    ck_assert_uint_eq(in8(b, P + 2), 0x02);
    ck_assert_uint_eq(in8(b, P + 2), 0x00);
    in8(b, P + 6);
    ck_assert_uint_eq(in8(b, P + 2), 0x01);
    ck_assert(!wire(b, LINE));
}
END_TEST

START_TEST(a_break_shows_when_its_byte_is_next)
{
    out8(b, P + 2, 0x01);
    out8(b, P + 4, 0x18);
    out8(b, P, 'a');
    out8(b, P + 3, 0x43);
    ck_assert_uint_eq(in8(b, P + 5), 0xe1);         /* an error is somewhere in the FIFO */
    in8(b, P);
    ck_assert_uint_eq(in8(b, P + 5), 0xf1);
    ck_assert_uint_eq(in8(b, P + 5), 0x61);
}
END_TEST

START_TEST(timed_bytes_take_their_time)
{
    teardown();
    start("chardev=c,timed=on");
    divisor(12);                        /* 9600 8N1: 1041.666 us a byte */
    out8(b, P + 2, 0x01);
    out8(b, P + 1, 0x02);
    in8(b, P + 2);
    out8(b, P, 'a');
    ck_assert_uint_eq(in8(b, P + 5), 0x20);         /* holding empty, shifting */
    ck_assert(wire(b, LINE));
    out8(b, P, 'b');
    step(b, 1041000);
    ck_assert_uint_eq(host.n, 0);
    step(b, 1000);
    ck_assert_uint_eq(host.n, 1);
    step(b, 1042000);
    ck_assert_uint_eq(host.n, 2);
    ck_assert_uint_eq(in8(b, P + 5), 0x60);
}
END_TEST

START_TEST(state_survives_a_snapshot)
{
    host.room = 0;
    divisor(0x102);
    out8(b, P + 2, 0x81); out8(b, P + 1, 0x0f); out8(b, P + 4, 0x0b); out8(b, P + 7, 7);
    type("hello");
    in8(b, P);
    out8(b, P, 'x'); out8(b, P, 'y');
    bench_snap_roundtrip(b);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("uart16550");
    TCase *t = tcase_create("uart16550");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, reset_state_and_scratch);
    tcase_add_test(t, a_byte_goes_out_and_thre_asks_for_more);
    tcase_add_test(t, a_full_back_end_loses_nothing);
    tcase_add_test(t, received_bytes_interrupt_at_the_trigger_level);
    tcase_add_test(t, input_waits_for_rts_or_for_the_interrupt);
    tcase_add_test(t, without_fifos_there_is_room_for_one_byte);
    tcase_add_test(t, loopback_connects_modem_lines_and_data);
    tcase_add_test(t, priorities_and_errors);
    tcase_add_test(t, a_break_shows_when_its_byte_is_next);
    tcase_add_test(t, timed_bytes_take_their_time);
    tcase_add_test(t, state_survives_a_snapshot);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
