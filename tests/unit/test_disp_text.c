/* test_disp_text.c - the text display against a small terminal, terminal keys against events. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/base/vm_cp437.h"
#include "devmodel/core/input.h"
#include "devmodel/host/display.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- a terminal: cursor, colours, UTF-8, clear; what ECMA-48 says of them ------------------- */

enum { COLS = 80, ROWS = 25 };
struct tcell { unsigned cp, fg, bg; };

static struct term {
    struct chr chr;
    struct tcell cell[ROWS][COLS], pen;
    unsigned x, y;
    bool cursor, alternate;
    char seq[64];
    unsigned n_seq, utf8_left, cp;
    size_t bytes, room;              /* taken in all; takes at most `room` a call */
} term;

static void sgr(const char *p)
{
    unsigned v[8], n = 0;

    for (;; p++) {
        v[n++] = (unsigned)strtoul(p, (char **)&p, 10);
        if (*p != ';' || n == 8)
            break;
    }
    for (unsigned i = 0; i < n; i++) {
        unsigned blink = v[i] < 100 ? term.pen.fg & 0x100 : 0;

        if (v[i] == 0)
            term.pen = (struct tcell){ ' ', 7, 0 };
        else if (v[i] == 5)
            term.pen.fg |= 0x100;
        else if (v[i] == 38 || v[i] == 48) {
            *(v[i] == 38 ? &term.pen.fg : &term.pen.bg) = v[i + 2];
            i += 2;
        } else if (v[i] >= 90)
            *(v[i] < 100 ? &term.pen.fg : &term.pen.bg) = v[i] % 10 + 8 + blink;
        else if (v[i] < 40)
            term.pen.fg = v[i] - 30 + blink;
        else
            term.pen.bg = v[i] - 40;
    }
}

static void control(const char *s, char last)
{
    if (last == 'm')
        sgr(s);
    else if (last == 'H')
        sscanf(s, "%u;%u", &term.y, &term.x), term.x--, term.y--;
    else if (last == 'J')
        for (unsigned i = 0; i < ROWS * COLS; i++)
            term.cell[i / COLS][i % COLS] = (struct tcell){ ' ', 7, 0 };
    else if (strncmp(s, "?25", 3) == 0)
        term.cursor = last == 'h';
    else if (strncmp(s, "?1049", 5) == 0)
        term.alternate = last == 'h';
    else
        ck_abort_msg("the terminal does not know CSI %s%c", s, last);
}

static void show(unsigned cp)
{
    ck_assert_msg(term.x < COLS && term.y < ROWS, "wrote outside the screen");
    term.pen.cp = cp;
    term.cell[term.y][term.x++] = term.pen;
}

static void term_byte(uint8_t c)
{
    if (term.n_seq) {
        term.seq[term.n_seq++] = (char)c;
        if (term.n_seq > 2 && c >= 0x40) {
            term.seq[term.n_seq - 1] = '\0';
            control(term.seq + 2, (char)c);
            term.n_seq = 0;
        }
    } else if (c == 0x1b) {
        term.seq[term.n_seq++] = (char)c;
    } else if (term.utf8_left) {
        term.cp = term.cp << 6 | (c & 0x3f);
        if (--term.utf8_left == 0)
            show(term.cp);
    } else if (c >= 0xc0) {
        term.utf8_left = c >= 0xe0 ? 2 : 1;
        term.cp = c & (c >= 0xe0 ? 0x0f : 0x1f);
    } else {
        ck_assert_uint_ge(c, 0x20);
        show(c);
    }
}

static size_t term_write(void *self, const uint8_t *p, size_t n)
{
    (void)self;
    n = n < term.room ? n : term.room;
    for (size_t i = 0; i < n; i++)
        term_byte(p[i]);
    term.bytes += n;
    return n;
}

/* ---- a guest's screen and keyboard ---------------------------------------------------------- */

static struct text_screen guest;
static uint32_t px[64 * 50];
static struct surface surface = { px, 64, 50, 64 };
static struct { int key; bool down; } got[512];
static unsigned n_got, kbd_room;

