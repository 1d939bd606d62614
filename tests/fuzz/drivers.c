/* drivers.c - what drivers do with a PC's devices, with random arguments and random mistakes. */
/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/fuzz.h"

static void out8(struct fuzz *f, unsigned port, unsigned v)
{
    /* One write in 40 goes astray. */
    out(f, port, below(f, 40) ? v : value(f) & 0xff, 1);
}

static void pci_config(struct fuzz *f)
{
    unsigned devfn = below(f, 4) ? rnd(f) & 0x1b : below(f, 256);
    unsigned reg = below(f, 3) ? below(f, 16) * 4 : below(f, 256), size = 1u << below(f, 3);

    out(f, 0xcf8, 0x80000000u | devfn << 8 | (reg & 0xfc), 4);
    if (below(f, 2))
        (void)in(f, 0xcfc + (reg & 3), size);
    else if (reg >= 0x10 && reg < 0x28)
        out(f, 0xcfc, below(f, 2) ? 0xffffffff : rnd(f) & 0xfffff000, 4);
    else
        out(f, 0xcfc + (reg & 3), reg == 4 ? 7 : value(f), size);
}

/* ---- 8237 ----------------------------------------------------------------------------------- */

static void dma_channel(struct fuzz *f, unsigned ch)
{
    static const uint8_t page[8] = { 0x87, 0x83, 0x81, 0x82, 0x8f, 0x8b, 0x89, 0x8a };
    unsigned wide = ch >> 2, at = wide ? 0xc0 + (ch & 3) * 4 : ch * 2, step = wide ? 2 : 1;
    uint32_t a = dma_address(f), n = below(f, 3) ? below(f, 2048) : below(f, 65536);

    out8(f, wide ? 0xd8 : 0x0c, 0);
    out8(f, at, a & 0xff);
    out8(f, at, a >> 8 & 0xff);
    out8(f, page[ch], a >> 16 & 0xff);
    out8(f, at + step, n & 0xff);
    out8(f, at + step, n >> 8);
    out8(f, wide ? 0xd6 : 0x0b, (ch & 3) | below(f, 64) << 2);
    out8(f, wide ? 0xd4 : 0x0a, ch & 3);
}

/* ---- floppy --------------------------------------------------------------------------------- */

static void floppy(struct fuzz *f)
{
    static const uint8_t op[] = { 0x02, 0x03, 0x04, 0x45, 0xc5, 0x46, 0xe6, 0x07, 0x08, 0x4a, 0x4d,
                                  0x0f, 0x10, 0x12, 0x13, 0x0e, 0x66, 0x16, 0x51, 0x14, 0x94 };
    unsigned cmd = op[below(f, sizeof op)];

    if (below(f, 8) == 0)
        out8(f, 0x3f2, below(f, 2) ? 0x1c : 0x2d);
    if (below(f, 8) == 0)
        out8(f, 0x3f7, below(f, 4));
    if (below(f, 3) == 0)
        dma_channel(f, 2);
    out8(f, 0x3f5, cmd);
    for (unsigned n = below(f, 10); n > 0; n--)
        out8(f, 0x3f5, below(f, 3) ? below(f, 4) : below(f, 82));
    for (unsigned n = below(f, 40); n > 0; n--) {
        if (!(in(f, 0x3f4, 1) & 0x40))
            break;
        (void)in(f, 0x3f5, 1);
    }
}

/* A sector or more, nearly right. */
static void floppy_data(struct fuzz *f)
{
    static const uint8_t op[] = { 0xe6, 0x46, 0x66, 0xc5, 0x45, 0x4d, 0x42, 0x51, 0x59, 0x5d,
                                  0xcc };
    uint8_t c = below(f, 80), o = op[below(f, sizeof op)], head = below(f, 2);
    uint8_t cmd[9] = { o, head << 2, c, head, 1 + below(f, 19), 2, 18, 0x1b, 0xff };

    out8(f, 0x3f2, below(f, 8) ? 0x1c : 0x14);
    out8(f, 0x3f7, 0);
    dma_channel(f, 2);
    out8(f, 0x3f5, 0x0f);
    out8(f, 0x3f5, 0);
    out8(f, 0x3f5, c);
    let_pass(f, 400000000);
    out8(f, 0x3f5, 0x08);
    (void)in(f, 0x3f5, 1);
    (void)in(f, 0x3f5, 1);
    for (unsigned i = 0; i < 9; i++)
        out8(f, 0x3f5, cmd[i]);
    for (unsigned i = below(f, 40); i > 0; i--) {
        poll_disks(f);
        let_pass(f, 10000000);
        if (in(f, 0x3f4, 1) & 0x40)
            (void)in(f, 0x3f5, 1);
        else
            out8(f, 0x3f5, below(f, 256));
    }
}

/* ---- IDE ------------------------------------------------------------------------------------ */

