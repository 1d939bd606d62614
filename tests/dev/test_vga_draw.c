/* test_vga_draw.c - what the VGA shows: every draw mode against pixels computed from what the CPU
 * wrote, text extraction, dirty regions. */
/* SPDX-License-Identifier: MIT */
#include "tests/dev/vga_modes.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct bench *b;
static struct display screen;
static uint64_t rnd;

static uint8_t roll(void)
{
    rnd = rnd * 6364136223846793005u + 1442695040888963407u;
    return rnd >> 56;
}

/* DAC entry i shows as this: three different functions of i. */
static uint32_t color(unsigned i)
{
    unsigned c[3] = { i & 0x3f, (i * 5 + 1) & 0x3f, (i * 11 + 7) & 0x3f };
    uint32_t rgb = 0;

    for (unsigned k = 0; k < 3; k++)
        rgb = rgb << 8 | (c[k] << 2 | c[k] >> 4);
    return rgb;
}

static void setup(void)
{
    b = vga_bench(&screen);
    rnd = 7;
}

static void teardown(void)
{
    bench_free(b);
}

static const struct surface *start(const struct vga_mode *m, unsigned w, unsigned h)
{
    const struct surface *s;

    vga_set_mode(b, m);
    for (unsigned i = 0; i < 256; i++)
        vga_dac(b, i, (i & 63) << 16 | ((i * 5 + 1) & 63) << 8 | ((i * 11 + 7) & 63));
    s = vga_look(&screen);
    ck_assert_uint_eq(s->w, w);
    ck_assert_uint_eq(s->h, h);
    return s;
}

#define SAME(s, x, y, want)                                                                      \
    ck_assert_msg(vga_pixel(s, x, y) == (want), "pixel %u,%u is %06x, not %06x", x, y,           \
                  vga_pixel(s, x, y), want)

/* ---- graphics modes ------------------------------------------------------------------------- */

START_TEST(mode_13_shows_bytes_as_colors)
{
    const struct surface *s = start(&mode_13, 640, 400);

    for (unsigned i = 0; i < 64000; i++)
        wr8(b, 0xa0000 + i, roll());
    vga_look(&screen);
    for (unsigned y = 0; y < 400; y++)
        for (unsigned x = 0; x < 640; x++)
            SAME(s, x, y, color(rd8(b, 0xa0000 + y / 2 * 320 + x / 2)));
    out8(b, 0x3c6, 0x0f);                                /* the pixel mask */
    vga_look(&screen);
    SAME(s, 4, 4, color(rd8(b, 0xa0000 + 2 * 320 + 2) & 0x0f));
}
END_TEST

START_TEST(mode_x_pages_and_scrolls_by_start_address_and_panning)
{
    const struct surface *s = start(&mode_13, 640, 400);

    vga_seq(b, 4, 0x06);
    vga_crtc(b, 0x14, 0x00);
    vga_crtc(b, 0x17, 0xe3);
    for (unsigned p = 0; p < 4; p++) {
        vga_seq(b, 2, 1u << p);
        for (unsigned i = 0; i < 0x8000; i++)
            wr8(b, 0xa0000 + i, i * 4 + p + (i >> 8));   /* pixel number, roughly */
    }
    vga_crtc(b, 0x0c, 0x12);
    vga_crtc(b, 0x0d, 0x34);
    vga_attr(b, 0x13, 2);                                /* one pixel */
    vga_crtc(b, 0x08, 0x40);                             /* and two bytes */
    vga_look(&screen);
    for (unsigned y = 0; y < 200; y++)
        for (unsigned x = 0; x < 320; x++) {
            unsigned i = 0x1236 + y * 80 + (x + 1) / 4, p = (x + 1) % 4;

            SAME(s, 2 * x, 2 * y + 1, color((i * 4 + p + (i >> 8)) & 0xff));
        }
}
END_TEST

