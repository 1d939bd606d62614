/* test_fdc82077.c - the floppy controller as a driver sees it: phases, seeks, data, errors. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/dev/fdc82077.h"
#include "tests/dev/disks.h"
#include <check.h>

enum { MSR = 0x3f4, FIFO = 0x3f5, DOR = 0x3f2, DIR = 0x3f7 };

static struct bench *b;
static struct disk disk, other;
static bool has_other, protect;

static void boot(void)
{
    bench_power_on(b);
    out8(b, 0xd6, 0xc0);
    out8(b, 0xd4, 0);
    out8(b, DOR, 0x1c);
    step(b, 1000000);
    ck_assert(wire(b, 6));
    for (unsigned i = 0; i < 4; i++) {
        out8(b, FIFO, 8);
        ck_assert_uint_eq(in8(b, FIFO), 0xc0 | i);
        ck_assert_uint_eq(in8(b, FIFO), 0);
    }
    ck_assert(!wire(b, 6));
    out8(b, DIR, 0);                             /* 500 kbit/s */
}

static void start(unsigned kib, uint64_t fault, const char *props)
{
    b = bench_begin();
    disk_new(b, &disk, "f", kib * 1024, fault);
    disk.im->read_only = protect;
    bench_add(b, "i8237", NULL);
    bench_add(b, "fdc82077", props);
    boot();
}

static void setup(void) { start(1440, 0, "a=f"); }

static void teardown(void)
{
    bench_free(b);
    disk_free(&disk);
    if (has_other)
        disk_free(&other);
    has_other = protect = false;
}

static void send(const uint8_t *p, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        ck_assert_uint_eq(in8(b, MSR) & 0xc0, 0x80);
        out8(b, FIFO, p[i]);
    }
}
#define SEND(...) send((const uint8_t[]){ __VA_ARGS__ }, sizeof (const uint8_t[]){ __VA_ARGS__ })

static void result(uint8_t *p, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        ck_assert_uint_eq(in8(b, MSR) & 0xd0, 0xd0);
        p[i] = in8(b, FIFO);
    }
    ck_assert_uint_eq(in8(b, MSR) & 0xd0, 0x80);
}

static void wait_interrupt(void)
{
    for (unsigned i = 0; i < 100000 && !wire(b, 6); i++)
        step(b, 10000);
    ck_assert(wire(b, 6));
}

static void check_result(const uint8_t *want)
{
    uint8_t r[7];

    wait_interrupt();
    result(r, 7);
    ck_assert_mem_eq(r, want, 7);
    ck_assert(!wire(b, 6));
}
#define RESULT(...) check_result((const uint8_t[7]){ __VA_ARGS__ })

static void sense(uint8_t st0, uint8_t pcn)
{
    uint8_t r[2];

    wait_interrupt();
    SEND(0x08);
    result(r, 2);
    ck_assert_uint_eq(r[0], st0);
    ck_assert_uint_eq(r[1], pcn);
    ck_assert(!wire(b, 6));
}

static void seek(uint8_t cyl)
{
    SEND(0x0f, 0, cyl);
    sense(0x20, cyl);
}

static void program_dma(uint8_t mode, uint32_t addr, unsigned bytes)
{
    out8(b, 0x0a, 6);
    out8(b, 0x0c, 0);
    out8(b, 0x0b, mode | 2);
    out8(b, 0x04, (uint8_t)addr);
    out8(b, 0x04, (uint8_t)(addr >> 8));
    out8(b, 0x81, (uint8_t)(addr >> 16));
    out8(b, 0x05, (uint8_t)(bytes - 1));
    out8(b, 0x05, (uint8_t)((bytes - 1) >> 8));
    out8(b, 0x0a, 2);
}

static void check_memory(uint32_t addr, uint64_t sector)
{
    for (unsigned i = 0; i < 512; i++)
        ck_assert_uint_eq(rd8(b, addr + i), disk_byte(sector, i));
}

