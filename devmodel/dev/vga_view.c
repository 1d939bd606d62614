/* vga_view.c - what the registers ask to be shown: mode, address counter, colours.
 *
 * IBM VGA Technical Reference, CRTC and attribute controller. Left out: the overscan border, CRTC
 * skews, the vertical divide by two (CRTC mode bit 2). In chain-4 modes the packed storage makes
 * doubleword addressing the identity. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/dev/vga_priv.h"

enum { CRTC_SCAN0 = 0x01, CRTC_SCAN1 = 0x02, CRTC_WRAP = 0x20, CRTC_BYTE = 0x40,
       UNDERLINE_DWORD = 0x40, MAX_SCAN_DOUBLE = 0x80 };
enum { ATTR_MODE_PAN_COMPAT = 0x20, ATTR_MODE_P54S = 0x80 };

static enum vga_kind standard_kind(const struct vga *v)
{
    if (v->seq[SEQ_CLOCKING] & SEQ_SCREEN_OFF)
        return VIEW_BLANK;
    if (!(v->gc[GC_MISC] & GC_GRAPHICS))
        return VIEW_TEXT;
    if (v->gc[GC_MODE] & GC_SHIFT_256)
        return VIEW_256;
    return v->gc[GC_MODE] & GC_SHIFT_CGA ? VIEW_CGA : VIEW_PLANAR;
}

static void standard_view(const struct vga *v, struct vga_view *o)
{
    const uint8_t *c = v->crtc;
    unsigned over = c[CRTC_OVERFLOW];

    o->kind = standard_kind(v);
    o->chars = c[CRTC_HDE] + 1u;
    o->dots = o->kind == VIEW_TEXT && !(v->seq[SEQ_CLOCKING] & SEQ_8DOT) ? 9 : 8;
    o->wide = v->seq[SEQ_CLOCKING] & SEQ_HALF_CLOCK ? 2 : 1;
    o->w = o->chars * o->dots * o->wide;
    o->h = (c[CRTC_VDE] | (over & 0x02) << 7 | (over & 0x40) << 3) + 1u;
    o->start = c[CRTC_START_HI] << 8 | c[CRTC_START_LO];
    o->pitch = c[CRTC_OFFSET] * 2u;
    o->line_compare = c[CRTC_LINE_COMPARE] | (over & 0x10) << 4 | (c[CRTC_MAX_SCAN] & 0x40) << 3;
    o->max_scan = c[CRTC_MAX_SCAN] & 0x1f;
    o->repeat = c[CRTC_MAX_SCAN] & MAX_SCAN_DOUBLE ? 2 : 1;
    o->preset = c[CRTC_PRESET_ROW] & 0x1f;
    o->byte_pan = c[CRTC_PRESET_ROW] >> 5 & 3;
    o->pel_pan = v->attr[ATTR_PAN] & 15;
    o->plane_mask = VGA_PLANE - 1;
}

static void dispi_view(const struct vga *v, struct vga_view *o)
{
    const uint16_t *r = v->dispi;
    uint32_t first = (uint32_t)r[DISPI_Y_OFFSET] * r[DISPI_VIRT_WIDTH] + r[DISPI_X_OFFSET];

    o->w = r[DISPI_XRES];
    o->h = r[DISPI_YRES];
    o->line_compare = ~0u;
    if (r[DISPI_BPP] > 4) {
        o->kind = VIEW_LINEAR;
        o->bpp = r[DISPI_BPP];
        o->start = first * vga_dispi_bytes(o->bpp);
        o->pitch = r[DISPI_VIRT_WIDTH] * vga_dispi_bytes(o->bpp);
        return;
    }
    o->kind = VIEW_PLANAR;
    o->chars = o->w / 8;
    o->dots = 8;
    o->wide = o->repeat = 1;
    o->start = first / 8;
    o->pel_pan = first % 8;
    o->pitch = r[DISPI_VIRT_WIDTH] / 8;
    o->plane_mask = (uint32_t)(v->vram.bytes / 4 - 1);
}

void vga_view_get(const struct vga *v, struct vga_view *out)
{
    memset(out, 0, sizeof *out);                         /* compared as a whole, padding too */
    if (vga_dispi_on(v))
        dispi_view(v, out);
    else
        standard_view(v, out);
    if (!(v->attr_index & ATTR_PAS))
        out->kind = VIEW_BLANK;
}

void vga_scan_start(const struct vga_view *view, struct vga_scan *s)
{
    *s = (struct vga_scan){ .ma = view->start + view->byte_pan, .row = view->preset,
                            .pan = view->pel_pan };
}

void vga_scan_next(const struct vga *v, const struct vga_view *view, struct vga_scan *s, unsigned y)
{
    if (y == view->line_compare) {
        s->ma = s->row = s->sub = 0;
        if (v->attr[ATTR_MODE] & ATTR_MODE_PAN_COMPAT)
            s->pan = 0;
        return;
    }
    if (++s->sub < view->repeat)
        return;
    s->sub = 0;
    if (s->row == view->max_scan) {
        s->row = 0;
        s->ma += view->pitch;
    } else {
        s->row = (s->row + 1) & 0x1f;
    }
}

uint32_t vga_plane_offset(const struct vga *v, const struct vga_view *view, uint32_t ma,
                          unsigned row)
{
    uint8_t mode = v->crtc[CRTC_MODE];

    if (vga_dispi_on(v))
        return ma & view->plane_mask;
    ma &= 0xffff;
    if (v->crtc[CRTC_UNDERLINE] & UNDERLINE_DWORD) {
        if (!(v->seq[SEQ_MEM_MODE] & SEQ_CHAIN4))
            ma = ma << 2 | ma >> 14;
    } else if (!(mode & CRTC_BYTE)) {
        ma = ma << 1 | (ma >> (mode & CRTC_WRAP ? 15 : 13) & 1);
    }
    if (!(mode & CRTC_SCAN0))
        ma = (ma & ~0x2000u) | (row & 1) << 13;
    if (!(mode & CRTC_SCAN1))
        ma = (ma & ~0x4000u) | (row >> 1 & 1) << 14;
    return ma & view->plane_mask;
}

static uint32_t dac_color(const struct vga *v, uint8_t index)
{
    const uint8_t *p = v->dac + (index & v->dac_mask) * 3;
    uint32_t rgb = (uint32_t)p[0] << 16 | p[1] << 8 | p[2];

    if (v->dispi[DISPI_ENABLE] & DISPI_8BIT_DAC)
        return rgb;
    rgb &= 0x3f3f3f;
    return rgb << 2 | (rgb >> 4 & 0x030303);
}

void vga_palette16(const struct vga *v, uint32_t out[16])
{
    unsigned select = v->attr[ATTR_COLOR_SELECT];

    for (unsigned i = 0; i < 16; i++) {
        unsigned c = v->attr[i & v->attr[ATTR_PLANES]] & 0x3f;

        if (v->attr[ATTR_MODE] & ATTR_MODE_P54S)
            c = (c & 0x0f) | (select & 3) << 4;
        out[i] = dac_color(v, (uint8_t)(c | (select & 0x0c) << 4));
    }
}

void vga_palette256(const struct vga *v, uint32_t out[256])
{
    for (unsigned i = 0; i < 256; i++)
        out[i] = dac_color(v, (uint8_t)i);
}
