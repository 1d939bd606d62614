/* disp_text.c - the guest's screen drawn in a terminal, and the terminal's keys for the guest.
 *
 * ECMA-48 and xterm control sequences with the 16 and 256 colour sets; only cells that changed are
 * sent. A graphics mode is shown coarsely: every character is two pixels, one above the other.
 * Left out: fonts the guest loads, colours it mixes itself (the nearest of the 16 is used). */
/* SPDX-License-Identifier: MIT */
#include "devmodel/base/vm_cp437.h"
#include "devmodel/core/input.h"
#include "devmodel/core/loop.h"
#include "devmodel/host/chr.h"
#include "devmodel/host/display.h"
#include "devmodel/host/term_keys.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

enum { MAX_COLS = 512, MAX_ROWS = 256, OUT_CAP = 1 << 20, OUT_LOW = 64, EVENTS = 256,
       EVENTS_PER_BYTE = 24, UPPER_HALF = 0x2580, BLINK = 0x100, CUBE = 16 };
enum { REFRESH_NS = 50000000 };

/* Colours: 0..15 are the ANSI ones, 16..231 the 6x6x6 cube; BLINK may be added to fg. */
struct cell { uint16_t cp, fg, bg; };

struct disp_text {
    struct disp_text_options o;
    struct display *display;
    struct loop_tick tick;
    struct term_keys keys;
    struct { uint16_t key; bool down; } event[EVENTS];   /* waiting for the guest's keyboard */
    unsigned ev_first, ev_count;
    bool shown, clear;
    unsigned cols, rows;             /* of the terminal */
    unsigned cursor_x, cursor_y;     /* wanted; outside = hidden */
    unsigned drawn_x, drawn_y;       /* where the terminal shows it */
    struct cell want[MAX_ROWS * MAX_COLS], have[MAX_ROWS * MAX_COLS];
    struct text_screen text;
    char out[OUT_CAP];               /* [out_first, out_end) is not yet taken by the terminal */
    size_t out_first, out_end;
};

static const char farewell[] = "\033[0m\033[?25h\033[?1049l";

/* ---- output --------------------------------------------------------------------------------- */

static void flush(struct disp_text *t)
{
    const struct chr *c = t->o.term;

    while (t->out_first < t->out_end) {
        size_t n = c->ops->write(c->self, (const uint8_t *)t->out + t->out_first,
                                 t->out_end - t->out_first);
        if (n == 0)
            return;
        t->out_first += n;
    }
    t->out_first = t->out_end = 0;
}

__attribute__((format(printf, 2, 3)))
static void put(struct disp_text *t, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(t->out + t->out_end, OUT_CAP - t->out_end, fmt, ap);
    va_end(ap);
    if (n > 0 && (size_t)n < OUT_CAP - t->out_end)
        t->out_end += (size_t)n;
}

static void put_colors(struct disp_text *t, const struct cell *c)
{
    unsigned fg = c->fg & 0xff, bg = c->bg;

    put(t, "\033[0%s", c->fg & BLINK ? ";5" : "");
    if (fg < CUBE)
        put(t, ";%u", (fg < 8 ? 30 : 82) + fg);
    else
        put(t, ";38;5;%u", fg);
    if (bg < CUBE)
        put(t, ";%um", (bg < 8 ? 40 : 92) + bg);
    else
        put(t, ";48;5;%um", bg);
}

/* Sends the cells that differ between want and have, as far as the buffer has room. */
static void put_cells(struct disp_text *t)
{
    struct cell pen = { 0, 0xffff, 0xffff };
    char utf8[3];

    for (unsigned y = 0; y < t->rows; y++) {
        unsigned at = ~0u;                               /* column of the terminal's cursor */

        for (unsigned x = 0; x < t->cols; x++) {
            struct cell *w = &t->want[y * MAX_COLS + x], *h = &t->have[y * MAX_COLS + x];

            if (memcmp(w, h, sizeof *w) == 0 || OUT_CAP - t->out_end < OUT_LOW)
                continue;
            if (t->out_end == 0)
                put(t, "\033[?25l");                     /* no cursor running about */
            if (at != x)
                put(t, "\033[%u;%uH", y + 1, x + 1);
            if (w->fg != pen.fg || w->bg != pen.bg)
                put_colors(t, w);
            put(t, "%.*s", (int)vm_utf8(utf8, w->cp), utf8);
            *h = pen = *w;
            at = x + 1;
        }
    }
}