static void cells(void *dev, struct text_screen *out)
{
    (void)dev;
    *out = guest;
}

static void refresh(void *dev)
{
    (void)dev;
}

static const struct surface *get_surface(void *dev)
{
    (void)dev;
    return &surface;
}

static bool key(void *kbd, enum input_key k, bool down)
{
    (void)kbd;
    if (kbd_room == 0)
        return false;
    kbd_room--;
    got[n_got].key = (int)k;
    got[n_got++].down = down;
    return true;
}

static struct display d;
static struct input input;

static void setup(void)
{
    static const struct chr_ops ops = { .write = term_write };
    static const uint32_t vga[16] = {
        0x000000, 0x0000aa, 0x00aa00, 0x00aaaa, 0xaa0000, 0xaa00aa, 0xaa5500, 0xaaaaaa,
        0x555555, 0x5555ff, 0x55ff55, 0x55ffff, 0xff5555, 0xff55ff, 0xffff55, 0xffffff,
    };
    struct disp_text_options o = { .term = &term.chr, .input = &input, .size_fd = -1 };
    struct vm_error e;

    term = (struct term){ .chr = { .ops = &ops }, .room = SIZE_MAX };
    input = (struct input){ .key = key };
    n_got = 0;
    kbd_room = 512;
    ck_assert_int_eq(disp_text_new(&d, &o, &e), VM_OK);
    d.cells = cells;
    d.refresh = refresh;
    d.surface = get_surface;
    d.dev = &guest;
    guest = (struct text_screen){ .cols = COLS, .rows = ROWS, .cursor_x = 3, .cursor_y = 4,
                                  .blink = true };
    memcpy(guest.rgb, vga, sizeof vga);
    for (unsigned i = 0; i < COLS * ROWS; i++)
        guest.cell[i] = (struct text_cell){ ' ', 7 };
}

static void teardown(void)
{
    d.ops->close(d.self);
}

static void put_guest(unsigned x, unsigned y, const char *s, uint8_t attr)
{
    for (; *s; s++, x++)
        guest.cell[y * guest.cols + x] = (struct text_cell){ (uint8_t)*s, attr };
}

/* ---- drawing -------------------------------------------------------------------------------- */

START_TEST(every_cell_arrives_with_its_colors)
{
    static const unsigned ansi[8] = { 0, 4, 2, 6, 1, 5, 3, 7 };

    for (unsigned i = 0; i < COLS * ROWS; i++)
        guest.cell[i] = (struct text_cell){ i * 7 & 0xff, i / 3 & 0xff };
    disp_text_show(&d, true);
    ck_assert(term.alternate);
    disp_text_tick(&d);
    for (unsigned i = 0; i < COLS * ROWS; i++) {
        struct tcell t = term.cell[i / COLS][i % COLS];
        unsigned at = guest.cell[i].attr;

        ck_assert_uint_eq(t.cp, vm_cp437(guest.cell[i].ch));
        ck_assert_uint_eq(t.fg, (ansi[at & 7] | (at & 8)) + (at & 0x80 ? 0x100 : 0));
        ck_assert_uint_eq(t.bg, ansi[at >> 4 & 7]);
    }
    ck_assert(term.cursor);
    ck_assert_uint_eq(term.x, 3);
    ck_assert_uint_eq(term.y, 4);
}
END_TEST

START_TEST(only_changes_are_sent)
{
    disp_text_show(&d, true);
    disp_text_tick(&d);
    term.bytes = 0;
    put_guest(10, 7, "hello", 0x1f);
    disp_text_tick(&d);
    ck_assert_uint_eq(term.cell[7][14].cp, 'o');
    ck_assert_uint_eq(term.cell[7][14].bg, 4);
    ck_assert_uint_le(term.bytes, 60);
    term.bytes = 0;
    disp_text_tick(&d);
    ck_assert_uint_eq(term.bytes, 0);                    /* nothing new: silence */
    guest.cursor_x = 20;
    disp_text_tick(&d);
    ck_assert_uint_eq(term.x, 20);
    ck_assert(term.cursor);
    guest.cursor_x = 200;
    disp_text_tick(&d);
    ck_assert(!term.cursor);
}
END_TEST

