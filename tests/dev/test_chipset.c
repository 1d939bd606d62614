/* test_chipset.c - 82441FX, PIIX3 and PIIX4 power management on the bench. */
/* SPDX-License-Identifier: MIT */
#include "tests/dev/bench.h"
#include "tests/dev/disks.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { HOST = 0, ISA = 1 << 3, PM = 1 << 3 | 3, PMBA = 0xb000, SMBBA = 0xb100 };

/* ---- host bridge ---------------------------------------------------------------------------- */

static uint8_t rom_image[0x40000] __attribute__((aligned(4096)));

static struct bench *host_bridge(struct mem_region *rom)
{
    struct bench *b = bench_new("i440fx", NULL);

    memset(rom_image, 0x5a, sizeof rom_image);
    *rom = (struct mem_region){ .name = "rom", .kind = MEM_ROM, .size = sizeof rom_image,
                                .host = rom_image };
    mem_add(machine_pci_mem(b->m), rom, 0xc0000, 0);
    return b;
}

START_TEST(host_bridge_has_the_ids_and_a_locked_identity)
{
    struct bench *b = bench_new("i440fx", NULL);

    ck_assert_uint_eq(cfg_rd(b, HOST, 0, 4), 0x12378086);
    ck_assert_uint_eq(cfg_rd(b, HOST, 8, 4), 0x06000002);
    cfg_wr(b, HOST, 0, 4, 0);
    ck_assert_uint_eq(cfg_rd(b, HOST, 0, 4), 0x12378086);
    ck_assert_uint_eq(cfg_rd(b, HOST, 0x72, 1), 0x02);
    bench_free(b);
}
END_TEST

/* Window w of 0..15 (16 KiB from C0000) has its two attribute bits in this register and shift. */
static void set_pam(struct bench *b, unsigned w, unsigned attr)
{
    unsigned reg = w >= 12 ? 0x59 : 0x5a + w / 2, shift = w >= 12 || w % 2 ? 4 : 0;
    unsigned old = cfg_rd(b, HOST, reg, 1);

    cfg_wr(b, HOST, reg, 1, (old & ~(3u << shift)) | attr << shift);
}

START_TEST(every_pam_field_picks_ram_or_rom_for_its_16k)
{
    struct mem_region rom;
    struct bench *b = host_bridge(&rom);
    uint64_t at = 0xc0000 + (uint64_t)_i * 0x4000;

    wr8(b, at, 0x11);
    ck_assert_uint_eq(rd8(b, at), 0x5a);                 /* ROM, write ignored */
    set_pam(b, _i, 3);
    ck_assert_uint_eq(rd8(b, at), 0x00);
    wr8(b, at, 0x22);
    wr32(b, at + 0x3ffc, 0x44332211);
    ck_assert_uint_eq(rd8(b, at), 0x22);
    set_pam(b, _i, 1);                                   /* read RAM, ignore writes */
    wr8(b, at, 0x33);
    ck_assert_uint_eq(rd8(b, at), 0x22);
    set_pam(b, _i, 2);                                   /* read ROM, write RAM */
    wr8(b, at, 0x44);
    ck_assert_uint_eq(rd8(b, at), 0x5a);
    ck_assert_uint_eq(rd32(b, at + 0x3ffc), 0x5a5a5a5a);
    set_pam(b, _i, 3);
    ck_assert_uint_eq(rd8(b, at), 0x44);
    ck_assert_uint_eq(rd32(b, at + 0x3ffc), 0x44332211);
    set_pam(b, _i, 0);
    ck_assert_uint_eq(rd8(b, at), 0x5a);
    for (unsigned w = 0; w < 12; w++)                    /* no neighbour was touched */
        if (w != (unsigned)_i)
            ck_assert_uint_eq(rd8(b, 0xc0000 + w * 0x4000), 0x5a);
    bench_free(b);
}
END_TEST

START_TEST(shadow_copy_in_write_only_mode_copies_the_rom_onto_itself)
{
    struct mem_region rom;
    struct bench *b = host_bridge(&rom);

    for (unsigned i = 0; i < 0x10000; i++)
        rom_image[0x30000 + i] = i * 7 >> 3;
    set_pam(b, 12, 2);
    for (unsigned i = 0; i < 0x10000; i += 4)
        wr32(b, 0xf0000 + i, rd32(b, 0xf0000 + i));
    set_pam(b, 12, 1);
    memset(rom_image, 0, sizeof rom_image);
    for (unsigned i = 0; i < 0x10000; i++)
        ck_assert_uint_eq(rd8(b, 0xf0000 + i), (i * 7 >> 3) & 0xff);
    bench_free(b);
}
END_TEST

