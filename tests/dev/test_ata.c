/* test_ata.c - ATA disks through the legacy ports, by programmed I/O: what a driver relies on. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/base/vm_bits.h"
#include "tests/dev/disks.h"
#include <check.h>

enum { P = 0x1f0, S = 0x170, SECTORS = 20000 };

static struct bench *b;
static struct disk disk;
static bool protect;

static void start(uint64_t fault)
{
    b = bench_begin();
    disk_new(b, &disk, "d", SECTORS * 512, fault);
    disk.im->read_only = protect;
    protect = false;
    bench_add(b, "piix3-ide", "hda=d");
    bench_power_on(b);
}

static void setup(void) { start(0); }

static void teardown(void)
{
    bench_free(b);
    disk_free(&disk);
}

static void check_sector(const uint8_t *p, uint64_t n)
{
    for (unsigned i = 0; i < 512; i++)
        ck_assert_msg(p[i] == disk_byte(n, i), "sector %u byte %u", (unsigned)n, i);
}

START_TEST(identify_describes_the_disk)
{
    uint8_t id[512];
    uint8_t sum = 0;

    ata_cmd28(b, P, 0, 0xec, 0, 0);
    ck_assert_uint_eq(in8(b, 0x3f6), 0x80);
    ck_assert_uint_eq(ata_wait(b, P), 0x58);
    ck_assert(wire(b, 14));
    ata_in(b, P, id, 512);
    ck_assert_uint_eq(in8(b, P + 7), 0x50);
    ck_assert(!wire(b, 14));
    ck_assert_uint_eq(vm_ld16(id), 0x0040);
    ck_assert_uint_eq(vm_ld16(id + 2), SECTORS / (16 * 63));
    ck_assert_mem_eq(id + 54, "OGWDTID KSK", 4);
    ck_assert_uint_eq(vm_ld32(id + 120), SECTORS);
    ck_assert_uint_eq(vm_ld64(id + 200), SECTORS);
    ck_assert_uint_eq(vm_ld16(id + 126), 0x0407);
    ck_assert_uint_eq(vm_ld16(id + 176), 0x003f);
    ck_assert_uint_eq(id[510], 0xa5);
    for (unsigned i = 0; i < 512; i++)
        sum += id[i];
    ck_assert_uint_eq(sum, 0);
}
END_TEST

START_TEST(sectors_are_read_by_lba_by_chs_and_by_48_bits)
{
    uint8_t p[1024];

    ata_cmd28(b, P, 0, 0x20, 1234, 2);
    for (unsigned i = 0; i < 2; i++) {
        ck_assert_uint_eq(ata_wait(b, P), 0x58);
        ck_assert(wire(b, 14));
        ck_assert_uint_eq(in8(b, P + 7), 0x58);
        ata_in(b, P, p, 512);
        check_sector(p, 1234 + i);
    }
    ck_assert_uint_eq(in8(b, P + 7), 0x50);
    ck_assert(!wire(b, 14));
    ck_assert_uint_eq(in8(b, P + 2), 0);         /* none left, and where it ended */
    ck_assert_uint_eq(in8(b, P + 3) | in8(b, P + 4) << 8, 1235);
    ata_cmd48(b, P, 0, 0x24, 19999, 1);
    ck_assert_uint_eq(ata_wait(b, P), 0x58);
    ata_in(b, P, p, 512);
    check_sector(p, 19999);
    out8(b, P + 6, 0xa3);                        /* CHS 2/3/4 of 16 heads, 63 sectors */
    out8(b, P + 2, 1);
    out8(b, P + 3, 4);
    out8(b, P + 4, 2);
    out8(b, P + 5, 0);
    out8(b, P + 7, 0x20);
    ck_assert_uint_eq(ata_wait(b, P), 0x58);
    ata_in(b, P, p, 512);
    check_sector(p, (2 * 16 + 3) * 63 + 3);
}
END_TEST

START_TEST(a_read_by_32_bit_accesses_gives_the_same)
{
    uint8_t p[512];

    ata_cmd28(b, P, 0, 0x21, 77, 1);
    ata_wait(b, P);
    for (unsigned i = 0; i < 512; i += 4)
        vm_st32(p + i, in32(b, P));
    check_sector(p, 77);
    ck_assert_uint_eq(in8(b, P + 7), 0x50);
}
END_TEST

