/* SPDX-License-Identifier: MIT */
/* romtool.c - build tool of the firmware: draws the three fonts from font.txt, sums option ROMs.
 *
 *   romtool font HEIGHT font.txt out.bin   256 characters of HEIGHT (16, 14, 8) bytes
 *   romtool sum out.bin                    last byte makes the bytes sum to 0
 *
 * Leaves out: fonts wider than eight dots. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 16, FIRST_ROW = 2, MAX_SIDE = 8, MAX_LINE = 256 };

static uint8_t glyphs[256][ROWS];
static bool    drawn[256];

/* Which of the 16 rows the 8-line font keeps; font.txt is drawn for it. */
static const uint8_t rows8[8] = { 2, 4, 5, 6, 8, 10, 11, 13 };

static void fail(const char *what, const char *name)
{
    fprintf(stderr, "romtool: %s: %s\n", name, what);
    exit(1);
}

/* "= 41 42 ..." starts a block: the characters drawn side by side below it. */
static unsigned parse_block(const char *line, unsigned *codes)
{
    unsigned n = 0;
    char *end;

    for (const char *p = line + 1; n < MAX_SIDE; p = end) {
        unsigned long v = strtoul(p, &end, 16);

        if (end == p)
            break;
        codes[n++] = v & 0xff;
    }
    return n;
}

static void parse_row(const char *line, const unsigned *codes, unsigned n, unsigned row)
{
    for (unsigned i = 0; i < n; i++) {
        uint8_t bits = 0;

        while (*line == ' ')
            line++;
        for (unsigned x = 0; x < 8; x++) {
            bits = (uint8_t)(bits << 1 | (*line == '#'));
            if (*line == '#' || *line == '.')
                line++;
        }
        glyphs[codes[i]][row] = bits;
        drawn[codes[i]] = true;
    }
}

/* "+ 82 = 65 accent": base glyph with the rows of another one laid over it. */
static void parse_sum(const char *line, const char *name)
{
    unsigned to, base, over, shift = 0;

    if (sscanf(line, "+ %x = %x %x %u", &to, &base, &over, &shift) < 3 || shift >= ROWS)
        fail("a line with + needs: + code = base over [rows down]", name);
    to &= 0xff;
    for (unsigned y = 0; y < ROWS; y++) {
        uint8_t top = y >= shift ? glyphs[over & 0xff][y - shift] : 0;

        glyphs[to][y] = glyphs[base & 0xff][y] | top;
    }
    drawn[to] = true;
}

static void read_font(const char *name)
{
    char line[MAX_LINE];
    unsigned codes[MAX_SIDE], n = 0, row = 0;
    FILE *f = fopen(name, "r");

    if (!f)
        fail("cannot be opened", name);
    while (fgets(line, sizeof line, f)) {
        if (line[0] == '=') {
            n = parse_block(line, codes);
            row = FIRST_ROW;
        } else if (line[0] == '+') {
            parse_sum(line, name);
        } else if (line[0] == '.' || line[0] == '#') {
            if (row >= ROWS)
                fail("a block has too many rows", name);
            parse_row(line, codes, n, row++);
        }
    }
    fclose(f);
}

/* Line drawing B3-DA: kinds of the arms up, down, left, right: 0 none, 1 single, 2 double. */
static const char arms[] =
    "1100" "1110" "1120" "2210" "0210" "0120" "2220" "2200" "0220" "2020" "2010" "1020"
    "0110" "1001" "1011" "0111" "1101" "0011" "1111" "1102" "2201" "2002" "0202" "2022"
    "0222" "2202" "0022" "2222" "1022" "2011" "0122" "0211" "2001" "1002" "0102" "0201"
    "2211" "1122" "1010" "0101";

/* How far a stroke of an arm goes: 0 to the middle, 1 to the far line of a crossing double arm,
 * -1 to its near line. `line` is 0 for a single stroke, -1 or 1 for those of a double arm, which
 * lie on the side of arm `a` or `b`. */
static int reach(char opposite, char a, char b, int line)
{
    char near = line < 0 ? a : b;
    bool cross_double = a == '2' || b == '2';

    if (line != 0 && near != '0')
        return near == '2' ? -1 : 0;
    if (opposite != '0' || !cross_double)
        return 0;
    return line == 0 && a != '0' && b != '0' ? -1 : 1;
}