START_TEST(the_controller_introduces_itself)
{
    uint8_t r[10];

    SEND(0x10);
    result(r, 1);
    ck_assert_uint_eq(r[0], 0x90);
    SEND(0x18);                                  /* PART ID is the 82078's */
    result(r, 1);
    ck_assert_uint_eq(r[0], 0x80);
    SEND(0x03, 0xdf, 0x02);
    SEND(0x13, 0, 0x57, 3);
    SEND(0x94);
    result(r, 1);
    ck_assert_uint_eq(r[0], 0x10);
    SEND(0x12, 0x84);
    out8(b, DOR, 0x18);
    out8(b, DOR, 0x1c);
    step(b, 1000000);
    for (unsigned i = 0; i < 4; i++) {
        SEND(0x08);
        result(r, 2);
    }
    SEND(0x0e);
    result(r, 10);
    ck_assert_mem_eq(r, ((uint8_t[]){ 0, 0, 0, 0, 0xdf, 0x02, 0, 0x84, 0x07, 3 }), 10);
}
END_TEST

START_TEST(seeks_interrupt_and_recalibrate_knows_absent_drives)
{
    uint8_t r[2];

    seek(0);
    ck_assert_uint_eq(in8(b, DIR), 0x80);        /* nobody has stepped since power-on */
    SEND(0x0f, 0, 3);
    ck_assert_uint_eq(in8(b, MSR), 0x81);
    sense(0x20, 3);
    ck_assert_uint_eq(in8(b, MSR), 0x80);
    ck_assert_uint_eq(in8(b, DIR), 0);
    SEND(0x04, 0);
    result(r, 1);
    ck_assert_uint_eq(r[0], 0x28);
    SEND(0x07, 0);
    sense(0x20, 0);
    SEND(0x04, 4);
    result(r, 1);
    ck_assert_uint_eq(r[0], 0x3c);
    SEND(0x07, 1);
    sense(0x71, 0);
    SEND(0x07, 4);
    sense(0x20, 0);
    seek(83);
    SEND(0x07, 0);
    sense(0x70, 0);                              /* 79 pulses were not enough */
    SEND(0x07, 0);
    sense(0x20, 0);
    SEND(0x08);                                  /* nothing left to sense */
    result(r, 1);
    ck_assert_uint_eq(r[0], 0x80);
    SEND(0xcf, 0, 7);
    sense(0x20, 7);
    SEND(0x8f, 0, 2);
    sense(0x20, 5);
}
END_TEST

START_TEST(two_seeks_overlap_and_both_are_reported)
{
    SEND(0x0f, 0, 9);
    step(b, 1000);
    SEND(0x0f, 1, 4);
    ck_assert_uint_eq(in8(b, MSR), 0x83);
    step(b, 1000000);
    SEND(0x08);
    ck_assert_uint_eq(in8(b, FIFO), 0x20);
    ck_assert_uint_eq(in8(b, FIFO), 9);
    ck_assert(wire(b, 6));
    sense(0x21, 4);
}
END_TEST

START_TEST(read_moves_sectors_by_dma_until_terminal_count)
{
    seek(5);
    program_dma(0x44, 0x10000, 1024);
    SEND(0xe6, 0x04, 5, 1, 17, 2, 18, 0x1b, 0xff);
    RESULT(0x04, 0, 0, 6, 0, 1, 2);
    check_memory(0x10000, (5 * 2 + 1) * 18 + 16);
    check_memory(0x10200, (5 * 2 + 1) * 18 + 17);
}
END_TEST

START_TEST(multi_track_goes_on_to_the_other_side)
{
    seek(0);
    program_dma(0x44, 0x10000, 4 * 512);
    SEND(0xe6, 0x00, 0, 0, 17, 2, 18, 0x1b, 0xff);
    RESULT(0x04, 0, 0, 0, 1, 3, 2);
    for (unsigned i = 0; i < 4; i++)
        check_memory(0x10000 + 512 * i, 16 + i);
}
END_TEST

START_TEST(no_terminal_count_is_end_of_cylinder)
{
    seek(0);
    program_dma(0x44, 0x10000, 4096);
    SEND(0x46, 0x00, 0, 0, 18, 2, 18, 0x1b, 0xff);
    RESULT(0x40, 0x80, 0, 1, 0, 1, 2);
}
END_TEST