START_TEST(smram_is_open_until_it_is_locked)
{
    struct bench *b = bench_new("i440fx", NULL);

    ck_assert_uint_eq(rd8(b, 0xa0000), 0xff);
    cfg_wr(b, HOST, 0x72, 1, 0x4a);
    wr8(b, 0xa0000, 0x77);
    ck_assert_uint_eq(rd8(b, 0xa0000), 0x77);
    cfg_wr(b, HOST, 0x72, 1, 0x1a);
    ck_assert_uint_eq(rd8(b, 0xa0000), 0xff);
    cfg_wr(b, HOST, 0x72, 1, 0x4a);                      /* D_LCK holds */
    ck_assert_uint_eq(rd8(b, 0xa0000), 0xff);
    ck_assert_uint_eq(cfg_rd(b, HOST, 0x72, 1), 0x1a);
    bench_reset(b, RESET_HARD);
    cfg_wr(b, HOST, 0x72, 1, 0x4a);
    ck_assert_uint_eq(rd8(b, 0xa0000), 0x77);
    bench_free(b);
}
END_TEST

START_TEST(host_bridge_state_survives_a_snapshot)
{
    struct bench *b = bench_new("i440fx", NULL);

    set_pam(b, 12, 3);
    set_pam(b, 5, 1);
    cfg_wr(b, HOST, 0x72, 1, 0x1a);
    bench_snap_roundtrip(b);
    bench_free(b);
}
END_TEST

/* ---- ISA bridge ----------------------------------------------------------------------------- */

START_TEST(pirq_wires_are_steered_to_isa_lines)
{
    struct bench *b = bench_new("piix3", NULL);
    struct irq_line *a = pci_pirq(machine_pci(b->m), 0), *d = pci_pirq(machine_pci(b->m), 3);

    ck_assert_uint_eq(cfg_rd(b, ISA, 0, 4), 0x70008086);
    ck_assert_uint_eq(cfg_rd(b, ISA, 0x0e, 1), 0x80);
    irq_set(a, true);
    for (unsigned i = 0; i < 16; i++)
        ck_assert(!wire(b, i));                          /* not routed after reset */
    cfg_wr(b, ISA, 0x60, 1, 11);
    ck_assert(wire(b, 11));
    cfg_wr(b, ISA, 0x63, 1, 11);
    irq_set(d, true);
    irq_set(a, false);
    ck_assert(wire(b, 11));                              /* the OR of both */
    cfg_wr(b, ISA, 0x63, 1, 10);
    ck_assert(!wire(b, 11) && wire(b, 10));
    cfg_wr(b, ISA, 0x63, 1, 0x8a);
    ck_assert(!wire(b, 10));
    cfg_wr(b, ISA, 0x63, 1, 0);                          /* IRQ 0 is no target */
    ck_assert(!wire(b, 0));
    cfg_wr(b, ISA, 0x63, 1, 5);
    irq_set(d, false);
    bench_snap_roundtrip(b);
    bench_free(b);
}
END_TEST

START_TEST(reset_control_drives_the_cpus_reset_without_srst)
{
    struct bench *b = bench_new("piix3", NULL);

    out8(b, 0xcf9, 0x04);
    ck_assert(wire_named(b, "reset"));
    ck_assert_uint_eq(in8(b, 0xcf9), 0x04);
    out8(b, 0xcf9, 0x00);
    ck_assert(!wire_named(b, "reset"));
    out8(b, 0xcf9, 0x02);
    ck_assert(!wire_named(b, "reset"));
    bench_free(b);
}
END_TEST

/* What the run loop ends with: an executor that does nothing, and no reboot. */
static enum exec_stop exec_idle(void *self, int64_t max_insns)
{
    (void)self, (void)max_insns;
    return EXEC_HALT;
}

static uint64_t exec_insns(void *self)
{
    (void)self;
    return 0;
}

static void exec_kick(void *self)
{
    (void)self;
}

static void exec_reset(void *self, enum reset_kind k)
{
    (void)self, (void)k;
}

static enum machine_end_why run_to_end(struct bench *b)
{
    static const struct exec_ops ops = { .run = exec_idle, .insns = exec_insns, .kick = exec_kick,
                                         .reset = exec_reset };
    struct machine_run_options o = { .icount_shift = 0, .no_reboot = true };
    struct machine_end end;

    machine_set_executor(b->m, &ops, NULL);
    machine_run(b->m, &o, &end);
    return end.why;
}

START_TEST(reset_control_with_srst_asks_for_a_machine_reset)
{
    struct bench *b = bench_new("piix3", NULL);

    out8(b, 0xcf9, 0x02);
    out8(b, 0xcf9, 0x06);
    ck_assert(!wire_named(b, "reset"));
    ck_assert_int_eq(run_to_end(b), END_RESET);
    bench_free(b);
}
END_TEST