START_TEST(a_slow_terminal_loses_nothing)
{
    disp_text_show(&d, true);
    term.room = 5;
    for (unsigned i = 0; i < 20; i++) {
        char line[32];

        sprintf(line, "frame %u", i);
        put_guest(i, i, line, 0x07);
        if (i % 3 == 0)
            term.room = 0;
        disp_text_tick(&d);
        term.room = 5;
    }
    disp_text_tick(&d);
    disp_text_tick(&d);
    for (unsigned y = 0; y < ROWS; y++)
        for (unsigned x = 0; x < COLS; x++)
            ck_assert_uint_eq(term.cell[y][x].cp, guest.cell[y * COLS + x].ch);
}
END_TEST

START_TEST(hiding_gives_the_screen_back_and_showing_draws_it_anew)
{
    disp_text_tick(&d);
    ck_assert_uint_eq(term.bytes, 0);                    /* starts hidden */
    put_guest(0, 0, "x", 7);
    disp_text_show(&d, true);
    disp_text_tick(&d);
    disp_text_show(&d, false);
    ck_assert(!term.alternate && term.cursor);
    term.bytes = 0;
    put_guest(1, 0, "y", 7);
    disp_text_tick(&d);
    ck_assert_uint_eq(term.bytes, 0);
    memset(term.cell, 0, sizeof term.cell);
    disp_text_show(&d, true);
    disp_text_tick(&d);
    ck_assert_uint_eq(term.cell[0][0].cp, 'x');
    ck_assert_uint_eq(term.cell[0][1].cp, 'y');
    ck_assert_uint_eq(term.cell[24][79].cp, ' ');
}
END_TEST

START_TEST(a_taller_screen_follows_the_cursor)
{
    guest.rows = 50;
    for (unsigned i = 0; i < COLS * 50; i++)
        guest.cell[i] = (struct text_cell){ (uint8_t)('0' + i / COLS), 7 };
    guest.cursor_y = 40;
    disp_text_show(&d, true);
    disp_text_tick(&d);
    ck_assert_uint_eq(term.cell[24][0].cp, '0' + 40);
    ck_assert_uint_eq(term.y, 24);
    guest.cursor_y = 2;
    disp_text_tick(&d);
    ck_assert_uint_eq(term.cell[0][0].cp, '0');
}
END_TEST

START_TEST(graphics_are_half_blocks_of_mean_color)
{
    guest.cols = guest.rows = 0;
    for (unsigned i = 0; i < 64 * 50; i++)
        px[i] = i / 64 < 25 ? 0xff0000 : i % 64 < 32 ? 0x00ff00 : 0xffffff;
    px[0] = 0x000000;
    disp_text_show(&d, true);
    disp_text_tick(&d);
    ck_assert_uint_eq(term.cell[5][40].cp, 0x2580);
    ck_assert_uint_eq(term.cell[5][40].fg, 16 + 36 * 5);
    ck_assert_uint_eq(term.cell[12][0].fg, 16 + 36 * 5); /* row 24 above row 25 */
    ck_assert_uint_eq(term.cell[12][0].bg, 16 + 6 * 5);
    ck_assert_uint_eq(term.cell[20][79].bg, 231);
    ck_assert_uint_eq(term.cell[0][0].fg, 16);
    ck_assert(!term.cursor);
}
END_TEST

/* ---- keys ----------------------------------------------------------------------------------- */

/* What the bytes typed become: "+name" down, "-name" up. */
static const char *typed(const char *bytes)
{
    static char out[1024];
    size_t n = 0;

    n_got = 0;
    for (; *bytes; bytes++) {
        ck_assert_uint_ge(term.chr.rx_room(term.chr.dev), 1);
        term.chr.rx(term.chr.dev, (const uint8_t *)bytes, 1);
    }
    disp_text_tick(&d);
    out[0] = '\0';
    for (unsigned i = 0; i < n_got; i++)
        n += (size_t)sprintf(out + n, "%c%s", got[i].down ? '+' : '-', input_key_name(got[i].key));
    return out;
}