START_TEST(a_write_fills_the_last_sector_with_zeros)
{
    uint8_t s[512];

    seek(2);
    for (unsigned i = 0; i < 512; i += 4)
        wr32(b, 0x20000 + i, 0x11223344);
    program_dma(0x48, 0x20000, 516);
    SEND(0xc5, 0x00, 2, 0, 1, 2, 18, 0x1b, 0xff);
    RESULT(0x00, 0, 0, 2, 0, 3, 2);
    disk_sector(&disk, 72, s);
    ck_assert(s[0] == 0x44 && s[511] == 0x11);
    disk_sector(&disk, 73, s);
    ck_assert(s[3] == rd8(b, 0x20203) && s[4] == 0 && s[511] == 0);
    disk_sector(&disk, 74, s);
    ck_assert_uint_eq(s[10], disk_byte(74, 10));
}
END_TEST

START_TEST(programmed_io_gives_an_interrupt_a_byte)
{
    SEND(0x03, 0xdf, 0x03);                      /* ND */
    seek(0);
    SEND(0x46, 0x00, 0, 0, 3, 2, 3, 0x1b, 0xff);
    unsigned before = rises(b, 6);
    step(b, 1000000);
    for (unsigned i = 0; i < 512; i++) {
        ck_assert_uint_eq(in8(b, MSR), 0xf0);
        ck_assert(wire(b, 6));
        ck_assert_uint_eq(in8(b, FIFO), disk_byte(2, i));
    }
    RESULT(0x40, 0x80, 0, 1, 0, 1, 2);
    ck_assert_uint_eq(rises(b, 6) - before, 513);
    SEND(0x45, 0x00, 0, 0, 4, 2, 4, 0x1b, 0xff);
    step(b, 1000000);
    for (unsigned i = 0; i < 512; i++) {
        ck_assert_uint_eq(in8(b, MSR), 0xb0);
        out8(b, FIFO, (uint8_t)(i ^ 0x55));
    }
    RESULT(0x40, 0x80, 0, 1, 0, 1, 2);
    uint8_t s[512];
    disk_sector(&disk, 3, s);
    ck_assert(s[0] == 0x55 && s[511] == (0xff ^ 0x55));
}
END_TEST

START_TEST(wrong_ids_rates_and_motors_find_no_data)
{
    seek(1);
    program_dma(0x44, 0x10000, 512);
    SEND(0x46, 0x00, 2, 0, 1, 2, 18, 0x1b, 0xff);          /* heads are on 1 */
    RESULT(0x40, 0x04, 0x10, 2, 0, 1, 2);
    SEND(0x46, 0x00, 1, 0, 19, 2, 19, 0x1b, 0xff);
    RESULT(0x40, 0x04, 0, 1, 0, 19, 2);
    SEND(0x46, 0x00, 1, 0, 1, 3, 18, 0x1b, 0xff);
    RESULT(0x40, 0x04, 0, 1, 0, 1, 3);
    out8(b, DIR, 2);
    SEND(0x46, 0x00, 1, 0, 1, 2, 18, 0x1b, 0xff);
    RESULT(0x40, 0x01, 0, 1, 0, 1, 2);
    out8(b, DIR, 0);
    out8(b, DOR, 0x0c);
    SEND(0x46, 0x00, 1, 0, 1, 2, 18, 0x1b, 0xff);
    RESULT(0x40, 0x01, 0, 1, 0, 1, 2);
}
END_TEST

START_TEST(implied_seek_moves_the_heads)
{
    SEND(0x13, 0, 0x40, 0);
    program_dma(0x44, 0x10000, 512);
    SEND(0x46, 0x00, 40, 0, 1, 2, 18, 0x1b, 0xff);
    RESULT(0x00, 0, 0, 40, 0, 2, 2);
    check_memory(0x10000, 40 * 36);
}
END_TEST

START_TEST(read_id_names_the_sectors_in_turn)
{
    seek(7);
    SEND(0x4a, 0x04);
    RESULT(0x04, 0, 0, 7, 1, 1, 2);
    SEND(0x4a, 0x04);
    RESULT(0x04, 0, 0, 7, 1, 2, 2);
}
END_TEST

