/* term_keys.c - bytes a terminal sends, turned into key events of a US keyboard.
 *
 * ECMA-48 control sequences as xterm, the Linux console, rxvt and screen send them. Left out: bytes
 * above 7Fh (a US keyboard has no key for them), mouse and paste reports. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/host/term_keys.h"
#include "devmodel/core/input.h"

enum { ESC = 0x1b };

static void type_char(struct term_keys *t, uint8_t c, unsigned mods)
{
    bool shift, ctrl;
    int key = input_key_for_char(c == 0x7f ? 0x08 : c, &shift, &ctrl);

    if (key >= 0)
        t->stroke(t->self, key, mods | (shift ? TERM_SHIFT : 0) | (ctrl ? TERM_CTRL : 0));
}

/* CSI number ~ */
static int key_by_number(unsigned n)
{
    static const int keys[] = {
        [1] = KEY_HOME, [2] = KEY_INSERT, [3] = KEY_DELETE, [4] = KEY_END,
        [5] = KEY_PGUP, [6] = KEY_PGDN, [7] = KEY_HOME, [8] = KEY_END,
        [11] = KEY_F1, [12] = KEY_F2, [13] = KEY_F3, [14] = KEY_F4, [15] = KEY_F5,
        [17] = KEY_F6, [18] = KEY_F7, [19] = KEY_F8, [20] = KEY_F9, [21] = KEY_F10,
        [23] = KEY_F11, [24] = KEY_F12,
    };

    return n < sizeof keys / sizeof keys[0] && keys[n] ? keys[n] : -1;
}

/* CSI letter and SS3 letter */
static int key_by_letter(uint8_t c)
{
    switch (c) {
    case 'A': return KEY_UP;
    case 'B': return KEY_DOWN;
    case 'C': return KEY_RIGHT;
    case 'D': return KEY_LEFT;
    case 'E': return KEY_KP_5;
    case 'F': return KEY_END;
    case 'H': return KEY_HOME;
    case 'P': return KEY_F1;
    case 'Q': return KEY_F2;
    case 'R': return KEY_F3;
    case 'S': return KEY_F4;
    case 'Z': return KEY_TAB;
    default:  return -1;
    }
}

static unsigned number(const struct term_keys *t, unsigned *at)
{
    unsigned v = 0;

    while (*at < t->n_seq && t->seq[*at] >= '0' && t->seq[*at] <= '9')
        v = v * 10 % 10000 + (t->seq[(*at)++] - '0');
    return v;
}

/* ESC [ first ; modifiers letter, ESC O letter, ESC [ [ letter (Linux console F1..F5) */
static void finish(struct term_keys *t)
{
    uint8_t last = t->seq[t->n_seq - 1];
    unsigned at = 2, first, mods = 0;
    int key;

    if (t->n_seq == 4 && t->seq[1] == '[' && t->seq[2] == '[') {
        key = last >= 'A' && last <= 'E' ? KEY_F1 + (last - 'A') : -1;
    } else {
        first = number(t, &at);
        if (t->seq[at] == ';') {
            at++;
            mods = number(t, &at);
            mods = mods ? (mods - 1) & 7 : 0;
        }
        key = last == '~' ? key_by_number(first) : key_by_letter(last);
        if (last == 'Z')
            mods |= TERM_SHIFT;
    }
    t->n_seq = 0;
    if (key >= 0)
        t->stroke(t->self, key, mods);
}

void term_keys_idle(struct term_keys *t)
{
    if (t->n_seq == 0)
        return;
    t->stroke(t->self, KEY_ESC, 0);
    for (unsigned i = 1; i < t->n_seq && i < 2; i++)
        type_char(t, t->seq[i], 0);
    t->n_seq = 0;
}

static void second_byte(struct term_keys *t, uint8_t c)
{
    if (c == '[' || c == 'O') {
        t->seq[t->n_seq++] = c;
        return;
    }
    t->n_seq = 0;
    if (c == ESC) {
        t->stroke(t->self, KEY_ESC, 0);
        t->seq[t->n_seq++] = c;
    } else {
        type_char(t, c, TERM_ALT);
    }
}

void term_keys_feed(struct term_keys *t, uint8_t c)
{
    if (t->n_seq == 0) {
        if (c == ESC)
            t->seq[t->n_seq++] = c;
        else if (c < 0x80)
            type_char(t, c, 0);
    } else if (t->n_seq == 1) {
        second_byte(t, c);
    } else if (c < 0x20 || c > 0x7e) {
        t->n_seq = c == ESC;                             /* no key sends this: start anew */
    } else {
        bool last = c >= 0x40 && !(c == '[' && t->n_seq == 2);

        if (t->n_seq < sizeof t->seq)
            t->seq[t->n_seq++] = c;
        else if (last)
            t->n_seq = 0;                                /* too long to be a key */
        if (last && t->n_seq)
            finish(t);
    }
}
