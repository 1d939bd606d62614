/* test_i8259.c - the interrupt controller pair, request by request. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/dev/i8259.h"
#include "tests/dev/bench.h"
#include <check.h>

static struct bench *b;
static struct irq_line line[16];

static void lines(bool on)
{
    for (unsigned n = 0; n < 16; n++) {
        if (on)
            ck_assert_int_eq(machine_share_irq(b->m, &line[n], n, NULL), 0);
        else
            irq_set(&line[n], false);
    }
}

static void program(uint8_t icw1, uint8_t master_icw4, uint8_t slave_icw4)
{
    out8(b, 0x20, icw1); out8(b, 0x21, 0x08); out8(b, 0x21, 0x04);
    if (icw1 & 1)
        out8(b, 0x21, master_icw4);
    out8(b, 0xa0, icw1); out8(b, 0xa1, 0x70); out8(b, 0xa1, 0x02);
    if (icw1 & 1)
        out8(b, 0xa1, slave_icw4);
}

static void setup(void)
{
    b = bench_new("i8259", NULL);
    for (unsigned n = 0; n < 16; n++)
        line[n] = (struct irq_line){ .name = "test" };
    lines(true);
    program(0x11, 0x01, 0x01);
}

static void teardown(void) { bench_free(b); }

static bool intr(void) { return wire_named(b, "cpu-intr"); }
static int inta(void) { return machine_intack(b->m); }
static void raise(unsigned n) { irq_set(&line[n], false); irq_set(&line[n], true); }

START_TEST(nothing_is_requested_before_initialization)
{
    bench_reset(b, RESET_HARD);
    raise(3);
    ck_assert(!intr());
}
END_TEST

START_TEST(the_highest_priority_is_served_first)
{
    raise(5); raise(3);
    ck_assert(intr());
    ck_assert_int_eq(inta(), 0x0b);
    ck_assert(!intr());
    raise(1);
    ck_assert_int_eq(inta(), 0x09);
    out8(b, 0x20, 0x20); out8(b, 0x20, 0x20);
    ck_assert(intr());
    ck_assert_int_eq(inta(), 0x0d);
}
END_TEST

START_TEST(the_slave_comes_through_ir2)
{
    raise(12);
    ck_assert(intr());
    ck_assert_int_eq(inta(), 0x74);
    out8(b, 0x20, 0x0b);
    ck_assert_uint_eq(in8(b, 0x20), 0x04);
    out8(b, 0xa0, 0x0b);
    ck_assert_uint_eq(in8(b, 0xa0), 0x10);
    raise(9);                           /* higher on the slave, but IR2 is in service */
    ck_assert(!intr());
    out8(b, 0x20, 0x20);
    ck_assert(intr());
    ck_assert_int_eq(inta(), 0x71);
}
END_TEST

START_TEST(special_fully_nested_lets_the_slave_in_again)
{
    program(0x11, 0x11, 0x01);
    raise(12);
    ck_assert_int_eq(inta(), 0x74);
    raise(9);
    ck_assert(intr());
    ck_assert_int_eq(inta(), 0x71);
    raise(3);                           /* lower than IR2 all the same */
    ck_assert(!intr());
    raise(0);
    ck_assert_int_eq(inta(), 0x08);
    raise(8);                           /* and IR0 in service stays above it */
    ck_assert(!intr());
}
END_TEST

START_TEST(an_edge_counts_once_and_a_withdrawn_one_not_at_all)
{
    raise(4);
    ck_assert_int_eq(inta(), 0x0c);
    out8(b, 0x20, 0x64);
    ck_assert(!intr());                 /* still high, no new edge */
    raise(4);
    ck_assert(intr());
    irq_set(&line[4], false);
    ck_assert(!intr());
    ck_assert_int_eq(inta(), 0x0f);     /* spurious: IR7, nothing in service */
    out8(b, 0x20, 0x0b);
    ck_assert_uint_eq(in8(b, 0x20), 0x00);
}
END_TEST

START_TEST(a_level_line_asks_until_it_falls)
{
    out8(b, 0x4d0, 0xff); out8(b, 0x4d1, 0xff);
    ck_assert_uint_eq(in8(b, 0x4d0), 0xf8);
    ck_assert_uint_eq(in8(b, 0x4d1), 0xde);
    raise(11);
    ck_assert_int_eq(inta(), 0x73);
    out8(b, 0xa0, 0x20); out8(b, 0x20, 0x20);
    ck_assert(intr());
    irq_set(&line[11], false);
    ck_assert(!intr());
}
END_TEST

START_TEST(masks_hide_but_remember)
{
    out8(b, 0x21, 0x10);
    raise(4);
    ck_assert(!intr());
    ck_assert_uint_eq(in8(b, 0x20), 0x10);
    ck_assert_uint_eq(in8(b, 0x21), 0x10);
    out8(b, 0x21, 0x00);
    ck_assert(intr());
}
END_TEST

START_TEST(special_mask_mode_opens_lower_levels)
{
    raise(1);
    inta();
    raise(6);
    ck_assert(!intr());
    out8(b, 0x21, 0x02); out8(b, 0x20, 0x68);
    ck_assert(intr());
    ck_assert_int_eq(inta(), 0x0e);
    out8(b, 0x20, 0x20);                /* non-specific: not the masked one */
    out8(b, 0x20, 0x0b);
    ck_assert_uint_eq(in8(b, 0x20), 0x02);
    out8(b, 0x20, 0x48);
    raise(7);
    ck_assert(!intr());
}
END_TEST