START_TEST(format_fills_the_sectors_named)
{
    uint8_t s[512];

    seek(3);
    for (unsigned i = 0; i < 18; i++)
        wr32(b, 0x8000 + 4 * i, 3 | 1 << 8 | (i + 1) << 16 | 2u << 24);
    program_dma(0x48, 0x8000, 72);
    SEND(0x4d, 0x04, 2, 18, 0x1b, 0xf6);
    wait_interrupt();
    uint8_t r[7];
    result(r, 7);
    ck_assert(r[0] == 4 && r[1] == 0 && r[2] == 0);
    for (unsigned i = 0; i < 18; i++) {
        disk_sector(&disk, (3 * 2 + 1) * 18 + i, s);
        ck_assert(s[0] == 0xf6 && s[511] == 0xf6);
    }
    disk_sector(&disk, 8 * 18, s);
    ck_assert_uint_eq(s[5], disk_byte(8 * 18, 5));
}
END_TEST

START_TEST(verify_and_scan_compare_without_moving_data)
{
    seek(0);
    SEND(0x56, 0x80, 0, 0, 1, 2, 18, 0x1b, 3);
    RESULT(0x00, 0, 0, 0, 0, 4, 2);
    for (unsigned i = 0; i < 512; i++)
        wr8(b, 0x9000 + i, disk_byte(4, i));
    program_dma(0x58, 0x9000, 512);
    SEND(0x51, 0x00, 0, 0, 5, 2, 18, 0x1b, 1);
    RESULT(0x00, 0, 0x08, 0, 0, 5, 2);
    SEND(0x51, 0x00, 0, 0, 17, 2, 18, 0x1b, 1);
    RESULT(0x00, 0, 0x00, 0, 0, 18, 2);          /* terminal count after one sector */
}
END_TEST

START_TEST(a_masked_dma_channel_ends_in_overrun)
{
    seek(0);
    out8(b, 0x0a, 6);
    SEND(0x46, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff);
    RESULT(0x40, 0x10, 0, 0, 0, 1, 2);
}
END_TEST

START_TEST(a_read_error_of_the_image_is_a_data_error)
{
    teardown();
    start(1440, 1, "a=f");
    program_dma(0x44, 0x10000, 512);
    SEND(0x46, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff);
    RESULT(0x40, 0x20, 0x20, 0, 0, 1, 2);
}
END_TEST

START_TEST(every_format_reads_its_last_sector)
{
    static const struct { unsigned kib, spt, heads, tracks, rate, type; } f[] = {
        { 160, 8, 1, 40, 2, 1 }, { 180, 9, 1, 40, 2, 1 }, { 320, 8, 2, 40, 2, 1 },
        { 360, 9, 2, 40, 2, 1 }, { 720, 9, 2, 80, 2, 4 }, { 1200, 15, 2, 80, 0, 2 },
        { 1440, 18, 2, 80, 0, 4 }, { 2880, 36, 2, 80, 3, 5 },
    };

    for (unsigned i = 0; i < sizeof f / sizeof f[0]; i++) {
        uint8_t c = (uint8_t)(f[i].tracks - 1), h = (uint8_t)(f[i].heads - 1);

        teardown();
        start(f[i].kib, 0, "a=f");
        ck_assert_uint_eq(fdc_drive_type(b->dev, 0), f[i].type);
        out8(b, DIR, (uint8_t)f[i].rate);
        seek(c);
        program_dma(0x44, 0x10000, 512);
        SEND(0x46, (uint8_t)(h << 2), c, h, (uint8_t)f[i].spt, 2, (uint8_t)f[i].spt, 0x1b, 0xff);
        RESULT((uint8_t)(h << 2), 0, 0, (uint8_t)(c + 1), h, 1, 2);
        check_memory(0x10000, f[i].kib * 2 - 1);
    }
}
END_TEST

START_TEST(a_360k_disk_in_a_1200k_drive_is_stepped_twice)
{
    teardown();
    start(360, 0, "a=f,typea=1200");
    out8(b, DIR, 1);
    seek(20);
    SEND(0x4a, 0);
    RESULT(0, 0, 0, 10, 0, 1, 2);
    program_dma(0x44, 0x10000, 512);
    SEND(0x46, 0x00, 10, 0, 1, 2, 9, 0x1b, 0xff);
    RESULT(0, 0, 0, 10, 0, 2, 2);
    check_memory(0x10000, 180);
}
END_TEST

