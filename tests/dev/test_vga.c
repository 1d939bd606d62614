/* test_vga.c - VGA registers and the CPU's way to the planes, against a bit-by-bit reference. */
/* SPDX-License-Identifier: MIT */
#include "tests/dev/disks.h"
#include "tests/dev/vga_modes.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct bench *b;
static struct display screen;

static void setup(void)
{
    b = vga_bench(&screen);
}

static void teardown(void)
{
    bench_free(b);
}

static unsigned rd_index(unsigned port, unsigned i)
{
    out8(b, port, i);
    return in8(b, port + 1);
}

/* ---- registers ------------------------------------------------------------------------------ */

START_TEST(pci_function_is_a_vga_with_a_frame_buffer)
{
    ck_assert_uint_eq(cfg_rd(b, VGA_DEVFN, 0, 4), 0x11111234);
    ck_assert_uint_eq(cfg_rd(b, VGA_DEVFN, 8, 4) >> 8, 0x030000);
    cfg_wr(b, VGA_DEVFN, 0x10, 4, 0xffffffff);
    ck_assert_uint_eq(cfg_rd(b, VGA_DEVFN, 0x10, 4) & ~15u, ~(VGA_TEST_BYTES - 1u));
}
END_TEST

START_TEST(indexed_registers_keep_their_defined_bits)
{
    static const struct { unsigned port, count; uint8_t mask[9]; } banks[] = {
        { 0x3c4, 5, { 0x03, 0x3d, 0x0f, 0x3f, 0x0e } },
        { 0x3ce, 9, { 0x0f, 0x0f, 0x0f, 0x1f, 0x03, 0x7b, 0x0f, 0x0f, 0xff } },
    };

    for (unsigned k = 0; k < 2; k++)
        for (unsigned i = 0; i < banks[k].count; i++) {
            out8(b, banks[k].port, i);
            out8(b, banks[k].port + 1, 0xff);
            ck_assert_uint_eq(rd_index(banks[k].port, i), banks[k].mask[i]);
        }
}
END_TEST

START_TEST(crtc_protect_locks_registers_0_to_7_but_line_compare_bit_8)
{
    out8(b, 0x3c2, 0x01);
    vga_crtc(b, 0x11, 0x00);
    for (unsigned i = 0; i < 8; i++)
        vga_crtc(b, i, 0x55);
    vga_crtc(b, 0x11, 0x80);
    for (unsigned i = 0; i < 8; i++)
        vga_crtc(b, i, 0xaa);
    for (unsigned i = 0; i < 7; i++)
        ck_assert_uint_eq(rd_index(0x3d4, i), 0x55);
    ck_assert_uint_eq(rd_index(0x3d4, 7), 0x45);
    vga_crtc(b, 7, 0xff);
    ck_assert_uint_eq(rd_index(0x3d4, 7), 0x55);
    vga_crtc(b, 8, 0x1f);
    ck_assert_uint_eq(rd_index(0x3d4, 8), 0x1f);
    ck_assert_uint_eq(rd_index(0x3d4, 0x30), 0);         /* no such register */
}
END_TEST

START_TEST(misc_output_moves_the_crtc_between_3bx_and_3dx)
{
    out8(b, 0x3c2, 0x01);
    vga_crtc(b, 0x0f, 0x42);
    ck_assert_uint_eq(in8(b, 0x3b5), 0xff);
    out8(b, 0x3c2, 0x00);
    ck_assert_uint_eq(in8(b, 0x3d5), 0xff);
    ck_assert_uint_eq(in8(b, 0x3da), 0xff);
    ck_assert_uint_eq(in8(b, 0x3b5), 0x42);
    ck_assert_uint_eq(in8(b, 0x3cc), 0x00);
}
END_TEST

