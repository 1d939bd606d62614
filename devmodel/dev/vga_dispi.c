/* vga_dispi.c - Bochs VBE DISPI registers: linear modes of 4 to 32 bits per pixel.
 *
 * Interface: Bochs "VBE display interface" up to id B0C5h. Limits: 1600x1200. Values the memory
 * cannot hold are refused when they are written, so drawing never meets them. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/dev/vga_priv.h"
#include "devmodel/base/vm_bits.h"

enum { ID_FIRST = 0xb0c0, ID_LAST = 0xb0c5 };

unsigned vga_dispi_bytes(unsigned bpp)
{
    return (bpp + 7) / 8;
}

/* Bytes of vram one line of `width` pixels takes; 4 bpp counts all four planes. */
static uint32_t line_bytes(const struct vga *v, uint32_t width)
{
    return v->dispi[DISPI_BPP] == 4 ? width / 2 : width * vga_dispi_bytes(v->dispi[DISPI_BPP]);
}

static bool valid_bpp(unsigned bpp)
{
    return bpp == 4 || bpp == 8 || bpp == 15 || bpp == 16 || bpp == 24 || bpp == 32;
}

/* Brings virtual size and offsets to what the mode and the memory allow. */
static void fixup(struct vga *v)
{
    uint16_t *r = v->dispi;
    uint32_t rows, line;

    if (r[DISPI_VIRT_WIDTH] < r[DISPI_XRES])
        r[DISPI_VIRT_WIDTH] = r[DISPI_XRES];
    line = line_bytes(v, r[DISPI_VIRT_WIDTH]);
    if (line == 0 || v->vram.bytes / line < r[DISPI_YRES]) {
        r[DISPI_VIRT_WIDTH] = r[DISPI_XRES];
        line = line_bytes(v, r[DISPI_XRES]);
    }
    rows = line ? (uint32_t)(v->vram.bytes / line) : 0;
    r[DISPI_VIRT_HEIGHT] = rows > 0xffff ? 0xffff : (uint16_t)rows;
    if (r[DISPI_X_OFFSET] > r[DISPI_VIRT_WIDTH] - r[DISPI_XRES])
        r[DISPI_X_OFFSET] = r[DISPI_VIRT_WIDTH] - r[DISPI_XRES];
    if (rows < r[DISPI_YRES])
        r[DISPI_Y_OFFSET] = 0;
    else if (r[DISPI_Y_OFFSET] > rows - r[DISPI_YRES])
        r[DISPI_Y_OFFSET] = (uint16_t)(rows - r[DISPI_YRES]);
}

static bool fits(const struct vga *v)
{
    return v->dispi[DISPI_XRES] && v->dispi[DISPI_YRES] &&
           (uint64_t)line_bytes(v, v->dispi[DISPI_XRES]) * v->dispi[DISPI_YRES] <= v->vram.bytes;
}

static void write_enable(struct vga *v, uint16_t val)
{
    bool was = vga_dispi_on(v);

    val &= DISPI_ENABLED | DISPI_GETCAPS | DISPI_8BIT_DAC | DISPI_LFB | DISPI_NOCLEARMEM;
    if (val & DISPI_ENABLED && !fits(v))
        val &= ~DISPI_ENABLED;
    v->dispi[DISPI_ENABLE] = val;
    if (val & DISPI_ENABLED && !was) {
        v->dispi[DISPI_VIRT_WIDTH] = v->dispi[DISPI_XRES];
        v->dispi[DISPI_X_OFFSET] = v->dispi[DISPI_Y_OFFSET] = 0;
        fixup(v);
        if (!(val & DISPI_NOCLEARMEM))
            memset(v->vram.host, 0, (size_t)line_bytes(v, v->dispi[DISPI_XRES]) *
                                    v->dispi[DISPI_YRES]);
    }
    if (!(val & DISPI_ENABLED))
        v->dispi[DISPI_BANK] = 0;
}

