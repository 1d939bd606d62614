/* test_piix3_ide.c - bus-master DMA: descriptors good and hostile, status bits, configuration. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/base/vm_bits.h"
#include "tests/dev/disks.h"
#include <check.h>
#include <stdlib.h>

enum { P = 0x1f0, S = 0x170, FN = 1 << 3 | 1, BM = 0xc000, SECTORS = 4000 };

static struct bench *b;
static struct disk disk, disc;

static void enable(void)
{
    cfg_wr(b, FN, 0x20, 4, BM);
    cfg_wr(b, FN, 0x04, 2, 5);
}

static void start(uint64_t fault)
{
    b = bench_begin();
    disk_new(b, &disk, "d", SECTORS * 512, fault);
    disk_new(b, &disc, "c", SECTORS * 512, 0);
    bench_add(b, "piix3-ide", "hda=d,hdc=c,hdc-kind=cd");
    bench_power_on(b);
    enable();
}

static void setup(void) { start(0); }

static void teardown(void)
{
    bench_free(b);
    disk_free(&disk);
    disk_free(&disc);
}

static void prd(uint32_t table, unsigned i, uint32_t addr, uint16_t bytes, bool last)
{
    wr32(b, table + 8 * i, addr);
    wr32(b, table + 8 * i + 4, bytes | (last ? 0x80000000u : 0));
}

static void check_memory(uint32_t addr, uint64_t sector)
{
    for (unsigned i = 0; i < 512; i++)
        ck_assert_uint_eq(rd8(b, addr + i), disk_byte(sector, i));
}

START_TEST(configuration_space_names_the_function)
{
    ck_assert_uint_eq(cfg_rd(b, FN, 0, 4), 0x70108086);
    ck_assert_uint_eq(cfg_rd(b, FN, 8, 4), 0x01018000);
    ck_assert_uint_eq(cfg_rd(b, FN, 0x40, 4), 0x80008000);
    cfg_wr(b, FN, 0x20, 4, 0xffffffff);
    ck_assert_uint_eq(cfg_rd(b, FN, 0x20, 4), 0xfffffff1);
    cfg_wr(b, FN, 0x40, 2, 0);                   /* the primary channel is no longer decoded */
    ck_assert_uint_eq(in8(b, P + 7), 0xff);
    ck_assert_uint_eq(in8(b, 0x3f6), 0xff);
    ck_assert_uint_eq(in8(b, S + 7), 0);
    cfg_wr(b, FN, 0x40, 2, 0x8000);
    ck_assert_uint_eq(in8(b, P + 7), 0x50);
}
END_TEST

START_TEST(a_read_is_scattered_over_the_descriptors)
{
    prd(0x1000, 0, 0x20000, 512, false);
    prd(0x1000, 1, 0x30000, 1022, false);
    prd(0x1000, 2, 0x40000, 514, true);
    out32(b, BM + 4, 0x1000);
    ata_cmd28(b, P, 0, 0xc8, 50, 4);
    step(b, 1000000);
    ck_assert(!wire(b, 14));                     /* the drive waits for the master */
    out8(b, BM, 0x09);
    ck_assert(wire(b, 14));
    ck_assert_uint_eq(in8(b, BM + 2) & 7, 4);
    ck_assert_uint_eq(in8(b, P + 7), 0x50);
    ck_assert(!wire(b, 14));
    out8(b, BM, 0);
    out8(b, BM + 2, 4);
    ck_assert_uint_eq(in8(b, BM + 2) & 7, 0);
    check_memory(0x20000, 50);
    check_memory(0x30000, 51);
    ck_assert_uint_eq(rd8(b, 0x40001), disk_byte(52, 511));
    check_memory(0x40002, 53);
    ck_assert_uint_eq(rd8(b, 0x40202), 0);
}
END_TEST

START_TEST(a_write_is_gathered_and_a_big_one_goes_in_steps)
{
    uint8_t s[512];

    for (unsigned i = 0; i < 256 * 512; i += 4)
        wr32(b, 0x200000 + i, i * 3);
    prd(0x1000, 0, 0x200000, 0, false);          /* 0 = 64 KiB */
    prd(0x1000, 1, 0x210000, 0, true);
    out32(b, BM + 4, 0x1000);
    out8(b, BM, 0x01);
    ata_cmd48(b, P, 0, 0x35, 1000, 256);
    ck_assert_uint_eq(ata_wait(b, P), 0x50);
    ck_assert(wire(b, 14));
    ck_assert_uint_eq(in8(b, BM + 2) & 7, 4);
    for (unsigned n = 0; n < 256; n += 51) {
        disk_sector(&disk, 1000 + n, s);
        ck_assert_uint_eq(vm_ld32(s + 508), (n * 512 + 508) * 3);
    }
    disk_sector(&disk, 1256, s);
    ck_assert_uint_eq(s[9], disk_byte(1256, 9));
}
END_TEST

