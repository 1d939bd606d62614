/* vga_mem.c - the CPU's way to the four planes: graphics controller and map select, A0000..BFFFF.
 *
 * IBM VGA Technical Reference, "Graphics Controller". Chain-4 is stored packed, as on SVGA chips:
 * CPU address a is plane a & 3, offset a >> 2. Left out: the odd/even page bit of Misc Output. */
/* SPDX-License-Identifier: MIT */
#include "devmodel/dev/vga_priv.h"
#include "devmodel/base/vm_bits.h"

struct target { uint32_t off; unsigned planes; };    /* plane offset; planes the address selects */

/* Bit p of n becomes byte p, all ones or zeros. */
static uint32_t spread(unsigned n)
{
    return (n & 1) * 0xffu | (n >> 1 & 1) * 0xff00u | (n >> 2 & 1) * 0xff0000u |
           (n >> 3 & 1) * 0xff000000u;
}

/* Offset into the selected map, or false when the address is not in it. */
static bool in_map(const struct vga *v, uint64_t off, uint32_t *a)
{
    static const struct { uint32_t from, size; } maps[4] = {
        { 0, 0x20000 }, { 0, 0x10000 }, { 0x10000, 0x8000 }, { 0x18000, 0x8000 },
    };
    unsigned m = v->gc[GC_MISC] >> 2 & 3;

    if (off < maps[m].from || off - maps[m].from >= maps[m].size)
        return false;
    *a = (uint32_t)off - maps[m].from;
    return true;
}

static uint32_t wrap(const struct vga *v, uint32_t off)
{
    uint32_t bank = v->dispi[DISPI_BANK] * (uint32_t)VGA_BANK;

    if (vga_dispi_on(v))
        return (off + bank) & (uint32_t)(v->vram.bytes / 4 - 1);
    return off & (VGA_PLANE - 1);
}

static struct target decode(const struct vga *v, uint32_t a, bool odd_even)
{
    if (v->seq[SEQ_MEM_MODE] & SEQ_CHAIN4)
        return (struct target){ wrap(v, a >> 2), 1u << (a & 3) };
    if (odd_even)
        return (struct target){ wrap(v, (a & 0xfffe) | (a >> 16 & 1)), a & 1 ? 0xa : 0x5 };
    return (struct target){ wrap(v, a), 0xf };
}

static unsigned compare(const struct vga *v, uint32_t latch)
{
    uint32_t differ = (latch ^ spread(v->gc[GC_COMPARE])) & spread(v->gc[GC_DONT_CARE]);

    return ~(differ | differ >> 8 | differ >> 16 | differ >> 24) & 0xff;
}

static uint64_t planar_read(void *opaque, uint64_t off, unsigned size)
{
    struct vga *v = opaque;
    uint32_t a;
    unsigned plane = v->gc[GC_READ_MAP] & 3;
    struct target t;

    (void)size;
    if (vga_dispi_linear(v) || !in_map(v, off, &a))
        return 0xff;
    t = decode(v, a, v->gc[GC_MODE] & GC_ODD_EVEN);
    memcpy(v->latch, v->vram.host + (size_t)t.off * 4, 4);
    if (v->gc[GC_MODE] & GC_READ_MODE1)
        return compare(v, vm_ld32(v->latch));
    if (v->seq[SEQ_MEM_MODE] & SEQ_CHAIN4)
        plane = a & 3;
    else if (v->gc[GC_MODE] & GC_ODD_EVEN)
        plane = (plane & 2) | (a & 1);
    return v->latch[plane];
}

static uint32_t logic(const struct vga *v, uint32_t val, uint32_t latch)
{
    switch (v->gc[GC_ROTATE] >> 3 & 3) {
    case 1: return val & latch;
    case 2: return val | latch;
    case 3: return val ^ latch;
    default: return val;
    }
}

/* The four plane bytes a CPU byte turns into. */
static uint32_t compose(const struct vga *v, uint8_t byte, uint32_t latch)
{
    unsigned turn = v->gc[GC_ROTATE] & 7;
    uint8_t rotated = (uint8_t)(byte >> turn | byte << (8 - turn));
    uint32_t mask = v->gc[GC_BIT_MASK] * 0x01010101u, set = spread(v->gc[GC_SET_RESET]);
    uint32_t enable = spread(v->gc[GC_ENABLE_SR]), val;

    switch (v->gc[GC_MODE] & 3) {
    case 0:
        val = logic(v, (rotated * 0x01010101u & ~enable) | (set & enable), latch);
        break;
    case 1:
        return latch;
    case 2:
        val = logic(v, spread(byte), latch);
        break;
    default:
        mask &= rotated * 0x01010101u;
        val = logic(v, set, latch);
    }
    return (val & mask) | (latch & ~mask);
}

static void planar_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
    struct vga *v = opaque;
    uint32_t a, planes;
    struct target t;
    uint8_t *p;

    (void)size;
    if (vga_dispi_linear(v) || !in_map(v, off, &a))
        return;
    t = decode(v, a, !(v->seq[SEQ_MEM_MODE] & SEQ_NOT_ODD_EVEN));
    planes = spread(t.planes & v->seq[SEQ_MAP_MASK]);
    p = v->vram.host + (size_t)t.off * 4;
    val = compose(v, val & 0xff, vm_ld32(v->latch));
    vm_st32(p, (uint32_t)(val & planes) | (vm_ld32(p) & ~planes));
}

const struct mmio_ops vga_planar_ops = { planar_read, planar_write, 1, 1 };