START_TEST(mode_12_shows_four_planes_through_palette_and_plane_enable)
{
    const struct surface *s = start(&mode_12, 640, 480);
    static uint8_t mem[4][38400];

    for (unsigned p = 0; p < 4; p++) {
        vga_seq(b, 2, 1u << p);
        for (unsigned i = 0; i < sizeof mem[p]; i++)
            wr8(b, 0xa0000 + i, mem[p][i] = roll());
    }
    vga_attr(b, 0x12, 0x0d);                             /* plane 1 is not shown */
    vga_look(&screen);
    for (unsigned y = 0; y < 480; y++)
        for (unsigned x = 0; x < 640; x++) {
            unsigned v = 0;

            for (unsigned p = 0; p < 4; p++)
                v |= (mem[p][y * 80 + x / 8] >> (7 - x % 8) & 1u) << p;
            SAME(s, x, y, color(mode_12.attr[v & 0x0d]));
        }
    vga_attr(b, 0x10, 0x81);                             /* P54S and colour select */
    vga_attr(b, 0x14, 0x0e);
    vga_attr(b, 0x12, 0x00);
    vga_look(&screen);
    SAME(s, 0, 0, color(0xe0));
}
END_TEST

START_TEST(split_screen_restarts_at_address_0_without_panning)
{
    const struct surface *s = start(&mode_12, 640, 480);

    vga_seq(b, 2, 0x01);
    for (unsigned i = 0; i < 0x10000; i++)
        wr8(b, 0xa0000 + i, i < 0x4000 ? 0x0f : 0x55);
    vga_crtc(b, 0x0c, 0x40);
    vga_attr(b, 0x13, 1);
    vga_attr(b, 0x10, 0x21);
    vga_crtc(b, 0x18, 99);
    vga_crtc(b, 0x07, 0x2e);
    vga_crtc(b, 0x09, 0x00);
    vga_look(&screen);
    SAME(s, 0, 99, color(mode_12.attr[1]));              /* 55h, one dot to the left */
    SAME(s, 1, 99, color(mode_12.attr[0]));
    SAME(s, 0, 100, color(mode_12.attr[0]));             /* 0Fh, not moved */
    SAME(s, 3, 100, color(mode_12.attr[0]));
    SAME(s, 4, 100, color(mode_12.attr[1]));
    vga_attr(b, 0x10, 0x01);                             /* without pan compatibility */
    vga_look(&screen);
    SAME(s, 3, 100, color(mode_12.attr[1]));
}
END_TEST

START_TEST(mode_0d_doubles_dots_and_lines)
{
    const struct surface *s = start(&mode_0d, 640, 400);

    vga_seq(b, 2, 0x0f);
    vga_gc(b, 5, 2);
    for (unsigned x = 0; x < 8; x++) {
        vga_gc(b, 8, 0x80 >> x);
        rd8(b, 0xa0000 + 40);
        wr8(b, 0xa0000 + 40, x + 3);
    }
    vga_look(&screen);
    for (unsigned x = 0; x < 16; x++)
        for (unsigned y = 2; y < 4; y++)
            SAME(s, x, y, color(x / 2 + 3));
    SAME(s, 0, 1, color(0));
    SAME(s, 0, 4, color(0));
}
END_TEST

START_TEST(cga_modes_interleave_lines_and_pack_bits)
{
    const struct surface *s = start(&mode_04, 640, 400);

    for (unsigned i = 0; i < 0x4000; i++)
        wr8(b, 0xb8000 + i, roll());
    vga_look(&screen);
    for (unsigned y = 0; y < 200; y++)
        for (unsigned x = 0; x < 320; x++) {
            unsigned v = rd8(b, 0xb8000 + (y & 1) * 0x2000 + y / 2 * 80 + x / 4);

            SAME(s, 2 * x, 2 * y, color(mode_04.attr[v >> (6 - x % 4 * 2) & 3]));
        }
    s = start(&mode_06, 640, 400);
    vga_gc(b, 5, 0);
    for (unsigned i = 0; i < 0x4000; i++)
        wr8(b, 0xb8000 + i, roll());
    vga_look(&screen);
    for (unsigned y = 0; y < 200; y++)
        for (unsigned x = 0; x < 640; x++) {
            unsigned v = rd8(b, 0xb8000 + (y & 1) * 0x2000 + y / 2 * 80 + x / 8);

            SAME(s, x, 2 * y + 1, color(mode_06.attr[v >> (7 - x % 8) & 1]));
        }
}
END_TEST

START_TEST(a_blanked_screen_is_black)
{
    const struct surface *s = start(&mode_13, 640, 400);

    vga_dac(b, 0, 0x3f3f3f);
    vga_look(&screen);
    SAME(s, 0, 0, 0xffffffu);
    vga_seq(b, 1, 0x21);
    vga_look(&screen);
    SAME(s, 0, 0, 0u);
    vga_seq(b, 1, 0x01);
    in8(b, 0x3da);
    out8(b, 0x3c0, 0x00);                                /* palette address source: the CPU */
    vga_look(&screen);
    SAME(s, 0, 0, 0u);
}
END_TEST