START_TEST(attribute_flip_flop_alternates_and_status_resets_it)
{
    out8(b, 0x3c2, 0x01);
    in8(b, 0x3da);
    out8(b, 0x3c0, 0x05);
    out8(b, 0x3c0, 0x2a);
    out8(b, 0x3c0, 0x06);
    in8(b, 0x3da);                                       /* the next write is an index again */
    out8(b, 0x3c0, 0x05);
    ck_assert_uint_eq(in8(b, 0x3c1), 0x2a);
    ck_assert_uint_eq(in8(b, 0x3c0), 0x05);
    out8(b, 0x3c0, 0xff);
    in8(b, 0x3da);
    out8(b, 0x3c0, 0x25);
    ck_assert_uint_eq(in8(b, 0x3c1), 0x3f);
    in8(b, 0x3da);
    out8(b, 0x3c0, 0x1f);                                /* no such register */
    out8(b, 0x3c0, 0xff);
    ck_assert_uint_eq(in8(b, 0x3c1), 0);
}
END_TEST

START_TEST(dac_entries_change_as_a_whole_and_indices_advance)
{
    out8(b, 0x3c8, 0xff);
    ck_assert_uint_eq(in8(b, 0x3c7), 0);
    for (unsigned i = 1; i <= 6; i++)
        out8(b, 0x3c9, 0xc0 | i);
    ck_assert_uint_eq(in8(b, 0x3c8), 1);                 /* wrapped past 255 */
    out8(b, 0x3c9, 9);                                   /* first third of entry 1 */
    out8(b, 0x3c7, 0xff);
    ck_assert_uint_eq(in8(b, 0x3c7), 3);
    for (unsigned i = 1; i <= 6; i++)
        ck_assert_uint_eq(in8(b, 0x3c9), i);             /* six bits */
    ck_assert_uint_eq(in8(b, 0x3c9), 0);                 /* entry 1 was never completed */
    dispi(b, 4, 0x20);
    vga_dac(b, 7, 0xfe1203);
    out8(b, 0x3c7, 7);
    ck_assert_uint_eq(in8(b, 0x3c9), 0xfe);
    ck_assert_uint_eq(in8(b, 0x3c9), 0x12);
    bench_snap_roundtrip(b);
}
END_TEST

/* Mode 3: 449 lines of 900 dots at 28.322 MHz, 400 shown, retrace in lines 412 and 413. */
START_TEST(retrace_bits_follow_the_virtual_clock)
{
    const vtime_t line = 900ll * 1000000000 / 28322000;
    unsigned shown = 0, retrace = 0, n = 449 * 8;

    vga_set_mode(b, &mode_03);
    for (unsigned i = 0; i < n; i++) {
        unsigned s = in8(b, 0x3da);

        shown += !(s & 1);
        retrace += s >> 3 & 1;
        step(b, line / 8);
    }
    ck_assert_uint_ge(retrace, 14);                      /* 2 of 449 lines, 8 samples each */
    ck_assert_uint_le(retrace, 18);
    ck_assert_uint_ge(shown, 400 * 6);                   /* 640 or 720 of 900 dots: 6 to 7 of 8 */
    ck_assert_uint_le(shown, 400 * 7);
    ck_assert_uint_eq(in8(b, 0x3c2), 0x10);
}
END_TEST

START_TEST(impossible_timing_still_gives_a_retrace)
{
    bool seen = false;

    out8(b, 0x3c2, 0x01);
    for (unsigned i = 0; i < 2000 && !seen; i++) {
        seen = in8(b, 0x3da) & 8;
        step(b, 10000);
    }
    ck_assert(seen);
}
END_TEST

/* ---- planes against a reference ------------------------------------------------------------- */

static uint8_t plane[4][0x10000], latch[4];

static bool bit(unsigned v, unsigned n)
{
    return v >> n & 1;
}

/* One bit of one plane as the Technical Reference's data flow says. */
static bool ref_bit(const uint8_t *gc, unsigned p, unsigned n, uint8_t cpu)
{
    uint8_t turned = (uint8_t)(cpu >> (gc[3] & 7) | cpu << (8 - (gc[3] & 7)));
    unsigned mode = gc[5] & 3;
    bool old = bit(latch[p], n), v, use = bit(gc[8], n);

    if (mode == 1)
        return old;
    if (mode == 0)
        v = bit(gc[1], p) ? bit(gc[0], p) : bit(turned, n);
    else if (mode == 2)
        v = bit(cpu, p);
    else {
        v = bit(gc[0], p);
        use = use && bit(turned, n);
    }
    switch (gc[3] >> 3) {
    case 1: v = v && old; break;
    case 2: v = v || old; break;
    case 3: v = v != old; break;
    }
    return use ? v : old;
}