START_TEST(a_write_interrupts_after_each_block_and_reaches_the_disk)
{
    uint8_t p[512], q[512];

    memset(p, 0x5a, 512);
    ata_cmd28(b, P, 0, 0x30, 5, 2);
    ck_assert_uint_eq(ata_wait(b, P), 0x58);
    ck_assert(!wire(b, 14));                     /* no interrupt before the first block */
    ata_out(b, P, p, 512);
    ck_assert_uint_eq(in8(b, 0x3f6) & 0x80, 0x80);
    ck_assert_uint_eq(ata_wait(b, P), 0x58);
    ck_assert(wire(b, 14));
    in8(b, P + 7);
    ata_out(b, P, p, 512);
    ck_assert_uint_eq(ata_wait(b, P), 0x50);
    ck_assert(wire(b, 14));
    for (unsigned n = 4; n < 8; n++) {
        disk_sector(&disk, n, q);
        ck_assert_uint_eq(q[100], n == 5 || n == 6 ? 0x5a : disk_byte(n, 100));
    }
}
END_TEST

START_TEST(multiple_moves_its_block_count)
{
    uint8_t p[16 * 512];

    ata_cmd28(b, P, 0, 0xc4, 0, 1);
    ck_assert_uint_eq(ata_wait(b, P), 0x51);     /* not set yet */
    ck_assert_uint_eq(in8(b, P + 1), 4);
    ata_cmd28(b, P, 0, 0xc6, 0, 3);
    ck_assert_uint_eq(ata_wait(b, P), 0x51);     /* no power of two */
    ata_cmd28(b, P, 0, 0xc6, 0, 8);
    ck_assert_uint_eq(ata_wait(b, P), 0x50);
    ata_cmd28(b, P, 0, 0xec, 0, 0);
    ata_wait(b, P);
    ata_in(b, P, p, 512);
    ck_assert_uint_eq(vm_ld16(p + 118), 0x108);
    ata_cmd28(b, P, 0, 0xc4, 100, 12);
    ck_assert_uint_eq(ata_wait(b, P), 0x58);
    ata_in(b, P, p, 8 * 512);
    ck_assert_uint_eq(in8(b, 0x3f6), 0xd0);
    ck_assert_uint_eq(ata_wait(b, P), 0x58);
    ata_in(b, P, p + 8 * 512, 4 * 512);
    ck_assert_uint_eq(ata_wait(b, P), 0x50);
    for (unsigned i = 0; i < 12; i++)
        check_sector(p + 512 * i, 100 + i);
    ata_cmd48(b, P, 0, 0x39, 200, 3);
    ck_assert_uint_eq(ata_wait(b, P), 0x58);
    ata_out(b, P, p, 3 * 512);
    ck_assert_uint_eq(ata_wait(b, P), 0x50);
    disk_sector(&disk, 202, p);
    check_sector(p, 102);
}
END_TEST

START_TEST(sectors_that_are_not_there_are_not_found)
{
    ata_cmd28(b, P, 0, 0x20, SECTORS, 1);
    ck_assert_uint_eq(ata_wait(b, P), 0x51);
    ck_assert_uint_eq(in8(b, P + 1), 0x10);
    ata_cmd28(b, P, 0, 0x20, SECTORS - 1, 2);
    ck_assert_uint_eq(ata_wait(b, P), 0x51);
    ata_cmd48(b, P, 0, 0x24, 0xffffffffffffull, 0);
    ck_assert_uint_eq(ata_wait(b, P), 0x51);
    ck_assert_uint_eq(in8(b, P + 1), 0x10);
    out8(b, P + 6, 0xa0);
    out8(b, P + 3, 0);                           /* sector 0 does not exist */
    out8(b, P + 7, 0x20);
    ck_assert_uint_eq(ata_wait(b, P), 0x51);
    ck_assert_uint_eq(in8(b, P + 1), 0x10);
}
END_TEST

START_TEST(commands_unknown_or_not_kept_abort)
{
    static const uint8_t cmds[] = { 0x00, 0xb0, 0xa0, 0xa1, 0xf5, 0x92, 0xb1, 0xff };

    for (unsigned i = 0; i < sizeof cmds; i++) {
        ata_cmd28(b, P, 0, cmds[i], 0xc24f00, 0);
        ck_assert_uint_eq(ata_wait(b, P), 0x51);
        ck_assert_uint_eq(in8(b, P + 1), 4);
        ck_assert(wire(b, 14));
        in8(b, P + 7);
    }
}
END_TEST

START_TEST(nien_hides_the_interrupt)
{
    out8(b, 0x3f6, 2);
    ata_cmd28(b, P, 0, 0xe7, 0, 0);
    ck_assert_uint_eq(ata_wait(b, P), 0x50);
    ck_assert(!wire(b, 14));
    out8(b, 0x3f6, 0);
    ck_assert(wire(b, 14));
    in8(b, 0x3f6);
    ck_assert(wire(b, 14));
    in8(b, P + 7);
    ck_assert(!wire(b, 14));
}
END_TEST