/* ---- linear modes --------------------------------------------------------------------------- */

static uint32_t linear_pixel(unsigned bpp, uint32_t at)
{
    unsigned c;

    switch (bpp) {
    case 8:
        return color(rd8(b, at));
    case 15:
        c = rd16(b, at);
        return ((c >> 10 & 31) * 33 >> 2) << 16 | ((c >> 5 & 31) * 33 >> 2) << 8 |
               (c & 31) * 33 >> 2;
    case 16:
        c = rd16(b, at);
        return ((c >> 11) * 33 >> 2) << 16 | ((c >> 5 & 63) * 65 >> 4) << 8 | (c & 31) * 33 >> 2;
    default:
        return rd8(b, at) | rd8(b, at + 1) << 8 | rd8(b, at + 2) << 16;
    }
}

/* 104x60 window at (16, 9) of a virtual 200 columns wide. */
START_TEST(linear_modes_show_the_frame_buffer_from_their_offset)
{
    static const unsigned depth[] = { 8, 15, 16, 24, 32 };
    unsigned bpp = depth[_i], bytes = (bpp + 7) / 8;
    const struct surface *s;

    start(&mode_13, 640, 400);
    dispi(b, 1, 104);
    dispi(b, 2, 60);
    dispi(b, 3, bpp);
    dispi(b, 4, 0x41);
    dispi(b, 6, 200);
    dispi(b, 8, 16);
    dispi(b, 9, 9);
    for (unsigned i = 0; i < 200 * 80 * bytes; i++)
        wr8(b, VGA_LFB + i, roll());
    s = vga_look(&screen);
    ck_assert_uint_eq(s->w, 104);
    ck_assert_uint_eq(s->h, 60);
    for (unsigned y = 0; y < 60; y++)
        for (unsigned x = 0; x < 104; x++)
            SAME(s, x, y, linear_pixel(bpp, VGA_LFB + ((y + 9) * 200 + x + 16) * bytes));
}
END_TEST

START_TEST(dispi_4_bpp_is_planar)
{
    const struct surface *s;

    start(&mode_12, 640, 480);
    dispi(b, 1, 800);
    dispi(b, 2, 600);
    dispi(b, 3, 4);
    dispi(b, 4, 0x01);
    vga_seq(b, 2, 0x05);
    wr8(b, 0xa0000 + 100 * 599 + 99, 0x01);
    s = vga_look(&screen);
    ck_assert_uint_eq(s->w, 800);
    SAME(s, 799, 599, color(mode_12.attr[5]));
    SAME(s, 798, 599, color(mode_12.attr[0]));
}
END_TEST

START_TEST(the_largest_mode_reaches_the_last_byte_it_may)
{
    struct display d;
    struct bench *big = vga_bench(&d);
    const struct surface *s;

    dispi(big, 1, 1600);
    dispi(big, 2, 1200);
    dispi(big, 3, 16);
    dispi(big, 4, 0x41);
    dispi(big, 9, 0xffff);
    out8(big, 0x3c0, 0x20);
    wr16(big, VGA_LFB + 3200 * (VGA_TEST_BYTES / 3200) - 2, 0xf800);
    s = vga_look(&d);
    ck_assert_uint_eq(s->w, 1600);
    SAME(s, 1599, 1199, 0xff0000u);
    bench_free(big);
}
END_TEST

/* ---- dirty regions -------------------------------------------------------------------------- */

static struct { unsigned calls, y, h, resizes; } seen;

static void see_dirty(void *self, unsigned x, unsigned y, unsigned w, unsigned h)
{
    (void)self, (void)x, (void)w;
    seen.calls++;
    seen.y = y;
    seen.h = h;
}

static void see_resize(void *self, const struct surface *s)
{
    (void)self, (void)s;
    seen.resizes++;
}

