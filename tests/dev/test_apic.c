/* test_apic.c - local and I/O APIC: priorities, timer, virtual wire, level-triggered lines. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/dev/apic.h"
#include "tests/dev/bench.h"
#include <check.h>
#include <stdlib.h>

#define LAPIC  0xfee00000u
#define IOAPIC 0xfec00000u

static struct bench *b;
static struct device *lapic, *io;

static void to_lapic(void *self, const struct apic_message *m) { lapic_message(self, m); }
static void to_ioapic(void *self, uint8_t vector) { ioapic_eoi(self, vector); }

static void setup(void)
{
    b = bench_begin();
    io = bench_add(b, "ioapic", NULL);
    lapic = bench_add(b, "lapic", NULL);
    ioapic_on_message(io, to_lapic, lapic);
    lapic_on_eoi(lapic, to_ioapic, io);
    bench_power_on(b);
}

static void teardown(void) { bench_free(b); }

static uint32_t lr(unsigned off) { return rd32(b, LAPIC + off); }
static void lw(unsigned off, uint32_t v) { wr32(b, LAPIC + off, v); }
static void enable(void) { lw(0xf0, 0x1ff); }
static bool intr(void) { return wire_named(b, "lapic-intr"); }
static void self_ipi(uint8_t vector) { lw(0x300, 0x40000u | vector); }

static void redirect(unsigned pin, uint32_t low, uint8_t dest)
{
    wr32(b, IOAPIC, 0x11 + 2 * pin);
    wr32(b, IOAPIC + 0x10, (uint32_t)dest << 24);
    wr32(b, IOAPIC, 0x10 + 2 * pin);
    wr32(b, IOAPIC + 0x10, low);
}

static uint32_t redirection(unsigned pin)
{
    wr32(b, IOAPIC, 0x10 + 2 * pin);
    return rd32(b, IOAPIC + 0x10);
}

START_TEST(out_of_reset_the_pic_and_nmi_go_straight_through)
{
    ck_assert_uint_eq(lr(0xf0), 0xff);
    ck_assert_uint_eq(lr(0x30) & 0xff, 0x14);
    lapic_lint(lapic, 0, true);
    ck_assert(intr());
    ck_assert_int_eq(lapic_intack(lapic), -1);
    lapic_lint(lapic, 0, false);
    ck_assert(!intr());
    lapic_lint(lapic, 1, true);
    ck_assert(wire_named(b, "lapic-nmi"));
}
END_TEST

START_TEST(a_masked_lint0_stops_the_pic_and_a_dead_apic_lets_it_through)
{
    enable();
    lw(0x350, 0x10700);
    lapic_lint(lapic, 0, true);
    ck_assert(!intr());
    lapic_set_base(lapic, LAPIC, false);
    ck_assert(intr());
    ck_assert_uint_eq(lr(0xf0), 0xffffffff);
}
END_TEST

START_TEST(self_ipis_nest_by_priority)
{
    enable();
    self_ipi(0x41);
    ck_assert(intr());
    ck_assert_int_eq(lapic_intack(lapic), 0x41);
    ck_assert_uint_eq(lr(0xa0), 0x40);
    self_ipi(0x42);                             /* same class: waits */
    ck_assert(!intr());
    self_ipi(0x61);
    ck_assert(intr());
    ck_assert_int_eq(lapic_intack(lapic), 0x61);
    lw(0xb0, 0);
    ck_assert(!intr());
    ck_assert_uint_eq(lr(0x100 + 0x20), 2);     /* 41h is in service */
    lw(0xb0, 0);
    ck_assert(intr());
    ck_assert_int_eq(lapic_intack(lapic), 0x42);
}
END_TEST

START_TEST(tpr_holds_back_and_a_vanished_request_is_spurious)
{
    enable();
    lw(0x80, 0x50);
    self_ipi(0x51);
    ck_assert(!intr());
    lw(0x80, 0x4f);
    ck_assert(intr());
    lw(0x80, 0x60);
    ck_assert_int_eq(lapic_intack(lapic), 0xff);
    ck_assert_uint_eq(lr(0x120), 0);
}
END_TEST