static void ref_write(const uint8_t *gc, unsigned planes, unsigned off, uint8_t cpu)
{
    for (unsigned p = 0; p < 4; p++) {
        uint8_t byte = 0;

        if (!bit(planes, p))
            continue;
        for (unsigned n = 0; n < 8; n++)
            byte |= ref_bit(gc, p, n, cpu) << n;
        plane[p][off] = byte;
    }
}

static uint8_t ref_read(const uint8_t *gc, unsigned p, unsigned off)
{
    uint8_t equal = 0;

    for (unsigned i = 0; i < 4; i++)
        latch[i] = plane[i][off];
    if (!(gc[5] & 8))
        return plane[p][off];
    for (unsigned n = 0; n < 8; n++) {
        bool same = true;

        for (unsigned i = 0; i < 4; i++)
            same = same && (!bit(gc[7], i) || bit(latch[i], n) == bit(gc[2], i));
        equal |= same << n;
    }
    return equal;
}

static uint64_t rnd;

static unsigned roll(unsigned n)
{
    rnd = rnd * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(rnd >> 33) % n;
}

static void random_gc(uint8_t *gc, uint8_t mode_bits)
{
    for (unsigned i = 0; i < 9; i++)
        gc[i] = (uint8_t)roll(256);
    gc[3] &= 0x1f;
    gc[5] = (gc[5] & 0x0b) | mode_bits;
    gc[6] = 0x05;
    for (unsigned i = 0; i < 9; i++)
        vga_gc(b, i, gc[i]);
}

/* Write modes 0 to 3 (_i), both read modes, every function and mask. Seed 1987 + mode. */
START_TEST(planar_accesses_agree_with_the_reference)
{
    uint8_t gc[9];

    rnd = 1987 + _i;
    vga_set_mode(b, &mode_12);
    memset(plane, 0, sizeof plane);
    memset(latch, 0, sizeof latch);
    for (unsigned i = 0; i < 20000; i++) {
        unsigned off = roll(64) + (roll(2) ? 0xffc0 : 0), mask = roll(16), v = roll(256);

        if (i % 16 == 0) {
            random_gc(gc, 0);
            gc[5] = (gc[5] & ~3) | _i;
            vga_gc(b, 5, gc[5]);
        }
        vga_seq(b, 2, mask);
        if (roll(2)) {
            wr8(b, 0xa0000 + off, v);
            ref_write(gc, mask, off, v);
        } else {
            ck_assert_uint_eq(rd8(b, 0xa0000 + off), ref_read(gc, gc[4] & 3, off));
        }
    }
    bench_snap_roundtrip(b);
}
END_TEST

/* Chain-4 and odd/even: which plane and offset an address reaches. Seed 4. */
START_TEST(chain_4_spreads_bytes_over_planes)
{
    vga_set_mode(b, &mode_13);
    vga_gc(b, 8, 0xff);
    vga_seq(b, 2, 0x0b);                                 /* plane 2 is masked: not plain memory */
    for (unsigned i = 0; i < 0x10000; i++)
        wr8(b, 0xa0000 + i, i * 3 + 1);
    for (unsigned i = 0; i < 0x10000; i++)
        ck_assert_uint_eq(rd8(b, 0xa0000 + i), i % 4 == 2 ? 0 : (i * 3 + 1) & 0xff);
    vga_seq(b, 2, 0x0f);                                 /* now it is */
    for (unsigned i = 0; i < 0x10000; i++)
        ck_assert_uint_eq(rd8(b, 0xa0000 + i), i % 4 == 2 ? 0 : (i * 3 + 1) & 0xff);
    wr32(b, 0xa0000, 0x44332211);
    vga_gc(b, 3, 0x04);                                  /* rotated: no plain memory again */
    wr8(b, 0xa0004, 0x21);
    vga_gc(b, 3, 0x00);
    vga_gc(b, 8, 0x0f);
    rd8(b, 0xa0004);
    wr8(b, 0xa0004, 0xff);
    vga_gc(b, 8, 0xff);
    ck_assert_uint_eq(rd8(b, 0xa0004), 0x1f);
    vga_seq(b, 4, 0x06);                                 /* unchained: planes side by side */
    for (unsigned p = 0; p < 4; p++) {
        vga_gc(b, 4, p);
        ck_assert_uint_eq(rd8(b, 0xa0000), 0x11 * (p + 1));
    }
}
END_TEST