START_TEST(soft_reset_stops_a_command_and_gives_the_signature)
{
    ata_cmd28(b, P, 0, 0x20, 0, 4);
    step(b, 5000);
    out8(b, 0x3f6, 4);
    ck_assert_uint_eq(in8(b, P + 7), 0x80);
    out8(b, 0x3f6, 0);
    ck_assert_uint_eq(ata_wait(b, P), 0x50);
    step(b, 1000000);
    ck_assert_uint_eq(in8(b, P + 7), 0x50);
    ck_assert_uint_eq(in8(b, P + 1), 1);
    ck_assert_uint_eq(in8(b, P + 2), 1);
    ck_assert_uint_eq(in8(b, P + 3), 1);
    ck_assert_uint_eq(in8(b, P + 4), 0);
    ck_assert_uint_eq(in8(b, P + 5), 0);
    ck_assert(!wire(b, 14));
}
END_TEST

START_TEST(absent_drives_look_absent)
{
    ck_assert_uint_eq(in8(b, S + 7), 0x7f);      /* no drive on the cable */
    out8(b, S + 2, 0x55);
    ck_assert_uint_eq(in8(b, S + 2), 0x7f);
    out8(b, P + 6, 0xb0);                        /* drive 0 answers for 1 */
    ck_assert_uint_eq(in8(b, P + 7), 0);
    out8(b, P + 2, 0x55);
    ck_assert_uint_eq(in8(b, P + 2), 0x55);
    out8(b, P + 7, 0xec);
    step(b, 1000000);
    ck_assert_uint_eq(in8(b, P + 7), 0);
    ck_assert(!wire(b, 14));
}
END_TEST

START_TEST(diagnostics_end_what_the_other_drive_was_doing)
{
    for (vtime_t t = 0; t < 1000000; t += 2000) {    /* somewhere just before the backend answers */
        ata_cmd28(b, P, 0, 0xe7, 0, 0);
        step(b, 3001 + t);
        out8(b, P + 6, 0xb0);                    /* drive 1 is absent, not busy */
        out8(b, P + 7, 0x90);
        out8(b, P + 6, 0xa0);
        ck_assert_uint_eq(ata_wait(b, P), 0x50);
        ck_assert_uint_eq(in8(b, P + 1), 1);
    }
}
END_TEST

START_TEST(diagnostics_and_power_commands)
{
    ata_cmd28(b, P, 0, 0x90, 0, 0);
    ck_assert_uint_eq(ata_wait(b, P), 0x50);
    ck_assert_uint_eq(in8(b, P + 1), 1);
    ata_cmd28(b, P, 0, 0xe5, 0, 0);
    ata_wait(b, P);
    ck_assert_uint_eq(in8(b, P + 2), 0xff);
    ata_cmd28(b, P, 0, 0xe0, 0, 0);
    ck_assert_uint_eq(ata_wait(b, P), 0x50);
    ata_cmd28(b, P, 0, 0x98, 0, 0);
    ata_wait(b, P);
    ck_assert_uint_eq(in8(b, P + 2), 0);
    ata_cmd28(b, P, 0, 0xe6, 0, 0);
    ck_assert_uint_eq(ata_wait(b, P), 0x50);
    ata_cmd28(b, P, 0, 0xec, 0, 0);              /* asleep: only a reset wakes it */
    step(b, 1000000);
    ck_assert_uint_eq(in8(b, P + 7), 0x50);
    out8(b, 0x3f6, 4);
    out8(b, 0x3f6, 0);
    ata_cmd28(b, P, 0, 0xec, 0, 0);
    ck_assert_uint_eq(ata_wait(b, P), 0x58);
}
END_TEST