START_TEST(a_changed_disk_is_seen_and_wrong_sizes_are_refused)
{
    struct vm_error e;
    struct disk odd;

    has_other = true;
    disk_new(b, &other, "other", 720 * 1024, 0);
    disk_new(b, &odd, "odd", 2881 * 1024, 0);
    seek(1);
    ck_assert_uint_eq(in8(b, DIR), 0);
    ck_assert_int_eq(fdc_change(b->dev, 0, &odd.blk, &e), VM_EINVAL);
    ck_assert_int_eq(fdc_change(b->dev, 1, &other.blk, &e), VM_ENOENT);
    ck_assert_int_eq(fdc_change(b->dev, 0, &other.blk, &e), 0);
    ck_assert_uint_eq(in8(b, DIR), 0x80);
    seek(0);
    ck_assert_uint_eq(in8(b, DIR), 0);
    ck_assert_int_eq(fdc_change(b->dev, 0, NULL, &e), 0);
    seek(1);
    ck_assert_uint_eq(in8(b, DIR), 0x80);
    SEND(0x46, 0x00, 1, 0, 1, 2, 18, 0x1b, 0xff);
    RESULT(0x40, 0x01, 0, 1, 0, 1, 2);
    disk_free(&odd);
}
END_TEST

START_TEST(taking_the_disk_out_in_mid_command_fails_it)
{
    struct vm_error e;

    SEND(0x03, 0xdf, 0x03);
    SEND(0x46, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff);
    step(b, 1000000);
    ck_assert_uint_eq(in8(b, MSR), 0xf0);
    ck_assert_int_eq(fdc_change(b->dev, 0, NULL, &e), 0);
    for (unsigned i = 0; i < 512; i++)
        in8(b, FIFO);
    RESULT(0x40, 0x01, 0, 0, 0, 2, 2);
}
END_TEST

START_TEST(snapshots_in_each_phase)
{
    bench_snap_roundtrip(b);
    SEND(0x46, 0x00, 0);
    bench_snap_roundtrip(b);
    SEND(0, 1, 2, 18, 0x1b, 0xff);
    bench_snap_roundtrip(b);
    out8(b, DOR, 0x18);
    out8(b, DOR, 0x1c);
    step(b, 1000000);
    SEND(0x08);
    bench_snap_roundtrip(b);
    in8(b, FIFO);
    in8(b, FIFO);
    SEND(0x03, 0xdf, 0x03);
    SEND(0x0f, 0, 4);
    bench_snap_roundtrip(b);
    step(b, 1000000);
    bench_snap_roundtrip(b);
    SEND(0x46, 0x00, 4, 0, 1, 2, 18, 0x1b, 0xff);
    step(b, 1000000);
    for (unsigned i = 0; i < 100; i++)
        in8(b, FIFO);
    bench_snap_roundtrip(b);
}
END_TEST

/* CVE-2015-3456: bytes without end to the data port, in every phase and after every command. */
START_TEST(the_data_port_takes_any_number_of_bytes)
{
    for (unsigned cmd = 0; cmd < 256; cmd++) {
        out8(b, DOR, 0x18);
        out8(b, DOR, 0x1c);
        step(b, 1000000);
        out8(b, FIFO, (uint8_t)cmd);
        for (unsigned i = 0; i < 65536 / 16; i++) {
            out8(b, FIFO, (uint8_t)(i * 37));
            if (i % 512 == 0)
                step(b, 100000);
        }
        for (unsigned i = 0; i < 600; i++)
            in8(b, FIFO);
    }
}
END_TEST

START_TEST(random_port_traffic_is_harmless)
{
    uint32_t seed = 1;                           /* xorshift32 */

    program_dma(0x54, 0x10000, 512);
    for (unsigned i = 0; i < 300000; i++) {
        seed ^= seed << 13; seed ^= seed >> 17; seed ^= seed << 5;
        uint16_t port = seed >> 8 & 12 ? FIFO : 0x3f0 + (seed >> 10 & 7);

        if (port == 0x3f6)
            continue;
        seed & 0x30000 ? out8(b, port, (uint8_t)(seed >> 20)) : in8(b, port);
        if ((seed & 7) == 0)
            step(b, 50000);
    }
    bench_snap_roundtrip(b);
    out8(b, DOR, 0x18);
    out8(b, DOR, 0x1c);
    ck_assert_uint_eq(in8(b, MSR), 0x80);
}
END_TEST