START_TEST(only_changed_lines_are_reported)
{
    static const struct display_ops ops = { .resize = see_resize, .dirty = see_dirty };

    start(&mode_13, 640, 400);
    screen.ops = &ops;
    vga_look(&screen);
    memset(&seen, 0, sizeof seen);
    vga_look(&screen);
    ck_assert_uint_eq(seen.calls, 0);
    wr8(b, 0xa0000 + 320 * 50 + 7, 9);
    vga_look(&screen);
    ck_assert_uint_eq(seen.calls, 1);
    ck_assert_uint_eq(seen.y, 100);
    ck_assert_uint_eq(seen.h, 2);
    vga_dac(b, 9, 0x010203);
    vga_look(&screen);
    ck_assert_uint_eq(seen.calls, 2);
    ck_assert_uint_eq(seen.y, 100);
    dispi(b, 1, 320);
    dispi(b, 2, 200);
    dispi(b, 3, 32);
    dispi(b, 4, 0x41);
    ck_assert_uint_eq(seen.resizes, 0);
    vga_look(&screen);
    ck_assert_uint_eq(seen.resizes, 1);
    memset(&seen, 0, sizeof seen);
    wr32(b, VGA_LFB + 4 * (320 * 199 + 319), 0x00ff00);
    vga_look(&screen);
    ck_assert_uint_eq(seen.y, 199);
    ck_assert_uint_eq(seen.h, 1);
}
END_TEST

/* ---- text ----------------------------------------------------------------------------------- */

static void load_glyph(unsigned font_offset, unsigned ch, const uint8_t rows[16])
{
    vga_seq(b, 2, 0x04);
    vga_seq(b, 4, 0x06);
    vga_gc(b, 5, 0x00);
    vga_gc(b, 6, 0x04);
    for (unsigned i = 0; i < 16; i++)
        wr8(b, 0xa0000 + font_offset + ch * 32 + i, rows[i]);
    vga_seq(b, 2, 0x03);
    vga_seq(b, 4, 0x02);
    vga_gc(b, 5, 0x10);
    vga_gc(b, 6, 0x0e);
}

static void put_text(unsigned cell, const char *text, uint8_t attr)
{
    for (; *text; text++, cell++)
        wr16(b, 0xb8000 + 2 * cell, (uint8_t)*text | attr << 8);
}

static const uint8_t slope[16] = { 0x80, 0x40, 0x20, 0x10, 0x08, 0x04, 0x02, 0x01,
                                   0x81, 0x42, 0x24, 0x18, 0x18, 0x24, 0x42, 0x81 };

START_TEST(text_cells_are_drawn_from_the_font_in_their_colors)
{
    const struct surface *s = start(&mode_03, 720, 400);

    vga_crtc(b, 10, 0x20);
    load_glyph(0, 'A', slope);
    load_glyph(0, 0xc4, slope);
    wr16(b, 0xb8000 + 2 * 81, 'A' | 0x2e00);
    wr16(b, 0xb8000 + 2 * 82, 0xc4 | 0x2e00);
    wr16(b, 0xb8000 + 2 * 83, 'A' | 0xae00);
    vga_look(&screen);
    for (unsigned y = 0; y < 16; y++)
        for (unsigned x = 0; x < 9; x++) {
            bool on = x < 8 && slope[y] >> (7 - x) & 1;
            bool line = x < 8 ? on : slope[y] & 1;

            SAME(s, 9 + x, 16 + y, color(mode_03.attr[on ? 14 : 2]));
            SAME(s, 18 + x, 16 + y, color(mode_03.attr[line ? 14 : 2]));
        }
    SAME(s, 27, 16, color(mode_03.attr[14]));
    step(b, 600000000);                                  /* the second half of the blink */
    vga_look(&screen);
    SAME(s, 27, 16, color(mode_03.attr[2]));
    SAME(s, 9, 16, color(mode_03.attr[14]));
    vga_attr(b, 0x10, 0x04);                             /* no blinking: 16 backgrounds */
    vga_look(&screen);
    SAME(s, 27, 16, color(mode_03.attr[14]));
    SAME(s, 28, 16, color(mode_03.attr[10]));
}
END_TEST

START_TEST(attribute_bit_3_picks_the_second_font)
{
    static const uint8_t full[16] = { 0xff, 0xff, 0xff, 0xff };
    const struct surface *s = start(&mode_03, 720, 400);

    vga_crtc(b, 10, 0x20);
    load_glyph(0x6000, 'B', full);                       /* font 5 */
    load_glyph(0x8000, 'B', slope);                      /* font 2 */
    vga_seq(b, 3, 0x20 | 0x04 | 0x02);                   /* A = 5, B = 2 */
    put_text(0, "B", 0x07);
    put_text(1, "B", 0x0f);
    vga_look(&screen);
    SAME(s, 0, 0, color(mode_03.attr[7]));
    SAME(s, 1, 0, color(mode_03.attr[0]));
    SAME(s, 9, 0, color(mode_03.attr[15]));
    SAME(s, 10, 0, color(mode_03.attr[15]));
    SAME(s, 9, 4, color(mode_03.attr[0]));
}
END_TEST