static void bus_master(struct fuzz *f, unsigned channel, unsigned base)
{
    uint32_t table = dma_address(f) & ~3u;

    for (unsigned n = below(f, 5); n > 0; n--) {
        poke(f, table + 8 * n - 8, dma_address(f) & ~1u, 4);
        uint32_t count = below(f, 2) ? 512u : below(f, 65536) & ~1u;
        poke(f, table + 8 * n - 4, below(f, 3) ? count : count | 0x80000000u, 4);
    }
    out(f, base + channel * 8 + 4, table, 4);
    out8(f, base + channel * 8 + 2, 0x66);
    out8(f, base + channel * 8, 1 | below(f, 2) << 3);
}

static unsigned bus_master_base(struct fuzz *f)
{
    out(f, 0xcf8, 0x80000920u, 4);
    if (below(f, 4) == 0) {
        out(f, 0xcfc, 0xc001, 4);
        out(f, 0xcf8, 0x80000904u, 4);
        out(f, 0xcfc, 7, 2);
        out(f, 0xcf8, 0x80000920u, 4);
    }
    return (unsigned)in(f, 0xcfc, 4) & 0xfff0;
}

static void move_data(struct fuzz *f, unsigned base)
{
    unsigned size = 1u << below(f, 3), n = below(f, 3) ? below(f, 40) : below(f, 600);

    for (; n > 0; n--) {
        if (below(f, 2))
            (void)in(f, base, size);
        else
            out(f, base, rnd(f), size);
    }
}

static void packet(struct fuzz *f, unsigned base)
{
    static const uint8_t cdb[] = { 0x00, 0x03, 0x12, 0x1a, 0x1b, 0x1e, 0x23, 0x25, 0x28, 0x2b, 0x35,
                                   0x42, 0x43, 0x44, 0x46, 0x4a, 0x51, 0x52, 0x5a, 0xa8, 0xad, 0xb9,
                                   0xbd, 0xbe };
    uint8_t c[12] = { cdb[below(f, sizeof cdb)] };

    for (unsigned i = 1; i < 12; i++)
        c[i] = below(f, 3) ? 0 : (uint8_t)value(f);
    for (unsigned i = 0; i < 12; i += 2)
        out(f, base, c[i] | c[i + 1] << 8, 2);
}

static void disk(struct fuzz *f)
{
    static const uint8_t op[] = { 0x20, 0x24, 0x25, 0x29, 0x30, 0x34, 0x35, 0x39, 0x40, 0x42, 0x70,
                                  0x90, 0x91, 0xa0, 0xa1, 0xc4, 0xc5, 0xc6, 0xc8, 0xca, 0xe0, 0xe1,
                                  0xe5, 0xe7, 0xea, 0xec, 0xef, 0xf8, 0xf9, 0x08, 0x10 };
    unsigned channel = below(f, 2), base = channel ? 0x170 : 0x1f0;
    unsigned cmd = op[below(f, sizeof op)];

    if (below(f, 16) == 0)
        out8(f, base + 0x206, below(f, 8) << 1);
    out8(f, base + 6, 0xa0 | (rnd(f) & 0x50));
    for (unsigned reg = 1; reg < 6; reg++)
        if (below(f, 4))
            out8(f, base + reg, below(f, 3) ? below(f, 4) : (unsigned)value(f) & 0xff);
    if (cmd == 0xa0 && below(f, 2))
        out8(f, base + 1, 1);
    out8(f, base + 7, cmd);
    if (cmd == 0xa0)
        packet(f, base);
    if (below(f, 2))
        bus_master(f, channel, bus_master_base(f));
    else
        move_data(f, base);
    (void)in(f, base + 7, 1);
}

static void cd(struct fuzz *f)
{
    unsigned n = below(f, 6);

    out8(f, 0x176, 0xa0 | (below(f, 8) ? 0 : 0x10));
    if (below(f, 8) == 0)
        out8(f, 0x177, 0x08);
    out8(f, 0x171, below(f, 4) == 0);
    out8(f, 0x174, (unsigned)value(f) & 0xff);
    out8(f, 0x175, below(f, 2) ? 0x08 : (unsigned)value(f) & 0xff);
    out8(f, 0x177, 0xa0);
    packet(f, 0x170);
    if (below(f, 4) == 0)
        bus_master(f, 1, bus_master_base(f));
    for (; n > 0; n--) {
        poll_disks(f);
        move_data(f, 0x170);
        (void)in(f, 0x177, 1);
    }
}

/* ---- VGA ------------------------------------------------------------------------------------ */

static void vga(struct fuzz *f)
{
    static const uint16_t index[] = { 0x3c4, 0x3ce, 0x3d4, 0x3d4, 0x3b4, 0x3c0 };
    unsigned port = index[below(f, 6)], reg = below(f, 26);

    if (below(f, 8) == 0)
        out8(f, 0x3c2, below(f, 256));
    if (port == 0x3c0) {
        (void)in(f, 0x3da, 1);
        out8(f, port, reg | below(f, 2) << 5);
        out8(f, port, (unsigned)value(f) & 0xff);
        return;
    }
    out8(f, port, reg);
    out8(f, port + 1, (unsigned)value(f) & 0xff);
    if (below(f, 3) == 0) {
        out8(f, 0x3c8, below(f, 256));
        for (unsigned n = below(f, 8); n > 0; n--)
            out8(f, 0x3c9, below(f, 256));
    }
    for (unsigned n = below(f, 16); n > 0; n--) {
        uint64_t a = 0xa0000 + below(f, 0x20000);
        unsigned size = 1u << below(f, 3);

        if (below(f, 2))
            poke(f, a, value(f), size);
        else
            (void)peek(f, a, size);
    }
}