static void poke(struct bench *m)
{
    step(m, 10000000);
    for (unsigned i = 0; i < 700; i++) {
        in8(m, FIFO);
        out8(m, FIFO, (uint8_t)i);
        in8(m, MSR);
    }
    step(m, 1000000000);
}

START_TEST(hostile_streams_are_refused_or_harmless)
{
    hostile_streams(b, 500, poke);
    SEND(0x46, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff);        /* waits for the DMA controller */
    step(b, 100000);
    hostile_streams(b, 500, poke);
}
END_TEST

START_TEST(a_reset_forgets_cylinders_and_what_is_not_locked)
{
    uint8_t r[10];

    seek(5);
    SEND(0x13, 0, 0x57, 3);
    out8(b, 0x3f4, 0x80);                        /* the other way to reset */
    step(b, 1000000);
    sense(0xc0, 0);
    for (unsigned i = 1; i < 4; i++) {
        SEND(0x08);
        result(r, 2);
    }
    SEND(0x0e);
    result(r, 10);
    ck_assert(r[0] == 0 && r[8] == 0x20 && r[9] == 0);
    SEND(0x04, 0);
    result(r, 1);
    ck_assert_uint_eq(r[0] & 0x10, 0);           /* the heads did not move */
}
END_TEST

START_TEST(a_protected_disk_is_not_written)
{
    uint8_t s[512], r[1];

    teardown();
    protect = true;
    start(1440, 0, "a=f");
    SEND(0x04, 0);
    result(r, 1);
    ck_assert_uint_eq(r[0], 0x78);
    program_dma(0x48, 0x20000, 512);
    SEND(0x45, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff);
    RESULT(0x40, 0x02, 0, 0, 0, 1, 2);
    SEND(0x4d, 0x00, 2, 18, 0x1b, 0xf6);
    wait_interrupt();
    ck_assert_uint_eq(in8(b, FIFO), 0x40);
    ck_assert_uint_eq(in8(b, FIFO), 0x02);
    disk_sector(&disk, 0, s);
    ck_assert_uint_eq(s[10], disk_byte(0, 10));
}
END_TEST

START_TEST(scan_knows_wildcards_order_and_failure)
{
    for (unsigned i = 0; i < 1024; i++)
        wr8(b, 0x9000 + i, i % 512 == 100 ? 0xff : disk_byte(4, i % 512));
    program_dma(0x58, 0x9000, 512);
    SEND(0x51, 0x00, 0, 0, 5, 2, 18, 0x1b, 1);
    RESULT(0x00, 0, 0x08, 0, 0, 5, 2);
    program_dma(0x58, 0x9000, 2048);
    SEND(0x51, 0x00, 0, 0, 17, 2, 18, 0x1b, 1);
    RESULT(0x00, 0, 0x04, 1, 0, 1, 2);           /* end of track, not satisfied */
    program_dma(0x58, 0x9000, 512);
    SEND(0x5d, 0x00, 0, 0, 6, 2, 18, 0x1b, 1);   /* sector 5 is higher than 4 */
    RESULT(0x00, 0, 0x00, 0, 0, 6, 2);
    program_dma(0x58, 0x9000, 512);
    SEND(0x59, 0x00, 0, 0, 4, 2, 18, 0x1b, 1);   /* sector 3 is lower */
    RESULT(0x00, 0, 0x00, 0, 0, 4, 2);
}
END_TEST

START_TEST(deleted_data_is_never_found)
{
    program_dma(0x44, 0x10000, 1024);
    SEND(0x4c, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff);
    RESULT(0x00, 0, 0x40, 0, 0, 2, 2);           /* read, marked, and no further */
    check_memory(0x10000, 0);
    ck_assert_uint_eq(rd8(b, 0x10201), 0);
    SEND(0x6c, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff);
    RESULT(0x40, 0x80, 0x40, 1, 0, 1, 2);        /* all skipped */
}
END_TEST