START_TEST(software_disable_masks_the_lvt_and_takes_no_interrupts)
{
    enable();
    lw(0x320, 0x30);
    lw(0xf0, 0xff);
    ck_assert_uint_eq(lr(0x320), 0x10030);
    self_ipi(0x41);
    ck_assert(!intr());
}
END_TEST

START_TEST(illegal_vectors_and_registers_are_in_the_error_register)
{
    enable();
    lw(0x370, 0xfe);
    self_ipi(3);
    ck_assert_uint_eq(lr(0x280), 0);
    lw(0x280, 0);
    ck_assert_uint_eq(lr(0x280), 0x20);
    ck_assert_int_eq(lapic_intack(lapic), 0xfe);
    lr(0x3f0);
    lw(0x280, 0);
    ck_assert_uint_eq(lr(0x280), 0x80);
}
END_TEST

START_TEST(one_shot_counts_down_at_the_divided_bus_clock)
{
    enable();
    lw(0x3e0, 0x3);                             /* by 16: 160 ns a tick */
    lw(0x320, 0x31);
    lw(0x380, 1000);
    step(b, 160 * 400);
    ck_assert_uint_eq(lr(0x390), 600);
    lw(0x3e0, 0x0);                             /* by 2, from where it is */
    step(b, 20 * 599);
    ck_assert_uint_eq(lr(0x390), 1);
    ck_assert(!intr());
    step(b, 20);
    ck_assert_int_eq(lapic_intack(lapic), 0x31);
    ck_assert_uint_eq(lr(0x390), 0);
    lw(0xb0, 0);
    step(b, 1000000);
    ck_assert(!intr());
}
END_TEST

START_TEST(periodic_fires_every_period_without_drift)
{
    enable();
    lw(0x3e0, 0xb);
    lw(0x320, 0x20032);
    lw(0x380, 100000);                          /* 1 ms */
    for (unsigned i = 0; i < 5; i++) {
        step(b, 999999);
        ck_assert(!intr());
        step(b, 1);
        ck_assert_int_eq(lapic_intack(lapic), 0x32);
        lw(0xb0, 0);
    }
    lw(0x380, 1);                               /* 10 ns: must not choke the host */
    step(b, 1000000);
    ck_assert_int_eq(lapic_intack(lapic), 0x32);
    lw(0x380, 0);
    ck_assert(vclock_next(machine_clock(b->m)) == VTIME_NEVER);
}
END_TEST

static void raise_irq(struct irq_line *l, unsigned irq, bool level)
{
    if (!l->set)
        ck_assert_int_eq(machine_share_irq(b->m, l, irq, NULL), 0);
    irq_set(l, level);
}

START_TEST(an_edge_arrives_once_and_is_lost_when_masked)
{
    static struct irq_line l;           /* outlives the machine */

    enable();
    raise_irq(&l, 0, true);                     /* masked: pin 2 */
    raise_irq(&l, 0, false);
    redirect(2, 0x51, 0);
    ck_assert(!intr());
    raise_irq(&l, 0, true);
    ck_assert_int_eq(lapic_intack(lapic), 0x51);
    lw(0xb0, 0);
    ck_assert(!intr());
}
END_TEST

START_TEST(a_level_comes_again_after_eoi_while_asserted)
{
    static struct irq_line l;           /* outlives the machine */

    enable();
    redirect(11, 0x8000 | 0x61, 0);
    raise_irq(&l, 11, true);
    ck_assert_int_eq(lapic_intack(lapic), 0x61);
    ck_assert_uint_eq(redirection(11), 0x4000 | 0x8000 | 0x61);
    ck_assert_uint_eq(lr(0x180 + 0x30), 2);
    ck_assert(!intr());
    lw(0xb0, 0);
    ck_assert(intr());
    ck_assert_int_eq(lapic_intack(lapic), 0x61);
    raise_irq(&l, 11, false);
    lw(0xb0, 0);
    ck_assert(!intr());
    ck_assert_uint_eq(redirection(11), 0x8000 | 0x61);
}
END_TEST

