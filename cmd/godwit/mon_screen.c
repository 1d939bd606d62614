/* mon_screen.c - what the monitor does with the screen and the keyboard: pictures, text, waiting
 * for a text, keys. */
/* SPDX-License-Identifier: MIT */
#include "cmd/godwit/monitor_priv.h"
#include "devmodel/host/display.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { KEY_NS = 20000000, WAIT_NS = 100000000, TEXT_MAX = 64 << 10 };

void mon_screendump(struct monitor *m, int n, char **word)
{
    struct vm_error e;

    if (n != 2)
        mon_printf(m, "screendump needs the name of a file that ends in .png or .ppm\n");
    else if (!m->env.display)
        mon_printf(m, "there is no screen\n");
    else if (display_screendump(m->env.display, word[1], &e) < 0)
        mon_printf(m, "%s\n", e.text);
}

/* ---- text ----------------------------------------------------------------------------------- */

/* "picture 640x480, 16 colours, checksum 01234567": enough for a test to know a picture by. */
static void describe_picture(const struct surface *s, char *out, size_t cap)
{
    uint8_t *seen = calloc(1, 1u << 21);             /* one bit for each 24-bit colour */
    unsigned colours = 0;
    uLong crc = 0;

    for (unsigned y = 0; seen && y < s->h; y++) {
        const uint32_t *row = s->px + (size_t)y * s->stride;

        crc = crc32_z(crc, (const Bytef *)row, s->w * sizeof *row);
        for (unsigned x = 0; x < s->w; x++) {
            uint32_t px = row[x] & 0xffffff;

            colours += !(seen[px >> 3] >> (px & 7) & 1);
            seen[px >> 3] |= (uint8_t)(1u << (px & 7));
        }
    }
    snprintf(out, cap, "picture %ux%u, %u colours, checksum %08lx\n", s->w, s->h, colours, crc);
    free(seen);
}

/* What the screen shows, as lines, the last of them about the picture; the caller frees. */
static char *screen_text(struct monitor *m)
{
    struct display *d = m->env.display;
    char *text = calloc(1, TEXT_MAX);

    if (!text || !d || !d->text || !d->surface)
        return text;
    int n = d->text(d->dev, text, TEXT_MAX);

    n = n < 0 ? 0 : n;
    d->refresh(d->dev);
    describe_picture(d->surface(d->dev), text + n, TEXT_MAX - (size_t)n);
    return text;
}

void mon_screen(struct monitor *m, int n, char **word)
{
    char *text = screen_text(m);

    (void)n;
    (void)word;
    for (char *s = text, *end; s && *s; s = end) {
        end = s + strcspn(s, "\n");
        mon_printf(m, "%.*s\n", (int)(end - s), s);
        end += *end == '\n';
    }
    free(text);
}

static void look(void *opaque)
{
    struct monitor *m = opaque;
    char *text = screen_text(m);
    bool seen = text && strstr(text, m->wait_text);

    free(text);
    if (!seen && loop_host_ns() < m->wait_until)
        return;
    loop_stop_tick(m->loop, &m->wait_tick);
    m->waiting = false;
    mon_printf(m, seen ? "seen: %s\n" : "not seen: %s\n", m->wait_text);
    monitor_prompt(m);
    mon_resume_input(m);
}

void mon_wait(struct monitor *m, int n, char **word)
{
    char *end = NULL;
    double seconds = n == 3 ? strtod(word[1], &end) : 0;

    if (n != 3 || *end || seconds < 0 || seconds > 1e6) {
        mon_printf(m, "wait SECONDS TEXT: a number, and what to wait for\n");
        return;
    }
    snprintf(m->wait_text, sizeof m->wait_text, "%s", word[2]);
    m->wait_until = loop_host_ns() + (int64_t)(seconds * 1e9);
    m->waiting = true;
    loop_every(m->loop, &m->wait_tick, WAIT_NS, look, m);
}

/* ---- keys ----------------------------------------------------------------------------------- */

/* One event a tick, so that no BIOS's buffer of 16 keys overflows; a full keyboard waits. */
static void next_key(void *opaque)
{
    struct monitor *m = opaque;
    struct mon_key k = m->keys[m->key_head];

    if (!input_key(machine_input(m->env.machine), (enum input_key)k.key, k.down))
        return;
    m->key_head = (m->key_head + 1) % MON_KEYS;
    if (--m->n_keys == 0)
        loop_stop_tick(m->loop, &m->key_tick);
}

static bool push_key(struct monitor *m, int key, bool down)
{
    if (m->n_keys == MON_KEYS)
        return false;
    m->keys[(m->key_head + m->n_keys) % MON_KEYS] = (struct mon_key){ (uint8_t)key, down };
    if (m->n_keys++ == 0)
        loop_every(m->loop, &m->key_tick, KEY_NS, next_key, m);
    return true;
}

void mon_sendkey(struct monitor *m, int n, char **word)
{
    int key[8], count = 0;

    if (n != 2) {
        mon_printf(m, "sendkey needs keys such as a, ret, f12 or ctrl-alt-delete\n");
        return;
    }
    for (const char *s = word[1]; *s; ) {
        size_t len = s[0] == '-' ? 1 : strcspn(s, "-");

        if (count == 8 || (key[count] = input_key_by_name(s, len)) < 0) {
            mon_printf(m, "there is no key '%.*s'\n", (int)len, s);
            return;
        }
        count++;
        s += len + (s[len] == '-');
    }
    for (int i = 0; i < count; i++)
        push_key(m, key[i], true);
    while (count--)
        push_key(m, key[count], false);
}

static bool type_char(struct monitor *m, unsigned char c)
{
    bool shift = false, ctrl = false;
    int key = input_key_for_char(c, &shift, &ctrl);
    int held = shift ? input_key_by_name("shift", 5) : ctrl ? input_key_by_name("ctrl", 4) : -1;

    if (key < 0 || m->n_keys + 4 > MON_KEYS)
        return false;
    if (held >= 0)
        push_key(m, held, true);
    push_key(m, key, true);
    push_key(m, key, false);
    if (held >= 0)
        push_key(m, held, false);
    return true;
}

void mon_type(struct monitor *m, int n, char **word)
{
    for (const char *s = n > 1 ? word[1] : ""; *s; s++) {
        unsigned char c = (unsigned char)*s;

        if (c == '\\' && s[1]) {
            s++;
            c = *s == 'n' ? '\r' : *s == 't' ? '\t' : *s == 'e' ? 0x1b : (unsigned char)*s;
        }
        if (!type_char(m, c)) {
            mon_printf(m, "'%s' cannot be typed: no such key, or too much at once\n", s);
            return;
        }
    }
}
