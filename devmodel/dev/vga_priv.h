/* vga_priv.h - state of the VGA and what its files offer each other. */
/* SPDX-License-Identifier: MIT */
#ifndef VGA_PRIV_H
#define VGA_PRIV_H
#include "devmodel/core/backend.h"
#include "devmodel/core/clock.h"
#include "devmodel/core/pci.h"
#include "devmodel/core/ram.h"
#include <string.h>

enum {                               /* register indices, IBM VGA Technical Reference */
    SEQ_CLOCKING = 1, SEQ_MAP_MASK = 2, SEQ_CHAR_MAP = 3, SEQ_MEM_MODE = 4, SEQ_REGS = 5,
    CRTC_HTOTAL = 0, CRTC_HDE = 1, CRTC_VTOTAL = 6, CRTC_OVERFLOW = 7, CRTC_PRESET_ROW = 8,
    CRTC_MAX_SCAN = 9, CRTC_CURSOR_START = 10, CRTC_CURSOR_END = 11, CRTC_START_HI = 12,
    CRTC_START_LO = 13, CRTC_CURSOR_HI = 14, CRTC_CURSOR_LO = 15, CRTC_VRS = 16, CRTC_VRE = 17,
    CRTC_VDE = 18, CRTC_OFFSET = 19, CRTC_UNDERLINE = 20, CRTC_MODE = 23,
    CRTC_LINE_COMPARE = 24, CRTC_REGS = 25,
    GC_SET_RESET = 0, GC_ENABLE_SR = 1, GC_COMPARE = 2, GC_ROTATE = 3, GC_READ_MAP = 4,
    GC_MODE = 5, GC_MISC = 6, GC_DONT_CARE = 7, GC_BIT_MASK = 8, GC_REGS = 9,
    ATTR_MODE = 16, ATTR_OVERSCAN = 17, ATTR_PLANES = 18, ATTR_PAN = 19, ATTR_COLOR_SELECT = 20,
    ATTR_REGS = 21,
};
enum { MISC_COLOR = 1, MISC_RAM = 2, ATTR_PAS = 0x20, SEQ_CHAIN4 = 8, SEQ_NOT_ODD_EVEN = 4,
       SEQ_SCREEN_OFF = 0x20, SEQ_HALF_CLOCK = 8, SEQ_8DOT = 1, CRTC_PROTECT = 0x80,
       GC_GRAPHICS = 1, GC_SHIFT_CGA = 0x20, GC_SHIFT_256 = 0x40, GC_ODD_EVEN = 0x10,
       GC_READ_MODE1 = 8 };

enum {                               /* Bochs VBE DISPI, ports 1CEh and 1CFh */
    DISPI_ID = 0, DISPI_XRES = 1, DISPI_YRES = 2, DISPI_BPP = 3, DISPI_ENABLE = 4, DISPI_BANK = 5,
    DISPI_VIRT_WIDTH = 6, DISPI_VIRT_HEIGHT = 7, DISPI_X_OFFSET = 8, DISPI_Y_OFFSET = 9,
    DISPI_VRAM_64K = 10, DISPI_REGS = 11,
    DISPI_ENABLED = 0x01, DISPI_GETCAPS = 0x02, DISPI_8BIT_DAC = 0x20, DISPI_LFB = 0x40,
    DISPI_NOCLEARMEM = 0x80,
};
enum {                               /* bytes, then pixels */
    VGA_WINDOW = 0x20000, VGA_BANK = 0x10000, VGA_PLANE = 0x10000,
    DISPI_MAX_X = 1600, DISPI_MAX_Y = 1200,
    VGA_MAX_W = 256 * 9 * 2, VGA_MAX_H = 1024, VGA_MAX_PIXELS = VGA_MAX_W * VGA_MAX_H,
};
_Static_assert(DISPI_MAX_X * DISPI_MAX_Y <= VGA_MAX_PIXELS && DISPI_MAX_X <= VGA_MAX_W,
               "one surface and one line buffer serve all modes");

enum vga_kind { VIEW_BLANK, VIEW_TEXT, VIEW_PLANAR, VIEW_CGA, VIEW_256, VIEW_LINEAR };

