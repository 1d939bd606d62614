/* vga_draw.c - makes the surface from the view: graphics modes line by line, only what changed.
 *
 * Memory written through RAM regions leaves no trace, so what is on the screen is compared with a
 * copy of how it was drawn last. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/dev/vga_priv.h"
#include "devmodel/base/vm_bits.h"

enum { BLINK_NS = 266666667 };       /* 16 frames of 60 Hz: half a cursor period */
enum { STANDARD_BYTES = 4 * VGA_PLANE, CELL_PIXELS = 8 };

struct pen { uint32_t pal[256]; struct vga_text_look look; };

/* ---- graphics of the standard VGA: eight dots from four plane bytes ------------------------- */

static void dots_planar(const uint8_t *p, const uint32_t *pal, uint32_t *out)
{
    for (unsigned i = 0; i < CELL_PIXELS; i++) {
        unsigned b = 7 - i;

        out[i] = pal[(p[0] >> b & 1) | (p[1] >> b & 1) << 1 | (p[2] >> b & 1) << 2 |
                     (p[3] >> b & 1) << 3];
    }
}

static void dots_cga(const uint8_t *p, const uint32_t *pal, uint32_t *out)
{
    for (unsigned i = 0; i < CELL_PIXELS; i++) {
        unsigned b = 6 - 2 * (i & 3), odd = i >> 2;

        out[i] = pal[(p[odd] >> b & 3) | (p[odd + 2] >> b & 3) << 2];
    }
}

static void dots_256(const uint8_t *p, const uint32_t *pal, uint32_t *out)
{
    for (unsigned i = 0; i < CELL_PIXELS; i++)
        out[i] = pal[p[i / 2]];
}

/* One line of w pixels, shifted left by the panning: one character clock more is fetched. */
static void draw_cells(const struct vga *v, const struct vga_view *view, const struct vga_scan *s,
                       const uint32_t *pal, uint32_t *out)
{
    uint32_t dots[CELL_PIXELS];
    unsigned x = 0, skip = view->kind == VIEW_256 ? s->pan & 6 : s->pan & 7;

    for (unsigned c = 0; x < view->w; c++) {
        const uint8_t *p = v->vram.host + (size_t)vga_plane_offset(v, view, s->ma + c, s->row) * 4;

        if (view->kind == VIEW_256)
            dots_256(p, pal, dots);
        else if (view->kind == VIEW_CGA)
            dots_cga(p, pal, dots);
        else
            dots_planar(p, pal, dots);
        for (unsigned i = c ? 0 : skip; i < CELL_PIXELS; i++)
            for (unsigned n = 0; n < view->wide && x < view->w; n++)
                out[x++] = dots[i];
    }
}

/* ---- linear modes --------------------------------------------------------------------------- */

static uint32_t rgb(unsigned r, unsigned g, unsigned b)
{
    return r << 16 | g << 8 | b;
}

/* Five and six bits widen so that all ones become 255. */
static unsigned wide5(unsigned c) { return (c & 31) << 3 | (c >> 2 & 7); }
static unsigned wide6(unsigned c) { return (c & 63) << 2 | (c >> 4 & 3); }

static void draw_linear(const struct vga_view *view, const uint8_t *p, const uint32_t *pal,
                        uint32_t *out)
{
    for (unsigned x = 0; x < view->w; x++) {
        unsigned c;

        switch (view->bpp) {
        case 8:
            out[x] = pal[p[x]];
            break;
        case 15:
            c = vm_ld16(p + 2 * x);
            out[x] = rgb(wide5(c >> 10), wide5(c >> 5), wide5(c));
            break;
        case 16:
            c = vm_ld16(p + 2 * x);
            out[x] = rgb(wide5(c >> 11), wide6(c >> 5), wide5(c));
            break;
        case 24:
            out[x] = rgb(p[3 * x + 2], p[3 * x + 1], p[3 * x]);
            break;
        default:
            out[x] = vm_ld32(p + 4 * x) & 0xffffff;
        }
    }
}

/* ---- refresh -------------------------------------------------------------------------------- */