START_TEST(odd_even_puts_even_bytes_in_plane_0_and_odd_ones_in_plane_1)
{
    vga_set_mode(b, &mode_03);
    for (unsigned i = 0; i < 4000; i++)
        wr8(b, 0xb8000 + i, i * 5 + 2);
    for (unsigned i = 0; i < 4000; i++)
        ck_assert_uint_eq(rd8(b, 0xb8000 + i), (i * 5 + 2) & 0xff);
    ck_assert_uint_eq(rd8(b, 0xa0000), 0xff);            /* outside the map */
    ck_assert_uint_eq(rd8(b, 0xb0000), 0xff);
    vga_seq(b, 4, 0x06);
    vga_gc(b, 5, 0x00);
    vga_gc(b, 6, 0x04);
    for (unsigned p = 0; p < 2; p++) {
        vga_gc(b, 4, p);
        for (unsigned i = 0; i < 4000; i += 2)
            ck_assert_uint_eq(rd8(b, 0xa0000 + i), ((i + p) * 5 + 2) & 0xff);
    }
}
END_TEST

START_TEST(odd_even_reaches_planes_2_and_3_and_both_halves_of_128k)
{
    vga_set_mode(b, &mode_03);
    vga_gc(b, 6, 0x02);                                  /* A0000..BFFFF */
    vga_seq(b, 2, 0x0f);
    wr8(b, 0xa0010, 0x11);
    wr8(b, 0xa0011, 0x22);
    wr8(b, 0xb0010, 0x33);
    vga_gc(b, 4, 2);
    ck_assert_uint_eq(rd8(b, 0xa0010), 0x11);
    ck_assert_uint_eq(rd8(b, 0xa0011), 0x22);
    ck_assert_uint_eq(rd8(b, 0xb0010), 0x33);
    vga_seq(b, 2, 0x03);
    wr8(b, 0xa0010, 0x44);                               /* plane 0 only: 2 keeps its byte */
    ck_assert_uint_eq(rd8(b, 0xa0010), 0x11);
    vga_gc(b, 4, 0);
    ck_assert_uint_eq(rd8(b, 0xa0010), 0x44);
    vga_seq(b, 4, 0x06);
    vga_gc(b, 5, 0x00);
    ck_assert_uint_eq(rd8(b, 0xa0011), 0x33);            /* the upper half fills the gaps */
}
END_TEST

START_TEST(map_select_and_misc_open_the_right_window)
{
    static const struct { unsigned select; uint64_t first, last; } maps[] = {
        { 0, 0xa0000, 0xbffff }, { 1, 0xa0000, 0xaffff }, { 2, 0xb0000, 0xb7fff },
        { 3, 0xb8000, 0xbffff },
    };

    vga_set_mode(b, &mode_12);
    for (unsigned i = 0; i < 4; i++) {
        vga_gc(b, 6, 1 | maps[i].select << 2);
        for (uint64_t at = 0xa0000; at < 0xc0000; at += 0x1000) {
            wr8(b, at, 0x5c);
            ck_assert_uint_eq(rd8(b, at), at >= maps[i].first && at <= maps[i].last ? 0x5c : 0xff);
        }
    }
    out8(b, 0x3c2, 0xe1);                                /* RAM disabled */
    ck_assert_uint_eq(rd8(b, 0xb8000), 0xff);
}
END_TEST

/* ---- DISPI ---------------------------------------------------------------------------------- */

