/* vga_regs.c - VGA registers at 3B4h..3DAh: sequencer, CRTC, graphics, attribute, DAC, status.
 *
 * IBM VGA Technical Reference. Retrace bits come from the virtual clock and the CRTC timing. Left
 * out: the vertical interrupt, light pen, subsystem disable by 3C3h (the value is kept). */
/* SPDX-License-Identifier: MIT */
#include "devmodel/dev/vga_priv.h"
#include "devmodel/base/vm_bits.h"

enum { STATUS_DISABLED = 0x01, STATUS_VRETRACE = 0x08, STATUS0_SENSE = 0x10 };
enum { DAC_STATE_WRITE = 0, DAC_STATE_READ = 3 };
enum { NS_PER_S = 1000000000 };

static const uint8_t seq_mask[SEQ_REGS] = { 0x03, 0x3d, 0x0f, 0x3f, 0x0e };
static const uint8_t gc_mask[GC_REGS] = { 0x0f, 0x0f, 0x0f, 0x1f, 0x03, 0x7b, 0x0f, 0x0f, 0xff };
static const uint8_t crtc_mask[CRTC_REGS] = {
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0xff, 0x3f, 0x7f, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xef, 0xff,
};

static uint8_t attr_reg_mask(unsigned i)
{
    static const uint8_t high[ATTR_REGS - 16] = { 0xef, 0xff, 0x3f, 0x0f, 0x0f };

    return i < 16 ? 0x3f : high[i - 16];
}

/* ---- retrace -------------------------------------------------------------------------------- */

struct timing { vtime_t frame; unsigned lines, shown, retrace, retrace_end, clocks, clocks_shown; };

static void get_timing(const struct vga *v, struct timing *t)
{
    const uint8_t *c = v->crtc;
    unsigned over = c[CRTC_OVERFLOW], dots = v->seq[SEQ_CLOCKING] & SEQ_8DOT ? 8 : 9;
    uint64_t hz = v->misc >> 2 & 1 ? 28322000 : 25175000;

    if (v->seq[SEQ_CLOCKING] & SEQ_HALF_CLOCK)
        hz /= 2;
    t->clocks = c[CRTC_HTOTAL] + 5u;
    t->clocks_shown = c[CRTC_HDE] + 1u;
    t->lines = (c[CRTC_VTOTAL] | (over & 0x01) << 8 | (over & 0x20) << 4) + 2u;
    t->shown = (c[CRTC_VDE] | (over & 0x02) << 7 | (over & 0x40) << 3) + 1u;
    t->retrace = c[CRTC_VRS] | (over & 0x04) << 6 | (over & 0x80) << 2;
    t->retrace_end = t->retrace + ((c[CRTC_VRE] - t->retrace) & 0x0f);
    t->frame = (vtime_t)((uint64_t)t->clocks * dots * t->lines * NS_PER_S / hz);
    if (t->frame < NS_PER_S / 1000) {                    /* nothing a monitor would show: 60 Hz */
        *t = (struct timing){ .frame = NS_PER_S / 60, .lines = 525, .shown = 480, .retrace = 490,
                              .retrace_end = 492, .clocks = 100, .clocks_shown = 80 };
    }
}

static uint8_t input_status1(const struct vga *v)
{
    struct timing t;
    uint64_t at, line;

    get_timing(v, &t);
    at = (uint64_t)(vclock_now(v->clock) % t.frame) * t.lines;
    line = at / (uint64_t)t.frame;
    at = at % (uint64_t)t.frame * t.clocks / (uint64_t)t.frame;
    if (line >= t.retrace && line < t.retrace_end)
        return STATUS_DISABLED | STATUS_VRETRACE;
    return line >= t.shown || at >= t.clocks_shown ? STATUS_DISABLED : 0;
}

/* ---- DAC ------------------------------------------------------------------------------------ */

static uint8_t dac_data_read(struct vga *v)
{
    uint8_t val = v->dac[v->dac_read * 3 + v->dac_part];

    if (++v->dac_part == 3) {
        v->dac_part = 0;
        v->dac_read++;
    }
    return val;
}

static void dac_data_write(struct vga *v, uint8_t val)
{
    uint8_t *entry = v->dac + v->dac_write * 3;

    if (!(v->dispi[DISPI_ENABLE] & DISPI_8BIT_DAC))
        val &= 0x3f;
    if (v->dac_part < 2) {
        v->dac_hold[v->dac_part++] = val;
        return;
    }
    entry[0] = v->dac_hold[0];                           /* an entry changes as a whole */
    entry[1] = v->dac_hold[1];
    entry[2] = val;
    v->dac_part = 0;
    v->dac_write++;
    v->redraw = true;
}

/* ---- indexed registers ---------------------------------------------------------------------- */

static void attr_write(struct vga *v, uint8_t val)
{
    if (!v->attr_data)
        v->attr_index = val & 0x3f;
    else if ((v->attr_index & 0x1f) < ATTR_REGS)
        v->attr[v->attr_index & 0x1f] = val & attr_reg_mask(v->attr_index & 0x1f);
    v->attr_data = !v->attr_data;
}

