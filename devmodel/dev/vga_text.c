/* vga_text.c - text modes: pixels from the font in plane 2, and the same screen as characters.
 *
 * IBM VGA Technical Reference, "Alphanumeric Modes". Left out: cursor skew. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/dev/vga_priv.h"
#include "devmodel/base/vm_cp437.h"

enum { MODE_MONO = 0x02, MODE_LINE_GRAPHICS = 0x04, MODE_BLINK = 0x08, CURSOR_OFF = 0x20,
       ATTR_BLINK = 0x80, ATTR_FONT = 0x08, GLYPH_BYTES = 32 };

/* Offset of one of the eight fonts in plane 2. */
static unsigned font_base(unsigned n)
{
    return (n & 3) * 0x4000 + (n >> 2) * 0x2000;
}

static unsigned cursor_address(const struct vga *v)
{
    return v->crtc[CRTC_CURSOR_HI] << 8 | v->crtc[CRTC_CURSOR_LO];
}

static bool cursor_shown(const struct vga *v)
{
    return !(v->crtc[CRTC_CURSOR_START] & CURSOR_OFF);
}

static bool cursor_here(const struct vga *v, uint32_t ma, unsigned row)
{
    return cursor_shown(v) && (ma & 0xffff) == cursor_address(v) &&
           row >= (v->crtc[CRTC_CURSOR_START] & 0x1fu) && row <= (v->crtc[CRTC_CURSOR_END] & 0x1fu);
}

/* The dots of one character on one scan row, leftmost in bit 8. */
static unsigned glyph(const struct vga *v, uint8_t ch, uint8_t at, unsigned row)
{
    unsigned map = v->seq[SEQ_CHAR_MAP];
    unsigned font = at & ATTR_FONT ? (map >> 2 & 3) | (map >> 3 & 4) : (map & 3) | (map >> 2 & 4);
    unsigned bits = v->vram.host[(font_base(font) + ch * GLYPH_BYTES + row) * 4 + 2] << 1;

    if (v->attr[ATTR_MODE] & MODE_LINE_GRAPHICS && ch >= 0xc0 && ch <= 0xdf)
        bits |= bits >> 1 & 1;                           /* boxes reach across the ninth dot */
    if (v->attr[ATTR_MODE] & MODE_MONO && (at & 7) == 1 &&
        row == (v->crtc[CRTC_UNDERLINE] & 0x1fu))
        bits = 0x1ff;
    return bits;
}

static unsigned cell_dots(const struct vga *v, const struct vga_scan *s, uint32_t ma,
                          const uint8_t *p, const struct vga_text_look *look)
{
    bool hidden = v->attr[ATTR_MODE] & MODE_BLINK && p[1] & ATTR_BLINK && !look->chars_on;

    if (look->cursor_on && cursor_here(v, ma, s->row))
        return 0x1ff;
    return hidden ? 0 : glyph(v, p[0], p[1], s->row);
}

void vga_text_line(const struct vga *v, const struct vga_view *view, const struct vga_scan *s,
                   const struct vga_text_look *look, uint32_t *out)
{
    unsigned x = 0, skip = s->pan & 7;

    if (view->dots == 9)                                 /* 8 is no shift, then 0..7 are 1..8 */
        skip = s->pan >= 8 ? 0 : s->pan + 1;
    for (unsigned c = 0; x < view->w; c++) {
        const uint8_t *p = v->vram.host +
                           (size_t)vga_plane_offset(v, view, s->ma + c, s->row) * 4;
        unsigned bits = cell_dots(v, s, s->ma + c, p, look);
        uint32_t fg = look->rgb[p[1] & 15];
        uint32_t bg = look->rgb[p[1] >> 4 & (v->attr[ATTR_MODE] & MODE_BLINK ? 7 : 15)];

        for (unsigned i = c ? 0 : skip; i < view->dots; i++)
            for (unsigned n = 0; n < view->wide && x < view->w; n++)
                out[x++] = bits >> (8 - i) & 1 ? fg : bg;
    }
}

/* ---- the screen as characters --------------------------------------------------------------- */

/* Moves to the next scan line that starts a row of characters; false at the end of the screen. */
static bool next_row(const struct vga *v, const struct vga_view *view, struct vga_scan *s,
                     unsigned *y)
{
    do {
        vga_scan_next(v, view, s, *y);
        ++*y;
    } while (*y < view->h && (s->row || s->sub));
    return *y < view->h;
}

static const uint8_t *cell_at(const struct vga *v, const struct vga_view *view, uint32_t ma)
{
    return v->vram.host + (size_t)vga_plane_offset(v, view, ma, 0) * 4;
}

/* A text mode is one also while the screen is blanked. */
static bool text_view(const struct vga *v, struct vga_view *view)
{
    vga_view_get(v, view);
    return !vga_dispi_on(v) && !(v->gc[GC_MISC] & GC_GRAPHICS);
}

int vga_text(void *dev, char *out, size_t cap)
{
    struct vga *v = dev;
    struct vga_view view;
    struct vga_scan s;
    unsigned y = 0;
    size_t n = 0;

    if (!text_view(v, &view) || cap == 0)
        return -1;
    vga_scan_start(&view, &s);
    do {
        unsigned used = 0;

        for (unsigned c = 0; c < view.chars; c++)
            if (vm_cp437(*cell_at(v, &view, s.ma + c)) != ' ')
                used = c + 1;
        if (cap - n < 3 * used + 2)
            break;
        for (unsigned c = 0; c < used; c++)
            n += vm_utf8(out + n, vm_cp437(*cell_at(v, &view, s.ma + c)));
        out[n++] = '\n';
    } while (next_row(v, &view, &s, &y));
    out[n] = '\0';
    return (int)n;
}

void vga_cells(void *dev, struct text_screen *out)
{
    struct vga *v = dev;
    struct vga_view view;
    struct vga_scan s;
    unsigned y = 0;

    out->cols = out->rows = 0;
    if (!text_view(v, &view))
        return;
    vga_palette16(v, out->rgb);
    out->blink = v->attr[ATTR_MODE] & MODE_BLINK;
    out->cols = view.chars;
    out->cursor_x = out->cursor_y = ~0u;
    vga_scan_start(&view, &s);
    do {
        uint32_t at = (cursor_address(v) - s.ma) & 0xffff;

        for (unsigned c = 0; c < view.chars; c++) {
            const uint8_t *p = cell_at(v, &view, s.ma + c);

            out->cell[out->rows * view.chars + c] = (struct text_cell){ p[0], p[1] };
        }
        if (at < view.chars && cursor_shown(v)) {
            out->cursor_x = at;
            out->cursor_y = out->rows;
        }
        out->rows++;
    } while (next_row(v, &view, &s, &y) && (out->rows + 1) * view.chars <= TEXT_CELLS);
}