START_TEST(dispi_identifies_itself_and_its_limits)
{
    ck_assert_uint_eq(dispi_get(b, 0), 0xb0c5);
    dispi(b, 0, 0xb0c0);
    ck_assert_uint_eq(dispi_get(b, 0), 0xb0c0);
    dispi(b, 0, 0x1234);
    ck_assert_uint_eq(dispi_get(b, 0), 0xb0c0);
    dispi(b, 4, 2);
    ck_assert_uint_eq(dispi_get(b, 1), 1600);
    ck_assert_uint_eq(dispi_get(b, 2), 1200);
    ck_assert_uint_eq(dispi_get(b, 3), 32);
    dispi(b, 4, 0);
    ck_assert_uint_eq(dispi_get(b, 1), 0);
    ck_assert_uint_eq(dispi_get(b, 10), VGA_TEST_BYTES >> 16);
    ck_assert_uint_eq(dispi_get(b, 99), 0);
    out16(b, 0x1ce, 3);
    ck_assert_uint_eq(in16(b, 0x1ce), 3);
}
END_TEST

START_TEST(dispi_refuses_what_memory_cannot_hold)
{
    dispi(b, 1, 1600);
    dispi(b, 2, 1200);
    dispi(b, 3, 32);
    dispi(b, 4, 0x41);
    ck_assert_uint_eq(dispi_get(b, 4) & 1, 0);           /* 7.7 MB in 4 MiB */
    dispi(b, 3, 16);
    dispi(b, 4, 0x41);
    ck_assert_uint_eq(dispi_get(b, 4), 0x41);
    dispi(b, 3, 24);                                     /* would not fit: stays 16 */
    ck_assert_uint_eq(dispi_get(b, 3), 16);
    dispi(b, 1, 1608);
    ck_assert_uint_eq(dispi_get(b, 1), 1600);
    ck_assert_uint_eq(dispi_get(b, 7), VGA_TEST_BYTES / 3200);
    dispi(b, 9, 0xffff);
    ck_assert_uint_eq(dispi_get(b, 9), VGA_TEST_BYTES / 3200 - 1200);
    dispi(b, 8, 0xffff);
    ck_assert_uint_eq(dispi_get(b, 8), 0);
    dispi(b, 6, 0xffff);                                 /* no room for 1200 such lines */
    ck_assert_uint_eq(dispi_get(b, 6), 1600);
}
END_TEST

START_TEST(dispi_bank_window_is_a_part_of_the_frame_buffer)
{
    vga_set_mode(b, &mode_13);
    dispi(b, 1, 640);
    dispi(b, 2, 480);
    dispi(b, 3, 8);
    dispi(b, 4, 0x01);
    wr8(b, 0xa0000, 0x10);
    dispi(b, 5, 3);
    wr8(b, 0xa1234, 0x33);
    ck_assert_uint_eq(rd8(b, VGA_LFB), 0x10);
    ck_assert_uint_eq(rd8(b, VGA_LFB + 0x31234), 0x33);
    wr32(b, VGA_LFB + 0x3fffc, 0xcafe1234);
    ck_assert_uint_eq(rd32(b, 0xafffc), 0xcafe1234);
    ck_assert_uint_eq(rd8(b, 0xb8000), 0xff);
    dispi(b, 5, 0xffff);
    ck_assert_uint_eq(dispi_get(b, 5), (VGA_TEST_BYTES >> 16) - 1);
    bench_snap_roundtrip(b);
    dispi(b, 4, 0);
    ck_assert_uint_eq(rd8(b, 0xa0000), 0x10);            /* bank 0 again */
    ck_assert_uint_eq(dispi_get(b, 5), 0);
}
END_TEST

START_TEST(dispi_enable_clears_memory_unless_told_not_to)
{
    dispi(b, 1, 640);
    dispi(b, 2, 480);
    dispi(b, 3, 32);
    wr32(b, VGA_LFB + 0x1000, 0x01020304);
    dispi(b, 4, 0xc1);
    ck_assert_uint_eq(rd32(b, VGA_LFB + 0x1000), 0x01020304);
    dispi(b, 4, 0);
    dispi(b, 4, 0x41);
    ck_assert_uint_eq(rd32(b, VGA_LFB + 0x1000), 0);
}
END_TEST

