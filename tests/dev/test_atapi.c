/* test_atapi.c - a CD drive by PACKET: protocol, media, tables, and what it refuses. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/base/vm_bits.h"
#include "devmodel/dev/piix3_ide.h"
#include "tests/dev/disks.h"
#include <check.h>

enum { S = 0x170, BLOCKS = 400 };

static struct bench *b;
static struct disk disc, other;
static bool has_other;

static uint8_t packet(const uint8_t *cdb, unsigned n, unsigned limit, bool dma);

#define PACKET(limit, ...) \
    packet((const uint8_t[]){ __VA_ARGS__ }, sizeof (const uint8_t[]){ __VA_ARGS__ }, limit, false)

static void start(uint64_t bytes, uint64_t fault)
{
    b = bench_begin();
    disk_new(b, &disc, "cd", bytes, fault);
    bench_add(b, "piix3-ide", "hdc=cd,hdc-kind=cd");
    bench_power_on(b);
    ck_assert_uint_eq(PACKET(0xfffe, 0x00), 0x51);       /* the reset is told first */
    ck_assert_uint_eq(in8(b, S + 1), 0x60);
    ck_assert_uint_eq(PACKET(0xfffe, 0x00), 0x50);
}

static void setup(void) { start(BLOCKS * 2048, 0); }

static void teardown(void)
{
    bench_free(b);
    disk_free(&disc);
    if (has_other)
        disk_free(&other);
    has_other = false;
}

/* Sends a command block; the status once the drive is no longer busy. */
static uint8_t packet(const uint8_t *cdb, unsigned n, unsigned limit, bool dma)
{
    uint8_t block[12] = { 0 };

    memcpy(block, cdb, n);
    out8(b, S + 6, 0xa0);
    out8(b, S + 1, dma);
    out8(b, S + 4, (uint8_t)limit);
    out8(b, S + 5, (uint8_t)(limit >> 8));
    out8(b, S + 7, 0xa0);
    ck_assert_uint_eq(ata_wait(b, S), 0x58);
    ck_assert_uint_eq(in8(b, S + 2), 1);
    ck_assert(!wire(b, 15));
    ata_out(b, S, block, 12);
    uint8_t status = ata_wait(b, S);

    ck_assert(wire(b, 15));
    in8(b, S + 7);
    return status;
}

/* The data phase of a reply of n bytes in one block; the drive must have exactly that. */
static void reply(uint8_t *p, unsigned n)
{
    ck_assert_uint_eq(in8(b, S + 2), 2);
    ck_assert_uint_eq(in8(b, S + 4) | in8(b, S + 5) << 8, n);
    ata_in(b, S, p, n);
    ck_assert_uint_eq(ata_wait(b, S), 0x50);
    ck_assert_uint_eq(in8(b, S + 2), 3);
    ck_assert(wire(b, 15));
    in8(b, S + 7);
}

static void sense(unsigned key, unsigned asc, unsigned ascq)
{
    uint8_t p[18];

    ck_assert_uint_eq(PACKET(0xfffe, 0x03, 0, 0, 0, 18), 0x58);
    reply(p, 18);
    ck_assert_uint_eq(p[0], 0x70);
    ck_assert_uint_eq(p[2], key);
    ck_assert_uint_eq(p[12], asc);
    ck_assert_uint_eq(p[13], ascq);
}

static void check_block(const uint8_t *p, unsigned n)
{
    for (unsigned i = 0; i < 2048; i++)
        ck_assert_uint_eq(p[i], disk_byte(n * 4 + i / 512, i % 512));
}

START_TEST(it_looks_like_a_packet_drive)
{
    uint8_t id[512];

    out8(b, 0x376, 4);
    out8(b, 0x376, 0);
    ck_assert_uint_eq(in8(b, S + 7), 0);
    ck_assert_uint_eq(in8(b, S + 4), 0x14);
    ck_assert_uint_eq(in8(b, S + 5), 0xeb);
    ata_cmd28(b, S, 0, 0xec, 0, 0);
    ck_assert_uint_eq(ata_wait(b, S), 0x51);
    ck_assert_uint_eq(in8(b, S + 1), 4);
    ck_assert_uint_eq(in8(b, S + 4), 0x14);
    ata_cmd28(b, S, 0, 0xa1, 0, 0);
    ck_assert_uint_eq(ata_wait(b, S), 0x58);
    ata_in(b, S, id, 512);
    ck_assert_uint_eq(vm_ld16(id), 0x85c0);
    ck_assert_mem_eq(id + 54, "OGWDTIC -DOR M", 14);
    out8(b, S + 7, 0x08);
    ck_assert_uint_eq(in8(b, S + 7), 0);
    ck_assert_uint_eq(in8(b, S + 5), 0xeb);
}
END_TEST