static void vbe(struct fuzz *f)
{
    static const uint16_t sane[] = { 0xb0c5, 640, 480, 8, 0, 0, 640, 600, 0, 0 };
    bool good = below(f, 2);

    for (unsigned n = good ? 10 : below(f, 10); n > 0; n--) {
        out(f, 0x1ce, good ? n - 1 : below(f, 12), 2);
        out(f, 0x1cf, good && below(f, 8) ? sane[n - 1] : value(f) & 0xffff, 2);
    }
    out(f, 0x1ce, 4, 2);
    out(f, 0x1cf, below(f, 2) ? 0x41 : value(f) & 0xffff, 2);
}

/* ---- the AT core ---------------------------------------------------------------------------- */

static void pic(struct fuzz *f)
{
    unsigned base = below(f, 2) ? 0x20 : 0xa0;

    if (below(f, 4) == 0) {
        out8(f, base, 0x10 | below(f, 16));
        for (unsigned n = below(f, 4); n > 0; n--)
            out8(f, base + 1, below(f, 256));
    }
    out8(f, base, below(f, 256) & ~0x10u);
    out8(f, base + 1, below(f, 2) ? 0 : below(f, 256));
    (void)in(f, base + below(f, 2), 1);
}

static void timer(struct fuzz *f)
{
    unsigned ch = below(f, 3);

    out8(f, 0x43, ch << 6 | below(f, 64));
    out8(f, 0x40 + ch, below(f, 2) ? below(f, 8) : below(f, 256));
    out8(f, 0x40 + ch, below(f, 2) ? 0x40 : below(f, 256));
    out8(f, 0x61, below(f, 4));
    out8(f, 0x43, 0xc0 | below(f, 64));
    (void)in(f, 0x40 + ch, 1);
}

static void keyboard(struct fuzz *f)
{
    switch (below(f, 3)) {
    case 0: out8(f, 0x64, (unsigned)value(f) & 0xff); break;
    case 1: out8(f, 0x64, 0xd4); break;
    default: break;
    }
    out8(f, 0x60, below(f, 2) ? 0xe6 + below(f, 26) : below(f, 256));
    while (below(f, 4) && (in(f, 0x64, 1) & 1))
        (void)in(f, 0x60, 1);
}

static void cmos(struct fuzz *f)
{
    out8(f, 0x70, below(f, 2) ? below(f, 14) : below(f, 256));
    if (below(f, 2))
        out8(f, 0x71, below(f, 256));
    else
        (void)in(f, 0x71, 1);
}

static void serial(struct fuzz *f)
{
    unsigned base = below(f, 2) ? 0x3f8 : 0x2f8;

    for (unsigned n = below(f, 24); n > 0; n--) {
        if (below(f, 2))
            out8(f, base, below(f, 256));
        else
            (void)in(f, base + below(f, 8), 1);
    }
    base += 1 + below(f, 4);
    out8(f, base, (unsigned)value(f) & 0xff);
}

static void debug_output(struct fuzz *f)
{
    for (unsigned n = below(f, 600); n > 0; n--)
        out8(f, 0xe9, n & 0xff);
}

static void fw_cfg(struct fuzz *f)
{
    uint32_t a = dma_address(f);

    out(f, 0x510, below(f, 2) ? below(f, 64) : value(f), 2);
    (void)in(f, 0x511, 1);
    poke(f, a, __builtin_bswap32(rnd(f) & 0x3f001f), 4);
    poke(f, a + 4, __builtin_bswap32(below(f, 4) ? below(f, 4096) : 0xffffffff), 4);
    poke(f, a + 8, 0, 4);
    poke(f, a + 12, __builtin_bswap32(dma_address(f)), 4);
    out(f, 0x514, 0, 4);
    out(f, 0x518, __builtin_bswap32(a), 4);
}

static void apic(struct fuzz *f)
{
    uint64_t base = below(f, 2) ? 0xfee00000 : 0xfec00000;

    if (base == 0xfec00000) {
        poke(f, base, below(f, 2) ? below(f, 0x40) : value(f), 4);
        poke(f, base + 0x10, value(f), 4);
        (void)peek(f, base + 0x10, 4);
        return;
    }
    base += below(f, 0x40) * 0x10;
    poke(f, base, value(f), 4);
    base &= ~0xfffull;
    (void)peek(f, base + below(f, 0x40) * 0x10, 4);
}

void drive_something(struct fuzz *f)
{
    static void (*const drivers[])(struct fuzz *) = {
        pci_config, floppy, floppy_data, cd, cd, disk, disk, disk, vga, vga, vbe, pic, timer,
        keyboard, cmos, serial, debug_output, fw_cfg, apic,
    };

    if (below(f, 12) == 0)
        dma_channel(f, below(f, 8));
    drivers[below(f, sizeof drivers / sizeof *drivers)](f);
}