/* A geometry register: taken only when the mode still fits, as far as it is shown. */
static void write_geometry(struct vga *v, unsigned reg, uint16_t val)
{
    uint16_t old = v->dispi[reg];

    v->dispi[reg] = val;
    if (vga_dispi_on(v) && !fits(v))
        v->dispi[reg] = old;
    if (vga_dispi_on(v))
        fixup(v);
}

static void write_reg(struct vga *v, uint16_t val)
{
    switch (v->dispi_index) {
    case DISPI_ID:
        if (val >= ID_FIRST && val <= ID_LAST)
            v->dispi[DISPI_ID] = val;
        break;
    case DISPI_XRES:
        if (val <= DISPI_MAX_X)
            write_geometry(v, DISPI_XRES, val & ~7);
        break;
    case DISPI_YRES:
        if (val <= DISPI_MAX_Y)
            write_geometry(v, DISPI_YRES, val);
        break;
    case DISPI_BPP:
        if (val == 0 || valid_bpp(val))
            write_geometry(v, DISPI_BPP, val ? val : 8);
        break;
    case DISPI_ENABLE:
        write_enable(v, val);
        break;
    case DISPI_BANK:
        v->dispi[DISPI_BANK] = val & (v->vram.bytes / VGA_BANK - 1);
        break;
    case DISPI_VIRT_WIDTH:
    case DISPI_X_OFFSET:
    case DISPI_Y_OFFSET:
        write_geometry(v, v->dispi_index, val);
        break;
    }
}

static uint16_t read_reg(const struct vga *v)
{
    bool caps = v->dispi[DISPI_ENABLE] & DISPI_GETCAPS;

    switch (v->dispi_index) {
    case DISPI_XRES:
        return caps ? DISPI_MAX_X : v->dispi[DISPI_XRES];
    case DISPI_YRES:
        return caps ? DISPI_MAX_Y : v->dispi[DISPI_YRES];
    case DISPI_BPP:
        return caps ? 32 : v->dispi[DISPI_BPP];
    case DISPI_VRAM_64K:
        return (uint16_t)(v->vram.bytes / VGA_BANK);
    default:
        return v->dispi_index < DISPI_REGS ? v->dispi[v->dispi_index] : 0;
    }
}

static uint64_t index_read(void *opaque, uint64_t off, unsigned size)
{
    (void)off, (void)size;
    return ((struct vga *)opaque)->dispi_index & 0xff;
}

static void index_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    (void)off, (void)size;
    ((struct vga *)opaque)->dispi_index = val & 0xff;
}

/* Data is a word at 1CFh. A byte there is the upper half of a word access to the index port. */
static uint64_t data_read(void *opaque, uint64_t off, unsigned size)
{
    (void)off;
    return size == 2 ? read_reg(opaque) : 0;
}

static void data_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct vga *v = opaque;

    (void)off;
    if (size != 2)
        return;
    write_reg(v, val & 0xffff);
    v->redraw = true;
    vga_update_map(v);
}

const struct mmio_ops vga_dispi_index_ops = { index_read, index_write, 1, 1 };
const struct mmio_ops vga_dispi_data_ops = { data_read, data_write, 1, 2 };

void vga_dispi_reset(struct vga *v)
{
    memset(v->dispi, 0, sizeof v->dispi);
    v->dispi[DISPI_ID] = ID_LAST;
    v->dispi[DISPI_BPP] = 8;
    v->dispi_index = 0;
}

void vga_dispi_sanitize(struct vga *v)
{
    uint16_t *r = v->dispi;

    if (!valid_bpp(r[DISPI_BPP]))
        r[DISPI_BPP] = 8;
    if (r[DISPI_XRES] > DISPI_MAX_X)
        r[DISPI_XRES] = DISPI_MAX_X;
    if (r[DISPI_YRES] > DISPI_MAX_Y)
        r[DISPI_YRES] = DISPI_MAX_Y;
    r[DISPI_XRES] &= ~7;
    r[DISPI_BANK] &= v->vram.bytes / VGA_BANK - 1;
    if (!vga_dispi_on(v))
        return;
    if (!fits(v))
        r[DISPI_ENABLE] &= ~DISPI_ENABLED;
    else
        fixup(v);
}