START_TEST(a_table_longer_than_the_data_stays_active)
{
    prd(0x1000, 0, 0x20000, 4096, true);
    out32(b, BM + 4, 0x1000);
    out8(b, BM, 0x09);
    ata_cmd28(b, P, 0, 0xc8, 0, 1);
    ck_assert_uint_eq(ata_wait(b, P), 0x50);
    ck_assert_uint_eq(in8(b, BM + 2) & 7, 5);
    out8(b, BM, 0);
    ck_assert_uint_eq(in8(b, BM + 2) & 7, 4);
}
END_TEST

START_TEST(a_table_shorter_than_the_data_stalls_until_reset)
{
    prd(0x1000, 0, 0x20000, 512, true);
    out32(b, BM + 4, 0x1000);
    out8(b, BM, 0x09);
    ata_cmd28(b, P, 0, 0xc8, 0, 2);
    step(b, 10000000);
    ck_assert_uint_eq(in8(b, BM + 2) & 7, 0);
    ck_assert_uint_eq(in8(b, 0x3f6) & 0x88, 0x08);
    check_memory(0x20000, 0);
    out8(b, 0x3f6, 4);
    out8(b, 0x3f6, 0);
    ck_assert_uint_eq(in8(b, P + 7), 0x50);
}
END_TEST

START_TEST(no_transfer_without_the_master_bit_or_in_the_wrong_direction)
{
    cfg_wr(b, FN, 0x04, 2, 1);
    prd(0x1000, 0, 0x20000, 512, true);
    out32(b, BM + 4, 0x1000);
    out8(b, BM, 0x09);
    ata_cmd28(b, P, 0, 0xc8, 9, 1);
    step(b, 1000000);
    ck_assert_uint_eq(rd8(b, 0x20001), 0);
    ck_assert(!wire(b, 14));
    cfg_wr(b, FN, 0x04, 2, 5);
    ck_assert(wire(b, 14));
    check_memory(0x20000, 9);
    in8(b, P + 7);
    out8(b, BM, 0);
    prd(0x1000, 0, 0x50000, 512, true);
    out8(b, BM, 0x01);
    ata_cmd28(b, P, 0, 0xc8, 9, 1);
    step(b, 1000000);
    ck_assert(!wire(b, 14));
    ck_assert_uint_eq(rd8(b, 0x50001), 0);
}
END_TEST

START_TEST(hostile_descriptors_do_no_harm)
{
    static const uint32_t where[] = { 0xfffffff8, 0x3ffffc, 0xc000, 0xfee00000, 0xa0000 };

    for (unsigned i = 0; i < sizeof where / sizeof where[0]; i++) {
        out32(b, BM + 4, where[i]);
        out8(b, BM, 0x09);
        ata_cmd28(b, P, 0, 0xc8, 0, 0);
        step(b, 10000000);
        out8(b, BM, 0);
        out8(b, 0x3f6, 4);
        out8(b, 0x3f6, 0);
    }
    for (unsigned i = 0; i < 64; i++)            /* one byte each: counts as none, so 64 KiB */
        prd(0x1000, i, 0xffff0000u + i, 1, false);
    out32(b, BM + 4, 0x1000);
    out8(b, BM, 0x09);
    ata_cmd28(b, P, 0, 0xc8, 0, 0);
    ck_assert_uint_eq(ata_wait(b, P), 0x50);
}
END_TEST

START_TEST(a_dma_read_error_interrupts)
{
    teardown();
    start(1);
    prd(0x1000, 0, 0x20000, 512, true);
    out32(b, BM + 4, 0x1000);
    out8(b, BM, 0x09);
    ata_cmd28(b, P, 0, 0xc8, 9, 1);
    ck_assert_uint_eq(ata_wait(b, P), 0x51);
    ck_assert_uint_eq(in8(b, P + 1), 0x40);
    ck_assert_uint_eq(in8(b, BM + 2) & 7, 5);
    ck_assert(wire(b, 14));
}
END_TEST

START_TEST(the_cd_drive_uses_the_second_master)
{
    uint8_t cdb[12] = { 0x28, 0, 0, 0, 0, 6, 0, 0, 2 }, ready[12] = { 0 };

    for (unsigned i = 0; i < 2; i++) {           /* the first takes the unit attention */
        out8(b, S + 1, i);
        out8(b, S + 7, 0xa0);
        ata_wait(b, S);
        prd(0x1000, 0, 0x20000, 4096, true);
        out32(b, BM + 12, 0x1000);
        ata_out(b, S, i ? cdb : ready, 12);
        out8(b, BM + 8, 0x09);
        ck_assert_uint_eq(ata_wait(b, S), i ? 0x50 : 0x51);
    }
    ck_assert_uint_eq(in8(b, BM + 10) & 7, 4);
    ck_assert(wire(b, 15) && !wire(b, 14));
    for (unsigned i = 0; i < 8; i++)
        check_memory(0x20000 + 512 * i, 24 + i);
}
END_TEST

