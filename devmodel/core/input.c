/* input.c - key names, characters of a US keyboard, and the way to the devices. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/core/input.h"
#include <string.h>

bool input_key(struct input *in, enum input_key k, bool down)
{
    return k >= KEY_COUNT || !in->key || in->key(in->kbd, k, down);
}

void input_motion(struct input *in, int dx, int dy, int dz, unsigned buttons)
{
    if (in->motion)
        in->motion(in->mouse, dx, dy, dz, buttons);
}

static const char *const names[KEY_COUNT] = {
#define KEY(id, name, set2, set3) [KEY_##id] = name,
#include "devmodel/core/input_keys.def"
#undef KEY
};

int input_key_by_name(const char *name, size_t n)
{
    for (int k = 0; k < KEY_COUNT; k++)
        if (strlen(names[k]) == n && memcmp(names[k], name, n) == 0)
            return k;
    return -1;
}

const char *input_key_name(enum input_key k)
{
    return k < KEY_COUNT ? names[k] : "?";
}

/* Each key's character plain and shifted. */
static const struct { uint8_t key; char plain, shifted; } marks[] = {
    { KEY_1, '1', '!' }, { KEY_2, '2', '@' }, { KEY_3, '3', '#' }, { KEY_4, '4', '$' },
    { KEY_5, '5', '%' }, { KEY_6, '6', '^' }, { KEY_7, '7', '&' }, { KEY_8, '8', '*' },
    { KEY_9, '9', '(' }, { KEY_0, '0', ')' }, { KEY_MINUS, '-', '_' },
    { KEY_EQUAL, '=', '+' }, { KEY_BRACKET_LEFT, '[', '{' },
    { KEY_BRACKET_RIGHT, ']', '}' }, { KEY_SEMICOLON, ';', ':' },
    { KEY_APOSTROPHE, '\'', '"' }, { KEY_GRAVE_ACCENT, '`', '~' },
    { KEY_BACKSLASH, '\\', '|' }, { KEY_COMMA, ',', '<' }, { KEY_DOT, '.', '>' },
    { KEY_SLASH, '/', '?' }, { KEY_SPC, ' ', ' ' }, { KEY_TAB, '\t', '\t' },
    { KEY_RET, '\r', '\n' }, { KEY_BACKSPACE, '\b', 0x7f }, { KEY_ESC, 0x1b, 0x1b },
};

int input_key_for_char(unsigned char c, bool *shift, bool *ctrl)
{
    *shift = *ctrl = false;
    for (unsigned i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (c != (unsigned char)marks[i].plain && c != (unsigned char)marks[i].shifted)
            continue;
        *shift = c != (unsigned char)marks[i].plain && c > ' ' && c < 0x7f;
        return marks[i].key;
    }
    *shift = c >= 'A' && c <= 'Z';
    *ctrl = c >= 1 && c <= 26;
    char letter = *ctrl ? c + 'a' - 1 : *shift ? c - 'A' + 'a' : c;
    return letter >= 'a' && letter <= 'z' ? input_key_by_name(&letter, 1) : -1;
}