START_TEST(logical_destinations_match_by_set)
{
    static struct irq_line l;           /* outlives the machine */

    enable();
    lw(0xd0, 0x02000000);
    redirect(5, 0x800 | 0x71, 0x01);
    raise_irq(&l, 5, true);
    ck_assert(!intr());
    raise_irq(&l, 5, false);
    redirect(5, 0x800 | 0x100 | 0x71, 0x03);    /* lowest priority, both */
    raise_irq(&l, 5, true);
    ck_assert_int_eq(lapic_intack(lapic), 0x71);
}
END_TEST

START_TEST(version_and_id_read_as_the_chip)
{
    wr32(b, IOAPIC, 1);
    ck_assert_uint_eq(rd32(b, IOAPIC + 0x10), 0x170011);
    wr32(b, IOAPIC, 0);
    wr32(b, IOAPIC + 0x10, 0xffffffff);
    ck_assert_uint_eq(rd32(b, IOAPIC + 0x10), 0x0f000000);
    wr32(b, IOAPIC, 0xff);
    wr32(b, IOAPIC + 0x10, 0xffffffff);
    ck_assert_uint_eq(rd32(b, IOAPIC + 0x10), 0);
}
END_TEST

START_TEST(the_base_moves_and_is_in_the_snapshot)
{
    lapic_set_base(lapic, 0x200000, true);
    ck_assert_uint_eq(rd32(b, 0x200000 + 0xf0), 0xff);
    wr32(b, 0x200000 + 0xf0, 0x1ff);
    wr32(b, 0x200000 + 0x3e0, 0xb);
    wr32(b, 0x200000 + 0x320, 0x20032);
    wr32(b, 0x200000 + 0x380, 100000);
    wr32(b, 0x200000 + 0x300, 0x40041);
    wr32(b, 0x200000 + 0x300, 0x40081);
    lapic_intack(lapic);
    step(b, 1500000);
    bench_snap_roundtrip(b);
}
END_TEST

/* Seed 3. Whatever a guest writes and wherever, every register can be read and time passes. */
START_TEST(random_traffic_is_harmless)
{
    srand(3);
    for (unsigned i = 0; i < 200000; i++) {
        uint32_t base = rand() % 4 ? LAPIC : IOAPIC, off = rand() % 1024, v = (uint32_t)rand() << 1;
        if (rand() % 2)
            wr32(b, base + (off & ~3u), rand() % 2 ? v : v & 0x1ff);
        else
            rd8(b, base + off);
        if (intr())
            lapic_intack(lapic);
        if (rand() % 16 == 0)
            step(b, rand() % 100000);
    }
    bench_reset(b, RESET_HARD);
    ck_assert_uint_eq(lr(0xf0), 0xff);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("apic");
    TCase *tc = tcase_create("apic");

    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, out_of_reset_the_pic_and_nmi_go_straight_through);
    tcase_add_test(tc, a_masked_lint0_stops_the_pic_and_a_dead_apic_lets_it_through);
    tcase_add_test(tc, self_ipis_nest_by_priority);
    tcase_add_test(tc, tpr_holds_back_and_a_vanished_request_is_spurious);
    tcase_add_test(tc, software_disable_masks_the_lvt_and_takes_no_interrupts);
    tcase_add_test(tc, illegal_vectors_and_registers_are_in_the_error_register);
    tcase_add_test(tc, one_shot_counts_down_at_the_divided_bus_clock);
    tcase_add_test(tc, periodic_fires_every_period_without_drift);
    tcase_add_test(tc, an_edge_arrives_once_and_is_lost_when_masked);
    tcase_add_test(tc, a_level_comes_again_after_eoi_while_asserted);
    tcase_add_test(tc, logical_destinations_match_by_set);
    tcase_add_test(tc, version_and_id_read_as_the_chip);
    tcase_add_test(tc, the_base_moves_and_is_in_the_snapshot);
    tcase_add_test(tc, random_traffic_is_harmless);
    suite_add_tcase(s, tc);
    SRunner *sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed != 0;
}