START_TEST(text_pans_by_dots_and_rows_and_underlines_in_monochrome)
{
    const struct surface *s = start(&mode_03, 720, 400);

    vga_crtc(b, 10, 0x20);
    load_glyph(0, 'A', slope);
    put_text(0, "A", 0x07);
    put_text(1, "A", 0x07);
    vga_attr(b, 0x13, 0);                                /* one dot to the left */
    vga_crtc(b, 8, 3);                                   /* three lines up */
    vga_look(&screen);
    for (unsigned y = 0; y < 13; y++)
        for (unsigned x = 0; x < 8; x++)
            SAME(s, 8 + x, y, color(mode_03.attr[slope[y + 3] >> (7 - x) & 1 ? 7 : 0]));
    SAME(s, 8, 13, color(mode_03.attr[0]));
    vga_attr(b, 0x13, 8);
    vga_crtc(b, 8, 0);
    vga_crtc(b, 20, 0x0a);
    put_text(0, "A", 0x01);
    vga_attr(b, 0x10, 0x0e);
    vga_look(&screen);
    for (unsigned x = 0; x < 9; x++)
        SAME(s, x, 10, color(mode_03.attr[1]));
    SAME(s, 9, 10, color(mode_03.attr[0]));              /* the other attribute is 7 */
}
END_TEST

START_TEST(split_text_starts_a_row_and_the_counter_wraps_into_odd_bytes)
{
    char out[8192];

    start(&mode_03, 720, 400);
    for (unsigned i = 0; i < 0x4000; i += 2)
        wr16(b, 0xb8000 + i, 0x0720);
    put_text(0, "bottom", 7);
    put_text(800, "top", 7);
    vga_crtc(b, 12, 800 >> 8);
    vga_crtc(b, 13, 800 & 255);
    vga_crtc(b, 17, 0);
    vga_crtc(b, 24, 99);                                 /* in the middle of the seventh row */
    vga_crtc(b, 7, 0x0f);
    vga_crtc(b, 9, 0x0f);
    screen.text(screen.dev, out, sizeof out);
    ck_assert_int_eq(strncmp(out, "top\n\n\n\n\n\n\nbottom\n", 17), 0);
    vga_set_mode(b, &mode_03);
    vga_seq(b, 4, 0x06);
    vga_gc(b, 5, 0x00);
    vga_gc(b, 6, 0x04);
    vga_seq(b, 2, 0x01);
    wr8(b, 0xa0001, 'w');
    vga_crtc(b, 12, 0x80);
    screen.text(screen.dev, out, sizeof out);
    ck_assert_int_eq(out[0], 'w');
}
END_TEST

START_TEST(the_cursor_has_shape_and_place_and_blinks)
{
    const struct surface *s = start(&mode_03, 720, 400);

    put_text(0, "  ", 0x07);
    vga_crtc(b, 14, 0);
    vga_crtc(b, 15, 1);
    vga_look(&screen);
    SAME(s, 9, 12, color(mode_03.attr[0]));
    SAME(s, 9, 13, color(mode_03.attr[7]));
    SAME(s, 17, 14, color(mode_03.attr[7]));
    SAME(s, 9, 15, color(mode_03.attr[0]));
    SAME(s, 18, 13, color(mode_03.attr[0]));
    step(b, 300000000);
    vga_look(&screen);
    SAME(s, 9, 13, color(mode_03.attr[0]));
    step(b, 250000000);
    vga_crtc(b, 10, 0x2d);
    vga_look(&screen);
    SAME(s, 9, 13, color(mode_03.attr[0]));
}
END_TEST

START_TEST(text_is_read_from_the_start_address_in_utf8)
{
    char out[8192];

    start(&mode_03, 720, 400);
    for (unsigned i = 0; i < 0x4000; i += 2)
        wr16(b, 0xb8000 + i, 0x0720);
    put_text(80 + 2, "Hello \x80\xb3\x01", 0x07);
    vga_crtc(b, 12, 0);
    vga_crtc(b, 13, 80);                                 /* Linux scrolls like this */
    ck_assert_int_gt(screen.text(screen.dev, out, sizeof out), 0);
    ck_assert_str_eq(strtok(out, "\n"), "  Hello \u00c7\u2502\u263a");
    ck_assert_int_eq(screen.text(screen.dev, out, sizeof out), 8 + 2 + 3 + 3 + 25);
    vga_set_mode(b, &mode_13);
    ck_assert_int_eq(screen.text(screen.dev, out, sizeof out), -1);
}
END_TEST