/* What the registers ask to be shown; nothing else decides how pixels are made. */
struct vga_view {
    enum vga_kind kind;
    unsigned w, h;                   /* pixels of the surface */
    unsigned chars, dots, wide;      /* a line; dots a character clock; surface pixels a dot */
    unsigned bpp;                    /* VIEW_LINEAR: 8, 15, 16, 24 or 32 */
    uint32_t start, pitch;           /* VIEW_LINEAR: bytes; else address counter units */
    unsigned line_compare, max_scan, repeat, preset, byte_pan, pel_pan;
    uint32_t plane_mask;             /* plane offsets wrap here */
};

/* The address counter's position on one scan line. */
struct vga_scan { uint32_t ma; unsigned row, sub, pan; };

struct vga {
    struct pci_func   pci;
    struct ram        vram;          /* plane p's byte at offset o is vram.host[o * 4 + p] */
    struct mem_region vram_region, window, planar, direct;
    struct mem_region io_main, io_crtc[2], io_status[2], dispi_index_port, dispi_data_port;
    struct vclock    *clock;
    struct display   *display;       /* property; may be NULL */
    uint32_t          slot, vram_mb; /* properties */

    uint8_t  misc, feature, enable;
    uint8_t  seq_index, seq[SEQ_REGS], crtc_index, crtc[CRTC_REGS], gc_index, gc[GC_REGS];
    uint8_t  attr_index, attr[ATTR_REGS];
    bool     attr_data;              /* flip-flop: the next write to 3C0h is data */
    uint8_t  dac_mask, dac_state, dac_read, dac_write, dac_part, dac_hold[2], dac[768];
    uint8_t  latch[4];
    uint16_t dispi_index, dispi[DISPI_REGS];
    uint32_t direct_off;             /* where `direct` shows vram */

    /* Drawing only; not guest-visible, not in snapshots. */
    struct surface  surface;
    struct vga_view shown;
    uint8_t        *shadow;          /* vram as last drawn, for what is on the screen */
    bool            redraw;          /* a register changed since the last refresh */
    unsigned        blink_phase;
};

/* vga.c: after anything that can change what the CPU sees at A0000h. */
void vga_update_map(struct vga *v);

/* vga_regs.c */
void vga_regs_init(struct vga *v);   /* fills the port regions */

/* vga_mem.c */
extern const struct mmio_ops vga_planar_ops;

/* vga_dispi.c */
extern const struct mmio_ops vga_dispi_index_ops, vga_dispi_data_ops;
void     vga_dispi_reset(struct vga *v);
void     vga_dispi_sanitize(struct vga *v);   /* after a load: values the device can hold */
unsigned vga_dispi_bytes(unsigned bpp);       /* bytes per pixel, 8 to 32 bpp */

static inline bool vga_dispi_on(const struct vga *v)
{
    return v->dispi[DISPI_ENABLE] & DISPI_ENABLED;
}

static inline bool vga_dispi_linear(const struct vga *v)
{
    return vga_dispi_on(v) && v->dispi[DISPI_BPP] > 4;
}

/* vga_view.c */
void vga_view_get(const struct vga *v, struct vga_view *out);
void vga_scan_start(const struct vga_view *view, struct vga_scan *s);
/* Moves from scan line y to y + 1. */
void vga_scan_next(const struct vga *v, const struct vga_view *view, struct vga_scan *s,
                   unsigned y);
/* Plane offset the address counter value stands for on a scan row. */
uint32_t vga_plane_offset(const struct vga *v, const struct vga_view *view, uint32_t ma,
                          unsigned row);
/* Colours of attribute values 0..15, and of DAC indices 0..255 behind the mask. 0x00RRGGBB. */
void vga_palette16(const struct vga *v, uint32_t out[16]);
void vga_palette256(const struct vga *v, uint32_t out[256]);

/* vga_draw.c */
void vga_refresh(void *dev);
const struct surface *vga_surface(void *dev);

/* vga_text.c */
struct vga_text_look { uint32_t rgb[16]; bool cursor_on, chars_on; };
void vga_text_line(const struct vga *v, const struct vga_view *view, const struct vga_scan *s,
                   const struct vga_text_look *look, uint32_t *out);
int  vga_text(void *dev, char *out, size_t cap);
void vga_cells(void *dev, struct text_screen *out);
#endif