START_TEST(features_translation_and_maximum_show_in_identify)
{
    uint8_t id[512];

    out8(b, P + 1, 0x03);
    ata_cmd28(b, P, 0, 0xef, 0, 0x44);
    ck_assert_uint_eq(ata_wait(b, P), 0x50);
    out8(b, P + 1, 0x03);
    ata_cmd28(b, P, 0, 0xef, 0, 0x47);
    ck_assert_uint_eq(ata_wait(b, P), 0x51);
    out8(b, P + 1, 0x82);
    ata_cmd28(b, P, 0, 0xef, 0, 0);
    ck_assert_uint_eq(ata_wait(b, P), 0x50);
    out8(b, P + 6, 0xa7);
    out8(b, P + 2, 32);
    out8(b, P + 7, 0x91);
    ck_assert_uint_eq(ata_wait(b, P), 0x50);
    ata_cmd28(b, P, 0, 0xf8, 0, 0);
    ata_wait(b, P);
    ck_assert_uint_eq(in8(b, P + 3) | in8(b, P + 4) << 8, SECTORS - 1);
    out8(b, P + 1, 0);
    ata_cmd28(b, P, 0, 0xf9, 9999, 0);
    ck_assert_uint_eq(ata_wait(b, P), 0x50);
    ata_cmd28(b, P, 0, 0xec, 0, 0);
    ata_wait(b, P);
    ata_in(b, P, id, 512);
    ck_assert_uint_eq(vm_ld16(id + 176), 0x103f);
    ck_assert_uint_eq(vm_ld16(id + 126), 0x0007);
    ck_assert_uint_eq(vm_ld16(id + 170) & 0x20, 0);
    ck_assert_uint_eq(vm_ld16(id + 110), 8);
    ck_assert_uint_eq(vm_ld16(id + 112), 32);
    ck_assert_uint_eq(vm_ld32(id + 120), 10000);
    ata_cmd28(b, P, 0, 0x20, 10000, 1);
    ck_assert_uint_eq(ata_wait(b, P), 0x51);
    bench_snap_roundtrip(b);
}
END_TEST

START_TEST(an_unreadable_sector_is_reported_with_its_address)
{
    uint8_t p[512];

    teardown();
    start(2);                                    /* the second operation fails */
    ata_cmd28(b, P, 0, 0x20, 300, 3);
    ata_wait(b, P);
    ata_in(b, P, p, 512);
    ck_assert_uint_eq(ata_wait(b, P), 0x51);
    ck_assert_uint_eq(in8(b, P + 1), 0x40);
    ck_assert_uint_eq(in8(b, P + 3) | in8(b, P + 4) << 8, 301);
    ata_cmd28(b, P, 0, 0x20, 301, 1);
    ck_assert_uint_eq(ata_wait(b, P), 0x58);
}
END_TEST

START_TEST(a_failed_flush_is_a_device_fault)
{
    teardown();
    start(1);
    ata_cmd28(b, P, 0, 0xea, 0, 0);
    ck_assert_uint_eq(ata_wait(b, P), 0x71);
    ck_assert_uint_eq(in8(b, P + 1), 4);
}
END_TEST

START_TEST(a_snapshot_in_mid_block_continues)
{
    uint8_t p[512];

    ata_cmd28(b, P, 0, 0x20, 40, 2);
    ata_wait(b, P);
    ata_in(b, P, p, 200);
    bench_snap_roundtrip(b);
    ata_in(b, P, p + 200, 312);
    check_sector(p, 40);
}
END_TEST

START_TEST(random_port_traffic_is_harmless)
{
    uint32_t seed = 1;                           /* xorshift32 */

    for (unsigned i = 0; i < 300000; i++) {
        seed ^= seed << 13; seed ^= seed >> 17; seed ^= seed << 5;
        uint16_t port = seed >> 8 & 15 ? P + (seed >> 8 & 7) : 0x3f6;

        if (seed & 0x10000)
            seed & 0x20000 ? in16(b, port) : in8(b, port);
        else if (port != 0x3f6 || !(seed & 0xc0000))
            seed & 0x20000 ? out16(b, port, seed >> 20) : out8(b, port, (uint8_t)(seed >> 20));
        if ((seed & 7) == 0)
            step(b, 10000);
    }
    out8(b, 0x3f6, 4);
    out8(b, 0x3f6, 0);
    ck_assert_uint_eq(ata_wait(b, P), 0x50);
    bench_snap_roundtrip(b);
}
END_TEST

START_TEST(registers_remember_one_write_and_ignore_those_under_way)
{
    out8(b, P + 3, 0x12);
    out8(b, P + 3, 0x34);
    ck_assert_uint_eq(in8(b, P + 3), 0x34);
    out8(b, 0x3f6, 0x80);                        /* HOB */
    ck_assert_uint_eq(in8(b, P + 3), 0x12);
    out8(b, P + 4, 0);                           /* any write ends it */
    ck_assert_uint_eq(in8(b, P + 3), 0x34);
    ata_cmd28(b, P, 0, 0xec, 0, 0);
    out8(b, P + 3, 0x77);
    ata_wait(b, P);
    out8(b, P + 3, 0x77);
    ck_assert_uint_eq(in8(b, P + 3), 0);
}
END_TEST