static void crtc_write(struct vga *v, uint8_t val)
{
    unsigned i = v->crtc_index;

    if (i >= CRTC_REGS)
        return;
    if (v->crtc[CRTC_VRE] & CRTC_PROTECT && i <= CRTC_OVERFLOW) {
        if (i == CRTC_OVERFLOW)                          /* line compare bit 8 stays writable */
            v->crtc[i] = (v->crtc[i] & ~0x10) | (val & 0x10);
        return;
    }
    v->crtc[i] = val & crtc_mask[i];
}

static uint64_t crtc_read(void *opaque, uint64_t off, unsigned size)
{
    struct vga *v = opaque;

    (void)size;
    if (off == 0)
        return v->crtc_index;
    return v->crtc_index < CRTC_REGS ? v->crtc[v->crtc_index] : 0;
}

static void crtc_port_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct vga *v = opaque;

    (void)size;
    if (off == 0) {
        v->crtc_index = val & 0x3f;
        return;
    }
    crtc_write(v, val & 0xff);
    v->redraw = true;
}

static uint64_t status_read(void *opaque, uint64_t off, unsigned size)
{
    struct vga *v = opaque;

    (void)off, (void)size;
    v->attr_data = false;
    return input_status1(v);
}

static void feature_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    (void)off, (void)size;
    ((struct vga *)opaque)->feature = val & 0x03;
}

/* ---- 3C0h..3CFh ----------------------------------------------------------------------------- */

static uint64_t main_read(void *opaque, uint64_t off, unsigned size)
{
    struct vga *v = opaque;
    unsigned attr = v->attr_index & 0x1f;

    (void)size;
    switch (off) {
    case 0x0: return v->attr_index;
    case 0x1: return attr < ATTR_REGS ? v->attr[attr] : 0;
    case 0x2: return STATUS0_SENSE;
    case 0x3: return v->enable;
    case 0x4: return v->seq_index;
    case 0x5: return v->seq_index < SEQ_REGS ? v->seq[v->seq_index] : 0;
    case 0x6: return v->dac_mask;
    case 0x7: return v->dac_state;
    case 0x8: return v->dac_write;
    case 0x9: return dac_data_read(v);
    case 0xa: return v->feature;
    case 0xc: return v->misc;
    case 0xe: return v->gc_index;
    case 0xf: return v->gc_index < GC_REGS ? v->gc[v->gc_index] : 0;
    default:  return 0xff;
    }
}

static void dac_write(struct vga *v, uint64_t off, uint8_t val)
{
    switch (off) {
    case 0x6:
        v->dac_mask = val;
        v->redraw = true;
        break;
    case 0x7:
        v->dac_read = val;
        v->dac_state = DAC_STATE_READ;
        v->dac_part = 0;
        break;
    case 0x8:
        v->dac_write = val;
        v->dac_state = DAC_STATE_WRITE;
        v->dac_part = 0;
        break;
    case 0x9:
        dac_data_write(v, val);
        break;
    }
}

static void main_write(void *opaque, uint64_t off, uint64_t val64, unsigned size)
{
    struct vga *v = opaque;
    uint8_t val = val64 & 0xff;

    (void)size;
    switch (off) {
    case 0x0: attr_write(v, val); break;
    case 0x2: v->misc = val & 0xef; break;
    case 0x3: v->enable = val & 0x01; return;
    case 0x4: v->seq_index = val & 0x07; return;
    case 0x5:
        if (v->seq_index < SEQ_REGS)
            v->seq[v->seq_index] = val & seq_mask[v->seq_index];
        break;
    case 0x6: case 0x7: case 0x8: case 0x9:
        dac_write(v, off, val);
        return;
    case 0xe: v->gc_index = val & 0x0f; return;
    case 0xf:
        if (v->gc_index < GC_REGS)
            v->gc[v->gc_index] = val & gc_mask[v->gc_index];
        break;
    default: return;
    }
    v->redraw = true;
    vga_update_map(v);
}

static const struct mmio_ops main_ops = { main_read, main_write, 1, 1 };
static const struct mmio_ops crtc_ops = { crtc_read, crtc_port_write, 1, 1 };
static const struct mmio_ops status_ops = { status_read, feature_write, 1, 1 };

void vga_regs_init(struct vga *v)
{
    v->io_main = (struct mem_region){ .name = "vga", .kind = MEM_MMIO, .size = 16,
                                      .ops = &main_ops, .dev = v };
    for (unsigned i = 0; i < 2; i++) {                   /* monochrome, colour addresses */
        v->io_crtc[i] = (struct mem_region){ .name = "vga.crtc", .kind = MEM_MMIO, .size = 2,
                                             .ops = &crtc_ops, .dev = v };
        v->io_status[i] = (struct mem_region){ .name = "vga.status", .kind = MEM_MMIO, .size = 1,
                                               .ops = &status_ops, .dev = v };
    }
    v->dispi_index_port = (struct mem_region){ .name = "vbe.index", .kind = MEM_MMIO, .size = 1,
                                               .ops = &vga_dispi_index_ops, .dev = v };
    v->dispi_data_port = (struct mem_region){ .name = "vbe.data", .kind = MEM_MMIO, .size = 2,
                                              .ops = &vga_dispi_data_ops, .dev = v };
}