START_TEST(text_of_odd_geometry_is_read_by_rows)
{
    char out[8192], line[64];
    unsigned n = 0;

    start(&mode_03, 720, 400);
    vga_crtc(b, 17, 0);
    vga_crtc(b, 1, 36);                                  /* 37 columns, pitch 50 */
    vga_crtc(b, 19, 25);
    vga_crtc(b, 9, 0x47);                                /* 8 lines: 50 rows */
    for (unsigned i = 0; i < 50 * 50; i++)
        put_text(i, " ", 7);
    for (unsigned r = 0; r < 50; r++) {
        sprintf(line, "row %u", r);
        put_text(r * 50 + 10, line, 7);
        put_text(r * 50 + 38, "hidden", 7);
    }
    screen.text(screen.dev, out, sizeof out);
    for (char *l = strtok(out, "\n"); l; l = strtok(NULL, "\n"), n++) {
        sprintf(line, "          row %u", n);
        ck_assert_str_eq(l, line);
    }
    ck_assert_uint_eq(n, 50);
}
END_TEST

START_TEST(cells_carry_attributes_colors_and_cursor)
{
    static struct text_screen t;

    start(&mode_03, 720, 400);
    put_text(80, "Q", 0x9e);
    vga_crtc(b, 14, 0);
    vga_crtc(b, 15, 85);
    screen.cells(screen.dev, &t);
    ck_assert_uint_eq(t.cols, 80);
    ck_assert_uint_eq(t.rows, 25);
    ck_assert_uint_eq(t.cell[80].ch, 'Q');
    ck_assert_uint_eq(t.cell[80].attr, 0x9e);
    ck_assert_uint_eq(t.rgb[14], color(mode_03.attr[14]));
    ck_assert(t.blink);
    ck_assert_uint_eq(t.cursor_x, 5);
    ck_assert_uint_eq(t.cursor_y, 1);
    vga_crtc(b, 10, 0x20);
    screen.cells(screen.dev, &t);
    ck_assert_uint_ge(t.cursor_x, 80);
    vga_set_mode(b, &mode_12);
    screen.cells(screen.dev, &t);
    ck_assert_uint_eq(t.cols, 0);
}
END_TEST

static TCase *graphics(void)
{
    TCase *t = tcase_create("graphics");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, mode_13_shows_bytes_as_colors);
    tcase_add_test(t, mode_x_pages_and_scrolls_by_start_address_and_panning);
    tcase_add_test(t, mode_12_shows_four_planes_through_palette_and_plane_enable);
    tcase_add_test(t, split_screen_restarts_at_address_0_without_panning);
    tcase_add_test(t, mode_0d_doubles_dots_and_lines);
    tcase_add_test(t, cga_modes_interleave_lines_and_pack_bits);
    tcase_add_test(t, a_blanked_screen_is_black);
    tcase_add_loop_test(t, linear_modes_show_the_frame_buffer_from_their_offset, 0, 5);
    tcase_add_test(t, dispi_4_bpp_is_planar);
    tcase_add_test(t, the_largest_mode_reaches_the_last_byte_it_may);
    tcase_add_test(t, only_changed_lines_are_reported);
    return t;
}

static TCase *text(void)
{
    TCase *t = tcase_create("text");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, text_cells_are_drawn_from_the_font_in_their_colors);
    tcase_add_test(t, attribute_bit_3_picks_the_second_font);
    tcase_add_test(t, text_pans_by_dots_and_rows_and_underlines_in_monochrome);
    tcase_add_test(t, split_text_starts_a_row_and_the_counter_wraps_into_odd_bytes);
    tcase_add_test(t, the_cursor_has_shape_and_place_and_blinks);
    tcase_add_test(t, text_is_read_from_the_start_address_in_utf8);
    tcase_add_test(t, text_of_odd_geometry_is_read_by_rows);
    tcase_add_test(t, cells_carry_attributes_colors_and_cursor);
    return t;
}

int main(void)
{
    Suite *s = suite_create("vga drawing");
    SRunner *r;
    int failed;

    suite_add_tcase(s, graphics());
    suite_add_tcase(s, text());
    r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