START_TEST(status_keeps_capability_bits_and_interrupts_without_dma_show)
{
    out8(b, BM + 2, 0x60);
    ck_assert_uint_eq(in8(b, BM + 2), 0x60);
    ata_cmd28(b, P, 0, 0xe7, 0, 0);
    ata_wait(b, P);
    ck_assert_uint_eq(in8(b, BM + 2), 0x64);
    out8(b, BM + 2, 0x64);
    ck_assert_uint_eq(in8(b, BM + 2), 0x60);
    out32(b, BM + 4, 0x12345677);
    ck_assert_uint_eq(in32(b, BM + 4), 0x12345674);
    ck_assert_uint_eq(in16(b, BM + 6), 0x1234);
    bench_snap_roundtrip(b);
}
END_TEST

START_TEST(a_snapshot_of_a_waiting_transfer_is_whole)
{
    prd(0x1000, 0, 0x20000, 100, true);
    out32(b, BM + 4, 0x1000);
    out8(b, BM, 0x09);
    ata_cmd28(b, P, 0, 0xc8, 70, 2);
    step(b, 1000000);
    bench_snap_roundtrip(b);
}
END_TEST

/* A request is with the backend when the state is saved: the machine that loads it finishes it. */
START_TEST(a_request_in_flight_is_finished_after_a_load)
{
    char *bytes = NULL;
    size_t n = 0;
    struct snap *s;
    struct vm_error e;

    prd(0x1000, 0, 0x20000, 512, true);
    out32(b, BM + 4, 0x1000);
    out8(b, BM, 0x09);
    ata_cmd28(b, P, 0, 0xc8, 70, 1);
    step(b, 5000);
    ck_assert_uint_eq(in8(b, 0x3f6) & 0x80, 0x80);
    FILE *f = open_memstream(&bytes, &n);
    ck_assert_int_eq(snap_open(&s, SNAP_SAVE, f, &e), 0);
    machine_snap(b->m, s);
    ck_assert_int_eq(snap_close(s, &e), 0);
    fclose(f);
    teardown();
    start(0);
    f = fmemopen(bytes, n, "rb");
    ck_assert_int_eq(snap_open(&s, SNAP_LOAD, f, &e), 0);
    machine_snap(b->m, s);
    ck_assert_int_eq(snap_close(s, &e), 0);
    fclose(f);
    free(bytes);
    ck_assert_uint_eq(in8(b, 0x3f6) & 0x80, 0x80);
    step(b, 17999);
    ck_assert(!wire(b, 14));
    step(b, 1);                                  /* exactly when it would have been */
    ck_assert(wire(b, 14));
    check_memory(0x20000, 70);
}
END_TEST

static void poke(struct bench *m)
{
    step(m, 100000);
    for (unsigned k = 0; k < 2; k++) {
        uint16_t base = k ? S : P;

        for (unsigned i = 0; i < 700; i++) {
            in16(m, base);
            out16(m, base, (uint16_t)i);
        }
        out8(m, BM + 8 * k, 0);
        out8(m, BM + 8 * k, 9);
        step(m, 100000);
        out8(m, base + 7, k ? 0xa1 : 0xec);
        step(m, 100000);
        in8(m, base + 7);
    }
}

START_TEST(hostile_streams_are_refused_or_harmless)
{
    uint8_t cdb[12] = { 0x28, 0, 0, 0, 0, 6, 0, 0, 40 };

    hostile_streams(b, 1000, poke);
    ata_cmd28(b, P, 0, 0xc8, 70, 200);           /* waits for the bus master */
    for (unsigned i = 0; i < 2; i++) {
        out8(b, S + 7, 0xa0);
        ata_wait(b, S);
        ata_out(b, S, cdb, 12);
        step(b, i ? 5000 : 100000);              /* the second is with the backend */
    }
    hostile_streams(b, 300, poke);
    step(b, 100000);
    hostile_streams(b, 300, poke);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("piix3_ide");
    TCase *tc = tcase_create("piix3_ide");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, configuration_space_names_the_function);
    tcase_add_test(tc, a_read_is_scattered_over_the_descriptors);
    tcase_add_test(tc, a_write_is_gathered_and_a_big_one_goes_in_steps);
    tcase_add_test(tc, a_table_longer_than_the_data_stays_active);
    tcase_add_test(tc, a_table_shorter_than_the_data_stalls_until_reset);
    tcase_add_test(tc, no_transfer_without_the_master_bit_or_in_the_wrong_direction);
    tcase_add_test(tc, hostile_descriptors_do_no_harm);
    tcase_add_test(tc, a_dma_read_error_interrupts);
    tcase_add_test(tc, the_cd_drive_uses_the_second_master);
    tcase_add_test(tc, status_keeps_capability_bits_and_interrupts_without_dma_show);
    tcase_add_test(tc, a_snapshot_of_a_waiting_transfer_is_whole);
    tcase_add_test(tc, a_request_in_flight_is_finished_after_a_load);
    tcase_add_test(tc, hostile_streams_are_refused_or_harmless);
    suite_add_tcase(s, tc);
    SRunner *sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed != 0;
}