/* ---- power management ----------------------------------------------------------------------- */

static struct bench *power(void)
{
    struct bench *b = bench_new("acpi_pm", NULL);

    cfg_wr(b, PM, 0x40, 4, PMBA);
    cfg_wr(b, PM, 0x80, 1, 1);
    return b;
}

START_TEST(pm_registers_appear_where_pmba_says)
{
    struct bench *b = bench_new("acpi_pm", NULL);

    ck_assert_uint_eq(cfg_rd(b, PM, 0, 4), 0x71138086);
    ck_assert_uint_eq(in16(b, PMBA), 0xffff);
    cfg_wr(b, PM, 0x40, 4, PMBA);
    ck_assert_uint_eq(cfg_rd(b, PM, 0x40, 4), PMBA | 1);
    ck_assert_uint_eq(in16(b, PMBA), 0xffff);
    cfg_wr(b, PM, 0x80, 1, 1);
    ck_assert_uint_eq(in16(b, PMBA), 0x0000);
    cfg_wr(b, PM, 0x40, 4, PMBA + 0x40);
    ck_assert_uint_eq(in16(b, PMBA), 0xffff);
    ck_assert_uint_eq(in16(b, PMBA + 0x40), 0x0000);
    bench_free(b);
}
END_TEST

START_TEST(pm_timer_counts_3579545_hz_in_24_bits)
{
    struct bench *b = power();

    step(b, 1000000000);
    ck_assert_uint_eq(in32(b, PMBA + 8), 3579545);
    step(b, 4000000000);
    ck_assert_uint_eq(in32(b, PMBA + 8), 5u * 3579545 % 0x1000000);
    out32(b, PMBA + 8, 0);
    ck_assert_uint_eq(in32(b, PMBA + 8), 5u * 3579545 % 0x1000000);
    bench_free(b);
}
END_TEST

START_TEST(timer_carry_sets_status_and_raises_the_sci)
{
    struct bench *b = power();
    const vtime_t half = 0x800000ll * 1000000000 / 3579545 + 1;

    out16(b, PMBA + 2, 1);
    step(b, half - 2);
    ck_assert_uint_eq(in16(b, PMBA), 0);
    step(b, 2);
    ck_assert(!wire(b, 9));                              /* SCI_EN is clear */
    ck_assert_uint_eq(in16(b, PMBA), 1);
    out8(b, 0xb2, 0xf1);
    ck_assert_uint_eq(in16(b, PMBA + 4), 1);
    ck_assert(wire(b, 9));
    out16(b, PMBA, 1);
    ck_assert(!wire(b, 9));
    ck_assert_uint_eq(in16(b, PMBA), 0);
    step(b, half);
    ck_assert(wire(b, 9));
    out8(b, 0xb2, 0xf0);
    ck_assert(!wire(b, 9));
    bench_snap_roundtrip(b);
    bench_free(b);
}
END_TEST

START_TEST(carry_wakes_nobody_when_it_is_disabled_but_is_seen)
{
    struct bench *b = power();

    step(b, 10000000000);
    ck_assert_uint_eq(in16(b, PMBA), 1);
    bench_snap_roundtrip(b);
    bench_free(b);
}
END_TEST

START_TEST(power_button_is_an_edge_and_an_sci)
{
    struct bench *b = power();
    struct irq_line button = { 0 };
    struct vm_error e;

    ck_assert_int_eq(machine_connect_wire(b->m, "power-button", &button, &e), VM_OK);
    out8(b, 0xb2, 0xf1);
    out16(b, PMBA + 2, 0x0100);
    irq_set(&button, true);
    ck_assert(wire(b, 9));
    ck_assert_uint_eq(in16(b, PMBA), 0x0100);
    out16(b, PMBA, 0x0100);
    ck_assert(!wire(b, 9));
    irq_announce(&button);                               /* the same press, told again */
    ck_assert_uint_eq(in16(b, PMBA), 0);
    irq_set(&button, false);
    ck_assert_uint_eq(in16(b, PMBA), 0);
    irq_set(&button, true);
    ck_assert(wire(b, 9));
    bench_free(b);
}
END_TEST

START_TEST(soft_off_ends_the_machine)
{
    struct bench *b = power();

    out16(b, PMBA + 4, 0x2001);                          /* SUS_EN, SUS_TYP 0 */
    ck_assert_uint_eq(in16(b, PMBA + 4), 0x0001);        /* SUS_EN reads 0 */
    ck_assert_int_eq(run_to_end(b), END_POWEROFF);
    bench_free(b);
}
END_TEST

START_TEST(other_sleep_states_wake_at_once)
{
    struct bench *b = power();

    out16(b, PMBA + 4, 0x2401);
    ck_assert_uint_eq(in16(b, PMBA), 0x8000);
    out16(b, PMBA, 0x8000);
    ck_assert_uint_eq(in16(b, PMBA), 0);
    bench_free(b);
}
END_TEST