START_TEST(terminal_bytes_become_keys)
{
    ck_assert_str_eq(typed("a"), "+a-a");
    ck_assert_str_eq(typed("A"), "+shift+a-a-shift");
    ck_assert_str_eq(typed("?"), "+shift+slash-slash-shift");
    ck_assert_str_eq(typed("\r"), "+ret-ret");
    ck_assert_str_eq(typed("\x7f"), "+backspace-backspace");
    ck_assert_str_eq(typed("\x03"), "+ctrl+c-c-ctrl");
    ck_assert_str_eq(typed("\t"), "+tab-tab");
    ck_assert_str_eq(typed("\033"), "+esc-esc");
    ck_assert_str_eq(typed("\033\033"), "+esc-esc+esc-esc");
    ck_assert_str_eq(typed("\033x"), "+alt+x-x-alt");
    ck_assert_str_eq(typed("\033X"), "+shift+alt+x-x-alt-shift");
    ck_assert_str_eq(typed("\303\244a"), "+a-a");
}
END_TEST

START_TEST(control_sequences_become_keys)
{
    ck_assert_str_eq(typed("\033[A"), "+up-up");
    ck_assert_str_eq(typed("\033OD"), "+left-left");
    ck_assert_str_eq(typed("\033[1;5C"), "+ctrl+right-right-ctrl");
    ck_assert_str_eq(typed("\033[5~"), "+pgup-pgup");
    ck_assert_str_eq(typed("\033[3;2~"), "+shift+delete-delete-shift");
    ck_assert_str_eq(typed("\033OP"), "+f1-f1");
    ck_assert_str_eq(typed("\033[[B"), "+f2-f2");
    ck_assert_str_eq(typed("\033[15~"), "+f5-f5");
    ck_assert_str_eq(typed("\033[24;3~"), "+alt+f12-f12-alt");
    ck_assert_str_eq(typed("\033[Z"), "+shift+tab-tab-shift");
    ck_assert_str_eq(typed("\033[99~b"), "+b-b");
    ck_assert_str_eq(typed("\033[1;2;3;4;5;6;7;8;9xb"), "+b-b");
    ck_assert_str_eq(typed("\033["), "+esc-esc+bracket_left-bracket_left");
    ck_assert_str_eq(typed("\033[1234567\033[B"), "+down-down");
}
END_TEST

START_TEST(keys_wait_for_a_keyboard_with_no_room)
{
    kbd_room = 1;
    typed("ab");
    ck_assert_uint_eq(n_got, 1);
    for (unsigned i = 0; i < 3; i++)
        typed("");
    kbd_room = 100;
    ck_assert_str_eq(typed(""), "-a+b-b");
    kbd_room = 0;
    while (term.chr.rx_room(term.chr.dev))
        term.chr.rx(term.chr.dev, (const uint8_t *)"Q", 1);
    kbd_room = 500;
    typed("");
    ck_assert_uint_eq(n_got % 4, 0);
    ck_assert_int_eq(got[n_got - 1].key, KEY_SHIFT);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("disp_text");
    TCase *t = tcase_create("all");
    SRunner *r = srunner_create(s);
    int failed;

    suite_add_tcase(s, t);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, every_cell_arrives_with_its_colors);
    tcase_add_test(t, only_changes_are_sent);
    tcase_add_test(t, a_slow_terminal_loses_nothing);
    tcase_add_test(t, hiding_gives_the_screen_back_and_showing_draws_it_anew);
    tcase_add_test(t, a_taller_screen_follows_the_cursor);
    tcase_add_test(t, graphics_are_half_blocks_of_mean_color);
    tcase_add_test(t, terminal_bytes_become_keys);
    tcase_add_test(t, control_sequences_become_keys);
    tcase_add_test(t, keys_wait_for_a_keyboard_with_no_room);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