START_TEST(inquiry_and_sense_are_cut_to_the_allocation)
{
    uint8_t p[36];

    ck_assert_uint_eq(PACKET(0xfffe, 0x12, 0, 0, 0, 36), 0x58);
    reply(p, 36);
    ck_assert_mem_eq(p, "\x05\x80\x00\x21\x1f\0\0\0GODWIT  CD-ROM          1.0 ", 36);
    ck_assert_uint_eq(PACKET(0xfffe, 0x12, 0, 0, 0, 5), 0x58);
    ck_assert_uint_eq(in8(b, S + 4), 5);
    ata_in(b, S, p, 6);
    ck_assert_uint_eq(ata_wait(b, S), 0x50);
    ck_assert_uint_eq(PACKET(0xfffe, 0x12, 0, 0, 0, 0), 0x50);
    sense(0, 0, 0);
}
END_TEST

START_TEST(reads_come_in_blocks_of_the_byte_limit)
{
    uint8_t p[3 * 2048];
    unsigned got = 0, blocks = 0;

    ck_assert_uint_eq(PACKET(2001, 0x28, 0, 0, 0, 0, 7, 0, 0, 3), 0x58);
    for (; got < sizeof p; blocks++) {
        unsigned n = in8(b, S + 4) | in8(b, S + 5) << 8;

        ck_assert(n <= 2000 && n % 2 == 0 && got + n <= sizeof p);
        ata_in(b, S, p + got, n);
        got += n;
        ata_wait(b, S);
        ck_assert(wire(b, 15));
        in8(b, S + 7);
    }
    ck_assert_uint_eq(blocks, 4);
    ck_assert_uint_eq(in8(b, S + 7), 0x50);
    for (unsigned i = 0; i < 3; i++)
        check_block(p + 2048 * i, 7 + i);
}
END_TEST

START_TEST(long_reads_continue_over_buffers)
{
    static uint8_t p[2048];

    ck_assert_uint_eq(PACKET(2048, 0xa8, 0, 0, 0, 1, 0, 0, 0, 0, 40), 0x58);
    for (unsigned i = 0; i < 40; i++) {
        ck_assert_uint_eq(ata_wait(b, S), 0x58);
        ata_in(b, S, p, 2048);
        check_block(p, 256 + i);
    }
    ck_assert_uint_eq(ata_wait(b, S), 0x50);
    ck_assert_uint_eq(in8(b, S + 2), 3);
}
END_TEST

START_TEST(read_cd_gives_data_or_whole_sectors)
{
    uint8_t p[2352];

    ck_assert_uint_eq(PACKET(0xfffe, 0xbe, 0, 0, 0, 0, 20, 0, 0, 1, 0x10), 0x58);
    reply(p, 2048);
    check_block(p, 20);
    ck_assert_uint_eq(PACKET(0xfffe, 0xbe, 0, 0, 0, 0, 20, 0, 0, 1, 0xf8), 0x58);
    reply(p, 2352);
    ck_assert_mem_eq(p, "\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\x00\x02\x20\x01", 16);
    check_block(p + 16, 20);
    ck_assert_uint_eq(PACKET(0xfffe, 0xb9, 0, 0, 0, 2, 20, 0, 2, 21, 0x10), 0x58);
    reply(p, 2048);
    check_block(p, 20);
}
END_TEST

START_TEST(what_is_past_the_end_or_unknown_is_illegal)
{
    ck_assert_uint_eq(PACKET(0xfffe, 0x28, 0, 0, 0, 1, 0x8f, 0, 0, 2), 0x51);
    ck_assert_uint_eq(in8(b, S + 1), 0x50);
    sense(5, 0x21, 0);
    ck_assert_uint_eq(PACKET(0xfffe, 0xa8, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), 0x51);
    sense(5, 0x21, 0);
    ck_assert_uint_eq(PACKET(0xfffe, 0x2a), 0x51);
    sense(5, 0x20, 0);
    ck_assert_uint_eq(PACKET(0xfffe, 0x5a, 0, 0x33, 0, 0, 0, 0, 0, 40), 0x51);
    sense(5, 0x24, 0);
}
END_TEST