/* Strokes of one double or single arm: line -1 and 1, or 0. */
static bool has_line(char kind, int line)
{
    return kind == (line == 0 ? '1' : '2');
}

static uint8_t columns(int from, int to)
{
    return (uint8_t)(0xff >> from & 0xff << (7 - to));
}

static void draw_box(uint8_t *out, const char *k, int height)
{
    static const int end[3] = { 2, 4, 5 }, start[3] = { 5, 3, 2 };
    static const uint8_t stroke[3] = { 0x20, 0x18, 0x04 };
    int mid = height / 2 - 1;

    memset(out, 0, ROWS);
    for (int line = -1; line <= 1; line++) {
        if (has_line(k[0], line))
            for (int y = 0; y <= mid + reach(k[1], k[2], k[3], line); y++)
                out[y] |= stroke[line + 1];
        if (has_line(k[1], line))
            for (int y = mid - reach(k[0], k[2], k[3], line); y < height; y++)
                out[y] |= stroke[line + 1];
        if (has_line(k[2], line))
            out[mid + line] |= columns(0, end[reach(k[3], k[0], k[1], line) + 1]);
        if (has_line(k[3], line))
            out[mid + line] |= columns(start[reach(k[2], k[0], k[1], line) + 1], 7);
    }
}

static void draw_boxes(uint8_t (*out)[ROWS], int height)
{
    for (unsigned c = 0xb3; c <= 0xda; c++)
        draw_box(out[c], arms + (c - 0xb3) * 4, height);
}

/* Shades B0-B2 and blocks DB-DF. */
static void draw_blocks(uint8_t (*out)[ROWS], int height)
{
    for (int y = 0; y < height; y++) {
        out[0xb0][y] = y & 1 ? 0x88 : 0x22;
        out[0xb1][y] = y & 1 ? 0xaa : 0x55;
        out[0xb2][y] = y & 1 ? 0xee : 0xbb;
        out[0xdb][y] = 0xff;
        out[0xdc][y] = y >= height / 2 ? 0xff : 0;
        out[0xdd][y] = 0xf0;
        out[0xde][y] = 0x0f;
        out[0xdf][y] = y < height / 2 ? 0xff : 0;
    }
}

static void write_font(int height, const char *name)
{
    static uint8_t out[256][ROWS];
    FILE *f = fopen(name, "wb");

    if (!f)
        fail("cannot be written", name);
    for (unsigned c = 0; c < 256; c++)
        for (int y = 0; y < height; y++)
            out[c][y] = glyphs[c][height == 8 ? rows8[y] : y + (16 - height) / 2];
    draw_boxes(out, height);
    draw_blocks(out, height);
    for (unsigned c = 0; c < 256; c++)
        if (fwrite(out[c], 1, (size_t)height, f) != (size_t)height)
            fail("cannot be written", name);
    if (fclose(f) != 0)
        fail("cannot be written", name);
}

static void write_sum(const char *name)
{
    FILE *f = fopen(name, "r+b");
    unsigned sum = 0;
    int c;

    if (!f)
        fail("cannot be opened", name);
    while ((c = fgetc(f)) != EOF)
        sum += (unsigned)c;
    if (fseek(f, -1, SEEK_END) != 0)
        fail("is empty", name);
    sum -= (unsigned)fgetc(f);
    fseek(f, -1, SEEK_END);
    if (fputc((int)(-sum & 0xff), f) == EOF || fclose(f) != 0)
        fail("cannot be written", name);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "sum") == 0) {
        write_sum(argv[2]);
        return 0;
    }
    if (argc == 5 && strcmp(argv[1], "font") == 0) {
        int height = atoi(argv[2]);

        if (height != 8 && height != 14 && height != 16)
            fail("heights are 8, 14 and 16", argv[2]);
        read_font(argv[3]);
        write_font(height, argv[4]);
        return 0;
    }
    fprintf(stderr, "usage: romtool font HEIGHT font.txt out.bin | romtool sum rom.bin\n");
    return 2;
}