static void resize(struct vga *v, const struct vga_view *view)
{
    struct display *d = v->display;

    if (v->surface.w == view->w && v->surface.h == view->h)
        return;
    v->surface.w = v->surface.stride = view->w;
    v->surface.h = view->h;
    memset(v->surface.px, 0, (size_t)view->w * view->h * sizeof *v->surface.px);
    if (d && d->ops->resize)
        d->ops->resize(d->self, &v->surface);
}

static void make_pen(const struct vga *v, const struct vga_view *view, struct pen *pen)
{
    if (view->kind == VIEW_256 || (view->kind == VIEW_LINEAR && view->bpp == 8))
        vga_palette256(v, pen->pal);
    else
        vga_palette16(v, pen->pal);
    vga_palette16(v, pen->look.rgb);
    pen->look.cursor_on = !(v->blink_phase & 1);
    pen->look.chars_on = !(v->blink_phase & 2);          /* characters blink at half the rate */
}

/* Tells whether vram[from .. from + n) differs from what was drawn, and remembers it. */
static bool changed(struct vga *v, size_t from, size_t n)
{
    if (memcmp(v->vram.host + from, v->shadow + from, n) == 0)
        return false;
    memcpy(v->shadow + from, v->vram.host + from, n);
    return true;
}

static bool draw_line(struct vga *v, const struct vga_view *view, const struct vga_scan *s,
                      const struct pen *pen, unsigned y, bool all)
{
    uint32_t line[VGA_MAX_W];
    uint32_t *row = v->surface.px + (size_t)y * v->surface.stride;
    size_t from = view->start + (size_t)y * view->pitch;

    switch (view->kind) {
    case VIEW_BLANK:
        memset(line, 0, view->w * sizeof *line);
        break;
    case VIEW_TEXT:
        vga_text_line(v, view, s, &pen->look, line);
        break;
    case VIEW_PLANAR: case VIEW_CGA: case VIEW_256:
        draw_cells(v, view, s, pen->pal, line);
        break;
    case VIEW_LINEAR:
        if (!changed(v, from, (size_t)view->w * vga_dispi_bytes(view->bpp)) && !all)
            return false;
        draw_linear(view, v->vram.host + from, pen->pal, line);
        break;
    }
    if (memcmp(row, line, view->w * sizeof *line) == 0)
        return false;
    memcpy(row, line, view->w * sizeof *line);
    return true;
}

static void draw(struct vga *v, const struct vga_view *view, bool all)
{
    struct display *d = v->display;
    struct vga_scan s;
    struct pen pen;
    unsigned run = 0;                                    /* changed lines just above y */

    make_pen(v, view, &pen);
    vga_scan_start(view, &s);
    for (unsigned y = 0; y <= view->h; y++) {
        if (y < view->h && draw_line(v, view, &s, &pen, y, all)) {
            run++;
        } else if (run) {
            if (d && d->ops->dirty)
                d->ops->dirty(d->self, 0, y - run, view->w, run);
            run = 0;
        }
        vga_scan_next(v, view, &s, y);
    }
}

/* The planes a standard or 4 bpp view can reach. */
static size_t planar_bytes(const struct vga *v)
{
    return vga_dispi_on(v) ? v->vram.bytes : (size_t)STANDARD_BYTES;
}

void vga_refresh(void *dev)
{
    struct vga *v = dev;
    struct vga_view view;
    unsigned phase = (unsigned)(vclock_now(v->clock) / BLINK_NS) & 3;
    bool all;

    vga_view_get(v, &view);
    all = v->redraw || memcmp(&view, &v->shown, sizeof view) != 0 ||
          (view.kind == VIEW_TEXT && phase != v->blink_phase);
    v->redraw = false;
    v->blink_phase = phase;
    v->shown = view;
    resize(v, &view);
    if (view.kind != VIEW_LINEAR && !changed(v, 0, planar_bytes(v)) && !all)
        return;
    draw(v, &view, all);
}

const struct surface *vga_surface(void *dev)
{
    return &((struct vga *)dev)->surface;
}