START_TEST(smbus_has_no_device)
{
    struct bench *b = power();

    cfg_wr(b, PM, 0x90, 4, SMBBA);
    cfg_wr(b, PM, 0xd2, 1, 1);
    out8(b, SMBBA + 4, 0xa1);
    out8(b, SMBBA + 2, 0x48);
    ck_assert_uint_eq(in8(b, SMBBA), 0x04);
    out8(b, SMBBA, 0x1e);
    ck_assert_uint_eq(in8(b, SMBBA), 0x00);
    ck_assert_uint_eq(in8(b, SMBBA + 4), 0xa1);
    bench_snap_roundtrip(b);
    bench_free(b);
}
END_TEST

/* Any access at any place does no harm. Seed 440. */
START_TEST(random_traffic_is_survived)
{
    struct bench *b = bench_begin();
    uint64_t r = 440;

    bench_add(b, "i440fx", NULL);
    bench_add(b, "piix3", NULL);
    bench_add(b, "acpi_pm", NULL);
    bench_power_on(b);
    for (unsigned i = 0; i < 50000; i++) {
        static const uint8_t fn[4] = { HOST, ISA, PM, PM };
        unsigned size;

        r = r * 6364136223846793005u + 1442695040888963407u;
        size = 1u << (r >> 20) % 3;
        if (r >> 63)
            cfg_wr(b, fn[r >> 40 & 3], (r >> 32 & 0xff) & ~(size - 1), size, r >> 8);
        else if (r >> 62 & 1)
            mem_write(machine_ports(b->m), PMBA + (r >> 32 & 0x1ff), r >> 8, size);
        else
            mem_read(machine_ports(b->m), r >> 32 & 0xffff, size);
        step(b, r >> 44 & 0xffff);
    }
    bench_free(b);
}
END_TEST

static void poke(struct bench *b)
{
    static const uint8_t fn[3] = { HOST, ISA, PM };

    for (unsigned i = 0; i < 3; i++)
        for (unsigned off = 0; off < 256; off += 4)
            cfg_wr(b, fn[i], off, 4, cfg_rd(b, fn[i], off, 4));
    for (unsigned port = PMBA; port < PMBA + 0x140; port += 4)
        out32(b, port, in32(b, port));
    for (uint64_t at = 0xa0000; at < 0x100000; at += 0x1fff)
        wr32(b, at, rd32(b, at) + 1);
    step(b, 5000000000);
}

START_TEST(hostile_streams_are_refused_or_harmless)
{
    struct bench *b = bench_begin();

    bench_add(b, "i440fx", NULL);
    bench_add(b, "piix3", NULL);
    bench_add(b, "acpi_pm", NULL);
    bench_power_on(b);
    cfg_wr(b, PM, 0x40, 4, PMBA);
    cfg_wr(b, PM, 0x80, 1, 1);
    out16(b, PMBA + 2, 0x0101);
    step(b, 100000000);
    set_pam(b, 3, 2);
    hostile_streams(b, 500, poke);
    bench_free(b);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("chipset");
    TCase *t = tcase_create("all");
    SRunner *r = srunner_create(s);
    int failed;

    suite_add_tcase(s, t);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, host_bridge_has_the_ids_and_a_locked_identity);
    tcase_add_loop_test(t, every_pam_field_picks_ram_or_rom_for_its_16k, 0, 13);
    tcase_add_test(t, shadow_copy_in_write_only_mode_copies_the_rom_onto_itself);
    tcase_add_test(t, smram_is_open_until_it_is_locked);
    tcase_add_test(t, host_bridge_state_survives_a_snapshot);
    tcase_add_test(t, pirq_wires_are_steered_to_isa_lines);
    tcase_add_test(t, reset_control_drives_the_cpus_reset_without_srst);
    tcase_add_test(t, reset_control_with_srst_asks_for_a_machine_reset);
    tcase_add_test(t, pm_registers_appear_where_pmba_says);
    tcase_add_test(t, pm_timer_counts_3579545_hz_in_24_bits);
    tcase_add_test(t, timer_carry_sets_status_and_raises_the_sci);
    tcase_add_test(t, carry_wakes_nobody_when_it_is_disabled_but_is_seen);
    tcase_add_test(t, power_button_is_an_edge_and_an_sci);
    tcase_add_test(t, soft_off_ends_the_machine);
    tcase_add_test(t, other_sleep_states_wake_at_once);
    tcase_add_test(t, smbus_has_no_device);
    tcase_add_test(t, random_traffic_is_survived);
    tcase_add_test(t, hostile_streams_are_refused_or_harmless);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