static void put_changes(struct disp_text *t)
{
    bool cursor = t->cursor_x < t->cols && t->cursor_y < t->rows;

    if (t->clear) {
        put(t, "\033[?25l\033[0m\033[2J");
        memset(t->have, 0xff, sizeof t->have);
        t->clear = false;
    }
    put_cells(t);
    if (t->out_end == 0 && t->cursor_x == t->drawn_x && t->cursor_y == t->drawn_y)
        return;
    if (cursor)
        put(t, "\033[%u;%uH\033[?25h", t->cursor_y + 1, t->cursor_x + 1);
    else
        put(t, "\033[?25l");
    t->drawn_x = t->cursor_x;
    t->drawn_y = t->cursor_y;
}

/* ---- what to show --------------------------------------------------------------------------- */

static unsigned distance(uint32_t a, uint32_t b)
{
    unsigned sum = 0;

    for (unsigned i = 0; i < 24; i += 8) {
        int d = (int)(a >> i & 255) - (int)(b >> i & 255);

        sum += (unsigned)(d * d);
    }
    return sum;
}

/* ANSI number of the nearest of the 16 colours a text mode starts with. */
static unsigned nearest_ansi(uint32_t rgb)
{
    static const uint32_t ansi[16] = {
        0x000000, 0xaa0000, 0x00aa00, 0xaa5500, 0x0000aa, 0xaa00aa, 0x00aaaa, 0xaaaaaa,
        0x555555, 0xff5555, 0x55ff55, 0xffff55, 0x5555ff, 0xff55ff, 0x55ffff, 0xffffff,
    };
    unsigned best = 0;

    for (unsigned i = 1; i < 16; i++)
        if (distance(rgb, ansi[i]) < distance(rgb, ansi[best]))
            best = i;
    return best;
}

static void want_text(struct disp_text *t)
{
    const struct text_screen *s = &t->text;
    unsigned color[16], first = 0;

    for (unsigned i = 0; i < 16; i++)
        color[i] = nearest_ansi(s->rgb[i]);
    if (s->rows > t->rows && s->cursor_y < s->rows && s->cursor_y >= t->rows)
        first = s->cursor_y - t->rows + 1;               /* a small terminal follows the cursor */
    for (unsigned y = 0; y < t->rows && first + y < s->rows; y++) {
        for (unsigned x = 0; x < t->cols && x < s->cols; x++) {
            struct text_cell c = s->cell[(first + y) * s->cols + x];
            bool blink = s->blink && c.attr & 0x80;

            t->want[y * MAX_COLS + x] = (struct cell){
                (uint16_t)vm_cp437(c.ch), (uint16_t)(color[c.attr & 15] | (blink ? BLINK : 0)),
                (uint16_t)color[c.attr >> 4 & (s->blink ? 7 : 15)],
            };
        }
    }
    t->cursor_x = s->cursor_x;
    t->cursor_y = s->cursor_y - first;
}

static uint16_t cube(uint32_t rgb)
{
    unsigned r = ((rgb >> 16 & 255) * 5 + 127) / 255, g = ((rgb >> 8 & 255) * 5 + 127) / 255;
    unsigned b = ((rgb & 255) * 5 + 127) / 255;

    return (uint16_t)(CUBE + 36 * r + 6 * g + b);
}

/* Mean colour of the surface's part that pixel (x, y) of a w x h picture covers. */
static uint32_t mean(const struct surface *s, unsigned x, unsigned y, unsigned w, unsigned h)
{
    unsigned x0 = x * s->w / w, x1 = (x + 1) * s->w / w, y0 = y * s->h / h, y1 = (y + 1) * s->h / h;
    unsigned r = 0, g = 0, b = 0, n = 0;

    x1 += x1 == x0;
    y1 += y1 == y0;
    for (unsigned py = y0; py < y1; py++) {
        for (unsigned px = x0; px < x1; px++, n++) {
            uint32_t c = s->px[(size_t)py * s->stride + px];

            r += c >> 16 & 255;
            g += c >> 8 & 255;
            b += c & 255;
        }
    }
    return r / n << 16 | g / n << 8 | b / n;
}

static void want_graphics(struct disp_text *t)
{
    struct display *d = t->display;
    const struct surface *s;

    d->refresh(d->dev);
    s = d->surface(d->dev);
    t->cursor_x = t->cursor_y = ~0u;
    if (s->w == 0 || s->h == 0)
        return;
    for (unsigned y = 0; y < t->rows; y++)
        for (unsigned x = 0; x < t->cols; x++)
            t->want[y * MAX_COLS + x] = (struct cell){
                UPPER_HALF, cube(mean(s, x, 2 * y, t->cols, 2 * t->rows)),
                cube(mean(s, x, 2 * y + 1, t->cols, 2 * t->rows)),
            };
}