START_TEST(format_stops_at_terminal_count)
{
    uint8_t s[512];

    for (unsigned i = 0; i < 18; i++)
        wr32(b, 0x8000 + 4 * i, (i + 1) << 16 | 2u << 24);
    program_dma(0x48, 0x8000, 8);
    SEND(0x4d, 0x00, 2, 18, 0x1b, 0xf6);
    wait_interrupt();
    ck_assert_uint_eq(in8(b, FIFO), 0);
    disk_sector(&disk, 1, s);
    ck_assert_uint_eq(s[9], 0xf6);
    disk_sector(&disk, 2, s);
    ck_assert_uint_eq(s[9], disk_byte(2, 9));
}
END_TEST

START_TEST(a_short_image_is_a_disk_with_zeros_behind)
{
    teardown();
    start(700, 0, "a=f");
    ck_assert_uint_eq(fdc_drive_type(b->dev, 0), 4);
    seek(38);
    wr32(b, 0x10200, 0x55555555);
    program_dma(0x44, 0x10000, 1024);
    SEND(0x46, 0x04, 38, 1, 14, 2, 18, 0x1b, 0xff);      /* sectors 1399, 1400 */
    RESULT(0x04, 0, 0, 38, 1, 16, 2);
    check_memory(0x10000, 1399);
    ck_assert_uint_eq(rd32(b, 0x10200), 0);
    program_dma(0x48, 0x10000, 512);
    SEND(0x45, 0x04, 38, 1, 15, 2, 18, 0x1b, 0xff);
    RESULT(0x44, 0x20, 0x20, 38, 1, 15, 2);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("fdc82077");
    TCase *tc = tcase_create("fdc82077");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, the_controller_introduces_itself);
    tcase_add_test(tc, seeks_interrupt_and_recalibrate_knows_absent_drives);
    tcase_add_test(tc, two_seeks_overlap_and_both_are_reported);
    tcase_add_test(tc, read_moves_sectors_by_dma_until_terminal_count);
    tcase_add_test(tc, multi_track_goes_on_to_the_other_side);
    tcase_add_test(tc, no_terminal_count_is_end_of_cylinder);
    tcase_add_test(tc, a_write_fills_the_last_sector_with_zeros);
    tcase_add_test(tc, programmed_io_gives_an_interrupt_a_byte);
    tcase_add_test(tc, wrong_ids_rates_and_motors_find_no_data);
    tcase_add_test(tc, implied_seek_moves_the_heads);
    tcase_add_test(tc, read_id_names_the_sectors_in_turn);
    tcase_add_test(tc, format_fills_the_sectors_named);
    tcase_add_test(tc, verify_and_scan_compare_without_moving_data);
    tcase_add_test(tc, a_masked_dma_channel_ends_in_overrun);
    tcase_add_test(tc, a_read_error_of_the_image_is_a_data_error);
    tcase_add_test(tc, every_format_reads_its_last_sector);
    tcase_add_test(tc, a_360k_disk_in_a_1200k_drive_is_stepped_twice);
    tcase_add_test(tc, a_changed_disk_is_seen_and_wrong_sizes_are_refused);
    tcase_add_test(tc, taking_the_disk_out_in_mid_command_fails_it);
    tcase_add_test(tc, snapshots_in_each_phase);
    tcase_add_test(tc, the_data_port_takes_any_number_of_bytes);
    tcase_add_test(tc, random_port_traffic_is_harmless);
    tcase_add_test(tc, hostile_streams_are_refused_or_harmless);
    tcase_add_test(tc, a_reset_forgets_cylinders_and_what_is_not_locked);
    tcase_add_test(tc, a_protected_disk_is_not_written);
    tcase_add_test(tc, scan_knows_wildcards_order_and_failure);
    tcase_add_test(tc, deleted_data_is_never_found);
    tcase_add_test(tc, format_stops_at_terminal_count);
    tcase_add_test(tc, a_short_image_is_a_disk_with_zeros_behind);
    suite_add_tcase(s, tc);
    SRunner *sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed != 0;
}