START_TEST(capacity_and_tables_of_contents)
{
    uint8_t p[64];

    ck_assert_uint_eq(PACKET(0xfffe, 0x25), 0x58);
    reply(p, 8);
    ck_assert_mem_eq(p, "\0\0\x01\x8f\0\0\x08\0", 8);
    ck_assert_uint_eq(PACKET(0xfffe, 0x43, 0, 0, 0, 0, 0, 0, 0, 64), 0x58);
    reply(p, 20);
    ck_assert_mem_eq(p, "\0\x12\1\1\0\x14\1\0\0\0\0\0\0\x14\xaa\0\0\0\x01\x90", 20);
    ck_assert_uint_eq(PACKET(0xfffe, 0x43, 2, 0, 0, 0, 0, 0xaa, 0, 64), 0x58);
    reply(p, 12);
    ck_assert_mem_eq(p, "\0\x0a\1\1\0\x14\xaa\0\0\0\x07\x19", 12);
    ck_assert_uint_eq(PACKET(0xfffe, 0x43, 0, 1, 0, 0, 0, 0, 0, 64), 0x58);
    reply(p, 12);
    ck_assert_mem_eq(p, "\0\x0a\1\1\0\x14\1\0\0\0\0\0", 12);
    ck_assert_uint_eq(PACKET(0xfffe, 0x43, 0, 2, 0, 0, 0, 0, 0, 64), 0x58);
    reply(p, 48);
    ck_assert_mem_eq(p + 4, "\1\x14\0\xa0\0\0\0\0\1\0\0", 11);
    ck_assert_mem_eq(p + 37, "\1\x14\0\1\0\0\0\0\0\2\0", 11);
}
END_TEST

START_TEST(mode_pages_and_configuration)
{
    uint8_t p[256];

    ck_assert_uint_eq(PACKET(0xfffe, 0x5a, 0, 0x2a, 0, 0, 0, 0, 0, 128), 0x58);
    reply(p, 28);
    ck_assert(p[1] == 26 && p[2] == 1 && p[8] == 0x2a && p[9] == 18 && p[14] == 0x29);
    ck_assert_uint_eq(PACKET(0xfffe, 0x46, 0, 0, 0, 0, 0, 0, 0, 8), 0x58);
    reply(p, 8);
    ck_assert(p[6] == 0 && p[7] == 8);
    ck_assert_uint_eq(PACKET(0xfffe, 0x46, 2, 0, 3, 0, 0, 0, 0, 200), 0x58);
    reply(p, 16);
    ck_assert_mem_eq(p, "\0\0\0\x0c\0\0\0\x08\0\3\3\4\x29\0\0\0", 16);
    ck_assert_uint_eq(PACKET(0xfffe, 0x55, 0x10, 0, 0, 0, 0, 0, 0, 16), 0x58);
    ck_assert_uint_eq(in8(b, S + 2), 0);
    memset(p, 0, 16);
    p[8] = 1;
    p[9] = 6;
    ata_out(b, S, p, 16);
    ck_assert_uint_eq(ata_wait(b, S), 0x50);
    ck_assert_uint_eq(PACKET(0xfffe, 0x51, 0, 0, 0, 0, 0, 0, 0, 34), 0x58);
    reply(p, 34);
    ck_assert(p[1] == 32 && p[2] == 0x0e);
    ck_assert_uint_eq(PACKET(0xfffe, 0xbd, 0, 0, 0, 0, 0, 0, 0, 0, 8), 0x58);
    reply(p, 8);
}
END_TEST

static void event(unsigned code, unsigned status)
{
    uint8_t p[8];

    ck_assert_uint_eq(PACKET(0xfffe, 0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8), 0x58);
    reply(p, 8);
    ck_assert_mem_eq(p, "\0\6\4\x10", 4);
    ck_assert_uint_eq(p[4], code);
    ck_assert_uint_eq(p[5], status);
}

START_TEST(the_tray_opens_unless_locked)
{
    event(2, 2);
    event(0, 2);
    ck_assert_uint_eq(PACKET(0xfffe, 0x1e, 0, 0, 0, 1), 0x50);
    ck_assert_uint_eq(PACKET(0xfffe, 0x1b, 0, 0, 0, 2), 0x51);
    sense(5, 0x53, 2);
    ck_assert_uint_eq(PACKET(0xfffe, 0x1e, 0, 0, 0, 0), 0x50);
    ck_assert_uint_eq(PACKET(0xfffe, 0x1b, 0, 0, 0, 2), 0x50);
    ck_assert_uint_eq(PACKET(0xfffe, 0x00), 0x51);
    sense(2, 0x3a, 2);
    event(3, 1);
    bench_snap_roundtrip(b);
    ck_assert_uint_eq(PACKET(0xfffe, 0x1b, 0, 0, 0, 3), 0x50);
    event(2, 2);
    ck_assert_uint_eq(PACKET(0xfffe, 0x28, 0, 0, 0, 0, 0, 0, 0, 1), 0x51);
    sense(6, 0x28, 0);
    ck_assert_uint_eq(PACKET(0xfffe, 0x00), 0x50);
}
END_TEST