START_TEST(set_max_follows_read_native_max_at_once)
{
    ata_cmd28(b, P, 0, 0xf8, 0, 0);
    ata_wait(b, P);
    ata_cmd28(b, P, 0, 0xe7, 0, 0);
    ata_wait(b, P);
    out8(b, P + 1, 0);
    ata_cmd28(b, P, 0, 0xf9, 9999, 0);
    ck_assert_uint_eq(ata_wait(b, P), 0x51);
    ata_cmd48(b, P, 0, 0x27, 0, 0);
    ata_wait(b, P);
    ata_cmd48(b, P, 0, 0x37, 9999, 1);           /* not for ever */
    ck_assert_uint_eq(ata_wait(b, P), 0x51);
    ata_cmd48(b, P, 0, 0x37, 9999, 0);
    ck_assert_uint_eq(ata_wait(b, P), 0x51);
    ata_cmd48(b, P, 0, 0x27, 0, 0);
    ata_wait(b, P);
    ata_cmd48(b, P, 0, 0x37, 9999, 0);
    ck_assert_uint_eq(ata_wait(b, P), 0x50);
}
END_TEST

START_TEST(without_a_cache_or_with_fua_a_write_is_flushed)
{
    uint8_t p[512] = { 0 };

    teardown();
    start(3);                                    /* flush of SET FEATURES, write, its flush */
    out8(b, P + 1, 0x82);
    ata_cmd28(b, P, 0, 0xef, 0, 0);
    ck_assert_uint_eq(ata_wait(b, P), 0x50);
    ata_cmd28(b, P, 0, 0x30, 5, 1);
    ata_wait(b, P);
    ata_out(b, P, p, 512);
    ck_assert_uint_eq(ata_wait(b, P), 0x71);
    teardown();
    start(2);
    ata_cmd28(b, P, 0, 0xc6, 0, 1);
    ata_wait(b, P);
    ata_cmd48(b, P, 0, 0xce, 5, 1);
    ata_wait(b, P);
    ata_out(b, P, p, 512);
    ck_assert_uint_eq(ata_wait(b, P), 0x71);
}
END_TEST

START_TEST(a_write_that_fails_or_is_forbidden_says_so)
{
    uint8_t p[512] = { 0 };

    teardown();
    start(1);
    ata_cmd28(b, P, 0, 0x30, 5, 1);
    ata_wait(b, P);
    ata_out(b, P, p, 512);
    ck_assert_uint_eq(ata_wait(b, P), 0x71);
    ck_assert_uint_eq(in8(b, P + 1), 4);
    teardown();
    protect = true;
    start(0);
    ata_cmd28(b, P, 0, 0x30, 5, 1);
    ck_assert_uint_eq(ata_wait(b, P), 0x51);
    ck_assert_uint_eq(in8(b, P + 1), 4);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("ata");
    TCase *tc = tcase_create("ata");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, identify_describes_the_disk);
    tcase_add_test(tc, sectors_are_read_by_lba_by_chs_and_by_48_bits);
    tcase_add_test(tc, a_read_by_32_bit_accesses_gives_the_same);
    tcase_add_test(tc, a_write_interrupts_after_each_block_and_reaches_the_disk);
    tcase_add_test(tc, multiple_moves_its_block_count);
    tcase_add_test(tc, sectors_that_are_not_there_are_not_found);
    tcase_add_test(tc, commands_unknown_or_not_kept_abort);
    tcase_add_test(tc, nien_hides_the_interrupt);
    tcase_add_test(tc, soft_reset_stops_a_command_and_gives_the_signature);
    tcase_add_test(tc, absent_drives_look_absent);
    tcase_add_test(tc, diagnostics_end_what_the_other_drive_was_doing);
    tcase_add_test(tc, diagnostics_and_power_commands);
    tcase_add_test(tc, features_translation_and_maximum_show_in_identify);
    tcase_add_test(tc, an_unreadable_sector_is_reported_with_its_address);
    tcase_add_test(tc, a_failed_flush_is_a_device_fault);
    tcase_add_test(tc, a_snapshot_in_mid_block_continues);
    tcase_add_test(tc, random_port_traffic_is_harmless);
    tcase_add_test(tc, registers_remember_one_write_and_ignore_those_under_way);
    tcase_add_test(tc, set_max_follows_read_native_max_at_once);
    tcase_add_test(tc, without_a_cache_or_with_fua_a_write_is_flushed);
    tcase_add_test(tc, a_write_that_fails_or_is_forbidden_says_so);
    suite_add_tcase(s, tc);
    SRunner *sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed != 0;
}