START_TEST(priorities_rotate)
{
    out8(b, 0x20, 0xc4);                /* IR4 lowest: 5 6 7 0 1 2 3 4 */
    raise(0); raise(5);
    ck_assert_int_eq(inta(), 0x0d);
    out8(b, 0x20, 0xa0);                /* EOI and rotate: IR5 lowest */
    ck_assert_int_eq(inta(), 0x08);
    raise(6);
    ck_assert(intr());
    ck_assert_int_eq(inta(), 0x0e);
    out8(b, 0x20, 0xe0);                /* specific: IR0 ends and is lowest */
    out8(b, 0x20, 0x0b);
    ck_assert_uint_eq(in8(b, 0x20), 0x40);
    raise(1);
    ck_assert(intr());                  /* 1 is highest now, above 6 */
}
END_TEST

START_TEST(automatic_eoi_leaves_nothing_in_service)
{
    program(0x11, 0x03, 0x03);
    out8(b, 0x20, 0x80);                /* rotate in AEOI mode */
    raise(3); raise(5);
    ck_assert_int_eq(inta(), 0x0b);
    raise(3);
    ck_assert_int_eq(inta(), 0x0d);
    ck_assert_int_eq(inta(), 0x0b);
    raise(8); raise(15);                /* both on the slave: a new edge for each */
    ck_assert_int_eq(inta(), 0x70);
    ck_assert(intr());
    ck_assert_int_eq(inta(), 0x77);
    ck_assert(!intr());
}
END_TEST

START_TEST(poll_acknowledges)
{
    raise(13);
    out8(b, 0x20, 0x0c);
    ck_assert_uint_eq(in8(b, 0x20), 0x82);
    out8(b, 0xa0, 0x0c);
    ck_assert_uint_eq(in8(b, 0xa0), 0x85);
    out8(b, 0xa0, 0x0c);
    ck_assert_uint_eq(in8(b, 0xa1), 0x00);
    out8(b, 0x20, 0x0b); out8(b, 0xa0, 0x0b);
    ck_assert_uint_eq(in8(b, 0x20), 0x04);
    ck_assert_uint_eq(in8(b, 0xa0), 0x20);
    ck_assert(!intr());
}
END_TEST

START_TEST(icw1_forgets_edges_and_masks)
{
    raise(4);
    out8(b, 0x21, 0x55);
    out8(b, 0x20, 0x13); out8(b, 0x21, 0x20);       /* single: no ICW3 */
    ck_assert(!intr());
    out8(b, 0x21, 0x01);
    ck_assert_uint_eq(in8(b, 0x21), 0x00);
    ck_assert(!intr());
    raise(4);
    ck_assert_int_eq(inta(), 0x24);
}
END_TEST

START_TEST(without_icw4_the_vector_is_a_call_address)
{
    program(0x14, 0, 0);
    out8(b, 0x20, 0xf4); out8(b, 0x21, 0x08); out8(b, 0x21, 0x04);
    raise(3);
    ck_assert_int_eq(inta(), 0xe0 | 3 << 2);
}
END_TEST

START_TEST(ir0_waits_on_a_wire_of_its_own)
{
    const struct irq_line *w = i8259_ir0_waiting(b->dev);

    raise(0);
    ck_assert(w->level);
    inta();
    ck_assert(!w->level);
    raise(0);
    ck_assert(w->level);                /* requested again while in service */
    out8(b, 0x21, 0x01);
    ck_assert(!w->level);
}
END_TEST

START_TEST(state_survives_a_snapshot)
{
    program(0x11, 0x11, 0x03);
    out8(b, 0x4d0, 0x08); out8(b, 0x20, 0xc2); out8(b, 0x21, 0x40); out8(b, 0xa1, 0x01);
    raise(4);
    inta();
    lines(false);
    out8(b, 0xa0, 0x0b); out8(b, 0x20, 0x68); out8(b, 0xa0, 0x80);
    bench_snap_roundtrip(b);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("i8259");
    TCase *t = tcase_create("i8259");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, nothing_is_requested_before_initialization);
    tcase_add_test(t, the_highest_priority_is_served_first);
    tcase_add_test(t, the_slave_comes_through_ir2);
    tcase_add_test(t, special_fully_nested_lets_the_slave_in_again);
    tcase_add_test(t, an_edge_counts_once_and_a_withdrawn_one_not_at_all);
    tcase_add_test(t, a_level_line_asks_until_it_falls);
    tcase_add_test(t, masks_hide_but_remember);
    tcase_add_test(t, special_mask_mode_opens_lower_levels);
    tcase_add_test(t, priorities_rotate);
    tcase_add_test(t, automatic_eoi_leaves_nothing_in_service);
    tcase_add_test(t, poll_acknowledges);
    tcase_add_test(t, icw1_forgets_edges_and_masks);
    tcase_add_test(t, without_icw4_the_vector_is_a_call_address);
    tcase_add_test(t, ir0_waits_on_a_wire_of_its_own);
    tcase_add_test(t, state_survives_a_snapshot);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