START_TEST(changing_the_disc_is_noticed_and_respects_the_lock)
{
    struct vm_error e;
    uint8_t p[8];

    has_other = true;
    disk_new(b, &other, "other", 3000 * 512, 0);         /* ends inside its last block */
    ck_assert_int_eq(ide_cd_change(b->dev, 0, &other.blk, false, &e), VM_ENOENT);
    PACKET(0xfffe, 0x1e, 0, 0, 0, 1);
    ck_assert_int_eq(ide_cd_change(b->dev, 2, &other.blk, false, &e), VM_EBUSY);
    ck_assert_int_eq(ide_cd_change(b->dev, 2, NULL, true, &e), 0);
    ck_assert_uint_eq(PACKET(0xfffe, 0x00), 0x51);
    sense(2, 0x3a, 1);
    ck_assert_int_eq(ide_cd_change(b->dev, 2, &other.blk, true, &e), 0);
    sense(6, 0x28, 0);                           /* sensed before any command failed */
    ck_assert_uint_eq(PACKET(0xfffe, 0x00), 0x50);
    ck_assert_int_eq(ide_cd_change(b->dev, 2, &other.blk, true, &e), 0);
    ck_assert_uint_eq(PACKET(0xfffe, 0x00), 0x51);
    sense(6, 0x28, 0);
    PACKET(0xfffe, 0x25);
    reply(p, 8);
    ck_assert_mem_eq(p, "\0\0\x02\xed", 4);
}
END_TEST

START_TEST(an_unreadable_block_is_a_medium_error)
{
    teardown();
    start(BLOCKS * 2048, 1);
    ck_assert_uint_eq(PACKET(0xfffe, 0x28, 0, 0, 0, 0, 0, 0, 0, 1), 0x51);
    ck_assert_uint_eq(in8(b, S + 1), 0x30);
    sense(3, 0x11, 0);
}
END_TEST

START_TEST(the_tail_of_an_odd_image_reads_as_zeros)
{
    uint8_t p[2048];

    teardown();
    start(9 * 512, 0);
    PACKET(0xfffe, 0x28, 0, 0, 0, 0, 0, 0, 0, 1);
    reply(p, 2048);
    ck_assert_uint_eq(PACKET(0xfffe, 0x28, 0, 0, 0, 0, 2, 0, 0, 1), 0x58);
    reply(p, 2048);
    ck_assert_uint_eq(p[10], disk_byte(8, 10));
    for (unsigned i = 512; i < 2048; i++)
        ck_assert_uint_eq(p[i], 0);
}
END_TEST

START_TEST(a_snapshot_in_a_data_phase_continues)
{
    uint8_t p[4096];

    PACKET(2048, 0x28, 0, 0, 0, 0, 3, 0, 0, 2);
    ata_in(b, S, p, 1000);
    bench_snap_roundtrip(b);
    ata_in(b, S, p + 1000, 1048);
    ata_in(b, S, p + 2048, 2048);
    check_block(p, 3);
    check_block(p + 2048, 4);
}
END_TEST

START_TEST(random_packets_are_harmless)
{
    uint32_t seed = 7;                           /* xorshift32 */

    for (unsigned i = 0; i < 20000; i++) {
        uint8_t cdb[12];

        for (unsigned k = 0; k < 12; k++) {
            seed ^= seed << 13; seed ^= seed >> 17; seed ^= seed << 5;
            cdb[k] = seed & 0x300 ? (uint8_t)(seed >> 16) : 0;
        }
        if (ata_wait(b, S) & 8) {
            seed & 1 ? (void)in16(b, S) : out16(b, S, (uint16_t)seed);
            if (seed & 0xff)
                continue;
        }
        out8(b, S + 7, 0x08);
        packet(cdb, 12, seed & 0xffff, false);
    }
    out8(b, S + 7, 0x08);
    ck_assert_uint_eq(in8(b, S + 7), 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("atapi");
    TCase *tc = tcase_create("atapi");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, it_looks_like_a_packet_drive);
    tcase_add_test(tc, inquiry_and_sense_are_cut_to_the_allocation);
    tcase_add_test(tc, reads_come_in_blocks_of_the_byte_limit);
    tcase_add_test(tc, long_reads_continue_over_buffers);
    tcase_add_test(tc, read_cd_gives_data_or_whole_sectors);
    tcase_add_test(tc, what_is_past_the_end_or_unknown_is_illegal);
    tcase_add_test(tc, capacity_and_tables_of_contents);
    tcase_add_test(tc, mode_pages_and_configuration);
    tcase_add_test(tc, the_tray_opens_unless_locked);
    tcase_add_test(tc, changing_the_disc_is_noticed_and_respects_the_lock);
    tcase_add_test(tc, an_unreadable_block_is_a_medium_error);
    tcase_add_test(tc, the_tail_of_an_odd_image_reads_as_zeros);
    tcase_add_test(tc, a_snapshot_in_a_data_phase_continues);
    tcase_add_test(tc, random_packets_are_harmless);
    suite_add_tcase(s, tc);
    SRunner *sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed != 0;
}