/* Any traffic, then a look at the screen: nothing outside vram is touched (SAN=1). Seed 1111. */
START_TEST(random_traffic_and_drawing_is_survived)
{
    static char text[1 << 20];
    static struct text_screen cells;

    rnd = 1111 + _i;
    for (unsigned i = 0; i < 30000; i++) {
        static const uint16_t ports[] = { 0x3c0, 0x3c2, 0x3c4, 0x3c5, 0x3c9, 0x3ce, 0x3cf, 0x3d4,
                                          0x3d5, 0x3b4, 0x3b5, 0x3da, 0x1ce, 0x1cf, 0x3c7, 0x3c8 };
        uint16_t port = ports[roll(16)];

        if (port == 0x3c2)
            out8(b, port, roll(256) | 3);
        else if (port >= 0x3b4)
            out8(b, port, roll(256));
        else
            dispi(b, roll(11), roll(3) ? roll(0x700) : roll(0x10000));
        wr32(b, 0xa0000 + roll(0x1fffc), (uint32_t)rnd);
        wr32(b, VGA_LFB + roll(VGA_TEST_BYTES - 4), (uint32_t)rnd);
        rd16(b, 0xa0000 + roll(0x1fffe));
        if (i % 300 == 0) {
            vga_look(&screen);
            screen.text(screen.dev, text, roll(2) ? sizeof text : 1 + roll(500));
            screen.cells(screen.dev, &cells);
        }
    }
}
END_TEST

static void poke(struct bench *t)
{
    static char text[1 << 16];
    static struct text_screen cells;

    (void)t;
    vga_look(&screen);
    screen.text(screen.dev, text, sizeof text);
    screen.cells(screen.dev, &cells);
    for (unsigned port = 0x3b4; port < 0x3dc; port++) {
        in8(b, port);
        out8(b, port, 0x07);
    }
    for (unsigned i = 0; i < 12; i++)
        dispi(b, i, dispi_get(b, i));
    for (unsigned at = 0xa0000; at < 0xc0000; at += 0xfff)
        wr32(b, at, rd32(b, at) + 1);
    vga_look(&screen);
}

/* Text, mode 13h and a linear mode, each with bytes of its snapshot changed. */
START_TEST(hostile_streams_are_refused_or_harmless)
{
    vga_set_mode(b, _i == 0 ? &mode_03 : &mode_13);
    if (_i == 2) {
        dispi(b, 1, 800);
        dispi(b, 2, 600);
        dispi(b, 3, 24);
        dispi(b, 4, 0xc1);
        dispi(b, 9, 300);
        dispi(b, 5, 40);
    }
    wr32(b, 0xb8000, 0x12345678);
    hostile_streams(b, 150, poke);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("vga");
    TCase *t = tcase_create("all");
    SRunner *r = srunner_create(s);
    int failed;

    suite_add_tcase(s, t);
    tcase_set_timeout(t, 120);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, pci_function_is_a_vga_with_a_frame_buffer);
    tcase_add_test(t, indexed_registers_keep_their_defined_bits);
    tcase_add_test(t, crtc_protect_locks_registers_0_to_7_but_line_compare_bit_8);
    tcase_add_test(t, misc_output_moves_the_crtc_between_3bx_and_3dx);
    tcase_add_test(t, attribute_flip_flop_alternates_and_status_resets_it);
    tcase_add_test(t, dac_entries_change_as_a_whole_and_indices_advance);
    tcase_add_test(t, retrace_bits_follow_the_virtual_clock);
    tcase_add_test(t, impossible_timing_still_gives_a_retrace);
    tcase_add_loop_test(t, planar_accesses_agree_with_the_reference, 0, 4);
    tcase_add_test(t, chain_4_spreads_bytes_over_planes);
    tcase_add_test(t, odd_even_puts_even_bytes_in_plane_0_and_odd_ones_in_plane_1);
    tcase_add_test(t, odd_even_reaches_planes_2_and_3_and_both_halves_of_128k);
    tcase_add_test(t, map_select_and_misc_open_the_right_window);
    tcase_add_test(t, dispi_identifies_itself_and_its_limits);
    tcase_add_test(t, dispi_refuses_what_memory_cannot_hold);
    tcase_add_test(t, dispi_bank_window_is_a_part_of_the_frame_buffer);
    tcase_add_test(t, dispi_enable_clears_memory_unless_told_not_to);
    tcase_add_loop_test(t, random_traffic_and_drawing_is_survived, 0, 3);
    tcase_add_loop_test(t, hostile_streams_are_refused_or_harmless, 0, 3);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