static void get_size(struct disp_text *t)
{
    struct winsize ws = { .ws_col = 80, .ws_row = 25 };
    unsigned cols, rows;

    if (t->o.size_fd >= 0 && (ioctl(t->o.size_fd, TIOCGWINSZ, &ws) < 0 || !ws.ws_col || !ws.ws_row))
        ws = (struct winsize){ .ws_col = 80, .ws_row = 24 };
    cols = ws.ws_col < MAX_COLS ? ws.ws_col : MAX_COLS;
    rows = ws.ws_row < MAX_ROWS ? ws.ws_row : MAX_ROWS;
    if (cols != t->cols || rows != t->rows)
        t->clear = true;
    t->cols = cols;
    t->rows = rows;
}

static void draw(struct disp_text *t)
{
    struct display *d = t->display;

    get_size(t);
    for (size_t i = 0; i < sizeof t->want / sizeof t->want[0]; i++)
        t->want[i] = (struct cell){ ' ', 7, 0 };
    if (d->cells)
        d->cells(d->dev, &t->text);
    else
        t->text.cols = 0;
    if (t->text.cols)
        want_text(t);
    else
        want_graphics(t);
    put_changes(t);
}

/* ---- keys ----------------------------------------------------------------------------------- */

static void push(struct disp_text *t, int key, bool down)
{
    unsigned at = (t->ev_first + t->ev_count) % EVENTS;

    if (t->ev_count == EVENTS)
        return;                                          /* rx_room keeps this from happening */
    t->event[at].key = (uint16_t)key;
    t->event[at].down = down;
    t->ev_count++;
}

static void stroke(void *self, int key, unsigned mods)
{
    static const struct { unsigned mod; int key; } hold[] = {
        { TERM_SHIFT, KEY_SHIFT }, { TERM_CTRL, KEY_CTRL }, { TERM_ALT, KEY_ALT },
    };

    for (unsigned i = 0; i < 3; i++)
        if (mods & hold[i].mod)
            push(self, hold[i].key, true);
    push(self, key, true);
    push(self, key, false);
    for (unsigned i = 3; i-- > 0;)
        if (mods & hold[i].mod)
            push(self, hold[i].key, false);
}

static void send_keys(struct disp_text *t)
{
    while (t->ev_count && t->o.input &&
           input_key(t->o.input, t->event[t->ev_first].key, t->event[t->ev_first].down)) {
        t->ev_first = (t->ev_first + 1) % EVENTS;
        t->ev_count--;
    }
}

static size_t rx_room(void *dev)
{
    return (EVENTS - ((struct disp_text *)dev)->ev_count) / EVENTS_PER_BYTE;
}

static void rx(void *dev, const uint8_t *p, size_t n)
{
    struct disp_text *t = dev;

    for (size_t i = 0; i < n; i++)
        term_keys_feed(&t->keys, p[i]);
    send_keys(t);
}

/* ---- life ----------------------------------------------------------------------------------- */

static void tick(void *opaque)
{
    struct disp_text *t = opaque;

    term_keys_idle(&t->keys);
    send_keys(t);
    flush(t);
    if (t->shown && t->out_end == 0 && t->display->dev) {
        draw(t);
        flush(t);
    }
}

void disp_text_tick(struct display *d)
{
    tick(d->self);
}

void disp_text_show(struct display *d, bool on)
{
    struct disp_text *t = d->self;

    if (t->shown == on)
        return;
    t->shown = on;
    t->clear = on;
    if (!on)
        t->out_end = t->out_first;                       /* what is left of a frame */
    put(t, "%s", on ? "\033[?1049h" : farewell);
    flush(t);
    tty_farewell(on ? farewell : NULL);
}

static void close_text(void *self)
{
    struct disp_text *t = self;

    disp_text_show(t->display, false);
    if (t->o.loop)
        loop_stop_tick(t->o.loop, &t->tick);
    t->o.term->rx = NULL;
    t->o.term->rx_room = NULL;
    free(t);
}

static const struct display_ops text_ops = { .close = close_text };

int disp_text_new(struct display *out, const struct disp_text_options *o, struct vm_error *e)
{
    struct disp_text *t = calloc(1, sizeof *t);

    if (!t)
        return vm_fail(e, VM_ENOMEM, "no memory for the text display");
    t->o = *o;
    t->display = out;
    t->keys.stroke = stroke;
    t->keys.self = t;
    memset(out, 0, sizeof *out);
    out->ops = &text_ops;
    out->self = t;
    o->term->rx_room = rx_room;
    o->term->rx = rx;
    o->term->dev = t;
    if (o->loop)
        loop_every(o->loop, &t->tick, REFRESH_NS, tick, t);
    return VM_OK;
}
